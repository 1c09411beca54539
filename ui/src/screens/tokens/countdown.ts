/** Time that runs down, as figures with their units: two of them at most, for the eye takes in no more. */
export interface Figure {
  value: string;
  unit: string;
}

const UNITS: readonly [ms: number, unit: string, word: string][] = [
  [86_400_000, "d", "day"],
  [3_600_000, "h", "hour"],
  [60_000, "m", "minute"],
  [1_000, "s", "second"],
];

/** Figures of a time in milliseconds; never below nothing. Whole seconds, rounded up: at 0 it is over, and not before. */
export function figures(ms: number): Figure[] {
  let left = Math.max(0, Math.ceil(ms / 1_000) * 1_000);
  const at = Math.max(0, UNITS.findIndex(([unit]) => left >= unit));
  const first = left === 0 ? UNITS.length - 1 : at;
  return UNITS.slice(first, first + 2).map(([unit, name], n) => {
    const value = Math.floor(left / unit);
    left -= value * unit;
    return { value: n === 0 ? String(value) : String(value).padStart(2, "0"), unit: name };
  });
}

/** The same in words, for those who hear it. */
export function spoken(ms: number): string {
  const shown = figures(ms);
  return shown
    .map(({ value, unit }) => {
      const number = Number(value);
      const word = UNITS.find(([, name]) => name === unit)?.[2] ?? "";
      return `${number} ${word}${number === 1 ? "" : "s"}`;
    })
    .join(" ");
}
