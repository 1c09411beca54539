/** The one large figure over the strip, and what it means: the time that is left, the refusals so far, or how long it took. */
import type { DeadProof, RotationState } from "../../ipc";
import { diedAt, strokeOf } from "./strip";

interface Common {
  tone: "plain" | "bad";
  strong: string;
  /** A moment that belongs to it. */
  at: number | null;
  says: string;
}

export type Headline = Common & ({ kind: "time"; ms: number } | { kind: "count"; value: number; of: number });

export function headline(state: RotationState, proof: DeadProof, now: number): Headline {
  const last = proof.moments.at(-1);
  const stands = last === undefined ? "It was not asked yet." : { tall: "let in", low: "refused", floating: "untold" }[strokeOf(last.old)];
  const end = proof.overlapUntil;
  if (state === "done") {
    const died = diedAt(proof);
    const from = proof.revokedAt ?? proof.moments[0]?.at ?? null;
    if (died !== null && from !== null) return { kind: "time", ms: Math.max(0, died - from), tone: "plain", strong: "from the revoking to the first refusal", at: null, says: `Refused ${proof.inRow} times in a row, the last time with everything else as it should be.` };
  }
  if (state === "oldLives" && end !== null && end < now) {
    return { kind: "time", ms: now - end, tone: "bad", strong: "past the time at which it was to be dead", at: null, says: stands === "untold" ? "It could not be told whether the old one is refused." : stands === "refused" ? "It is refused now, but not yet often enough in a row." : "The old one is still let in." };
  }
  if (end !== null && end > now && state !== "done" && state !== "putBack" && state !== "stopped") {
    const says = stands === "let in" ? "The old one is still let in, as it may be until then." : stands === "refused" ? "The old one is refused already." : stands === "untold" ? "The last answer could not be told." : stands;
    return { kind: "time", ms: end - now, tone: "plain", strong: "until the overlap ends", at: end, says };
  }
  const says = stands === "let in" ? "The old one is still let in." : stands === "refused" ? "The old one is refused. It counts while the new one is let in and a made-up one is not." : stands === "untold" ? "The last answer could not be told, and counts for nothing." : stands;
  return { kind: "count", value: proof.inRow, of: proof.wanted, tone: state === "oldLives" ? "bad" : "plain", strong: "refusals in a row that count", at: null, says };
}
