/** Writes the findings that the list shows to a file. */
import { useState } from "react";
import { RadioGroup } from "react-aria-components";
import { Button } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { Choice } from "../../components/ExportDialog";
import exports from "../../components/ExportDialog.module.css";
import { FaultView } from "../../components/FaultView";
import { bytes, plural } from "../../components/format";
import { useFileWriting } from "../../components/useFileWriting";
import { api, type FindingFormat, type FindingQuery } from "../../ipc";

const FORMATS: readonly { id: FindingFormat; title: string; note: string }[] = [
  { id: "csv", title: "CSV", note: "For spreadsheets. Cells that would run as formulas are made harmless." },
  { id: "json", title: "JSON", note: "For scripts: the findings, the rules, and what was not evaluated." },
  { id: "sarif", title: "SARIF 2.1.0", note: "For dashboards of code scanning." },
];

export function FindingsExport({ query, total, onClose }: { query: FindingQuery; total: number; onClose: () => void }) {
  const [format, setFormat] = useState<FindingFormat>("csv");
  const { run, busy, error } = useFileWriting({
    name: `findings.${format}`, write: (path) => api.exportFindings(query, format, path), says: (done) => `${plural(done.rows, "finding")} written, ${bytes(done.bytes)}.`, onDone: onClose,
  });
  return (
    <Dialog
      title={`Export ${plural(total, "finding")}`}
      isOpen
      onClose={onClose}
      foot={<><Button onPress={onClose}>Cancel</Button><Button variant="primary" onPress={run} isDisabled={busy}>{busy ? "Writing…" : "Choose a file…"}</Button></>}
    >
      <p className="t2">All findings that the list shows now, in its order. The file stands outside Lanyard’s encryption: keep it where such data may be.</p>
      <RadioGroup className={exports.group} value={format} onChange={(v) => setFormat(FORMATS.find((f) => f.id === v)?.id ?? "csv")} aria-label="Format">
        {FORMATS.map((f) => <Choice key={f.id} value={f.id} title={f.title} note={f.note} />)}
      </RadioGroup>
      {error !== null && <FaultView compact error={error} onRetry={run} />}
    </Dialog>
  );
}
