/** One credential, whole: how it stands, what it may, since when, and what can be done with it. */
import { CalendarClock, KeyRound, RefreshCw, ShieldCheck, Siren, TriangleAlert } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { rotationPath, sourcePath, useAddress } from "../../components/address";
import { Button, buttonClass, Time } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { exactTime, listed, sentence } from "../../components/format";
import { Inspector } from "../../components/Inspector";
import { SourceMark } from "../../components/marks";
import { useNow } from "../../components/now";
import parts from "../../components/parts.module.css";
import type { Credential } from "../../ipc";
import { checkOf, useRotations, useSources } from "../../ipc/queries";
import { CheckView } from "./CheckView";
import { DescribeDialog, ReplaceDialog } from "./TokenDialogs";
import { Days, KeyFace, RightMark, RotationMark, StateMark } from "./marks";
import { isBad, needs } from "./tokenList";
import styles from "./Tokens.module.css";
import { FROM_WORD, KIND_WORD, policyWords, REASON_WORD } from "./words";

export function TokenInspector({ credential: c, onClose }: { credential: Credential; onClose: () => void }) {
  const { go } = useAddress();
  const now = useNow();
  const source = useSources().data?.find((s) => s.id === c.source);
  const check = useQuery({ ...checkOf(c.id), enabled: false });
  const [open, setOpen] = useState<"replace" | "describe" | null>(null);
  // Where nothing is held there is nothing to put in, to rotate or to leak.
  const own = c.held && c.kind !== "borrowed";
  // What comes of a sign-in or out of a file is not typed into a field.
  const byForm = c.kind === "refreshToken" || c.kind === "certificate";
  const rotates = own && c.rotation === null && c.kind !== "refreshToken";
  const urgent = own && c.rotation === null && (c.state === "due" || c.state === "dueSoon" || c.state === "expired");
  return (
    <Inspector
      label={c.name}
      onClose={onClose}
      face={<KeyFace />}
      title={<bdi>{c.name}</bdi>}
      note={<bdi>{KIND_WORD[c.kind]}, opens {c.opens}</bdi>}
      acts={
        c.held && (
          <>
            {c.rotation !== null && <Link className={buttonClass("primary")} to={rotationPath(c.rotation)}><RefreshCw className="s" />Open the rotation</Link>}
            <Button icon={<ShieldCheck className="s" />} isDisabled={check.isFetching} onPress={() => void check.refetch()}>{check.isFetching ? "Asking…" : "Verify now"}</Button>
            {own && (
              <>
                {rotates && <Button variant={urgent ? "primary" : "plain"} icon={<RefreshCw className="s" />} onPress={() => go({ set: { rotate: c.state === "refused" ? "refused" : "routine" } })}>Rotate…</Button>}
                {byForm ? (
                  <Link className={buttonClass(c.state === "missing" ? "primary" : "plain")} to={`${sourcePath(c.source)}/edit`}><KeyRound className="s" />{c.kind === "certificate" ? "Choose another file…" : "Sign in again…"}</Link>
                ) : (
                  <Button variant={c.state === "missing" ? "primary" : "plain"} icon={<KeyRound className="s" />} onPress={() => setOpen("replace")}>Put in a new value…</Button>
                )}
                <Button icon={<CalendarClock className="s" />} onPress={() => setOpen("describe")}>Set end and policy…</Button>
                {rotates && <Button variant="danger" icon={<Siren className="s" />} onPress={() => go({ set: { rotate: "leaked" } })}>It leaked…</Button>}
              </>
            )}
          </>
        )
      }
    >
      {/* Keys move through the panel where it is longer than the screen. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.panel} tabIndex={0} role="region" aria-label="Details">
        <div className={`${styles.says} ${isBad(c) ? styles.saysBad : needs(c) ? styles.saysWarn : ""}`}>
          <StateMark state={c.state} />
          <p>{c.says}</p>
        </div>
        {c.sharedWith.length > 0 && (
          <p className={styles.warning}><TriangleAlert className="s" />The very same one is kept for {listed(c.sharedWith)}. Whoever has it opens {c.sharedWith.length === 1 ? "both" : "all of them"}, and rotating it ends it for {c.sharedWith.length === 1 ? "both" : "all"}.</p>
        )}
        {check.error && <FaultView compact error={check.error} onRetry={() => void check.refetch()} />}
        {check.data && <CheckView check={check.data} />}
        <dl className={styles.facts}>
          <Fact name="Source"><Link className={styles.source} to={sourcePath(c.source)}><SourceMark source={source} small /><span className={parts.link}>{c.sourceName}</span></Link></Fact>
          <Fact name="Opens"><bdi>{c.opens}</bdi></Fact>
          <Fact name="Fingerprint">{c.fingerprint === null ? <span className="t3">none: the value is not at hand</span> : <><code>{c.fingerprint}</code> <span className="t3">keyed; it says nothing of the value</span></>}</Fact>
          <Fact name="Made"><Time at={c.createdAt} none="not known" /></Fact>
          <Fact name="Expires">{c.expiresAt === null ? <span className="t3">no end known</span> : <><Time at={c.expiresAt} />{c.expiresFrom !== null && <span className="t3">, {FROM_WORD[c.expiresFrom]}</span>}</>}</Fact>
          <Fact name="To be rotated">{c.dueAt === null ? <span className="t3">no day is known</span> : <span className={styles.due}><Time at={c.dueAt} form="stamp" /><Days of={c} now={now} /></span>}</Fact>
          <Fact name="Policy">{c.policy === null ? <span className="t3">none: Lanyard does not hold it</span> : <>{policyWords(c.policy)}<span className="t3">, told {c.policy.warnDays} d before</span></>}</Fact>
          <Fact name="Rights"><span className={styles.rights}><RightMark what="reads" right={c.reads} /><RightMark what="writes" right={c.writes} /></span></Fact>
          <Fact name="Last verified"><Time at={c.verifiedAt} /></Fact>
          <Fact name="Last used"><Time at={c.usedAt} none={c.held ? "never" : "not known"} /></Fact>
          <Fact name="Seen to work"><Time at={c.workedAt} /></Fact>
          {c.refusedSince !== null && <Fact name="Refused since"><span className="bad" title={exactTime(c.refusedSince)}><Time at={c.refusedSince} /></span></Fact>}
        </dl>
        {!c.held && <p className={styles.hint}>Lanyard does not hold it: it cannot be asked with, and is rotated where it lives. Its dates come from {c.sourceName}.</p>}
        {c.held && <History source={c.source} />}
      </div>
      {open === "replace" && <ReplaceDialog credential={c} onClose={() => setOpen(null)} />}
      {open === "describe" && <DescribeDialog credential={c} onClose={() => setOpen(null)} />}
    </Inspector>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div><dt>{name}</dt><dd>{children}</dd></div>
);

function History({ source }: { source: number }) {
  const rotations = useRotations(source);
  return (
    <section className={styles.history} aria-labelledby="rotations">
      <h3 id="rotations" className={parts.sect}>Rotations</h3>
      {rotations.error && <FaultView compact error={rotations.error} onRetry={() => void rotations.refetch()} />}
      {rotations.data?.length === 0 && <p className="t3 xs">None yet. Each one will be here, with what was sent and the proof that the old one is dead.</p>}
      <ul>
        {rotations.data?.map((r) => (
          <li key={r.id}>
            <Link to={rotationPath(r.id)}>
              <RotationMark state={r.state} />
              <span className="t3 xs cut">{r.reason === "routine" ? "" : `${REASON_WORD[r.reason]}; `}by {r.by}</span>
              <span className="t3 xs"><Time at={r.endedAt ?? r.beganAt} /></span>
              <small>{sentence(r.says)}</small>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
