/** The stages of a rotation, in order; each can be looked at. Below them the way back. */
import { Check, CircleDashed, Hand, Minus, Pause, Undo2, X } from "lucide-react";
import { Button } from "../../components/controls";
import { moment, sentence, timeOfDay } from "../../components/format";
import type { RotationStage, RotationStageView, RotationView } from "../../ipc";
import styles from "./Rotation.module.css";
import { isOver, STAGE_NOTE, STAGE_STATE_WORD } from "./words";

function Knot({ state, stopped, n }: { state: RotationStageView["state"]; stopped: boolean; n: number }) {
  switch (state) {
    case "done": return <Check />;
    case "failed": return <X />;
    case "waiting": return stopped ? <Pause /> : <Hand />;
    case "notEvaluated": return <CircleDashed />;
    case "skipped": return <Minus />;
    default: return <>{n}</>;
  }
}

interface Props {
  of: RotationView;
  now: number;
  shown: RotationStage;
  onShow: (stage: RotationStage) => void;
  onPutBack: () => void;
}

export function RotationStepper({ of, now, shown, onShow, onPutBack }: Props) {
  const back = of.wayBack;
  const shut = back !== null && back.until !== null && back.until <= now;
  return (
    <nav className={styles.steps} aria-label="Stages">
      <ol className={styles.thread}>
        {of.stages.map((view, n) => (
          <li key={view.stage} data-state={view.state}>
            <button type="button" aria-current={shown === view.stage ? "step" : undefined} onClick={() => onShow(view.stage)}>
              <span className={styles.knot} aria-hidden="true"><Knot state={view.state} stopped={of.summary.state === "stopped"} n={n + 1} /></span>
              <span>
                <b>{view.title}<span className="sr">, {view.state === "waiting" && of.summary.state === "stopped" ? "stopped" : STAGE_STATE_WORD[view.state]}</span>{view.at !== null && <time>{timeOfDay(view.at)}</time>}</b>
                <small>{view.state === "waiting" ? (of.summary.state === "stopped" ? "Stopped here" : "Waits for you") : view.says === "" ? STAGE_NOTE[view.stage] : view.says}</small>
              </span>
            </button>
          </li>
        ))}
      </ol>
      <div className={styles.gap} />
      {back !== null && !shut ? (
        <div className={styles.back}>
          <h2><Undo2 className="s" />Way back{back.until === null ? "" : `, until ${moment(back.until, now)}`}</h2>
          {back.says}
          <Button onPress={onPutBack}>{back.title}…</Button>
        </div>
      ) : (
        !isOver(of.summary.state) && (shut || of.noWayBack !== null) && <div className={styles.back}><h2><Undo2 className="s" />No way back</h2>{shut ? "Its time is over." : sentence(of.noWayBack ?? "")}</div>
      )}
    </nav>
  );
}
