/** The document as the source sent it. */
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, type Source } from "../ipc";
import { keys } from "../ipc/queries";
import { WhichSource } from "./Attributes";
import { CopyButton, Time } from "./controls";
import { FaultView } from "./FaultView";
import styles from "./RawView.module.css";

export function RawView({ held }: { held: readonly { key: string; source: Source | undefined }[] }) {
  const [chosen, setChosen] = useState("");
  const shown = held.find((h) => h.key === chosen) ?? held[0];
  const key = shown?.key ?? "";
  const raw = useQuery({ queryKey: [...keys.directory, "raw", key], queryFn: () => api.rawDocument(key), enabled: key !== "" });
  return (
    <>
      <WhichSource held={held} chosen={key} onChange={setChosen} />
      {raw.error && <FaultView compact error={raw.error} onRetry={() => void raw.refetch()} />}
      {raw.data && (
        <>
          <p className={styles.note}>
            As {shown?.source?.settings.name ?? "the source"} sent it, <Time at={raw.data.readAt} none="at an unknown time" />
            <CopyButton shown text={raw.data.json} what="document" />
          </p>
          <JsonText text={raw.data.json} />
        </>
      )}
    </>
  );
}

/** JSON in four shades: names, text, numbers and words, brackets. */
export function JsonText({ text }: { text: string }) {
  return (
    // A long document scrolls by keys.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className={styles.json} tabIndex={0} aria-label="JSON document">
      {jsonPieces(text)}
    </pre>
  );
}

export function jsonPieces(text: string): ReactNode[] {
  const out: ReactNode[] = [];
  const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > last) out.push(text.slice(last, match.index));
    const [whole, string, colon] = match;
    if (string !== undefined && colon !== undefined) out.push(<b key={match.index}>{string}</b>, colon);
    else out.push(<span key={match.index} className={string === undefined ? styles.word : styles.string}>{whole}</span>);
    last = match.index + whole.length;
  }
  out.push(text.slice(last));
  return out;
}
