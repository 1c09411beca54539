/** The theme's colours as a file needs them: whole, with no variables left. */
import type { Ink, Role } from "./scene";

const NAMES: Record<Role, string> = {
  text: "--text", text2: "--text-2", text3: "--text-3", line: "--line", line2: "--line-2", line3: "--line-3", raised: "--raised", inset: "--inset", surface: "--surface", accent: "--accent", onAccent: "--on-accent", warn: "--warn", ne: "--ne",
  scim: "--scim", backstage: "--backstage", azure: "--azure",
};

export interface Colours {
  of: (ink: Ink) => string;
  ground: string;
  font: string;
}

const parse = (text: string): [number, number, number] => {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text.trim());
  return hex ? [parseInt(hex[1] ?? "0", 16), parseInt(hex[2] ?? "0", 16), parseInt(hex[3] ?? "0", 16)] : [0, 0, 0];
};

export function colours(style: CSSStyleDeclaration = getComputedStyle(document.documentElement)): Colours {
  const read = (role: Role) => parse(style.getPropertyValue(NAMES[role]));
  const ground = read("inset");
  const known = new Map<string, string>();
  return {
    of: ({ role, share = 1 }) => {
      const id = `${role} ${share}`;
      const had = known.get(id);
      if (had !== undefined) return had;
      const full = read(role);
      const made = `#${full.map((c, n) => Math.round(c * share + (ground[n] ?? 0) * (1 - share)).toString(16).padStart(2, "0")).join("")}`;
      known.set(id, made);
      return made;
    },
    ground: `#${ground.map((c) => c.toString(16).padStart(2, "0")).join("")}`,
    font: "Inter, 'Segoe UI', system-ui, 'Noto Sans', sans-serif",
  };
}
