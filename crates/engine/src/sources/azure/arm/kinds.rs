//! Where each collection of the Resource Manager is, in which version of its API, and which permission it takes.

use super::estate::Estate;
use super::{Job, below};
use crate::record::ItemKind;
use crate::sources::azure::AzureClient;

pub(in super::super) const GROUPS_READ: &str = "Microsoft.Management/managementGroups/read";
pub(in super::super) const SUBSCRIPTIONS_READ: &str = "Microsoft.Resources/subscriptions/read";

/// A collection of the Resource Manager.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Kind {
    /// Its path below a scope.
    pub(in super::super) path: &'static str,
    /// The version of its API.
    pub(in super::super) version: &'static str,
    /// The permission that it takes.
    pub(in super::super) needs: &'static str,
    on_groups: Groups,
}

/// Whether management groups are asked too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Groups {
    /// Resources lie in subscriptions.
    Never,
    /// Those without a subscription of ours below: what holds at the others, each subscription's list shows.
    Bare,
    /// All: a subscription's list does not show all of it.
    All,
}

/// Where a kind of item is. Those of the directory, which are elsewhere, never come here.
pub(in super::super) fn kind(item: ItemKind) -> Kind {
    let (path, version, needs, on_groups) = match item {
        ItemKind::RoleDefinition => (
            "providers/Microsoft.Authorization/roleDefinitions",
            "2022-04-01",
            "Microsoft.Authorization/roleDefinitions/read",
            Groups::Bare,
        ),
        ItemKind::DenyAssignment => (
            "providers/Microsoft.Authorization/denyAssignments",
            "2022-04-01",
            "Microsoft.Authorization/denyAssignments/read",
            Groups::Bare,
        ),
        ItemKind::Eligibility => (
            "providers/Microsoft.Authorization/roleEligibilityScheduleInstances",
            "2020-10-01",
            "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
            Groups::All,
        ),
        ItemKind::RecoveryVault => (
            "providers/Microsoft.RecoveryServices/vaults",
            "2026-11-01",
            "Microsoft.RecoveryServices/vaults/read",
            Groups::Never,
        ),
        ItemKind::BackupVault => (
            "providers/Microsoft.DataProtection/backupVaults",
            "2026-06-01",
            "Microsoft.DataProtection/backupVaults/read",
            Groups::Never,
        ),
        ItemKind::ResourceGuard => (
            "providers/Microsoft.DataProtection/resourceGuards",
            "2026-06-01",
            "Microsoft.DataProtection/resourceGuards/read",
            Groups::Never,
        ),
        ItemKind::ManagementGroup => (
            "providers/Microsoft.Management/managementGroups",
            "2023-04-01",
            GROUPS_READ,
            Groups::Never,
        ),
        ItemKind::Subscription => ("subscriptions", "2022-12-01", SUBSCRIPTIONS_READ, Groups::Never),
        ItemKind::GuardProxy => (
            "backupResourceGuardProxies",
            "2025-02-01",
            guards_of(ItemKind::RecoveryVault).0,
            Groups::Never,
        ),
        _ => (
            "providers/Microsoft.Authorization/roleAssignments",
            "2022-04-01",
            "Microsoft.Authorization/roleAssignments/read",
            Groups::Bare,
        ),
    };
    Kind {
        path,
        version,
        needs,
        on_groups,
    }
}

/// The permission and the version for the guards of vaults of that kind.
pub(super) fn guards_of(item: ItemKind) -> (&'static str, &'static str) {
    match item {
        ItemKind::BackupVault => (
            "Microsoft.DataProtection/backupVaults/backupResourceGuardProxies/read",
            "2026-06-01",
        ),
        _ => ("Microsoft.RecoveryServices/vaults/backupResourceGuardProxies/read", "2025-02-01"),
    }
}

/// The lists of a collection: management groups first, then subscriptions, each in order of their ids.
pub(super) fn jobs(client: &AzureClient, kind: &Kind, estate: &Estate) -> Vec<Job> {
    jobs_with(client, kind, estate, None)
}

/// The lists that show what one principal has been given, over every scope of ours: each management group's for what stands at it and above,
/// each subscription's for all that stands in it, down to vaults.
pub(in super::super) fn jobs_of(client: &AzureClient, kind: &Kind, estate: &Estate, filter: &str) -> Vec<Job> {
    let groups = estate
        .groups
        .iter()
        .filter(|group| group.chosen)
        .map(|group| (&group.id, &group.name));
    let subscriptions = estate.subscriptions.iter().map(|one| (&one.id, &one.name));
    groups
        .chain(subscriptions)
        .map(|(id, name)| Job {
            url: below(client, id, kind.path, kind.version, Some(filter)),
            label: name.clone(),
            needs: kind.needs,
        })
        .collect()
}

/// The same, with a filter; without one, management groups are asked for what holds at them and above.
pub(super) fn jobs_with(client: &AzureClient, kind: &Kind, estate: &Estate, filter: Option<&'static str>) -> Vec<Job> {
    let definitions = kind.path.ends_with("roleDefinitions");
    let at_scope = if definitions { filter } else { Some("atScope()") };
    let groups = estate.groups.iter().filter(|group| match kind.on_groups {
        Groups::Never => false,
        Groups::Bare => group.chosen && !group.above_ours,
        Groups::All => group.chosen,
    });
    let groups = groups.map(|group| Job {
        url: below(client, &group.id, kind.path, kind.version, at_scope),
        label: group.name.clone(),
        needs: kind.needs,
    });
    let subscriptions = estate.subscriptions.iter().map(|one| Job {
        url: below(client, &one.id, kind.path, kind.version, filter),
        label: one.name.clone(),
        needs: kind.needs,
    });
    groups.chain(subscriptions).collect()
}
