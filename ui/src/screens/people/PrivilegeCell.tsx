/** The most that somebody may do, over all systems; what was not read is never shown as nothing. */
import { ArchiveRestore, CircleDashed, KeyRound } from "lucide-react";
import { STATE_MEANS, STATE_WORD, StateGlyph } from "../../components/accessWords";
import { SystemMark } from "../../components/marks";
import type { Privilege } from "../../ipc";
import styles from "./PrivilegeCell.module.css";

const MORE = "There may be more: something about access was not read.";

export function PrivilegeCell({ privilege }: { privilege: Privilege | null }) {
  if (privilege === null) return <span className={styles.wait} title="The access map is being made" role="img" aria-label="not worked out yet" />;
  const { highest, notEvaluated } = privilege;
  if (highest === null) return notEvaluated ? <span className={`${styles.cell} ne`} title={MORE}><CircleDashed className="x" />not evaluated</span> : <span className="t3">none</span>;
  const { role, scope, state, privileged, canRestore } = highest;
  const what = canRestore ? "can restore backups" : privileged ? "privileged" : "not privileged";
  const title = [`${role} on ${scope}: ${what}.`, ...(state === "active" ? [] : [STATE_MEANS[state]]), ...(notEvaluated ? [MORE] : [])].join(" ");
  return (
    <span className={styles.cell} title={title}>
      <SystemMark kind={highest.system} small />
      <span className={`cut ${privileged || canRestore ? "" : "t2"}`}><bdi className={privileged || canRestore ? "strong" : ""}>{role}</bdi> <span className="t3">on <bdi>{scope}</bdi></span></span>
      {canRestore ? <ArchiveRestore className="x" /> : privileged && <KeyRound className="x warn" />}
      {state !== "active" && <span className={styles.state}><StateGlyph state={state} /></span>}
      {notEvaluated && <CircleDashed className="x ne" />}
      <span className="sr">, {what}{state !== "active" && `, ${STATE_WORD[state]}`}{notEvaluated && ", there may be more"}</span>
    </span>
  );
}
