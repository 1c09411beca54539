//! What a rotation records. None of it is a secret: of a credential, its fingerprint and the provider's id.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::view::{Fault, Millis, ProofMoment, Request, Right, RotationPoint, RotationStage, RotationStart, SourceKind};

/// What is known of a credential, beside its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// Its fingerprint.
    pub fingerprint: Option<String>,
    /// The provider's id of it.
    pub provider_id: Option<String>,
    /// When it was made.
    pub created_at: Option<Millis>,
    /// When it ends.
    pub expires_at: Option<Millis>,
}

/// What a person is told to do, where no request does it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Steps {
    /// To get a new one.
    pub make: Vec<String>,
    /// To revoke the old one.
    pub revoke: Vec<String>,
}

/// What the provider's token API is like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Api {
    /// The request that makes one; none where a person gets it.
    pub make: Option<Request>,
    /// Whether the same request again gives the same answer.
    pub repeats: bool,
    /// The request that revokes the old one; none where a person does, or its id is not known.
    pub revoke: Option<Request>,
    /// Whether it lists its tokens.
    pub lists: bool,
    /// Whether a new one ends the old one at once.
    pub replaces: bool,
    /// Whether it is asked with the credential that is being rotated.
    pub own: bool,
}

/// What a rotation began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Began {
    /// What was asked for.
    pub start: RotationStart,
    /// The source's name.
    pub source_name: String,
    /// The source's kind.
    pub system: SourceKind,
    /// What the credential opens.
    pub opens: String,
    /// The name that the new one is made under; nothing else has it.
    pub name: String,
    /// The key that the request to make it carries.
    pub key: String,
    /// The provider's API; none where a person does everything there.
    pub api: Option<Api>,
    /// What a person is told.
    pub steps: Steps,
    /// The present credential.
    pub old: Known,
    /// Whether writing is switched on for the source.
    pub writes: bool,
    /// For how long the provider lets a revoked one live on, in milliseconds.
    pub overlap_ms: u64,
    /// How often the old one is asked with, in milliseconds.
    pub every_ms: u64,
    /// How long after its time the old one may still be accepted, in milliseconds.
    pub grace_ms: u64,
    /// How many refusals in a row are proof.
    pub wanted: u32,
}

/// What a credential sees, to compare two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sight {
    /// The tenant, where the source names one.
    pub tenant: Option<String>,
    /// Whose credential it is, where the source says so.
    pub whose: Option<String>,
    /// How many people.
    pub people: Option<u64>,
    /// Ids of some of them, sorted.
    pub sample: Vec<String>,
}

/// How the next one did in its proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Proof {
    /// As good as the old one.
    Good,
    /// It works, and not in all like the old one: a person decides.
    Different,
    /// It does not do.
    Failed,
}

/// What is done with a system that uses the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hand {
    /// The new one is saved there.
    Save,
    /// The system tries what was saved.
    Validate,
    /// Its job is started anew.
    Restart,
    /// Its job runs, out of quarantine.
    Settle,
}

/// What was confirmed by a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase")]
pub enum Confirmation {
    /// A system has the new one.
    HandOver {
        /// Its place in the plan.
        user: u32,
    },
    /// The old one is revoked.
    Revoke,
}

/// How a rotation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum End {
    /// The old one is proven dead.
    Done,
    /// Nothing changed, or all was put back.
    PutBack,
}

