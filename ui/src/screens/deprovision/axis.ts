/** The time axis of checks: logarithmic, for seconds and hours stand on one line. */
const TICKS: readonly [ms: number, text: string][] = [
  [1_000, "1 s"], [10_000, "10 s"], [60_000, "1 m"], [600_000, "10 m"], [3_600_000, "1 h"], [6 * 3_600_000, "6 h"], [86_400_000, "1 d"], [7 * 86_400_000, "7 d"], [30 * 86_400_000, "30 d"],
];

export interface Axis {
  /** Where a time stands, in per cent of the width. */
  at: (ms: number) => number;
  ticks: { at: number; text: string }[];
}

/** An axis from one second to a little beyond the longest of the times; ticks keep clear of `now` and of each other. */
export function makeAxis(times: readonly number[], now: number | null): Axis {
  const most = Math.max(60_000, ...times, now ?? 0) * 1.12;
  const span = Math.log(most / 1_000);
  const at = (ms: number) => (ms <= 1_000 ? 0 : Math.min(100, (Math.log(ms / 1_000) / span) * 100));
  const ticks: Axis["ticks"] = [];
  for (const [ms, text] of TICKS) {
    const place = at(ms);
    const last = ticks.at(-1);
    if (ms > most || (last && place - last.at < 12) || place > 97 || (now !== null && Math.abs(place - at(now)) < 11)) continue;
    ticks.push({ at: place, text });
  }
  return { at, ticks };
}
