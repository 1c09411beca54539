/** The pure parts: time that runs down, the strip of answers, what the large figure says, which credentials are shown. */
import { describe, expect, it } from "vitest";
import type { Credential, DeadProof, ProofMoment } from "../../ipc";
import { figures, spoken } from "./countdown";
import { barOf } from "./days";
import { headline } from "./proofWords";
import { formOf, inUnit, problemsOf, startOf } from "./start";
import { diedAt, stripOf, stripWords, TALL } from "./strip";
import { answer, facetCounts, type TokenQuestion } from "./tokenList";

const T = Date.UTC(2026, 10, 20, 9, 0, 0);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const moment = (at: number, old: number | null, over: Partial<ProofMoment> = {}): ProofMoment => ({
  at, old: { status: old, accepted: old === null ? null : old === 200 }, oldWrite: null, new: { status: 200, accepted: true }, madeUp: { status: 401, accepted: false }, counts: old === 401, ...over,
});
const proof = (moments: ProofMoment[], over: Partial<DeadProof> = {}): DeadProof => ({ read: null, write: null, moments, total: moments.length, inRow: 0, wanted: 6, revokedAt: T, overlapUntil: T + HOUR, nextAt: null, points: [], ...over });
const strokes = (path: string) => [...path.matchAll(/M([\d.]+) (\d+)V(\d+)/g)].map(([, x, from, to]) => [Number(x), Number(from), Number(to)] as const);

describe("time that runs down", () => {
  it("is told in two units, the smaller with both its figures", () => {
    const text = (ms: number) => figures(ms).map((f) => f.value + f.unit).join(" ");
    expect(text(18 * MINUTE + 42_000)).toBe("18m 42s");
    expect(text(MINUTE + 5_000)).toBe("1m 05s");
    expect(text(42_000)).toBe("42s");
    expect(text(HOUR + 61_000)).toBe("1h 01m");
    expect(text(3 * DAY + 5 * HOUR)).toBe("3d 05h");
    expect(spoken(MINUTE + 1_000)).toBe("1 minute 1 second");
  });
  it("is over at its end and not before, and never below nothing", () => {
    expect(figures(1)).toEqual([{ value: "1", unit: "s" }]);
    expect(figures(0)).toEqual([{ value: "0", unit: "s" }]);
    expect(figures(-5_000)).toEqual([{ value: "0", unit: "s" }]);
    // A second short of a minute, rounded up, is a minute.
    expect(figures(59_500)).toEqual([{ value: "1", unit: "m" }, { value: "00", unit: "s" }]);
  });
});

