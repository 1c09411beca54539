/** What can wait until something is on the screen. */
import { useEffect, useState } from "react";

/** Whether a frame was shown since `there` became true: what is asked for afterwards takes nothing from drawing it. */
export function useShown(there: boolean): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!there) return;
    let after: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      after = setTimeout(() => setShown(true));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(after);
      setShown(false);
    };
  }, [there]);
  return there && shown;
}
