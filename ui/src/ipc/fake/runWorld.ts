/** Runs of the synthetic company that move: each knows how far its clock is, and what it shows follows from that. */
import type { Check } from "../types/Check";
import type { Guard } from "../types/Guard";
import type { Need } from "../types/Need";
import type { Phase } from "../types/Phase";
import type { PhaseView } from "../types/PhaseView";
import type { Run } from "../types/Run";
import type { RunRecord } from "../types/RunRecord";
import type { RunState } from "../types/RunState";
import type { RunSubject } from "../types/RunSubject";
import type { Step } from "../types/Step";
import type { Verdict } from "../types/Verdict";
import type { VerdictCounts } from "../types/VerdictCounts";
import type { Waiver } from "../types/Waiver";
import { checkId, checkOf, questionOf, stepsOf, systemOf, type Door } from "./runDoors";

export const ME = "ines@freight-07";

export interface FakeRun {
  id: number;
  plan: string;
  revision: string;
  who: RunSubject;
  doors: Door[];
  steps: Step[];
  dryRun: boolean;
  plannedAt: number;
  agreedAt: number | null;
  cutAt: number | null;
  closedAt: number | null;
  ended: RunState | null;
  stopped: boolean;
  reason: string;
  refuses: boolean;
  /** Time since the cut, by the run's clock. */
  clock: number;
  handed: Set<string>;
  waivers: Map<string, Waiver>;
  told: Map<string, Verdict>;
  records: RunRecord[];
}

const hash = (seed: number): string => Array.from({ length: 8 }, (_, n) => (Math.imul(seed * 97 + n + 11, 2654435761) >>> 0).toString(16).padStart(8, "0")).join("");

export function record(run: FakeRun, at: number, kind: string, title: string, mark: Verdict | null = null, about: string | null = null) {
  const seq = run.records.length + 1;
  run.records.push({ seq, at, kind, title, about, mark, data: { kind, about }, hash: hash(run.id * 1_000 + seq) });
}

export function makeRun(id: number, plan: string, who: RunSubject, doors: Door[], plannedAt: number, dryRun = false): FakeRun {
  const run: FakeRun = {
    id, plan, revision: hash(plan.length).slice(0, 8), who, doors, steps: stepsOf(who), dryRun, plannedAt, agreedAt: null, cutAt: null, closedAt: null, ended: null, stopped: false, reason: "", refuses: false, clock: 0,
    handed: new Set(), waivers: new Map(), told: new Map(), records: [],
  };
  record(run, plannedAt, "run.planned", `Plan ${plan}, revision ${run.revision}`);
  record(run, plannedAt + 300, "guard", "Guards looked at: nothing stands in the way");
  return run;
}

/** How a door stands by the run's clock. */
export function verdictOf(run: FakeRun, d: Door): Verdict {
  if (run.waivers.has(checkId(d))) return "waived";
  if (run.cutAt === null) return "pending";
  if (d.unasked !== null) return "notEvaluated";
  if (d.phase === "watch" && !afterVerify(run)) return "pending";
  if (d.credential !== null && !run.handed.has(checkId(d))) return "notEvaluated";
  if (d.shuts !== null && d.shuts <= run.clock) return "passed";
  return d.limit <= run.clock ? "failed" : "waiting";
}

const settled = (run: FakeRun, d: Door) => !["pending", "waiting"].includes(verdictOf(run, d));
const afterVerify = (run: FakeRun) => run.doors.filter((d) => d.phase !== "watch").every((d) => settled(run, d));
const open = (run: FakeRun) => run.doors.filter((d) => ["pending", "waiting"].includes(verdictOf(run, d)));
export const inTheWay = (run: FakeRun) => run.doors.filter((d) => d.critical && ["failed", "notEvaluated"].includes(verdictOf(run, d)));

function tellVerdicts(run: FakeRun) {
  for (const d of run.doors) {
    const now = verdictOf(run, d);
    if (run.told.get(checkId(d)) === now || now === "pending" || now === "waiting" || now === "waived") continue;
    run.told.set(checkId(d), now);
    const at = (run.cutAt ?? run.plannedAt) + Math.min(d.shuts ?? d.limit, run.clock);
    const who = systemOf(d.source).name;
    record(run, at, "check.verdict", now === "passed" ? `${who}: ${d.title.toLowerCase()}` : now === "failed" ? `Failed at ${who}: ${d.remains[0] ?? d.title.toLowerCase()}` : `Not evaluated at ${who}: ${d.title.toLowerCase()}`, now, checkId(d));
  }
}

