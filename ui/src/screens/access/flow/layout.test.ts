import { describe, expect, it } from "vitest";
import { invoke } from "../../../ipc/fake/transport";
import type { FlowNode, FlowView, Ribbon } from "../../../ipc";
import { EMPTY_QUERY } from "../mapAddress";
import { ribbonWidth } from "./bands";
import { arrange, layoutFlow } from "./layout";
import { alike } from "./Ribbons";
import { neighbour } from "./moves";
import { stepsOf } from "./steps";

const ROOM = { width: 900, height: 640 };
const NO_STEPS = { steps: new Map<string, number>() };
const node = (id: string, layer: FlowNode["layer"], place: number, over: Partial<FlowNode> = {}): FlowNode => ({ id, layer, cluster: false, label: id, sub: "", system: null, people: 1, counts: [], onPath: true, focus: false, canRestore: false, notEvaluated: false, place, ...over });
const ribbon = (from: string, to: string, over: Partial<Ribbon> = {}): Ribbon => ({ from, to, people: 4, state: "active", system: "azure", onPath: true, step: null, edge: null, ...over });
const view = (nodes: FlowNode[], ribbons: Ribbon[]): FlowView => ({ columns: [], nodes, ribbons, paths: [], title: "", caveats: [], generation: 1, tookUs: 1 });

describe("a column", () => {
  it("keeps wishes that do not collide", () => expect(arrange([10, 100, 300], [0, 50, 50], 0, 500)).toEqual([10, 100, 300]));
  it("shares what collides evenly, and keeps its order", () => expect(arrange([100, 100, 100], [0, 40, 40], 0, 500)).toEqual([60, 100, 140]));
  it("stays within its bounds", () => {
    const tops = arrange([900, -50, 900], [0, 40, 40], 44, 300);
    expect(Math.min(...tops)).toBeGreaterThanOrEqual(44);
    expect(Math.max(...tops)).toBeLessThanOrEqual(300);
    expect(tops[1]).toBeGreaterThanOrEqual((tops[0] ?? 0) + 40);
    expect(tops[2]).toBeGreaterThanOrEqual((tops[1] ?? 0) + 40);
  });
});

describe("the flow's layout", () => {
  it("never lets boxes of a column overlap, and keeps the engine's order, at 480 boxes", () => {
    const layers = ["people", "groups", "roles", "scopes"] as const;
    const nodes = layers.flatMap((layer) => Array.from({ length: 120 }, (_, n) => node(`${layer}${n}`, layer, 119 - n)));
    const ribbons = Array.from({ length: 900 }, (_, n) => { const at = n % 3; return ribbon(`${layers[at] ?? ""}${(n * 7) % 120}`, `${layers[at + 1] ?? ""}${(n * 13) % 120}`, { people: (n * n) % 900 }); });
    const started = performance.now();
    const layout = layoutFlow(view(nodes, ribbons), ROOM, NO_STEPS);
    expect(performance.now() - started).toBeLessThan(400);
    for (const layer of layers) {
      const column = layout.boxes.filter((b) => b.node.layer === layer);
      expect(column.map((b) => b.node.place)).toEqual(column.map((_, n) => n));
      column.slice(1).forEach((b, n) => expect(b.y).toBeGreaterThanOrEqual((column[n]?.y ?? 0) + (column[n]?.h ?? 0) + 10));
      expect((column.at(-1)?.y ?? 0) + 50).toBeLessThan(layout.height);
    }
  });

  it("makes ribbons as wide as the root of their people, and no wider together than their box", () => {
    expect(ribbonWidth(144) / ribbonWidth(36)).toBeCloseTo(2);
    const nodes = [node("p", "people", 0), ...Array.from({ length: 30 }, (_, n) => node(`g${n}`, "groups", n))];
    const layout = layoutFlow(view(nodes, Array.from({ length: 30 }, (_, n) => ribbon("p", `g${n}`, { people: 400 }))), ROOM, NO_STEPS);
    const box = layout.byId.get("p");
    const starts = layout.bands.map((b) => b.ends[0][1]);
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(box?.y ?? 0);
    expect(Math.max(...starts)).toBeLessThanOrEqual((box?.y ?? 0) + (box?.h ?? 0));
  });

  it("starts ribbons in the order of where they go, so that they cross no more than they must", () => {
    const layout = layoutFlow(view([node("p", "people", 0), node("a", "groups", 0), node("b", "groups", 1)], [ribbon("p", "b"), ribbon("p", "a")]), ROOM, NO_STEPS);
    const start = (to: string) => layout.bands.find((b) => b.ribbon.to === to)?.ends[0][1] ?? 0;
    expect(start("a")).toBeLessThan(start("b"));
  });

  it("draws a nesting within the column, with room for its words where it is followed", () => {
    const nodes = [node("a", "groups", 0), node("b", "groups", 1), node("c", "groups", 2)];
    const steps = new Map([["a→b", 2]]);
    const layout = layoutFlow(view(nodes, [ribbon("a", "b"), ribbon("a", "c")]), ROOM, { steps });
    const [near, far] = layout.bands;
    expect(near).toMatchObject({ nested: true, step: 2, followed: true });
    expect(Math.abs((near?.ends[1][1] ?? 0) - (near?.ends[0][1] ?? 0))).toBeGreaterThan(70);
    expect(far?.nested).toBe(true);
    expect(far?.middle[0]).toBeLessThan(layout.byId.get("a")?.x ?? 0);
  });

  it("leaves out ribbons whose boxes are not there, and does not break on an empty view", () => {
    expect(layoutFlow(view([node("a", "groups", 0)], [ribbon("a", "ghost"), ribbon("a", "a")]), ROOM, NO_STEPS).bands).toEqual([]);
    expect(layoutFlow(view([], []), ROOM, NO_STEPS).boxes).toEqual([]);
  });
});

