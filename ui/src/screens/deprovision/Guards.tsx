/** What keeps a run from harm, and how each came out. */
import { CircleCheck, Eye, OctagonX, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import parts from "../../components/parts.module.css";
import type { Guard, GuardState } from "../../ipc";
import styles from "./Plan.module.css";
import { GUARD_WORD } from "./runWords";

const GLYPH: Record<GuardState, ReactNode> = {
  clear: <CircleCheck className="s good" />,
  warns: <TriangleAlert className="s warn" />,
  secondLook: <Eye className="s warn" />,
  refuses: <OctagonX className="s bad" />,
};
const TAG: Record<GuardState, string> = { clear: "", warns: parts.tagWarn ?? "", secondLook: parts.tagWarn ?? "", refuses: parts.tagBad ?? "" };
const WEIGHT: readonly GuardState[] = ["refuses", "secondLook", "warns", "clear"];

/** `all` false: those that are clear are told in one line. */
export function Guards({ guards, all = false }: { guards: readonly Guard[]; all?: boolean }) {
  const sorted = [...guards].sort((a, b) => WEIGHT.indexOf(a.state) - WEIGHT.indexOf(b.state));
  const shown = all ? sorted : sorted.filter((g) => g.state !== "clear");
  const clear = all ? [] : sorted.filter((g) => g.state === "clear");
  return (
    <ul className={styles.guards} aria-label="Guards">
      {shown.map((guard) => (
        <li key={`${guard.id}-${guard.source ?? ""}`}>
          {GLYPH[guard.state]}
          <div>
            <p className="strong">{guard.title} {guard.state !== "clear" && <span className={`${parts.tag} ${TAG[guard.state]}`}>{GUARD_WORD[guard.state]}</span>}<span className="sr">{guard.state === "clear" ? ", clear" : ""}</span></p>
            <p className="t2">{guard.says}</p>
            {guard.next !== null && <p className="t2"><b className="strong">Next:</b> {guard.next}</p>}
          </div>
        </li>
      ))}
      {clear.length > 0 && (
        <li>
          {GLYPH.clear}
          <p className="t2">{clear.length} {shown.length > 0 ? "others " : ""}clear: {clear.map((g) => g.title.slice(0, 1).toLocaleLowerCase("en") + g.title.slice(1)).join(", ")}.</p>
        </li>
      )}
    </ul>
  );
}
