/** The synthetic company's systems: their state, a connection test, a sync that moves. */
import type { Coverage } from "../types/Coverage";
import type { EngineEvent } from "../types/EngineEvent";
import type { ProbePoint } from "../types/ProbePoint";
import type { ProbeReport } from "../types/ProbeReport";
import type { Source } from "../types/Source";
import type { SourceSettings } from "../types/SourceSettings";
import type { FakeGroup, FakePerson } from "./company";

const MINUTE = 60_000;

function cover(collection: string, have: number, readAt: number, over: Partial<Coverage> = {}): Coverage {
  return { collection, state: "complete", reasons: [], have, reported: have, unconfirmed: 0, readAt, fullAt: readAt - 90 * MINUTE, how: "pages of 500 by index, 4 at once", ...over };
}

function settings(name: string, url: string, over: Partial<SourceSettings>): SourceSettings {
  return { kind: "scim", name, url, auth: { kind: "bearer" }, authoritative: false, allowWrites: false, caPem: null, headers: [], requestBudget: null, enabled: true, azure: null, backstage: null, ...over };
}

export function makeSources(people: FakePerson[], groups: FakeGroup[], now: number): Source[] {
  const held = (id: number) => people.filter((p) => p.accounts.some((a) => a.source === id)).length;
  const memberships = groups.reduce((sum, g) => sum + g.people.length + g.nested.length, 0);
  const down = groups.filter((g) => g.downstream).length;
  return [
    {
      id: 1, settings: settings("Workforce IdP", "https://idp.halcyon.example/scim/v2", { authoritative: true }), health: "fresh", hasSecret: true,
      accounts: held(1), groups: groups.length, memberships,
      coverage: [cover("Users", held(1), now - 2 * MINUTE), cover("Groups", groups.length, now - 2 * MINUTE), cover("Memberships", memberships, now - 2 * MINUTE, { reported: null })],
      lastSyncAt: now - 2 * MINUTE, lastFullAt: now - 92 * MINUTE, fault: null, progress: null, addedAt: now - 40 * 1440 * MINUTE,
    },
    {
      id: 2, settings: settings("Ledgerly", "https://api.ledgerly.example/scim/v2", { allowWrites: true }), health: "incomplete", hasSecret: true,
      accounts: held(2), groups: down, memberships: 4_102,
      coverage: [
        cover("Users", held(2), now - 9 * MINUTE, { unconfirmed: 14, how: "changes since 09:12 by meta.lastModified" }),
        cover("Groups", down, now - 9 * MINUTE, { state: "incomplete", reported: 731, reasons: [{ code: "endedEarly", text: `The server said 731 groups and gave ${down}, then an empty page.` }] }),
        cover("Memberships", 4_102, now - 9 * MINUTE, { state: "incomplete", reported: null, reasons: [{ code: "endedEarly", text: "The groups were cut short, so memberships are too." }] }),
      ],
      lastSyncAt: now - 9 * MINUTE, lastFullAt: now - 9 * MINUTE, fault: null, progress: null, addedAt: now - 30 * 1440 * MINUTE,
    },
    {
      id: 3, settings: settings("Warehouse portal", "https://portal.halcyon.example/scim", {}), health: "failing", hasSecret: true, accounts: 0, groups: 0, memberships: 0,
      coverage: [cover("Users", 0, now, { state: "notEvaluated", reported: null, readAt: null, fullAt: null, how: "", reasons: [{ code: "refused", text: "The server refused the token (401)." }] }), cover("Groups", 0, now, { state: "notEvaluated", reported: null, readAt: null, fullAt: null, how: "", reasons: [{ code: "refused", text: "The server refused the token (401)." }] })],
      lastSyncAt: now - 26 * MINUTE, lastFullAt: null,
      fault: {
        code: "scim.unauthorized", what: "Warehouse portal refused the token (401).", means: "Nothing of it was read; what it holds is not evaluated.", next: "Give it a new token.", action: { kind: "editSource", source: 3 },
        details: [{ name: "Request", value: "GET https://portal.halcyon.example/scim/Users?startIndex=1&count=200" }, { name: "Status", value: "401 Unauthorized" }, { name: "Request id", value: "7f1c0a52-19d4" }],
      },
      progress: null, addedAt: now - 3 * 1440 * MINUTE,
    },
    {
      id: 4, settings: settings("Developer portal", "https://portal.halcyon.example/api", { kind: "backstage", backstage: { superUsers: ["user:default/adaeze.okafo"] } }), health: "fresh", hasSecret: true,
      accounts: held(4), groups: 48, memberships: 1_904,
      coverage: [
        ...["Users", "Groups", "Owned entities", "RBAC roles", "RBAC policies"].map((name, n) => cover(name, [held(4), 48, 640, 31, 118][n] ?? 0, now - 4 * MINUTE, { how: "pages of 500 by cursor" })),
        cover("RBAC conditions", 6, now - 4 * MINUTE, { how: "one list" }),
      ],
      lastSyncAt: now - 4 * MINUTE, lastFullAt: now - 4 * MINUTE, fault: null, progress: null, addedAt: now - 12 * 1440 * MINUTE,
    },
    {
      id: 5, settings: settings("Halcyon tenant", "https://management.azure.com", { kind: "azure", auth: { kind: "clientSecret", clientId: "5f1f0d3c-6a52-4c1e-9f0e-2d7c1b0a9e44" }, azure: { tenant: "halcyon.example", cloud: { kind: "public" }, managementGroups: [], subscriptions: [] } }),
      health: "incomplete", hasSecret: true, accounts: held(5), groups: 57, memberships: 2_210,
      coverage: [
        ...["Users", "Groups", "Memberships", "Service principals", "Role definitions", "Role assignments", "Deny assignments", "Vaults"].map((name, n) => cover(name, [held(5), 57, 2_210, 19, 92, 141, 2, 3][n] ?? 0, now - 9 * MINUTE, { how: n < 4 ? "changes since the last reading, by delta query" : "pages by nextLink" })),
        cover("Eligibilities", 0, now - 9 * MINUTE, { state: "notEvaluated", reported: null, readAt: null, fullAt: null, how: "", reasons: [{ code: "forbidden", text: "The server refused it (403): Microsoft.Authorization/roleEligibilitySchedules/read is missing." }] }),
      ],
      lastSyncAt: now - 9 * MINUTE, lastFullAt: now - 9 * MINUTE, fault: null, progress: null, addedAt: now - 12 * 1440 * MINUTE,
    },
  ];
}

