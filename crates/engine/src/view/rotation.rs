//! The rotation of a credential: what there is to choose from, what it will do, and how far it is. Never a value.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Fault, Millis, Request, SourceId, SourceKind, Verdict};

/// The number of a rotation in this data folder.
pub type RotationId = i64;

/// Why a rotation was begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RotationReason {
    /// It is time, or somebody wants it.
    #[default]
    Routine,
    /// It leaked: revoke first, then replace.
    Leaked,
    /// The source refuses it: there is nothing to revoke any more, and no way back.
    Refused,
}

/// Where the new credential comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum RotationHow {
    /// A person gets it from the provider and hands it over.
    #[default]
    Paste,
    /// The provider's token API, as a recipe describes it.
    Recipe {
        /// The recipe's name.
        recipe: String,
    },
    /// Entra's `addPassword`, for the secret of Lanyard's own application.
    Entra,
}

/// A system that uses the credential too, and must be given the new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum RotationUser {
    /// A provisioning job of Entra.
    EntraJob {
        /// The Azure source.
        source: SourceId,
        /// The service principal's id.
        service_principal: String,
        /// The job's id.
        job: String,
        /// The service principal's name.
        name: String,
    },
    /// Something else: a person gives it the new one, and says so.
    ByHand {
        /// What it is: "the HR export's cron job".
        name: String,
        /// What to do there; the person's own note, may be empty.
        instructions: String,
    },
}

/// What to begin a rotation with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationStart {
    /// Whose credential.
    pub source: SourceId,
    /// Why.
    #[serde(default)]
    pub reason: RotationReason,
    /// Where the new one comes from.
    #[serde(default)]
    pub how: RotationHow,
    /// The provider's id of the present one, by which it is revoked; none where it is not known or a person revokes it.
    #[serde(default)]
    pub old_id: Option<String>,
    /// For how long the provider lets the old one live on after it was revoked, in milliseconds; what the provider itself says goes over it.
    #[serde(default)]
    pub overlap_ms: u64,
    /// When the new one is to end; none for what the provider gives by itself.
    #[serde(default)]
    pub expires_at: Option<Millis>,
    /// What else uses it.
    #[serde(default)]
    pub users: Vec<RotationUser>,
    /// How often the old one is asked with, in milliseconds: every 10 s when left out, and every minute while a long overlap lasts.
    #[serde(default)]
    pub every_ms: Option<u64>,
    /// How long after its time the old one may still be accepted before the rotation is said not to be done, in milliseconds: a minute when left
    /// out, and ten for Entra, which tells its servers of a removal only then.
    #[serde(default)]
    pub grace_ms: Option<u64>,
}

/// A recipe that fits a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RecipeSummary {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its file.
    pub file: String,
    /// Why it cannot be used, with the line where there is one; none where it can.
    pub problem: Option<String>,
}

/// A token as its provider lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProviderToken {
    /// The provider's id.
    pub id: String,
    /// Its name there.
    pub name: String,
    /// When it was made.
    pub created_at: Option<Millis>,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// When it was last used.
    pub used_at: Option<Millis>,
    /// Whether it was revoked, and lives on until `works_until`.
    pub revoked: bool,
    /// Until when a revoked one works.
    pub works_until: Option<Millis>,
    /// Whether Lanyard takes it for the one that it holds.
    pub ours: bool,
}

/// What there is to choose from before a rotation begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationOptions {
    /// Whose credential.
    pub source: SourceId,
    /// Whether writing is switched on for the source: without it nothing is made or revoked by request.
    pub writes: bool,
    /// Whether Lanyard holds a credential of its own for the provider's token API.
    pub manager: bool,
    /// Whether Entra can make the new one.
    pub entra: bool,
    /// Why Entra cannot, in words, where the source is one of Azure's.
    pub entra_says: Option<String>,
    /// Recipes for sources of this kind.
    pub recipes: Vec<RecipeSummary>,
    /// Provisioning jobs of Entra that may use this credential, the likeliest first.
    pub jobs: Vec<RotationUser>,
    /// What was not looked at, and why.
    pub not_evaluated: Vec<String>,
    /// The way that fits best.
    pub suggested: RotationStart,
}

