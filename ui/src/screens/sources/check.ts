/** The form's checks, in plain words. The engine checks again; these say it while one types. */
import type { Source } from "../../ipc";
import { formOf, hasSecretAt, secretOf, settingsOf, signsIn, type SourceForm } from "./form";

export type Field =
  | "name" | "url" | "user" | "tokenUrl" | "clientId" | "secret" | "headers" | "budget"
  | "tenant" | "authority" | "graph" | "tokenFile" | "subscriptions" | "superUsers";
export type Problems = Partial<Record<Field, string>>;

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
  /** Whether the field holds a secret, or a sign-in or a picked file has given one. */
  hasSecret: boolean;
}

/** Where the secret goes: an Azure source's to where its tokens come from, all others' to the source. */
const secretGoesTo = (form: SourceForm): string | null =>
  form.kind === "azure" ? (form.cloud === "other" ? origin(form.authority) : form.cloud) : origin(form.url);

/** Whether the secret in the keychain can go on being used: it goes to the same place, by the same way to sign in. */
export function keepsSecret(form: SourceForm, existing: Source | undefined): boolean {
  if (existing === undefined || existing.hasSecret === false) return false;
  const before = formOf(existing);
  return secretGoesTo(form) === secretGoesTo(before) && form.auth === before.auth && form.clientId === before.clientId;
}

const URL_WORDS = { scim: "the SCIM base URL", backstage: "the address of Backstage’s backend", azure: "the Resource Manager’s address" } as const;
const GUID = /^(\/subscriptions\/)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const REF = /^((user|group):)?([^:/\s]+\/)?[^:/\s]+$/i;

function addressProblems(form: SourceForm): Problems {
  const problems: Problems = {};
  const put = (field: Field, problem: string | undefined) => {
    if (problem !== undefined) problems[field] = problem;
  };
  const named = form.kind === "azure" && form.cloud !== "other";
  if (!named) put("url", urlProblem(form.url, URL_WORDS[form.kind]));
  if (form.kind === "scim" && problems.url === undefined && /\/(Users|Groups|ServiceProviderConfig|Schemas|ResourceTypes)\/?$/i.test(form.url.trim())) {
    problems.url = "Leave off the last part: the base URL ends before /Users.";
  }
  if (form.kind === "azure") {
    if (!/^[a-z0-9.-]+$/i.test(form.tenant.trim())) problems.tenant = "Give the tenant’s id or one of its domains, such as contoso.onmicrosoft.com.";
    if (form.cloud === "other") {
      put("authority", urlProblem(form.authority, "the address that tokens come from"));
      put("graph", urlProblem(form.graph, "Microsoft Graph’s address"));
    }
  }
  return problems;
}

function listProblems(form: SourceForm): Problems {
  const settings = settingsOf(form, true);
  const oddSubscription = settings.azure?.subscriptions.find((id) => !GUID.test(id));
  const oddUser = settings.backstage?.superUsers.find((ref) => !REF.test(ref));
  return {
    ...(oddSubscription === undefined ? {} : { subscriptions: `“${oddSubscription}” is no subscription id; one looks like 00000000-0000-0000-0000-000000000000.` }),
    ...(oddUser === undefined ? {} : { superUsers: `“${oddUser}” is no entity reference; one looks like user:default/ada.lovelace.` }),
  };
}

function secretProblem(form: SourceForm, { existing, hasSecret }: Context, kept: boolean): string | undefined {
  if (!hasSecretAt(form.auth) || hasSecret || kept) return undefined;
  const { name } = secretOf(form.auth);
  const give = signsIn(form.auth) ? "Sign in first." : form.auth === "clientCertificate" ? `Choose the file with the ${name}.` : `Give the ${name}.`;
  if (existing === undefined) return give;
  if (existing.hasSecret === false) return `None is in the keychain. ${give}`;
  return signsIn(form.auth) ? "The address or the way to sign in is another: sign in again." : `The address or the way to sign in is another: give its ${name}. The stored one is not sent elsewhere.`;
}

function headerProblem(form: SourceForm): string | undefined {
  const bad = form.headers.find((h) => h.name.trim() !== "" && !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(h.name.trim()));
  const secret = form.headers.find((h) => /^(authorization|proxy-authorization|cookie|x-api-key)$/i.test(h.name.trim()));
  if (bad) return `“${bad.name}” cannot be a header’s name.`;
  return secret ? `${secret.name} carries a secret; those go through the sign-in above.` : undefined;
}

export function check(form: SourceForm, context: Context): Problems {
  const kept = keepsSecret(form, context.existing);
  const problems: Problems = { ...addressProblems(form), ...listProblems(form) };
  const name = form.name.trim();
  if (name === "") problems.name = "Give it a name, as your colleagues call the system.";
  else if (context.others.some((s) => s.settings.name.toLowerCase() === name.toLowerCase())) problems.name = `Another source is called ${name} already.`;
  if (form.auth === "basic" && form.user.trim() === "") problems.user = "Give the user name.";
  if (form.auth === "clientCredentials") {
    const tokenUrl = urlProblem(form.tokenUrl, "the token endpoint");
    if (tokenUrl !== undefined) problems.tokenUrl = tokenUrl;
  }
  const needsClient = form.auth !== "bearer" && form.auth !== "basic" && form.auth !== "userToken" && form.auth !== "azureCli";
  if (needsClient && form.clientId.trim() === "") problems.clientId = form.kind === "azure" ? "Give the application’s (client) id; its overview names it." : "Give the client’s id.";
  if (form.auth === "federatedToken" && form.tokenFile.trim() === "") problems.tokenFile = "Name the file that the workload identity keeps its token in.";
  const secret = secretProblem(form, context, kept);
  if (secret !== undefined) problems.secret = secret;
  const headers = headerProblem(form);
  if (headers !== undefined) problems.headers = headers;
  if (form.budget.trim() !== "" && !/^[1-9]\d{0,8}$/.test(form.budget.trim())) problems.budget = "Give a whole number, or leave it empty for no limit.";
  return problems;
}
