/** What differs between two moments, in words: records, their lines, and the access that came or went with them. */
import { EqualNot, Minus, Plus } from "lucide-react";
import type { ReactNode } from "react";
import type { AccessSum, ComparedChange, ComparedRecord, ComparisonQuery, RecordChange } from "../ipc";
import { STATE_WORD } from "./accessWords";
import { groupPath, personPath, sourcePath } from "./address";
import { addressPath } from "./findingWords";
import { count, plural } from "./format";
import { RECORD_WORD, shortPath } from "./recordWords";
import type { Span } from "./spans";
import parts from "./parts.module.css";

export const RECORD_CHANGE_WORD: Record<RecordChange, string> = { appeared: "came to be", gone: "is gone", changed: "changed" };

export function RecordSign({ change }: { change: RecordChange }) {
  switch (change) {
    case "appeared": return <Plus />;
    case "gone": return <Minus />;
    case "changed": return <EqualNot />;
  }
}

/** A question about changes, with everything that is not said left open. */
export const comparisonQuery = (some: Partial<ComparisonQuery> & { from: number }): ComparisonQuery => ({ to: null, about: null, source: null, search: "", privileged: false, offset: 0, limit: 100, ...some });

/** The address of Changes for a span, or between two moments; `about` is the address of what alone is asked about. */
export function changesPath({ span, from, to, view, about }: { span?: Span; from?: number; to?: number | null; view?: "access"; about?: string }): string {
  const params = new URLSearchParams();
  if (view !== undefined) params.set("view", view);
  if (span !== undefined && span !== "1") params.set("since", span);
  if (from !== undefined) params.set("from", String(from));
  if (to !== undefined && to !== null) params.set("to", String(to));
  if (about !== undefined) params.set("about", about);
  const text = params.toString();
  return text === "" ? "/changes" : `/changes?${text}`;
}

/** Nodes of the picture; an address of another kind is an edge's, which is shown with the role that it gave. */
const NODES: readonly string[] = ["person", "group", "role", "scope"];

/** Where a record is shown: with the person, group, role or scope; with its source where it is no longer held. */
export function recordPath(record: Pick<ComparedRecord, "address" | "key" | "resource" | "source" | "gained" | "lost" | "lines">): string {
  const { address } = record;
  if (address !== null && NODES.includes(address.slice(0, address.indexOf(":")))) return addressPath(address);
  if (address !== null) {
    const { gained, lost } = consequences(record);
    const role = (gained[0] ?? lost[0])?.role.key;
    return role === undefined ? sourcePath(record.source) : addressPath(role);
  }
  if (record.resource === "Group") return `${groupPath(record.key)}?tab=timeline`;
  return record.resource === "User" || record.resource === "ServicePrincipal" ? `${personPath(record.key)}?tab=timeline` : sourcePath(record.source);
}

/** All that a record gave and took: as a whole, and by its lines; the same role on the same scope once, for the most people. */
export function consequences(record: Pick<ComparedRecord, "gained" | "lost" | "lines">): { gained: AccessSum[]; lost: AccessSum[] } {
  return { gained: weightiest([...record.gained, ...record.lines.flatMap((l) => l.gained)]), lost: weightiest([...record.lost, ...record.lines.flatMap((l) => l.lost)]) };
}

function weightiest(sums: readonly AccessSum[]): AccessSum[] {
  const most = new Map<string, AccessSum>();
  for (const sum of sums) {
    const id = JSON.stringify([sum.role.key, sum.scope.key, sum.state]);
    const known = most.get(id);
    if (known === undefined || known.people < sum.people) most.set(id, sum);
  }
  return [...most.values()].sort((a, b) => Number(b.privileged) - Number(a.privileged) || b.people - a.people);
}

/** "18 people gained Backup Operator on vault-prod (eligible)"; for one person's own record without the number. */
export function Consequence({ sum, gained, more = 0 }: { sum: AccessSum; gained: boolean; more?: number }) {
  return (
    <>
      {plural(sum.people, "person", "people")} {gained ? "gained" : "lost"} <bdi className="strong">{sum.role.name}</bdi> on <bdi className="strong">{sum.scope.name}</bdi>
      {sum.state !== "active" && <span className="t3"> ({STATE_WORD[sum.state]})</span>}
      {more > 0 && <span className="t3"> and {count(more)} more</span>}
    </>
  );
}

const Name = ({ record }: { record: ComparedRecord }) => {
  const word = RECORD_WORD[record.resource];
  return <>{word !== undefined && `${word} `}<bdi className="strong">{record.name}</bdi></>;
};

/** One record as a sentence, with its weightiest consequence. */
export function RecordSentence({ record }: { record: ComparedRecord }) {
  const { gained, lost } = consequences(record);
  const [first] = gained;
  const [away] = lost;
  const [line] = record.lines;
  const all = record.lines.length + record.moreLines;
  let says: ReactNode;
  if (record.change !== "changed" || line === undefined) says = <><Name record={record} /> {RECORD_CHANGE_WORD[record.change]}</>;
  else says = <LineSentence line={line} record={record} />;
  const rest = record.change === "changed" && all > 1 ? <span className="t3">, and {plural(all - 1, "more change")}</span> : null;
  return (
    <>
      {says}
      {first !== undefined ? <>: <Consequence sum={first} gained more={gained.length + lost.length - 1} /></> : away !== undefined ? <>: <Consequence sum={away} gained={false} more={lost.length - 1} /></> : rest}
    </>
  );
}

const Quote = ({ text }: { text: string | null }) => (text === null ? <span className="t3">nothing</span> : <bdi className={parts.quoted}>{text}</bdi>);

/** One line of a record; the record's name where it does not stand above. */
export function LineSentence({ line, record }: { line: ComparedChange; record?: ComparedRecord }) {
  const name = record === undefined ? null : <Name record={record} />;
  const member = <bdi className="strong">{line.memberName ?? line.after ?? line.before ?? "someone"}</bdi>;
  const path = <code title={line.path ?? undefined}>{shortPath(line.path ?? "")}</code>;
  switch (line.kind) {
    case "appeared": return <>{name ?? "It"} came to be</>;
    case "gone": return <>{name ?? "It"} is gone</>;
    case "set": return <>{name && <>{name}: </>}{path} is now <Quote text={line.after} /></>;
    case "changed": return <>{name && <>{name}: </>}{path} was <Quote text={line.before} />, is now <Quote text={line.after} /></>;
    case "cleared": return <>{name && <>{name}: </>}{path} was <Quote text={line.before} />, is now empty</>;
    case "memberAdded": return <>{member} came into {name ?? "it"}</>;
    case "memberRemoved": return <>{member} went out of {name ?? "it"}</>;
  }
}
