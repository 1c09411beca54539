/** By which rule the records of one person or team were joined, how sure that is, and the way to decide otherwise. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link2, Undo2, Unlink } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { api, type AccountType, type GotoHit, type JoinConfidence, type JoinDecision, type JoinKind, type JoinRule, type JoinSubject, type Source } from "../ipc";
import { keys } from "../ipc/queries";
import { Button, SearchField, Time } from "./controls";
import { DecideDialog, type Decision } from "./DecideDialog";
import { Dialog } from "./dialogs";
import { FaultView } from "./FaultView";
import styles from "./JoinedBy.module.css";
import { JOINED } from "./joinWords";
import { Face, SourceMark } from "./marks";
import parts from "./parts.module.css";

export interface JoinedRecord {
  subject: JoinSubject;
  joinedBy: JoinRule | null;
  confidence: JoinConfidence | null;
  decision: JoinDecision | null;
}

/** `records`: the leading one first. */
export function JoinedBy({ kind, type, records, sources }: { kind: JoinKind; type: AccountType | "group"; records: readonly JoinedRecord[]; sources: readonly Source[] }) {
  const [decision, setDecision] = useState<Decision | null>(null);
  const [picking, setPicking] = useState(false);
  const lead = records[0]?.subject;
  if (!lead) return null;
  return (
    <section className={styles.wrap} aria-label="How they were joined" data-testid="joined-by">
      <div className={styles.head}>
        <h3 className={`${parts.sect} grow`}>Joined</h3>
        <Button small icon={<Link2 className="x" />} onPress={() => setPicking(true)}>Join with…</Button>
      </div>
      <ul className={styles.list}>
        {records.map((record, n) => <Row key={record.subject.key} record={record} leads={n === 0} alone={records.length === 1} kind={kind} lead={lead} sources={sources} onDecide={setDecision} />)}
      </ul>
      {picking && <JoinWith kind={kind} type={type} own={records.map((r) => r.subject.key)} onClose={() => setPicking(false)} onPick={(other) => { setPicking(false); setDecision({ verb: "join", kind, one: lead, other }); }} />}
      {decision && <DecideDialog decision={decision} sources={sources} onClose={() => setDecision(null)} />}
    </section>
  );
}

interface RowProps {
  record: JoinedRecord;
  leads: boolean;
  alone: boolean;
  kind: JoinKind;
  lead: JoinSubject;
  sources: readonly Source[];
  onDecide: (decision: Decision) => void;
}

function Row({ record: { subject, joinedBy, confidence, decision }, leads, alone, kind, lead, sources, onDecide }: RowProps) {
  const source = sources.find((s) => s.id === subject.source);
  const named = source?.settings.name ?? "a source";
  return (
    <li aria-label={named}>
      <SourceMark source={source} small />
      <span className={styles.how}>
        <span>
          <bdi className="strong">{named}</bdi>{" "}
          <span className="t2">{leads ? (alone ? "stands alone: nothing else was joined to it" : "leads: the others were joined to it") : joinedBy === null ? "joined; by which rule was not told" : `${JOINED[joinedBy]}${confidence === null ? "" : `, ${confidence}`}`}</span>
        </span>
        {decision && (
          <span className="xs t3">
            <bdi>{decision.reason}</bdi> ({decision.by}, <Time at={decision.at} />)
          </span>
        )}
      </span>
      {decision ? (
        <Button small icon={<Undo2 className="x" />} aria-label={`Take back the decision about the record at ${named}`} onPress={() => onDecide({ verb: "forget", kind, one: decision.one, other: decision.other })}>Take back…</Button>
      ) : leads ? null : (
        <Button small icon={<Unlink className="x" />} aria-label={`Separate the record at ${named}`} onPress={() => onDecide({ verb: "separate", kind, one: lead, other: subject })}>Separate…</Button>
      )}
    </li>
  );
}

/** Hits of every kind share the palette's limit, so more are asked for than are shown. */
const ASKED = 40;

function JoinWith({ kind, type, own, onClose, onPick }: { kind: JoinKind; type: AccountType | "group"; own: readonly string[]; onClose: () => void; onPick: (other: JoinSubject) => void }) {
  const [text, setText] = useState("");
  const wanted = text.trim();
  const hits = useQuery({ queryKey: [...keys.directory, "goto", wanted, ASKED], queryFn: () => api.goto(wanted, ASKED), enabled: wanted !== "", placeholderData: keepPreviousData, gcTime: 5_000 });
  const found = wanted === "" ? [] : (hits.data ?? []).filter((hit) => hit.kind === (kind === "account" ? "person" : "group") && !own.includes(hit.key));
  const who = kind === "account" ? "person" : "group";
  return (
    <Dialog title={kind === "account" ? "Join with which person?" : "Join with which group?"} isOpen onClose={onClose}>
      <SearchField label={`Search a ${who}`} placeholder={kind === "account" ? "Name, user name or e-mail address" : "Name"} value={text} onChange={setText} />
      {hits.error && wanted !== "" ? (
        <FaultView compact error={hits.error} onRetry={() => void hits.refetch()} />
      ) : (
        <ul className={styles.hits} aria-label="What was found">
          {found.map((hit) => (
            <li key={hit.key}>
              <AriaButton className={styles.hit} onPress={() => onPick(subjectOf(hit))}>
                <Face name={hit.name} type={type === "group" ? "group" : "person"} />
                <bdi className="strong cut">{hit.name}</bdi>
                <span className="t3 xs cut">{hit.note}</span>
              </AriaButton>
            </li>
          ))}
        </ul>
      )}
      <p className="xs t3" role="status">{wanted !== "" && !hits.isFetching && !hits.error && found.length === 0 ? `No other ${who} of this name.` : wanted === "" ? "Nothing is decided yet: the next step asks for the reason." : ""}</p>
    </Dialog>
  );
}

/** A key is `SOURCE.ID`. */
const subjectOf = (hit: GotoHit): JoinSubject => ({ key: hit.key, source: Number.parseInt(hit.key, 10), name: hit.name, detail: hit.note });
