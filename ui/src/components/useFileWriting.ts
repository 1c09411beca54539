/** Writing a list to a file that is picked first: said when done, and told in the audit log. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type ExportDone } from "../ipc";
import { keys } from "../ipc/queries";
import { bytes } from "./format";
import { toast } from "./toasts";

interface Writing {
  /** The name that is proposed for the file. */
  name: string;
  write: (path: string) => Promise<ExportDone>;
  /** What so many rows are called. */
  counted: (rows: number) => string;
  onDone: () => void;
}

export function useFileWriting({ name, write, counted, onDone }: Writing) {
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
      toast("good", `${counted(done.rows)} written, ${bytes(done.bytes)}.`, done.path);
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
