/** What verifying found: the verdict, then each question with its answer. */
import { CircleAlert, CircleCheck, CircleDashed } from "lucide-react";
import type { ReactNode } from "react";
import { Time } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { plural } from "../../components/format";
import parts from "../../components/parts.module.css";
import { RequestText } from "../../components/RequestText";
import type { CredentialCheck, Right } from "../../ipc";
import { RightMark } from "./marks";
import styles from "./Tokens.module.css";

const WORKS: Record<Right, { word: string; glyph: ReactNode }> = {
  yes: { word: "It works.", glyph: <CircleCheck className="good" /> },
  no: { word: "It is refused.", glyph: <CircleAlert className="bad" /> },
  notEvaluated: { word: "It could not be told.", glyph: <CircleDashed className="ne" /> },
};

export function CheckView({ check }: { check: CredentialCheck }) {
  const { word, glyph } = WORKS[check.works];
  return (
    <section className={styles.check} aria-label="Verified" role="status" data-testid="check" data-works={check.works}>
      <p className={styles.checkHead}><span className={parts.state}>{glyph}<b className="strong">{word}</b></span><span className="t3 xs"><Time at={check.at} /></span></p>
      <p className="xs t2">{check.says}</p>
      <p className={styles.rights}>
        <RightMark what="reads" right={check.reads} />
        <RightMark what="writes" right={check.writes} />
        {check.whose !== null && <span className="xs t2 cut">of {check.whose}</span>}
        {check.people !== null && <span className="xs t2">sees {plural(check.people, "person", "people")}</span>}
      </p>
      {check.fault !== null && <FaultView compact error={check.fault} />}
      {check.asked.length > 0 && (
        <ul className={styles.asked} aria-label="What was asked">
          {check.asked.map((asked) => (
            <li key={asked.title}>
              <details>
                <summary><span className="grow">{asked.title}</span><code>{asked.status ?? "no answer"}</code></summary>
                <div className={parts.well}><RequestText request={asked.request} /></div>
              </details>
              <p className="xs t3">{asked.says}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
