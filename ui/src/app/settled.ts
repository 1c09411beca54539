/** What can wait until the first screen stands. */
import { useEffect, useState } from "react";

/** Time that the first screen has for itself, in milliseconds. */
const FIRST_MS = 1_500;

/** Whether the data folder has been open so long that the first screen has had its turn. */
export function useSettled(open: boolean): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    if (!open) return;
    const later = setTimeout(() => setSettled(true), FIRST_MS);
    return () => clearTimeout(later);
  }, [open]);
  return open && settled;
}