/// An entry of a rotation's story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all_fields = "camelCase")]
pub enum Entry {
    /// It was begun.
    #[serde(rename = "rotation.began")]
    Began(Box<Began>),
    /// The present one was looked at.
    #[serde(rename = "looked")]
    Looked {
        /// Whether the source accepts it.
        works: Right,
        /// Whether it writes.
        writes: Right,
        /// What it sees.
        sight: Option<Sight>,
        /// What was found, point by point.
        points: Vec<RotationPoint>,
    },
    /// The provider is about to be asked for a new one.
    #[serde(rename = "make.intent")]
    MakeIntent {
        /// The how-manieth time.
        attempt: u32,
        /// The name it is made under.
        name: String,
        /// What is sent.
        request: Request,
    },
    /// It is not known whether one was made, or the answer could not be used.
    #[serde(rename = "make.lost")]
    MakeLost {
        /// Why.
        fault: Fault,
    },
    /// None was made.
    #[serde(rename = "make.refused")]
    MakeRefused {
        /// Why.
        fault: Fault,
    },
    /// One whose value nobody has is about to be revoked.
    #[serde(rename = "sweep.intent")]
    SweepIntent {
        /// The provider's id.
        id: String,
    },
    /// It was.
    #[serde(rename = "swept")]
    Swept {
        /// The provider's id.
        id: String,
        /// The answer.
        status: u16,
    },
    /// The new one is in the keychain, as the next.
    #[serde(rename = "held")]
    Held {
        /// What is known of it.
        known: Known,
        /// Who handed it over; none where it was made by request.
        pasted_by: Option<String>,
    },
    /// The next one was tried.
    #[serde(rename = "proved")]
    Proved {
        /// How it came out.
        proof: Proof,
        /// Point by point.
        points: Vec<RotationPoint>,
    },
    /// A person decided over a next one that is not in all like the old one.
    #[serde(rename = "decided")]
    Decided {
        /// Whether it is taken as it is.
        accept: bool,
        /// Who.
        by: String,
        /// What they wrote beside it.
        note: String,
    },
    /// The next one was let go; another is wanted.
    #[serde(rename = "discarded")]
    Discarded {
        /// Why.
        says: String,
    },
    /// A system is about to be given the new one, or started.
    #[serde(rename = "hand.intent")]
    HandIntent {
        /// Its place in the plan.
        user: u32,
        /// What is done.
        hand: Hand,
        /// What is sent, the value masked.
        request: Request,
    },
    /// That was done and answered well, or seen to be so.
    #[serde(rename = "handed")]
    Handed {
        /// Its place in the plan.
        user: u32,
        /// What was done.
        hand: Hand,
        /// The answer, where it was a request.
        status: Option<u16>,
        /// In words.
        says: String,
    },
    /// A person did a step by hand.
    #[serde(rename = "confirmed")]
    Confirmed {
        /// Which.
        what: Confirmation,
        /// Who says so.
        by: String,
        /// What they wrote beside it.
        note: String,
    },
    /// The next one is about to become the current one.
    #[serde(rename = "promote.intent")]
    PromoteIntent,
    /// It is the current one, read back from the keychain.
    #[serde(rename = "promoted")]
    Promoted,
    /// The old one is about to be revoked.
    #[serde(rename = "revoke.intent")]
    RevokeIntent {
        /// What is sent.
        request: Request,
    },
    /// The provider says that it is revoked, or there was nothing to revoke.
    #[serde(rename = "revoked")]
    Revoked {
        /// The answer; none where no request was sent.
        status: Option<u16>,
        /// In words.
        says: String,
        /// Until when it lives on, as the provider says.
        works_until: Option<Millis>,
    },
    /// The credentials were asked with.
    #[serde(rename = "moment")]
    Moment {
        /// What came of it.
        moment: ProofMoment,
        /// What could not be told, in words.
        says: Option<String>,
    },
    /// The old one is proven dead.
    #[serde(rename = "dead")]
    Dead {
        /// How many moments in a row are the proof.
        in_row: u32,
        /// From the revoking to the first refusal of the row, in milliseconds.
        took_ms: Option<u64>,
    },
    /// The old one is not proven dead after its time.
    #[serde(rename = "lives")]
    Lives {
        /// Why, in words.
        says: String,
    },
    /// The old value was taken out of the keychain.
    #[serde(rename = "forgot")]
    Forgot,
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
    /// The way back was taken.
    #[serde(rename = "back.began")]
    BackBegan {
        /// Who; none where it is the next one's failure.
        by: Option<String>,
        /// Why.
        says: String,
    },
    /// A system has the old one again.
    #[serde(rename = "back.handed")]
    BackHanded {
        /// Its place in the plan.
        user: u32,
        /// In words.
        says: String,
    },
    /// The old one is the current one again.
    #[serde(rename = "back.swapped")]
    BackSwapped,
    /// The new one was revoked, or cannot be by request.
    #[serde(rename = "back.revoked")]
    BackRevoked {
        /// The answer; none where no request was sent.
        status: Option<u16>,
        /// In words.
        says: String,
    },
    /// It is over.
    #[serde(rename = "rotation.closed")]
    Closed {
        /// How.
        end: End,
        /// In words.
        says: String,
    },
}

