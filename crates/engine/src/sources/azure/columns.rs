//! The columns of Azure's documents.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::outlet::identity;
use crate::record::azure::{
    AppRoleAssignment, DenyAssignment, Group, LostPrincipal, ManagementGroup, ProvisioningError, ProvisioningJob, RoleAssignment,
    RoleDefinition, ServicePrincipal, Subscription, User, key, last_segment,
};
use crate::record::{AccountColumns, Columns, GroupColumns, ItemColumns, ItemKind, ResourceKind};
use crate::view::Millis;

/// The columns of a document; none where it cannot be read.
pub fn columns(kind: ResourceKind, text: &[u8]) -> Option<Columns> {
    match kind {
        ResourceKind::User => user(read(text)?).map(Columns::Account),
        ResourceKind::Service => service(read(text)?).map(Columns::Account),
        ResourceKind::Group => group(read(text)?).map(Columns::Group),
        ResourceKind::Item(item) => {
            let (name, modified) = item_columns(item, text)?;
            Some(Columns::Item(ItemColumns {
                id: identity(kind, text)?,
                name,
                modified: time(modified.as_deref()),
            }))
        }
    }
}

fn read<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    serde_json::from_slice(text).ok()
}

fn time(text: Option<&str>) -> Option<Millis> {
    lanyard_scim::instant::unix_millis(text?)
}

fn id(id: Option<String>) -> Option<String> {
    id.map(|id| key(&id)).filter(|id| !id.is_empty())
}

/// An Entra user. `externalId` stays empty: the object's id is what other systems know it by, and an employee number may be given again.
fn user(user: User) -> Option<AccountColumns> {
    Some(AccountColumns {
        id: id(user.id)?,
        user_name: user.user_principal_name,
        display_name: user.display_name,
        email: user.mail,
        external_id: None,
        title: user.job_title,
        department: user.department,
        user_type: user.user_type,
        // Graph gives managers to pages of at most 100: they are not asked for.
        manager: None,
        active: user.account_enabled,
        created: time(user.created_date_time.as_deref()),
        modified: None,
        roles: 0,
        etag: None,
    })
}

fn service(service: ServicePrincipal) -> Option<AccountColumns> {
    let kind = match service.service_principal_type.as_deref() {
        Some("Application") | None => "ServicePrincipal".to_owned(),
        Some(other) => other.to_owned(),
    };
    Some(AccountColumns {
        id: id(service.id)?,
        user_name: service.app_id,
        display_name: service.display_name,
        user_type: Some(kind),
        active: service.account_enabled,
        created: time(service.created_date_time.as_deref()),
        ..AccountColumns::default()
    })
}

fn group(group: Group) -> Option<GroupColumns> {
    Some(GroupColumns {
        id: id(group.id)?,
        display_name: group.display_name,
        external_id: None,
        created: time(group.created_date_time.as_deref()),
        modified: None,
        etag: None,
        members: group
            .members
            .map(|members| members.into_iter().filter_map(|member| id(member.id)).collect()),
    })
}

