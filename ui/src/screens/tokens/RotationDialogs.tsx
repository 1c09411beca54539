/** Stopping a rotation, and going back. */
import { api, type RotationView, type WayBack } from "../../ipc";
import { Ask } from "./TokenDialogs";

export const StopDialog = ({ of, onClose }: { of: RotationView; onClose: () => void }) => (
  <Ask title="Stop the rotation" button="Stop it" variant="danger" ready send={() => api.stopRotation(of.summary.id)} done="The rotation was stopped." note="It can be resumed where it stands." onClose={onClose}>
    <p>Nothing more is sent until it is resumed. What is under way is finished and read back first.</p>
    <p className="t2">{of.wayBack === null ? (of.noWayBack ?? "There is no way back from here.") : `The way back stays: ${of.wayBack.says}`}</p>
  </Ask>
);

export const PutBackDialog = ({ of, wayBack, onClose }: { of: RotationView; wayBack: WayBack; onClose: () => void }) => (
  <Ask title={wayBack.title} button={wayBack.title} variant="dangerFill" ready send={() => api.putBackRotation(of.summary.id)} done="The way back was begun." note="What is put back is read back too." onClose={onClose}>
    <p>{wayBack.says}</p>
    <p className="t2">The new one is given up. To try again, begin another rotation.</p>
  </Ask>
);
