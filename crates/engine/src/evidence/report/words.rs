//! The report's words: how verdicts, states, times and durations read, and the controls that a run bears on.

use serde_json::Value;

use crate::view::{Millis, Phase, RunKind, RunState, StepState, Verdict};

/// What stands where a value is not disclosed.
pub const MASKED: &str = "[masked]";

/// A control of a standard, and how a run bears on it.
pub struct Control {
    /// The standard and the control's number.
    pub name: &'static str,
    /// What it asks for, in a few words of ours.
    pub title: &'static str,
    /// How a run bears on it.
    pub how: &'static str,
}

/// The controls. What their numbers stand for: AICPA Trust Services Criteria (2017, revised points of focus 2022), ISO/IEC 27001:2022 annex A,
/// NIST SP 800-53 revision 5.
pub const CONTROLS: &[Control] = &[
    Control {
        name: "SOC 2 CC6.2",
        title: "Access is given by authorisation and removed when it is no longer needed",
        how: "The accounts were cut at a recorded time, and each system was asked until it said so itself.",
    },
    Control {
        name: "SOC 2 CC6.3",
        title: "Roles and rights are changed and removed as duties change",
        how: "Group memberships, role assignments and eligibility were read back after the cut, by person and by group.",
    },
    Control {
        name: "ISO/IEC 27001:2022 A.5.18",
        title: "Access rights are given, reviewed, changed and removed by rule",
        how: "The removal followed a plan with a revision, was agreed to by a named person, and was verified per system against a time limit.",
    },
    Control {
        name: "ISO/IEC 27001:2022 A.6.5",
        title: "Duties after the end of employment are enforced",
        how: "What the leaver held, owned alone or could come back to was looked for, and what stayed open is named.",
    },
    Control {
        name: "NIST SP 800-53 AC-2",
        title: "Accounts are managed through their life, disabling among it",
        how: "Disabling and deletion are recorded as requests and as what was read back, with the time that each took.",
    },
    Control {
        name: "NIST SP 800-53 PS-4",
        title: "Access ends, and credentials are revoked, within a set time of termination",
        how: "The time from the first write to each system's own answer is measured and set against the limit of the plan.",
    },
];

/// How a run was closed, by its state in a record.
pub fn closing(state: &Value) -> Option<&'static str> {
    serde_json::from_value(state.clone()).ok().map(state_word)
}

/// A run's state.
pub fn state_word(state: RunState) -> &'static str {
    match state {
        RunState::Planned => "planned",
        RunState::Running => "running",
        RunState::Waiting => "waiting",
        RunState::Stopped => "stopped",
        RunState::Refusing => "refusing to close",
        RunState::Passed => "passed",
        RunState::PassedWithGaps => "passed with gaps",
        RunState::Failed => "failed",
        RunState::Abandoned => "abandoned",
    }
}

/// A check's verdict.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pending => "Not asked",
        Verdict::Waiting => "Still open",
        Verdict::Passed => "Passed",
        Verdict::Failed => "Failed",
        Verdict::NotEvaluated => "Not evaluated",
        Verdict::Waived => "Waived",
    }
}

/// A step's state.
pub fn step(state: StepState) -> &'static str {
    match state {
        StepState::Planned => "Not done",
        StepState::Sending => "Sent, not read back",
        StepState::Answered => "Answered, not read back",
        StepState::Done => "Done, read back",
        StepState::AlreadySo => "Was so already",
        StepState::Failed => "Failed",
        StepState::ByHand => "Awaits a person",
        StepState::Skipped => "Skipped",
    }
}

/// A phase.
pub fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Plan => "Plan",
        Phase::Baseline => "Baseline",
        Phase::Guards => "Guards",
        Phase::Act => "Act",
        Phase::Verify => "Verify",
        Phase::Probe => "Probe",
        Phase::Watch => "Watch",
        Phase::Restore => "Restore",
        Phase::Evidence => "Evidence",
    }
}

/// What a run is.
pub fn kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Test => "De-provisioning test",
        RunKind::Offboarding => "Offboarding",
    }
}

/// A time, in UTC to the second.
pub fn time(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| "out of range".into(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// A time of day, in UTC to the second.
pub fn clock(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| "out of range".into(), |at| at.strftime("%m-%d %H:%M:%S").to_string())
}

/// A length of time: `0.4 s`, `38 s`, `2 m 10 s`, `1 h 05 m`, `3 d 4 h`.
pub fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if ms < 10_000 => format!("{}.{} s", seconds, ms % 1000 / 100),
        () if minutes == 0 => format!("{seconds} s"),
        () if hours == 0 && seconds.is_multiple_of(60) => format!("{minutes} m"),
        () if hours == 0 => format!("{minutes} m {:02} s", seconds % 60),
        () if days == 0 && minutes.is_multiple_of(60) => format!("{hours} h"),
        () if days == 0 => format!("{hours} h {:02} m", minutes % 60),
        () if hours.is_multiple_of(24) => format!("{days} d"),
        () => format!("{days} d {} h", hours % 24),
    }
}

/// A number with its noun.
pub fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", crate::numbers::grouped(count), if count == 1 { one } else { many })
}
