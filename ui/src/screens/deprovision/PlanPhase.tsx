/** The plan of a run: guards, steps, checks; and agreement, by typing the name. */
import { Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { useAddress } from "../../components/address";
import { Button } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { duration, plural } from "../../components/format";
import parts from "../../components/parts.module.css";
import { SourceMark } from "../../components/SourceMark";
import { api, type Need, type Run } from "../../ipc";
import { Guards } from "./Guards";
import styles from "./Plan.module.css";
import { EndDialog } from "./RunDialogs";
import { StepList } from "./Steps";
import { useAct } from "./useAct";

export function PlanPhase({ run }: { run: Run }) {
  const agree = run.needs.find((n) => n.kind === "agree");
  return (
    <>
      <Guards guards={run.guards} />
      <div className={styles.head}><h3 className={parts.sect}>Steps</h3><span className="t3 xs">{run.dryRun ? "shown, and not sent" : "in this order"}</span></div>
      {run.steps.length === 0 ? <p className={styles.none}>Nothing is written: every system follows, and is only asked.</p> : <StepList steps={run.steps} />}
      <Asks run={run} />
      {run.leftOut.length > 0 && <p className={styles.left}>Not part of this run: {run.leftOut.join(" ")}</p>}
      {agree?.kind === "agree" && <Agree run={run} need={agree} />}
    </>
  );
}

/** What will be asked, system by system. */
function Asks({ run }: { run: Run }) {
  const systems = [...new Set(run.checks.map((c) => c.source))];
  return (
    <>
      <div className={styles.head}><h3 className={parts.sect} id="run-asks">Checks</h3><span className="t3 xs">{plural(run.checks.length, "check")}, {run.checks.filter((c) => c.critical).length} critical</span></div>
      <div className={styles.systems}>
        <table className={parts.table} aria-labelledby="run-asks">
          <tbody>
            {systems.map((source) => {
              const own = run.checks.filter((c) => c.source === source);
              const [first] = own;
              return first && (
                <tr key={source}>
                  <th scope="row"><span className={parts.sysName}><SourceMark source={first.source} kind={first.kind} /><bdi>{first.sourceName}</bdi></span></th>
                  <td className="xs t2">{own.map((c) => c.title).join("; ")}.</td>
                  <td className="end xs t2 tnum">{duration(Math.max(...own.filter((c) => c.phase === "verify").map((c) => c.limitMs), 0))}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Agree({ run, need }: { run: Run; need: Extract<Need, { kind: "agree" }> }) {
  const { go } = useAddress();
  const { act, busy, error } = useAct();
  const [typed, setTyped] = useState("");
  const [looked, setLooked] = useState<readonly string[]>([]);
  const [ending, setEnding] = useState(false);
  const refused = run.guards.filter((g) => g.state === "refuses");
  const ready = run.can.agree && typed.trim() === need.typeName && need.secondLooks.every((s) => looked.includes(s));
  const begin = async () => {
    const after = await act(() => api.agreeRun(run.id, { typed: typed.trim(), secondLooks: [...looked] }), true);
    if (after) go({ set: { phase: null }, replace: true });
  };
  return (
    <form className={styles.agree} aria-label="Agreement" onSubmit={(e) => { e.preventDefault(); if (ready && !busy) void begin(); }}>
      <h3>{run.dryRun ? "Agree to the dry run" : "Agree to this plan"}</h3>
      {refused.length > 0 ? (
        <p className="bad">It may not begin: {refused.map((g) => g.says).join(" ")}</p>
      ) : (
        <>
          <p>{run.dryRun ? "Nothing is written. Each check is asked as it stands now." : "Each step is sent as it is shown above, and read back. It can be stopped at any moment."}</p>
          {need.secondLooks.length > 0 && (
            <div className={styles.looks} role="group" aria-label="Steps that cannot be undone">
              {need.secondLooks.map((id) => {
                const step = run.steps.find((s) => s.id === id);
                return (
                  <label key={id}>
                    <input type="checkbox" checked={looked.includes(id)} onChange={(e) => setLooked(e.target.checked ? [...looked, id] : looked.filter((x) => x !== id))} />
                    <span>{step ? `${step.title}, at ${step.sourceName}: it cannot be undone` : id}<small>{step?.means}</small></span>
                  </label>
                );
              })}
            </div>
          )}
          <label className={styles.type}>
            <span>Type <code className="selectable">{need.typeName}</code> to agree</span>
            <input value={typed} onChange={(e) => setTyped(e.target.value)} spellCheck={false} autoComplete="off" />
          </label>
        </>
      )}
      <div className={styles.acts}>
        <Button type="submit" variant={run.dryRun ? "primary" : "dangerFill"} icon={<Play className="s" />} isDisabled={!ready || busy}>{busy ? "Beginning…" : run.dryRun ? "Begin the dry run" : "Begin"}</Button>
        {run.can.abandon && <Button variant="quiet" icon={<Trash2 className="s" />} onPress={() => setEnding(true)}>Give it up…</Button>}
      </div>
      {error !== null && <FaultView compact error={error} />}
      {ending && <EndDialog run={run} how="abandon" onClose={() => setEnding(false)} />}
    </form>
  );
}
