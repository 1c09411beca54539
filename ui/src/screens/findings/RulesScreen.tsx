/** The rules: by area, each with how far it was evaluated; one opens with its words, its numbers and its switch. */
import { ArrowLeft, CircleDashed, RefreshCw } from "lucide-react";
import { useCallback, useState } from "react";
import { Link, useParams } from "react-router";
import { useAddress } from "../../components/address";
import { Button, buttonClass, Segments, Time } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { AREA_WORD, AREAS, EVALUATED_WORD, EvaluatedGlyph, rulePath, SEVERITIES, SEVERITY_WORD, SeverityGlyph } from "../../components/findingWords";
import { count, plural } from "../../components/format";
import { Inspector } from "../../components/Inspector";
import list from "../../components/ListScreen.module.css";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { since } from "../../components/spans";
import { toast } from "../../components/toasts";
import { api, type RuleSettings, type RuleState, type Severity } from "../../ipc";
import { useFindingRules, useFindingSums } from "../../ipc/queries";
import { Gaps } from "./ByRule";
import { Controls } from "./FindingInspector";
import styles from "./Findings.module.css";
import { askRules } from "./NothingFound";
import { settingsFrom, type RuleDraft } from "./ruleDraft";

export function RulesScreen() {
  const { rule } = useParams();
  const { go } = useAddress();
  const now = useNow();
  const rules = useFindingRules(since(1, now));
  const sums = useFindingSums(since(1, now)).data;
  const close = useCallback(() => go({ path: "/findings/rules" }), [go]);
  if (rules.error && !rules.data) return <FaultView error={rules.error} onRetry={() => void rules.refetch()} />;
  const all = rules.data ?? [];
  const chosen = all.find((r) => r.rule.id === rule);
  const off = all.filter((r) => r.evaluated === "off").length;
  return (
    <div className={list.screen} data-testid="rules">
      <div className={list.pane}>
        <div className={list.head}>
          <Link className={buttonClass("quiet")} to="/findings"><ArrowLeft className="s" />Findings</Link>
          <h1>Rules</h1>
          <span className={`${list.count} grow`}>{count(all.length)}{off > 0 ? `, ${count(off)} switched off` : ""}{typeof sums?.evaluatedAt === "number" && <>, asked <Time at={sums.evaluatedAt} /></>}</span>
          <Button icon={<RefreshCw className="s" />} onPress={askRules}>Evaluate now</Button>
        </div>
        <div className={styles.scroll}>
          {AREAS.map((area) => {
            const of = all.filter((r) => r.rule.area === area);
            if (of.length === 0) return null;
            return (
              <section key={area} className={styles.shelf} aria-labelledby={`area-${area}`}>
                <h2 id={`area-${area}`} className={`${parts.sect} ${styles.areaHead}`}>{AREA_WORD[area]}</h2>
                <ul>
                  {of.map((r) => (
                    <li key={r.rule.id}>
                      <Link className={styles.row} to={rulePath(r.rule.id)} aria-current={r.rule.id === rule ? "true" : undefined} data-testid={`rule-row-${r.rule.id}`}>
                        <span className={styles.place}><SeverityGlyph severity={r.rule.severity} label /></span>
                        <span className="cut grow">{r.rule.title}</span>
                        {r.open > 0 && <span className={styles.number}>{count(r.open)} open</span>}
                        <span className={styles.evaluated}><EvaluatedGlyph evaluated={r.evaluated} />{EVALUATED_WORD[r.evaluated]}</span>
                      </Link>
                    </li>
                  ))}
                </ul>
              </section>
            );
          })}
        </div>
      </div>
      {rule !== undefined && rules.data && (chosen ? <RulePanel key={rule} state={chosen} onClose={close} /> : <Inspector label="Rule" title="There is no such rule" onClose={close}><Empty title="There is no rule of this name.">It may be a rule of another version.</Empty></Inspector>)}
    </div>
  );
}

