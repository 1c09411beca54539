//! People: identities, each with one account per source at most (more where a source holds the same person twice).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AccessState, JoinDecision, Millis, SourceId, SourceKind};

/// The state of an identity in one source: a fixed slot of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SlotState {
    /// An active account.
    Active,
    /// A disabled account.
    Disabled,
    /// The source was read completely and holds no account.
    NoAccount,
    /// The source does not say whether the account is active.
    Unstated,
    /// Not read, or not read completely: unknown.
    NotEvaluated,
}

/// One source's word on an identity or a linked group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Slot {
    /// Which source.
    pub source: SourceId,
    /// What it says.
    pub state: SlotState,
    /// Whether it differs from the authoritative source in something that matters (state, name, e-mail, department, title).
    pub differs: bool,
    /// Whether the last reading did not show the account, though it is kept.
    pub unconfirmed: bool,
}

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum AccountType {
    /// A person.
    Person,
    /// A service account or agent, by its `userType`.
    Service,
}

/// A row of People.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PersonRow {
    /// The key of the leading account, `SOURCE.ID`: the address of the identity. Any of its accounts' keys finds it.
    pub key: String,
    /// The name to show.
    pub name: String,
    /// The user name at the leading source.
    pub user_name: Option<String>,
    /// The primary e-mail address.
    pub email: Option<String>,
    /// The job title.
    pub title: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// What it is for.
    pub account_type: AccountType,
    /// A slot per source, in the order of the sources.
    pub slots: Vec<Slot>,
    /// Linked groups that it is in, directly.
    pub groups: u32,
    /// SCIM roles and entitlements that its accounts carry.
    pub roles: u32,
    /// When one of its accounts last changed, as far as the sources say.
    pub changed_at: Option<Millis>,
    /// The most that it may do; none while the access map is not made: that is not "nothing".
    pub privilege: Option<Privilege>,
}

/// The most that an identity may do, over all systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Privilege {
    /// The role that weighs most: one that can restore backups before other privileged ones, these before the rest, and what holds now
    /// before what holds under a condition or can be activated; of several the one on the scope highest up. None where nothing that was read gives it any.
    pub highest: Option<HighestRole>,
    /// Whether there may be more: something about access was not read.
    pub not_evaluated: bool,
}

impl Privilege {
    /// In words: `Owner on sub-payments, can be activated`. What was not read is told from what is not there.
    pub fn in_words(&self) -> String {
        match &self.highest {
            Some(highest) => format!("{} on {}{}", highest.role, highest.scope, highest.state.suffix()),
            None if self.not_evaluated => "not evaluated".to_owned(),
            None => "none".to_owned(),
        }
    }
}

/// A role that an identity holds, as a list names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HighestRole {
    /// Its name.
    pub role: String,
    /// The name of the scope that it is held on.
    pub scope: String,
    /// The kind of system that it is of.
    pub system: SourceKind,
    /// How far it goes.
    pub state: AccessState,
    /// Whether it is privileged (writes access, deletes or restores).
    pub privileged: bool,
    /// Whether it can restore backups.
    pub can_restore: bool,
}

/// A column to sort People by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum PeopleSort {
    /// By name, without regard to case and marks.
    #[default]
    Name,
    /// By user name.
    UserName,
    /// By e-mail address.
    Email,
    /// By job title.
    Title,
    /// By department.
    Department,
    /// By number of groups.
    Groups,
    /// By number of roles.
    Roles,
    /// By the most that each may do: downwards, who can restore backups comes first, then other privileged roles, then the rest; what holds
    /// now before what holds under a condition or can be activated. Who holds nothing comes last both ways.
    Privilege,
    /// By last change.
    Changed,
}

/// A ready-made narrowing of People.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum PeopleFacet {
    /// Everyone.
    #[default]
    Everyone,
    /// Active in at least one source.
    Active,
    /// Disabled wherever an account is held.
    Disabled,
    /// Service accounts.
    Service,
    /// Sources differ about them.
    Differs,
    /// Held downstream, and not (or disabled) at the authoritative source. Machines that it does not hold are not among them.
    LeftBehind,
    /// Kept though the last reading did not show them.
    Unconfirmed,
}

/// What People is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct PeopleQuery {
    /// Any part of name, user name, e-mail or id; without regard to case and marks. Empty finds all.
    pub search: String,
    /// A SCIM filter (RFC 7644 §3.4.2.2), evaluated over the cached documents; an identity matches when one of its accounts does.
    pub filter: Option<String>,
    /// Only identities with an account in this source, and the filter on that account only.
    pub source: Option<SourceId>,
    /// A ready-made narrowing.
    pub facet: PeopleFacet,
    /// The column to sort by.
    pub sort: PeopleSort,
    /// Whether to sort downwards.
    pub descending: bool,
    /// The first row wanted, from 0.
    pub offset: u32,
    /// How many rows are wanted, 500 at most.
    pub limit: u32,
}

/// Something a list cannot say, beside what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Caveat {
    /// Which source it is about, if one.
    pub source: Option<SourceId>,
    /// In plain words ("Ledgerly: the list was cut short at 612; there may be more people").
    pub text: String,
}

/// A window of People's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PeoplePage {
    /// The rows from `offset` on.
    pub rows: Vec<PersonRow>,
    /// The first row's place.
    pub offset: u32,
    /// How many match.
    pub total: u32,
    /// How many there are in all.
    pub of: u32,
    /// The picture's number; rows of different numbers do not belong together.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
    /// What the list cannot say.
    pub caveats: Vec<Caveat>,
}

