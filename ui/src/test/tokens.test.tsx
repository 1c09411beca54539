/** Tokens through their screens: the list, verifying, a new value, the start of a rotation, and a rotation in every state. */
import { screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { calls, emit, hold, refuse, reset } from "../ipc/fake/transport";
import { address, renderWindow } from "./render";

const callsOf = (command: string) => calls.filter((c) => c.command === command).map((c) => c.args);
const violations = async () => {
  const result = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
};
const rowsIn = (grid: HTMLElement) => within(grid).getAllByRole("row").filter((r) => r.hasAttribute("aria-selected"));
const held = () => screen.findByRole("grid", { name: "Held by Lanyard" });
const state = async (wanted: string) => waitFor(() => expect(screen.getByTestId("rotation").querySelector("[data-testid=rotation-state]")?.getAttribute("data-state")).toBe(wanted));

describe("the list", () => {
  it("has what is held apart from what is known, the worst first, with what could not be looked at", async () => {
    renderWindow("/tokens");
    const rows = rowsIn(await held());
    expect(rows.map((r) => r.querySelector("[data-state]")?.getAttribute("data-state"))).toEqual(["oldLives", "refused", "dueSoon", "rotating", "good"]);
    expect(screen.getByTestId("caveats").textContent).toContain("Application.Read.All is missing");
    expect(rowsIn(screen.getByRole("grid", { name: "Known of" }))[0]?.textContent).toContain("Expired");
    const link = screen.getByRole("link", { name: /^Tokens/ });
    expect(within(link).getByRole("img").getAttribute("aria-label")).toBe("12 need somebody");
  });

  it("says of each right whether it is there, missing, or was not told", async () => {
    renderWindow("/tokens");
    const rows = rowsIn(await held());
    expect(rows[0]?.textContent).toContain("reads: yes");
    expect(rows[1]?.textContent).toContain("reads: no");
    expect(rows[1]?.textContent).toContain("writes: not evaluated");
  });

  it("is narrowed by state, by who holds it, and by search, and says so in the address", async () => {
    const { user } = renderWindow("/tokens");
    await held();
    await user.click(screen.getByTestId("facet-need"));
    await waitFor(() => expect(address()).toBe("/tokens?facet=need"));
    expect(screen.getByTestId("count").textContent).toBe("12 of 30");
    await user.click(screen.getByRole("radio", { name: "Known of" }));
    await waitFor(() => expect(screen.queryByRole("grid", { name: "Held by Lanyard" })).toBeNull());
    await user.type(screen.getByRole("searchbox", { name: "Search tokens" }), "freight");
    await waitFor(() => expect(screen.getByTestId("count").textContent).toBe("3 of 30"));
    await user.clear(screen.getByRole("searchbox", { name: "Search tokens" }));
    await user.type(screen.getByRole("searchbox", { name: "Search tokens" }), "zzzz");
    await user.click(await screen.findByRole("button", { name: "Show all" }));
    await waitFor(() => expect(address()).toBe("/tokens"));
    expect(await held()).toBeTruthy();
  });

  it("draws only the rows in view of a tenant with thousands of secrets", async () => {
    reset({ people: 20, tokens: 4_000 });
    renderWindow("/tokens?held=known");
    const grid = await screen.findByRole("grid", { name: "Known of" });
    expect(grid.getAttribute("aria-rowcount")).toBe("4002");
    expect(rowsIn(grid).length).toBeLessThan(60);
  });

  it("says that the keychain is locked, that one is missing, and what to do, and calls none of them good", async () => {
    reset({ people: 20, tokens: "locked" });
    const { user } = renderWindow("/tokens");
    const grid = await held();
    expect(screen.getByTestId("fault").getAttribute("data-code")).toBe("keychain.locked");
    expect(grid.querySelector("[data-state=good]")).toBeNull();
    expect(rowsIn(grid)[0]?.textContent).toContain("Missing");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(callsOf("credentials_list").length).toBeGreaterThan(1));
    expect(await violations()).toEqual([]);
  });

  it("says what will be here while there is nothing", async () => {
    reset({ people: 20, tokens: "none" });
    renderWindow("/tokens");
    expect(await screen.findByText("No credential yet.")).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it("opens by keys, follows, and closes", async () => {
    const { user } = renderWindow("/overview");
    await screen.findByTestId("headline");
    await user.keyboard("gt");
    const grid = await held();
    grid.focus();
    await user.keyboard("j{Enter}");
    await waitFor(() => expect(address()).toBe("/tokens/own%3A3"));
    expect((await screen.findByTestId("inspector")).textContent).toContain("The very same one is kept for Ledgerly");
    await user.keyboard("j");
    await waitFor(() => expect(address()).toBe("/tokens/own%3A4"));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(address()).toBe("/tokens"));
  });

  it("asks again when the engine says that credentials stand differently", async () => {
    renderWindow("/tokens");
    await held();
    const before = callsOf("credentials_list").length;
    emit({ kind: "tokensChanged", rotation: null });
    await waitFor(() => expect(callsOf("credentials_list").length).toBeGreaterThan(before));
  });
});

describe("a credential", () => {
  it("is verified, with each question and its answer", async () => {
    const { user } = renderWindow("/tokens/own%3A2?held=held");
    await user.click(await screen.findByRole("button", { name: "Verify now" }));
    const check = await screen.findByTestId("check");
    expect(check.getAttribute("data-works")).toBe("yes");
    expect(within(check).getAllByRole("listitem")[1]?.textContent).toContain("Read with a made-up token401");
    await user.click(within(check).getByText("Read with the token"));
    expect(check.textContent).toContain("Authorization: ••••••••");
    expect(await violations()).toEqual([]);
  });

  it("that is refused is said to be refused, whatever was known before", async () => {
    const { user } = renderWindow("/tokens/own%3A3");
    await user.click(await screen.findByRole("button", { name: "Verify now" }));
    expect((await screen.findByTestId("check")).textContent).toContain("It is refused.");
  });

  it("that Lanyard does not hold offers nothing that cannot be done", async () => {
    renderWindow("/tokens/provider%3A2%3Atok_38");
    const panel = await screen.findByTestId("inspector");
    expect(panel.textContent).toContain("Lanyard does not hold it");
    expect(within(panel).queryByRole("button", { name: /Verify|Rotate|leaked|new value/ })).toBeNull();
  });

  it("takes an end that is typed in and a policy, and refuses what is no number", async () => {
    const { user } = renderWindow("/tokens/own%3A4");
    await user.click(await screen.findByRole("button", { name: "Set end and policy…" }));
    const dialog = await screen.findByRole("dialog", { name: "End and policy" });
    const days = within(dialog).getByLabelText(/Days after it was made/);
    await user.clear(days);
    await user.type(days, "ninety");
    expect(within(dialog).getByRole("button", { name: "Save" })).toHaveProperty("disabled", true);
    await user.clear(days);
    await user.type(days, "30");
    expect(await violations()).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(callsOf("credential_describe")[0]).toMatchObject({ id: "own:4", policy: { everyDays: 30, warnDays: 14 } }));
    expect(callsOf("credential_describe")[0]?.["expiresAt"]).toEqual(expect.any(Number));
  });

  it("is found from its source, and by the palette", async () => {
    const { user } = renderWindow("/sources/3");
    await user.click(await screen.findByRole("link", { name: "Age, rights, rotation" }));
    await waitFor(() => expect(address()).toBe("/tokens/own%3A3"));
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("searchbox", { name: "Go to, or do" }), "rotate developer");
    await screen.findByRole("menuitem", { name: /Rotate the token of Developer portal/ });
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("dialog", { name: "Rotate the token of Developer portal" })).toBeTruthy();
  });
});

