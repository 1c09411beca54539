/** Asks for the reason of a decision, and makes it. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "./controls";
import { Dialog } from "./dialogs";
import { FaultView } from "./FaultView";
import { SourceMark } from "./marks";
import { toast } from "./toasts";
import { api, type JoinKind, type JoinSubject, type JoinVerb, type Source } from "../ipc";
import { keys } from "../ipc/queries";
import styles from "./DecideDialog.module.css";

export interface Decision {
  verb: JoinVerb;
  kind: JoinKind;
  one: JoinSubject;
  other: JoinSubject;
}

const TITLE: Record<JoinVerb, string> = { join: "They are the same", separate: "Keep them apart", forget: "Take the decision back" };
const MEANS: Record<JoinVerb, Record<JoinKind, string>> = {
  join: { account: "Both accounts will be one person, in every list and every answer.", group: "Both groups will be one team, in every list and every answer." },
  separate: { account: "Whatever the rules say, these accounts will not be one person.", group: "Whatever the rules say, these groups will not be one team." },
  forget: { account: "The rules decide about these accounts again.", group: "The rules decide about these groups again." },
};
const DONE: Record<JoinVerb, string> = { join: "They are joined.", separate: "They are kept apart.", forget: "The decision was taken back." };

export function DecideDialog({ decision, sources, onClose }: { decision: Decision; sources: readonly Source[]; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { verb, kind, one, other } = decision;

  const decide = async () => {
    setBusy(true);
    setError(null);
    try {
      await api.decideJoin({ kind, verb, one: one.key, other: other.key, reason: reason.trim() });
      // Who is the same is in every list and every answer.
      void client.invalidateQueries({ queryKey: keys.directory });
      void client.invalidateQueries({ queryKey: keys.overview });
      toast("good", DONE[verb], "It stands in the audit log.");
      onClose();
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={TITLE[verb]}
      isOpen
      onClose={onClose}
      foot={
        <>
          <Button variant="quiet" onPress={onClose}>Cancel</Button>
          <Button variant="primary" isDisabled={busy || reason.trim() === ""} onPress={() => void decide()}>{TITLE[verb]}</Button>
        </>
      }
    >
      <p>{MEANS[verb][kind]}</p>
      <ul className={styles.pair}>
        {[one, other].map((subject) => (
          <li key={subject.key}>
            <SourceMark source={sources.find((s) => s.id === subject.source)} small />
            <span><bdi className="strong">{subject.name}</bdi> <span className="t3">{subject.detail}</span></span>
          </li>
        ))}
      </ul>
      <label className={styles.reason}>
        <span>Why</span>
        <textarea rows={2} value={reason} onChange={(e) => setReason(e.target.value)} placeholder="What tells you so; it stays beside the decision" />
      </label>
      {error !== null && <FaultView compact error={error} />}
    </Dialog>
  );
}
