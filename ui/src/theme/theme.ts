/** Light, dark, or what the system says. Kept in localStorage for the first paint and in the data folder for good. */
import { useSyncExternalStore } from "react";

export type ThemeChoice = "light" | "dark" | "system";

const KEY = "lanyard.theme";
const system = typeof matchMedia === "function" ? matchMedia("(prefers-color-scheme: dark)") : null;
const watchers = new Set<() => void>();

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

let choice = stored();

const shown = (): "light" | "dark" => (choice === "system" ? (system?.matches ? "dark" : "light") : choice);

function apply() {
  document.documentElement.dataset["theme"] = shown();
  for (const watcher of watchers) watcher();
}

system?.addEventListener("change", apply);

export function setTheme(next: ThemeChoice) {
  choice = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A window without storage still changes; it only forgets.
  }
  apply();
}

const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
  };
};

export const useThemeChoice = (): ThemeChoice => useSyncExternalStore(watch, () => choice);
export const useShownTheme = (): "light" | "dark" => useSyncExternalStore(watch, shown);
