/** The kinds of system that can be connected: what each is called, what is read of it, and the way to its form. */
import { Link } from "react-router";
import type { Source, SourceKind } from "../ipc";
import { SystemMark } from "./marks";
import styles from "./systemKinds.module.css";

export const KINDS: readonly { id: SourceKind; title: string; note: string }[] = [
  { id: "scim", title: "SCIM 2.0", note: "Users and groups of an identity provider, or of an application that it provisions." },
  { id: "backstage", title: "Backstage", note: "The catalog’s people, teams and owned entities, and RBAC’s roles and policies." },
  { id: "azure", title: "Azure", note: "Entra’s people and groups, Azure RBAC’s roles and scopes, Backup’s vaults." },
];

export const kindTitle = (kind: SourceKind): string => KINDS.find((k) => k.id === kind)?.title ?? "";

/** The tag beside a source's name: of SCIM sources one may lead, the others follow; the rest are told apart by kind. */
export const sourceTag = ({ settings }: Source): string => (settings.kind === "scim" ? (settings.authoritative ? "authoritative" : "downstream") : kindTitle(settings.kind));

/** A way to the form for each kind: with what is read of it, or as a line of names. */
export const ConnectKinds = ({ short = false }: { short?: boolean }) => (
  <ul className={short ? styles.line : styles.list} aria-label="Connect a system of the kind">
    {KINDS.map((kind) => (
      <li key={kind.id}>
        <Link to={`/sources/new?kind=${kind.id}`} className={styles.kind}>
          <SystemMark kind={kind.id} small={short} />
          <span>
            <span className={short ? "" : "strong"}>{kind.title}</span>
            {!short && <span className={styles.note}>{kind.note}</span>}
          </span>
        </Link>
      </li>
    ))}
  </ul>
);
