/** The matrix with the panel of the cell that is looked at. */
import { useCallback, useState } from "react";
import { FaultView } from "../../../components/FaultView";
import { Caveats } from "../../../components/ListParts";
import { useNow } from "../../../components/now";
import { api } from "../../../ipc";
import styles from "../Access.module.css";
import { matrixScene } from "../export/matrixScene";
import { MapBar } from "../MapBar";
import { allCaveats, NothingHere, type PlaceProps } from "../place";
import { useExport } from "../useExport";
import { CellPanel } from "./CellPanel";
import { HOW_WORD, HowGlyph } from "./how";
import own from "./Matrix.module.css";
import { MatrixGrid } from "./MatrixGrid";
import { useMatrix, type Seen } from "./useMatrix";

const LEGEND = ["direct", "inherited", "both", "eligible", "conditional", "denied", "notEvaluated"] as const;
/** A drawing holds no more than the engine gives at once. */
const DRAWN = 200;

export function MatrixPlace(props: PlaceProps) {
  const { state, go, sources, clear } = props;
  const { query, cell } = state;
  const now = useNow();
  const [seen, setSeen] = useState<Seen>({ row: 0, rowEnd: 40, column: 0, columnEnd: 40 });
  const onSeen = useCallback((next: Seen) => setSeen((was) => (was.row === next.row && was.rowEnd === next.rowEnd && was.column === next.column && was.columnEnd === next.columnEnd ? was : next)), []);
  const matrix = useMatrix(query, seen);
  const exporting = useExport(query, "matrix", async () => matrixScene(await api.accessMatrix({ ...query, open: [] }, { row: 0, rows: DRAWN, column: 0, columns: DRAWN })));
  const caveats = allCaveats(matrix.any?.caveats ?? [], sources, now);
  const choose = useCallback((group: string, role: string) => go({ cell: { group, role }, row: null }, cell !== null), [go, cell]);
  const close = useCallback(() => go({ cell: null }), [go]);

  return (
    <>
      <MapBar state={state} go={go} sources={sources} focusName={props.focusName} onExport={exporting.run} />
      <div className={styles.caveats}><Caveats caveats={caveats} /></div>
      <div className={styles.body}>
        {matrix.error !== null && !matrix.stale ? (
          <div className={styles.place}><FaultView error={matrix.error} onRetry={matrix.retry} /></div>
        ) : !matrix.loading && (matrix.rows === 0 || matrix.columns === 0) ? (
          <div className={styles.place}><NothingHere state={state} sources={sources} caveats={caveats} clear={clear} /></div>
        ) : (
          <div className={own.main}>
            <MatrixGrid matrix={matrix} sources={sources} chosen={cell} onSeen={onSeen} onChoose={choose} listKey={JSON.stringify({ ...query, open: [] })} />
            <p className={own.foot}>
              {LEGEND.map((how) => <span key={how}><HowGlyph how={how} />{how === "both" ? "both" : how === "conditional" ? "conditional" : HOW_WORD[how]}</span>)}
              <span>Empty: read, and nothing is held</span>
            </p>
          </div>
        )}
        {cell !== null && <CellPanel query={query} group={cell.group} role={cell.role} sources={sources} go={go} onClose={close} />}
      </div>
    </>
  );
}
