/** What goes over the wire: the credentials without their values, what is asked, every answer, what comes next, and the story. */
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { Button, Time } from "../../components/controls";
import { atSecond, count, cutMiddle, duration, exactTime, plural, short } from "../../components/format";
import parts from "../../components/parts.module.css";
import { RequestText } from "../../components/RequestText";
import { VERDICT_WORD } from "../../components/verdicts";
import type { DeadProof, ProofAnswer, RotationRecord, RotationRequest, RotationView, SlotView } from "../../ipc";
import styles from "./Wire.module.css";

/** Answers that are shown at once, and in all. */
const SHORT = 6;
const STORY = 12;

export function Wire({ of, now }: { of: RotationView; now: number }) {
  const next = of.requests.find((r) => r.sentAt === null);
  return (
    <aside className={styles.wire} aria-label="What is sent">
      {/* Keys move through it where it is longer than the screen. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="Credentials, requests, answers, story">
        <section>
          <h2 className={parts.sect}>Credentials<span>never shown</span></h2>
          <ul className={styles.creds}>
            <Slot name="Old" slot={of.old} now={now} />
            <Slot name="New" slot={of.new} now={now} fresh />
          </ul>
        </section>
        {of.proof !== null && <Asked proof={of.proof} now={now} />}
        {of.proof !== null && of.proof.moments.length > 0 && <Answers proof={of.proof} />}
        {next !== undefined && <Next request={next} />}
        <Story story={of.story} />
      </div>
    </aside>
  );
}

function Slot({ name, slot, now, fresh = false }: { name: string; slot: SlotView; now: number; fresh?: boolean }) {
  const age = slot.createdAt === null ? null : Math.max(0, now - slot.createdAt);
  const facts = [age === null ? "" : `${short(age)} old`, slot.providerId === null ? "" : slot.providerId].filter(Boolean).join(", ");
  return (
    <li>
      <KeyRound className={`s ${fresh && slot.fingerprint !== null ? "run" : "t3"}`} />
      <span>
        {name} {slot.fingerprint !== null && <code title={slot.fingerprint}>{cutMiddle(slot.fingerprint)}</code>}
        {(facts !== "" || slot.expiresAt !== null) && <small>{facts}{slot.expiresAt !== null && <>{facts === "" ? "" : ", "}ends <Time at={slot.expiresAt} form="stamp" /></>}</small>}
      </span>
      <span className={`${parts.tag} ${slot.state === "in use" ? styles.inUse : ""}`}>{slot.state}</span>
    </li>
  );
}

function Asked({ proof, now }: { proof: DeadProof; now: number }) {
  if (proof.read === null && proof.write === null) return null;
  const next = proof.nextAt !== null && proof.nextAt > now ? `next in ${duration(Math.ceil((proof.nextAt - now) / 1_000) * 1_000)}` : "";
  return (
    <section>
      <h2 className={parts.sect}>Asked with each of them<span>{next}</span></h2>
      {proof.read !== null && <div className={parts.well}><RequestText request={proof.read} /></div>}
      {proof.write !== null && <><p className={styles.hint}>And a write that changes nothing:</p><div className={parts.well}><RequestText request={proof.write} /></div></>}
    </section>
  );
}

function Answers({ proof }: { proof: DeadProof }) {
  const [all, setAll] = useState(false);
  const { moments } = proof;
  const shown = [...moments].reverse().slice(0, all ? 60 : SHORT);
  const write = moments.some((m) => m.oldWrite !== null);
  return (
    <section>
      <h2 className={parts.sect}>Answers<span>{count(proof.total)} so far</span></h2>
      <table className={styles.log}>
        <thead><tr><th scope="col">Time</th><th scope="col">Old</th>{write && <th scope="col">Write</th>}<th scope="col">New</th><th scope="col">Made up</th></tr></thead>
        <tbody>
          {shown.map((m) => (
            <tr key={m.at} title={m.counts ? "Counts as proof" : "Does not count"} data-counts={m.counts || undefined}>
              <td>{atSecond(m.at)}<span className="sr">{m.counts ? ", counts" : ""}</span></td>
              <td><Answer answer={m.old} /></td>
              {write && <td><Answer answer={m.oldWrite} /></td>}
              <td><Answer answer={m.new} /></td>
              <td><Answer answer={m.madeUp} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      {moments.length > SHORT && <p className={styles.more}><Button small variant="quiet" onPress={() => setAll(!all)}>{all ? "Show fewer" : "Show earlier ones"}</Button></p>}
    </section>
  );
}

/** The status as it came; a server that says 200 to a refusal is told by the word beside it. */
function Answer({ answer }: { answer: ProofAnswer | null }) {
  if (answer === null) return <span className="t3">not asked</span>;
  const word = answer.accepted === true ? "let in" : answer.accepted === false ? "refused" : "could not be told";
  return <code title={word} className={answer.accepted === null ? "ne" : ""}>{answer.status ?? "none"}<span className="sr"> {word}</span></code>;
}

const Next = ({ request }: { request: RotationRequest }) => (
  <section data-testid="next-request">
    <h2 className={parts.sect}><span className={styles.nextTitle}>{request.title}</span><span>not sent yet</span></h2>
    <div className={parts.well}><RequestText request={request.request} /></div>
  </section>
);

function Story({ story }: { story: readonly RotationRecord[] }) {
  const [all, setAll] = useState(false);
  const shown = [...story].reverse().slice(0, all ? story.length : STORY);
  return (
    <section>
      <h2 className={parts.sect}>Story<span>{plural(story.length, "entry", "entries")}</span></h2>
      <ol className={styles.story}>
        {shown.map((record) => (
          <li key={record.seq}>
            <span className={`${styles.pin} ${record.mark === null ? "" : (styles[record.mark] ?? "")}`} aria-hidden="true" />
            <bdi>{record.title}{record.mark !== null && <span className="sr">, {VERDICT_WORD[record.mark]}</span>}</bdi>
            <small><time dateTime={new Date(record.at).toISOString()} title={exactTime(record.at)}>{atSecond(record.at)}</time>{record.audit !== null && <Link to={`/audit/${record.audit}`} className={parts.link}>audit {count(record.audit)}</Link>}</small>
          </li>
        ))}
      </ol>
      {story.length > STORY && <p className={styles.more}><Button small variant="quiet" onPress={() => setAll(!all)}>{all ? "Show fewer" : `Show all ${count(story.length)}`}</Button></p>}
    </section>
  );
}
