/** Credentials on an axis of the days that they have left. */
import { Link } from "react-router";
import { tokenPath } from "../../components/address";
import { FaultView } from "../../components/FaultView";
import { count, plural } from "../../components/format";
import { SourceMark } from "../../components/SourceMark";
import parts from "../../components/parts.module.css";
import type { Credential } from "../../ipc";
import { useCredentials } from "../../ipc/queries";
import styles from "./OverviewScreen.module.css";

/** Days on the axis that are named. */
export const TICKS = [0, 7, 30, 90, 365] as const;
/** As many as a tall window has room for; a low one leaves out the last. */
const MOST = 12;

/** Where so many days stand on an axis that gives the near ones room: 0 to 1. */
export const placeOf = (days: number): number => Math.min(1, Math.log1p(Math.max(0, days) / 3) / Math.log1p(400 / 3));

const BAD: readonly Credential["state"][] = ["oldLives", "refused", "missing", "expired"];
const WORD: Partial<Record<Credential["state"], string>> = { oldLives: "old one lives", refused: "refused", missing: "missing", locked: "locked", expired: "expired", rotating: "rotating" };

/** What stands at the end of a row. */
export function endOf(c: Pick<Credential, "state" | "daysLeft">): { text: string; tone: "bad" | "warn" | "run" | "t2" | "" } {
  const word = WORD[c.state];
  if (word !== undefined) return { text: word, tone: c.state === "rotating" ? "run" : c.state === "locked" ? "warn" : "bad" };
  if (c.daysLeft === null) return { text: "no end known", tone: "t2" };
  if (c.daysLeft < 0) return { text: `${plural(-c.daysLeft, "day")} over`, tone: "bad" };
  return { text: plural(c.daysLeft, "day"), tone: c.state === "due" || c.state === "dueSoon" ? "warn" : "" };
}

/** Those that need somebody first, as the engine orders them; then by the days left. */
export function firstOf(all: readonly Credential[], most: number): Credential[] {
  const calm = (c: Credential) => c.state === "good" || c.state === "unverified" || c.state === "rotating";
  return all.map((c, n) => ({ c, n })).sort((a, b) => Number(calm(a.c)) - Number(calm(b.c)) || (calm(a.c) ? (a.c.daysLeft ?? 1e6) - (b.c.daysLeft ?? 1e6) : 0) || a.n - b.n).slice(0, most).map(({ c }) => c);
}

export function TokensPart() {
  const tokens = useCredentials();
  const all = tokens.data?.credentials ?? [];
  const shown = firstOf(all, MOST);
  return (
    <section aria-labelledby="o-tokens">
      <header>
        <h2 id="o-tokens" className={parts.sect}>Credentials</h2>
        <span className="t3 xs">days left</span>
        <Link className={styles.all} to="/tokens">{all.length > 1 ? `All ${count(all.length)} tokens` : "All tokens"}</Link>
      </header>
      {tokens.error && !tokens.data && <FaultView compact error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {tokens.data && all.length === 0 && <p className={styles.none}>No credential yet: Lanyard asks no system with one.</p>}
      {shown.length > 0 && (
        <>
          <ul className={styles.tokens}>
            {shown.map((c) => {
              const end = endOf(c);
              const bad = BAD.includes(c.state);
              return (
                <li key={c.id}>
                  <Link to={tokenPath(c.id)} title={c.says}>
                    <SourceMark source={c.source} kind={c.system} small={false} />
                    <bdi className="cut">{c.name}</bdi>
                    <span className={styles.track}>
                      {TICKS.map((t) => <i key={t} style={{ left: `${placeOf(t) * 100}%` }} />)}
                      {c.daysLeft === null ? <span className={styles.dotOpen} style={{ left: "100%" }} /> : <span className={bad ? styles.dotBad : c.state === "rotating" ? styles.dotGo : end.tone === "warn" ? styles.dotWarn : styles.dot} style={{ left: `${placeOf(c.daysLeft) * 100}%` }} />}
                    </span>
                    <span className={`${styles.tokenEnd} ${end.tone}`}>{end.text}</span>
                  </Link>
                </li>
              );
            })}
          </ul>
          <div className={styles.axis} aria-hidden="true"><span /><span /><span className={styles.ticks}>{TICKS.map((t) => <span key={t} style={{ left: `${placeOf(t) * 100}%` }}>{t}</span>)}</span><span /></div>
        </>
      )}
    </section>
  );
}
