/** A drawing as a picture, painted with the window's own fonts. */
import type { Colours } from "./colours";
import { cutTo, type Scene } from "./scene";

/** No web view paints larger canvases than this on every system; a very long map is painted smaller. */
const LARGEST = 16_000;
const SHARP = 2;

export async function paintPng(scene: Scene, colours: Colours): Promise<Uint8Array> {
  const scale = Math.min(SHARP, LARGEST / Math.max(scene.width, scene.height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(scene.width * scale);
  canvas.height = Math.ceil(scene.height * scale);
  const paint = canvas.getContext("2d");
  if (!paint) throw new Error("This web view cannot paint pictures. Export the drawing (SVG) instead.");
  const family = getComputedStyle(document.body).fontFamily;
  paint.scale(scale, scale);
  paint.fillStyle = colours.ground;
  paint.fillRect(0, 0, scene.width, scene.height);
  for (const m of scene.marks) {
    paint.save();
    if (m.kind === "area") {
      if (m.move) {
        paint.translate(m.move.x, m.move.y);
        paint.scale(m.move.scale, m.move.scale);
      }
      const path = new Path2D(m.d);
      if (m.fill) {
        paint.fillStyle = colours.of(m.fill);
        paint.fill(path, "evenodd");
      }
      if (m.stroke) {
        paint.strokeStyle = colours.of(m.stroke);
        paint.lineWidth = m.width ?? 1;
        paint.lineCap = "round";
        paint.setLineDash(m.dash === undefined ? [] : m.dash.split(" ").map(Number));
        paint.stroke(path);
      }
    } else {
      paint.font = `${m.weight ?? 400} ${m.size}px ${family}`;
      paint.fillStyle = colours.of(m.ink);
      paint.textAlign = m.anchor === "middle" ? "center" : (m.anchor ?? "start");
      paint.translate(m.x, m.y);
      if (m.turned === true) paint.rotate(-Math.PI / 2);
      paint.fillText(cutTo(m.text, m.room, (text) => paint.measureText(text).width), 0, 0);
    }
    paint.restore();
  }
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("The picture could not be made: the map is too large. Export the drawing (SVG) instead.");
  return new Uint8Array(await blob.arrayBuffer());
}
