/** The ways to a new source, and what the form keeps of a sign-in or a certificate: its number, never a secret. */
import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { calls, hold, refuse, reset } from "../ipc/fake/transport";
import { address, renderWindow } from "./render";

const asked = (command: string) => calls.filter((c) => c.command === command).map((c) => c.args);

async function azureForm(way: string) {
  const view = renderWindow("/sources/new?kind=azure");
  await view.user.type(await screen.findByLabelText("Name"), "Tenant");
  await view.user.type(screen.getByLabelText("Tenant"), "contoso.example");
  await view.user.click(screen.getByRole("radio", { name: way }));
  await view.user.type(screen.getByLabelText("Application (client) id"), "5f1f0d3c-6a52-4c1e-9f0e-2d7c1b0a9e44");
  return view;
}

describe("each kind of system", () => {
  it.each(["/sources", "/overview", "/welcome"])("is offered at %s where nothing is connected, and leads to its own form", async (path) => {
    reset({ firstRun: true, people: 20 });
    const { user } = renderWindow(path);
    const kinds = await screen.findByRole("list", { name: "Connect a system of the kind" });
    expect(within(kinds).getAllByRole("link")).toHaveLength(3);
    await user.click(within(kinds).getByRole("link", { name: /Azure/ }));
    expect(await screen.findByLabelText("Tenant")).toBeTruthy();
    expect(address()).toBe("/sources/new?kind=azure");
  });

  it("is told beside the name of a source; only SCIM leads or follows", async () => {
    renderWindow("/sources");
    for (const [id, tag] of [[1, "authoritative"], [2, "downstream"], [4, "Backstage"], [5, "Azure"]] as const) {
      expect((await screen.findByTestId(`source-${id}`)).textContent).toContain(tag);
    }
  });
});

describe("signing in", () => {
  it("shows the address and the code, and saves the number of the sign-in, no secret", async () => {
    const { user } = await azureForm("Device code");
    const finish = hold("finish_sign_in");
    await user.click(screen.getByTestId("sign-in"));
    expect(await screen.findByText("HQ7K2MZPD")).toBeTruthy();
    expect(screen.getByText("https://microsoft.com/devicelogin")).toBeTruthy();
    expect(asked("begin_sign_in")[0]?.["settings"]).toMatchObject({ kind: "azure", auth: { kind: "deviceCode" } });
    act(finish);
    expect(await screen.findByText(/Signed in\. It is kept once the source is saved/)).toBeTruthy();
    await user.click(screen.getByTestId("save-source"));
    await waitFor(() => expect(address()).toMatch(/^\/sources\/\d+$/));
    expect(asked("add_source")).toMatchObject([{ secret: null, signIn: "sign-in-1" }]);
  });

  it("is cancelled, and nothing of it is saved, even if the engine answers afterwards", async () => {
    const { user } = await azureForm("Device code");
    const finish = hold("finish_sign_in");
    await user.click(screen.getByTestId("sign-in"));
    await user.click(await screen.findByRole("button", { name: "Cancel the sign-in" }));
    expect(asked("cancel_sign_in")).toEqual([{ id: "sign-in-1" }]);
    act(finish);
    expect(await screen.findByTestId("sign-in")).toBeTruthy();
    expect(screen.queryByText(/Signed in\./)).toBeNull();
    await user.click(screen.getByTestId("save-source"));
    expect(asked("add_source")).toEqual([]);
  });

  it("ends with the form that began it", async () => {
    const { user } = await azureForm("Device code");
    hold("finish_sign_in");
    await user.click(screen.getByTestId("sign-in"));
    await screen.findByText("HQ7K2MZPD");
    await user.click(screen.getByRole("radio", { name: "Azure CLI" }));
    await waitFor(() => expect(asked("cancel_sign_in")).toEqual([{ id: "sign-in-1" }]));
  });

  it("says why it was refused, and can be tried again", async () => {
    const { user } = await azureForm("Device code");
    refuse.set("finish_sign_in", { code: "azure.signInExpired", what: "Nobody signed in in time.", means: "Nothing was kept.", next: "Start the sign-in again.", action: null, details: [] });
    await user.click(screen.getByTestId("sign-in"));
    expect(await screen.findByText("Nobody signed in in time.")).toBeTruthy();
    refuse.clear();
    const finish = hold("finish_sign_in");
    await user.click(screen.getByTestId("sign-in"));
    await screen.findByText("HQ7K2MZPD");
    act(finish);
    expect(await screen.findByText(/Signed in\./)).toBeTruthy();
    expect(screen.queryByText("Nobody signed in in time.")).toBeNull();
  });
});

describe("a certificate", () => {
  it("is picked by the engine; the window saves its number", async () => {
    const { user } = await azureForm("Certificate");
    await user.click(screen.getByTestId("save-source"));
    expect(asked("add_source")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Choose a PEM file… with the certificate" }));
    expect(await screen.findByText(/Read\. It is kept once the source is saved/)).toBeTruthy();
    await user.click(screen.getByTestId("save-source"));
    await waitFor(() => expect(address()).toMatch(/^\/sources\/\d+$/));
    expect(asked("add_source")).toMatchObject([{ secret: null, signIn: "picked-1", settings: { auth: { kind: "clientCertificate" } } }]);
  });
});

describe("what could not be decided", () => {
  it("stands on the Overview and leads to the joins", async () => {
    const { user } = renderWindow("/overview");
    const figure = await screen.findByTestId("undecided");
    expect(figure.textContent).toContain("2 names could not be decided");
    await user.click(figure);
    await waitFor(() => expect(address()).toBe("/joins"));
  });

  it("is said not to be known when the joins are refused", async () => {
    refuse.set("joins", { code: "cache.broken", what: "The cache cannot be read.", means: "", next: "", action: null, details: [] });
    renderWindow("/overview");
    expect(await screen.findByText(/what could not be decided is not known/)).toBeTruthy();
  });
});
