/** Audit log: what Lanyard did, each entry chained to the one before. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed, Download, ShieldCheck } from "lucide-react";
import { useCallback, useMemo, useRef, useState } from "react";
import { useParams } from "react-router";
import { useAddress } from "../../components/address";
import { Button, Id, SearchField, Time } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { FaultView } from "../../components/FaultView";
import { bytes, count, cutMiddle, exactTime, plural } from "../../components/format";
import { Inspector } from "../../components/Inspector";
import list from "../../components/ListScreen.module.css";
import { SourceMark } from "../../components/marks";
import { JsonText } from "../../components/RawView";
import { SourcePicker } from "../../components/SourcePicker";
import { toast } from "../../components/toasts";
import { useListState } from "../../components/useListState";
import { useWindowed } from "../../components/useWindowed";
import { VirtualGrid, type Column, type GridHandle } from "../../components/VirtualGrid";
import { api, toFault, type AuditEntry, type ChainCheck, type Source } from "../../ipc";
import { keys, useSources } from "../../ipc/queries";
import styles from "./AuditScreen.module.css";

const LIST = { facets: ["all"] as const, sorts: ["seq"] as const, downFirst: [] };
const DEFAULTS = { facet: "all", sort: "seq" } as const;

function columnsFor(sources: readonly Source[]): Column<AuditEntry>[] {
  return [
    { id: "seq", label: "No.", min: 64, rank: 0, cell: (e) => <span className="t3">{count(e.seq)}</span> },
    { id: "at", label: "When", min: 76, rank: 0, cell: (e) => <Time at={e.at} form="stamp" /> },
    { id: "action", label: "Action", min: 140, rank: 1, cell: (e) => <code className="cut">{e.action}</code> },
    {
      id: "source", label: "Source", head: <span aria-hidden="true" />, min: 30, rank: 0,
      cell: (e) => (e.source === null ? null : <><SourceMark source={sources.find((s) => s.id === e.source)} small /><span className="sr">{sources.find((s) => s.id === e.source)?.settings.name}</span></>),
    },
    { id: "summary", label: "What happened", min: 200, grow: 3, rank: 0, cell: (e) => <bdi className="cut" title={e.summary}>{e.summary}</bdi> },
    { id: "actor", label: "Who", min: 150, grow: 0.6, rank: 3, cell: (e) => <span className="cut t2">{e.actor}</span> },
    { id: "hash", label: "Hash", min: 116, rank: 4, cell: (e) => <code className="t3">{cutMiddle(e.hash, 5)}</code> },
  ];
}

export function AuditScreen() {
  const { seq } = useParams();
  const { go } = useAddress();
  const grid = useRef<GridHandle>(null);
  const sources = useSources().data;
  const state = useListState(LIST, DEFAULTS);
  const question = { search: state.state.search, source: state.state.source };
  const entries = useWindowed<AuditEntry, { rows: AuditEntry[]; offset: number; total: number }>("audit", question, async (offset, limit) => {
    const page = await api.audit({ ...question, offset, limit });
    return { rows: page.entries, offset, total: page.total };
  });
  const columns = useMemo(() => columnsFor(sources ?? []), [sources]);
  const close = useCallback(() => {
    go({ path: "/audit" });
    grid.current?.focus();
  }, [go]);
  const narrowed = question.search !== "" || question.source !== null;

  return (
    <div className={list.screen}>
      <div className={list.pane}>
        <div className={list.head}>
          <h1>Audit log</h1>
          <span className={`${list.count} grow`} data-testid="count" aria-live="polite">
            {!entries.loading && plural(entries.total, "entry", "entries")}
          </span>
          <Export />
          <Verify />
        </div>
        <div className={styles.tools}>
          <SearchField label="Search the audit log" value={state.typed} onChange={state.setTyped} placeholder="Search action, summary, actor" slash onDown={() => grid.current?.focus()} />
          <SourcePicker sources={sources ?? []} value={question.source} onChange={state.setSource} />
        </div>
        <div className={list.rows}>
          {entries.error && !entries.stale ? (
            <FaultView error={entries.error} onRetry={entries.retry} />
          ) : (
            <VirtualGrid
              ref={grid}
              label="Audit log"
              columns={columns}
              total={entries.loading ? 20 : entries.total}
              row={entries.row}
              rowKey={(e) => String(e.seq)}
              selected={seq ?? null}
              onOpen={(e) => go({ path: `/audit/${e.seq}` })}
              onFollow={(e) => go({ path: `/audit/${e.seq}`, replace: true })}
              onRange={entries.onRange}
              listKey={JSON.stringify(question)}
              stale={entries.stale}
              empty={
                narrowed ? (
                  <Empty title="No entry matches." acts={<Button onPress={state.clear}>Show all entries</Button>} />
                ) : (
                  <Empty title="What Lanyard does will be here.">Each sync, each change of a source, each export, and later each write to a system, with who and when. Entries are never changed or taken out.</Empty>
                )
              }
            />
          )}
        </div>
      </div>
      {seq !== undefined && <Entry seq={Number(seq)} listed={entries.row} total={entries.total} sources={sources ?? []} onClose={close} />}
    </div>
  );
}

/** Writes the whole log, whatever is narrowed on screen: a part of a chain cannot be checked. */
function Export() {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    try {
      const path = await api.pickSave("audit-log.json");
      if (path === null) return;
      setBusy(true);
      const done = await api.exportAudit(path);
      toast("good", `${plural(done.rows, "entry", "entries")} written, ${bytes(done.bytes)}.`, done.path);
      void client.invalidateQueries({ queryKey: keys.audit });
    } catch (error) {
      const fault = toFault(error);
      toast("bad", fault.what, fault.next);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button icon={<Download className="s" />} onPress={() => void run()} isDisabled={busy} data-testid="audit-export">
      {busy ? "Writing…" : "Export"}
    </Button>
  );
}

