/** Names the groups that are meant to restore. Nothing is guessed: who is outside them is counted against this choice alone. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { Button, IconButton, SearchField } from "../../../components/controls";
import { Dialog } from "../../../components/dialogs";
import { FaultView } from "../../../components/FaultView";
import { plural } from "../../../components/format";
import { Face } from "../../../components/marks";
import { toast } from "../../../components/toasts";
import { api, type GroupQuery, type NodeRef } from "../../../ipc";
import { keys } from "../../../ipc/queries";
import styles from "./Restore.module.css";

const FIND: Omit<GroupQuery, "search"> = { filter: null, source: null, facet: "all", sort: "name", descending: false, offset: 0, limit: 8 };

export function MeantDialog({ meant, onClose }: { meant: readonly NodeRef[]; onClose: () => void }) {
  const client = useQueryClient();
  const [chosen, setChosen] = useState<readonly { key: string; name: string }[]>(meant.map(({ key, name }) => ({ key, name })));
  const [search, setSearch] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const found = useQuery({ queryKey: [...keys.directory, "meant", search], queryFn: () => api.groups({ ...FIND, search }), enabled: search.trim() !== "", placeholderData: keepPreviousData, gcTime: 5_000 });
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      await api.setRestoreGroups(chosen.map((c) => c.key));
      await client.invalidateQueries({ queryKey: keys.directory });
      void client.invalidateQueries({ queryKey: keys.audit });
      toast("good", chosen.length === 0 ? "No group is meant for restoring any more." : `${plural(chosen.length, "group is", "groups are")} meant for restoring.`);
      onClose();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const add = (key: string, name: string) => {
    setChosen((was) => (was.some((c) => c.key === key) ? was : [...was, { key, name }]));
    setSearch("");
  };
  return (
    <Dialog
      title="Groups meant for restoring"
      isOpen
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" isDisabled={busy} onPress={() => void save()}>{busy ? "Saving…" : "Save"}</Button>
        </>
      }
    >
      <p className="t2">Who can restore by another way than through one of these groups is listed first, as outside. The choice is kept in this data folder and stands in the audit log; nothing is changed in any system.</p>
      <ul className={styles.chosen} aria-label="Chosen groups">
        {chosen.map((c) => (
          <li key={c.key}>
            <Face name={c.name} type="group" />
            <bdi className="cut grow">{c.name}</bdi>
            <IconButton tiny label={`Take ${c.name} out`} onPress={() => setChosen(chosen.filter((o) => o.key !== c.key))}><X className="x" /></IconButton>
          </li>
        ))}
        {chosen.length === 0 && <li className="t3">None yet.</li>}
      </ul>
      <SearchField label="Find a group" placeholder="Find a group" value={search} onChange={setSearch} />
      {found.error && <FaultView compact error={found.error} onRetry={() => void found.refetch()} />}
      {search.trim() !== "" && found.data && (
        <ul className={styles.hits} aria-label="Groups found">
          {found.data.rows.map((row) => {
            const key = `group:${row.key}`;
            return (
              <li key={key}>
                <button type="button" disabled={chosen.some((c) => c.key === key)} onClick={() => add(key, row.name)}>
                  <Plus className="s" />
                  <bdi className="cut grow">{row.name}</bdi>
                  <span className="t3">{row.people === null ? "members not listed" : plural(row.people, "person", "people")}</span>
                </button>
              </li>
            );
          })}
          {found.data.rows.length === 0 && <li className="t3">No group of this name.</li>}
        </ul>
      )}
      {error !== null && <FaultView compact error={error} onRetry={() => void save()} />}
    </Dialog>
  );
}
