//! Rights in a large tenant: role definitions, assignments and denies over subscriptions, resource groups and vaults.

use lanyard_engine::record::ItemKind;
use serde_json::{Value, json};

use crate::company::{self, Size, mixed};

/// The kinds that there are.
pub const KINDS: [ItemKind; 6] = [
    ItemKind::ManagementGroup,
    ItemKind::Subscription,
    ItemKind::RoleDefinition,
    ItemKind::RoleAssignment,
    ItemKind::DenyAssignment,
    ItemKind::RecoveryVault,
];

pub const ASSIGNMENTS: usize = 10_000;
const ROLES: usize = 200;
const SUBSCRIPTIONS: usize = 40;
/// Resource groups of each subscription.
const GROUPS: usize = 50;
const VAULTS: usize = 40;
const DENIES: usize = 20;
const CORP: &str = "/providers/Microsoft.Management/managementGroups/corp";

/// A subscription's id.
pub fn subscription(number: usize) -> String {
    format!("/subscriptions/sub-{}", number % SUBSCRIPTIONS)
}

/// A resource group's id.
fn resource_group(number: usize) -> String {
    format!("{}/resourceGroups/rg-{}", subscription(number / GROUPS), number % GROUPS)
}

/// A vault's id.
pub fn vault(number: usize) -> String {
    let vault = number % VAULTS;
    format!(
        "{}/providers/Microsoft.RecoveryServices/vaults/vault-{vault}",
        resource_group(vault * GROUPS)
    )
}

/// What a role permits: the first everything, the second restoring from vaults, the third reading, the others something of their own.
fn actions(role: usize) -> Value {
    match role {
        0 => json!(["*"]),
        1 => json!(["Microsoft.RecoveryServices/vaults/*"]),
        2 => json!(["*/read"]),
        _ => json!([format!("Microsoft.Bench{role}/things/*"), "Microsoft.Insights/alertRules/*"]),
    }
}

fn assignment(number: usize, principal: &str, role: usize, scope: &str) -> (ItemKind, String, Value) {
    let id = format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{number}");
    let properties = json!({"principalId": principal, "roleDefinitionId": format!("/x/roleDefinitions/role-{role}"), "scope": scope,
        "createdOn": "2026-03-04T08:00:00Z"});
    (
        ItemKind::RoleAssignment,
        id.clone(),
        json!({"id": id, "name": number.to_string(), "properties": properties}),
    )
}

/// Everything that access is made of besides people and groups. Half of all may read everything; everything and restoring is for few.
pub fn items(size: Size) -> impl Iterator<Item = (ItemKind, String, Value)> {
    let corp = (
        ItemKind::ManagementGroup,
        CORP.to_owned(),
        json!({"id": CORP, "name": "corp", "properties": {"displayName": "Corp"}}),
    );
    let subscriptions = (0..SUBSCRIPTIONS).map(|number| {
        let id = subscription(number);
        (
            ItemKind::Subscription,
            id.clone(),
            json!({"id": id, "displayName": format!("sub-{number}"), "parent": {"id": CORP}}),
        )
    });
    let vaults = (0..VAULTS).map(|number| {
        let id = vault(number);
        (
            ItemKind::RecoveryVault,
            id.clone(),
            json!({"id": id, "name": format!("vault-{number}")}),
        )
    });
    let roles = (0..ROLES).map(|number| {
        let id = format!("/providers/Microsoft.Authorization/roleDefinitions/role-{number}");
        let properties = json!({"roleName": format!("Role {number}"), "type": "CustomRole", "permissions": [{"actions": actions(number)}]});
        (
            ItemKind::RoleDefinition,
            id.clone(),
            json!({"id": id, "name": format!("role-{number}"), "properties": properties}),
        )
    });
    let denies = (0..DENIES).map(move |number| {
        let id = format!("/x/denyAssignments/{number}");
        let group = company::group_id(mixed(number + 17) as usize % size.groups);
        let properties = json!({"denyAssignmentName": format!("Deny {number}"), "scope": subscription(number),
            "permissions": [{"actions": ["Microsoft.RecoveryServices/*"]}], "principals": [{"id": group, "type": "Group"}]});
        (ItemKind::DenyAssignment, id.clone(), json!({"id": id, "properties": properties}))
    });
    let given = (1..ASSIGNMENTS).map(move |number| {
        let random = mixed(number + 1_000_003) as usize;
        // The group of half of all holds one right alone.
        let group = company::group_id(1 + random % (size.groups - 1));
        // Each subscription has its owners, each vault those who restore.
        if let Some(vault) = number.checked_sub(1 + SUBSCRIPTIONS).filter(|vault| *vault < VAULTS) {
            return assignment(number, &group, 1, &self::vault(vault));
        }
        if number <= SUBSCRIPTIONS {
            return assignment(number, &group, 0, &subscription(number - 1));
        }
        let principal = if number.is_multiple_of(10) {
            company::names(random % size.users).3
        } else {
            group
        };
        let scope = match random / 13 % 20 {
            0 => subscription(random / 17),
            1 => vault(random / 17),
            _ => resource_group(random / 17 % (SUBSCRIPTIONS * GROUPS)),
        };
        assignment(number, &principal, random / 7 % ROLES, &scope)
    });
    std::iter::once(corp)
        .chain(subscriptions)
        .chain(vaults)
        .chain(roles)
        .chain(denies)
        .chain(std::iter::once(assignment(0, &company::group_id(0), 2, CORP)))
        .chain(given)
}
