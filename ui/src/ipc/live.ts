/** The engine's events: progress goes to a small store of its own, everything else makes cached answers stale. */
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { listen, type EngineEvent, type Source, type SyncOutcome, type SyncProgress } from "./index";
import { keys } from "./queries";

/** Lists are asked again this often at most while a sync writes. */
const REFRESH_EVERY_MS = 700;
/** A run is asked for again this often at most while it moves. */
const RUN_EVERY_MS = 250;

let running: ReadonlyMap<number, SyncProgress> = new Map();
const watchers = new Set<() => void>();

function setRunning(next: ReadonlyMap<number, SyncProgress>) {
  running = next;
  for (const watcher of watchers) watcher();
}

const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
  };
};

/** Running syncs by source, now. */
export const runningNow = (): ReadonlyMap<number, SyncProgress> => running;

/** Running syncs by source. */
export const useProgress = (): ReadonlyMap<number, SyncProgress> => useSyncExternalStore(watch, () => running);

/**
 * Takes in what an answer says of running syncs: a window opened midway shows them, and one that ended while an older
 * answer was under way does not stay. Events come several times a second, so an answer that is behind is soon put right.
 */
export function reconcileProgress(sources: Iterable<Source>) {
  const next = new Map(running);
  for (const { id, progress } of sources) {
    if (progress === null) next.delete(id);
    else if (!next.has(id)) next.set(id, progress);
  }
  if (next.size !== running.size || [...next.keys()].some((id) => !running.has(id))) setRunning(next);
}

/** For tests and for another data folder: nothing runs. */
export const forgetProgress = () => setRunning(new Map());

/** Starts to hear the engine. `onEnded` is told of each sync that ends. */
export function startListening(client: QueryClient, onEnded: (outcome: SyncOutcome) => void): Promise<void> {
  let due: ReturnType<typeof setTimeout> | undefined;
  let last = 0;

  const refreshDirectory = () => {
    if (due !== undefined) return;
    const wait = Math.max(0, REFRESH_EVERY_MS - (Date.now() - last));
    due = setTimeout(() => {
      due = undefined;
      last = Date.now();
      void client.invalidateQueries({ queryKey: keys.directory });
      void client.invalidateQueries({ queryKey: keys.overview });
    }, wait);
  };

  // A run speaks several times a second while it acts; it is asked for again at most this often.
  let runDue: ReturnType<typeof setTimeout> | undefined;
  let runLast = 0;
  const refreshRuns = () => {
    if (runDue !== undefined) return;
    runDue = setTimeout(() => {
      runDue = undefined;
      runLast = Date.now();
      // A plan that is being written stays as it is; everything else of runs is asked again.
      void client.invalidateQueries({ predicate: ({ queryKey: [of, what] }) => of === keys.runs[0] && what !== "plan" && what !== "leaver" });
      void client.invalidateQueries({ queryKey: keys.audit });
    }, Math.max(0, RUN_EVERY_MS - (Date.now() - runLast)));
  };

  // So does a rotation while it asks.
  let tokensDue: ReturnType<typeof setTimeout> | undefined;
  let tokensLast = 0;
  const refreshTokens = () => {
    if (tokensDue !== undefined) return;
    tokensDue = setTimeout(() => {
      tokensDue = undefined;
      tokensLast = Date.now();
      // What there is to choose from stays while somebody chooses.
      void client.invalidateQueries({ predicate: ({ queryKey: [of, what] }) => of === keys.tokens[0] && what !== "options" });
      void client.invalidateQueries({ queryKey: keys.audit });
    }, Math.max(0, RUN_EVERY_MS - (Date.now() - tokensLast)));
  };

  const refreshFindings = () => {
    void client.invalidateQueries({ queryKey: keys.findings });
    void client.invalidateQueries({ queryKey: keys.audit });
  };

  const refreshSources = () => {
    refreshTokens();
    void client.invalidateQueries({ queryKey: keys.sources });
    void client.invalidateQueries({ queryKey: keys.app });
    void client.invalidateQueries({ queryKey: keys.overview });
    void client.invalidateQueries({ queryKey: keys.audit });
  };

  const hear = (event: EngineEvent) => {
    switch (event.kind) {
      case "syncProgress": {
        const first = !running.has(event.progress.source);
        setRunning(new Map(running).set(event.progress.source, event.progress));
        if (first) refreshSources();
        return;
      }
      case "syncEnded": {
        const next = new Map(running);
        next.delete(event.outcome.source);
        setRunning(next);
        refreshSources();
        refreshDirectory();
        onEnded(event.outcome);
        return;
      }
      case "directoryChanged":
        refreshDirectory();
        return;
      case "findingsChanged":
        refreshFindings();
        return;
      case "runChanged":
        refreshRuns();
        return;
      case "tokensChanged":
        refreshTokens();
        return;
      case "sourcesChanged":
        refreshSources();
        refreshDirectory();
    }
  };
  return listen(hear);
}