describe("the strip", () => {
  it("draws what was let in tall, what was refused low, and what could not be told afloat", () => {
    const strip = stripOf(proof([moment(T, 200), moment(T + MINUTE, 401), moment(T + 2 * MINUTE, null)]), T + 3 * MINUTE, true);
    const old = strokes(strip.rows.find((r) => r.id === "old")?.path ?? "");
    expect(old.map(([, from, to]) => [from, to])).toEqual([[0, TALL], [15, TALL], [8, 12]]);
    expect(old.map(([x]) => x)).toEqual([...old.map(([x]) => x)].sort((a, b) => a - b));
    expect(strip.rows.map((r) => r.id)).toEqual(["old", "new", "madeUp"]);
  });

  it("leaves a gap where one was not asked, and a row out where it never was", () => {
    const strip = stripOf(proof([moment(T, 200, { new: null, oldWrite: null }), moment(T + MINUTE, 200, { oldWrite: { status: 200, accepted: true } })]), T + 2 * MINUTE, true);
    expect(strip.rows.map((r) => r.id)).toEqual(["old", "oldWrite", "new", "madeUp"]);
    expect(strokes(strip.rows.find((r) => r.id === "oldWrite")?.path ?? "")).toHaveLength(1);
    expect(strokes(strip.rows.find((r) => r.id === "new")?.path ?? "")).toHaveLength(1);
    expect(stripOf(proof([moment(T, 200, { new: null })]), T, true).rows.map((r) => r.id)).toEqual(["old", "madeUp"]);
  });

  it("keeps every stroke and flag within the strip, whatever the times", () => {
    for (const [now, overlap] of [[T, T], [T + 10 * MINUTE, T + HOUR], [T + 10 * MINUTE, T + 90 * DAY], [T + 9 * DAY, T + HOUR], [T + MINUTE, null]] as const) {
      for (const live of [true, false]) {
        const strip = stripOf(proof([moment(T, 200), moment(Math.max(T, now - 5_000), 401)], { overlapUntil: overlap }), now, live);
        const places = [...strip.rows.flatMap((r) => strokes(r.path).map(([x]) => x / 10)), ...strip.flags.map((f) => f.place), ...strip.ticks.map((t) => t.place)];
        for (const place of places) {
          expect(place).toBeGreaterThanOrEqual(0);
          expect(place).toBeLessThanOrEqual(100);
        }
        expect(strip.ticks.length).toBeLessThanOrEqual(9);
      }
    }
  });

  it("cuts an overlap that is far longer than what was seen, and says so", () => {
    const strip = stripOf(proof([moment(T, 200), moment(T + 10 * MINUTE, 200)], { overlapUntil: T + 30 * DAY }), T + 10 * MINUTE, true);
    expect(strip.beyond).toBe(true);
    // The answers still take a good part of it.
    const old = strokes(strip.rows[0]?.path ?? "");
    expect((old.at(-1)?.[0] ?? 0) - (old[0]?.[0] ?? 0)).toBeGreaterThan(100);
    // The flag tells the true time all the same.
    expect(strip.flags.find((f) => f.id === "end")?.at).toBe(T + 30 * DAY);
  });

  it("shows where it may still be let in until the overlap ends, and nothing of that afterwards", () => {
    const before = stripOf(proof([moment(T, 200)]), T + 10 * MINUTE, true);
    expect(before.may?.to).toBeGreaterThan(before.may?.from ?? 100);
    expect(before.wanted).toEqual({ from: before.may?.to, left: 6 });
    const after = stripOf(proof([moment(T, 200), moment(T + HOUR + MINUTE, 401)], { inRow: 1 }), T + HOUR + MINUTE, true);
    expect(after.may).toBeNull();
    expect(after.wanted?.left).toBe(5);
    expect(stripOf(proof([moment(T, 401)], { inRow: 6 }), T + HOUR, false).wanted).toBeNull();
  });

  it("gives the refusals that last room of their own, in their order", () => {
    const moments = [...Array.from({ length: 60 }, (_, n) => moment(T + n * MINUTE, 200)), ...Array.from({ length: 6 }, (_, n) => moment(T + HOUR + n * 10_000, 401))];
    const strip = stripOf(proof(moments, { inRow: 6 }), T + DAY, false);
    const old = strokes(strip.rows[0]?.path ?? "").map(([x]) => x);
    expect(old).toEqual([...old].sort((a, b) => a - b));
    const last = old.slice(-6);
    expect((last[5] ?? 0) - (last[0] ?? 0)).toBeGreaterThan(100);
    expect(strip.flags.find((f) => f.id === "died")?.at).toBe(T + HOUR);
  });

  it("lets no two flags write over each other", () => {
    for (const now of [T + 1_000, T + 5 * MINUTE, T + 55 * MINUTE, T + HOUR - 1_000]) {
      const { flags } = stripOf(proof([moment(T, 200)]), now, true);
      const spans = flags.filter((f) => !f.quiet).map((f): readonly [number, number] => (f.before ? [f.place - 13, f.place] : [f.place, f.place + 13]));
      for (const [n, a] of spans.entries()) for (const b of spans.slice(n + 1)) expect(a[1] <= b[0] || b[1] <= a[0]).toBe(true);
      expect(flags.find((f) => f.id === "now")?.quiet).toBe(false);
    }
  });

  it("is told in words too", () => {
    expect(stripWords(proof([moment(T, 200), moment(T + 1, 401), moment(T + 2, null)]))).toBe("Answers over time. Old: let in once, refused once, not to be told once. New: let in 3 times. Made up: refused 3 times.");
  });
});

describe("the large figure", () => {
  it("counts down while the overlap lasts, then counts refusals", () => {
    expect(headline("counting", proof([moment(T, 200)]), T + 10 * MINUTE)).toMatchObject({ kind: "time", ms: 50 * MINUTE, at: T + HOUR, says: expect.stringContaining("as it may be until then") as string });
    expect(headline("running", proof([moment(T, 401)], { inRow: 2 }), T + 2 * HOUR)).toMatchObject({ kind: "count", value: 2, of: 6 });
  });
  it("never says of one that lives that it is dead, and tells for how long it should be", () => {
    expect(headline("oldLives", proof([moment(T, 200)]), T + 2 * HOUR)).toMatchObject({ kind: "time", ms: HOUR, tone: "bad", says: "The old one is still let in." });
    expect(headline("oldLives", proof([moment(T, null)]), T + 2 * HOUR)).toMatchObject({ tone: "bad", says: expect.stringContaining("could not be told") as string });
    expect(headline("oldLives", proof([moment(T, 401)], { inRow: 1 }), T + 2 * HOUR)).toMatchObject({ tone: "bad", says: expect.stringContaining("not yet often enough") as string });
  });
  it("takes the first refusal that lasted for its death, not one before it was let in again", () => {
    const story = proof([moment(T, 200), moment(T + MINUTE, 401), moment(T + 2 * MINUTE, 200), moment(T + 3 * MINUTE, 401), moment(T + 4 * MINUTE, null), moment(T + 5 * MINUTE, 401)]);
    expect(diedAt(story)).toBe(T + 3 * MINUTE);
    expect(headline("done", story, T + HOUR)).toMatchObject({ kind: "time", ms: 3 * MINUTE });
    expect(diedAt(proof([moment(T, 200)]))).toBeNull();
  });
});

