/* eslint-disable @typescript-eslint/only-throw-error -- what Tauri hands over when a command is refused is the fault itself, no Error */
/** The access commands, answered from the synthetic company. */
import type { AccessRow } from "../types/AccessRow";
import type { CellHow } from "../types/CellHow";
import type { Fault } from "../types/Fault";
import type { MapQuery } from "../types/MapQuery";
import type { MatrixWindow } from "../types/MatrixWindow";
import type { Privilege } from "../types/Privilege";
import type { RestoreRow } from "../types/RestoreRow";
import type { WhatIf } from "../types/WhatIf";
import { flow } from "./accessFlow";
import { above, ACCESS_CAVEATS, best, counts, edgesOf, holdings, matching, pathOf, personRef, roleRef, scopeRef, teamRef, through, ways, type Way } from "./accessWays";
import { makeAccess, TENANT, type AccessWorld, type Team } from "./accessWorld";
import type { FakeGroup, FakePerson } from "./company";

const worlds = new WeakMap<FakePerson[], AccessWorld>();
const worldOf = (people: FakePerson[], groups: FakeGroup[]): AccessWorld => {
  const known = worlds.get(people) ?? makeAccess(people, groups);
  worlds.set(people, known);
  return known;
};

/** The most that each may do, by their place among the people. */
const highest = new WeakMap<AccessWorld, Map<number, Way>>();
const weight = ({ role, grant }: Way) => (role.canRestore ? 6 : 0) + (role.privileged ? 3 : 0) + (grant.state === "active" ? 3 : grant.state === "conditional" ? 2 : 1);

function highestOf(world: AccessWorld, person: number): Way | undefined {
  const known = highest.get(world) ?? new Map<number, Way>();
  if (!highest.has(world)) {
    highest.set(world, known);
    for (const way of ways(world)) {
      const before = known.get(way.person);
      if (way.grant.state !== "denied" && way.grant.state !== "notFollowed" && (before === undefined || weight(way) > weight(before))) known.set(way.person, way);
    }
  }
  return known.get(person);
}

/** What a row of People says of somebody, and where it stands in that order. */
export function privilegeOf(people: FakePerson[], groups: FakeGroup[], person: FakePerson): { told: Privilege; rank: number } {
  const world = worldOf(people, groups);
  const way = highestOf(world, people.indexOf(person));
  return {
    told: { highest: way ? { role: way.role.name, scope: way.scope.name, system: way.role.system, state: way.grant.state, privileged: way.role.privileged, canRestore: way.role.canRestore } : null, notEvaluated: ACCESS_CAVEATS.length > 0 },
    rank: way ? weight(way) : 0,
  };
}

const missing = (what: string): Fault => ({ code: "notFound", what: `There is no ${what}.`, means: "It may have been removed, or its source not synced yet.", next: "Look it up on the map again, or sync its source.", action: { kind: "retry" }, details: [] });

const byOf = (way: Way) => (way.chain.length === 0 ? "direct" : `by ${way.chain.map((t) => t.name).join(" in ")}`);

function rowsOf(world: AccessWorld, query: MapQuery): Way[] {
  const list = matching(world, query).filter((w) => (query.focus === null || through(world, w, query.focus)) && (query.target === null || through(world, w, query.target)));
  return holdings(list).map((h) => h[0]).filter((w) => w !== undefined).sort((a, b) => personRef(world, a.person).name.localeCompare(personRef(world, b.person).name));
}

function cellHow(world: AccessWorld, team: Team | null, roleName: string, list: readonly Way[]): { how: CellHow; people: number; scopes: number } {
  const role = world.roles.get(roleName);
  const here = list.filter((w) => w.grant.role === roleName && (team === null ? w.chain.length === 0 : w.chain.includes(team)));
  const unread = team !== null && role !== undefined && ((role.system === "azure" && team.tenant === "unread") || (role.system === "backstage" && team.portal === "unread"));
  if (here.length === 0) return { how: unread ? "notEvaluated" : "empty", people: 0, scopes: 0 };
  const state = best(here.map((w) => w.grant.state));
  const direct = here.some((w) => team === null || w.chain.at(-1) === team);
  const inherited = team !== null && here.some((w) => w.chain.at(-1) !== team);
  const nestedInto = team !== null && here.some((w) => w.chain.at(-1) === team && w.chain.length > 1);
  const how: CellHow = state === "eligible" ? "eligible" : state === "conditional" ? "conditional" : state === "denied" ? "denied" : (direct && inherited) || nestedInto ? "both" : inherited ? "inherited" : "direct";
  return { how, people: new Set(here.map((w) => w.person)).size, scopes: new Set(here.map((w) => w.grant.scope)).size };
}

