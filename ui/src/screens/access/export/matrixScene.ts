/** The matrix as a drawing: the first groups and roles of it, each cell with its glyph and number. */
import { count, plural } from "../../../components/format";
import type { MatrixView } from "../../../ipc";
import { HOW_SHAPE, tint } from "../matrix/how";
import { compact } from "../words";
import { box, SYSTEM_SHAPE, type Mark, type Scene } from "./scene";

const SIDE = 230;
const COLUMN = 46;
const ROW = 28;
const HEADS = 190;
const TITLE = 48;

export function matrixScene(view: MatrixView): Scene {
  const width = SIDE + view.roles.length * COLUMN + 20;
  const top = TITLE + HEADS;
  const cut = view.groups.length < view.groupsTotal || view.roles.length < view.rolesTotal;
  const title = `Which groups hold which roles: ${plural(view.groupsTotal, "group")}, ${plural(view.rolesTotal, "role")}${cut ? `; drawn are the first ${count(view.groups.length)} and ${count(view.roles.length)}` : ""}`;
  const marks: Mark[] = [{ kind: "words", x: 20, y: 30, text: title, size: 15, weight: 600, ink: { role: "text" }, room: Math.max(300, width - 40) }];
  view.roles.forEach((r, c) => {
    const x = SIDE + c * COLUMN + COLUMN / 2;
    marks.push({ kind: "words", x: x + 4, y: top - 26, text: r.role.name, size: 12, ink: { role: "text" }, turned: true, room: HEADS - 40 });
    marks.push({ kind: "area", d: SYSTEM_SHAPE[r.role.system], fill: { role: r.role.system }, move: { x: x - 6, y: top - 18, scale: 0.75 } });
  });
  view.groups.forEach((g, n) => {
    const y = top + n * ROW;
    marks.push({ kind: "area", d: `M20 ${y}H${width - 20}`, fill: null, stroke: { role: "line" } });
    marks.push({ kind: "words", x: 20, y: y + 18, text: g.group.name, size: 12, weight: 500, ink: { role: "text" }, room: SIDE - 90 });
    marks.push({ kind: "words", x: SIDE - 16, y: y + 18, text: count(g.people), size: 12, ink: { role: "text2" }, anchor: "end" });
    g.cells.forEach((cell, c) => {
      if (cell.how === "empty") return;
      const x = SIDE + c * COLUMN;
      if (cell.how === "notEvaluated") {
        const lines = Array.from({ length: 9 }, (_, k) => `M${x + 2 + k * 4.6} ${y + ROW - 3}l4.6 -${ROW - 6}`).join("");
        marks.push({ kind: "area", d: lines, fill: null, stroke: { role: "ne", share: 0.7 } });
        return;
      }
      const held = cell.how === "direct" || cell.how === "inherited" || cell.how === "both";
      marks.push({ kind: "area", d: box(x + 2, y + 3, COLUMN - 4, ROW - 6, 3), fill: held ? { role: "accent", share: tint(cell.people) / 100 } : null, stroke: held ? undefined : { role: "line2" } });
      const { fill, line } = HOW_SHAPE[cell.how];
      const move = { x: x + 6, y: y + ROW / 2 - 4.5, scale: 0.9 };
      if (fill !== null) marks.push({ kind: "area", d: fill, fill: { role: "accent" }, move });
      if (line !== null) marks.push({ kind: "area", d: line, fill: null, stroke: { role: "accent" }, move });
      marks.push({ kind: "words", x: x + 18, y: y + 18, text: compact(cell.people), size: 11, ink: { role: "text" } });
    });
  });
  const foot = top + view.groups.length * ROW + 22;
  marks.push({ kind: "words", x: 20, y: foot, text: "Empty: read, and nothing is held. Hatched: not evaluated.", size: 11, ink: { role: "text3" }, room: Math.max(300, width - 40) });
  view.caveats.forEach((c, n) => marks.push({ kind: "words", x: 20, y: foot + 18 + n * 16, text: `Not evaluated: ${c.text}`, size: 11, ink: { role: "ne" }, room: Math.max(300, width - 40) }));
  return { width: Math.max(width, 340), height: foot + 16 + view.caveats.length * 16, title, marks };
}
