/** What a drawing of the flow consists of. Lengths are in pixels of the canvas, unscaled. */
import type { FlowNode, Layer, Ribbon } from "../../../ipc";

export interface Box {
  node: FlowNode;
  x: number;
  y: number;
  w: number;
  h: number;
}

/** A box's place in its column. */
export interface Seat {
  layer: Layer;
  index: number;
}

export interface Band {
  id: string;
  ribbon: Ribbon;
  /** The outline of the band, or the line to be stroked where groups are nested. */
  readonly outline: string;
  /** The line through its middle. */
  readonly line: string;
  nested: boolean;
  width: number;
  ends: [[number, number], [number, number]];
  middle: [number, number];
  /** Which step of the followed path it is; null where it is none. */
  step: number | null;
  /** Whether it lies on the followed path at all. */
  followed: boolean;
}

export interface Followed {
  /** Steps by ribbon ("from→to"); 0 where it is on the path without a number of its own. */
  steps: ReadonlyMap<string, number>;
}

export interface ColumnPlace {
  layer: Layer;
  x: number;
  w: number;
  total: number;
}

export interface FlowLayout {
  width: number;
  height: number;
  columns: ColumnPlace[];
  boxes: Box[];
  bands: Band[];
  byId: ReadonlyMap<string, Box>;
}
