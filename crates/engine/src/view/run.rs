//! Runs of de-provisioning: their phases, steps and checks, and the records that they leave.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{EvidenceInfo, Fault, Millis, Plan, RunKind, SourceId, SourceKind};

/// The number of a run in this data folder, from 1.
pub type RunId = i64;

/// A phase of a run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Phase {
    /// What will be done, step by step; nothing is written.
    Plan,
    /// What the identity holds before; a test identity is made and awaited in every system.
    Baseline,
    /// Whether it may go on.
    Guards,
    /// The writes.
    Act,
    /// Each system is asked until it says so itself, or its limit passes.
    Verify,
    /// Doors are tried: a live token, a new sign-in.
    Probe,
    /// The person must not come back.
    Watch,
    /// A test identity is put back or cleaned up; a leaver only on demand.
    Restore,
    /// Sign and close.
    Evidence,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RunState {
    /// Planned and shown; nothing was written, and it was not agreed to.
    Planned,
    /// It goes on by itself.
    Running,
    /// It waits for a person: a step by hand, a credential, a decision.
    Waiting,
    /// Stopped by a person, or its process ended; it can go on.
    Stopped,
    /// All is asked, and a critical check is open: it refuses to close until that passes or is waived.
    Refusing,
    /// Closed: every critical check passed.
    Passed,
    /// Closed with waivers, or with something not evaluated that is not critical.
    PassedWithGaps,
    /// Closed as failed, by a person's decision.
    Failed,
    /// Given up before anything was written.
    Abandoned,
}

/// How a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Verdict {
    /// Not asked yet.
    Pending,
    /// Asked, and not yet so; its limit has not passed.
    Waiting,
    /// Seen to be so.
    Passed,
    /// Its limit passed and it is not so.
    Failed,
    /// It cannot be asked; the reason is beside it.
    NotEvaluated,
    /// A person let it pass, with a reason and an end date.
    Waived,
}

/// Whom a run is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunSubject {
    /// The name on screen.
    pub name: String,
    /// The user name at the authority.
    pub user_name: String,
    /// The identity's id in this picture (`/people/ID`), while it is there.
    pub person: Option<String>,
    /// Whether it is a test identity.
    pub test: bool,
    /// Its accounts: source and id there.
    pub accounts: Vec<SubjectAccount>,
}

/// An account of the subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SubjectAccount {
    /// The source.
    pub source: SourceId,
    /// Its name.
    pub source_name: String,
    /// Its kind.
    pub kind: SourceKind,
    /// The account's id there.
    pub id: String,
    /// The user name there.
    pub user_name: String,
    /// Why it is taken for the same person ("Entra object id").
    pub joined_by: String,
}

/// A run in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunSummary {
    /// Its number.
    pub id: RunId,
    /// The plan's name.
    pub plan: String,
    /// The plan's revision.
    pub revision: String,
    /// Test or offboarding.
    pub kind: RunKind,
    /// Whom it is about.
    pub subject: String,
    /// Where it stands.
    pub state: RunState,
    /// Which phase it is in.
    pub phase: Phase,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// When it was planned.
    pub planned_at: Millis,
    /// When the first write was sent.
    pub cut_at: Option<Millis>,
    /// When it was closed.
    pub closed_at: Option<Millis>,
    /// Who began it.
    pub by: String,
    /// How many checks stand how.
    pub counts: VerdictCounts,
    /// The longest time to revoke of those that passed, in milliseconds.
    pub slowest_ms: Option<u64>,
    /// What it waits for or refuses over, in a sentence; empty when there is nothing.
    pub says: String,
}

/// How many checks stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct VerdictCounts {
    /// Seen to be so.
    pub passed: u32,
    /// Still asked.
    pub waiting: u32,
    /// Not so in time.
    pub failed: u32,
    /// Could not be asked.
    pub not_evaluated: u32,
    /// Let pass.
    pub waived: u32,
    /// Not asked yet.
    pub pending: u32,
}

