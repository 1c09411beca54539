/** Sources: the connected systems, how they are doing, and what was read of them. */
import { Plus, RefreshCw } from "lucide-react";
import { Link, useParams } from "react-router";
import { sourcePath } from "../../components/address";
import { Button, buttonClass, Time } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { SourceMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import { Counted, HealthState } from "../../components/sourceWords";
import { ConnectKinds, sourceTag } from "../../components/systemKinds";
import { useProgress } from "../../ipc/live";
import { useSources } from "../../ipc/queries";
import { startSync } from "./actions";
import { SourceDetail } from "./SourceDetail";
import styles from "./Sources.module.css";

export function SourcesScreen() {
  const { id } = useParams();
  const sources = useSources();
  const running = useProgress();
  if (sources.error) return <FaultView error={sources.error} onRetry={() => void sources.refetch()} />;
  const all = sources.data;
  if (!all) return null;
  const shown = id === undefined ? all[0] : all.find((s) => String(s.id) === id);

  return (
    <div className={styles.screen}>
      <div className={styles.list}>
        <div className={styles.head}>
          <h1>Sources</h1>
          <span className="t3 grow">{all.length}</span>
          <Button icon={<RefreshCw className="s" />} isDisabled={all.length === 0} onPress={() => startSync([])}>Sync all</Button>
          <Link className={buttonClass(all.length === 0 ? "primary" : "plain")} to="/sources/new"><Plus className="s" />Connect</Link>
        </div>
        {all.length === 0 ? (
          <Empty title="Systems will be here." acts={<Link className={buttonClass()} to="/welcome">See the three choices</Link>}>
            Connect the identity provider first, then what follows it: applications, the developer portal, the cloud. Lanyard only reads until writing is switched on.
            <ConnectKinds />
          </Empty>
        ) : (
          <ul className={styles.rows} aria-label="Connected systems">
            {all.map((source) => (
              <li key={source.id}>
                <Link to={sourcePath(source.id)} aria-current={shown?.id === source.id ? "true" : undefined} data-testid={`source-${source.id}`}>
                  <SourceMark source={source} />
                  <span className="grow">
                    <span className={styles.rowName}>
                      <bdi className="strong cut">{source.settings.name}</bdi>
                      <span className={parts.tag}>{sourceTag(source)}</span>
                    </span>
                    <span className={styles.rowNote}>
                      <HealthState source={source} progress={running.get(source.id)} />
                    </span>
                  </span>
                  <span className={styles.rowEnd}>
                    <Time at={source.lastSyncAt} none="" />
                    {source.health !== "new" && <span><Counted source={source} collection="Users" value={source.accounts} />{source.coverage.some((c) => c.collection === "Users" && c.state !== "notEvaluated") ? (source.accounts === 1 ? " account" : " accounts") : ""}</span>}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
      {shown && <SourceDetail key={shown.id} source={shown} />}
      {id !== undefined && !shown && <div className={styles.detail}><Empty title="There is no such source." acts={<Link className={buttonClass()} to="/sources">All sources</Link>}>It may have been removed.</Empty></div>}
    </div>
  );
}