const credential = (over: Partial<Credential>): Credential => ({
  id: "own:1", source: 1, sourceName: "IdP", system: "scim", held: true, name: "Zürich token", opens: "https://idp.example", kind: "bearer", fingerprint: "ab12", createdAt: T - 30 * DAY, expiresAt: null, expiresFrom: null, verifiedAt: null, usedAt: null,
  reads: "yes", writes: "no", policy: { everyDays: 60, warnDays: 14 }, dueAt: T + 30 * DAY, daysLeft: 30, state: "good", says: "", refusedSince: null, workedAt: null, sharedWith: [], rotation: null, ...over,
});
const ask = (over: Partial<TokenQuestion>): TokenQuestion => ({ search: "", facet: "all", source: null, held: "both", sort: "urgency", descending: false, ...over });

describe("which credentials are shown", () => {
  const all = [credential({ id: "a", state: "refused", daysLeft: null }), credential({ id: "b", daysLeft: 5, state: "dueSoon", held: false, name: "Aachen" }), credential({ id: "c", daysLeft: 90, source: 2 })];
  const ids = (over: Partial<TokenQuestion>) => answer(all, ask(over)).map((c) => c.id);
  it("keeps the engine’s order until a column is chosen", () => {
    expect(ids({})).toEqual(["a", "b", "c"]);
    expect(ids({ sort: "name" })).toEqual(["b", "a", "c"]);
  });
  it("puts what is not known last, whichever way it is sorted", () => {
    expect(ids({ sort: "days" })).toEqual(["b", "c", "a"]);
    expect(ids({ sort: "days", descending: true })).toEqual(["c", "b", "a"]);
  });
  it("narrows by words, state, source, and who holds it", () => {
    expect(ids({ search: "zurich AB12" })).toEqual(["a", "c"]);
    expect(ids({ facet: "need" })).toEqual(["a", "b"]);
    expect(ids({ held: "known" })).toEqual(["b"]);
    expect(ids({ source: 2 })).toEqual(["c"]);
  });
  it("counts each state, and leaves out those of nothing but the one chosen", () => {
    expect(facetCounts(all, "expired")).toEqual([{ facet: "all", count: 3 }, { facet: "need", count: 2 }, { facet: "refused", count: 1 }, { facet: "expired", count: 0 }, { facet: "dueSoon", count: 1 }, { facet: "good", count: 1 }]);
  });
});

describe("the bar of days", () => {
  it("is the part of its whole time that is left", () => {
    expect(barOf(credential({}), T)).toEqual({ part: 0.5, tone: "plain" });
    expect(barOf(credential({ daysLeft: 10, dueAt: T + 10 * DAY }), T)).toMatchObject({ tone: "warn" });
    expect(barOf(credential({ daysLeft: -3, dueAt: T - 3 * DAY }), T)).toEqual({ part: 0, tone: "bad" });
  });
  it("is not drawn where no end is known, and is measured by the policy where the age is not", () => {
    expect(barOf(credential({ dueAt: null, daysLeft: null }), T)).toBeNull();
    expect(barOf(credential({ createdAt: null }), T)?.part).toBe(0.5);
  });
});

describe("what a rotation is begun with", () => {
  const job = { kind: "entraJob" as const, source: 5, servicePrincipal: "sp", job: "j", name: "Ledgerly" };
  const options = {
    source: 2, writes: true, manager: false, entra: false, entraSays: null, recipes: [], jobs: [job, { ...job, job: "k" }], notEvaluated: [],
    suggested: { source: 2, reason: "routine" as const, how: { kind: "paste" as const }, oldId: "tok", overlapMs: 90 * MINUTE, expiresAt: null, everyMs: null, graceMs: 60_000, users: [job, { kind: "byHand" as const, name: "cron", instructions: "x" }] },
  };
  it("comes back as it was suggested, with the reason at hand", () => {
    expect(startOf(formOf(options, "leaked"), options)).toEqual({ ...options.suggested, reason: "leaked" });
  });
  it("tells times in the largest unit that they are whole in", () => {
    expect(inUnit(90 * MINUTE)).toEqual({ overlap: "90", unit: "minutes" });
    expect(inUnit(2 * HOUR)).toEqual({ overlap: "2", unit: "hours" });
    expect(inUnit(0)).toEqual({ overlap: "0", unit: "minutes" });
  });
  it("names what is wrong, and counts a chosen day whole", () => {
    const form = formOf(options, "routine");
    expect(problemsOf(form, T)).toEqual({});
    expect(Object.keys(problemsOf({ ...form, overlap: "soon", expires: "2020-01-01", byHand: [{ name: " ", instructions: "" }] }, T))).toEqual(["overlap", "expires", "byHand"]);
    expect(new Date(startOf({ ...form, expires: "2027-03-04" }, options).expiresAt ?? 0).getHours()).toBe(23);
  });
});
