/** The steps of a phase: each write with its exact request, what came back, and what was read back. */
import { ChevronRight, Circle, CircleCheck, CircleDashed, Hand, LoaderCircle, OctagonX, Undo2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { CopyButton } from "../../components/controls";
import { atSecond } from "../../components/format";
import parts from "../../components/parts.module.css";
import { RequestText, requestText } from "../../components/RequestText";
import { SourceMark } from "../../components/SourceMark";
import type { Phase, Run, Step, StepState } from "../../ipc";
import exchange from "./Exchange.module.css";
import styles from "./Plan.module.css";
import { STEP_WORD } from "./runWords";

const GLYPH: Record<StepState, ReactNode> = {
  planned: <Circle className="s t3" />,
  sending: <LoaderCircle className="s run spin" />,
  answered: <LoaderCircle className="s run spin" />,
  done: <CircleCheck className="s good" />,
  alreadySo: <CircleCheck className="s good" />,
  failed: <OctagonX className="s bad" />,
  byHand: <Hand className="s warn" />,
  skipped: <CircleDashed className="s ne" />,
};

export function Steps({ run, phase, none }: { run: Run; phase: Phase; none: string }) {
  const steps = run.steps.filter((s) => s.phase === phase);
  if (steps.length === 0) return <p className={styles.none}>{none}</p>;
  return <StepList steps={steps} open={steps.length === 1 ? steps[0]?.id : undefined} />;
}

/** `open` is unfolded at first. */
export function StepList({ steps, open }: { steps: readonly Step[]; open?: string | undefined }) {
  const [shown, setShown] = useState<string | null>(open ?? steps.find((s) => s.state === "failed" || s.state === "sending")?.id ?? null);
  return (
    <ul className={styles.steps}>
      {steps.map((step) => (
        <li key={step.id} data-testid={`step-${step.id}`} data-state={step.state}>
          <button type="button" className={styles.step} aria-expanded={shown === step.id} onClick={() => setShown(shown === step.id ? null : step.id)}>
            {GLYPH[step.state]}
            <SourceMark source={step.source} kind={step.kind} />
            <span className="cut"><bdi>{step.title}</bdi><span className="sr"> at {step.sourceName}</span></span>
            <span className={styles.word}>
              {!step.undoable && <span className={`${parts.tag} ${parts.tagWarn}`}>cannot be undone</span>}
              {STEP_WORD[step.state]}{step.status !== null && ` · ${step.status}`}
            </span>
            <ChevronRight className="x" />
          </button>
          {shown === step.id && <StepInside step={step} />}
        </li>
      ))}
    </ul>
  );
}

function StepInside({ step }: { step: Step }) {
  return (
    <div className={styles.inside}>
      <p><b className="strong">{step.sourceName}.</b> {step.means} {step.undoable && <span className="t3"><Undo2 className="x" /> It can be undone.</span>}</p>
      {step.instructions !== null && <p><b className="strong">To do by hand:</b> {step.instructions}</p>}
      {step.request !== null && (
        <div className={`${parts.well} ${exchange.well}`}>
          <div className={exchange.cap}>
            <b>{step.sentAt === null ? "As it would be sent" : "Sent"}</b>{step.sentAt !== null && atSecond(step.sentAt)}{step.attempts > 1 && `, attempt ${step.attempts}`}
            <span>{step.status === null ? (step.sentAt === null ? "not sent" : "no answer yet") : `answered ${step.status}`}</span>
            <CopyButton shown text={requestText(step.request)} what="request" />
          </div>
          <RequestText request={step.request} />
        </div>
      )}
      {step.says !== "" && <p className={step.state === "failed" ? "bad" : ""}>{step.doneAt !== null && <b className="strong">{atSecond(step.doneAt)} </b>}{step.says}</p>}
    </div>
  );
}
