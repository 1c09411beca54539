/** One finding: what is wrong, the evidence, why it matters, the ways out, what became of it. */
import { useQuery } from "@tanstack/react-query";
import { BellOff, BellRing, CircleDashed, Link2, Settings2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { Button, buttonClass, copyText, CopyButton, Id, Time } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { addressPath, AREA_WORD, findingPath, rulePath, SeverityGlyph, SEVERITY_WORD, Subject } from "../../components/findingWords";
import { count, exactTime, plural, sentence } from "../../components/format";
import { Inspector } from "../../components/Inspector";
import { SourceMark } from "../../components/marks";
import parts from "../../components/parts.module.css";
import { JsonText } from "../../components/RawView";
import { toast } from "../../components/toasts";
import { api, toFault, type FindingDetail, type FindingEvidence, type Fix, type FixKind, type Source } from "../../ipc";
import { keys, useFinding } from "../../ipc/queries";
import styles from "./Findings.module.css";
import { diffLines } from "./diff";
import { SuppressDialog } from "./SuppressDialog";

export const FIX_WORD: Record<FixKind, string> = { az: "Azure CLI", curl: "SCIM request", csv: "RBAC file", diff: "Catalog file", steps: "By hand" };

export function FindingInspector({ id, sources, onClose }: { id: string; sources: readonly Source[]; onClose: () => void }) {
  const finding = useFinding(id);
  const [asking, setAsking] = useState(false);
  if (finding.error && !finding.data) {
    return (
      <Inspector label="A finding that cannot be shown" title="Cannot be shown" onClose={onClose}>
        <FaultView error={finding.error} onRetry={() => void finding.refetch()} />
      </Inspector>
    );
  }
  const detail = finding.data;
  if (!detail) return <Inspector label="Finding" title="…" onClose={onClose}>{null}</Inspector>;
  const { row, rule } = detail;
  const lift = () => void api.liftSuppression(row.id).then(() => toast("good", "The finding counts again."), (error: unknown) => { const fault = toFault(error); toast("bad", fault.what, fault.next); });
  return (
    <Inspector
      label={row.ruleTitle}
      onClose={onClose}
      face={<SeverityGlyph severity={row.severity} label big />}
      title={<span title={row.ruleTitle}>{row.ruleTitle}</span>}
      note={<>{SEVERITY_WORD[row.severity]}, {AREA_WORD[row.area].toLowerCase()}</>}
      acts={
        <>
          {row.state === "open" && <Button icon={<BellOff className="s" />} onPress={() => setAsking(true)} data-testid="suppress">Suppress…</Button>}
          {row.state === "suppressed" && <Button icon={<BellRing className="s" />} onPress={lift} data-testid="lift">Lift</Button>}
          <Button icon={<Link2 className="s" />} onPress={() => void copyText(findingPath(row.id)).then(() => toast("good", "The address of this finding was copied.", findingPath(row.id)))}>Copy link</Button>
          <Link className={buttonClass()} to={rulePath(rule.id)}><Settings2 className="s" />Rule</Link>
        </>
      }
    >
      {/* Keys move through the panel where it is longer than the screen. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.panel} tabIndex={0} role="region" aria-label="Details">
        <p className={styles.says} data-testid="says"><bdi>{sentence(row.says)}</bdi></p>
        <Stands detail={detail} />
        <Evidence evidence={detail.evidence} sources={sources} />
        <section className={styles.section} aria-labelledby="f-why">
          <h3 id="f-why" className={parts.sect}>Why it matters</h3>
          <p className={styles.why}>{rule.why}</p>
          <Controls of={rule.controls} />
        </section>
        {detail.affected.length > 0 && (
          <section className={styles.section} aria-labelledby="f-people">
            <h3 id="f-people" className={parts.sect}>{row.people > 0 ? plural(row.people, "person", "people") : "Who it affects"}</h3>
            <p className={styles.people}>
              {detail.affected.map((who) => <Link key={who.key} className={parts.link} to={addressPath(who.key)}><bdi>{who.name}</bdi></Link>)}
              {row.people > detail.affected.length && <span className="t3">and {count(row.people - detail.affected.length)} more</span>}
            </p>
          </section>
        )}
        <section className={styles.section} aria-labelledby="f-out">
          <h3 id="f-out" className={parts.sect}>{detail.fixes.length === 1 ? "The way out" : "Ways out"}</h3>
          {detail.fixes.length === 0 ? <p className="t2">{rule.wayOut}</p> : detail.fixes.map((fix) => <FixBlock key={fix.title + fix.text} fix={fix} />)}
        </section>
        <section className={styles.section} aria-labelledby="f-history">
          <h3 id="f-history" className={parts.sect}>History</h3>
          <ol className={styles.thread}>
            {detail.history.map((event) => (
              <li key={`${event.at}-${event.event}`}>
                <p>{sentence(event.says)}</p>
                <p className={styles.prov}><Time at={event.at} />{event.by !== null && <span>{event.by}</span>}</p>
              </li>
            ))}
          </ol>
        </section>
      </div>
      {asking && <SuppressDialog row={row} onClose={() => setAsking(false)} />}
    </Inspector>
  );
}

export const Controls = ({ of }: { of: FindingDetail["rule"]["controls"] }) => (
  <p className={styles.controls}>
    {of.map((c) => <span key={`${c.framework} ${c.id}`} className={parts.tag} title={c.title}>{c.framework} {c.id}</span>)}
  </p>
);

const Fact = ({ name, children }: { name: string; children: ReactNode }) => <div><dt>{name}</dt><dd>{children}</dd></div>;

/** What it is about, since when, and whether it is told of. */
function Stands({ detail: { row } }: { detail: FindingDetail }) {
  return (
    <>
      <dl className={styles.facts}>
        <Fact name="About"><Subject subject={row.subject} /> <span className="t3">{row.subject.kind}</span></Fact>
        <Fact name="Found"><Time at={row.firstSeen} /></Fact>
        {row.state === "closed" ? <Fact name="Closed"><Time at={row.closedAt} /></Fact> : <Fact name="Last confirmed"><Time at={row.lastSeen} /></Fact>}
      </dl>
      {row.unconfirmed !== null && row.state !== "closed" && (
        <p className={`${styles.note} ${styles.noteNe}`}><CircleDashed className="s ne" /><span>Not looked at again: {row.unconfirmed} It stands until it can be.</span></p>
      )}
      {row.suppression !== null && (
        <p className={`${styles.note} ${styles.noteWarn}`} data-testid="suppressed">
          <BellOff className="s" />
          <span>Suppressed by {row.suppression.by} <Time at={row.suppression.at} />: “{row.suppression.reason}”. It returns by itself on <time title={exactTime(row.suppression.until)}>{new Date(row.suppression.until).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" })}</time>, or when its facts change.</span>
        </p>
      )}
    </>
  );
}

function Evidence({ evidence, sources }: { evidence: readonly FindingEvidence[]; sources: readonly Source[] }) {
  return (
    <section className={styles.section} aria-labelledby="f-evidence">
      <h3 id="f-evidence" className={parts.sect}>Evidence</h3>
      <ol className={styles.thread} data-testid="evidence">
        {evidence.map((e, n) => <Fact1 key={`${n}-${e.says}`} evidence={e} source={sources.find((s) => s.id === e.source)} />)}
      </ol>
    </section>
  );
}

function Fact1({ evidence: e, source }: { evidence: FindingEvidence; source: Source | undefined }) {
  const [open, setOpen] = useState(false);
  const document = e.document;
  return (
    <li>
      <p><bdi>{sentence(e.says)}</bdi></p>
      <p className={styles.prov}>
        {e.source === null ? <span>Lanyard’s own records</span> : <><SourceMark source={source} small /><span>{source?.settings.name ?? "a source that was removed"}</span></>}
        {e.record !== null && <Id text={e.record} what="record" />}
        {e.readAt !== null && <span>read <Time at={e.readAt} /></span>}
        {document !== null && <button type="button" className={parts.link} aria-expanded={open} onClick={() => setOpen(!open)}>{open ? "Hide the record" : "Show the record"}</button>}
      </p>
      {open && document !== null && <Raw of={document} />}
    </li>
  );
}

function Raw({ of }: { of: string }) {
  const raw = useQuery({ queryKey: [...keys.directory, "raw", of], queryFn: () => api.rawDocument(of) });
  return (
    <div className={styles.raw}>
      {raw.error && <FaultView compact error={raw.error} onRetry={() => void raw.refetch()} />}
      {raw.data && <JsonText text={raw.data.json} />}
    </div>
  );
}

function FixBlock({ fix }: { fix: Fix }) {
  return (
    <div className={styles.fix} data-testid="fix">
      <div className={styles.fixHead}>
        <span className="strong">{fix.title}</span>
        <span className={parts.tag}>{FIX_WORD[fix.kind]}</span>
        {fix.text !== "" && <CopyButton shown text={fix.text} what={`the way out: ${fix.title}`} />}
      </div>
      {fix.text !== "" && (
        // A long block scrolls by keys.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre className={fix.kind === "steps" ? styles.steps : ""} tabIndex={0} aria-label={fix.title}>
          {fix.kind === "diff" || fix.kind === "csv" ? diffLines(fix.text).map(({ sign, text }, n) => (sign === "+" ? <ins key={n}>{text}</ins> : sign === "-" ? <del key={n}>{text}</del> : text)) : fix.text}
        </pre>
      )}
      {(fix.note !== null || fix.path !== null) && (
        <p className={styles.fixNote}>
          {fix.note !== null && <span className="grow">{fix.note}</span>}
          {fix.path !== null && <Link className={parts.link} to={fix.path}>Do it here</Link>}
        </p>
      )}
    </div>
  );
}
