/** Writes a plan as its file: YAML in the order in which a person reads it. What is left out keeps what the engine does without it. */
import type { Plan, PlanSystem } from "../../ipc";

const PLAIN = /^\p{L}[\p{L}\p{N} _.@/-]*$/u;
const WORDS = /^(y|n|yes|no|true|false|on|off|null)$/i;
const SPAN = /^\d+[smhd]$/;

/** A text as YAML reads it back: plain where nothing in it means anything, quoted elsewhere. */
export const scalar = (text: string): string => (SPAN.test(text) || (PLAIN.test(text) && !WORDS.test(text) && !text.endsWith(" ")) ? text : JSON.stringify(text));

const line = (indent: string, key: string, value: string | number | null | undefined): string[] =>
  value === null || value === undefined || value === "" ? [] : [`${indent}${key}: ${typeof value === "number" ? value : scalar(value)}`];
const list = (indent: string, key: string, values: readonly string[] | null | undefined): string[] =>
  values === null || values === undefined || values.length === 0 ? [] : [`${indent}${key}:`, ...values.map((v) => `${indent}  - ${scalar(v)}`)];

function systemLines(s: PlanSystem): string[] {
  const i = "    ";
  return [`  - source: ${scalar(s.source)}`, ...line(i, "cut", s.cut), ...list(i, "also", s.also), ...line(i, "limit", s.limit), ...list(i, "checks", s.checks), ...list(i, "notCritical", s.notCritical), ...list(i, "byHand", s.byHand), ...line(i, "credentialUrl", s.credentialUrl), ...line(i, "note", s.note)];
}

export function planYaml(plan: Plan): string {
  const { subject, guards, schedule } = plan;
  const make = subject?.create;
  const account = subject?.account;
  const guarded = [...line("  ", "accountsPerRun", guards.accountsPerRun), ...line("  ", "accountsPerDay", guards.accountsPerDay), ...list("  ", "protectedAccounts", guards.protectedAccounts), ...list("  ", "protectedGroups", guards.protectedGroups)];
  return [
    `lanyard: ${plan.lanyard}`,
    `name: ${scalar(plan.name)}`,
    ...line("", "description", plan.description),
    `kind: ${plan.kind}`,
    ...(make ? ["subject:", "  create:", ...line("    ", "source", make.source), ...line("    ", "userName", make.userName), ...line("    ", "displayName", make.displayName), ...line("    ", "email", make.email), ...list("    ", "groups", make.groups)] : []),
    ...(account && !make ? ["subject:", "  account:", ...line("    ", "source", account.source), ...line("    ", "userName", account.userName)] : []),
    plan.systems.length === 0 ? "systems: []" : "systems:",
    ...plan.systems.flatMap(systemLines),
    ...line("", "poll", plan.poll), ...line("", "arrive", plan.arrive), ...line("", "watch", plan.watch),
    ...(guarded.length > 0 ? ["guards:", ...guarded] : []),
    ...(schedule ? ["schedule:", ...line("  ", "every", schedule.every), ...line("  ", "remind", schedule.remind)] : []),
    "",
  ].join("\n");
}
