/** Where boxes stand, and with them the ribbons. Pure: the same view in the same room gives the same drawing. */
import type { FlowNode, FlowView, Layer, Ribbon } from "../../../ipc";
import { layBands, ribbonId } from "./bands";
import type { Box, ColumnPlace, FlowLayout, Followed, Seat } from "./places";

export const LAYERS: readonly Layer[] = ["people", "groups", "roles", "scopes"];
/** Under this width the columns no longer fit, and the canvas scrolls. */
const NARROWEST = 860;
const EDGE = 20;
export const TOP = 44;
const BOTTOM = 58;
const GAP = 14;
/** Room for the words beside a nesting on the followed path. */
const NESTING = 84;
const WIDEST_GAP = 300;

/** Room for each system beyond the third in a linked group's box. */
const FOURTH = 40;

const WIDTHS: Record<"medium" | "large", Record<Layer, number>> = {
  medium: { people: 156, groups: 164, roles: 158, scopes: 146 },
  large: { people: 196, groups: 232, roles: 212, scopes: 200 },
};

export const isLarge = (width: number, height: number) => width >= 1180 && height >= 760;

export function boxHeight(node: FlowNode, large: boolean): number {
  const more = large ? 6 : 0;
  if (node.layer === "people") return node.focus || node.cluster || node.sub !== "" ? 46 + more : 30 + (large ? 2 : 0);
  return 48 + more;
}

/**
 * Puts a column's boxes as near to their wishes as their order and distances allow (isotonic regression by pooling), within top and bottom.
 * `wishes` are wished tops; `steps[i]` is how far box i must stand below box i − 1 at least.
 */
export function arrange(wishes: readonly number[], steps: readonly number[], top: number, bottom: number): number[] {
  const sums: number[] = [];
  let sum = 0;
  wishes.forEach((_, n) => {
    if (n > 0) sum += steps[n] ?? 0;
    sums.push(sum);
  });
  const pools: { total: number; size: number }[] = [];
  wishes.forEach((wish, n) => {
    pools.push({ total: wish - (sums[n] ?? 0), size: 1 });
    for (;;) {
      const last = pools.at(-1);
      const before = pools.at(-2);
      if (!last || !before || before.total / before.size <= last.total / last.size) break;
      pools.splice(-2, 2, { total: before.total + last.total, size: before.size + last.size });
    }
  });
  const highest = bottom - sum;
  const out: number[] = [];
  for (const pool of pools) {
    const level = Math.max(top, Math.min(highest, pool.total / pool.size));
    for (let n = 0; n < pool.size; n += 1) out.push(level + (sums[out.length] ?? 0));
  }
  return out;
}

/** A column with its boxes from above to below, while it is being laid out. */
interface Column extends ColumnPlace {
  nodes: readonly FlowNode[];
  heights: number[];
  /** How far each box stands below the one before it, at least. */
  steps: number[];
  /** Where the boxes would stand, evenly spread. */
  even: number[];
  tops: number[];
}

/** What a box is tied to, and how strongly. */
interface Tie {
  column: Column;
  index: number;
  weight: number;
}

const ROUNDS: readonly Layer[] = ["groups", "roles", "scopes", "roles", "groups", "people", "groups", "roles", "scopes"];

