/** The window by keys alone. */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { calls } from "../ipc/fake/transport";
import { address, renderWindow } from "./render";

const rows = () => screen.getAllByRole("row").filter((r) => r.hasAttribute("aria-selected"));
const loaded = async () => {
  const grid = await screen.findByRole("grid");
  await waitFor(() => expect(rows()[0]?.textContent).toMatch(/\p{L}/u));
  return grid;
};

describe("keys everywhere", () => {
  it.each([
    ["o", "/overview"],
    ["p", "/people"],
    ["r", "/groups"],
    ["m", "/access"],
    ["t", "/tokens"],
    ["a", "/audit"],
    ["s", "/sources"],
    [",", "/settings"],
  ])("g %s goes to %s", async (key, path) => {
    const { user } = renderWindow(path === "/people" ? "/groups" : "/people");
    await loaded();
    await user.keyboard(`g${key}`);
    await waitFor(() => expect(address()).toBe(path));
  });

  it("leave text fields alone", async () => {
    const { user } = renderWindow("/people");
    await loaded();
    await user.keyboard("/");
    expect(document.activeElement).toBe(screen.getByRole("searchbox", { name: "Search people" }));
    await user.keyboard("gs?");
    expect(screen.getByRole("searchbox", { name: "Search people" })).toHaveProperty("value", "gs?");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("? shows the keys, Escape closes them", async () => {
    const { user } = renderWindow("/people");
    await loaded();
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keys" })).toBeTruthy();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});

describe("a list", () => {
  it("moves by j and k, opens with Enter, follows while open, and closes with Escape", async () => {
    const { user } = renderWindow("/people");
    const grid = await loaded();
    grid.focus();
    await user.keyboard("jjk");
    expect(grid.getAttribute("aria-activedescendant")).toBe(rows()[1]?.id);
    expect(address()).toBe("/people");
    await user.keyboard("{Enter}");
    expect(await screen.findByTestId("inspector")).toBeTruthy();
    const first = address();
    await user.keyboard("j");
    await waitFor(() => expect(address()).not.toBe(first));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("inspector")).toBeNull());
    expect(address()).toBe("/people");
    expect(document.activeElement).toBe(grid);
  });

  it("reaches its last row with End", async () => {
    const { user } = renderWindow("/people");
    const grid = await loaded();
    grid.focus();
    await user.keyboard("{End}");
    await waitFor(() => expect(document.getElementById(grid.getAttribute("aria-activedescendant") ?? "")?.getAttribute("aria-rowindex")).toBe("241"));
  });

  it("finds as one types, and shows only the last answer", async () => {
    const { user } = renderWindow("/people");
    await loaded();
    await user.type(screen.getByRole("searchbox", { name: "Search people" }), "олена");
    await waitFor(() => expect(screen.getByTestId("count").textContent).toMatch(/^\d+ of 240$/));
    await waitFor(() => expect(rows().length).toBeLessThan(5));
    expect(address()).toContain("q=");
    expect(within(screen.getByRole("grid")).getByText("Олена Шевченко")).toBeTruthy();
  });

  it("asks for windows, never for everyone", async () => {
    renderWindow("/people");
    await loaded();
    for (const call of calls.filter((c) => c.command === "people")) expect((call.args["query"] as { limit: number }).limit).toBeLessThanOrEqual(200);
  });

  it("sorts by its heads, numbers downwards first", async () => {
    const { user } = renderWindow("/people");
    await loaded();
    fireEvent.click(screen.getByText("Groups", { selector: "[role=columnheader] span" }));
    await waitFor(() => expect(address()).toBe("/people?sort=groups&desc=1"));
    expect(screen.getByRole("columnheader", { name: /Groups/ }).getAttribute("aria-sort")).toBe("descending");
    await user.keyboard("gp");
  });
});

describe("the palette", () => {
  it("goes to a person by part of the name", async () => {
    const { user } = renderWindow("/overview");
    await screen.findByTestId("headline");
    await user.keyboard("{Control>}k{/Control}");
    const field = await screen.findByRole("searchbox", { name: "Go to, or do" });
    await user.type(field, "шевченко");
    await screen.findByRole("menuitem", { name: /Олена Шевченко/ });
    await user.keyboard("{Enter}");
    await waitFor(() => expect(address()).toMatch(/^\/people\/1\./));
  });

  it("runs a command", async () => {
    const { user } = renderWindow("/overview");
    await screen.findByTestId("headline");
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("searchbox", { name: "Go to, or do" }), "sync all");
    await screen.findByRole("menuitem", { name: /Sync all/ });
    await user.keyboard("{Enter}");
    await waitFor(() => expect(calls.some((c) => c.command === "start_sync")).toBe(true));
  });
});