export function probe(settings: SourceSettings): ProbeReport {
  if (settings.url.includes("wrong")) {
    const fault = { code: "source.notScim", what: "The address answers with a web page, not with SCIM.", means: "Nothing can be read from there.", next: "Give the SCIM base URL; it often ends in /scim/v2.", action: null, details: [{ name: "Request", value: `GET ${settings.url}/ServiceProviderConfig` }, { name: "Content type", value: "text/html" }] };
    return { ok: false, summary: "This is no SCIM server.", points: [{ topic: "reach", title: "Reachable", state: "good", says: "Answered in 42 ms over TLS 1.3.", instead: null }, { topic: "serviceProviderConfig", title: "What it says of itself", state: "bad", says: "An HTML page came back.", instead: null }], users: null, groups: null, requests: 2, tookMs: 96, fault };
  }
  const point = (topic: string, title: string, state: ProbePoint["state"], says: string, instead: string | null = null): ProbePoint => ({ topic, title, state, says, instead });
  return {
    ok: true,
    summary: `${settings.name || "The server"} answers: 3,000 users and 180 groups, read by index in pages of 200.`,
    points: [
      point("reach", "Reachable", "good", "Answered in 42 ms over TLS 1.3."),
      point("auth", "Credential", "good", "Accepted; a made-up one is refused."),
      point("serviceProviderConfig", "What it says of itself", "good", "ServiceProviderConfig was read."),
      point("schemas", "Schemas", "good", "Core and enterprise User, Group, and one extension of its own."),
      point("paging", "Paging", "good", "By index, at most 200 a page; asked and seen."),
      point("filter", "Filter", "good", "eq and co work on userName; seen."),
      point("changedSince", "Changes since", "lacking", "A filter on meta.lastModified is refused (400).", "Each sync reads every page, and writes only what changed."),
      point("patch", "PATCH", "good", "Declared."),
      point("bulk", "Bulk", "lacking", "Not supported.", "Changes go one by one."),
      point("etag", "ETag", "unknown", "Declared, but no answer carried one.", "Lanyard compares contents."),
      point("sort", "Sort", "lacking", "Not supported.", "Lanyard sorts its own cache."),
    ],
    users: 3000, groups: 180, requests: 9, tookMs: 412, fault: null,
  };
}

/** Moves a sync along for some seconds; gives back what cancels it. */
export function runSync(source: Source, say: (event: EngineEvent) => void, done: (after: Source) => void): () => void {
  const started = Date.now();
  const total = Math.max(source.accounts + source.groups, 2_400);
  let read = 0;
  let ticks = 0;
  const end = (state: "complete" | "cancelled") => {
    clearInterval(timer);
    const now = Date.now();
    say({ kind: "syncEnded", outcome: { source: source.id, name: source.settings.name, state, added: 1, changed: 3, removed: 0, unchanged: total - 4, rowsWritten: 4, requests: ticks, bytes: ticks * 81_000, startedAt: started, tookMs: now - started, coverage: source.coverage, fault: null } });
    done({ ...source, health: state === "complete" ? "fresh" : "incomplete", fault: null, progress: null, lastSyncAt: now, coverage: source.coverage.map((c) => ({ ...c, readAt: now })) });
  };
  const timer = setInterval(() => {
    ticks += 1;
    read = Math.min(total, read + Math.ceil(total / 40));
    say({
      kind: "syncProgress",
      progress: {
        source: source.id, phase: read < total ? "reading" : "saving", collection: read < source.accounts ? "Users" : "Groups", read, total, perSecond: total / 8, leftMs: ((total - read) / total) * 8_000, requests: ticks, budget: source.settings.requestBudget, bytes: ticks * 81_000, retries: ticks > 10 ? 1 : 0,
        waiting: ticks >= 10 && ticks < 14 ? "the server asks to wait 1 s" : null, startedAt: started,
      },
    });
    if (read >= total) end("complete");
  }, 200);
  return () => end("cancelled");
}
