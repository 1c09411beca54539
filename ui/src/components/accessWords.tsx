/** How far access goes, in a glyph and words; names set apart in sentences. */
import { Ban, CalendarClock, Check, CircleDashed, Diamond } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import type { AccessState } from "../ipc";
import styles from "./accessWords.module.css";

export const STATE_WORD: Record<AccessState, string> = { active: "active", conditional: "conditional", eligible: "eligible", denied: "denied", notFollowed: "not followed" };

/** What a state means, for a hover. */
export const STATE_MEANS: Record<AccessState, string> = {
  active: "Holds now.",
  conditional: "Holds under a condition. Lanyard shows the condition and does not decide it.",
  eligible: "Can be activated.",
  denied: "Would hold, were it not for a deny.",
  notFollowed: "Would hold, did this system follow nested groups.",
};

export function StateGlyph({ state }: { state: AccessState }) {
  switch (state) {
    case "active": return <Check className="x" />;
    case "conditional": return <Diamond className="x" />;
    case "eligible": return <CalendarClock className="x" />;
    case "denied": return <Ban className="x" />;
    case "notFollowed": return <CircleDashed className="x" />;
  }
}

export const AccessStateMark = ({ state }: { state: AccessState }) => (
  <span className={`${styles.state} ${state === "active" ? "" : state === "denied" ? "bad" : "t2"}`} title={STATE_MEANS[state]}>
    <StateGlyph state={state} />
    {STATE_WORD[state]}
  </span>
);

/** A sentence of the engine's with the names in it set apart. Longer names first: one may be part of another. */
export function Named({ text, names }: { text: string; names: readonly string[] }): ReactNode {
  const wanted = [...new Set(names.filter((n) => n !== ""))].sort((a, b) => b.length - a.length);
  if (wanted.length === 0) return text;
  const pieces = text.split(new RegExp(`(${wanted.map((n) => n.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "u"));
  return pieces.map((piece, n) => (wanted.includes(piece) ? <bdi key={n} className="strong">{piece}</bdi> : <Fragment key={n}>{piece}</Fragment>));
}