/** Walks the chain and says whether it holds. */
function Verify() {
  const client = useQueryClient();
  const known = useQuery<ChainCheck>({ queryKey: [...keys.audit, "verified"], queryFn: api.verifyAudit, enabled: false });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      client.setQueryData([...keys.audit, "verified"], await api.verifyAudit());
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const check = known.data;
  return (
    <>
      {error !== null && <span className="bad xs" role="alert">The chain could not be checked. {error instanceof Error ? error.message : ""}</span>}
      {check && (
        <span className={styles.verdict} role="status" data-testid="chain-verdict" title={check.head}>
          {check.ok ? <CircleCheck className="s good" /> : <CircleAlert className="s bad" />}
          {check.ok ? `The chain holds: ${plural(check.entries, "entry", "entries")} checked` : `The chain breaks at ${check.brokenAt === null ? "an entry" : `entry ${count(check.brokenAt)}`}: ${check.problem ?? ""}`}
        </span>
      )}
      {!check && error === null && (
        <span className={`${styles.verdict} t3`}>
          <CircleDashed className="s ne" />
          not checked since it opened
        </span>
      )}
      <Button icon={<ShieldCheck className="s" />} onPress={() => void run()} isDisabled={busy} data-testid="verify">
        {busy ? "Checking…" : "Verify chain"}
      </Button>
    </>
  );
}

interface EntryProps {
  seq: number;
  listed: (index: number) => AuditEntry | undefined;
  total: number;
  sources: readonly Source[];
  onClose: () => void;
}

function Entry({ seq, listed, total, sources, onClose }: EntryProps) {
  // Numbers have no gaps and the newest comes first, so that an entry's place follows from its number.
  const found = useQuery({
    queryKey: [...keys.audit, "entry", seq],
    queryFn: async () => {
      const newest = await api.audit({ search: "", source: null, offset: 0, limit: 1 });
      const page = await api.audit({ search: "", source: null, offset: Math.max(0, newest.total - seq), limit: 1 });
      return page.entries[0] ?? null;
    },
  });
  const near = Array.from({ length: Math.min(total, 400) }, (_, n) => listed(n)).find((e) => e?.seq === seq);
  const entry = near ?? found.data;
  if (!entry) {
    return (
      <Inspector label={`Entry ${seq}`} title={`Entry ${count(seq)}`} onClose={onClose}>
        {found.error ? <FaultView error={found.error} onRetry={() => void found.refetch()} /> : found.isSuccess ? <Empty title="There is no such entry." /> : null}
      </Inspector>
    );
  }
  const source = sources.find((s) => s.id === entry.source);
  return (
    <Inspector label={`Entry ${seq}`} title={<bdi>{entry.summary}</bdi>} note={`Entry ${count(entry.seq)}`} onClose={onClose}>
      <div className={styles.entry}>
        <p className={styles.summary}><bdi>{entry.summary}</bdi></p>
        <dl>
          <div><dt>When</dt><dd>{exactTime(entry.at)}</dd></div>
          <div><dt>Who</dt><dd>{entry.actor}</dd></div>
          <div><dt>Action</dt><dd><code>{entry.action}</code></dd></div>
          {entry.source !== null && <div><dt>Source</dt><dd className={styles.source}><SourceMark source={source} small />{source?.settings.name ?? `removed (${entry.source})`}</dd></div>}
          <div><dt>Hash</dt><dd><Id text={entry.hash} what="hash" /></dd></div>
          <div><dt>Before it</dt><dd><Id text={entry.previous} what="hash of the entry before" /></dd></div>
        </dl>
        <h3>Particulars</h3>
        <JsonText text={JSON.stringify(entry.data, null, 2)} />
      </div>
    </Inspector>
  );
}
