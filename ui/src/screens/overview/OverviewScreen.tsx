/** Overview: today in one sentence, then the proof. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Crosshair, RefreshCw, ShieldAlert, UsersRound } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { sourcePath, useAddress } from "../../components/address";
import { Button, buttonClass, Segments, Time } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { addressPath, findingPath } from "../../components/findingWords";
import { count, longDay } from "../../components/format";
import { SourceMark } from "../../components/marks";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { RevokeTrends } from "../../components/RevokeTrends";
import { since, spanOf, SPANS, type Span } from "../../components/spans";
import { Counted, CoverageTicks, HealthState } from "../../components/sourceWords";
import { ConnectKinds, sourceTag } from "../../components/systemKinds";
import { toast } from "../../components/toasts";
import { api, toFault, type Overview, type Source } from "../../ipc";
import { useProgress } from "../../ipc/live";
import { keys, useFindingSums, useRevokeTrends } from "../../ipc/queries";
import { ChangesPart } from "./ChangesPart";
import { FindingsPart } from "./FindingsPart";
import { leadOf } from "./lead";
import { TokensPart } from "./TokensPart";
import styles from "./OverviewScreen.module.css";

export function OverviewScreen() {
  const now = useNow();
  const { params, go } = useAddress();
  const span = spanOf(params.get("since"));
  const from = since(Number(span), now);
  const overview = useQuery({ queryKey: [...keys.overview, from], queryFn: () => api.overview(from), placeholderData: keepPreviousData });
  const [busy, setBusy] = useState(false);

  const syncAll = () => {
    setBusy(true);
    void api
      .startSync([])
      .catch((error: unknown) => toast("bad", toFault(error).what, toFault(error).next))
      .finally(() => setBusy(false));
  };

  if (overview.error) return <FaultView error={overview.error} onRetry={() => void overview.refetch()} />;
  const data = overview.data;
  return (
    <div className={styles.screen}>
      <div className={styles.head}>
        <h1>Overview</h1>
        <span className="t3 xs grow">{longDay(now)}</span>
        <Segments label="Changes since" value={span} options={SPANS} onChange={(id) => go({ set: { since: id === "1" ? null : id }, replace: true })} />
        <Button icon={<RefreshCw className="s" />} onPress={syncAll} isDisabled={busy || data?.sources.length === 0}>
          Sync all
        </Button>
      </div>
      {data && (data.sources.length === 0 ? <Nothing /> : <Said data={data} span={span} from={from} />)}
    </div>
  );
}

const Nothing = () => (
  <Empty
    title="Nothing is connected yet."
    acts={<Link className={buttonClass()} to="/welcome">See the three choices</Link>}
  >
    Once a system is connected, this page says in one sentence how your people and groups stand, and shows the proof below it.
    <ConnectKinds />
  </Empty>
);

function Said({ data, span, from }: { data: Overview; span: Span; from: number }) {
  const sums = useFindingSums(from);
  const said = leadOf(data, sums.data);
  return (
    <>
      <div className={styles.say}>
        <p className={styles.lede} data-testid="headline" data-tone={said.tone}>
          <strong>{said.lead}</strong>
          {said.rest} {said.caveat !== null && <span>{said.caveat}</span>}
        </p>
        {said.finding !== null ? (
          <>
            {said.finding.subject.address !== null && <Link className={buttonClass()} to={addressPath(said.finding.subject.address)}><Crosshair className="s" />Show the {said.finding.subject.kind}</Link>}
            <Link className={buttonClass("primary")} to={findingPath(said.finding.id)} data-testid="lead">
              <ShieldAlert className="s" />
              Evidence and way out
            </Link>
          </>
        ) : (
          data.differing > 0 && (
            <Link className={buttonClass()} to="/people?facet=differs">
              <UsersRound className="s" />
              The {count(data.differing)} who differ
            </Link>
          )
        )}
      </div>
      <Sources sources={data.sources} />
      <div className={styles.pair}>
        <FindingsPart sums={sums.data} error={sums.error} onRetry={() => void sums.refetch()} sources={data.sources} />
        <Revoked />
      </div>
      <div className={`${styles.pair} ${styles.last}`}>
        <ChangesPart span={span} from={from} sources={data.sources} recordedSince={data.changes.recordedSince} />
        <TokensPart />
      </div>
      <Picture data={data} />
    </>
  );
}

function Sources({ sources }: { sources: readonly Source[] }) {
  const running = useProgress();
  return (
    <div className={styles.sources}>
      <table className={parts.table} aria-label="Sources">
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">State</th>
            <th scope="col" className={styles.num}>Accounts</th>
            <th scope="col" className={styles.num}>Groups</th>
            <th scope="col" className={styles.covHead}>Coverage</th>
            <th scope="col" className="end">Last sync</th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <tr key={source.id} data-testid={`overview-source-${source.id}`}>
              <td>
                <Link to={sourcePath(source.id)} className={`${parts.sysName} ${styles.name}`}>
                  <SourceMark source={source} />
                  <bdi className="strong cut">{source.settings.name}</bdi>
                  <span className={parts.tag}>{sourceTag(source)}</span>
                </Link>
              </td>
              <td><HealthState source={source} progress={running.get(source.id)} /></td>
              <td className={styles.num}><Counted source={source} collection="Users" value={source.accounts} /></td>
              <td className={styles.num}><Counted source={source} collection="Groups" value={source.groups} /></td>
              <td className={styles.covHead}><CoverageTicks source={source} /></td>
              <td className={`end t2 ${styles.when}`}><Time at={source.lastSyncAt} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The last de-provisioning test of each system: its time to revoke against its limit, as a trend. */