/// A run as its screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Run {
    /// What the list says of it.
    #[serde(flatten)]
    #[ts(flatten)]
    pub summary: RunSummary,
    /// Whom it is about.
    pub who: RunSubject,
    /// The phases, in order.
    pub phases: Vec<PhaseView>,
    /// What stands in the way, or was looked at and does not.
    pub guards: Vec<Guard>,
    /// The writes, and steps for a person, in order.
    pub steps: Vec<Step>,
    /// The checks, by system.
    pub checks: Vec<Check>,
    /// What it waits for.
    pub needs: Vec<Need>,
    /// Why it cannot be closed; empty when it can.
    pub refuses: Vec<String>,
    /// What restoring would do, in words; none where there is nothing to restore.
    pub way_back: Option<String>,
    /// Sources that are not part of it, and why that matters.
    pub left_out: Vec<String>,
    /// What may be done now.
    pub can: RunActions,
    /// How many records it has.
    pub records: u64,
    /// The hash of the last record.
    pub head: String,
    /// The evidence, once it is closed.
    pub evidence: Option<EvidenceInfo>,
    /// Why it stopped, if an error stopped it.
    pub fault: Option<Fault>,
    /// The time now by the run's clock.
    pub now: Millis,
}

/// What may be done with a run now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunActions {
    /// Agree to the plan, and begin.
    pub agree: bool,
    /// Stop.
    pub stop: bool,
    /// Go on.
    pub resume: bool,
    /// Put back what can be put back.
    pub restore: bool,
    /// Sign and close.
    pub close: bool,
    /// Close as failed.
    pub fail: bool,
    /// Give up before anything was written.
    pub abandon: bool,
    /// Export the evidence.
    pub export: bool,
}

/// How a phase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum PhaseState {
    /// Not begun.
    Pending,
    /// Under way.
    Running,
    /// Done.
    Done,
    /// Done, with something open or failed in it.
    Failed,
    /// Not part of this run.
    Skipped,
}

/// A phase of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PhaseView {
    /// Which.
    pub phase: Phase,
    /// How it stands.
    pub state: PhaseState,
    /// When it began.
    pub began_at: Option<Millis>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// One line: "10 checks, 3 systems".
    pub says: String,
}

/// How a guard came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum GuardState {
    /// Nothing stands in the way.
    Clear,
    /// It may go on, and a person should know this.
    Warns,
    /// It may go on only after a second look: the step cannot be undone.
    SecondLook,
    /// It may not go on.
    Refuses,
}

/// Something that keeps a run from harm, and how it came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Guard {
    /// A stable name: `writesAllowed`, `protectedAccount`, `protectedGroup`, `ownToken`, `lastAdmin`, `perRun`, `perDay`, `undoneByAuthority`, `cannotBeUndone`, `markedForTests`, `freshPicture`, ….
    pub id: String,
    /// Its title.
    pub title: String,
    /// How it came out.
    pub state: GuardState,
    /// Why, in plain words.
    pub says: String,
    /// What to do about it, where there is something to do.
    pub next: Option<String>,
    /// The source that it is about.
    pub source: Option<SourceId>,
}

/// A request as it will be, or was, sent; without the credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The address in full.
    pub url: String,
    /// Headers beside the credential, which is masked.
    pub headers: Vec<(String, String)>,
    /// The body, as it goes over the wire.
    pub body: Option<String>,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum StepState {
    /// To be done.
    Planned,
    /// It is about to be sent, or was sent and its answer is not known: it is read back before anything else.
    Sending,
    /// It was answered, and is not read back yet.
    Answered,
    /// Read back: done.
    Done,
    /// There was nothing to do: read back before it was sent.
    AlreadySo,
    /// It was refused, or what was read back is not what was asked for.
    Failed,
    /// A person has to do it.
    ByHand,
    /// It is not done, by decision (a dry run, a guard).
    Skipped,
}

