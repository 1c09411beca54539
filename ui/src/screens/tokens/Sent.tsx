/** The requests that changed something, as they were sent. */
import { atSecond } from "../../components/format";
import parts from "../../components/parts.module.css";
import { splitUrl } from "../../components/RequestText";
import type { RotationRequest } from "../../ipc";
import styles from "./Rotation.module.css";

export function Sent({ requests }: { requests: readonly RotationRequest[] }) {
  const sent = requests.filter((r) => r.sentAt !== null);
  if (sent.length === 0) return null;
  return (
    <section className={styles.sent} aria-labelledby="rotation-sent">
      <h3 id="rotation-sent" className={parts.sect}>Sent so far</h3>
      <table>
        <thead><tr>{["Time", "Request", "To", "Answer"].map((head) => <th key={head} scope="col"><span className="sr">{head}</span></th>)}</tr></thead>
        <tbody>
          {sent.map(({ title, request, sentAt, status }) => {
            const { host, path } = splitUrl(request.url);
            return (
              <tr key={`${sentAt ?? 0} ${request.method} ${request.url}`} title={title}>
                <td>{sentAt !== null && atSecond(sentAt)}</td>
                <td><code className="cut"><b>{request.method}</b> {path}</code></td>
                <td className="cut">{host}</td>
                <td><code>{status ?? "no answer"}</code></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
