/** A rule's settings while they are typed. */
import type { FindingRule, RuleSettings, Severity } from "../../ipc";

export interface RuleDraft {
  on: boolean;
  severity: Severity;
  /** As typed, by name. */
  values: Record<string, string>;
}

/** What a draft would set: only what differs from the rule's own. None while a number is out of its bounds; those are named. */
export function settingsFrom(rule: FindingRule, draft: RuleDraft): { settings: RuleSettings | null; wrong: string[] } {
  const wrong: string[] = [];
  const parameters: Record<string, number> = {};
  for (const p of rule.parameters) {
    const text = (draft.values[p.name] ?? "").trim();
    const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(value) || value < p.min || value > p.max) wrong.push(p.name);
    else if (value !== p.default) parameters[p.name] = value;
  }
  const settings = { off: !draft.on, severity: draft.severity === rule.defaultSeverity ? null : draft.severity, parameters };
  return { settings: wrong.length > 0 ? null : settings, wrong };
}
