/** A drawing as a list of marks, so that file formats need to know no more than lines, areas and words. */
import type { SourceKind } from "../../../ipc";

/** A colour by its role, mixed into the ground by a share of 0 to 1; formats turn it into what the theme says. */
export interface Ink {
  role: Role;
  share?: number;
}
export type Role = "text" | "text2" | "text3" | "line" | "line2" | "line3" | "raised" | "inset" | "surface" | "accent" | "onAccent" | "warn" | "ne" | SourceKind;

export type Mark =
  | { kind: "area"; d: string; fill: Ink | null; stroke?: Ink; width?: number; dash?: string; move?: { x: number; y: number; scale: number } }
  | { kind: "words"; x: number; y: number; text: string; size: number; ink: Ink; weight?: number; anchor?: "start" | "middle" | "end"; room?: number; turned?: boolean };

export interface Scene {
  width: number;
  height: number;
  title: string;
  marks: Mark[];
}

export const box = (x: number, y: number, w: number, h: number, r: number) =>
  `M${x + r} ${y}h${w - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${h - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}h${-(w - 2 * r)}a${r} ${r} 0 0 1 ${-r} ${-r}v${-(h - 2 * r)}a${r} ${r} 0 0 1 ${r} ${-r}Z`;
export const disc = (x: number, y: number, r: number) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;

/** The marks of the systems, on a field of 16 by 16. */
export const SYSTEM_SHAPE: Record<SourceKind, string> = {
  scim: "M8 .9a7.1 7.1 0 1 1 0 14.2A7.1 7.1 0 0 1 8 .9Zm0 2.7a2.35 2.35 0 1 0 0 4.7 2.35 2.35 0 0 0 0-4.7Zm0 5.6c-2 0-3.5 1-4.1 2.5a5.5 5.5 0 0 0 8.2 0C11.5 10.2 10 9.2 8 9.2Z",
  backstage: "M4 1.3h8A2.7 2.7 0 0 1 14.7 4v8a2.7 2.7 0 0 1-2.7 2.7H4A2.7 2.7 0 0 1 1.3 12V4A2.7 2.7 0 0 1 4 1.3Zm-.1 10.5h8.2V4.6H9.9v2.3H7v2.3H3.9v2.6Z",
  azure: "M6.6 1.9a1.62 1.62 0 0 1 2.8 0l5.7 10.1a1.62 1.62 0 0 1-1.41 2.42H2.31A1.62 1.62 0 0 1 .9 12Zm1.4 4.6-3 5.5h6Z",
};

/** Words cut to a room, by a measure of their width. */
export function cutTo(text: string, room: number | undefined, measure: (text: string) => number): string {
  if (room === undefined || measure(text) <= room) return text;
  const letters = [...new Intl.Segmenter().segment(text)].map((s) => s.segment);
  let [low, high] = [0, letters.length];
  while (low < high) {
    const mid = Math.ceil((low + high) / 2);
    if (measure(`${letters.slice(0, mid).join("")}…`) <= room) low = mid;
    else high = mid - 1;
  }
  return `${letters.slice(0, low).join("").trimEnd()}…`;
}