impl Entry {
    /// The record of it: kind and particulars.
    pub fn parts(&self) -> (&'static str, Value) {
        let data = serde_json::to_value(self).ok().and_then(|value| value.get("data").cloned());
        (self.kind(), data.unwrap_or(Value::Null))
    }

    /// Reads a record back.
    ///
    /// # Errors
    /// When it is of no kind that this Lanyard knows, or is not shaped like it.
    pub fn read(kind: &str, data: &Value) -> Result<Self, serde_json::Error> {
        let whole = if data.is_null() {
            json!({ "kind": kind })
        } else {
            json!({ "kind": kind, "data": data })
        };
        serde_json::from_value(whole)
    }

    /// The kind of its record.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Began(_) => "rotation.began",
            Self::Looked { .. } => "looked",
            Self::MakeIntent { .. } => "make.intent",
            Self::MakeLost { .. } => "make.lost",
            Self::MakeRefused { .. } => "make.refused",
            Self::SweepIntent { .. } => "sweep.intent",
            Self::Swept { .. } => "swept",
            Self::Held { .. } => "held",
            Self::Proved { .. } => "proved",
            Self::Decided { .. } => "decided",
            Self::Discarded { .. } => "discarded",
            Self::HandIntent { .. } => "hand.intent",
            Self::Handed { .. } => "handed",
            Self::Confirmed { .. } => "confirmed",
            Self::PromoteIntent => "promote.intent",
            Self::Promoted => "promoted",
            Self::RevokeIntent { .. } => "revoke.intent",
            Self::Revoked { .. } => "revoked",
            Self::Moment { .. } => "moment",
            Self::Dead { .. } => "dead",
            Self::Lives { .. } => "lives",
            Self::Forgot => "forgot",
            Self::Stopped { .. } => "stopped",
            Self::Resumed { .. } => "resumed",
            Self::BackBegan { .. } => "back.began",
            Self::BackHanded { .. } => "back.handed",
            Self::BackSwapped => "back.swapped",
            Self::BackRevoked { .. } => "back.revoked",
            Self::Closed { .. } => "rotation.closed",
        }
    }

    /// Whether the audit log has an entry beside its record: all but the single moments of the proof, which the closing entry's digest covers.
    pub fn weighs(&self) -> bool {
        !matches!(self, Self::Moment { .. })
    }

    /// The stage that it belongs to, where it belongs to one.
    pub fn stage(&self) -> Option<RotationStage> {
        match self {
            Self::Began(_) | Self::Looked { .. } => Some(RotationStage::Look),
            Self::MakeIntent { .. }
            | Self::MakeLost { .. }
            | Self::MakeRefused { .. }
            | Self::SweepIntent { .. }
            | Self::Swept { .. }
            | Self::Held { .. }
            | Self::Discarded { .. } => Some(RotationStage::Make),
            Self::Proved { .. } | Self::Decided { .. } => Some(RotationStage::Prove),
            Self::HandIntent { .. }
            | Self::Handed { .. }
            | Self::Confirmed {
                what: Confirmation::HandOver { .. },
                ..
            } => Some(RotationStage::HandOver),
            Self::PromoteIntent | Self::Promoted => Some(RotationStage::Promote),
            Self::RevokeIntent { .. } | Self::Revoked { .. } | Self::Confirmed { .. } => Some(RotationStage::Revoke),
            Self::Moment { .. } | Self::Dead { .. } | Self::Lives { .. } => Some(RotationStage::Dead),
            Self::Forgot | Self::Closed { .. } => Some(RotationStage::Close),
            _ => None,
        }
    }
}
