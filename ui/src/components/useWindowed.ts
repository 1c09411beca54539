/** Fetches the pages of a long list that are in view, and no others. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { keys } from "../ipc/queries";

interface Page<Row> {
  rows: Row[];
  offset: number;
  total: number;
  generation?: number;
}

export const PAGE = 200;

/** Which pages a window of rows touches: two at most, as long as a page is longer than the window. */
export const pagesOf = (first: number, end: number, size = PAGE): [number, number] => {
  const a = Math.floor(first / size);
  return [a, Math.max(a, Math.floor(Math.max(first, end - 1) / size))];
};

export function useWindowed<Row, P extends Page<Row>>(name: string, question: unknown, fetchPage: (offset: number, limit: number) => Promise<P>) {
  const [range, setRange] = useState({ first: 0, end: 60 });
  const onRange = useCallback((first: number, end: number) => setRange((was) => (was.first === first && was.end === end ? was : { first, end })), []);
  const [a, b] = pagesOf(range.first, range.end);

  const ask = (page: number) => ({
    queryKey: [...keys.directory, name, question, page],
    queryFn: () => fetchPage(page * PAGE, PAGE),
    // While a new question is answered, the last answer stays on screen.
    placeholderData: keepPreviousData,
    gcTime: 20_000,
  });
  const upper = useQuery(ask(a));
  const lower = useQuery({ ...ask(b), enabled: b !== a && (upper.data === undefined || b * PAGE < upper.data.total) });

  // Rows of different pictures do not belong together: the older one is asked again.
  const { refetch: refetchUpper } = upper;
  const { refetch: refetchLower } = lower;
  const gap = b !== a && upper.data?.generation !== undefined && lower.data?.generation !== undefined && !upper.isFetching && !lower.isFetching ? upper.data.generation - lower.data.generation : 0;
  useEffect(() => {
    if (gap < 0) void refetchUpper();
    else if (gap > 0) void refetchLower();
  }, [gap, refetchUpper, refetchLower]);

  const row = useCallback(
    (index: number): Row | undefined => {
      for (const page of [upper.data, lower.data]) {
        if (page && index >= page.offset && index < page.offset + page.rows.length) return page.rows[index - page.offset];
      }
      return undefined;
    },
    [upper.data, lower.data],
  );

  return {
    row,
    onRange,
    /** The newest page that is at hand; it may still be the last question's. */
    page: upper.data ?? lower.data,
    total: upper.data?.total ?? 0,
    error: upper.error,
    /** Whether what is shown answers an earlier question. */
    stale: upper.isPlaceholderData,
    loading: upper.isPending,
    retry: () => void upper.refetch(),
  };
}
