/** Why one identity has one role on one scope: the panel behind a row. */
import { Workflow } from "lucide-react";
import { useState } from "react";
import { Button } from "../../../components/controls";
import { FaultView } from "../../../components/FaultView";
import type { Source } from "../../../ipc";
import { useWhy } from "../../../ipc/queries";
import type { GoMap, MapState } from "../mapAddress";
import { headline } from "../words";
import { Panel } from "./Panel";
import { firstCut, PathPanel } from "./PathPanel";

interface Props {
  state: MapState;
  row: { who: string; role: string; scope: string };
  restores: boolean;
  sources: readonly Source[];
  go: GoMap;
  onClose: () => void;
}

export function RowPanel({ state, row, restores, sources, go, onClose }: Props) {
  const why = useWhy(row.who, row.role, row.scope);
  const paths = why.data?.paths ?? [];
  const at = Math.min(state.path, Math.max(0, paths.length - 1));
  const path = paths[at];
  const [hop, setHop] = useState<{ path: typeof path; hop: number | null }>({ path: undefined, hop: null });
  if (hop.path !== path) setHop({ path, hop: firstCut(path) });
  if (why.error) return <Panel label="Why" title="Cannot be shown" onClose={onClose}><FaultView compact error={why.error} onRetry={() => void why.refetch()} /></Panel>;
  if (!why.data) return <Panel label="Why" title="…" onClose={onClose}>{null}</Panel>;
  const name = why.data.identity.name;
  return (
    <PathPanel
      title={headline(name, paths, restores)}
      names={[name]}
      paths={paths}
      morePaths={why.data.morePaths}
      path={at}
      onPath={(n) => go({ path: n }, true)}
      hop={hop.hop}
      onHop={(n) => setHop({ path, hop: n })}
      caveats={why.data.caveats}
      sources={sources}
      onClose={onClose}
      acts={<Button small icon={<Workflow className="x" />} onPress={() => go({ view: "flow", row: null, path: 0, query: { focus: row.who, target: row.scope } })}>Show in flow</Button>}
    />
  );
}
