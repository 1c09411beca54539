/** What an address asks of findings, what a draft of a rule would set, and what a diff's lines do. */
import { describe, expect, it } from "vitest";
import type { FindingRule } from "../../ipc";
import { diffLines } from "./diff";
import { narrowed, parseAsk, queryOf, toggled } from "./findingList";
import { settingsFrom } from "./ruleDraft";

const ask = (text: string) => parseAsk(new URLSearchParams(text));

describe("the address", () => {
  it("takes what is wrong as not said", () => {
    const of = ask("severity=critical,nonsense&area=moon&state=gone&new=-3&source=x");
    expect(of).toMatchObject({ view: "rules", severities: ["critical"], area: null, state: "open", fresh: null, source: null });
  });

  it("shows one list where one rule is asked for", () => {
    expect(ask("rule=active-after-leaving").view).toBe("list");
    expect(narrowed(ask("view=list"))).toBe(false);
  });

  it("becomes the engine's question", () => {
    const now = new Date(2026, 10, 22, 12).getTime();
    expect(queryOf(ask("severity=high&state=suppressed&new=1&sort=newest"), now)).toMatchObject({ severities: ["high"], states: ["suppressed"], newSince: new Date(2026, 10, 21).getTime(), sort: "newest" });
  });

  it("names no severity where all or none are chosen", () => {
    expect(toggled(["critical"], "critical")).toBeNull();
    expect(toggled(["critical"], "high")).toBe("critical,high");
    expect(toggled(["critical", "high", "medium"], "low")).toBeNull();
  });
});

describe("a rule's draft", () => {
  const rule = { severity: "high", defaultSeverity: "high", parameters: [{ name: "days", says: "", unit: "days", value: 14, default: 14, min: 0, max: 90 }] } as unknown as FindingRule;

  it("sets only what differs", () => {
    expect(settingsFrom(rule, { on: true, severity: "high", values: { days: "14" } }).settings).toEqual({ off: false, severity: null, parameters: {} });
    expect(settingsFrom(rule, { on: false, severity: "low", values: { days: "7" } }).settings).toEqual({ off: true, severity: "low", parameters: { days: 7 } });
  });

  it("names numbers out of bounds", () => {
    for (const days of ["91", "-1", "", "1e3", "7.5"]) expect(settingsFrom(rule, { on: true, severity: "high", values: { days } })).toEqual({ settings: null, wrong: ["days"] });
  });
});

it("a diff's file heads are no changes", () => {
  expect(diffLines("--- a\n+++ b\n-x\n+y\n z").map((l) => l.sign).join("")).toBe("  -+ ");
});
