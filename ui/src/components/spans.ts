/** The times that "new" and "changed" are counted over. */
export const SPANS = [
  { id: "1", text: "Since yesterday", says: "since yesterday" },
  { id: "7", text: "7 days", says: "in 7 days" },
  { id: "30", text: "30 days", says: "in 30 days" },
] as const;
export type Span = (typeof SPANS)[number]["id"];

const DAY = 86_400_000;

/** The start of the day so many days ago, so that the question stays the same for a day. */
export const since = (days: number, now: number) => new Date(now - days * DAY).setHours(0, 0, 0, 0);

/** The span that an address names; since yesterday where it names none. */
export const spanOf = (asked: string | null): Span => SPANS.find((s) => s.id === asked)?.id ?? "1";