/// What a rotation will do, before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationPlan {
    /// Its stages in order, as they will go.
    pub stages: Vec<RotationStagePlan>,
    /// The provider's tokens, where it lists them, to choose the present one from.
    pub tokens: Vec<ProviderToken>,
    /// The provider's id of the present one, as far as Lanyard can tell.
    pub old_id: Option<String>,
    /// What stands in the way; with any, it is not begun.
    pub blocks: Vec<String>,
    /// What to know beforehand.
    pub notes: Vec<String>,
}

/// A stage that is to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationStagePlan {
    /// Which one.
    pub stage: RotationStage,
    /// What it does.
    pub title: String,
    /// In a sentence.
    pub says: String,
    /// The requests that change something, as they will go; secrets masked, what is not known yet in braces.
    pub requests: Vec<Request>,
    /// Whether a person is needed.
    pub by_hand: bool,
}

/// The stages of a rotation. Where a token leaked, the revoking comes as soon as it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RotationStage {
    /// The present one is looked at.
    Look,
    /// A new one is got, and kept as the next.
    Make,
    /// The next one is proven: reads, the same people, writes, the same tenant.
    Prove,
    /// Systems that use it are given the new one.
    HandOver,
    /// The next one becomes the present one.
    Promote,
    /// The old one is revoked.
    Revoke,
    /// The old one is asked with until it is refused for good.
    Dead,
    /// The old value is forgotten, and the record is complete.
    Close,
}

/// How a stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum StageState {
    /// To come.
    Ahead,
    /// Under way.
    Now,
    /// It waits for a person.
    Waiting,
    /// Done, and read back.
    Done,
    /// It failed.
    Failed,
    /// It could not be told.
    NotEvaluated,
    /// It was left out: not needed, or the rotation ended before.
    Skipped,
}

/// A stage of a rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationStageView {
    /// Which one.
    pub stage: RotationStage,
    /// Its name.
    pub title: String,
    /// How it stands.
    pub state: StageState,
    /// What was seen, or what it is about.
    pub says: String,
    /// When it came to its end.
    pub at: Option<Millis>,
    /// What it found, point by point.
    pub points: Vec<RotationPoint>,
}

/// One point of what a stage found or must find.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationPoint {
    /// What must be so.
    pub title: String,
    /// What was seen, or why it matters.
    pub says: String,
    /// How it came out; waiting while it is open.
    pub verdict: Verdict,
    /// How many times it was seen so; for points that count.
    pub count: Option<u32>,
    /// How many times it must be seen so.
    pub wanted: Option<u32>,
}

/// How a rotation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RotationState {
    /// It goes on by itself.
    Running,
    /// It waits for a person; see [`RotationView::asks`].
    Waiting,
    /// The old one lives on for its overlap.
    Counting,
    /// It was stopped, by a person or an error, and can be resumed.
    Stopped,
    /// The old one still opens the source after its time, or it could not be told: not done, and not over.
    OldLives,
    /// Done: the old one is proven dead.
    Done,
    /// It ended before anything changed, or everything was put back.
    PutBack,
}

/// What a rotation waits for a person to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum RotationAsk {
    /// Get a new credential from the provider, and paste it.
    Paste {
        /// What to do there, step by step.
        steps: Vec<String>,
        /// Why one is asked for again, where an earlier one did not do.
        again: Option<String>,
    },
    /// Give it to a system, and say so.
    HandOver {
        /// Which user, by its place in the plan, from 0.
        user: u32,
        /// What it is.
        title: String,
        /// What to do there.
        steps: Vec<String>,
    },
    /// Revoke the old one at the provider, and say so.
    Revoke {
        /// What to do there, step by step.
        steps: Vec<String>,
    },
    /// The next one failed its proof, in a point that a person may decide over; or take it back.
    Decide {
        /// What is not as with the old one.
        points: Vec<String>,
    },
}

/// A way back from where a rotation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WayBack {
    /// What the button says: "Keep the old token".
    pub title: String,
    /// What it does.
    pub says: String,
    /// Until when it is open, where that is known.
    pub until: Option<Millis>,
}

