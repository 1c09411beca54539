/** A table of any length: only the rows in view exist. One tab stop; the active row moves by keys. */
import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, useId, type KeyboardEvent, type ReactNode, type Ref } from "react";
import { clampOffset, fitColumns, revealOffset, scrollSpace, toReal, toVirtual, visibleRows, type Fit } from "./virtual";
import styles from "./VirtualGrid.module.css";

export interface Column<Row> extends Fit {
  /** The head, as words. */
  label: string;
  /** The head, when it is drawn otherwise. */
  head?: ReactNode;
  /** Share of the room that is left over; 0 keeps `min`. */
  grow?: number;
  align?: "start" | "center" | "end";
  /** The name of the sort, where the column sorts. */
  sort?: string;
  cell: (row: Row) => ReactNode;
}

export interface GridHandle {
  focus: () => void;
}

interface Props<Row> {
  label: string;
  columns: readonly Column<Row>[];
  total: number;
  row: (index: number) => Row | undefined;
  rowKey: (row: Row) => string;
  selected: string | null;
  /** Enter or a press on a row. */
  onOpen: (row: Row) => void;
  /** The active row moved while something is selected: the inspector follows. */
  onFollow?: (row: Row) => void;
  onRange: (first: number, end: number) => void;
  sort?: string;
  descending?: boolean;
  onSort?: (sort: string) => void;
  /** A new list: scroll to its start. */
  listKey: string;
  rowHeight?: number;
  empty?: ReactNode;
  stale?: boolean;
  ref?: Ref<GridHandle>;
}

/** Where nothing is laid out (tests). */
const FALLBACK = { width: 1000, height: 320 };
/** The head stays in view above the rows. */
const HEAD = 30;
/** Room at both ends of a row. */
const EDGES = 26;

