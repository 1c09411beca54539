/** The end of a run: whether it may close, and what it leaves behind. */
import { BadgeCheck, OctagonX } from "lucide-react";
import { useState } from "react";
import { Button, Id, Time } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { duration, plural } from "../../components/format";
import parts from "../../components/parts.module.css";
import { SourceMark } from "../../components/SourceMark";
import { isClosed, runStateWord, Tally, VERDICT_WORD, VerdictGlyph } from "../../components/verdicts";
import { api, type Check, type Run } from "../../ipc";
import styles from "./Close.module.css";
import { EndDialog } from "./RunDialogs";
import { useAct } from "./useAct";

export function ClosePhase({ run }: { run: Run }) {
  const closed = isClosed(run);
  const { act, busy, error } = useAct();
  const [ending, setEnding] = useState<"fail" | "abandon" | null>(null);
  return (
    <div className={styles.close}>
      <div className={styles.verdict} data-state={run.state}>
        <p className={styles.word}>{closed ? `${runStateWord(run.state)}.` : run.can.close ? "Nothing stands in the way: it can be closed." : run.refuses.length > 0 ? "It refuses to close." : "It is not at its end yet."}</p>
        {run.says !== "" && run.refuses.length === 0 && <p className="t2">{run.says}</p>}
        {run.refuses.length > 0 && <ul className={styles.refuses} aria-label="Why it refuses">{run.refuses.map((r) => <li key={r}><OctagonX className="s bad" />{r}</li>)}</ul>}
        <p className={styles.tally}><Tally counts={run.counts} /></p>
        {!closed && (
          <div className={styles.acts}>
            <Button variant="primary" icon={<BadgeCheck className="s" />} isDisabled={!run.can.close || busy} onPress={() => void act(() => api.closeRun(run.id), true)}>Sign and close</Button>
            {run.can.fail && <Button variant="danger" onPress={() => setEnding("fail")}>Close as failed…</Button>}
            {run.can.abandon && <Button variant="quiet" onPress={() => setEnding("abandon")}>Give it up…</Button>}
          </div>
        )}
        {error !== null && <FaultView compact error={error} />}
      </div>
      <Systems checks={run.checks} />
      {run.evidence !== null && (
        <dl className={styles.facts}>
          <div><dt>Signed</dt><dd><Time at={run.evidence.signedAt} /> with Ed25519 key <Id text={run.evidence.key} what="fingerprint of the key" /></dd></div>
          <div><dt>Record</dt><dd><Id text={run.evidence.recordSha256} what="SHA-256 of the record" /></dd></div>
          <div><dt>Signature</dt><dd><Id text={run.evidence.signature} what="signature" /></dd></div>
          <div><dt>Audit log</dt><dd>entry {run.evidence.auditEntry}</dd></div>
        </dl>
      )}
      {ending !== null && <EndDialog run={run} how={ending} onClose={() => setEnding(null)} />}
    </div>
  );
}

/** How each system came out: the worst of its critical checks, and the slowest that passed. */
function Systems({ checks }: { checks: readonly Check[] }) {
  const order = ["failed", "notEvaluated", "waiting", "pending", "waived", "passed"] as const;
  return (
    <table className={parts.table} aria-label="How each system came out">
      <thead><tr><th scope="col">System</th><th scope="col">Critical checks</th><th scope="col">Not critical</th><th scope="col" className="end">Slowest</th><th scope="col" className="end">Limit</th></tr></thead>
      <tbody>
        {[...new Set(checks.map((c) => c.source))].map((source) => {
          const own = checks.filter((c) => c.source === source);
          const critical = own.filter((c) => c.critical);
          const worst = order.find((v) => critical.some((c) => c.verdict === v)) ?? "pending";
          const [first] = own;
          const took = critical.map((c) => c.tookMs).filter((t) => t !== null);
          return first && (
            <tr key={source}>
              <td><span className={parts.sysName}><SourceMark source={first.source} kind={first.kind} /><bdi>{first.sourceName}</bdi></span></td>
              <td><span className={parts.state}><VerdictGlyph verdict={worst} />{critical.filter((c) => c.verdict === "passed").length} of {plural(critical.length, "check")} passed{worst === "passed" ? "" : `, ${VERDICT_WORD[worst]}`}</span></td>
              <td className="t2">{own.length === critical.length ? "–" : `${own.filter((c) => !c.critical && c.verdict === "passed").length} of ${own.length - critical.length}`}</td>
              <td className="end tnum">{took.length === 0 ? "–" : duration(Math.max(...took))}</td>
              <td className="end tnum t2">{duration(Math.max(...own.map((c) => c.limitMs)))}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
