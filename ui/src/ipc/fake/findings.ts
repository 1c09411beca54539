/* eslint-disable @typescript-eslint/only-throw-error -- what Tauri hands over when a command is refused is the fault itself, no Error */
/** Findings of the synthetic company: rules, what they found, decisions about it. */
import type { EngineEvent } from "../types/EngineEvent";
import type { Fault } from "../types/Fault";
import type { FindingDetail } from "../types/FindingDetail";
import type { FindingQuery } from "../types/FindingQuery";
import type { FindingRow } from "../types/FindingRow";
import type { FindingRule } from "../types/FindingRule";
import type { FindingSums } from "../types/FindingSums";
import type { RuleArea } from "../types/RuleArea";
import type { RuleSettings } from "../types/RuleSettings";
import type { RuleState } from "../types/RuleState";
import type { Severity } from "../types/Severity";
import type { FakeGroup, FakePerson } from "./company";

const DAY = 86_400_000;
const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

/** How the rules stand: as usual, nothing found though all was asked, or nothing asked at all. */
export type FindingScene = "usual" | "clear" | "unread";

interface Made {
  row: FindingRow;
  lifted: FindingDetail["history"];
}

export interface FindingWorld {
  scene: FindingScene;
  now: number;
  settings: Map<string, RuleSettings>;
  made: Made[];
}

interface Spec {
  id: string;
  title: string;
  area: RuleArea;
  severity: Severity;
  finds: string;
  why: string;
  wayOut: string;
  missing?: string;
  parameter?: [name: string, says: string, unit: string, value: number, min: number, max: number];
}

const RULES: readonly Spec[] = [
  { id: "active-after-leaving", title: "Active downstream, gone at the authority", area: "accounts", severity: "high", finds: "An account that is active where its person is disabled or gone at the authoritative source.", why: "Who has left can still sign in there.", wayOut: "Deactivate the account at the system that still holds it." },
  { id: "never-known", title: "Account that the authority never knew", area: "accounts", severity: "medium", finds: "An active account without a counterpart at the authoritative source.", why: "Nobody is told when its owner leaves.", wayOut: "Join it with its person, or remove it." },
  { id: "restore-outside", title: "Restore reach outside the groups meant for it", area: "backup", severity: "critical", finds: "Somebody can restore from a vault without being in a group that is meant to.", why: "A restore brings back data past every other control.", wayOut: "Take the nesting or the assignment away that opens it." },
  { id: "deep-privilege", title: "Privileged role reached through nestings", area: "azure", severity: "high", finds: "A privileged role that somebody reaches through so many nested groups.", why: "Whoever edits one of the groups hands out the role.", wayOut: "Assign the role to the group that is meant.", parameter: ["nestings", "Groups in between", "nestings", 3, 2, 10] },
  { id: "missing-principal", title: "Assignment of a principal that is missing", area: "azure", severity: "medium", finds: "A role assignment whose principal is deleted.", why: "A principal that is restored gets its rights back unseen.", wayOut: "Delete the assignment.", parameter: ["grace", "Days that a new one may be missing", "days", 2, 0, 30] },
  { id: "individual-assignment", title: "Role assigned to an individual", area: "azure", severity: "low", finds: "A role that is assigned to a person and not to a group.", why: "It does not go with the job.", wayOut: "Assign it to a group." },
  { id: "ghost-owner", title: "Owner that is not in the catalog", area: "backstage", severity: "medium", finds: "An entity whose owner the catalog does not hold.", why: "Nobody answers for it.", wayOut: "Name an owner that exists." },
  { id: "attribute-drift", title: "Systems disagree about a person", area: "drift", severity: "low", finds: "Department, title, manager or e-mail differ between systems.", why: "Rules that follow an attribute give different access in each.", wayOut: "Correct it where it is wrong." },
  { id: "group-drift", title: "Group resolves to different people", area: "drift", severity: "medium", finds: "A linked group whose people differ between systems.", why: "A review of one says nothing of the other.", wayOut: "Add or remove the members that differ." },
  { id: "empty-with-role", title: "Empty group that holds a role", area: "groups", severity: "low", finds: "A group without people that holds a role.", why: "The next one who comes in gets it unasked.", wayOut: "Take the role away, or the group." },
  { id: "group-cycle", title: "Groups that contain each other", area: "groups", severity: "low", finds: "A cycle of nested groups.", why: "Systems resolve it differently.", wayOut: "Take one of the nestings away." },
  { id: "ownerless-program", title: "Service principal without an owner", area: "programs", severity: "medium", finds: "A service principal that nobody owns.", why: "Nobody rotates its secret.", wayOut: "Add an owner.", missing: "Halcyon tenant: owners of applications were refused (403)." },
  { id: "provisioning-error", title: "Provisioning job in quarantine", area: "plumbing", severity: "high", finds: "A provisioning job that has stopped.", why: "Leavers are not carried on.", wayOut: "Mend what it stumbles over and restart it.", missing: "Halcyon tenant: the provisioning log was refused (403)." },
  { id: "token-due", title: "Token due for rotation", area: "plumbing", severity: "medium", finds: "A token whose day to be rotated has come.", why: "A token that nobody changes is known to more and more people.", wayOut: "Rotate it.", parameter: ["days", "Days beforehand", "days", 14, 0, 90] },
];

