/** Does something with a run, and takes its answer in. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { toast } from "../../components/toasts";
import { toFault, type Run } from "../../ipc";
import { keys } from "../../ipc/queries";

export function useAct() {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  /** Gives back the run, or null where it was refused; `quiet` leaves the refusal to whoever asked. */
  const act = useCallback(
    async (ask: () => Promise<Run>, quiet = false): Promise<Run | null> => {
      setBusy(true);
      setError(null);
      try {
        const run = await ask();
        client.setQueryData([...keys.runs, "run", run.id], run);
        void client.invalidateQueries({ queryKey: [...keys.runs, "records", run.id] });
        void client.invalidateQueries({ queryKey: [...keys.runs, "list"] });
        void client.invalidateQueries({ queryKey: [...keys.runs, "plans"] });
        void client.invalidateQueries({ queryKey: keys.audit });
        return run;
      } catch (refused) {
        if (quiet) setError(refused);
        else {
          const fault = toFault(refused);
          toast("bad", fault.what, fault.next);
        }
        return null;
      } finally {
        setBusy(false);
      }
    },
    [client],
  );
  return { act, busy, error };
}
