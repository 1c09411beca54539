/** A plan: as a form or as the text of its file, with its problems at their lines; and its runs. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { OctagonX, Save, TriangleAlert } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { planPath, runPath, useAddress } from "../../components/address";
import { Button, Segments, Time } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { plural } from "../../components/format";
import parts from "../../components/parts.module.css";
import { toast } from "../../components/toasts";
import { RunStateMark } from "../../components/verdicts";
import { api, type Plan, type PlanFile, type PlanProblem, type Source } from "../../ipc";
import { keys, usePlanFile, useRuns, useSources } from "../../ipc/queries";
import { PlanForm } from "./PlanForm";
import { PlanRunButton } from "./PlanRunButton";
import styles from "./PlanScreen.module.css";
import { PlanText, type TextHandle } from "./PlanText";
import { planYaml } from "./planYaml";

const VIEWS = [{ id: "form", text: "Form" }, { id: "text", text: "Text" }] as const;

/** A plan to begin with: a test identity at the authority, all systems follow. */
export function firstPlan(sources: readonly Source[]): Plan {
  const usable = sources.filter((s) => s.settings.enabled);
  const authority = usable.find((s) => s.settings.authoritative) ?? usable[0];
  return {
    lanyard: "plan/1", name: "new-plan", description: "", kind: "test",
    subject: { create: { source: authority?.settings.name ?? "", userName: "canary-{run}@example.com", displayName: "Canary {run}", email: null, groups: [] }, account: null },
    systems: usable.map((s) => ({ source: s.settings.name, cut: s === authority ? "disable" as const : "follow" as const, also: [], limit: s === authority ? "1m" : "1h", checks: null, notCritical: [], byHand: [], credentialUrl: null, note: null })),
    poll: "30s", arrive: null, watch: null, guards: { accountsPerRun: null, accountsPerDay: null, protectedAccounts: [], protectedGroups: [] }, schedule: null,
  };
}

export function PlanScreen() {
  const { file = "new" } = useParams();
  const sources = useSources().data;
  const fresh = file === "new";
  const opened = usePlanFile(fresh ? null : file);
  if (opened.error) return <FaultView error={opened.error} onRetry={() => void opened.refetch()} />;
  if (fresh) return sources ? <Editor key="new" file={null} text={planYaml(firstPlan(sources))} over={null} sources={sources} /> : null;
  if (!opened.data) return null;
  return <Editor key={opened.data.file} file={opened.data.file} text={opened.data.text} over={opened.data.revision} sources={sources ?? []} />;
}

