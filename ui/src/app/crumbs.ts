/** Where one is, in words. */
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "react-router";
import { api } from "../ipc";
import { keys, useSources } from "../ipc/queries";

interface Crumb {
  path: string;
  text: string;
}

const TITLES: Record<string, string> = { overview: "Overview", people: "People", groups: "Groups", audit: "Audit log", sources: "Sources", settings: "Settings", welcome: "Welcome" };

export function useCrumbs(): Crumb[] {
  const { pathname } = useLocation();
  const sources = useSources().data ?? [];
  const [screen = "overview", part, rest] = pathname.split("/").filter(Boolean);
  const key = part === undefined ? "" : decodeURIComponent(part);
  // The inspector asks; the crumbs only read along.
  const person = useQuery({ queryKey: [...keys.directory, "person", key], queryFn: () => api.person(key), enabled: false });
  const group = useQuery({ queryKey: [...keys.directory, "group", key], queryFn: () => api.group(key), enabled: false });
  const crumbs: Crumb[] = [{ path: `/${screen}`, text: TITLES[screen] ?? screen }];
  if (part === undefined) return crumbs;
  let text = key;
  if (screen === "people") text = person.data?.row.name ?? "…";
  else if (screen === "groups") text = group.data?.row.name ?? "…";
  else if (screen === "audit") text = `Entry ${key}`;
  else if (screen === "sources") text = part === "new" ? "Connect a system" : (sources.find((s) => s.id === Number(part))?.settings.name ?? "…");
  crumbs.push({ path: `/${screen}/${part}`, text });
  if (rest === "edit") crumbs.push({ path: pathname, text: "Edit" });
  return crumbs;
}
