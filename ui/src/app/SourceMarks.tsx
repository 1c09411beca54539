/** The state of each source in the bar: shape says which system, a figure how old, a glyph what to know. */
import { CircleAlert, CircleDashed, CirclePause, LoaderCircle, TriangleAlert } from "lucide-react";
import { Link } from "react-router";
import { sourcePath } from "../components/address";
import { duration, exactTime, percent, short } from "../components/format";
import { SourceMark } from "../components/marks";
import { useNow } from "../components/now";
import type { Source, SyncProgress } from "../ipc";
import { useProgress } from "../ipc/live";
import styles from "./SourceMarks.module.css";

const GLYPH = {
  syncing: <LoaderCircle className="x run spin" />,
  failing: <CircleAlert className="x bad" />,
  incomplete: <TriangleAlert className="x warn" />,
  new: <CircleDashed className="x ne" />,
  disabled: <CirclePause className="x ne" />,
  stale: null,
  fresh: null,
} as const;

const WORD = { syncing: "syncing", failing: "the last sync failed", incomplete: "read in part", new: "never synced", disabled: "switched off", stale: "read a day or longer ago", fresh: "fresh" } as const;

export function sourceWords(source: Source, progress: SyncProgress | undefined): string {
  const { kind: system, authoritative } = source.settings;
  const kind = system === "backstage" ? "Backstage" : system === "azure" ? "Azure" : authoritative ? "SCIM, authoritative" : "SCIM, downstream";
  const state = progress
    ? `syncing${progress.total === null ? "" : `, ${percent(progress.read, progress.total)} %`}${progress.leftMs === null ? "" : `, ${duration(progress.leftMs)} left`}`
    : `${WORD[source.health]}${source.lastSyncAt === null ? "" : `, last sync ${exactTime(source.lastSyncAt)}`}`;
  return `${source.settings.name} (${kind}): ${state}`;
}

/** More than this many do not fit the bar; the rest is a number. */
const AT_MOST = 6;

export function SourceMarks({ sources }: { sources: readonly Source[] }) {
  const now = useNow();
  const running = useProgress();
  return (
    <ul className={styles.sources} aria-label="Sources">
      {sources.slice(0, AT_MOST).map((source) => {
        const progress = running.get(source.id);
        const health = progress ? "syncing" : source.health;
        const figure = progress
          ? progress.total === null ? `${progress.read}` : `${percent(progress.read, progress.total)} %`
          : source.lastSyncAt === null ? "" : now - source.lastSyncAt < 60_000 ? "now" : short(now - source.lastSyncAt);
        return (
          <li key={source.id}>
            <Link to={sourcePath(source.id)} className={styles.src} title={sourceWords(source, progress)} data-testid={`source-mark-${source.id}`}>
              <SourceMark source={source} />
              <span className={styles.name}>{source.settings.name}</span>
              {figure !== "" && <span>{figure}</span>}
              {GLYPH[health]}
              <span className="sr">{source.settings.name}: {WORD[health]}</span>
            </Link>
          </li>
        );
      })}
      {sources.length > AT_MOST && (
        <li>
          <Link to="/sources" className={styles.src}>and {sources.length - AT_MOST} more</Link>
        </li>
      )}
    </ul>
  );
}