function matrix(world: AccessWorld, query: MapQuery, window: MatrixWindow, generation: number) {
  const list = matching(world, query);
  const held = new Set(list.map((w) => w.grant.role));
  const roles = [...world.roles.values()].filter((r) => held.has(r.name));
  const teams: (Team | null)[] = [...new Set(list.flatMap((w) => w.chain))];
  if (list.some((w) => w.chain.length === 0)) teams.push(null);
  const columns = roles.slice(window.column, window.column + window.columns);
  return {
    roles: columns.map((r) => ({ role: roleRef(r), canRestore: r.canRestore, privileged: r.privileged })),
    groups: teams.slice(window.row, window.row + window.rows).map((team) => ({
      group: team ? teamRef(team) : { key: "none", layer: "groups" as const, name: "No group", apart: null, sort: "direct assignments", source: TENANT, system: "azure" as const, id: "" },
      people: team ? team.people.size + team.nested.reduce((sum, name) => sum + (world.teams.get(name)?.people.size ?? 0), 0) : new Set(list.filter((w) => w.chain.length === 0).map((w) => w.person)).size,
      counts: team ? counts(world, team) : [],
      cells: columns.map((r) => cellHow(world, team, r.name, list)),
    })),
    rolesTotal: roles.length, groupsTotal: teams.length, caveats: ACCESS_CAVEATS, generation, tookUs: 800,
  };
}

function cell(world: AccessWorld, query: MapQuery, groupKey: string, roleKey: string) {
  const team = [...world.teams.values()].find((t) => t.key === groupKey) ?? null;
  const role = [...world.roles.values()].find((r) => r.key === roleKey);
  if (!role || (team === null && groupKey !== "none")) throw missing("such cell");
  const here = matching(world, query).filter((w) => w.role === role && (team === null ? w.chain.length === 0 : w.chain.includes(team)));
  const into = new Map<Team | null, Set<number>>();
  for (const w of here) {
    const by = team === null || w.chain[0] === team ? null : (w.chain[0] ?? null);
    into.set(by, (into.get(by) ?? new Set()).add(w.person));
  }
  const grants = new Map(here.map((w) => [w.grant.id, w]));
  return {
    group: team ? teamRef(team) : { ...roleRef(role), key: "none", layer: "groups" as const, name: "No group", sort: "direct assignments" }, role: roleRef(role),
    paths: [...grants.values()].map((w) => { const path = pathOf(world, w); return { ...path, hops: team === null ? path.hops : path.hops.filter((h) => h.kind !== "member") }; }),
    direct: into.get(null)?.size ?? 0, nested: new Set([...into].filter(([by]) => by !== null).flatMap(([, who]) => [...who])).size,
    through: [...into].map(([by, who]) => ({ group: by ? teamRef(by) : null, people: who.size, first: [...who].slice(0, 12).map((n) => personRef(world, n)) })).sort((a, b) => (a.group === null ? 1 : 0) - (b.group === null ? 1 : 0)),
    caveats: here.length === 0 && team?.tenant === "unread" ? [{ source: TENANT, text: `Halcyon tenant: the members of ${team.name} could not be read (needs GroupMember.Read.All); who holds ${role.name} by it is not evaluated.` }] : [],
  };
}

