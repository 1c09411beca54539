/** The field of a secret. It is the only place in the window that a secret is ever in: it is emptied the moment that it is taken. */
import { useId, useImperativeHandle, useRef, type ReactNode, type Ref } from "react";
import styles from "./Tokens.module.css";

export interface SecretHandle {
  /** What was typed or pasted, once; the field is empty afterwards. */
  take: () => string;
}

interface Props {
  label: string;
  help?: ReactNode;
  /** Whether there is something in it. */
  onGiven: (given: boolean) => void;
  ref?: Ref<SecretHandle>;
}

export function SecretField({ label, help, onGiven, ref }: Props) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => ({
    take: () => {
      const value = input.current?.value ?? "";
      if (input.current) input.current.value = "";
      onGiven(false);
      return value;
    },
  }), [onGiven]);
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input id={id} ref={input} type="password" autoComplete="new-password" autoCapitalize="off" spellCheck={false} className="mono" aria-describedby={help === undefined ? undefined : `${id}-help`} onInput={(e) => onGiven(e.currentTarget.value !== "")} data-testid="secret" />
      {help !== undefined && <small id={`${id}-help`}>{help}</small>}
    </div>
  );
}