const olena = async (): Promise<FlowView> => {
  const rows = (await invoke("people", { query: { search: "Олена Шевченко", filter: null, source: null, facet: "everyone", sort: "name", descending: false, offset: 0, limit: 1 } })) as { rows: { key: string }[] };
  return (await invoke("access_flow", { query: { ...EMPTY_QUERY, canRestore: true, focus: `person:${rows.rows[0]?.key ?? ""}`, target: "scope:5:vault-prod" } })) as FlowView;
};

describe("steps on the map", () => {
  it("are the numbers of the panel's hops, for every path", async () => {
    const flow = await olena();
    const nested = flow.paths.find((p) => p.title === "By nesting");
    const direct = flow.paths.find((p) => p.title === "Direct");
    const name = (id: string) => flow.nodes.find((n) => n.id === id)?.label;
    const said = (path: typeof nested) => [...stepsOf(flow, path, false)].map(([id, step]) => `${step} ${id.split("→").map(name).join(" > ")}`);
    expect(said(nested)).toEqual(["1 Олена Шевченко > payments-sre", "2 payments-sre > backup-operators", "3 backup-operators > Backup Operator", "4 Backup Operator > vault-prod"]);
    expect(said(direct)).toEqual(["1 Олена Шевченко > No group", "0 No group > Backup Operator", "2 Backup Operator > vault-prod"]);
  });
});

describe("arrow keys", () => {
  it("move within the column and along what is followed", async () => {
    const flow = await olena();
    const nested = flow.paths.find((p) => p.title === "By nesting");
    const layout = layoutFlow(flow, ROOM, { steps: stepsOf(flow, nested, false) });
    const id = (label: string) => flow.nodes.find((n) => n.label === label)?.id ?? "";
    expect(neighbour(layout, id("Олена Шевченко"), "ArrowRight")).toBe(id("payments-sre"));
    expect(neighbour(layout, id("backup-operators"), "ArrowRight")).toBe(id("Backup Operator"));
    expect(neighbour(layout, id("vault-prod"), "ArrowRight")).toBeNull();
    const people = flow.nodes.filter((n) => n.layer === "people").sort((a, b) => a.place - b.place);
    expect(neighbour(layout, people[0]?.id ?? "", "ArrowDown")).toBe(people[1]?.id);
    expect(neighbour(layout, people[0]?.id ?? "", "x")).toBeUndefined();
  });
});

describe("what looks the same", () => {
  it("is drawn as one shape, each part once, and what looks different apart", () => {
    const nodes = [node("p1", "people", 0), node("p2", "people", 1), node("g1", "groups", 0), node("g2", "groups", 1)];
    const ribbons = [ribbon("p1", "g1", { state: "active" }), ribbon("p1", "g2", { state: "eligible" }), ribbon("p2", "g1", { state: "active" })];
    const { bands } = layoutFlow(view(nodes, ribbons), ROOM, NO_STEPS);
    const shapes = alike(bands, (b) => ({ className: b.ribbon.state, width: undefined, dash: undefined }), (b) => b.outline);
    expect(shapes.map((s) => s.className)).toEqual(["active", "eligible"]);
    expect(shapes[0]?.d).toBe(`${bands[0]?.outline ?? ""}${bands[2]?.outline ?? ""}`);
    expect(shapes[1]?.d).toBe(bands[1]?.outline);
  });
});
