/** How wide ribbons are, where they leave and enter their boxes, and their shapes. */
import type { AccessState, Ribbon } from "../../../ipc";
import type { Band, Box, Followed, Seat } from "./places";

/** What tells ribbons apart. */
export const ribbonId = (r: Ribbon) => `${r.from}→${r.to}`;
const curve = (x1: number, y1: number, x2: number, y2: number) => {
  const mid = (x1 + x2) / 2;
  return `C${mid} ${r1(y1)} ${mid} ${r1(y2)} ${x2} ${r1(y2)}`;
};
const r1 = (n: number) => Math.round(n * 10) / 10;

/** √people wide, as long as the box that it leaves or enters has room for all its ribbons. */
export const ribbonWidth = (people: number) => Math.max(2, Math.min(28, 1.5 * Math.sqrt(people)));

/** The ribbons at one side of a box, and how far they are squeezed to fit it. */
interface Side {
  box: Box;
  ends: { ribbon: Ribbon; other: number }[];
  squeeze: number;
}

/** Between ribbons at a box, unsqueezed. */
const SPACE = 2.5;

function sidesOf(ribbons: readonly Ribbon[], byId: ReadonlyMap<string, Box>, mine: (r: Ribbon) => string, others: (r: Ribbon) => string): Map<string, Side> {
  const sides = new Map<string, Side>();
  for (const ribbon of ribbons) {
    const box = byId.get(mine(ribbon));
    const other = byId.get(others(ribbon));
    if (!box || !other) continue;
    const side = sides.get(box.node.id);
    const end = { ribbon, other: other.y + other.h / 2 };
    if (side) side.ends.push(end);
    else sides.set(box.node.id, { box, ends: [end], squeeze: 1 });
  }
  for (const side of sides.values()) {
    const total = side.ends.reduce((sum, e) => sum + ribbonWidth(e.ribbon.people) + SPACE, -SPACE);
    side.squeeze = Math.min(1, Math.max(4, side.box.h - 10) / total);
    side.ends.sort((a, b) => a.other - b.other || (a.ribbon.from + a.ribbon.to < b.ribbon.from + b.ribbon.to ? -1 : 1));
  }
  return sides;
}

/** The height at which each ribbon meets its box. */
function portsOf(sides: ReadonlyMap<string, Side>, widthOf: (r: Ribbon) => number): Map<Ribbon, number> {
  const ports = new Map<Ribbon, number>();
  for (const { box, ends, squeeze } of sides.values()) {
    const space = SPACE * squeeze;
    let y = box.y + box.h / 2 - ends.reduce((sum, e) => sum + widthOf(e.ribbon) + space, -space) / 2;
    for (const { ribbon } of ends) {
      const w = widthOf(ribbon);
      ports.set(ribbon, y + w / 2);
      y += w + space;
    }
  }
  return ports;
}

/** The bands of ribbons between boxes. */
export function layBands(ties: readonly { ribbon: Ribbon; from: Seat; to: Seat }[], byId: ReadonlyMap<string, Box>, followed: Followed): Band[] {
  const across = ties.filter((t) => t.from.layer !== t.to.layer).map((t) => t.ribbon);
  const leaving = sidesOf(across, byId, (r) => r.from, (r) => r.to);
  const entering = sidesOf(across, byId, (r) => r.to, (r) => r.from);
  const widths = new Map(across.map((r) => [r, Math.max(0.6, ribbonWidth(r.people) * Math.min(leaving.get(r.from)?.squeeze ?? 1, entering.get(r.to)?.squeeze ?? 1))]));
  const widthOf = (r: Ribbon) => widths.get(r) ?? 0.6;
  const from = portsOf(leaving, widthOf);
  const to = portsOf(entering, widthOf);

  let lanes = 0;
  return ties.flatMap(({ ribbon, from: sa, to: sb }): Band[] => {
    const [a, b] = [byId.get(ribbon.from), byId.get(ribbon.to)];
    if (!a || !b) return [];
    const id = ribbonId(ribbon);
    const number = followed.steps.get(id);
    const common = { id, ribbon, step: number === undefined || number === 0 ? null : number, followed: number !== undefined };
    if (sa.layer !== sb.layer) {
      const w = widthOf(ribbon);
      const [x1, x2] = a.x < b.x ? [a.x + a.w, b.x] : [a.x, b.x + b.w];
      const y1 = from.get(ribbon) ?? a.y + a.h / 2;
      const y2 = to.get(ribbon) ?? b.y + b.h / 2;
      const half = w / 2;
      return [{
        ...common, nested: false, width: w,
        // Written out when they are drawn: of a thousand bands, those that are looked at.
        get outline() { return `M${x1} ${r1(y1 - half)}${curve(x1, y1 - half, x2, y2 - half)}V${r1(y2 + half)}${curve(x2, y2 + half, x1, y1 + half)}Z`; },
        get line() { return `M${x1} ${r1(y1)}${curve(x1, y1, x2, y2)}`; },
        ends: [[x1, y1], [x2, y2]], middle: [(x1 + x2) / 2, (y1 + y2) / 2],
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
