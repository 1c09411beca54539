/** Hands the evidence of a run over: as one file or a folder, with or without personal data. */
import { useState } from "react";
import { Button, Segments } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { FaultView } from "../../components/FaultView";
import { plural } from "../../components/format";
import { useFileWriting } from "../../components/useFileWriting";
import { api, type EvidenceForm, type Run } from "../../ipc";
import styles from "./RunDialogs.module.css";

const FORMS = [{ id: "file", text: "One file" }, { id: "folder", text: "A folder" }] as const;

export function ExportEvidenceDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const [form, setForm] = useState<EvidenceForm>("file");
  const [masked, setMasked] = useState(false);
  const writing = useFileWriting({
    name: form === "file" ? `run-${run.id}.lanyard-evidence.zip` : `run-${run.id}-evidence`, write: (path) => api.exportEvidence(run.id, path, form, masked),
    says: (done) => `The evidence was written: ${plural(done.files.length, "file")}${done.masked ? ", masked" : ""}.`, onDone: onClose,
  });
  return (
    <Dialog
      title={`Export the evidence of run ${run.id}`}
      isOpen
      onClose={onClose}
      foot={<><Button variant="quiet" onPress={onClose}>Cancel</Button><Button variant="primary" isDisabled={writing.busy} onPress={writing.run}>{writing.busy ? "Writing…" : "Choose a place…"}</Button></>}
    >
      <div className={styles.body}>
        <p className="t2">The record, its signature and public key, a report as a page and as a PDF, and a recipe that checks it all with openssl and sha256sum. It stands outside Lanyard’s encryption: keep it where such data may be.</p>
        <div className={styles.line}><Segments label="Form" value={form} options={FORMS} onChange={setForm} /></div>
        <label className={styles.tick}>
          <input type="checkbox" checked={masked} onChange={(e) => setMasked(e.target.checked)} />
          <span>Mask personal data<small>Names, user names, addresses and ids are left out. The proof holds all the same: the record commits to them.</small></span>
        </label>
        {writing.error !== null && <FaultView compact error={writing.error} onRetry={writing.run} />}
      </div>
    </Dialog>
  );
}
