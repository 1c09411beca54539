/** A plan as a form. What the form does not show stays as the text has it. */
import { ArrowUp, Info, Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton, Segments } from "../../components/controls";
import parts from "../../components/parts.module.css";
import type { Cut, Plan, PlanSystem, RunKind, Source, TestIdentity } from "../../ipc";
import styles from "./PlanScreen.module.css";
import { CUT_WORD, KIND_WORD } from "./runWords";

const KINDS: readonly { id: RunKind; text: string }[] = [{ id: "test", text: KIND_WORD.test }, { id: "offboarding", text: KIND_WORD.offboarding }];
const SUBJECTS = [{ id: "create", text: "Make a test identity" }, { id: "account", text: "Use a marked account" }] as const;
const CUTS: readonly Cut[] = ["follow", "disable", "delete", "byHand"];

const lines = (text: string): string[] => text.split("\n").map((l) => l.trim()).filter(Boolean);

const Row = ({ label, help, children }: { label: string; help?: string; children: ReactNode }) => (
  <label className={styles.row}>
    <span>{label}</span>
    {children}
    {help !== undefined && <small>{help}</small>}
  </label>
);

interface Props {
  plan: Plan;
  sources: readonly Source[];
  /** Whether the text has comments, which the form does not write. */
  comments: boolean;
  onChange: (plan: Plan) => void;
}

export function PlanForm({ plan, sources, comments, onChange }: Props) {
  const set = (change: Partial<Plan>) => onChange({ ...plan, ...change });
  const span = (label: string, field: "poll" | "arrive" | "watch", help: string) => (
    <Row label={label} help={help}><input value={plan[field] ?? ""} placeholder="30s, 5m, 2h, 30d" onChange={(e) => set({ [field]: e.target.value || null })} /></Row>
  );
  return (
    <div className={styles.form} role="form" aria-label="Plan">
      {comments && <p className={styles.note}><Info className="s" />The text has comments. A change in the form writes the file anew, without them; change the text to keep them.</p>}
      <div className={styles.pair}>
        <Row label="Name" help="The file is called after it."><input value={plan.name} onChange={(e) => set({ name: e.target.value })} /></Row>
        <div className={styles.row}><span>Kind</span><Segments label="Kind" value={plan.kind} options={KINDS} onChange={(kind) => set({ kind, subject: kind === "offboarding" ? null : (plan.subject ?? null) })} /></div>
      </div>
      <Row label="What it is for"><input value={plan.description ?? ""} onChange={(e) => set({ description: e.target.value })} /></Row>
      {plan.kind === "test" ? <Subject plan={plan} sources={sources} set={set} /> : <p className="t2">The person is named when it is run.</p>}
      <Systems plan={plan} sources={sources} onChange={(systems) => set({ systems })} />
      <h2 className={parts.sect}>Times</h2>
      <div className={styles.three}>
        {span("Ask again every", "poll", "30 s when left out.")}
        {span("Wait for arrival", "arrive", "1 h when left out; for a test identity.")}
        {span("Watch afterwards", "watch", "That the person does not come back.")}
      </div>
      <div className={styles.three}>
        <Row label="Run every" help="It is due again after that; nothing runs by itself."><input value={plan.schedule?.every ?? ""} placeholder="30d" onChange={(e) => set({ schedule: e.target.value === "" ? null : { ...plan.schedule, every: e.target.value } })} /></Row>
        <Row label="Remind before"><input value={plan.schedule?.remind ?? ""} placeholder="3d" disabled={!plan.schedule} onChange={(e) => plan.schedule && set({ schedule: { ...plan.schedule, remind: e.target.value || null } })} /></Row>
      </div>
      <h2 className={parts.sect}>Guards</h2>
      <div className={styles.pair}>
        <Row label="Accounts one run may touch" help="As many as it has systems when left out."><NumberField value={plan.guards.accountsPerRun} onChange={(accountsPerRun) => set({ guards: { ...plan.guards, accountsPerRun } })} /></Row>
        <Row label="Accounts a day may touch" help="20 when left out; all runs together."><NumberField value={plan.guards.accountsPerDay} onChange={(accountsPerDay) => set({ guards: { ...plan.guards, accountsPerDay } })} /></Row>
        <Row label="Protected accounts" help="One a line; * stands for any text."><textarea rows={2} defaultValue={plan.guards.protectedAccounts.join("\n")} onBlur={(e) => set({ guards: { ...plan.guards, protectedAccounts: lines(e.target.value) } })} /></Row>
        <Row label="Protected groups" help="One a line; their members are never touched."><textarea rows={2} defaultValue={plan.guards.protectedGroups.join("\n")} onBlur={(e) => set({ guards: { ...plan.guards, protectedGroups: lines(e.target.value) } })} /></Row>
      </div>
    </div>
  );
}

const NumberField = ({ value, onChange }: { value: number | null | undefined; onChange: (value: number | null) => void }) => (
  <input inputMode="numeric" value={value ?? ""} onChange={(e) => { const n = Number(e.target.value); onChange(e.target.value === "" || !Number.isInteger(n) || n < 0 ? null : n); }} />
);