function Revoked() {
  const trends = useRevokeTrends();
  const some = trends.data?.filter((t) => t.runs.length > 0) ?? [];
  return (
    <section aria-labelledby="revoked">
      <header>
        <h2 id="revoked" className={parts.sect}>Time to revoke</h2>
        <span className="t3 xs">last tests, limit dashed</span>
      </header>
      {trends.error && <FaultView compact error={trends.error} onRetry={() => void trends.refetch()} />}
      {trends.data && some.length === 0 && <p className={styles.none}>No de-provisioning test was run yet. <Link className={parts.link} to="/deprovision">Plan one</Link> to measure how long each system takes to shut.</p>}
      {some.length > 0 && <RevokeTrends trends={some} />}
    </section>
  );
}

/** How many there are of what, each leading to its list. */
function Picture({ data }: { data: Overview }) {
  const figures = [
    { to: "/people", value: data.people, text: "people" },
    { to: "/groups", value: data.groups, text: "groups" },
    { to: "/people?facet=differs", value: data.differing, text: "differ between systems" },
    { to: "/people?facet=leftBehind", value: data.leftBehind, text: "left, still active downstream", bad: data.leftBehind > 0 },
  ];
  // Asked for once the rest stands: it is a figure beside others, and the screen does not wait for it.
  const joins = useQuery({ queryKey: [...keys.directory, "joins"], queryFn: api.joins, enabled: data.sources.length > 1 });
  const undecided = joins.data?.ambiguousTotal ?? 0;
  const unread = data.sources.filter((s) => s.settings.enabled && s.coverage.some((c) => c.state !== "complete"));
  return (
    <ul className={styles.picture} aria-label="The picture, as last read">
      {figures.map((f) => (
        <li key={f.to}><Link to={f.to}><b className={f.bad === true ? "bad" : ""}>{count(f.value)}</b> {f.text}</Link></li>
      ))}
      {undecided > 0 && <li><Link to="/joins" data-testid="undecided"><b className="warn">{count(undecided)}</b> {undecided === 1 ? "name" : "names"} could not be decided</Link></li>}
      {joins.error && <li><Link to="/joins"><b className="ne">–</b> what could not be decided is not known</Link></li>}
      {unread.length > 0 && <li className={styles.dashed}><Link to="/sources"><b className="ne">{count(unread.length)}</b> {unread.length === 1 ? "source" : "sources"} not read in full</Link></li>}
    </ul>
  );
}
