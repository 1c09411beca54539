/** Says how a sync ended, in one line. */
import { count, duration, listed } from "../components/format";
import { toast } from "../components/toasts";
import type { SyncOutcome } from "../ipc";

export function endedWords(outcome: SyncOutcome): { tone: "good" | "warn" | "bad"; text: string; note: string } {
  const moved = [
    outcome.added > 0 ? `${count(outcome.added)} new` : "",
    outcome.changed > 0 ? `${count(outcome.changed)} changed` : "",
    outcome.removed > 0 ? `${count(outcome.removed)} gone` : "",
  ].filter(Boolean);
  const note = `${moved.length === 0 ? "Nothing changed" : listed(moved)}; ${count(outcome.requests)} requests in ${duration(outcome.tookMs)}.`;
  switch (outcome.state) {
    case "complete":
      return { tone: "good", text: `${outcome.name} was read in full.`, note };
    case "incomplete":
      return { tone: "warn", text: `${outcome.name} was read in part.`, note: outcome.coverage.flatMap((c) => c.reasons.map((r) => r.text))[0] ?? note };
    case "cancelled":
      return { tone: "warn", text: `The sync of ${outcome.name} was cancelled.`, note: "What was read is kept." };
    case "failed":
      return { tone: "bad", text: outcome.fault?.what ?? `The sync of ${outcome.name} failed.`, note: outcome.fault?.next ?? "The last good picture is kept." };
  }
}

export function sayEnded(outcome: SyncOutcome) {
  const { tone, text, note } = endedWords(outcome);
  toast(tone, text, note);
}
