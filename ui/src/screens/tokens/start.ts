/** What a rotation is begun with, as a form holds it. No secret is ever in it. */
import { dayOf, endOfDay } from "../../components/format";
import type { RotationHow, RotationOptions, RotationReason, RotationStart, RotationUser } from "../../ipc";

export const UNITS = [
  { id: "minutes", text: "minutes", ms: 60_000 },
  { id: "hours", text: "hours", ms: 3_600_000 },
  { id: "days", text: "days", ms: 86_400_000 },
] as const;
export type Unit = (typeof UNITS)[number]["id"];

export interface StartForm {
  reason: RotationReason;
  how: RotationHow;
  oldId: string | null;
  overlap: string;
  unit: Unit;
  expires: string;
  /** Jobs of Entra that are ticked, by their key. */
  jobs: readonly string[];
  byHand: readonly { name: string; instructions: string }[];
}

export const jobKey = (user: RotationUser): string => (user.kind === "entraJob" ? `${user.source}/${user.servicePrincipal}/${user.job}` : `hand/${user.name}`);
export const howKey = (how: RotationHow): string => (how.kind === "recipe" ? `recipe:${how.recipe}` : how.kind);

/** A time as a number of the largest unit that it is whole in. */
export function inUnit(ms: number): { overlap: string; unit: Unit } {
  const unit = [...UNITS].reverse().find((u) => ms >= u.ms && ms % u.ms === 0) ?? UNITS[0];
  return { overlap: String(Math.round(ms / unit.ms)), unit: unit.id };
}

/** The way that fits best, for the reason at hand. */
export function formOf(options: RotationOptions, reason: RotationReason): StartForm {
  const { suggested } = options;
  return {
    reason,
    how: suggested.how,
    oldId: suggested.oldId,
    ...inUnit(suggested.overlapMs),
    expires: suggested.expiresAt === null ? "" : dayOf(suggested.expiresAt),
    jobs: suggested.users.filter((u) => u.kind === "entraJob").map(jobKey),
    byHand: suggested.users.flatMap((u) => (u.kind === "byHand" ? [{ name: u.name, instructions: u.instructions }] : [])),
  };
}

/** What is wrong with the form, by field. */
export function problemsOf(form: StartForm, now: number): { overlap?: string; expires?: string; byHand?: string } {
  const expires = form.expires === "" ? null : endOfDay(form.expires);
  return {
    ...(/^\d{1,6}$/.test(form.overlap.trim()) ? {} : { overlap: "Give a number; 0 where the old one ends at once." }),
    ...(form.expires !== "" && (expires === null || expires <= now) ? { expires: "Choose a day to come." } : {}),
    ...(form.byHand.some((u) => u.name.trim() === "") ? { byHand: "Say what it is, or take the line out." } : {}),
  };
}

export function startOf(form: StartForm, options: RotationOptions): RotationStart {
  const unit = UNITS.find((u) => u.id === form.unit) ?? UNITS[0];
  return {
    // How often and how long it is asked stays as it was suggested.
    ...options.suggested,
    source: options.source,
    reason: form.reason,
    how: form.how,
    oldId: form.oldId,
    overlapMs: Number(form.overlap.trim()) * unit.ms,
    expiresAt: form.expires === "" ? null : endOfDay(form.expires),
    users: [...options.jobs.filter((job) => form.jobs.includes(jobKey(job))), ...form.byHand.map((u) => ({ kind: "byHand" as const, name: u.name.trim(), instructions: u.instructions.trim() }))],
  };
}
