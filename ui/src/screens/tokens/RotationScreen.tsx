/** A rotation: its stages on the left, the one under way in the middle, what goes over the wire on the right. */
import { Hand, LogOut, Play, RefreshCw, Siren, Square } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useNavigate, useParams } from "react-router";
import { ownToken, tokenPath, useAddress } from "../../components/address";
import { Button } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { atSecond, exactTime, listed, moment, sentence } from "../../components/format";
import { SourceMark } from "../../components/marks";
import { useNow, useSeconds } from "../../components/now";
import parts from "../../components/parts.module.css";
import { api, type RotationStage, type RotationView } from "../../ipc";
import { useCredentials, useRotation, useSources } from "../../ipc/queries";
import { AskCard } from "./AskCard";
import { RotationMark } from "./marks";
import { Points } from "./Points";
import { ProofView } from "./ProofView";
import { PutBackDialog, StopDialog } from "./RotationDialogs";
import { RotationStepper } from "./RotationStepper";
import styles from "./Rotation.module.css";
import { Sent } from "./Sent";
import { useDo } from "./useDo";
import { Wire } from "./Wire";
import { isOver, KIND_NOUN, REASON_WORD, STAGE_NOTE, userName } from "./words";

export function RotationScreen() {
  const { id = "" } = useParams();
  const rotation = useRotation(Number(id));
  if (rotation.error && !rotation.data) return <FaultView error={rotation.error} onRetry={() => void rotation.refetch()} />;
  if (!rotation.data) return null;
  return <Shown key={rotation.data.summary.id} of={rotation.data} />;
}

