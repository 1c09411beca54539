//! What a run records. Each entry becomes one record of the chain; where a run stands is folded from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::record::run::RecordDraft;
use crate::sources::doors::{Asked, Look, Seen, Thing, Write};
use crate::view::{Cut, Fault, Guard, Millis, Phase, Plan, RunState, RunSubject, SourceId, SourceKind, Verdict, Waiver};

/// The subject in one system of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The source.
    pub source: SourceId,
    /// Its name.
    pub source_name: String,
    /// Its kind.
    pub system: SourceKind,
    /// The account's id there; none while it has none there.
    pub account: Option<String>,
    /// The user name there, or the one that is awaited.
    pub user_name: String,
    /// The name on screen.
    pub display_name: String,
    /// The address, where there is one.
    pub email: Option<String>,
    /// Why it is taken for the same person.
    pub joined_by: String,
    /// What is done with the account.
    pub cut: Cut,
    /// By when each check must have passed, in milliseconds from the cut.
    pub limit_ms: u64,
    /// Where a handed-over credential is tried.
    pub credential_url: Option<String>,
    /// What the picture says is held there, by the check that asks for it.
    pub hints: BTreeMap<String, Vec<Thing>>,
    /// The id of another account there, which a control asks for.
    pub control: Option<String>,
}

/// A step, as it was planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepPlan {
    /// Its id within the run.
    pub id: String,
    /// In which phase it is done.
    pub phase: Phase,
    /// The source.
    pub source: SourceId,
    /// The action's name.
    pub action: String,
    /// What it does.
    pub title: String,
    /// What that means there.
    pub means: String,
    /// Whether Lanyard can undo it.
    pub undoable: bool,
    /// The request; none for a step by hand.
    pub write: Option<Write>,
    /// Other forms of the same request, for a server that refuses the first as malformed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<Write>,
    /// What a person is to do.
    pub instructions: Option<String>,
    /// The group, assignment, role that it is about.
    pub thing: Option<Thing>,
}

/// A check, as it was planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckPlan {
    /// Its id within the run: `2/scim.account`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The source.
    pub source: SourceId,
    /// In which phase it is asked.
    pub phase: Phase,
    /// What must be so.
    pub title: String,
    /// Whether the run cannot close while it is open.
    pub critical: bool,
    /// By when it must be so, in milliseconds from the cut.
    pub limit_ms: u64,
}

/// What was held before the cut, as one check's question found it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Before {
    /// What was seen.
    pub seen: Seen,
    /// What was there.
    pub things: Vec<Thing>,
    /// In words.
    pub says: String,
}

/// The plan of a run, as it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Its revision.
    pub revision: String,
    /// Whom it is about.
    pub subject: RunSubject,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// System by system.
    pub targets: Vec<Target>,
    /// The steps.
    pub steps: Vec<StepPlan>,
    /// The checks.
    pub checks: Vec<CheckPlan>,
    /// What was held before, by check.
    pub before: BTreeMap<String, Before>,
    /// What stands in the way.
    pub guards: Vec<Guard>,
    /// Sources that are not part of it, and why that matters.
    pub left_out: Vec<String>,
    /// What restoring would do.
    pub way_back: Option<String>,
    /// How often open checks ask, in milliseconds.
    pub poll_ms: u64,
    /// How long to wait for a test identity, in milliseconds.
    pub arrive_ms: u64,
    /// How long to watch, in milliseconds; 0 for not at all.
    pub watch_ms: u64,
}

/// For which part of a run steps were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Putting the new identity into its groups.
    Join,
    /// The cut.
    Act,
    /// The way back.
    Restore,
}

