/** The Access map by keys, by press and by address; axe finds nothing on any of its views. */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { calls, emit, invoke, refuse, reset } from "../ipc/fake/transport";
import type { AccessPage, FlowView, MatrixWindow, Source } from "../ipc";
import { mapPath } from "../screens/access/mapAddress";
import { address, renderWindow } from "./render";

const fault = { code: "cache.locked", what: "The cache is locked.", means: "The map cannot be drawn.", next: "Close the other window.", action: { kind: "retry" as const }, details: [] };

async function violations() {
  const result = await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
}

const keyOf = async (name: string) => {
  const page = (await invoke("people", { query: { search: name, filter: null, source: null, facet: "everyone", sort: "name", descending: false, offset: 0, limit: 1 } })) as { rows: { key: string }[] };
  return `person:${page.rows[0]?.key ?? ""}`;
};
/** A box in whole words: they describe it where it is in view, and name it where it is not. */
const words = (box: Element | null) => box?.getAttribute("aria-description") ?? box?.getAttribute("aria-label") ?? "";
const boxes = (said: RegExp) => within(screen.getByTestId("flow")).getAllByRole("button").filter((b) => said.test(words(b)));
const box = (name: string | RegExp) => {
  const [found, ...others] = boxes(typeof name === "string" ? new RegExp(`^${name},`) : name);
  if (!found || others.length > 0) throw new Error(`${others.length + (found ? 1 : 0)} boxes are ${String(name)}`);
  return found;
};
const drawn = () => screen.findByTestId("flow");
const active = () => words(document.activeElement);

describe("the flow", () => {
  it("goes from a person by keys to a vault, names the paths, and comes back with Escape and Back", async () => {
    const focus = await keyOf("Олена Шевченко");
    const { user } = renderWindow(mapPath({ query: { canRestore: true, focus } }));
    await drawn();
    expect(await screen.findByText(/Олена Шевченко holds \d+ roles/)).toBeTruthy();
    box("Олена Шевченко").focus();
    await user.keyboard("{ArrowRight}");
    expect(active()).toMatch(/payments-sre, group|No group/);
    box("vault-prod").focus();
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { name: /Олена Шевченко can restore from vault-prod, by \w+ paths/ })).toBeTruthy();
    expect(address()).toContain("target=scope");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(address()).not.toContain("target="));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(address()).toBe("/access?restore=1"));
  });

  it("says hop by hop who said so, and what would go if a hop went, asked for one edge at a time", async () => {
    const focus = await keyOf("Олена Шевченко");
    const { user } = renderWindow(mapPath({ path: 2, query: { canRestore: true, focus, target: "scope:5:vault-prod" } }));
    const panel = await screen.findByTestId("map-panel");
    expect(await within(panel).findByText(/is nested in/)).toBeTruthy();
    expect(within(panel).getAllByText(/^roleAssignments\//).length).toBeGreaterThan(0);
    expect(await within(panel).findAllByText(/keeps/)).not.toHaveLength(0);
    const asked = () => calls.filter((c) => c.command === "without_edge").map((c) => c.args["edge"]);
    await waitFor(() => expect(asked()).toHaveLength(1));
    await user.click(within(within(panel).getByRole("radiogroup", { name: "Hop to take away" })).getByRole("radio", { name: /^1/ }));
    await waitFor(() => expect(asked()).toHaveLength(2));
    expect(new Set(asked()).size).toBe(2);
  });

  it("opens a stack, and closes it with Escape", async () => {
    const { user } = renderWindow("/access");
    await drawn();
    await user.click(box(/more groups, stack/));
    await waitFor(() => expect(address()).toContain("open=more%3Agroups"));
    await waitFor(() => expect(boxes(/more groups, stack/)).toEqual([]));
    box("payments").focus();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(address()).toBe("/access"));
  });

  it("puts filters into the address and the question, and takes them back together", async () => {
    const { user } = renderWindow("/access");
    await drawn();
    await user.click(screen.getByRole("button", { name: "Privileged only" }));
    await waitFor(() => expect(address()).toBe("/access?privileged=1"));
    await user.type(screen.getByRole("searchbox", { name: "Find in the map" }), "zzzz");
    expect(await screen.findByText("Nothing matches.")).toBeTruthy();
    expect(screen.getByText(/what was not read could/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show the whole map" }));
    await waitFor(() => expect(address()).toBe("/access"));
  });

  it("shows a refusal with its next step, and never an empty map for it", async () => {
    refuse.set("access_flow", fault);
    const { user } = renderWindow("/access");
    expect(await screen.findByText("The cache is locked.")).toBeTruthy();
    expect(screen.queryByTestId("flow")).toBeNull();
    refuse.clear();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await drawn()).toBeTruthy();
  });

  it("is asked again when the picture changed", async () => {
    renderWindow("/access");
    await drawn();
    const before = calls.filter((c) => c.command === "access_flow").length;
    emit({ kind: "directoryChanged", generation: 9 });
    await waitFor(() => expect(calls.filter((c) => c.command === "access_flow").length).toBeGreaterThan(before));
  });
});

