/* eslint-disable @typescript-eslint/only-throw-error -- what Tauri hands over when a command is refused is the fault itself, no Error */
/** Answers about plans, runs and evidence, from runs that move: they refuse, wait and pass as the engine's do. */
import type { Agreement } from "../types/Agreement";
import type { EngineEvent } from "../types/EngineEvent";
import type { EvidenceCheck } from "../types/EvidenceCheck";
import type { Fault } from "../types/Fault";
import type { PlanSummary } from "../types/PlanSummary";
import type { RevokeTrend } from "../types/RevokeTrend";
import type { Run } from "../types/Run";
import type { RunDraft } from "../types/RunDraft";
import type { RunQuery } from "../types/RunQuery";
import type { RunSubject } from "../types/RunSubject";
import type { FakeGroup, FakePerson } from "./company";
import { leaverOf, makeFiles, openPlan, revisionOf, type FakeFile } from "./plans";
import { doors, MINUTE, SYSTEMS } from "./runDoors";
import { advance, closeRun, endRun, inTheWay, makeRun, ME, record, verdictOf, viewOf, type FakeRun } from "./runWorld";

const DAY = 86_400_000;
const refusal = (code: string, what: string, means: string, next: string): Fault => ({ code, what, means, next, action: null, details: [] });

const canary = (id: number): RunSubject => ({ name: `Canary Payments ${id}`, userName: `canary-payments-${id}@halcyon.example`, person: null, test: true, accounts: SYSTEMS.map((s) => ({ source: s.id, sourceName: s.name, kind: s.kind, id: `c-${id}`, userName: `canary-payments-${id}`, joinedBy: "made by this run" })) });

export interface RunWorld {
  files: FakeFile[];
  runs: FakeRun[];
  timers: Set<ReturnType<typeof setInterval>>;
}

function agree(run: FakeRun, at: number) {
  run.agreedAt = at;
  record(run, at, "agreed", `Agreed to by ${ME}`);
}

/** Moves a run until it waits, refuses or ends. */
function finish(run: FakeRun) {
  while (advance(run));
}

export function makeRuns(now: number): RunWorld {
  const runs: FakeRun[] = [];
  for (let id = 109; id <= 117; id += 1) {
    const run = makeRun(id, "canary-payments", canary(id), doors(id === 112, false).filter((d) => d.credential === null).map((d) => (d.shuts === null ? d : { ...d, shuts: Math.round(d.shuts * (0.7 + ((id * 7) % 10) / 14)) })), now - (118 - id) * 15 * DAY);
    agree(run, run.plannedAt + 27_000);
    finish(run);
    if (run.ended === null) endRun(run, (run.cutAt ?? now) + 15 * MINUTE, "failed", "The portal keeps orphans; fixed with the next release.");
    runs.push(run);
  }
  const refusing = makeRun(118, "canary-payments", canary(118), doors(true, false).filter((d) => d.credential === null), now - 41 * MINUTE);
  agree(refusing, refusing.plannedAt + 27_000);
  finish(refusing);
  const live = makeRun(119, "canary-payments", canary(119), doors(true, false), now - 9 * MINUTE);
  agree(live, live.plannedAt + 147_000);
  live.handed.add("4/backstage.token");
  record(live, live.plannedAt + 140_000, "credential", "A credential was handed over for the live token", null, "4/backstage.token");
  while (live.clock < 5 * MINUTE && advance(live));
  live.clock = 6 * MINUTE + 24_000;
  if (live.cutAt !== null) live.cutAt = now - live.clock;
  return { files: makeFiles(), runs: [...runs, refusing, live], timers: new Set() };
}

type Args = Record<string, unknown>;
interface Company { runs: RunWorld; people: FakePerson[]; groups: FakeGroup[] }

/** How long a run takes for one move; tests let it run faster. */
export const pace = { ms: 700 };

