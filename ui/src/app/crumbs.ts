/** Where one is, in words. */
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "react-router";
import { api, type MapViewName } from "../ipc";
import { ownToken, tokenPath } from "../components/address";
import { useNow } from "../components/now";
import { since } from "../components/spans";
import { keys, useCredentials, useFinding, useFindingRules, useFlow, useRotation, useSources } from "../ipc/queries";
import { formatMap, parseMap } from "../screens/access/mapAddress";

interface Crumb {
  path: string;
  text: string;
}

const TITLES: Record<string, string> = { overview: "Overview", people: "People", groups: "Groups", joins: "Joins", access: "Access map", findings: "Findings", changes: "Changes", deprovision: "De-provisioning", tokens: "Tokens", audit: "Audit log", sources: "Sources", settings: "Settings", welcome: "Welcome" };

const VIEWS: Record<MapViewName, string | null> = { flow: null, matrix: "Matrix", table: "Table", restore: "Who can restore" };

export function useCrumbs(): Crumb[] {
  const { pathname, search } = useLocation();
  const sources = useSources().data ?? [];
  const [screen = "overview", part, rest] = pathname.split("/").filter(Boolean);
  const key = part === undefined ? "" : decodeURIComponent(part);
  // The inspector asks; the crumbs only read along.
  const person = useQuery({ queryKey: [...keys.directory, "person", key], queryFn: () => api.person(key), enabled: false });
  const group = useQuery({ queryKey: [...keys.directory, "group", key], queryFn: () => api.group(key), enabled: false });
  const leaver = useQuery({ queryKey: [...keys.runs, "leaver", key], queryFn: () => api.leaver(key), enabled: false });
  const tokens = useCredentials(false).data;
  const rotation = useRotation(screen === "tokens" && part === "rotations" ? Number(rest) : 0, false).data;
  const finding = useFinding(screen === "findings" ? key : "", false).data;
  const rules = useFindingRules(since(1, useNow()), false).data;
  const map = parseMap(screen === "access" ? search : "");
  const flow = useFlow(map.query, false);
  const crumbs: Crumb[] = [{ path: `/${screen}`, text: TITLES[screen] ?? screen }];
  if (screen === "access") {
    const view = VIEWS[map.view];
    if (view !== null) crumbs.push({ path: `/access?view=${map.view}`, text: view });
    for (const [id, shown] of [[map.query.focus, { ...map, cell: null, row: null, path: 0, query: { ...map.query, target: null } }], [map.query.target, map]] as const) {
      if (id !== null && map.view !== "restore") crumbs.push({ path: `/access${formatMap(shown)}`, text: flow.data?.nodes.find((n) => n.id === id)?.label ?? "…" });
    }
  }
  if (part === undefined) return crumbs;
  if (screen === "tokens") {
    if (part === "rotations") {
      if (rotation) crumbs.push({ path: tokenPath(ownToken(rotation.summary.source)), text: rotation.summary.sourceName });
      crumbs.push({ path: pathname, text: `Rotation ${rest ?? ""}` });
    } else crumbs.push({ path: pathname, text: tokens?.credentials.find((c) => c.id === key)?.name ?? "…" });
    return crumbs;
  }
  if (screen === "findings") {
    if (part === "rules") {
      crumbs.push({ path: "/findings/rules", text: "Rules" });
      if (rest !== undefined) crumbs.push({ path: pathname, text: rules?.find((r) => r.rule.id === decodeURIComponent(rest))?.rule.title ?? "…" });
    } else crumbs.push({ path: pathname, text: finding?.row.ruleTitle ?? "…" });
    return crumbs;
  }
  if (screen === "deprovision") {
    const what = rest === undefined ? "" : decodeURIComponent(rest);
    if (part === "runs") {
      crumbs.push({ path: pathname, text: `Run ${what}` });
    } else crumbs.push({ path: pathname, text: part === "evidence" ? "Evidence" : what === "new" ? "New plan" : what.replace(/\.ya?ml$/, "") });
    return crumbs;
  }
  let text = key;
  if (screen === "people") text = person.data?.row.name ?? leaver.data?.who.name ?? "…";
  else if (screen === "groups") text = group.data?.row.name ?? "…";
  else if (screen === "audit") text = `Entry ${key}`;
  else if (screen === "sources") text = part === "new" ? "Connect a system" : (sources.find((s) => s.id === Number(part))?.settings.name ?? "…");
  crumbs.push({ path: `/${screen}/${part}`, text });
  if (rest === "offboard") crumbs.push({ path: pathname, text: "Walk out" });
  if (rest === "edit") crumbs.push({ path: pathname, text: "Edit" });
  return crumbs;
}
