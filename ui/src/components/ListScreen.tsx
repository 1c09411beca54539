/** A list of people or groups over all systems: search, filter, facets, columns, rows, export; the inspector follows the selection. */
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useCallback, useMemo, useRef, type ComponentType, type ReactNode } from "react";
import { useParams } from "react-router";
import type { AccountType, Caveat, ExportDone, ExportFormat, Slot, Source } from "../ipc";
import { keys, useSources } from "../ipc/queries";
import { useAddress } from "./address";
import { buttonClass, IconButton, SearchField, Time } from "./controls";
import { Empty } from "./Empty";
import { ExportDialog } from "./ExportDialog";
import { FaultView } from "./FaultView";
import { FilterBox } from "./FilterBox";
import { count, isBareId } from "./format";
import { Caveats, ColumnMenu, Facets, Legend } from "./ListParts";
import styles from "./ListScreen.module.css";
import { Face, SlotGlyph, SourceMark, type GlyphName } from "./marks";
import { useColumns } from "./useColumns";
import { useListState, type ListState } from "./useListState";
import { useWindowed } from "./useWindowed";
import { VirtualGrid, type Column, type GridHandle } from "./VirtualGrid";

interface ListRow {
  key: string;
  name: string;
  slots: Slot[];
  changedAt: number | null;
}

type ListQuery<F extends string, S extends string> = ListState<F, S> & { offset: number; limit: number };

interface ListPage<Row> {
  rows: Row[];
  offset: number;
  total: number;
  of: number;
  generation: number;
  caveats: Caveat[];
}

/** What tells one list from another; the same object for as long as the screen lives. */
export interface ListSpec<Row extends ListRow, F extends string, S extends string> {
  /** Its path, and the name under which its columns and saved filters are kept. */
  what: "people" | "groups";
  title: string;
  resource: "User" | "Group";
  /** The first one is everything. */
  facets: readonly [{ id: F; text: string; always?: boolean }, ...{ id: F; text: string; always?: boolean }[]];
  /** The first one is how the list comes. */
  sorts: readonly [S, ...S[]];
  downFirst: readonly S[];
  columns: (sources: readonly Source[]) => Column<Row>[];
  /** Columns that show until somebody chooses. */
  standard: readonly string[];
  /** Columns whose fields have another name in exported rows. */
  fields: Record<string, string>;
  legend: readonly { glyph: GlyphName; text: string }[];
  path: (key: string) => string;
  page: (query: ListQuery<F, S>) => Promise<ListPage<Row>>;
  counts: () => Promise<readonly { facet: F; count: number }[]>;
  write: (query: ListQuery<F, S>, columns: string[], format: ExportFormat, path: string) => Promise<ExportDone>;
  nobodyMatches: { title: string; all: string };
}

interface Props<Row extends ListRow, F extends string, S extends string> {
  spec: ListSpec<Row, F, S>;
  /** What can be done besides, in the head. */
  acts?: ReactNode;
  /** What stands there when there is nothing to list. */
  nothing: (sources: readonly Source[]) => ReactNode;
  /** The panel of one row, by its key. */
  Inspector: ComponentType<{ of: string; onClose: () => void }>;
}

