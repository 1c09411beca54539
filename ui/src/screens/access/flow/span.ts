/** Which part of a tall canvas is looked at, in steps, so that scrolling a little changes nothing. */

/** A stretch of the canvas, in its own units: from the top, unscaled. */
export interface Span {
  from: number;
  to: number;
}

/** The least that is kept ready beyond each edge, and how far scrolling goes before it is looked at anew. */
const STEP = 100;

/** What is looked at from `top` over `height`, with a step or two of margin on both sides. */
export const spanAt = (top: number, height: number): Span => ({ from: (Math.floor(top / STEP) - 1) * STEP, to: (Math.ceil((top + height) / STEP) + 1) * STEP });

/** Whether something between two heights is in it, in part at least. */
export const inSpan = (span: Span, top: number, bottom: number) => bottom >= span.from && top <= span.to;
