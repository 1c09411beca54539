/** By which rule records were joined, in words, and how sure that is. */
import type { JoinKind, JoinRule } from "../ipc";

/** "… belongs to this person by e-mail address". */
export const JOINED: Record<JoinRule, string> = {
  decision: "by an admin’s decision", entraId: "by Entra object id", externalId: "by external id", email: "by e-mail address", userName: "by user name",
  displayName: "by display name", backstageName: "by Backstage name",
};

export const RULE: Record<JoinRule, { name: string; sure: string; how: string }> = {
  decision: { name: "Decision", sure: "certain", how: "An admin decided so." },
  entraId: { name: "Entra object id", sure: "certain", how: "Azure’s own id stands in the other system’s record." },
  externalId: { name: "External id", sure: "certain", how: "The external id is the leading source’s id, or both carry the same one." },
  email: { name: "E-mail address", sure: "strong", how: "One account on each side has the address." },
  userName: { name: "User name", sure: "strong", how: "One account on each side has the user name." },
  displayName: { name: "Display name", sure: "likely", how: "One group on each side has the name." },
  backstageName: { name: "Backstage name", sure: "likely", how: "The entity’s name is what the provider’s rule makes of the user name, e-mail or display name." },
};

export const kindWord = (kind: JoinKind, n: number): string => (kind === "account" ? (n === 1 ? "account" : "accounts") : n === 1 ? "group" : "groups");
