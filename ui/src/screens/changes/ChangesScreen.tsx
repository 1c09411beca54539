/** Changes: what differs between two moments, record by record, and the access that came or went with it. */
import { KeyRound, X } from "lucide-react";
import { useEffect } from "react";
import { ToggleButton } from "react-aria-components";
import { useAddress } from "../../components/address";
import { SearchField, Segments } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { count, moment, plural } from "../../components/format";
import { Caveats } from "../../components/ListParts";
import chips from "../../components/ListParts.module.css";
import list from "../../components/ListScreen.module.css";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import { Picker } from "../../components/Picker";
import { SourcePicker } from "../../components/SourcePicker";
import { SPANS } from "../../components/spans";
import { useOwnText } from "../../components/useOwnText";
import { comparisonQuery } from "../../components/changeWords";
import type { ComparisonSums } from "../../ipc";
import { useComparison, useMoments, useSources } from "../../ipc/queries";
import { AccessList } from "./AccessList";
import styles from "./Changes.module.css";
import { betweenOf, choices, dayField, startOfDay, type Between } from "./moments";
import { Records } from "./Records";

const VIEWS = [{ id: "records", text: "Records" }, { id: "access", text: "Access" }] as const;
const MODES = [...SPANS.map(({ id, text }) => ({ id, text })), { id: "two", text: "Two moments" }] as const;

export function ChangesScreen() {
  const { params, go } = useAddress();
  const now = useNow();
  const sources = useSources().data ?? [];
  const between = betweenOf(params, now);
  const view = params.get("view") === "access" ? "access" : "records";
  const source = Number(params.get("source"));
  const query = comparisonQuery({
    from: between.from, to: between.to, about: params.get("about"), source: Number.isInteger(source) && source > 0 ? source : null, search: params.get("q") ?? "", privileged: params.get("privileged") === "1",
  });
  const first = useComparison({ ...query, limit: 1 });
  const narrowed = query.search !== "" || query.source !== null || query.privileged || query.about !== null;
  const clear = () => go({ set: { q: null, source: null, privileged: null, about: null } });

  if (first.error && !first.data) return <FaultView error={first.error} onRetry={() => void first.refetch()} />;
  return (
    <div className={list.screen} data-testid="changes">
      <div className={list.pane}>
        <div className={list.head}>
          <h1>Changes</h1>
          <span className={`${list.count} grow`} aria-live="polite" data-testid="count">
            {moment(between.from, now)} to {between.to === null ? "now" : moment(between.to, now)}
          </span>
          <Segments label="Between" value={between.span ?? "two"} options={MODES} onChange={(mode) => go({ set: mode === "two" ? { since: null, from: String(between.from) } : { since: mode === "1" ? null : mode, from: null, to: null } })} />
        </div>
        {between.span === null && <Moments between={between} />}
        <div className={styles.query}>
          <Search asked={query.search} />
          <Segments label="What is shown" value={view} options={VIEWS} onChange={(to) => go({ set: { view: to === "access" ? "access" : null } })} />
          <SourcePicker sources={sources} value={query.source} onChange={(to) => go({ set: { source: to === null ? null : String(to) } })} />
        </div>
        <div className={chips.chips} role="group" aria-label="Narrow">
          <ToggleButton className={parts.chip} isSelected={query.privileged} onChange={(on) => go({ set: { privileged: on ? "1" : null } })} data-testid="privileged"><KeyRound className="x" />Privileged access only</ToggleButton>
          {query.about !== null && <ToggleButton className={parts.chip} isSelected onChange={() => go({ set: { about: null } })}>About one only<X className="x" /></ToggleButton>}
          {narrowed && <ToggleButton className={parts.chip} isSelected={false} onChange={clear}>Clear<X className="x" /></ToggleButton>}
          {first.data && <Sums sums={first.data.sums} />}
        </div>
        <Caveats caveats={first.data?.caveats ?? []} />
        <div className={list.rows}>
          {view === "access" ? <AccessList query={query} sources={sources} onClear={narrowed ? clear : null} /> : <Records query={query} sources={sources} onClear={narrowed ? clear : null} />}
        </div>
      </div>
    </div>
  );
}

/** The differences in numbers; what there is none of is left out. */
function Sums({ sums }: { sums: ComparisonSums }) {
  const said = [
    [sums.accountsAppeared, "came", plural(sums.accountsAppeared, "account")], [sums.accountsGone, "went", plural(sums.accountsGone, "account")], [sums.changed, "changed", plural(sums.changed, "record")],
    [sums.membersAdded + sums.membersRemoved, "", `${count(sums.membersAdded)} in, ${count(sums.membersRemoved)} out of groups`], [sums.rightsChanged, "changed", plural(sums.rightsChanged, "right")],
    [sums.peopleGained, "gained access", plural(sums.peopleGained, "person", "people")], [sums.peopleLost, "lost access", plural(sums.peopleLost, "person", "people")],
  ] as const;
  const shown = said.filter(([n]) => n > 0);
  return (
    <span className={`${styles.sums} t3 xs`} data-testid="sums">
      {shown.length === 0 ? "Nothing differs." : shown.map(([, word, text]) => <span key={text + word}>{text} {word}</span>)}
    </span>
  );
}

/** From and to: the ends of syncs, or any day. */
function Moments({ between }: { between: Between }) {
  const { go } = useAddress();
  const now = useNow();
  const moments = useMoments();
  const words = (at: number) => moment(at, now);
  const from = choices(moments.data ?? [], between.from, words);
  const to = choices((moments.data ?? []).filter((m) => m.at > between.from), between.to, words);
  return (
    <div className={styles.moments}>
      {moments.error && <FaultView compact error={moments.error} onRetry={() => void moments.refetch()} />}
      <span className="t3 xs">From</span>
      <Picker label="From the sync of" value={String(between.from)} options={from} onChange={(at) => go({ set: { from: at } })} />
      <input type="date" aria-label="From the day" className={styles.day} value={dayField(between.from)} max={dayField(now)} onChange={(e) => { const at = startOfDay(e.target.value); if (at !== null) go({ set: { from: String(at) } }); }} />
      <span className="t3 xs">to</span>
      <Picker label="To the sync of" value={between.to === null ? "now" : String(between.to)} options={[{ id: "now", text: "Now" }, ...to]} onChange={(at) => go({ set: { to: at === "now" ? null : at } })} />
      <input type="date" aria-label="To the start of the day" className={styles.day} value={dayField(between.to)} min={dayField(between.from)} max={dayField(now)} onChange={(e) => { const at = startOfDay(e.target.value); go({ set: { to: at === null ? null : String(at) } }); }} />
    </div>
  );
}

/** Keys typed within this time are one question. */
const TYPING_MS = 120;

function Search({ asked }: { asked: string }) {
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
  return <SearchField label="Search changes" value={text} onChange={setText} placeholder="Search a name, an id, a value" slash />;
}
