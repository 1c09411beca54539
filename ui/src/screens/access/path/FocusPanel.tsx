/** What stands behind the box in focus, while no second end is chosen. */
import { useQuery } from "@tanstack/react-query";
import { ArrowUpRight } from "lucide-react";
import { Link } from "react-router";
import { groupPath, personPath } from "../../../components/address";
import { AccessStateMark } from "../../../components/accessWords";
import { changesPath } from "../../../components/changeWords";
import { buttonClass, Id } from "../../../components/controls";
import { FaultView } from "../../../components/FaultView";
import { count, plural } from "../../../components/format";
import { SourceMark, SystemMark } from "../../../components/marks";
import parts from "../../../components/parts.module.css";
import { api, type FlowNode, type MapQuery, type Source } from "../../../ipc";
import { keys, useAccessOf } from "../../../ipc/queries";
import type { GoMap } from "../mapAddress";
import { Holdings } from "./Holdings";
import { NotEvaluated, Panel } from "./Panel";
import styles from "./Panel.module.css";

interface Props {
  query: MapQuery;
  focus: string;
  node: FlowNode | undefined;
  /** The picture comes first: what stands behind it is asked for once that is there. */
  wait: boolean;
  sources: readonly Source[];
  go: GoMap;
  onClose: () => void;
}

export const FocusPanel = (props: Props) => (props.focus.startsWith("person:") ? <PersonFocus {...props} /> : <OtherFocus {...props} />);

/** The part of an address that other screens know: "person:1.abc" is `/people/1.abc`. */
const bare = (key: string) => key.slice(key.indexOf(":") + 1);

function PersonFocus({ focus, node, wait, go, onClose }: Props) {
  const access = useAccessOf(wait ? null : focus);
  const name = access.data?.identity.name ?? node?.label ?? "…";
  const held = access.data?.holdings ?? [];
  const privileged = held.filter((h) => h.privileged).length;
  const title = access.data === undefined ? name : held.length === 0 ? `${name} holds no role in what was read` : `${name} holds ${plural(held.length, "role")}${privileged > 0 ? `, ${count(privileged)} of them privileged` : ""}`;
  return (
    <Panel
      label="What is reached"
      title={<bdi>{title}</bdi>}
      note={held.length > 0 ? "Choose a role or a scope for the paths that lead to it." : undefined}
      acts={<Link className={buttonClass("plain", true)} to={personPath(bare(focus))}>Open in People<ArrowUpRight className="x" /></Link>}
      onClose={onClose}
    >
      {access.error && <FaultView compact error={access.error} onRetry={() => void access.refetch()} />}
      <Holdings title="Roles, privileged first" holdings={held} first={24} onChoose={(h) => go({ query: { target: h.scope.key }, path: 0 })} />
      <NotEvaluated caveats={access.data?.caveats ?? []} />
    </Panel>
  );
}

/** How many lines the panel asks for; the table has all. */
const LINES = 40;

function OtherFocus({ query, focus, node, wait, sources, go, onClose }: Props) {
  const through = useQuery({ queryKey: [...keys.directory, "access", "through", { ...query, open: [] }], queryFn: () => api.accessTable({ ...query, open: [] }, 0, LINES), enabled: !wait });
  const name = node?.label ?? "…";
  const total = through.data?.total ?? 0;
  const group = focus.startsWith("group:");
  const title = node === undefined ? name : group ? `${plural(node.people, "person", "people")} reach something through ${name}` : `${plural(node.people, "person", "people")} reach ${name}`;
  return (
    <Panel
      label={`What leads through ${name}`}
      title={<bdi>{title}</bdi>}
      note={group ? undefined : "Choose a person for the paths that lead here."}
      acts={
        <>
          {group && <Link className={buttonClass("plain", true)} to={groupPath(bare(focus))}>Open in Groups<ArrowUpRight className="x" /></Link>}
          <Link className={buttonClass("plain", true)} to={changesPath({ span: "30", about: focus })}>Changes<ArrowUpRight className="x" /></Link>
          <Link className={buttonClass("plain", true)} to={`/findings?about=${encodeURIComponent(focus)}`}>Findings<ArrowUpRight className="x" /></Link>
        </>
      }
      onClose={onClose}
    >
      {node !== undefined && node.counts.length > 0 && (
        <section className={styles.section} aria-label="Members per system">
          <h3 className={parts.sect}>Members per system</h3>
          <ul>
            {node.counts.map((c) => {
              const source = sources.find((s) => s.id === c.source);
              return (
                <li key={c.source} className={styles.line}>
                  <SourceMark source={source} small />
                  <span className={styles.what}>{source?.settings.name}</span>
                  <span className={styles.end}>
                    {!c.held ? "no such group" : c.direct === null ? <span className="ne">not evaluated</span> : `${count(c.direct)} direct${c.nested > 0 ? `, ${count(c.nested)} nested` : ""}`}
                    {c.differs && <span className="warn">differs</span>}
                  </span>
                </li>
              );
            })}
          </ul>
        </section>
      )}
      {through.error && <FaultView compact error={through.error} onRetry={() => void through.refetch()} />}
      {through.data !== undefined && (
        <section className={styles.section} aria-label="Who reaches what">
          <h3 className={parts.sect}>Who reaches what<span>{count(total)}</span></h3>
          {total === 0 && <p className="t2">Nobody, in what was read{(through.data.caveats.length > 0) && "; what was not is named below"}.</p>}
          <ul>
            {through.data.rows.map((row) => (
              <li key={`${row.identity.key} ${row.role.key} ${row.scope.key}`}>
                <button type="button" className={styles.line} onClick={() => go({ query: { focus: row.identity.key, target: row.scope.key }, path: 0 })}>
                  <SystemMark kind={row.role.system} small />
                  <span className={styles.what}><bdi>{row.identity.name}</bdi><br /><span className="t3">{row.role.name} on {row.scope.name}</span></span>
                  <span className={styles.end}>{row.state === "active" ? "" : <AccessStateMark state={row.state} />}</span>
                </button>
              </li>
            ))}
          </ul>
          {total > LINES && <p className={styles.fold}><button type="button" className={parts.link} onClick={() => go({ view: "table" })}>All {count(total)} in the table</button></p>}
        </section>
      )}
      {!focus.startsWith("group:") && <p className={styles.section}><Id text={bare(bare(focus))} what="id" /></p>}
      <NotEvaluated caveats={through.data?.caveats ?? []} />
    </Panel>
  );
}
