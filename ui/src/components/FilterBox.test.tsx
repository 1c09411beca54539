import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { renderPart } from "../test/render";
import { FilterBox, pieces } from "./FilterBox";

const setup = (value: string | null = null) => {
  const onApply = vi.fn();
  const view = renderPart(<FilterBox resource="User" value={value} onApply={onApply} matches={3} />);
  return { onApply, box: screen.getByRole("combobox"), ...view };
};

describe("the filter box", () => {
  it("completes in place with Tab", async () => {
    const { user, box } = setup();
    await user.type(box, "disp");
    await screen.findByRole("option", { name: /displayName/ });
    await user.tab();
    expect(box).toHaveProperty("value", "displayName ");
    expect(await screen.findByRole("option", { name: /^co/ })).toBeTruthy();
  });

  it("chooses with the arrows and takes with Enter", async () => {
    const { user, box } = setup();
    await user.type(box, "userName ");
    await screen.findByRole("option", { name: /^eq/ });
    await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    expect(box).toHaveProperty("value", "userName ne ");
  });

  it("leaves with Tab when there is nothing to complete", async () => {
    const { user, box } = setup();
    await user.type(box, 'userName eq "');
    await user.tab();
    expect(document.activeElement).not.toBe(box);
  });

  it("applies a filter that is whole, by itself, and no half one", async () => {
    const { user, box, onApply } = setup();
    await user.type(box, 'title eq "Lead');
    await new Promise((done) => setTimeout(done, 500));
    expect(onApply).not.toHaveBeenCalled();
    await user.type(box, '"');
    await waitFor(() => expect(onApply).toHaveBeenCalledWith('title eq "Lead"'));
  });

  it("marks the place that is wrong and says what is wanted", async () => {
    const { user, box, onApply } = setup();
    await user.type(box, "title eq Lead and active eq true");
    const problem = await screen.findByTestId("filter-problem");
    expect(problem.textContent).toContain("A value is wanted here");
    expect(box.getAttribute("aria-invalid")).toBe("true");
    expect(box.getAttribute("aria-describedby")).toBe(problem.id);
    expect(onApply).not.toHaveBeenCalled();
  });

  it("warns of an attribute that no schema knows, and filters all the same", async () => {
    const { user, box, onApply } = setup();
    await user.type(box, "shoeSize eq 44 ");
    expect((await screen.findByTestId("filter-problem")).textContent).toContain("No source's schema knows shoeSize");
    await waitFor(() => expect(onApply).toHaveBeenCalledWith("shoeSize eq 44"));
  });

  it("is cleared by its button", async () => {
    const { user, onApply } = setup('title eq "Lead"');
    await user.click(within(screen.getByRole("group")).getByRole("button", { name: "Clear the filter" }));
    expect(onApply).toHaveBeenCalledWith(null);
  });
});

describe("the pieces under the text", () => {
  it("give back the text whole, cut at tokens and at the mark", () => {
    const text = 'a eq "b" x';
    const check = { ok: false, error: null, warnings: [], completions: [], tokens: [{ start: 0, end: 1, kind: "attribute" }, { start: 2, end: 4, kind: "operator" }, { start: 5, end: 8, kind: "value" }] };
    const cut = pieces(text, check, { start: 9, end: 10, message: "" });
    expect(cut.map((p) => p.text).join("")).toBe(text);
    expect(cut.filter((p) => p.marked).map((p) => p.text)).toEqual(["x"]);
    expect(cut.find((p) => p.text === '"b"')?.kind).toBe("value");
  });
});
