/** History of the synthetic company: moments, what differs between two, the picture as it was. */
import type { AccessChange } from "../types/AccessChange";
import type { AccessSum } from "../types/AccessSum";
import type { Change } from "../types/Change";
import type { ComparedRecord } from "../types/ComparedRecord";
import type { ComparisonQuery } from "../types/ComparisonQuery";
import type { ComparisonSums } from "../types/ComparisonSums";
import type { HistoryInfo } from "../types/HistoryInfo";
import type { NodeRef } from "../types/NodeRef";

const DAY = 86_400_000;

interface HistoryWorld {
  changes: Change[];
  history: HistoryInfo;
}

export const makeHistory = (now: number): HistoryInfo => ({ keepDays: null, removedBefore: null, oldest: now - 40 * DAY, lines: 12_840, versions: 2_106, bytes: 3_410_000, overAge: 0 });

const node = (key: string, name: string, layer: NodeRef["layer"]): NodeRef => ({ key, layer, name, apart: null, sort: layer, source: 1, system: "azure", id: key });
const OPERATOR: AccessSum = { role: node("role:backup-operator", "Backup Operator", "roles"), scope: node("scope:vault-prod", "vault-prod", "scopes"), state: "active", privileged: true, people: 18 };
const EDITOR: AccessSum = { role: node("role:editor", "catalog-editor", "roles"), scope: node("scope:catalog", "catalog", "scopes"), state: "eligible", privileged: false, people: 1 };

function records(all: readonly Change[], q: ComparisonQuery): ComparedRecord[] {
  const to = q.to ?? Number.MAX_SAFE_INTEGER;
  const by = new Map<string, ComparedRecord>();
  for (const c of all.filter((c) => c.seenAt >= q.from && c.seenAt <= to && (q.source === null || c.source === q.source))) {
    const known = by.get(c.key);
    const joined = c.kind === "memberAdded";
    const sum = joined && c.seq % 3 === 0 ? [OPERATOR] : joined ? [EDITOR] : [];
    const record: ComparedRecord = known ?? { source: c.source, key: c.key, address: c.resource === "Group" ? `group:${c.key}` : `person:${c.key}`, resource: c.resource, name: c.name, change: "changed", lines: [], moreLines: 0, seenAt: c.seenAt, gained: [], lost: [] };
    if (c.kind === "appeared" || c.kind === "gone") Object.assign(record, { change: c.kind, lost: c.kind === "gone" ? [{ ...EDITOR, people: 1, state: "active" }] : [] });
    else record.lines.push({ kind: c.kind, path: c.path, before: c.before, after: c.after, memberName: c.memberName, member: null, seenAt: c.seenAt, changedAt: c.changedAt, gained: sum, lost: c.kind === "memberRemoved" ? [EDITOR] : [] });
    by.set(c.key, record);
  }
  const weight = (r: ComparedRecord) => Math.max(0, ...[...r.gained, ...r.lost, ...r.lines.flatMap((l) => [...l.gained, ...l.lost])].map((s) => (s.privileged ? 1000 : 0) + s.people));
  const wanted = q.search.toLowerCase();
  return [...by.values()]
    .filter((r) => (wanted === "" || `${r.name} ${r.lines.map((l) => `${l.memberName ?? ""} ${l.after ?? ""} ${l.before ?? ""}`).join(" ")}`.toLowerCase().includes(wanted)) && (!q.privileged || weight(r) >= 1000) && (q.about === null || r.address === q.about))
    .sort((a, b) => weight(b) - weight(a) || b.seenAt - a.seenAt);
}

