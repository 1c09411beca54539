/** The flow of the synthetic company: a few boxes by name, the rest in stacks that open. */
import type { FlowNode } from "../types/FlowNode";
import type { FlowView } from "../types/FlowView";
import type { Layer } from "../types/Layer";
import type { MapQuery } from "../types/MapQuery";
import type { Ribbon } from "../types/Ribbon";
import { ACCESS_CAVEATS, best, counts, edgesOf, fold, matching, pathOf, personKey, shortest, teamRef, through, type Way } from "./accessWays";
import type { AccessWorld } from "./accessWorld";

const SHOWN: Record<Layer, number> = { people: 3, groups: 7, roles: 7, scopes: 6 };
const OPENED = 120;

export function flow(world: AccessWorld, query: MapQuery, generation: number): FlowView {
  const all = matching(world, query);
  const onPath = query.focus === null ? all : all.filter((w) => through(world, w, query.focus ?? ""));
  const target = [...world.scopes.values()].find((s) => s.key === query.target);
  const between = query.focus === null || query.target === null ? [] : onPath.filter((w) => through(world, w, query.target ?? "")).sort(shortest);

  // Which nodes stand by themselves: focus, target, what lies on the focus's paths, then the largest.
  const weigh = (of: (w: Way) => string[]) => {
    const weight = new Map<string, Set<number>>();
    for (const w of all) for (const key of of(w)) weight.set(key, (weight.get(key) ?? new Set()).add(w.person));
    return new Map([...weight].sort((a, b) => b[1].size - a[1].size));
  };
  const weights: Record<Layer, Map<string, Set<number>>> = {
    people: weigh((w) => [personKey(world, w.person)]), groups: weigh((w) => w.chain.map((t) => t.key)), roles: weigh((w) => [w.role.key]), scopes: weigh((w) => [w.scope.key, ...(target && through(world, w, target.key) ? [target.key] : [])]),
  };
  const keep = new Set<string>([query.focus ?? "", query.target ?? ""]);
  if (query.search !== "") for (const [n, p] of world.people.entries()) if (fold(p.name).includes(fold(query.search))) keep.add(personKey(world, n));
  if (query.focus !== null) {
    for (const w of onPath.slice(0, 4_000)) {
      if (!query.focus.startsWith("person:") && onPath.length > 300) break;
      for (const key of [...w.chain.map((t) => t.key), w.role.key, w.scope.key]) keep.add(key);
    }
  }
  const single = (layer: Layer) => {
    const keys = [...weights[layer].keys()];
    if (query.open.includes(`more:${layer}`)) return new Set(keys.slice(0, OPENED));
    const out = new Set(keys.filter((k) => keep.has(k)).slice(0, 24));
    for (const key of layer === "people" ? keys.filter((_, n) => n % 29 === 4) : keys) if (out.size < SHOWN[layer] + (layer === "people" ? 1 : 0)) out.add(key);
    return out;
  };
  const alone: Record<Layer, Set<string>> = { people: single("people"), groups: single("groups"), roles: single("roles"), scopes: single("scopes") };
  const boxOf = (layer: Layer, key: string) => (alone[layer].has(key) ? key : `more:${layer}`);
  const personBox = (n: number) => {
    const key = personKey(world, n);
    if (alone.people.has(key)) return key;
    const person = world.people[n];
    const cluster = person?.type === "service" ? "cluster:Non-human" : ["Payments", "Platform", "Finance", "Data"].includes(person?.department ?? "") ? `cluster:${person?.department ?? ""}` : "more:people";
    return query.open.includes(cluster) ? key : cluster;
  };

  const nodes = new Map<string, FlowNode>();
  const stacked = new Map<string, Set<string>>();
  const at = (layer: Layer, id: string, key: string, w: Way, make: () => Partial<FlowNode>) => {
    let node = nodes.get(id);
    if (!node) {
      node = { id, layer, cluster: id.startsWith("more:") || id.startsWith("cluster:"), label: "", sub: "", system: null, people: 0, counts: [], onPath: query.focus === null, focus: id === query.focus || id === query.target, canRestore: false, notEvaluated: false, place: 0, ...make() };
      nodes.set(id, node);
    }
    stacked.set(id, (stacked.get(id) ?? new Set()).add(key));
    people.set(id, (people.get(id) ?? new Set()).add(w.person));
  };
  const people = new Map<string, Set<number>>();
  const ribbons = new Map<string, { ribbon: Ribbon; who: Set<number>; states: Way["grant"]["state"][] }>();
  const tie = (from: string, to: string, w: Way, edge: string | null, system: Ribbon["system"], on: boolean, state = w.grant.state) => {
    if (from === to) return;
    const id = `${from}→${to}`;
    let known = ribbons.get(id);
    if (!known) {
      known = { ribbon: { from, to, people: 0, state, system, onPath: false, step: null, edge }, who: new Set(), states: [] };
      ribbons.set(id, known);
    }
    if (known.ribbon.edge !== edge) known.ribbon.edge = null;
    known.who.add(w.person);
    known.states.push(state);
    known.ribbon.onPath ||= on;
  };

  const isOn = new Set(onPath);
  for (const w of all) {
    const on = isOn.has(w);
    const edges = edgesOf(w);
    const who = personBox(w.person);
    const person = world.people[w.person];
    at("people", who, personKey(world, w.person), w, () => ({ label: who.startsWith("person:") ? (person?.name ?? "") : who.startsWith("cluster:") ? who.slice(8) : "Everyone else", sub: person?.type === "service" && who.startsWith("person:") ? "service account" : "" }));
    let from = who;
    if (w.chain.length === 0) {
      at("groups", "none", w.grant.id, w, () => ({ label: "No group" }));
      tie(who, "none", w, edges.at(-1) ?? null, w.role.system, on);
      from = "none";
    }
    w.chain.forEach((team, n) => {
      const box = boxOf("groups", team.key);
      at("groups", box, team.key, w, () => ({ label: box === team.key ? team.name : "", counts: box === team.key ? counts(world, team) : [], notEvaluated: box === team.key && [team.idp, team.portal, team.tenant].includes("unread") }));
      tie(from, box, w, edges[n] ?? null, n === 0 ? teamRef(team).system : "azure", on, "active");
      from = box;
    });
    const role = boxOf("roles", w.role.key);
    at("roles", role, w.role.key, w, () => (role === w.role.key ? { label: w.role.name, sub: w.role.canRestore ? "can restore" : w.role.sort, system: w.role.system, canRestore: w.role.canRestore } : {}));
    tie(from, role, w, edges.at(-1) ?? null, w.role.system, on);
    const scope = boxOf("scopes", w.scope.key);
    at("scopes", scope, w.scope.key, w, () => (scope === w.scope.key ? { label: w.scope.name, sub: w.scope.sort, system: w.scope.system } : {}));
    tie(role, scope, w, null, w.role.system, on);
    if (target && target !== w.scope && through(world, w, target.key)) {
      at("scopes", target.key, target.key, w, () => ({ label: target.name, sub: target.sort, system: target.system }));
      if (between.includes(w)) tie(role, target.key, w, null, w.role.system, on);
    }
    if (on) for (const id of [who, from, role, scope, ...w.chain.map((t) => boxOf("groups", t.key))]) { const node = nodes.get(id); if (node) node.onPath = true; }
  }

  const order: Record<Layer, FlowNode[]> = { people: [], groups: [], roles: [], scopes: [] };
  for (const node of nodes.values()) {
    node.people = people.get(node.id)?.size ?? 0;
    const size = stacked.get(node.id)?.size ?? 0;
    if (node.id.startsWith("more:")) Object.assign(node, node.layer === "people" ? { label: "Everyone else", sub: `${size} people` } : { label: `${size} more ${node.layer}`, sub: `${node.people} people, open` });
    else if (node.cluster) node.sub = node.label === "Non-human" ? `${size} accounts` : `${size} people`;
    else if (node.id === "none") node.sub = `${size} direct ${size === 1 ? "assignment" : "assignments"}`;
    else if (node.id === query.focus && node.layer === "people") node.sub = `${onPath.length} paths, ${new Set(onPath.flatMap((w) => w.chain)).size} groups`;
    else if (node.layer === "scopes" && /vault/.test(node.sub)) node.sub = `${new Set(all.filter((w) => w.role.canRestore && w.grant.state !== "denied" && through(world, w, node.id)).map((w) => w.person)).size} can restore`;
    if (node.id === query.target) node.onPath ||= between.length > 0;
    order[node.layer].push(node);
  }
  const rank = (node: FlowNode) => (node.id.startsWith("more:") ? 3 : node.id === "none" ? 2 : node.label === "Non-human" ? 1 : 0);
  for (const list of Object.values(order)) {
    list.sort((a, b) => rank(a) - rank(b) || (a.layer === "people" || a.layer === "groups" ? 0 : (b.system ?? "").localeCompare(a.system ?? "")));
    list.forEach((node, n) => { node.place = n; });
  }
  for (const known of ribbons.values()) Object.assign(known.ribbon, { people: known.who.size, state: best(known.states) });

  const paths = between.slice(0, 8).map((w) => pathOf(world, w, target ?? w.scope));
  paths[0]?.hops.forEach((hop, n) => {
    for (const { ribbon } of ribbons.values()) if (hop.edge !== null && ribbon.edge === hop.edge && (ribbon.from === hop.from.key || ribbon.to === hop.to.key)) ribbon.step = n + 1;
  });
  const focusName = nodes.get(query.focus ?? "")?.label;
  return {
    columns: (["people", "groups", "roles", "scopes"] as const).map((layer) => ({ layer, total: weights[layer].size })),
    nodes: Object.values(order).flat(),
    ribbons: [...ribbons.values()].map((r) => r.ribbon),
    paths,
    title: query.focus === null ? "Who can reach what, and through what?" : query.focus.startsWith("person:") ? `What can ${focusName ?? ""} reach, and through what?` : `Who reaches ${focusName ?? ""}, and through what?`,
    caveats: ACCESS_CAVEATS, generation, tookUs: 2_100,
  };
}
