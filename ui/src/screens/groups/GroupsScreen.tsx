/** Groups: every group that any source holds, the same team on one row. */
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useCallback, useMemo, useRef } from "react";
import { Link, useParams } from "react-router";
import { groupPath, useAddress } from "../../components/address";
import { buttonClass, IconButton, SearchField, Time } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { ExportDialog } from "../../components/ExportDialog";
import { FaultView } from "../../components/FaultView";
import { FilterBox } from "../../components/FilterBox";
import { count } from "../../components/format";
import { Caveats, ColumnMenu, Facets, Legend } from "../../components/ListParts";
import styles from "../../components/ListScreen.module.css";
import { Face, SlotGlyph, SourceMark } from "../../components/marks";
import { useColumns } from "../../components/useColumns";
import { useListState } from "../../components/useListState";
import { useWindowed } from "../../components/useWindowed";
import { VirtualGrid, type Column, type GridHandle } from "../../components/VirtualGrid";
import { api, type GroupFacet, type GroupPage, type GroupRow, type GroupSort, type Source } from "../../ipc";
import { keys, useSources } from "../../ipc/queries";
import { GroupInspector } from "./GroupInspector";

const FACETS: readonly { id: GroupFacet; text: string; always?: boolean }[] = [
  { id: "all", text: "All", always: true },
  { id: "differs", text: "Systems differ", always: true },
  { id: "nested", text: "With groups inside", always: true },
  { id: "empty", text: "Empty", always: true },
  { id: "unconfirmed", text: "Not seen lately" },
];
const SORTS: readonly GroupSort[] = ["name", "members", "people", "changed"];
const LIST = { facets: FACETS.map((f) => f.id), sorts: SORTS, downFirst: ["members", "people", "changed"] as const };
const DEFAULTS = { facet: "all", sort: "name" } as const;
const STANDARD = ["members", "nested", "people", "parents", "changed"];

/** A number that a source may not tell; an untold one is no zero. */
const Told = ({ value }: { value: number | null }) =>
  value === null ? (
    <span className="ne" title="The source does not list members">
      not listed
    </span>
  ) : (
    <span className={value === 0 ? "t3" : ""}>{count(value)}</span>
  );

function columnsFor(sources: readonly Source[]): Column<GroupRow>[] {
  return [
    {
      id: "name", label: "Name", min: 176, grow: 3, rank: 0, sort: "name",
      cell: (row) => (
        <span className={styles.who} data-face>
          <Face name={row.name} type="group" />
          <bdi title={row.name}>{row.name}</bdi>
        </span>
      ),
    },
    ...sources.map((source, n): Column<GroupRow> => ({
      id: `slot-${source.id}`, label: source.settings.name, head: <SourceMark source={source} small />, min: 26, rank: 0, align: "center",
      cell: (row) => {
        const slot = row.slots[n]?.source === source.id ? row.slots[n] : row.slots.find((s) => s.source === source.id);
        return slot ? <SlotGlyph slot={slot} source={source} what="group" /> : null;
      },
    })),
    { id: "members", label: "Members", min: 86, grow: 0.4, rank: 1, align: "end", sort: "members", cell: (row) => <Told value={row.members} /> },
    { id: "nested", label: "Of them groups", min: 112, grow: 0.4, rank: 4, align: "end", cell: (row) => <Told value={row.nestedGroups} /> },
    { id: "people", label: "People", min: 80, grow: 0.4, rank: 2, align: "end", sort: "people", cell: (row) => <Told value={row.people} /> },
    { id: "parents", label: "Inside of", min: 84, grow: 0.4, rank: 3, align: "end", cell: (row) => <Told value={row.parents} /> },
    { id: "changed", label: "Changed", min: 76, grow: 0.2, rank: 1, align: "end", sort: "changed", cell: (row) => <span className="t3 xs"><Time at={row.changedAt} form="stamp" none="" /></span> },
  ];
}

const EXPORTED: Record<string, string> = { nested: "nestedGroups", changed: "changedAt" };

/** The columns on screen under the names that rows give their fields; the slots are one field. */
function exported(columns: readonly Column<GroupRow>[]) {
  const plain = columns.filter((c) => !c.id.startsWith("slot-")).map((c) => ({ id: EXPORTED[c.id] ?? c.id, label: c.label }));
  return [...plain, { id: "slots", label: "Systems" }];
}

