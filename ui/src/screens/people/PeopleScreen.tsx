/** People: everyone whom any source knows, one row each. */
import { useQuery } from "@tanstack/react-query";
import { Download, Link2 } from "lucide-react";
import { useCallback, useMemo, useRef } from "react";
import { Link, useParams } from "react-router";
import { personPath, useAddress } from "../../components/address";
import { IconButton, SearchField, Time, buttonClass } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { ExportDialog } from "../../components/ExportDialog";
import { FaultView } from "../../components/FaultView";
import { FilterBox } from "../../components/FilterBox";
import { count } from "../../components/format";
import { Caveats, ColumnMenu, Facets, Legend } from "../../components/ListParts";
import { Face, SlotGlyph, SourceMark } from "../../components/marks";
import { useColumns } from "../../components/useColumns";
import { useListState } from "../../components/useListState";
import { useWindowed } from "../../components/useWindowed";
import { VirtualGrid, type Column, type GridHandle } from "../../components/VirtualGrid";
import { api, type PeopleFacet, type PeoplePage, type PeopleSort, type PersonRow, type Source } from "../../ipc";
import { keys, useSources } from "../../ipc/queries";
import { PersonInspector } from "./PersonInspector";
import styles from "../../components/ListScreen.module.css";

const FACETS: readonly { id: PeopleFacet; text: string; always?: boolean }[] = [
  { id: "everyone", text: "Everyone", always: true },
  { id: "active", text: "Active" },
  { id: "disabled", text: "Disabled" },
  { id: "differs", text: "Systems differ", always: true },
  { id: "leftBehind", text: "Left, still active", always: true },
  { id: "service", text: "Service accounts" },
  { id: "unconfirmed", text: "Not seen lately" },
];
const SORTS: readonly PeopleSort[] = ["name", "userName", "email", "title", "department", "groups", "roles", "changed"];
const LIST = { facets: FACETS.map((f) => f.id), sorts: SORTS, downFirst: ["groups", "roles", "changed"] as const };
const DEFAULTS = { facet: "everyone", sort: "name" } as const;
const STANDARD = ["userName", "email", "title", "department", "groups", "roles", "changed"];

function columnsFor(sources: readonly Source[]): Column<PersonRow>[] {
  return [
    {
      id: "name", label: "Name", min: 176, grow: 3, rank: 0, sort: "name",
      cell: (row) => (
        <span className={styles.who} data-face>
          <Face name={row.name} type={row.accountType} />
          <bdi title={row.name}>{row.name}</bdi>
        </span>
      ),
    },
    { id: "userName", label: "User name", min: 170, grow: 1.6, rank: 4, sort: "userName", cell: (row) => <code className={`cut t3`}>{row.userName}</code> },
    { id: "email", label: "E-mail", min: 210, grow: 2, rank: 6, sort: "email", cell: (row) => <span className={styles.mail}>{row.email}</span> },
    { id: "title", label: "Title", min: 160, grow: 1.4, rank: 5, sort: "title", cell: (row) => <bdi className="cut t2">{row.title}</bdi> },
    { id: "department", label: "Department", min: 118, grow: 1, rank: 3, sort: "department", cell: (row) => <bdi className="cut t2">{row.department}</bdi> },
    ...sources.map((source, n): Column<PersonRow> => ({
      id: `slot-${source.id}`, label: source.settings.name, head: <SourceMark source={source} small />, min: 26, rank: 0, align: "center",
      cell: (row) => {
        const slot = row.slots[n]?.source === source.id ? row.slots[n] : row.slots.find((s) => s.source === source.id);
        return slot ? <SlotGlyph slot={slot} source={source} /> : null;
      },
    })),
    { id: "groups", label: "Groups", min: 64, rank: 1, align: "end", sort: "groups", cell: (row) => count(row.groups) },
    { id: "roles", label: "Roles", min: 54, rank: 2, align: "end", sort: "roles", cell: (row) => <span className={row.roles === 0 ? "t3" : ""}>{count(row.roles)}</span> },
    { id: "changed", label: "Changed", min: 76, rank: 1, align: "end", sort: "changed", cell: (row) => <span className="t3 xs"><Time at={row.changedAt} form="stamp" none="" /></span> },
  ];
}

const LEGEND = [
  { glyph: "active", text: "active" },
  { glyph: "disabled", text: "disabled" },
  { glyph: "noAccount", text: "no account" },
  { glyph: "differs", text: "differs" },
  { glyph: "unconfirmed", text: "not seen lately" },
  { glyph: "notEvaluated", text: "not evaluated" },
] as const;

