/** Where one is, in words. */
import { useQueryClient } from "@tanstack/react-query";
import { useLocation } from "react-router";
import type { GroupDetail, PersonDetail } from "../ipc";
import { keys, useSources } from "../ipc/queries";

interface Crumb {
  path: string;
  text: string;
}

const TITLES: Record<string, string> = { overview: "Overview", people: "People", groups: "Groups", audit: "Audit log", sources: "Sources", settings: "Settings", welcome: "Welcome" };

export function useCrumbs(): Crumb[] {
  const { pathname } = useLocation();
  const client = useQueryClient();
  const sources = useSources().data ?? [];
  const [screen = "overview", part, rest] = pathname.split("/").filter(Boolean);
  const crumbs: Crumb[] = [{ path: `/${screen}`, text: TITLES[screen] ?? screen }];
  if (part === undefined) return crumbs;
  const key = decodeURIComponent(part);
  let text = key;
  if (screen === "people") text = client.getQueryData<PersonDetail>([...keys.directory, "person", key])?.row.name ?? "…";
  else if (screen === "groups") text = client.getQueryData<GroupDetail>([...keys.directory, "group", key])?.row.name ?? "…";
  else if (screen === "audit") text = `Entry ${key}`;
  else if (screen === "sources") text = part === "new" ? "Connect a system" : (sources.find((s) => s.id === Number(part))?.settings.name ?? "…");
  crumbs.push({ path: `/${screen}/${part}`, text });
  if (rest === "edit") crumbs.push({ path: pathname, text: "Edit" });
  return crumbs;
}
