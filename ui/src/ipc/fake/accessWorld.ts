/** Who holds what in the synthetic company: groups, roles, scopes and assignments, by hand where the pictures have names. */
import type { AccessState } from "../types/AccessState";
import type { SourceKind } from "../types/SourceKind";
import { random, type FakeGroup, type FakePerson } from "./company";

export const PORTAL = 4;
export const TENANT = 5;
const LEDGERLY = 2;

export interface Team {
  key: string;
  name: string;
  /** People directly in it. */
  people: Set<number>;
  /** Groups inside it. */
  nested: string[];
  /** Per system: held, not held, held with other members, not read. */
  idp: Held;
  portal: Held;
  tenant: Held;
}
export type Held = "yes" | "no" | "differs" | "unread";

export interface Role {
  key: string;
  name: string;
  sort: string;
  system: SourceKind;
  source: number;
  privileged: boolean;
  canRestore: boolean;
}

export interface Scope {
  key: string;
  name: string;
  sort: string;
  system: SourceKind;
  source: number;
  parent: string | null;
}

export interface Grant {
  id: string;
  /** A group's name, or a person's number. */
  to: string | number;
  role: string;
  scope: string;
  state: AccessState;
  reason: string | null;
}

export interface AccessWorld {
  people: FakePerson[];
  teams: Map<string, Team>;
  roles: Map<string, Role>;
  scopes: Map<string, Scope>;
  grants: Grant[];
}

/** Name, size, and how IdP, portal and tenant hold it. */
const TEAMS: readonly [string, number, Held, Held, Held][] = [
  ["payments", 42, "yes", "differs", "yes"], ["payments-sre", 18, "yes", "yes", "yes"], ["backup-operators", 7, "no", "no", "yes"],
  ["platform-oncall", 12, "yes", "yes", "unread"], ["platform-core", 58, "yes", "yes", "yes"], ["data-platform", 31, "yes", "yes", "yes"],
  ["security-response", 9, "yes", "no", "yes"], ["catalog-maintainers", 22, "yes", "yes", "yes"], ["release-managers", 14, "yes", "yes", "yes"],
  ["freight-ops", 1204, "yes", "differs", "yes"], ["finance-approvers", 64, "yes", "no", "yes"], ["vendor-northgate", 7, "no", "no", "yes"],
  ["azure-landing-zone", 6, "no", "no", "yes"], ["breakglass", 2, "no", "no", "yes"], ["edge-network", 19, "yes", "yes", "yes"],
  ["warehouse-systems", 46, "yes", "differs", "yes"], ["customs-desk", 27, "yes", "no", "no"], ["interns-2026", 11, "yes", "yes", "yes"],
  ["observability", 13, "yes", "yes", "yes"], ["sre-weu", 10, "yes", "unread", "yes"], ["dba", 5, "yes", "yes", "yes"], ["legal-hold", 3, "yes", "no", "yes"],
  ["customer-success", 88, "yes", "no", "yes"], ["port-automation", 33, "yes", "yes", "yes"],
];

const ROLES: readonly [name: string, sort: string, system: SourceKind, privileged: boolean, canRestore: boolean][] = [
  ["payments-owner", "role:default", "backstage", true, false], ["catalog-editor", "role:default", "backstage", true, false],
  ["catalog-reader", "role:default", "backstage", false, false], ["platform-admin", "role:default", "backstage", true, false],
  ["scaffolder-user", "role:default", "backstage", false, false],
  ["Owner", "built-in role", "azure", true, true], ["User Access Administrator", "built-in role", "azure", true, false],
  ["Contributor", "built-in role", "azure", true, true], ["Backup Contributor", "built-in role", "azure", true, true],
  ["Backup Operator", "built-in role", "azure", true, true], ["Backup MUA Operator", "built-in role", "azure", true, true],
  ["VM Restore Operator", "custom role", "azure", true, true], ["Disk Restore Operator", "built-in role", "azure", true, false],
  ["Backup Reader", "built-in role", "azure", false, false], ["Reader", "built-in role", "azure", false, false],
  ["Key Vault Administrator", "built-in role", "azure", true, false], ["Network Contributor", "built-in role", "azure", true, false],
  ["Monitoring Reader", "built-in role", "azure", false, false], ["Storage Blob Data Owner", "built-in role", "azure", true, false],
  ["approver", "entitlement", "scim", true, false], ["reader", "entitlement", "scim", false, false],
];

const SCOPES: readonly [name: string, sort: string, system: SourceKind, parent: string | null][] = [
  ["catalog-entity", "read, delete", "backstage", null], ["payments-api", "component", "backstage", null], ["scaffolder-template", "use", "backstage", null],
  ["mg-halcyon", "management group", "azure", null], ["sub-payments", "subscription", "azure", "mg-halcyon"], ["sub-platform", "subscription", "azure", "mg-halcyon"],
  ["sub-data", "subscription", "azure", "mg-halcyon"], ["vault-prod", "recovery vault", "azure", "sub-payments"], ["vault-dr", "recovery vault", "azure", "sub-platform"],
  ["vault-archive", "backup vault", "azure", "sub-data"], ["guard-prod", "resource guard", "azure", "sub-platform"], ["Ledgerly", "application", "scim", null],
];

