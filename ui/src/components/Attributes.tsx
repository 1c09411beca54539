/** The attributes of a document, schema by schema, each with its path and a button to copy it. */
import { useState } from "react";
import type { AttributeSection, Source } from "../ipc";
import { CopyButton, Segments } from "./controls";
import { SourceMark } from "./marks";
import styles from "./Attributes.module.css";

export interface Held {
  key: string;
  source: Source | undefined;
  attributes: readonly AttributeSection[];
}

export function Attributes({ held }: { held: readonly Held[] }) {
  const [chosen, setChosen] = useState("");
  const shown = held.find((h) => h.key === chosen) ?? held[0];
  if (!shown) return null;
  return (
    <>
      <WhichSource held={held} chosen={shown.key} onChange={setChosen} />
      {shown.attributes.map((section) => (
        <section key={section.schema} className={styles.section} aria-label={section.title}>
          <h3>
            {section.title}
            <code className="cut" title={section.schema}>{section.schema}</code>
          </h3>
          <dl>
            {section.attributes.map((line, n) => (
              <div key={`${line.path}-${n}`}>
                <dt>{line.path}</dt>
                <dd>
                  <bdi>{line.value}</bdi>
                  <CopyButton text={line.value} what={line.path} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}

/** Which source's word is shown, where there is more than one. */
export function WhichSource({ held, chosen, onChange }: { held: readonly { key: string; source: Source | undefined }[]; chosen: string; onChange: (key: string) => void }) {
  if (held.length < 2) return null;
  return (
    <div className={styles.which}>
      <Segments label="Which source" value={chosen} options={held.map((h) => ({ id: h.key, text: h.source?.settings.name ?? h.key, icon: <SourceMark source={h.source} small /> }))} onChange={onChange} />
    </div>
  );
}
