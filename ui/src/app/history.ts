/** Whether there is somewhere to go back or forward to. The router numbers its entries of the history. */
import { useState } from "react";
import { NavigationType, useLocation, useNavigationType } from "react-router";

function index(): number {
  const state: unknown = window.history.state;
  return typeof state === "object" && state !== null && "idx" in state && typeof state.idx === "number" ? state.idx : 0;
}

export function useHistoryPlace() {
  const location = useLocation();
  const how = useNavigationType();
  const [seen, setSeen] = useState({ key: location.key, at: index(), last: index() });
  if (seen.key !== location.key) {
    const at = index();
    // A new entry cuts off what lay ahead.
    setSeen({ key: location.key, at, last: how === NavigationType.Push ? at : Math.max(at, seen.last) });
  }
  return { canBack: seen.at > 0, canForward: seen.at < seen.last };
}
