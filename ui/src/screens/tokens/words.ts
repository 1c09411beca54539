/** The words of credentials and their rotation. */
import type { CredentialKind, CredentialState, ExpiryFrom, Right, RotationPolicy, RotationReason, RotationStage, RotationState, RotationUser, StageState } from "../../ipc";

export const STATE_WORD: Record<CredentialState, string> = {
  oldLives: "Old one lives", refused: "Refused", missing: "Missing", locked: "Not to be read", expired: "Expired", due: "Due", dueSoon: "Due soon", rotating: "Being rotated", unverified: "Never verified", good: "Works",
};

export const KIND_WORD: Record<CredentialKind, string> = {
  bearer: "Bearer token", jwt: "JWT", password: "Password", clientSecret: "Client secret", certificate: "Certificate", refreshToken: "Refresh token", providerToken: "Provider’s token", borrowed: "Borrowed login",
};

/** What the credential is called within a sentence: "the token of Ledgerly". */
export const KIND_NOUN: Record<CredentialKind, string> = {
  bearer: "token", jwt: "token", password: "password", clientSecret: "secret", certificate: "certificate", refreshToken: "sign-in", providerToken: "token", borrowed: "login",
};

export const FROM_WORD: Record<ExpiryFrom, string> = { token: "it says so itself", provider: "the provider says so", typed: "typed in" };

/** The same where there is little room. */
export const FROM_SHORT: Record<ExpiryFrom, string> = { token: "says the token", provider: "says the provider", typed: "typed in" };

export const RIGHT_WORD: Record<Right, string> = { yes: "yes", no: "no", notEvaluated: "not evaluated" };

export const policyWords = (policy: RotationPolicy | null): string =>
  policy === null ? "none" : policy.everyDays === null ? "before its end" : `every ${policy.everyDays} d`;

/** "12 d", "today", "3 d over"; nothing is known of one without an end and a policy. */
export const daysWords = (days: number | null): string => (days === null ? "no end known" : days === 0 ? "today" : days < 0 ? `${-days} d over` : `${days} d`);

export const REASON_WORD: Record<RotationReason, string> = { routine: "it is time", leaked: "it leaked", refused: "it is refused" };

export const ROTATION_WORD: Record<RotationState, string> = {
  running: "Going on", waiting: "Waits for a person", counting: "The old one runs out", stopped: "Stopped", oldLives: "Not done: the old one lives", done: "Done", putBack: "Put back",
};

export const isOver = (state: RotationState): boolean => state === "done" || state === "putBack";

export const STAGE_STATE_WORD: Record<StageState, string> = { ahead: "to come", now: "under way", waiting: "waits for a person", done: "done", failed: "failed", notEvaluated: "not evaluated", skipped: "left out" };

/** What a stage is for, below its title. */
export const STAGE_NOTE: Record<RotationStage, string> = {
  look: "The present one is asked with first: what works now must work afterwards.",
  make: "A new one is got and kept beside the present one. Nothing uses it yet.",
  prove: "The new one must do what the old one does, before anything depends on it.",
  handOver: "Systems that use the old one are given the new one, and seen to work with it.",
  promote: "From here on Lanyard asks with the new one.",
  revoke: "The old one is ended at its provider.",
  dead: "A revoked token is dead when it is refused, and not before.",
  close: "The old value is forgotten, and the record is complete.",
};

export const userName = (user: RotationUser): string => (user.kind === "entraJob" ? `Entra’s provisioning job “${user.name}”` : user.name);

/** "6 of 6", "42 times"; none for points that do not count. */
export function countWords({ count, wanted }: { count: number | null; wanted: number | null }): string | null {
  if (count === null) return null;
  // Asked on after it was enough: more than enough is enough.
  return wanted === null ? (count === 1 ? "once" : `${count} times`) : `${Math.min(count, wanted)} of ${wanted}`;
}
