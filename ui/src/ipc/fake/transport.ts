/* eslint-disable @typescript-eslint/only-throw-error -- what Tauri hands over when a command is refused is the fault itself, no Error */
/** The in-memory door: answers the engine's commands from a synthetic company. Only for tests and `dev:fake`. */
import type { AppState } from "../types/AppState";
import type { AuditEntry } from "../types/AuditEntry";
import type { AuditQuery } from "../types/AuditQuery";
import type { Change } from "../types/Change";
import type { EngineEvent } from "../types/EngineEvent";
import type { Fault } from "../types/Fault";
import type { GroupQuery } from "../types/GroupQuery";
import type { GroupRow } from "../types/GroupRow";
import type { JoinDecision } from "../types/JoinDecision";
import type { MemberQuery } from "../types/MemberQuery";
import type { MemberRow } from "../types/MemberRow";
import type { PeopleFacet } from "../types/PeopleFacet";
import type { PeopleQuery } from "../types/PeopleQuery";
import type { PersonRow } from "../types/PersonRow";
import type { SavedFilter } from "../types/SavedFilter";
import type { Source } from "../types/Source";
import type { SourceSettings } from "../types/SourceSettings";
import type { HistoryInfo } from "../types/HistoryInfo";
import { historyHandlers, makeHistory } from "./history";
import { joinHandlers } from "./joins";
import { accessHandlers, privilegeOf } from "./accessAnswers";
import { makeCompany, type FakeGroup, type FakePerson } from "./company";
import { check, compile } from "./filter";
import { findingHandlers, makeFindings, type FindingScene, type FindingWorld } from "./findings";
import { groupDetail, groupSlots, personDetail, personSlots, rawDocument } from "./details";
import { makeRuns, runHandlers, type RunWorld } from "./deprovision";
import { makeSources, probe, runSync } from "./sources";
import { makeTokens, tokenHandlers, type TokenWorld } from "./tokens";
import type { TokenScene } from "./tokenWorld";

const asked = new URLSearchParams(typeof location === "undefined" ? "" : location.search);
const NOW = Date.now();
const COUNT = Number(asked.get("people") ?? 3000);

interface World {
  firstRun: boolean;
  people: FakePerson[];
  groups: FakeGroup[];
  /** Who was decided to be the same, newest first. */
  decisions: JoinDecision[];
  sources: Source[];
  saved: SavedFilter[];
  settings: Map<string, string>;
  audit: AuditEntry[];
  changes: Change[];
  generation: number;
  syncs: Map<number, () => void>;
  runs: RunWorld;
  tokens: TokenWorld;
  findings: FindingWorld;
  history: HistoryInfo;
}

let world: World;
const hearers = new Set<(event: EngineEvent) => void>();
/** What was asked, for tests. */
export const calls: { command: string; args: Record<string, unknown> }[] = [];
/** Commands that tests make fail. */
export const refuse = new Map<string, Fault>();
const held = new Map<string, Promise<void>>();
let runTimers: RunWorld["timers"] = new Set();

/** Lets a command wait until the function that is given back is called: for tests of what is shown in between. */
export function hold(command: string): () => void {
  let go = () => {};
  held.set(command, new Promise((done) => { go = done; }));
  return () => { held.delete(command); go(); };
}

/** Which credentials there are, by the address of `dev:fake`. */
function sceneAsked(): TokenScene {
  const scene = asked.get("tokens");
  return scene === "none" || scene === "locked" ? scene : scene === null ? "usual" : Number(scene);
}

