/** The form's shape for every kind of system, and its way to settings and back. Holds no secret. */
import type { AuthSettings, AzureCloud, Header, Source, SourceKind, SourceSettings } from "../../ipc";

export type AuthKind = AuthSettings["kind"];
export type CloudKind = AzureCloud["kind"];

export interface SourceForm {
  kind: SourceKind;
  name: string;
  url: string;
  auth: AuthKind;
  user: string;
  tokenUrl: string;
  clientId: string;
  scope: string;
  tokenFile: string;
  tenant: string;
  cloud: CloudKind;
  authority: string;
  graph: string;
  /** One a line, or with commas between them. */
  managementGroups: string;
  subscriptions: string;
  superUsers: string;
  authoritative: boolean;
  allowWrites: boolean;
  caPem: string | null;
  caName: string;
  headers: Header[];
  budget: string;
}

/** The ways to sign in to each kind of system, the usual one first. */
export const AUTHS: Record<SourceKind, readonly { id: AuthKind; text: string }[]> = {
  scim: [
    { id: "bearer", text: "Bearer token" },
    { id: "basic", text: "User and password" },
    { id: "clientCredentials", text: "OAuth 2 client" },
  ],
  backstage: [
    { id: "bearer", text: "Static token" },
    { id: "userToken", text: "Sign in in the browser" },
  ],
  azure: [
    { id: "clientSecret", text: "Client secret" },
    { id: "clientCertificate", text: "Certificate" },
    { id: "deviceCode", text: "Device code" },
    { id: "federatedToken", text: "Federated token" },
    { id: "azureCli", text: "Azure CLI" },
  ],
};

/** Whether a secret is kept for a way to sign in, and whether it comes from a person's sign-in or a file rather than from the field. */
export const hasSecretAt = (auth: AuthKind): boolean => auth !== "federatedToken" && auth !== "azureCli";
export const signsIn = (auth: AuthKind): boolean => auth === "userToken" || auth === "deviceCode";

const listed = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

const EMPTY: SourceForm = {
  kind: "scim", name: "", url: "", auth: "bearer", user: "", tokenUrl: "", clientId: "", scope: "", tokenFile: "",
  tenant: "", cloud: "public", authority: "", graph: "", managementGroups: "", subscriptions: "", superUsers: "",
  authoritative: false, allowWrites: false, caPem: null, caName: "", headers: [], budget: "",
};

export const emptyForm = (sources: readonly Source[], kind: SourceKind = "scim"): SourceForm => ({
  ...EMPTY,
  kind,
  auth: AUTHS[kind][0]?.id ?? "bearer",
  // The first identity provider leads; there can be one only.
  authoritative: kind === "scim" && !sources.some((s) => s.settings.authoritative),
});

/** The same form for another kind of system: what fits both is kept. */
export const ofKind = (form: SourceForm, kind: SourceKind, sources: readonly Source[]): SourceForm => ({
  ...form, kind, auth: AUTHS[kind][0]?.id ?? "bearer", authoritative: emptyForm(sources, kind).authoritative,
});

export function formOf({ settings }: Source): SourceForm {
  const { auth, azure, backstage } = settings;
  const cloud = azure?.cloud;
  return {
    ...EMPTY,
    kind: settings.kind, name: settings.name, url: settings.url, auth: auth.kind,
    user: auth.kind === "basic" ? auth.user : "",
    tokenUrl: auth.kind === "clientCredentials" ? auth.tokenUrl : "",
    clientId: "clientId" in auth ? (auth.clientId ?? "") : "",
    scope: auth.kind === "clientCredentials" ? (auth.scope ?? "") : "",
    tokenFile: auth.kind === "federatedToken" ? auth.tokenFile : "",
    tenant: azure?.tenant ?? "", cloud: cloud?.kind ?? "public",
    authority: cloud?.kind === "other" ? cloud.authority : "", graph: cloud?.kind === "other" ? cloud.graph : "",
    managementGroups: (azure?.managementGroups ?? []).join("\n"), subscriptions: (azure?.subscriptions ?? []).join("\n"),
    superUsers: (backstage?.superUsers ?? []).join("\n"),
    authoritative: settings.authoritative, allowWrites: settings.allowWrites,
    caPem: settings.caPem, caName: settings.caPem === null ? "" : "certificate given earlier",
    headers: settings.headers, budget: settings.requestBudget === null ? "" : String(settings.requestBudget),
  };
}

function authOf(form: SourceForm): AuthSettings {
  const clientId = form.clientId.trim();
  switch (form.auth) {
    case "bearer": return { kind: "bearer" };
    case "basic": return { kind: "basic", user: form.user.trim() };
    case "clientCredentials": return { kind: "clientCredentials", tokenUrl: form.tokenUrl.trim(), clientId, scope: form.scope.trim() === "" ? null : form.scope.trim() };
    case "userToken": return { kind: "userToken", clientId: clientId === "" ? null : clientId };
    case "clientSecret": return { kind: "clientSecret", clientId };
    case "clientCertificate": return { kind: "clientCertificate", clientId };
    case "deviceCode": return { kind: "deviceCode", clientId };
    case "federatedToken": return { kind: "federatedToken", clientId, tokenFile: form.tokenFile.trim() };
    case "azureCli": return { kind: "azureCli" };
  }
}

const cloudOf = (form: SourceForm): AzureCloud =>
  form.cloud === "other" ? { kind: "other", authority: form.authority.trim(), graph: form.graph.trim() } : { kind: form.cloud };

export const settingsOf = (form: SourceForm, enabled: boolean): SourceSettings => ({
  kind: form.kind, name: form.name.trim(),
  // Each of Microsoft's clouds has its own address, which the engine knows.
  url: form.kind === "azure" && form.cloud !== "other" ? "" : form.url.trim().replace(/\/+$/, ""),
  auth: authOf(form), authoritative: form.authoritative, allowWrites: form.allowWrites,
  caPem: form.caPem, headers: form.headers.filter((h) => h.name.trim() !== ""), requestBudget: form.budget.trim() === "" ? null : Number(form.budget), enabled,
  azure: form.kind === "azure" ? { tenant: form.tenant.trim(), cloud: cloudOf(form), managementGroups: listed(form.managementGroups), subscriptions: listed(form.subscriptions) } : null,
  backstage: form.kind === "backstage" ? { superUsers: listed(form.superUsers) } : null,
});

const NAMES: Record<AuthKind, { name: string; label: string }> = {
  bearer: { name: "token", label: "Token" },
  basic: { name: "password", label: "Password" },
  clientCredentials: { name: "client secret", label: "Client secret" },
  userToken: { name: "sign-in", label: "Sign-in" },
  clientSecret: { name: "client secret", label: "Client secret" },
  clientCertificate: { name: "certificate with its private key", label: "Certificate" },
  deviceCode: { name: "sign-in", label: "Sign-in" },
  federatedToken: { name: "token file", label: "Token file" },
  azureCli: { name: "Azure CLI’s login", label: "Azure CLI" },
};

/** What the secret of a way to sign in is called. */
export const secretOf = (auth: AuthKind) => NAMES[auth];
