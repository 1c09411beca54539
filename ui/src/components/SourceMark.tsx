/** The mark of a source: an application that follows is drawn otherwise than the provider. */
import type { SourceKind } from "../ipc";
import { useSources } from "../ipc/queries";
import { SystemMark } from "./marks";

export function SourceMark({ source, kind, small = true }: { source: number; kind: SourceKind; small?: boolean }) {
  const of = useSources().data?.find((s) => s.id === source);
  return <SystemMark kind={kind} downstream={of !== undefined && !of.settings.authoritative} small={small} />;
}
