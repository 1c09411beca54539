/** How numbers, times and sizes are written on screen. */
const number = new Intl.NumberFormat("en");
const decimal = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
// "Sep", not "Sept": every month takes the same room.
const month = new Intl.DateTimeFormat("en-US", { month: "short" });
const dayMonth = { format: (at: number) => `${new Date(at).getDate()} ${month.format(at)}` };
const monthYear = { format: (at: number) => `${month.format(at)} ${new Date(at).getFullYear()}` };
const full = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long" });
const dayAndMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const count = (value: number): string => number.format(value);

/** "9,851", "90.1k", "1,204k": where there is little room, and the exact number stands elsewhere. */
export const brief = (value: number): string => (value < 10_000 ? count(value) : `${count(value < 100_000 ? Math.round(value / 100) / 10 : Math.round(value / 1000))}k`);

/** "1 group", "2 groups", "1,204 groups". */
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

export const exactTime = (at: number): string => full.format(at);
/** "19:58:07", for what happens within minutes. */
export const atSecond = (at: number): string => clockSeconds.format(at);
export const timeOfDay = (at: number): string => clock.format(at);
// Put together by hand: engines differ about commas between the parts.
export const longDay = (at: number): string => `${weekday.format(at)} ${dayAndMonth.format(at)}, ${clock.format(at)}`;

const sameDay = (a: number, b: number) => new Date(a).toDateString() === new Date(b).toDateString();
const sameYear = (a: number, b: number) => new Date(a).getFullYear() === new Date(b).getFullYear();

/** For prose: "just now", "2 m ago", "3 h ago", "5 d ago", "17 Nov", "Mar 2024". */
export function ago(at: number, now: number): string {
  const age = now - at;
  if (age < -MINUTE) return `in ${short(-age)}`;
  if (age < 45 * SECOND) return "just now";
  if (age < 14 * DAY) return `${short(age)} ago`;
  return sameYear(at, now) ? dayMonth.format(at) : monthYear.format(at);
}

/** For narrow columns and the bar: "2 m", "3 h", "5 d". */
export function short(age: number): string {
  if (age < MINUTE) return `${Math.max(0, Math.round(age / SECOND))} s`;
  if (age < HOUR) return `${Math.round(age / MINUTE)} m`;
  if (age < DAY) return `${Math.round(age / HOUR)} h`;
  return `${Math.round(age / DAY)} d`;
}

/** For columns of times: the time today, days lately, else the date. */
export function stamp(at: number, now: number): string {
  if (sameDay(at, now)) return clock.format(at);
  const age = now - at;
  if (age >= 0 && age < 30 * DAY) return `${Math.max(1, Math.round(age / DAY))} d`;
  return sameYear(at, now) ? dayMonth.format(at) : monthYear.format(at);
}

/** A moment in a sentence: "19:58", "3 Nov, 09:12", "3 Nov 2024, 09:12". */
export function moment(at: number, now: number): string {
  if (sameDay(at, now)) return clock.format(at);
  return `${dayMonth.format(at)}${sameYear(at, now) ? "" : ` ${new Date(at).getFullYear()}`}, ${clock.format(at)}`;
}

/** For timelines: the day as a heading. */
export function dayHeading(at: number, now: number): string {
  if (sameDay(at, now)) return "Today";
  if (sameDay(at, now - DAY)) return "Yesterday";
  return `${weekday.format(at)} ${dayAndMonth.format(at)}${sameYear(at, now) ? "" : ` ${new Date(at).getFullYear()}`}`;
}

/** "340 ms", "42 s", "1 m 24 s", "2 h 5 m". */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${decimal.format(ms / SECOND)} s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} m` : `${minutes} m ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`;
}

/** "812 B", "1.4 MB". */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let left = value;
  while (left >= 1000 && at < units.length - 1) {
    left /= 1000;
    at += 1;
  }
  return `${at === 0 ? count(left) : decimal.format(left)} ${units[at] ?? ""}`;
}

/** Whole per cent that never says 100 before the end. */
export const percent = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.min(part >= whole ? 100 : 99, Math.floor((part / whole) * 100)));

/** The letter for a face: the first letter of the name, whatever the script. */
export function initial(name: string): string {
  const match = /[\p{L}\p{N}]\p{M}*/u.exec(name.normalize("NFC"));
  return (match?.[0] ?? "·").toLocaleUpperCase();
}

/** A long id with its ends kept: "00u8…k2d7". */
export const cutMiddle = (text: string, keep = 4): string => (text.length <= keep * 2 + 3 ? text : `${text.slice(0, keep)}…${text.slice(-keep)}`);

/** A message as a sentence: a capital at its start, a stop at its end. */
export const sentence = (text: string): string => (text === "" ? "" : `${text.slice(0, 1).toLocaleUpperCase("en")}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`);

/** "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

/** Whether what stands in for a name is nothing but an id (a UUID, RFC 9562 §4), which tells nobody who that is. */
export const isBareId = (name: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name);

/** A day as the field for dates writes it, by the clock of this machine. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}

/** The end of a day as the field for dates gives it: the day counts whole. None where it is no day. */
export function endOfDay(day: string): number | null {
  const at = new Date(`${day}T23:59:59`).getTime();
  return Number.isNaN(at) ? null : at;
}
