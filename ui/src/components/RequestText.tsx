/** A request as it is sent. The credential is never in it: a mask stands in its place. */
import type { Request } from "../ipc";
import { jsonPieces } from "./RawView";
import styles from "./RequestText.module.css";

const MASK = "••••••••";
/** The credential's own header stands by itself, whatever a source says of it. */
const beside = ({ headers }: Request) => headers.filter(([name]) => name.toLowerCase() !== "authorization");

/** A request as text, to be copied. */
export const requestText = (request: Request): string =>
  [`${request.method} ${request.url}`, ...beside(request).map(([name, value]) => `${name}: ${value}`), ...(request.body === null ? [] : ["", request.body])].join("\n");

/** The path is what matters; the host stands with the headers. */
export function splitUrl(url: string): { host: string; path: string } {
  try {
    const parsed = new URL(url);
    const path = url.slice(parsed.origin.length);
    return { host: parsed.host, path: readable(path) || "/" };
  } catch {
    return { host: "", path: url };
  }
}

/** Percent signs that stand for nothing stay as they are. */
function readable(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

export function RequestText({ request }: { request: Request }) {
  const { host, path } = splitUrl(request.url);
  const [before, query] = path.split(/\?(.*)/s);
  return (
    <pre className={styles.req} data-testid="request">
      <b>{request.method}</b> {before}
      {query !== undefined && `\n    ?${query}`}
      <i>{`\n${host === "" ? "" : `Host: ${host}   `}Authorization: ${MASK}`}{beside(request).map(([name, value]) => `\n${name}: ${value}`).join("")}</i>
      {request.body !== null && <>{"\n\n"}{jsonPieces(request.body)}</>}
    </pre>
  );
}