/** "group > role @ scope", with the state behind a "!". */
const GRANTS = `
payments > payments-owner @ catalog-entity
payments > catalog-editor @ payments-api
payments > catalog-reader @ catalog-entity
payments > scaffolder-user @ scaffolder-template
payments > Backup Reader @ vault-prod
payments > Reader @ sub-payments
payments > approver @ Ledgerly
payments-sre > catalog-reader @ catalog-entity
payments-sre > scaffolder-user @ scaffolder-template
payments-sre > Contributor @ sub-payments ! eligible
payments-sre > Backup Reader @ vault-prod
backup-operators > Backup Operator @ vault-prod
backup-operators > Backup Operator @ vault-dr
backup-operators > Disk Restore Operator @ sub-payments
backup-operators > Backup MUA Operator @ vault-archive ! conditional
backup-operators > Backup Reader @ vault-prod
platform-oncall > catalog-reader @ catalog-entity
platform-oncall > platform-admin @ catalog-entity
platform-core > catalog-editor @ catalog-entity
platform-core > platform-admin @ catalog-entity
platform-core > catalog-reader @ catalog-entity
platform-core > scaffolder-user @ scaffolder-template
platform-core > Contributor @ sub-platform
platform-core > Owner @ sub-platform ! eligible
platform-core > Backup Reader @ vault-dr
platform-core > Reader @ mg-halcyon
data-platform > catalog-editor @ catalog-entity
data-platform > catalog-reader @ catalog-entity
data-platform > scaffolder-user @ scaffolder-template
data-platform > Contributor @ sub-data ! conditional
data-platform > Storage Blob Data Owner @ sub-data
data-platform > Disk Restore Operator @ sub-data
data-platform > Reader @ sub-data
security-response > User Access Administrator @ mg-halcyon ! eligible
security-response > Backup Contributor @ vault-dr ! eligible
security-response > Backup MUA Operator @ guard-prod
security-response > Reader @ mg-halcyon
catalog-maintainers > catalog-editor @ catalog-entity
catalog-maintainers > catalog-reader @ catalog-entity
catalog-maintainers > scaffolder-user @ scaffolder-template
release-managers > payments-owner @ payments-api
release-managers > scaffolder-user @ scaffolder-template
release-managers > Contributor @ sub-payments ! eligible
freight-ops > catalog-reader @ catalog-entity
freight-ops > scaffolder-user @ scaffolder-template
freight-ops > Reader @ sub-platform
freight-ops > reader @ Ledgerly
finance-approvers > Reader @ sub-payments
finance-approvers > approver @ Ledgerly
vendor-northgate > Contributor @ sub-platform ! conditional
vendor-northgate > Reader @ sub-platform
azure-landing-zone > Owner @ mg-halcyon
azure-landing-zone > User Access Administrator @ mg-halcyon
azure-landing-zone > Contributor @ guard-prod
breakglass > Owner @ mg-halcyon
breakglass > User Access Administrator @ mg-halcyon
edge-network > Network Contributor @ sub-platform
edge-network > Reader @ sub-platform
warehouse-systems > catalog-editor @ catalog-entity
warehouse-systems > Reader @ sub-platform
warehouse-systems > reader @ Ledgerly
customs-desk > approver @ Ledgerly
interns-2026 > catalog-reader @ catalog-entity
observability > catalog-editor @ catalog-entity
observability > Monitoring Reader @ mg-halcyon
observability > Backup Reader @ vault-dr
sre-weu > Contributor @ sub-platform ! eligible
sre-weu > VM Restore Operator @ vault-dr
dba > Contributor @ sub-data ! conditional
dba > Backup Contributor @ vault-archive
dba > Disk Restore Operator @ sub-data
legal-hold > Backup Contributor @ vault-archive ! denied
legal-hold > Backup Reader @ vault-archive
customer-success > Reader @ sub-payments
customer-success > reader @ Ledgerly
port-automation > catalog-editor @ catalog-entity
port-automation > Contributor @ sub-platform ! eligible
port-automation > Reader @ sub-platform`;

const REASON: Partial<Record<AccessState, string>> = {
  eligible: "Eligible: can be activated for up to 8 hours, with a justification",
  conditional: "Condition: resource name starts with “halcyon-nonprod”; Lanyard shows it and does not decide it",
  denied: "Denied by the deny assignment “legal hold 2026-118”",
};

const MORE_TEAMS = 37;
const hexId = (n: number) => (Math.imul(n + 3, 2654435761) >>> 0).toString(16).padStart(8, "0");

