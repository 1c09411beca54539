/** What changed, with what it gave and took. */
import { Link } from "react-router";
import { changesPath, comparisonQuery, recordPath, RecordSentence, RecordSign } from "../../components/changeWords";
import { FaultView } from "../../components/FaultView";
import { count, exactTime, moment, stamp } from "../../components/format";
import { SourceMark } from "../../components/marks";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { SPANS, type Span } from "../../components/spans";
import type { Source } from "../../ipc";
import { useComparison } from "../../ipc/queries";
import styles from "./OverviewScreen.module.css";

const SHOWN = 12;

export function ChangesPart({ span, from, sources, recordedSince }: { span: Span; from: number; sources: readonly Source[]; recordedSince: number | null }) {
  const now = useNow();
  const changes = useComparison(comparisonQuery({ from, limit: SHOWN }));
  const data = changes.data;
  const says = SPANS.find((s) => s.id === span)?.says ?? "";
  return (
    <section aria-labelledby="o-changed" className={styles.changed} data-testid="overview-changes">
      <header>
        <h2 id="o-changed" className={parts.sect}>Changed</h2>
        <span className="t3 xs">{says}</span>
        <Link className={styles.all} to={changesPath({ span })}>{data !== undefined && data.total > 0 ? `All ${count(data.total)} ${data.total === 1 ? "change" : "changes"}` : "Compare any two syncs"}</Link>
      </header>
      {changes.error && !data && <FaultView compact error={changes.error} onRetry={() => void changes.refetch()} />}
      {!data && !changes.error && <p className={styles.none}>The two moments are being compared.</p>}
      {data?.records.length === 0 && <p className={styles.none}>{recordedSince === null ? "Changes are recorded from the end of the first sync on." : (data.caveats[0]?.text ?? `Nothing has changed. Recorded since ${moment(recordedSince, now)}.`)}</p>}
      {data !== undefined && data.records.length > 0 && (
        <ol className={styles.list}>
          {data.records.map((record) => (
            <li key={record.key}>
              <time dateTime={new Date(record.seenAt).toISOString()} title={exactTime(record.seenAt)}>{stamp(record.seenAt, now)}</time>
              <span className={styles.sign} aria-hidden="true"><RecordSign change={record.change} /></span>
              <Link className="cut" to={recordPath(record)}><RecordSentence record={record} /></Link>
              <SourceMark source={sources.find((s) => s.id === record.source)} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
