//! The columns of Backstage's documents.

use crate::record::backstage::{Entity, ORPHANED_USER, RbacCondition, RbacPolicy, RbacRole};
use crate::record::{AccountColumns, Columns, GroupColumns, ItemColumns, ItemKind, ResourceKind};
use crate::view::Millis;

/// Ids beyond this length are no ids: they would weigh down every index that holds them.
const LONGEST_ID: usize = 2048;

/// Annotations that hold the id that a directory knows a user by, the surest first.
const USER_IDS: [&str; 4] = [
    "graph.microsoft.com/user-id",
    "keycloak.org/id",
    "pingidentity.org/id",
    "backstage.io/ldap-uuid",
];
/// The same for groups.
const GROUP_IDS: [&str; 4] = [
    "graph.microsoft.com/group-id",
    "keycloak.org/id",
    "pingidentity.org/id",
    "backstage.io/ldap-uuid",
];

/// The id of a document: an entity's reference, a role's name, a policy's parts, a condition's number. Never `metadata.uid`, which is
/// another one after each time that an entity is taken in anew.
pub(super) fn id(kind: ResourceKind, text: &[u8]) -> Option<String> {
    let id = match kind {
        ResourceKind::User | ResourceKind::Group | ResourceKind::Item(ItemKind::Entity) => Entity::read(text)?.reference(),
        ResourceKind::Item(ItemKind::RbacRole) => RbacRole::read(text)?.id(),
        ResourceKind::Item(ItemKind::RbacPolicy) => RbacPolicy::read(text)?.id(),
        ResourceKind::Item(ItemKind::RbacCondition) => RbacCondition::read(text)?.id(),
        ResourceKind::Service | ResourceKind::Item(_) => None,
    }?;
    (id.len() <= LONGEST_ID).then_some(id)
}

/// The columns of a document; none where it cannot be read.
pub fn columns(kind: ResourceKind, text: &[u8]) -> Option<Columns> {
    let columns = match kind {
        ResourceKind::User => Columns::Account(account(&Entity::read(text)?)?),
        ResourceKind::Group => Columns::Group(group(&Entity::read(text)?)?),
        ResourceKind::Item(item) => Columns::Item(self::item(item, text)?),
        ResourceKind::Service => return None,
    };
    (columns.id().len() <= LONGEST_ID).then_some(columns)
}

fn account(entity: &Entity) -> Option<AccountColumns> {
    let email = entity
        .spec
        .profile
        .email
        .as_deref()
        .map(str::trim)
        .filter(|email| !email.is_empty());
    Some(AccountColumns {
        id: entity.reference()?,
        user_name: entity.metadata.name.clone(),
        display_name: entity.title().map(str::to_owned),
        email: email.or_else(|| entity.annotation("microsoft.com/email")).map(str::to_owned),
        external_id: known_as(entity, &USER_IDS),
        title: None,
        department: None,
        user_type: Some(if entity.is_orphan() { ORPHANED_USER } else { "User" }.to_owned()),
        manager: None,
        // The catalog knows no switched off users: who stands in it can sign in, orphan or not.
        active: None,
        created: None,
        modified: None,
        roles: 0,
        etag: entity.metadata.etag.clone(),
    })
}

fn group(entity: &Entity) -> Option<GroupColumns> {
    Some(GroupColumns {
        id: entity.reference()?,
        display_name: entity.title().map(str::to_owned),
        external_id: known_as(entity, &GROUP_IDS),
        created: None,
        modified: None,
        etag: entity.metadata.etag.clone(),
        members: entity.group_members(),
    })
}

fn known_as(entity: &Entity, annotations: &[&str]) -> Option<String> {
    annotations.iter().find_map(|name| entity.annotation(name)).map(str::to_owned)
}

