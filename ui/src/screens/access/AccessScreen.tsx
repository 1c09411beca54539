/** The Access map: one query, shown as flow, matrix, table, or as who can restore. */
import { useCallback, useMemo } from "react";
import type { Source } from "../../ipc";
import { useFlow, useSources } from "../../ipc/queries";
import styles from "./Access.module.css";
import { FlowPlace } from "./flow/FlowPlace";
import { useMapAddress } from "./mapAddress";
import { MatrixPlace } from "./matrix/MatrixPlace";
import { RestorePlace } from "./restore/RestorePlace";
import { TablePlace } from "./table/TablePlace";

const NONE: readonly Source[] = [];

export function AccessScreen() {
  const { state, go } = useMapAddress();
  const sources = useSources().data ?? NONE;
  const { query, view } = state;
  // The flow names the focus for all views; only where it is drawn, or something is in focus, is it asked for.
  const flow = useFlow(query, view === "flow" || (query.focus !== null && view !== "restore"));
  const focus = useMemo(() => (query.focus === null ? undefined : flow.data?.nodes.find((n) => n.id === query.focus)), [query.focus, flow.data]);
  const clear = useCallback(
    () => go({ query: { systems: [], sources: [], privileged: false, canRestore: false, drifted: false, nonHuman: false, search: "", focus: null, target: null }, path: 0, cell: null, row: null }),
    [go],
  );
  const common = { state, go, sources, focusName: query.focus === null ? null : (focus?.label ?? "…"), clear };
  return (
    <div className={styles.screen} data-testid="access">
      {view === "flow" && <FlowPlace {...common} flow={flow} />}
      {view === "matrix" && <MatrixPlace {...common} />}
      {view === "table" && <TablePlace {...common} />}
      {view === "restore" && <RestorePlace {...common} />}
    </div>
  );
}
