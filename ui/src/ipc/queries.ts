/** What screens ask for, cached by question. Everything here is refreshed by the engine's events, never by a timer. */
import { keepPreviousData, QueryClient, useQuery } from "@tanstack/react-query";
import { api, type ComparisonQuery, type FindingQuery, type MapQuery, type RunQuery } from "./index";

export const keys = {
  app: ["app"] as const,
  sources: ["sources"] as const,
  overview: ["overview"] as const,
  directory: ["directory"] as const,
  /** Under the directory: a new picture makes old findings and comparisons stale. */
  findings: ["directory", "findings"] as const,
  history: ["directory", "history"] as const,
  audit: ["audit"] as const,
  runs: ["runs"] as const,
  tokens: ["tokens"] as const,
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

const access = [...keys.directory, "access"] as const;

/** The flow of a query. While the next one is answered, the last stays; `ask` false only reads along. */
export const useFlow = (query: MapQuery, ask = true) =>
  useQuery({ queryKey: [...access, "flow", query], queryFn: () => api.accessFlow(query), enabled: ask, placeholderData: keepPreviousData });
export const useAccessOf = (identity: string | null) =>
  useQuery({ queryKey: [...access, "of", identity], queryFn: () => api.accessOf(identity ?? ""), enabled: identity !== null });
export const useWhy = (identity: string, role: string, scope: string | null) =>
  useQuery({ queryKey: [...access, "why", identity, role, scope], queryFn: () => api.whyAccess(identity, role, scope), placeholderData: keepPreviousData });
/** What would go; asked for only once somebody looks at an edge. */
export const useWithoutEdge = (edge: string | null) =>
  useQuery({ queryKey: [...access, "without", edge], queryFn: () => api.withoutEdge(edge ?? ""), enabled: edge !== null });
export const useAccessCell = (query: MapQuery, group: string, role: string) =>
  useQuery({ queryKey: [...access, "cell", query, group, role], queryFn: () => api.accessCell(query, group, role), placeholderData: keepPreviousData });

export const usePlans = () => useQuery({ queryKey: [...keys.runs, "plans"], queryFn: api.plans });
export const usePlanFile = (file: string | null) =>
  useQuery({ queryKey: [...keys.runs, "plan", file], queryFn: () => api.planFile(file ?? ""), enabled: file !== null });
export const useRuns = (query: RunQuery) =>
  useQuery({ queryKey: [...keys.runs, "list", query], queryFn: () => api.runs(query), placeholderData: keepPreviousData });
const OPEN_RUNS: RunQuery = { plan: null, kind: null, open: true, offset: 0, limit: 100 };
/** Runs that are not closed, for what they ask of a person. */
export const useOpenRuns = () => useRuns(OPEN_RUNS);
export const useRun = (run: number) => useQuery({ queryKey: [...keys.runs, "run", run], queryFn: () => api.run(run) });
export const useRunRecords = (run: number, limit: number) =>
  useQuery({ queryKey: [...keys.runs, "records", run, limit], queryFn: () => api.runRecords(run, 0, limit), placeholderData: keepPreviousData });
export const useRevokeTrends = () => useQuery({ queryKey: [...keys.runs, "trends"], queryFn: api.revokeTrends });
export const useLeaver = (person: string) => useQuery({ queryKey: [...keys.runs, "leaver", person], queryFn: () => api.leaver(person), gcTime: 0 });

/** Every credential; `ask` false only reads along. */
export const useCredentials = (ask = true) => useQuery({ queryKey: [...keys.tokens, "list"], queryFn: api.credentials, enabled: ask, gcTime: Infinity,
  // Another process (a scheduled rotation) may have changed how they stand, and only says so in the ledger.
  refetchOnMount: "always" });
export const useRotations = (source: number | null) => useQuery({ queryKey: [...keys.tokens, "rotations", source], queryFn: () => api.rotations(source), placeholderData: keepPreviousData });
export const useRotation = (id: number, ask = true) => useQuery({ queryKey: [...keys.tokens, "rotation", id], queryFn: () => api.rotation(id), enabled: ask });
/** What there is to choose from; asked anew each time, for recipes are files and switches are turned. */
export const useRotationOptions = (source: number) => useQuery({ queryKey: [...keys.tokens, "options", source], queryFn: () => api.rotationOptions(source), gcTime: 0 });
/** Asking whether a credential works. It is asked when somebody wants it, never by itself; the last answer stays. */
export const checkOf = (id: string) => ({ queryKey: [...keys.tokens, "check", id], queryFn: () => api.verifyCredential(id), gcTime: Infinity });

/** Every rule with how it stands; `ask` false only reads along. */
export const useFindingRules = (since: number, ask = true) => useQuery({ queryKey: [...keys.findings, "rules", since], queryFn: () => api.findingRules(since), enabled: ask, placeholderData: keepPreviousData });
/** Counts of open findings; `ask` false only reads along. */
export const useFindingSums = (since: number, ask = true) => useQuery({ queryKey: [...keys.findings, "sums", since], queryFn: () => api.findingSums(since), enabled: ask, placeholderData: keepPreviousData, gcTime: Infinity });
export const useFindingsOf = (query: FindingQuery, ask = true) => useQuery({ queryKey: [...keys.findings, "some", query], queryFn: () => api.findings(query), placeholderData: keepPreviousData, enabled: ask });
/** One finding; `ask` false only reads along. */
export const useFinding = (id: string, ask = true) => useQuery({ queryKey: [...keys.findings, "one", id], queryFn: () => api.finding(id), enabled: ask && id !== "" });

export const useMoments = () => useQuery({ queryKey: [...keys.history, "moments"], queryFn: () => api.syncMoments(200) });
export const useComparison = (query: ComparisonQuery, ask = true) => useQuery({ queryKey: [...keys.history, "compare", query], queryFn: () => api.compare(query), placeholderData: keepPreviousData, enabled: ask });
export const useAsOf = (key: string, at: number) => useQuery({ queryKey: [...keys.history, "asOf", key, at], queryFn: () => api.asOf(key, at), placeholderData: keepPreviousData });
export const useHistoryInfo = () => useQuery({ queryKey: [...keys.history, "info"], queryFn: api.historyInfo });
