/** People: everyone whom any source knows, one row each. */
import { Link2 } from "lucide-react";
import { Link } from "react-router";
import { personPath } from "../../components/address";
import { buttonClass } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { count } from "../../components/format";
import { changedColumn, ListScreen, nameColumn, slotColumns, type ListSpec } from "../../components/ListScreen";
import styles from "../../components/ListScreen.module.css";
import type { Column } from "../../components/VirtualGrid";
import { api, type PeopleFacet, type PeopleSort, type PersonRow, type Source } from "../../ipc";
import { PersonInspector } from "./PersonInspector";
import { PrivilegeCell } from "./PrivilegeCell";

const columns = (sources: readonly Source[]): Column<PersonRow>[] => [
  nameColumn((row) => row.accountType),
  { id: "userName", label: "User name", min: 170, grow: 1.6, rank: 4, sort: "userName", cell: (row) => <code className={`cut t3`}>{row.userName}</code> },
  { id: "email", label: "E-mail", min: 210, grow: 2, rank: 6, sort: "email", cell: (row) => <span className={styles.mail}>{row.email}</span> },
  { id: "title", label: "Title", min: 160, grow: 1.4, rank: 5, sort: "title", cell: (row) => <bdi className="cut t2">{row.title}</bdi> },
  { id: "department", label: "Department", min: 118, grow: 1, rank: 3, sort: "department", cell: (row) => <bdi className="cut t2">{row.department}</bdi> },
  ...slotColumns<PersonRow>(sources, "person"),
  { id: "groups", label: "Groups", min: 64, rank: 1, align: "end", sort: "groups", cell: (row) => count(row.groups) },
  {
    id: "privilege", label: "Highest privilege", min: 190, grow: 1.8, rank: 2, sort: "privilege",
    cell: (row) => <PrivilegeCell privilege={row.privilege} />,
  },
  { id: "roles", label: "SCIM roles", min: 78, rank: 7, align: "end", sort: "roles", cell: (row) => <span className={row.roles === 0 ? "t3" : ""}>{count(row.roles)}</span> },
  changedColumn(),
];

const PEOPLE: ListSpec<PersonRow, PeopleFacet, PeopleSort> = {
  what: "people",
  title: "People",
  resource: "User",
  facets: [
    { id: "everyone", text: "Everyone", always: true },
    { id: "active", text: "Active" },
    { id: "disabled", text: "Disabled" },
    { id: "differs", text: "Systems differ", always: true },
    { id: "leftBehind", text: "Left, still active", always: true },
    { id: "service", text: "Service accounts" },
    { id: "unconfirmed", text: "Not seen lately" },
  ],
  sorts: ["name", "userName", "email", "title", "department", "groups", "privilege", "roles", "changed"],
  downFirst: ["groups", "privilege", "roles", "changed"],
  columns,
  standard: ["userName", "email", "title", "department", "groups", "privilege", "roles", "changed"],
  fields: { changed: "changedAt" },
  legend: [
    { glyph: "active", text: "active" },
    { glyph: "disabled", text: "disabled" },
    { glyph: "noAccount", text: "no account" },
    { glyph: "unstated", text: "state not told" },
    { glyph: "differs", text: "differs" },
    { glyph: "unconfirmed", text: "not seen lately" },
    { glyph: "notEvaluated", text: "not evaluated" },
  ],
  path: personPath,
  page: api.people,
  counts: api.peopleFacets,
  write: api.exportPeople,
  nobodyMatches: { title: "Nobody matches.", all: "Show everyone" },
};

export const PeopleScreen = () => (
  <ListScreen
    spec={PEOPLE}
    acts={<Link className={buttonClass("quiet")} to="/joins" title="Who is the same, by which rule, and what could not be decided"><Link2 className="s" />Joins</Link>}
    nothing={(sources) =>
      sources.length === 0 ? (
        <Empty title="People will be here." acts={<Link className={buttonClass("primary")} to="/sources/new">Connect a system</Link>}>
          Once a system is connected and synced, everyone whom it knows stands here, with what each system says of them.
        </Empty>
      ) : (
        <Empty title="No people yet." acts={<Link className={buttonClass()} to="/sources">Look at the sources</Link>}>
          The connected systems have not been read yet, or hold no accounts. Start a sync with Sync all.
        </Empty>
      )
    }
    Inspector={PersonInspector}
  />
);