/** A text as it will be after a pause in typing: the engine reads it then. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 200);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function Editor({ file, text: saved, over, sources }: { file: string | null; text: string; over: string | null; sources: readonly Source[] }) {
  const client = useQueryClient();
  const { params, go } = useAddress();
  const [text, setText] = useState(saved);
  // What the form shows while the engine has not read its text yet; a change of the text itself lets it go.
  const [draft, setDraft] = useState<Plan | null>(null);
  const [kept, setKept] = useState({ text: saved, revision: over });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const area = useRef<TextHandle>(null);
  const settled = useSettled(text);
  const checked = useQuery({ queryKey: [...keys.runs, "checked", settled], queryFn: () => api.checkPlan(settled), placeholderData: keepPreviousData, gcTime: 5_000 });
  const said = checked.data;
  const plan = draft ?? said?.plan ?? null;
  const view = params.get("view") === "text" || (said !== undefined && plan === null) ? "text" : "form";
  const changed = text !== kept.text || file === null;
  const problems = useMemo(() => said?.problems ?? [], [said]);
  const bad = problems.filter((p) => !p.warning).length;
  const comments = /^\s*#|\s#\s/m.test(text);

  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const done: PlanFile = await api.savePlan(file, text, kept.revision);
      setKept({ text: done.text, revision: done.revision });
      client.setQueryData([...keys.runs, "plan", done.file], done);
      void client.invalidateQueries({ queryKey: [...keys.runs, "plans"] });
      toast("good", "The plan was saved.", done.file);
      if (file === null) go({ path: planPath(done.file), replace: true });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };

  const name = plan?.name || (file === null ? "New plan" : file);
  return (
    <div className={styles.screen}>
      <div className={styles.head}>
        <h1><bdi className="cut">{name}</bdi>{file === null ? <span className={parts.tag}>not saved yet</span> : <code className="t3">{kept.revision}</code>}{changed && file !== null && <span className={`${parts.tag} ${parts.tagWarn}`}>changed</span>}</h1>
        <span className="grow" />
        <Segments label="Shown as" value={view} options={VIEWS} onChange={(id) => go({ set: { view: id === "text" ? "text" : null }, replace: true })} />
        <Button icon={<Save className="s" />} variant={changed ? "primary" : "plain"} isDisabled={!changed || busy} onPress={() => void save()}>{busy ? "Saving…" : "Save"}</Button>
        {file !== null && <PlanRunButton plan={{ file, name, kind: changed ? null : (said?.plan?.kind ?? null), problems: [...problems] }} primary={!changed} />}
      </div>
      <div className={styles.main}>
        {error !== null && <FaultView compact error={error} onRetry={() => void save()} />}
        {checked.error && <FaultView compact error={checked.error} onRetry={() => void checked.refetch()} />}
        {view === "text" ? (
          <PlanText ref={area} text={text} problems={settled === text ? problems : []} onChange={(next) => { setDraft(null); setText(next); }} />
        ) : (
          plan && <PlanForm plan={plan} sources={sources} comments={comments} onChange={(next) => { setDraft(next); setText(planYaml(next)); }} />
        )}
      </div>
      <aside className={styles.side} aria-label="About the plan">
        <section>
          <h2 className={parts.sect}>Problems</h2>
          {problems.length === 0 ? <p>{checked.isPending ? "Reading…" : "None: it can be run."}</p> : <Problems problems={problems} onGo={(p) => { go({ set: { view: "text" }, replace: true }); requestAnimationFrame(() => area.current?.goTo(p.line, p.column)); }} />}
          {bad > 0 && <p>{plural(bad, "problem")} to mend before it can be run. It can be saved as it is.</p>}
        </section>
        {file !== null && said?.plan && <LastRuns plan={said.plan.name} />}
        <section>
          <h2 className={parts.sect}>The file</h2>
          <p>{file === null ? "It will be a file in the data folder’s “plans”, called after the plan." : <>plans/{file}, to be kept under version control like code. The window writes the same file.</>}</p>
        </section>
      </aside>
    </div>
  );
}

const Problems = ({ problems, onGo }: { problems: readonly PlanProblem[]; onGo: (problem: PlanProblem) => void }) => (
  <ul className={styles.problems} aria-label="Problems">
    {problems.map((p) => (
      <li key={`${p.line}:${p.column}:${p.message}`}>
        <button type="button" onClick={() => onGo(p)}>
          {p.warning ? <TriangleAlert className="s warn" /> : <OctagonX className="s bad" />}
          <span><b className="strong tnum">Line {p.line}{p.warning ? ", a warning" : ""}:</b> {p.message}</span>
        </button>
      </li>
    ))}
  </ul>
);

function LastRuns({ plan }: { plan: string }) {
  const runs = useRuns({ plan, kind: null, open: false, offset: 0, limit: 8 });
  return (
    <section>
      <h2 className={parts.sect}>Its runs</h2>
      {runs.data?.runs.length === 0 && <p>It was never run.</p>}
      <ul className={styles.runs}>
        {runs.data?.runs.map((run) => (
          <li key={run.id}><Link className={parts.link} to={runPath(run.id)}>{run.id}</Link><RunStateMark state={run.state} /><span className="t3"><Time at={run.plannedAt} /></span></li>
        ))}
      </ul>
    </section>
  );
}
