/** Decisions on a run that need words: waiving, a step by hand, a credential, restoring, ending it. */
import { useId, useRef, useState, type ReactNode } from "react";
import { Button, type Variant } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { FaultView } from "../../components/FaultView";
import { dayOf, endOfDay } from "../../components/format";
import parts from "../../components/parts.module.css";
import { toast } from "../../components/toasts";
import { api, type Run } from "../../ipc";
import styles from "./RunDialogs.module.css";
import { useAct } from "./useAct";

interface AskProps {
  title: string;
  button: string;
  variant?: Variant;
  ready: boolean;
  ask: () => Promise<Run>;
  done: string;
  onClose: () => void;
  children: ReactNode;
}

/** A question with one way forward. It stays open, with the words, where it was refused. */
function Ask({ title, button, variant = "primary", ready, ask, done, onClose, children }: AskProps) {
  const { act, busy, error } = useAct();
  const send = async () => {
    if (await act(ask, true)) {
      toast("good", done, "It stands in the run’s records.");
      onClose();
    }
  };
  return (
    <Dialog title={title} isOpen onClose={onClose} foot={<><Button variant="quiet" onPress={onClose}>Cancel</Button><Button variant={variant} isDisabled={!ready || busy} onPress={() => void send()}>{button}</Button></>}>
      <div className={styles.body}>
        {children}
        {error !== null && <FaultView compact error={error} />}
      </div>
    </Dialog>
  );
}

const Reason = ({ label, value, onChange, hint }: { label: string; value: string; onChange: (text: string) => void; hint: string }) => (
  <label className={styles.field}>
    <span>{label}</span>
    <textarea rows={2} value={value} onChange={(e) => onChange(e.target.value)} placeholder={hint} />
  </label>
);

const DAY = 86_400_000;

export function WaiveDialog({ run, check, onClose }: { run: Run; check: string; onClose: () => void }) {
  const of = run.checks.find((c) => c.id === check);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState(() => dayOf(run.now + 30 * DAY));
  const end = endOfDay(until) ?? 0;
  const past = end <= run.now;
  return (
    <Ask title="Waive this check" button="Waive it" ready={reason.trim() !== "" && !past} ask={() => api.waiveCheck(run.id, check, reason.trim(), end)} done="The check was waived." onClose={onClose}>
      <p>{of ? `${of.sourceName}: ${of.title}.` : check} The run may close without it. The evidence names who waived it, why, and until when; the door stays as it is.</p>
      {of && of.says !== "" && <p className={`${parts.well} ${styles.says}`}>{of.says}</p>}
      <Reason label="Why" value={reason} onChange={setReason} hint="What makes it bearable until then" />
      <label className={styles.field}>
        <span>Until</span>
        <input type="date" value={until} min={dayOf(run.now)} onChange={(e) => setUntil(e.target.value)} aria-invalid={past || undefined} />
        {past && <small className="bad">Choose a day to come.</small>}
      </label>
    </Ask>
  );
}

export function ConfirmDialog({ run, step, onClose }: { run: Run; step: string; onClose: () => void }) {
  const of = run.steps.find((s) => s.id === step);
  const [note, setNote] = useState("");
  return (
    <Ask title="The step is done" button="It is done" ready ask={() => api.confirmStep(run.id, step, note.trim())} done="The step counts as done." onClose={onClose}>
      <p><b className="strong">{of?.title ?? step}.</b> {of?.instructions}</p>
      <p className="t2">It is verified all the same, where there is anything to ask.</p>
      <Reason label="Note" value={note} onChange={setNote} hint="A ticket, who did it; it stands in the evidence" />
    </Ask>
  );
}

export function HandOverDialog({ run, check, wanted, onClose }: { run: Run; check: string; wanted: string; onClose: () => void }) {
  const of = run.checks.find((c) => c.id === check);
  const field = useRef<HTMLInputElement>(null);
  const [given, setGiven] = useState(false);
  const id = useId();
  // The field is the only place that it is ever in: it is emptied before the engine has answered.
  const ask = () => {
    const secret = field.current?.value ?? "";
    if (field.current) field.current.value = "";
    setGiven(false);
    return api.handOver(run.id, check, secret);
  };
  return (
    <Ask title="Hand over a credential" button="Hand it over" ready={given} ask={ask} done="The credential was taken." onClose={onClose}>
      <p>Wanted is {wanted}{of ? `, for “${of.title}” at ${of.sourceName}` : ""}. It goes straight to the engine, is tried at this address alone, and is forgotten when the run closes. It is never written into a record.</p>
      <div className={styles.field}>
        <label htmlFor={id}><span className="strong">Credential</span></label>
        <input id={id} ref={field} type="password" autoComplete="off" spellCheck={false} onChange={(e) => setGiven(e.target.value !== "")} />
      </div>
    </Ask>
  );
}

export function RestoreDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  return (
    <Ask title="Restore" button={run.who.test ? "Clean up" : "Restore"} variant="dangerFill" ready ask={() => api.restoreRun(run.id)} done="The way back was begun." onClose={onClose}>
      <p>{run.wayBack}</p>
      {run.steps.some((s) => s.phase === "act" && !s.undoable && s.state === "done") && <p className="warn">Steps that cannot be undone stay as they are: {run.steps.filter((s) => s.phase === "act" && !s.undoable && s.state === "done").map((s) => s.title).join("; ")}.</p>}
      <p className="t2">What is put back is read back too.</p>
    </Ask>
  );
}

export function EndDialog({ run, how, onClose }: { run: Run; how: "fail" | "abandon"; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const fail = how === "fail";
  return (
    <Ask
      title={fail ? "Close as failed" : "Give the run up"}
      button={fail ? "Close as failed" : "Give it up"}
      variant="dangerFill"
      ready={!fail || reason.trim() !== ""}
      ask={() => (fail ? api.failRun(run.id, reason.trim()) : api.abandonRun(run.id))}
      done={fail ? "The run was closed as failed." : "The run was given up."}
      onClose={onClose}
    >
      <p>{fail ? "The evidence is signed as it stands, and says that the run failed. It cannot be opened again." : "Nothing was written, so nothing has to be put back. The run stays in the list."}</p>
      {fail && <Reason label="Why" value={reason} onChange={setReason} hint="It stands in the evidence" />}
    </Ask>
  );
}