/** `runs` false leaves the company without a plan or a run; `tokens` says which credentials there are. */
export function reset(options: { firstRun?: boolean; people?: number; runs?: boolean; tokens?: TokenScene; findings?: FindingScene } = {}) {
  const firstRun = options.firstRun ?? asked.has("first");
  for (const timer of runTimers) clearInterval(timer);
  const runs = makeRuns(Date.now());
  runTimers = runs.timers;
  if (options.runs === false || asked.has("noruns")) Object.assign(runs, { runs: [], files: [] });
  const { people, groups } = makeCompany(options.people ?? COUNT, NOW);
  world = {
    firstRun,
    people,
    groups,
    decisions: [],
    sources: firstRun ? [] : makeSources(people, groups, NOW),
    saved: [{ name: "Payments leads", screen: "people", search: "", filter: 'department eq "Payments" and title co "Lead"' }],
    settings: new Map(),
    audit: [],
    changes: makeChanges(people, groups),
    generation: 1,
    syncs: new Map(),
    runs,
    tokens: makeTokens(firstRun ? "none" : (options.tokens ?? sceneAsked()), Date.now()),
    findings: makeFindings(firstRun ? "unread" : (options.findings ?? (asked.has("clear") ? "clear" : "usual")), people, groups, NOW),
    history: makeHistory(NOW),
  };
  for (let n = 0; n < 140; n += 1) {
    const [action, summary, source] = AUDIT[n % AUDIT.length] ?? ["note", "", null];
    record(action, summary, source, NOW - (140 - n) * 5_400_000);
  }
  calls.length = 0;
  refuse.clear();
  held.clear();
}

const AUDIT: [string, string, number | null][] = [
  ["sync.ended", "Workforce IdP: everything was read; 3 changed, 1 new", 1],
  ["sync.ended", "Ledgerly: read in part; groups were cut short at 612", 2],
  ["export.written", "214 people written to people.csv", null],
  ["source.edited", "Ledgerly: the address changed", 2],
  ["sync.failed", "Warehouse portal: the token was refused (401)", 3],
];

function hex(seed: number): string {
  let out = "";
  for (let n = 0; n < 8; n += 1) out += ((Math.imul(seed + n, 2654435761) >>> 0).toString(16).padStart(8, "0"));
  return out;
}

function record(action: string, summary: string, source: number | null, at = Date.now()) {
  const seq = world.audit.length + 1;
  world.audit.push({ seq, at, actor: "ines@freight-07", action, source, summary, data: { requests: 24 + (seq % 9), tookMs: 3_400 + seq }, hash: hex(seq), previous: seq === 1 ? "0".repeat(64) : hex(seq - 1) });
}

function makeChanges(people: FakePerson[], groups: FakeGroup[]): Change[] {
  const kinds: Change["kind"][] = ["changed", "memberAdded", "set", "appeared", "memberRemoved", "gone", "cleared"];
  return Array.from({ length: 260 }, (_, n) => {
    const kind = kinds[n % kinds.length] ?? "changed";
    const person = people[(n * 31) % people.length];
    const group = groups[(n * 7) % groups.length];
    const member = kind === "memberAdded" || kind === "memberRemoved";
    const at = NOW - n * 1_980_000 - 300_000;
    return {
      seq: 260 - n,
      seenAt: at,
      changedAt: at - 120_000,
      source: n % 4 === 1 ? 2 : 1,
      key: (member ? group?.key : person?.key) ?? "1.x",
      resource: member ? "Group" : "User",
      name: (member ? group?.name : person?.name) ?? "",
      kind,
      path: member ? "members" : kind === "appeared" || kind === "gone" ? null : n % 2 === 0 ? "title" : "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
      before: kind === "changed" ? "Freight operations" : kind === "cleared" ? "Dispatcher" : kind === "memberRemoved" ? (person?.key ?? null) : null,
      after: kind === "changed" || kind === "set" ? "Platform" : kind === "memberAdded" ? (person?.key ?? null) : null,
      memberName: member ? (person?.name ?? null) : null,
    };
  });
}

const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function facetTest(facet: PeopleFacet): (person: FakePerson) => boolean {
  switch (facet) {
    case "everyone": return () => true;
    case "active": return (p) => p.accounts.some((a) => a.active);
    case "disabled": return (p) => p.accounts.every((a) => !a.active);
    case "service": return (p) => p.type === "service";
    case "differs": return (p) => personSlots(p, world.sources).some((s) => s.differs);
    case "leftBehind": return (p) => p.accounts.some((a) => a.source !== 1 && a.active) && !p.accounts.some((a) => a.source === 1 && a.active);
    case "unconfirmed": return (p) => p.accounts.some((a) => a.unconfirmed);
  }
}

function personRow(person: FakePerson): PersonRow {
  return {
    key: person.key, name: person.name, userName: person.userName, email: person.email, title: person.title, department: person.department,
    accountType: person.type, slots: personSlots(person, world.sources), groups: person.groups.length, roles: person.roles, changedAt: person.changedAt,
    privilege: privilegeOf(world.people, world.groups, person).told,
  };
}

