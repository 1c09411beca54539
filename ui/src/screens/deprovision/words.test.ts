import { describe, expect, it } from "vitest";
import { heightOf } from "../../components/RevokeTrends";
import type { Plan } from "../../ipc";
import { makeAxis } from "./axis";
import { offsetOf } from "./PlanText";
import { planYaml, scalar } from "./planYaml";

describe("the time axis", () => {
  it("puts seconds and hours on one line, in order, and keeps ticks clear of now", () => {
    const axis = makeAxis([60_000, 3_600_000], 384_000);
    const places = [1_000, 2_100, 60_000, 384_000, 3_600_000].map(axis.at);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(axis.at(0)).toBe(0);
    expect(axis.at(3_600_000)).toBeLessThanOrEqual(100);
    for (const tick of axis.ticks) expect(Math.abs(tick.at - axis.at(384_000))).toBeGreaterThanOrEqual(11);
    expect(axis.ticks.map((t) => t.text)).toContain("1 m");
  });
});

describe("a trend", () => {
  it("stands higher the longer it took, and below the limit where it held", () => {
    expect(heightOf(40_000, 30_000, 300_000)).toBeGreaterThan(heightOf(200_000, 30_000, 300_000));
    expect(heightOf(200_000, 30_000, 300_000)).toBeGreaterThan(heightOf(300_000, 30_000, 300_000));
  });
});

describe("a plan's text", () => {
  it("quotes what YAML would read as something else", () => {
    for (const plain of ["Workforce IdP", "5m", "canary@halcyon.example", "Łukasz"]) expect(scalar(plain)).toBe(plain);
    for (const meant of ["yes", "null", "a: b", "# x", "- x", "{run}", "12", "x #y", "'x", "", "x ", "a\nb: c", "*", "&a"]) expect(scalar(meant)).toBe(JSON.stringify(meant));
  });

  it("leaves out what the engine does by itself", () => {
    const plan: Plan = {
      lanyard: "plan/1", name: "p", description: "", kind: "offboarding", subject: null, poll: null, arrive: null, watch: "2h", schedule: null,
      systems: [{ source: "A: one", cut: "delete", also: ["x.y"], limit: "5m", checks: null, notCritical: [], byHand: ["Call them"], credentialUrl: null, note: null }],
      guards: { accountsPerRun: 2, accountsPerDay: null, protectedAccounts: ["svc-*"], protectedGroups: [] },
    };
    expect(planYaml(plan)).toBe('lanyard: plan/1\nname: p\nkind: offboarding\nsystems:\n  - source: "A: one"\n    cut: delete\n    also:\n      - x.y\n    limit: 5m\n    byHand:\n      - Call them\nwatch: 2h\nguards:\n  accountsPerRun: 2\n  protectedAccounts:\n    - "svc-*"\n');
  });

  it("is found by line and column", () => {
    expect(offsetOf("ab\ncdef\ng", 2, 3)).toBe(5);
    expect(offsetOf("ab\ncd", 2, 99)).toBe(5);
    expect(offsetOf("ab", 9, 1)).toBe(2);
  });
});
