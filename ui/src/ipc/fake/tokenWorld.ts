/** The synthetic company's credentials: what Lanyard holds and what it knows of, in every state that one can be in. */
import type { Credential } from "../types/Credential";
import type { CredentialList } from "../types/CredentialList";
import type { CredentialState } from "../types/CredentialState";
import type { Source } from "../types/Source";

export const MINUTE = 60_000;
export const DAY = 86_400_000;

const ORDER: readonly CredentialState[] = ["oldLives", "refused", "missing", "locked", "expired", "due", "dueSoon", "rotating", "unverified", "good"];
const NEEDED = ORDER.indexOf("dueSoon");

export const print = (seed: number): string => Array.from({ length: 2 }, (_, n) => (Math.imul(seed * 31 + n + 7, 2654435761) >>> 0).toString(16).padStart(8, "0")).join("");

function own(source: Source, now: number, over: Partial<Credential>): Credential {
  const madeDays = 40 + source.id * 23;
  const dueAt = now + (180 - madeDays) * DAY;
  return {
    id: `own:${source.id}`, source: source.id, sourceName: source.settings.name, system: source.settings.kind, held: true, name: `${source.settings.name}’s token`, opens: source.settings.url, kind: "bearer", fingerprint: print(source.id),
    createdAt: now - madeDays * DAY, expiresAt: null, expiresFrom: null, verifiedAt: now - 3 * DAY, usedAt: now - 9 * MINUTE, reads: "yes", writes: source.settings.allowWrites ? "yes" : "notEvaluated", policy: { everyDays: 180, warnDays: 14 }, dueAt,
    daysLeft: Math.floor((dueAt - now) / DAY), state: "good", says: "It works: the last sync used it.", refusedSince: null, workedAt: now - 9 * MINUTE, sharedWith: [], rotation: null, ...over,
  };
}

const ends = (now: number, days: number, from: Credential["expiresFrom"]): Partial<Credential> => ({ expiresAt: now + days * DAY + 3 * 3_600_000, expiresFrom: from, dueAt: now + days * DAY + 3 * 3_600_000, daysLeft: days });

function ownOf(source: Source, now: number): Credential {
  switch (source.id) {
    case 1:
      return own(source, now, { state: "oldLives", rotation: 43, says: "It was replaced two hours ago, and the old one still opens the source. The rotation is not done: revoke the old one again at the provider." });
    case 2:
      return own(source, now, { kind: "jwt", state: "rotating", rotation: 44, createdAt: now - 41 * MINUTE, ...ends(now, 362, "token"), says: "The new one is in use. The old one is asked with until it is refused." });
    case 3:
      return own(source, now, { state: "refused", reads: "no", writes: "notEvaluated", refusedSince: now - 26 * MINUTE, workedAt: now - 3 * DAY, usedAt: now - 26 * MINUTE, sharedWith: ["Ledgerly"], says: "The source has refused it for 26 minutes; the last sync that worked was three days ago. Put in a new value, or rotate it." });
    case 4:
      return own(source, now, { state: "dueSoon", ...ends(now, 2, "typed"), createdAt: now - 88 * DAY, policy: { everyDays: 90, warnDays: 14 }, verifiedAt: null, says: "It is to be rotated within two days." });
    case 5:
      return own(source, now, { kind: "clientSecret", name: "Lanyard’s application secret", opens: "Halcyon tenant: Graph and Azure Resource Manager", ...ends(now, 141, "provider") });
    default:
      return own(source, now, { state: "unverified", verifiedAt: null, usedAt: null, workedAt: null, reads: "notEvaluated", says: "It was never verified, and no sync used it yet." });
  }
}

const APPS = ["Payroll export", "Badge printers", "Freight tracker", "Ledgerly provisioning", "Backup orchestrator", "Invoice archive", "Night shift bot", "Dock scheduler", "Customs gateway", "Fuel cards"];

