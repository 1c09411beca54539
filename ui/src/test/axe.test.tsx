/** axe finds nothing on any screen. Contrast is looked at in a real browser: jsdom paints nothing. */
import { screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { reset } from "../ipc/fake/transport";
import { renderWindow } from "./render";

async function violations(of: Element = document.body) {
  const result = await axe.run(of, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
}

const SCREENS: [string, () => Promise<unknown>][] = [
  ["/overview", () => screen.findByTestId("headline")],
  ["/people", () => screen.findByRole("grid")],
  ["/people?facet=differs&q=zzzz", () => screen.findByText("Nobody matches.")],
  ["/groups/1.g0001?tab=members", () => screen.findByRole("grid", { name: "Members" })],
  ["/groups/1.g0001?tab=groups", () => screen.findByText("A member of")],
  ["/audit/3", () => screen.findByText("Particulars")],
  ["/sources/3", () => screen.findByTestId("source-detail")],
  ["/sources/new", () => screen.findByTestId("source-form")],
  ["/sources/new?kind=azure", () => screen.findByLabelText("Tenant")],
  ["/sources/new?kind=backstage", () => screen.findByLabelText("Superusers")],
  ["/sources/5", () => screen.findByText("Scopes and vaults")],
  ["/joins", () => screen.findByText("bob.builder")],
  ["/joins?view=rules", () => screen.findByText("E-mail address")],
  ["/tokens", () => screen.findByRole("grid", { name: "Held by Lanyard" })],
  ["/tokens/own%3A1?held=held", () => screen.findByText("Rotations")],
  ["/findings", () => screen.findAllByTestId("finding-row")],
  ["/findings?view=list", () => screen.findByRole("grid", { name: "Findings" })],
  ["/findings?export=1", () => screen.findByRole("dialog")],
  ["/findings/rules/deep-privilege", () => screen.findByTestId("rule-on")],
  ["/changes", () => screen.findByTestId("records")],
  ["/changes?from=1700000000000", () => screen.findByLabelText("From the day")],
  ["/changes?view=access", () => screen.findByRole("grid", { name: "Access gained and lost" })],
  ["/settings", () => screen.findByText("Appearance")],
  ["/people?export=1", () => screen.findByRole("dialog")],
];

describe("axe", () => {
  it.each(SCREENS)("finds nothing on %s", async (path, ready) => {
    renderWindow(path);
    await ready();
    expect(await violations()).toEqual([]);
  });

  it("finds nothing on the first choices", async () => {
    reset({ firstRun: true, people: 20 });
    renderWindow("/");
    await screen.findByTestId("first-run");
    expect(await violations()).toEqual([]);
  });

  it("finds nothing on a person, on every tab", async () => {
    const { user } = renderWindow("/people");
    const grid = await screen.findByRole("grid");
    await waitFor(() => expect(screen.getAllByRole("row").length).toBeGreaterThan(5));
    await waitFor(() => expect(grid.textContent).toMatch(/Adaeze/));
    grid.focus();
    await user.keyboard("{Enter}");
    for (const tab of ["Systems", "Attributes", "Access", "Groups", "Timeline", "Raw"]) {
      await user.click(await screen.findByRole("tab", { name: new RegExp(`^${tab}`) }));
      expect(await violations(screen.getByTestId("inspector"))).toEqual([]);
    }
  }, 60_000);
});

describe("first run", () => {
  it("opens the demo company and shows its overview", async () => {
    reset({ firstRun: true, people: 20 });
    const { user } = renderWindow("/");
    await user.click(await screen.findByTestId("choice-demo"));
    expect(await screen.findByTestId("headline", {}, { timeout: 4_000 })).toBeTruthy();
  });
});
