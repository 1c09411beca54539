/** Joins: which records are the same person or team, what the rules could not decide, and what an admin decided. */
import { useQuery } from "@tanstack/react-query";
import { Link2, Undo2, Unlink } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { groupPath, personPath, useAddress } from "../../components/address";
import { Button, buttonClass, Segments, Time } from "../../components/controls";
import { DecideDialog, type Decision } from "../../components/DecideDialog";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { count, plural } from "../../components/format";
import { kindWord, RULE } from "../../components/joinWords";
import { SourceMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import { api, type Ambiguity, type JoinDecision, type Joins, type JoinSubject, type RuleCount, type Source } from "../../ipc";
import { keys, useSources } from "../../ipc/queries";
import styles from "./Joins.module.css";

const VIEWS = [
  { id: "open", text: "Undecided" },
  { id: "decided", text: "Decided" },
  { id: "rules", text: "By rule" },
] as const;

export function JoinsScreen() {
  const { params, go } = useAddress();
  const sources = useSources().data ?? [];
  const joins = useQuery({ queryKey: [...keys.directory, "joins"], queryFn: api.joins });
  const [decision, setDecision] = useState<Decision | null>(null);
  const view = VIEWS.find((v) => v.id === params.get("view"))?.id ?? "open";

  if (joins.error) return <FaultView error={joins.error} onRetry={() => void joins.refetch()} />;
  const data = joins.data;
  return (
    <div className={styles.screen} data-testid="joins">
      <div className={styles.head}>
        <h1>Joins</h1>
        <Segments label="Show" value={view} options={VIEWS} onChange={(id) => go({ set: { view: id === "open" ? null : id }, replace: true })} />
        <span className="t3 xs grow">{data && says(data)}</span>
        <Link className={buttonClass("quiet")} to="/people">People</Link>
      </div>
      <div className={styles.body}>
        {data && (view === "open" ? <Open data={data} sources={sources} onDecide={setDecision} /> : view === "decided" ? <Decided data={data} sources={sources} onDecide={setDecision} /> : <Rules counts={data.byRule} />)}
      </div>
      {decision && <DecideDialog decision={decision} sources={sources} onClose={() => setDecision(null)} />}
    </div>
  );
}

const says = (data: Joins) =>
  data.ambiguousTotal === 0 ? "Every key that systems share names one record in each." : `${plural(data.ambiguousTotal, "key")} named several records of one system, so nothing was joined by ${data.ambiguousTotal === 1 ? "it" : "them"}.`;

function Open({ data, sources, onDecide }: { data: Joins; sources: readonly Source[]; onDecide: (decision: Decision) => void }) {
  if (data.ambiguous.length === 0) return <Empty title="Nothing is undecided.">Where two records of one system carry the same e-mail address, user name or Backstage name, Lanyard does not guess. Such cases are listed here, for somebody who knows.</Empty>;
  return (
    <ul className={styles.cases}>
      {data.ambiguous.map((one) => <Case key={`${one.kind}-${one.rule}-${one.value}`} one={one} sources={sources} onDecide={onDecide} />)}
      {data.ambiguousTotal > data.ambiguous.length && <li className="t3 xs">{plural(data.ambiguousTotal - data.ambiguous.length, "more case")}: decide some of these, and they move up.</li>}
    </ul>
  );
}

function Case({ one, sources, onDecide }: { one: Ambiguity; sources: readonly Source[]; onDecide: (decision: Decision) => void }) {
  const [picked, setPicked] = useState<readonly string[]>([]);
  const toggle = (key: string) => setPicked((was) => (was.includes(key) ? was.filter((k) => k !== key) : [...was, key].slice(-2)));
  const [a, b] = picked.map((key) => one.subjects.find((s) => s.key === key));
  const decide = (verb: "join" | "separate") => a && b && onDecide({ verb, kind: one.kind, one: a, other: b });
  return (
    <li className={styles.case} aria-label={`${RULE[one.rule].name} ${one.value}`}>
      <div className={styles.caseHead}>
        <span className="t3 xs">{RULE[one.rule].name}</span>
        <code className="strong">{one.value}</code>
        <span className="t3 xs grow">is on {plural(one.subjects.length, kindWord(one.kind, 1), kindWord(one.kind, 2))}; choose two</span>
        <Button small icon={<Link2 className="x" />} isDisabled={!a || !b} onPress={() => decide("join")}>They are the same…</Button>
        <Button small icon={<Unlink className="x" />} isDisabled={!a || !b} onPress={() => decide("separate")}>Keep apart…</Button>
      </div>
      <ul className={styles.subjects}>
        {one.subjects.map((subject) => (
          <li key={subject.key} data-chosen={picked.includes(subject.key) || undefined}>
            <label>
              <input type="checkbox" checked={picked.includes(subject.key)} onChange={() => toggle(subject.key)} />
              <Subject subject={subject} sources={sources} />
            </label>
            <Link className="xs t2" to={one.kind === "account" ? personPath(subject.key) : groupPath(subject.key)}>Open</Link>
          </li>
        ))}
      </ul>
    </li>
  );
}

const Subject = ({ subject, sources }: { subject: JoinSubject; sources: readonly Source[] }) => {
  const source = sources.find((s) => s.id === subject.source);
  return (
    <span className={styles.subject}>
      <SourceMark source={source} small />
      <span className="cut">
        <bdi className="strong">{subject.name}</bdi>
        <span className="t3"> {subject.detail}</span>
      </span>
      <span className="t3 xs">{source?.settings.name ?? "a source that was removed"}</span>
    </span>
  );
};

function Decided({ data, sources, onDecide }: { data: Joins; sources: readonly Source[]; onDecide: (decision: Decision) => void }) {
  if (data.decisions.length === 0) return <Empty title="Nobody has decided anything yet.">What an admin joins or keeps apart stands here with who, when and why. It outlasts every sync, and can be taken back.</Empty>;
  return (
    <table className={`${parts.table} ${styles.table}`}>
      <thead>
        <tr><th scope="col">Decision</th><th scope="col">Records</th><th scope="col">Why</th><th scope="col">Who</th><th scope="col" className="end">When</th><th><span className="sr">Actions</span></th></tr>
      </thead>
      <tbody>{data.decisions.map((d) => <Row key={d.seq} decision={d} sources={sources} onForget={() => onDecide({ verb: "forget", kind: d.kind, one: d.one, other: d.other })} />)}</tbody>
    </table>
  );
}

const Row = ({ decision, sources, onForget }: { decision: JoinDecision; sources: readonly Source[]; onForget: () => void }) => (
  <tr>
    <td>
      <span className={parts.state}>{decision.verb === "join" ? <Link2 className="s" /> : <Unlink className="s" />}{decision.verb === "join" ? "The same" : "Kept apart"}</span>
      {!decision.inForce && <p className="xs warn">One of them is gone; it rests</p>}
    </td>
    <td><Subject subject={decision.one} sources={sources} /><Subject subject={decision.other} sources={sources} /></td>
    <td><bdi>{decision.reason}</bdi></td>
    <td className="t2">{decision.by}</td>
    <td className="end t2"><Time at={decision.at} /></td>
    <td className="end"><Button small icon={<Undo2 className="x" />} onPress={onForget}>Take back…</Button></td>
  </tr>
);

const Rules = ({ counts }: { counts: readonly RuleCount[] }) =>
  counts.length === 0 ? (
    <Empty title="Nothing is joined.">With one system there is nothing to join. With several, each rule’s share stands here.</Empty>
  ) : (
    <table className={`${parts.table} ${styles.table}`}>
      <thead>
        <tr><th scope="col">Rule</th><th scope="col">How sure</th><th scope="col">How</th><th scope="col" className="end">Joined</th></tr>
      </thead>
      <tbody>
        {counts.map((c) => (
          <tr key={`${c.kind}-${c.rule}`}>
            <th scope="row">{RULE[c.rule].name}</th>
            <td className="t2">{RULE[c.rule].sure}</td>
            <td className="t2">{RULE[c.rule].how}</td>
            <td className="end">{count(c.count)} {kindWord(c.kind, c.count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
