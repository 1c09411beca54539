/** The bar above the map: its view, the question in words, filters, export. */
import { ArchiveRestore, Bot, Check, Download, EqualNot, FileCode2, FileSpreadsheet, Grid3x3, Image, ListFilter, ShieldAlert, Table2, Workflow, X } from "lucide-react";
import { memo, useEffect, type ReactNode } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuSection, MenuTrigger, Popover, ToggleButton, Header, type Selection } from "react-aria-components";
import { buttonClass, IconButton, SearchField, Segments } from "../../components/controls";
import { listed } from "../../components/format";
import { SourceMark, SystemMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import { useOwnText } from "../../components/useOwnText";
import type { MapViewName, Source, SourceKind } from "../../ipc";
import styles from "./Access.module.css";
import type { GoMap, MapState } from "./mapAddress";
import { askOf } from "./place";

export type ExportKind = "png" | "svg" | "csv";

const VIEWS: readonly { id: MapViewName; text: string; icon: ReactNode }[] = [
  { id: "flow", text: "Flow", icon: <Workflow className="s" /> },
  { id: "matrix", text: "Matrix", icon: <Grid3x3 className="s" /> },
  { id: "table", text: "Table", icon: <Table2 className="s" /> },
  { id: "restore", text: "Who can restore", icon: <ArchiveRestore className="s" /> },
];
const KINDS: readonly { id: SourceKind; text: string }[] = [{ id: "scim", text: "SCIM" }, { id: "backstage", text: "Backstage" }, { id: "azure", text: "Azure" }];
/** Keys typed within this time are one question. */
const TYPING_MS = 120;

interface Props {
  state: MapState;
  go: GoMap;
  sources: readonly Source[];
  focusName: string | null;
  onExport: (kind: ExportKind) => void;
}

/** Drawn anew when what it says changes, and not with each answer that the map gets. */
export const MapBar = memo(function MapBar({ state, go, sources, focusName, onExport }: Props) {
  const { query, view } = state;
  const ask = askOf({ state, focusName });
  const isDrawing = view === "flow" || view === "matrix";
  return (
    <div className={styles.bar}>
      <div className={styles.head}>
        <h1>Access map</h1>
        <Segments label="View" value={view} options={VIEWS} onChange={(next) => go({ view: next, cell: null, row: null })} />
        <p className={styles.ask}>
          <span className="cut">{ask.before}</span>
          {ask.name !== null && (
            <span className={styles.token}>
              <bdi className="cut">{ask.name}</bdi>
              <AriaButton aria-label={`Take ${ask.name} out of focus`} onPress={() => go({ query: { focus: null, target: null }, path: 0 })}><X className="x" /></AriaButton>
            </span>
          )}
          <span className="cut">{ask.after}</span>
        </p>
        <MenuTrigger>
          <AriaButton className={buttonClass()} data-testid="map-export"><Download className="s" />Export</AriaButton>
          <Popover className={parts.popover} placement="bottom end">
            <Menu className={parts.menu} aria-label="Export what is shown" onAction={(id) => onExport(id as ExportKind)}>
              {isDrawing ? <MenuItem id="png" className={parts.menuItem}><Image className="s" />Picture (PNG)</MenuItem> : null}
              {isDrawing ? <MenuItem id="svg" className={parts.menuItem}><FileCode2 className="s" />Drawing (SVG)</MenuItem> : null}
              <MenuItem id="csv" className={parts.menuItem}><FileSpreadsheet className="s" />Rows (CSV)</MenuItem>
            </Menu>
          </Popover>
        </MenuTrigger>
      </div>
      {view !== "restore" && (
        <div className={styles.filters} role="group" aria-label="Filters">
          <Systems state={state} go={go} sources={sources} />
          <Chip on={query.privileged} icon={<ShieldAlert className="x" />} text="Privileged only" onChange={(privileged) => go({ query: { privileged } })} />
          <Chip on={query.canRestore} icon={<ArchiveRestore className="x" />} text="Can restore" onChange={(canRestore) => go({ query: { canRestore } })} />
          <Chip on={query.drifted} icon={<EqualNot className="x" />} text="Drifted" onChange={(drifted) => go({ query: { drifted } })} />
          <Chip on={query.nonHuman} icon={<Bot className="x" />} text="Non-human" onChange={(nonHuman) => go({ query: { nonHuman } })} />
          <Find value={query.search} onChange={(search) => go({ query: { search } }, true)} placeholder={view === "matrix" ? "Group or role" : "Find in the map"} />
        </div>
      )}
    </div>
  );
});

const Chip = ({ on, icon, text, onChange }: { on: boolean; icon: ReactNode; text: string; onChange: (on: boolean) => void }) => (
  <ToggleButton className={`${parts.chip} ${styles.chip}`} isSelected={on} onChange={onChange}>
    {on ? <Check className="x" /> : icon}
    {text}
  </ToggleButton>
);

/** Only roles of some kinds of system, or of some sources. */
function Systems({ state: { query }, go, sources }: Pick<Props, "state" | "go" | "sources">) {
  const kinds = KINDS.filter((k) => sources.some((s) => s.settings.kind === k.id) || query.systems.includes(k.id));
  const named = [...KINDS.filter((k) => query.systems.includes(k.id)).map((k) => k.text), ...sources.filter((s) => query.sources.includes(s.id)).map((s) => s.settings.name)];
  const chosen = new Set<string>([...query.systems, ...query.sources.map(String)]);
  const choose = (selection: Selection) => {
    const ids = selection === "all" ? [] : [...selection].map(String);
    go({ query: { systems: KINDS.map((k) => k.id).filter((k) => ids.includes(k)), sources: ids.map(Number).filter((n) => Number.isSafeInteger(n)) } });
  };
  return (
    <>
      <MenuTrigger>
        <AriaButton className={`${parts.chip} ${styles.chip}`} data-selected={named.length > 0 || undefined}>
          <ListFilter className="x" />
          {named.length === 0 ? "System: all" : `System: ${listed(named)}`}
        </AriaButton>
        <Popover className={parts.popover} placement="bottom start">
          <Menu className={parts.menu} aria-label="Systems" selectionMode="multiple" selectedKeys={chosen} onSelectionChange={choose}>
            <MenuSection>
              <Header className={parts.menuHead}>Kind of system</Header>
              {kinds.map((k) => <MenuItem key={k.id} id={k.id} className={parts.menuItem} textValue={k.text}><Check className={parts.tick} /><SystemMark kind={k.id} />{k.text}</MenuItem>)}
            </MenuSection>
            <MenuSection>
              <Header className={parts.menuHead}>Source</Header>
              {sources.map((s) => <MenuItem key={s.id} id={String(s.id)} className={parts.menuItem} textValue={s.settings.name}><Check className={parts.tick} /><SourceMark source={s} />{s.settings.name}</MenuItem>)}
            </MenuSection>
          </Menu>
        </Popover>
      </MenuTrigger>
      {named.length > 0 && <IconButton tiny label="All systems again" onPress={() => go({ query: { systems: [], sources: [] } })}><X className="x" /></IconButton>}
    </>
  );
}

function Find({ value, onChange, placeholder }: { value: string; onChange: (text: string) => void; placeholder: string }) {
  const { text, setText, send } = useOwnText(value);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => {
      send(text);
      onChange(text);
    }, TYPING_MS);
    return () => clearTimeout(timer);
    // A pause in typing is what counts; `send` and `onChange` are new with each render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text, value]);
  return <div className={styles.find}><SearchField label="Find in the map" value={text} onChange={setText} placeholder={placeholder} slash /></div>;
}