/// A credential's part in a rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SlotView {
    /// Its fingerprint; none while there is none.
    pub fingerprint: Option<String>,
    /// The provider's id.
    pub provider_id: Option<String>,
    /// When it was made.
    pub created_at: Option<Millis>,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// `in use`, `next`, `replaced`, `revoked`, `dead`, `forgotten`, `not there yet`.
    pub state: String,
}

/// The credentials asked with at one moment: what each was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProofMoment {
    /// When.
    pub at: Millis,
    /// With the old one, a read.
    pub old: ProofAnswer,
    /// With the old one, a write that changes nothing; none where no write is tried.
    pub old_write: Option<ProofAnswer>,
    /// With the new one, a read; none where there is no new one yet.
    pub new: Option<ProofAnswer>,
    /// With a made-up one.
    pub made_up: ProofAnswer,
    /// Whether this moment counts as proof.
    pub counts: bool,
}

/// One answer of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProofAnswer {
    /// The status; none where no answer came.
    pub status: Option<u16>,
    /// Whether it was let in: yes, refused, or not to be told.
    pub accepted: Option<bool>,
}

/// The proof that the old one is dead, as it grows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DeadProof {
    /// The read that is asked; the credential is masked.
    pub read: Option<Request>,
    /// The write that is asked and changes nothing; none where writing is off.
    pub write: Option<Request>,
    /// The moments, the oldest first, the last 200.
    pub moments: Vec<ProofMoment>,
    /// How many there were in all.
    pub total: u32,
    /// How many in a row count by now.
    pub in_row: u32,
    /// How many in a row are wanted.
    pub wanted: u32,
    /// When the old one was revoked.
    pub revoked_at: Option<Millis>,
    /// Until when the old one may live on.
    pub overlap_until: Option<Millis>,
    /// When it is asked next.
    pub next_at: Option<Millis>,
    /// What counts as proof, point by point.
    pub points: Vec<RotationPoint>,
}

/// A request of a rotation that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationRequest {
    /// What it is for.
    pub title: String,
    /// The request; secrets masked.
    pub request: Request,
    /// When it was sent; none for one that is to come.
    pub sent_at: Option<Millis>,
    /// What was answered.
    pub status: Option<u16>,
}

/// An entry of a rotation's story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationRecord {
    /// Its number, from 1.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// What happened.
    pub title: String,
    /// How it is marked, where it is.
    pub mark: Option<Verdict>,
    /// The number of its entry in the audit log, where it has one.
    pub audit: Option<i64>,
}

/// A rotation in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationSummary {
    /// Its number.
    pub id: RotationId,
    /// The source.
    pub source: SourceId,
    /// Its name at that time.
    pub source_name: String,
    /// Its kind.
    pub system: SourceKind,
    /// Why.
    pub reason: RotationReason,
    /// How it stands.
    pub state: RotationState,
    /// The same in a few words.
    pub says: String,
    /// Who began it.
    pub by: String,
    /// When.
    pub began_at: Millis,
    /// When it ended, if it did.
    pub ended_at: Option<Millis>,
}

/// A rotation on screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RotationView {
    /// In a line.
    pub summary: RotationSummary,
    /// Whether some process drives it on.
    pub driven: bool,
    /// Its stages.
    pub stages: Vec<RotationStageView>,
    /// The stage that it stands at.
    pub stage: RotationStage,
    /// What it does at this moment, or waits for, in a sentence.
    pub says: String,
    /// What a person is to do.
    pub asks: Option<RotationAsk>,
    /// The way back from here; none where there is none any more.
    pub way_back: Option<WayBack>,
    /// Why there is none.
    pub no_way_back: Option<String>,
    /// The old credential.
    pub old: SlotView,
    /// The new one.
    pub new: SlotView,
    /// What uses it.
    pub users: Vec<RotationUser>,
    /// The proof that the old one is dead; none before it begins.
    pub proof: Option<DeadProof>,
    /// Requests that change something: sent, and next.
    pub requests: Vec<RotationRequest>,
    /// Its story, oldest first.
    pub story: Vec<RotationRecord>,
    /// What stopped it.
    pub fault: Option<Fault>,
}
