/** Before a rotation: why, how, what else uses the credential; then everything that it will do, request by request. */
import { ArrowLeft, Plus, RefreshCw, Siren, X } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { rotationPath } from "../../components/address";
import { Button, IconButton, Segments } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { FaultView } from "../../components/FaultView";
import { useNow } from "../../components/now";
import { api, type Credential, type RotationHow, type RotationOptions, type RotationPlan, type RotationReason } from "../../ipc";
import { useRotationOptions } from "../../ipc/queries";
import { Manager } from "./Manager";
import { PlanView } from "./PlanView";
import { formOf, howKey, jobKey, problemsOf, startOf, UNITS, type StartForm } from "./start";
import styles from "./Start.module.css";
import form from "./Tokens.module.css";
import { useDo } from "./useDo";
import { KIND_NOUN, userName } from "./words";

const REASONS = [
  { id: "routine", text: "It is time" },
  { id: "leaked", text: "It leaked" },
  { id: "refused", text: "The source refuses it" },
] as const;

const REASON_NOTE: Record<RotationReason, string> = {
  routine: "The new one is made and proven first. The old one is revoked last, so that the source is never without one that works.",
  leaked: "The old one is revoked first, or as soon as there is a new one where the provider makes that only for who holds one. Until the new one is in place, whatever uses the old one stands still, and there is no way back to it.",
  refused: "There is nothing to revoke any more, and nothing to go back to: a new one is got, proven and put in place.",
};

interface Props {
  credential: Credential;
  reason: RotationReason;
  onClose: () => void;
}

export function StartDialog({ credential, reason, onClose }: Props) {
  const asking = useRotationOptions(credential.source);
  const options = asking.data;
  const navigate = useNavigate();
  const now = useNow();
  const { act, busy, error } = useDo();
  // What is suggested, until somebody changes it.
  const [edited, setEdited] = useState<StartForm | null>(null);
  const [plan, setPlan] = useState<RotationPlan | null>(null);
  const [asked, setAsked] = useState(false);
  const title = `Rotate the ${KIND_NOUN[credential.kind]} of ${credential.sourceName}`;
  if (options === undefined) {
    return (
      <Dialog title={title} isOpen wide onClose={onClose}>
        {asking.error ? <FaultView compact error={asking.error} onRetry={() => void asking.refetch()} /> : <p className="t3">Looking what there is to choose from…</p>}
      </Dialog>
    );
  }
  const draft = edited ?? formOf(options, reason);
  const problems = problemsOf(draft, now);
  const wrong = Object.keys(problems).length > 0;
  const set = (change: Partial<StartForm>) => setEdited({ ...draft, ...change });

  const preview = async (of: StartForm) => {
    setAsked(true);
    if (wrong) return;
    const answer = await act(() => api.planRotation(startOf(of, options)), true);
    if (answer) setPlan(answer);
  };
  const choose = (oldId: string | null) => {
    const next = { ...draft, oldId };
    setEdited(next);
    void preview(next);
  };
  const begin = async () => {
    const id = await act(() => api.beginRotation(startOf(draft, options)), true);
    if (id !== undefined) void navigate(rotationPath(id));
  };

  const leaked = draft.reason === "leaked";
  return (
    <Dialog
      title={title}
      isOpen
      wide
      onClose={onClose}
      foot={
        plan === null ? (
          <>
            <Button variant="quiet" onPress={onClose}>Cancel</Button>
            <Button variant="primary" isDisabled={busy || (asked && wrong)} onPress={() => void preview(draft)}>{busy ? "Looking…" : "Show what it does"}</Button>
          </>
        ) : (
          <>
            <Button variant="quiet" icon={<ArrowLeft className="s" />} onPress={() => setPlan(null)}>Change it</Button>
            <span className="grow" />
            <Button variant={leaked ? "dangerFill" : "primary"} icon={leaked ? <Siren className="s" /> : <RefreshCw className="s" />} isDisabled={busy || plan.blocks.length > 0} onPress={() => void begin()}>{leaked ? "Revoke and replace it" : "Begin the rotation"}</Button>
          </>
        )
      }
    >
      {plan !== null ? (
        <PlanView plan={plan} oldId={draft.oldId} leaked={leaked} onOldId={choose} />
      ) : (
        <div className={form.form}>
          <div className={form.field}>
            <span>Why</span>
            <Segments label="Why" value={draft.reason} options={REASONS} onChange={(id) => set({ reason: id })} />
            <p className={`${styles.note} ${leaked ? styles.leaked : ""}`}>{leaked && <Siren className="s" />}{REASON_NOTE[draft.reason]}</p>
          </div>
          <How options={options} value={draft.how} onChange={(how) => set({ how, oldId: null })} />
          {draft.how.kind === "recipe" && <Manager options={options} />}
          <div className={styles.pair}>
            <div className={form.field}>
              <label htmlFor="rotation-overlap">The old one lives on after revoking for</label>
              <div className={styles.line}>
                <input id="rotation-overlap" inputMode="numeric" className={form.number} value={draft.overlap} onChange={(e) => set({ overlap: e.target.value })} aria-invalid={problems.overlap !== undefined || undefined} />
                <select aria-label="Unit" value={draft.unit} onChange={(e) => set({ unit: UNITS.find((u) => u.id === e.target.value)?.id ?? "minutes" })}>
                  {UNITS.map((u) => <option key={u.id} value={u.id}>{u.text}</option>)}
                </select>
              </div>
              {problems.overlap === undefined ? <small>As the provider allows; what it says itself goes over this. 0: it ends at once.</small> : <small className="bad">{problems.overlap}</small>}
            </div>
            <label className={form.field}>
              <span>The new one ends on</span>
              <input type="date" value={draft.expires} onChange={(e) => set({ expires: e.target.value })} aria-invalid={problems.expires !== undefined || undefined} />
              {problems.expires === undefined ? <small>Empty: as the provider has it.</small> : <small className="bad">{problems.expires}</small>}
            </label>
          </div>
          <Users options={options} draft={draft} set={set} problem={asked ? problems.byHand : undefined} />
          {options.notEvaluated.length > 0 && <ul className={styles.unseen}>{options.notEvaluated.map((says) => <li key={says}>Not looked at: {says}</li>)}</ul>}
          {error !== null && <FaultView compact error={error} />}
        </div>
      )}
      {plan !== null && error !== null && <FaultView compact error={error} />}
    </Dialog>
  );
}

