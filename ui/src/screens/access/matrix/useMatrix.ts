/** Fetches the blocks of the matrix that are in view, and no others. */
import { keepPreviousData, useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, type MapQuery, type MatrixCell, type MatrixGroup, type MatrixRole, type MatrixView } from "../../../ipc";
import { keys } from "../../../ipc/queries";

/** One block; the engine gives 200 by 200 at most. */
export const BLOCK = { rows: 100, columns: 60 };

export interface Seen {
  row: number;
  rowEnd: number;
  column: number;
  columnEnd: number;
}

/** The blocks that a window touches, as the numbers of their first row and column. */
export function blocksOf(seen: Seen): { row: number; column: number }[] {
  const out: { row: number; column: number }[] = [];
  for (let r = Math.floor(seen.row / BLOCK.rows); r * BLOCK.rows < Math.max(1, seen.rowEnd); r += 1)
    for (let c = Math.floor(seen.column / BLOCK.columns); c * BLOCK.columns < Math.max(1, seen.columnEnd); c += 1) out.push({ row: r * BLOCK.rows, column: c * BLOCK.columns });
  return out;
}

export interface Matrix {
  roleAt: (column: number) => MatrixRole | undefined;
  groupAt: (row: number) => MatrixGroup | undefined;
  cellAt: (row: number, column: number) => MatrixCell | undefined;
  any: MatrixView | undefined;
  rows: number;
  columns: number;
  error: unknown;
  stale: boolean;
  loading: boolean;
  retry: () => void;
}

export function useMatrix(query: MapQuery, seen: Seen): Matrix {
  const blocks = blocksOf(seen);
  const asked = { ...query, open: [] };
  const combine = useCallback(
    (results: UseQueryResult<MatrixView>[]) => ({ data: results.map((r) => r.data), error: results.find((r) => r.error)?.error ?? null, stale: results.some((r) => r.isPlaceholderData), retry: () => { for (const r of results) if (r.error) void r.refetch(); } }),
    [],
  );
  const answers = useQueries({
    queries: blocks.map(({ row, column }) => ({
      queryKey: [...keys.directory, "access", "matrix", asked, row, column],
      queryFn: () => api.accessMatrix(asked, { row, rows: BLOCK.rows, column, columns: BLOCK.columns }),
      placeholderData: keepPreviousData,
      gcTime: 20_000,
    })),
    combine,
  });
  const { data, error, stale, retry } = answers;
  const blockKey = blocks.map((b) => `${b.row}.${b.column}`).join();
  return useMemo(() => {
    const held = new Map<string, MatrixView>();
    blockKey.split(",").forEach((key, n) => {
      const view = data[n];
      if (view) held.set(key, view);
    });
    const at = (row: number, column: number) => held.get(`${Math.floor(row / BLOCK.rows) * BLOCK.rows}.${Math.floor(column / BLOCK.columns) * BLOCK.columns}`);
    const any = data.find((d) => d !== undefined);
    const inRow = (row: number) => [...held].find(([key]) => Number(key.split(".")[0]) === Math.floor(row / BLOCK.rows) * BLOCK.rows)?.[1];
    const inColumn = (column: number) => [...held].find(([key]) => Number(key.split(".")[1]) === Math.floor(column / BLOCK.columns) * BLOCK.columns)?.[1];
    return {
      roleAt: (column) => inColumn(column)?.roles[column % BLOCK.columns],
      groupAt: (row) => inRow(row)?.groups[row % BLOCK.rows],
      cellAt: (row, column) => at(row, column)?.groups[row % BLOCK.rows]?.cells[column % BLOCK.columns],
      any, rows: any?.groupsTotal ?? 0, columns: any?.rolesTotal ?? 0, error, stale, loading: any === undefined, retry,
    };
  }, [data, blockKey, error, stale, retry]);
}
