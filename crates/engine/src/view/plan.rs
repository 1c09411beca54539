//! Plans of de-provisioning: what a run is to do, and by when each system must have followed. Kept as files (`plans/*.yaml`) of exactly this shape.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Millis, RunSummary};

/// What a run is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RunKind {
    /// A run on a dedicated test identity, which proves that the flow works.
    #[default]
    Test,
    /// The same for a real leaver.
    Offboarding,
}

/// A plan, as its file holds it. Durations are written `30s`, `5m`, `2h`, `30d`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export)]
pub struct Plan {
    /// The format: `plan/1`.
    pub lanyard: String,
    /// Its name; the file is called after it.
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Test or offboarding.
    pub kind: RunKind,
    /// Whom it is about. An offboarding plan leaves it out: the person is named when it is run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<PlanSubject>,
    /// System by system, in the order in which they are acted on. A source that is not named is neither written to nor checked, and the evidence says so.
    pub systems: Vec<PlanSystem>,
    /// How often each open check asks: 30 s when left out, 1 s at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<String>,
    /// How long to wait for a test identity to arrive in every system: 1 h when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrive: Option<String>,
    /// How long it is watched that the person does not come back: not at all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<String>,
    /// What keeps a run from harm.
    #[serde(default)]
    pub guards: PlanGuards,
    /// When it is due again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<PlanSchedule>,
}

/// Whom a plan is about: one of `create` and `account`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[ts(export)]
pub struct PlanSubject {
    /// Make a test identity at the authority, and take it away at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<TestIdentity>,
    /// Use this account, which must be marked for tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<TestAccount>,
}

/// A test identity to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export)]
pub struct TestIdentity {
    /// The name of the source to make it at: the authority.
    pub source: String,
    /// Its user name. `{run}` stands for the run's number.
    pub user_name: String,
    /// Its name on screen. `{run}` stands for the run's number.
    pub display_name: String,
    /// Its address; the user name when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The names of the groups at the authority that it is put into.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// A named account that is kept for tests: its user name, title or user type says `canary` or `test`, or the plan says how it is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export)]
pub struct TestAccount {
    /// The name of the source that it is at: the authority.
    pub source: String,
    /// Its user name.
    pub user_name: String,
}

/// What is done with the account in a system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Cut {
    /// Nothing is written: the system follows another one, and is checked all the same.
    #[default]
    Follow,
    /// Soft: the account is switched off (SCIM `active: false`, Entra `accountEnabled: false`); in Backstage, roles are taken and the entity is left.
    Disable,
    /// Hard: the account is deleted (SCIM DELETE, Entra delete, Backstage unregister).
    Delete,
    /// A person does it, by written steps; it is verified all the same.
    ByHand,
}

/// What a run does in one system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export)]
pub struct PlanSystem {
    /// The source's name.
    pub source: String,
    /// What is done with the account.
    #[serde(default)]
    pub cut: Cut,
    /// What else is done there, by the ids of actions (`scim.leaveGroups`, `entra.revokeSessions`, `entra.leaveGroups`, `azure.removeAssignments`,
    /// `azure.removeEligibility`, `backstage.leaveRoles`, …).
    #[serde(default)]
    pub also: Vec<String>,
    /// By when after the cut each check there must have passed: 1 h when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Only these checks, by id; all that the kind of system has when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<Vec<String>>,
    /// Checks that may fail without keeping the run from closing, by id.
    #[serde(default)]
    pub not_critical: Vec<String>,
    /// Steps for a person, in words, where no API offers them.
    #[serde(default)]
    pub by_hand: Vec<String>,
    /// An address at which a credential of the identity, handed over for the run, must be refused in the end (an app's `me`). On the source's own origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_url: Option<String>,
    /// What a delete means there and whether it can be undone, where the admin knows better than Lanyard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What keeps a run from harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[ts(export)]
pub struct PlanGuards {
    /// The most accounts that one run may touch: as many as it has systems when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts_per_run: Option<u32>,
    /// The most accounts that all runs of a day may touch: 20 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts_per_day: Option<u32>,
    /// User names that are never touched, beside those of the settings; `*` stands for any text.
    pub protected_accounts: Vec<String>,
    /// Groups that nobody is removed from and whose members are never touched, by name.
    pub protected_groups: Vec<String>,
}

/// When a plan is due again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export)]
pub struct PlanSchedule {
    /// How often: `7d`, `30d`.
    pub every: String,
    /// How long before it is due to remind: `3d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<String>,
}

/// Something wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PlanProblem {
    /// The line in the file, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// What is wrong and what would be right.
    pub message: String,
    /// Whether the plan can be run all the same.
    pub warning: bool,
}

/// A plan file in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PlanSummary {
    /// The file's name without its folder: `leaver-payments.yaml`.
    pub file: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Test or offboarding; none where the file cannot be read.
    pub kind: Option<RunKind>,
    /// The first 8 hexadecimal digits of the SHA-256 of the text: which revision a run used.
    pub revision: String,
    /// The names of its systems, in order.
    pub systems: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<PlanProblem>,
    /// How often it is to be run.
    pub every: Option<String>,
    /// When it is due.
    pub due_at: Option<Millis>,
    /// Whether it is due, or soon enough to be reminded of.
    pub remind: bool,
    /// Its last run.
    pub last_run: Option<RunSummary>,
}

/// A plan file, open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PlanFile {
    /// The file's name without its folder; empty for one that is not saved yet.
    pub file: String,
    /// The text.
    pub text: String,
    /// The first 8 hexadecimal digits of the text's SHA-256.
    pub revision: String,
    /// What it says; none where it cannot be read.
    pub plan: Option<Plan>,
    /// What is wrong with it.
    pub problems: Vec<PlanProblem>,
}
