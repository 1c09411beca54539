/** The paths between two ends in words, hop by hop, what would go if a hop went, and what else is reached. */
import { CircleMinus, Scissors, ShieldCheck, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { AccessStateMark, Named } from "../../../components/accessWords";
import { Segments } from "../../../components/controls";
import { FaultView } from "../../../components/FaultView";
import { count, plural } from "../../../components/format";
import { PathView } from "../../../components/PathView";
import type { AccessPath, Caveat, NodeRef, Source, WhatIf } from "../../../ipc";
import { useWithoutEdge } from "../../../ipc/queries";
import { HOP_WORD } from "../words";
import { NotEvaluated, Panel } from "./Panel";
import styles from "./Panel.module.css";

interface Props {
  title: string;
  names: readonly string[];
  paths: readonly AccessPath[];
  morePaths: boolean;
  path: number;
  onPath: (n: number) => void;
  /** The hop whose loss is looked at, from 0. */
  hop: number | null;
  onHop: (n: number) => void;
  caveats: readonly Caveat[];
  sources: readonly Source[];
  acts?: ReactNode;
  children?: ReactNode;
  onClose: () => void;
}

/** More letters than this do not fit into the tabs beside each other; then only the followed path says its title. */
const LETTERS = 30;
/** More paths than this are chosen from a list. */
const TABS = 6;

export function PathPanel({ title, names, paths, morePaths, path, onPath, hop, onHop, caveats, sources, acts, children, onClose }: Props) {
  const shown = paths[Math.min(path, paths.length - 1)];
  const brief = paths.reduce((sum, p) => sum + p.title.length + 3, 0) > LETTERS;
  return (
    <Panel label="The path in words" title={<Named text={title} names={names} />} acts={acts} onClose={onClose}>
      {paths.length > 1 && (
        <div className={styles.pick}>
          {paths.length <= TABS ? (
            <Segments label="Paths" value={String(path)} options={paths.map((p, n) => ({ id: String(n), text: brief && n !== path ? String(n + 1) : `${n + 1} ${p.title}` }))} onChange={(id) => onPath(Number(id))} />
          ) : (
            <label className={styles.choose}>
              <span className="sr">Path</span>
              <select value={path} onChange={(event) => onPath(Number(event.target.value))}>
                {paths.map((p, n) => <option key={`${p.title}-${n}`} value={n}>{`${n + 1} of ${paths.length}${morePaths ? " or more" : ""}: ${p.title}`}</option>)}
              </select>
            </label>
          )}
        </div>
      )}
      {shown ? (
        <>
          {(shown.state !== "active" || shown.reasons.length > 0) && (
            <div className={styles.reasons}>
              <AccessStateMark state={shown.state} />
              {shown.reasons.map((reason) => <p key={reason}>{reason}</p>)}
            </div>
          )}
          <div className={styles.hops}><PathView path={shown} sources={sources} chosen={hop} /></div>
          <IfThisHopWent path={shown} hop={hop} onHop={onHop} />
        </>
      ) : (
        <p className={styles.none}>No path between the two was found in what was read.{caveats.length > 0 && " What was not read could hold one; it is named below."}</p>
      )}
      {children}
      <NotEvaluated caveats={caveats} />
    </Panel>
  );
}

/** The hop to look at first: a nesting, which is the easiest to overlook, or else the last that can be cut. */
export function firstCut(path: AccessPath | undefined): number | null {
  if (!path) return null;
  const nesting = path.hops.findIndex((h) => h.kind === "nested" && h.edge !== null);
  if (nesting >= 0) return nesting;
  const last = path.hops.findLastIndex((h) => h.edge !== null);
  return last < 0 ? null : last;
}

function IfThisHopWent({ path, hop, onHop }: { path: AccessPath; hop: number | null; onHop: (n: number) => void }) {
  const edge = hop === null ? null : (path.hops[hop]?.edge ?? null);
  const answer = useWithoutEdge(edge);
  const options = path.hops.flatMap((h, n) => (h.edge === null ? [] : [{ id: String(n), text: n === hop ? `${n + 1} ${HOP_WORD[h.kind]}` : String(n + 1) }]));
  if (options.length === 0) return null;
  return (
    <section className={styles.whatif} aria-label="If this hop went">
      <h3><Scissors className="s" />If this hop went</h3>
      <Segments label="Hop to take away" value={String(hop ?? "")} options={options} onChange={(id) => onHop(Number(id))} />
      <div aria-live="polite" className={styles.says}>
        {answer.error ? <FaultView compact error={answer.error} onRetry={() => void answer.refetch()} /> : answer.data ? <Loss loss={answer.data} /> : edge !== null && <p className="t3">Looking at who else comes this way…</p>}
      </div>
    </section>
  );
}

function Loss({ loss }: { loss: WhatIf }) {
  const names = (nodes: readonly NodeRef[]) => nodes.map((n) => n.name);
  const known = [...new Set([...loss.losses, ...loss.kept].flatMap((l) => names([l.identity, l.role, l.scope])))];
  const kept = new Set(loss.kept.map((k) => k.identity.name));
  return (
    <>
      <ul>
        {loss.summary.map((line) => {
          const stays = [...kept].some((name) => line.startsWith(name)) || /\bkeeps?\b/.test(line);
          return (
            <li key={line}>
              {stays ? <TriangleAlert className="s warn" /> : loss.lossesTotal === 0 ? <ShieldCheck className="s t3" /> : <CircleMinus className="s t3" />}
              <span><Named text={line} names={known} /></span>
            </li>
          );
        })}
      </ul>
      {loss.keptTotal > 0 && loss.lossesTotal + loss.keptTotal > loss.summary.length && <p className="t3">In all, {plural(loss.lossesTotal, "holding goes", "holdings go")} and {count(loss.keptTotal)} {loss.keptTotal === 1 ? "stays" : "stay"} by another way.</p>}
      {loss.caveats.map((c) => <p key={c.text} className="t3">Not evaluated: {c.text}</p>)}
    </>
  );
}