function Shown({ of }: { of: RotationView }) {
  const { params, go } = useAddress();
  const asked = of.stages.find((s) => s.stage === params.get("stage"))?.stage;
  const stage = asked ?? of.stage;
  const { state } = of.summary;
  const now = useSeconds(!isOver(state) && state !== "stopped");
  const [open, setOpen] = useState<"stop" | "putBack" | null>(null);
  // Another stage begins at its top, wherever the one before was left.
  const work = useRef<HTMLElement>(null);
  useEffect(() => { if (work.current) work.current.scrollTop = 0; }, [stage]);
  return (
    <div className={styles.sheet} data-testid="rotation">
      <Head of={of} onStop={() => setOpen("stop")} />
      <RotationStepper of={of} now={now} shown={stage} onShow={(to) => go({ set: { stage: to === of.stage ? null : to } })} onPutBack={() => setOpen("putBack")} />
      <div className={styles.middle}>
        {/* Keys move through it where it is longer than the screen. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <section ref={work} className={styles.work} aria-labelledby="rotation-stage" tabIndex={0}>
          <Banner of={of} />
          {of.asks !== null && stage !== of.stage && (
            <div className={`${styles.banner} ${styles.waits}`} role="status">
              <Hand className="s warn" /><span className="grow"><b>It waits for you.</b> {of.says}</span><Button small onPress={() => go({ set: { stage: null } })}>Show it</Button>
            </div>
          )}
          <Part of={of} stage={stage} now={now} />
          <Sent requests={of.requests} />
        </section>
        <Foot of={of} stage={stage} />
      </div>
      <Wire of={of} now={now} />
      {open === "stop" && <StopDialog of={of} onClose={() => setOpen(null)} />}
      {open === "putBack" && of.wayBack !== null && <PutBackDialog of={of} wayBack={of.wayBack} onClose={() => setOpen(null)} />}
    </div>
  );
}

function Part({ of, stage, now }: { of: RotationView; stage: RotationStage; now: number }): ReactNode {
  const view = of.stages.find((s) => s.stage === stage);
  if (!view) return null;
  const current = stage === of.stage;
  return (
    <>
      <div className={styles.title}>
        <h2 id="rotation-stage">{view.title}</h2>
        <p>{current && view.state !== "done" && !said(of) ? of.says : view.says === "" || (current && said(of)) ? (stage === "close" && of.summary.state === "putBack" ? "The old one is in use, as before. Nothing of the new one is kept." : STAGE_NOTE[stage]) : sentence(view.says)}</p>
      </div>
      {current && of.asks !== null && <AskCard key={JSON.stringify(of.asks)} of={of} asks={of.asks} />}
      {stage === "dead" && of.proof !== null && <ProofView of={of} proof={of.proof} now={now} />}
      {view.points.length > 0 && (stage !== "dead" || of.proof === null) && <Points title={view.state === "done" ? "What was found" : "What must be so"} points={view.points} />}
      {current && stage === "close" && of.summary.state === "done" && of.proof !== null && <ProofView of={of} proof={of.proof} now={now} />}
    </>
  );
}

/** Whether the banner above says it already. */
const said = ({ summary: { state }, fault }: RotationView): boolean => state === "oldLives" || isOver(state) || (state === "stopped" && fault === null);

function Head({ of, onStop }: { of: RotationView; onStop: () => void }) {
  const navigate = useNavigate();
  const clock = useNow();
  const source = useSources().data?.find((s) => s.id === of.summary.source);
  const kind = useCredentials().data?.credentials.find((c) => c.id === ownToken(of.summary.source))?.kind;
  const { act, busy } = useDo();
  const { summary } = of;
  const open = !isOver(summary.state);
  const goes = summary.state === "running" || summary.state === "counting" || summary.state === "waiting" || summary.state === "oldLives";
  const stoppable = summary.state === "running" || summary.state === "counting" || summary.state === "waiting";
  // A process that drove it may be gone while its state still says that it goes on.
  const resumable = summary.state === "stopped" || (goes && !of.driven && summary.state !== "waiting");
  const users = of.users.length === 0 ? "" : `Used by ${listed(of.users.map(userName))}. `;
  return (
    <header className={styles.head}>
      <div className="grow">
        <h1>
          <SourceMark source={source} />
          <bdi className="cut">Rotate the {kind === undefined ? "token" : KIND_NOUN[kind]} of {summary.sourceName}</bdi>
          <span className={`${parts.tag} ${summary.state === "oldLives" ? parts.tagBad : summary.state === "done" ? parts.tagGood : summary.state === "waiting" || summary.state === "stopped" ? parts.tagWarn : ""}`}><RotationMark state={summary.state} /></span>
          {summary.reason !== "routine" && <span className={`${parts.tag} ${summary.reason === "leaked" ? parts.tagBad : ""}`}>{summary.reason === "leaked" && <Siren className="x" />}{REASON_WORD[summary.reason]}</span>}
        </h1>
        <p className="cut" title={`${users}${exactTime(summary.beganAt)}`}>
          {users}Begun {moment(summary.beganAt, clock)} by {summary.by}{summary.endedAt === null ? "" : `, ended ${moment(summary.endedAt, clock)}`}. The values are in the keychain and are never shown.
        </p>
      </div>
      {goes && <Button variant="quiet" icon={<LogOut className="s" />} onPress={() => void navigate(tokenPath(ownToken(summary.source)))}>Leave it running</Button>}
      {resumable && <Button variant="primary" icon={<Play className="s" />} isDisabled={busy} onPress={() => void act(() => api.resumeRotation(summary.id))}>Resume</Button>}
      {stoppable && <Button variant="danger" icon={<Square className="s" />} isDisabled={busy} onPress={onStop}>Stop</Button>}
      {!open && <Button variant="quiet" onPress={() => void navigate(tokenPath(ownToken(summary.source)))}>Open the credential</Button>}
    </header>
  );
}

/** What must be known before anything else on the screen. */
function Banner({ of }: { of: RotationView }) {
  const { act } = useDo();
  const { state } = of.summary;
  return (
    <>
      {of.fault !== null && <div className={styles.fault}><FaultView compact error={of.fault} onRetry={() => void act(() => api.resumeRotation(of.summary.id))} /></div>}
      {state === "oldLives" && (
        <div className={`${styles.banner} ${styles.bannerBad}`} role="status" data-testid="old-lives">
          <b>Not done.</b> {of.says} It stays open until the old one is refused for good.
        </div>
      )}
      {state === "done" && <div className={`${styles.banner} ${styles.bannerGood}`} role="status"><b>Done.</b> {of.says}</div>}
      {state === "putBack" && <div className={styles.banner} role="status"><b>Put back.</b> {of.says}</div>}
      {state === "stopped" && of.fault === null && <div className={styles.banner} role="status"><b>Stopped.</b> {of.says}</div>}
      {(state === "running" || state === "counting") && !of.driven && <div className={styles.banner} role="status"><b>Nothing drives it on.</b> The process that did so has ended. Resume picks it up where it stands; nothing is sent twice.</div>}
    </>
  );
}

function Foot({ of, stage }: { of: RotationView; stage: RotationStage }) {
  const { act, busy } = useDo();
  const { state } = of.summary;
  const asks = of.proof !== null && !isOver(state) && state !== "stopped";
  const strip = of.proof !== null && (stage === "dead" || (stage === "close" && state === "done"));
  const last = of.proof?.moments.at(-1);
  if (!asks && !strip) return null;
  return (
    <footer className={styles.acts}>
      <p className="grow cut">{strip ? "Tall stroke: let in. Low: refused. Floating: could not be told." : last === undefined ? "" : `Asked last at ${atSecond(last.at)}.`}</p>
      {asks && <Button icon={<RefreshCw className="s" />} isDisabled={busy} onPress={() => void act(() => api.askRotationNow(of.summary.id))}>Ask now</Button>}
    </footer>
  );
}