/// An entry of a run's story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all_fields = "camelCase")]
pub enum Entry {
    /// It was planned.
    #[serde(rename = "run.planned")]
    Planned(Box<Planned>),
    /// The guards were looked at again.
    #[serde(rename = "guards")]
    Guards {
        /// How they came out.
        guards: Vec<Guard>,
    },
    /// A person agreed to it.
    #[serde(rename = "agreed")]
    Agreed {
        /// Who.
        by: String,
        /// The name that was typed.
        typed: String,
        /// The steps that were looked at a second time.
        second_looks: Vec<String>,
    },
    /// Steps were made of what is there now; they take the place of those planned for the same stage.
    #[serde(rename = "prepared")]
    Prepared {
        /// Which stage.
        stage: Stage,
        /// The steps.
        steps: Vec<StepPlan>,
        /// What is held, by check.
        before: BTreeMap<String, Before>,
    },
    /// A write is about to be sent.
    #[serde(rename = "act.intent")]
    Intent {
        /// Which step.
        step: String,
        /// The how-manieth time.
        attempt: u32,
        /// Exactly what is sent.
        write: Write,
        /// What was seen since it was sent the time before, for which it is sent again; none the first time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Box<Look>>,
    },
    /// It was answered, or no answer came.
    #[serde(rename = "act.answer")]
    Answer {
        /// Which step.
        step: String,
        /// The how-manieth time.
        attempt: u32,
        /// The answer.
        asked: Option<Box<Asked>>,
        /// Why it could not be sent.
        fault: Option<Fault>,
    },
    /// It was read back.
    #[serde(rename = "act.readBack")]
    ReadBack {
        /// Which step.
        step: String,
        /// Whether it is so; none where that could not be told.
        so: Option<bool>,
        /// Whether it was so before anything was sent.
        already: bool,
        /// What was seen.
        look: Box<Look>,
    },
    /// The identity has arrived in a system, or the time for that is over.
    #[serde(rename = "arrived")]
    Arrived {
        /// The source.
        source: SourceId,
        /// Its id there; none where it did not arrive.
        account: Option<String>,
        /// From its making, in milliseconds.
        took_ms: u64,
        /// In words.
        says: String,
    },
    /// A check was asked.
    #[serde(rename = "check.asked")]
    Asked {
        /// Which check.
        check: String,
        /// What was seen.
        seen: Seen,
        /// In words.
        says: String,
        /// What is there still.
        things: Vec<Thing>,
        /// The questions and answers; without excerpts where they are those of the time before.
        asked: Vec<Asked>,
        /// Whether everything is as it was the time before.
        same: bool,
    },
    /// A check has its verdict.
    #[serde(rename = "check.verdict")]
    Verdict {
        /// Which check.
        check: String,
        /// How it came out.
        verdict: Verdict,
        /// In words.
        says: String,
        /// From the cut to the answer that passed, in milliseconds.
        took_ms: Option<u64>,
    },
    /// The watch began.
    #[serde(rename = "watch.began")]
    WatchBegan {
        /// Until when.
        until: Millis,
    },
    /// A person did a step by hand.
    #[serde(rename = "confirmed")]
    Confirmed {
        /// Which step.
        step: String,
        /// Who says so.
        by: String,
        /// What they wrote beside it.
        note: String,
    },
    /// A credential was handed over for a check. Its value is not here.
    #[serde(rename = "handedOver")]
    HandedOver {
        /// Which check.
        check: String,
        /// Who handed it over.
        by: String,
        /// What it was seen to open at that time.
        look: Option<Box<Look>>,
    },
    /// A person let a check pass.
    #[serde(rename = "waived")]
    Waived {
        /// Which check.
        check: String,
        /// Who, when, why, until when.
        waiver: Waiver,
    },
    /// It was stopped, by a person or by an error.
    #[serde(rename = "stopped")]
    Stopped {
        /// Who; none for an error.
        by: Option<String>,
        /// The error.
        fault: Option<Fault>,
    },
    /// It goes on; what failed is tried again.
    #[serde(rename = "resumed")]
    Resumed {
        /// Who.
        by: String,
    },
    /// A person asked for the way back.
    #[serde(rename = "restoring")]
    Restoring {
        /// Who; none where it is part of the plan.
        by: Option<String>,
    },
    /// It refuses to close.
    #[serde(rename = "refused")]
    Refused {
        /// Over what.
        reasons: Vec<String>,
    },
    /// It was closed.
    #[serde(rename = "closed")]
    Closed {
        /// As what.
        state: RunState,
        /// Who; none where it closed by itself.
        by: Option<String>,
        /// Why, where a person closed it as failed.
        reason: Option<String>,
    },
}

