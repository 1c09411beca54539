/** What a rotation waits for a person to do, with the way to say that it is done. */
import { Hand, KeyRound, Scale, Scissors } from "lucide-react";
import { useId, useRef, useState, type ReactNode } from "react";
import { Button } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { api, type RotationAsk, type RotationView } from "../../ipc";
import styles from "./Rotation.module.css";
import { SecretField, type SecretHandle } from "./SecretField";
import { useDo } from "./useDo";

export function AskCard({ of, asks }: { of: RotationView; asks: RotationAsk }) {
  const { id } = of.summary;
  switch (asks.kind) {
    case "paste":
      return <Paste id={id} steps={asks.steps} again={asks.again} source={of.summary.sourceName} />;
    case "handOver":
      return <Confirm glyph={<Hand className="s warn" />} title={`Give the new one to ${asks.title}`} steps={asks.steps} button="It has the new one" send={(note) => api.confirmRotation(id, "handOver", asks.user, note)} hint="It is verified all the same, where there is anything to ask." />;
    case "revoke":
      return <Confirm glyph={<Scissors className="s warn" />} title={`Revoke the old token at ${of.summary.sourceName}`} steps={asks.steps} button="It is revoked" send={(note) => api.confirmRotation(id, "revoke", null, note)} hint="Your word is not taken for it: the old one is asked with until it is refused." />;
    case "decide":
      return <Decide id={id} points={asks.points} />;
  }
}

const Card = ({ glyph, title, children }: { glyph: ReactNode; title: string; children: ReactNode }) => {
  const id = useId();
  return (
    <section className={styles.ask} aria-labelledby={id} data-testid="ask">
      <h2 id={id}>{glyph}{title}</h2>
      {children}
    </section>
  );
};

const Steps = ({ steps }: { steps: readonly string[] }) => (steps.length === 0 ? null : <ol className={styles.todo}>{steps.map((step) => <li key={step}>{step}</li>)}</ol>);

const Note = ({ value, onChange }: { value: string; onChange: (text: string) => void }) => (
  <label className={styles.note}>
    <span>Note</span>
    <input value={value} onChange={(e) => onChange(e.target.value)} placeholder="A ticket, who did it; it stands in the record" />
  </label>
);

function Paste({ id, steps, again, source }: { id: number; steps: readonly string[]; again: string | null; source: string }) {
  const field = useRef<SecretHandle>(null);
  const [given, setGiven] = useState(false);
  const { act, busy, error } = useDo();
  return (
    <Card glyph={<KeyRound className="s warn" />} title="Get a new token, and hand it over">
      {again !== null && <p className={styles.again}>{again}</p>}
      <Steps steps={steps} />
      <form className={styles.send} onSubmit={(event) => { event.preventDefault(); if (given && !busy) void act(() => api.pasteRotation(id, field.current?.take() ?? ""), true); }}>
        <SecretField ref={field} label="New token" help={`Kept in the keychain as the next one, sent to ${source} alone, and never shown again.`} onGiven={setGiven} />
        <Button type="submit" variant="primary" isDisabled={!given || busy}>{busy ? "One moment…" : "Hand it over"}</Button>
      </form>
      {error !== null && <FaultView compact error={error} />}
    </Card>
  );
}

function Confirm({ glyph, title, steps, button, hint, send }: { glyph: ReactNode; title: string; steps: readonly string[]; button: string; hint: string; send: (note: string) => Promise<unknown> }) {
  const [note, setNote] = useState("");
  const { act, busy, error } = useDo();
  return (
    <Card glyph={glyph} title={title}>
      <Steps steps={steps} />
      <form className={styles.send} onSubmit={(event) => { event.preventDefault(); void act(() => send(note.trim()), true); }}>
        <Note value={note} onChange={setNote} />
        <Button type="submit" variant="primary" isDisabled={busy}>{button}</Button>
      </form>
      <p className="xs t2">{hint}</p>
      {error !== null && <FaultView compact error={error} />}
    </Card>
  );
}

function Decide({ id, points }: { id: number; points: readonly string[] }) {
  const [note, setNote] = useState("");
  const { act, busy, error } = useDo();
  const decide = (accept: boolean) => void act(() => api.decideRotation(id, accept, note.trim()), true);
  return (
    <Card glyph={<Scale className="s warn" />} title="The new token is not as the old one">
      <ul className={styles.todo}>{points.map((point) => <li key={point}>{point}</li>)}</ul>
      <p className="xs t2">Nothing has changed yet: the old one is in use. Whoever accepts this says why; it stands in the record.</p>
      <Note value={note} onChange={setNote} />
      <div className={styles.decide}>
        <Button isDisabled={busy} onPress={() => decide(false)}>Take it back</Button>
        <Button variant="primary" isDisabled={busy || note.trim() === ""} onPress={() => decide(true)}>Go on with it</Button>
      </div>
      {error !== null && <FaultView compact error={error} />}
    </Card>
  );
}
