/** Every way by which somebody of the synthetic company holds something, found the slow and obvious way. */
import type { AccessPath } from "../types/AccessPath";
import type { AccessState } from "../types/AccessState";
import type { Caveat } from "../types/Caveat";
import type { FlowCount } from "../types/FlowCount";
import type { Hop } from "../types/Hop";
import type { MapQuery } from "../types/MapQuery";
import type { NodeRef } from "../types/NodeRef";
import type { Provenance } from "../types/Provenance";
import { PORTAL, TENANT, type AccessWorld, type Grant, type Held, type Role, type Scope, type Team } from "./accessWorld";

export interface Way {
  person: number;
  /** Groups from the one that the person is directly in, to the one that holds the role. */
  chain: Team[];
  grant: Grant;
  role: Role;
  scope: Scope;
}

export const ACCESS_CAVEATS: Caveat[] = [
  { source: TENANT, text: "Halcyon tenant: PIM eligibility in sub-data was not read (needs Microsoft.Authorization/roleEligibilitySchedules/read); who could activate roles there is not evaluated." },
  { source: 3, text: "Warehouse portal was not read: its token is refused. Roles there are not evaluated." },
];

const MINUTE = 60_000;
const NOW = Date.now();
const found = new WeakMap<AccessWorld, Way[]>();

export function ways(world: AccessWorld): Way[] {
  const known = found.get(world);
  if (known) return known;
  const out: Way[] = [];
  const below = (team: Team, follow: boolean): Team[][] => [[team], ...(follow ? team.nested.flatMap((name) => { const child = world.teams.get(name); return child ? below(child, true).map((chain) => [...chain, team]) : []; }) : [])];
  for (const grant of world.grants) {
    const role = world.roles.get(grant.role);
    const scope = world.scopes.get(grant.scope);
    if (!role || !scope) continue;
    if (typeof grant.to === "number") {
      out.push({ person: grant.to, chain: [], grant, role, scope });
      continue;
    }
    const team = world.teams.get(grant.to);
    if (!team) continue;
    // Only Azure follows nested groups.
    for (const chain of below(team, role.system === "azure")) for (const person of chain[0]?.people ?? []) out.push({ person, chain, grant, role, scope });
  }
  found.set(world, out);
  return out;
}

export const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export const drifted = (team: Team) => [team.idp, team.portal, team.tenant].includes("differs");

/** What the filters leave of the ways; focus and target do not narrow here. */
export function matching(world: AccessWorld, query: MapQuery): Way[] {
  const wanted = fold(query.search);
  return ways(world).filter(({ person, chain, role, scope }) => {
    const who = world.people[person];
    if (!who) return false;
    if (query.systems.length > 0 && !query.systems.includes(role.system)) return false;
    if (query.sources.length > 0 && !query.sources.includes(role.source)) return false;
    if (query.privileged && !role.privileged) return false;
    if (query.canRestore && !role.canRestore) return false;
    if (query.drifted && !chain.some(drifted)) return false;
    if (query.nonHuman && who.type !== "service") return false;
    return wanted === "" || [who.name, role.name, scope.name, ...chain.map((t) => t.name)].some((name) => fold(name).includes(wanted));
  });
}

export const above = (world: AccessWorld, scope: Scope): Scope[] => {
  const parent = scope.parent === null ? undefined : world.scopes.get(scope.parent);
  return [scope, ...(parent ? above(world, parent) : [])];
};

/** Whether a way leads through a node; a scope is reached from above as well. */
export function through(world: AccessWorld, way: Way, key: string): boolean {
  if (personKey(world, way.person) === key || way.role.key === key || way.chain.some((t) => t.key === key)) return true;
  const scope = [...world.scopes.values()].find((s) => s.key === key);
  return scope !== undefined && above(world, scope).includes(way.scope);
}

export const personKey = (world: AccessWorld, n: number) => `person:${world.people[n]?.key ?? ""}`;

const names = new WeakMap<AccessWorld, Map<string, number>>();
function namesOf(world: AccessWorld): Map<string, number> {
  const known = names.get(world) ?? world.people.reduce((all, p) => all.set(p.name, (all.get(p.name) ?? 0) + 1), new Map<string, number>());
  names.set(world, known);
  return known;
}

export const personRef = (world: AccessWorld, n: number): NodeRef => {
  const p = world.people[n];
  const namesake = p !== undefined && (namesOf(world).get(p.name) ?? 0) > 1;
  return { key: personKey(world, n), layer: "people", name: p?.name ?? "", apart: namesake ? p.userName : null, sort: p?.type === "service" ? "service account" : "Employee", source: p?.accounts[0]?.source ?? 1, system: "scim", id: p?.accounts[0]?.id ?? "" };
};
export const teamRef = (team: Team): NodeRef => {
  const [source, id] = team.key.slice(6).split(".");
  return { key: team.key, layer: "groups", name: team.name, apart: null, sort: "security group", source: Number(source), system: source === "5" ? "azure" : "scim", id: id ?? "" };
};
export const roleRef = (role: Role): NodeRef => ({ key: role.key, layer: "roles", name: role.name, apart: null, sort: role.sort, source: role.source, system: role.system, id: role.key.split(":").slice(2).join(":") });
export const scopeRef = (scope: Scope): NodeRef => ({ key: scope.key, layer: "scopes", name: scope.name, apart: null, sort: scope.sort, source: scope.source, system: scope.system, id: scope.system === "azure" ? `/subscriptions/3f1b/resourceGroups/rg/providers/${scope.name}` : scope.name });

