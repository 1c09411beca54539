import { fireEvent, render, screen } from "@testing-library/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import type { FlowNode, FlowView, Ribbon } from "../../../ipc";
import { makeQueryClient } from "../../../ipc/queries";
import { FlowCanvas } from "./FlowCanvas";
import { inSpan, spanAt } from "./span";

const node = (n: number): FlowNode => ({ id: `p${n}`, layer: "people", cluster: false, label: `Person ${n}`, sub: `mail ${n}`, system: null, people: 1, counts: [], onPath: true, focus: false, canRestore: false, notEvaluated: false, place: n });
const role: FlowNode = { ...node(0), id: "r", layer: "roles", label: "Role" };
const ribbon = (n: number): Ribbon => ({ from: `p${n}`, to: "r", people: 1, state: "active", system: "azure", onPath: true, step: null, edge: null });
const tall: FlowView = {
  columns: [], nodes: [...Array.from({ length: 200 }, (_, n) => node(n)), role], ribbons: Array.from({ length: 100 }, (_, n) => ribbon(n)), paths: [], title: "", caveats: [], generation: 1, tookUs: 1,
};
const nothing = () => undefined;

describe("the part of a canvas that is looked at", () => {
  it("changes in steps, and always holds what is on the screen", () => {
    expect(spanAt(10, 600)).toEqual(spanAt(90, 600 - 80));
    for (const [top, height] of [[0, 660], [401, 800], [12_345, 2_000]] as const) {
      const span = spanAt(top, height);
      expect(span.from).toBeLessThan(top);
      expect(span.to).toBeGreaterThan(top + height);
      expect([inSpan(span, top - 5, top + 5), inSpan(span, top, top + height), inSpan(span, top + height, top + height + 9)]).toEqual([true, true, true]);
      expect([inSpan(span, span.from - 20, span.from - 1), inSpan(span, span.to + 1, span.to + 20)]).toEqual([false, false]);
    }
  });

  it("is drawn in full, the rest by name, and more of it once it is scrolled", () => {
    render(
      <QueryClientProvider client={makeQueryClient()}>
        <FlowCanvas view={tall} sources={[]} steps={new Map()} target={null} cut={null} stale={false} onPress={nothing} onOpen={nothing} onEscape={nothing} onLayout={nothing} />
      </QueryClientProvider>,
    );
    const words = screen.getAllByRole("button").map((b) => b.getAttribute("aria-description") ?? b.getAttribute("aria-label") ?? "");
    expect(words.filter((said) => /^Person \d+, person/.test(said))).toHaveLength(200);
    expect(screen.getAllByRole("button", { name: /^Person \d+/ })).toHaveLength(200);
    expect(screen.getByText("mail 3")).toBeTruthy();
    expect(screen.queryByText("mail 180")).toBeNull();
    const scroller = screen.getByTestId("flow").querySelector("[class*=scroller]");
    if (!scroller) throw new Error("no scroller");
    scroller.scrollTop = 10_500;
    fireEvent.scroll(scroller);
    expect(screen.getByText("mail 180")).toBeTruthy();
    expect(screen.queryByText("mail 3")).toBeNull();
  });
});
