/** Whole people and groups of the synthetic company. */
import type { AccountDetail } from "../types/AccountDetail";
import type { ComparedLine } from "../types/ComparedLine";
import type { GroupDetail } from "../types/GroupDetail";
import type { GroupRow } from "../types/GroupRow";
import type { JoinDecision } from "../types/JoinDecision";
import type { PersonDetail } from "../types/PersonDetail";
import type { PersonRow } from "../types/PersonRow";
import type { RawDocument } from "../types/RawDocument";
import type { Slot } from "../types/Slot";
import type { Source } from "../types/Source";
import type { FakeAccount, FakeGroup, FakePerson } from "./company";

const CORE = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

export function personSlots(person: FakePerson, sources: Source[]): Slot[] {
  const lead = person.accounts.find((a) => a.source === 1);
  return sources.map((source) => {
    const account = person.accounts.find((a) => a.source === source.id);
    if (!account) return { source: source.id, state: source.id === 3 ? "notEvaluated" : "noAccount", differs: false, unconfirmed: false };
    const differs = lead !== undefined && account !== lead && (account.name !== lead.name || account.active !== lead.active || (account.department !== null && account.department !== lead.department));
    return { source: source.id, state: account.active ? "active" : "disabled", differs, unconfirmed: account.unconfirmed };
  });
}

/** Every second group is in the tenant, some are in the portal; the third source could not be read. */
const groupHeld = (group: FakeGroup, source: number): boolean =>
  source === 1 || (source === 2 && group.downstream) || (source === 4 && group.key.endsWith("1")) || (source === 5 && Number(group.key.at(-1)) % 2 === 1);

export function groupSlots(group: FakeGroup, sources: Source[]): Slot[] {
  return sources.map((source) => ({
    source: source.id,
    state: groupHeld(group, source.id) ? "active" : source.id === 2 || source.id === 3 ? "notEvaluated" : "noAccount",
    differs: source.id === 2 && group.downstream && group.people.length % 7 === 3,
    unconfirmed: false,
  }));
}

function compare(label: string, values: (string | null)[]): ComparedLine {
  return { label, cells: values.map((value, n) => ({ value, differs: n > 0 && value !== null && values[0] !== null && value !== values[0] })) };
}

const JOINED: Record<number, Pick<AccountDetail, "joinedBy" | "confidence">> = {
  2: { joinedBy: "externalId", confidence: "certain" },
  4: { joinedBy: "backstageName", confidence: "likely" },
  5: { joinedBy: "entraId", confidence: "certain" },
};

/** By the decision that names the record, otherwise by what its source shares with the leading one. */
function joined(key: string, source: number, leading: boolean, decisions: readonly JoinDecision[]): Pick<AccountDetail, "joinedBy" | "confidence" | "decision"> {
  const decision = decisions.find((d) => d.verb === "join" && (d.one.key === key || d.other.key === key));
  if (leading) return { joinedBy: null, confidence: null, decision: null };
  if (decision) return { joinedBy: "decision", confidence: "certain", decision };
  return { ...(JOINED[source] ?? { joinedBy: "email", confidence: "strong" }), decision: null };
}

function account(person: FakePerson, held: FakeAccount, leading: boolean, sources: Source[], decisions: readonly JoinDecision[]): AccountDetail {
  const source = sources.find((s) => s.id === held.source);
  const core = [
    ["userName", person.userName], ["displayName", held.name], ["active", String(held.active)], ["emails[type eq \"work\"].value", held.email],
    ["emails[type eq \"work\"].primary", "true"], ["externalId", leading ? null : (person.accounts[0]?.id ?? null)], ["title", held.title], ["preferredLanguage", "en-IE"], ["timezone", "Europe/Dublin"],
  ].flatMap(([path, value]) => (value === null || value === undefined ? [] : [{ path: path ?? "", value }]));
  return {
    key: `${held.source}.${held.id}`, source: held.source, id: held.id, state: held.active ? "active" : "disabled", unconfirmed: held.unconfirmed,
    readAt: source?.lastSyncAt ?? null, createdAt: person.changedAt - 300 * 86_400_000, modifiedAt: person.changedAt,
    ...joined(`${held.source}.${held.id}`, held.source, leading, decisions),
    attributes: [
      { schema: CORE, title: "Core", attributes: core },
      { schema: ENTERPRISE, title: "Enterprise", attributes: held.department === null ? [] : [{ path: "department", value: held.department }, { path: "employeeNumber", value: held.id.slice(0, 6) }] },
    ].filter((section) => section.attributes.length > 0),
  };
}