const LEGEND = [
  { glyph: "active", text: "held" },
  { glyph: "noAccount", text: "not held" },
  { glyph: "differs", text: "differs" },
  { glyph: "unconfirmed", text: "not seen lately" },
  { glyph: "notEvaluated", text: "not evaluated" },
] as const;

export function GroupsScreen() {
  const { key } = useParams();
  const { go, params } = useAddress();
  const grid = useRef<GridHandle>(null);
  const sources = useSources().data;
  const list = useListState(LIST, DEFAULTS);
  const facets = useQuery({ queryKey: [...keys.directory, "group-facets"], queryFn: api.groupFacets });

  const all = useMemo(() => columnsFor(sources ?? []), [sources]);
  const { columns, wanted, choose } = useColumns("groups", all, STANDARD);
  const question = list.state;
  const groups = useWindowed<GroupRow, GroupPage>("groups", question, (offset, limit) => api.groups({ ...question, offset, limit }));

  const open = useCallback((row: GroupRow) => go({ path: groupPath(row.key) }), [go]);
  const follow = useCallback((row: GroupRow) => go({ path: groupPath(row.key), replace: true }), [go]);
  const close = useCallback(() => {
    go({ path: "/groups", set: { tab: null } });
    grid.current?.focus();
  }, [go]);

  const narrowed = question.search !== "" || question.filter !== null || question.facet !== "all" || question.source !== null;
  const of = groups.page?.of;

  return (
    <div className={styles.screen}>
      <div className={styles.pane}>
        <div className={styles.head}>
          <h1>Groups</h1>
          <span className={`${styles.count} grow`} data-testid="count" aria-live="polite">
            {of !== undefined && (narrowed ? `${count(groups.total)} of ${count(of)}` : count(of))}
          </span>
          <ColumnMenu all={all} wanted={wanted} onChange={choose} />
          <IconButton label="Export what is shown" onPress={() => go({ set: { export: "1" }, replace: true })}>
            <Download />
          </IconButton>
        </div>
        <div className={styles.query}>
          <SearchField label="Search groups" value={list.typed} onChange={list.setTyped} slash onDown={() => grid.current?.focus()} />
          <FilterBox resource="Group" value={question.filter} onApply={list.setFilter} matches={groups.total} />
        </div>
        <Facets
          screen="groups"
          label="Ready-made and saved filters"
          facets={FACETS.map((f) => ({ ...f, count: f.id === "all" ? undefined : facets.data?.find((c) => c.facet === f.id)?.count }))}
          facet={question.facet}
          onFacet={list.setFacet}
          search={question.search}
          filter={question.filter}
          onSaved={(s) => list.setSaved(s.search, s.filter)}
          source={sources?.find((s) => s.id === question.source)}
          onNoSource={() => list.setSource(null)}
        />
        <Caveats caveats={groups.page?.caveats ?? []} />
        <div className={styles.rows}>
          {groups.error && !groups.stale ? (
            <FaultView error={groups.error} onRetry={groups.retry} />
          ) : (
            <VirtualGrid
              ref={grid}
              label="Groups"
              columns={columns}
              total={groups.loading ? 20 : groups.total}
              row={groups.row}
              rowKey={(row) => row.key}
              selected={key ?? null}
              onOpen={open}
              onFollow={follow}
              onRange={groups.onRange}
              sort={question.sort}
              descending={question.descending}
              onSort={list.setSort}
              listKey={JSON.stringify(question)}
              stale={groups.stale}
              empty={
                narrowed && (of ?? 0) > 0 ? (
                  <Empty title="No group matches." acts={<button type="button" className={buttonClass()} onClick={list.clear}>Show all groups</button>}>
                    Search, filter and the chips above narrow the list together.
                  </Empty>
                ) : (
                  <Empty title="Groups will be here." acts={<Link className={buttonClass()} to={sources?.length === 0 ? "/sources/new" : "/sources"}>{sources?.length === 0 ? "Connect a system" : "Look at the sources"}</Link>}>
                    Every group that the connected systems hold, with its members, the groups inside it, and what the systems say differently.
                  </Empty>
                )
              }
            />
          )}
        </div>
        <Legend items={LEGEND} />
      </div>
      {key !== undefined && <GroupInspector groupKey={key} onClose={close} />}
      <ExportDialog
        what="groups"
        total={groups.total}
        columns={exported(columns)}
        isOpen={params.get("export") === "1"}
        onClose={() => go({ set: { export: null }, replace: true })}
        write={(ids, format, path) => api.exportGroups({ ...question, offset: 0, limit: 500 }, ids, format, path)}
      />
    </div>
  );
}
