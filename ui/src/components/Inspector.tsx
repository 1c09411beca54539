/** The panel that follows the selection. Pinned, it stands beside the list; otherwise it lies over it. */
import { Pin, PinOff, X } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { IconButton } from "./controls";
import styles from "./Inspector.module.css";

const KEY = "lanyard.inspector.floats";

function floats(): boolean {
  try {
    return localStorage.getItem(KEY) === "1";
  } catch {
    return false;
  }
}

interface Props {
  label: string;
  onClose: () => void;
  face?: ReactNode;
  title: ReactNode;
  note?: ReactNode;
  acts?: ReactNode;
  children: ReactNode;
}

export function Inspector({ label, onClose, face, title, note, acts, children }: Props) {
  const [floating, setFloating] = useState(floats);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      // An open menu, dialog or text field has the first word.
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, [role=dialog], [role=menu], [role=listbox]")) return;
      onClose();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [onClose]);

  const toggle = () => {
    setFloating(!floating);
    try {
      localStorage.setItem(KEY, floating ? "0" : "1");
    } catch {
      // Without storage it is forgotten with the window.
    }
  };

  return (
    <aside className={`${styles.inspector} ${floating ? styles.floating : ""}`} aria-label={label} data-testid="inspector">
      <div className={styles.head}>
        {face}
        <div className={styles.titles}>
          <h2 className="cut">{title}</h2>
          {note !== undefined && <p className="xs t2 cut">{note}</p>}
        </div>
        <div className={styles.tools}>
          <IconButton label={floating ? "Pin this panel beside the list" : "Let this panel float over the list"} pressed={!floating} onPress={toggle}>
            {floating ? <PinOff className="s" /> : <Pin className="s" />}
          </IconButton>
          <IconButton label="Close" keys="Esc" onPress={onClose}>
            <X />
          </IconButton>
        </div>
      </div>
      {acts !== undefined && <div className={styles.acts}>{acts}</div>}
      {children}
    </aside>
  );
}
