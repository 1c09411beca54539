/** What screens ask for, cached by question. Everything here is refreshed by the engine's events, never by a timer. */
import { QueryClient, useQuery } from "@tanstack/react-query";
import { api } from "./index";

export const keys = {
  app: ["app"] as const,
  sources: ["sources"] as const,
  overview: ["overview"] as const,
  directory: ["directory"] as const,
  audit: ["audit"] as const,
  saved: ["saved"] as const,
  setting: ["setting"] as const,
};

/** A client whose answers stay good until the engine says otherwise. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Infinity,
        // Windows of long lists are let go soon: memory stays flat while browsing.
        gcTime: 60_000,
        retry: false,
        networkMode: "always",
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: { networkMode: "always", retry: false, gcTime: 0 },
    },
  });
}

export const useAppState = () => useQuery({ queryKey: keys.app, queryFn: api.appState, gcTime: Infinity });
export const useSources = () => useQuery({ queryKey: keys.sources, queryFn: api.sources, gcTime: Infinity });
export const useSavedFilters = () => useQuery({ queryKey: keys.saved, queryFn: api.savedFilters, gcTime: Infinity });
export const useSetting = (key: string) =>
  useQuery({ queryKey: [...keys.setting, key], queryFn: () => api.setting(key), gcTime: Infinity });
