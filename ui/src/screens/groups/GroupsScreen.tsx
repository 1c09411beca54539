/** Groups: every group that any source holds, the same team on one row. */
import { Link } from "react-router";
import { groupPath } from "../../components/address";
import { buttonClass } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { count } from "../../components/format";
import { changedColumn, ListScreen, nameColumn, slotColumns, type ListSpec } from "../../components/ListScreen";
import type { Column } from "../../components/VirtualGrid";
import { api, type GroupFacet, type GroupRow, type GroupSort, type Source } from "../../ipc";
import { GroupInspector } from "./GroupInspector";

/** A number that a source may not tell; an untold one is no zero. */
const Told = ({ value }: { value: number | null }) =>
  value === null ? (
    <span className="ne" title="The source does not list members">
      not listed
    </span>
  ) : (
    <span className={value === 0 ? "t3" : ""}>{count(value)}</span>
  );

const columns = (sources: readonly Source[]): Column<GroupRow>[] => [
  nameColumn(() => "group"),
  ...slotColumns<GroupRow>(sources, "group"),
  { id: "members", label: "Members", min: 86, grow: 0.4, rank: 1, align: "end", sort: "members", cell: (row) => <Told value={row.members} /> },
  { id: "nested", label: "Of them groups", min: 112, grow: 0.4, rank: 4, align: "end", cell: (row) => <Told value={row.nestedGroups} /> },
  { id: "people", label: "People", min: 80, grow: 0.4, rank: 2, align: "end", sort: "people", cell: (row) => <Told value={row.people} /> },
  { id: "parents", label: "Inside of", min: 84, grow: 0.4, rank: 3, align: "end", cell: (row) => <Told value={row.parents} /> },
  changedColumn(0.2),
];

const GROUPS: ListSpec<GroupRow, GroupFacet, GroupSort> = {
  what: "groups",
  title: "Groups",
  resource: "Group",
  facets: [
    { id: "all", text: "All", always: true },
    { id: "differs", text: "Systems differ", always: true },
    { id: "nested", text: "With groups inside", always: true },
    { id: "empty", text: "Empty", always: true },
    { id: "unconfirmed", text: "Not seen lately" },
  ],
  sorts: ["name", "members", "people", "changed"],
  downFirst: ["members", "people", "changed"],
  columns,
  standard: ["members", "nested", "people", "parents", "changed"],
  fields: { nested: "nestedGroups", changed: "changedAt" },
  legend: [
    { glyph: "active", text: "held" },
    { glyph: "noAccount", text: "not held" },
    { glyph: "differs", text: "differs" },
    { glyph: "unconfirmed", text: "not seen lately" },
    { glyph: "notEvaluated", text: "not evaluated" },
  ],
  path: groupPath,
  page: api.groups,
  counts: api.groupFacets,
  write: api.exportGroups,
  nobodyMatches: { title: "No group matches.", all: "Show all groups" },
};

export const GroupsScreen = () => (
  <ListScreen
    spec={GROUPS}
    nothing={(sources) => (
      <Empty title="Groups will be here." acts={<Link className={buttonClass()} to={sources.length === 0 ? "/sources/new" : "/sources"}>{sources.length === 0 ? "Connect a system" : "Look at the sources"}</Link>}>
        Every group that the connected systems hold, with its members, the groups inside it, and what the systems say differently.
      </Empty>
    )}
    Inspector={GroupInspector}
  />
);
