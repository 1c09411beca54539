/** Findings: what is listed, how it is narrowed, suppressed and lifted; what was not evaluated is never told as nothing. */
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { calls, reset } from "../ipc/fake/transport";
import { address, renderWindow } from "./render";

const rows = () => screen.getAllByTestId("finding-row");

describe("the list by rule", () => {
  it("puts the worst rules first, and tells what could not be evaluated", async () => {
    renderWindow("/findings");
    await screen.findAllByTestId("finding-row");
    const rules = screen.getAllByTestId(/^rule-/).map((r) => r.getAttribute("aria-label"));
    expect(rules.slice(0, 2)).toEqual(["Active downstream, gone at the authority", "Restore reach outside the groups meant for it"]);
    const shelf = screen.getByRole("region", { name: "Not evaluated" });
    expect(shelf.textContent).toContain("2 rules");
  });

  it("narrows by text and by severity, in the address", async () => {
    const { user } = renderWindow("/findings");
    await screen.findAllByTestId("finding-row");
    await user.type(screen.getByRole("searchbox", { name: "Search findings" }), "payments-sre");
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(address()).toContain("q=payments-sre");
    await user.click(screen.getByTestId("severity-low"));
    await screen.findByText("No finding matches.");
    expect(address()).toContain("severity=low");
  });

  it("folds a rule, and moves by keys", async () => {
    const { user } = renderWindow("/findings");
    await screen.findAllByTestId("finding-row");
    const fold = screen.getAllByRole("button", { expanded: true })[0];
    fold?.focus();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement?.getAttribute("data-testid")).toBe("finding-row");
    fold?.focus();
    await user.keyboard("{Enter}");
    expect(fold?.getAttribute("aria-expanded")).toBe("false");
  });
});

describe("one finding", () => {
  it("tells evidence, why, and a way out; is suppressed with a reason and lifted again", async () => {
    const { user } = renderWindow("/findings?view=list&severity=critical");
    const grid = await screen.findByRole("grid", { name: "Findings" });
    await waitFor(() => expect(grid.textContent).toContain("payments-sre"));
    await user.click(within(grid).getByText(/payments-sre/));
    const panel = await screen.findByTestId("inspector");
    await within(panel).findByTestId("evidence");
    expect(within(panel).getByText("A restore brings back data past every other control.")).toBeTruthy();
    expect(within(panel).getAllByTestId("fix")[0]?.textContent).toContain("curl -X PATCH");
    await user.click(within(panel).getByTestId("suppress"));
    const dialog = await screen.findByRole("dialog");
    const button = within(dialog).getByRole("button", { name: "Suppress it" });
    expect(button.hasAttribute("disabled")).toBe(true);
    await user.type(within(dialog).getByLabelText("Why"), "Migration until Friday");
    await user.click(within(dialog).getByRole("radio", { name: "7 days" }));
    await user.click(button);
    expect((await screen.findByTestId("suppressed")).textContent).toContain("Migration until Friday");
    const call = calls.find((c) => c.command === "suppress_finding");
    const days = ((call?.args["until"] as number) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThan(8.1);
    await user.click(within(await screen.findByTestId("inspector")).getByTestId("lift"));
    await waitFor(() => expect(screen.queryByTestId("suppressed")).toBeNull());
  });
});

describe("nothing found", () => {
  it("says how many rules were asked where all was evaluated", async () => {
    reset({ findings: "clear", people: 20 });
    renderWindow("/findings");
    expect(await screen.findByText("Nothing is wrong that a rule looks for.")).toBeTruthy();
    expect(screen.getByTestId("by-rule").textContent).toContain("14 rules were asked about all that they are about");
  });

  it("is not said where nothing was evaluated", async () => {
    reset({ findings: "unread", people: 20 });
    renderWindow("/findings");
    expect(await screen.findByText("Nothing was evaluated yet.")).toBeTruthy();
    expect(screen.queryByText("Nothing is wrong that a rule looks for.")).toBeNull();
  });
});

describe("a rule", () => {
  it("is switched off, and its findings go with it", async () => {
    const { user } = renderWindow("/findings/rules/restore-outside");
    await user.click(await screen.findByTestId("rule-on"));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(within(screen.getByTestId("rule-row-restore-outside")).getByText("switched off")).toBeTruthy());
    expect(calls.find((c) => c.command === "set_rule")?.args).toEqual({ id: "restore-outside", settings: { off: true, severity: null, parameters: {} } });
  });

  it("takes a number within its bounds only", async () => {
    const { user } = renderWindow("/findings/rules/deep-privilege");
    const field = await screen.findByRole("textbox");
    await user.clear(field);
    await user.type(field, "11");
    expect(screen.getByText("Give a number from 2 to 10.")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Save" }).hasAttribute("disabled")).toBe(true);
    await user.clear(field);
    await user.type(field, "4");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(calls.find((c) => c.command === "set_rule")?.args["settings"]).toEqual({ off: false, severity: null, parameters: { nestings: 4 } }));
  });
});

describe("changes", () => {
  it("tell what was gained, privileged first, and lead to who gained it", async () => {
    const { user } = renderWindow("/changes?since=7");
    const list = await screen.findByTestId("records");
    expect(list.querySelector("li")?.textContent).toMatch(/18 people gained Backup Operator on vault-prod/);
    await user.click(screen.getByRole("radio", { name: "Access" }));
    const grid = await screen.findByRole("grid", { name: "Access gained and lost" });
    await waitFor(() => expect(grid.textContent).toContain("Backup Operator"));
    expect(address()).toContain("view=access");
  });
});

describe("as it was", () => {
  it("is marked as the past, with what cannot be said, and leads back", async () => {
    const { user } = renderWindow("/people");
    const grid = await screen.findByRole("grid");
    await waitFor(() => expect(grid.textContent).toMatch(/Adaeze/));
    grid.focus();
    await user.keyboard("{Enter}");
    await user.click(await screen.findByTestId("past"));
    await user.click(await screen.findByRole("button", { name: "Show" }));
    const banner = await screen.findByTestId("past-banner");
    expect(banner.textContent).toContain("As it was on");
    await waitFor(() => expect(screen.getByTestId("past-banner").textContent).toContain("was not kept whole"));
    expect(screen.queryByRole("tab", { name: /^Timeline/ })).toBeNull();
    await user.click(within(screen.getByTestId("past-banner")).getByRole("button", { name: /Back to now/ }));
    await screen.findByRole("tab", { name: /^Timeline/ });
  });
});

describe("history's retention", () => {
  it("removes nothing before it was said how much, and confirmed", async () => {
    const { user } = renderWindow("/settings");
    await user.click(await screen.findByRole("radio", { name: "Other" }));
    const field = screen.getByLabelText("Days that history is kept");
    await user.clear(field);
    await user.type(field, "30");
    await waitFor(() => expect(screen.getByTestId("over-age").textContent).toBe("4,120 lines would go now."));
    await user.click(screen.getByRole("button", { name: "Save…" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(calls.some((c) => c.command === "set_history_retention")).toBe(false);
    await user.click(within(dialog).getByRole("button", { name: "Remove 4,120 lines" }));
    await waitFor(() => expect(calls.find((c) => c.command === "set_history_retention")?.args).toEqual({ days: 30 }));
  });
});
