/** Writing to a file or folder that is picked first: said when done, and told in the audit log. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../ipc";
import { keys } from "../ipc/queries";
import { toast } from "./toasts";

interface Writing<D extends { path: string }> {
  /** The name that is proposed for the file. */
  name: string;
  write: (path: string) => Promise<D>;
  /** What was done, in a sentence. */
  says: (done: D) => string;
  onDone: () => void;
}

export function useFileWriting<D extends { path: string }>({ name, write, says, onDone }: Writing<D>) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async () => {
    setError(null);
    try {
      const path = await api.pickSave(name);
      if (path === null) return;
      setBusy(true);
      const done = await write(path);
      toast("good", says(done), done.path);
      void client.invalidateQueries({ queryKey: keys.audit });
      onDone();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return { run: () => void run(), busy, error };
}
