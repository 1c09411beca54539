/** The flow: people, groups, roles and scopes in four columns, ribbons between them, one focus. */
import { Maximize, Minus, Plus, Scissors } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { IconButton } from "../../../components/controls";
import { count, plural } from "../../../components/format";
import type { FlowView, Source } from "../../../ipc";
import { useWithoutEdge } from "../../../ipc/queries";
import { FlowBox } from "./FlowBox";
import styles from "./Flow.module.css";
import { DASH } from "./bands";
import { layoutFlow, LAYERS, TOP } from "./layout";
import { neighbour } from "./moves";
import type { Box, FlowLayout } from "./places";
import { inSpan, spanAt, type Span } from "./span";
import { Ribbons } from "./Ribbons";

const TITLES = { people: "People", groups: "Groups", roles: "Roles", scopes: "Scopes" } as const;
const ZOOMS = { least: 0.25, most: 2, step: 1.2 };
/** Where nothing is laid out (tests). */
const FALLBACK = { width: 898, height: 660 };

interface Props {
  view: FlowView;
  sources: readonly Source[];
  steps: ReadonlyMap<string, number>;
  target: string | null;
  /** The edge whose loss is looked at, and its step. */
  cut: { step: number; edge: string } | null;
  stale: boolean;
  onPress: (id: string) => void;
  onOpen: (id: string) => void;
  /** Escape: one step back out of what is looked at. */
  onEscape: () => void;
  /** Hands the drawing on, for export. */
  onLayout: (layout: FlowLayout) => void;
}

export function FlowCanvas({ view, sources, steps, target, cut, stale, onPress, onOpen, onEscape, onLayout }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(FALLBACK);
  const [zoom, setZoom] = useState(1);
  const [active, setActive] = useState<string | null>(null);
  const [span, setSpan] = useState<Span>(() => spanAt(0, FALLBACK.height));

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const measure = () => {
      if (element.clientWidth > 0) setRoom((was) => (was.width === element.clientWidth && was.height === element.clientHeight ? was : { width: element.clientWidth, height: element.clientHeight }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const layout = useMemo(() => layoutFlow(view, room, { steps }), [view, room, steps]);
  useEffect(() => onLayout(layout), [layout, onLayout]);

  const focusBox = layout.boxes.find((b) => b.node.focus);
  const focusId = focusBox?.node.id ?? null;
  const current = active !== null && layout.byId.has(active) ? active : (focusId ?? layout.boxes[0]?.node.id ?? null);

  const reveal = useCallback((box: Box, scale: number) => {
    const element = scroller.current;
    if (!element) return;
    const [top, bottom] = [box.y * scale - TOP - 12, (box.y + box.h) * scale + 70];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
    const [left, right] = [box.x * scale - 20, (box.x + box.w) * scale + 20];
    if (left < element.scrollLeft) element.scrollLeft = left;
    else if (right > element.scrollLeft + element.clientWidth) element.scrollLeft = right - element.clientWidth;
  }, []);

  // A new focus comes into view; nothing else moves the canvas by itself.
  const shownFocus = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (shownFocus.current === focusId) return;
    shownFocus.current = focusId;
    if (focusBox) reveal(focusBox, zoom);
  }, [focusId, focusBox, reveal, zoom]);

  // What is far from what is looked at is drawn plainly; this runs before the first paint of a new picture, and whenever it is scrolled.
  const look = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const next = spanAt(element.scrollTop / zoom, (element.clientHeight || FALLBACK.height) / zoom);
    setSpan((was) => (was.from === next.from && was.to === next.to ? was : next));
  }, [zoom]);
  useLayoutEffect(look, [look, layout, room]);

  const zoomTo = (next: number) => setZoom(Math.max(ZOOMS.least, Math.min(ZOOMS.most, next)));
  const fit = () => zoomTo(Math.min(1, room.width / layout.width, room.height / layout.height));

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      setZoom((was) => Math.max(ZOOMS.least, Math.min(ZOOMS.most, was * Math.exp(-event.deltaY / 400))));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  const moveTo = (id: string) => {
    const box = layout.byId.get(id);
    if (!box) return;
    setActive(id);
    scroller.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
    reveal(box, zoom);
  };

  const act = (id: string) => {
    const node = layout.byId.get(id)?.node;
    if (!node || node.id === "none") return;
    setActive(id);
    if (node.cluster) onOpen(id);
    else onPress(id);
  };
  const idAt = (target: EventTarget) => (target instanceof Element ? (target.closest<HTMLElement>("[data-node]")?.dataset["node"] ?? null) : null);
  const onClick = (event: MouseEvent) => {
    const id = idAt(event.target);
    if (id !== null) act(id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && !["+", "-", "=", "0"].includes(event.key)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      onEscape();
      return;
    }
    if (["+", "=", "-", "0"].includes(event.key)) {
      event.preventDefault();
      if (event.key === "0") fit();
      else zoomTo(event.key === "-" ? zoom / ZOOMS.step : zoom * ZOOMS.step);
      return;
    }
    if (current === null) return;
    const next = neighbour(layout, current, event.key);
    if (next === undefined) return;
    event.preventDefault();
    if (next !== null) moveTo(next);
  };

  return (
    <section className={styles.canvas} aria-label="Flow: people, groups, roles, scopes. The table holds the same as a list." aria-busy={stale || undefined} data-testid="flow">
      {stale && <div className={styles.wait} aria-hidden="true" />}
      <div className={styles.scroller} ref={scroller} onScroll={look}>
        <div className={styles.heads} aria-hidden="true">
          {layout.columns.map((c) => (
            <div key={c.layer} className={styles.head} style={{ left: c.x * zoom }}>
              {TITLES[c.layer]}
              <span>{count(c.total)}</span>
            </div>
          ))}
        </div>
        <div className={styles.sizer} style={{ width: Math.ceil(layout.width * zoom), height: Math.ceil(layout.height * zoom) }}>
          {/* Presses and keys of all boxes are heard here, once; each box is a button of its own. */}
          {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
          <div className={styles.plane} style={{ width: layout.width, height: layout.height, transform: zoom === 1 ? undefined : `scale(${zoom})` }} onClick={onClick} onKeyDown={onKeyDown}>
            <Ribbons layout={layout} span={span} focused={focusId !== null} cut={cut?.step ?? null} />
            {LAYERS.map((layer) => (
              <div key={layer} role="group" aria-label={`${TITLES[layer]}, ${count(view.columns.find((c) => c.layer === layer)?.total ?? 0)} in all`}>
                {layout.boxes.filter((b) => b.node.layer === layer).map((box) => (
                  <FlowBox key={box.node.id} box={box} sources={sources} near={inSpan(span, box.y, box.y + box.h)} active={box.node.id === current} goal={box.node.id === target} />
                ))}
              </div>
            ))}
            <Nestings layout={layout} cut={cut} />
          </div>
        </div>
      </div>
      <Legend view={view} focused={focusId !== null} />
      <div className={styles.zoom} role="group" aria-label="Zoom">
        <IconButton label="Smaller" keys="−" onPress={() => zoomTo(zoom / ZOOMS.step)}><Minus className="s" /></IconButton>
        <IconButton label={zoom === 1 ? "Show the whole map" : "Back to full size"} keys={zoom === 1 ? "0" : undefined} onPress={() => (zoom === 1 ? fit() : setZoom(1))}><Maximize className="s" /></IconButton>
        <IconButton label="Larger" keys="+" onPress={() => zoomTo(zoom * ZOOMS.step)}><Plus className="s" /></IconButton>
      </div>
    </section>
  );
}

