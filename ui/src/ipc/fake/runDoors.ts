/** What runs of the synthetic company ask and write: systems, checks with the time that each takes, steps with their requests. */
import type { Check } from "../types/Check";
import type { Request } from "../types/Request";
import type { RunSubject } from "../types/RunSubject";
import type { SourceKind } from "../types/SourceKind";
import type { Step } from "../types/Step";
import type { WayOut } from "../types/WayOut";

export const MINUTE = 60_000;
export const SYSTEMS: readonly { id: number; name: string; kind: SourceKind; base: string }[] = [
  { id: 1, name: "Workforce IdP", kind: "scim", base: "https://idp.halcyon.example/scim/v2" },
  { id: 2, name: "Ledgerly", kind: "scim", base: "https://api.ledgerly.example/scim/v2" },
  { id: 4, name: "Developer portal", kind: "backstage", base: "https://portal.halcyon.example/api" },
  { id: 5, name: "Halcyon tenant", kind: "azure", base: "https://graph.microsoft.com/v1.0" },
];

/** A door that a run tries. */
export interface Door {
  source: number;
  name: string;
  title: string;
  phase: Check["phase"];
  critical: boolean;
  /** After how long it is shut; none where it never is. */
  shuts: number | null;
  limit: number;
  before: string;
  says: string;
  /** What still stands while it is open. */
  remains: string[];
  path: string;
  excerpt: string;
  wayOut: WayOut | null;
  /** Why it cannot be asked. */
  unasked: string | null;
  /** What has to be handed over first. */
  credential: string | null;
}

const RIGHTS = ["SOC 2 CC6.3", "ISO/IEC 27001:2022 A.5.18", "NIST SP 800-53 AC-2"];
const ACCOUNT = ["SOC 2 CC6.2", "ISO/IEC 27001:2022 A.6.5", "NIST SP 800-53 PS-4"];
const ASSIGNMENT = "7d0f19be-1c2b-4e0a-9a64-0d1e2f3a4b5c";
const VAULT = "/subscriptions/4f0c81d2-77aa-4d0e-8c0b-5b7f7f1f2e90/resourceGroups/rg-backup-weu/providers/Microsoft.RecoveryServices/vaults/vault-prod";

function door(source: number, name: string, title: string, shuts: number | null, limit: number, path: string, over: Partial<Door> = {}): Door {
  return { source, name, title, shuts, limit, path, phase: "verify", critical: true, before: "It held before.", says: "It is so.", remains: [], excerpt: '{ "active": false }', wayOut: null, unasked: null, credential: null, ...over };
}

