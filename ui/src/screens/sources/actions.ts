/** What can be done with a source, with its refusals said aloud. */
import { toast } from "../../components/toasts";
import { api, toFault } from "../../ipc";

export const say = (error: unknown) => {
  const fault = toFault(error);
  toast("bad", fault.what, fault.next);
};

export const startSync = (ids: number[]) => void api.startSync(ids).catch(say);
export const cancelSync = (id: number) => void api.cancelSync(id).catch(say);
export const setEnabled = (id: number, enabled: boolean) => void api.setSourceEnabled(id, enabled).catch(say);
