/** What is on screen has an address: helpers over the router's search parameters. */
import { useCallback, useMemo } from "react";
import { useLocation, useNavigate } from "react-router";

export interface AddressChange {
  path?: string;
  /** A null value takes the parameter out. */
  set?: Record<string, string | null>;
  /** Puts the change in the place of this entry of the history. */
  replace?: boolean;
}

/** Reads the address, and changes a part of it while the rest stays. */
export function useAddress() {
  const location = useLocation();
  const navigate = useNavigate();
  const params = useMemo(() => new URLSearchParams(location.search), [location.search]);
  const go = useCallback(
    ({ path, set = {}, replace = false }: AddressChange) => {
      const next = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(set)) {
        if (value === null || value === "") next.delete(name);
        else next.set(name, value);
      }
      const search = next.toString();
      const pathname = path ?? location.pathname;
      if (pathname === location.pathname && `?${search}` === (location.search || "?")) return;
      void navigate({ pathname, search }, { replace });
    },
    [location.pathname, location.search, navigate],
  );
  return { path: location.pathname, params, go };
}

export const personPath = (key: string) => `/people/${encodeURIComponent(key)}`;
export const offboardPath = (key: string) => `${personPath(key)}/offboard`;
export const groupPath = (key: string) => `/groups/${encodeURIComponent(key)}`;
export const sourcePath = (id: number) => `/sources/${id}`;
export const runPath = (id: number) => `/deprovision/runs/${id}`;
export const planPath = (file: string) => `/deprovision/plans/${encodeURIComponent(file)}`;
export const tokenPath = (id: string) => `/tokens/${encodeURIComponent(id)}`;
export const rotationPath = (id: number) => `/tokens/rotations/${id}`;
/** What Lanyard itself asks a source with. */
export const ownToken = (source: number) => `own:${source}`;
