/** The panel at the right of the map, and what stands in every one of them. */
import { CircleDashed, X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "../../../components/controls";
import parts from "../../../components/parts.module.css";
import type { Caveat } from "../../../ipc";
import styles from "./Panel.module.css";

export const Panel = ({ label, title, note, acts, onClose, children }: { label: string; title: ReactNode; note?: ReactNode; acts?: ReactNode; onClose: () => void; children: ReactNode }) => (
  <aside className={styles.panel} aria-label={label} data-testid="map-panel">
    <header>
      <div className={styles.title}>
        <h2>{title}</h2>
        <IconButton tiny label="Close" keys="Esc" onPress={onClose}><X className="s" /></IconButton>
      </div>
      {note !== undefined && <p className={styles.note}>{note}</p>}
      {acts !== undefined && <div className={styles.acts}>{acts}</div>}
    </header>
    <div className={styles.body}>{children}</div>
  </aside>
);

/** What an answer cannot rest on, in words: it could add to what is shown. */
export const NotEvaluated = ({ caveats }: { caveats: readonly Caveat[] }) =>
  caveats.length === 0 ? null : (
    <section className={styles.unread} aria-label="Not evaluated">
      <h3 className={parts.sect}>Not evaluated</h3>
      <ul>
        {caveats.map((c) => (
          <li key={c.text}><CircleDashed className="s ne" /><span>{c.text}</span></li>
        ))}
      </ul>
    </section>
  );
