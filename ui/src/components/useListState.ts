/** What a list shows is in its address: search, filter, facet, source, sort. */
import { useEffect } from "react";
import { useAddress } from "./address";
import { useOwnText } from "./useOwnText";

/** Keys typed within this time are one question. */
const TYPING_MS = 45;

export interface ListState<Facet extends string, Sort extends string> {
  search: string;
  filter: string | null;
  source: number | null;
  facet: Facet;
  sort: Sort;
  descending: boolean;
}

interface Options<Facet extends string, Sort extends string> {
  facets: readonly Facet[];
  sorts: readonly Sort[];
  /** Sorts that start downwards: the newest, the most. */
  downFirst: readonly Sort[];
}

const known = <T extends string>(value: string | null, all: readonly T[], none: T): T => all.find((one) => one === value) ?? none;

export function useListState<Facet extends string, Sort extends string>({ facets, sorts, downFirst }: Options<Facet, Sort>, defaults: { facet: Facet; sort: Sort }) {
  const { params, go } = useAddress();
  const asked = params.get("q") ?? "";
  const { text: typed, setText: setTyped, send } = useOwnText(asked);

  useEffect(() => {
    if (typed === asked) return;
    const timer = setTimeout(() => {
      send(typed);
      go({ set: { q: typed }, replace: true });
    }, TYPING_MS);
    return () => clearTimeout(timer);
    // A pause in typing is what counts; `send` is new with each render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [typed, asked, go]);

  const sort = known(params.get("sort"), sorts, defaults.sort);
  const source = Number(params.get("source"));
  const state: ListState<Facet, Sort> = {
    search: asked,
    filter: params.get("filter"),
    source: Number.isInteger(source) && source > 0 ? source : null,
    facet: known(params.get("facet"), facets, defaults.facet),
    sort,
    descending: params.get("desc") === "1",
  };

  return {
    state,
    typed,
    setTyped,
    setFilter: (filter: string | null) => go({ set: { filter }, replace: true }),
    setFacet: (facet: Facet) => go({ set: { facet: facet === defaults.facet ? null : facet, q: null, filter: null } }),
    setSource: (id: number | null) => go({ set: { source: id === null ? null : String(id) } }),
    setSaved: (search: string, filter: string | null) => go({ set: { q: search, filter, facet: null } }),
    clear: () => go({ set: { q: null, filter: null, facet: null, source: null } }),
    setSort: (next: string) => {
      const down = next === sort ? !state.descending : downFirst.some((s) => s === next);
      go({ set: { sort: next === defaults.sort ? null : next, desc: down ? "1" : null }, replace: true });
    },
  };
}
