/** The flow with its panel: what is in focus, the paths to the second end, what would go if a hop went. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { FaultView } from "../../../components/FaultView";
import { Caveats } from "../../../components/ListParts";
import { useNow } from "../../../components/now";
import { useShown } from "../../../components/shown";
import type { FlowView } from "../../../ipc";
import { useAccessOf } from "../../../ipc/queries";
import styles from "../Access.module.css";
import { flowScene } from "../export/flowScene";
import { pressed } from "../mapAddress";
import { MapBar } from "../MapBar";
import { FocusPanel } from "../path/FocusPanel";
import { Holdings } from "../path/Holdings";
import { firstCut, PathPanel } from "../path/PathPanel";
import { allCaveats, NothingHere, type PlaceProps } from "../place";
import { useExport } from "../useExport";
import { headline } from "../words";
import { FlowCanvas, FlowSkeleton } from "./FlowCanvas";
import type { FlowLayout } from "./places";
import { stepsOf } from "./steps";

export function FlowPlace(props: PlaceProps & { flow: UseQueryResult<FlowView> }) {
  const { state, go, sources, clear, flow } = props;
  const { query } = state;
  const now = useNow();
  const view = flow.data;
  const layout = useRef<FlowLayout | null>(null);
  const keep = useCallback((next: FlowLayout) => { layout.current = next; }, []);
  const exporting = useExport(query, "flow", () => Promise.resolve(layout.current && view ? flowScene(layout.current, view) : null));

  // While the next answer is awaited, the last picture stays; the panel speaks of that picture.
  const settled = !flow.isPlaceholderData;
  const shown = useShown(settled);
  const paths = view?.paths ?? [];
  const pathAt = Math.min(state.path, Math.max(0, paths.length - 1));
  const path = paths[pathAt];
  const steps = useMemo(() => (view ? stepsOf(view, path, pathAt === 0) : new Map<string, number>()), [view, path, pathAt]);

  const [hop, setHop] = useState<{ path: typeof path; hop: number | null }>({ path: undefined, hop: null });
  if (hop.path !== path) setHop({ path, hop: firstCut(path) });
  const cutEdge = hop.hop === null ? null : (path?.hops[hop.hop]?.edge ?? null);
  const cut = useMemo(() => (hop.hop !== null && cutEdge !== null ? { step: hop.hop + 1, edge: cutEdge } : null), [hop.hop, cutEdge]);

  const press = useCallback((id: string) => go({ query: pressed(query, id), path: 0 }), [go, query]);
  const open = useCallback((id: string) => go({ query: { open: query.open.includes(id) ? query.open.filter((o) => o !== id) : [...query.open, id] } }), [go, query.open]);
  const escape = useCallback(() => {
    if (query.target !== null) go({ query: { target: null }, path: 0 });
    else if (query.focus !== null) go({ query: { focus: null }, path: 0 });
    else if (query.open.length > 0) go({ query: { open: query.open.slice(0, -1) } });
  }, [go, query]);

  // Escape works from the panel as it does from the canvas.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, select, [role=dialog], [role=menu], [role=listbox]")) return;
      escape();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [escape]);

  const caveats = allCaveats(view?.caveats ?? [], sources, now);
  const focusNode = view?.nodes.find((n) => n.id === query.focus);

  return (
    <>
      <MapBar state={state} go={go} sources={sources} focusName={props.focusName} onExport={exporting.run} />
      <div className={styles.caveats}><Caveats caveats={caveats} /></div>
      <div className={styles.body}>
        {flow.error && settled ? (
          <div className={styles.place}><FaultView error={flow.error} onRetry={() => void flow.refetch()} /></div>
        ) : view === undefined ? (
          <FlowSkeleton />
        ) : view.nodes.length === 0 ? (
          <div className={styles.place}><NothingHere state={state} sources={sources} caveats={caveats} clear={clear} /></div>
        ) : (
          <FlowCanvas view={view} sources={sources} steps={steps} target={query.target} cut={cut} stale={!settled} onPress={press} onOpen={open} onEscape={escape} onLayout={keep} />
        )}
        {view !== undefined && query.focus !== null && (query.target === null || (!settled && paths.length === 0)) && (
          <FocusPanel query={query} focus={query.focus} node={focusNode} wait={!shown} sources={sources} go={go} onClose={escape} />
        )}
        {view !== undefined && query.focus !== null && query.target !== null && (settled || paths.length > 0) && (
          <Pair {...props} view={view} focus={query.focus} target={query.target} pathAt={pathAt} hop={hop.hop} onHop={(n) => setHop({ path, hop: n })} onClose={escape} />
        )}
      </div>
    </>
  );
}

interface PairProps extends PlaceProps {
  view: FlowView;
  focus: string;
  target: string;
  pathAt: number;
  hop: number | null;
  onHop: (n: number) => void;
  onClose: () => void;
}

/** Most that stand under "what else" before the rest folds out. */
const ELSE = 4;

function Pair({ view, focus, target, pathAt, hop, onHop, go, sources, onClose }: PairProps) {
  const person = focus.startsWith("person:");
  const access = useAccessOf(person ? focus : null);
  const node = (id: string) => view.nodes.find((n) => n.id === id);
  const { paths } = view;
  const who = node(focus)?.label ?? access.data?.identity.name ?? "…";
  const goal = node(target);
  const restores = target.startsWith("scope:") && paths.length > 0 && paths.every((p) => p.hops.some((h) => node(h.to.key)?.canRestore === true || node(h.from.key)?.canRestore === true)) && (goal?.canRestore === true || /restore/.test(goal?.sub ?? ""));
  const others = (access.data?.holdings ?? []).filter((h) => h.scope.key !== target && h.role.key !== target);
  const title = paths.length === 0 ? `No path from ${who} to ${goal?.label ?? "it"} was found in what was read` : headline(who, paths, restores);
  return (
    <PathPanel
      title={title}
      names={[who]}
      paths={paths}
      morePaths={false}
      path={pathAt}
      onPath={(n) => go({ path: n })}
      hop={hop}
      onHop={onHop}
      caveats={view.caveats}
      sources={sources}
      onClose={onClose}
    >
      <Holdings title={`What else ${who} reaches`} holdings={others} first={ELSE} onChoose={(h) => go({ query: { target: h.scope.key }, path: 0 })} />
    </PathPanel>
  );
}
