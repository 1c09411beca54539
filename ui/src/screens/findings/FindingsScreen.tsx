/** Findings: what is wrong, by rule or by severity; beside it what could not be evaluated. */
import { Download, ListTree, Rows3, Settings2, X } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { ToggleButton } from "react-aria-components";
import { Link, useParams } from "react-router";
import { useAddress } from "../../components/address";
import { buttonClass, IconButton, SearchField, Segments } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { AREA_WORD, AREAS, FINDING_STATE_WORD, FINDING_STATES, findingPath, SEVERITIES, SEVERITY_WORD, SeverityGlyph } from "../../components/findingWords";
import { count, plural } from "../../components/format";
import chips from "../../components/ListParts.module.css";
import list from "../../components/ListScreen.module.css";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { Picker } from "../../components/Picker";
import { SourcePicker } from "../../components/SourcePicker";
import { since } from "../../components/spans";
import { useOwnText } from "../../components/useOwnText";
import { useFindingRules, useFindingSums, useFindingsOf, useSources } from "../../ipc/queries";
import { ByRule } from "./ByRule";
import { FindingInspector } from "./FindingInspector";
import { CLEARED, narrowed, parseAsk, queryOf, toggled } from "./findingList";
import { FindingsExport } from "./FindingsExport";
import { FlatList } from "./FlatList";
import styles from "./Findings.module.css";

/** Keys typed within this time are one question. */
const TYPING_MS = 45;

export function FindingsScreen() {
  const { id } = useParams();
  const { go, params } = useAddress();
  const now = useNow();
  const sources = useSources().data ?? [];
  const ask = useMemo(() => parseAsk(params), [params]);
  const yesterday = since(1, now);
  const rules = useFindingRules(yesterday);
  const sums = useFindingSums(yesterday);
  const query = queryOf(ask, now);
  const total = useFindingsOf({ ...query, limit: 1 });
  const main = useRef<HTMLDivElement>(null);

  const close = useCallback(() => {
    go({ path: "/findings" });
    main.current?.querySelector<HTMLElement>("[data-item], [data-testid=grid]")?.focus();
  }, [go]);

  if (rules.error && !rules.data) return <FaultView error={rules.error} onRetry={() => void rules.refetch()} />;
  const chosen = ask.rule === null ? undefined : rules.data?.find((r) => r.rule.id === ask.rule);
  const bySeverity = (s: (typeof SEVERITIES)[number]) => sums.data?.severities.find((x) => x.severity === s)?.open;
  const fresh = sums.data?.severities.reduce((sum, s) => sum + s.new, 0) ?? 0;
  const clear = () => go({ set: CLEARED });

  return (
    <div className={list.screen} data-testid="findings">
      <div className={list.pane}>
        <div className={list.head}>
          <h1>Findings</h1>
          <span className={`${list.count} grow`} data-testid="count" aria-live="polite">
            {sums.data && total.data && (narrowed(ask) ? `${count(total.data.total)} of ${count(sums.data.open)} open` : `${count(sums.data.open)} open`)}
            {sums.data !== undefined && sums.data.suppressed > 0 && !narrowed(ask) && `, ${count(sums.data.suppressed)} suppressed`}
          </span>
          <Segments
            label="How findings are shown"
            value={ask.view}
            options={[{ id: "rules", text: "By rule", icon: <ListTree className="s" /> }, { id: "list", text: "By severity", icon: <Rows3 className="s" /> }]}
            onChange={(view) => go({ set: { view: view === "list" ? "list" : null, ...(view === "rules" ? { rule: null, about: null } : {}) } })}
          />
          <Link className={buttonClass()} to="/findings/rules"><Settings2 className="s" />Rules</Link>
          <IconButton label="Export what is shown" onPress={() => go({ set: { export: "1" }, replace: true })}><Download /></IconButton>
        </div>
        <div className={styles.query}>
          <Search asked={ask.search} onDown={() => main.current?.querySelector<HTMLElement>("[data-item], [data-testid=grid]")?.focus()} />
          <Picker label="Area" value={ask.area ?? "all"} options={[{ id: "all", text: "All areas" }, ...AREAS.map((a) => ({ id: a, text: AREA_WORD[a] }))]} onChange={(area) => go({ set: { area: area === "all" ? null : area } })} />
          <Picker label="State" value={ask.state} options={FINDING_STATES.map((s) => ({ id: s, text: FINDING_STATE_WORD[s] }))} onChange={(state) => go({ set: { state: state === "open" ? null : state } })} />
          <SourcePicker sources={sources} value={ask.source} onChange={(source) => go({ set: { source: source === null ? null : String(source) } })} />
        </div>
        <div className={chips.chips} role="group" aria-label="By severity">
          {chosen && <ToggleButton className={parts.chip} isSelected onChange={() => go({ set: { rule: null } })}>{chosen.rule.title}<X className="x" /></ToggleButton>}
          {ask.about !== null && <ToggleButton className={parts.chip} isSelected onChange={() => go({ set: { about: null } })}>About one only<X className="x" /></ToggleButton>}
          {SEVERITIES.map((s) => (
            <ToggleButton key={s} className={parts.chip} isSelected={ask.severities.includes(s)} onChange={() => go({ set: { severity: toggled(ask.severities, s) } })} data-testid={`severity-${s}`}>
              <SeverityGlyph severity={s} />
              {SEVERITY_WORD[s]}
              {bySeverity(s) !== undefined && <b>{count(bySeverity(s) ?? 0)}</b>}
            </ToggleButton>
          ))}
          <span className={chips.divide} aria-hidden="true" />
          <ToggleButton className={parts.chip} isSelected={ask.fresh !== null} onChange={(on) => go({ set: { new: on ? "1" : null } })} data-testid="fresh">
            New since yesterday<b>{count(fresh)}</b>
          </ToggleButton>
          {ask.fresh !== null && ask.fresh !== 1 && <span className="t3 xs">counted over {plural(ask.fresh, "day")}</span>}
          {narrowed(ask) && <ToggleButton className={parts.chip} isSelected={false} onChange={clear}>Clear<X className="x" /></ToggleButton>}
        </div>
        <div className={list.rows} ref={main}>
          {ask.view === "list" ? (
            <FlatList ask={ask} query={query} sources={sources} selected={id ?? null} rules={rules.data ?? []} onOpen={(f, replace) => go({ path: findingPath(f), replace })} onClear={clear} />
          ) : (
            rules.data && <ByRule rules={rules.data} ask={ask} query={query} sources={sources} selected={id ?? null} evaluatedAt={sums.data?.evaluatedAt ?? null} onClear={clear} />
          )}
        </div>
      </div>
      {id !== undefined && <FindingInspector key={id} id={id} sources={sources} onClose={close} />}
      {params.get("export") === "1" && <FindingsExport query={query} total={total.data?.total ?? 0} onClose={() => go({ set: { export: null }, replace: true })} />}
    </div>
  );
}

function Search({ asked, onDown }: { asked: string; onDown: () => void }) {
  const { go } = useAddress();
  const { text, setText, send } = useOwnText(asked);
  useEffect(() => {
    if (text === asked) return;
    const timer = setTimeout(() => {
      send(text);
      go({ set: { q: text }, replace: true });
    }, TYPING_MS);
    return () => clearTimeout(timer);
    // A pause in typing is what counts; `send` is new with each render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text, asked, go]);
  return <SearchField label="Search findings" value={text} onChange={setText} placeholder="Search what is wrong, for whom, the rule" slash onDown={onDown} />;
}
