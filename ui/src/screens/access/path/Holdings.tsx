/** What one identity holds, as lines that lead to their paths. */
import { ArchiveRestore } from "lucide-react";
import { useState } from "react";
import { STATE_MEANS, STATE_WORD, StateGlyph } from "../../../components/accessWords";
import { count } from "../../../components/format";
import { SystemMark } from "../../../components/marks";
import parts from "../../../components/parts.module.css";
import type { Holding } from "../../../ipc";
import styles from "./Panel.module.css";

interface Props {
  title: string;
  holdings: readonly Holding[];
  /** How many show before the rest folds out. */
  first: number;
  onChoose: (holding: Holding) => void;
}

export function Holdings({ title, holdings, first, onChoose }: Props) {
  const [all, setAll] = useState(false);
  const shown = all ? holdings : holdings.slice(0, first);
  if (holdings.length === 0) return null;
  return (
    <section className={styles.section} aria-label={title}>
      <h3 className={parts.sect}>{title}<span>{count(holdings.length)}</span></h3>
      <ul>
        {shown.map((h) => (
          <li key={`${h.role.key}@${h.scope.key}`}>
            <button type="button" className={styles.line} onClick={() => onChoose(h)}>
              <SystemMark kind={h.role.system} small />
              <span className={styles.what}>
                <span className={h.privileged ? "strong" : ""}>{h.role.name}</span> on {h.scope.name}
                {h.canRestore && <> <ArchiveRestore className="x t3" aria-label="can restore" /></>}
                <br />
                <span className="t3">{h.by}</span>
              </span>
              {h.state !== "active" && <span className={styles.end} title={[STATE_MEANS[h.state], ...h.reasons].join(" ")}><StateGlyph state={h.state} />{STATE_WORD[h.state]}</span>}
            </button>
          </li>
        ))}
      </ul>
      {holdings.length > first && (
        <p className={styles.fold}>
          <button type="button" className={parts.link} aria-expanded={all} onClick={() => setAll(!all)}>{all ? "Less" : `${count(holdings.length - first)} more`}</button>
        </p>
      )}
    </section>
  );
}
