/** Who can restore: vaults and their guards, breaches of separation of duty, identities × vaults with those outside the meant groups first. */
import { ArchiveRestore, ChevronRight, CircleDashed, ShieldCheck, ShieldOff, ShieldX, TriangleAlert, UserX, UsersRound } from "lucide-react";
import { useCallback, useRef, useState, type ReactNode } from "react";
import { Button as AriaButton, Disclosure, DisclosurePanel, Heading } from "react-aria-components";
import { AccessStateMark } from "../../../components/accessWords";
import { Button, Id } from "../../../components/controls";
import { FaultView } from "../../../components/FaultView";
import { count, listed, plural } from "../../../components/format";
import { Caveats } from "../../../components/ListParts";
import { useNow } from "../../../components/now";
import parts from "../../../components/parts.module.css";
import { useWindowed } from "../../../components/useWindowed";
import { VirtualGrid, type Column, type GridHandle } from "../../../components/VirtualGrid";
import { api, type RestoreRow, type RestoreView, type Source, type VaultRow } from "../../../ipc";
import access from "../Access.module.css";
import { MapBar } from "../MapBar";
import { RowPanel } from "../path/RowPanel";
import { allCaveats, NothingHere, type PlaceProps } from "../place";
import { RoleCell, Who } from "../table/TablePlace";
import { useEscape } from "../useEscape";
import { useExport } from "../useExport";
import { MeantDialog } from "./MeantDialog";
import styles from "./Restore.module.css";

type Page = RestoreView & { offset: number };

const COLUMNS: Column<RestoreRow>[] = [
  {
    id: "meant", label: "Meant for it", min: 96, rank: 0,
    cell: (r) => (r.meant === null ? <span className="t3" title="No group was named as meant for restoring">not set</span> : r.meant ? <span className="t2">meant</span> : <span className={`${parts.tag} ${parts.tagWarn}`}>outside</span>),
  },
  {
    id: "identity", label: "Identity", min: 176, grow: 2, rank: 0,
    cell: (r) => (<><Who node={r.identity} />{r.dormant !== null && <span className={`${parts.tag} ${styles.dormant}`} title={r.dormant}><UserX className="x" />{r.dormant}</span>}</>),
  },
  { id: "vault", label: "Vault", min: 116, grow: 1, rank: 0, cell: (r) => <bdi className="cut strong">{r.vault.name}</bdi> },
  { id: "role", label: "Role", min: 150, grow: 1.6, rank: 0, cell: (r) => <RoleCell role={r.role} canRestore={false} /> },
  { id: "scope", label: "Assigned on", min: 116, grow: 1, rank: 3, cell: (r) => <bdi className={`cut ${r.scope.key === r.vault.key ? "t3" : ""}`}>{r.scope.key === r.vault.key ? "the vault itself" : r.scope.name}</bdi> },
  { id: "by", label: "Way", min: 150, grow: 2, rank: 1, cell: (r) => <bdi className="cut" title={r.by}>{r.by}</bdi> },
  { id: "state", label: "State", min: 108, rank: 1, cell: (r) => <AccessStateMark state={r.state} /> },
];

const key = (r: RestoreRow) => `${r.identity.key} ${r.role.key} ${r.vault.key} ${r.scope.key} ${r.by}`;