export function runHandlers(world: () => Company, say: (event: EngineEvent) => void, note: (action: string, summary: string) => void): Record<string, (args: Args) => unknown> {
  const find = (id: unknown): FakeRun => {
    const run = world().runs.runs.find((r) => r.id === id);
    if (!run) throw refusal("notFound", `There is no run ${String(id)}.`, "It may belong to another data folder.", "Look it up in the list.");
    return run;
  };
  const shown = (run: FakeRun): Run => viewOf(run, Date.now());
  const told = (run: FakeRun, action: string, summary: string): Run => {
    note(action, `Run ${run.id}: ${summary}`);
    say({ kind: "runChanged", run: run.id });
    return shown(run);
  };
  const drive = (run: FakeRun) => {
    const { timers } = world().runs;
    const timer = setInterval(() => {
      const goesOn = advance(run);
      say({ kind: "runChanged", run: run.id });
      if (goesOn) return;
      clearInterval(timer);
      timers.delete(timer);
    }, pace.ms);
    timers.add(timer);
  };
  const text = (draft: RunDraft): string => {
    if ("text" in draft.plan) return draft.plan.text;
    const { file } = draft.plan;
    return world().runs.files.find((f) => f.file === file)?.text ?? "";
  };
  return {
    plans: (): PlanSummary[] =>
      world().runs.files.map(({ file, text: body }) => {
        const open = openPlan(file, body);
        const last = world().runs.runs.filter((r) => r.plan === open.plan?.name).at(-1);
        const every = /every: (\w+)/.exec(body)?.[1] ?? null;
        const dueAt = every === null || !last ? null : last.plannedAt + 30 * DAY;
        return { file, name: open.plan?.name ?? /^name: (.*)/m.exec(body)?.[1] ?? file, description: open.plan?.description ?? "", kind: open.plan?.kind ?? null, revision: open.revision, systems: open.plan?.systems.map((s) => s.source) ?? [], problems: open.problems, every, dueAt, remind: false, lastRun: last ? shown(last) : null };
      }),
    plan_file: (a) => {
      const found = world().runs.files.find((f) => f.file === a["file"]);
      if (!found) throw refusal("notFound", `There is no plan “${String(a["file"])}”.`, "The file may have been moved.", "Look it up in the list.");
      return openPlan(found.file, found.text);
    },
    check_plan: (a) => openPlan("", String(a["text"])),
    save_plan: (a) => {
      const body = String(a["text"]);
      const file = typeof a["file"] === "string" && a["file"] !== "" ? a["file"] : `${(openPlan("", body).plan?.name ?? "plan").replace(/\W+/g, "-")}.yaml`;
      const { files } = world().runs;
      const old = files.find((f) => f.file === file);
      if ((old ? openPlan(file, old.text).revision : null) !== (a["over"] ?? null)) throw refusal("plan.changed", `${file} is not as it was when it was opened.`, "Nothing was written over.", "Open it again, and make the change there.");
      if (old) old.text = body;
      else files.push({ file, text: body });
      return openPlan(file, body);
    },
    leaver: (a) => {
      const person = world().people.find((p) => p.accounts.some((x) => `${x.source}.${x.id}` === a["person"]));
      if (!person) throw refusal("notFound", "There is no such person.", "They may have been removed.", "Look them up again.");
      return leaverOf(person, world().groups);
    },
    plan_run: (a) => {
      const draft = a["draft"] as RunDraft;
      const plan = openPlan("", text(draft)).plan;
      if (!plan) throw refusal("plan.invalid", "The plan cannot be run.", "Nothing was planned.", "Mend the lines that are marked.");
      const id = Math.max(0, ...world().runs.runs.map((r) => r.id)) + 1;
      const person = draft.person === null ? undefined : world().people.find((p) => p.key === draft.person || p.userName === draft.person);
      if (plan.kind === "offboarding" && !person) throw refusal("run.person", "An offboarding needs a person.", "Nothing was planned.", "Choose whom to walk out.");
      const who = person ? leaverOf(person, world().groups).who : canary(id);
      const run = makeRun(id, plan.name, who, doors(false, plan.kind === "offboarding").filter((d) => plan.systems.some((s) => s.source === SYSTEMS.find((x) => x.id === d.source)?.name)), Date.now(), draft.dryRun);
      world().runs.runs.push(run);
      return told(run, "run.planned", "was planned");
    },
    agree_run: (a) => {
      const run = find(a["run"]);
      const { typed, secondLooks } = a["agreement"] as Agreement;
      if (typed !== run.who.userName) throw refusal("run.name", "The name that was typed is another one.", "Nothing was written.", `Type ${run.who.userName}.`);
      const need = shown(run).needs.find((n) => n.kind === "agree");
      if (need && need.secondLooks.some((s) => !secondLooks.includes(s))) throw refusal("run.secondLook", "A step that cannot be undone was not looked at.", "Nothing was written.", "Look at each of them.");
      agree(run, Date.now());
      drive(run);
      return told(run, "run.agreed", "was agreed to");
    },
    stop_run: (a) => { const run = find(a["run"]); run.stopped = true; record(run, Date.now(), "stopped", `Stopped by ${ME}`); return told(run, "run.stopped", "was stopped"); },
    resume_run: (a) => { const run = find(a["run"]); run.stopped = false; record(run, Date.now(), "resumed", `Goes on, by ${ME}`); drive(run); return told(run, "run.resumed", "goes on"); },
    restore_run: (a) => {
      const run = find(a["run"]);
      for (const s of run.steps.filter((x) => x.phase === "restore")) Object.assign(s, { state: "done", attempts: 1, status: 204, doneAt: Date.now(), says: "Read back: it is so." });
      record(run, Date.now(), "restoring", "The way back was taken", "passed");
      return told(run, "run.restoring", "took the way back");
    },
    waive_check: (a) => {
      const run = find(a["run"]);
      const reason = String(a["reason"]).trim();
      if (reason === "") throw refusal("run.reason", "A waiver needs a reason.", "Nothing was waived.", "Say why.");
      run.waivers.set(String(a["check"]), { by: ME, at: Date.now(), reason, until: a["until"] as number });
      record(run, Date.now(), "waived", `Waived by ${ME}: ${reason}`, "waived", String(a["check"]));
      return told(run, "run.waived", "a check was waived");
    },
    confirm_step: (a) => {
      const run = find(a["run"]);
      const step = run.steps.find((s) => s.id === a["step"]);
      if (step) Object.assign(step, { state: "done", doneAt: Date.now(), says: String(a["note"]) || "Done by a person." });
      record(run, Date.now(), "confirmed", `Done by hand: ${step?.title ?? ""}`, null, String(a["step"]));
      drive(run);
      return told(run, "run.confirmed", "a step was done by hand");
    },
    hand_over: (a) => {
      const run = find(a["run"]);
      run.handed.add(String(a["check"]));
      record(run, Date.now(), "credential", "A credential was handed over", null, String(a["check"]));
      return told(run, "run.handedOver", "a credential was handed over");
    },
    close_run: (a) => {
      const run = find(a["run"]);
      if (inTheWay(run).length > 0) throw refusal("run.refuses", "The run refuses to close.", "A critical check is open.", "Let it pass, or waive it.");
      closeRun(run, Date.now());
      return told(run, "run.closed", "was closed");
    },
    fail_run: (a) => { const run = find(a["run"]); endRun(run, Date.now(), "failed", String(a["reason"])); return told(run, "run.closed", "was closed as failed"); },
    abandon_run: (a) => { const run = find(a["run"]); endRun(run, Date.now(), "abandoned"); return told(run, "run.closed", "was given up"); },
    runs: (a) => {
      const q = a["query"] as RunQuery;
      const hits = world().runs.runs.map(shown).filter((r) => (q.plan === null || r.plan === q.plan) && (q.kind === null || r.kind === q.kind) && (!q.open || !["passed", "passedWithGaps", "failed", "abandoned"].includes(r.state))).reverse();
      return { runs: hits.slice(q.offset, q.offset + q.limit), total: hits.length };
    },
    run: (a) => shown(find(a["run"])),
    run_records: (a) => {
      const { records } = find(a["run"]);
      const from = a["offset"] as number;
      return { records: [...records].reverse().slice(from, from + (a["limit"] as number)), total: records.length };
    },
    revoke_trends: (): RevokeTrend[] =>
      SYSTEMS.map((s) => ({
        source: s.id, sourceName: s.name, kind: s.kind,
        runs: world().runs.runs.filter((r) => r.ended === "passed" || r.ended === "passedWithGaps" || r.ended === "failed" || r.refuses).map((r) => {
          const own = r.doors.filter((d) => d.source === s.id && d.critical);
          const verdicts = own.map((d) => verdictOf(r, d));
          const verdict = verdicts.includes("failed") ? "failed" : verdicts.includes("notEvaluated") ? "notEvaluated" : verdicts.includes("waived") ? "waived" : "passed";
          return { run: r.id, at: r.plannedAt, tookMs: verdict === "passed" ? Math.max(...own.map((d) => d.shuts ?? 0)) : null, limitMs: Math.max(...own.map((d) => d.limit)), verdict };
        }),
      })),
    export_evidence: (a) => ({ path: a["target"], files: ["record.json", "record.sig", "key.pem", "disclosures.json", "report.html", "report.pdf", "SHA256SUMS", "SHA256SUMS.sig", "VERIFY.txt"].map((name, n) => ({ name, bytes: 4_000 + n * 9_100, sha256: revisionOf(name).repeat(8) })), masked: a["masked"] }),
    pick_evidence: (a) => (a["form"] === "folder" ? "/home/ines/evidence/run-117" : "/home/ines/evidence/run-117.lanyard-evidence.zip"),
    verify_evidence: (a): EvidenceCheck => {
      const broken = String(a["path"]).includes("changed");
      const point = (topic: string, title: string, says: string, ok = true) => ({ topic, title, ok, says });
      return {
        ok: !broken, summary: broken ? "It does not hold: report.html is not as it was signed." : "It holds: nothing was changed since it was signed.", run: 117, verdict: "Passed, with gaps: 1 check was not evaluated", key: "7f3a90bb2e41c1d8", keyKnown: "the key of this data folder", records: 31, disclosed: [14, 14],
        points: [
          point("files", "Files", broken ? "report.html has another SHA-256 than SHA256SUMS says." : "9 files, each as SHA256SUMS says; no other file.", !broken),
          point("signature", "Signature", "Ed25519 over record.json and over SHA256SUMS, both good."),
          point("chain", "Chain of records", "31 records, each with the hash of the one before."),
          point("audit", "Audit log", "6 entries name this run; their links are whole."),
          point("disclosures", "Personal values", "14 of 14 fit what was committed to."),
          point("verdicts", "Verdict", "What the header says follows from the records."),
          point("report", "Report", broken ? "report.html is not the report that was signed." : "As it was signed.", !broken),
          point("key", "Key", "7f3a90bb2e41c1d8, the key of this data folder."),
        ],
      };
    },
  };
}
