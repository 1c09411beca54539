/** Keys that work everywhere in the window. */
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { BESIDE, FOOT, SCREENS } from "./Frame";

const typing = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Time to give the second key of a pair such as "g p". */
const PAIR_MS = 1_200;

export function useKeys({ onPalette, onHelp }: { onPalette: () => void; onHelp: () => void }) {
  const navigate = useNavigate();
  const handlers = useRef({ onPalette, onHelp });
  useEffect(() => {
    handlers.current = { onPalette, onHelp };
  });

  // Outlives the effect: a new screen makes `navigate` new, and the first key of a pair may have come just before.
  const pairUntil = useRef(0);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        handlers.current.onPalette();
        return;
      }
      if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
        event.preventDefault();
        void navigate(event.key === "ArrowLeft" ? -1 : 1);
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (event.target instanceof Element && event.target.closest("[role=dialog], [role=alertdialog], [role=menu]")) return;
      if (Date.now() < pairUntil.current) {
        pairUntil.current = 0;
        const screen = [...SCREENS, ...BESIDE, ...FOOT].find((s) => s.key === event.key);
        if (screen) {
          event.preventDefault();
          event.stopPropagation();
          void navigate(screen.path);
        }
        return;
      }
      switch (event.key) {
        case "g":
          pairUntil.current = Date.now() + PAIR_MS;
          break;
        case "/": {
          const search = document.querySelector<HTMLElement>("[data-search]");
          if (search) {
            event.preventDefault();
            search.focus();
          }
          break;
        }
        case "f": {
          const filter = document.querySelector<HTMLElement>("[data-filter]");
          if (filter) {
            event.preventDefault();
            filter.focus();
          }
          break;
        }
        case "?":
          event.preventDefault();
          handlers.current.onHelp();
      }
    };
    document.addEventListener("keydown", onKey, { capture: true });
    return () => document.removeEventListener("keydown", onKey, { capture: true });
  }, [navigate]);
}
