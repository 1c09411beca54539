/** Tokens: every credential that Lanyard holds or knows of, those that need somebody first. Never a value. */
import { X } from "lucide-react";
import { useCallback, useMemo, useRef, useState } from "react";
import { ToggleButton } from "react-aria-components";
import { Link, useParams } from "react-router";
import { tokenPath, useAddress } from "../../components/address";
import { Button, buttonClass, SearchField, Segments, Time } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { count, cutMiddle, plural } from "../../components/format";
import { Caveats, ColumnMenu } from "../../components/ListParts";
import chips from "../../components/ListParts.module.css";
import list from "../../components/ListScreen.module.css";
import { SourceMark } from "../../components/marks";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { SourcePicker } from "../../components/SourcePicker";
import { useColumns } from "../../components/useColumns";
import { useListState } from "../../components/useListState";
import { VirtualGrid, type Column, type GridHandle } from "../../components/VirtualGrid";
import type { Credential, CredentialList, Source } from "../../ipc";
import { useCredentials, useSources } from "../../ipc/queries";
import { Days, RightMark, StateMark } from "./marks";
import { StartDialog } from "./StartDialog";
import { TokenInspector } from "./TokenInspector";
import { answer, FACETS, facetCounts, HELD, SORTS, type TokenFacet } from "./tokenList";
import styles from "./Tokens.module.css";
import { FROM_SHORT, KIND_WORD, policyWords, STATE_WORD } from "./words";

const LIST = { facets: FACETS, sorts: SORTS, downFirst: [] };
const DEFAULTS = { facet: "all", sort: "urgency" } as const;
const STANDARD = ["kind", "fingerprint", "age", "expires", "days", "verified", "used", "rights", "policy"];
const HELD_WORD = { both: "All", held: "Held by Lanyard", known: "Known of" } as const;
const ROW = 44;
const HEAD = 31;
const GROUP_HEAD = 32;

const facetWord = (facet: TokenFacet): string => (facet === "all" ? "Everything" : facet === "need" ? "Needs somebody" : STATE_WORD[facet]);

function columnsFor(sources: readonly Source[], now: number): Column<Credential>[] {
  return [
    {
      id: "name", label: "Credential", min: 216, grow: 3, rank: 0, sort: "name",
      cell: (c) => (
        <span className={styles.name}>
          <SourceMark source={sources.find((s) => s.id === c.source)} />
          <span>
            <bdi className="strong cut" title={c.name}>{c.name}</bdi>
            <bdi className="t3 xs cut" title={c.opens}>{c.opens}</bdi>
          </span>
        </span>
      ),
    },
    { id: "state", label: "State", min: 128, rank: 0, sort: "urgency", cell: (c) => <StateMark state={c.state} /> },
    { id: "days", label: "Days left", min: 112, rank: 1, sort: "days", cell: (c) => <Days of={c} now={now} /> },
    {
      id: "expires", label: "Expires", min: 116, rank: 2,
      cell: (c) => (c.expiresAt === null ? <span className="t3 xs">no end known</span> : <span className={styles.two}><Time at={c.expiresAt} form="ago" />{c.expiresFrom !== null && <span className="t3 xs cut">{FROM_SHORT[c.expiresFrom]}</span>}</span>),
    },
    { id: "rights", label: "Rights", min: 136, rank: 3, cell: (c) => <span className={styles.rights}><RightMark what="reads" right={c.reads} /><RightMark what="writes" right={c.writes} /></span> },
    { id: "verified", label: "Verified", min: 74, rank: 4, sort: "verified", cell: (c) => <span className="xs t2"><Time at={c.verifiedAt} form="ago" /></span> },
    { id: "used", label: "Used", min: 74, rank: 5, sort: "used", cell: (c) => <span className="xs t2"><Time at={c.usedAt} form="ago" none={c.held ? "never" : "not known"} /></span> },
    { id: "age", label: "Made", min: 74, rank: 6, sort: "age", cell: (c) => <span className="xs t2"><Time at={c.createdAt} form="ago" none="not known" /></span> },
    { id: "kind", label: "Kind", min: 104, rank: 7, cell: (c) => <span className="xs t2">{KIND_WORD[c.kind]}</span> },
    { id: "fingerprint", label: "Fingerprint", min: 92, rank: 8, cell: (c) => (c.fingerprint === null ? <span className="t3 xs">not at hand</span> : <code className="cut t2" title={c.fingerprint}>{cutMiddle(c.fingerprint)}</code>) },
    { id: "policy", label: "Policy", min: 84, rank: 9, cell: (c) => <span className="xs t2">{policyWords(c.policy)}</span> },
  ];
}

