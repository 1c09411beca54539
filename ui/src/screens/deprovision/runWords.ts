/** The words of plans and runs. */
import type { Cut, Phase, RunKind, StepState } from "../../ipc";

export const KIND_WORD: Record<RunKind, string> = { test: "Test", offboarding: "Offboarding" };

export const PHASE_WORD: Record<Phase, string> = { plan: "Plan", baseline: "Baseline", guards: "Guards", act: "Act", verify: "Verify", probe: "Probe", watch: "Watch", restore: "Restore", evidence: "Evidence" };

/** What happens in a phase, below its title. */
export const PHASE_NOTE: Record<Phase, string> = {
  plan: "What will be done, step by step, with the exact requests. Nothing is written before it is agreed to.",
  baseline: "What was held before, and when it had arrived in each system. Only what was there can be seen to go.",
  guards: "What keeps a run from harm. They are looked at when it is planned, and again before the first write.",
  act: "Each write is recorded before it is sent, and read back after it.",
  verify: "Each system is asked until it says so itself, or its limit passes.",
  probe: "Doors are tried as the leaver would try them: each is to be refused.",
  watch: "The person must not come back with the next provisioning cycle.",
  restore: "What can be put back, and whether it was.",
  evidence: "Every record is chained to the one before. Closing signs them all.",
};

/** What stands behind a colon may be left out where there is little room. */
export const CUT_WORD: Record<Cut, string> = { follow: "Follow", disable: "Soft: switch off", delete: "Hard: delete", byHand: "By hand" };

export const STEP_WORD: Record<StepState, string> = { planned: "to be sent", sending: "being sent", answered: "answered, not read back yet", done: "done, read back", alreadySo: "was so already", failed: "failed", byHand: "for a person", skipped: "not sent" };

export const GUARD_WORD = { clear: "clear", warns: "warning", secondLook: "second look", refuses: "refuses" } as const;
