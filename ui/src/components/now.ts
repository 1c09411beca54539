/** The clocks of the window: one for all relative times, one that ticks each second for what is being waited for. */
import { useSyncExternalStore } from "react";

function makeClock(everyMs: number) {
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const watchers = new Set<() => void>();
  const watch = (watcher: () => void) => {
    watchers.add(watcher);
    if (watchers.size === 1) {
      now = Date.now();
      timer = setInterval(() => {
        now = Date.now();
        for (const each of watchers) each();
      }, everyMs);
    }
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) clearInterval(timer);
    };
  };
  return { watch, now: () => now };
}

const slow = makeClock(15_000);
const seconds = makeClock(1_000);
const still = () => () => undefined;

export const useNow = (): number => useSyncExternalStore(slow.watch, slow.now);

/** The time, told each second while `live`; otherwise as it was when last told. */
export const useSeconds = (live: boolean): number => useSyncExternalStore(live ? seconds.watch : still, seconds.now);
