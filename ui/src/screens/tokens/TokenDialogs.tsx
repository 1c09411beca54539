/** Putting a new value in; an end that was typed in, and the policy. */
import { useRef, useState, type ReactNode } from "react";
import { Button, type Variant } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { FaultView } from "../../components/FaultView";
import { dayOf, endOfDay } from "../../components/format";
import { toast } from "../../components/toasts";
import { api, type Credential, type RotationPolicy } from "../../ipc";
import { SecretField, type SecretHandle } from "./SecretField";
import styles from "./Tokens.module.css";
import { useDo } from "./useDo";
import { KIND_NOUN } from "./words";

interface AskProps {
  title: string;
  button: string;
  variant?: Variant;
  ready: boolean;
  send: () => Promise<unknown>;
  done: string;
  note?: string;
  onClose: () => void;
  children: ReactNode;
}

/** A question with one way forward. It stays open, with the words, where it was refused. */
export function Ask({ title, button, variant = "primary", ready, send, done, note, onClose, children }: AskProps) {
  const { act, busy, error } = useDo();
  const go = async () => {
    const answer = await act(async () => { await send(); return true; }, true);
    if (answer === undefined) return;
    toast("good", done, note);
    onClose();
  };
  return (
    <Dialog title={title} isOpen onClose={onClose} foot={<><Button variant="quiet" onPress={onClose}>Cancel</Button><Button variant={variant} isDisabled={!ready || busy} onPress={() => void go()}>{busy ? "One moment…" : button}</Button></>}>
      <div className={styles.form}>
        {children}
        {error !== null && <FaultView compact error={error} />}
      </div>
    </Dialog>
  );
}

export function ReplaceDialog({ credential: c, onClose }: { credential: Credential; onClose: () => void }) {
  const field = useRef<SecretHandle>(null);
  const [given, setGiven] = useState(false);
  const noun = KIND_NOUN[c.kind];
  return (
    <Ask title={`A new value for ${c.name}`} button="Try it and keep it" ready={given} send={() => api.replaceCredential(c.id, field.current?.take() ?? "")} done="The new value works, and was kept." note="It stands in the audit log, without the value." onClose={onClose}>
      <p>For a {noun} that was changed elsewhere. It is tried at {c.opens} first; where it is refused, the one that is kept stays.</p>
      <p className="t2">The old one is not revoked by this. To change the {noun} with proof that the old one is dead, rotate it.</p>
      <SecretField ref={field} label={`New ${noun}`} help="Goes straight into the keychain. It is sent to this source alone, and never shown again." onGiven={setGiven} />
    </Ask>
  );
}

const whole = (text: string): number | null => (/^\d{1,5}$/.test(text.trim()) && Number(text) > 0 ? Number(text) : null);

export function DescribeDialog({ credential: c, onClose }: { credential: Credential; onClose: () => void }) {
  const known = c.expiresFrom === "token" || c.expiresFrom === "provider";
  const [end, setEnd] = useState(() => (c.expiresAt !== null && c.expiresFrom === "typed" ? dayOf(c.expiresAt) : ""));
  const [timed, setTimed] = useState(() => c.policy?.everyDays !== null);
  const [every, setEvery] = useState(() => String(c.policy?.everyDays ?? 180));
  const [warn, setWarn] = useState(() => String(c.policy?.warnDays ?? 14));
  const expiresAt = end === "" ? null : endOfDay(end);
  const [everyDays, warnDays] = [whole(every), warn.trim() === "0" ? 0 : whole(warn)];
  const policy: RotationPolicy | null = (timed && everyDays === null) || warnDays === null ? null : { everyDays: timed ? everyDays : null, warnDays };
  const bad = end !== "" && expiresAt === null;
  return (
    <Ask title="End and policy" button="Save" ready={policy !== null && !bad} send={async () => { if (policy) await api.describeCredential(c.id, known ? null : expiresAt, policy); }} done="Saved." onClose={onClose}>
      <label className={styles.field}>
        <span>Ends on</span>
        {known ? <span className="t2">{c.expiresFrom === "token" ? "The token says so itself" : "The provider says so"}; it need not be typed in.</span> : <input type="date" value={end} onChange={(e) => setEnd(e.target.value)} />}
        {!known && <small>What the provider told you when it was made. Empty: no end is known.</small>}
      </label>
      <label className={styles.tick}>
        <input type="checkbox" checked={timed} onChange={(e) => setTimed(e.target.checked)} />
        <span>Rotate it at regular times<small>Otherwise its end alone counts.</small></span>
      </label>
      {timed && (
        <label className={styles.field}>
          <span>Days after it was made</span>
          <input inputMode="numeric" className={styles.number} value={every} onChange={(e) => setEvery(e.target.value)} aria-invalid={everyDays === null || undefined} />
          {everyDays === null && <small className="bad">Give a number of days above 0.</small>}
        </label>
      )}
      <label className={styles.field}>
        <span>Tell me so many days before</span>
        <input inputMode="numeric" className={styles.number} value={warn} onChange={(e) => setWarn(e.target.value)} aria-invalid={warnDays === null || undefined} />
        {warnDays === null && <small className="bad">Give a number of days.</small>}
      </label>
    </Ask>
  );
}