/// How many people each ready-made narrowing holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FacetCount {
    /// The narrowing.
    pub facet: PeopleFacet,
    /// How many it holds.
    pub count: u32,
}

/// An account of an identity, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccountDetail {
    /// `SOURCE.ID`.
    pub key: String,
    /// Which source.
    pub source: SourceId,
    /// The id at the source.
    pub id: String,
    /// Active or not.
    pub state: SlotState,
    /// Whether the last reading did not show it.
    pub unconfirmed: bool,
    /// When the source was last read.
    pub read_at: Option<Millis>,
    /// When it was created, as the source says.
    pub created_at: Option<Millis>,
    /// When it last changed, as the source says.
    pub modified_at: Option<Millis>,
    /// By which rule it belongs to this identity; none for the leading account.
    pub joined_by: Option<JoinRule>,
    /// How much that is to be trusted.
    pub confidence: Option<JoinConfidence>,
    /// The decision, where it was one.
    pub decision: Option<JoinDecision>,
    /// Its attributes, flattened, in the document's order; extensions under their URN.
    pub attributes: Vec<AttributeSection>,
}

/// A rule that joined an account to an identity, or a group to a linked group. The first that fits, in this order, joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum JoinRule {
    /// An admin decided so.
    Decision,
    /// The Entra object id: Azure's own id, and the same in a SCIM `externalId` or a Backstage `graph.microsoft.com/user-id` annotation.
    EntraId,
    /// The downstream `externalId` is the authoritative `id` (or both carry the same `externalId`).
    ExternalId,
    /// The same primary e-mail address, held by one account on each side.
    Email,
    /// The same user name, held by one account on each side.
    UserName,
    /// The same display name, held by one group on each side.
    DisplayName,
    /// The Backstage entity's name is what the msgraph provider's rule makes of the user name, e-mail or display name.
    BackstageName,
}

/// How much a join is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum JoinConfidence {
    /// Decided by an admin, or by an id that one system keeps of the other.
    Certain,
    /// By an address or user name, which only one has at a time.
    Strong,
    /// By a name that two could have.
    Likely,
}

/// The attributes of one schema of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AttributeSection {
    /// The schema's URN; the core schema comes first.
    pub schema: String,
    /// A title for it ("Core", "Enterprise", or the URN's last parts).
    pub title: String,
    /// Its attributes.
    pub attributes: Vec<AttributeLine>,
}

/// One attribute as a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AttributeLine {
    /// Its path: `userName`, `name.familyName`, `emails[type eq "work"].value`.
    pub path: String,
    /// Its value as text.
    pub value: String,
}

/// One attribute compared over the sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ComparedLine {
    /// What is compared ("Display name").
    pub label: String,
    /// A cell per account, in the order of `accounts`.
    pub cells: Vec<ComparedCell>,
}

/// One source's word on a compared attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ComparedCell {
    /// The value; none where it is not held.
    pub value: Option<String>,
    /// Whether it differs from the leading account's.
    pub differs: bool,
}

/// A group that an identity is in, with the way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MembershipRow {
    /// The group's key, `SOURCE.ID`.
    pub key: String,
    /// Which source says so.
    pub source: SourceId,
    /// The group's name.
    pub name: String,
    /// Whether the membership is direct; otherwise `via` tells the way.
    pub direct: bool,
    /// The groups on the way in, from the direct one to the one before this; names.
    pub via: Vec<String>,
}

/// An identity, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PersonDetail {
    /// The row as the list shows it.
    pub row: PersonRow,
    /// Its accounts, the leading one first.
    pub accounts: Vec<AccountDetail>,
    /// The sources side by side.
    pub compared: Vec<ComparedLine>,
    /// Its groups, direct ones first.
    pub memberships: Vec<MembershipRow>,
    /// What cannot be said.
    pub caveats: Vec<Caveat>,
    /// The picture's number.
    pub generation: u64,
}

/// What happened to an attribute or a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ChangeKind {
    /// The account or group came to be (or was first seen after the first sync).
    Appeared,
    /// The account or group is gone: it was deleted, and that was confirmed.
    Gone,
    /// An attribute has a value that it had not.
    Set,
    /// An attribute's value changed.
    Changed,
    /// An attribute lost its value.
    Cleared,
    /// A member came in.
    MemberAdded,
    /// A member went out.
    MemberRemoved,
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Change {
    /// Its number in the ledger.
    pub seq: i64,
    /// When the change was seen.
    pub seen_at: Millis,
    /// When the source says that it happened (`meta.lastModified`), if it does.
    pub changed_at: Option<Millis>,
    /// Which source.
    pub source: SourceId,
    /// The resource, `SOURCE.ID`.
    pub key: String,
    /// `User`, `Group`, `ServicePrincipal`, or what else changed: `RoleAssignment`, `RbacRole`, ….
    pub resource: String,
    /// Its name at that time.
    pub name: String,
    /// What happened.
    pub kind: ChangeKind,
    /// The attribute's path, or `members`.
    pub path: Option<String>,
    /// The value before; for a member its id.
    pub before: Option<String>,
    /// The value after; for a member its id.
    pub after: Option<String>,
    /// The member's name, where it is known.
    pub member_name: Option<String>,
}

/// A page of a timeline, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChangePage {
    /// The lines.
    pub changes: Vec<Change>,
    /// How many there are in all.
    pub total: u64,
    /// Since when changes are recorded for what was asked: the end of the first sync.
    pub recorded_since: Option<Millis>,
}

/// A document as the source sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RawDocument {
    /// `SOURCE.ID`.
    pub key: String,
    /// The JSON text, indented.
    pub json: String,
    /// When it was read.
    pub read_at: Option<Millis>,
}
