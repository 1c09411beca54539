/** De-provisioning through its screens: plans, runs that move, refuse and pass, a leaver, evidence. */
import { screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { beforeEach, describe, expect, it } from "vitest";
import { pace } from "../ipc/fake/deprovision";
import { calls, refuse, reset } from "../ipc/fake/transport";
import { address, renderWindow } from "./render";

beforeEach(() => {
  pace.ms = 15;
});

const callsOf = (command: string) => calls.filter((c) => c.command === command).map((c) => c.args);
const state = async (wanted: string) => waitFor(() => expect(screen.getByTestId("run").querySelector("[data-testid=run-state]")?.getAttribute("data-state")).toBe(wanted));

async function planTest(dry = false) {
  const view = renderWindow("/deprovision/plans/canary-payments.yaml");
  await view.user.click(await screen.findByRole("button", { name: "Plan a run of canary-payments" }));
  const dialog = await screen.findByRole("dialog");
  if (dry) await view.user.click(within(dialog).getByRole("radio", { name: "Dry run" }));
  await view.user.click(within(dialog).getByRole("button", { name: "Show the plan" }));
  await screen.findByRole("form", { name: "Agreement" });
  return view;
}

describe("a run", () => {
  it("shows each request before anything is agreed to, and begins only once the name is typed", async () => {
    const { user } = await planTest();
    expect(address()).toBe("/deprovision/runs/120");
    await user.click(screen.getByText("Switch off canary-payments-120@halcyon.example"));
    const request = await screen.findByTestId("request");
    expect(request.textContent).toContain("PATCH /scim/v2/Users/00u81k2d7");
    expect(request.textContent).toContain('"value": false');
    expect(request.textContent).toContain("Authorization: ••••••••");
    const begin = screen.getByRole("button", { name: "Begin" });
    const field = screen.getByLabelText(/to agree/);
    await user.type(field, "somebody.else");
    expect(begin).toHaveProperty("disabled", true);
    expect(callsOf("agree_run")).toEqual([]);
    await user.clear(field);
    await user.type(field, "canary-payments-120@halcyon.example");
    await user.click(begin);
    await waitFor(() => expect(callsOf("agree_run")).toEqual([{ run: 120, agreement: { typed: "canary-payments-120@halcyon.example", secondLooks: [] } }]));
    // It moves by itself to its end, and refuses there: nobody handed over the token that was to be tried.
    await state("refusing");
    expect(screen.getByTestId("needs").textContent).toContain("Nothing was handed over");
  });

  it("passes with the credential handed over, which is nowhere in the window afterwards", async () => {
    const { user, client } = await planTest();
    await user.click(within(screen.getByTestId("needs")).getByRole("button", { name: "Hand it over…" }));
    await user.type(await screen.findByLabelText("Credential"), "bs-token-very-secret");
    await user.click(screen.getByRole("button", { name: "Hand it over" }));
    await waitFor(() => expect(callsOf("hand_over")).toEqual([{ run: 120, check: "4/backstage.token", secret: "bs-token-very-secret" }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(JSON.stringify(client.getQueryCache().getAll().map((q) => [q.queryKey, q.state])) + document.documentElement.outerHTML + address()).not.toContain("bs-token-very-secret");
    await user.type(screen.getByLabelText(/to agree/), "canary-payments-120@halcyon.example");
    await user.click(screen.getByRole("button", { name: "Begin" }));
    await state("passedWithGaps");
    expect(await screen.findByText("Passed, with gaps.")).toBeTruthy();
    expect(screen.getByRole("table", { name: "How each system came out" }).textContent).toMatch(/Ledgerly.*2 of 2 checks passed/);
    await user.click(screen.getByRole("button", { name: "Export…" }));
    await user.click(await screen.findByRole("checkbox", { name: /Mask personal data/ }));
    await user.click(screen.getByRole("button", { name: "Choose a place…" }));
    await waitFor(() => expect(callsOf("export_evidence")).toEqual([{ run: 120, target: "/home/ines/run-120.lanyard-evidence.zip", form: "file", masked: true }]));
  });

  it("empties the field of a credential even when it is refused", async () => {
    const { user } = await planTest();
    refuse.set("hand_over", { code: "keychain.locked", what: "The keychain is locked.", means: "Nothing was kept.", next: "Unlock it.", action: null, details: [] });
    await user.click(within(screen.getByTestId("needs")).getByRole("button", { name: "Hand it over…" }));
    const field = await screen.findByLabelText("Credential");
    await user.type(field, "bs-token-very-secret");
    await user.click(screen.getByRole("button", { name: "Hand it over" }));
    expect(await screen.findByText("The keychain is locked.")).toBeTruthy();
    expect(field).toHaveProperty("value", "");
  });

  it("that refuses names what survives, with the way out; waived with a reason and an end, it can be closed", async () => {
    const { user } = renderWindow("/deprovision/runs/118");
    const detail = await screen.findByTestId("check-detail");
    expect(detail.textContent).toContain("Backup Operator on vault-prod survives");
    expect(within(detail).getByTestId("asked").textContent).toContain("GET /subscriptions/");
    await user.click(within(detail).getByRole("button", { name: "Copy az command" }));
    const needs = screen.getByTestId("needs");
    expect(within(needs).getAllByRole("listitem").map((li) => li.querySelector("b")?.textContent)).toEqual(["Halcyon tenant: Its own role assignments are gone", "Developer portal: Catalog entity gone"]);
    for (const left of [1, 0]) {
      await user.click(within(screen.getByTestId("needs")).getAllByRole("button", { name: "Waive…" })[0] as HTMLElement);
      const dialog = await screen.findByRole("dialog");
      const waive = within(dialog).getByRole("button", { name: "Waive it" });
      expect(waive).toHaveProperty("disabled", true);
      await user.type(within(dialog).getByLabelText("Why"), "Known, ticket 4711");
      await user.click(waive);
      await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
      if (left > 0) await waitFor(() => expect(within(screen.getByTestId("needs")).getAllByRole("listitem")).toHaveLength(left));
    }
    const [first] = callsOf("waive_check");
    expect(first).toMatchObject({ run: 118, check: "5/azure.assignments", reason: "Known, ticket 4711" });
    expect(first?.["until"]).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    await user.click(screen.getByRole("button", { name: /^Evidence/ }));
    await user.click(await screen.findByRole("button", { name: "Sign and close" }));
    await state("passedWithGaps");
  });

  it("is stopped and goes on", async () => {
    pace.ms = 400;
    const { user } = await planTest();
    await user.type(screen.getByLabelText(/to agree/), "canary-payments-120@halcyon.example");
    await user.click(screen.getByRole("button", { name: "Begin" }));
    await user.click(await screen.findByRole("button", { name: "Stop" }));
    await state("stopped");
    await user.click(screen.getByRole("button", { name: "Go on" }));
    await state("running");
    expect(callsOf("resume_run")).toEqual([{ run: 120 }]);
  });

  it("counts on while it waits, from the engine's clock", async () => {
    renderWindow("/deprovision/runs/119?phase=probe");
    const line = await screen.findByTestId("check-4/backstage.token");
    const before = line.textContent;
    expect(before).toMatch(/6 m 2\d s/);
    await waitFor(() => expect(screen.getByTestId("check-4/backstage.token").textContent).not.toBe(before), { timeout: 4_000 });
  });

  it("says when it could not be asked for", async () => {
    renderWindow("/deprovision/runs/999");
    expect((await screen.findByTestId("fault")).textContent).toContain("There is no run 999.");
  });
});

describe("a leaver", () => {
  it("is walked out from the person: what they hold, hard or soft, second looks, a step by hand", async () => {
    const { user } = renderWindow("/people");
    const grid = await screen.findByRole("grid");
    await waitFor(() => expect(grid.textContent).toMatch(/Adaeze/));
    grid.focus();
    await user.keyboard("{Enter}");
    await user.click(await screen.findByRole("link", { name: "Walk out…" }));
    const portal = await screen.findByTestId("leaver-4");
    expect(portal.textContent).toContain("component:default/payout-runner");
    expect(within(portal).getByRole("radio", { name: "Hard: delete" })).toHaveProperty("checked", true);
    expect(portal.textContent).toMatch(/Unregisters the entity.*Cannot be undone/);
    // What each way does is there before one is chosen.
    expect(portal.textContent).not.toContain("Takes the RBAC roles");
    await user.click(within(portal).getByRole("button", { name: /^Compare what each way does/ }));
    expect(portal.textContent).toContain("Takes the RBAC roles");
    // Where writing is off nothing that writes can be chosen, and the way to switch it on is there.
    const ledgerly = screen.getByTestId("leaver-2");
    for (const name of ["Soft: switch off", "Hard: delete"]) expect(within(ledgerly).getByRole("radio", { name })).toHaveProperty("disabled", true);
    expect(ledgerly.textContent).toContain("Writing to Ledgerly is off");
    expect(within(ledgerly).getByRole("link", { name: "Switch writing on" }).getAttribute("href")).toContain("/sources/2/edit");
    await user.click(within(screen.getByTestId("leaver-5")).getByRole("radio", { name: /Soft: switch off/ }));
    await user.click(screen.getByRole("button", { name: /Show the plan/ }));
    const form = await screen.findByRole("form", { name: "Agreement" });
    const [draft] = callsOf("plan_run").map((a) => a["draft"] as { plan: { text: string }; person: string });
    expect(draft?.plan.text).toMatch(/source: Halcyon tenant\n {4}cut: disable/);
    // What cannot be undone has to be looked at one by one, beside typing the name.
    const name = form.querySelector("code")?.textContent ?? "";
    await user.type(within(form).getByLabelText(/to agree/), name);
    expect(screen.getByRole("button", { name: "Begin" })).toHaveProperty("disabled", true);
    for (const box of within(form).getAllByRole("checkbox")) await user.click(box);
    await user.click(screen.getByRole("button", { name: "Begin" }));
    await state("waiting");
    await user.click(within(screen.getByTestId("needs")).getByRole("button", { name: "It is done…" }));
    await user.type(await screen.findByLabelText("Note"), "CHG-88");
    await user.click(screen.getByRole("button", { name: "It is done" }));
    await waitFor(() => expect(callsOf("confirm_step")).toEqual([{ run: 120, step: "act-4", note: "CHG-88" }]));
  });
});

describe("plans", () => {
  it("are listed with what is wrong with them; one that cannot be read is not run", async () => {
    renderWindow("/deprovision");
    const row = await screen.findByTestId("plan-warehouse-canary.yaml");
    expect(row.textContent).toContain("3 problems");
    expect(within(row).getByRole("button", { name: /Plan a run/ })).toHaveProperty("disabled", true);
    expect((await screen.findByTestId("run-118")).textContent).toContain("Refuses to close");
    expect((await screen.findByTestId("trend-5")).textContent).toContain("failed");
    expect(screen.getByRole("img", { name: "1 need a person" })).toBeTruthy();
  });

  it("mark problems at their lines, and lose them when the text is mended", async () => {
    const { user } = renderWindow("/deprovision/plans/warehouse-canary.yaml");
    const text = await screen.findByLabelText<HTMLTextAreaElement>("Text of the plan");
    const problems = await screen.findByRole("list", { name: "Problems" });
    expect(within(problems).getAllByRole("button").map((b) => /Line \d+/.exec(b.textContent)?.[0])).toEqual(["Line 5", "Line 6", "Line 7"]);
    await user.click(within(problems).getByRole("button", { name: /Line 6/ }));
    await waitFor(() => expect(document.activeElement).toBe(text));
    expect(text.value.slice(text.selectionStart)).toMatch(/^disabel/);
    await user.clear(text);
    await user.click(text);
    await user.paste("lanyard: plan/1\nname: depot\nkind: test\nsystems:\n  - source: Ledgerly\n    cut: disable\n    limit: 5m\n");
    expect(await screen.findByText("None: it can be run.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(callsOf("save_plan")[0]).toMatchObject({ file: "warehouse-canary.yaml" }));
    expect(callsOf("save_plan")[0]?.["over"]).toMatch(/^[0-9a-f]{8}$/);
  });

  it("are written by the form as text, and never over a file that has changed", async () => {
    const { user } = renderWindow("/deprovision/plans/new");
    const form = await screen.findByRole("form", { name: "Plan" });
    const name = within(form).getByRole("textbox", { name: /^Name The file/ });
    await user.clear(name);
    await user.type(name, "night shift: 1");
    await user.selectOptions(within(form).getByLabelText("Cut at Ledgerly"), "delete");
    refuse.set("save_plan", { code: "plan.changed", what: "It is not as it was when it was opened.", means: "Nothing was written over.", next: "Open it again.", action: null, details: [] });
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Nothing was written over.")).toBeTruthy();
    refuse.clear();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(address()).toMatch(/^\/deprovision\/plans\/night-shift/));
    const written = callsOf("save_plan").at(-1);
    expect(written?.["over"]).toBeNull();
    expect(written?.["text"]).toContain('name: "night shift: 1"');
    expect(written?.["text"]).toMatch(/source: Ledgerly\n {4}cut: delete/);
  });

  it("say what will be here where there is none", async () => {
    reset({ firstRun: false, people: 20, runs: false });
    renderWindow("/deprovision");
    expect(await screen.findByText("No plan and no run yet.")).toBeTruthy();
  });
});

describe("evidence", () => {
  it("is picked and told point by point", async () => {
    const { user } = renderWindow("/deprovision/evidence");
    await user.click(await screen.findByRole("button", { name: "Open a file…" }));
    const said = await screen.findByTestId("evidence-check");
    expect(callsOf("verify_evidence")).toEqual([{ path: "/home/ines/evidence/run-117.lanyard-evidence.zip" }]);
    expect(said.getAttribute("data-ok")).toBe("true");
    expect(within(said).getAllByRole("listitem")).toHaveLength(8);
  });

  it("that was changed is named", async () => {
    renderWindow("/deprovision/evidence?path=/tmp/changed.zip");
    const said = await screen.findByTestId("evidence-check");
    expect(said.textContent).toContain("report.html has another SHA-256");
    expect(said.textContent).toContain("2 of 8 points do not hold.");
  });
});

describe("axe", () => {
  const PLACES: [string, () => Promise<unknown>][] = [
    ["/deprovision", () => screen.findByTestId("run-118")],
    ["/deprovision/runs/118", () => screen.findByTestId("check-detail")],
    ["/deprovision/runs/119", () => screen.findByTestId("check-detail")],
    ["/deprovision/runs/119?phase=act", () => screen.findByTestId("step-act-1")],
    ["/deprovision/runs/119?phase=plan", () => screen.findByTestId("step-restore-1")],
    ["/deprovision/runs/117?phase=evidence", () => screen.findByText("Passed, with gaps.")],
    ["/deprovision/runs/118?phase=baseline", () => screen.findByText("Held before")],
    ["/deprovision/plans/canary-payments.yaml", () => screen.findByRole("form", { name: "Plan" })],
    ["/deprovision/plans/warehouse-canary.yaml", () => screen.findByRole("list", { name: "Problems" })],
    ["/deprovision/evidence?path=/tmp/changed.zip", () => screen.findByTestId("evidence-check")],
  ];
  it.each(PLACES)("finds nothing on %s", async (path, ready) => {
    renderWindow(path);
    await ready();
    const result = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
    expect(result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`)).toEqual([]);
  });
});
