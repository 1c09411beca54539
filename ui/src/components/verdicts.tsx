/** How checks and runs stand: a glyph and a word each, never colour alone. */
import { Ban, Circle, CircleCheck, CircleDashed, CirclePause, Hand, LoaderCircle, OctagonX, ShieldMinus } from "lucide-react";
import type { ReactNode } from "react";
import type { RunState, RunSummary, Verdict } from "../ipc";
import parts from "./parts.module.css";

export const VERDICT_WORD: Record<Verdict, string> = { pending: "not asked yet", waiting: "waiting", passed: "passed", failed: "failed", notEvaluated: "not evaluated", waived: "waived" };

const VERDICT_GLYPH: Record<Verdict, ReactNode> = {
  pending: <Circle className="t3" />,
  waiting: <LoaderCircle className="run spin" />,
  passed: <CircleCheck className="good" />,
  failed: <OctagonX className="bad" />,
  notEvaluated: <CircleDashed className="ne" />,
  waived: <ShieldMinus className="warn" />,
};

/** The glyph of a verdict; its word is to stand beside it. */
export const VerdictGlyph = ({ verdict }: { verdict: Verdict }) => VERDICT_GLYPH[verdict];

const STATE: Record<RunState, { word: string; glyph: ReactNode }> = {
  planned: { word: "Waits for agreement", glyph: <Hand className="warn" /> },
  running: { word: "Running", glyph: <LoaderCircle className="run spin" /> },
  waiting: { word: "Waits for a person", glyph: <Hand className="warn" /> },
  stopped: { word: "Stopped", glyph: <CirclePause className="warn" /> },
  refusing: { word: "Refuses to close", glyph: <OctagonX className="bad" /> },
  passed: { word: "Passed", glyph: <CircleCheck className="good" /> },
  passedWithGaps: { word: "Passed, with gaps", glyph: <CircleDashed className="good" /> },
  failed: { word: "Closed as failed", glyph: <OctagonX className="bad" /> },
  abandoned: { word: "Given up", glyph: <Ban className="ne" /> },
};

export const runStateWord = (state: RunState): string => STATE[state].word;

export const RunStateMark = ({ state }: { state: RunState }) => (
  <span className={parts.state} data-testid="run-state" data-state={state}>
    {STATE[state].glyph}
    {STATE[state].word}
  </span>
);

const CLOSED: readonly RunState[] = ["passed", "passedWithGaps", "failed", "abandoned"];
export const isClosed = (run: Pick<RunSummary, "state">): boolean => CLOSED.includes(run.state);

/** Whether nothing goes on before somebody does something. */
export const needsPerson = (run: Pick<RunSummary, "state">): boolean => !isClosed(run) && run.state !== "running";

/** "9 passed, 1 failed": each count with its glyph, those of nothing left out. */
export function Tally({ counts, words = true }: { counts: RunSummary["counts"]; words?: boolean }) {
  const order: readonly Verdict[] = ["passed", "waiting", "failed", "notEvaluated", "waived", "pending"];
  const shown = order.filter((v) => counts[v] > 0);
  return (
    <>
      {shown.map((v) => (
        <span key={v} className={parts.state} title={`${counts[v]} ${VERDICT_WORD[v]}`}>
          {VERDICT_GLYPH[v]}
          <span className="tnum">{counts[v]}</span>
          <span className={words ? "" : "sr"}>{VERDICT_WORD[v]}</span>
        </span>
      ))}
    </>
  );
}
