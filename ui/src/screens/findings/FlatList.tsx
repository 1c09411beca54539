/** All findings in one list, of any length. */
import { useMemo, useRef } from "react";
import { useAddress } from "../../components/address";
import { Button, Time } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { FINDING_STATE_WORD, SeverityGlyph, SEVERITY_WORD } from "../../components/findingWords";
import { count } from "../../components/format";
import { SourceMark } from "../../components/marks";
import { useWindowed } from "../../components/useWindowed";
import { VirtualGrid, type Column, type GridHandle } from "../../components/VirtualGrid";
import { api, type FindingPage, type FindingQuery, type FindingRow, type RuleState, type Source } from "../../ipc";
import { Empty } from "../../components/Empty";
import type { FindingAsk } from "./findingList";
import { narrowed } from "./findingList";
import styles from "./Findings.module.css";
import { NothingFound } from "./NothingFound";

function columnsFor(sources: readonly Source[], ask: FindingAsk): Column<FindingRow>[] {
  return [
    { id: "severity", label: "Severity", min: 92, rank: 0, sort: "severity", cell: (f) => <span className={styles.severity}><SeverityGlyph severity={f.severity} />{SEVERITY_WORD[f.severity]}</span> },
    { id: "says", label: "What is wrong", min: 240, grow: 4, rank: 0, cell: (f) => <bdi className="cut" title={f.says}>{f.says}</bdi> },
    ...(ask.rule === null ? [{ id: "rule", label: "Rule", min: 150, grow: 1.2, rank: 3, cell: (f: FindingRow) => <span className="cut t2" title={f.ruleTitle}>{f.ruleTitle}</span> }] : []),
    ...(ask.state === "open" ? [] : [{ id: "state", label: "State", min: 92, rank: 0, cell: (f: FindingRow) => <span className="t2">{FINDING_STATE_WORD[f.state]}</span> }]),
    { id: "people", label: "People", min: 60, rank: 2, align: "end", cell: (f) => (f.people === 0 ? <span className="t3">–</span> : count(f.people)) },
    {
      id: "sources", label: "Systems", min: 84, rank: 1,
      cell: (f) => (
        <span className={styles.marks}>
          {f.sources.map((id) => { const source = sources.find((s) => s.id === id); return <span key={id} title={source?.settings.name}><SourceMark source={source} small /><span className="sr">{source?.settings.name}</span></span>; })}
        </span>
      ),
    },
    { id: "since", label: "Since", min: 64, rank: 0, align: "end", sort: "newest", cell: (f) => <span className="t3 xs"><Time at={f.firstSeen} form="stamp" /></span> },
  ];
}

interface Props {
  ask: FindingAsk;
  query: FindingQuery;
  sources: readonly Source[];
  selected: string | null;
  rules: readonly RuleState[];
  onOpen: (id: string, replace: boolean) => void;
  onClear: () => void;
}

export function FlatList({ ask, query, sources, selected, rules, onOpen, onClear }: Props) {
  const { go } = useAddress();
  const grid = useRef<GridHandle>(null);
  const shown = useWindowed<FindingRow, FindingPage & { offset: number }>("findings", query, async (offset, limit) => ({ ...(await api.findings({ ...query, offset, limit })), offset }));
  const columns = useMemo(() => columnsFor(sources, ask), [sources, ask]);
  if (shown.error && !shown.stale) return <FaultView error={shown.error} onRetry={shown.retry} />;
  return (
    <VirtualGrid
      ref={grid}
      label="Findings"
      columns={columns}
      total={shown.loading ? 20 : shown.total}
      row={shown.row}
      rowKey={(f) => f.id}
      selected={selected}
      onOpen={(f) => onOpen(f.id, false)}
      onFollow={(f) => onOpen(f.id, true)}
      onRange={shown.onRange}
      sort={ask.newest ? "newest" : "severity"}
      descending={ask.newest}
      onSort={(sort) => go({ set: { sort: sort === "newest" ? "newest" : null }, replace: true })}
      listKey={JSON.stringify(query)}
      stale={shown.stale}
      empty={
        narrowed(ask) ? (
          <Empty title="No finding matches." acts={<Button onPress={onClear}>Show all that are open</Button>}>Search, the chips and the pickers narrow the list together.</Empty>
        ) : (
          <NothingFound rules={rules} evaluatedAt={shown.page?.evaluatedAt ?? null} />
        )
      }
    />
  );
}