export function makeAccess(people: FakePerson[], groups: FakeGroup[]): AccessWorld {
  const next = random(31);
  const teams = new Map<string, Team>();
  const add = (name: string, size: number, idp: Held, portal: Held, tenant: Held) => {
    const members = new Set<number>();
    const wanted = Math.min(size, Math.max(2, Math.floor(people.length * 0.4)));
    const start = Math.floor(next() * people.length);
    for (let n = 0; members.size < wanted && n < people.length; n += 1) members.add((start + n * 7) % people.length);
    const source = idp === "no" ? TENANT : 1;
    teams.set(name, { key: `group:${groups.find((g) => g.name === name)?.key ?? `${source}.a${hexId(teams.size)}`}`, name, people: members, nested: [], idp, portal, tenant });
  };
  for (const [name, size, idp, portal, tenant] of TEAMS) add(name, size, idp, portal, tenant);
  const places = ["oslo", "gdańsk", "rotterdam", "大阪", "doha", "cork", "trieste", "izmir"];
  for (let n = 0; n < MORE_TEAMS; n += 1) add(`depot-${places[n % places.length] ?? "x"}-${Math.floor(n / places.length) + 1}`, 4 + Math.floor(next() * 30), "yes", n % 5 === 0 ? "differs" : "yes", "yes");

  // The people of the pictures: Олена in payments and payments-sre, and by herself on the vault.
  const olena = people.findIndex((p) => p.name === "Олена Шевченко");
  const named = (text: string) => people.findIndex((p) => p.name === text);
  if (olena >= 0) {
    for (const team of teams.values()) team.people.delete(olena);
    teams.get("payments")?.people.add(olena);
    teams.get("payments-sre")?.people.add(olena);
  }
  for (const name of ["田中 美咲", "Łukasz Wójcik", "نور الهاشمي", "Nguyễn Thị Hạnh", "김서연"]) if (named(name) >= 0) teams.get("payments-sre")?.people.add(named(name));
  for (const name of ["Αθηνά Παπαδοπούλου", "दीपिका नायर", "Thandiwe Mokoena"]) if (named(name) >= 0) teams.get("backup-operators")?.people.add(named(name));
  teams.get("backup-operators")?.nested.push("payments-sre");
  teams.get("release-managers")?.nested.push("sre-weu");
  teams.get("platform-core")?.nested.push("platform-oncall");

  const source = (system: SourceKind) => (system === "backstage" ? PORTAL : system === "azure" ? TENANT : LEDGERLY);
  const roles = new Map<string, Role>(ROLES.map(([name, sort, system, privileged, canRestore], n) => [name, { key: `role:${source(system)}:${system === "backstage" ? `${sort}/${name}` : `${hexId(n + 400)}-9324`}`, name, sort, system, source: source(system), privileged, canRestore }]));
  const scopes = new Map<string, Scope>(SCOPES.map(([name, sort, system, parent]) => [name, { key: `scope:${source(system)}:${name}`, name, sort, system, source: source(system), parent }]));
  for (let n = 1; n <= 40; n += 1) scopes.set(`rg-depot-${n}`, { key: `scope:${TENANT}:rg-depot-${n}`, name: `rg-depot-${n}`, sort: "resource group", system: "azure", source: TENANT, parent: n % 2 === 0 ? "sub-platform" : "sub-data" });

  const grants: Grant[] = [];
  const grant = (to: string | number, role: string, scope: string, state: AccessState = "active") => grants.push({ id: `${hexId(grants.length + 70)}-19be`, to, role, scope, state, reason: REASON[state] ?? null });
  for (const line of GRANTS.trim().split("\n")) {
    const match = /^(.+?) > (.+?) @ (.+?)(?: ! (\w+))?$/.exec(line);
    if (match) grant(match[1] ?? "", match[2] ?? "", match[3] ?? "", (match[4] as AccessState | undefined) ?? "active");
  }
  let n = 0;
  for (const name of teams.keys()) {
    if (!name.startsWith("depot-")) continue;
    n += 1;
    grant(name, n % 3 === 0 ? "Contributor" : "Reader", `rg-depot-${n}`);
    if (n % 4 === 0) grant(name, "catalog-reader", "catalog-entity");
  }
  if (olena >= 0) grant(olena, "Backup Operator", "vault-prod");
  const robots = people.flatMap((p, at) => (p.type === "service" ? [at] : []));
  for (const [at, robot] of robots.slice(0, 12).entries()) grant(robot, at % 3 === 0 ? "Backup Contributor" : at % 3 === 1 ? "Contributor" : "Reader", at % 3 === 0 ? "vault-prod" : `rg-depot-${at + 1}`);
  const guest = named("Kwame Nkrumah-Mensah");
  if (guest >= 0) grant(guest, "Owner", "sub-payments");
  return { people, teams, roles, scopes, grants };
}
