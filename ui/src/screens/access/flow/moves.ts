/** Where arrow keys lead from box to box. */
import type { Layer } from "../../../ipc";
import { LAYERS } from "./layout";
import type { Box, FlowLayout } from "./places";

/** The box that a key leads to; null where there is none that way, undefined for a key that does not move. */
export function neighbour(layout: FlowLayout, from: string, key: string): string | null | undefined {
  const here = layout.byId.get(from);
  if (!here) return undefined;
  const column = layout.boxes.filter((b) => b.node.layer === here.node.layer);
  const at = column.indexOf(here);
  switch (key) {
    case "ArrowDown": return column[at + 1]?.node.id ?? null;
    case "ArrowUp": return column[at - 1]?.node.id ?? null;
    case "Home": return column[0]?.node.id ?? null;
    case "End": return column.at(-1)?.node.id ?? null;
    case "ArrowRight": return across(layout, here, 1);
    case "ArrowLeft": return across(layout, here, -1);
    default: return undefined;
  }
}

/** Along the widest ribbon that lies on the path; without one, to the nearest box of the next column that has any. */
function across(layout: FlowLayout, here: Box, way: 1 | -1): string | null {
  const id = here.node.id;
  const rank = (layer: Layer) => LAYERS.indexOf(layer);
  const tied = layout.bands
    .filter((b) => !b.nested && (way === 1 ? b.ribbon.from === id : b.ribbon.to === id))
    .sort((a, b) => Number(b.followed) - Number(a.followed) || Number(b.ribbon.onPath) - Number(a.ribbon.onPath) || b.ribbon.people - a.ribbon.people)[0];
  if (tied) return way === 1 ? tied.ribbon.to : tied.ribbon.from;
  for (let n = rank(here.node.layer) + way; n >= 0 && n < LAYERS.length; n += way) {
    const column = layout.boxes.filter((b) => rank(b.node.layer) === n);
    const [nearest] = column.sort((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y));
    if (nearest) return nearest.node.id;
  }
  return null;
}
