/** What stands behind a cell: by which assignments, and who comes in through which group. */
import { Workflow } from "lucide-react";
import { Fragment, useEffect } from "react";
import { AccessStateMark } from "../../../components/accessWords";
import { Button } from "../../../components/controls";
import { FaultView } from "../../../components/FaultView";
import { count, plural } from "../../../components/format";
import { PathView } from "../../../components/PathView";
import parts from "../../../components/parts.module.css";
import type { CellDetail, MapQuery, Source } from "../../../ipc";
import { useAccessCell } from "../../../ipc/queries";
import type { GoMap } from "../mapAddress";
import { NotEvaluated, Panel } from "../path/Panel";
import styles from "../path/Panel.module.css";
import { bestState, nodeOf } from "../words";
import { HowGlyph } from "./how";

interface Props {
  query: MapQuery;
  group: string;
  role: string;
  sources: readonly Source[];
  go: GoMap;
  onClose: () => void;
}

/** The cell in one sentence. Nothing held and nothing read are two sentences. */
export function cellTitle(detail: CellDetail): string {
  const { group, role, paths } = detail;
  const holder = group.key === "none" ? "People without a group" : group.name;
  if (paths.length === 0) return detail.caveats.length > 0 ? `Whether ${holder} ${group.key === "none" ? "hold" : "holds"} ${role.name} is not evaluated` : `${holder} ${group.key === "none" ? "hold" : "holds"} no ${role.name}`;
  const scopes = [...new Set(paths.map((p) => nodeOf(p, "scopes", "last")?.name).filter((n) => n !== undefined))];
  const on = scopes.length === 1 ? ` on ${scopes[0] ?? ""}` : scopes.length > 1 ? ` on ${plural(scopes.length, "scope")}` : "";
  const verb = { active: group.key === "none" ? "hold" : "holds", conditional: group.key === "none" ? "hold" : "holds", eligible: "can activate", denied: group.key === "none" ? "are denied" : "is denied", notFollowed: "would pass on" }[bestState(paths)];
  return `${holder} ${verb} ${role.name}${on}${bestState(paths) === "conditional" ? " under a condition" : ""}`;
}

export function CellPanel({ query, group, role, sources, go, onClose }: Props) {
  const answer = useAccessCell(query, group, role);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !(event.target instanceof Element && event.target.closest("input, [role=dialog], [role=menu]"))) onClose();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [onClose]);
  const detail = answer.data;
  if (answer.error) return <Panel label="The cell" title="Cannot be shown" onClose={onClose}><FaultView compact error={answer.error} onRetry={() => void answer.refetch()} /></Panel>;
  if (!detail) return <Panel label="The cell" title="…" onClose={onClose}>{null}</Panel>;
  const people = detail.direct + detail.nested;
  return (
    <Panel
      label={`${detail.group.name} and ${detail.role.name}`}
      title={<bdi>{cellTitle(detail)}</bdi>}
      acts={detail.paths.length > 0 && <Button small icon={<Workflow className="x" />} onPress={() => go({ view: "flow", cell: null, query: group === "none" ? { focus: role, target: null } : { focus: group, target: null } })}>Show in flow</Button>}
      onClose={onClose}
    >
      {detail.paths.length > 0 && (
        <dl className={styles.figures}>
          <div><dt>people</dt><dd>{count(people)}</dd></div>
          <div><dt><HowGlyph how="direct" />direct</dt><dd>{count(detail.direct)}</dd></div>
          <div><dt><HowGlyph how="inherited" />by nesting</dt><dd>{count(detail.nested)}</dd></div>
        </dl>
      )}
      {detail.paths.length === 0 && <p className={styles.none}>{detail.caveats.length === 0 ? "It was read, and nothing is held." : "What is missing is named below."}</p>}
      {detail.through.map((t) => (
        <section key={t.group?.key ?? "direct"} className={styles.section} aria-label={t.group ? `By ${t.group.name}` : "Direct members"}>
          <h3 className={parts.sect}><bdi>{t.group ? `By ${t.group.name}` : group === "none" ? "By themselves" : "Direct members"}</bdi><span>{count(t.people)}</span></h3>
          <ul>
            {t.first.map((person) => (
              <li key={person.key}>
                <button type="button" className={styles.line} onClick={() => go({ view: "flow", cell: null, path: 0, query: { focus: person.key, target: role } })}>
                  <HowGlyph how={t.group ? "inherited" : "direct"} />
                  <bdi className={styles.what}>{person.name}</bdi>
                  <span className={styles.end}>{person.sort}</span>
                </button>
              </li>
            ))}
          </ul>
          {t.people > t.first.length && <p className="t3">{count(t.people - t.first.length)} more</p>}
        </section>
      ))}
      {detail.paths.length > 0 && (
        <section className={styles.section} aria-label="By which assignments">
          <h3 className={parts.sect}>By which {detail.paths.length === 1 ? "assignment" : "assignments"}<span>{count(detail.paths.length)}</span></h3>
          {detail.paths.map((path, n) => (
            <Fragment key={`${path.title}-${n}`}>
              {path.state !== "active" && <p><AccessStateMark state={path.state} />{path.reasons.map((r) => <span key={r} className="t2">: {r}</span>)}</p>}
              <PathView path={path} sources={sources} label={`Assignment ${n + 1}, hop by hop`} />
            </Fragment>
          ))}
        </section>
      )}
      <NotEvaluated caveats={detail.caveats} />
    </Panel>
  );
}
