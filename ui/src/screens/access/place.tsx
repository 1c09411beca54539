/** What every view of the map shares: what it is given, and what it shows where there is nothing to draw. */
import { Link } from "react-router";
import { buttonClass } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { ago } from "../../components/format";
import type { Caveat, Source } from "../../ipc";
import { narrowed, type GoMap, type MapState } from "./mapAddress";

export interface PlaceProps {
  state: MapState;
  go: GoMap;
  sources: readonly Source[];
  focusName: string | null;
  /** Takes all filters and the focus away. */
  clear: () => void;
}

/** The question in words around the focus. */
export function askOf({ state: { query, view }, focusName }: Pick<PlaceProps, "state" | "focusName">) {
  if (view === "restore") return { before: "Who can restore from which vault, by which way?", name: null, after: "" };
  if (focusName === null) return { before: view === "matrix" ? "Which groups hold which roles, and how many people that reaches" : "Who can reach what, and through what?", name: null, after: "" };
  return query.focus?.startsWith("person:") === true ? { before: "What can", name: focusName, after: "reach, and through what?" } : { before: "Who reaches", name: focusName, after: query.focus?.startsWith("group:") === true ? "and what through it?" : "and through what?" };
}

/** The engine's caveats, and what the sources' own state adds to them. */
export function allCaveats(caveats: readonly Caveat[], sources: readonly Source[], now: number): Caveat[] {
  const known = new Set(caveats.map((c) => c.source));
  const own = sources.flatMap((s): Caveat[] => {
    const { name, enabled } = s.settings;
    if (!enabled) return [{ source: s.id, text: `${name} is switched off: what stands here of it is ${s.lastSyncAt === null ? "nothing" : `of ${ago(s.lastSyncAt, now)}`}.` }];
    if (s.health === "new" && !known.has(s.id)) return [{ source: s.id, text: `${name} was never synced: access there is not evaluated.` }];
    if (s.health === "stale" && s.lastSyncAt !== null) return [{ source: s.id, text: `${name} was last read ${ago(s.lastSyncAt, now)}: what changed there since is not shown.` }];
    if (s.health === "failing" && !known.has(s.id)) return [{ source: s.id, text: s.lastSyncAt === null ? `${name} could not be read: access there is not evaluated.` : `The last sync of ${name} failed: what stands here may be older than it looks.` }];
    return [];
  });
  return [...caveats, ...own];
}

/** Nothing to draw: because of the filters, because nothing that grants access is connected, or because nothing was read. Never "nobody". */
export function NothingHere({ state, sources, caveats, clear }: Pick<PlaceProps, "state" | "sources" | "clear"> & { caveats: readonly Caveat[] }) {
  if (narrowed(state.query) || state.query.focus !== null) {
    return (
      <Empty title="Nothing matches." acts={<button type="button" className={buttonClass()} onClick={clear}>Show the whole map</button>}>
        No access that was read matches the filters together{caveats.length > 0 ? "; what was not read could" : ""}.
      </Empty>
    );
  }
  if (!sources.some((s) => s.settings.kind !== "scim")) {
    return (
      <Empty title="The access map will be here." acts={<Link className={buttonClass("primary")} to="/sources/new">Connect a system</Link>}>
        People, the groups they are in, the roles those hold and on what. Roles come from Backstage and Azure: connect one of them, and sync it.
      </Empty>
    );
  }
  return (
    <Empty title="No access was read yet." acts={<Link className={buttonClass()} to="/sources">Look at the sources</Link>}>
      {caveats.length > 0 ? "This does not mean that nobody holds anything: what could not be read is named above." : "Sync Backstage or Azure, and the roles they grant will be here."}
    </Empty>
  );
}
