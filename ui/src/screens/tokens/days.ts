/** The small bar of days: how much of a credential's time is left. */
import type { Credential } from "../../ipc";

const DAY = 86_400_000;

export interface DaysBar {
  /** The part that is left, from 0 to 1. */
  part: number;
  tone: "plain" | "warn" | "bad";
}

/** None where its day is not known. A credential of unknown age is measured by its policy, else by a year. */
export function barOf(c: Pick<Credential, "createdAt" | "dueAt" | "daysLeft" | "policy">, now: number): DaysBar | null {
  if (c.dueAt === null || c.daysLeft === null) return null;
  const whole = c.createdAt !== null && c.createdAt < c.dueAt ? c.dueAt - c.createdAt : (c.policy?.everyDays ?? 365) * DAY;
  const left = c.dueAt - now;
  const part = Math.min(1, Math.max(0, left / Math.max(whole, 1)));
  return { part, tone: left <= 0 ? "bad" : c.daysLeft <= (c.policy?.warnDays ?? 14) ? "warn" : "plain" };
}
