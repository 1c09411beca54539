/** What a connection test says, point by point, in plain words. */
import { CircleAlert, CircleCheck, CircleDashed, CircleMinus } from "lucide-react";
import type { ReactNode } from "react";
import { FaultView } from "../../components/FaultView";
import type { ProbeReport, ProbeState } from "../../ipc";
import styles from "./Sources.module.css";

const GLYPH: Record<ProbeState, { glyph: ReactNode; word: string }> = {
  good: { glyph: <CircleCheck className="s good" />, word: "works" },
  lacking: { glyph: <CircleMinus className="s t3" />, word: "lacking" },
  unknown: { glyph: <CircleDashed className="s ne" />, word: "not evaluated" },
  bad: { glyph: <CircleAlert className="s bad" />, word: "does not work" },
};

export const ProbeView = ({ report }: { report: ProbeReport }) => (
  <div className={styles.probe} data-testid="probe" data-ok={report.ok}>
    {report.fault ? (
      <FaultView compact error={report.fault} />
    ) : (
      <p className={`${styles.probeSays} ${report.ok ? styles.probeGood : styles.probeBad}`} role="status">
        {report.ok ? <CircleCheck className="s good" /> : <CircleAlert className="s bad" />}
        <span>{report.summary}</span>
      </p>
    )}
    <ul className={styles.points}>
      {report.points.map((point) => (
        <li key={point.topic} data-topic={point.topic} data-state={point.state}>
          {GLYPH[point.state].glyph}
          <span className="sr">{GLYPH[point.state].word}: </span>
          <span className={styles.pointTitle}>{point.title}</span>
          <span className={styles.pointSays}>
            {point.says}
            {point.instead !== null && <span>{point.instead}</span>}
          </span>
        </li>
      ))}
    </ul>
  </div>
);
