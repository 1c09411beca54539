/** What each kind of system is asked for besides its name. */
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { RadioGroup } from "react-aria-components";
import { Segments } from "../../components/controls";
import { SystemMark } from "../../components/marks";
import { KINDS } from "../../components/systemKinds";
import type { Source, SourceKind } from "../../ipc";
import { inClear } from "./check";
import { type CloudKind } from "./form";
import { Choice, ListRow, Row, TextRow, type Editing } from "./FormParts";
import styles from "./Form.module.css";

export const KindPicker = ({ kind, onChange }: { kind: SourceKind; onChange: (kind: SourceKind) => void }) => (
  <div className={styles.row}>
    <span className={styles.label} id="source-kind">System</span>
    <RadioGroup aria-labelledby="source-kind" className={`${styles.choices} ${styles.three}`} value={kind} onChange={(v) => onChange(v as SourceKind)}>
      {KINDS.map((k) => <Choice key={k.id} value={k.id} mark={<SystemMark kind={k.id} />} title={k.title} note={k.note} />)}
    </RadioGroup>
  </div>
);

const Warning = ({ children }: { children: ReactNode }) => <p className={styles.warning}><TriangleAlert className="x" />{children}</p>;

const InClear = ({ url }: { url: string }) => (inClear(url) ? <Warning>http:// sends the secret in clear text over the network. Use https:// where the server has it.</Warning> : null);

export function ScimFields({ edit, leader }: { edit: Editing; leader: Source | undefined }) {
  const { form, set } = edit;
  return (
    <>
      <TextRow edit={edit} field="url" url label="Base URL" help="The SCIM address without /Users." placeholder="https://idp.example.com/scim/v2" />
      <InClear url={form.url} />
      <div className={styles.row}>
        <span className={styles.label} id="source-role">Role</span>
        <RadioGroup aria-labelledby="source-role" className={styles.choices} value={form.authoritative ? "lead" : "down"} onChange={(v) => set({ authoritative: v === "lead" })}>
          <Choice value="lead" mark={<SystemMark downstream={false} />} title="Authoritative" note="The identity provider: what it says of a person counts." />
          <Choice value="down" mark={<SystemMark downstream />} title="Downstream" note="An application that follows it, and is compared with it." />
        </RadioGroup>
        {form.authoritative && leader && <Warning>{leader.settings.name} is authoritative already. One source leads: with two, differences are counted against the first.</Warning>}
      </div>
    </>
  );
}

export const BackstageFields = ({ edit }: { edit: Editing }) => (
  <>
    <TextRow edit={edit} field="url" url label="Backend URL" help="The backend’s address without /api, as backend.baseUrl in app-config.yaml has it." placeholder="https://backstage.example.com" />
    <InClear url={edit.form.url} />
    <ListRow
      edit={edit}
      field="superUsers"
      label="Superusers"
      placeholder="user:default/ada.lovelace"
      help="One entity reference a line, as permission.rbac.admin.superUsers in app-config.yaml names them. They may do everything, and no API says who they are: those that are missing here are missing in the map."
    />
  </>
);

const CLOUDS: readonly { id: CloudKind; text: string }[] = [
  { id: "public", text: "Public" },
  { id: "usGovernment", text: "US government" },
  { id: "china", text: "China" },
  { id: "other", text: "Other" },
];

export function AzureFields({ edit }: { edit: Editing }) {
  const { form, set } = edit;
  return (
    <>
      <div className={styles.row}>
        <span className={styles.label}>Cloud</span>
        <div><Segments label="Cloud" value={form.cloud} options={CLOUDS} onChange={(cloud) => set({ cloud })} /></div>
      </div>
      {form.cloud === "other" && (
        <>
          <TextRow edit={edit} field="authority" url label="Authority" help="Where tokens come from, without the tenant." placeholder="https://login.example.com" />
          <InClear url={form.authority} />
          <TextRow edit={edit} field="graph" url label="Microsoft Graph" help="Without /v1.0." placeholder="https://graph.example.com" />
          <TextRow edit={edit} field="url" url label="Resource Manager" placeholder="https://management.example.com" />
        </>
      )}
      <TextRow edit={edit} field="tenant" mono label="Tenant" help="Its id, or one of its domains." placeholder="contoso.onmicrosoft.com" />
      <Row field="managementGroups" label="Management groups" help="One id a line. Empty: all that may be read.">
        <textarea id="source-managementGroups" className="mono" rows={2} spellCheck={false} value={form.managementGroups} onChange={(e) => set({ managementGroups: e.target.value })} />
      </Row>
      <ListRow edit={edit} field="subscriptions" label="Subscriptions" help="One id a line. Empty: all that may be read." />
    </>
  );
}
