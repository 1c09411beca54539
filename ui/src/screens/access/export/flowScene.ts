/** The flow as a drawing: the same boxes, bands and threads that stand on the canvas. */
import { count } from "../../../components/format";
import type { FlowView } from "../../../ipc";
import { DASH } from "../flow/bands";
import type { FlowLayout } from "../flow/places";
import { box, disc, SYSTEM_SHAPE, type Ink, type Mark, type Scene } from "./scene";

const TITLES = { people: "People", groups: "Groups", roles: "Roles", scopes: "Scopes" } as const;
/** Room for the question above the columns. */
const HEAD = 44;

export function flowScene(layout: FlowLayout, view: FlowView): Scene {
  const focused = view.nodes.some((n) => n.focus);
  const marks: Mark[] = [{ kind: "words", x: 20, y: 30, text: view.title, size: 15, weight: 600, ink: { role: "text" }, room: layout.width - 40 }];
  const at = (y: number) => y + HEAD;
  const shift = { x: 0, y: HEAD, scale: 1 };
  for (const c of layout.columns) {
    marks.push({ kind: "words", x: c.x, y: at(26), text: `${TITLES[c.layer]}  ${count(c.total)}`, size: 12, weight: 600, ink: { role: "text2" } });
  }
  for (const band of [...layout.bands].sort((a, b) => Number(a.ribbon.onPath) - Number(b.ribbon.onPath))) {
    const share = band.ribbon.onPath ? (focused ? 0.17 : 0.13) * (band.ribbon.state === "active" ? 1 : 0.6) : 0.055;
    const ink: Ink = { role: band.ribbon.onPath ? band.ribbon.system : "text", share };
    marks.push(band.nested ? { kind: "area", d: band.outline, fill: null, stroke: ink, width: band.width, move: shift } : { kind: "area", d: band.outline, fill: ink, move: shift });
  }
  for (const band of layout.bands.filter((b) => b.ribbon.onPath && (focused || b.ribbon.state !== "active"))) {
    marks.push({ kind: "area", d: band.line, fill: null, stroke: { role: band.ribbon.system, share: band.followed ? 1 : 0.75 }, width: band.followed ? 2.75 : 1.5, dash: DASH[band.ribbon.state] ?? undefined, move: shift });
  }
  for (const { node, x, y, w, h } of layout.boxes) {
    const edge: Ink = node.focus ? { role: node.system ?? "accent" } : { role: node.onPath ? "line2" : "line" };
    if (node.cluster) marks.push({ kind: "area", d: box(x + 5, at(y) + 5, w - 10, h, 7), fill: { role: "inset" }, stroke: { role: "line" } });
    marks.push({ kind: "area", d: box(x, at(y), w, h, 7), fill: { role: node.onPath ? "raised" : "inset" }, stroke: edge, dash: node.id === "none" || node.notEvaluated ? "3 3" : undefined });
    const ink: Ink = { role: node.onPath ? "text" : "text3" };
    let left = x + 10;
    if (node.system !== null) {
      marks.push({ kind: "area", d: SYSTEM_SHAPE[node.system], fill: node.onPath ? { role: node.system } : { role: "text3" }, move: { x: left, y: at(y) + h / 2 - 7, scale: 0.875 } });
      left += 22;
    }
    const two = node.sub !== "" || node.counts.length > 0;
    marks.push({ kind: "words", x: left, y: at(y) + h / 2 + (two ? -4 : 4), text: node.label, size: 12, weight: 500, ink, room: x + w - 10 - left });
    if (node.counts.length > 0) {
      const step = (w - 20) / node.counts.length;
      node.counts.forEach((c, n) => {
        const cx = x + 10 + n * step;
        marks.push({ kind: "area", d: SYSTEM_SHAPE[c.system], fill: { role: c.held && node.onPath ? c.system : "text3" }, move: { x: cx, y: at(y) + h / 2 + 4, scale: 0.75 } });
        const says = !c.held ? "–" : c.direct === null ? "?" : `${count(c.direct)}${c.nested > 0 ? ` + ${count(c.nested)}` : ""}${c.differs ? " ≠" : ""}`;
        marks.push({ kind: "words", x: cx + 16, y: at(y) + h / 2 + 14, text: says, size: 11, ink: { role: c.differs ? "warn" : "text3" }, room: step - 18 });
      });
    } else if (node.sub !== "") marks.push({ kind: "words", x: left, y: at(y) + h / 2 + 12, text: node.sub, size: 11, ink: { role: "text3" }, room: x + w - 10 - left });
  }
  if (focused) {
    for (const band of layout.bands.filter((b) => b.ribbon.onPath && b.step !== null)) {
      const [x, y] = band.middle;
      marks.push({ kind: "area", d: disc(x, at(y), 9), fill: { role: band.ribbon.system }, stroke: { role: "inset" }, width: 2.5 });
      marks.push({ kind: "words", x, y: at(y) + 3.9, text: String(band.step), size: 10.5, weight: 600, anchor: "middle", ink: { role: "surface" } });
    }
  }
  // What the picture cannot say goes with it.
  const foot = layout.height + HEAD;
  view.caveats.forEach((c, n) => marks.push({ kind: "words", x: 20, y: foot + 4 + n * 16, text: `Not evaluated: ${c.text}`, size: 11, ink: { role: "ne" }, room: layout.width - 40 }));
  return { width: layout.width, height: foot + 12 + view.caveats.length * 16, title: view.title, marks };
}