export function VirtualGrid<Row>(props: Props<Row>) {
  const { label, columns, total, row, rowKey, selected, onOpen, onFollow, onRange, sort, descending = false, onSort, listKey, rowHeight = 32, empty, stale = false, ref } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState(FALLBACK);
  const [offset, setOffset] = useState(0);
  const [active, setActive] = useState(0);
  const [shownList, setShownList] = useState(listKey);
  const wheelOffset = useRef<number | null>(null);

  const space = scrollSpace(total, rowHeight);
  const { first, end } = visibleRows(clampOffset(space, offset, size.height), size.height, rowHeight, total);
  const current = Math.min(active, Math.max(0, total - 1));

  if (shownList !== listKey) {
    setShownList(listKey);
    setActive(0);
    setOffset(0);
  }

  useLayoutEffect(() => {
    wheelOffset.current = null;
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [listKey]);

  useEffect(() => onRange(first, end), [first, end, onRange]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const measure = () => {
      if (element.clientWidth > 0) setSize({ width: element.clientWidth, height: element.clientHeight - HEAD });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // In a scaled scroll space one turn of the wheel must still move by its own pixels.
  useEffect(() => {
    const element = scroller.current;
    if (!element || !space.scaled) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const before = wheelOffset.current ?? toVirtual(space, element.scrollTop, size.height);
      const next = clampOffset(space, before + event.deltaY * (event.deltaMode === 1 ? rowHeight : 1), size.height);
      wheelOffset.current = next;
      element.scrollTop = toReal(space, next, size.height);
      setOffset(next);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  });

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const place = wheelOffset.current;
    // Our own move comes back as an event: keep its exact offset, which the scroll bar has rounded.
    if (place !== null && Math.abs(toReal(space, place, size.height) - element.scrollTop) < 1.5) return;
    wheelOffset.current = null;
    setOffset(toVirtual(space, element.scrollTop, size.height));
  };

  const moveTo = (target: number) => {
    const index = Math.max(0, Math.min(total - 1, target));
    setActive(index);
    const element = scroller.current;
    const next = revealOffset(index, offset, size.height, rowHeight);
    if (element && next !== null) {
      const clamped = clampOffset(space, next, size.height);
      if (space.scaled) wheelOffset.current = clamped;
      element.scrollTop = toReal(space, clamped, size.height);
      setOffset(clamped);
    }
    const found = row(index);
    if (found !== undefined && selected !== null) onFollow?.(found);
  };

  const page = Math.max(1, Math.floor(size.height / rowHeight) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || total === 0) return;
    const steps: Record<string, number> = { ArrowDown: current + 1, j: current + 1, ArrowUp: current - 1, k: current - 1, PageDown: current + page, PageUp: current - page, Home: 0, End: total - 1 };
    const target = steps[event.key];
    if (target !== undefined) {
      event.preventDefault();
      moveTo(target);
      return;
    }
    if (event.key === "Enter" || event.key === " ") {
      const found = row(current);
      if (found === undefined) return;
      event.preventDefault();
      onOpen(found);
    }
  };

  useImperativeHandle(ref, () => ({ focus: () => scroller.current?.focus() }), []);

  const shown = useMemo(() => fitColumns(columns, size.width - EDGES), [columns, size.width]);
  const template = shown.map((c) => (c.grow ? `minmax(${c.min}px, ${c.grow}fr)` : `${c.min}px`)).join(" ");
  const indexes = Array.from({ length: Math.max(0, end - first) }, (_, n) => first + n);
  // Rows stand at their own place; in a scaled space they are shifted by what the scroll bar cannot express.
  const shift = space.scaled ? toReal(space, offset, size.height) - offset : 0;

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={shown.length}
      aria-activedescendant={total > 0 && current >= first && current < end ? `${id}-${current}` : undefined}
      aria-busy={stale || undefined}
      tabIndex={0}
      className={styles.grid}
      onKeyDown={onKeyDown}
      onScroll={onScroll}
      style={{ "--cols": template, "--row-height": `${rowHeight}px` } as React.CSSProperties}
      data-testid="grid"
    >
      <div className={styles.headWrap} role="rowgroup">
        <div role="row" aria-rowindex={1} className={styles.head}>
          {shown.map((column) => {
            const sorted = column.sort !== undefined && column.sort === sort;
            return (
              <div key={column.id} role="columnheader" className={cellClass(column.align, sorted)} aria-sort={sorted ? (descending ? "descending" : "ascending") : undefined} title={column.head ? column.label : undefined}>
                {column.sort !== undefined && onSort ? (
                  <button type="button" tabIndex={-1} className={styles.sort} onClick={() => onSort(column.sort ?? "")}>
                    <span className="cut">{column.head ?? column.label}</span>
                    {sorted && (descending ? <ArrowDown className="x" /> : <ArrowUp className="x" />)}
                  </button>
                ) : column.head ? (
                  <>
                    {column.head}
                    <span className="sr">{column.label}</span>
                  </>
                ) : (
                  column.label
                )}
              </div>
            );
          })}
        </div>
      </div>
      {stale && <div className={styles.wait} aria-hidden="true" />}
      {total > 0 && (
        <div role="rowgroup" className={styles.body} style={{ height: space.real }}>
          {indexes.map((index) => {
            const found = row(index);
            const key = found === undefined ? null : rowKey(found);
            return (
              // Keys are handled by the grid, which holds the focus.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
              <div
                key={index}
                id={`${id}-${index}`}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={key !== null && key === selected}
                data-active={index === current || undefined}
                data-odd={index % 2 === 1 || undefined}
                className={styles.row}
                style={{ transform: `translateY(${index * rowHeight + shift}px)` }}
                onClick={() => {
                  setActive(index);
                  if (found !== undefined) onOpen(found);
                }}
              >
                {shown.map((column, n) => (
                  <div key={column.id} role="gridcell" className={cellClass(column.align, false)}>
                    {found === undefined ? <span className={styles.ghost} style={{ width: n === 0 ? `${40 + ((index * 37) % 40)}%` : "60%" }} /> : column.cell(found)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      )}
      {total === 0 && empty !== undefined && (
        <div role="rowgroup" className={styles.empty}>
          <div role="row">
            <div role="gridcell">{empty}</div>
          </div>
        </div>
      )}
    </div>
  );
}

const cellClass = (align: "start" | "center" | "end" | undefined, sorted: boolean) =>
  [styles.cell, align === "end" ? styles.end : align === "center" ? styles.center : "", sorted ? styles.sorted : ""].join(" ");
