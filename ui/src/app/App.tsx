/** The window: opens the data folder's picture, then routes to screens. */
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { RouterProvider } from "react-aria-components";
import { Navigate, Route, Routes, useLocation, useNavigate, useHref } from "react-router";
import { ErrorBoundary, FaultView } from "../components/FaultView";
import { Toasts } from "../components/toasts";
import { api } from "../ipc";
import { reconcileProgress, startListening } from "../ipc/live";
import { useAppState, useSources } from "../ipc/queries";
import { AccessScreen } from "../screens/access/AccessScreen";
import { AuditScreen } from "../screens/audit/AuditScreen";
import { DeprovisionScreen } from "../screens/deprovision/DeprovisionScreen";
import { EvidenceScreen } from "../screens/deprovision/EvidenceScreen";
import { OffboardScreen } from "../screens/deprovision/OffboardScreen";
import { PlanScreen } from "../screens/deprovision/PlanScreen";
import { RunScreen } from "../screens/deprovision/RunScreen";
import { FirstRunScreen } from "../screens/first-run/FirstRunScreen";
import { GroupsScreen } from "../screens/groups/GroupsScreen";
import { JoinsScreen } from "../screens/joins/JoinsScreen";
import { OverviewScreen } from "../screens/overview/OverviewScreen";
import { PeopleScreen } from "../screens/people/PeopleScreen";
import { SettingsScreen } from "../screens/settings/SettingsScreen";
import { SourceFormScreen } from "../screens/sources/SourceFormScreen";
import { SourcesScreen } from "../screens/sources/SourcesScreen";
import { RotationScreen } from "../screens/tokens/RotationScreen";
import { TokensScreen } from "../screens/tokens/TokensScreen";
import { setTheme } from "../theme/theme";
import { Frame } from "./Frame";
import { KeyHelp } from "./KeyHelp";
import { sayEnded } from "./ended";
import { Palette } from "./Palette";
import { useKeys } from "./useKeys";

export function App({ client }: { client: QueryClient }) {
  return (
    <QueryClientProvider client={client}>
      <Routed client={client} />
      <Toasts />
    </QueryClientProvider>
  );
}

function Routed({ client }: { client: QueryClient }) {
  const navigate = useNavigate();
  useEffect(() => {
    void startListening(client, sayEnded);
  }, [client]);
  return (
    <RouterProvider navigate={(path) => void navigate(path)} useHref={useHref}>
      <Window />
    </RouterProvider>
  );
}

function Window() {
  const app = useAppState();
  const sources = useSources();
  const location = useLocation();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useKeys({ onPalette: () => setPalette(true), onHelp: () => setHelp(true) });

  // The data folder's choice of theme wins over what this web view remembers.
  useEffect(() => {
    void api.setting("theme").then(
      (value) => {
        if (value === "light" || value === "dark" || value === "system") setTheme(value);
      },
      () => undefined,
    );
  }, [app.data?.dataDir]);

  useEffect(() => {
    if (sources.data) reconcileProgress(sources.data);
  }, [sources.data]);

  if (app.error) return <FaultView error={app.error} onRetry={() => void app.refetch()} />;
  if (!app.data) return null;
  const known = sources.data ?? app.data.sources;
  const first = app.data.firstRun && known.length === 0;
  const bare = location.pathname === "/welcome" || (first && location.pathname === "/");
  if (bare) {
    return (
      <ErrorBoundary resetKey={location.pathname}>
        <FirstRunScreen app={app.data} />
        <Palette isOpen={palette} onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />
        <KeyHelp isOpen={help} onClose={() => setHelp(false)} />
      </ErrorBoundary>
    );
  }
  return (
    <>
      <Frame app={app.data} sources={known} onPalette={() => setPalette(true)}>
        <ErrorBoundary resetKey={location.pathname}>
          <Routes>
            <Route path="/" element={<Navigate to="/overview" replace />} />
            <Route path="/overview" element={<OverviewScreen />} />
            <Route path="/people" element={<PeopleScreen />} />
            <Route path="/people/:key" element={<PeopleScreen />} />
            <Route path="/people/:key/offboard" element={<OffboardScreen />} />
            <Route path="/groups" element={<GroupsScreen />} />
            <Route path="/groups/:key" element={<GroupsScreen />} />
            <Route path="/access" element={<AccessScreen />} />
            <Route path="/deprovision" element={<DeprovisionScreen />} />
            <Route path="/deprovision/plans/:file" element={<PlanScreen />} />
            <Route path="/deprovision/runs/:id" element={<RunScreen />} />
            <Route path="/deprovision/evidence" element={<EvidenceScreen />} />
            <Route path="/tokens" element={<TokensScreen />} />
            <Route path="/tokens/:id" element={<TokensScreen />} />
            <Route path="/tokens/rotations/:id" element={<RotationScreen />} />
            <Route path="/joins" element={<JoinsScreen />} />
            <Route path="/audit" element={<AuditScreen />} />
            <Route path="/audit/:seq" element={<AuditScreen />} />
            <Route path="/sources/new" element={<SourceFormScreen />} />
            <Route path="/sources/:id/edit" element={<SourceFormScreen />} />
            <Route path="/sources" element={<SourcesScreen />} />
            <Route path="/sources/:id" element={<SourcesScreen />} />
            <Route path="/settings" element={<SettingsScreen />} />
            <Route path="*" element={<Navigate to="/overview" replace />} />
          </Routes>
        </ErrorBoundary>
      </Frame>
      <Palette isOpen={palette} onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />
      <KeyHelp isOpen={help} onClose={() => setHelp(false)} />
    </>
  );
}

