/** The answers of the map in sentences. */
import { listed, plural } from "../../components/format";
import type { AccessPath, AccessState, NodeRef } from "../../ipc";

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const numbered = (n: number, one: string) => `${NUMBERS[n] ?? String(n)} ${n === 1 ? one : `${one}s`}`;

const RANK: readonly AccessState[] = ["active", "conditional", "eligible", "denied", "notFollowed"];
export const bestState = (paths: readonly AccessPath[]): AccessState => RANK.find((s) => paths.some((p) => p.state === s)) ?? "notFollowed";

export const nodeOf = (path: AccessPath, layer: NodeRef["layer"], which: "first" | "last"): NodeRef | undefined => {
  const all = path.hops.flatMap((h) => [h.from, h.to]).filter((n) => n.layer === layer);
  return which === "first" ? all[0] : all.at(-1);
};

/** "Олена Шевченко can restore from vault-prod, by two paths". What is not active is never said as if it were. */
export function headline(who: string, paths: readonly AccessPath[], restores: boolean): string {
  const [first] = paths;
  if (!first) return `No path from ${who} was found in what was read`;
  const scopes = [...new Set(paths.map((p) => nodeOf(p, "scopes", "last")?.name).filter((n) => n !== undefined))];
  const roles = [...new Set(paths.map((p) => nodeOf(p, "roles", "first")?.name).filter((n) => n !== undefined))];
  const on = scopes.length === 1 ? (scopes[0] ?? "") : plural(scopes.length, "scope");
  const role = roles.length <= 2 ? listed(roles) : plural(roles.length, "role");
  const by = paths.length === 1 ? "" : `, by ${numbered(paths.length, "path")}`;
  const state = bestState(paths);
  if (restores && scopes.length === 1) {
    switch (state) {
      case "active": return `${who} can restore from ${on}${by}`;
      case "conditional": return `${who} can restore from ${on} under a condition${by}`;
      case "eligible": return `${who} can restore from ${on} once ${role} is activated${by}`;
      case "denied": return `${who} is denied restoring from ${on}`;
      case "notFollowed": return `${who} does not get to restore from ${on}: nested groups are not followed there`;
    }
  }
  const where = on === "" ? "" : ` on ${on}`;
  switch (state) {
    case "active": return `${who} holds ${role}${where}${by}`;
    case "conditional": return `${who} holds ${role}${where} under a condition${by}`;
    case "eligible": return `${who} can activate ${role}${where}${by}`;
    case "denied": return `${who} is denied ${role}${where}`;
    case "notFollowed": return `${who} does not get ${role}${where}: nested groups are not followed there`;
  }
}

/** The short name of a hop for its button: what it is, in a word. */
export const HOP_WORD = { member: "member", nested: "nesting", holds: "role", owns: "owner", inherits: "below", permits: "permits" } as const;

/** 1,204 as "1.2k": for cells, where room is short; the exact number stands in the name. */
export const compact = (n: number): string => (n < 1000 ? String(n) : n < 10_000 ? `${(Math.floor(n / 100) / 10).toString()}k` : n < 1_000_000 ? `${Math.floor(n / 1000)}k` : `${(Math.floor(n / 100_000) / 10).toString()}M`);
