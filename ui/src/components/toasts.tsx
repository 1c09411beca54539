/** Short words on what has just been done. They go by themselves, and stay while the pointer rests on them. */
import { CircleAlert, CircleCheck, TriangleAlert, X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { IconButton } from "./controls";
import styles from "./toasts.module.css";

export interface Toast {
  id: number;
  tone: "good" | "warn" | "bad";
  text: string;
  note?: string;
  action?: ReactNode;
}

let toasts: readonly Toast[] = [];
let nextId = 1;
const watchers = new Set<() => void>();
const STAYS_MS = 7_000;
const AT_MOST = 4;

function set(next: readonly Toast[]) {
  toasts = next;
  for (const watcher of watchers) watcher();
}

export function toast(tone: Toast["tone"], text: string, note?: string, action?: ReactNode) {
  set([...toasts, { id: nextId++, tone, text, note, action }].slice(-AT_MOST));
}

const drop = (id: number) => set(toasts.filter((t) => t.id !== id));

const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
  };
};

const GLYPH = { good: <CircleCheck className="good" />, warn: <TriangleAlert className="warn" />, bad: <CircleAlert className="bad" /> };

function One({ toast: shown }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => drop(shown.id), shown.tone === "bad" ? STAYS_MS * 2 : STAYS_MS);
    return () => clearTimeout(timer);
  }, [held, shown.id, shown.tone]);
  return (
    <li className={styles.toast} onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
      {GLYPH[shown.tone]}
      <div className="grow">
        <p className="strong">{shown.text}</p>
        {shown.note !== undefined && <p className={`xs t2 ${styles.note}`}>{shown.note}</p>}
        {shown.action}
      </div>
      <IconButton tiny label="Dismiss" onPress={() => drop(shown.id)}>
        <X className="x" />
      </IconButton>
    </li>
  );
}

export function Toasts() {
  const shown = useSyncExternalStore(watch, () => toasts);
  return (
    <div role="status" aria-live="polite" className={styles.region} data-testid="toasts">
      <ul>
        {shown.map((t) => (
          <One key={t.id} toast={t} />
        ))}
      </ul>
    </div>
  );
}
