/** A person or a group as it was on a day: the choice of the day, and the banner that says so. */
import { CircleDashed, History, X } from "lucide-react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useState } from "react";
import type { AsOf } from "../ipc";
import { useAddress } from "./address";
import { Button, buttonClass } from "./controls";
import { dayOf, endOfDay, moment } from "./format";
import { useNow } from "./now";
import styles from "./Past.module.css";
import parts from "./parts.module.css";

/** The end of the day that the address asks for; none for now, and for a day to come. */
export function usePast(): number | null {
  const { params } = useAddress();
  const now = useNow();
  const day = params.get("on");
  const at = day === null ? null : endOfDay(day);
  return at !== null && at < now ? at : null;
}

/** Asks for the day. */
export function PastButton() {
  const { params, go } = useAddress();
  const now = useNow();
  const latest = dayOf(now - 86_400_000);
  const [day, setDay] = useState(() => params.get("on") ?? latest);
  const end = endOfDay(day);
  const bad = end === null || end >= now;
  return (
    <DialogTrigger>
      <AriaButton className={buttonClass()} data-testid="past"><History className="s" />As it was on…</AriaButton>
      <Popover className={parts.popover} placement="bottom start">
        <Dialog className={styles.ask} aria-label="As it was on a day">
          {({ close }) => (
            <form onSubmit={(event) => { event.preventDefault(); if (bad) return; go({ set: { on: day, tab: null } }); close(); }}>
              <label>
                <span>At the end of</span>
                <input type="date" value={day} max={latest} onChange={(e) => setDay(e.target.value)} aria-invalid={bad || undefined} data-testid="past-day" />
              </label>
              {bad && <small className="bad">Choose a day that is over.</small>}
              <Button type="submit" variant="primary" isDisabled={bad}>Show</Button>
            </form>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** That what is shown is not now, what cannot be said about then, and the way back. */
export function PastBanner({ past, at }: { past: AsOf | undefined; at: number }) {
  const { go } = useAddress();
  const now = useNow();
  return (
    <div className={styles.banner} role="status" data-testid="past-banner">
      <p>
        <History className="s" />
        <b className="strong">As it was on {moment(at, now)}.</b>
        <span className="grow" />
        <button type="button" className={parts.link} onClick={() => go({ set: { on: null, tab: null } })}>Back to now<X className="x" /></button>
      </p>
      {past !== undefined && past.caveats.length > 0 && (
        <ul>
          {past.caveats.map((c) => <li key={c.text}><CircleDashed className="x ne" /><span>{c.text}</span></li>)}
        </ul>
      )}
    </div>
  );
}

/** Why there is nothing to show of that day. */
export function pastNothing(past: AsOf, what: "person" | "group", now: number): { title: string; says: string } {
  if (past.recordedSince === null) return { title: "That day is not recorded.", says: "History begins at the end of the first sync." };
  if (past.at < past.recordedSince) return { title: "That day is not recorded.", says: `What can be told begins on ${moment(past.recordedSince, now)}. Before that, nothing is known here; that is not to say that there was nothing.` };
  return { title: what === "person" ? "No account was there then." : "The group was not there then.", says: "As far as it was read: see above what cannot be said." };
}
