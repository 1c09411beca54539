//! The rows that pass between the cache and the directory: the shape of an account and a group once their documents were read.

pub mod azure;
pub mod backstage;
mod columns;
mod decision;
mod finding;
mod past;
pub mod run;
mod tolerant;

pub use columns::{AccountColumns, Columns, GroupColumns, ItemColumns, ReadColumns};
pub use decision::{DecidedSubject, Decision};
pub use finding::{FindingChange, FindingDraft, FindingLine, FindingRun, FindingVersion, KeptSuppression};
pub use past::{CoverageThen, Earlier, EarlierMembers, PastLine, Since, SyncThen, Was};

use crate::view::{Millis, SourceId};

/// The number of an account or group in this cache: one space for both, at most 2³² of them.
/// It holds until the cache is rebuilt and is never shown.
pub type Row = u32;

/// What kind of resource a document is, and with it in which table its columns stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A person's account: a SCIM User, a Backstage User entity, an Entra user.
    User,
    /// A program's account: an Entra service principal or managed identity.
    Service,
    /// A group: a SCIM Group, a Backstage Group entity, an Entra group.
    Group,
    /// Anything else: what access is made of besides accounts and groups.
    Item(ItemKind),
}

/// What an item is. Items are kept as documents with an id and a name; the access map reads them whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// Backstage: an entity that is owned (a component, an API, a system, …), as far as ownership goes.
    Entity,
    /// Backstage RBAC: a role with its members.
    RbacRole,
    /// Backstage RBAC: a permission policy.
    RbacPolicy,
    /// Backstage RBAC: a conditional policy.
    RbacCondition,
    /// Entra: an app role assignment.
    AppRoleAssignment,
    /// Azure: a management group, with its parent.
    ManagementGroup,
    /// Azure: a subscription, with its management group.
    Subscription,
    /// Azure: a role definition, built in or custom.
    RoleDefinition,
    /// Azure: a role assignment.
    RoleAssignment,
    /// Azure: a deny assignment.
    DenyAssignment,
    /// Azure: an eligibility (PIM), as an instance of its schedule.
    Eligibility,
    /// Azure: a Recovery Services vault.
    RecoveryVault,
    /// Azure: a Backup vault.
    BackupVault,
    /// Azure: a resource guard.
    ResourceGuard,
    /// Azure: a vault's link to its resource guard (multi-user authorization).
    GuardProxy,
    /// Entra: a principal that is assigned to and that the tenant does not hold: deleted softly, or not found.
    LostPrincipal,
    /// Entra: a provisioning job, with how it stands.
    ProvisioningJob,
    /// Entra: the last failure of a provisioning job about somebody, not mended since, out of the provisioning log.
    ProvisioningError,
}

/// Which table a kind's columns stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `account`.
    Account,
    /// `grp`, with memberships.
    Group,
    /// `item`.
    Item,
}

impl ItemKind {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Entity,
        Self::RbacRole,
        Self::RbacPolicy,
        Self::RbacCondition,
        Self::AppRoleAssignment,
        Self::ManagementGroup,
        Self::Subscription,
        Self::RoleDefinition,
        Self::RoleAssignment,
        Self::DenyAssignment,
        Self::Eligibility,
        Self::RecoveryVault,
        Self::BackupVault,
        Self::ResourceGuard,
        Self::GuardProxy,
        Self::LostPrincipal,
        Self::ProvisioningJob,
        Self::ProvisioningError,
    ];

    /// Those that assign a role to a principal.
    pub const ASSIGNMENTS: [Self; 3] = [Self::RoleAssignment, Self::Eligibility, Self::AppRoleAssignment];

    /// Whether it assigns a role to a principal.
    pub fn is_assignment(self) -> bool {
        Self::ASSIGNMENTS.contains(&self)
    }

    /// The kind whose resources have this name; see [`ResourceKind::name`].
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| ResourceKind::Item(*kind).name() == name)
    }
}

