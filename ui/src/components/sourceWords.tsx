/** How a source is doing, in a glyph and words; its coverage; a running sync. */
import { CircleAlert, CircleCheck, CircleDashed, CirclePause, Clock, LoaderCircle, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Coverage, Source, SourceHealth, SyncPhase, SyncProgress } from "../ipc";
import { bytes, count, duration, listed, percent, plural } from "./format";
import { Ticks } from "./marks";
import parts from "./parts.module.css";
import styles from "./sourceWords.module.css";

const GLYPH: Record<SourceHealth, ReactNode> = {
  new: <CircleDashed className="ne" />,
  syncing: <LoaderCircle className="run spin" />,
  fresh: <CircleCheck className="good" />,
  stale: <Clock className="warn" />,
  incomplete: <TriangleAlert className="warn" />,
  failing: <CircleAlert className="bad" />,
  disabled: <CirclePause className="ne" />,
};

/** "Groups cut short", "Read in part", … : the shortest true words. */
export function healthWords(source: Source): string {
  switch (source.health) {
    case "new": return "Never synced";
    case "syncing": return "Syncing";
    case "fresh": return "Fresh";
    case "stale": return "Stale";
    case "failing": return "Last sync failed";
    case "disabled": return "Switched off";
    case "incomplete": {
      const cut = source.coverage.filter((c) => c.state === "incomplete" && c.collection !== "Memberships");
      const [only] = cut;
      return only !== undefined && cut.length === 1 ? `${only.collection} read in part` : "Read in part";
    }
  }
}

export function HealthState({ source, progress }: { source: Source; progress: SyncProgress | undefined }) {
  if (progress) return <SyncingState progress={progress} />;
  return (
    <span className={parts.state} data-testid={`health-${source.id}`} data-health={source.health}>
      {GLYPH[source.health]}
      {healthWords(source)}
    </span>
  );
}

export function Meter({ progress, wide = false }: { progress: SyncProgress; wide?: boolean }) {
  const unknown = progress.total === null;
  const value = progress.total === null ? undefined : percent(progress.read, progress.total);
  return (
    <span className={`${parts.meter} ${wide ? parts.meterWide : ""} ${unknown ? parts.meterUnknown : ""}`} role="progressbar" aria-label="Progress of the sync" aria-valuenow={value} aria-valuemin={0} aria-valuemax={100}>
      <i style={unknown ? undefined : { width: `${value ?? 0}%` }} />
    </span>
  );
}

const SyncingState = ({ progress }: { progress: SyncProgress }) => (
  <span className={`${parts.state} run`}>
    {GLYPH.syncing}
    Syncing
    <Meter progress={progress} />
    {progress.leftMs !== null && <span className="xs">{duration(progress.leftMs)} left</span>}
  </span>
);

const PHASE: Record<SyncPhase, string> = { connecting: "Asking what the server can do", reading: "Reading", confirming: "Asking one by one for what the list did not show", saving: "Saving" };

/** All that a running sync says. */
export function SyncDetail({ progress, cancel }: { progress: SyncProgress; cancel: ReactNode }) {
  const of = progress.total === null ? "" : ` of ${count(progress.total)}`;
  const facts = [
    `${count(Math.round(progress.perSecond))} a second`,
    progress.leftMs === null ? "time left not known" : `${duration(progress.leftMs)} left`,
    progress.budget === null ? plural(progress.requests, "request") : `${count(progress.requests)} of ${count(progress.budget)} requests`,
    bytes(progress.bytes),
    progress.retries > 0 ? `${count(progress.retries)} made again` : "",
  ].filter(Boolean);
  return (
    <div className={styles.sync} data-testid={`progress-${progress.source}`}>
      <div className={styles.syncHead}>
        <LoaderCircle className="run spin s" />
        <span className="strong">{PHASE[progress.phase]}{progress.phase === "reading" ? ` ${progress.collection.toLowerCase()}` : ""}</span>
        <span className="grow">{count(progress.read)}{of}</span>
        {cancel}
      </div>
      <Meter progress={progress} wide />
      <p className="xs t2">{facts.join(" · ")}</p>
      {progress.waiting !== null && (
        <p className="xs warn">
          <Clock className="x" /> Waiting: {progress.waiting}
        </p>
      )}
    </div>
  );
}

/** "3 of 3 collections"; what is missing by name. */
export function coverageWords(coverage: readonly Coverage[]): string {
  if (coverage.length === 0) return "nothing read yet";
  const whole = coverage.filter((c) => c.state === "complete").length;
  const unread = coverage.filter((c) => c.state === "notEvaluated");
  const part = coverage.filter((c) => c.state === "incomplete");
  if (whole === coverage.length) return `${whole} of ${coverage.length} collections`;
  // A few by name; many as a number, for the source's own page names them all.
  const named = (of: readonly Coverage[]) => (of.length > 2 ? count(of.length) : listed(of.map((c) => c.collection.toLowerCase())));
  const says = [part.length > 0 ? `${named(part)} in part` : "", unread.length > 0 ? `${named(unread)} not evaluated` : ""].filter(Boolean);
  return `${whole} of ${coverage.length}, ${says.join("; ")}`;
}

export const CoverageTicks = ({ source }: { source: Source }) => (
  <span className={styles.cov}>
    {source.coverage.length > 0 && <Ticks coverage={source.coverage} />}
    <span className={source.coverage.length > 0 && source.coverage.every((c) => c.state === "complete") ? "t2" : "t3"}>{coverageWords(source.coverage)}</span>
  </span>
);

/** "At least", as a sign. */
export const AtLeast = () => (
  <>
    <span className="sign" aria-hidden="true">≥</span>
    <span className="sr">at least</span>{" "}
  </>
);

/** A count that says when it is a lower bound, or not known. */
export function Counted({ source, collection, value }: { source: Source; collection: string; value: number }) {
  const state = source.coverage.find((c) => c.collection === collection)?.state;
  if (state === undefined || state === "notEvaluated") return <span className="ne" title="Not evaluated">{value > 0 ? count(value) : "not read"}</span>;
  return <span title={state === "incomplete" ? "Read in part: there may be more" : undefined}>{state === "incomplete" && <AtLeast />}{count(value)}</span>;
}
