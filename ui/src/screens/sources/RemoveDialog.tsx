/** Asks before a source is removed, and names what goes and what stays. */
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { FaultView } from "../../components/FaultView";
import { plural } from "../../components/format";
import { toast } from "../../components/toasts";
import { api, type Source } from "../../ipc";
import { keys } from "../../ipc/queries";
import styles from "./Sources.module.css";

export function RemoveDialog({ source, isOpen, onClose }: { source: Source; isOpen: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const preview = useQuery({ queryKey: [...keys.sources, "removal", source.id], queryFn: () => api.removalPreview(source.id), enabled: isOpen, gcTime: 0, staleTime: 0 });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const name = source.settings.name;

  const remove = async () => {
    setBusy(true);
    setError(null);
    try {
      await api.removeSource(source.id);
      onClose();
      toast("good", `${name} was removed.`);
      void navigate("/sources");
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const goes = preview.data;
  return (
    <Dialog
      title={`Remove ${name}?`}
      alert
      isOpen={isOpen}
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose} autoFocus>Keep it</Button>
          <Button variant="dangerFill" icon={<Trash2 className="s" />} isDisabled={busy || !goes} onPress={() => void remove()} data-testid="remove-confirm">
            {busy ? "Removing…" : `Remove ${name}`}
          </Button>
        </>
      }
    >
      {preview.error && <FaultView compact error={preview.error} onRetry={() => void preview.refetch()} />}
      {goes && (
        <div className={styles.removal}>
          <h3>Goes</h3>
          <ul>
            <li>{plural(goes.accounts, "account")} and {plural(goes.groups, "group")} from the cache on this machine</li>
            {goes.secret && <li>Its secret from the keychain</li>}
            <li>Its settings</li>
          </ul>
          <h3>Stays</h3>
          <ul>
            <li>{plural(goes.historyKept, "entry", "entries")} of history, and the audit log</li>
            <li>Everything in {name} itself: nothing is changed there</li>
          </ul>
        </div>
      )}
      {error !== null && <FaultView compact error={error} onRetry={() => void remove()} />}
    </Dialog>
  );
}
