/** A box of the flow: a person, a stack, a linked group with its systems, a role, a scope. */
import { ArchiveRestore, Bot, CircleDashed, EqualNot, UsersRound } from "lucide-react";
import { memo } from "react";
import { SourceMark, SystemMark } from "../../../components/marks";
import { brief, count, initial } from "../../../components/format";
import type { FlowCount, FlowNode, Source } from "../../../ipc";
import type { Box } from "./places";
import styles from "./Flow.module.css";

interface Props {
  box: Box;
  sources: readonly Source[];
  /** Whether it is where the canvas is looked at; what is further off has its name only, which costs a fraction. */
  near: boolean;
  active: boolean;
  goal: boolean;
}

const SORT = { people: "person", groups: "group", roles: "role", scopes: "scope" } as const;

const countWords = (c: FlowCount, sources: readonly Source[]) => {
  const name = sources.find((s) => s.id === c.source)?.settings.name ?? "a source";
  if (!c.held) return `not held by ${name}`;
  if (c.direct === null) return `not evaluated in ${name}`;
  return `${count(c.direct)}${c.nested > 0 ? ` and ${count(c.nested)} by nesting` : ""} in ${name}${c.differs ? ", which differs" : ""}`;
};

/** A box in words, for assistive technology. */
export function boxName(node: FlowNode, sources: readonly Source[]): string {
  const what = node.cluster ? "stack, opens" : node.id === "none" ? "direct assignments" : SORT[node.layer];
  return [
    `${node.label}, ${what}`, node.sub, ...node.counts.map((c) => countWords(c, sources)), node.canRestore && !node.sub.includes("restore") ? "can restore" : "",
    node.notEvaluated ? "not all of it is evaluated" : "", node.focus ? "in focus" : node.onPath ? "" : "off the path",
  ].filter(Boolean).join("; ");
}

export const FlowBox = memo(function FlowBox({ box, sources, near, active, goal }: Props) {
  const { node } = box;
  const words = boxName(node, sources);
  const kind = [
    styles.box, node.onPath ? styles.on : "", node.focus && !goal ? styles.focus : "", goal ? styles.goal : "", node.cluster ? `${styles.stack} ${node.layer === "people" ? "" : styles.faceless}` : "", node.id === "none" ? styles.direct : "", node.layer === "groups" && node.counts.length > 0 ? styles.group : "", node.notEvaluated ? styles.partly : "",
    node.system ?? "",
  ].join(" ");
  return (
    // `aria-description` is good on every role (WAI-ARIA 1.3); the rule knows 1.2.
    // eslint-disable-next-line jsx-a11y/role-supports-aria-props
    <button
      type="button"
      className={kind}
      style={{ left: box.x, top: box.y, width: box.w, height: box.h }}
      tabIndex={active ? 0 : -1}
      data-node={node.id}
      aria-current={node.focus ? "true" : undefined}
      aria-disabled={node.id === "none" || undefined}
      title={node.label}
      // For the eye in figures, for the ear in whole words: as an attribute, since hidden text is laid out like any other.
      aria-label={near ? undefined : words}
      aria-description={near ? words : undefined}
    >
      {near && <Face node={node} />}
      {near && <span className={styles.words}>
        <b><bdi>{node.label}</bdi></b>
        {node.counts.length > 0 ? (
          <Counts counts={node.counts} sources={sources} />
        ) : (
          node.sub !== "" && (
            <small aria-hidden="true">
              {node.canRestore && <ArchiveRestore />}
              {!node.canRestore && node.layer === "scopes" && node.sub.includes("restore") && <ArchiveRestore />}
              {node.notEvaluated && <CircleDashed />}
              <span className="cut">{node.sub}</span>
            </small>
          )
        )}
      </span>}
    </button>
  );
});

function Face({ node }: { node: FlowNode }) {
  if (node.layer === "people") {
    const robot = /^(non-human|service)/i.test(node.label) || /service|managed identity/i.test(node.sub);
    return <span className={styles.face} aria-hidden="true">{node.cluster ? (robot ? <Bot /> : <UsersRound />) : robot ? <Bot /> : initial(node.label)}</span>;
  }
  return node.system === null ? null : <SystemMark kind={node.system} small />;
}

const Counts = ({ counts, sources }: { counts: readonly FlowCount[]; sources: readonly Source[] }) => (
  <span className={styles.tri} aria-hidden="true">
    {counts.map((c) => (
      <span key={c.source} className={c.differs ? styles.differs : c.held ? "" : styles.unheld} title={countWords(c, sources)}>
        <SourceMark source={sources.find((s) => s.id === c.source)} small />
        {!c.held ? "–" : c.direct === null ? <CircleDashed /> : `${c.direct === 0 && c.nested > 0 ? "" : brief(c.direct)}${c.nested > 0 ? `+${brief(c.nested)}` : ""}`}
        {c.differs && <EqualNot />}
      </span>
    ))}
  </span>
);