export function RestorePlace(props: PlaceProps) {
  const { state, go, sources, clear } = props;
  const { row } = state;
  const now = useNow();
  const grid = useRef<GridHandle>(null);
  const [choosing, setChoosing] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const rows = useWindowed<RestoreRow, Page>("who-can-restore", null, async (offset, limit) => ({ ...(await api.whoCanRestore(offset, limit)), offset }));
  const exporting = useExport(state.query, "restore", () => Promise.resolve(null));
  const view = rows.page;
  const caveats = allCaveats(view?.caveats ?? [], sources, now);
  const look = useCallback((r: RestoreRow, replace: boolean) => {
    setChosen(key(r));
    go({ row: { who: r.identity.key, role: r.role.key, scope: r.vault.key }, cell: null, path: 0 }, replace);
  }, [go]);
  const open = useCallback((r: RestoreRow) => look(r, false), [look]);
  const follow = useCallback((r: RestoreRow) => look(r, true), [look]);
  const close = useCallback(() => {
    go({ row: null, path: 0 });
    grid.current?.focus();
  }, [go]);
  useEscape(row === null ? null : close);

  const nothing = view !== undefined && view.vaults.length === 0 && view.total === 0;
  return (
    <>
      <MapBar state={state} go={go} sources={sources} focusName={props.focusName} onExport={exporting.run} />
      <div className={access.caveats}><Caveats caveats={caveats} /></div>
      <div className={access.body}>
        {rows.error && !rows.stale ? (
          <div className={access.place}><FaultView error={rows.error} onRetry={rows.retry} /></div>
        ) : nothing ? (
          <div className={access.place}>
            {sources.some((s) => s.settings.kind === "azure") ? <NoVaults unread={caveats.length > 0} /> : <NothingHere state={{ ...state, query: { ...state.query, focus: null } }} sources={[]} caveats={caveats} clear={clear} />}
          </div>
        ) : (
          <div className={styles.main}>
            {view !== undefined && (
              <div className={styles.facts}>
                <Summary view={view} onChoose={() => setChoosing(true)} />
                <Vaults vaults={view.vaults} />
                <Breaches view={view} go={go} />
                <Unknown view={view} sources={sources} />
              </div>
            )}
            <VirtualGrid
              ref={grid}
              label="Who can restore from which vault"
              columns={view !== undefined && view.meant.length === 0 ? COLUMNS.slice(1) : COLUMNS}
              total={rows.loading ? 12 : rows.total}
              row={rows.row}
              rowKey={key}
              selected={row === null ? null : chosen}
              onOpen={open}
              onFollow={follow}
              onRange={rows.onRange}
              listKey={`restore ${view?.meant.map((g) => g.key).join() ?? ""}`}
              stale={rows.stale}
              empty={<p className={styles.empty}>{caveats.length > 0 || view?.vaults.some((v) => v.caveats.length > 0) ? "Nobody was found in what was read. What could not be read is named above: somebody may well be there." : "Nobody can restore from these vaults. Everything that could say otherwise was read."}</p>}
            />
          </div>
        )}
        {row !== null && <RowPanel state={state} row={row} restores sources={sources} go={go} onClose={close} />}
      </div>
      {choosing && view !== undefined && <MeantDialog meant={view.meant} onClose={() => setChoosing(false)} />}
    </>
  );
}

const NoVaults = ({ unread }: { unread: boolean }) => (
  <div className={styles.empty}>
    <p className="strong">{unread ? "No vault was found in what was read." : "There is no vault in what Azure holds."}</p>
    <p className="t2">{unread ? "Vaults may be where reading is not allowed; what is missing is named above." : "Recovery Services vaults and Backup vaults show here, with everybody who can restore from them."}</p>
  </div>
);

/** The answer in one sentence, then what it is measured against. */
function Summary({ view, onChoose }: { view: RestoreView; onChoose: () => void }) {
  const active = Math.max(0, ...view.vaults.map((v) => v.active));
  const most = view.vaults.find((v) => v.active === active);
  const set = view.meant.length > 0;
  return (
    <div className={styles.summary}>
      <p className={styles.says}>
        {plural(view.total, "way", "ways")} to restore from {plural(view.vaults.length, "vault")}
        {most && active > 0 && <>; {plural(active, "identity", "identities")} can restore from <bdi>{most.vault.name}</bdi> now</>}.
      </p>
      <p className={styles.meant}>
        <UsersRound className="s" />
        {set ? <span className="cut">Meant for it: <bdi>{listed(view.meant.map((g) => g.name))}</bdi></span> : <span>No group is named as meant for restoring, so nobody can be called out as outside it.</span>}
        <Button small onPress={onChoose}>{set ? "Change…" : "Choose the groups…"}</Button>
      </p>
    </div>
  );
}

