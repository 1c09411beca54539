/** A request as it is sent, and its answer; commands and diffs to copy. The credential is never among them. */
import type { ReactNode } from "react";
import { CopyButton } from "../../components/controls";
import { duration } from "../../components/format";
import parts from "../../components/parts.module.css";
import { jsonPieces } from "../../components/RawView";
import type { AskedView, Request } from "../../ipc";
import styles from "./Exchange.module.css";

/** A request as text, to be copied. */
export const requestText = ({ method, url, headers, body }: Request): string =>
  [`${method} ${url}`, ...headers.map(([name, value]) => `${name}: ${value}`), ...(body === null ? [] : ["", body])].join("\n");

/** The path is what matters; the host stands with the headers. */
function split(url: string): { host: string; path: string } {
  try {
    const parsed = new URL(url);
    return { host: parsed.host, path: decodeURI(url.slice(parsed.origin.length)) || "/" };
  } catch {
    return { host: "", path: url };
  }
}

export function RequestText({ request }: { request: Request }) {
  const { host, path } = split(request.url);
  const [before, query] = path.split(/\?(.*)/s);
  return (
    <pre className={styles.req} data-testid="request">
      <b>{request.method}</b> {before}
      {query !== undefined && `\n    ?${query}`}
      <i>{`\n${host === "" ? "" : `Host: ${host}   `}Authorization: ••••••••`}{request.headers.map(([name, value]) => `\n${name}: ${value}`).join("")}</i>
      {request.body !== null && <>{"\n\n"}{jsonPieces(request.body)}</>}
    </pre>
  );
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const atSecond = (at: number): string => clock.format(at);

export function Asked({ asked, note, marks }: { asked: AskedView; note: string; marks: readonly string[] }) {
  return (
    <div className={`${parts.well} ${styles.well}`} data-testid="asked">
      <div className={styles.cap}>
        <b>Asked</b>{atSecond(asked.at)}{note}
        <span>{asked.status === null ? "no answer" : `${asked.status} in ${duration(asked.tookMs)}`}</span>
        <CopyButton shown text={`${requestText(asked.request)}\n\n${asked.status ?? "no answer"}\n${asked.excerpt}`} what="request and answer" />
      </div>
      <RequestText request={asked.request} />
      {asked.excerpt !== "" && <pre className={styles.req}>{marked(asked.excerpt, marks)}</pre>}
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
      <pre className={styles.req} data-testid="command">
        {form === "diff" ? text.split("\n").map((line, n) => <span key={`${n}-${line}`} className={line.startsWith("+") ? styles.add : line.startsWith("-") ? styles.del : ""}>{n > 0 && "\n"}{line}</span>) : text}
      </pre>
    </div>
  );
}