function without(world: AccessWorld, edge: string, generation: number): WhatIf {
  const gone = (w: Way) => edgesOf(w).includes(edge);
  const touched = holdings(ways(world)).filter((h) => h.some(gone));
  if (touched.length === 0) throw missing("such edge");
  const lost = touched.filter((h) => h.every(gone));
  const kept = touched.filter((h) => !h.every(gone));
  const part = (w: Way) => ({ identity: personRef(world, w.person), role: roleRef(w.role), scope: scopeRef(w.scope) });
  const people = new Set(lost.map((h) => h[0]?.person)).size;
  const grouped = new Map<string, number>();
  for (const [first] of lost) if (first) grouped.set(`${first.role.name} on ${first.scope.name}`, (grouped.get(`${first.role.name} on ${first.scope.name}`) ?? 0) + 1);
  return {
    edge, text: edge, people, lossesTotal: lost.length, keptTotal: kept.length,
    losses: lost.slice(0, 50).flatMap(([first]) => (first ? [{ ...part(first), before: first.grant.state, after: null }] : [])),
    kept: kept.slice(0, 50).flatMap((h) => { const stays = h.find((w) => !gone(w)); return stays ? [{ ...part(stays), by: stays.chain.length === 0 ? "a direct assignment" : byOf(stays) }] : []; }),
    summary: [
      ...[...grouped].slice(0, 3).map(([what, n]) => `${n} ${n === 1 ? "person loses" : "people lose"} ${what}`), ...(lost.length === 0 ? ["Nobody loses anything"] : []),
      ...kept.slice(0, 2).flatMap((h) => { const stays = h.find((w) => !gone(w)); return stays ? [`${personRef(world, stays.person).name} keeps ${stays.role.name}: ${stays.chain.length === 0 ? "a direct assignment" : byOf(stays)}`] : []; }),
    ],
    caveats: [], generation, tookUs: 400,
  };
}

function restore(world: AccessWorld, meant: readonly string[], offset: number, limit: number, generation: number) {
  const vaults = [...world.scopes.values()].filter((s) => /vault/.test(s.sort));
  const able = holdings(ways(world).filter((w) => w.role.canRestore && w.role.system === "azure"));
  const rows: RestoreRow[] = vaults.flatMap((vault) => able.flatMap(([w]) => {
    if (!w || !above(world, vault).includes(w.scope)) return [];
    const person = world.people[w.person];
    return [{
      identity: personRef(world, w.person), accountType: person?.type ?? "person", vault: scopeRef(vault), role: roleRef(w.role), scope: scopeRef(w.scope), by: byOf(w), state: w.grant.state,
      meant: meant.length === 0 ? null : w.chain.some((t) => meant.includes(t.key)), dormant: person?.accounts[0]?.active === false ? "Account disabled" : null,
    }];
  }));
  const order = (r: RestoreRow) => (r.meant === false ? 0 : 1) * 10 + ["active", "conditional", "eligible", "denied", "notFollowed"].indexOf(r.state);
  rows.sort((a, b) => order(a) - order(b));
  const guard = world.scopes.get("guard-prod");
  const guardians = holdings(ways(world).filter((w) => guard !== undefined && above(world, guard).includes(w.scope) && ["Owner", "Contributor"].includes(w.role.name)));
  const breaches = guardians.slice(0, 4).flatMap(([g]) => {
    const onVault = able.find(([w]) => w?.person === g?.person)?.[0];
    const vault = vaults[0];
    return g && guard && vault && onVault ? [{ identity: personRef(world, g.person), vault: scopeRef(vault), guard: scopeRef(guard), backup: `${onVault.role.name}, ${byOf(onVault)}`, onGuard: `${g.role.name}, ${byOf(g)}` }] : [];
  });
  const can = (vaultKey: string, states: string[]) => new Set(rows.filter((r) => r.vault.key === vaultKey && states.includes(r.state)).map((r) => r.identity.key)).size;
  return {
    vaults: vaults.map((vault, n) => ({ vault: scopeRef(vault), guarded: [true, false, null][n] ?? null, guard: n === 0 && guard ? scopeRef(guard) : null, active: can(scopeRef(vault).key, ["active"]), potential: can(scopeRef(vault).key, ["eligible", "conditional"]), caveats: n === 2 ? ["Its multi-user authorization could not be read (needs Microsoft.DataProtection/backupVaults/backupResourceGuardProxies/read)."] : [] })),
    rows: rows.slice(offset, offset + limit), total: rows.length, breaches,
    meant: [...world.teams.values()].filter((t) => meant.includes(t.key)).map(teamRef),
    unknown: [{ id: "b4f0a1c2-77de-4a0e-9d4c-0a1b2c3d4e5f", source: TENANT, what: "deleted, in the recycle bin until 3 Dec", holds: "Backup Contributor on vault-dr", edge: `assignment:${TENANT}:gone-1` }],
    caveats: ACCESS_CAVEATS.slice(0, 1), generation, tookUs: 900,
  };
}

