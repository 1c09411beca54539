/** Whether there is somewhere to go back or forward to. The router numbers its entries of the history. */
import { useEffect, useState } from "react";
import { useLocation, useNavigationType } from "react-router";

function index(): number {
  const state: unknown = window.history.state;
  return typeof state === "object" && state !== null && "idx" in state && typeof state.idx === "number" ? state.idx : 0;
}

export function useHistoryPlace() {
  const location = useLocation();
  const how = useNavigationType();
  const [place, setPlace] = useState({ at: index(), last: index() });
  useEffect(() => {
    setPlace((was) => {
      const at = index();
      return { at, last: how === "PUSH" ? at : Math.max(at, was.last) };
    });
  }, [location, how]);
  return { canBack: place.at > 0, canForward: place.at < place.last };
}
