/** Where boxes and ribbons stand. Pure: the same view in the same room gives the same drawing. */
import type { AccessState, FlowNode, FlowView, Layer, Ribbon } from "../../../ipc";

export interface Box {
  node: FlowNode;
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Band {
  id: string;
  ribbon: Ribbon;
  /** The outline of the band, or the line to be stroked where groups are nested. */
  outline: string;
  /** The line through its middle. */
  line: string;
  nested: boolean;
  width: number;
  ends: [[number, number], [number, number]];
  middle: [number, number];
  /** Which step of the followed path it is; null where it is none. */
  step: number | null;
  /** Whether it lies on the followed path at all. */
  followed: boolean;
}

export interface ColumnPlace {
  layer: Layer;
  x: number;
  w: number;
  total: number;
}

export interface FlowLayout {
  width: number;
  height: number;
  columns: ColumnPlace[];
  boxes: Box[];
  bands: Band[];
  byId: ReadonlyMap<string, Box>;
}

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

const ribbonId = (r: Ribbon) => `${r.from}→${r.to}`;
const curve = (x1: number, y1: number, x2: number, y2: number) => {
  const mid = (x1 + x2) / 2;
  return `C${mid} ${r1(y1)} ${mid} ${r1(y2)} ${x2} ${r1(y2)}`;
};
const r1 = (n: number) => Math.round(n * 10) / 10;

export interface Followed {
  /** Steps by ribbon ("from→to"); 0 where it is on the path without a number of its own. */
  steps: ReadonlyMap<string, number>;
}

export function layoutFlow(view: FlowView, room: { width: number; height: number }, followed: Followed): FlowLayout {
  const large = isLarge(room.width, room.height);
  const sized = WIDTHS[large ? "large" : "medium"];
  // A linked group of four systems says four figures.
  const most = Math.max(0, ...view.nodes.map((node) => node.counts.length));
  const widths = { ...sized, groups: sized.groups + Math.max(0, most - 3) * FOURTH };
  const inner = LAYERS.reduce((sum, l) => sum + widths[l], 0);
  const gap = Math.min(WIDEST_GAP, (Math.max(room.width, NARROWEST) - 2 * EDGE - inner) / 3);
  const width = inner + 2 * EDGE + 3 * gap;

  const columns: ColumnPlace[] = [];
  let x = EDGE;
  for (const layer of LAYERS) {
    columns.push({ layer, x, w: widths[layer], total: view.columns.find((c) => c.layer === layer)?.total ?? 0 });
    x += widths[layer] + gap;
  }

  const inLayer = new Map<Layer, FlowNode[]>(LAYERS.map((l) => [l, view.nodes.filter((n) => n.layer === l).sort((a, b) => a.place - b.place)]));
  const seat = new Map<string, { layer: Layer; index: number }>();
  for (const [layer, nodes] of inLayer) nodes.forEach((n, index) => seat.set(n.id, { layer, index }));
  const ribbons = view.ribbons.filter((r) => r.from !== r.to && seat.has(r.from) && seat.has(r.to));
  const isNested = (r: Ribbon) => seat.get(r.from)?.layer === seat.get(r.to)?.layer;

  // Neighbours in a column with a nesting that is followed stand further apart, so that its words fit between.
  const apart = new Set<string>();
  for (const r of ribbons) {
    const [a, b] = [seat.get(r.from), seat.get(r.to)];
    if (a && b && a.layer === b.layer && Math.abs(a.index - b.index) === 1 && followed.steps.has(ribbonId(r))) apart.add(`${a.layer}${Math.max(a.index, b.index)}`);
  }
  const heights = new Map<Layer, number[]>();
  const stepsOf = new Map<Layer, number[]>();
  let height = room.height;
  for (const [layer, nodes] of inLayer) {
    const h = nodes.map((n) => boxHeight(n, large));
    const steps = h.map((_, n) => (n === 0 ? 0 : (h[n - 1] ?? 0) + (apart.has(`${layer}${n}`) ? NESTING : GAP) + (nodes[n - 1]?.cluster ? 5 : 0)));
    heights.set(layer, h);
    stepsOf.set(layer, steps);
    height = Math.max(height, TOP + steps.reduce((a, b) => a + b, 0) + (h.at(-1) ?? 0) + BOTTOM);
  }

  // Start evenly spread, then let boxes move towards what they are tied to, to and fro.
  const tops = new Map<Layer, number[]>();
  const spread = new Map<Layer, number[]>();
  for (const [layer, nodes] of inLayer) {
    const steps = stepsOf.get(layer) ?? [];
    const need = steps.reduce((a, b) => a + b, 0) + (heights.get(layer)?.at(-1) ?? 0);
    const extra = nodes.length < 2 ? 0 : Math.min(96, (height - TOP - BOTTOM - need) / (nodes.length - 1));
    let y = TOP;
    const even = nodes.map((_, n) => {
      if (n > 0) y += (steps[n] ?? 0) + Math.max(0, extra);
      return y;
    });
    spread.set(layer, even);
    tops.set(layer, even);
  }
  const tied = new Map<string, { other: string; weight: number }[]>();
  const focused = view.nodes.some((n) => n.focus);
  for (const r of ribbons) {
    if (isNested(r)) continue;
    const weight = Math.sqrt(Math.max(1, r.people)) * (focused && r.onPath ? 6 : 1);
    for (const [me, other] of [[r.from, r.to], [r.to, r.from]] as const) {
      const known = tied.get(me);
      if (known) known.push({ other, weight });
      else tied.set(me, [{ other, weight }]);
    }
  }
  const middleOf = (id: string) => {
    const s = seat.get(id);
    return s ? (tops.get(s.layer)?.[s.index] ?? 0) + (heights.get(s.layer)?.[s.index] ?? 0) / 2 : 0;
  };
  for (const layer of ["groups", "roles", "scopes", "roles", "groups", "people", "groups", "roles", "scopes"] as const) {
    const nodes = inLayer.get(layer) ?? [];
    const even = spread.get(layer) ?? [];
    const wishes = nodes.map((node, n) => {
      const ties = tied.get(node.id) ?? [];
      const all = ties.reduce((sum, t) => sum + t.weight, 0);
      const own = even[n] ?? TOP;
      if (all === 0 || node.id.startsWith("more:")) return own;
      const drawn = ties.reduce((sum, t) => sum + middleOf(t.other) * t.weight, 0) / all - (heights.get(layer)?.[n] ?? 0) / 2;
      return own * 0.45 + drawn * 0.55;
    });
    const last = heights.get(layer)?.at(-1) ?? 0;
    tops.set(layer, arrange(wishes, stepsOf.get(layer) ?? [], TOP, height - BOTTOM - last));
  }

  const boxes: Box[] = [];
  for (const column of columns) {
    (inLayer.get(column.layer) ?? []).forEach((node, n) => boxes.push({ node, x: column.x, y: Math.round(tops.get(column.layer)?.[n] ?? 0), w: column.w, h: heights.get(column.layer)?.[n] ?? 0 }));
  }
  const byId = new Map(boxes.map((b) => [b.node.id, b]));
  return { width, height, columns, boxes, byId, bands: layBands(ribbons, byId, seat, followed) };
}

/** √people wide, as long as the box that it leaves or enters has room for all its ribbons. */
export const ribbonWidth = (people: number) => Math.max(2, Math.min(28, 1.5 * Math.sqrt(people)));

function layBands(ribbons: readonly Ribbon[], byId: ReadonlyMap<string, Box>, seat: ReadonlyMap<string, { layer: Layer; index: number }>, followed: Followed): Band[] {
  const sides = new Map<string, { ribbon: Ribbon; other: number }[]>();
  const put = (key: string, ribbon: Ribbon, other: Box | undefined) => {
    const at = other ? other.y + other.h / 2 : 0;
    const list = sides.get(key);
    if (list) list.push({ ribbon, other: at });
    else sides.set(key, [{ ribbon, other: at }]);
  };
  const across = ribbons.filter((r) => seat.get(r.from)?.layer !== seat.get(r.to)?.layer);
  for (const r of across) {
    put(`out ${r.from}`, r, byId.get(r.to));
    put(`in ${r.to}`, r, byId.get(r.from));
  }
  const SPACE = 2.5;
  const squeeze = new Map<string, number>();
  for (const [key, list] of sides) {
    const box = byId.get(key.slice(key.indexOf(" ") + 1));
    const total = list.reduce((sum, s) => sum + ribbonWidth(s.ribbon.people) + SPACE, -SPACE);
    squeeze.set(key, Math.min(1, Math.max(4, (box?.h ?? 0) - 10) / total));
  }
  const widthOf = (r: Ribbon) => Math.max(0.6, ribbonWidth(r.people) * Math.min(squeeze.get(`out ${r.from}`) ?? 1, squeeze.get(`in ${r.to}`) ?? 1));
  const port = new Map<string, number>();
  for (const [key, list] of sides) {
    const box = byId.get(key.slice(key.indexOf(" ") + 1));
    if (!box) continue;
    list.sort((a, b) => a.other - b.other || (a.ribbon.from + a.ribbon.to < b.ribbon.from + b.ribbon.to ? -1 : 1));
    const space = SPACE * (squeeze.get(key) ?? 1);
    let y = box.y + box.h / 2 - list.reduce((sum, s) => sum + widthOf(s.ribbon) + space, -space) / 2;
    for (const { ribbon } of list) {
      const w = widthOf(ribbon);
      port.set(`${key.slice(0, 3)}${ribbonId(ribbon)}`, y + w / 2);
      y += w + space;
    }
  }

  let lanes = 0;
  return ribbons.flatMap((ribbon): Band[] => {
    const [a, b] = [byId.get(ribbon.from), byId.get(ribbon.to)];
    const [sa, sb] = [seat.get(ribbon.from), seat.get(ribbon.to)];
    if (!a || !b || !sa || !sb) return [];
    const id = ribbonId(ribbon);
    const number = followed.steps.get(id);
    const common = { id, ribbon, step: number === undefined || number === 0 ? null : number, followed: number !== undefined };
    if (sa.layer !== sb.layer) {
      const w = widthOf(ribbon);
      const [x1, x2] = sa.layer === sb.layer || a.x < b.x ? [a.x + a.w, b.x] : [a.x, b.x + b.w];
      const y1 = port.get(`out${id}`) ?? a.y + a.h / 2;
      const y2 = port.get(`in ${id}`) ?? b.y + b.h / 2;
      const half = w / 2;
      return [{
        ...common, nested: false, width: w,
        outline: `M${x1} ${r1(y1 - half)}${curve(x1, y1 - half, x2, y2 - half)}V${r1(y2 + half)}${curve(x2, y2 + half, x1, y1 + half)}Z`,
        line: `M${x1} ${r1(y1)}${curve(x1, y1, x2, y2)}`, ends: [[x1, y1], [x2, y2]], middle: [(x1 + x2) / 2, (y1 + y2) / 2],
      }];
    }
    const w = Math.min(14, ribbonWidth(ribbon.people));
    if (Math.abs(sa.index - sb.index) === 1) {
      const x = a.x + 30;
      const [y1, y2] = a.y < b.y ? [a.y + a.h, b.y] : [a.y, b.y + b.h];
      return [{ ...common, nested: true, width: w, outline: `M${x} ${y1}V${y2}`, line: `M${x} ${y1}V${y2}`, ends: [[x, y1], [x, y2]], middle: [x, (y1 + y2) / 2] }];
    }
    // Over others: around the column's left side, each in a lane of its own.
    lanes += 1;
    const reach = 20 + (lanes % 4) * 9;
    const [y1, y2] = [a.y + a.h - 9, b.y + 9];
    const line = `M${a.x} ${y1}C${a.x - reach} ${y1} ${a.x - reach} ${y2} ${b.x} ${y2}`;
    return [{ ...common, nested: true, width: Math.min(8, w), outline: line, line, ends: [[a.x, y1], [b.x, y2]], middle: [a.x - reach * 0.75, (y1 + y2) / 2] }];
  });
}

/** How a state is drawn: the pattern of its line. */
export const DASH: Record<AccessState, string | null> = { active: null, eligible: "1 5", conditional: "7 4", denied: "2 3 8 3", notFollowed: "1 8" };