/** The words beside a nesting on the followed path. */
function Nestings({ layout, cut }: { layout: FlowLayout; cut: Props["cut"] }) {
  const lost = useWithoutEdge(cut?.edge ?? null);
  return layout.bands
    .filter((b) => b.nested && b.followed && b.ends[0][0] === b.ends[1][0] && Math.abs(b.ends[1][1] - b.ends[0][1]) >= 56)
    .map((b) => (
      <div key={b.id} className={`${styles.nesting} ${b.ribbon.system}`} style={{ left: b.middle[0] + 17, top: b.middle[1] - (cut?.step === b.step && lost.data ? 22 : 15) }}>
        <b>nested</b>
        <small>{plural(b.ribbon.people, "person", "people")}</small>
        {cut?.step === b.step && lost.data && (
          <small><Scissors />{lost.data.people === 0 ? "if cut, nobody loses" : `if cut, ${count(lost.data.people)} ${lost.data.people === 1 ? "loses" : "lose"} access`}</small>
        )}
      </div>
    ));
}

const STATES = ["eligible", "conditional", "denied", "notFollowed"] as const;
const STATE_TEXT = { eligible: "eligible", conditional: "conditional", denied: "denied", notFollowed: "nesting not followed" } as const;

function Legend({ view, focused }: { view: FlowView; focused: boolean }) {
  const states = new Set(view.ribbons.filter((r) => r.onPath).map((r) => r.state));
  return (
    <p className={styles.legend}>
      {focused && (
        <>
          {view.paths.length > 0 && <span><svg aria-hidden="true"><path d="M0 5h22" stroke="var(--azure)" strokeWidth="2.75" /></svg>this path</span>}
          <span><svg aria-hidden="true"><path d="M0 5h22" stroke="var(--azure)" strokeWidth="1.5" opacity=".75" /></svg>{view.paths.length > 0 ? "other paths" : "paths"}</span>
        </>
      )}
      {STATES.filter((s) => states.has(s)).map((s) => (
        <span key={s}><svg aria-hidden="true"><path d="M0 5h22" stroke="var(--azure)" strokeWidth="2" strokeDasharray={DASH[s] ?? undefined} strokeLinecap="round" /></svg>{STATE_TEXT[s]}</span>
      ))}
      <span><svg aria-hidden="true"><rect width="22" height="10" fill="color-mix(in srgb, var(--azure) 18%, var(--inset))" /></svg>width: <span className="sign">√</span> people</span>
    </p>
  );
}

/** Boxes that are on their way. */
export function FlowSkeleton() {
  return (
    <section className={styles.canvas} aria-label="Flow" aria-busy="true">
      <div className={styles.ghosts} aria-hidden="true">
        {[0, 1, 2, 3].flatMap((column) => Array.from({ length: 6 }, (_, n) => (
          <i key={`${column}-${n}`} style={{ left: `calc(20px + ${column} * (100% - 40px - 156px) / 3)`, top: 56 + n * 92 + ((column * 31) % 40), width: 156, height: 46 }} />
        )))}
      </div>
      <p className="sr" role="status">The map is being drawn.</p>
    </section>
  );
}
