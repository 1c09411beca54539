/** Connects a system, or edits one. The secret goes from its field to the engine, and is kept nowhere in between. */
import { useQueryClient } from "@tanstack/react-query";
import { ChevronRight, FileKey2, PlugZap, Plus, X } from "lucide-react";
import { useRef, useState, type SubmitEvent } from "react";
import { Disclosure, DisclosurePanel, Button as AriaButton, Heading, SwitchButton, SwitchField } from "react-aria-components";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { Button, IconButton, Segments } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { duration, plural } from "../../components/format";
import { SystemMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import { kindTitle } from "../../components/systemKinds";
import { toast } from "../../components/toasts";
import { api, type ProbeReport, type Source, type SourceKind } from "../../ipc";
import { keys, useSources } from "../../ipc/queries";
import { startSync } from "./actions";
import { check, keepsSecret, type Field, type Problems } from "./check";
import { AUTHS, emptyForm, formOf, hasSecretAt, ofKind, secretOf, settingsOf, signsIn, type SourceForm } from "./form";
import styles from "./Form.module.css";
import { Row, text, TextRow, type Editing } from "./FormParts";
import { AzureFields, BackstageFields, KindPicker, ScimFields } from "./KindFields";
import { ProbeView } from "./ProbeView";
import { CertificateRow, SignInRow } from "./SignInRow";

const isKind = (text: string | null): text is SourceKind => text === "scim" || text === "backstage" || text === "azure";

export function SourceFormScreen() {
  const { id } = useParams();
  const sources = useSources();
  const [search] = useSearchParams();
  if (!sources.data) return null;
  const kind = search.get("kind");
  const existing = id === undefined ? undefined : sources.data.find((s) => String(s.id) === id);
  if (id !== undefined && !existing) return <Empty title="There is no such source.">It may have been removed.</Empty>;
  return <Form key={id ?? `new ${kind ?? ""}`} existing={existing} sources={sources.data} kind={isKind(kind) ? kind : "scim"} />;
}

function Form({ existing, sources, kind }: { existing: Source | undefined; sources: readonly Source[]; kind: SourceKind }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const secret = useRef<HTMLInputElement>(null);
  const [form, setForm] = useState<SourceForm>(() => (existing ? formOf(existing) : emptyForm(sources, kind)));
  const [seen, setSeen] = useState<ReadonlySet<Field>>(new Set());
  const [hasSecret, setHasSecret] = useState(false);
  /** The number under which the engine holds what came of a sign-in, or a certificate that was picked. */
  const [given, setGiven] = useState<string | null>(null);
  const [report, setReport] = useState<ProbeReport | null>(null);
  const [busy, setBusy] = useState<"test" | "save" | null>(null);
  const [error, setError] = useState<unknown>(null);

  const others = sources.filter((s) => s.id !== existing?.id);
  const problems = check(form, { others, existing, hasSecret: hasSecret || given !== null });
  const shown: Problems = Object.fromEntries(Object.entries(problems).filter(([field]) => seen.has(field as Field)));
  const set = (change: Partial<SourceForm>) => setForm((was) => ({ ...was, ...change }));
  const touch = (field: Field) => setSeen((was) => new Set(was).add(field));
  const stored = keepsSecret(form, existing);
  const edit: Editing = { form, shown, set, touch };
  const secretName = secretOf(form.auth);
  const leader = others.find((s) => s.settings.authoritative);

  /** What the field holds, once: it is not copied into any state. */
  const readSecret = () => {
    const value = secret.current?.value ?? "";
    return value === "" ? null : value;
  };
  const clearSecret = () => {
    if (secret.current) secret.current.value = "";
    setHasSecret(false);
    setGiven(null);
  };
  const mistaken = (but: readonly Field[] = []): boolean => {
    const wrong = (Object.keys(problems) as Field[]).filter((field) => !but.includes(field));
    if (wrong.length === 0) return false;
    setSeen(new Set(wrong));
    // The first as one reads, not as one checks.
    const first = [...document.querySelectorAll<HTMLElement>("[id^='source-']")].find((field) => wrong.some((name) => field.id === `source-${name}`));
    first?.focus();
    return true;
  };

  const test = async () => {
    // A name is not needed to knock at a door.
    if (mistaken(["name"])) return;
    setBusy("test");
    setError(null);
    setReport(null);
    try {
      setReport(await api.probeSource(settingsOf(form, existing?.settings.enabled ?? true), readSecret(), given, existing?.id ?? null));
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(null);
    }
  };

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    if (mistaken()) return;
    const settings = settingsOf(form, existing?.settings.enabled ?? true);
    const [value, held] = [readSecret(), given];
    clearSecret();
    setBusy("save");
    setError(null);
    try {
      const saved = existing ? await api.updateSource(existing.id, settings, value, held) : await api.addSource(settings, value, held);
      await client.invalidateQueries({ queryKey: keys.sources });
      await client.invalidateQueries({ queryKey: keys.app });
      if (existing) toast("good", `${saved.settings.name} was saved.`);
      else {
        toast("good", `${saved.settings.name} is connected.`, "Its first sync has started.");
        startSync([saved.id]);
      }
      void navigate(`/sources/${saved.id}`);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(null);
    }
  };

  const pickCa = async () => {
    try {
      const file = await api.pickFile([{ name: "Certificate (PEM)", extensions: ["pem", "crt", "cer"] }]);
      if (file === null) return;
      if (!file.text.includes("-----BEGIN CERTIFICATE-----")) {
        toast("bad", "This file holds no certificate in PEM.", "Choose one that starts with -----BEGIN CERTIFICATE-----.");
        return;
      }
      set({ caPem: file.text, caName: file.path });
    } catch (refused) {
      setError(refused);
    }
  };

  return (
    <div className={styles.screen}>
      <form className={styles.form} onSubmit={(event) => void save(event)} noValidate aria-label={existing ? `Edit ${existing.settings.name}` : "Connect a system"} data-testid="source-form">
        <div className={styles.head}>
          <SystemMark kind={form.kind} downstream={!form.authoritative} />
          <h1>{existing ? `Edit ${existing.settings.name}` : "Connect a system"}</h1>
          <span className={parts.tag}>{kindTitle(form.kind)}</span>
        </div>
        <div className={styles.body}>
          {!existing && <KindPicker kind={form.kind} onChange={(next) => { setForm((was) => ofKind(was, next, others)); clearSecret(); setReport(null); }} />}
          <TextRow edit={edit} field="name" label="Name" help="As your colleagues call it." placeholder={{ scim: "Workforce IdP", backstage: "Developer portal", azure: "Halcyon tenant" }[form.kind]} />
          {form.kind === "scim" ? <ScimFields edit={edit} leader={leader} /> : form.kind === "backstage" ? <BackstageFields edit={edit} /> : <AzureFields edit={edit} />}

          <div className={styles.row}>
            <span className={styles.label}>Sign-in</span>
            <div><Segments label="Way to sign in" value={form.auth} options={AUTHS[form.kind]} onChange={(auth) => { set({ auth }); clearSecret(); }} /></div>
            {form.auth === "azureCli" && <p className={styles.help}>Uses the login of “az login” on this machine, with what that person may read. Nothing is kept.</p>}
          </div>
          {form.auth === "basic" && <TextRow edit={edit} field="user" label="User name" />}
          {form.auth === "clientCredentials" && <TextRow edit={edit} field="tokenUrl" url label="Token endpoint" help="Where client id and secret are changed for a token." placeholder="https://idp.example.com/oauth2/token" />}
          {form.auth !== "bearer" && form.auth !== "basic" && form.auth !== "azureCli" && (
            <TextRow
              edit={edit}
              field="clientId"
              mono
              label={form.kind === "azure" ? "Application (client) id" : "Client id"}
              help={form.auth === "userToken" ? "Empty: Lanyard registers itself, where the backend allows that." : form.kind === "azure" ? "Of an app registration that may read the directory." : undefined}
            />
          )}
          {form.auth === "clientCredentials" && (
            <Row label="Scope" field="scope" help="Only where the server wants one.">
              <input id="source-scope" className="mono" value={form.scope} onChange={(e) => set({ scope: e.target.value })} spellCheck={false} autoComplete="off" />
            </Row>
          )}
          {form.auth === "federatedToken" && <TextRow edit={edit} field="tokenFile" mono label="Token file" help="Read anew for each token; something else (a workload identity) keeps it fresh. Nothing is kept in the keychain." placeholder="/var/run/secrets/azure/tokens/azure-identity-token" />}
          {signsIn(form.auth) ? (
            <SignInRow settings={() => (mistaken(["name", "secret"]) ? null : settingsOf(form, true))} stored={stored} signIn={given} onSignedIn={setGiven} problem={shown.secret} />
          ) : form.auth === "clientCertificate" ? (
            <CertificateRow stored={stored} picked={given} onPicked={setGiven} problem={shown.secret} />
          ) : hasSecretAt(form.auth) ? (
            <Row
              field="secret"
              label={secretName.label}
              help={stored ? `A ${secretName.name} is kept in the keychain; give a new one to replace it.` : "Goes into the keychain of this machine, and is never shown again."}
              problem={shown.secret}
            >
              <input {...text("secret", shown)} ref={secret} type="password" autoComplete="new-password" className="mono" onInput={(e) => setHasSecret(e.currentTarget.value !== "")} onBlur={() => !stored && hasSecret && touch("secret")} data-testid="secret" />
            </Row>
          ) : null}

          <div className={styles.row}>
            <span className={styles.label}>Writing</span>
            <SwitchField isSelected={form.allowWrites} onChange={(allowWrites) => set({ allowWrites })}>
              <SwitchButton className={styles.switch}>
                <i aria-hidden="true" />
                <span>
                  <span className="strong">{form.allowWrites ? "Lanyard may write" : "Read-only"}</span>
                  <span className="xs t3">{form.allowWrites ? "Each write is shown as the exact request before it is sent." : "Nothing is changed in this system, whatever is pressed."}</span>
                </span>
              </SwitchButton>
            </SwitchField>
          </div>

          <Disclosure className={styles.advanced} defaultExpanded={form.caPem !== null || form.headers.length > 0 || form.budget !== ""}>
            <Heading level={2}>
              <AriaButton slot="trigger" className={styles.fold}><ChevronRight className="s" />Certificate, headers, request budget</AriaButton>
            </Heading>
            <DisclosurePanel className={styles.panel}>
              <div className={styles.row}>
                <span className={styles.label}>Own certificate authority</span>
                <div className={styles.line}>
                  <Button small icon={<FileKey2 className="x" />} onPress={() => void pickCa()}>{form.caPem === null ? "Choose a PEM file…" : "Another file…"}</Button>
                  {form.caPem !== null && (
                    <>
                      <code className="cut t2">{form.caName}</code>
                      <IconButton tiny label="Take the certificate out" onPress={() => set({ caPem: null, caName: "" })}><X className="x" /></IconButton>
                    </>
                  )}
                </div>
                <p className={styles.help}>For a server whose certificate the company has signed itself.</p>
              </div>
              <div className={styles.row}>
                <span className={styles.label}>Extra headers</span>
                {form.headers.map((header, n) => (
                  <div key={n} className={styles.headerLine}>
                    <input aria-label={`Name of header ${n + 1}`} className="mono" value={header.name} placeholder="X-Tenant" spellCheck={false} onChange={(e) => set({ headers: form.headers.map((h, m) => (m === n ? { ...h, name: e.target.value } : h)) })} onBlur={() => touch("headers")} />
                    <input aria-label={`Value of header ${n + 1}`} className="mono" value={header.value} placeholder="halcyon" spellCheck={false} onChange={(e) => set({ headers: form.headers.map((h, m) => (m === n ? { ...h, value: e.target.value } : h)) })} />
                    <IconButton tiny label={`Take header ${n + 1} out`} onPress={() => set({ headers: form.headers.filter((_, m) => m !== n) })}><X className="x" /></IconButton>
                  </div>
                ))}
                <div><Button small icon={<Plus className="x" />} onPress={() => set({ headers: [...form.headers, { name: "", value: "" }] })}>Add a header</Button></div>
                {shown.headers !== undefined ? <p className={styles.problem} role="alert">{shown.headers}</p> : <p className={styles.help}>Not for secrets: they go through the sign-in.</p>}
              </div>
              <Row field="budget" label="Request budget" help="The most requests that one sync may make. Empty: no limit." problem={shown.budget}>
                <input {...text("budget", shown)} inputMode="numeric" value={form.budget} onChange={(e) => set({ budget: e.target.value })} onBlur={() => touch("budget")} placeholder="no limit" />
              </Row>
            </DisclosurePanel>
          </Disclosure>
          {error !== null && (
            <div className={styles.row}>
              <FaultView compact error={error} />
              {busy === null && !hasSecret && given === null && !stored && hasSecretAt(form.auth) && <p className={styles.help}>The {secretName.name} was taken out of the form; give it again to save.</p>}
            </div>
          )}
        </div>
        <div className={styles.foot}>
          <Button icon={<PlugZap className="s" />} isDisabled={busy !== null} onPress={() => void test()} data-testid="test-connection">{busy === "test" ? "Testing…" : "Test connection"}</Button>
          <span className="grow" />
          <Button variant="quiet" onPress={() => void navigate(existing ? `/sources/${existing.id}` : "/sources")}>Cancel</Button>
          <Button variant="primary" type="submit" isDisabled={busy !== null} data-testid="save-source">{busy === "save" ? "Saving…" : existing ? "Save" : "Save and sync"}</Button>
        </div>
      </form>
      <section className={styles.side} aria-label="Connection test" aria-live="polite">
        <h2 className={parts.sect}>
          Connection test {report && <span className="t3">{plural(report.requests, "request")} in {duration(report.tookMs)}</span>}
        </h2>
        {report ? (
          <ProbeView report={report} />
        ) : (
          <p className={styles.sideText}>{busy === "test" ? "Asking the server…" : "Test connection asks the server what it can do, and says what Lanyard will do without what it lacks. It reads; it changes nothing."}</p>
        )}
      </section>
    </div>
  );
}
