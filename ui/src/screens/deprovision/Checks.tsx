/** The checks of a phase, system by system: how long each took, or waits, against its limit. */
import { useAddress } from "../../components/address";
import { duration, plural } from "../../components/format";
import { SourceMark } from "../../components/SourceMark";
import { VERDICT_WORD, VerdictGlyph } from "../../components/verdicts";
import type { Check, Phase, Run } from "../../ipc";
import { makeAxis, type Axis } from "./axis";
import { CheckDetail } from "./CheckDetail";
import styles from "./Checks.module.css";

/** What keeps a run open is shown first, unless something was chosen or folded. */
const troubled = (c: Check) => c.verdict === "failed" || (c.critical && c.verdict === "notEvaluated");

export function Checks({ run, phase, now }: { run: Run; phase: Phase; now: number }) {
  const { params, go } = useAddress();
  const checks = run.checks.filter((c) => c.phase === phase);
  if (checks.length === 0) return <p className={styles.empty}>{phase === "watch" ? "The plan asks for no watch: whether the person comes back with the next cycle is not looked at." : "No check belongs to this phase."}</p>;
  const elapsed = run.cutAt === null ? null : Math.max(0, (run.closedAt ?? now) - run.cutAt);
  const waiting = checks.some((c) => c.verdict === "waiting");
  const mark = waiting ? elapsed : null;
  const axis = makeAxis(checks.flatMap((c) => [c.limitMs, c.tookMs ?? 0]), mark);
  const chosen = params.get("check");
  const open = chosen === null ? checks.find(troubled)?.id : chosen;
  const systems = [...new Set(checks.map((c) => c.source))];
  return (
    <>
      <div className={styles.checks}>
        <div className={styles.scale} aria-hidden="true">
          <span>Time since the cut</span>
          <span className={styles.lane}>
            {axis.ticks.map((t) => <span key={t.text} style={{ left: `${t.at}%` }}>{t.text}</span>)}
            {mark !== null && <span className={styles.nowl} style={{ left: `${axis.at(mark)}%`, transform: "translateX(-50%)" }}>now</span>}
          </span>
        </div>
        {mark !== null && <div className={styles.nowline} aria-hidden="true"><span><i style={{ left: `${axis.at(mark)}%` }} /></span></div>}
        {systems.map((source) => {
          const own = checks.filter((c) => c.source === source);
          return <System key={source} run={run} checks={own} axis={axis} elapsed={elapsed} open={open} chosen={chosen} onOpen={(id) => go({ set: { check: id === open ? "none" : id }, replace: true })} />;
        })}
      </div>
      {checks.some((c) => !c.critical) && <p className={styles.notes}>In small letters: not critical; it keeps nothing open.</p>}
      {run.leftOut.length > 0 && <p className={styles.notes}>Not part of this run: {run.leftOut.join(" ")}</p>}
    </>
  );
}

/** As much of it as there is room for, with its line above. */
const intoView = (detail: HTMLElement | null) => {
  const line = detail?.parentElement;
  if (line?.getBoundingClientRect().height) line.scrollIntoView({ block: "nearest" });
};

interface SystemProps {
  run: Run;
  checks: readonly Check[];
  axis: Axis;
  elapsed: number | null;
  open: string | undefined;
  /** The one that was asked for: it is brought into view. */
  chosen: string | null;
  onOpen: (id: string) => void;
}

function System({ run, checks, axis, elapsed, open, chosen, onOpen }: SystemProps) {
  const [first] = checks;
  if (!first) return null;
  const limits = [...new Set(checks.map((c) => c.limitMs))];
  return (
    <section aria-label={first.sourceName}>
      <h3 className={styles.group}>
        <SourceMark source={first.source} kind={first.kind} />
        <bdi>{first.sourceName}</bdi>
        <span>{(first.arrivedMs ?? 0) > 0 ? `arrived after ${duration(first.arrivedMs ?? 0)}, ` : ""}{limits.length === 1 ? `limit ${duration(limits[0] ?? 0)}` : plural(checks.length, "check")}</span>
      </h3>
      <ul>
        {checks.map((check) => (
          <li key={check.id} data-testid={`check-${check.id}`}>
            <button type="button" className={styles.line} data-verdict={check.verdict} aria-expanded={open === check.id} onClick={() => onOpen(check.id)}>
              <VerdictGlyph verdict={check.verdict} />
              <span className={`${styles.what} ${check.critical ? "" : styles.minor}`} title={check.title}>{check.title}{!check.critical && <span className="sr">, not critical</span>}</span>
              <Lane check={check} axis={axis} elapsed={elapsed} />
              <span className={styles.v}><Value check={check} elapsed={elapsed} /></span>
            </button>
            {open === check.id && <div ref={check.id === chosen ? intoView : undefined}><CheckDetail run={run} check={check} /></div>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Lane({ check, axis, elapsed }: { check: Check; axis: Axis; elapsed: number | null }) {
  const limit = axis.at(check.limitMs);
  const name = `${styles.lane} ${styles[check.verdict] ?? ""}`;
  switch (check.verdict) {
    case "notEvaluated":
    case "waived":
      return <span className={name} aria-hidden="true"><i className={styles.hatch} /></span>;
    case "failed": {
      const end = elapsed === null ? limit : axis.at(Math.max(check.limitMs, Math.min(elapsed, check.limitMs * 1.25)));
      return <span className={name} aria-hidden="true"><i className={styles.bar} style={{ width: `${limit}%` }} /><i className={styles.over} style={{ left: `${limit}%`, width: `${Math.max(0, end - limit)}%` }} /><i className={styles.limit} style={{ left: `${limit}%` }} /></span>;
    }
    case "passed":
    case "waiting": {
      const end = axis.at(check.verdict === "passed" ? (check.tookMs ?? 0) : (elapsed ?? 0));
      return <span className={name} aria-hidden="true"><i className={styles.bar} style={{ width: `${end}%` }} /><i className={styles.limit} style={{ left: `${limit}%` }} /><i className={styles.dot} style={{ left: `${end}%` }} /></span>;
    }
    case "pending":
      return <span className={name} aria-hidden="true"><i className={styles.limit} style={{ left: `${limit}%` }} /></span>;
  }
}

function Value({ check, elapsed }: { check: Check; elapsed: number | null }) {
  const word = <span className="sr">{VERDICT_WORD[check.verdict]}</span>;
  switch (check.verdict) {
    case "passed": return <>{check.tookMs === null ? "passed" : duration(check.tookMs)}{check.tookMs !== null && word}</>;
    case "waiting": return <span className="run">{elapsed === null ? "" : duration(elapsed)}{word}</span>;
    case "failed": return <span className="bad strong">{check.remains.length > 0 ? `${check.remains.length} ${check.remains.length === 1 ? "survives" : "survive"}` : ""}{check.remains.length > 0 ? word : "failed"}</span>;
    case "notEvaluated": {
      const status = check.last?.status ?? 0;
      return <span className="ne">{status >= 400 ? <>{status}{word}</> : "not evaluated"}</span>;
    }
    case "waived": return <span className="warn">waived</span>;
    case "pending": return <span className="t3">not yet</span>;
  }
}
