import { MapBar } from "../MapBar";
import { askOf, type PlaceProps } from "../place";

export const MatrixPlace = (props: PlaceProps) => <MapBar state={props.state} go={props.go} sources={props.sources} ask={askOf(props)} exports={["csv"]} onExport={() => undefined} />;