function SourceSelect({ label, value, sources, onChange }: { label: string; value: string; sources: readonly Source[]; onChange: (name: string) => void }) {
  const known = sources.some((s) => s.settings.name === value);
  return (
    <select aria-label={label} value={value} onChange={(e) => onChange(e.target.value)}>
      {!known && <option value={value}>{value === "" ? "Choose a system" : `${value} (not connected)`}</option>}
      {sources.map((s) => <option key={s.id} value={s.settings.name}>{s.settings.name}</option>)}
    </select>
  );
}

function Subject({ plan, sources, set }: { plan: Plan; sources: readonly Source[]; set: (change: Partial<Plan>) => void }) {
  const make = plan.subject?.create ?? null;
  const account = plan.subject?.account ?? null;
  const which = account && !make ? "account" : "create";
  const source = make?.source ?? account?.source ?? sources.find((s) => s.settings.authoritative)?.settings.name ?? "";
  const blank: TestIdentity = { source, userName: "", displayName: "", email: null, groups: [] };
  const change = (next: Partial<TestIdentity>) => set({ subject: { account: null, create: { ...(make ?? blank), ...next } } });
  return (
    <>
      <h2 className={parts.sect}>Whom it is about</h2>
      <Segments label="Whom it is about" value={which} options={SUBJECTS} onChange={(to) => set({ subject: to === "create" ? { account: null, create: { ...blank, userName: account?.userName ?? "" } } : { create: null, account: { source, userName: make?.userName ?? "" } } })} />
      {which === "create" ? (
        <div className={styles.pair}>
          <div className={styles.row}><span>At</span><SourceSelect label="At" value={source} sources={sources} onChange={(name) => change({ source: name })} /></div>
          <Row label="User name" help="{run} stands for the run’s number."><input value={make?.userName ?? ""} onChange={(e) => change({ userName: e.target.value })} /></Row>
          <Row label="Name on screen"><input value={make?.displayName ?? ""} onChange={(e) => change({ displayName: e.target.value })} /></Row>
          <Row label="Groups" help="One a line; what it is put into."><textarea rows={2} defaultValue={(make?.groups ?? []).join("\n")} onBlur={(e) => change({ groups: lines(e.target.value) })} /></Row>
        </div>
      ) : (
        <div className={styles.pair}>
          <div className={styles.row}><span>At</span><SourceSelect label="At" value={source} sources={sources} onChange={(name) => set({ subject: { create: null, account: { source: name, userName: account?.userName ?? "" } } })} /></div>
          <Row label="User name" help="It must be marked for tests."><input value={account?.userName ?? ""} onChange={(e) => set({ subject: { create: null, account: { source, userName: e.target.value } } })} /></Row>
        </div>
      )}
    </>
  );
}

function Systems({ plan, sources, onChange }: { plan: Plan; sources: readonly Source[]; onChange: (systems: PlanSystem[]) => void }) {
  const left = sources.filter((s) => !plan.systems.some((x) => x.source === s.settings.name));
  const put = (n: number, change: Partial<PlanSystem>) => onChange(plan.systems.map((s, at) => (at === n ? { ...s, ...change } : s)));
  const add = (source: string) => onChange([...plan.systems, { source, cut: "follow", also: [], limit: "1h", checks: null, notCritical: [], byHand: [], credentialUrl: null, note: null }]);
  const up = (n: number) => onChange(plan.systems.map((s, at) => (at === n - 1 ? (plan.systems[n] ?? s) : at === n ? (plan.systems[n - 1] ?? s) : s)));
  return (
    <>
      <h2 className={parts.sect}>Systems, in the order in which they are acted on</h2>
      <table className={styles.systems} aria-label="Systems">
        <tbody>
          {plan.systems.map((system, n) => (
            <tr key={`${n}-${system.source}`}>
              <td><SourceSelect label={`System ${n + 1}`} value={system.source} sources={sources} onChange={(source) => put(n, { source })} /></td>
              <td className={styles.cut}>
                <select aria-label={`Cut at ${system.source}`} value={system.cut} onChange={(e) => put(n, { cut: CUTS.find((c) => c === e.target.value) ?? "follow" })}>
                  {CUTS.map((cut) => <option key={cut} value={cut}>{CUT_WORD[cut]}</option>)}
                </select>
              </td>
              <td className={styles.limit}><input aria-label={`Limit at ${system.source}`} value={system.limit ?? ""} placeholder="1h" onChange={(e) => put(n, { limit: e.target.value || null })} /></td>
              <td>
                <span style={{ display: "flex" }}>
                  <IconButton label={`Act on ${system.source} earlier`} isDisabled={n === 0} onPress={() => up(n)}><ArrowUp className="s" /></IconButton>
                  <IconButton label={`Take ${system.source} out`} onPress={() => onChange(plan.systems.filter((_, at) => at !== n))}><Trash2 className="s" /></IconButton>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {left.length > 0 && <div style={{ display: "flex", gap: 6, flexWrap: "wrap" }}>{left.map((s) => <Button key={s.id} small icon={<Plus className="x" />} onPress={() => add(s.settings.name)}>{s.settings.name}</Button>)}</div>}
      <p className="xs t3">A system that is not named is neither written to nor checked, and the evidence says so.</p>
    </>
  );
}