/** Moves a run on by one thing. False when it waits for somebody, or has ended. */
export function advance(run: FakeRun): boolean {
  if (run.ended !== null || run.stopped || run.agreedAt === null) return false;
  const now = run.cutAt === null ? run.agreedAt + 1_000 * run.records.length : run.cutAt + run.clock;
  const next = run.steps.find((s) => (s.phase !== "restore" || restoring(run)) && (s.state === "planned" || s.state === "sending" || s.state === "answered"));
  if (next && (next.phase !== "restore" || open(run).length === 0)) {
    actOn(run, next, now);
    return true;
  }
  if (run.cutAt === null) {
    run.cutAt = now;
    return true;
  }
  if (run.steps.some((s) => s.state === "byHand")) return false;
  const left = open(run);
  if (left.length > 0) {
    const times = left.map((d) => Math.min(d.shuts ?? Infinity, d.limit)).filter((t) => t > run.clock);
    run.clock = times.length === 0 ? run.clock + 1_000 : Math.min(...times);
    tellVerdicts(run);
    return true;
  }
  tellVerdicts(run);
  const bad = inTheWay(run);
  if (bad.length > 0) {
    if (!run.refuses) record(run, now, "run.refused", `It refuses to close over ${bad.length === 1 ? "one check" : `${bad.length} checks`}`, "failed");
    run.refuses = true;
    return false;
  }
  closeRun(run, now);
  return false;
}

const restoring = (run: FakeRun) => run.who.test && run.cutAt !== null && inTheWay(run).length === 0;

function actOn(run: FakeRun, s: Step, now: number) {
  if (s.state === "planned") {
    if (run.dryRun) {
      s.state = "skipped";
      s.says = "A dry run writes nothing.";
      if (s.phase === "act") run.cutAt ??= now;
      return;
    }
    if (s.request === null) {
      s.state = "byHand";
      record(run, now, "act.byHand", `By hand: ${s.title}`, null, s.id);
      return;
    }
    s.state = "sending";
    s.attempts = 1;
    s.sentAt = now;
    if (s.phase === "act") run.cutAt ??= now;
    record(run, now, "act.intent", `${s.title}: about to be sent`, null, s.id);
  } else if (s.state === "sending") {
    s.state = "answered";
    s.status = s.request?.method === "DELETE" ? 204 : 200;
    record(run, now + 184, "act.answer", `${s.request?.method ?? ""} answered ${s.status}`, null, s.id);
  } else {
    s.state = "done";
    s.doneAt = now + 600;
    s.says = "Read back: it is so.";
    record(run, now + 600, "act.readBack", `Read back: ${s.title.toLowerCase()} is done`, "passed", s.id);
  }
}

export function closeRun(run: FakeRun, at: number) {
  const gaps = run.doors.some((d) => ["notEvaluated", "waived", "failed"].includes(verdictOf(run, d)));
  endRun(run, at, gaps ? "passedWithGaps" : "passed");
}

export function endRun(run: FakeRun, at: number, state: RunState, reason = "") {
  run.ended = state;
  run.closedAt = at;
  run.reason = reason;
  record(run, at, "closed", state === "passed" ? "Closed: passed" : state === "passedWithGaps" ? "Closed: passed, with gaps" : state === "failed" ? "Closed as failed" : "Given up before anything was written", state === "failed" ? "failed" : state === "abandoned" ? null : "passed");
}

function stateOf(run: FakeRun): RunState {
  if (run.ended !== null) return run.ended;
  if (run.agreedAt === null) return "planned";
  if (run.stopped) return "stopped";
  if (run.steps.some((s) => s.state === "byHand")) return "waiting";
  return run.refuses && inTheWay(run).length > 0 ? "refusing" : "running";
}

function phaseOf(run: FakeRun): Phase {
  if (run.ended !== null) return "evidence";
  if (run.agreedAt === null) return "plan";
  if (run.steps.some((s) => s.phase === "baseline" && s.doneAt === null && s.state !== "skipped")) return "baseline";
  if (run.cutAt === null || run.steps.some((s) => s.phase === "act" && !["done", "skipped", "alreadySo"].includes(s.state))) return "act";
  for (const phase of ["verify", "probe", "watch"] as const) if (run.doors.some((d) => d.phase === phase && !settled(run, d))) return phase;
  return run.refuses ? "evidence" : run.who.test ? "restore" : "evidence";
}