/// A step of a run: one write, or something for a person to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Step {
    /// Its id within the run: `act-3`, `restore-1`.
    pub id: String,
    /// In which phase it is done: baseline, act or restore.
    pub phase: Phase,
    /// The action: `scim.deactivate`, `scim.delete`, `scim.leaveGroup`, `entra.disable`, …, `byHand`.
    pub action: String,
    /// The source.
    pub source: SourceId,
    /// Its name.
    pub source_name: String,
    /// Its kind.
    pub kind: SourceKind,
    /// What it does: "Switch off amal@halcyon.example".
    pub title: String,
    /// What that means at this system, and whether it can be undone.
    pub means: String,
    /// Whether it can be undone by Lanyard.
    pub undoable: bool,
    /// The exact request; none for a step by hand.
    pub request: Option<Request>,
    /// What a person is to do, for a step by hand.
    pub instructions: Option<String>,
    /// How it stands.
    pub state: StepState,
    /// How often it was sent.
    pub attempts: u32,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// What was read back, or why it failed, in words.
    pub says: String,
    /// When it was sent last.
    pub sent_at: Option<Millis>,
    /// When it was read back as done.
    pub done_at: Option<Millis>,
}

/// A check of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Check {
    /// Its id within the run: `2/scim.account` (source, then the check's name).
    pub id: String,
    /// The check's name: `scim.account`, `entra.sessions`, `azure.assignments`, ….
    pub name: String,
    /// In which phase it is asked: verify, probe or watch.
    pub phase: Phase,
    /// The source.
    pub source: SourceId,
    /// Its name.
    pub source_name: String,
    /// Its kind.
    pub kind: SourceKind,
    /// What must be so: "Account inactive or gone".
    pub title: String,
    /// Whether the run cannot close while it is open.
    pub critical: bool,
    /// How it stands.
    pub verdict: Verdict,
    /// What was seen last, or why it is not evaluated, in words.
    pub says: String,
    /// What was held before.
    pub before: String,
    /// From the first write to the answer that passed, in milliseconds. It is true to within one poll.
    pub took_ms: Option<u64>,
    /// For a test: from its making to its arrival here, in milliseconds.
    pub arrived_ms: Option<u64>,
    /// By when it must be so, in milliseconds from the first write.
    pub limit_ms: u64,
    /// How often it was asked.
    pub polls: u32,
    /// What remains: names of groups, assignments, roles, entities.
    pub remains: Vec<String>,
    /// The last question and its answer.
    pub last: Option<AskedView>,
    /// The way out, where it failed.
    pub way_out: Option<WayOut>,
    /// Who let it pass.
    pub waiver: Option<Waiver>,
    /// The controls that it bears on: `SOC 2 CC6.2`, ….
    pub controls: Vec<String>,
}

/// A question to a system and its answer, as evidence keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AskedView {
    /// When.
    pub at: Millis,
    /// The request.
    pub request: Request,
    /// The status; none where no answer came.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What the answer says about the subject, shortened.
    pub excerpt: String,
}

/// A way out, to be copied and run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WayOut {
    /// In words.
    pub words: String,
    /// The command, request or diff; none where there is none.
    pub command: Option<String>,
    /// What the command is: `az`, `curl`, `diff`.
    pub form: Option<String>,
}

/// Who let a check pass, why, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Waiver {
    /// Who: the user of the machine.
    pub by: String,
    /// When.
    pub at: Millis,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Millis,
}

/// Something that a run waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Need {
    /// Agreement to the plan, by typing this name.
    Agree {
        /// What has to be typed.
        type_name: String,
        /// Steps that cannot be undone, to be ticked one by one.
        second_looks: Vec<String>,
    },
    /// A step by hand.
    ByHand {
        /// Which step.
        step: String,
        /// What to do.
        says: String,
    },
    /// A credential of the identity that is to be refused in the end.
    Credential {
        /// Which check.
        check: String,
        /// What is wanted: "a Backstage token of this user".
        says: String,
    },
    /// A decision on a check that failed or was not evaluated.
    Decide {
        /// Which check.
        check: String,
        /// What is the matter.
        says: String,
    },
}

