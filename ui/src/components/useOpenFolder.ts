/** Opens another data folder, or the demo company: everything that was known is forgotten first. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { api, type AppState } from "../ipc";
import { forgetProgress } from "../ipc/live";
import { keys } from "../ipc/queries";

export function useOpenFolder(onOpened: (state: AppState) => void) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const take = useCallback(
    async (ask: () => Promise<AppState | null>) => {
      setError(null);
      setBusy(true);
      try {
        const state = await ask();
        if (state === null) return;
        forgetProgress();
        client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.app[0] && query.queryKey[0] !== keys.sources[0] });
        client.setQueryData(keys.app, state);
        client.setQueryData(keys.sources, state.sources);
        onOpened(state);
      } catch (refused) {
        setError(refused);
      } finally {
        setBusy(false);
      }
    },
    [client, onOpened],
  );

  const open = useCallback(
    () =>
      take(async () => {
        const path = await api.pickFolder();
        return path === null ? null : api.openDataDir(path);
      }),
    [take],
  );
  const openDemo = useCallback(() => take(api.openDemo), [take]);
  return { open, openDemo, busy, error };
}
