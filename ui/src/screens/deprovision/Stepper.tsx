/** The phases of a run, in order; each can be looked at. */
import { Check, Minus, Undo2, X } from "lucide-react";
import { duration } from "../../components/format";
import { Tally } from "../../components/verdicts";
import type { Phase, PhaseView, Run, Verdict, VerdictCounts } from "../../ipc";
import styles from "./Run.module.css";
import { PHASE_WORD } from "./runWords";

const STATE_WORD: Record<PhaseView["state"], string> = { pending: "not begun", running: "under way", done: "done", failed: "open or failed", skipped: "not part of this run" };

function countsIn(run: Run, phase: Phase): VerdictCounts {
  const of = (v: Verdict) => run.checks.filter((c) => c.phase === phase && c.verdict === v).length;
  return { passed: of("passed"), waiting: of("waiting"), failed: of("failed"), notEvaluated: of("notEvaluated"), waived: of("waived"), pending: of("pending") };
}

function Knot({ view, n }: { view: PhaseView; n: number }) {
  if (view.state === "done") return <Check />;
  if (view.state === "failed") return <X />;
  if (view.state === "skipped") return <Minus />;
  return <>{n}</>;
}

interface Props {
  run: Run;
  now: number;
  shown: Phase;
  onShow: (phase: Phase) => void;
}

export function Stepper({ run, now, shown, onShow }: Props) {
  return (
    <nav className={styles.steps} aria-label="Phases">
      <ol className={styles.thread}>
        {run.phases.map((view, n) => {
          const counts = countsIn(run, view.phase);
          const asked = counts.passed + counts.waiting + counts.failed + counts.notEvaluated + counts.waived > 0;
          const took = view.state === "running" && view.beganAt !== null ? Math.max(view.tookMs ?? 0, now - view.beganAt) : view.tookMs;
          return (
            <li key={view.phase} data-state={view.state}>
              <button type="button" aria-current={shown === view.phase ? "step" : undefined} onClick={() => onShow(view.phase)}>
                <span className={styles.knot} aria-hidden="true"><Knot view={view} n={n + 1} /></span>
                <span>
                  <b>
                    {PHASE_WORD[view.phase]}
                    <span className="sr">, {STATE_WORD[view.state]}</span>
                    {took !== null && took > 0 && view.state !== "pending" && view.state !== "skipped" && <time>{duration(took)}</time>}
                  </b>
                  {asked && (view.state === "running" || view.state === "failed" || counts.notEvaluated + counts.waived > 0) ? <span className={styles.tally}><Tally counts={counts} /></span> : <small>{view.says}</small>}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      {run.wayBack !== null && (
        <>
          <div className={styles.gap} />
          <div className={styles.back}><h2><Undo2 className="s" />Way back</h2>{run.wayBack}</div>
        </>
      )}
    </nav>
  );
}
