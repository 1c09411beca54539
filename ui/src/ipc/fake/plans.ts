/** Plan files of the synthetic company, and what a person holds when they leave. */
import type { CutMeaning } from "../types/CutMeaning";
import type { Leaver } from "../types/Leaver";
import type { LeaverHolding } from "../types/LeaverHolding";
import type { LeaverSystem } from "../types/LeaverSystem";
import type { Plan } from "../types/Plan";
import type { PlanFile } from "../types/PlanFile";
import type { PlanProblem } from "../types/PlanProblem";
import type { FakeGroup, FakePerson } from "./company";
import { SYSTEMS } from "./runDoors";

const TEST = `lanyard: plan/1
name: canary-payments
description: Proves every month that a leaver of the payments team is shut out everywhere.
kind: test
subject:
  create:
    source: Workforce IdP
    userName: canary-payments-{run}@halcyon.example
    displayName: Canary Payments {run}
    groups: [payments-sre]
systems:
  # The authority is cut; the others follow.
  - source: Workforce IdP
    cut: disable
    limit: 1m
  - source: Ledgerly
    limit: 5m
  - source: Halcyon tenant
    limit: 5m
  - source: Developer portal
    limit: 15m
poll: 10s
schedule:
  every: 30d
  remind: 3d
`;
const LEAVER = `lanyard: plan/1
name: leaver
description: Walks a leaver out of every system.
kind: offboarding
systems:
  - source: Workforce IdP
    cut: disable
    limit: 1m
  - source: Halcyon tenant
    cut: follow
    also: [entra.revokeSessions]
    limit: 5m
  - source: Developer portal
    cut: delete
    limit: 15m
  - source: Ledgerly
    limit: 5m
    byHand: [Hand over the approvals queue]
watch: 2h
`;
const BROKEN = `lanyard: plan/1
name: warehouse-canary
kind: test
systems:
  - source: Warehouse
    cut: disabel
    limit: 5 minutes
`;

const SYSTEM = { also: [], notCritical: [], byHand: [] };
const GUARDS = { accountsPerRun: null, accountsPerDay: null, protectedAccounts: [], protectedGroups: [] };
const PLANS: Record<string, Plan> = {
  "canary-payments": {
    lanyard: "plan/1", name: "canary-payments", description: "Proves every month that a leaver of the payments team is shut out everywhere.", kind: "test",
    subject: { create: { source: "Workforce IdP", userName: "canary-payments-{run}@halcyon.example", displayName: "Canary Payments {run}", email: null, groups: ["payments-sre"] }, account: null },
    systems: [{ ...SYSTEM, source: "Workforce IdP", cut: "disable", limit: "1m" }, { ...SYSTEM, source: "Ledgerly", cut: "follow", limit: "5m" }, { ...SYSTEM, source: "Halcyon tenant", cut: "follow", limit: "5m" }, { ...SYSTEM, source: "Developer portal", cut: "follow", limit: "15m" }],
    poll: "10s", guards: GUARDS, schedule: { every: "30d", remind: "3d" },
  },
  leaver: {
    lanyard: "plan/1", name: "leaver", description: "Walks a leaver out of every system.", kind: "offboarding",
    systems: [{ ...SYSTEM, source: "Workforce IdP", cut: "disable", limit: "1m" }, { ...SYSTEM, source: "Halcyon tenant", cut: "follow", also: ["entra.revokeSessions"], limit: "5m" }, { ...SYSTEM, source: "Developer portal", cut: "delete", limit: "15m" }, { ...SYSTEM, source: "Ledgerly", cut: "follow", limit: "5m", byHand: ["Hand over the approvals queue"] }],
    watch: "2h", guards: GUARDS,
  },
};

export interface FakeFile { file: string; text: string }
export const makeFiles = (): FakeFile[] => [{ file: "canary-payments.yaml", text: TEST }, { file: "leaver.yaml", text: LEAVER }, { file: "warehouse-canary.yaml", text: BROKEN }];

/** Eight digits that change with the text. */
export function revisionOf(text: string): string {
  let sum = 2166136261;
  for (const c of text) sum = Math.imul(sum ^ (c.codePointAt(0) ?? 0), 16777619);
  return (sum >>> 0).toString(16).padStart(8, "0");
}

/** A small part of what the engine finds: enough for what is shown beside the lines to be true. */
export function problemsOf(text: string): PlanProblem[] {
  const known = new Set([...SYSTEMS.map((s) => s.name), "Warehouse portal"]);
  const out: PlanProblem[] = [];
  text.split("\n").forEach((line, n) => {
    const at = (message: string, word: string, warning = false) => out.push({ line: n + 1, column: Math.max(1, line.indexOf(word) + 1), message, warning });
    const [, source] = /^\s*- source: "?([^"#]*?)"?\s*$/.exec(line) ?? [];
    if (source !== undefined && !known.has(source)) at(`No source is called “${source}”. Connected are ${[...known].join(", ")}.`, source);
    const [, cut] = /^\s*cut: (\S+)/.exec(line) ?? [];
    if (cut !== undefined && !["follow", "disable", "delete", "byHand"].includes(cut)) at(`“${cut}” is no cut: follow, disable, delete or byHand.`, cut);
    const [, key, span] = /^\s*(limit|poll|watch|arrive|every|remind): "?([^"]*)"?\s*$/.exec(line) ?? [];
    if (key !== undefined && span !== undefined && !/^\d+(s|m|h|d)$/.test(span)) at(`“${span}” is no duration: 30s, 5m, 2h, 30d.`, span);
  });
  if (!/^name: *\S/m.test(text)) out.push({ line: 1, column: 1, message: "A plan needs a name.", warning: false });
  return out;
}

