/** Whether today needs somebody, in one sentence. The weightiest finding leads; without one, what the sources say. */
import type { FindingRow, FindingSums, Overview } from "../../ipc";
import { count, plural, sentence } from "../../components/format";

export interface Lead {
  /** Said in strong. */
  lead: string;
  rest: string;
  /** What could not be seen, where something could not. */
  caveat: string | null;
  /** The finding that leads, where one does. */
  finding: FindingRow | null;
  tone: "bad" | "warn" | "good" | "plain";
}

/** The first clause is said in strong, the rest follows. */
export function splitHeadline(text: string): [string, string] {
  const at = text.search(/[;:]/);
  return at < 0 ? [text, ""] : [text.slice(0, at + 1), text.slice(at + 1)];
}

const without = (text: string) => text.replace(/[.]$/, "");

export function leadOf(overview: Overview, sums: FindingSums | undefined): Lead {
  const plain = (tone: Lead["tone"] = "plain"): Lead => {
    const [lead, rest] = splitHeadline(overview.headline);
    return { lead, rest, caveat: overview.caveat, finding: null, tone };
  };
  if (sums === undefined || sums.evaluatedAt === null) return plain();
  const missing = sums.rulesNotEvaluated > 0 ? `${plural(sums.rulesNotEvaluated, "rule")} could not be evaluated: there may be more.` : null;
  const of = (severity: string) => sums.severities.find((s) => s.severity === severity)?.open ?? 0;
  const grave = of("critical") + of("high");
  const first = sums.first[0];
  if (grave > 0 && first !== undefined) {
    const others = grave - 1;
    return {
      lead: `${without(sentence(first.says))}.`,
      rest: others > 0 ? ` ${others === 1 ? "One more is" : `${count(others)} more are`} critical or high.` : " Nothing else is critical or high.",
      caveat: missing ?? overview.caveat, finding: first, tone: first.severity === "critical" ? "bad" : "warn",
    };
  }
  if (sums.open > 0) {
    return { lead: "Nothing is critical or high.", rest: ` ${plural(sums.open, "finding")} of less weight ${sums.open === 1 ? "is" : "are"} open.`, caveat: missing ?? overview.caveat, finding: null, tone: missing === null ? "good" : "plain" };
  }
  return {
    lead: missing === null ? "Nothing needs you today." : "Nothing was found, as far as was read.",
    rest: ` ${plural(sums.rulesAsked, "rule")} ${sums.rulesAsked === 1 ? "was" : "were"} asked.`,
    caveat: missing ?? overview.caveat, finding: null, tone: missing === null ? "good" : "plain",
  };
}
