/** Not to be told of a finding for a time: with a reason, and an end. */
import { useState } from "react";
import { Button, Segments } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { FaultView } from "../../components/FaultView";
import { dayOf, endOfDay, sentence } from "../../components/format";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { toast } from "../../components/toasts";
import { api, type FindingRow } from "../../ipc";
import styles from "./Findings.module.css";

const DAY = 86_400_000;
const CHOICES = [{ id: "7", text: "7 days" }, { id: "30", text: "30 days" }, { id: "90", text: "90 days" }, { id: "date", text: "Until a date" }] as const;

export function SuppressDialog({ row, onClose }: { row: FindingRow; onClose: () => void }) {
  const now = useNow();
  const [reason, setReason] = useState("");
  const [choice, setChoice] = useState<(typeof CHOICES)[number]["id"]>("30");
  const [day, setDay] = useState(() => dayOf(now + 30 * DAY));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const until = choice === "date" ? endOfDay(day) : endOfDay(dayOf(now + Number(choice) * DAY));
  const past = until === null || until <= now;
  const send = async () => {
    if (until === null) return;
    setBusy(true);
    setError(null);
    try {
      await api.suppressFinding(row.id, reason.trim(), until);
      toast("good", "The finding is suppressed.", "It stands in the audit log, with the reason.");
      onClose();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title="Suppress this finding"
      isOpen
      onClose={onClose}
      foot={<><Button variant="quiet" onPress={onClose}>Cancel</Button><Button variant="primary" isDisabled={reason.trim() === "" || past || busy} onPress={() => void send()}>Suppress it</Button></>}
    >
      <div className={styles.dialog}>
        <p className={`${parts.well} ${styles.note}`}><bdi>{sentence(row.says)}</bdi></p>
        <label className={styles.field}>
          <span>Why</span>
          <textarea rows={2} value={reason} onChange={(e) => setReason(e.target.value)} placeholder="What makes it bearable until then" />
        </label>
        <div className={styles.field}>
          <span>For how long</span>
          <div className={styles.until}>
            <Segments label="For how long" value={choice} options={CHOICES} onChange={setChoice} />
            {choice === "date" && <input type="date" aria-label="Until" value={day} min={dayOf(now)} onChange={(e) => setDay(e.target.value)} aria-invalid={past || undefined} />}
          </div>
          {past && <small className="bad">Choose a day to come.</small>}
        </div>
        <p className="t2 xs">It is not counted until then, and returns by itself: when the time is over, or earlier when its facts change. What is wrong stays as it is.</p>
        {error !== null && <FaultView compact error={error} />}
      </div>
    </Dialog>
  );
}