describe("nothing to show", () => {
  it("says what will be here, and how to get it, while nothing grants roles", async () => {
    reset({ firstRun: false, people: 20 });
    for (const source of (await invoke("sources", {})) as Source[]) if (source.settings.kind !== "scim") await invoke("remove_source", { id: source.id });
    const view = (await invoke("access_flow", { query: { systems: [], sources: [99], privileged: false, canRestore: false, drifted: false, nonHuman: false, search: "", focus: null, target: null, open: [] } })) as FlowView;
    expect(view.nodes).toEqual([]);
    const { client } = renderWindow("/access");
    await drawn();
    client.setQueriesData({ predicate: (q) => q.queryKey.includes("flow") }, view);
    expect(await screen.findByText("The access map will be here.")).toBeTruthy();
    expect(screen.getByRole("link", { name: "Connect a system" })).toBeTruthy();
  });
});

describe("the matrix", () => {
  it("asks for windows within bounds, and moves by keys in both directions", async () => {
    const { user } = renderWindow("/access?view=matrix&privileged=1");
    const grid = await screen.findByRole("grid", { name: "Groups and the roles they hold" });
    await within(grid).findByRole("gridcell", { name: /^payments, payments-owner: \d+ direct/ });
    for (const c of calls.filter((x) => x.command === "access_matrix")) expect((c.args["window"] as MatrixWindow).rows).toBeLessThanOrEqual(200);
    const at = () => document.getElementById(grid.getAttribute("aria-activedescendant") ?? "")?.getAttribute("aria-label");
    grid.focus();
    expect(at()).toMatch(/^payments, payments-owner/);
    await user.keyboard("{ArrowRight}{ArrowDown}");
    expect(at()).toMatch(/^payments-sre, catalog-editor: read, and nothing is held/);
    await user.keyboard("{ArrowUp}{ArrowLeft}{Enter}");
    expect(await screen.findByRole("heading", { name: "payments holds payments-owner on catalog-entity" })).toBeTruthy();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(address()).toBe("/access?view=matrix&privileged=1"));
  });

  it("tells not evaluated from nothing held, in the cell and in its panel", async () => {
    const { user } = renderWindow("/access?view=matrix&privileged=1");
    const cell = await screen.findByRole("gridcell", { name: "platform-oncall, Backup Operator: not evaluated" });
    await user.click(cell);
    expect(await screen.findByText("Whether platform-oncall holds Backup Operator is not evaluated")).toBeTruthy();
    expect(screen.getByText(/GroupMember.Read.All/)).toBeTruthy();
  });

  it("leads into the flow", async () => {
    const { user } = renderWindow("/access?view=matrix");
    await user.click(await screen.findByRole("gridcell", { name: /^backup-operators, Backup Operator/ }));
    await user.click(await screen.findByRole("button", { name: "Show in flow" }));
    await drawn();
    expect(address()).toMatch(/^\/access\?focus=group/);
  });
});

describe("the table", () => {
  it("asks the same question in pages, and explains a row", async () => {
    const { user } = renderWindow("/access?view=table&restore=1&q=%D0%9E%D0%BB%D0%B5%D0%BD%D0%B0");
    const grid = await screen.findByRole("grid", { name: "Access" });
    await within(grid).findAllByText("Олена Шевченко");
    const page = (await invoke("access_table", { query: calls.find((c) => c.command === "access_table")?.args["query"], offset: 0, limit: 200 })) as AccessPage;
    expect(grid.getAttribute("aria-rowcount")).toBe(String(page.total + 1));
    expect(page.rows.every((r) => r.canRestore)).toBe(true);
    grid.focus();
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { name: /^Олена Шевченко/ })).toBeTruthy();
    expect(calls.some((c) => c.command === "why_access")).toBe(true);
  });
});

