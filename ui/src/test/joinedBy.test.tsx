/** A person and a group say by which rule their records were joined; an admin separates, joins and takes back from there. */
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { JoinDraft } from "../ipc/types/JoinDraft";
import { calls } from "../ipc/fake/transport";
import { renderWindow } from "./render";

const drafts = () => calls.filter((c) => c.command === "decide_join").map((c) => c.args["draft"] as JoinDraft);

/** Opens the first person whom the list finds. */
async function openPerson(search: string) {
  const view = renderWindow(`/people?q=${encodeURIComponent(search)}`);
  await waitFor(() => expect(screen.getByTestId("count").textContent).toMatch(/^1 of/));
  screen.getByRole("grid").focus();
  await view.user.keyboard("{Enter}");
  return { ...view, joined: await screen.findByTestId("joined-by") };
}

async function decide(user: ReturnType<typeof renderWindow>["user"], act: string, reason: string) {
  const dialog = await screen.findByRole("dialog", { name: act });
  await user.type(within(dialog).getByLabelText("Why"), reason);
  await user.click(within(dialog).getByRole("button", { name: act }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
}

describe("the records of a person", () => {
  it("tell their rule and how sure it is; the leading one tells that it leads", async () => {
    const { joined } = await openPerson("Олена Шевченко");
    expect(within(joined).getByRole("listitem", { name: "Workforce IdP" }).textContent).toContain("leads");
    expect(within(joined).getByRole("listitem", { name: "Developer portal" }).textContent).toContain("by Backstage name, likely");
    expect(within(joined).queryByRole("button", { name: /Separate the record at Workforce IdP/ })).toBeNull();
  });

  it("are separated with a reason, and the account is gone from the person", async () => {
    const { user, joined } = await openPerson("Олена Шевченко");
    await user.click(within(joined).getByRole("button", { name: "Separate the record at Developer portal" }));
    await decide(user, "Keep them apart", "another Olena");
    const [asked] = drafts();
    expect(asked).toMatchObject({ kind: "account", verb: "separate", reason: "another Olena" });
    expect(asked?.one).toMatch(/^1\./);
    expect(asked?.other).toMatch(/^4\.user:default\//);
    await waitFor(() => expect(within(screen.getByTestId("joined-by")).queryByRole("listitem", { name: "Developer portal" })).toBeNull());
  });

  it("are joined with those of another person, never with themselves; the decision shows who and why, and is taken back", async () => {
    const { user, joined } = await openPerson("Олена Шевченко");
    await user.click(within(joined).getByRole("button", { name: "Join with…" }));
    const dialog = await screen.findByRole("dialog", { name: "Join with which person?" });
    const field = within(dialog).getByRole("searchbox", { name: "Search a person" });
    await user.type(field, "Олена Шевченко");
    expect(await within(dialog).findByText("No other person of this name.")).toBeTruthy();
    await user.clear(field);
    await user.type(field, "svc-");
    const [hit] = await within(dialog).findAllByRole("button", { name: /^svc-/ });
    if (hit) await user.click(hit);
    await decide(user, "They are the same", "she runs it");
    expect(drafts()[0]).toMatchObject({ kind: "account", verb: "join", reason: "she runs it" });
    expect(drafts()[0]?.one).not.toBe(drafts()[0]?.other);
    expect(await screen.findByText("she runs it")).toBeTruthy();
    const back = screen.getByRole("button", { name: /Take back the decision/ });
    expect(back.closest("li")?.textContent).toContain("by an admin’s decision, certain");
    expect(back.closest("li")?.textContent).toContain("(ines,");
    await user.click(back);
    await decide(user, "Take the decision back", "it was a mistake");
    expect(drafts().at(-1)).toMatchObject({ verb: "forget", one: drafts()[0]?.one, other: drafts()[0]?.other });
  });
});

describe("the records of a group", () => {
  it("tell their rule, and are separated as groups", async () => {
    const { user } = renderWindow("/groups/1.g0001");
    const joined = await screen.findByTestId("joined-by");
    expect(within(joined).getByRole("listitem", { name: "Halcyon tenant" }).textContent).toContain("by Entra object id, certain");
    await user.click(within(joined).getByRole("button", { name: "Separate the record at Halcyon tenant" }));
    await decide(user, "Keep them apart", "another team");
    expect(drafts()[0]).toMatchObject({ kind: "group", verb: "separate", one: "1.g0001", other: "5.g0001" });
  });
});