function checkView(run: FakeRun, d: Door): Check {
  const verdict = verdictOf(run, d);
  const asked = run.cutAt !== null && d.unasked === null && verdict !== "pending" && !(d.credential !== null && !run.handed.has(checkId(d)));
  const at = (run.cutAt ?? 0) + Math.min(run.clock, d.shuts ?? run.clock);
  const shut = verdict === "passed";
  return {
    ...checkOf(d), verdict,
    says: d.unasked ?? (d.credential !== null && !run.handed.has(checkId(d)) && run.cutAt !== null ? "Nothing was handed over, so it could not be tried." : shut || verdict === "failed" || verdict === "waived" ? d.says : asked ? "It is not so yet." : ""),
    tookMs: shut ? d.shuts : null,
    arrivedMs: run.who.test && run.cutAt !== null ? 8_000 * d.source : null,
    polls: asked ? Math.max(1, Math.round(Math.min(run.clock, d.shuts ?? run.clock) / 30_000)) : 0,
    remains: asked && !shut ? d.remains : [],
    last: asked ? { at, request: questionOf(d), status: 200, tookMs: 184, excerpt: d.excerpt } : null,
    wayOut: verdict === "failed" ? d.wayOut : null,
    waiver: run.waivers.get(checkId(d)) ?? null,
  };
}

function countsOf(checks: readonly Check[]): VerdictCounts {
  const of = (v: Verdict) => checks.filter((c) => c.verdict === v).length;
  return { passed: of("passed"), waiting: of("waiting"), failed: of("failed"), notEvaluated: of("notEvaluated"), waived: of("waived"), pending: of("pending") };
}

const PHASES: readonly Phase[] = ["plan", "baseline", "guards", "act", "verify", "probe", "watch", "restore", "evidence"];

function phaseView(run: FakeRun, phase: Phase, current: Phase, checks: readonly Check[]): PhaseView {
  const at = PHASES.indexOf(phase);
  const here = PHASES.indexOf(current);
  const steps = run.steps.filter((s) => s.phase === phase);
  const own = checks.filter((c) => c.phase === phase);
  const skipped = (phase === "watch" && own.length === 0) || (phase === "restore" && !run.who.test);
  const bad = own.some((c) => c.critical && (c.verdict === "failed" || c.verdict === "notEvaluated") && run.cutAt !== null);
  const passed = own.filter((c) => c.verdict === "passed").length;
  const state = skipped ? "skipped" : phase === current && run.ended === null && run.agreedAt !== null ? (run.refuses ? "failed" : "running") : (at < here || run.ended !== null) && !steps.some((s) => s.state === "planned") ? (bad ? "failed" : "done") : "pending";
  const says: Record<Phase, string> = {
    plan: `${run.steps.length} steps, ${checks.length} checks, 4 systems`, baseline: "What it held before", guards: "Nothing stands in the way", act: `${steps.filter((s) => s.state === "done").length} of ${steps.length} steps done`,
    verify: `${passed} of ${own.length} checks passed`, probe: `${passed} of ${own.length} checks passed`, watch: skipped ? "Not part of this run" : `${passed} of ${own.length} checks passed`, restore: skipped ? "A leaver only on demand" : "Clean up the test identity", evidence: run.ended === null ? "Sign and close" : "Signed and closed",
  };
  const took: Partial<Record<Phase, number>> = { plan: 300, baseline: 56_000, guards: 200, act: 2_100, verify: Math.min(run.clock, 5 * 60_000), probe: Math.max(0, Math.min(run.clock, 9 * 60_000) - 5 * 60_000) };
  return { phase, state, beganAt: state === "pending" || skipped ? null : run.plannedAt, tookMs: state === "pending" || skipped || phase === "evidence" ? null : (took[phase] ?? null), says: says[phase] };
}

function needsOf(run: FakeRun, state: RunState): Need[] {
  if (run.ended !== null) return [];
  const needs: Need[] = [];
  if (state === "planned") needs.push({ kind: "agree", typeName: run.who.userName, secondLooks: run.who.test || run.dryRun ? [] : run.steps.filter((s) => s.phase === "act" && !s.undoable && s.request !== null).map((s) => s.id) });
  for (const s of run.steps.filter((s) => s.state === "byHand")) needs.push({ kind: "byHand", step: s.id, says: s.instructions ?? s.title });
  for (const d of run.doors) {
    if (d.credential !== null && !run.handed.has(checkId(d)) && run.cutAt === null) needs.push({ kind: "credential", check: checkId(d), says: d.credential });
    if (run.refuses && inTheWay(run).includes(d)) needs.push({ kind: "decide", check: checkId(d), says: checkView(run, d).says });
  }
  return needs;
}

