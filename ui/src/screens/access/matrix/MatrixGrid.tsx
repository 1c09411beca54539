/** Groups × roles, virtual both ways. One tab stop; the active cell moves by keys. */
import { ArchiveRestore, UserRound } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { count } from "../../../components/format";
import { SystemMark } from "../../../components/marks";
import type { FlowCount, MatrixRole, Source, SourceKind } from "../../../ipc";
import { compact } from "../words";
import { cellWords, HowGlyph, tint } from "./how";
import styles from "./Matrix.module.css";
import type { Matrix, Seen } from "./useMatrix";

export const SIZE = { row: 30, column: 42, side: 214, systems: 26, roles: 182 };
const WIDE = { column: 58, side: 260 };
/** Where nothing is laid out (tests). */
const FALLBACK = { width: 898, height: 600 };
const SPARE = { rows: 6, columns: 3 };
const KIND: Record<SourceKind, string> = { scim: "SCIM", backstage: "Backstage", azure: "Azure" };

interface Props {
  matrix: Matrix;
  sources: readonly Source[];
  chosen: { group: string; role: string } | null;
  onSeen: (seen: Seen) => void;
  onChoose: (group: string, role: string) => void;
  /** A new question: back to the first cell. */
  listKey: string;
}

export function MatrixGrid({ matrix, sources, chosen, onSeen, onChoose, listKey }: Props) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(FALLBACK);
  const [scroll, setScroll] = useState({ x: 0, y: 0 });
  const [active, setActive] = useState({ row: 0, column: 0 });
  const [shown, setShown] = useState(listKey);
  if (shown !== listKey) {
    setShown(listKey);
    setActive({ row: 0, column: 0 });
    setScroll({ x: 0, y: 0 });
  }
  useLayoutEffect(() => {
    if (!scroller.current) return;
    scroller.current.scrollTop = 0;
    scroller.current.scrollLeft = 0;
  }, [listKey]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const measure = () => element.clientWidth > 0 && setRoom({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const wide = room.width >= 1180;
  const side = wide ? WIDE.side : SIZE.side;
  const wished = wide ? WIDE.column : SIZE.column;
  const { rows, columns } = matrix;
  const column = columns > 0 && columns * wished < room.width - side ? Math.min(72, Math.floor((room.width - side) / columns)) : wished;
  const top = SIZE.systems + SIZE.roles;
  const window = { height: Math.max(SIZE.row, room.height - top), width: Math.max(column, room.width - side) };
  const first = { row: Math.max(0, Math.floor(scroll.y / SIZE.row) - SPARE.rows), column: Math.max(0, Math.floor(scroll.x / column) - SPARE.columns) };
  const end = { row: Math.min(rows, Math.ceil((scroll.y + window.height) / SIZE.row) + SPARE.rows), column: Math.min(columns, Math.ceil((scroll.x + window.width) / column) + SPARE.columns) };
  useEffect(() => onSeen({ row: first.row, rowEnd: end.row || 40, column: first.column, columnEnd: end.column || 40 }), [onSeen, first.row, end.row, first.column, end.column]);

  const current = { row: Math.min(active.row, Math.max(0, rows - 1)), column: Math.min(active.column, Math.max(0, columns - 1)) };
  const moveTo = (row: number, to: number) => {
    const next = { row: Math.max(0, Math.min(rows - 1, row)), column: Math.max(0, Math.min(columns - 1, to)) };
    setActive(next);
    const element = scroller.current;
    if (!element) return;
    const y = next.row * SIZE.row;
    const x = next.column * column;
    if (y < scroll.y) element.scrollTop = y;
    else if (y + SIZE.row > scroll.y + window.height) element.scrollTop = y + SIZE.row - window.height;
    if (x < scroll.x) element.scrollLeft = x;
    else if (x + column > scroll.x + window.width) element.scrollLeft = x + column - window.width;
    setScroll({ x: element.scrollLeft, y: element.scrollTop });
  };
  const choose = (row: number, at: number) => {
    const [group, role] = [matrix.groupAt(row), matrix.roleAt(at)];
    if (group && role) onChoose(group.group.key, role.role.key);
  };
  const page = Math.max(1, Math.floor(window.height / SIZE.row) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey || rows === 0 || columns === 0) return;
    const to = event.ctrlKey
      ? { Home: [0, 0], End: [rows - 1, columns - 1] }[event.key]
      : { ArrowDown: [current.row + 1, current.column], ArrowUp: [current.row - 1, current.column], ArrowRight: [current.row, current.column + 1], ArrowLeft: [current.row, current.column - 1], PageDown: [current.row + page, current.column], PageUp: [current.row - page, current.column], Home: [current.row, 0], End: [current.row, columns - 1] }[event.key];
    if (to) {
      event.preventDefault();
      moveTo(to[0] ?? 0, to[1] ?? 0);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(current.row, current.column);
    }
  };

  const rowList = Array.from({ length: Math.max(0, end.row - first.row) }, (_, n) => first.row + n);
  const columnList = Array.from({ length: Math.max(0, end.column - first.column) }, (_, n) => first.column + n);
  const roles = columnList.map((c) => ({ column: c, role: matrix.roleAt(c) }));
  const chosenColumn = chosen ? roles.find((r) => r.role?.role.key === chosen.role)?.column : undefined;

  return (
    <div className={styles.wrap}>
      {matrix.stale && <div className={styles.wait} aria-hidden="true" />}
      <div
        ref={scroller}
        role="grid"
        aria-label="Groups and the roles they hold"
        aria-rowcount={rows + 1}
        aria-colcount={columns + 1}
        aria-busy={matrix.stale || undefined}
        aria-activedescendant={rows > 0 && columns > 0 && current.row >= first.row && current.row < end.row && current.column >= first.column && current.column < end.column ? `${id}-${current.row}-${current.column}` : undefined}
        tabIndex={0}
        className={styles.grid}
        onScroll={(event) => setScroll({ x: event.currentTarget.scrollLeft, y: event.currentTarget.scrollTop })}
        onKeyDown={onKeyDown}
        data-testid="matrix"
      >
        <div role="rowgroup" className={styles.top} style={{ width: side + columns * column, height: top }}>
          <div role="row" aria-rowindex={1}>
            <div role="columnheader" aria-colindex={1} className={styles.corner} style={{ width: side, height: top }}>
              <span>{count(rows)} {rows === 1 ? "group" : "groups"}</span>
              <span>people</span>
            </div>
            {systemRuns(roles).map((run) => (
              <span key={`${run.system}-${run.from}`} aria-hidden="true" className={styles.system} style={{ left: side + run.from * column, width: (run.to - run.from) * column }}>
                <span><SystemMark kind={run.system} small />{(run.to - run.from) * column > 70 && KIND[run.system]}</span>
              </span>
            ))}
            {roles.map(({ column: c, role }) => (
              <div key={c} role="columnheader" aria-colindex={c + 2} className={`${styles.role} ${c === chosenColumn ? styles.crossed : ""} ${startsSystem(matrix, c) ? styles.starts : ""}`} style={{ left: side + c * column, top: SIZE.systems, width: column, height: SIZE.roles }} title={role ? `${role.role.name}: ${role.role.sort}${role.canRestore ? "; can restore" : ""}` : undefined}>
                {role && (
                  <>
                    <span className={styles.vertical}><RoleName role={role} /></span>
                    {role.canRestore && <ArchiveRestore className="x" aria-label="can restore" />}
                  </>
                )}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ width: side + columns * column, height: rows * SIZE.row }}>
          {rowList.map((row) => {
            const group = matrix.groupAt(row);
            const crossed = chosen !== null && group?.group.key === chosen.group;
            return (
              <div key={row} role="row" aria-rowindex={row + 2} className={`${styles.row} ${crossed ? styles.crossedRow : ""}`} style={{ transform: `translateY(${row * SIZE.row}px)`, height: SIZE.row }}>
                <div role="rowheader" aria-colindex={1} className={styles.side} style={{ width: side }}>
                  {group ? (
                    <>
                      {group.group.key === "none" && <UserRound className="s t3" />}
                      <bdi className="cut" title={group.group.name}>{group.group.name}</bdi>
                      <span className={styles.people}>{count(group.people)}</span>
                      <Dots counts={group.counts} sources={sources} />
                    </>
                  ) : (
                    <span className={styles.ghost} />
                  )}
                </div>
                {columnList.map((c) => {
                  const cell = matrix.cellAt(row, c);
                  const role = matrix.roleAt(c);
                  const here = crossed && c === chosenColumn;
                  const words = cell && group && role ? `${group.group.name}, ${role.role.name}: ${cellWords(cell)}` : undefined;
                  return (
                    // Keys are handled by the grid, which holds the focus.
                    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
                    <div
                      key={c}
                      id={`${id}-${row}-${c}`}
                      role="gridcell"
                      aria-colindex={c + 2}
                      aria-label={words}
                      aria-selected={here}
                      data-active={(row === current.row && c === current.column) || undefined}
                      className={`${styles.place} ${c === chosenColumn ? styles.crossed : ""} ${startsSystem(matrix, c) ? styles.starts : ""}`}
                      style={{ left: side + c * column, width: column }}
                      title={words}
                      onClick={() => {
                        setActive({ row, column: c });
                        choose(row, c);
                      }}
                    >
                      {cell && cell.how !== "empty" && (
                        <span className={`${styles.cell} ${styles[cell.how] ?? ""}`} style={{ "--w": tint(cell.people) } as React.CSSProperties}>
                          {cell.how !== "notEvaluated" && (
                            <>
                              <HowGlyph how={cell.how} />
                              {compact(cell.people)}
                            </>
                          )}
                        </span>
                      )}
                    </div>
                  );
                })}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

const startsSystem = (matrix: Matrix, column: number) => {
  const [here, before] = [matrix.roleAt(column), column > 0 ? matrix.roleAt(column - 1) : undefined];
  return here !== undefined && here.role.system !== before?.role.system;
};

/** Neighbouring roles of one system, as far as they are in view. */
export function systemRuns(roles: readonly { column: number; role: MatrixRole | undefined }[]): { system: SourceKind; from: number; to: number }[] {
  const out: { system: SourceKind; from: number; to: number }[] = [];
  for (const { column, role } of roles) {
    if (!role) continue;
    const last = out.at(-1);
    if (last && last.system === role.role.system && last.to === column) last.to = column + 1;
    else out.push({ system: role.role.system, from: column, to: column + 1 });
  }
  return out;
}

/** Letters that fit into a head. */
const ROOM = 22;

/** The part that tells roles apart stands out; what they share steps back, and goes first where room is short. */
const RoleName = ({ role: { role } }: { role: MatrixRole }) => {
  const slash = role.name.lastIndexOf("/");
  const name = slash >= 0 ? role.name.slice(slash + 1) : role.name;
  const prefix = slash >= 0 ? role.name.slice(0, slash + 1) : "";
  return <bdi>{prefix !== "" && prefix.length + name.length <= ROOM && <i>{prefix}</i>}{name}</bdi>;
};

const Dots = ({ counts, sources }: { counts: readonly FlowCount[]; sources: readonly Source[] }) => (
  <span className={styles.dots}>
    {counts.map((c) => {
      const says = !c.held ? "no such group" : c.direct === null ? "not evaluated" : c.differs ? "other members" : "has it";
      return <i key={c.source} role="img" aria-label={`${sources.find((s) => s.id === c.source)?.settings.name ?? "A source"}: ${says}`} title={`${sources.find((s) => s.id === c.source)?.settings.name ?? "A source"}: ${says}`} className={`${c.system} ${!c.held ? styles.no : c.direct === null ? styles.ne : c.differs ? styles.differs : ""}`} />;
    })}
  </span>
);
