/** Hands the evidence of a run over: as one file or a folder, with or without personal data. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Segments } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { FaultView } from "../../components/FaultView";
import { plural } from "../../components/format";
import { toast } from "../../components/toasts";
import { api, type EvidenceForm, type Run } from "../../ipc";
import { keys } from "../../ipc/queries";
import styles from "./RunDialogs.module.css";

const FORMS = [{ id: "file", text: "One file" }, { id: "folder", text: "A folder" }] as const;

export function ExportEvidenceDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const client = useQueryClient();
  const [form, setForm] = useState<EvidenceForm>("file");
  const [masked, setMasked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const write = async () => {
    setError(null);
    try {
      const path = await api.pickSave(form === "file" ? `run-${run.id}.lanyard-evidence.zip` : `run-${run.id}-evidence`);
      if (path === null) return;
      setBusy(true);
      const done = await api.exportEvidence(run.id, path, form, masked);
      toast("good", `The evidence was written: ${plural(done.files.length, "file")}${done.masked ? ", masked" : ""}.`, done.path);
      void client.invalidateQueries({ queryKey: keys.audit });
      onClose();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Export the evidence of run ${run.id}`}
      isOpen
      onClose={onClose}
      foot={<><Button variant="quiet" onPress={onClose}>Cancel</Button><Button variant="primary" isDisabled={busy} onPress={() => void write()}>{busy ? "Writing…" : "Choose a place…"}</Button></>}
    >
      <div className={styles.body}>
        <p className="t2">The record, its signature and public key, a report as a page and as a PDF, and a recipe that checks it all with openssl and sha256sum. It stands outside Lanyard’s encryption: keep it where such data may be.</p>
        <div className={styles.line}><Segments label="Form" value={form} options={FORMS} onChange={setForm} /></div>
        <label className={styles.tick}>
          <input type="checkbox" checked={masked} onChange={(e) => setMasked(e.target.checked)} />
          <span>Mask personal data<small>Names, user names, addresses and ids are left out. The proof holds all the same: the record commits to them.</small></span>
        </label>
        {error !== null && <FaultView compact error={error} onRetry={() => void write()} />}
      </div>
    </Dialog>
  );
}
