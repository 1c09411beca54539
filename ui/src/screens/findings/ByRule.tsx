/** Findings under the rules that found them; below, the rules that could not be evaluated, and those that found nothing. */
import { ChevronRight } from "lucide-react";
import { useState, type KeyboardEvent, type ReactNode } from "react";
import { Link } from "react-router";
import { useQueries } from "@tanstack/react-query";
import { useAddress } from "../../components/address";
import { Button, Time } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { EVALUATED_WORD, EvaluatedGlyph, findingPath, rulePath, SeverityGlyph, SEVERITY_WORD } from "../../components/findingWords";
import { count, plural } from "../../components/format";
import { SourceMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import { api, type FindingPage, type FindingQuery, type FindingRow, type RuleState, type Source } from "../../ipc";
import { keys } from "../../ipc/queries";
import { narrowed, shelve, type FindingAsk } from "./findingList";
import styles from "./Findings.module.css";
import { NothingFound } from "./NothingFound";

/** So many stand under a rule; the rest are one press away. */
const UNDER_A_RULE = 5;
/** As many rules stand open until somebody folds them. */
const OPEN_AT_FIRST = 3;

interface Props {
  rules: readonly RuleState[];
  ask: FindingAsk;
  query: FindingQuery;
  sources: readonly Source[];
  selected: string | null;
  evaluatedAt: number | null;
  onClear: () => void;
}

/** Up and down move through rules and findings as if they were one list. */
function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
  const step = event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
  if (step === 0 || event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-item]")];
  const at = items.indexOf(event.target);
  const next = at < 0 ? undefined : items[at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  // A panel that is open follows.
  if (next.dataset["follow"] !== undefined && document.querySelector("[data-testid=inspector]") !== null) next.click();
}

export function ByRule({ rules, ask, query, sources, selected, evaluatedAt, onClear }: Props) {
  const { params, go } = useAddress();
  const narrow = narrowed(ask);
  const shelves = shelve(rules);
  const wanted = narrow ? rules.filter((r) => (ask.area === null || r.rule.area === ask.area) && (ask.state === "open" ? r.open > 0 : ask.state === "suppressed" ? r.suppressed > 0 : true)) : shelves.found;
  // What is folded or unfolded stands in the address, so that going back finds it as it was.
  const changed = new Set(params.get("fold")?.split(",").filter(Boolean) ?? []);
  const isOpen = (id: string, n: number) => (n < OPEN_AT_FIRST) !== changed.has(id);
  const fold = (id: string) => {
    const next = new Set(changed);
    if (!next.delete(id)) next.add(id);
    go({ set: { fold: [...next].join(",") }, replace: true });
  };
  const pages = useQueries({
    queries: wanted.map((r, n) => ({
      queryKey: [...keys.findings, "under", query, r.rule.id],
      queryFn: () => api.findings({ ...query, rules: [r.rule.id], limit: UNDER_A_RULE }),
      // Where something is narrowed, the number is not known beforehand.
      enabled: narrow || isOpen(r.rule.id, n),
    })),
  });
  const shown = wanted.map((state, n) => ({ state, n, page: pages[n]?.data, error: pages[n]?.error })).filter((r) => !narrow || (r.page?.total ?? 0) > 0 || r.error);
  const waiting = narrow && pages.some((p) => p.isPending);
  const hidden = ask.area === null ? shelves : shelve(rules.filter((r) => r.rule.area === ask.area));
  // Where something besides the area is narrowed, the shelves would answer another question.
  const showShelves = !narrowed({ ...ask, area: null });
  const nothing = !waiting && shown.length === 0;

  return (
    // Keys only move the focus between the buttons and links inside.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={styles.scroll} onKeyDown={onKeyDown} data-testid="by-rule">
      {showShelves && <Shelf title="Not evaluated" note="what these rules would say is not known" rules={hidden.notEvaluated} dashed />}
      {nothing && (narrow ? <Empty title="No finding matches." acts={<Button onPress={onClear}>Show all that are open</Button>}>Search, the chips and the pickers narrow the list together.</Empty> : <NothingFound rules={rules} evaluatedAt={evaluatedAt} />)}
      {shown.map(({ state, n, page, error }) => (
        <Rule key={state.rule.id} state={state} isOpen={isOpen(state.rule.id, n)} onFold={() => fold(state.rule.id)} total={narrow ? page?.total : state.open} page={page} error={error} narrow={narrow} sources={sources} selected={selected} />
      ))}
      {showShelves ? (
        <>
          <Shelf title="Found nothing" note="asked about all that they are about" rules={hidden.clear} />
          <Shelf title="Not asked" note="switched off, or no such system is connected" rules={hidden.notAsked} />
        </>
      ) : null}
    </div>
  );
}

interface RuleProps {
  state: RuleState;
  isOpen: boolean;
  onFold: () => void;
  total: number | undefined;
  page: FindingPage | undefined;
  error: Error | null | undefined;
  narrow: boolean;
  sources: readonly Source[];
  selected: string | null;
}

function Rule({ state, isOpen, onFold, total, page, error, narrow, sources, selected }: RuleProps) {
  const { go } = useAddress();
  const { rule } = state;
  const more = (page?.total ?? 0) - (page?.rows.length ?? 0);
  return (
    <section className={styles.rule} aria-label={rule.title} data-testid={`rule-${rule.id}`}>
      <div className={styles.ruleHead}>
        <button type="button" className={styles.fold} aria-expanded={isOpen} onClick={onFold} data-item>
          <ChevronRight className={`s ${isOpen ? styles.down : ""}`} />
          <SeverityGlyph severity={state.worst ?? rule.severity} label />
          <span className={`${styles.ruleTitle} cut`}>{rule.title}</span>
          {total !== undefined && <b className={styles.number}>{count(total)}</b>}
          {state.new > 0 && <span className={styles.fresh}>{count(state.new)} new</span>}
          {state.closed > 0 && !narrow && <span className="t3 xs">{count(state.closed)} closed</span>}
        </button>
        <Link className={styles.about} to={rulePath(rule.id)}>Rule<span className="sr"> {rule.title}</span></Link>
      </div>
      {isOpen && (
        <>
          <Gaps state={state} />
          {error && <FaultView compact error={error} />}
          <ul>
            {page?.rows.map((row) => <li key={row.id}><Row row={row} sources={sources} selected={selected === row.id} /></li>)}
          </ul>
          {more > 0 && <button type="button" className={`${parts.link} ${styles.more}`} data-item onClick={() => go({ set: { rule: rule.id } })}>Show all {count(page?.total ?? 0)}</button>}
        </>
      )}
    </section>
  );
}

/** What a rule could not see, beside what it found. */
export const Gaps = ({ state }: { state: RuleState }) =>
  state.notEvaluated.length === 0 ? null : (
    <ul className={styles.gaps} aria-label="Not evaluated">
      {state.notEvaluated.map((c) => <li key={c.text}><EvaluatedGlyph evaluated={state.evaluated === "not" ? "not" : "partly"} /><span><span className="sr">Not evaluated: </span>{c.text}</span></li>)}
    </ul>
  );

function Row({ row, sources, selected }: { row: FindingRow; sources: readonly Source[]; selected: boolean }) {
  const { params } = useAddress();
  const search = new URLSearchParams(params);
  const to = { pathname: findingPath(row.id), search: search.toString() };
  return (
    <Link className={styles.row} to={to} aria-current={selected ? "true" : undefined} data-item data-follow data-testid="finding-row">
      <span className={styles.place}><span title={SEVERITY_WORD[row.severity]}><SeverityGlyph severity={row.severity} label /></span></span>
      <bdi className="cut" title={row.says}>{row.says}</bdi>
      {row.unconfirmed !== null && <span className={`${parts.tag} ${parts.tagNe}`} title={row.unconfirmed}>not confirmed</span>}
      {row.state === "suppressed" && <span className={parts.tag}>suppressed</span>}
      {row.state === "closed" && <span className={parts.tag}>closed</span>}
      <span className={styles.marks}>
        {row.sources.map((id) => { const source = sources.find((s) => s.id === id); return <span key={id} title={source?.settings.name}><SourceMark source={source} small /><span className="sr">{source?.settings.name}</span></span>; })}
      </span>
      <span className={`${styles.when} t3 xs`}><Time at={row.closedAt ?? row.firstSeen} form="stamp" /></span>
    </Link>
  );
}

function Shelf({ title, note, rules, dashed = false }: { title: string; note: string; rules: readonly RuleState[]; dashed?: boolean }) {
  const [unfolded, setUnfolded] = useState(false);
  if (rules.length === 0) return null;
  return (
    <section className={`${styles.shelf} ${dashed ? styles.dashed : ""}`} aria-label={title}>
      <button type="button" className={styles.fold} aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)} data-item>
        <ChevronRight className={`s ${unfolded ? styles.down : ""}`} />
        {dashed && <EvaluatedGlyph evaluated="not" />}
        <span className="strong">{title}</span>
        <b className={styles.number}>{plural(rules.length, "rule")}</b>
        <span className="t3 xs cut">{note}</span>
      </button>
      {unfolded && (
        <ul>
          {rules.map((r): ReactNode => (
            <li key={r.rule.id}>
              <Link className={styles.row} to={rulePath(r.rule.id)} data-item>
                <span className={styles.place}><EvaluatedGlyph evaluated={r.evaluated} /></span>
                <span className={styles.two}>
                  <span className="cut">{r.rule.title}</span>
                  {r.notEvaluated.map((c) => <span key={c.text} className="t3 xs">{c.text}</span>)}
                </span>
                <span className="t3 xs">{EVALUATED_WORD[r.evaluated]}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
