/** Joins: two records are chosen, a reason is given, and the decision stands with who and why. */
import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { calls } from "../ipc/fake/transport";
import { renderWindow } from "./render";

describe("joins", () => {
  it("are decided by two records and a reason, and can be taken back", async () => {
    const { user } = renderWindow("/joins");
    const first = await screen.findByRole("listitem", { name: /bob\.builder/ });
    const apart = within(first).getByRole("button", { name: /Keep apart/ });
    expect(apart.hasAttribute("disabled")).toBe(true);
    const boxes = within(first).getAllByRole("checkbox");
    for (const box of boxes.slice(0, 2)) await user.click(box);
    await user.click(apart);
    const dialog = await screen.findByRole("dialog");
    const decide = within(dialog).getByRole("button", { name: "Keep them apart" });
    expect(decide.hasAttribute("disabled")).toBe(true);
    await user.type(within(dialog).getByLabelText("Why"), "two people of one name");
    await user.click(decide);
    await screen.findByText("They are kept apart.");
    const asked = calls.find((c) => c.command === "decide_join")?.args["draft"] as { verb: string; reason: string; one: string; other: string };
    expect(asked).toMatchObject({ verb: "separate", reason: "two people of one name" });
    expect(asked.one).not.toBe(asked.other);
    await user.click(screen.getByRole("radio", { name: "Decided" }));
    expect(await screen.findByText("two people of one name")).toBeTruthy();
    expect(screen.getByRole("button", { name: /Take back/ })).toBeTruthy();
  });
});