export function ListScreen<Row extends ListRow, F extends string, S extends string>({ spec, acts, nothing, Inspector }: Props<Row, F, S>) {
  const { key } = useParams();
  const { go, params } = useAddress();
  const grid = useRef<GridHandle>(null);
  const sources = useSources().data;
  const everything = spec.facets[0].id;
  const options = useMemo(() => ({ facets: spec.facets.map((f) => f.id), sorts: spec.sorts, downFirst: spec.downFirst }), [spec]);
  const list = useListState(options, { facet: everything, sort: spec.sorts[0] });
  const counts = useQuery({ queryKey: [...keys.directory, `${spec.what}-facets`], queryFn: spec.counts });

  const all = useMemo(() => spec.columns(sources ?? []), [spec, sources]);
  const { columns, wanted, choose } = useColumns(spec.what, all, spec.standard);

  const question = list.state;
  const shown = useWindowed<Row, ListPage<Row>>(spec.what, question, (offset, limit) => spec.page({ ...question, offset, limit }));

  const open = useCallback((row: Row) => go({ path: spec.path(row.key) }), [go, spec]);
  const follow = useCallback((row: Row) => go({ path: spec.path(row.key), replace: true }), [go, spec]);
  const close = useCallback(() => {
    go({ path: `/${spec.what}`, set: { tab: null, on: null } });
    grid.current?.focus();
  }, [go, spec]);

  const narrowed = question.search !== "" || question.filter !== null || question.facet !== everything || question.source !== null;
  const of = shown.page?.of;

  return (
    <div className={styles.screen}>
      <div className={styles.pane}>
        <div className={styles.head}>
          <h1>{spec.title}</h1>
          <span className={`${styles.count} grow`} data-testid="count" aria-live="polite">
            {of !== undefined && (narrowed ? `${count(shown.total)} of ${count(of)}` : count(of))}
          </span>
          {acts}
          <ColumnMenu all={all} wanted={wanted} onChange={choose} />
          <IconButton label="Export what is shown" onPress={() => go({ set: { export: "1" }, replace: true })}>
            <Download />
          </IconButton>
        </div>
        <div className={styles.query}>
          <SearchField label={`Search ${spec.what}`} value={list.typed} onChange={list.setTyped} slash onDown={() => grid.current?.focus()} />
          <FilterBox resource={spec.resource} value={question.filter} onApply={list.setFilter} matches={shown.total} />
        </div>
        <Facets
          screen={spec.what}
          label="Ready-made and saved filters"
          facets={spec.facets.map((f) => ({ ...f, count: f.id === everything ? undefined : counts.data?.find((c) => c.facet === f.id)?.count }))}
          facet={question.facet}
          onFacet={list.setFacet}
          search={question.search}
          filter={question.filter}
          onSaved={(s) => list.setSaved(s.search, s.filter)}
          source={sources?.find((s) => s.id === question.source)}
          onNoSource={() => list.setSource(null)}
        />
        <Caveats caveats={shown.page?.caveats ?? []} />
        <div className={styles.rows}>
          {shown.error && !shown.stale ? (
            <FaultView error={shown.error} onRetry={shown.retry} />
          ) : (
            <VirtualGrid
              ref={grid}
              label={spec.title}
              columns={columns}
              total={shown.loading ? 20 : shown.total}
              row={shown.row}
              rowKey={(row) => row.key}
              selected={key ?? null}
              onOpen={open}
              onFollow={follow}
              onRange={shown.onRange}
              sort={question.sort}
              descending={question.descending}
              onSort={list.setSort}
              listKey={JSON.stringify(question)}
              stale={shown.stale}
              empty={
                narrowed && (of ?? 0) > 0 ? (
                  <Empty title={spec.nobodyMatches.title} acts={<button type="button" className={buttonClass()} onClick={list.clear}>{spec.nobodyMatches.all}</button>}>
                    Search, filter and the chips above narrow the list together.
                  </Empty>
                ) : (
                  nothing(sources ?? [])
                )
              }
            />
          )}
        </div>
        <Legend items={spec.legend} />
      </div>
      {key !== undefined && <Inspector of={key} onClose={close} />}
      <ExportDialog
        what={spec.what}
        total={shown.total}
        columns={exported(columns, spec.fields)}
        isOpen={params.get("export") === "1"}
        onClose={() => go({ set: { export: null }, replace: true })}
        write={(ids, format, path) => spec.write({ ...question, offset: 0, limit: 500 }, ids, format, path)}
      />
    </div>
  );
}

/** The columns on screen under the names that rows give their fields; the slots are one field. */
function exported<Row>(columns: readonly Column<Row>[], fields: Record<string, string>) {
  const plain = columns.filter((c) => !c.id.startsWith("slot-")).map((c) => ({ id: fields[c.id] ?? c.id, label: c.label }));
  return [...plain, { id: "slots", label: "Systems" }];
}

export const nameColumn = <Row extends ListRow>(type: (row: Row) => AccountType | "group"): Column<Row> => ({
  id: "name", label: "Name", min: 176, grow: 3, rank: 0, sort: "name",
  cell: (row) => (
    <span className={styles.who} data-face>
      <Face name={row.name} type={type(row)} />
      {type(row) === "service" && isBareId(row.name) ? (
        <bdi className="t2" title={row.name}>no display name, <code>{row.name.slice(0, 8)}…</code></bdi>
      ) : (
        <bdi title={row.name}>{row.name}</bdi>
      )}
    </span>
  ),
});

/** A narrow column per source: how it holds the person or the group. */
export const slotColumns = <Row extends ListRow>(sources: readonly Source[], what: "person" | "group"): Column<Row>[] =>
  sources.map((source, n) => ({
    id: `slot-${source.id}`, label: source.settings.name, head: <SourceMark source={source} small />, min: 26, rank: 0, align: "center",
    cell: (row) => {
      const slot = row.slots[n]?.source === source.id ? row.slots[n] : row.slots.find((s) => s.source === source.id);
      return slot ? <SlotGlyph slot={slot} source={source} what={what} /> : null;
    },
  }));

export const changedColumn = <Row extends ListRow>(grow?: number): Column<Row> => ({
  id: "changed", label: "Changed", min: 76, grow, rank: 1, align: "end", sort: "changed",
  cell: (row) => <span className="t3 xs"><Time at={row.changedAt} form="stamp" none="" /></span>,
});