/** The doors of a run; `survives` leaves a direct assignment and a portal user behind. */
export function doors(survives: boolean, watched: boolean, watchMs = 2 * 3_600_000): Door[] {
  const all = [
    door(1, "scim.account", "Account inactive or gone", 2_100, MINUTE, "/Users/00u81k2d7", { before: "Active.", says: "active is false." }),
    door(1, "scim.accountByFilter", "A filter by user name shows no active account", 2_300, MINUTE, '/Users?filter=userName eq "canary-payments-03"', { before: "One active account.", says: "The one account found is inactive.", excerpt: '{ "totalResults": 1, "Resources": [ { "id": "00u81k2d7", "active": false } ] }' }),
    door(1, "scim.memberships", "No group lists the account", 4_400, MINUTE, '/Groups?filter=members.value eq "00u81k2d7"', { before: "In 3 groups.", says: "No group lists it.", excerpt: '{ "totalResults": 0, "Resources": [] }' }),
    door(2, "scim.account", "Account inactive or gone", 38_000, 5 * MINUTE, "/Users/470103", { before: "Active.", says: "active is false." }),
    door(2, "scim.memberships", "No group lists the account", 41_000, 5 * MINUTE, "/Users/470103?attributes=groups", { before: "In 2 groups.", says: "No group lists it.", excerpt: '{ "id": "470103", "groups": [] }' }),
    door(5, "entra.account", "User disabled, soft-deleted or gone", 44_000, 5 * MINUTE, "/users/e41f0c2a-8a20?$select=accountEnabled,deletedDateTime", { before: "Enabled.", says: "accountEnabled is false.", excerpt: '{ "accountEnabled": false }' }),
    door(5, "entra.sessions", "Sessions revoked since the cut", 130_000, 5 * MINUTE, "/users/e41f0c2a-8a20?$select=signInSessionsValidFromDateTime", { before: "Valid since 3 Nov.", says: "Sessions before the cut are no longer valid.", excerpt: '{ "signInSessionsValidFromDateTime": "2026-11-22T09:46:58Z" }' }),
    door(5, "azure.assignments", "Its own role assignments are gone", survives ? null : 52_000, 5 * MINUTE, "https://management.azure.com/subscriptions/4f0c81d2-77aa-4d0e-8c0b-5b7f7f1f2e90/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=principalId eq 'e41f0c2a-8a20'", {
      before: "2 assignments: 1 through payments-sre, 1 direct.",
      says: survives ? "Backup Operator on vault-prod survives. It was given to the identity directly, so leaving every group does not take it away." : "No assignment names it.",
      remains: survives ? ["Backup Operator on vault-prod (direct)"] : [],
      excerpt: survives ? `{ "value": [ { "name": "${ASSIGNMENT}", "properties": {\n    "roleDefinitionId": "…/00c29273-979b-4161-815c-10b084fb9324",\n    "scope": "…/vaults/vault-prod", "createdOn": "2024-03-11T08:14:22Z" } } ] }` : '{ "value": [] }',
      wayOut: survives ? { words: "Delete the assignments that name it; leaving groups does not take direct ones away.", command: `az role assignment delete --ids "${VAULT}/providers/Microsoft.Authorization/roleAssignments/${ASSIGNMENT}"`, form: "az" } : null,
    }),
    door(5, "azure.eligibility", "Nothing is left to activate", null, 5 * MINUTE, "/roleManagement/directory/roleEligibilityScheduleInstances", { critical: false, before: "Not known.", unasked: "The tenant answered 403: the application lacks RoleEligibilitySchedule.Read.Directory." }),
    door(4, "backstage.entity", "Catalog entity gone", survives ? null : 145_000, 15 * MINUTE, "/catalog/entities/by-refs", {
      before: "user:default/canary-payments-03, from the provider.",
      says: survives ? "The entity is still there as an orphan: with orphanStrategy keep it stays for good, and its sign-in resolver finds it as before." : "by-refs answers null.",
      remains: survives ? ["user:default/canary-payments-03 (orphan)"] : [],
      excerpt: survives ? '{ "items": [ { "metadata": { "annotations": { "backstage.io/orphan": "true" } } } ] }' : '{ "items": [ null ] }',
      wayOut: survives ? { words: "Unregister the entity, or set catalog.orphanStrategy to delete.", command: "catalog:\n-  orphanStrategy: keep\n+  orphanStrategy: delete", form: "diff" } : null,
    }),
    door(4, "backstage.roles", "No RBAC role lists it", 151_000, 15 * MINUTE, "/permission/roles", { before: "role:default/payments-deployer.", says: "No role lists it.", excerpt: "[ … 31 roles, none with this member ]" }),
    door(4, "backstage.signIn", "A new sign-in is refused", 160_000, 15 * MINUTE, "/auth/guest/refresh", { phase: "probe", critical: false, says: "Refused with 500: the resolver finds no user. That counts as refused.", excerpt: '{ "error": { "name": "NotFoundError" } }' }),
    door(4, "backstage.token", "The live token is refused", 58 * MINUTE, 61 * MINUTE, "/catalog/entities?limit=1", { phase: "probe", credential: "a Backstage token of this user", says: "Refused with 401: its hour is over.", excerpt: '{ "error": { "name": "AuthenticationError" } }' }),
  ];
  const watch = [
    door(1, "scim.comesBack", "The account does not come back", watchMs, watchMs + 30 * MINUTE, "/Users/00u81k2d7", { phase: "watch", says: "Two provisioning cycles passed, and it stayed away." }),
    door(5, "entra.comesBack", "The user does not come back", watchMs, watchMs + 30 * MINUTE, "/users/e41f0c2a-8a20", { phase: "watch", says: "Two provisioning cycles passed, and it stayed away." }),
  ];
  return watched ? [...all, ...watch] : all;
}

