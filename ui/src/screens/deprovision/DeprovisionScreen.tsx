/** De-provisioning: what needs a person, plans with their schedule, runs, and how long each system takes to shut. */
import { FileCheck, FilePlus2, TriangleAlert, UserRoundX } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { planPath, runPath } from "../../components/address";
import { Button, buttonClass, Time } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { count, duration, listed, plural } from "../../components/format";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { RevokeTrends } from "../../components/RevokeTrends";
import { needsPerson, RunStateMark, Tally } from "../../components/verdicts";
import type { PlanSummary, RunSummary } from "../../ipc";
import { useOpenRuns, usePlans, useRevokeTrends, useRuns } from "../../ipc/queries";
import styles from "./DeprovisionScreen.module.css";
import { PlanRunButton } from "./PlanRunButton";
import { KIND_WORD, PHASE_WORD } from "./runWords";

/** Runs at a time in the history. */
const PAGE = 50;

export function DeprovisionScreen() {
  const plans = usePlans();
  const [limit, setLimit] = useState(PAGE);
  const runs = useRuns({ plan: null, kind: null, open: false, offset: 0, limit });
  const open = useOpenRuns();
  const error = plans.error ?? runs.error ?? open.error;
  if (error) return <FaultView error={error} onRetry={() => { void plans.refetch(); void runs.refetch(); void open.refetch(); }} />;
  const nothing = plans.data?.length === 0 && runs.data?.total === 0;
  return (
    <div className={styles.screen}>
      <div className={styles.head}>
        <h1>De-provisioning</h1>
        <span className="t3 xs grow">{runs.data && plans.data ? `${plural(plans.data.length, "plan")}, ${plural(runs.data.total, "run")}` : ""}</span>
        <Link className={buttonClass()} to="/deprovision/evidence"><FileCheck className="s" />Verify evidence…</Link>
        <Link className={buttonClass()} to="/people"><UserRoundX className="s" />Walk somebody out…</Link>
        <Link className={buttonClass(nothing ? "primary" : "plain")} to="/deprovision/plans/new"><FilePlus2 className="s" />New plan</Link>
      </div>
      {nothing ? (
        <Nothing />
      ) : (
        <>
          <Needs runs={open.data?.runs ?? []} plans={plans.data ?? []} />
          <div className={styles.pair}>
            <section aria-label="Plans and runs">
              <Plans plans={plans.data ?? []} />
              <History runs={runs.data?.runs ?? []} total={runs.data?.total ?? 0} onMore={() => setLimit(Math.min(500, limit + PAGE))} />
            </section>
            <aside aria-labelledby="trends">
              <Trends />
            </aside>
          </div>
        </>
      )}
    </div>
  );
}

const Nothing = () => (
  <Empty title="No plan and no run yet." acts={<><Link className={buttonClass("primary")} to="/deprovision/plans/new">Write a plan</Link><Link className={buttonClass()} to="/people">Choose a leaver</Link></>}>
    A plan says what is cut where, and by when each system must have followed. A test run makes an identity of its own, cuts it, and proves that every door is shut; an offboarding does the same for a real leaver. Here will
    be your plans, the runs with their evidence, and how long each system takes to shut.
  </Empty>
);