function sumsOf(of: readonly ComparedRecord[]): ComparisonSums {
  const lines = of.flatMap((r) => r.lines);
  const gained = lines.flatMap((l) => l.gained).reduce((n, s) => n + s.people, 0);
  const lost = [...lines.flatMap((l) => l.lost), ...of.flatMap((r) => r.lost)].reduce((n, s) => n + s.people, 0);
  return {
    accountsAppeared: of.filter((r) => r.change === "appeared").length, accountsGone: of.filter((r) => r.change === "gone").length, changed: of.filter((r) => r.change === "changed").length,
    membersAdded: lines.filter((l) => l.kind === "memberAdded").length, membersRemoved: lines.filter((l) => l.kind === "memberRemoved").length, rightsChanged: 0, peopleGained: gained, peopleLost: lost, gained, lost,
  };
}

function accessOf(of: readonly ComparedRecord[], q: ComparisonQuery): AccessChange[] {
  return of.flatMap((r) => r.lines.flatMap((l) => [...l.gained.map((sum) => ({ sum, gained: true })), ...l.lost.map((sum) => ({ sum, gained: false }))].map(({ sum, gained }): AccessChange => ({
    identity: node(l.before ?? l.after ?? r.key, l.memberName ?? r.name, "people"), gained, role: sum.role, scope: sum.scope, state: gained ? sum.state : null, before: gained ? null : sum.state,
    privileged: sum.privileged, canRestore: sum.privileged, by: `by ${r.name}`, because: [`${gained ? "joined" : "left"} ${r.name}`], seenAt: l.seenAt,
  })))).filter((c) => !q.privileged || c.privileged).sort((a, b) => Number(b.privileged) - Number(a.privileged));
}

export function historyHandlers(world: () => HistoryWorld, now: number, ask: (command: string, args: Record<string, unknown>) => unknown): Record<string, (args: Record<string, unknown>) => unknown> {
  return {
    sync_moments: () => Array.from({ length: 30 }, (_, n) => ({ seq: 300 - n, at: now - n * 11 * 3_600_000 - 120_000, source: 1 + (n % 2), sourceName: n % 2 === 0 ? "Workforce IdP" : "Ledgerly", system: "scim", state: n % 7 === 3 ? "incomplete" : "complete", lines: (n * 13) % 40 })),
    compare: (a) => {
      const q = a["query"] as ComparisonQuery;
      const of = records(world().changes, q);
      return { from: q.from, to: q.to ?? now, sums: sumsOf(of), records: of.slice(q.offset, q.offset + q.limit), total: of.length, caveats: q.from < now - 20 * DAY ? [{ source: 3, text: "Warehouse portal was not read in between: what changed there is not known." }] : [], tookUs: 800 };
    },
    compare_access: (a) => {
      const q = a["query"] as ComparisonQuery;
      const of = records(world().changes, q);
      const rows = accessOf(of, q);
      return { changes: rows.slice(q.offset, q.offset + q.limit), total: rows.length, sums: sumsOf(of), caveats: [] };
    },
    as_of: (a) => {
      const at = a["at"] as number;
      const recordedSince = now - 40 * DAY;
      const caveats = [{ source: 5, text: "Halcyon tenant: which assignments there were on that day was not kept whole." }];
      if (at < recordedSince) return { at, person: null, group: null, access: null, recordedSince, caveats: [] };
      const key = String(a["key"]);
      const group = key.startsWith("1.g");
      return group
        ? { at, person: null, group: ask("group", { key }), access: null, recordedSince, caveats }
        : { at, person: ask("person", { key }), group: null, access: ask("access_of", { identity: `person:${key}` }), recordedSince, caveats };
    },
    history_info: () => world().history,
    history_over_age: (a) => ((a["days"] as number) < 40 ? 4_120 : 0),
    set_history_retention: (a) => {
      const days = a["days"] as number | null;
      world().history = { ...world().history, keepDays: days, overAge: days !== null && days < 40 ? 4_120 : 0 };
      return world().history;
    },
    prune_history: () => {
      const gone = world().history.overAge;
      world().history = { ...world().history, overAge: 0, lines: world().history.lines - gone, removedBefore: now - 30 * DAY };
      return gone;
    },
  };
}
