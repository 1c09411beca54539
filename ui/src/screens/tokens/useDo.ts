/** Does something with a credential or a rotation, and has the screens ask again. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { toast } from "../../components/toasts";
import { toFault } from "../../ipc";
import { keys } from "../../ipc/queries";

export function useDo() {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  /** Gives back the answer, or undefined where it was refused; `quiet` leaves the refusal to whoever asked. */
  const act = useCallback(
    async <T>(ask: () => Promise<T>, quiet = false): Promise<T | undefined> => {
      setBusy(true);
      setError(null);
      try {
        const answer = await ask();
        // What there is to choose from stays while somebody chooses.
        await client.invalidateQueries({ predicate: ({ queryKey: [of, what] }) => of === keys.tokens[0] && what !== "options" });
        void client.invalidateQueries({ queryKey: keys.audit });
        return answer;
      } catch (refused) {
        if (quiet) setError(refused);
        else {
          const fault = toFault(refused);
          toast("bad", fault.what, fault.next);
        }
        return undefined;
      } finally {
        setBusy(false);
      }
    },
    [client],
  );
  return { act, busy, error };
}