function known(tenant: Source, n: number, now: number): Credential {
  const days = [-12, 3, 9, 41, 77, 120, 200, 310, 355, 500][n % 10] ?? 90;
  const state: CredentialState = days < 0 ? "expired" : days <= 14 ? "dueSoon" : "good";
  const certificate = n % 4 === 3;
  const app = `${APPS[n % APPS.length] ?? "App"}${n >= APPS.length ? ` ${Math.floor(n / APPS.length) + 1}` : ""}`;
  return {
    id: `entra:${tenant.id}:app-${n}:key-${n}`, source: tenant.id, sourceName: tenant.settings.name, system: "azure", held: false, name: `${app}, ${certificate ? "certificate" : "secret"} ${print(n).slice(0, 3)}`, opens: `application ${app}`,
    kind: certificate ? "certificate" : "clientSecret", fingerprint: null, createdAt: now - (365 - Math.min(360, Math.max(0, days))) * DAY, ...ends(now, days, "provider"), expiresAt: now + days * DAY, expiresFrom: "provider", verifiedAt: null,
    usedAt: n % 3 === 0 ? null : now - (n % 30) * DAY, reads: "notEvaluated", writes: "notEvaluated", policy: null, dueAt: now + days * DAY, daysLeft: days, state,
    says: days < 0 ? "Its end is over. What still uses it has stopped, or has another one." : days <= 14 ? "Its end is near. Whoever owns the application is to add another one." : "Its end is a good while off.", refusedSince: null, workedAt: null, sharedWith: [], rotation: null,
  };
}

const provided = (source: Source, now: number): Credential => ({
  ...known(source, 5, now), id: `provider:${source.id}:tok_38`, source: source.id, sourceName: source.settings.name, system: source.settings.kind, name: "hr-export (tok_38)", opens: source.settings.url, kind: "providerToken", expiresAt: null, expiresFrom: null, dueAt: null, daysLeft: null, state: "unverified",
  usedAt: now - 31 * DAY, says: "The provider lists it without an end. Lanyard does not hold it, and cannot tell whether it works.",
});

/** `none`: nothing is connected; `locked`: the keychain does not answer; a number: so many secrets of applications. */
export type TokenScene = "usual" | "none" | "locked" | number;

export function credentialsOf(sources: readonly Source[], scene: TokenScene, now: number, changed: ReadonlyMap<string, Partial<Credential>>): CredentialList {
  if (scene === "none") return { credentials: [], notEvaluated: [], keychain: "keychain", fault: null, need: 0 };
  const tenant = sources.find((s) => s.settings.kind === "azure");
  const ledger = sources.find((s) => s.id === 2);
  const locked = scene === "locked";
  const held = sources.map((s) => ({ ...ownOf(s, now), ...(locked ? ({ state: "locked", fingerprint: null, rotation: null, says: "The keychain does not answer, so it is not known whether it is there. Unlock it, and look again." } as const) : {}), ...changed.get(`own:${s.id}`) }));
  if (locked && held[2]) held[2] = { ...held[2], state: "missing", says: "The keychain answers for this one, and holds none. Put a value in." };
  const others = tenant ? Array.from({ length: typeof scene === "number" ? scene : 24 }, (_, n) => known(tenant, n, now)) : [];
  const credentials = [...held, ...others, ...(ledger ? [provided(ledger, now)] : [])].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity));
  return {
    credentials,
    notEvaluated: [
      ...(tenant ? [{ source: tenant.id, sourceName: tenant.settings.name, says: "the secrets of 3 applications could not be read (403): Application.Read.All is missing for them." }] : []),
      { source: 1, sourceName: "Workforce IdP", says: "no recipe lists its tokens, so others than Lanyard’s own are not known." },
    ],
    keychain: "keychain",
    fault: locked ? { code: "keychain.locked", what: "The keychain of this machine is locked.", means: "It is not known how the credentials stand that it holds; what is shown of them is of before.", next: "Unlock it, and try again.", action: { kind: "retry" }, details: [{ name: "Service", value: "org.freedesktop.secrets" }] } : null,
    need: credentials.filter((c) => ORDER.indexOf(c.state) <= NEEDED).length,
  };
}
