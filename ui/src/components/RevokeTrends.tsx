/** Each system's time to revoke over its last runs, against its limit. */
import { Link } from "react-router";
import type { RevokePoint, RevokeTrend } from "../ipc";
import { runPath } from "./address";
import { duration, plural } from "./format";
import { SourceMark } from "./SourceMark";
import styles from "./RevokeTrends.module.css";
import { VERDICT_WORD } from "./verdicts";

const WIDTH = 132;
const HEIGHT = 30;
const EDGE = 5;
/** As many of the last runs as can be told apart. */
const MOST = 12;

/** Where a time stands between the shortest and just above the limit, on a log scale: seconds and hours are both read. */
export function heightOf(ms: number, least: number, most: number): number {
  const top = Math.log(Math.max(most, 2_000) * 1.3);
  const bottom = Math.log(Math.max(100, Math.min(least, most / 4) * 0.7));
  const part = (Math.log(Math.max(ms, 1)) - bottom) / (top - bottom);
  return HEIGHT - EDGE - Math.min(1, Math.max(0, part)) * (HEIGHT - 2 * EDGE);
}

const pointWords = (p: RevokePoint): string => (p.tookMs === null ? VERDICT_WORD[p.verdict] : `${duration(p.tookMs)} of ${duration(p.limitMs)}`);

export function RevokeTrends({ trends }: { trends: readonly RevokeTrend[] }) {
  return (
    <ul className={styles.list}>
      {trends.map((trend) => {
        const shown = trend.runs.slice(-MOST);
        const last = shown.at(-1);
        return (
          <li key={trend.source} data-testid={`trend-${trend.source}`}>
            <SourceMark source={trend.source} kind={trend.kind} small={false} />
            <span className={styles.name}>
              <bdi className="cut">{trend.sourceName}</bdi>
              <small>{plural(shown.length, "run")}{last ? `, limit ${duration(last.limitMs)}` : ""}</small>
            </span>
            <Plot runs={shown} />
            <span className={styles.value}>
              {last === undefined ? (
                <span className="ne">none yet</span>
              ) : (
                <Link to={runPath(last.run)} className={last.verdict === "failed" ? "bad" : last.tookMs === null ? "ne" : "strong"}>
                  {last.tookMs === null ? VERDICT_WORD[last.verdict] : duration(last.tookMs)}
                </Link>
              )}
              {last !== undefined && <small>run {last.run}</small>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Plot({ runs }: { runs: readonly RevokePoint[] }) {
  if (runs.length === 0) return <span />;
  const most = Math.max(...runs.map((r) => Math.max(r.limitMs, r.tookMs ?? 0)));
  const least = Math.min(...runs.map((r) => Math.min(r.limitMs, r.tookMs ?? r.limitMs)));
  const x = (n: number) => (runs.length === 1 ? WIDTH - EDGE : EDGE + (n * (WIDTH - 2 * EDGE)) / (runs.length - 1));
  const limit = heightOf(runs.at(-1)?.limitMs ?? most, least, most);
  // A run without a time breaks the line: there is nothing to join through.
  const lines: string[] = [];
  let open = "";
  runs.forEach((run, n) => {
    if (run.tookMs === null) {
      if (open.includes("L")) lines.push(open);
      open = "";
    } else open += `${open === "" ? "M" : "L"}${x(n).toFixed(1)} ${heightOf(run.tookMs, least, most).toFixed(1)}`;
  });
  if (open.includes("L")) lines.push(open);
  return (
    <svg className={styles.plot} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={runs.map((r) => `Run ${r.run}: ${pointWords(r)}`).join("; ")}>
      <path className={styles.limit} d={`M0 ${limit}H${WIDTH}`} />
      {lines.map((d) => <path key={d} className={styles.line} d={d} />)}
      {runs.map((run, n) => {
        const at = x(n);
        if (run.verdict === "failed") return <path key={run.run} className={styles.bad} d={`M${at - 3} ${limit - 3}l6 6m0-6l-6 6`}><title>{`Run ${run.run}: ${pointWords(run)}`}</title></path>;
        if (run.tookMs === null) return <circle key={run.run} className={styles.ne} cx={at} cy={limit} r="2.6"><title>{`Run ${run.run}: ${pointWords(run)}`}</title></circle>;
        return <circle key={run.run} className={n === runs.length - 1 ? styles.last : styles.dot} cx={at} cy={heightOf(run.tookMs, least, most)} r={n === runs.length - 1 ? 3 : 2}><title>{`Run ${run.run}: ${pointWords(run)}`}</title></circle>;
      })}
    </svg>
  );
}