/** Reads a plan as far as this company's own files go; the rest the engine reads. */
export function openPlan(file: string, text: string): PlanFile {
  const problems = problemsOf(text);
  const name = /^name: *"?([^"\n]+)"?/m.exec(text)?.[1] ?? "";
  const base = PLANS[/^kind: *offboarding/m.test(text) ? "leaver" : "canary-payments"];
  const plan = problems.some((p) => !p.warning) || base === undefined ? null : { ...base, name, description: /^description: *"?([^"\n]*)"?/m.exec(text)?.[1] ?? "", systems: systemsIn(text, base) };
  return { file, text, revision: revisionOf(text), plan, problems };
}

const systemsIn = (text: string, base: Plan): Plan["systems"] =>
  text.split(/^ {2}- source: /m).slice(1).map((part) => {
    const source = (part.split("\n")[0] ?? "").replaceAll('"', "").trim();
    const known = base.systems.find((s) => s.source === source) ?? { ...SYSTEM, source, cut: "follow" as const };
    const cut = /^ {4}cut: (\w+)/m.exec(part)?.[1] ?? "follow";
    return { ...known, cut: cut as Plan["systems"][number]["cut"], limit: /^ {4}limit: "?(\w+)/m.exec(part)?.[1] ?? null };
  });

const meaning = (says: string, undoable: boolean, offered = true): CutMeaning => ({ offered, says, undoable });

/** Everything that a person holds, system by system. */
export function leaverOf(person: FakePerson, groups: readonly FakeGroup[]): Leaver {
  const held = (what: string, name: string, how: string, sole = false): LeaverHolding => ({ what, name, how, sole, id: `${what}:${name}` });
  const teams = person.groups.map((n) => groups[n]?.name ?? "").filter(Boolean);
  const holds: Record<number, LeaverHolding[]> = {
    1: [held("account", person.userName, "active"), ...teams.map((t) => held("group", t, "direct")), held("session", "Sign-in at the provider", "ended with the account")],
    2: [held("account", person.userName, "provisioned by Workforce IdP"), ...teams.slice(0, 2).map((t) => held("group", t, "direct"))],
    4: [held("entity", `user:default/${person.userName}`, "from the provider"), held("role", "role:default/payments-deployer", "direct grant"), held("entity", "component:default/payout-runner", "owns", true)],
    5: [held("account", person.userName, "synced from Workforce IdP"), ...teams.slice(0, 3).map((t) => held("group", t, "direct")), held("role", "Contributor on rg-payments", `through ${teams[0] ?? "a group"}`), held("role", "Backup Operator on vault-prod", "direct"), held("eligible", "Key Vault Administrator", "can be activated for 8 h"), held("restore", "Restore from vault-prod", "by Backup Operator"), held("ownedGroup", "payments-break-glass", "owner", true), held("servicePrincipal", "svc-payout-runner", "owner", true)],
  };
  const systems: LeaverSystem[] = SYSTEMS.filter((s) => person.accounts.some((a) => a.source === s.id)).map((s) => ({
    source: s.id, sourceName: s.name, kind: s.kind, writable: s.id !== 2, follows: s.id === 1 ? null : "Workforce IdP", holds: holds[s.id] ?? [],
    disable: s.kind === "backstage" ? meaning("Takes the RBAC roles that name this user. The entity stays, for Backstage has no account to switch off.", true) : s.id === 2 ? meaning("Ledgerly deletes a user who is set inactive.", false) : meaning("The account stays and can be switched on again at any time.", true),
    delete: s.kind === "azure" ? meaning("The user goes to the deleted users and can be restored for 30 days.", true) : s.kind === "backstage" ? meaning("Unregisters the entity. The provider may bring it back.", false) : meaning("The account is deleted with its history.", false),
  }));
  const [base] = [PLANS["leaver"] as Plan];
  return {
    who: { name: person.name, userName: person.userName, person: person.key, test: false, accounts: systems.map((s) => ({ source: s.source, sourceName: s.sourceName, kind: s.kind, id: person.accounts.find((a) => a.source === s.source)?.id ?? "", userName: person.userName, joinedBy: "user name" })) },
    systems, notEvaluated: ["Warehouse portal could not be read: what is held there is not known."],
    plan: { ...base, name: `leaver-${person.userName}`, systems: base.systems.filter((s) => systems.some((x) => x.sourceName === s.source)) }, planText: LEAVER,
  };
}