/// A record of a run, resolved for the screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunRecord {
    /// Its number within the run, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// What: `run.planned`, `guard`, `agreed`, `act.intent`, `act.answer`, `act.readBack`, `check.asked`, `check.verdict`, `waived`, `stopped`, `resumed`, `closed`, ….
    pub kind: String,
    /// In plain words.
    pub title: String,
    /// Which check or step it is about.
    pub about: Option<String>,
    /// How it is marked: as a verdict is.
    pub mark: Option<Verdict>,
    /// The particulars.
    pub data: serde_json::Value,
    /// SHA-256 over the record and the hash before it, in hexadecimal.
    pub hash: String,
}

/// A page of a run's records, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunRecords {
    /// The records.
    pub records: Vec<RunRecord>,
    /// How many there are.
    pub total: u64,
}

/// Which runs are asked for; newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct RunQuery {
    /// Only of this plan.
    pub plan: Option<String>,
    /// Only of this kind.
    pub kind: Option<RunKind>,
    /// Only those that are not closed.
    pub open: bool,
    /// How many of the newest to pass over.
    pub offset: u32,
    /// How many are wanted, 500 at most.
    pub limit: u32,
}

/// Runs, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<RunSummary>,
    /// How many match.
    pub total: u64,
}

/// What a run is to be planned from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct RunDraft {
    /// The plan's file name in the data folder, or its text.
    pub plan: PlanChoice,
    /// The leaver, by the identity's id or by the user name at the authority.
    pub person: Option<String>,
    /// Write nothing; check only.
    pub dry_run: bool,
}

/// Where a plan comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum PlanChoice {
    /// A file in the data folder's `plans`.
    File(String),
    /// The text itself.
    Text(String),
}

impl Default for PlanChoice {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// Agreement to a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Agreement {
    /// The name that was typed.
    pub typed: String,
    /// The ids of the steps that cannot be undone and were looked at a second time.
    pub second_looks: Vec<String>,
}

/// A system's times to revoke over its last runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RevokeTrend {
    /// The source.
    pub source: SourceId,
    /// Its name.
    pub source_name: String,
    /// Its kind.
    pub kind: SourceKind,
    /// The slowest check's time in each run, oldest first; none where one failed or was not evaluated.
    pub runs: Vec<RevokePoint>,
}

/// A system's time to revoke in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RevokePoint {
    /// The run.
    pub run: RunId,
    /// When it began.
    pub at: Millis,
    /// The slowest check there, in milliseconds.
    pub took_ms: Option<u64>,
    /// Its limit, in milliseconds.
    pub limit_ms: u64,
    /// How the system came out as a whole.
    pub verdict: Verdict,
}

/// Everything that a person holds, for whoever walks them out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Leaver {
    /// Whom it is about.
    pub who: RunSubject,
    /// System by system.
    pub systems: Vec<LeaverSystem>,
    /// What could not be evaluated, in words.
    pub not_evaluated: Vec<String>,
    /// A plan made from it, to be changed.
    pub plan: Plan,
    /// The same as text.
    pub plan_text: String,
}

/// What a person holds in one system, and what can be done there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LeaverSystem {
    /// The source.
    pub source: SourceId,
    /// Its name.
    pub source_name: String,
    /// Its kind.
    pub kind: SourceKind,
    /// Whether Lanyard may write there.
    pub writable: bool,
    /// Whether another system provisions it, so that a direct write is undone: that one's name.
    pub follows: Option<String>,
    /// What is held, in groups of a kind.
    pub holds: Vec<LeaverHolding>,
    /// What switching off means there, and whether it can be undone.
    pub disable: CutMeaning,
    /// What deleting means there.
    pub delete: CutMeaning,
}

/// What a cut means at a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CutMeaning {
    /// Whether there is such a thing there.
    pub offered: bool,
    /// What it does, in words.
    pub says: String,
    /// Whether it can be undone.
    pub undoable: bool,
}

/// A thing that a person holds in a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LeaverHolding {
    /// `account`, `group`, `role`, `eligible`, `restore`, `entity`, `ownedGroup`, `servicePrincipal`, `credential`, `session`.
    pub what: String,
    /// Its name.
    pub name: String,
    /// How it is held: directly, by which group, by which path.
    pub how: String,
    /// Whether only this person holds it, so that nobody does afterwards.
    pub sole: bool,
    /// Its id at the source.
    pub id: String,
}
