/** Who gained or lost what, because of what; privileged roles first. */
import { useMemo } from "react";
import { ArchiveRestore, KeyRound, Minus, Plus } from "lucide-react";
import { useNavigate } from "react-router";
import { Button, Time } from "../../components/controls";
import { STATE_WORD } from "../../components/accessWords";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { listed, sentence } from "../../components/format";
import { mapAddress } from "../../components/Holdings";
import { SourceMark } from "../../components/marks";
import { useWindowed } from "../../components/useWindowed";
import { VirtualGrid, type Column } from "../../components/VirtualGrid";
import { api, type AccessChange, type ComparisonQuery, type Source } from "../../ipc";
import styles from "./Changes.module.css";

const keyOf = (c: AccessChange) => JSON.stringify([c.identity.key, c.role.key, c.scope.key, c.gained, c.state, c.before]);

/** How far it goes now beside before, where both are told. */
export function stateWords({ state, before }: Pick<AccessChange, "state" | "before">): string {
  if (state !== null && before !== null) return `${STATE_WORD[before]}, now ${STATE_WORD[state]}`;
  return state !== null ? STATE_WORD[state] : before !== null ? `was ${STATE_WORD[before]}` : "";
}

function columnsFor(sources: readonly Source[]): Column<AccessChange>[] {
  return [
    { id: "gained", label: "Gained or lost", min: 84, rank: 0, cell: (c) => <span className={c.gained ? styles.gained : "t2"}>{c.gained ? <Plus className="x" /> : <Minus className="x" />} {c.gained ? "gained" : "lost"}</span> },
    { id: "who", label: "Who", min: 140, grow: 1.4, rank: 0, cell: (c) => <bdi className="strong cut" title={c.identity.name}>{c.identity.name}</bdi> },
    {
      id: "role", label: "Role", min: 150, grow: 1.4, rank: 0,
      cell: (c) => (
        <span className={styles.role}>
          <SourceMark source={sources.find((s) => s.id === c.role.source)} small />
          <bdi className="cut" title={c.role.name}>{c.role.name}</bdi>
          {c.privileged && <span title="Privileged"><KeyRound className="x warn" /><span className="sr">privileged</span></span>}
          {c.canRestore && <span title="Can restore backups"><ArchiveRestore className="x" /><span className="sr">can restore backups</span></span>}
        </span>
      ),
    },
    { id: "scope", label: "On", min: 110, grow: 1, rank: 0, cell: (c) => <bdi className="cut" title={c.scope.name}>{c.scope.name}</bdi> },
    { id: "state", label: "How far", min: 96, rank: 3, cell: (c) => <span className="xs t2 cut" title={stateWords(c)}>{stateWords(c)}</span> },
    { id: "because", label: "Because", min: 160, grow: 2, rank: 1, cell: (c) => <bdi className="cut t2" title={sentence(listed(c.because))}>{c.because.length === 0 ? c.by : listed(c.because)}</bdi> },
    { id: "seen", label: "Seen", min: 60, rank: 2, align: "end", cell: (c) => <span className="t3 xs"><Time at={c.seenAt} form="stamp" none="" /></span> },
  ];
}

export function AccessList({ query, sources, onClear }: { query: ComparisonQuery; sources: readonly Source[]; onClear: (() => void) | null }) {
  const navigate = useNavigate();
  const shown = useWindowed<AccessChange, { rows: AccessChange[]; offset: number; total: number }>("history-access", query, async (offset, limit) => {
    const page = await api.compareAccess({ ...query, offset, limit });
    return { rows: page.changes, offset, total: page.total };
  });
  const columns = useMemo(() => columnsFor(sources), [sources]);
  if (shown.error && !shown.stale) return <FaultView error={shown.error} onRetry={shown.retry} />;
  return (
    <VirtualGrid
      label="Access gained and lost"
      columns={columns}
      total={shown.loading ? 20 : shown.total}
      row={shown.row}
      rowKey={keyOf}
      selected={null}
      onOpen={(c) => void navigate(c.gained ? mapAddress(c.identity.key, c.role.key) : mapAddress(c.identity.key))}
      onRange={shown.onRange}
      listKey={JSON.stringify(query)}
      stale={shown.stale}
      empty={
        onClear === null ? (
          <Empty title="Nobody gained or lost a role.">Between these two moments everyone held the same roles on the same scopes, as far as was read.</Empty>
        ) : (
          <Empty title="No change of access matches." acts={<Button onPress={onClear}>Show all</Button>}>Search, the chip and the source narrow the list together.</Empty>
        )
      }
    />
  );
}