describe("who can restore", () => {
  it("names vaults with their guard's state, breaches, and principals that nobody knows", async () => {
    const { user } = renderWindow("/access?view=restore");
    const vaults = await screen.findByRole("list", { name: "Vaults" });
    expect(within(vaults).getByText("guarded by guard-prod")).toBeTruthy();
    expect(within(vaults).getByText("no guard")).toBeTruthy();
    expect(within(vaults).getByText("guard not evaluated")).toBeTruthy();
    const breaches = screen.getByRole("button", { name: /breach(es)? of separation of duty/ });
    expect(breaches.getAttribute("aria-expanded")).toBe("false");
    await user.click(breaches);
    expect((await screen.findAllByText(/on its guard/))[0]).toBeTruthy();
    await user.click(screen.getByRole("button", { name: /principal that nobody knows/ }));
    expect(await screen.findByText(/Backup Contributor on vault-dr in Halcyon tenant; deleted/)).toBeTruthy();
  });

  it("calls nobody an outsider until groups were named, and then lists outsiders first", async () => {
    const { user } = renderWindow("/access?view=restore");
    const grid = await screen.findByRole("grid", { name: "Who can restore from which vault" });
    expect(within(grid).queryByText("outside")).toBeNull();
    await user.click(await screen.findByRole("button", { name: "Choose the groups…" }));
    await user.type(await screen.findByRole("searchbox", { name: "Find a group" }), "backup-op");
    await user.click((await screen.findAllByRole("button", { name: /^backup-operators/ }))[0] as HTMLElement);
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(calls.find((c) => c.command === "set_restore_groups")?.args["keys"]).toEqual(["group:1.g0005"]));
    await waitFor(() => expect(within(screen.getByRole("grid")).getAllByText("outside").length).toBeGreaterThan(0));
    const [first] = within(screen.getByRole("grid")).getAllByRole("row").filter((r) => r.hasAttribute("aria-selected"));
    expect(first?.textContent).toContain("outside");
  });

  it("offers to try again where it was refused", async () => {
    refuse.set("who_can_restore", fault);
    renderWindow("/access?view=restore");
    expect(await screen.findByText("The cache is locked.")).toBeTruthy();
    expect(screen.queryByRole("grid")).toBeNull();
  });
});

describe("export", () => {
  it("writes the drawing that is shown as SVG, and rows by the engine", async () => {
    const { user } = renderWindow("/access?privileged=1");
    await drawn();
    await user.click(screen.getByTestId("map-export"));
    await user.click(await screen.findByRole("menuitem", { name: /Drawing/ }));
    await waitFor(() => expect(calls.some((c) => c.command === "save_export")).toBe(true));
    const text = new TextDecoder().decode(Uint8Array.from(atob(String(calls.find((c) => c.command === "save_export")?.args["data"])), (c) => c.charCodeAt(0)));
    const svg = new DOMParser().parseFromString(text, "image/svg+xml");
    expect(svg.querySelector("parsererror")).toBeNull();
    expect([...svg.querySelectorAll("text")].map((t) => t.textContent)).toContain("payments");
    expect(text).toContain("Not evaluated: Halcyon tenant");
    await user.click(screen.getByTestId("map-export"));
    await user.click(await screen.findByRole("menuitem", { name: /Rows/ }));
    await waitFor(() => expect(calls.find((c) => c.command === "export_map")?.args).toMatchObject({ view: "flow", format: "csv", query: { privileged: true } }));
  });
});

describe("axe", () => {
  it.each([
    ["/access", () => drawn()],
    ["/access?view=matrix", () => screen.findByRole("gridcell", { name: /^payments, payments-owner/ })],
    ["/access?view=table", () => screen.findAllByText("active")],
    ["/access?view=restore", () => screen.findByRole("list", { name: "Vaults" })],
    ["/access?q=zzzz", () => screen.findByText("Nothing matches.")],
  ] as [string, () => Promise<unknown>][])("finds nothing on %s", async (path, ready) => {
    renderWindow(path);
    await ready();
    expect(await violations()).toEqual([]);
  });

  it("finds nothing on a path, a focus, a cell and the choice of groups", async () => {
    const focus = await keyOf("Олена Шевченко");
    const first = renderWindow(mapPath({ query: { canRestore: true, focus, target: "scope:5:vault-prod" } }));
    await screen.findAllByText(/keeps|lose/);
    expect(await violations()).toEqual([]);
    first.unmount();
    const second = renderWindow("/access?view=matrix");
    fireEvent.click(await screen.findByRole("gridcell", { name: /^backup-operators, Backup Operator/ }));
    await screen.findByRole("button", { name: "Show in flow" });
    expect(await violations()).toEqual([]);
    second.unmount();
    const { user } = renderWindow("/access?view=restore");
    await user.click(await screen.findByRole("button", { name: "Choose the groups…" }));
    await screen.findByRole("dialog");
    expect(await violations()).toEqual([]);
  }, 60_000);
});
