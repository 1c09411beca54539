import { screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Refused, toFault, type Fault } from "../ipc";
import { address, renderPart } from "../test/render";
import { asText, ErrorBoundary, FaultView } from "./FaultView";

const FAULT: Fault = {
  code: "scim.unauthorized", what: "Ledgerly refused the token (401).", means: "What you see is of 09:12.", next: "Give it a new token.", action: { kind: "editSource", source: 2 },
  details: [{ name: "Request", value: "GET https://api.ledgerly.example/scim/v2/Users" }, { name: "Status", value: "401" }],
};

describe("a fault", () => {
  it("says what happened, what it means, what to do, with a button for it", async () => {
    const { user } = renderPart(<FaultView error={new Refused(FAULT)} />);
    expect(screen.getByRole("alert").textContent).toContain("refused the token");
    expect(screen.getByText("What you see is of 09:12.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Open its settings" }));
    expect(address()).toBe("/sources/2/edit");
  });
  it("folds its details out", async () => {
    const { user } = renderPart(<FaultView error={FAULT} />);
    expect(screen.queryByText("401")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Details" }));
    expect(screen.getByText("401")).toBeTruthy();
    expect(screen.getByText("scim.unauthorized")).toBeTruthy();
  });
  it("tries again only where someone can", async () => {
    const onRetry = vi.fn();
    const { user, rerender } = renderPart(<FaultView error={{ ...FAULT, action: { kind: "retry" } }} onRetry={onRetry} />);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(onRetry).toHaveBeenCalledOnce();
    rerender(<span />);
    renderPart(<FaultView error={{ ...FAULT, action: { kind: "retry" } }} />);
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });
  it("is made of anything that is thrown", () => {
    expect(toFault("command people not found").details[0]?.value).toBe("command people not found");
    expect(toFault(new Error("boom")).code).toBe("window.unexpected");
    expect(toFault(FAULT)).toBe(FAULT);
  });
  it("copies as text with every detail", () => {
    expect(asText(FAULT).split("\n")).toEqual(["Ledgerly refused the token (401). (scim.unauthorized)", "What you see is of 09:12.", "Give it a new token.", "Request: GET https://api.ledgerly.example/scim/v2/Users", "Status: 401"]);
  });
});

describe("the error boundary", () => {
  it("shows a fault in the place of a screen that throws, and recovers on another address", () => {
    const quiet = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const Broken = (): never => {
      throw new Error("a bug");
    };
    const { rerender, container } = renderPart(<ErrorBoundary resetKey="/a"><Broken /></ErrorBoundary>);
    expect(screen.getByTestId("fault").textContent).toContain("did not expect");
    quiet.mockRestore();
    rerender(<span>well</span>);
    expect(container.textContent).toBe("well");
  });
});
