/** What the inspectors of people and groups share: the address of the leading record, actions, marks, notes, identifiers. */
import { Braces, EqualNot, Link2 } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import type { ComparedLine, Source } from "../ipc";
import { useAddress } from "./address";
import { CompareTable } from "./CompareTable";
import { Button, copyText, Id } from "./controls";
import styles from "./InspectorParts.module.css";
import { SourceMark } from "./marks";
import parts from "./parts.module.css";
import { toast } from "./toasts";

/** Any of the keys finds it; the list knows it by the leading one. `lead` is undefined while another answer is still shown. */
export function useLeadingAddress(lead: string | undefined, asked: string, path: (key: string) => string) {
  const { go } = useAddress();
  useEffect(() => {
    if (lead !== undefined && lead !== asked) go({ path: path(lead), replace: true });
  }, [lead, asked, path, go]);
}

/** Copies the address of the view; anything else that can be done; shows the raw documents. */
export function InspectorActs({ path, children }: { path: string; children?: ReactNode }) {
  const { go } = useAddress();
  return (
    <>
      <Button icon={<Link2 className="s" />} onPress={() => void copyText(path).then(() => toast("good", "The address of this view was copied.", path))}>
        Copy link
      </Button>
      {children}
      <Button icon={<Braces className="s" />} onPress={() => go({ set: { tab: "raw" }, replace: true })}>
        Show raw
      </Button>
    </>
  );
}

/** How many lines differ, on the tab that shows them. */
export function DifferMark({ lines }: { lines: readonly ComparedLine[] }) {
  const differing = lines.filter((line) => line.cells.some((c) => c.differs)).length;
  if (differing === 0) return null;
  return (
    <span className={`${parts.tag} ${parts.tagWarn}`}>
      {differing} <EqualNot className="x" aria-hidden="true" />
      <span className="sr">differ</span>
    </span>
  );
}

/** An account or a group at one source. */
interface HeldRecord {
  key: string;
  id: string;
  source: number;
  readAt: number | null;
  unconfirmed: boolean;
}

export const sourceNamer = (sources: readonly Source[]) => (id: number) => sources.find((s) => s.id === id)?.settings.name ?? "a source";

/** What each system says, side by side; below it what that leaves open, how the records were joined, and their ids. */
export function SideBySide({ records, lines, sources, notes, children }: { records: readonly HeldRecord[]; lines: readonly ComparedLine[]; sources: readonly Source[]; notes: ReactNode; children: ReactNode }) {
  const named = sourceNamer(sources);
  return (
    <>
      <CompareTable
        columns={records.map((r) => ({
          key: r.key, id: r.id, source: sources.find((s) => s.id === r.source), readAt: r.readAt,
          note: r.unconfirmed ? <p className="warn">not seen by the last sync</p> : undefined,
        }))}
        lines={lines}
      />
      <ul className={styles.notes}>{notes}</ul>
      {children}
      <section className={styles.ids} aria-label="Identifiers">
        <h3 className={parts.sect}>Identifiers</h3>
        {records.map((r) => (
          <p key={r.key}>
            <SourceMark source={sources.find((s) => s.id === r.source)} small />
            <Id text={r.id} what={`id at ${named(r.source)}`} />
          </p>
        ))}
      </section>
    </>
  );
}

/** What a source says under a label of the side-by-side table, where it says anything. */
export const saidAt = (lines: readonly ComparedLine[], label: string, at: number): string | null => lines.find((line) => line.label === label)?.cells[at]?.value ?? null;