impl Entry {
    /// The kind of its record.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Planned(_) => "run.planned",
            Self::Guards { .. } => "guards",
            Self::Agreed { .. } => "agreed",
            Self::Prepared { .. } => "prepared",
            Self::Intent { .. } => "act.intent",
            Self::Answer { .. } => "act.answer",
            Self::ReadBack { .. } => "act.readBack",
            Self::Arrived { .. } => "arrived",
            Self::Asked { .. } => "check.asked",
            Self::Verdict { .. } => "check.verdict",
            Self::WatchBegan { .. } => "watch.began",
            Self::Confirmed { .. } => "confirmed",
            Self::HandedOver { .. } => "handedOver",
            Self::Waived { .. } => "waived",
            Self::Stopped { .. } => "stopped",
            Self::Resumed { .. } => "resumed",
            Self::Restoring { .. } => "restoring",
            Self::Refused { .. } => "refused",
            Self::Closed { .. } => "closed",
        }
    }

    /// Which step, check or source it is about.
    pub fn about(&self) -> Option<String> {
        match self {
            Self::Intent { step, .. } | Self::Answer { step, .. } | Self::ReadBack { step, .. } | Self::Confirmed { step, .. } => {
                Some(step.clone())
            }
            Self::Asked { check, .. } | Self::Verdict { check, .. } | Self::HandedOver { check, .. } | Self::Waived { check, .. } => {
                Some(check.clone())
            }
            Self::Arrived { source, .. } => Some(source.to_string()),
            _ => None,
        }
    }

    /// How its record is marked.
    pub fn mark(&self) -> Option<Verdict> {
        match self {
            Self::Verdict { verdict, .. } => Some(*verdict),
            Self::ReadBack { so, .. } => Some(match so {
                Some(true) => Verdict::Passed,
                Some(false) => Verdict::Failed,
                None => Verdict::NotEvaluated,
            }),
            Self::Asked { seen, .. } => Some(match seen {
                Seen::NotEvaluated => Verdict::NotEvaluated,
                _ => Verdict::Waiting,
            }),
            Self::Arrived { account, .. } => Some(if account.is_some() {
                Verdict::Passed
            } else {
                Verdict::NotEvaluated
            }),
            Self::Waived { .. } => Some(Verdict::Waived),
            Self::Refused { .. } => Some(Verdict::Failed),
            Self::Closed { state, .. } => Some(match state {
                RunState::Passed => Verdict::Passed,
                RunState::PassedWithGaps => Verdict::Waived,
                _ => Verdict::Failed,
            }),
            _ => None,
        }
    }

    /// Whether the audit log has an entry beside its record.
    pub fn weighs(&self) -> bool {
        !matches!(
            self,
            Self::Asked { .. }
                | Self::Answer { .. }
                | Self::Prepared { .. }
                | Self::Guards { .. }
                | Self::Arrived { .. }
                | Self::WatchBegan { .. }
        )
    }

    /// The record, with its title.
    pub fn draft(&self, title: String) -> RecordDraft {
        let data = serde_json::to_value(self).ok().and_then(|value| value.get("data").cloned());
        RecordDraft {
            kind: self.kind(),
            title,
            about: self.about(),
            mark: self.mark(),
            data: data.unwrap_or(Value::Null),
        }
    }

    /// The entry of a record, its texts disclosed.
    ///
    /// # Errors
    /// When this version does not know what it says.
    pub fn read(kind: &str, data: &Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(json!({ "kind": kind, "data": data }))
    }
}
