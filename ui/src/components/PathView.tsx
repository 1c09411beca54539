/** An access path in words, hop by hop: what each hop is, which record says so, since when, and who says otherwise. */
import { EqualNot } from "lucide-react";
import type { AccessPath, Hop, Provenance, Source, SourceKind } from "../ipc";
import { Named } from "./accessWords";
import { CopyButton, Time } from "./controls";
import { exactTime, moment } from "./format";
import { SourceMark } from "./marks";
import { useNow } from "./now";
import styles from "./PathView.module.css";

interface Props {
  path: AccessPath;
  sources: readonly Source[];
  /** The hop that is looked at, from 0. */
  chosen?: number | null;
  /** The screen says the path's reasons elsewhere. */
  label?: string;
}

/** A long identifier with its last part kept: "…/recoveryPoints/restore/action". */
export function shortRecord(record: string): string {
  if (record.length <= 38) return record;
  const parts = record.split("/");
  let tail = parts.at(-1) ?? record;
  for (let n = parts.length - 2; n >= 0 && tail.length + (parts[n]?.length ?? 0) < 34; n -= 1) tail = `${parts[n] ?? ""}/${tail}`;
  return tail.length > 40 ? `${record.slice(0, 16)}…${record.slice(-14)}` : `…/${tail}`;
}

export const hopSystem = (hop: Hop, sources: readonly Source[]): SourceKind => {
  const [first] = hop.provenance;
  return sources.find((s) => s.id === first?.source)?.settings.kind ?? hop.to.system;
};

export function PathView({ path, sources, chosen = null, label = "The path, hop by hop" }: Props) {
  return (
    <ol className={styles.thread} aria-label={label}>
      {path.hops.map((hop, n) => (
        <li key={`${hop.kind}-${hop.from.key}-${hop.to.key}`} className={`${hopSystem(hop, sources)} ${hop.state === "active" ? "" : styles.weak} ${n === chosen ? styles.chosen : ""}`}>
          <span className={styles.knot} aria-hidden="true">{n + 1}</span>
          <p className={styles.text}><Named text={hop.text} names={[hop.from.name, hop.to.name]} /></p>
          {hop.provenance.map((p) => (
            <From key={`${p.source}-${p.record}`} provenance={p} source={sources.find((s) => s.id === p.source)} />
          ))}
          {hop.notes.map((note) => <p key={note} className={styles.note}>{note}</p>)}
          {hop.disagree.map((says) => (
            <p key={says} className={`${styles.note} ${styles.differs}`}><EqualNot className="x" />{says}</p>
          ))}
        </li>
      ))}
    </ol>
  );
}

function From({ provenance, source }: { provenance: Provenance; source: Source | undefined }) {
  const now = useNow();
  const { record, readAt, since, seen, by } = provenance;
  return (
    <div className={styles.from}>
      <span title={source?.settings.name}><SourceMark source={source} small /><span className="sr">{source?.settings.name ?? "A source that was removed"}: </span></span>
      <span className={styles.record}>
        <code title={record}>{shortRecord(record)}</code>
        <CopyButton text={record} what="the record’s name" />
        <span className={styles.when}>
          {readAt === null ? "not read since it was connected" : <>read <Time at={readAt} /></>}
          {since !== null && <>, <span title={exactTime(since)}>since {moment(since, now)}</span></>}
          {by !== null && <>, by <bdi>{by}</bdi></>}
          {seen !== null && <>, <span title={exactTime(seen.at)}>{seen.exact ? "first seen" : "seen since at the latest"} {moment(seen.at, now)}</span></>}
        </span>
      </span>
    </div>
  );
}
