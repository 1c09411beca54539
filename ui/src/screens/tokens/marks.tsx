/** How credentials, rights, rotations and stages stand: a glyph and a word each, never colour alone. */
import { Ban, CalendarClock, CalendarX2, CircleAlert, CircleCheck, CircleDashed, CirclePause, Clock, Hand, Hourglass, KeyRound, LoaderCircle, Lock, Minus, OctagonX, RefreshCw, Undo2 } from "lucide-react";
import type { ReactNode } from "react";
import parts from "../../components/parts.module.css";
import type { Credential, CredentialState, Right, RotationState } from "../../ipc";
import { barOf } from "./days";
import styles from "./Tokens.module.css";
import { daysWords, RIGHT_WORD, ROTATION_WORD, STATE_WORD } from "./words";

const STATE: Record<CredentialState, ReactNode> = {
  oldLives: <OctagonX className="bad" />,
  refused: <Ban className="bad" />,
  missing: <CircleAlert className="bad" />,
  locked: <Lock className="ne" />,
  expired: <CalendarX2 className="bad" />,
  due: <CalendarClock className="warn" />,
  dueSoon: <Clock className="warn" />,
  rotating: <RefreshCw className="run" />,
  unverified: <CircleDashed className="ne" />,
  good: <CircleCheck className="good" />,
};

export const StateMark = ({ state }: { state: CredentialState }) => (
  <span className={parts.state} data-state={state}>
    {STATE[state]}
    {STATE_WORD[state]}
  </span>
);

const ROTATION: Record<RotationState, ReactNode> = {
  running: <LoaderCircle className="run spin" />,
  waiting: <Hand className="warn" />,
  counting: <Hourglass className="run" />,
  stopped: <CirclePause className="warn" />,
  oldLives: <OctagonX className="bad" />,
  done: <CircleCheck className="good" />,
  putBack: <Undo2 className="ne" />,
};

export const RotationMark = ({ state }: { state: RotationState }) => (
  <span className={parts.state} data-testid="rotation-state" data-state={state}>
    {ROTATION[state]}
    {ROTATION_WORD[state]}
  </span>
);

const RIGHT: Record<Right, ReactNode> = { yes: <CircleCheck className="x good" />, no: <Minus className="x t3" />, notEvaluated: <CircleDashed className="x ne" /> };

/** "reads" with a glyph; what the glyph says is in words too. */
export const RightMark = ({ what, right }: { what: string; right: Right }) => (
  <span className={styles.right} title={`${what}: ${RIGHT_WORD[right]}`}>
    {RIGHT[right]}
    <span className={right === "yes" ? "" : "t3"}>{what}</span>
    <span className="sr">: {RIGHT_WORD[right]}</span>
  </span>
);

/** Days left, with a bar for how much of its time that is. */
export function Days({ of, now }: { of: Credential; now: number }) {
  const bar = barOf(of, now);
  if (bar === null) return <span className="t3 xs">no end known</span>;
  return (
    <span className={`${styles.days} ${bar.tone === "plain" ? "" : bar.tone}`}>
      <span className={styles.bar} aria-hidden="true"><i style={{ width: `${bar.part * 100}%` }} /></span>
      {daysWords(of.daysLeft)}
    </span>
  );
}

export const KeyFace = () => <span className={styles.face} aria-hidden="true"><KeyRound className="s" /></span>;
