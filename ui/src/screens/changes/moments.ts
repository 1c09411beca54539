/** Between which moments is compared: what the address says, and what the pickers offer. */
import { dayOf } from "../../components/format";
import { since, spanOf, type Span } from "../../components/spans";
import type { SyncMoment } from "../../ipc";

export interface Between {
  /** A ready-made span up to now; none where two moments were chosen. */
  span: Span | null;
  from: number;
  /** None for now. */
  to: number | null;
}

const moment = (text: string | null): number | null => (text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null);

/** What an address asks for. A later moment that is not later counts as now. */
export function betweenOf(params: URLSearchParams, now: number): Between {
  const from = moment(params.get("from"));
  const to = moment(params.get("to"));
  if (from === null) {
    const span = spanOf(params.get("since"));
    return { span, from: since(Number(span), now), to: null };
  }
  return { span: null, from, to: to !== null && to > from ? to : null };
}

/** The start of a day as the field for dates gives it. None where it is no day. */
export function startOfDay(day: string): number | null {
  const at = new Date(`${day}T00:00:00`).getTime();
  return Number.isNaN(at) ? null : at;
}

/** The ends of syncs to choose from, newest first. One that was chosen and is not among them is kept as a choice. */
export function choices(moments: readonly SyncMoment[], chosen: number | null, words: (at: number) => string): { id: string; text: string; note: string }[] {
  const out = moments.map((m) => ({ id: String(m.at), text: words(m.at), note: `${m.sourceName}${m.state === "complete" ? "" : ", in part"}${m.lines > 0 ? `, ${m.lines} changed` : ""}` }));
  if (chosen !== null && !moments.some((m) => m.at === chosen)) out.unshift({ id: String(chosen), text: words(chosen), note: "chosen" });
  const seen = new Set<string>();
  return out.filter((c) => !seen.has(c.id) && seen.add(c.id));
}

export const dayField = (at: number | null): string => (at === null ? "" : dayOf(at));
