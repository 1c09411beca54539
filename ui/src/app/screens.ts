/** The screens, each in a file of its own that is fetched when it is first wanted: the first rows do not wait for the access map's code. */
import { lazy, type ComponentType } from "react";

/** A screen that comes when it is wanted, and what fetches it beforehand. */
interface Late {
  Screen: ComponentType;
  fetch: () => Promise<unknown>;
}

function late<M>(fetch: () => Promise<M>, name: keyof M): Late {
  return { Screen: lazy(async () => ({ default: (await fetch())[name] as ComponentType })), fetch };
}

const overview = late(() => import("../screens/overview/OverviewScreen"), "OverviewScreen");
const people = late(() => import("../screens/people/PeopleScreen"), "PeopleScreen");
const groups = late(() => import("../screens/groups/GroupsScreen"), "GroupsScreen");
const access = late(() => import("../screens/access/AccessScreen"), "AccessScreen");
const findings = late(() => import("../screens/findings/FindingsScreen"), "FindingsScreen");
const rules = late(() => import("../screens/findings/RulesScreen"), "RulesScreen");

const changes = late(() => import("../screens/changes/ChangesScreen"), "ChangesScreen");
const deprovision = late(() => import("../screens/deprovision/DeprovisionScreen"), "DeprovisionScreen");
const offboard = late(() => import("../screens/deprovision/OffboardScreen"), "OffboardScreen");
const plan = late(() => import("../screens/deprovision/PlanScreen"), "PlanScreen");
const run = late(() => import("../screens/deprovision/RunScreen"), "RunScreen");
const evidence = late(() => import("../screens/deprovision/EvidenceScreen"), "EvidenceScreen");
const tokens = late(() => import("../screens/tokens/TokensScreen"), "TokensScreen");
const rotation = late(() => import("../screens/tokens/RotationScreen"), "RotationScreen");
const joins = late(() => import("../screens/joins/JoinsScreen"), "JoinsScreen");
const audit = late(() => import("../screens/audit/AuditScreen"), "AuditScreen");
const sourceForm = late(() => import("../screens/sources/SourceFormScreen"), "SourceFormScreen");
const sources = late(() => import("../screens/sources/SourcesScreen"), "SourcesScreen");
const settings = late(() => import("../screens/settings/SettingsScreen"), "SettingsScreen");

/** Which screen stands at which address. */
export const ROUTES: readonly (readonly [path: string, screen: Late])[] = [
  ["/overview", overview],
  ["/people", people],
  ["/people/:key", people],
  ["/people/:key/offboard", offboard],
  ["/groups", groups],
  ["/groups/:key", groups],
  ["/access", access],
  ["/findings", findings],
  ["/findings/rules", rules],
  ["/findings/rules/:rule", rules],
  ["/findings/:id", findings],
  ["/changes", changes],
  ["/deprovision", deprovision],
  ["/deprovision/plans/:file", plan],
  ["/deprovision/runs/:id", run],
  ["/deprovision/evidence", evidence],
  ["/tokens", tokens],
  ["/tokens/:id", tokens],
  ["/tokens/rotations/:id", rotation],
  ["/joins", joins],
  ["/audit", audit],
  ["/audit/:seq", audit],
  ["/sources/new", sourceForm],
  ["/sources/:id/edit", sourceForm],
  ["/sources", sources],
  ["/sources/:id", sources],
  ["/settings", settings],
];

/** Fetches the screen at an address, while the folder is being opened. What cannot be fetched is told when it is wanted. */
export function fetchScreen(path: string) {
  const first = path.split("/")[1] ?? "";
  const found = ROUTES.find(([at]) => at === path) ?? ROUTES.find(([at]) => at === `/${first}`) ?? ROUTES[0];
  found?.[1].fetch().catch(() => undefined);
}

/** Fetches all others, one after the other, so that going there later waits for nothing. */
export async function fetchOthers() {
  for (const [, screen] of ROUTES) await screen.fetch().catch(() => undefined);
}