/// An item's name and when it last changed.
fn item_columns(item: ItemKind, text: &[u8]) -> Option<(Option<String>, Option<String>)> {
    #[derive(Deserialize)]
    struct Named {
        name: Option<String>,
    }
    Some(match item {
        ItemKind::AppRoleAssignment => {
            let one: AppRoleAssignment = read(text)?;
            let name = match (one.principal_display_name, one.resource_display_name) {
                (Some(principal), Some(resource)) => Some(format!("{principal} at {resource}")),
                (principal, resource) => principal.or(resource),
            };
            (name, None)
        }
        ItemKind::ManagementGroup => {
            let one: ManagementGroup = read(text)?;
            (one.properties.display_name.or(one.name), None)
        }
        ItemKind::Subscription => {
            let one: Subscription = read(text)?;
            (one.display_name.or(one.subscription_id), None)
        }
        ItemKind::RoleDefinition => {
            let one: RoleDefinition = read(text)?;
            (one.properties.role_name.or(one.name), one.properties.updated_on)
        }
        // An assignment has no name but a GUID: what it grants, to whom and where says more.
        ItemKind::RoleAssignment | ItemKind::Eligibility => {
            let one: RoleAssignment = read(text)?;
            let properties = one.properties;
            let name = match (properties.principal_id, properties.scope) {
                (Some(principal), Some(scope)) => Some(format!("{principal} on {}", last_segment(&scope))),
                _ => one.name,
            };
            (name, properties.updated_on)
        }
        ItemKind::DenyAssignment => {
            let one: DenyAssignment = read(text)?;
            (one.properties.deny_assignment_name.or(one.name), None)
        }
        ItemKind::LostPrincipal => {
            let one: LostPrincipal = read(text)?;
            (one.display_name.or(one.user_principal_name), None)
        }
        ItemKind::ProvisioningJob => {
            let one: ProvisioningJob = read(text)?;
            let what = one.template_id.or(one.job_id);
            let name = match (one.service_principal.display_name, what) {
                (Some(app), Some(what)) => Some(format!("{app} ({what})")),
                (app, what) => app.or(what),
            };
            (name, None)
        }
        ItemKind::ProvisioningError => {
            let one: ProvisioningError = read(text)?;
            let who = one.source_identity.display_name.or(one.target_identity.display_name);
            let name = match (who, one.service_principal.display_name) {
                (Some(who), Some(app)) => Some(format!("{who} at {app}")),
                (who, app) => who.or(app),
            };
            (name, one.activity_date_time)
        }
        _ => (read::<Named>(text)?.name, None),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: ResourceKind, document: &serde_json::Value) -> Columns {
        columns(kind, document.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_guest_reads_as_one() {
        let Columns::Account(guest) = of(
            ResourceKind::User,
            &json!({"id": "AAAA-1", "userPrincipalName": "a_x.example#EXT#@h.onmicrosoft.com", "displayName": "A", "mail": "a@x.example",
                "userType": "Guest", "accountEnabled": false, "employeeId": "7", "createdDateTime": "2024-02-03T04:05:06Z"}),
        ) else {
            panic!("a user is an account");
        };
        assert_eq!(
            (guest.id.as_str(), guest.user_type.as_deref(), guest.active),
            ("aaaa-1", Some("Guest"), Some(false))
        );
        assert_eq!((guest.external_id, guest.created), (None, Some(1_706_933_106_000)));
    }

    #[test]
    fn programs_say_which_they_are() {
        let kind = |named: &str| match of(
            ResourceKind::Service,
            &json!({"id": "s", "appId": "app", "servicePrincipalType": named}),
        ) {
            Columns::Account(account) => account.user_type,
            _ => None,
        };
        assert_eq!(kind("Application").as_deref(), Some("ServicePrincipal"));
        assert_eq!(kind("ManagedIdentity").as_deref(), Some("ManagedIdentity"));
    }

    #[test]
    fn members_are_told_or_not_told() {
        let members = |document| match of(ResourceKind::Group, &document) {
            Columns::Group(group) => group.members,
            _ => None,
        };
        assert_eq!(members(json!({"id": "g", "members": [{"id": "U1"}]})), Some(vec!["u1".to_owned()]));
        assert_eq!(members(json!({"id": "g"})), None);
    }

    #[test]
    fn a_role_definition_goes_by_its_guid_and_resources_by_their_id_in_lower_case() {
        let item = |item| ResourceKind::Item(item);
        let a =
            json!({"id": "/subscriptions/S1/providers/Microsoft.Authorization/roleDefinitions/ABC", "properties": {"roleName": "Owner"}});
        let b = json!({"id": "/providers/Microsoft.Authorization/roleDefinitions/abc", "properties": {"roleName": "Owner"}});
        assert_eq!(
            of(item(ItemKind::RoleDefinition), &a).id(),
            of(item(ItemKind::RoleDefinition), &b).id()
        );
        let vault = json!({"id": "/subscriptions/S/resourceGroups/RG/providers/microsoft.recoveryservices/vaults/V", "name": "V"});
        let vault = of(item(ItemKind::RecoveryVault), &vault);
        assert_eq!(
            vault.id(),
            "/subscriptions/s/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/v"
        );
        assert_eq!(vault.name(), "V");
        let role = json!({"id": "xYz", "resourceId": "R", "principalDisplayName": "P", "resourceDisplayName": "App"});
        let role = of(item(ItemKind::AppRoleAssignment), &role);
        assert_eq!((role.id(), role.name()), ("r/xYz", "P at App"));
    }

    #[test]
    fn what_has_no_id_is_no_document() {
        for kind in [
            ResourceKind::User,
            ResourceKind::Group,
            ResourceKind::Service,
            ResourceKind::Item(ItemKind::RoleAssignment),
        ] {
            for text in ["{}", "[]", "", "{\"id\":\"\"}", "{\"id\":7}", "null", "{\"id\":"] {
                assert_eq!(columns(kind, text.as_bytes()), None, "{text}");
            }
        }
    }
}
