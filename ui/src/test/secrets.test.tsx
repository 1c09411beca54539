/** No secret stays in the window: not in a field, a cache, a state, a page, a storage. */
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { calls, refuse } from "../ipc/fake/transport";
import { address, renderWindow } from "./render";

const TOKEN = "hunter2-very-secret-token";

const everywhere = (client: ReturnType<typeof renderWindow>["client"]) =>
  JSON.stringify(client.getQueryCache().getAll().map((q) => [q.queryKey, q.state])) +
  JSON.stringify(client.getMutationCache().getAll().map((m) => m.state)) +
  document.documentElement.outerHTML +
  [...document.querySelectorAll("input")].map((i) => i.value).join("\n") +
  JSON.stringify(Object.entries(localStorage)) +
  address();

async function fill() {
  const view = renderWindow("/sources/new");
  await view.user.type(await screen.findByLabelText("Name"), "Depot");
  await view.user.type(screen.getByLabelText("Base URL"), "https://depot.example/scim/v2");
  await view.user.type(screen.getByLabelText("Token"), TOKEN);
  return view;
}

describe("a secret", () => {
  it("goes to the engine once, and is nowhere afterwards", async () => {
    const { user, client } = await fill();
    expect(screen.getByLabelText("Token").getAttribute("type")).toBe("password");
    await user.click(screen.getByTestId("save-source"));
    await waitFor(() => expect(address()).toMatch(/^\/sources\/\d+$/));
    expect(calls.filter((c) => c.command === "add_source").map((c) => c.args["secret"])).toEqual([TOKEN]);
    expect(everywhere(client)).not.toContain(TOKEN);
  });

  it("is taken out of its field even when saving is refused, and is asked for again", async () => {
    const { user, client } = await fill();
    refuse.set("add_source", { code: "keychain.locked", what: "The keychain is locked.", means: "Nothing was saved.", next: "Unlock it.", action: { kind: "retry" }, details: [] });
    await user.click(screen.getByTestId("save-source"));
    expect(await screen.findByText("The keychain is locked.")).toBeTruthy();
    expect(everywhere(client)).not.toContain(TOKEN);
    expect(screen.getByText(/give it again to save/)).toBeTruthy();
  });

  it("is not kept when another way to sign in is chosen", async () => {
    const { user, client } = await fill();
    await user.click(screen.getByRole("radio", { name: "User and password" }));
    expect(everywhere(client)).not.toContain(TOKEN);
  });

  it("need not be given again to edit, unless the address changes", async () => {
    const { user } = renderWindow("/sources/2/edit");
    expect(await screen.findByText(/is kept in the keychain; give a new one to replace it/)).toBeTruthy();
    const url = screen.getByLabelText("Base URL");
    await user.clear(url);
    await user.type(url, "https://elsewhere.example/scim");
    await user.click(screen.getByTestId("save-source"));
    expect(await screen.findByText(/The stored one is not sent elsewhere/)).toBeTruthy();
    expect(calls.some((c) => c.command === "update_source")).toBe(false);
  });
});

describe("the form", () => {
  it("says what is missing beside the fields, and asks no server", async () => {
    const { user } = renderWindow("/sources/new");
    await user.click(await screen.findByTestId("save-source"));
    expect(screen.getByText("Give the SCIM base URL.")).toBeTruthy();
    expect(screen.getByText("Give the token.")).toBeTruthy();
    expect(document.activeElement?.id).toBe("source-name");
    expect(calls.some((c) => c.command === "add_source")).toBe(false);
  });

  it("shows the connection test point by point, with what is done instead", async () => {
    const { user } = await fill();
    await user.click(screen.getByTestId("test-connection"));
    const report = await screen.findByTestId("probe", {}, { timeout: 3_000 });
    expect(report.textContent).toContain("3,000 users and 180 groups");
    expect(report.textContent).toContain("Each sync reads every page, and writes only what changed.");
    expect(screen.getByLabelText("Token")).toHaveProperty("value", TOKEN);
  });
});