export function counts(world: AccessWorld, team: Team): FlowCount[] {
  const nested = team.nested.reduce((sum, name) => sum + (world.teams.get(name)?.people.size ?? 0), 0);
  const one = (source: number, system: FlowCount["system"], held: Held): FlowCount => ({
    source, system, held: held !== "no", differs: held === "differs", nested: system === "azure" && held === "yes" ? nested : 0,
    direct: held === "unread" || held === "no" ? null : team.people.size - (held === "differs" ? 1 : 0),
  });
  return [one(1, "scim", team.idp), one(PORTAL, "backstage", team.portal), one(TENANT, "azure", team.tenant)];
}

const said = (source: number, record: string, over: Partial<Provenance> = {}): Provenance => ({
  source, record, document: null, readAt: NOW - (source === TENANT ? 9 : source === PORTAL ? 4 : 2) * MINUTE, since: NOW - 200 * 1440 * MINUTE, seen: { at: NOW - 40 * 1440 * MINUTE, exact: false }, by: null, ...over,
});

/** Which address takes an edge away. */
export const edgesOf = (way: Way): string[] => [
  ...(way.chain[0] ? [`member:${way.chain[0].key.slice(6)}>${way.person}`] : []),
  ...way.chain.slice(1).map((team, n) => `member:${team.key.slice(6)}>${way.chain[n]?.key.slice(6) ?? ""}`),
  `assignment:${way.role.source}:${way.grant.id}`,
];

const RESTORE = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/restore/action";

export function pathOf(world: AccessWorld, way: Way, to: Scope = way.scope): AccessPath {
  const who = personRef(world, way.person);
  const edges = edgesOf(way);
  const hops: Hop[] = [];
  const push = (kind: Hop["kind"], from: NodeRef, next: NodeRef, text: string, over: Partial<Hop> = {}) => hops.push({ kind, from, to: next, text, notes: [], state: "active", edge: null, provenance: [], disagree: [], ...over });
  const [first] = way.chain;
  if (first) {
    push("member", who, teamRef(first), `${who.name} is a direct member of ${first.name}`, {
      edge: edges[0] ?? null, provenance: [said(first.idp === "no" ? TENANT : 1, `Group ${teamRef(first).id}`)],
      notes: first.idp === "no" ? ["The IdP and the portal know no such group"] : [],
      disagree: first.portal === "differs" ? ["Developer portal has no such member"] : [],
    });
    way.chain.slice(1).forEach((team, n) => push("nested", teamRef(way.chain[n] ?? team), teamRef(team), `${way.chain[n]?.name ?? ""} is nested in ${team.name}`, {
      edge: edges[n + 1] ?? null, provenance: [said(TENANT, `groups/${teamRef(team).id}/members`, { since: new Date().setHours(7, 55, 0, 0), seen: { at: new Date().setHours(8, 0, 0, 0), exact: true }, by: "Adaeze Ọkáfọ̀" })], notes: ["SCIM provisioning does not follow this nesting"],
    }));
  }
  const holder = way.chain.at(-1);
  push("holds", holder ? teamRef(holder) : who, roleRef(way.role), `${holder?.name ?? who.name} holds ${way.role.name} on ${way.scope.name}`, {
    edge: edges.at(-1) ?? null, state: way.grant.state,
    notes: [way.grant.reason ?? "No condition, no deny assignment applies"],
    provenance: [said(way.role.source, way.role.system === "azure" ? `roleAssignments/${way.grant.id}` : way.role.system === "backstage" ? `${way.role.sort}/${way.role.name} (csv-file)` : `Users/${who.id}#roles`)],
  });
  if (to !== way.scope) push("inherits", scopeRef(way.scope), scopeRef(to), `${to.name} lies below ${way.scope.name}, so ${way.role.name} is good there too`, { provenance: [said(TENANT, scopeRef(to).id)] });
  push("permits", roleRef(way.role), scopeRef(to), way.role.canRestore ? `${way.role.name} may restore` : `${way.role.name} permits what its definition says`, {
    provenance: [said(way.role.source, way.role.canRestore ? RESTORE : `${way.role.sort} ${way.role.name}`, { since: null })], notes: [`${way.role.sort} ${roleRef(way.role).id}`],
  });
  return { state: way.grant.state, title: way.chain.length === 0 ? "Direct" : way.chain.length > 1 ? "By nesting" : `By ${first?.name ?? ""}`, hops, reasons: way.grant.reason === null ? [] : [way.grant.reason] };
}

const RANK: AccessState[] = ["active", "conditional", "eligible", "denied", "notFollowed"];
export const best = (states: AccessState[]): AccessState => RANK.find((s) => states.includes(s)) ?? "notFollowed";
export const shortest = (a: Way, b: Way) => a.chain.length - b.chain.length || RANK.indexOf(a.grant.state) - RANK.indexOf(b.grant.state);

/** Ways that give the same person the same role on the same scope, the shortest first. */
export function holdings(list: readonly Way[]): Way[][] {
  const out = new Map<string, Way[]>();
  for (const way of list) {
    const id = `${way.person}|${way.grant.role}|${way.grant.scope}`;
    const known = out.get(id);
    if (known) known.push(way);
    else out.set(id, [way]);
  }
  return [...out.values()].map((group) => group.sort(shortest));
}