/** Where the new one comes from. What cannot be chosen says why. */
function How({ options, value, onChange }: { options: RotationOptions; value: RotationHow; onChange: (how: RotationHow) => void }) {
  const choices: { how: RotationHow; title: string; says: string; off: string | null }[] = [
    ...options.recipes.map((r) => ({ how: { kind: "recipe" as const, recipe: r.name }, title: `The provider’s API, recipe “${r.name}”`, says: r.description, off: r.problem })),
    ...(options.entra || options.entraSays !== null ? [{ how: { kind: "entra" as const }, title: "Entra makes it", says: "addPassword for Lanyard’s own application, removePassword for the old one.", off: options.entra ? null : (options.entraSays ?? "") }] : []),
    { how: { kind: "paste" as const }, title: "By hand", says: "You get it from the provider, and paste it when it is asked for. Lanyard says how.", off: null },
  ];
  return (
    <fieldset className={styles.choices}>
      <legend>Where the new one comes from</legend>
      {choices.map(({ how, title, says, off }) => (
        <label key={howKey(how)} className={styles.choice} data-off={off !== null || undefined}>
          <input type="radio" name="rotation-how" checked={howKey(how) === howKey(value)} disabled={off !== null} onChange={() => onChange(how)} />
          <span>{title}<small>{off === null ? says : `Not now: ${off}`}</small></span>
        </label>
      ))}
      {!options.writes && <p className={styles.note}>Writing is switched off for this source, so that nothing can be made or revoked by request. Switch it on in the source’s settings, or do it by hand.</p>}
    </fieldset>
  );
}

function Users({ options, draft, set, problem }: { options: RotationOptions; draft: StartForm; set: (change: Partial<StartForm>) => void; problem: string | undefined }) {
  const change = (n: number, of: Partial<StartForm["byHand"][number]>) => set({ byHand: draft.byHand.map((u, m) => (m === n ? { ...u, ...of } : u)) });
  return (
    <fieldset className={styles.choices}>
      <legend>What else uses it</legend>
      {options.jobs.map((job) => (
        <label key={jobKey(job)} className={form.tick}>
          <input type="checkbox" checked={draft.jobs.includes(jobKey(job))} onChange={(e) => set({ jobs: e.target.checked ? [...draft.jobs, jobKey(job)] : draft.jobs.filter((k) => k !== jobKey(job)) })} />
          <span>{userName(job)}<small>Is given the new one by request, tested, restarted, and watched until a cycle is clean.</small></span>
        </label>
      ))}
      {draft.byHand.map((user, n) => (
        // Lines have no name of their own until one is typed.
        <div key={n} className={styles.user}>
          <input aria-label={`What uses it, ${n + 1}`} value={user.name} placeholder="The HR export’s cron job" onChange={(e) => change(n, { name: e.target.value })} />
          <input aria-label={`What to do there, ${n + 1}`} value={user.instructions} placeholder="What to do there" onChange={(e) => change(n, { instructions: e.target.value })} />
          <IconButton tiny label={`Take ${user.name === "" ? `line ${n + 1}` : user.name} out`} onPress={() => set({ byHand: draft.byHand.filter((_, m) => m !== n) })}><X className="x" /></IconButton>
        </div>
      ))}
      {problem !== undefined && <p className="bad xs">{problem}</p>}
      <div><Button small icon={<Plus className="x" />} onPress={() => set({ byHand: [...draft.byHand, { name: "", instructions: "" }] })}>Add something that a person changes</Button></div>
      {options.jobs.length + draft.byHand.length === 0 && <p className={styles.note}>Nothing is known but Lanyard itself. What is forgotten here stops working when the old one is revoked.</p>}
    </fieldset>
  );
}
