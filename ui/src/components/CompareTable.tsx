/** What each source says, side by side. Neighbours that agree share one cell; what differs is marked. */
import { EqualNot } from "lucide-react";
import type { ReactNode } from "react";
import type { ComparedLine, Source } from "../ipc";
import { Id, Time } from "./controls";
import { cutMiddle } from "./format";
import { SourceMark } from "./marks";
import styles from "./CompareTable.module.css";

export interface ComparedColumn {
  key: string;
  id: string;
  source: Source | undefined;
  readAt: number | null;
  note?: ReactNode;
}

interface Cell {
  span: number;
  value: string | null;
  differs: boolean;
  at: number;
}

/** Agreeing neighbours become one cell; a cell that differs stands alone. */
export function mergeCells(cells: ComparedLine["cells"]): Cell[] {
  const out: Cell[] = [];
  cells.forEach((cell, at) => {
    const last = out.at(-1);
    if (last && !last.differs && !cell.differs && last.value === cell.value) last.span += 1;
    else out.push({ span: 1, value: cell.value, differs: cell.differs, at });
  });
  return out;
}

/** With more systems side by side an id is only a stump of itself; it stands whole under Identifiers. */
const IDS_FIT = 3;

const MONO = new Set(["User name", "E-mail", "External id", "externalId"]);

export function CompareTable({ columns, lines }: { columns: readonly ComparedColumn[]; lines: readonly ComparedLine[] }) {
  return (
    <table className={`${styles.diff} ${columns.length > IDS_FIT ? styles.many : ""}`} data-testid="compare">
      <colgroup>
        <col className={styles.labels} />
        {columns.map((c) => (
          <col key={c.key} />
        ))}
      </colgroup>
      <thead>
        <tr>
          <td className={styles.corner} />
          {columns.map((c) => (
            <th key={c.key} scope="col">
              <span>
                <SourceMark source={c.source} small />
                <bdi className={styles.name} title={c.source?.settings.name}>{c.source?.settings.name ?? "Unknown source"}</bdi>
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {columns.length <= IDS_FIT && (
          <tr>
            <th scope="row">Id</th>
            {columns.map((c) => (
              <td key={c.key}>
                <Id text={c.id} shown={cutMiddle(c.id, 5)} />
              </td>
            ))}
          </tr>
        )}
        <tr>
          <th scope="row">Read</th>
          {columns.map((c) => (
            <td key={c.key}>
              <Time at={c.readAt} none="not read" />
              {c.note}
            </td>
          ))}
        </tr>
        {lines.map((line) => (
          <tr key={line.label}>
            <th scope="row">{line.label}</th>
            {mergeCells(line.cells).map((cell) => (
              <td key={cell.at} colSpan={cell.span} className={cell.differs ? styles.differs : cell.value === null ? styles.void : ""}>
                {cell.differs && (
                  <>
                    <EqualNot className="x warn" aria-hidden="true" /> <span className="sr">differs: </span>
                  </>
                )}
                {cell.value === null ? "not held" : MONO.has(line.label) ? <code>{cell.value}</code> : <bdi>{cell.value}</bdi>}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
