/** The sentence that leads, the change of a severity, and the axis of days. */
import { describe, expect, it } from "vitest";
import type { FindingRow, FindingSums, Overview, Severity } from "../../ipc";
import { changeWords } from "./FindingsPart";
import { leadOf } from "./lead";
import { endOf, placeOf } from "./TokensPart";

const overview = { headline: "20 people in 3 systems; 2 differ.", caveat: null } as Overview;
const sums = (open: Partial<Record<Severity, number>>, some: Partial<FindingSums> = {}): FindingSums => ({
  severities: (["critical", "high", "medium", "low"] as const).map((severity) => ({ severity, open: open[severity] ?? 0, new: 0, closed: 0, trend: [] })),
  open: Object.values(open).reduce((a, b) => a + b, 0), suppressed: 0, rulesNotEvaluated: 0, rulesAsked: 30, evaluatedAt: 1, tookUs: 1, since: 0, first: [], ...some,
});

describe("the sentence", () => {
  it("is the weightiest finding where one is critical or high", () => {
    const first = [{ id: "x:1", says: "Ada can restore vault-prod", severity: "critical" } as FindingRow];
    const said = leadOf(overview, sums({ critical: 1, high: 2 }, { first }));
    expect(said.lead).toBe("Ada can restore vault-prod.");
    expect(said.rest).toBe(" 2 more are critical or high.");
    expect(said.finding?.id).toBe("x:1");
  });

  it("never says that nothing needs anybody while a rule was not evaluated", () => {
    expect(leadOf(overview, sums({})).lead).toBe("Nothing needs you today.");
    const said = leadOf(overview, sums({}, { rulesNotEvaluated: 3 }));
    expect(said.lead).not.toContain("Nothing needs you");
    expect(said.caveat).toContain("3 rules could not be evaluated");
    expect(said.tone).toBe("plain");
  });

  it("is the sources' own where no rule was asked", () => {
    expect(leadOf(overview, sums({}, { evaluatedAt: null })).lead).toBe("20 people in 3 systems;");
    expect(leadOf(overview, undefined).lead).toBe("20 people in 3 systems;");
  });
});

it("a change is what came less what went", () => {
  expect(changeWords({ new: 4, closed: 1 })).toEqual({ sign: "+3", says: "4 new, 1 closed" });
  expect(changeWords({ new: 0, closed: 2 }).sign).toBe("−2");
  expect(changeWords({ new: 1, closed: 1 }).sign).toBe("±0");
});

it("days stand in order on the axis, the near ones apart", () => {
  expect(placeOf(0)).toBe(0);
  expect(placeOf(7) - placeOf(0)).toBeGreaterThan(placeOf(90) - placeOf(30));
  expect(placeOf(4_000)).toBe(1);
  expect(endOf({ state: "due", daysLeft: -2 })).toEqual({ text: "2 days over", tone: "bad" });
  expect(endOf({ state: "refused", daysLeft: 40 }).text).toBe("refused");
});
