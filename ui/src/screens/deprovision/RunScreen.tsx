/** A run: its phases on the left, the one under way in the middle, the evidence as it grows on the right. */
import { FlaskConical, Play, Square, Undo2, UserRoundX } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link, useParams } from "react-router";
import { personPath, planPath, useAddress } from "../../components/address";
import { Button } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { duration, exactTime, moment } from "../../components/format";
import { useNow, useSeconds } from "../../components/now";
import parts from "../../components/parts.module.css";
import { isClosed, RunStateMark } from "../../components/verdicts";
import { api, type Phase, type Run } from "../../ipc";
import { usePlans, useRun } from "../../ipc/queries";
import { Baseline } from "./Baseline";
import { Checks } from "./Checks";
import { ClosePhase } from "./ClosePhase";
import { EvidenceRail } from "./EvidenceRail";
import { Guards } from "./Guards";
import { Needs } from "./Needs";
import { PlanPhase } from "./PlanPhase";
import styles from "./Run.module.css";
import { RestoreDialog } from "./RunDialogs";
import { PHASE_NOTE, PHASE_WORD } from "./runWords";
import { Stepper } from "./Stepper";
import { Steps } from "./Steps";
import { useAct } from "./useAct";

const PHASES = Object.keys(PHASE_WORD) as Phase[];

/** The phase to show where none was chosen: the one under way, or the one that keeps it from closing. */
export function leadingPhase(run: Run): Phase {
  const decide = run.needs.find((n) => n.kind === "decide");
  const check = decide && run.checks.find((c) => c.id === decide.check);
  return run.state === "refusing" && check ? check.phase : run.phase;
}

export function RunScreen() {
  const { id = "" } = useParams();
  const run = useRun(Number(id));
  if (run.error && !run.data) return <FaultView error={run.error} onRetry={() => void run.refetch()} />;
  if (!run.data) return null;
  return <Shown key={run.data.id} run={run.data} receivedAt={run.dataUpdatedAt} />;
}

function Shown({ run, receivedAt }: { run: Run; receivedAt: number }) {
  const { params, go } = useAddress();
  const asked = PHASES.find((p) => p === params.get("phase"));
  const phase = asked ?? leadingPhase(run);
  const live = !isClosed(run) && run.state !== "planned";
  const tick = useSeconds(live);
  // The run's own clock, carried on from its last answer by the window's.
  const now = live ? run.now + Math.max(0, tick - receivedAt) : run.now;
  // Another phase begins at its top, wherever the one before was left.
  const work = useRef<HTMLElement>(null);
  useEffect(() => { if (work.current) work.current.scrollTop = 0; }, [phase]);
  return (
    <div className={styles.sheet} data-testid="run">
      <Head run={run} now={now} />
      <Stepper run={run} now={now} shown={phase} onShow={(to) => go({ set: { phase: to === leadingPhase(run) ? null : to, check: null } })} />
      <section ref={work} className={styles.work} aria-labelledby="run-phase">
        <Needs run={run} onCheck={(check) => go({ set: { phase: run.checks.find((c) => c.id === check)?.phase ?? null, check } })} onPlan={() => go({ set: { phase: null } })} shown={phase} />
        {run.fault !== null && <div className={styles.fault}><FaultView compact error={run.fault} /></div>}
        <div className={styles.title}>
          <h2 id="run-phase">{PHASE_WORD[phase]}{run.dryRun && <span className={parts.tag}>dry run: nothing is written</span>}</h2>
          <p>{PHASE_NOTE[phase]}</p>
        </div>
        <Part run={run} phase={phase} now={now} />
      </section>
      <EvidenceRail run={run} />
    </div>
  );
}

function Part({ run, phase, now }: { run: Run; phase: Phase; now: number }): ReactNode {
  switch (phase) {
    case "plan": return <PlanPhase run={run} />;
    case "baseline": return <Baseline run={run} />;
    case "guards": return <Guards guards={run.guards} all />;
    case "act": return <Steps run={run} phase="act" none="Nothing is written in this run: it only asks." />;
    case "restore": return <Steps run={run} phase="restore" none={run.wayBack ?? "There is nothing to put back."} />;
    case "evidence": return <ClosePhase run={run} />;
    default: return <Checks run={run} phase={phase} now={now} />;
  }
}

function Head({ run, now }: { run: Run; now: number }) {
  const clock = useNow();
  const plans = usePlans().data ?? [];
  const { act, busy } = useAct();
  const [restoring, setRestoring] = useState(false);
  const plan = plans.find((p) => p.name === run.plan);
  const since = run.cutAt ?? run.plannedAt;
  const until = run.closedAt ?? now;
  return (
    <header className={styles.head}>
      <div className="grow">
        <h1>
          {run.who.person === null ? <bdi>{run.subject}</bdi> : <Link to={personPath(run.who.person)} className="cut"><bdi>{run.subject}</bdi></Link>}
          <span className={parts.tag}>{run.who.test ? <><FlaskConical className="x" />test identity</> : <><UserRoundX className="x" />leaver</>}</span>
          <span className={parts.tag}><RunStateMark state={run.state} /></span>
        </h1>
        <p className="cut">
          Plan {plan ? <Link to={planPath(plan.file)}>{run.plan}</Link> : run.plan}, revision <code>{run.revision}</code>. <span title={exactTime(run.plannedAt)}>Planned {moment(run.plannedAt, clock)}</span> by {run.by}.
        </p>
      </div>
      {(run.cutAt !== null || run.state !== "planned") && (
        <div className={styles.clock}><b>{duration(Math.max(0, until - since))}</b><span>{run.closedAt !== null ? "from cut to close" : run.cutAt === null ? "since it was planned" : "since the cut"}</span></div>
      )}
      {run.can.restore && <Button icon={<Undo2 className="s" />} isDisabled={busy} onPress={() => setRestoring(true)}>Restore…</Button>}
      {run.can.resume && <Button icon={<Play className="s" />} isDisabled={busy} onPress={() => void act(() => api.resumeRun(run.id))}>{run.state === "refusing" ? "Ask again" : "Go on"}</Button>}
      {run.can.stop && <Button variant="danger" icon={<Square className="s" />} isDisabled={busy} onPress={() => void act(() => api.stopRun(run.id))}>Stop</Button>}
      {restoring && <RestoreDialog run={run} onClose={() => setRestoring(false)} />}
    </header>
  );
}
