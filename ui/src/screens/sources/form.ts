/** The SCIM form's shape, its checks in plain words, and its way to settings. Holds no secret. */
import type { AuthSettings, Header, Source, SourceSettings } from "../../ipc";

/** The ways to sign in that a SCIM server is asked with. */
export type ScimAuth = "bearer" | "basic" | "clientCredentials";

const scimAuth = (kind: AuthSettings["kind"]): ScimAuth => (kind === "basic" || kind === "clientCredentials" ? kind : "bearer");

export interface SourceForm {
  name: string;
  url: string;
  auth: ScimAuth;
  user: string;
  tokenUrl: string;
  clientId: string;
  scope: string;
  authoritative: boolean;
  allowWrites: boolean;
  caPem: string | null;
  caName: string;
  headers: Header[];
  budget: string;
}

export type Field = "name" | "url" | "user" | "tokenUrl" | "clientId" | "secret" | "headers" | "budget";
export type Problems = Partial<Record<Field, string>>;

export const emptyForm = (sources: readonly Source[]): SourceForm => ({
  name: "", url: "", auth: "bearer", user: "", tokenUrl: "", clientId: "", scope: "",
  // The first is as a rule the identity provider; there can be one only.
  authoritative: !sources.some((s) => s.settings.authoritative),
  allowWrites: false, caPem: null, caName: "", headers: [], budget: "",
});

export const formOf = ({ settings }: Source): SourceForm => ({
  name: settings.name, url: settings.url, auth: scimAuth(settings.auth.kind),
  user: settings.auth.kind === "basic" ? settings.auth.user : "",
  tokenUrl: settings.auth.kind === "clientCredentials" ? settings.auth.tokenUrl : "",
  clientId: settings.auth.kind === "clientCredentials" ? settings.auth.clientId : "",
  scope: settings.auth.kind === "clientCredentials" ? (settings.auth.scope ?? "") : "",
  authoritative: settings.authoritative, allowWrites: settings.allowWrites, caPem: settings.caPem, caName: settings.caPem === null ? "" : "certificate given earlier",
  headers: settings.headers, budget: settings.requestBudget === null ? "" : String(settings.requestBudget),
});

function authOf(form: SourceForm): AuthSettings {
  switch (form.auth) {
    case "bearer": return { kind: "bearer" };
    case "basic": return { kind: "basic", user: form.user.trim() };
    case "clientCredentials": return { kind: "clientCredentials", tokenUrl: form.tokenUrl.trim(), clientId: form.clientId.trim(), scope: form.scope.trim() === "" ? null : form.scope.trim() };
  }
}

export const settingsOf = (form: SourceForm, enabled: boolean): SourceSettings => ({
  kind: "scim", name: form.name.trim(), url: form.url.trim().replace(/\/+$/, ""), auth: authOf(form), authoritative: form.authoritative, allowWrites: form.allowWrites,
  caPem: form.caPem, headers: form.headers.filter((h) => h.name.trim() !== ""), requestBudget: form.budget.trim() === "" ? null : Number(form.budget), enabled, azure: null, backstage: null,
});

const parseUrl = (text: string): URL | null => {
  try {
    return new URL(text.trim());
  } catch {
    return null;
  }
};

export const origin = (text: string): string | null => parseUrl(text)?.origin ?? null;

/** Whether a token would travel in clear text, other than on this machine. */
export const inClear = (text: string): boolean => {
  const url = parseUrl(text);
  return url?.protocol === "http:" && !/^(localhost|127\.|\[::1\])/.test(url.hostname);
};

function urlProblem(text: string, what: string): string | undefined {
  if (text.trim() === "") return `Give ${what}.`;
  const url = parseUrl(text);
  if (!url) return "This is no address. It starts with https:// and a host name.";
  if (url.protocol !== "https:" && url.protocol !== "http:") return "Only https:// (or http:// on this machine) can be asked.";
  if (url.username !== "" || url.password !== "") return "Leave user and password out of the address; they have their own fields below.";
  return undefined;
}

interface Context {
  others: readonly Source[];
  /** The source being edited, if one is. */
  existing: Source | undefined;
  hasSecret: boolean;
}

/** Whether the secret in the keychain can go on being used: same origin, same kind of sign-in. */
export const keepsSecret = (form: SourceForm, existing: Source | undefined): boolean =>
  existing !== undefined && existing.hasSecret !== false && origin(form.url) === origin(existing.settings.url) && form.auth === existing.settings.auth.kind;

export function check(form: SourceForm, { others, existing, hasSecret }: Context): Problems {
  const problems: Problems = {};
  const name = form.name.trim();
  if (name === "") problems.name = "Give it a name, as your colleagues call the system.";
  else if (others.some((s) => s.settings.name.toLowerCase() === name.toLowerCase())) problems.name = `Another source is called ${name} already.`;
  const url = urlProblem(form.url, "the SCIM base URL");
  if (url !== undefined) problems.url = url;
  else if (/\/(Users|Groups|ServiceProviderConfig|Schemas|ResourceTypes)\/?$/i.test(form.url.trim())) problems.url = "Leave off the last part: the base URL ends before /Users.";
  if (form.auth === "basic" && form.user.trim() === "") problems.user = "Give the user name.";
  if (form.auth === "clientCredentials") {
    const tokenUrl = urlProblem(form.tokenUrl, "the token endpoint");
    if (tokenUrl !== undefined) problems.tokenUrl = tokenUrl;
    if (form.clientId.trim() === "") problems.clientId = "Give the client’s id.";
  }
  if (!hasSecret && !keepsSecret(form, existing)) {
    problems.secret =
      existing === undefined ? `Give the ${SECRET[form.auth].name}.` : existing.hasSecret === false ? `None is in the keychain. Give the ${SECRET[form.auth].name}.` : `The address or the way to sign in is another: give its ${SECRET[form.auth].name}. The stored one is not sent elsewhere.`;
  }
  const badHeader = form.headers.find((h) => h.name.trim() !== "" && !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(h.name.trim()));
  const secretHeader = form.headers.find((h) => /^(authorization|proxy-authorization|cookie|x-api-key)$/i.test(h.name.trim()));
  if (badHeader) problems.headers = `“${badHeader.name}” cannot be a header’s name.`;
  else if (secretHeader) problems.headers = `${secretHeader.name} carries a secret; those go through the sign-in above.`;
  if (form.budget.trim() !== "" && !/^[1-9]\d{0,8}$/.test(form.budget.trim())) problems.budget = "Give a whole number, or leave it empty for no limit.";
  return problems;
}

export const SECRET: Record<ScimAuth, { name: string; label: string }> = {
  bearer: { name: "token", label: "Token" },
  basic: { name: "password", label: "Password" },
  clientCredentials: { name: "client secret", label: "Client secret" },
};
