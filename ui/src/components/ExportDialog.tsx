/** Writes what a list shows, all rows of it, to a file. */
import { useState } from "react";
import { RadioButton, RadioField, RadioGroup } from "react-aria-components";
import type { ExportDone, ExportFormat } from "../ipc";
import { Button } from "./controls";
import { Dialog } from "./dialogs";
import { FaultView } from "./FaultView";
import { bytes, plural } from "./format";
import { useFileWriting } from "./useFileWriting";
import styles from "./ExportDialog.module.css";

interface Props {
  what: "people" | "groups";
  total: number;
  columns: readonly { id: string; label: string }[];
  isOpen: boolean;
  onClose: () => void;
  write: (columns: string[], format: ExportFormat, path: string) => Promise<ExportDone>;
}

export function ExportDialog({ what, total, columns, isOpen, onClose, write }: Props) {
  const [format, setFormat] = useState<ExportFormat>("csv");
  const [scope, setScope] = useState<"shown" | "all">("shown");
  const counted = (rows: number) => plural(rows, what === "people" ? "person" : "group", what);
  const { run, busy, error } = useFileWriting({
    name: `${what}.${format}`, write: (path) => write(scope === "shown" ? columns.map((c) => c.id) : [], format, path), says: (done) => `${counted(done.rows)} written, ${bytes(done.bytes)}.`, onDone: onClose,
  });

  return (
    <Dialog
      title={`Export ${counted(total)}`}
      isOpen={isOpen}
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" onPress={run} isDisabled={busy || total === 0}>
            {busy ? "Writing…" : "Choose a file…"}
          </Button>
        </>
      }
    >
      <p className="t2">All rows that the list shows now, in its order. The file stands outside Lanyard’s encryption: keep it where such data may be.</p>
      <RadioGroup className={styles.group} value={format} onChange={(v) => setFormat(v === "json" ? "json" : "csv")} aria-label="Format">
        <Choice value="csv" title="CSV" note="For spreadsheets. Cells that would run as formulas are made harmless." />
        <Choice value="json" title="JSON" note="For scripts: an array of rows." />
      </RadioGroup>
      <RadioGroup className={styles.group} value={scope} onChange={(v) => setScope(v === "all" ? "all" : "shown")} aria-label="Columns">
        <Choice value="shown" title="The columns shown" note={columns.map((c) => c.label).join(", ")} />
        <Choice value="all" title="All columns" note="Also those that are not on screen." />
      </RadioGroup>
      {error !== null && <FaultView compact error={error} onRetry={run} />}
    </Dialog>
  );
}

/** One form of a file, with what it is for. */
export const Choice = ({ value, title, note }: { value: string; title: string; note: string }) => (
  <RadioField value={value}>
    <RadioButton className={styles.choice}>
      <i aria-hidden="true" />
      <span>
        <span className="strong">{title}</span>
        <span className="xs t3">{note}</span>
      </span>
    </RadioButton>
  </RadioField>
);
