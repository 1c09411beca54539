/** Records that differ, those that gave or took the most first: their lines, and what came of them. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { TrendingDown, TrendingUp } from "lucide-react";
import { Link } from "react-router";
import { Button } from "../../components/controls";
import { Consequence, LineSentence, RECORD_CHANGE_WORD, recordPath, RecordSign } from "../../components/changeWords";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { count, exactTime, moment, plural } from "../../components/format";
import { SourceMark } from "../../components/marks";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { RECORD_WORD } from "../../components/recordWords";
import { api, type AccessSum, type ComparedRecord, type ComparisonQuery, type Source } from "../../ipc";
import { keys } from "../../ipc/queries";
import styles from "./Changes.module.css";

const PAGE = 60;
/** So many consequences of a record or a line; the rest as a number. */
const SUMS = 4;

export function Records({ query, sources, onClear }: { query: ComparisonQuery; sources: readonly Source[]; onClear: (() => void) | null }) {
  const pages = useInfiniteQuery({
    queryKey: [...keys.history, "records", query],
    queryFn: ({ pageParam }) => api.compare({ ...query, offset: pageParam, limit: PAGE }),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const have = all.reduce((sum, page) => sum + page.records.length, 0);
      return have < last.total && last.records.length > 0 ? have : undefined;
    },
  });
  if (pages.error) return <FaultView error={pages.error} onRetry={() => void pages.refetch()} />;
  if (!pages.data) return <div className={styles.scroll} aria-busy="true" />;
  const records = pages.data.pages.flatMap((p) => p.records);
  const total = pages.data.pages[0]?.total ?? 0;
  if (records.length === 0) {
    return onClear === null ? (
      <Empty title="Nothing differs.">Between these two moments no record came, went or changed, as far as was read.</Empty>
    ) : (
      <Empty title="No change matches." acts={<Button onPress={onClear}>Show all changes</Button>}>Search, the chip and the source narrow the list together.</Empty>
    );
  }
  return (
    // Keys move through the list where it is longer than the screen.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Records that differ">
      <ol className={styles.records} data-testid="records">
        {records.map((r) => <Record key={r.key} record={r} source={sources.find((s) => s.id === r.source)} />)}
      </ol>
      {pages.hasNextPage && <Button small onPress={() => void pages.fetchNextPage()} isDisabled={pages.isFetchingNextPage}>Show more, {count(total - records.length)} left</Button>}
    </div>
  );
}

function Record({ record, source }: { record: ComparedRecord; source: Source | undefined }) {
  const now = useNow();
  const word = RECORD_WORD[record.resource];
  return (
    <li>
      <span className={styles.sign} aria-hidden="true"><RecordSign change={record.change} /></span>
      <div className={styles.body}>
        <p className={styles.name}>
          <span title={source?.settings.name}><SourceMark source={source} small /></span>
          <Link className={styles.link} to={recordPath(record)}><bdi className="strong">{record.name}</bdi></Link>
          <span className="t3 xs">{word ?? record.resource.toLowerCase()} {record.change === "changed" ? "" : RECORD_CHANGE_WORD[record.change]}</span>
          <time className={styles.at} dateTime={new Date(record.seenAt).toISOString()} title={exactTime(record.seenAt)}>{moment(record.seenAt, now)}</time>
        </p>
        <Sums gained={record.gained} lost={record.lost} />
        {record.lines.length > 0 && (
          <ul className={styles.lines}>
            {record.lines.map((line, n) => (
              <li key={`${line.kind}-${line.path ?? ""}-${line.after ?? ""}-${line.before ?? ""}-${n}`}>
                <p><LineSentence line={line} /> {record.lines.length > 1 && <span className="t3" title={exactTime(line.seenAt)}>· {moment(line.seenAt, now)}</span>}</p>
                <Sums gained={line.gained} lost={line.lost} />
              </li>
            ))}
            {record.moreLines > 0 && <li className="t3">and {plural(record.moreLines, "more line")}</li>}
          </ul>
        )}
      </div>
    </li>
  );
}

/** The access that came and went. */
function Sums({ gained, lost }: { gained: readonly AccessSum[]; lost: readonly AccessSum[] }) {
  if (gained.length + lost.length === 0) return null;
  const rows = [...gained.map((sum) => ({ sum, up: true })), ...lost.map((sum) => ({ sum, up: false }))];
  return (
    <ul className={styles.consequences}>
      {rows.slice(0, SUMS).map(({ sum, up }) => (
        <li key={`${up ? "+" : "-"} ${sum.role.key} ${sum.scope.key} ${sum.state}`} className={sum.privileged && up ? styles.grave : ""}>
          {up ? <TrendingUp className="s" /> : <TrendingDown className="s" />}
          <span><Consequence sum={sum} gained={up} />{sum.privileged && <>{" "}<span className={`${parts.tag} ${up ? parts.tagWarn : ""}`}>privileged</span></>}</span>
        </li>
      ))}
      {rows.length > SUMS && <li className="t3">and {plural(rows.length - SUMS, "more role")}</li>}
    </ul>
  );
}
