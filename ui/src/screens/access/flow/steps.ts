/** Which ribbons a path follows, so that the numbers on the map are the numbers in the panel. */
import type { AccessPath, FlowView } from "../../../ipc";

/** Ribbons ("from→to") of a path with their step, from 1; 0 for a ribbon that shares its hop's number with another. */
export function stepsOf(view: FlowView, path: AccessPath | undefined, isFirst: boolean): Map<string, number> {
  const steps = new Map<string, number>();
  if (!path) return steps;
  const boxes = new Set(view.nodes.map((n) => n.id));
  const tie = (from: string, to: string, step: number) => {
    if (from !== to && view.ribbons.some((r) => r.from === from && r.to === to) && !steps.has(`${from}→${to}`)) steps.set(`${from}→${to}`, step);
  };
  const role = path.hops.flatMap((h) => [h.from, h.to]).find((n) => n.layer === "roles")?.key;
  const scope = path.hops.flatMap((h) => [h.from, h.to]).findLast((n) => n.layer === "scopes")?.key;
  path.hops.forEach((hop, n) => {
    const step = n + 1;
    switch (hop.kind) {
      case "member":
      case "nested":
        tie(hop.from.key, hop.to.key, step);
        break;
      case "holds":
      case "owns": {
        const to = hop.to.layer === "roles" ? hop.to.key : role;
        if (to === undefined) break;
        if (hop.from.layer === "people" && boxes.has("none")) {
          tie(hop.from.key, "none", step);
          tie("none", to, 0);
        } else tie(hop.from.key, to, step);
        break;
      }
      case "inherits":
      case "permits":
        if (role !== undefined && scope !== undefined) tie(role, scope, step);
    }
  });
  // Where the engine has drawn the first path over stacks, its own numbers stand.
  if (isFirst) for (const r of view.ribbons) if (r.step !== null && !steps.has(`${r.from}→${r.to}`)) steps.set(`${r.from}→${r.to}`, r.step);
  // A hop that ends where no scope stands by itself still leads from the role on.
  if (role !== undefined && ![...steps.keys()].some((id) => id.startsWith(`${role}→`))) {
    const on = view.ribbons.filter((r) => r.from === role && r.onPath);
    const [only] = on;
    if (only && on.length === 1) steps.set(`${only.from}→${only.to}`, path.hops.length);
  }
  return steps;
}
