/** The strip of answers: where each stroke, flag and tick stands. Plain arithmetic, no drawing. */
import type { DeadProof, ProofAnswer, ProofMoment } from "../../ipc";

/** How an answer is drawn: tall when it was let in, low when it was refused, floating when it could not be told. */
export type Stroke = "tall" | "low" | "floating";

export const strokeOf = (answer: ProofAnswer): Stroke => (answer.accepted === true ? "tall" : answer.accepted === false ? "low" : "floating");

/** Height of a row's drawing, in its own units. */
export const TALL = 20;
const SPAN: Record<Stroke, readonly [from: number, to: number]> = { tall: [0, TALL], low: [15, TALL], floating: [8, 12] };

export interface Flag {
  id: "revoked" | "now" | "end" | "died";
  at: number;
  /** Where it stands, in per cent of the width. */
  place: number;
  /** Its words stand before the line rather than after it. */
  before: boolean;
  /** Its words would lie on another's: the line stands alone. */
  quiet: boolean;
}

export interface Strip {
  rows: { id: "old" | "oldWrite" | "new" | "madeUp"; path: string; last: ProofAnswer | null }[];
  flags: Flag[];
  ticks: { at: number; place: number }[];
  /** Where the old one may still be let in: from and to in per cent; none when that time is over. */
  may: { from: number; to: number } | null;
  /** Where the refusals that are awaited will stand; none when none are. */
  wanted: { from: number; left: number } | null;
  /** Whether the overlap ends beyond the right edge. */
  beyond: boolean;
}

const STEPS = [5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 7 * 86_400_000];
/** Room at the left edge, and at the right for what is awaited, in parts of the width. */
const LEFT = 0.035;
const RIGHT_WAITING = 0.15;
const RIGHT = 0.05;
/** A long overlap is cut where it would leave the answers less than a sixth of the width. */
const MOST_AHEAD = 5;
/** The part of the width that lasting refusals have at least. */
const ROOM = 0.16;
/** Per cent that the words of a flag take. */
const WORDS = 13;

const order: readonly Flag["id"][] = ["now", "died", "end", "revoked"];

/** When the old one was refused first without being let in again; none while it is let in. */
export function diedAt(proof: Pick<DeadProof, "moments">): number | null {
  let at: number | null = null;
  for (const m of proof.moments) {
    const stroke = strokeOf(m.old);
    if (stroke === "tall") at = null;
    else if (stroke === "low") at ??= m.at;
  }
  return at;
}

export function stripOf(proof: DeadProof, now: number, live: boolean): Strip {
  const { moments } = proof;
  const first = Math.min(...[moments[0]?.at, proof.revokedAt, now].filter((at) => at !== null && at !== undefined));
  const latest = Math.max(moments.at(-1)?.at ?? first, live ? now : first);
  const seen = Math.max(latest - first, 30_000);
  const end = proof.overlapUntil;
  const beyond = live && end !== null && end - first > seen * (MOST_AHEAD + 1);
  const last = Math.max(first + seen, end === null ? 0 : beyond ? first + seen * (MOST_AHEAD + 1) : end);
  const left = proof.wanted - proof.inRow;
  const right = live && left > 0 ? RIGHT_WAITING : RIGHT;
  // The refusals that are the proof come within a minute at the end of an hour: they have room of their own, from their flag on.
  const died = diedAt(proof);
  const wide = died !== null && died > first && last > died && (last - died) / (last - first) < ROOM ? died : null;
  const part = (at: number) => (wide === null ? (at - first) / (last - first) : at <= wide ? ((at - first) / (wide - first)) * (1 - ROOM) : 1 - ROOM + ((at - wide) / (last - wide)) * ROOM);
  const place = (at: number) => Math.round((LEFT + part(at) * (1 - LEFT - right)) * 10_000) / 100;

  const path = (of: (m: ProofMoment) => ProofAnswer | null) =>
    moments
      .flatMap((m) => {
        const answer = of(m);
        if (answer === null) return [];
        const [from, to] = SPAN[strokeOf(answer)];
        return [`M${(place(m.at) * 10).toFixed(1)} ${from}V${to}`];
      })
      .join("");
  const row = (id: Strip["rows"][number]["id"], of: (m: ProofMoment) => ProofAnswer | null) => ({ id, path: path(of), last: moments.reduce<ProofAnswer | null>((was, m) => of(m) ?? was, null) });
  const rows = [row("old", (m) => m.old)];
  if (moments.some((m) => m.oldWrite !== null)) rows.push(row("oldWrite", (m) => m.oldWrite));
  if (moments.some((m) => m.new !== null)) rows.push(row("new", (m) => m.new));
  rows.push(row("madeUp", (m) => m.madeUp));

  const endAt = end === null ? null : beyond ? last : end;
  const ahead = live && endAt !== null && endAt > now;
  return {
    rows,
    flags: flagsOf([...(proof.revokedAt === null ? [] : [["revoked", proof.revokedAt, place(proof.revokedAt)] as const]), ...(live ? [["now", now, place(now)] as const] : []), ...(died === null || died === first ? [] : [["died", died, place(died)] as const]), ...(end === null || endAt === null || end === proof.revokedAt ? [] : [["end", end, place(endAt)] as const])]),
    ticks: ticksOf(first, wide ?? last, place),
    may: ahead ? { from: place(now), to: place(endAt) } : null,
    wanted: live && left > 0 ? { from: place(ahead ? endAt : Math.max(now, latest)), left } : null,
    beyond,
  };
}

