/** Writes the present view to a file: a picture or a drawing of what is drawn, or its rows. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { bytes, plural } from "../../components/format";
import { toast } from "../../components/toasts";
import { api, toFault, type MapViewName, type MapQuery } from "../../ipc";
import { keys } from "../../ipc/queries";
import { paintPng } from "./export/png";
import { colours } from "./export/colours";
import type { Scene } from "./export/scene";
import { toSvg } from "./export/svg";
import type { ExportKind } from "./MapBar";

const NAMES: Record<MapViewName, string> = { flow: "access-flow", matrix: "access-matrix", table: "access", restore: "who-can-restore" };

export function useExport(query: MapQuery, view: MapViewName, scene: () => Promise<Scene | null>) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const run = async (kind: ExportKind) => {
    if (busy) return;
    try {
      const path = await api.pickSave(`${NAMES[view]}.${kind}`);
      if (path === null) return;
      setBusy(true);
      if (kind === "csv") {
        const done = await api.exportMap(query, view, "csv", path);
        toast("good", `${plural(done.rows, "row")} written, ${bytes(done.bytes)}.`, done.path);
      } else {
        const drawn = await scene();
        if (!drawn) return;
        const done = await api.saveExport(query, view, path, kind === "svg" ? new TextEncoder().encode(toSvg(drawn, colours())) : await paintPng(drawn, colours()));
        toast("good", `The ${kind === "svg" ? "drawing" : "picture"} was written, ${bytes(done.bytes)}.`, done.path);
      }
      void client.invalidateQueries({ queryKey: keys.audit });
    } catch (error) {
      const fault = toFault(error);
      toast("bad", fault.what, fault.next);
    } finally {
      setBusy(false);
    }
  };
  // The same function for good, so that the bar is not drawn anew with each answer: it runs what was last handed in.
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  return { run: useCallback((kind: ExportKind) => void latest.current(kind), []), busy };
}
