/** The rows and choices that the form is made of. */
import type { ReactNode } from "react";
import { RadioButton, RadioField } from "react-aria-components";
import type { Field, Problems } from "./check";
import type { SourceForm } from "./form";
import styles from "./Form.module.css";

/** What every part of the form works on. */
export interface Editing {
  form: SourceForm;
  shown: Problems;
  set: (change: Partial<SourceForm>) => void;
  touch: (field: Field) => void;
}

export const text = (field: Field, shown: Problems) => ({
  id: `source-${field}`,
  spellCheck: false,
  autoComplete: "off",
  "aria-invalid": shown[field] !== undefined || undefined,
  "aria-describedby": `source-${field}-says`,
});

export const Row = ({ field, label, help, problem, children }: { field: string; label: string; help?: ReactNode; problem?: string; children: ReactNode }) => (
  <div className={styles.row}>
    <label className={styles.label} htmlFor={`source-${field}`}>{label}</label>
    {children}
    <p id={`source-${field}-says`} className={problem === undefined ? styles.help : styles.problem}>{problem ?? help}</p>
  </div>
);

type TextField = Field & keyof SourceForm;

interface TextRowProps {
  edit: Editing;
  field: { [K in TextField]: SourceForm[K] extends string ? K : never }[TextField];
  label: string;
  help?: ReactNode;
  placeholder?: string;
  mono?: boolean;
  url?: boolean;
}

/** A line of text with its label, help and problem. */
export const TextRow = ({ edit: { form, shown, set, touch }, field, label, help, placeholder, mono = false, url = false }: TextRowProps) => (
  <Row field={field} label={label} help={help} problem={shown[field]}>
    <input
      {...text(field, shown)}
      className={mono || url ? "mono" : undefined}
      type={url ? "url" : "text"}
      value={form[field]}
      placeholder={placeholder}
      onChange={(e) => set({ [field]: e.target.value })}
      onBlur={() => (!url || form[field] !== "") && touch(field)}
    />
  </Row>
);

/** Several lines of text: one entry a line. */
export const ListRow = ({ edit: { form, shown, set, touch }, field, label, help, placeholder }: { edit: Editing; field: "subscriptions" | "superUsers"; label: string; help?: ReactNode; placeholder?: string }) => (
  <Row field={field} label={label} help={help} problem={shown[field]}>
    <textarea {...text(field, shown)} className="mono" rows={2} value={form[field]} placeholder={placeholder} onChange={(e) => set({ [field]: e.target.value })} onBlur={() => touch(field)} />
  </Row>
);

export const Choice = ({ value, mark, title, note }: { value: string; mark: ReactNode; title: string; note: string }) => (
  <RadioField value={value} className={styles.option}>
    <RadioButton className={styles.choice}>
      {mark}
      <span>
        <span className="strong">{title}</span>
        <span className="xs t3">{note}</span>
      </span>
    </RadioButton>
  </RadioField>
);