export function TokensScreen() {
  const { id } = useParams();
  const { go, params } = useAddress();
  const now = useNow();
  const sources = useSources().data;
  const tokens = useCredentials();
  const state = useListState(LIST, DEFAULTS);
  const held = HELD.find((h) => h === params.get("held")) ?? "both";
  const all = useMemo(() => columnsFor(sources ?? [], now), [sources, now]);
  const { columns, wanted, choose } = useColumns("tokens", all, STANDARD);

  const close = useCallback(() => go({ path: "/tokens", set: { rotate: null } }), [go]);
  if (tokens.error && !tokens.data) return <FaultView error={tokens.error} onRetry={() => void tokens.refetch()} />;
  if (!tokens.data) return null;
  const data = tokens.data;
  const { search, facet, source, sort, descending } = state.state;
  const question = { search, facet, source, held, sort, descending };
  const shown = answer(data.credentials, question);
  const narrowed = search !== "" || facet !== "all" || source !== null || held !== "both";
  const chosen = id === undefined ? undefined : data.credentials.find((c) => c.id === id);
  const reason = params.get("rotate");
  const showAll = () => go({ set: { q: null, facet: null, source: null, held: null } });

  return (
    <div className={list.screen} data-testid="tokens">
      <div className={list.pane}>
        <div className={list.head}>
          <h1>Tokens</h1>
          <span className={list.count} data-testid="count" aria-live="polite">{narrowed ? `${count(shown.length)} of ${count(data.credentials.length)}` : count(data.credentials.length)}</span>
          <span className="t3 xs grow cut">{whereKept(data)}</span>
          <ColumnMenu all={all} wanted={wanted} onChange={choose} />
        </div>
        {data.credentials.length > 0 && (
          <>
            <div className={styles.query}>
              <SearchField label="Search tokens" value={state.typed} onChange={state.setTyped} placeholder="Search name, what it opens, fingerprint" slash />
              <Segments label="Held or known of" value={held} options={HELD.map((h) => ({ id: h, text: HELD_WORD[h] }))} onChange={(to) => go({ set: { held: to === "both" ? null : to } })} />
              <SourcePicker sources={sources ?? []} value={source} onChange={state.setSource} />
            </div>
            <div className={chips.chips} role="group" aria-label="By state">
              {facetCounts(data.credentials, facet).map((f) => (
                <ToggleButton key={f.facet} className={parts.chip} isSelected={facet === f.facet} onChange={() => state.setFacet(f.facet)} data-testid={`facet-${f.facet}`}>
                  {facetWord(f.facet)}
                  <b>{count(f.count)}</b>
                </ToggleButton>
              ))}
              {narrowed && <ToggleButton className={parts.chip} isSelected={false} onChange={showAll}>Clear<X className="x" /></ToggleButton>}
            </div>
          </>
        )}
        {data.fault !== null && <div className={styles.fault}><FaultView compact error={data.fault} onRetry={() => void tokens.refetch()} /></div>}
        <Caveats caveats={data.notEvaluated.map((gap) => ({ source: gap.source, text: `${gap.sourceName}: ${gap.says}` }))} />
        {data.credentials.length === 0 ? (
          <Nothing />
        ) : shown.length === 0 ? (
          <Empty title="No credential matches." acts={<Button onPress={showAll}>Show all</Button>}>Search, chips, source and “held” narrow the list together.</Empty>
        ) : (
          <div className={styles.groups}>
            <Group title="Held by Lanyard" rows={shown.filter((c) => c.held)} alone={shown.every((c) => c.held)} columns={columns} selected={id ?? null} sort={sort} descending={descending} onSort={state.setSort} listKey={JSON.stringify(question)} />
            <Group title="Known of" note="held by others; Lanyard sees their dates, not their values" rows={shown.filter((c) => !c.held)} alone={!shown.some((c) => c.held)} rest columns={columns} selected={id ?? null} sort={sort} descending={descending} onSort={state.setSort} listKey={JSON.stringify(question)} />
          </div>
        )}
      </div>
      {chosen && <TokenInspector key={chosen.id} credential={chosen} onClose={close} />}
      {id !== undefined && !chosen && <aside className={styles.gone} aria-label="Token"><Empty title="There is no such credential." acts={<Link className={buttonClass()} to="/tokens">Show all</Link>}>Its source may have been removed, or the secret taken out of the application.</Empty></aside>}
      {chosen?.held === true && chosen.kind !== "borrowed" && (reason === "routine" || reason === "leaked" || reason === "refused") && <StartDialog key={reason} credential={chosen} reason={reason} onClose={() => go({ set: { rotate: null }, replace: true })} />}
    </div>
  );
}

const whereKept = (data: CredentialList): string => (data.keychain === "environment" ? "values come from the environment, and are kept nowhere" : "values are in the keychain of this machine, and are never shown");

const Nothing = () => (
  <Empty title="No credential yet." acts={<Link className={buttonClass("primary")} to="/sources/new">Connect a system</Link>}>
    Each token, password, secret and certificate that Lanyard asks with will be here, and those that it knows of: how old, when it ends, what it may, whether it works. From here each can be verified and rotated, with proof that the old one is dead.
  </Empty>
);

interface GroupProps {
  title: string;
  note?: string;
  rows: readonly Credential[];
  /** The other group has nothing to show: this one takes all the room. */
  alone: boolean;
  /** Takes what the group above leaves. */
  rest?: boolean;
  columns: Column<Credential>[];
  selected: string | null;
  sort: string;
  descending: boolean;
  onSort: (sort: string) => void;
  listKey: string;
}

function Group({ title, note, rows, alone, rest = false, columns, selected, sort, descending, onSort, listKey }: GroupProps) {
  const { go } = useAddress();
  const grid = useRef<GridHandle>(null);
  const [, setRange] = useState(0);
  const onRange = useCallback((first: number) => setRange(first), []);
  if (rows.length === 0) return null;
  const whole = HEAD + rows.length * ROW;
  return (
    <section className={styles.group} aria-label={title} style={alone || rest ? undefined : { flex: "none", height: `min(${whole + GROUP_HEAD}px, 58%)` }}>
      <div className={styles.groupHead}>
        <h2>{title}</h2>
        <span className="t3 xs cut">{plural(rows.length, "credential")}{note === undefined ? "" : `, ${note}`}</span>
      </div>
      <div className={list.rows}>
        <VirtualGrid
          ref={grid}
          label={title}
          columns={columns}
          total={rows.length}
          row={(n) => rows[n]}
          rowKey={(c) => c.id}
          rowHeight={ROW}
          selected={selected}
          onOpen={(c) => go({ path: tokenPath(c.id) })}
          onFollow={(c) => go({ path: tokenPath(c.id), replace: true })}
          onRange={onRange}
          sort={sort}
          descending={descending}
          onSort={onSort}
          listKey={listKey}
        />
      </div>
    </section>
  );
}