impl ResourceKind {
    /// What an account is: a program's where it is marked as one, else a person's.
    pub fn of_account(service: bool) -> Self {
        if service { Self::Service } else { Self::User }
    }

    /// The resource's name: `User`, `Group` (RFC 7643 §6), `RoleAssignment`, …; stands in the cache and in history.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Service => "ServicePrincipal",
            Self::Group => "Group",
            Self::Item(item) => match item {
                ItemKind::Entity => "Entity",
                ItemKind::RbacRole => "RbacRole",
                ItemKind::RbacPolicy => "RbacPolicy",
                ItemKind::RbacCondition => "RbacCondition",
                ItemKind::AppRoleAssignment => "AppRoleAssignment",
                ItemKind::ManagementGroup => "ManagementGroup",
                ItemKind::Subscription => "Subscription",
                ItemKind::RoleDefinition => "RoleDefinition",
                ItemKind::RoleAssignment => "RoleAssignment",
                ItemKind::DenyAssignment => "DenyAssignment",
                ItemKind::Eligibility => "Eligibility",
                ItemKind::RecoveryVault => "RecoveryVault",
                ItemKind::BackupVault => "BackupVault",
                ItemKind::ResourceGuard => "ResourceGuard",
                ItemKind::GuardProxy => "GuardProxy",
                ItemKind::LostPrincipal => "LostPrincipal",
                ItemKind::ProvisioningJob => "ProvisioningJob",
                ItemKind::ProvisioningError => "ProvisioningError",
            },
        }
    }

    /// The collection's name, under which its coverage is kept: `Users`, `Groups`, `Role assignments`, ….
    pub fn collection(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Service => "Service principals",
            Self::Group => "Groups",
            Self::Item(item) => match item {
                ItemKind::Entity => "Entities",
                ItemKind::RbacRole => "RBAC roles",
                ItemKind::RbacPolicy => "RBAC policies",
                ItemKind::RbacCondition => "RBAC conditions",
                ItemKind::AppRoleAssignment => "App role assignments",
                ItemKind::ManagementGroup => "Management groups",
                ItemKind::Subscription => "Subscriptions",
                ItemKind::RoleDefinition => "Role definitions",
                ItemKind::RoleAssignment => "Role assignments",
                ItemKind::DenyAssignment => "Deny assignments",
                ItemKind::Eligibility => "Eligibilities",
                ItemKind::RecoveryVault => "Recovery Services vaults",
                ItemKind::BackupVault => "Backup vaults",
                ItemKind::ResourceGuard => "Resource guards",
                ItemKind::GuardProxy => "Multi-user authorization",
                ItemKind::LostPrincipal => "Deleted principals",
                ItemKind::ProvisioningJob => "Provisioning jobs",
                ItemKind::ProvisioningError => "Provisioning errors",
            },
        }
    }

    /// Whether history tells when one comes, changes or goes. What is itself a log with a window is not told: that an entry grew too old for
    /// the log is no event.
    pub fn is_told(self) -> bool {
        self != Self::Item(ItemKind::ProvisioningError)
    }

    /// Which table its columns stand in.
    pub fn shape(self) -> Shape {
        match self {
            Self::User | Self::Service => Shape::Account,
            Self::Group => Shape::Group,
            Self::Item(_) => Shape::Item,
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
    /// The enterprise extension's `manager.value`: the id of the manager's account at the same source.
    pub manager: Option<&'a str>,
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
    /// Whether it is a program's: of [`ResourceKind::Service`].
    pub service: bool,
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

/// An item as the cache holds it, with its document.
#[derive(Clone, Copy, Debug)]
pub struct ItemRecord<'a> {
    /// Its number, in the same space.
    pub row: Row,
    /// Which source.
    pub source: SourceId,
    /// What it is.
    pub kind: ItemKind,
    /// The id at the source.
    pub id: &'a str,
    /// Its name.
    pub name: Option<&'a str>,
    /// Whether the last reading did not show it.
    pub unconfirmed: bool,
    /// The document as the source sent it, JSON text.
    pub document: &'a [u8],
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