/** Words stand after a line where there is room, before it otherwise; where they would meet, the lesser keeps silent. */
function flagsOf(wanted: readonly (readonly [Flag["id"], number, number])[]): Flag[] {
  const taken: [number, number][] = [];
  const free = (from: number, to: number) => from >= -0.5 && to <= 103 && taken.every(([a, b]) => to <= a || from >= b);
  const placed = new Map<Flag["id"], Flag>();
  for (const id of order) {
    const flag = wanted.find(([of]) => of === id);
    if (!flag) continue;
    const [, at, place] = flag;
    // The present has its past on the left, where its words disturb nothing that is to come.
    const sides = id === "now" ? [true, false] : [false, true];
    const before = sides.find((side) => (side ? free(place - WORDS, place) : free(place, place + WORDS)));
    if (before !== undefined) taken.push(before ? [place - WORDS, place] : [place, place + WORDS]);
    placed.set(id, { id, at, place, before: before ?? false, quiet: before === undefined });
  }
  return wanted.flatMap(([id]) => placed.get(id) ?? []);
}

/** Round times under the strip, five or so, clear of its edges and of each other. */
function ticksOf(first: number, last: number, place: (at: number) => number): Strip["ticks"] {
  const step = STEPS.find((s) => (last - first) / s <= 7) ?? 30 * 86_400_000;
  // Whole steps of the clock on the wall, which is not UTC's where days are concerned.
  const shift = new Date(first).getTimezoneOffset() * 60_000;
  const ticks: Strip["ticks"] = [];
  for (let at = Math.ceil((first - shift) / step) * step + shift; at <= last; at += step) {
    const where = place(at);
    if (where < 6 || where > 96) continue;
    ticks.push({ at, place: where });
  }
  return ticks;
}

/** The strip for those who cannot see it. */
export function stripWords(proof: DeadProof): string {
  const times = (of: (m: ProofMoment) => ProofAnswer | null) => {
    const answers = proof.moments.map(of).filter((a) => a !== null);
    const n = (stroke: Stroke) => answers.filter((a) => strokeOf(a) === stroke).length;
    const says = (word: string, many: number) => (many === 0 ? "" : `${word} ${many === 1 ? "once" : `${many} times`}`);
    const parts = [says("let in", n("tall")), says("refused", n("low")), says("not to be told", n("floating"))].filter(Boolean);
    return parts.length === 0 ? "not asked" : parts.join(", ");
  };
  const write = proof.moments.some((m) => m.oldWrite !== null) ? ` Old, a write: ${times((m) => m.oldWrite)}.` : "";
  return `Answers over time. Old: ${times((m) => m.old)}.${write} New: ${times((m) => m.new)}. Made up: ${times((m) => m.madeUp)}.`;
}
