/** Findings by severity with their trend, and the first of them. */
import { CircleDashed } from "lucide-react";
import { Link } from "react-router";
import { Time } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { findingPath, SEVERITIES, SEVERITY_WORD, SeverityGlyph } from "../../components/findingWords";
import { count, plural } from "../../components/format";
import { SystemMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import type { FindingSums, SeveritySum, Source } from "../../ipc";
import styles from "./OverviewScreen.module.css";

/** As many as stand beside the severities. */
const FIRST = 5;

/** "+2", "−1", "±0"; what came and what went in the words for a hover. */
export function changeWords(sum: Pick<SeveritySum, "new" | "closed">): { sign: string; says: string } {
  const by = sum.new - sum.closed;
  return { sign: by > 0 ? `+${count(by)}` : by < 0 ? `−${count(-by)}` : "±0", says: `${count(sum.new)} new, ${count(sum.closed)} closed` };
}

interface Props {
  sums: FindingSums | undefined;
  error: Error | null;
  onRetry: () => void;
  sources: readonly Source[];
}

export function FindingsPart({ sums, error, onRetry, sources }: Props) {
  const fresh = sums?.severities.reduce((all, s) => all + s.new, 0) ?? 0;
  return (
    <section aria-labelledby="o-findings" className={styles.findings} data-testid="overview-findings">
      <header>
        <h2 id="o-findings" className={parts.sect}>Findings</h2>
        {sums !== undefined && sums.evaluatedAt !== null && <span className="t3 xs">{count(sums.open)} open, {count(fresh)} new</span>}
        <Link className={styles.all} to="/findings">All findings</Link>
      </header>
      {error && !sums && <FaultView compact error={error} onRetry={onRetry} />}
      {sums?.evaluatedAt === null && <p className={styles.none}><CircleDashed className="s ne" /> Nothing was evaluated yet. The rules are asked after each sync.</p>}
      {sums !== undefined && sums.evaluatedAt !== null && (
        <div className={styles.split}>
          <ul className={styles.severities}>
            {SEVERITIES.map((severity) => {
              const sum = sums.severities.find((s) => s.severity === severity);
              const change = changeWords(sum ?? { new: 0, closed: 0 });
              return (
                <li key={severity}>
                  <Link to={`/findings?view=list&severity=${severity}`} data-testid={`overview-${severity}`}>
                    <SeverityGlyph severity={severity} />
                    <span>{SEVERITY_WORD[severity]}</span>
                    <Trend days={sum?.trend ?? []} />
                    <b className={severity === "critical" && (sum?.open ?? 0) > 0 ? "bad" : ""}>{count(sum?.open ?? 0)}</b>
                    <small title={change.says}>{change.sign}<span className="sr"> ({change.says})</span></small>
                  </Link>
                </li>
              );
            })}
            <li className={styles.dashed}>
              <Link to="/findings/rules">
                <CircleDashed className="ne" />
                <span className={styles.wideWord}>Rules not evaluated</span>
                <b>{count(sums.rulesNotEvaluated)}</b>
                <small>of {count(sums.rulesAsked + Math.max(0, sums.rulesNotEvaluated))}</small>
              </Link>
            </li>
          </ul>
          <ol className={styles.first}>
            {sums.first.slice(0, FIRST).map((f) => (
              <li key={f.id}>
                <Link to={findingPath(f.id)} title={f.says}>
                  <SeverityGlyph severity={f.severity} label />
                  <bdi className="cut">{f.says}</bdi>
                  <Time at={f.firstSeen} form="stamp" />
                  <Mark of={f.sources[0]} sources={sources} />
                </Link>
              </li>
            ))}
            {sums.first.length === 0 && <li className={styles.none}>{sums.rulesNotEvaluated > 0 ? "Nothing was found in what could be read." : `${plural(sums.rulesAsked, "rule")} found nothing.`}</li>}
          </ol>
        </div>
      )}
    </section>
  );
}

function Mark({ of, sources }: { of: number | undefined; sources: readonly Source[] }) {
  const source = sources.find((s) => s.id === of);
  if (!source) return <span className={styles.noMark} />;
  return <span title={source.settings.name}><SystemMark kind={source.settings.kind} downstream={!source.settings.authoritative} /><span className="sr">{source.settings.name}</span></span>;
}

const WIDTH = 72;
const HEIGHT = 20;

/** A bar a day, by the largest; a day on which nothing was evaluated is a gap with a dashed foot. */
function Trend({ days }: { days: readonly (number | null)[] }) {
  const shown = days.slice(-14);
  const most = Math.max(1, ...shown.map((d) => d ?? 0));
  const step = WIDTH / Math.max(shown.length, 1);
  return (
    <svg className={styles.trend} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {shown.map((d, n) => {
        const height = d === null ? 0 : Math.max(1.5, (d / most) * HEIGHT);
        const x = n * step;
        return d === null ? <path key={n} className={styles.gap} d={`M${x} ${HEIGHT - 0.5}h${step - 1.6}`} /> : <rect key={n} className={n === shown.length - 1 ? styles.today : ""} x={x} y={HEIGHT - height} width={step - 1.6} height={height} rx=".6" />;
      })}
    </svg>
  );
}
