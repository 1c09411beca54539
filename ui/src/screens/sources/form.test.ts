import { describe, expect, it } from "vitest";
import type { Source } from "../../ipc";
import { check, inClear, keepsSecret } from "./check";
import { AUTHS, emptyForm, formOf, ofKind, settingsOf, type SourceForm } from "./form";

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
  it("of Azure come out as they went in, and name no address of a cloud that has its own", () => {
    const settings = source({
      kind: "azure", url: "", authoritative: false, auth: { kind: "federatedToken", clientId: "c", tokenFile: "/run/token" },
      azure: { tenant: "contoso.example", cloud: { kind: "china" }, managementGroups: ["mg-a", "mg-b"], subscriptions: ["00000000-0000-0000-0000-000000000001"] },
    }).settings;
    expect(settingsOf(formOf({ ...source(), settings }), true)).toEqual(settings);
  });
  it("change kind and keep the name", () => {
    const form = ofKind(FORM, "backstage", []);
    expect(form.name).toBe(FORM.name);
    expect(AUTHS.backstage.map((a) => a.id)).toContain(form.auth);
    expect(form.authoritative).toBe(false);
    expect(settingsOf(form, true).backstage).toEqual({ superUsers: [] });
  });
});

describe("the checks of Azure and Backstage", () => {
  const azure: SourceForm = { ...emptyForm([], "azure"), name: "Tenant", tenant: "contoso.example", clientId: "c" };
  it("want a tenant, an application and its secret", () => {
    expect(check(azure, context)).toEqual({});
    expect(check({ ...azure, tenant: "a/b" }, context).tenant).toBeDefined();
    expect(check({ ...azure, clientId: "" }, context).clientId).toBeDefined();
    expect(check(azure, { ...context, hasSecret: false }).secret).toContain("client secret");
  });
  it("want no secret where none is kept", () => {
    expect(check({ ...azure, auth: "azureCli", clientId: "" }, { ...context, hasSecret: false })).toEqual({});
    expect(check({ ...azure, auth: "deviceCode" }, { ...context, hasSecret: false }).secret).toBe("Sign in first.");
  });
  it("want addresses of another cloud only there, and a new secret when tokens come from elsewhere", () => {
    const other: SourceForm = { ...azure, cloud: "other", url: "https://arm.example", authority: "https://login.example", graph: "https://graph.example" };
    expect(check(other, context)).toEqual({});
    expect(check({ ...other, authority: "" }, context).authority).toBeDefined();
    const existing = { ...source(), settings: settingsOf(other, true) };
    expect(keepsSecret(other, existing)).toBe(true);
    expect(keepsSecret({ ...other, url: "https://arm2.example" }, existing)).toBe(true);
    expect(keepsSecret({ ...other, authority: "https://evil.example" }, existing)).toBe(false);
  });
  it("know a subscription’s id and an entity’s reference", () => {
    expect(check({ ...azure, subscriptions: "Payments" }, context).subscriptions).toContain("Payments");
    const backstage: SourceForm = { ...emptyForm([], "backstage"), name: "Portal", url: "https://portal.example" };
    expect(check({ ...backstage, superUsers: "user:default/ada, bob" }, context)).toEqual({});
    expect(check({ ...backstage, superUsers: "component:default/x" }, context).superUsers).toBeDefined();
  });
});