export function PeopleScreen() {
  const { key } = useParams();
  const { go, params } = useAddress();
  const grid = useRef<GridHandle>(null);
  const sources = useSources().data;
  const list = useListState(LIST, DEFAULTS);
  const facets = useQuery({ queryKey: [...keys.directory, "people-facets"], queryFn: api.peopleFacets });
  const exporting = params.get("export") === "1";

  const all = useMemo(() => columnsFor(sources ?? []), [sources]);
  const { columns, wanted, choose } = useColumns("people", all, STANDARD);

  const question = list.state;
  const people = useWindowed<PersonRow, PeoplePage>("people", question, (offset, limit) => api.people({ ...question, offset, limit }));

  const open = useCallback((row: PersonRow) => go({ path: personPath(row.key) }), [go]);
  const follow = useCallback((row: PersonRow) => go({ path: personPath(row.key), replace: true }), [go]);
  const close = useCallback(() => {
    go({ path: "/people", set: { tab: null } });
    grid.current?.focus();
  }, [go]);

  const narrowed = question.search !== "" || question.filter !== null || question.facet !== "everyone" || question.source !== null;
  const of = people.page?.of;

  return (
    <div className={styles.screen}>
      <div className={styles.pane}>
        <div className={styles.head}>
          <h1>People</h1>
          <span className={`${styles.count} grow`} data-testid="count" aria-live="polite">
            {people.page && of !== undefined && (narrowed ? `${count(people.total)} of ${count(of)}` : count(of))}
          </span>
          <Link className={buttonClass("quiet")} to="/joins" title="Who is the same, by which rule, and what could not be decided"><Link2 className="s" />Joins</Link>
          <ColumnMenu all={all} wanted={wanted} onChange={choose} />
          <IconButton label="Export what is shown" onPress={() => go({ set: { export: "1" }, replace: true })}>
            <Download />
          </IconButton>
        </div>
        <div className={styles.query}>
          <SearchField label="Search people" value={list.typed} onChange={list.setTyped} slash onDown={() => grid.current?.focus()} />
          <FilterBox resource="User" value={question.filter} onApply={list.setFilter} matches={people.total} />
        </div>
        <Facets
          screen="people"
          label="Ready-made and saved filters"
          facets={FACETS.map((f) => ({ ...f, count: f.id === "everyone" ? undefined : facets.data?.find((c) => c.facet === f.id)?.count }))}
          facet={question.facet}
          onFacet={list.setFacet}
          search={question.search}
          filter={question.filter}
          onSaved={(s) => list.setSaved(s.search, s.filter)}
          source={sources?.find((s) => s.id === question.source)}
          onNoSource={() => list.setSource(null)}
        />
        <Caveats caveats={people.page?.caveats ?? []} />
        <div className={styles.rows}>
          {people.error && !people.stale ? (
            <FaultView error={people.error} onRetry={people.retry} />
          ) : (
            <VirtualGrid
              ref={grid}
              label="People"
              columns={columns}
              total={people.loading ? 20 : people.total}
              row={people.row}
              rowKey={(row) => row.key}
              selected={key ?? null}
              onOpen={open}
              onFollow={follow}
              onRange={people.onRange}
              sort={question.sort}
              descending={question.descending}
              onSort={list.setSort}
              listKey={JSON.stringify(question)}
              stale={people.stale}
              empty={<Nobody narrowed={narrowed} of={of ?? 0} sources={sources ?? []} onClear={list.clear} />}
            />
          )}
        </div>
        <Legend items={LEGEND} />
      </div>
      {key !== undefined && <PersonInspector personKey={key} onClose={close} />}
      <ExportDialog
        what="people"
        total={people.total}
        columns={exported(columns)}
        isOpen={exporting}
        onClose={() => go({ set: { export: null }, replace: true })}
        write={(ids, format, path) => api.exportPeople({ ...question, offset: 0, limit: 500 }, ids, format, path)}
      />
    </div>
  );
}

/** The columns on screen under the names that rows give their fields; the slots are one field. */
function exported(columns: readonly Column<PersonRow>[]) {
  const plain = columns.filter((c) => !c.id.startsWith("slot-")).map((c) => ({ id: c.id === "changed" ? "changedAt" : c.id, label: c.label }));
  return [...plain, { id: "slots", label: "Systems" }];
}

function Nobody({ narrowed, of, sources, onClear }: { narrowed: boolean; of: number; sources: readonly Source[]; onClear: () => void }) {
  if (narrowed && of > 0) {
    return (
      <Empty title="Nobody matches." acts={<button type="button" className={buttonClass()} onClick={onClear}>Show everyone</button>}>
        Search, filter and the chips above narrow the list together.
      </Empty>
    );
  }
  return sources.length === 0 ? (
    <Empty title="People will be here." acts={<Link className={buttonClass("primary")} to="/sources/new">Connect a system</Link>}>
      Once a system is connected and synced, everyone whom it knows stands here, with what each system says of them.
    </Empty>
  ) : (
    <Empty title="No people yet." acts={<Link className={buttonClass()} to="/sources">Look at the sources</Link>}>
      The connected systems have not been read yet, or hold no accounts. Start a sync with Sync all.
    </Empty>
  );
}
