import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emit, invoke } from "./fake/transport";
import { forgetProgress, reconcileProgress, runningNow, startListening } from "./live";
import { keys } from "./queries";
import type { Source, SyncOutcome, SyncProgress } from "./index";

const PROGRESS: SyncProgress = { source: 2, phase: "reading", collection: "Users", read: 10, total: 100, perSecond: 5, leftMs: 18_000, requests: 3, budget: null, bytes: 900, retries: 0, waiting: null, startedAt: 0 };
const OUTCOME: SyncOutcome = { source: 2, name: "Ledgerly", state: "complete", added: 0, changed: 0, removed: 0, unchanged: 100, rowsWritten: 0, requests: 3, bytes: 900, startedAt: 0, tookMs: 10, coverage: [], fault: null };

describe("the engine's events", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("make the lists ask again, however often the picture changes, once in a while", async () => {
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
    const ask = vi.fn(() => Promise.resolve(1));
    const observer = new QueryObserver(client, { queryKey: [...keys.directory, "people"], queryFn: ask });
    const stop = observer.subscribe(() => undefined);
    await startListening(client, () => undefined);
    await vi.advanceTimersByTimeAsync(0);
    for (let generation = 1; generation <= 50; generation += 1) {
      emit({ kind: "directoryChanged", generation });
      await vi.advanceTimersByTimeAsync(20);
    }
    await vi.advanceTimersByTimeAsync(1_000);
    // One second of changes: the first answer, and at most one every 700 ms since.
    expect(ask.mock.calls.length).toBeGreaterThanOrEqual(2);
    expect(ask.mock.calls.length).toBeLessThanOrEqual(4);
    stop();
  });

  it("leave no sync behind that ended while an older answer was under way", async () => {
    forgetProgress();
    await startListening(new QueryClient(), () => undefined);
    const [, idle] = (await invoke("sources", {})) as [Source, Source];
    emit({ kind: "syncProgress", progress: PROGRESS });
    emit({ kind: "syncEnded", outcome: OUTCOME });
    reconcileProgress([{ ...idle, progress: PROGRESS }]);
    expect([...runningNow().keys()]).toEqual([2]);
    reconcileProgress([{ ...idle, progress: null }]);
    expect([...runningNow().keys()]).toEqual([]);
  });

  it("keep progress out of the cache, and tell of the end", async () => {
    const client = new QueryClient();
    const ended = vi.fn();
    await startListening(client, ended);
    emit({ kind: "syncProgress", progress: PROGRESS });
    expect(JSON.stringify(client.getQueryCache().getAll().map((q) => q.state.data))).not.toContain("perSecond");
    emit({ kind: "syncEnded", outcome: OUTCOME });
    expect(ended).toHaveBeenCalledWith(OUTCOME);
  });
});