fn item(kind: ItemKind, text: &[u8]) -> Option<ItemColumns> {
    match kind {
        ItemKind::Entity => {
            let entity = Entity::read(text)?;
            Some(ItemColumns {
                id: entity.reference()?,
                name: entity.title().map(str::to_owned),
                modified: None,
            })
        }
        ItemKind::RbacRole => {
            let role = RbacRole::read(text)?;
            Some(ItemColumns {
                id: role.id()?,
                name: role.name.clone(),
                modified: role.metadata.last_modified.as_deref().and_then(moment),
            })
        }
        ItemKind::RbacPolicy => {
            let id = RbacPolicy::read(text)?.id()?;
            Some(ItemColumns {
                name: Some(id.clone()),
                id,
                modified: None,
            })
        }
        ItemKind::RbacCondition => {
            let condition = RbacCondition::read(text)?;
            let of = [&condition.role_entity_ref, &condition.resource_type].map(|part| part.as_deref().unwrap_or("?"));
            Some(ItemColumns {
                id: condition.id()?,
                name: Some(format!("{}, {} ({})", of[0], of[1], condition.permission_mapping.join(", "))),
                modified: None,
            })
        }
        _ => None,
    }
}

/// A moment as RBAC writes it: as HTTP does (`Tue, 04 Nov 2025 10:00:00 GMT`), or by RFC 3339.
fn moment(text: &str) -> Option<Millis> {
    if let Ok(moment) = text.trim().parse::<jiff::Timestamp>() {
        return Some(moment.as_millisecond());
    }
    let since = httpdate::parse_http_date(text.trim())
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    Millis::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(kind: ResourceKind, document: &serde_json::Value) -> Columns {
        columns(kind, document.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_user_is_known_by_its_reference_and_by_its_directory() {
        let mut document = json!({
            "kind": "User",
            "metadata": { "name": "Ann.Lee", "uid": "0-1", "etag": "e", "annotations": { "microsoft.com/email": "ann@old.test", "graph.microsoft.com/user-id": "e-1" } },
            "spec": { "profile": { "displayName": "Ann Lee", "email": "ann@mail.test" }, "memberOf": [] },
        });
        let Columns::Account(user) = read(ResourceKind::User, &document) else {
            panic!()
        };
        assert_eq!(
            user,
            AccountColumns {
                id: "user:default/ann.lee".into(),
                user_name: Some("Ann.Lee".into()),
                display_name: Some("Ann Lee".into()),
                email: Some("ann@mail.test".into()),
                external_id: Some("e-1".into()),
                user_type: Some("User".into()),
                etag: Some("e".into()),
                ..AccountColumns::default()
            }
        );
        document["spec"]["profile"] = json!({ "email": " " });
        document["metadata"]["annotations"]["backstage.io/orphan"] = json!("true");
        let Columns::Account(user) = read(ResourceKind::User, &document) else {
            panic!()
        };
        assert_eq!(
            (user.email.as_deref(), user.display_name.as_deref()),
            (Some("ann@old.test"), Some("Ann.Lee"))
        );
        assert_eq!((user.user_type.as_deref(), user.active), (Some(ORPHANED_USER), None));
    }

    #[test]
    fn a_role_was_changed_when_it_says_so() {
        for (text, expected) in [
            ("Tue, 04 Nov 2025 10:00:00 GMT", Some(1_762_250_400_000)),
            ("2025-11-04T10:00:00.000Z", Some(1_762_250_400_000)),
            ("yesterday", None),
        ] {
            let role = json!({ "name": "role:default/X", "memberReferences": [], "metadata": { "lastModified": text } });
            let role = read(ResourceKind::Item(ItemKind::RbacRole), &role);
            assert_eq!((role.id(), role.modified()), ("role:default/x", expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_id_or_an_absurd_one_has_no_columns() {
        let long = "x".repeat(LONGEST_ID);
        for (kind, document) in [
            (ResourceKind::User, json!({ "kind": "User", "metadata": {} })),
            (ResourceKind::Group, json!({ "kind": "Group", "metadata": { "name": long } })),
            (ResourceKind::Item(ItemKind::RbacRole), json!({ "name": "" })),
            (ResourceKind::Item(ItemKind::RbacCondition), json!({ "id": "seven" })),
            (ResourceKind::Item(ItemKind::RecoveryVault), json!({ "id": "x" })),
        ] {
            assert_eq!(columns(kind, document.to_string().as_bytes()), None, "{kind:?}");
        }
    }
}
