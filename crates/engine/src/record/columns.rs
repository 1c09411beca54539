//! The columns of a document, owned: what a source reads out of it and the cache keeps beside it.

use super::{AccountRecord, GroupRecord, ResourceKind, Row};
use crate::view::{Millis, SourceId};

/// Reads the columns of a source's document; none where it cannot be read, or its source is not known.
pub type ReadColumns<'r> = &'r dyn Fn(SourceId, ResourceKind, &[u8]) -> Option<Columns>;

/// An account's columns; see [`AccountRecord`] for their meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are those of AccountRecord")]
pub struct AccountColumns {
    pub id: String,
    pub user_name: Option<String>,
    pub display_name: Option<String>,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub user_type: Option<String>,
    pub manager: Option<String>,
    pub active: Option<bool>,
    pub created: Option<Millis>,
    pub modified: Option<Millis>,
    pub roles: u32,
    /// `meta.version`, or what serves as one.
    pub etag: Option<String>,
}

impl AccountColumns {
    /// As a row.
    pub fn record(&self, source: SourceId, row: Row, service: bool) -> AccountRecord<'_> {
        AccountRecord {
            row,
            source,
            id: &self.id,
            user_name: self.user_name.as_deref(),
            display_name: self.display_name.as_deref(),
            email: self.email.as_deref(),
            external_id: self.external_id.as_deref(),
            title: self.title.as_deref(),
            department: self.department.as_deref(),
            user_type: self.user_type.as_deref(),
            manager: self.manager.as_deref(),
            active: self.active,
            created: self.created,
            modified: self.modified,
            roles: self.roles,
            unconfirmed: false,
            service,
        }
    }
}

/// A group's columns and members; see [`GroupRecord`] for their meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are those of GroupRecord")]
pub struct GroupColumns {
    pub id: String,
    pub display_name: Option<String>,
    pub external_id: Option<String>,
    pub created: Option<Millis>,
    pub modified: Option<Millis>,
    /// `meta.version`, or what serves as one.
    pub etag: Option<String>,
    /// The direct members' ids (accounts and groups); none where the document does not tell them.
    pub members: Option<Vec<String>>,
}

impl GroupColumns {
    /// As a row.
    pub fn record(&self, source: SourceId, row: Row) -> GroupRecord<'_> {
        GroupRecord {
            row,
            source,
            id: &self.id,
            display_name: self.display_name.as_deref(),
            external_id: self.external_id.as_deref(),
            created: self.created,
            modified: self.modified,
            members_listed: self.members.is_some(),
            unconfirmed: false,
        }
    }
}

/// An item's columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemColumns {
    /// The id at the source; unique within the kind.
    pub id: String,
    /// Its name, for history.
    pub name: Option<String>,
    /// When it last changed, as the source says.
    pub modified: Option<Millis>,
}

/// The columns of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Of an account.
    Account(AccountColumns),
    /// Of a group.
    Group(GroupColumns),
    /// Of an item.
    Item(ItemColumns),
}

impl Columns {
    /// The id at the source.
    pub fn id(&self) -> &str {
        match self {
            Self::Account(account) => &account.id,
            Self::Group(group) => &group.id,
            Self::Item(item) => &item.id,
        }
    }

    /// What it is called in history.
    pub fn name(&self) -> &str {
        match self {
            Self::Account(account) => account
                .display_name
                .as_deref()
                .or(account.user_name.as_deref())
                .unwrap_or(&account.id),
            Self::Group(group) => group.display_name.as_deref().unwrap_or(&group.id),
            Self::Item(item) => item.name.as_deref().unwrap_or(&item.id),
        }
    }

    /// `meta.version`, or what serves as one.
    pub fn etag(&self) -> Option<&str> {
        match self {
            Self::Account(account) => account.etag.as_deref(),
            Self::Group(group) => group.etag.as_deref(),
            Self::Item(_) => None,
        }
    }

    /// When it last changed, as the source says.
    pub fn modified(&self) -> Option<Millis> {
        match self {
            Self::Account(account) => account.modified,
            Self::Group(group) => group.modified,
            Self::Item(item) => item.modified,
        }
    }
}
