/** Evidence that was exported, opened again: whether it holds, point by point. */
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, FileArchive, FolderOpen, OctagonX } from "lucide-react";
import { Link } from "react-router";
import { runPath, useAddress } from "../../components/address";
import { Button, Id } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { count } from "../../components/format";
import parts from "../../components/parts.module.css";
import { toast } from "../../components/toasts";
import { api, toFault, type EvidenceCheck, type EvidenceForm } from "../../ipc";
import { keys } from "../../ipc/queries";
import home from "./DeprovisionScreen.module.css";
import styles from "./Evidence.module.css";

export function EvidenceScreen() {
  const { params, go } = useAddress();
  const path = params.get("path");
  // What a file holds now may be something else in a minute: nothing of it is kept.
  const check = useQuery({ queryKey: [...keys.runs, "evidence", path], queryFn: () => api.verifyEvidence(path ?? ""), enabled: path !== null, gcTime: 0, staleTime: 0 });
  const pick = async (form: EvidenceForm) => {
    try {
      const picked = await api.pickEvidence(form);
      if (picked === null) return;
      if (picked === path) void check.refetch();
      else go({ set: { path: picked } });
    } catch (refused) {
      const fault = toFault(refused);
      toast("bad", fault.what, fault.next);
    }
  };
  return (
    <div className={home.screen}>
      <div className={home.head}>
        <h1>Evidence</h1>
        <span className="grow t3 xs cut">{path === null ? "" : <Id text={path} what="path" />}</span>
        <Button icon={<FileArchive className="s" />} onPress={() => void pick("file")}>Open a file…</Button>
        <Button icon={<FolderOpen className="s" />} onPress={() => void pick("folder")}>Open a folder…</Button>
      </div>
      {path === null ? (
        <Empty title="Open evidence to check it.">
          A run’s evidence is a file or a folder. It is checked by itself, without this data folder: files, signatures, the chain of records, what the audit log says of it, and whether the verdict follows from the records. Nothing is
          changed. <code>lanyard evidence verify FILE</code> does the same.
        </Empty>
      ) : check.error ? (
        <FaultView error={check.error} onRetry={() => void check.refetch()} />
      ) : check.data ? (
        <Said check={check.data} />
      ) : (
        <p className={styles.wait}>Checking…</p>
      )}
    </div>
  );
}

function Said({ check }: { check: EvidenceCheck }) {
  const bad = check.points.filter((p) => !p.ok).length;
  const [disclosed, of] = check.disclosed;
  return (
    <div className={styles.said} data-testid="evidence-check" data-ok={check.ok}>
      <div className={`${styles.verdict} ${check.ok ? styles.good : styles.bad}`} role="status">
        {check.ok ? <CircleCheck className="good" /> : <OctagonX className="bad" />}
        <div>
          <p className={styles.word}>{check.summary}</p>
          <p className="t2">{bad === 0 ? `${count(check.points.length)} points were looked at.` : `${count(bad)} of ${count(check.points.length)} points do not hold.`}</p>
        </div>
      </div>
      <dl className={styles.facts}>
        {check.run !== null && <div><dt>Run</dt><dd>{check.keyKnown !== null && check.keyKnown.includes("this data folder") ? <Link className={parts.link} to={runPath(check.run)}>{check.run}</Link> : check.run}</dd></div>}
        {check.verdict !== null && <div><dt>It was closed</dt><dd>{check.verdict}</dd></div>}
        {check.key !== null && <div><dt>Signed by</dt><dd><Id text={check.key} what="fingerprint of the key" /> <span className="t3">{check.keyKnown ?? "a key that is not known here"}</span></dd></div>}
        <div><dt>Records</dt><dd>{count(check.records)}</dd></div>
        <div><dt>Personal values</dt><dd>{of === 0 ? "none" : disclosed === of ? `all ${count(of)} disclosed` : disclosed === 0 ? `masked, all ${count(of)}` : `${count(disclosed)} of ${count(of)} disclosed`}</dd></div>
      </dl>
      <ul className={styles.points} aria-label="Point by point">
        {check.points.map((point) => (
          <li key={point.topic} data-ok={point.ok}>
            {point.ok ? <CircleCheck className="s good" /> : <OctagonX className="s bad" />}
            <span className="strong">{point.title}<span className="sr">{point.ok ? ": holds" : ": does not hold"}</span></span>
            <span className={point.ok ? "t2" : "bad"}>{point.says}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