describe("the start of a rotation", () => {
  it("shows every request before anything is sent, and begins with what was chosen", async () => {
    const { user } = renderWindow("/tokens/own%3A2?rotate=routine");
    const dialog = await screen.findByRole("dialog", { name: "Rotate the token of Ledgerly" });
    expect(await violations()).toEqual([]);
    await user.click(await within(dialog).findByRole("button", { name: "Add something that a person changes" }));
    await user.click(within(dialog).getByRole("button", { name: "Show what it does" }));
    // A line without a name is no system.
    expect(await within(dialog).findByText(/Say what it is/)).toBeTruthy();
    expect(callsOf("rotation_plan")).toEqual([]);
    await user.type(within(dialog).getByLabelText("What uses it, 1"), "HR export");
    await user.click(within(dialog).getByRole("button", { name: "Show what it does" }));
    const plan = await screen.findByTestId("rotation-plan");
    expect(plan.textContent).toContain("POST /api/v1/scim-tokens");
    expect(plan.textContent).toContain("DELETE /api/v1/scim-tokens/tok_41");
    expect(await violations()).toEqual([]);
    await user.click(within(plan).getByRole("radio", { name: "hr-export" }));
    await waitFor(() => expect(callsOf("rotation_plan").at(-1)).toMatchObject({ start: { oldId: "tok_38" } }));
    expect(callsOf("rotation_begin")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Begin the rotation" }));
    await waitFor(() => expect(address()).toBe("/tokens/rotations/51"));
    expect(callsOf("rotation_begin")[0]).toMatchObject({ start: { source: 2, reason: "routine", how: { kind: "recipe", recipe: "scim-tokens" }, oldId: "tok_38", overlapMs: 3_600_000, expiresAt: null, users: [{ kind: "entraJob" }, { kind: "byHand", name: "HR export", instructions: "" }] } });
  });

  it("of one that leaked says first that the old one goes first", async () => {
    const { user } = renderWindow("/tokens/own%3A5");
    await user.click(await screen.findByRole("button", { name: "It leaked…" }));
    const dialog = await screen.findByRole("dialog", { name: "Rotate the secret of Halcyon tenant" });
    expect(await within(dialog).findByText(/The old one is revoked first/)).toBeTruthy();
    // What cannot be chosen says why.
    expect(dialog.textContent).toContain("Application.ReadWrite.OwnedBy is missing");
    await user.click(within(dialog).getByRole("button", { name: "Show what it does" }));
    expect((await screen.findByTestId("rotation-plan")).textContent).toMatch(/Look.*Revoke the old one.*Make a new one/);
    expect(await screen.findByRole("button", { name: "Revoke and replace it" })).toBeTruthy();
  });

  it("is not begun while something stands in the way", async () => {
    const { user } = renderWindow("/tokens/own%3A3?rotate=refused");
    const dialog = await screen.findByRole("dialog", { name: "Rotate the token of Warehouse portal" });
    await user.click(await within(dialog).findByRole("radio", { name: /recipe “scim-tokens”/ }));
    expect(within(dialog).getByRole("radio", { name: /recipe “portal-keys”/ })).toHaveProperty("disabled", true);
    await user.click(within(dialog).getByRole("button", { name: "Show what it does" }));
    expect((await screen.findByTestId("rotation-plan")).textContent).toContain("It cannot begin yet");
    expect(screen.getByRole("button", { name: "Begin the rotation" })).toHaveProperty("disabled", true);
  });
});

describe("a rotation", () => {
  it.each([
    [41, "done", "from the revoking to the first refusal"],
    [42, "putBack", "Put back."],
    [43, "oldLives", "Not done."],
    [44, "counting", "until the overlap ends"],
    [45, "waiting", "Get a new token, and hand it over"],
    [46, "waiting", "Give the new one to The HR export’s cron job"],
    [47, "waiting", "Revoke the old token at Developer portal"],
    [48, "waiting", "The new token is not as the old one"],
    [49, "stopped", "Entra did not accept the new token"],
    [50, "running", "it leaked"],
  ])("%d is shown as %s, and axe finds nothing on it", async (id, wanted, says) => {
    renderWindow(`/tokens/rotations/${id}`);
    await screen.findByTestId("rotation");
    await state(wanted);
    expect(screen.getByTestId("rotation").textContent).toContain(says);
    expect(await violations()).toEqual([]);
  });

  it("whose old one lives on is never called done, and keeps asking", async () => {
    const { user } = renderWindow("/tokens/rotations/43");
    const banner = await screen.findByTestId("old-lives");
    expect(banner.textContent).toContain("It stays open until the old one is refused for good");
    expect(screen.getByTestId("strip").getAttribute("aria-label")).toMatch(/Old: let in 63 times\..*Made up: refused 63 times\./);
    await user.click(screen.getByRole("button", { name: "Ask now" }));
    await waitFor(() => expect(screen.getByTestId("strip").getAttribute("aria-label")).toContain("Old: let in 64 times"));
    await state("oldLives");
  });

  it("goes back by its own button, after it said what that does", async () => {
    const { user } = renderWindow("/tokens/rotations/44");
    await user.click(await screen.findByRole("button", { name: "Put the old token back…" }));
    const dialog = await screen.findByRole("dialog", { name: "Put the old token back" });
    expect(dialog.textContent).toContain("One write puts it back into Entra’s job.");
    expect(callsOf("rotation_put_back")).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Put the old token back" }));
    await state("putBack");
    expect(callsOf("rotation_put_back")).toEqual([{ id: 44 }]);
  });

  it("is stopped and resumed where it stands", async () => {
    const { user } = renderWindow("/tokens/rotations/44");
    await user.click(await screen.findByRole("button", { name: "Stop" }));
    await user.click(within(await screen.findByRole("dialog", { name: "Stop the rotation" })).getByRole("button", { name: "Stop it" }));
    await state("stopped");
    await user.click(screen.getByRole("button", { name: "Resume" }));
    await state("counting");
  });

  it("is left running without a request", async () => {
    const { user } = renderWindow("/tokens/rotations/44");
    await user.click(await screen.findByRole("button", { name: "Leave it running" }));
    await waitFor(() => expect(address()).toBe("/tokens/own%3A2"));
    expect(callsOf("rotation_stop")).toEqual([]);
  });

  it("takes a person’s word for what was handed over and revoked, with a note", async () => {
    const { user } = renderWindow("/tokens/rotations/46");
    await user.type(await screen.findByLabelText("Note"), "OPS-12");
    await user.click(screen.getByRole("button", { name: "It has the new one" }));
    await waitFor(() => expect(callsOf("rotation_confirm")).toEqual([{ id: 46, ask: "handOver", user: 1, note: "OPS-12" }]));
    await waitFor(() => expect(screen.queryByTestId("ask")).toBeNull());
  });

  it("goes over a failed point only with a reason", async () => {
    const { user } = renderWindow("/tokens/rotations/48");
    const go = await screen.findByRole("button", { name: "Go on with it" });
    expect(go).toHaveProperty("disabled", true);
    await user.type(screen.getByLabelText("Note"), "60 left yesterday");
    await user.click(go);
    await waitFor(() => expect(callsOf("rotation_decide")).toEqual([{ id: 48, accept: true, note: "60 left yesterday" }]));
  });

  it("lets every stage be looked at, by its address", async () => {
    const { user } = renderWindow("/tokens/rotations/44");
    await user.click(await screen.findByRole("button", { name: /^Look/ }));
    await waitFor(() => expect(address()).toBe("/tokens/rotations/44?stage=look"));
    expect(screen.getByText("How many tokens there may be")).toBeTruthy();
    expect(screen.queryByTestId("strip")).toBeNull();
    await user.click(screen.getByRole("button", { name: /Prove the old token dead/ }));
    await waitFor(() => expect(address()).toBe("/tokens/rotations/44"));
  });

  it("shows the next request, which was not sent", async () => {
    renderWindow("/tokens/rotations/48");
    expect((await screen.findByTestId("next-request")).textContent).toMatch(/not sent yet.*DELETE .*tok_41/);
  });
});

describe("a token in the window", () => {
  const TOKEN = "lanyard-paste-hunter2-value";
  const everywhere = (client: ReturnType<typeof renderWindow>["client"]) =>
    JSON.stringify(client.getQueryCache().getAll().map((q) => [q.queryKey, q.state])) +
    JSON.stringify(client.getMutationCache().getAll().map((m) => m.state)) +
    document.documentElement.outerHTML +
    [...document.querySelectorAll("input")].map((i) => i.value).join("\n") +
    JSON.stringify([...Object.entries(localStorage), ...Object.entries(sessionStorage)]) +
    address();

  it("that is pasted goes to the engine once, is gone before the answer comes, and is nowhere afterwards", async () => {
    const { user, client } = renderWindow("/tokens/rotations/45");
    const field = await screen.findByLabelText("New token");
    expect(field.getAttribute("type")).toBe("password");
    expect(field.getAttribute("spellcheck")).toBe("false");
    const go = hold("rotation_paste");
    await user.type(field, TOKEN);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(callsOf("rotation_paste")).toEqual([{ id: 45, secret: TOKEN }]));
    expect(everywhere(client)).not.toContain(TOKEN);
    go();
    await waitFor(() => expect(screen.getByTestId("secret")).toBeTruthy());
    expect(everywhere(client)).not.toContain(TOKEN);
  });

  it("that is refused is gone too, and is asked for again with the reason", async () => {
    const { user, client } = renderWindow("/tokens/rotations/45");
    await user.type(await screen.findByLabelText("New token"), `wrong-${TOKEN}`);
    await user.click(screen.getByRole("button", { name: "Hand it over" }));
    expect(await screen.findByText(/The last one was refused/)).toBeTruthy();
    expect(everywhere(client)).not.toContain(TOKEN);
  });

  it("that is put in is tried first; where it is refused, the dialog stays and the field is empty", async () => {
    const { user, client } = renderWindow("/tokens/own%3A3");
    await user.click(await screen.findByRole("button", { name: "Put in a new value…" }));
    const dialog = await screen.findByRole("dialog");
    await user.type(within(dialog).getByLabelText("New token"), `wrong-${TOKEN}`);
    await user.click(within(dialog).getByRole("button", { name: "Try it and keep it" }));
    expect(await within(dialog).findByText("Warehouse portal refuses this one (401).")).toBeTruthy();
    expect(everywhere(client)).not.toContain(TOKEN);
    expect(within(dialog).getByRole("button", { name: "Try it and keep it" })).toHaveProperty("disabled", true);
    await user.type(within(dialog).getByLabelText("New token"), TOKEN);
    await user.click(within(dialog).getByRole("button", { name: "Try it and keep it" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(callsOf("credential_replace").at(-1)).toEqual({ id: "own:3", secret: TOKEN });
    expect(everywhere(client)).not.toContain(TOKEN);
  });

  it("for the provider’s own API is kept without being kept here", async () => {
    const { user, client } = renderWindow("/tokens/own%3A2?rotate=routine");
    await user.click(await screen.findByRole("button", { name: "Keep one…" }));
    await user.type(screen.getByLabelText("Credential for the token API"), TOKEN);
    refuse.set("manager_keep", { code: "keychain.locked", what: "The keychain is locked.", means: "Nothing was kept.", next: "Unlock it.", action: null, details: [] });
    await user.click(screen.getByRole("button", { name: "Keep it" }));
    expect(await screen.findByText("The keychain is locked.")).toBeTruthy();
    expect(everywhere(client)).not.toContain(TOKEN);
    refuse.clear();
    await user.type(screen.getByLabelText("Credential for the token API"), TOKEN);
    await user.click(screen.getByRole("button", { name: "Keep it" }));
    expect(await screen.findByText("A credential of its own for the token API is kept.")).toBeTruthy();
    expect(everywhere(client)).not.toContain(TOKEN);
  });
});