function nestedPeople(group: FakeGroup, seen = new Set<FakeGroup>()): Set<number> {
  seen.add(group);
  const out = new Set(group.people);
  for (const n of group.nested) {
    const child = world.groups[n];
    if (child && !seen.has(child)) for (const p of nestedPeople(child, seen)) out.add(p);
  }
  return out;
}

function groupRow(group: FakeGroup): GroupRow {
  return {
    key: group.key, name: group.name, slots: groupSlots(group, world.sources), members: group.people.length + group.nested.length, nestedGroups: group.nested.length,
    people: nestedPeople(group).size, parents: group.parents.length, changedAt: group.changedAt,
  };
}

const caveats = () =>
  world.sources.length < 2 ? [] : [{ source: 2, text: "Ledgerly: the list of groups was cut short at 612; there may be more." }, { source: 3, text: "Warehouse portal was not read: its token is refused." }];

function filterOrRefuse(text: string | null) {
  const { test, problem } = compile(text ?? "");
  if (test) return test;
  throw refusal("filter.unreadable", `The filter cannot be read: ${problem?.message ?? ""}`, "Nothing was filtered.", "Mend the filter where it is marked.");
}

function refusal(code: string, what: string, means: string, next: string): Fault {
  return { code, what, means, next, action: { kind: "retry" }, details: [{ name: "At", value: "0–1" }] };
}

function findPeople(query: PeopleQuery): FakePerson[] {
  const wanted = fold(query.search);
  const filter = filterOrRefuse(query.filter);
  const inFacet = facetTest(query.facet);
  const rows = world.people.filter(
    (p) =>
      (wanted === "" || fold(`${p.name}\n${p.userName}\n${p.email}\n${p.key}`).includes(wanted)) &&
      (query.source === null || p.accounts.some((a) => a.source === query.source)) &&
      inFacet(p) &&
      p.accounts.some((a) =>
        filter((path) => {
          switch (path.toLowerCase().replace(/^.*:/, "")) {
            case "username": return p.userName;
            case "displayname": return a.name;
            case "active": return a.active;
            case "title": return a.title;
            case "department": return a.department;
            case "emails.value": case "emails": return a.email;
            case "usertype": return p.type === "service" ? "Service" : "Employee";
            case "roles": return p.roles > 0 ? "role" : null;
            default: return null;
          }
        }),
      ),
  );
  const by: Record<PeopleQuery["sort"], (p: FakePerson) => string | number> = {
    name: (p) => fold(p.name), userName: (p) => p.userName, email: (p) => p.email, title: (p) => p.title ?? "￿", department: (p) => p.department ?? "￿",
    groups: (p) => p.groups.length, roles: (p) => p.roles, privilege: (p) => privilegeOf(world.people, world.groups, p).rank, changed: (p) => p.changedAt,
  };
  return sorted(rows, by[query.sort], query.descending);
}

function sorted<T>(rows: T[], by: (row: T) => string | number, descending: boolean): T[] {
  const side = descending ? -1 : 1;
  return rows.map((row) => ({ row, key: by(row) })).sort((a, b) => (a.key < b.key ? -side : a.key > b.key ? side : 0)).map(({ row }) => row);
}

function findGroups(query: GroupQuery): FakeGroup[] {
  const wanted = fold(query.search);
  const filter = filterOrRefuse(query.filter);
  const rows = world.groups.filter((g) => {
    const row = groupRow(g);
    const inFacet = query.facet === "all" || (query.facet === "empty" && row.members === 0) || (query.facet === "nested" && row.nestedGroups > 0) || (query.facet === "differs" && row.slots.some((s) => s.differs));
    return inFacet && (wanted === "" || fold(`${g.name}\n${g.key}`).includes(wanted)) && filter((path) => (path.toLowerCase() === "displayname" ? g.name : null));
  });
  const by: Record<GroupQuery["sort"], (g: FakeGroup) => string | number> = {
    name: (g) => fold(g.name), members: (g) => g.people.length + g.nested.length, people: (g) => nestedPeople(g).size, changed: (g) => g.changedAt,
  };
  return sorted(rows, by[query.sort], query.descending);
}

