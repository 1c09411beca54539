/** Connects a system, or edits one. The secret goes from its field to the engine, and is kept nowhere in between. */
import { useQueryClient } from "@tanstack/react-query";
import { ChevronRight, FileKey2, PlugZap, Plus, TriangleAlert, X } from "lucide-react";
import { useRef, useState, type ReactNode, type SubmitEvent } from "react";
import { Disclosure, DisclosurePanel, Button as AriaButton, Heading, RadioButton, RadioField, RadioGroup, SwitchButton, SwitchField } from "react-aria-components";
import { useNavigate, useParams } from "react-router";
import { Button, IconButton, Segments } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { duration, plural } from "../../components/format";
import { SystemMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import { toast } from "../../components/toasts";
import { api, type ProbeReport, type Source } from "../../ipc";
import { keys, useSources } from "../../ipc/queries";
import { startSync } from "./actions";
import { check, emptyForm, formOf, inClear, keepsSecret, SECRET, settingsOf, type Field, type Problems, type ScimAuth, type SourceForm } from "./form";
import styles from "./Form.module.css";
import { ProbeView } from "./ProbeView";

const AUTHS: readonly { id: ScimAuth; text: string }[] = [
  { id: "bearer", text: "Bearer token" },
  { id: "basic", text: "User and password" },
  { id: "clientCredentials", text: "OAuth 2 client" },
];

export function SourceFormScreen() {
  const { id } = useParams();
  const sources = useSources();
  if (!sources.data) return null;
  const existing = id === undefined ? undefined : sources.data.find((s) => String(s.id) === id);
  if (id !== undefined && !existing) return <Empty title="There is no such source.">It may have been removed.</Empty>;
  return <Form key={id ?? "new"} existing={existing} sources={sources.data} />;
}

function Form({ existing, sources }: { existing: Source | undefined; sources: readonly Source[] }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const secret = useRef<HTMLInputElement>(null);
  const [form, setForm] = useState<SourceForm>(() => (existing ? formOf(existing) : emptyForm(sources)));
  const [seen, setSeen] = useState<ReadonlySet<Field>>(new Set());
  const [hasSecret, setHasSecret] = useState(false);
  const [report, setReport] = useState<ProbeReport | null>(null);
  const [busy, setBusy] = useState<"test" | "save" | null>(null);
  const [error, setError] = useState<unknown>(null);

  const others = sources.filter((s) => s.id !== existing?.id);
  const problems = check(form, { others, existing, hasSecret });
  const shown: Problems = Object.fromEntries(Object.entries(problems).filter(([field]) => seen.has(field as Field)));
  const set = (change: Partial<SourceForm>) => setForm((was) => ({ ...was, ...change }));
  const touch = (field: Field) => setSeen((was) => new Set(was).add(field));
  const stored = keepsSecret(form, existing);
  const leader = others.find((s) => s.settings.authoritative);

  /** What the field holds, once: it is not copied into any state. */
  const readSecret = () => {
    const value = secret.current?.value ?? "";
    return value === "" ? null : value;
  };
  const clearSecret = () => {
    if (secret.current) secret.current.value = "";
    setHasSecret(false);
  };
  const mistaken = (but: readonly Field[] = []): boolean => {
    const wrong = (Object.keys(problems) as Field[]).filter((field) => !but.includes(field));
    if (wrong.length === 0) return false;
    setSeen(new Set(wrong));
    document.getElementById(`source-${wrong[0] ?? ""}`)?.focus();
    return true;
  };

  const test = async () => {
    // A name is not needed to knock at a door.
    if (mistaken(["name"])) return;
    setBusy("test");
    setError(null);
    setReport(null);
    try {
      setReport(await api.probeSource(settingsOf(form, existing?.settings.enabled ?? true), readSecret(), existing?.id ?? null));
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
    const value = readSecret();
    clearSecret();
    setBusy("save");
    setError(null);
    try {
      const saved = existing ? await api.updateSource(existing.id, settings, value) : await api.addSource(settings, value);
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
          <SystemMark downstream={!form.authoritative} />
          <h1>{existing ? `Edit ${existing.settings.name}` : "Connect a system"}</h1>
          <span className={parts.tag}>SCIM 2.0</span>
        </div>
        <div className={styles.body}>
          <Row field="name" label="Name" help="As your colleagues call it." problem={shown.name}>
            <input {...text("name", shown)} value={form.name} onChange={(e) => set({ name: e.target.value })} onBlur={() => touch("name")} placeholder="Workforce IdP" />
          </Row>
          <Row field="url" label="Base URL" help="The SCIM address without /Users." problem={shown.url}>
            <input {...text("url", shown)} className="mono" type="url" value={form.url} onChange={(e) => set({ url: e.target.value })} onBlur={() => form.url !== "" && touch("url")} placeholder="https://idp.example.com/scim/v2" />
            {inClear(form.url) && <p className={styles.warning}><TriangleAlert className="x" />http:// sends the secret in clear text over the network. Use https:// where the server has it.</p>}
          </Row>

          <div className={styles.row}>
            <span className={styles.label} id="source-role">Role</span>
            <RadioGroup aria-labelledby="source-role" className={styles.choices} value={form.authoritative ? "lead" : "down"} onChange={(v) => set({ authoritative: v === "lead" })}>
              <Choice value="lead" mark={<SystemMark downstream={false} />} title="Authoritative" note="The identity provider: what it says of a person counts." />
              <Choice value="down" mark={<SystemMark downstream />} title="Downstream" note="An application that follows it, and is compared with it." />
            </RadioGroup>
            {form.authoritative && leader && <p className={styles.warning}><TriangleAlert className="x" />{leader.settings.name} is authoritative already. One source leads: with two, differences are counted against the first.</p>}
          </div>

          <div className={styles.row}>
            <span className={styles.label}>Sign-in</span>
            <div><Segments label="Way to sign in" value={form.auth} options={AUTHS} onChange={(auth) => { set({ auth }); clearSecret(); }} /></div>
          </div>
          {form.auth === "basic" && (
            <Row field="user" label="User name" problem={shown.user}>
              <input {...text("user", shown)} value={form.user} onChange={(e) => set({ user: e.target.value })} onBlur={() => touch("user")} />
            </Row>
          )}
          {form.auth === "clientCredentials" && (
            <>
              <Row field="tokenUrl" label="Token endpoint" help="Where client id and secret are changed for a token." problem={shown.tokenUrl}>
                <input {...text("tokenUrl", shown)} className="mono" type="url" value={form.tokenUrl} onChange={(e) => set({ tokenUrl: e.target.value })} onBlur={() => touch("tokenUrl")} placeholder="https://idp.example.com/oauth2/token" />
              </Row>
              <Row field="clientId" label="Client id" problem={shown.clientId}>
                <input {...text("clientId", shown)} className="mono" value={form.clientId} onChange={(e) => set({ clientId: e.target.value })} onBlur={() => touch("clientId")} />
              </Row>
              <Row label="Scope" field="scope" help="Only where the server wants one.">
                <input id="source-scope" className="mono" value={form.scope} onChange={(e) => set({ scope: e.target.value })} spellCheck={false} autoComplete="off" />
              </Row>
            </>
          )}
          <Row
            field="secret"
            label={SECRET[form.auth].label}
            help={stored ? `A ${SECRET[form.auth].name} is kept in the keychain; give a new one to replace it.` : "Goes into the keychain of this machine, and is never shown again."}
            problem={shown.secret}
          >
            <input {...text("secret", shown)} ref={secret} type="password" autoComplete="new-password" className="mono" onInput={(e) => setHasSecret(e.currentTarget.value !== "")} onBlur={() => !stored && hasSecret && touch("secret")} data-testid="secret" />
          </Row>

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
              {busy === null && !hasSecret && !stored && <p className={styles.help}>The {SECRET[form.auth].name} was taken out of its field; give it again to save.</p>}
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

const text = (field: Field, shown: Problems) => ({
  id: `source-${field}`,
  spellCheck: false,
  autoComplete: "off",
  "aria-invalid": shown[field] !== undefined || undefined,
  "aria-describedby": `source-${field}-says`,
});

const Row = ({ field, label, help, problem, children }: { field: string; label: string; help?: string; problem?: string; children: ReactNode }) => (
  <div className={styles.row}>
    <label className={styles.label} htmlFor={`source-${field}`}>{label}</label>
    {children}
    <p id={`source-${field}-says`} className={problem === undefined ? styles.help : styles.problem}>{problem ?? help}</p>
  </div>
);

const Choice = ({ value, mark, title, note }: { value: string; mark: ReactNode; title: string; note: string }) => (
  <RadioField value={value} className={styles.option}>
    <RadioButton className={styles.choice}>
      {mark}
      <span>
        <span className="strong">{title}</span>
        <span className="xs t3">{note}</span>
      </span>
    </RadioButton>
  </RadioField>
);
