/** The records of a run, newest first, each with its hash; checking the chain, and handing the evidence over. */
import { CircleAlert, CircleCheck, Download, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { atSecond, count, cutMiddle, exactTime, plural } from "../../components/format";
import { isClosed } from "../../components/verdicts";
import { api, type ChainCheck, type Run, type RunRecord } from "../../ipc";
import { useRunRecords } from "../../ipc/queries";
import styles from "./EvidenceRail.module.css";
import { ExportEvidenceDialog } from "./ExportEvidenceDialog";

const PAGE = 100;

export function EvidenceRail({ run }: { run: Run }) {
  const [limit, setLimit] = useState(PAGE);
  const records = useRunRecords(run.id, limit);
  const [exporting, setExporting] = useState(false);
  const [busy, setBusy] = useState(false);
  const [chain, setChain] = useState<{ check: ChainCheck; records: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const verify = async () => {
    setBusy(true);
    setError(null);
    try {
      setChain({ check: await api.verifyAudit(), records: run.records });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const shown = records.data?.records ?? [];
  const total = records.data?.total ?? run.records;
  return (
    <aside className={styles.rail} aria-label="Evidence" data-testid="evidence">
      <div className={styles.head}><h2 className="strong">Evidence</h2><span className="xs">{plural(total, "record")}</span></div>
      {/* Keys move through the list where it is longer than the screen. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.list} tabIndex={0} role="region" aria-label="Records">
        {records.error && <FaultView compact error={records.error} onRetry={() => void records.refetch()} />}
        <ol>
          {shown.map((record, n) => <Line key={record.seq} record={record} now={n === 0 && record.mark === null && run.state === "running"} />)}
        </ol>
        {shown.length < total && <p className={styles.more}><Button small onPress={() => setLimit(limit + 400)}>Show earlier ones ({count(total - shown.length)})</Button></p>}
      </div>
      <div className={styles.foot}>
        <p>Each record carries the hash of the one before{run.evidence === null ? ". Closing signs them all." : <>. Signed with Ed25519 key <code>{cutMiddle(run.evidence.key)}</code>.</>}</p>
        {chain !== null && (
          <p className={styles.chain} role="status" data-testid="run-chain">
            {chain.check.ok ? <CircleCheck className="s good" /> : <CircleAlert className="s bad" />}
            {chain.check.ok ? `The chain holds: ${plural(chain.records, "record")} of this run, ${plural(chain.check.entries, "entry", "entries")} of the audit log.` : (chain.check.problem ?? "The chain does not hold.")}
          </p>
        )}
        {error !== null && <FaultView compact error={error} />}
        <div className={styles.acts}>
          <Button icon={<ShieldCheck className="s" />} isDisabled={busy} onPress={() => void verify()}>{busy ? "Checking…" : "Verify"}</Button>
          <Button icon={<Download className="s" />} isDisabled={!run.can.export} onPress={() => setExporting(true)}>Export…</Button>
        </div>
        {!run.can.export && !isClosed(run) && <p>It can be exported once it is closed and signed.</p>}
      </div>
      {exporting && <ExportEvidenceDialog run={run} onClose={() => setExporting(false)} />}
    </aside>
  );
}

function Line({ record, now }: { record: RunRecord; now: boolean }) {
  const mark = record.mark === null ? "" : (styles[record.mark] ?? "");
  return (
    <li>
      <span className={`${styles.pin} ${now ? styles.now : mark}`} aria-hidden="true" />
      <bdi className={now ? "run strong" : record.mark === "failed" ? "bad strong" : record.mark === "notEvaluated" ? "strong" : ""}>{record.title}</bdi>
      <span className={styles.meta} title={`${exactTime(record.at)}\n${record.kind}\nSHA-256 ${record.hash}`}>
        <span>{String(record.seq).padStart(4, "0")}</span>
        <span>{atSecond(record.at)}</span>
        <span>{cutMiddle(record.hash)}</span>
      </span>
    </li>
  );
}
