//! Groups: linked groups, with members per source.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    AccountType, AttributeSection, Caveat, ComparedLine, JoinConfidence, JoinDecision, JoinRule, Millis, Slot, SlotState, SourceId,
};

/// A row of Groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GroupRow {
    /// The key of the leading group, `SOURCE.ID`: the address of the linked group.
    pub key: String,
    /// The name to show.
    pub name: String,
    /// A slot per source, in the order of the sources: `active` where the group is held.
    pub slots: Vec<Slot>,
    /// Direct members at the leading source, accounts and groups; none where the source does not list members.
    pub members: Option<u32>,
    /// Groups among the direct members.
    pub nested_groups: u32,
    /// Accounts that are members directly or through nested groups.
    pub people: Option<u32>,
    /// Groups that this group is a member of.
    pub parents: u32,
    /// When it last changed, as far as the sources say.
    pub changed_at: Option<Millis>,
}

/// A column to sort Groups by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum GroupSort {
    /// By name.
    #[default]
    Name,
    /// By direct members.
    Members,
    /// By people, direct and nested.
    People,
    /// By last change.
    Changed,
}

/// A ready-made narrowing of Groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum GroupFacet {
    /// All of them.
    #[default]
    All,
    /// No members.
    Empty,
    /// With groups as members.
    Nested,
    /// Sources differ about the members or the name.
    Differs,
    /// Kept though the last reading did not show them.
    Unconfirmed,
}

/// What Groups is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct GroupQuery {
    /// Any part of name or id. Empty finds all.
    pub search: String,
    /// A SCIM filter over the cached documents.
    pub filter: Option<String>,
    /// Only groups of this source.
    pub source: Option<SourceId>,
    /// A ready-made narrowing.
    pub facet: GroupFacet,
    /// The column to sort by.
    pub sort: GroupSort,
    /// Whether to sort downwards.
    pub descending: bool,
    /// The first row wanted, from 0.
    pub offset: u32,
    /// How many rows are wanted, 500 at most.
    pub limit: u32,
}

/// A window of Groups' rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GroupPage {
    /// The rows from `offset` on.
    pub rows: Vec<GroupRow>,
    /// The first row's place.
    pub offset: u32,
    /// How many match.
    pub total: u32,
    /// How many there are in all.
    pub of: u32,
    /// The picture's number.
    pub generation: u64,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
    /// What the list cannot say.
    pub caveats: Vec<Caveat>,
}

/// How many groups each ready-made narrowing holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GroupFacetCount {
    /// The narrowing.
    pub facet: GroupFacet,
    /// How many it holds.
    pub count: u32,
}

/// A group of a linked group, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GroupAccountDetail {
    /// `SOURCE.ID`.
    pub key: String,
    /// Which source.
    pub source: SourceId,
    /// The id at the source.
    pub id: String,
    /// The name there.
    pub name: String,
    /// Whether the last reading did not show it.
    pub unconfirmed: bool,
    /// When the source was last read.
    pub read_at: Option<Millis>,
    /// When it was created, as the source says.
    pub created_at: Option<Millis>,
    /// When it last changed, as the source says.
    pub modified_at: Option<Millis>,
    /// Direct members; none where the source does not list them.
    pub members: Option<u32>,
    /// Members that name no account or group that the source holds.
    pub dangling: u32,
    /// By which rule it belongs to this linked group; none for the leading one.
    pub joined_by: Option<JoinRule>,
    /// How much that is to be trusted.
    pub confidence: Option<JoinConfidence>,
    /// The decision, where it was one.
    pub decision: Option<JoinDecision>,
    /// Its attributes without `members`.
    pub attributes: Vec<AttributeSection>,
}

/// A linked group, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GroupDetail {
    /// The row as the list shows it.
    pub row: GroupRow,
    /// The groups that it joins, the leading one first.
    pub groups: Vec<GroupAccountDetail>,
    /// The sources side by side.
    pub compared: Vec<ComparedLine>,
    /// Groups that it is a member of, keys and names.
    pub parents: Vec<GroupRef>,
    /// What cannot be said.
    pub caveats: Vec<Caveat>,
    /// The picture's number.
    pub generation: u64,
}

/// A group by key and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GroupRef {
    /// `SOURCE.ID`.
    pub key: String,
    /// Its name.
    pub name: String,
}

/// Which members are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MemberScope {
    /// Those that the group names itself: accounts and groups.
    #[default]
    Direct,
    /// All accounts, through nested groups too.
    Nested,
}

/// What members are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct MemberQuery {
    /// The group, `SOURCE.ID`.
    pub key: String,
    /// Direct ones, or nested ones too.
    pub scope: MemberScope,
    /// Any part of the name, user name, e-mail or id.
    pub search: String,
    /// The first row wanted, from 0.
    pub offset: u32,
    /// How many rows are wanted, 500 at most.
    pub limit: u32,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MemberType {
    /// An account.
    Account,
    /// A group.
    Group,
    /// An id that the source does not hold.
    Dangling,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MemberRow {
    /// `SOURCE.ID` of the member.
    pub key: String,
    /// Its name; the bare id for a dangling one.
    pub name: String,
    /// Its user name, for an account.
    pub user_name: Option<String>,
    /// What it is.
    pub member_type: MemberType,
    /// What it is for, for an account.
    pub account_type: Option<AccountType>,
    /// Active or not, for an account.
    pub state: Option<SlotState>,
    /// Whether the membership is direct.
    pub direct: bool,
    /// The nested groups on the way, from the group asked about inwards; names.
    pub via: Vec<String>,
}

/// A window of members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MemberPage {
    /// The rows from `offset` on: groups first, then accounts by name, dangling ones last.
    pub rows: Vec<MemberRow>,
    /// The first row's place.
    pub offset: u32,
    /// How many match.
    pub total: u32,
    /// What the list cannot say.
    pub caveats: Vec<Caveat>,
    /// The picture's number.
    pub generation: u64,
}