export function personDetail(person: FakePerson, row: PersonRow, groups: FakeGroup[], sources: Source[], decisions: readonly JoinDecision[], generation: number): PersonDetail {
  const a = person.accounts;
  const direct = person.groups.flatMap((n) => (groups[n] ? [groups[n]] : []));
  const nested = direct.flatMap((g) => g.parents.flatMap((n) => (groups[n] ? [{ group: groups[n], via: [g.name] }] : [])));
  return {
    row,
    accounts: a.map((x, n) => account(person, x, n === 0, sources, decisions)),
    compared: [
      compare("State", a.map((x) => (x.active ? "Active" : "Disabled"))),
      compare("Display name", a.map((x) => x.name)),
      compare("User name", a.map(() => person.userName)),
      compare("E-mail", a.map((x) => x.email)),
      compare("Department", a.map((x) => x.department)),
      compare("Title", a.map((x) => x.title)),
    ],
    memberships: [
      ...direct.map((g) => ({ key: g.key, source: 1, name: g.name, direct: true, via: [] })),
      ...direct.filter((g) => g.downstream && a.some((x) => x.source === 2)).map((g) => ({ key: g.key, source: 2, name: g.name, direct: true, via: [] })),
      ...nested.map(({ group, via }) => ({ key: group.key, source: 1, name: group.name, direct: false, via })),
    ],
    caveats: [{ source: 3, text: "Warehouse portal was not read: an account there would not show." }],
    generation,
  };
}

export function groupDetail(group: FakeGroup, row: GroupRow, groups: FakeGroup[], sources: Source[], generation: number): GroupDetail {
  const held = sources.filter((s) => groupHeld(group, s.id));
  const members = group.people.length + group.nested.length;
  const differs = row.slots.some((s) => s.differs);
  return {
    row,
    groups: held.map((s) => ({
      key: s.id === 1 ? group.key : group.key.replace("1.", `${s.id}.`), source: s.id, id: group.key.slice(2), name: group.name, unconfirmed: false, readAt: s.lastSyncAt, createdAt: group.changedAt - 200 * 86_400_000, modifiedAt: group.changedAt,
      members: s.id === 2 && differs ? members - 1 : members, dangling: s.id === 1 && group.people.length > 5 ? 1 : 0,
      joinedBy: s.id === 1 ? null : s.id === 5 ? "entraId" : "displayName", confidence: s.id === 1 ? null : s.id === 5 ? "certain" : "likely", decision: null,
      attributes: [{ schema: "urn:ietf:params:scim:schemas:core:2.0:Group", title: "Core", attributes: [{ path: "displayName", value: group.name }, { path: "externalId", value: group.key.slice(2) }] }],
    })),
    compared: [compare("Name", held.map(() => group.name)), compare("Members", held.map((s) => String(s.id === 2 && differs ? members - 1 : members)))],
    parents: group.parents.flatMap((n) => (groups[n] ? [{ key: groups[n].key, name: groups[n].name }] : [])),
    caveats: [],
    generation,
  };
}

export function rawDocument(key: string, people: FakePerson[], groups: FakeGroup[], now: number): RawDocument {
  for (const person of people) {
    const held = person.accounts.find((a) => `${a.source}.${a.id}` === key);
    if (held) {
      const document = {
        schemas: [CORE, ENTERPRISE], id: held.id, externalId: person.accounts[0]?.id, userName: person.userName, displayName: held.name, active: held.active, title: held.title,
        emails: [{ value: held.email, type: "work", primary: true }], [ENTERPRISE]: { department: held.department }, meta: { resourceType: "User", lastModified: new Date(person.changedAt).toISOString() },
      };
      return { key, json: JSON.stringify(document, null, 2), readAt: now - 120_000 };
    }
  }
  const group = groups.find((g) => g.key === key);
  return { key, json: JSON.stringify({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], id: key.slice(2), displayName: group?.name ?? key, members: (group?.people ?? []).slice(0, 20).map((n) => ({ value: people[n]?.accounts[0]?.id, display: people[n]?.name, type: "User" })) }, null, 2), readAt: now - 120_000 };
}