function RulePanel({ state, onClose }: { state: RuleState; onClose: () => void }) {
  const { rule } = state;
  return (
    <Inspector label={rule.title} onClose={onClose} face={<SeverityGlyph severity={rule.severity} label big />} title={<span title={rule.title}>{rule.title}</span>} note={<code>{rule.id}</code>}
      acts={state.open + state.suppressed > 0 ? <Link className={buttonClass()} to={`/findings?rule=${encodeURIComponent(rule.id)}`}>{plural(state.open, "open finding")}</Link> : undefined}
    >
      {/* Keys move through the panel where it is longer than the screen. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.panel} tabIndex={0} role="region" aria-label="Details">
        <p className={styles.note}><EvaluatedGlyph evaluated={state.evaluated} /><span>{state.evaluated === "fully" ? "Evaluated over all that it is about." : `${EVALUATED_WORD[state.evaluated].replace(/^./, (c) => c.toUpperCase())}.`}</span></p>
        <Gaps state={state} />
        <RuleForm state={state} />
        <dl className={styles.doc}>
          <dt>Finds</dt><dd>{rule.finds}</dd>
          <dt>Why it matters</dt><dd>{rule.why}<Controls of={rule.controls} /></dd>
          <dt>Needs</dt><dd>{rule.needs.length === 0 ? "Nothing but Lanyard’s own records." : <ul>{rule.needs.map((n) => <li key={n}>{n}</li>)}</ul>}</dd>
          <dt>Way out</dt><dd>{rule.wayOut}</dd>
        </dl>
      </div>
    </Inspector>
  );
}

/** Whether it is asked, how much it matters, and its numbers. */
function RuleForm({ state: { rule } }: { state: RuleState }) {
  const first: RuleDraft = { on: rule.enabled, severity: rule.severity, values: Object.fromEntries(rule.parameters.map((p) => [p.name, String(p.value)])) };
  const [draft, setDraft] = useState(first);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { settings, wrong } = settingsFrom(rule, draft);
  const dirty = JSON.stringify(draft) !== JSON.stringify(first);
  const isDefault = rule.enabled && rule.severity === rule.defaultSeverity && rule.parameters.every((p) => p.value === p.default);
  const send = async (next: RuleSettings) => {
    setBusy(true);
    setError(null);
    try {
      await api.setRule(rule.id, next);
      setDraft({ on: !next.off, severity: next.severity ?? rule.defaultSeverity, values: Object.fromEntries(rule.parameters.map((p) => [p.name, String(next.parameters[p.name] ?? p.default)])) });
      toast("good", next.off ? "The rule is switched off." : "The rule was changed.", "It stands in the audit log.");
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} aria-label="Settings of the rule" onSubmit={(event) => { event.preventDefault(); if (settings) void send(settings); }}>
      <label className={styles.tick}>
        <input type="checkbox" checked={draft.on} onChange={(e) => setDraft({ ...draft, on: e.target.checked })} data-testid="rule-on" />
        <span>Ask this rule</span>
      </label>
      {!draft.on && <p className={`${styles.note} ${styles.noteNe}`}><CircleDashed className="s ne" /><span>While it is off, nothing is said of what it looks for. That is not to say that there is nothing.</span></p>}
      <div className={styles.field}>
        <span>Severity</span>
        <Segments<Severity> label="Severity" value={draft.severity} options={SEVERITIES.map((s) => ({ id: s, text: SEVERITY_WORD[s] }))} onChange={(severity) => setDraft({ ...draft, severity })} />
        {rule.severity !== rule.defaultSeverity && <small>By itself {SEVERITY_WORD[rule.defaultSeverity].toLowerCase()}.</small>}
      </div>
      {rule.parameters.map((p) => (
        <label key={p.name} className={styles.field}>
          <span>{p.says}</span>
          <span className={styles.until}>
            <input inputMode="numeric" value={draft.values[p.name] ?? ""} onChange={(e) => setDraft({ ...draft, values: { ...draft.values, [p.name]: e.target.value } })} aria-invalid={wrong.includes(p.name) || undefined} />
            <span className="t3 xs">{p.unit}</span>
          </span>
          {wrong.includes(p.name) ? <small className="bad">Give a number from {count(p.min)} to {count(p.max)}.</small> : <small>{count(p.min)} to {count(p.max)}; {count(p.default)} by itself.</small>}
        </label>
      ))}
      {error !== null && <FaultView compact error={error} />}
      <div className={styles.formFoot}>
        <Button type="submit" variant="primary" isDisabled={!dirty || settings === null || busy}>Save</Button>
        {!isDefault && <Button isDisabled={busy} onPress={() => void send({ off: false, severity: null, parameters: {} })}>Back to the defaults</Button>}
      </div>
    </form>
  );
}
