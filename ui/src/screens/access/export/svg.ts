/** A drawing as SVG: stands alone, with no style sheet and no script. */
import type { Colours } from "./colours";
import { cutTo, type Mark, type Scene } from "./scene";

const esc = (text: string) =>
  // Characters that XML cannot carry at all would make the whole file unreadable.
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�").replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" })[c] ?? c);

/** About as wide as Inter draws it: a reader may have another font. */
const about = (size: number) => (text: string) => Array.from(text).reduce((sum, c) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/.test(c) ? 1 : /[iljt.,:;|' ]/.test(c) ? 0.3 : /[mwMWÅ@]/.test(c) ? 0.88 : 0.58) * size, 0);

function mark(m: Mark, colours: Colours): string {
  if (m.kind === "area") {
    const stroke = m.stroke ? ` stroke="${colours.of(m.stroke)}" stroke-width="${m.width ?? 1}" stroke-linecap="round"${m.dash === undefined ? "" : ` stroke-dasharray="${m.dash}"`}` : "";
    const move = m.move ? ` transform="translate(${m.move.x} ${m.move.y}) scale(${m.move.scale})"` : "";
    return `<path d="${m.d}" fill="${m.fill ? colours.of(m.fill) : "none"}" fill-rule="evenodd"${stroke}${move}/>`;
  }
  const turn = m.turned === true ? ` transform="rotate(-90 ${m.x} ${m.y})"` : "";
  return `<text x="${m.x}" y="${m.y}" font-size="${m.size}" fill="${colours.of(m.ink)}"${m.weight === undefined ? "" : ` font-weight="${m.weight}"`}${m.anchor === undefined ? "" : ` text-anchor="${m.anchor}"`}${turn}>${esc(cutTo(m.text, m.room, about(m.size)))}</text>`;
}

export const toSvg = (scene: Scene, colours: Colours): string => {
  const [w, h] = [Math.ceil(scene.width), Math.ceil(scene.height)];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="${esc(colours.font)}" role="img">`,
    `<title>${esc(scene.title)}</title>`,
    `<rect width="${w}" height="${h}" fill="${colours.ground}"/>`,
    ...scene.marks.map((m) => mark(m, colours)),
    "</svg>",
    "",
  ].join("\n");
};
