/** The accessible list: who holds which role on what, by which way. The same question as the flow's and the matrix's. */
import { ArchiveRestore } from "lucide-react";
import { useCallback, useRef } from "react";
import { AccessStateMark } from "../../../components/accessWords";
import { FaultView } from "../../../components/FaultView";
import { Caveats } from "../../../components/ListParts";
import { Face, SystemMark } from "../../../components/marks";
import { useNow } from "../../../components/now";
import { useWindowed } from "../../../components/useWindowed";
import { VirtualGrid, type Column, type GridHandle } from "../../../components/VirtualGrid";
import { api, type AccessPage, type AccessRow, type NodeRef } from "../../../ipc";
import access from "../Access.module.css";
import { MapBar } from "../MapBar";
import { RowPanel } from "../path/RowPanel";
import { allCaveats, NothingHere, type PlaceProps } from "../place";
import { useEscape } from "../useEscape";
import { useExport } from "../useExport";
import styles from "./Table.module.css";

const robot = (node: NodeRef) => /service|managed identity|application/i.test(node.sort);
export const rowKey = (r: { identity: NodeRef; role: NodeRef; scope: NodeRef }) => `${r.identity.key} ${r.role.key} ${r.scope.key}`;

export const Who = ({ node }: { node: NodeRef }) => (
  <span className={styles.who} data-face>
    <Face name={node.name} type={robot(node) ? "service" : "person"} />
    <bdi className="cut" title={node.apart === null ? node.name : `${node.name}, ${node.apart}`}>{node.name}</bdi>
    {node.apart !== null && <bdi className={`cut t3 xs ${styles.apart}`}>{node.apart}</bdi>}
  </span>
);

export const RoleCell = ({ role, canRestore, privileged = false }: { role: NodeRef; canRestore: boolean; privileged?: boolean }) => (
  <span className={styles.role}>
    <SystemMark kind={role.system} small />
    <bdi className={`cut ${privileged ? "strong" : ""}`} title={`${role.name}, ${role.sort}${privileged ? ", privileged" : ""}`}>{role.name}</bdi>
    {canRestore && <ArchiveRestore className="x t3" aria-label="can restore" />}
  </span>
);

const COLUMNS: Column<AccessRow>[] = [
  { id: "identity", label: "Identity", min: 176, grow: 2, rank: 0, cell: (r) => <Who node={r.identity} /> },
  {
    id: "via", label: "By way of", min: 150, grow: 2, rank: 1,
    cell: (r) => (r.via.length === 0 ? <span className="t3">direct assignment</span> : <bdi className="cut" title={r.via.map((g) => g.name).join(" › ")}>{r.via.map((g) => g.name).join(" › ")}</bdi>),
  },
  { id: "role", label: "Role", min: 170, grow: 2, rank: 0, cell: (r) => <RoleCell role={r.role} canRestore={r.canRestore} privileged={r.privileged} /> },
  { id: "scope", label: "On", min: 140, grow: 1.6, rank: 0, cell: (r) => <bdi className="cut" title={`${r.scope.name}, ${r.scope.sort}`}>{r.scope.name}</bdi> },
  { id: "sort", label: "Kind of scope", min: 120, grow: 1, rank: 3, cell: (r) => <span className="t3 cut">{r.scope.sort}</span> },
  { id: "state", label: "State", min: 112, rank: 1, cell: (r) => <AccessStateMark state={r.state} /> },
];

export function TablePlace(props: PlaceProps) {
  const { state, go, sources, clear } = props;
  const { query, row } = state;
  const now = useNow();
  const grid = useRef<GridHandle>(null);
  const asked = { ...query, open: [] };
  const rows = useWindowed<AccessRow, AccessPage>("access-table", asked, (offset, limit) => api.accessTable(asked, offset, limit));
  const exporting = useExport(asked, "table", () => Promise.resolve(null));
  const caveats = allCaveats(rows.page?.caveats ?? [], sources, now);
  const look = useCallback((r: AccessRow, replace: boolean) => go({ row: { who: r.identity.key, role: r.role.key, scope: r.scope.key }, cell: null, path: 0 }, replace), [go]);
  const open = useCallback((r: AccessRow) => look(r, false), [look]);
  const follow = useCallback((r: AccessRow) => look(r, true), [look]);
  const close = useCallback(() => {
    go({ row: null, path: 0 });
    grid.current?.focus();
  }, [go]);
  useEscape(row === null ? null : close);

  return (
    <>
      <MapBar state={state} go={go} sources={sources} focusName={props.focusName} onExport={exporting.run} />
      <div className={access.caveats}><Caveats caveats={caveats} /></div>
      <div className={access.body}>
        {rows.error && !rows.stale ? (
          <div className={access.place}><FaultView error={rows.error} onRetry={rows.retry} /></div>
        ) : (
          <div className={access.rows}>
            <VirtualGrid
              ref={grid}
              label="Access"
              columns={COLUMNS}
              total={rows.loading ? 20 : rows.total}
              row={rows.row}
              rowKey={rowKey}
              selected={row === null ? null : `${row.who} ${row.role} ${row.scope}`}
              onOpen={open}
              onFollow={follow}
              onRange={rows.onRange}
              listKey={JSON.stringify(asked)}
              stale={rows.stale}
              empty={<NothingHere state={state} sources={sources} caveats={caveats} clear={clear} />}
            />
          </div>
        )}
        {row !== null && <RowPanel state={state} row={row} restores={false} sources={sources} go={go} onClose={close} />}
      </div>
    </>
  );
}
