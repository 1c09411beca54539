/** What the map shows stands in its address: one query, the view of it, and what is looked at closely. */
import { useCallback, useMemo } from "react";
import { useLocation, useNavigate } from "react-router";
import type { MapQuery, MapViewName, SourceKind } from "../../ipc";

export interface MapState {
  view: MapViewName;
  query: MapQuery;
  /** Which of the paths between focus and target is followed, from 0. */
  path: number;
  /** The cell of the matrix that is looked at. */
  cell: { group: string; role: string } | null;
  /** The row of the table, or of "Who can restore", that is looked at. */
  row: { who: string; role: string; scope: string } | null;
}

export const EMPTY_QUERY: MapQuery = { systems: [], sources: [], privileged: false, canRestore: false, drifted: false, nonHuman: false, search: "", focus: null, target: null, open: [] };

const VIEWS: readonly MapViewName[] = ["flow", "matrix", "table", "restore"];
const KINDS: readonly SourceKind[] = ["scim", "backstage", "azure"];

export function parseMap(search: string): MapState {
  const p = new URLSearchParams(search);
  const group = p.get("group");
  const role = p.get("role");
  const who = p.get("who");
  const scope = p.get("scope");
  const path = Number(p.get("path") ?? "1");
  return {
    view: VIEWS.find((v) => v === p.get("view")) ?? "flow",
    query: {
      systems: KINDS.filter((k) => p.getAll("system").includes(k)),
      sources: p.getAll("source").map(Number).filter((n) => Number.isSafeInteger(n) && n > 0),
      privileged: p.get("privileged") === "1", canRestore: p.get("restore") === "1", drifted: p.get("drifted") === "1", nonHuman: p.get("nonhuman") === "1",
      search: p.get("q") ?? "", focus: p.get("focus"), target: p.get("focus") === null ? null : p.get("target"), open: p.getAll("open"),
    },
    path: Number.isSafeInteger(path) && path > 0 ? path - 1 : 0,
    cell: group !== null && role !== null ? { group, role } : null,
    row: who !== null && role !== null && scope !== null ? { who, role, scope } : null,
  };
}

export function formatMap({ view, query, path, cell, row }: MapState): string {
  const p = new URLSearchParams();
  const flag = (name: string, on: boolean) => on && p.set(name, "1");
  if (view !== "flow") p.set("view", view);
  for (const kind of query.systems) p.append("system", kind);
  for (const id of query.sources) p.append("source", String(id));
  flag("privileged", query.privileged);
  flag("restore", query.canRestore);
  flag("drifted", query.drifted);
  flag("nonhuman", query.nonHuman);
  if (query.search !== "") p.set("q", query.search);
  if (query.focus !== null) p.set("focus", query.focus);
  if (query.focus !== null && query.target !== null) p.set("target", query.target);
  for (const id of query.open) p.append("open", id);
  if (path > 0) p.set("path", String(path + 1));
  if (cell) {
    p.set("group", cell.group);
    p.set("role", cell.role);
  } else if (row) {
    p.set("who", row.who);
    p.set("role", row.role);
    p.set("scope", row.scope);
  }
  const text = p.toString();
  return text === "" ? "" : `?${text}`;
}

export const mapPath = (change: Partial<Omit<MapState, "query">> & { query?: Partial<MapQuery> }) =>
  `/access${formatMap({ view: "flow", path: 0, cell: null, row: null, ...change, query: { ...EMPTY_QUERY, ...change.query } })}`;

/** Whether filters narrow the picture; focus and open stacks do not. */
export const narrowed = (q: MapQuery) => q.systems.length > 0 || q.sources.length > 0 || q.privileged || q.canRestore || q.drifted || q.nonHuman || q.search !== "";

export type GoMap = (change: Partial<Omit<MapState, "query">> & { query?: Partial<MapQuery> }, replace?: boolean) => void;

export function useMapAddress(): { state: MapState; go: GoMap } {
  const { search } = useLocation();
  const navigate = useNavigate();
  const state = useMemo(() => parseMap(search), [search]);
  const go = useCallback<GoMap>(
    (change, replace = false) => {
      const next = formatMap({ ...state, ...change, query: { ...state.query, ...change.query } });
      if (next !== search) void navigate({ pathname: "/access", search: next }, { replace });
    },
    [state, search, navigate],
  );
  return { state, go };
}

/**
 * What a press on a box asks for. A person and a role or scope make a pair, whichever is pressed first; a second press takes it back.
 */
export function pressed(query: MapQuery, id: string): Partial<MapQuery> {
  const person = (key: string | null) => key?.startsWith("person:") === true;
  const held = (key: string | null) => key !== null && /^(role|scope):/.test(key);
  if (id === query.target) return { target: null };
  if (id === query.focus) return { focus: null, target: null };
  if (person(query.focus) && held(id)) return { target: id };
  if (held(query.focus) && person(id)) return { focus: id, target: query.focus };
  return { focus: id, target: null };
}
