import { describe, expect, it } from "vitest";
import type { Source } from "../../ipc";
import { check, emptyForm, formOf, inClear, keepsSecret, settingsOf, type SourceForm } from "./form";

const FORM: SourceForm = { ...emptyForm([]), name: "Ledgerly", url: "https://api.ledgerly.example/scim/v2/" };
const context = { others: [], existing: undefined, hasSecret: true };
const source = (over: Partial<Source["settings"]> = {}): Source => ({
  id: 2, settings: { ...settingsOf(FORM, true), ...over }, health: "fresh", hasSecret: true, accounts: 0, groups: 0, memberships: 0, coverage: [], lastSyncAt: null, lastFullAt: null, fault: null, progress: null, addedAt: 0,
});

describe("the form's checks", () => {
  it("find nothing wrong with what is right", () => expect(check(FORM, context)).toEqual({}));
  it("want a name of its own, whatever the case", () => {
    expect(check({ ...FORM, name: " " }, context).name).toBeDefined();
    expect(check({ ...FORM, name: "ledgerly" }, { ...context, others: [source()] }).name).toContain("already");
  });
  it.each(["", "ledgerly", "ftp://x.example/scim", "https://user:pw@x.example/scim", "https://x.example/scim/Users", "https://x.example/scim/serviceproviderconfig/"])("refuse the address %j", (url) =>
    expect(check({ ...FORM, url }, context).url).toBeDefined(),
  );
  it("want a secret at first, and another one for another origin or way in", () => {
    const existing = source();
    expect(check(FORM, { ...context, hasSecret: false }).secret).toBeDefined();
    const edit = { others: [], existing, hasSecret: false };
    expect(check(formOf(existing), edit)).toEqual({});
    expect(check({ ...formOf(existing), url: "https://api.ledgerly.example/other" }, edit)).toEqual({});
    expect(check({ ...formOf(existing), url: "https://evil.example/scim/v2" }, edit).secret).toContain("not sent elsewhere");
    expect(keepsSecret({ ...formOf(existing), auth: "basic" }, existing)).toBe(false);
  });
  it("let no header carry a secret", () => {
    expect(check({ ...FORM, headers: [{ name: "authorization", value: "x" }] }, context).headers).toContain("sign-in");
    expect(check({ ...FORM, headers: [{ name: "a b", value: "x" }] }, context).headers).toBeDefined();
    expect(check({ ...FORM, headers: [{ name: "X-Tenant", value: "x" }] }, context).headers).toBeUndefined();
  });
  it("take a budget of whole requests, or none", () => {
    expect(check({ ...FORM, budget: "1.5" }, context).budget).toBeDefined();
    expect(check({ ...FORM, budget: "0" }, context).budget).toBeDefined();
    expect(settingsOf({ ...FORM, budget: " 500 " }, true).requestBudget).toBe(500);
    expect(settingsOf(FORM, true).requestBudget).toBeNull();
  });
  it("warn where a secret would travel in clear text", () => {
    expect(inClear("http://x.example/scim")).toBe(true);
    expect(inClear("http://127.0.0.1:8080/scim")).toBe(false);
    expect(inClear("https://x.example")).toBe(false);
  });
});

describe("settings", () => {
  it("come out of the form as they went in", () => {
    const settings = source({ auth: { kind: "clientCredentials", tokenUrl: "https://x.example/token", clientId: "lanyard", scope: null }, headers: [{ name: "X-Tenant", value: "h" }], requestBudget: 900, caPem: "PEM" }).settings;
    expect(settingsOf(formOf({ ...source(), settings }), true)).toEqual(settings);
  });
  it("start read-only, and authoritative only where nobody leads yet", () => {
    expect(emptyForm([]).allowWrites).toBe(false);
    expect(emptyForm([]).authoritative).toBe(true);
    expect(emptyForm([source({ authoritative: true })]).authoritative).toBe(false);
  });
});
