/** The window: opens the data folder's picture, then routes to screens. */
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useState } from "react";
import { RouterProvider } from "react-aria-components";
import { Navigate, Route, Routes, useLocation, useNavigate, useHref } from "react-router";
import { ErrorBoundary, FaultView } from "../components/FaultView";
import { Toasts } from "../components/toasts";
import { api } from "../ipc";
import { reconcileProgress, startListening } from "../ipc/live";
import { useAppState, useSources } from "../ipc/queries";
import { FirstRunScreen } from "../screens/first-run/FirstRunScreen";
import { setTheme } from "../theme/theme";
import { Frame } from "./Frame";
import { KeyHelp } from "./KeyHelp";
import { sayEnded } from "./ended";
import { Palette } from "./Palette";
import { fetchOthers, ROUTES } from "./screens";
import { useSettled } from "./settled";
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

  // Once the first screen stands, the others' code is fetched, so that nothing waits for it later.
  const settled = useSettled(app.data !== undefined);
  useEffect(() => {
    if (settled) void fetchOthers();
  }, [settled]);

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
      <Frame app={app.data} sources={known} settled={settled} onPalette={() => setPalette(true)}>
        <ErrorBoundary resetKey={location.pathname}>
          <Suspense fallback={null}>
            <Routes>
              <Route path="/" element={<Navigate to="/overview" replace />} />
              {ROUTES.map(([path, { Screen }]) => (
                <Route key={path} path={path} element={<Screen />} />
              ))}
              <Route path="*" element={<Navigate to="/overview" replace />} />
            </Routes>
          </Suspense>
        </ErrorBoundary>
      </Frame>
      <Palette isOpen={palette} onClose={() => setPalette(false)} onHelp={() => setHelp(true)} />
      <KeyHelp isOpen={help} onClose={() => setHelp(false)} />
    </>
  );
}

