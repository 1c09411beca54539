/** The arithmetic of long tables: which rows show, and where, however many there are. */

/**
 * Browsers cap the height of an element (WebKit at about 33 million pixels, with rounding errors well before that).
 * Beyond this height, the scroll space is scaled down, and rows are placed by their own offset.
 */
export const MAX_SCROLL = 6_000_000;

export interface Space {
  /** Height of all rows, in pixels. */
  virtual: number;
  /** Height of the element that scrolls, at most MAX_SCROLL. */
  real: number;
  /** Whether the two differ. */
  scaled: boolean;
}

export function scrollSpace(rows: number, rowHeight: number, max = MAX_SCROLL): Space {
  const virtual = rows * rowHeight;
  return { virtual, real: Math.min(virtual, max), scaled: virtual > max };
}

/** From the scroll bar's place to the offset in rows' pixels. */
export function toVirtual(space: Space, scrollTop: number, viewport: number): number {
  if (!space.scaled) return scrollTop;
  const way = space.real - viewport;
  return way <= 0 ? 0 : Math.min(1, Math.max(0, scrollTop / way)) * (space.virtual - viewport);
}

/** The way back: from the offset to the scroll bar's place. */
export function toReal(space: Space, offset: number, viewport: number): number {
  if (!space.scaled) return offset;
  const way = space.virtual - viewport;
  return way <= 0 ? 0 : Math.min(1, Math.max(0, offset / way)) * (space.real - viewport);
}

export const clampOffset = (space: Space, offset: number, viewport: number): number => Math.max(0, Math.min(offset, space.virtual - viewport));

/** First and one past the last row to draw, with some to spare on both sides. */
export function visibleRows(offset: number, viewport: number, rowHeight: number, rows: number, spare = 8): { first: number; end: number } {
  const first = Math.max(0, Math.floor(offset / rowHeight) - spare);
  const end = Math.min(rows, Math.ceil((offset + viewport) / rowHeight) + spare);
  return { first: Math.min(first, Math.max(0, end)), end };
}

/** The offset that brings a row into view with as little movement as needed; null when it is in view. */
export function revealOffset(index: number, offset: number, viewport: number, rowHeight: number): number | null {
  const top = index * rowHeight;
  if (top < offset) return top;
  if (top + rowHeight > offset + viewport) return top + rowHeight - viewport;
  return null;
}

export interface Fit {
  id: string;
  /** The least width, in pixels. */
  min: number;
  /** Smaller stays longer; 0 always stays. */
  rank: number;
}

/** Which columns fit into a width: those of low rank first, in their given order. */
export function fitColumns<T extends Fit>(columns: readonly T[], width: number): T[] {
  let left = width;
  const kept = new Set<string>();
  for (const column of [...columns].sort((a, b) => a.rank - b.rank)) {
    if (column.rank > 0 && column.min > left) break;
    left -= column.min;
    kept.add(column.id);
  }
  return columns.filter((column) => kept.has(column.id));
}
