/** A request as it is sent, and its answer; commands and diffs to copy. The credential is never among them. */
import type { ReactNode } from "react";
import { CopyButton } from "../../components/controls";
import { atSecond, duration } from "../../components/format";
import parts from "../../components/parts.module.css";
import { RequestText, requestText } from "../../components/RequestText";
import req from "../../components/RequestText.module.css";
import type { AskedView } from "../../ipc";
import styles from "./Exchange.module.css";

export function Asked({ asked, note, marks }: { asked: AskedView; note: string; marks: readonly string[] }) {
  return (
    <div className={`${parts.well} ${styles.well}`} data-testid="asked">
      <div className={styles.cap}>
        <b>Asked</b>{atSecond(asked.at)}{note}
        <span>{asked.status === null ? "no answer" : `${asked.status} in ${duration(asked.tookMs)}`}</span>
        <CopyButton shown text={`${requestText(asked.request)}\n\n${asked.status ?? "no answer"}\n${asked.excerpt}`} what="request and answer" />
      </div>
      <RequestText request={asked.request} />
      {asked.excerpt !== "" && <pre className={req.req}>{marked(asked.excerpt, marks)}</pre>}
    </div>
  );
}

/** Marks the lines of an answer in which what remains is named. */
function marked(text: string, marks: readonly string[]): ReactNode {
  const words = marks.flatMap((m) => m.split(/[\s()]+/)).filter((w) => w.length > 5);
  return text.split("\n").map((line, n) => (
    // Lines of one fixed text: their place is their name.
    <span key={`${n}-${line}`}>{n > 0 && "\n"}{words.some((w) => line.includes(w)) ? <mark>{line.trim()}</mark> : <i>{line}</i>}</span>
  ));
}

/** A command or diff, to be copied and run. */
export function CommandText({ text, form, title }: { text: string; form: string; title: string }) {
  return (
    <div className={`${parts.well} ${styles.well}`}>
      <div className={styles.cap}><b>{title}</b><span /><CopyButton shown text={text} what={form} /></div>
      <pre className={req.req} data-testid="command">
        {form === "diff" ? text.split("\n").map((line, n) => <span key={`${n}-${line}`} className={line.startsWith("+") ? styles.add : line.startsWith("-") ? styles.del : ""}>{n > 0 && "\n"}{line}</span>) : text}
      </pre>
    </div>
  );
}