interface Context {
  people: FakePerson[];
  groups: FakeGroup[];
  generation: number;
  settings: Map<string, string>;
}

/** The handlers, over whatever company stands at the time. */
export function accessHandlers(now: () => Context): Record<string, (args: Record<string, unknown>) => unknown> {
  const world = () => worldOf(now().people, now().groups);
  const meant = () => (now().settings.get("restoreGroups") ?? "").split("\n").filter(Boolean);
  const personAt = (key: unknown) => {
    const at = world().people.findIndex((p) => `person:${p.key}` === key || p.accounts.some((a) => `person:${a.source}.${a.id}` === key));
    if (at < 0) throw missing(`person “${String(key)}”`);
    return at;
  };
  return {
    access_flow: (a) => flow(world(), a["query"] as MapQuery, now().generation),
    access_matrix: (a) => matrix(world(), a["query"] as MapQuery, a["window"] as MatrixWindow, now().generation),
    access_cell: (a) => cell(world(), a["query"] as MapQuery, String(a["group"]), String(a["role"])),
    access_table: (a) => {
      const rows = rowsOf(world(), a["query"] as MapQuery);
      const offset = a["offset"] as number;
      return {
        rows: rows.slice(offset, offset + (a["limit"] as number)).map((w): AccessRow => ({ identity: personRef(world(), w.person), via: w.chain.map(teamRef), role: roleRef(w.role), scope: scopeRef(w.scope), state: w.grant.state, privileged: w.role.privileged, canRestore: w.role.canRestore })),
        offset, total: rows.length, caveats: ACCESS_CAVEATS, generation: now().generation, tookUs: 600,
      };
    },
    access_of: (a) => {
      const at = personAt(a["identity"]);
      const held = holdings(ways(world()).filter((w) => w.person === at)).sort((x, y) => Number(y[0]?.role.privileged) - Number(x[0]?.role.privileged));
      return {
        identity: personRef(world(), at), caveats: ACCESS_CAVEATS, generation: now().generation, tookUs: 90,
        holdings: held.flatMap((h) => { const [w] = h; return w ? [{ role: roleRef(w.role), scope: scopeRef(w.scope), state: best(h.map((x) => x.grant.state)), privileged: w.role.privileged, canRestore: w.role.canRestore, paths: h.length, morePaths: false, by: byOf(w), reasons: w.grant.reason === null ? [] : [w.grant.reason] }] : []; }),
      };
    },
    why_access: (a) => {
      const at = personAt(a["identity"]);
      const to = [...world().scopes.values()].find((s) => s.key === a["scope"]);
      const list = ways(world()).filter((w) => w.person === at && w.role.key === a["role"] && (!to || above(world(), to).includes(w.scope))).sort((x, y) => x.chain.length - y.chain.length);
      const [first] = list;
      if (!first) throw missing("such holding");
      return { identity: personRef(world(), at), role: roleRef(first.role), scope: to ? scopeRef(to) : null, paths: list.map((w) => pathOf(world(), w, to ?? w.scope)), morePaths: false, caveats: ACCESS_CAVEATS, generation: now().generation, tookUs: 120 };
    },
    without_edge: (a) => without(world(), String(a["edge"]), now().generation),
    who_can_restore: (a) => restore(world(), meant(), a["offset"] as number, a["limit"] as number, now().generation),
    restore_groups: () => [...world().teams.values()].filter((t) => meant().includes(t.key)).map(teamRef),
    set_restore_groups: (a) => { now().settings.set("restoreGroups", (a["keys"] as string[]).join("\n")); return null; },
    export_map: (a) => ({ path: a["path"], rows: rowsOf(world(), a["query"] as MapQuery).length, bytes: 48_210 }),
    save_export: (a) => ({ path: a["path"], rows: 0, bytes: Math.floor((String(a["data"]).length * 3) / 4) }),
  };
}
