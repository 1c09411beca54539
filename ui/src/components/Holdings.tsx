/** Everything that one identity holds: role, scope, how far it goes and by which way; what is not evaluated stands first. */
import { useQuery } from "@tanstack/react-query";
import { ArchiveRestore, CircleDashed, KeyRound } from "lucide-react";
import { Link } from "react-router";
import { api, type AccessOf, type Holding, type Source } from "../ipc";
import { keys } from "../ipc/queries";
import { AccessStateMark } from "./accessWords";
import { buttonClass } from "./controls";
import { Empty } from "./Empty";
import { FaultView } from "./FaultView";
import { count, plural } from "./format";
import styles from "./Holdings.module.css";
import { SourceMark } from "./marks";
import parts from "./parts.module.css";

/** The map, with one node in focus and, if asked, the ways to a second. */
export const mapAddress = (focus: string, target?: string) => `/access?${new URLSearchParams(target === undefined ? { focus } : { focus, target }).toString()}`;

export function Holdings({ identity, sources }: { identity: string; sources: readonly Source[] }) {
  const access = useQuery({ queryKey: [...keys.directory, "access", identity], queryFn: () => api.accessOf(identity) });
  if (access.error) return <FaultView error={access.error} onRetry={() => void access.refetch()} />;
  return access.data ? <HeldRoles access={access.data} sources={sources} /> : null;
}

/** What an answer says that somebody holds; `past` where it tells of another day, of which there is no map. */
export function HeldRoles({ access: data, sources, past = false }: { access: AccessOf; sources: readonly Source[]; past?: boolean }) {
  const identity = data.identity.key;
  const shelves = [
    { title: "Privileged", rows: data.holdings.filter((h) => h.privileged || h.canRestore) },
    { title: "Other roles", rows: data.holdings.filter((h) => !h.privileged && !h.canRestore) },
  ].filter((s) => s.rows.length > 0);
  return (
    <>
      <div className={styles.top}>
        <span className="t2 xs grow">{data.holdings.length > 0 && <>{plural(data.holdings.length, "role")}{data.caveats.length > 0 ? ", as far as was read" : ""}</>}</span>
        {!past && <Link className={buttonClass("plain", true)} to={mapAddress(identity)}>Show in the map</Link>}
      </div>
      {data.caveats.length > 0 && (
        <ul className={styles.caveats} aria-label="Not evaluated">
          {data.caveats.map((c) => <li key={c.text}><CircleDashed className="x ne" />{c.text}</li>)}
        </ul>
      )}
      {shelves.length === 0 && data.caveats.length === 0 && <Empty title="Holds no role.">Every assignment that was read was followed, through every group.</Empty>}
      {shelves.length === 0 && data.caveats.length > 0 && <Empty title="No role was found.">That is not to say that there is none: see above what was not evaluated.</Empty>}
      {shelves.map(({ title, rows }) => (
        <section key={title} aria-label={title}>
          <h3 className={parts.sect}>{title} <span className="t3">{count(rows.length)}</span></h3>
          <ul className={styles.list}>
            {rows.map((h) => <Row key={`${h.role.key} ${h.scope.key}`} holding={h} identity={identity} sources={sources} />)}
          </ul>
        </section>
      ))}
    </>
  );
}

const Row = ({ holding: h, identity, sources }: { holding: Holding; identity: string; sources: readonly Source[] }) => (
  <li>
    <Link to={mapAddress(identity, h.role.key)} className={styles.row}>
      <SourceMark source={sources.find((s) => s.id === h.role.source)} small />
      <span className={styles.what}>
        <span>
          <bdi className="strong">{h.role.name}</bdi> on <bdi className="strong">{h.scope.name}</bdi>
          {h.privileged && <span title="Privileged"><KeyRound className="x warn" /><span className="sr">, privileged</span></span>}
          {h.canRestore && <span title="Can restore backups"><ArchiveRestore className="x" /><span className="sr">, can restore backups</span></span>}
        </span>
        <span className="xs t3">
          {h.by}{h.paths > 1 ? `, ${h.morePaths ? "at least " : ""}${count(h.paths)} ways` : ""}
          {h.reasons.map((reason) => <span key={reason} className={styles.reason}>{reason}</span>)}
        </span>
      </span>
      <AccessStateMark state={h.state} />
    </Link>
  </li>
);
