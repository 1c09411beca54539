//! The rows that pass between the cache and the directory: the shape of an account and a group once their documents were read.

use crate::view::{Millis, SourceId};

/// The number of an account or group in this cache: one space for both, at most 2³² of them.
/// It holds until the cache is rebuilt and is never shown.
pub type Row = u32;

/// What kind of resource a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// A SCIM User.
    User,
    /// A SCIM Group.
    Group,
}

impl ResourceKind {
    /// The resource type's name: `User` or `Group` (RFC 7643 §6).
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The collection's name: `Users` or `Groups`, also its usual endpoint.
    pub fn collection(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }
}

/// An account as the cache's columns hold it.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountRecord<'a> {
    /// Its number.
    pub row: Row,
    /// Which source.
    pub source: SourceId,
    /// The id at the source.
    pub id: &'a str,
    /// `userName`.
    pub user_name: Option<&'a str>,
    /// `displayName`, or what stands in for it.
    pub display_name: Option<&'a str>,
    /// The primary e-mail address.
    pub email: Option<&'a str>,
    /// `externalId`.
    pub external_id: Option<&'a str>,
    /// `title`.
    pub title: Option<&'a str>,
    /// The enterprise extension's `department`.
    pub department: Option<&'a str>,
    /// `userType`.
    pub user_type: Option<&'a str>,
    /// `active`; none where the source does not say.
    pub active: Option<bool>,
    /// `meta.created`.
    pub created: Option<Millis>,
    /// `meta.lastModified`.
    pub modified: Option<Millis>,
    /// How many `roles` and `entitlements` it carries.
    pub roles: u32,
    /// Whether the last reading did not show it.
    pub unconfirmed: bool,
}

/// A group as the cache's columns hold it.
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupRecord<'a> {
    /// Its number.
    pub row: Row,
    /// Which source.
    pub source: SourceId,
    /// The id at the source.
    pub id: &'a str,
    /// `displayName`.
    pub display_name: Option<&'a str>,
    /// `externalId`.
    pub external_id: Option<&'a str>,
    /// `meta.created`.
    pub created: Option<Millis>,
    /// `meta.lastModified`.
    pub modified: Option<Millis>,
    /// Whether the source lists this group's members (an absent `members` may mean that it never does).
    pub members_listed: bool,
    /// Whether the last reading did not show it.
    pub unconfirmed: bool,
}

/// An id that a group names as a member and that its source does not hold.
#[derive(Clone, Copy, Debug)]
pub struct DanglingRecord<'a> {
    /// Its number, in the same space.
    pub row: Row,
    /// Which source.
    pub source: SourceId,
    /// The id.
    pub id: &'a str,
}

/// Takes the cache's rows, in this order: accounts, groups, dangling ids, memberships.
pub trait RecordSink {
    /// An account.
    fn account(&mut self, account: &AccountRecord<'_>);
    /// A group.
    fn group(&mut self, group: &GroupRecord<'_>);
    /// An id that is a member and not held.
    fn dangling(&mut self, dangling: &DanglingRecord<'_>);
    /// `member` (an account, a group or a dangling id) is a direct member of `group`. Sorted by group.
    fn membership(&mut self, group: Row, member: Row);
}

/// Gives back documents as the source sent them.
pub trait Documents: Send + Sync {
    /// The document of one account or group, as JSON text; none where there is no such row.
    ///
    /// # Errors
    /// When the cache cannot be read.
    fn document(&self, row: Row) -> Result<Option<Vec<u8>>, crate::Error>;

    /// Hands the documents of these rows (ascending) to `each`, in any order; ends early, without error, once `each` gives `false`.
    /// May be called from several threads at once.
    ///
    /// # Errors
    /// When the cache cannot be read.
    fn documents(&self, rows: &[Row], each: &mut dyn FnMut(Row, &[u8]) -> bool) -> Result<(), crate::Error>;
}