const guard = (id: string, title: string, says: string, state: Guard["state"] = "clear", next: string | null = null, source: number | null = null): Guard => ({ id, title, state, says, next, source });

function guardsOf(run: FakeRun): Guard[] {
  return [
    guard("writesAllowed", "Writing is allowed", run.dryRun ? "Nothing is written: it is a dry run." : "Writes are switched on for Workforce IdP."),
    guard("protectedAccount", "No protected account", "None of 2 patterns fits."),
    guard("protectedGroup", "No protected group", "It is in no protected group."),
    guard("ownToken", "Not Lanyard's own account", "No token of Lanyard's belongs to this account."),
    guard("lastAdmin", "Not the last admin", "It holds no privileged role alone, by the map."),
    guard("perRun", "Accounts of this run", "1 of 4 that one run may touch."),
    guard("perDay", "Accounts of this day", "3 of 20 that a day may touch."),
    ...(run.who.test ? [] : [
      guard("undoneByAuthority", "Not undone by another system", "Workforce IdP provisions Developer portal: what is deleted there comes back with its next cycle.", "warns", "Cut at Workforce IdP, and let Developer portal follow.", 4),
      guard("cannotBeUndone", "What cannot be undone", "2 steps cannot be undone by Lanyard.", "secondLook", "Look at each of them a second time before you agree."),
    ]),
    guard("freshPicture", "A fresh picture", "Every system was read within the last day."),
  ];
}

export function viewOf(run: FakeRun, real: number): Run {
  const state = stateOf(run);
  const phase = phaseOf(run);
  const checks = run.doors.map((d) => checkView(run, d));
  const isOpen = run.ended === null;
  const bad = run.refuses ? inTheWay(run) : [];
  const refuses = bad.map((d) => `“${d.title}” at ${systemOf(d.source).name} ${verdictOf(run, d) === "failed" ? "failed" : "was not evaluated"}`);
  const says = state === "planned" ? "It waits for agreement." : state === "waiting" ? "A step by hand is to be done." : state === "stopped" ? "It was stopped by a person." : refuses.length > 0 ? `It refuses to close: ${refuses[0] ?? ""}${refuses.length > 1 ? `; and ${refuses.length - 1} more` : ""}.` : run.reason;
  const touched = run.cutAt !== null || run.steps.some((s) => s.attempts > 0);
  return {
    id: run.id, plan: run.plan, revision: run.revision, kind: run.who.test ? "test" : "offboarding", subject: run.who.name, state, phase, dryRun: run.dryRun, plannedAt: run.plannedAt, cutAt: run.cutAt, closedAt: run.closedAt, by: ME,
    counts: countsOf(checks), slowestMs: Math.max(0, ...checks.map((c) => c.tookMs ?? 0)) || null, says,
    who: run.who, phases: PHASES.map((p) => phaseView(run, p, phase, checks)), guards: guardsOf(run), steps: run.steps, checks, needs: needsOf(run, state), refuses,
    wayBack: run.who.test ? "Restore deletes the test identity, at any moment, also after a crash." : "Restore switches the account on again. What was unregistered comes back with the next cycle; revoked sessions do not.",
    leftOut: ["Warehouse portal: it could not be read, so it is neither written to nor checked."],
    can: { agree: state === "planned", stop: state === "running", resume: ["stopped", "refusing", "waiting"].includes(state), restore: isOpen && touched && state !== "running", close: isOpen && run.refuses && refuses.length === 0, fail: isOpen && run.agreedAt !== null && state !== "running", abandon: isOpen && !touched && state !== "running", export: !isOpen && state !== "abandoned" },
    records: run.records.length, head: run.records.at(-1)?.hash ?? "",
    evidence: isOpen || state === "abandoned" ? null : { recordSha256: hash(run.id), signature: hash(run.id + 1) + hash(run.id + 2), key: "7f3a90bb2e41c1d8", signedAt: run.closedAt ?? 0, auditEntry: 140 },
    fault: null, now: run.cutAt === null || !isOpen ? real : run.cutAt + run.clock,
  };
}
