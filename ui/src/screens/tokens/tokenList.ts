/** Which credentials are shown, and in what order. */
import type { Credential, CredentialState } from "../../ipc";
import { KIND_WORD } from "./words";

/** The worst first, as the engine orders them. */
export const STATES: readonly CredentialState[] = ["oldLives", "refused", "missing", "locked", "expired", "due", "dueSoon", "rotating", "unverified", "good"];
/** Whatever stands so needs somebody. */
const NEED: readonly CredentialState[] = STATES.slice(0, STATES.indexOf("dueSoon") + 1);
/** Whatever stands so is broken already. */
const BAD: readonly CredentialState[] = ["oldLives", "refused", "missing", "expired"];

export const needs = ({ state }: Pick<Credential, "state">): boolean => NEED.includes(state);
export const isBad = ({ state }: Pick<Credential, "state">): boolean => BAD.includes(state);

export const FACETS = ["all", "need", ...STATES] as const;
export type TokenFacet = (typeof FACETS)[number];
export const SORTS = ["urgency", "name", "age", "days", "verified", "used"] as const;
export type TokenSort = (typeof SORTS)[number];
/** Held by Lanyard, or known of. */
export const HELD = ["both", "held", "known"] as const;
export type Held = (typeof HELD)[number];

export interface TokenQuestion {
  search: string;
  facet: TokenFacet;
  source: number | null;
  held: Held;
  sort: TokenSort;
  descending: boolean;
}

const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const inFacet = (facet: TokenFacet, c: Credential): boolean => facet === "all" || (facet === "need" ? needs(c) : c.state === facet);

/** What is not known stands last, whichever way the list is sorted. */
const KEY: Record<Exclude<TokenSort, "urgency">, (c: Credential) => string | number | null> = {
  name: (c) => fold(c.name),
  // The oldest was made first.
  age: (c) => (c.createdAt === null ? null : -c.createdAt),
  days: (c) => c.daysLeft,
  verified: (c) => c.verifiedAt,
  used: (c) => c.usedAt,
};

/** Those that answer the question, in its order; `urgency` is the order in which the engine gives them. */
export function answer(all: readonly Credential[], question: TokenQuestion): Credential[] {
  const words = fold(question.search).split(/\s+/).filter(Boolean);
  const hits = all.filter((c) => {
    if (!inFacet(question.facet, c)) return false;
    if (question.source !== null && c.source !== question.source) return false;
    if (question.held !== "both" && c.held !== (question.held === "held")) return false;
    const text = fold(`${c.name} ${c.opens} ${c.sourceName} ${c.fingerprint ?? ""} ${KIND_WORD[c.kind]}`);
    return words.every((w) => text.includes(w));
  });
  if (question.sort === "urgency") return question.descending ? hits.reverse() : hits;
  const key = KEY[question.sort];
  const side = question.descending ? -1 : 1;
  return hits
    .map((c) => ({ c, at: key(c) }))
    .sort((a, b) => (a.at === b.at ? 0 : a.at === null ? 1 : b.at === null ? -1 : a.at < b.at ? -side : side))
    .map(({ c }) => c);
}

/** How many stand in each facet; those of nothing are left out, but for "all" and the one chosen. */
export function facetCounts(all: readonly Credential[], chosen: TokenFacet): { facet: TokenFacet; count: number }[] {
  return FACETS.map((facet) => ({ facet, count: all.filter((c) => inFacet(facet, c)).length })).filter(({ facet, count }) => facet === "all" || facet === chosen || count > 0);
}