export const systemOf = (source: number) => SYSTEMS.find((s) => s.id === source) ?? { id: source, name: "Source", kind: "scim" as const, base: "" };

export const checkId = (d: Door) => `${d.source}/${d.name}`;

export function questionOf(d: Door): Request {
  const base = systemOf(d.source).base;
  return { method: "GET", url: d.path.startsWith("https://") ? d.path : base + d.path, headers: [["Accept", "application/json"]], body: null };
}

export function checkOf(d: Door): Check {
  const system = systemOf(d.source);
  return {
    id: checkId(d), name: d.name, phase: d.phase, source: d.source, sourceName: system.name, kind: system.kind, title: d.title, critical: d.critical, verdict: "pending", says: "", before: d.before,
    tookMs: null, arrivedMs: null, limitMs: d.limit, polls: 0, remains: [], last: null, wayOut: null, waiver: null, controls: d.name.includes("account") || d.name.includes("entity") ? ACCOUNT : RIGHTS,
  };
}

function step(id: string, phase: Step["phase"], source: number, action: string, title: string, means: string, request: Partial<Request> | null, over: Partial<Step> = {}): Step {
  const system = systemOf(source);
  return {
    id, phase, action, source, sourceName: system.name, kind: system.kind, title, means, undoable: true,
    request: request && { method: "PATCH", url: system.base, headers: [["Content-Type", "application/scim+json"], ["If-Match", 'W/"3"']], body: null, ...request },
    instructions: null, state: "planned", attempts: 0, status: null, says: "", sentAt: null, doneAt: null, ...over,
  };
}

const DEACTIVATE = JSON.stringify({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", path: "active", value: false }] }, null, 2);

/** The steps of a run: a test makes and takes back; a leaver is cut, hard at one system, and once by hand. */
export function stepsOf(who: RunSubject): Step[] {
  const cut = step("act-1", "act", 1, "scim.deactivate", `Switch off ${who.userName}`, "The account stays and can be switched on again at any time. Ledgerly, Developer portal and Halcyon tenant follow.", { url: "https://idp.halcyon.example/scim/v2/Users/00u81k2d7", body: DEACTIVATE });
  if (who.test) {
    return [
      step("make-1", "baseline", 1, "scim.create", `Make ${who.userName}`, "A dedicated identity for this run; it is deleted at the end.", { method: "POST", url: "https://idp.halcyon.example/scim/v2/Users", headers: [["Content-Type", "application/scim+json"]], body: JSON.stringify({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: who.userName, displayName: who.name, active: true }, null, 2) }),
      step("make-2", "baseline", 1, "scim.joinGroup", `Put ${who.userName} into payments-sre`, "Membership is what roles and vaults follow from.", { url: "https://idp.halcyon.example/scim/v2/Groups/g-1f3a" }),
      cut,
      step("restore-1", "restore", 1, "scim.delete", `Delete ${who.userName}`, "The test identity was made for this run alone.", { method: "DELETE", url: "https://idp.halcyon.example/scim/v2/Users/00u81k2d7" }, { undoable: false }),
    ];
  }
  return [
    cut,
    step("act-2", "act", 5, "entra.revokeSessions", `Revoke the sessions of ${who.userName}`, "Refresh tokens end. Access tokens live on for up to an hour and a half.", { method: "POST", url: "https://graph.microsoft.com/v1.0/users/e41f0c2a-8a20/revokeSignInSessions" }, { undoable: false }),
    step("act-3", "act", 4, "backstage.unregister", `Unregister user:default/${who.userName.split("@")[0] ?? ""}`, "The entity goes at once; the provider may bring it back until its cycle has seen the change.", { method: "DELETE", url: "https://portal.halcyon.example/api/catalog/entities/by-uid/2f6b9a0e" }, { undoable: false }),
    step("act-4", "act", 2, "byHand", "Hand over the approvals queue in Ledgerly", "No API offers it.", null, { instructions: `Sign in to Ledgerly as an admin, open Approvals › Delegates, and give ${who.name}’s queue to the team lead.` }),
  ];
}