export function layoutFlow(view: FlowView, room: { width: number; height: number }, followed: Followed): FlowLayout {
  const large = isLarge(room.width, room.height);
  const columns = columnsOf(view, room, large);
  const seats = new Map<string, Seat>();
  for (const { layer, nodes } of columns) nodes.forEach((n, index) => seats.set(n.id, { layer, index }));
  const ties: { ribbon: Ribbon; from: Seat; to: Seat }[] = [];
  for (const ribbon of view.ribbons) {
    const [from, to] = [seats.get(ribbon.from), seats.get(ribbon.to)];
    if (from && to && from !== to) ties.push({ ribbon, from, to });
  }

  // Neighbours in a column with a nesting that is followed stand further apart, so that its words fit between.
  const apart = new Set<string>();
  for (const { ribbon, from, to } of ties) {
    if (from.layer === to.layer && Math.abs(from.index - to.index) === 1 && followed.steps.has(ribbonId(ribbon))) apart.add(`${from.layer}${Math.max(from.index, to.index)}`);
  }
  let height = room.height;
  for (const column of columns) {
    const { layer, nodes } = column;
    const heights = (column.heights = nodes.map((n) => boxHeight(n, large)));
    column.steps = heights.map((_, n) => (n === 0 ? 0 : (heights[n - 1] ?? 0) + (apart.has(`${layer}${n}`) ? NESTING : GAP) + (nodes[n - 1]?.cluster ? 5 : 0)));
    height = Math.max(height, TOP + needed(column) + BOTTOM);
  }

  // Start evenly spread, then let boxes move towards what they are tied to, to and fro.
  for (const column of columns) {
    const { nodes, steps } = column;
    const extra = nodes.length < 2 ? 0 : Math.min(96, (height - TOP - BOTTOM - needed(column)) / (nodes.length - 1));
    let y = TOP;
    column.even = nodes.map((_, n) => {
      if (n > 0) y += (steps[n] ?? 0) + Math.max(0, extra);
      return y;
    });
    column.tops = column.even;
  }
  const columnOf = new Map(columns.map((c) => [c.layer, c]));
  const tied = new Map<Seat, Tie[]>();
  const focused = view.nodes.some((n) => n.focus);
  for (const { ribbon, from, to } of ties) {
    if (from.layer === to.layer) continue;
    const weight = Math.sqrt(Math.max(1, ribbon.people)) * (focused && ribbon.onPath ? 6 : 1);
    for (const [me, other] of [[from, to], [to, from]] as const) {
      const column = columnOf.get(other.layer);
      if (!column) continue;
      const tie = { column, index: other.index, weight };
      const known = tied.get(me);
      if (known) known.push(tie);
      else tied.set(me, [tie]);
    }
  }
  for (const layer of ROUNDS) {
    const column = columnOf.get(layer);
    if (!column) continue;
    const wishes = column.nodes.map((node, n) => {
      const own = column.even[n] ?? TOP;
      const seat = seats.get(node.id);
      const all = seat && tied.get(seat);
      if (!all || node.id.startsWith("more:")) return own;
      let [weights, middles] = [0, 0];
      for (const { column: other, index, weight } of all) {
        weights += weight;
        middles += ((other.tops[index] ?? 0) + (other.heights[index] ?? 0) / 2) * weight;
      }
      return own * 0.45 + (middles / weights - (column.heights[n] ?? 0) / 2) * 0.55;
    });
    column.tops = arrange(wishes, column.steps, TOP, height - BOTTOM - (column.heights.at(-1) ?? 0));
  }

  const boxes = columns.flatMap(({ nodes, x, w, tops, heights }) => nodes.map((node, n): Box => ({ node, x, y: Math.round(tops[n] ?? 0), w, h: heights[n] ?? 0 })));
  const byId = new Map(boxes.map((b) => [b.node.id, b]));
  const last = columns.at(-1);
  return { width: last ? last.x + last.w + EDGE : 0, height, columns: columns.map(({ layer, x, w, total }) => ({ layer, x, w, total })), boxes, byId, bands: layBands(ties, byId, followed) };
}

/** The least height of a column's boxes. */
const needed = ({ steps, heights }: Column) => steps.reduce((a, b) => a + b, 0) + (heights.at(-1) ?? 0);

/** The columns where they stand, each with its boxes in the engine's order. */
function columnsOf(view: FlowView, room: { width: number }, large: boolean): Column[] {
  const sized = WIDTHS[large ? "large" : "medium"];
  // A linked group of four systems says four figures.
  const most = Math.max(0, ...view.nodes.map((node) => node.counts.length));
  const widths = { ...sized, groups: sized.groups + Math.max(0, most - 3) * FOURTH };
  const inner = LAYERS.reduce((sum, l) => sum + widths[l], 0);
  const gap = Math.min(WIDEST_GAP, (Math.max(room.width, NARROWEST) - 2 * EDGE - inner) / 3);
  let x = EDGE;
  return LAYERS.map((layer) => {
    const column = {
      layer, x, w: widths[layer], total: view.columns.find((c) => c.layer === layer)?.total ?? 0,
      nodes: view.nodes.filter((n) => n.layer === layer).sort((a, b) => a.place - b.place), heights: [], steps: [], even: [], tops: [],
    };
    x += widths[layer] + gap;
    return column;
  });
}
