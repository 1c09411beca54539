/** One source, whole: what it is, its running sync, its last fault, its coverage in words. */
import { CircleAlert, CircleCheck, CircleDashed, Ellipsis, Lock, LockOpen, Pause, Pencil, Play, PlugZap, RefreshCw, Trash2, TriangleAlert } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Link, useNavigate } from "react-router";
import { ownToken, tokenPath } from "../../components/address";
import { Button, buttonClass, Id, IconButton, Time } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { count, duration, exactTime, plural } from "../../components/format";
import { SourceMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import { AtLeast, HealthState, SyncDetail } from "../../components/sourceWords";
import { api, type AuthSettings, type Coverage, type CoverageState, type ProbeReport, type Source } from "../../ipc";
import { useProgress } from "../../ipc/live";
import { cancelSync, setEnabled, startSync } from "./actions";
import { hasSecretAt } from "./form";
import { ProbeView } from "./ProbeView";
import { RemoveDialog } from "./RemoveDialog";
import styles from "./Sources.module.css";

const authWords = (auth: AuthSettings): string => {
  switch (auth.kind) {
    case "bearer": return "Bearer token";
    case "basic": return `Basic, as ${auth.user}`;
    case "clientCredentials": return `OAuth 2 client credentials, client ${auth.clientId}`;
    case "userToken": return "Signed in through the browser";
    case "clientSecret": return `Client secret of application ${auth.clientId}`;
    case "clientCertificate": return `Certificate of application ${auth.clientId}`;
    case "deviceCode": return `Device code, application ${auth.clientId}`;
    case "federatedToken": return `Federated token from ${auth.tokenFile}, application ${auth.clientId}`;
    case "azureCli": return "The Azure CLI’s login";
  }
};

/** Which collections stand together, by what they tell. */
const SHELVES: readonly (readonly [string, readonly string[]])[] = [
  ["People and groups", ["Users", "Service principals", "Groups", "Memberships"]],
  ["Roles and what they permit", ["Entities", "RBAC roles", "RBAC policies", "RBAC conditions", "App role assignments", "Role definitions", "Role assignments", "Deny assignments", "Eligibilities", "Deleted principals"]],
  ["Provisioning", ["Provisioning jobs", "Provisioning errors"]],
  ["Scopes and vaults", []],
];

/** Coverage by shelf; what no shelf names stands on the last. */
function shelves(coverage: readonly Coverage[]): (readonly [string, readonly Coverage[]])[] {
  const last = SHELVES.length - 1;
  const shelfOf = ({ collection }: Coverage) => {
    const at = SHELVES.findIndex(([, names]) => names.includes(collection));
    return at < 0 ? last : at;
  };
  return SHELVES.map(([title], n) => [title, coverage.filter((c) => shelfOf(c) === n)] as const).filter(([, held]) => held.length > 0);
}

const CLOUDS = { public: "Public", usGovernment: "US government", china: "China (21Vianet)", other: "Other addresses" } as const;

const secretWords = (auth: AuthSettings, has: boolean | null): ReactNode =>
  !hasSecretAt(auth.kind) ? "None is kept" : has === null ? <span className="warn">The keychain could not be asked</span> : has ? "In the keychain, never shown" : <span className="bad">None in the keychain</span>;

export function SourceDetail({ source }: { source: Source }) {
  const { settings } = source;
  const navigate = useNavigate();
  const progress = useProgress().get(source.id);
  const [removing, setRemoving] = useState(false);
  const [testing, setTesting] = useState(false);
  const [report, setReport] = useState<ProbeReport | null>(null);
  const [error, setError] = useState<unknown>(null);

  const test = async () => {
    setTesting(true);
    setError(null);
    setReport(null);
    try {
      setReport(await api.probeSource(settings, null, null, source.id));
    } catch (refused) {
      setError(refused);
    } finally {
      setTesting(false);
    }
  };

  return (
    <section className={styles.detail} aria-label={settings.name} data-testid="source-detail">
      <header className={styles.detailHead}>
        <SourceMark source={source} />
        <h2 className="cut"><bdi>{settings.name}</bdi></h2>
        <HealthState source={source} progress={undefined} />
        <span className="grow" />
        {progress ? null : (
          <Button variant="primary" icon={<RefreshCw className="s" />} isDisabled={!settings.enabled} onPress={() => startSync([source.id])} data-testid="sync">
            Sync
          </Button>
        )}
        <Link className={buttonClass()} to={`/sources/${source.id}/edit`}><Pencil className="s" />Edit</Link>
        <Button icon={<PlugZap className="s" />} isDisabled={testing} onPress={() => void test()}>{testing ? "Testing…" : "Test"}</Button>
        <MenuTrigger>
          <IconButton label="More"><Ellipsis /></IconButton>
          <Popover className={parts.popover} placement="bottom end">
            <Menu className={parts.menu} aria-label="More" onAction={(id) => (id === "remove" ? setRemoving(true) : id === "people" ? void navigate(`/people?source=${source.id}`) : setEnabled(source.id, !settings.enabled))}>
              <MenuItem id="people" className={parts.menuItem}><SourceMark source={source} small />Show its people</MenuItem>
              <MenuItem id="enabled" className={parts.menuItem}>{settings.enabled ? <Pause className="s" /> : <Play className="s" />}{settings.enabled ? "Disable" : "Enable"}</MenuItem>
              <MenuItem id="remove" className={`${parts.menuItem} bad`}><Trash2 className="s" />Remove…</MenuItem>
            </Menu>
          </Popover>
        </MenuTrigger>
      </header>
      <div className={styles.detailBody}>
        {progress && <SyncDetail progress={progress} cancel={<Button small onPress={() => cancelSync(source.id)} data-testid="cancel">Cancel</Button>} />}
        {source.fault && !progress && <FaultView compact error={source.fault} onRetry={() => startSync([source.id])} />}
        {!settings.enabled && <p className={styles.quietNote}>Switched off: it keeps what was read and asks nothing. It is not counted in what the lists say.</p>}
        {error !== null && <FaultView compact error={error} onRetry={() => void test()} />}
        {report && (
          <section className={styles.block} aria-label="Connection test">
            <h3 className={parts.sect}>Connection test <span className="t3">{plural(report.requests, "request")} in {duration(report.tookMs)}</span></h3>
            <ProbeView report={report} />
          </section>
        )}

        <section className={styles.block} aria-label="What was read">
          <h3 className={parts.sect}>What was read</h3>
          {source.coverage.length === 0 ? (
            <p className={styles.quietNote}>Nothing yet. Start a sync; what is read stays in the encrypted cache on this machine.</p>
          ) : (
            <table className={`${parts.table} ${styles.coverage}`}>
              <thead>
                <tr>
                  <th scope="col">Collection</th>
                  <th scope="col">Read</th>
                  <th scope="col" className="end">Held</th>
                  <th scope="col" className="end">Server says</th>
                  <th scope="col" className="end">Last read</th>
                  <th scope="col" className="end">In full</th>
                </tr>
              </thead>
              {shelves(source.coverage).map(([title, coverage], _, all) => (
                <tbody key={title}>
                  {all.length > 1 && <tr className={styles.shelf}><th scope="rowgroup" colSpan={6}>{title}</th></tr>}
                  {coverage.map((c) => <CoverageRow key={c.collection} coverage={c} />)}
                </tbody>
              ))}
            </table>
          )}
        </section>

        <section className={styles.block} aria-label="Settings">
          <h3 className={parts.sect}>Settings</h3>
          <dl className={styles.facts}>
            <div><dt>Base URL</dt><dd><Id text={settings.url} what="base URL" /></dd></div>
            {settings.kind === "scim" && <div><dt>Role</dt><dd>{settings.authoritative ? "Authoritative: the others follow it" : "Downstream: follows the authoritative source"}</dd></div>}
            {settings.azure && (
              <>
                <div><dt>Cloud</dt><dd>{CLOUDS[settings.azure.cloud.kind]}</dd></div>
                <div><dt>Tenant</dt><dd><Id text={settings.azure.tenant} what="tenant" /></dd></div>
                <div><dt>Reads</dt><dd>{reads(settings.azure.managementGroups, "management group")}; {reads(settings.azure.subscriptions, "subscription")}</dd></div>
              </>
            )}
            {settings.backstage && <div><dt>Superusers</dt><dd>{settings.backstage.superUsers.length === 0 ? <span className="t2">None named. No API says who they are; name them under Edit, or the map lacks them.</span> : settings.backstage.superUsers.map((ref) => <code key={ref} className={styles.header}>{ref}</code>)}</dd></div>}
            <div><dt>Sign-in</dt><dd>{authWords(settings.auth)}</dd></div>
            <div><dt>Secret</dt><dd>{secretWords(settings.auth, source.hasSecret)}{hasSecretAt(settings.auth.kind) && <>. <Link className={parts.link} to={tokenPath(ownToken(source.id))}>Age, rights, rotation</Link></>}</dd></div>
            <div><dt>Writing</dt><dd className={styles.inline}>{settings.allowWrites ? <><LockOpen className="s warn" />On: each write is shown beforehand</> : <><Lock className="s" />Off: Lanyard only reads</>}</dd></div>
            <div><dt>Certificate</dt><dd>{settings.caPem === null ? "Authorities that this machine trusts" : "Own authority given"}</dd></div>
            {settings.headers.length > 0 && <div><dt>Headers</dt><dd>{settings.headers.map((h) => <code key={h.name} className={styles.header}>{h.name}: {h.value}</code>)}</dd></div>}
            <div><dt>Requests</dt><dd>{settings.requestBudget === null ? "No limit per sync" : `${count(settings.requestBudget)} at most per sync`}</dd></div>
            <div><dt>Added</dt><dd><Time at={source.addedAt} /></dd></div>
          </dl>
        </section>
      </div>
      <RemoveDialog source={source} isOpen={removing} onClose={() => setRemoving(false)} />
    </section>
  );
}

const reads = (ids: readonly string[], what: string) => (ids.length === 0 ? `all ${what}s that may be read` : plural(ids.length, what));

const STATE: Record<CoverageState, { glyph: ReactNode; word: string }> = {
  complete: { glyph: <CircleCheck className="good" />, word: "In full" },
  incomplete: { glyph: <TriangleAlert className="warn" />, word: "In part" },
  notEvaluated: { glyph: <CircleDashed className="ne" />, word: "Not evaluated" },
};

function CoverageRow({ coverage }: { coverage: Coverage }) {
  const { glyph, word } = STATE[coverage.state];
  const says = [...coverage.reasons.map((r) => r.text), coverage.unconfirmed > 0 ? `${plural(coverage.unconfirmed, "entry", "entries")} not seen by the last reading, and kept all the same.` : ""].filter(Boolean);
  // What was not read was read in no way.
  const read = coverage.how !== "" && coverage.state !== "notEvaluated";
  return (
    <>
      <tr>
        <th scope="row">{coverage.collection}</th>
        <td><span className={parts.state}>{glyph}{word}</span></td>
        <td className="end">{coverage.state === "notEvaluated" && coverage.have === 0 ? <span className="ne">not read</span> : <>{coverage.state === "incomplete" && <AtLeast />}{count(coverage.have)}</>}</td>
        <td className="end t2">{coverage.reported === null ? <span className="t3">does not say</span> : count(coverage.reported)}</td>
        <td className="end t2"><Time at={coverage.readAt} /></td>
        <td className="end t3"><Time at={coverage.fullAt} /></td>
      </tr>
      {(says.length > 0 || read) && (
        <tr className={styles.why}>
          <td colSpan={6}>
            {says.map((text) => <p key={text}>{coverage.state === "notEvaluated" ? <CircleAlert className="x" /> : null}{text}</p>)}
            {read && <p className="t3" title={coverage.readAt === null ? undefined : exactTime(coverage.readAt)}>{coverage.how.charAt(0).toUpperCase() + coverage.how.slice(1)}</p>}
          </td>
        </tr>
      )}
    </>
  );
}