function members(query: MemberQuery) {
  const group = world.groups.find((g) => g.key === query.key);
  if (!group) throw refusal("notFound", `There is no group “${query.key}”.`, "It may have been removed.", "Look it up in the list again.");
  const rows: MemberRow[] = [];
  const person = (n: number, via: string[]) => {
    const p = world.people[n];
    if (p) rows.push({ key: p.key, name: p.name, userName: p.userName, memberType: "account", accountType: p.type, state: p.accounts[0]?.active ? "active" : "disabled", direct: via.length === 0, via });
  };
  if (query.scope === "direct") {
    for (const n of group.nested) {
      const child = world.groups[n];
      if (child) rows.push({ key: child.key, name: child.name, userName: null, memberType: "group", accountType: null, state: null, direct: true, via: [] });
    }
    for (const n of group.people) person(n, []);
    if (group.people.length > 5) rows.push({ key: "1.8f2e11", name: "8f2e11", userName: null, memberType: "dangling", accountType: null, state: null, direct: true, via: [] });
  } else {
    const seen = new Set<number>();
    const walk = (g: FakeGroup, via: string[]) => {
      for (const n of g.people) if (!seen.has(n)) { seen.add(n); person(n, via); }
      for (const n of g.nested) { const child = world.groups[n]; if (child) walk(child, [...via, child.name]); }
    };
    walk(group, []);
  }
  const wanted = fold(query.search);
  const hits = rows.filter((r) => wanted === "" || fold(`${r.name}\n${r.userName ?? ""}`).includes(wanted));
  return { rows: hits.slice(query.offset, query.offset + query.limit), offset: query.offset, total: hits.length, caveats: [], generation: world.generation };
}

function appState(): AppState {
  return { version: "0.1.0", dataDir: "~/.local/share/lanyard/halcyon", company: world.firstRun ? "Lanyard" : "Halcyon Freight", demo: !world.firstRun, firstRun: world.firstRun, notices: asked.has("notice") ? ["The cache could not be opened with its key and was set aside; it fills again at the next sync."] : [], secrets: "keychain", sources: world.sources };
}

const say = (event: EngineEvent) => {
  for (const hear of hearers) hear(event);
};

function sourceOf(id: unknown): Source {
  const source = world.sources.find((s) => s.id === id);
  if (!source) throw refusal("notFound", `There is no source “${String(id)}”.`, "It may have been removed.", "Look it up in the list again.");
  return source;
}

function put(source: Source): Source {
  world.sources = world.sources.some((s) => s.id === source.id) ? world.sources.map((s) => (s.id === source.id ? source : s)) : [...world.sources, source];
  say({ kind: "sourcesChanged" });
  return source;
}

function sync(ids: number[]) {
  for (const source of world.sources) {
    if ((ids.length > 0 && !ids.includes(source.id)) || !source.settings.enabled || world.syncs.has(source.id)) continue;
    put({ ...source, health: "syncing" });
    const stop = runSync(source, say, (after) => {
      world.syncs.delete(source.id);
      world.generation += 1;
      put(after);
      record("sync.ended", `${source.settings.name}: everything was read`, source.id);
      say({ kind: "directoryChanged", generation: world.generation });
    });
    world.syncs.set(source.id, stop);
  }
  return null;
}

