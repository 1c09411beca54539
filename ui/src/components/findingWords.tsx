/** Findings in glyphs and words: severity by shape, how far a rule was evaluated, the areas. */
import { CircleCheck, CircleDashed, CircleDotDashed, CirclePause, CircleSlash2 } from "lucide-react";
import { Link } from "react-router";
import type { Evaluated, FindingQuery, FindingState, FindingSubject, RuleArea, Severity } from "../ipc";
import { groupPath, personPath, sourcePath, tokenPath } from "./address";
import { mapAddress } from "./Holdings";
import styles from "./findingWords.module.css";
import parts from "./parts.module.css";

/** The most first. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];
export const SEVERITY_WORD: Record<Severity, string> = { critical: "Critical", high: "High", medium: "Medium", low: "Low" };

export const AREAS: readonly RuleArea[] = ["accounts", "drift", "azure", "backup", "backstage", "groups", "programs", "plumbing"];
export const AREA_WORD: Record<RuleArea, string> = {
  accounts: "Leavers and accounts", drift: "Systems that disagree", azure: "Azure roles", backup: "Backups", backstage: "Backstage", groups: "Groups and roles", programs: "Service principals", plumbing: "Provisioning, tokens, sources",
};

export const FINDING_STATES: readonly FindingState[] = ["open", "suppressed", "closed"];
export const FINDING_STATE_WORD: Record<FindingState, string> = { open: "Open", suppressed: "Suppressed", closed: "Closed" };

/** Bars that grow with the severity; the highest is a sign of its own. */
export function SeverityGlyph({ severity, label = false, big = false }: { severity: Severity; label?: boolean; big?: boolean }) {
  const bars = severity === "high" ? 3 : severity === "medium" ? 2 : 1;
  const named = label ? { role: "img", "aria-label": SEVERITY_WORD[severity] } : { "aria-hidden": true as const };
  const size = big ? 22 : 16;
  return (
    <svg className={`${styles.glyph} ${styles[severity]}`} style={{ width: size, height: size }} viewBox="0 0 16 16" {...named}>
      {severity === "critical" ? (
        <>
          <path className={styles.fill} d="M5.3 1.2h5.4l4.1 4.1v5.4l-4.1 4.1H5.3l-4.1-4.1V5.3Z" />
          <path className={styles.cut} d="M8 4.4v4.4M8 11.4v.1" />
        </>
      ) : (
        [0, 1, 2].map((n) => <rect key={n} className={n < bars ? styles.fill : styles.none} x={1.6 + n * 4.6} y={9.4 - n * 3.6} width="3.4" height={4.6 + n * 3.6} rx=".8" />)
      )}
    </svg>
  );
}

export const SeverityMark = ({ severity }: { severity: Severity }) => (
  <span className={styles.mark}>
    <SeverityGlyph severity={severity} />
    {SEVERITY_WORD[severity]}
  </span>
);

export const EVALUATED_WORD: Record<Evaluated, string> = { fully: "evaluated", partly: "evaluated in part", not: "not evaluated", nothingToAsk: "no such system connected", off: "switched off" };

/** How far a rule was evaluated. What was not is dashed, never green. */
export function EvaluatedGlyph({ evaluated }: { evaluated: Evaluated }) {
  switch (evaluated) {
    case "fully": return <CircleCheck className="s good" aria-hidden="true" />;
    case "partly": return <CircleDotDashed className="s ne" aria-hidden="true" />;
    case "not": return <CircleDashed className="s ne" aria-hidden="true" />;
    case "nothingToAsk": return <CircleSlash2 className="s ne" aria-hidden="true" />;
    case "off": return <CirclePause className="s ne" aria-hidden="true" />;
  }
}

export const findingPath = (id: string) => `/findings/${encodeURIComponent(id)}`;
export const rulePath = (id: string) => `/findings/rules/${encodeURIComponent(id)}`;

/** Where an address of the picture is shown; people, groups, sources and credentials have screens of their own, the rest stands on the map. */
export function addressPath(address: string): string {
  const at = address.indexOf(":");
  const [kind, rest] = [address.slice(0, at), address.slice(at + 1)];
  switch (kind) {
    case "person": return personPath(rest);
    case "group": return groupPath(rest);
    case "source": return sourcePath(Number(rest));
    case "credential": return tokenPath(rest);
    default: return mapAddress(address);
  }
}

export const Subject = ({ subject }: { subject: FindingSubject }) =>
  subject.address === null ? <bdi>{subject.name}</bdi> : <Link className={parts.link} to={addressPath(subject.address)}><bdi>{subject.name}</bdi></Link>;

/** A question about findings, with everything that is not said left open. */
export const findingQuery = (some: Partial<FindingQuery>): FindingQuery => ({
  rules: [], severities: [], area: null, source: null, states: [], newSince: null, about: null, search: "", sort: "severity", offset: 0, limit: 100, ...some,
});
