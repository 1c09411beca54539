/** Points that must be so: what was seen, how often, and how it came out. */
import { useId } from "react";
import parts from "../../components/parts.module.css";
import { VERDICT_WORD, VerdictGlyph } from "../../components/verdicts";
import type { RotationPoint } from "../../ipc";
import styles from "./Rotation.module.css";
import { countWords } from "./words";

/** More slots than this are a number only. */
const SLOTS = 12;

export function Points({ title, points }: { title: string; points: readonly RotationPoint[] }) {
  const id = useId();
  return (
    <section className={styles.points} aria-labelledby={id}>
      <h3 id={id} className={parts.sect}>{title}</h3>
      <ul>
        {points.map((point) => {
          const times = countWords(point);
          const slots = point.wanted !== null && point.wanted <= SLOTS ? point.wanted : 0;
          return (
            <li key={point.title}>
              <VerdictGlyph verdict={point.verdict} />
              <p>{point.title}<small>{point.says}</small></p>
              <span className={styles.value}>
                {times === null ? <span className={point.verdict === "notEvaluated" ? "ne" : point.verdict === "failed" ? "bad" : ""}>{VERDICT_WORD[point.verdict]}</span> : <><span className="strong">{times}</span><span className="sr">, {VERDICT_WORD[point.verdict]}</span></>}
                {slots > 0 && <span className={styles.slots} aria-hidden="true">{Array.from({ length: slots }, (_, n) => <i key={n} data-full={n < (point.count ?? 0) || undefined} />)}</span>}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