type Args = Record<string, unknown>;
const handlers: Record<string, (args: Args) => unknown> = {
  ...accessHandlers(() => world),
  ...joinHandlers(() => world),
  ...runHandlers(() => world, say, (action, summary) => record(action, summary, null)),
  ...tokenHandlers(() => world, say),
  ...historyHandlers(() => world, NOW, (command, args) => handlers[command]?.(args)),
  ...findingHandlers(() => world.findings, say),
  app_state: appState,
  open_demo: async () => {
    await new Promise((done) => setTimeout(done, 600));
    reset({ firstRun: false });
    return appState();
  },
  open_data_dir: () => { reset({ firstRun: false }); return appState(); },
  pick_folder: () => "/home/ines/lanyard",
  pick_file: () => ({ path: "/home/ines/ca.pem", text: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" }),
  pick_secret_file: () => "picked-1",
  begin_sign_in: (a) => {
    const code = (a["settings"] as SourceSettings).auth.kind === "deviceCode";
    return { id: "sign-in-1", url: code ? "https://microsoft.com/devicelogin" : "https://portal.halcyon.example/api/auth/v1/authorize", userCode: code ? "HQ7K2MZPD" : null, message: code ? "Open the address on any device and type the code." : "Open the address in a browser and sign in.", expiresAt: Date.now() + 900_000 };
  },
  finish_sign_in: async () => { await new Promise((done) => setTimeout(done, 1_500)); return null; },
  cancel_sign_in: () => null,
  pick_save: (a) => `/home/ines/${String(a["defaultName"])}`,
  sources: () => world.sources,
  probe_source: async (a) => { await new Promise((done) => setTimeout(done, 400)); return probe(a["settings"] as SourceSettings); },
  add_source: (a) => {
    const settings = a["settings"] as SourceSettings;
    const id = Math.max(0, ...world.sources.map((s) => s.id)) + 1;
    world.firstRun = false;
    record("source.added", `${settings.name} was added`, id);
    return put({ id, settings, health: "new", hasSecret: a["secret"] !== null || typeof a["signIn"] === "string", accounts: 0, groups: 0, memberships: 0, coverage: [], lastSyncAt: null, lastFullAt: null, fault: null, progress: null, addedAt: Date.now() });
  },
  update_source: (a) => put({ ...sourceOf(a["id"]), settings: a["settings"] as SourceSettings }),
  set_source_enabled: (a) => {
    const source = sourceOf(a["id"]);
    return put({ ...source, health: a["enabled"] === true ? "fresh" : "disabled", settings: { ...source.settings, enabled: a["enabled"] === true } });
  },
  removal_preview: (a) => { const s = sourceOf(a["id"]); return { source: s.id, name: s.settings.name, accounts: s.accounts, groups: s.groups, historyKept: 214, secret: true }; },
  remove_source: (a) => { world.sources = world.sources.filter((s) => s.id !== a["id"]); say({ kind: "sourcesChanged" }); return null; },
  start_sync: (a) => sync(a["ids"] as number[]),
  cancel_sync: (a) => { world.syncs.get(a["id"] as number)?.(); return null; },
  people: (a) => {
    const q = a["query"] as PeopleQuery;
    const rows = findPeople(q);
    return { rows: rows.slice(q.offset, q.offset + q.limit).map(personRow), offset: q.offset, total: rows.length, of: world.people.length, generation: world.generation, tookUs: 900, caveats: caveats() };
  },
  people_facets: () => (["everyone", "active", "disabled", "service", "differs", "leftBehind", "unconfirmed"] as const).map((facet) => ({ facet, count: world.people.filter(facetTest(facet)).length })),
  person: (a) => {
    const person = world.people.find((p) => p.accounts.some((x) => `${x.source}.${x.id}` === a["key"]));
    if (!person) throw refusal("notFound", `There is no person “${String(a["key"])}”.`, "It may have been removed, or its source not synced yet.", "Look it up in the list again, or sync its source.");
    return personDetail(person, personRow(person), world.groups, world.sources, world.decisions, world.generation);
  },
  groups: (a) => {
    const q = a["query"] as GroupQuery;
    const rows = findGroups(q);
    return { rows: rows.slice(q.offset, q.offset + q.limit).map(groupRow), offset: q.offset, total: rows.length, of: world.groups.length, generation: world.generation, tookUs: 700, caveats: caveats() };
  },
  group_facets: () => (["all", "empty", "nested", "differs", "unconfirmed"] as const).map((facet) => ({ facet, count: facet === "unconfirmed" ? 0 : findGroups({ search: "", filter: null, source: null, facet, sort: "name", descending: false, offset: 0, limit: 1 }).length })),
  group: (a) => {
    const group = world.groups.find((g) => g.key === a["key"]);
    if (!group) throw refusal("notFound", `There is no group “${String(a["key"])}”.`, "It may have been removed, or its source not synced yet.", "Look it up in the list again, or sync its source.");
    return groupDetail(group, groupRow(group), world.groups, world.sources, world.generation);
  },
  members: (a) => members(a["query"] as MemberQuery),
  timeline: (a) => {
    const key = a["key"];
    const since = a["since"] as number | null;
    const all = world.changes.filter((c) => (key === null || c.key === key) && (since === null || c.seenAt >= since));
    const shown = key !== null && all.length === 0 ? world.changes.slice(0, 9).map((c) => ({ ...c, key: key as string })) : all;
    const offset = a["offset"] as number;
    return { changes: shown.slice(offset, offset + (a["limit"] as number)), total: shown.length, recordedSince: NOW - 40 * 86_400_000 };
  },
  raw_document: (a) => rawDocument(String(a["key"]), world.people, world.groups, NOW),
  check_filter: (a) => check(String(a["text"]), a["caret"] as number),
  saved_filters: () => world.saved,
  save_filter: (a) => { const f = a["filter"] as SavedFilter; world.saved = [...world.saved.filter((s) => s.name !== f.name || s.screen !== f.screen), f]; return null; },
  forget_filter: (a) => { world.saved = world.saved.filter((s) => s.name !== a["name"] || s.screen !== a["screen"]); return null; },
  goto: (a) => {
    const wanted = fold(String(a["text"]));
    if (wanted === "") return [];
    return [
      ...world.sources.filter((s) => fold(s.settings.name).includes(wanted)).map((s) => ({ kind: "source", key: String(s.id), name: s.settings.name, note: s.settings.url })),
      ...world.people.filter((p) => fold(`${p.name} ${p.userName}`).includes(wanted)).slice(0, 6).map((p) => ({ kind: "person", key: p.key, name: p.name, note: p.email })),
      ...world.groups.filter((g) => fold(g.name).includes(wanted)).slice(0, 4).map((g) => ({ kind: "group", key: g.key, name: g.name, note: `${g.people.length} members` })),
    ].slice(0, a["limit"] as number);
  },
  overview: (a) => {
    const since = a["since"] as number;
    const changes = world.changes.filter((c) => c.seenAt >= since);
    const differing = world.people.filter(facetTest("differs")).length;
    const leftBehind = world.people.filter(facetTest("leftBehind")).length;
    return { headline: `${world.people.length.toLocaleString("en")} people in 3 systems; ${differing} of them differ.`, caveat: "Ledgerly’s groups were cut short, and the warehouse portal could not be read.", sources: world.sources, people: world.people.length, groups: world.groups.length, differing, leftBehind, changes: { changes: changes.slice(0, 30), total: changes.length, recordedSince: NOW - 40 * 86_400_000 }, changesSince: since };
  },
  export_people: (a) => { record("export.written", `People written to ${String(a["path"])}`, null); return { path: a["path"], rows: findPeople(a["query"] as PeopleQuery).length, bytes: 48_210 }; },
  export_groups: (a) => ({ path: a["path"], rows: findGroups(a["query"] as GroupQuery).length, bytes: 9_210 }),
  audit: (a) => {
    const q = a["query"] as AuditQuery;
    const hits = world.audit.filter((e) => (q.source === null || e.source === q.source) && fold(`${e.action} ${e.summary} ${e.actor}`).includes(fold(q.search))).reverse();
    return { entries: hits.slice(q.offset, q.offset + q.limit), total: hits.length };
  },
  export_audit: (a) => ({ path: a["path"], rows: world.audit.length, bytes: world.audit.length * 410 }),
  verify_audit: () => ({ ok: true, entries: world.audit.length, head: world.audit.at(-1)?.hash ?? "", brokenAt: null, problem: null }),
  setting: (a) => world.settings.get(String(a["key"])) ?? null,
  set_setting: (a) => { world.settings.set(String(a["key"]), String(a["value"])); return null; },
};

export async function invoke(command: string, args: Args): Promise<unknown> {
  calls.push({ command, args: structuredClone(args) });
  const fault = refuse.get(command);
  if (fault) throw fault;
  const wait = held.get(command);
  if (wait) { await wait; return null; }
  const handler = handlers[command];
  if (!handler) throw new Error(`command ${command} not found`);
  return structuredClone(await handler(args));
}

export function subscribe(onEvent: (event: EngineEvent) => void): Promise<void> {
  hearers.add(onEvent);
  return Promise.resolve();
}

/** Speaks as the engine would, for tests. */
export const emit = say;

reset();
if (asked.has("sync")) setTimeout(() => sync([2]), 300);
