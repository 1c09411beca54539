/** How a group has a role: a glyph, a word. Empty says that it was read, and nothing is held. */
import type { CellHow, MatrixCell } from "../../../ipc";
import { count, plural } from "../../../components/format";
import styles from "./Matrix.module.css";

export const HOW_WORD: Record<CellHow, string> = {
  empty: "read, and nothing is held", direct: "direct", inherited: "by nesting", both: "direct and by nesting", eligible: "eligible", conditional: "under a condition", denied: "denied", notEvaluated: "not evaluated",
};

/** The glyph's lines, on a field of 10 by 10; also what an exported drawing shows. */
export const HOW_SHAPE: Record<Exclude<CellHow, "empty" | "notEvaluated">, { fill: string | null; line: string | null }> = {
  direct: { fill: "M2.8 1.2h4.4a1.6 1.6 0 0 1 1.6 1.6v4.4a1.6 1.6 0 0 1-1.6 1.6H2.8a1.6 1.6 0 0 1-1.6-1.6V2.8a1.6 1.6 0 0 1 1.6-1.6Z", line: null },
  inherited: { fill: "M1.7 2.5v4.6a1.2 1.2 0 0 0 1.2 1.2h4.6Z", line: "M2.9 1.7h4.2a1.2 1.2 0 0 1 1.2 1.2v4.2a1.2 1.2 0 0 1-1.2 1.2H2.9a1.2 1.2 0 0 1-1.2-1.2V2.9a1.2 1.2 0 0 1 1.2-1.2Z" },
  both: { fill: "M1.6 2.8h3.6a1.4 1.4 0 0 1 1.4 1.4v3.6a1.4 1.4 0 0 1-1.4 1.4H1.6A1.4 1.4 0 0 1 .2 7.8V4.2a1.4 1.4 0 0 1 1.4-1.4Z", line: "M4 1.2h3.6a1.2 1.2 0 0 1 1.2 1.2V6" },
  eligible: { fill: null, line: "M1.1 5a3.9 3.9 0 1 0 7.8 0a3.9 3.9 0 1 0-7.8 0M5 2.9V5l1.4 1" },
  conditional: { fill: null, line: "M5 .9 9.1 5 5 9.1.9 5Z" },
  denied: { fill: null, line: "M1.1 5a3.9 3.9 0 1 0 7.8 0a3.9 3.9 0 1 0-7.8 0M2.4 2.4l5.2 5.2" },
};

export function HowGlyph({ how }: { how: CellHow }) {
  if (how === "empty") return null;
  if (how === "notEvaluated") return <i className={styles.hatch} aria-hidden="true" />;
  const { fill, line } = HOW_SHAPE[how];
  return (
    <svg className={styles.glyph} viewBox="0 0 10 10" aria-hidden="true">
      {fill !== null && <path d={fill} fill="currentColor" />}
      {line !== null && <path d={line} fill="none" stroke="currentColor" strokeLinejoin="round" strokeLinecap="round" />}
    </svg>
  );
}

export const cellWords = (cell: MatrixCell): string =>
  cell.how === "empty" || cell.how === "notEvaluated" ? HOW_WORD[cell.how] : `${count(cell.people)} ${HOW_WORD[cell.how]}${cell.scopes > 1 ? `, on ${plural(cell.scopes, "scope")}` : ""}`;

/** The tint of a cell: grows with the logarithm of its people, so that 5 and 5,000 both show. */
export const tint = (people: number): number => Math.round(Math.min(34, 6 + 4.6 * Math.log(Math.max(1, people))));
