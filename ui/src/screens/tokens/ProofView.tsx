/** The proof that the old one is dead, as it grows: what is left of its time, every answer as a stroke, and what counts. */
import { atSecond, cutMiddle, moment, timeOfDay } from "../../components/format";
import { useNow } from "../../components/now";
import type { DeadProof, RotationView, SlotView } from "../../ipc";
import { figures, spoken } from "./countdown";
import { Points } from "./Points";
import { headline } from "./proofWords";
import styles from "./Rotation.module.css";
import { stripOf, stripWords, TALL, type Flag, type Strip } from "./strip";

export function ProofView({ of, proof, now }: { of: RotationView; proof: DeadProof; now: number }) {
  const { state } = of.summary;
  const live = state === "running" || state === "counting" || state === "oldLives" || state === "waiting";
  return (
    <>
      <Count of={of} proof={proof} now={now} />
      {proof.moments.length > 0 && <StripView strip={stripOf(proof, now, live)} words={stripWords(proof)} old={of.old} fresh={of.new} now={now} />}
      <Points title="What counts as proof" points={proof.points} />
    </>
  );
}

function Count({ of, proof, now }: { of: RotationView; proof: DeadProof; now: number }) {
  const clock = useNow();
  const shown = headline(of.summary.state, proof, now);
  return (
    <div className={`${styles.count} ${shown.tone === "bad" ? styles.countBad : ""}`}>
      {shown.kind === "time" ? (
        <p className={styles.big} role="timer" aria-label={`${spoken(shown.ms)} ${shown.strong}`}>
          {figures(shown.ms).map(({ value, unit }) => <span key={unit}>{value}<small>{unit}</small></span>)}
        </p>
      ) : (
        <p className={styles.big}>{shown.value}<small>of {shown.of}</small></p>
      )}
      <p><b className="strong">{shown.strong}{shown.at !== null && `, ${shown.at - now < 86_400_000 ? `at ${atSecond(shown.at)}` : moment(shown.at, clock)}`}</b><br />{shown.says}</p>
    </div>
  );
}

const FLAG_WORD: Record<Flag["id"], string> = { revoked: "revoked", now: "now", end: "overlap ends", died: "refused since" };

interface StripProps {
  strip: Strip;
  words: string;
  old: SlotView;
  fresh: SlotView;
  now: number;
}

function StripView({ strip, words, old, fresh, now }: StripProps) {
  const name: Record<Strip["rows"][number]["id"], [string, string | null]> = { old: ["Old", old.fingerprint], oldWrite: ["Old, a write", null], new: ["New", fresh.fingerprint], madeUp: ["Made up", null] };
  return (
    <div className={styles.strip} role="img" aria-label={words} data-testid="strip">
      {strip.flags.map((flag) => (
        <span key={flag.id} className={styles.flag} data-id={flag.id} data-before={flag.before || undefined} style={{ left: `${flag.place}%` }}>
          {!flag.quiet && <span><b>{flag.id === "now" ? atSecond(flag.at) : flag.id === "end" && strip.beyond ? moment(flag.at, now) : timeOfDay(flag.at)}</b>{FLAG_WORD[flag.id]}</span>}
        </span>
      ))}
      {strip.rows.map((row) => (
        <div key={row.id} className={styles.answers} data-row={row.id}>
          <span className={styles.rowName}>{name[row.id][0]} {name[row.id][1] !== null && <span className="mono">{cutMiddle(name[row.id][1] ?? "")}</span>}</span>
          <svg viewBox={`0 0 1000 ${TALL}`} preserveAspectRatio="none" aria-hidden="true"><path d={row.path} /></svg>
          {row.id === "old" && strip.may !== null && <span className={styles.may} style={{ left: `${strip.may.from}%`, width: `${strip.may.to - strip.may.from}%` }} />}
          {row.id === "old" && strip.wanted !== null && <span className={styles.want} style={{ left: `calc(${strip.wanted.from}% + 8px)` }}>{Array.from({ length: Math.min(strip.wanted.left, 8) }, (_, n) => <i key={n} />)}</span>}
        </div>
      ))}
      <div className={styles.time}>{strip.ticks.map((tick) => <span key={tick.at} style={{ left: `${tick.place}%` }}>{near(strip.ticks) ? atSecond(tick.at) : timeOfDay(tick.at)}</span>)}</div>
    </div>
  );
}

/** Whether times stand so close that only their seconds tell them apart. */
const near = ([one, two]: Strip["ticks"]): boolean => one !== undefined && two !== undefined && two.at - one.at < 60_000;
