/** How long history is kept. Nothing goes unasked: what a choice would remove is counted and confirmed first. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { Button, Segments } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { FaultView } from "../../components/FaultView";
import { bytes, count, moment, plural } from "../../components/format";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { toast } from "../../components/toasts";
import { api, type HistoryInfo } from "../../ipc";
import { keys, useHistoryInfo } from "../../ipc/queries";
import styles from "./SettingsScreen.module.css";

const CHOICES = [{ id: "ever", text: "For ever" }, { id: "365", text: "1 year" }, { id: "90", text: "90 days" }, { id: "days", text: "Other" }] as const;
type Choice = (typeof CHOICES)[number]["id"];

const choiceOf = (keepDays: number | null): Choice => (keepDays === null ? "ever" : keepDays === 365 ? "365" : keepDays === 90 ? "90" : "days");

/** Whole days that history may be kept; a hundred years at most, as the engine says. */
export const daysOf = (text: string): number | null => (/^\d{1,5}$/.test(text.trim()) && Number(text) > 0 && Number(text) <= 36_500 ? Number(text) : null);

export function Retention() {
  const info = useHistoryInfo();
  return (
    <section aria-labelledby="s-history">
      <h2 id="s-history">History</h2>
      {info.error && <FaultView compact error={info.error} onRetry={() => void info.refetch()} />}
      {info.data && <Kept key={String(info.data.keepDays)} info={info.data} />}
    </section>
  );
}

function Kept({ info }: { info: HistoryInfo }) {
  const now = useNow();
  const client = useQueryClient();
  const [choice, setChoice] = useState<Choice>(choiceOf(info.keepDays));
  const [text, setText] = useState(String(info.keepDays ?? 180));
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const days = choice === "ever" ? null : choice === "days" ? daysOf(text) : Number(choice);
  const bad = choice === "days" && days === null;
  const same = days === info.keepDays;
  const over = useQuery({ queryKey: [...keys.history, "over", days], queryFn: () => api.historyOverAge(days ?? 0), enabled: days !== null && !same });

  const send = async () => {
    setBusy(true);
    setError(null);
    try {
      const after = await api.setHistoryRetention(days);
      client.setQueryData([...keys.history, "info"], after);
      void client.invalidateQueries({ queryKey: keys.history });
      void client.invalidateQueries({ queryKey: keys.audit });
      toast("good", days === null ? "History is kept for ever." : `History is kept for ${plural(days, "day")}.`, "It stands in the audit log.");
      setAsking(false);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <div className={styles.line}>
        <div className="grow">
          <p className="strong">Keep history</p>
          <p className="xs t3">
            {plural(info.lines, "line")} and {plural(info.versions, "earlier version")}, {bytes(info.bytes)}
            {info.oldest !== null && `, since ${moment(info.oldest, now)}`}.
            {info.removedBefore !== null && ` What was before ${moment(info.removedBefore, now)} was removed.`} The audit log is always kept whole.
          </p>
          {!same && days !== null && (
            <p className={`xs ${over.data === 0 ? "t3" : "warn"}`} data-testid="over-age">
              {over.error ? "How much would go cannot be told." : over.data === undefined ? "Counting…" : over.data === 0 ? "Nothing is older than that now." : `${plural(over.data, "line")} would go now.`}
            </p>
          )}
          {bad && <p className="xs bad">Give a number of days from 1 to {count(36_500)}.</p>}
        </div>
        {choice === "days" && (
          <label className={styles.days}>
            <input inputMode="numeric" aria-label="Days that history is kept" value={text} onChange={(e) => setText(e.target.value)} aria-invalid={bad || undefined} />
            <span className="t3 xs">days</span>
          </label>
        )}
        <Segments label="Keep history" value={choice} options={CHOICES} onChange={setChoice} />
        <Button isDisabled={same || bad || busy || (days !== null && !over.isFetched)} onPress={() => (days === null || over.data === 0 ? void send() : setAsking(true))}>Save…</Button>
      </div>
      {error !== null && !asking && <FaultView compact error={error} />}
      {asking && days !== null && (
        <Dialog
          title="Remove older history?"
          isOpen
          alert
          onClose={() => setAsking(false)}
          foot={<><Button variant="quiet" onPress={() => setAsking(false)}>Keep it</Button><Button variant="dangerFill" isDisabled={busy} onPress={() => void send()}>{over.data === undefined ? "Remove it" : `Remove ${plural(over.data, "line")}`}</Button></>}
        >
          <p>{over.data === undefined ? "What is" : `${plural(over.data, "line")} of history are`} older than {plural(days, "day")}. They go at once, and cannot be brought back; from then on, what gets older goes by itself. The daily backups hold it for up to seven days more.</p>
          <p className="t2">Nothing can then be said about days before that: neither <Link className={parts.link} to="/changes">what changed</Link> nor how things were. The audit log stays.</p>
          {error !== null && <FaultView compact error={error} />}
        </Dialog>
      )}
    </>
  );
}
