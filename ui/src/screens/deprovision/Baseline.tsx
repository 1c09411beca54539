/** What was held before the cut, and how long a test identity took to arrive. */
import { duration } from "../../components/format";
import parts from "../../components/parts.module.css";
import { SourceMark } from "../../components/SourceMark";
import type { Run } from "../../ipc";
import styles from "./Plan.module.css";
import { StepList } from "./Steps";

export function Baseline({ run }: { run: Run }) {
  const steps = run.steps.filter((s) => s.phase === "baseline");
  const systems = [...new Set(run.checks.map((c) => c.source))];
  return (
    <>
      {steps.length > 0 && <StepList steps={steps} />}
      <div className={styles.head}><h3 className={parts.sect} id="held">Held before</h3></div>
      <div className={styles.systems}>
        <table className={parts.table} aria-labelledby="held">
          <thead><tr><th scope="col">System</th><th scope="col">What was asked</th><th scope="col">What was there</th>{run.who.test && <th scope="col" className="end">Arrived after</th>}</tr></thead>
          <tbody>
            {systems.flatMap((source) =>
              run.checks.filter((c) => c.source === source && c.phase === "verify").map((check, n) => (
                <tr key={check.id}>
                  <td>{n === 0 && <span className={parts.sysName}><SourceMark source={check.source} kind={check.kind} /><bdi>{check.sourceName}</bdi></span>}</td>
                  <td className="t2">{check.title}</td>
                  <td>{check.before === "" ? <span className="ne">not read yet</span> : check.before}</td>
                  {run.who.test && <td className="end tnum">{n > 0 ? "" : check.arrivedMs === null ? <span className="ne">not yet</span> : duration(check.arrivedMs)}</td>}
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </>
  );
}