/** What does not go on by itself. */
function Needs({ runs, plans }: { runs: readonly RunSummary[]; plans: readonly PlanSummary[] }) {
  const now = useNow();
  const waiting = runs.filter(needsPerson);
  const due = plans.filter((p) => p.dueAt !== null && (p.remind || p.dueAt <= now));
  if (waiting.length + due.length === 0) return null;
  return (
    <section className={styles.needs} aria-label="Needs a person">
      <ul>
        {waiting.map((run) => (
          <li key={run.id}>
            <TriangleAlert className={`s ${run.state === "refusing" ? "bad" : "warn"}`} />
            <span><bdi className="strong">Run {run.id}, {run.subject}</bdi><small>{run.says}</small></span>
            <RunStateMark state={run.state} />
            <Link className={buttonClass()} to={runPath(run.id)}>Open</Link>
          </li>
        ))}
        {due.map((plan) => (
          <li key={plan.file}>
            <TriangleAlert className="s warn" />
            <span><bdi className="strong">{plan.name}</bdi><small>{plan.dueAt !== null && plan.dueAt <= now ? "The test is due" : "The test will be due"} <Time at={plan.dueAt} />.</small></span>
            <span />
            <PlanRunButton plan={plan} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Plans({ plans }: { plans: readonly PlanSummary[] }) {
  return (
    <section className={styles.part} aria-labelledby="plans">
      <div className={styles.sectHead}>
        <h2 id="plans" className={parts.sect}>Plans</h2>
        <span className="t3 xs">files in the data folder’s “plans”</span>
      </div>
      {plans.length === 0 ? (
        <p className="t3">No plan. Write one, or start from a person who leaves.</p>
      ) : (
        <table className={`${parts.table} ${styles.table}`} aria-labelledby="plans">
          <thead>
            <tr><th scope="col">Plan</th><th scope="col">Kind</th><th scope="col">Due</th><th scope="col">Last run</th><th scope="col"><span className="sr">Plan a run</span></th></tr>
          </thead>
          <tbody>
            {plans.map((plan) => <PlanRow key={plan.file} plan={plan} />)}
          </tbody>
        </table>
      )}
    </section>
  );
}

function PlanRow({ plan }: { plan: PlanSummary }) {
  const bad = plan.problems.filter((p) => !p.warning).length;
  return (
    <tr data-testid={`plan-${plan.file}`}>
      <td className={styles.wide}>
        <Link to={planPath(plan.file)} className={styles.plan} title={plan.description}>
          <b><bdi>{plan.name}</bdi></b> {bad > 0 && <span className={`${parts.tag} ${parts.tagBad}`}>{plural(bad, "problem")}</span>}
          <small><code>{plan.revision}</code> · {plan.systems.length > 0 ? listed(plan.systems) : plan.description || plan.file}</small>
        </Link>
      </td>
      <td className="t2">{plan.kind === null ? "cannot be read" : KIND_WORD[plan.kind]}</td>
      <td className="t2">{plan.every === null ? "on demand" : <><Time at={plan.dueAt} none="not run yet" /> <span className="t3 xs">every {plan.every}</span></>}</td>
      <td>{plan.lastRun === null ? <span className="t3">never run</span> : <Link to={runPath(plan.lastRun.id)}><RunStateMark state={plan.lastRun.state} /></Link>}</td>
      <td className="end"><PlanRunButton plan={plan} small /></td>
    </tr>
  );
}

function History({ runs, total, onMore }: { runs: readonly RunSummary[]; total: number; onMore: () => void }) {
  const navigate = useNavigate();
  return (
    <section className={styles.part} aria-labelledby="runs">
      <div className={styles.sectHead}>
        <h2 id="runs" className={parts.sect}>Runs</h2>
        <span className="t3 xs">newest first</span>
      </div>
      {runs.length === 0 ? (
        <p className="t3">No run yet. Plan one from a plan above: nothing is written before you agree to each step.</p>
      ) : (
        <table className={`${parts.table} ${styles.table} ${styles.rows}`} aria-labelledby="runs">
          <thead>
            <tr><th scope="col">Run</th><th scope="col">Whom</th><th scope="col">State</th><th scope="col">Checks</th><th scope="col" className="end">Slowest</th><th scope="col" className="end">When</th></tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id} data-testid={`run-${run.id}`} onDoubleClick={() => void navigate(runPath(run.id))}>
                <td className="tnum"><Link to={runPath(run.id)} className={parts.link}>{count(run.id)}</Link></td>
                <td className={`${styles.grow} cut`}><bdi title={`${run.plan} ${run.revision}`}>{run.subject}</bdi>{run.dryRun && <> <span className={parts.tag}>dry run</span></>}</td>
                <td title={run.says}><span className={styles.state}><RunStateMark state={run.state} />{run.state === "running" && <span className="t3">{PHASE_WORD[run.phase]}</span>}</span></td>
                <td><span className={styles.counts}><Tally counts={run.counts} words={false} /></span></td>
                <td className="end tnum t2">{run.slowestMs === null ? "–" : duration(run.slowestMs)}</td>
                <td className="end t2"><Time at={run.plannedAt} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {runs.length < total && <p className={styles.more}><Button small onPress={onMore}>Show {count(Math.min(PAGE, total - runs.length))} more of {count(total)}</Button></p>}
    </section>
  );
}

function Trends() {
  const trends = useRevokeTrends();
  return (
    <>
      <div className={styles.sectHead}>
        <h2 id="trends" className={parts.sect}>Time to revoke</h2>
        <span className="t3 xs">slowest critical check of each run, limit dashed</span>
      </div>
      {trends.error && <FaultView compact error={trends.error} onRetry={() => void trends.refetch()} />}
      {trends.data && (trends.data.length === 0 ? <p className="t3">Measured from the first run on.</p> : <RevokeTrends trends={trends.data} />)}
    </>
  );
}