function guardOf(v: { guarded: boolean | null; guard: { name: string } | null }): { icon: ReactNode; text: string } {
  if (v.guarded === null) return { icon: <CircleDashed className="s ne" />, text: "guard not evaluated" };
  if (v.guarded) return { icon: <ShieldCheck className="s good" />, text: v.guard ? `guarded by ${v.guard.name}` : "guarded" };
  return { icon: <ShieldOff className="s warn" />, text: "no guard" };
}

const Vaults = ({ vaults }: { vaults: readonly VaultRow[] }) => (
  <ul className={styles.vaults} aria-label="Vaults">
    {vaults.map(({ vault, active, potential, caveats, ...v }) => {
      const guard = guardOf(v);
      return (
        <li key={vault.key} title={caveats.join(" ")}>
          <p className={styles.vault}><ArchiveRestore className="s azure" /><bdi className="strong cut">{vault.name}</bdi></p>
          <p><b className="tnum">{count(active)}</b> can restore{potential > 0 && <span className="t2">, {count(potential)} more could</span>}</p>
          <p className={styles.guard}>{guard.icon}{guard.text}</p>
          {caveats.map((c) => <p key={c} className="sr">{c}</p>)}
        </li>
      );
    })}
  </ul>
);

/** One line that says what there is, and folds out what is behind it. The rows below keep the room. */
function Fold({ tone, icon, says, names, children }: { tone: "bad" | "warn"; icon: ReactNode; says: string; names: string; children: ReactNode }) {
  return (
    <Disclosure className={`${styles.fold} ${tone === "bad" ? styles.bad : ""}`}>
      <Heading level={2}>
        <AriaButton slot="trigger">
          {icon}
          <span className="strong">{says}</span>
          <span className="cut t2 grow">{names}</span>
          <ChevronRight className={`x ${styles.turn}`} />
        </AriaButton>
      </Heading>
      <DisclosurePanel><ul>{children}</ul></DisclosurePanel>
    </Disclosure>
  );
}

/** Names, each once, as many as a line may hold. */
const some = (names: readonly string[]) => {
  const each = [...new Set(names)];
  return each.length > 3 ? `${each.slice(0, 3).join(", ")} and ${count(each.length - 3)} more` : listed(each);
};

function Breaches({ view, go }: { view: RestoreView; go: PlaceProps["go"] }) {
  if (view.breaches.length === 0) return null;
  return (
    <Fold tone="bad" icon={<ShieldX className="s bad" />} says={`${plural(view.breaches.length, "breach", "breaches")} of separation of duty`} names={`backup rights and rights on the guard in one hand: ${some(view.breaches.map((b) => b.identity.name))}`}>
      {view.breaches.map((b) => (
        <li key={`${b.identity.key} ${b.vault.key} ${b.guard.key}`}>
          <button type="button" onClick={() => go({ view: "flow", path: 0, row: null, query: { focus: b.identity.key, target: b.vault.key } })}>
            <bdi className="strong">{b.identity.name}</bdi>
            <span><span className="t3">on <bdi>{b.vault.name}</bdi></span> {b.backup}</span>
            <span><span className="t3">on its guard <bdi>{b.guard.name}</bdi></span> {b.onGuard}</span>
          </button>
        </li>
      ))}
    </Fold>
  );
}

function Unknown({ view, sources }: { view: RestoreView; sources: readonly Source[] }) {
  if (view.unknown.length === 0) return null;
  const many = view.unknown.length > 1;
  return (
    <Fold tone="warn" icon={<TriangleAlert className="s warn" />} says={`${plural(view.unknown.length, "principal")} that nobody knows ${many ? "hold" : "holds"} such a role`} names={some(view.unknown.map((u) => u.what))}>
      {view.unknown.map((u) => (
        <li key={u.edge} className={styles.principal}>
          <Id text={u.id} shown={`${u.id.slice(0, 8)}…${u.id.slice(-4)}`} what="principal’s id" />
          <span className="t2">{u.holds} in {sources.find((s) => s.id === u.source)?.settings.name ?? "a source"}; {u.what}</span>
        </li>
      ))}
    </Fold>
  );
}
