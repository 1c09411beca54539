//! The collections of an Azure source: their order, the permission that each takes, and what cannot be evaluated without it.

use super::arm;
use crate::record::{ItemKind, ResourceKind};
use crate::sources::Shelf;

/// All of them, in the order in which they are read: later ones need what earlier ones tell.
pub(super) fn all() -> Vec<Shelf> {
    const ITEMS: [ItemKind; 14] = [
        ItemKind::AppRoleAssignment,
        ItemKind::ManagementGroup,
        ItemKind::Subscription,
        ItemKind::RoleDefinition,
        ItemKind::RoleAssignment,
        ItemKind::DenyAssignment,
        ItemKind::Eligibility,
        ItemKind::RecoveryVault,
        ItemKind::BackupVault,
        ItemKind::ResourceGuard,
        ItemKind::GuardProxy,
        ItemKind::LostPrincipal,
        ItemKind::ProvisioningJob,
        ItemKind::ProvisioningError,
    ];
    [ResourceKind::User, ResourceKind::Service, ResourceKind::Group]
        .into_iter()
        .chain(ITEMS.map(ResourceKind::Item))
        .map(|kind| Shelf {
            kind,
            needs: needs(kind),
            without: without(kind),
        })
        .collect()
}

/// The permission that reading a collection takes, by its name.
pub(super) fn needs(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::User => "User.Read.All",
        ResourceKind::Service | ResourceKind::Item(ItemKind::AppRoleAssignment) => "Application.Read.All",
        ResourceKind::Group => "Group.Read.All",
        ResourceKind::Item(ItemKind::LostPrincipal) => "Directory.Read.All",
        ResourceKind::Item(ItemKind::ProvisioningJob) => "Synchronization.Read.All",
        ResourceKind::Item(ItemKind::ProvisioningError) => "AuditLog.Read.All",
        ResourceKind::Item(item) => arm::kind(item).needs,
    }
}

/// What cannot be evaluated without it.
pub(super) fn without(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::User => "who the people are, whether their accounts are enabled, and who is a guest",
        ResourceKind::Service => "what programs and managed identities can do, who owns them, and when their secrets end",
        ResourceKind::Group => "who has access by a group",
        ResourceKind::Item(item) => match item {
            ItemKind::AppRoleAssignment => "who holds which role in applications",
            ItemKind::ManagementGroup => "what is inherited from management groups, and which subscriptions lie in them",
            ItemKind::Subscription => "which subscriptions there are",
            ItemKind::RoleDefinition => "what roles permit",
            ItemKind::RoleAssignment => "who holds which role where",
            ItemKind::DenyAssignment => "who is denied what assignments give",
            ItemKind::Eligibility => "who can activate a role",
            ItemKind::RecoveryVault | ItemKind::BackupVault => "which vaults there are to restore from",
            ItemKind::ResourceGuard => "who could approve against a resource guard",
            ItemKind::GuardProxy => "which vaults a resource guard protects",
            ItemKind::LostPrincipal => "whether a principal that is not there was deleted",
            ItemKind::ProvisioningJob => "which applications Entra provisions, and whether that stands still",
            ItemKind::ProvisioningError => "whom Entra could not provision",
            _ => "",
        },
    }
}