const CONTROLS = [
  { framework: "SOC 2", id: "CC6.3", title: "Access is changed and removed" },
  { framework: "ISO/IEC 27001:2022", id: "A.5.18", title: "Access rights" },
  { framework: "NIST SP 800-53", id: "AC-2", title: "Account management" },
];

function hex(text: string): string {
  let h = 0x811c9dc5;
  for (const c of text) h = Math.imul(h ^ (c.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return (h.toString(16).padStart(8, "0") + Math.imul(h, 2654435761 | 0).toString(16).replace("-", "").padStart(8, "0")).slice(0, 16).padEnd(16, "0");
}

export function makeFindings(scene: FindingScene, people: FakePerson[], groups: FakeGroup[], now: number): FindingWorld {
  const made: Made[] = [];
  const add = (rule: string, says: string, subject: FindingRow["subject"], some: Partial<FindingRow> & { age: number }) => {
    const spec = RULES.find((r) => r.id === rule);
    if (!spec) return;
    const { age, ...rest } = some;
    const row: FindingRow = {
      id: `${rule}:${hex(says)}`, rule, ruleTitle: spec.title, area: spec.area, severity: spec.severity, state: "open", says, subject, sources: [1, 2], people: 1,
      firstSeen: now - age * DAY - 3_600_000, lastSeen: now - 300_000, closedAt: null, unconfirmed: null, suppression: null, ...rest,
    };
    made.push({ row, lifted: [] });
  };
  if (scene === "usual") {
    const who = (p: FakePerson): FindingRow["subject"] => ({ kind: "person", address: `person:${p.key}`, name: p.name, system: "scim" });
    const what = (g: FakeGroup): FindingRow["subject"] => ({ kind: "group", address: `group:${g.key}`, name: g.name, system: "scim" });
    const left = people.filter((p) => p.accounts.some((a) => a.source !== 1 && a.active) && !p.accounts.some((a) => a.source === 1 && a.active));
    add("restore-outside", "18 people can restore from vault-prod by way of payments-sre, which is not meant for it", { kind: "scope", address: "scope:vault-prod", name: "vault-prod", system: "azure" }, { age: 0, people: 18, sources: [5] });
    left.forEach((p, n) => add("active-after-leaving", `${p.name} is active in Ledgerly and disabled at Workforce IdP`, who(p), { age: n % 9, unconfirmed: n === 1 ? "Ledgerly was not read since." : null, severity: n === 0 ? "critical" : "high" }));
    people.filter((_, n) => n % 37 === 5).forEach((p, n) => add("attribute-drift", `${p.name}: department differs between Workforce IdP and Ledgerly`, who(p), { age: 2 + (n % 30) }));
    groups.slice(0, 9).forEach((g, n) => add("group-drift", `${g.name}: ${41 + n} people in Workforce IdP, ${40 - n} in Ledgerly`, what(g), { age: n, people: 1 + n }));
    groups.slice(20, 22).forEach((g) => add("empty-with-role", `${g.name} holds Reader and has nobody in it`, what(g), { age: 12, people: 0 }));
    people.slice(40, 46).forEach((p, n) => add("individual-assignment", `${p.name} holds Contributor on sub-payments by an assignment of their own`, who(p), { age: 20 + n, sources: [5] }));
    add("ghost-owner", "14 components are owned by user:default/giorgi, who is not in the catalog", { kind: "record", address: null, name: "user:default/giorgi", system: "backstage" }, { age: 1, sources: [4], people: 0 });
    add("token-due", "The token of Ledgerly is to be rotated in 9 days", { kind: "credential", address: "credential:own:2", name: "Ledgerly", system: "scim" }, { age: 5, sources: [2], people: 0 });
  }
  return { scene, now, settings: new Map(), made };
}

const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function ruleOf(world: FindingWorld, spec: Spec): FindingRule {
  const set = world.settings.get(spec.id);
  return {
    id: spec.id, title: spec.title, area: spec.area, severity: set?.severity ?? spec.severity, defaultSeverity: spec.severity, finds: spec.finds, why: spec.why, controls: CONTROLS,
    needs: ["Accounts of every source, read completely"], wayOut: spec.wayOut, enabled: set?.off !== true,
    parameters: spec.parameter ? [{ name: spec.parameter[0], says: spec.parameter[1], unit: spec.parameter[2], value: set?.parameters[spec.parameter[0]] ?? spec.parameter[3], default: spec.parameter[3], min: spec.parameter[4], max: spec.parameter[5] }] : [],
  };
}

/** What is told of now: a rule that is off tells nothing. */
const told = (world: FindingWorld): Made[] => world.made.filter((m) => world.settings.get(m.row.rule)?.off !== true);

function find(world: FindingWorld, q: FindingQuery): FindingRow[] {
  const states = q.states.length === 0 ? ["open"] : q.states;
  const words = fold(q.search).split(/\s+/).filter(Boolean);
  const rows = told(world).map((m) => m.row).filter((r) =>
    states.includes(r.state) && (q.rules.length === 0 || q.rules.includes(r.rule)) && (q.severities.length === 0 || q.severities.includes(r.severity)) && (q.area === null || r.area === q.area) &&
    (q.source === null || r.sources.includes(q.source)) && (q.newSince === null || r.firstSeen >= q.newSince) && (q.about === null || r.subject.address === q.about) &&
    words.every((w) => fold(`${r.says} ${r.ruleTitle} ${r.subject.name}`).includes(w)));
  const rank = (r: FindingRow) => SEVERITIES.indexOf(r.severity);
  return q.sort === "newest" ? rows.sort((a, b) => b.firstSeen - a.firstSeen) : rows.sort((a, b) => rank(a) - rank(b) || a.rule.localeCompare(b.rule) || a.subject.name.localeCompare(b.subject.name));
}

function stateOf(world: FindingWorld, spec: Spec, since: number): RuleState {
  const rule = ruleOf(world, spec);
  const rows = world.made.filter((m) => m.row.rule === spec.id).map((m) => m.row);
  const open = rule.enabled ? rows.filter((r) => r.state === "open") : [];
  const missing = world.scene === "unread" ? "No source was read yet." : world.scene === "usual" ? spec.missing : undefined;
  return {
    rule, evaluated: !rule.enabled ? "off" : missing !== undefined ? "not" : "fully", notEvaluated: missing === undefined || !rule.enabled ? [] : [{ source: null, text: missing }],
    open: open.length, new: open.filter((r) => r.firstSeen >= since).length, closed: 0, suppressed: rows.filter((r) => r.state === "suppressed").length,
    worst: SEVERITIES.find((s) => open.some((r) => r.severity === s)) ?? null,
  };
}

function sums(world: FindingWorld, since: number): FindingSums {
  const rows = told(world).map((m) => m.row);
  const rules = RULES.map((r) => stateOf(world, r, since));
  const open = find(world, { rules: [], severities: [], area: null, source: null, states: [], newSince: null, about: null, search: "", sort: "severity", offset: 0, limit: 500 });
  return {
    severities: SEVERITIES.map((severity, n) => {
      const of = open.filter((r) => r.severity === severity);
      return { severity, open: of.length, new: of.filter((r) => r.firstSeen >= since).length, closed: n === 2 ? 3 : 0, trend: Array.from({ length: 14 }, (_, day) => (day === 3 ? null : of.filter((r) => r.firstSeen <= world.now - (13 - day) * DAY).length)) };
    }),
    open: open.length, suppressed: rows.filter((r) => r.state === "suppressed").length,
    rulesNotEvaluated: rules.filter((r) => r.evaluated === "not" || r.evaluated === "partly").length, rulesAsked: rules.filter((r) => r.evaluated === "fully" || r.evaluated === "partly").length,
    evaluatedAt: world.scene === "unread" ? null : world.now - 300_000, tookUs: 4_200, since, first: open.slice(0, 6),
  };
}

const gone = (id: unknown): Fault => ({ code: "findings.unknown", what: `There is no finding “${String(id)}”.`, means: "Nothing was changed.", next: "Look it up in the list.", action: null, details: [] });

export function findingHandlers(world: () => FindingWorld, say: (event: EngineEvent) => void): Record<string, (args: Record<string, unknown>) => unknown> {
  const made = (id: unknown): Made => {
    const found = world().made.find((m) => m.row.id === id);
    if (!found) throw gone(id);
    return found;
  };
  const since = (a: Record<string, unknown>) => (a["since"] as number | null) ?? 0;
  return {
    findings: (a) => {
      const q = a["query"] as FindingQuery;
      const rows = find(world(), q);
      return { rows: rows.slice(q.offset, q.offset + q.limit), total: rows.length, evaluatedAt: world().scene === "unread" ? null : world().now - 300_000, generation: 1 };
    },
    finding: (a): FindingDetail => {
      const { row, lifted } = made(a["id"]);
      const spec = RULES.find((r) => r.id === row.rule);
      if (!spec) throw gone(a["id"]);
      return {
        row, rule: ruleOf(world(), spec),
        evidence: [
          { says: `Workforce IdP says of ${row.subject.name} that it is not active`, source: 1, record: "00u8k2d7", document: row.subject.address?.replace(/^\w+:/, "") ?? null, readAt: world().now - 400_000 },
          { says: "The correlation joins both accounts by e-mail address", source: null, record: null, document: null, readAt: null },
        ],
        affected: row.people === 0 || row.subject.kind !== "person" || row.subject.address === null ? [] : [{ key: row.subject.address, layer: "people", name: row.subject.name, apart: null, sort: "person", source: 1, system: "scim", id: "x" }],
        fixes: [
          { title: "Deactivate the account", kind: "curl", text: 'curl -X PATCH "https://ledgerly.example/scim/v2/Users/471182" -H "Authorization: Bearer $TOKEN" -d \'{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}\'', note: "Sessions that are open may last until they expire.", path: null },
          { title: "Take the role away", kind: "csv", text: "--- a/rbac-policy.csv\n+++ b/rbac-policy.csv\n-g, user:default/giorgi, role:default/legacy-deployer\n g, group:default/payments, role:default/payments-owner", note: null, path: null },
          { title: "Walk out", kind: "steps", text: "", note: "The same in every system, with proof.", path: "/deprovision" },
        ],
        history: [...lifted, { at: row.firstSeen, event: "opened", says: "it was found", by: null }],
      };
    },
    finding_rules: (a) => RULES.map((r) => stateOf(world(), r, since(a))),
    finding_sums: (a) => sums(world(), since(a)),
    suppress_finding: (a) => {
      const of = made(a["id"]);
      of.row = { ...of.row, state: "suppressed", suppression: { by: "ines@freight-07", at: Date.now(), reason: String(a["reason"]), until: a["until"] as number } };
      of.lifted.unshift({ at: Date.now(), event: "suppressed", says: `suppressed: ${String(a["reason"])}`, by: "ines@freight-07" });
      say({ kind: "findingsChanged" });
      return null;
    },
    lift_suppression: (a) => {
      const of = made(a["id"]);
      of.row = { ...of.row, state: "open", suppression: null };
      of.lifted.unshift({ at: Date.now(), event: "lifted", says: "the suppression was lifted", by: "ines@freight-07" });
      say({ kind: "findingsChanged" });
      return null;
    },
    set_rule: (a) => { world().settings.set(String(a["id"]), a["settings"] as RuleSettings); say({ kind: "findingsChanged" }); return null; },
    evaluate_findings: () => { say({ kind: "findingsChanged" }); return null; },
    export_findings: (a) => ({ path: a["path"], rows: find(world(), a["query"] as FindingQuery).length, bytes: 7_310 }),
  };
}
