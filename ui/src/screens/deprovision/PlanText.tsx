/** The text of a plan, with line numbers and what is wrong marked where it is. */
import { useImperativeHandle, useRef, type Ref } from "react";
import type { PlanProblem } from "../../ipc";
import styles from "./PlanScreen.module.css";

export interface TextHandle {
  /** Puts the caret there; both from 1. */
  goTo: (line: number, column: number) => void;
}

/** Where a line and column, both from 1, stand in a text. */
export function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let n = 1; n < line; n += 1) {
    const next = text.indexOf("\n", at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  const end = text.indexOf("\n", at);
  return Math.min(at + Math.max(0, column - 1), end < 0 ? text.length : end);
}

const LINE_PX = 20;

export function PlanText({ text, problems, onChange, ref }: { text: string; problems: readonly PlanProblem[]; onChange: (text: string) => void; ref?: Ref<TextHandle> }) {
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => ({
    goTo: (line, column) => {
      const at = offsetOf(area.current?.value ?? "", line, column);
      area.current?.focus();
      area.current?.setSelectionRange(at, at);
    },
  }));
  const lines = text.split("\n");
  const marks = new Map<number, "bad" | "warn">();
  for (const p of problems) if (marks.get(p.line) !== "bad") marks.set(p.line, p.warning ? "warn" : "bad");
  return (
    <div className={styles.code}>
      <div className={styles.lines} aria-hidden="true">
        {lines.map((_, n) => <span key={n} data-mark={marks.get(n + 1)}>{n + 1}</span>)}
      </div>
      <div className={styles.page} style={{ height: lines.length * LINE_PX + 60 }}>
        <div className={styles.marks} aria-hidden="true">
          {[...marks].map(([line, mark]) => <span key={line} data-mark={mark} style={{ top: (line - 1) * LINE_PX }} title={problems.find((p) => p.line === line)?.message} />)}
        </div>
        <textarea ref={area} aria-label="Text of the plan" aria-invalid={problems.some((p) => !p.warning) || undefined} value={text} spellCheck={false} autoComplete="off" onChange={(e) => onChange(e.target.value)} />
      </div>
    </div>
  );
}
