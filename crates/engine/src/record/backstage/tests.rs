//! Documents as Backstage 1.54 gives them, and as nobody should.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn entity(value: &serde_json::Value) -> Entity {
    Entity::read(value.to_string().as_bytes()).unwrap()
}

#[test]
fn a_group_lists_users_and_the_groups_below_it() {
    let group = entity(&json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Group",
        "metadata": { "name": "Payments", "namespace": "Default", "etag": "e1", "annotations": { "graph.microsoft.com/group-id": "g-1", "n": 7 } },
        "spec": { "type": "team", "profile": { "displayName": "Payments" }, "parent": "finance", "children": ["payments-eu"] },
        "relations": [
            { "type": "childOf", "targetRef": "group:default/finance" },
            { "type": "hasMember", "targetRef": "user:default/Ann" },
            { "type": "hasMember", "targetRef": "user:default/ann" },
            { "type": "hasMember", "target": { "kind": "User", "namespace": "default", "name": "old" } },
            { "type": "parentOf", "targetRef": "group:default/payments-eu" },
            { "type": "ownerOf", "targetRef": "component:default/ledger" },
        ],
    }));
    assert_eq!(group.reference().as_deref(), Some("group:default/payments"));
    assert_eq!(group.parent().as_deref(), Some("group:default/finance"));
    assert_eq!(
        group.group_members().unwrap(),
        ["user:default/ann", "user:default/old", "group:default/payments-eu"]
    );
    assert_eq!(group.annotation("graph.microsoft.com/group-id"), Some("g-1"));
    assert_eq!(group.annotation("n"), None);
    assert!(!group.is_orphan());
}

#[test]
fn a_group_without_relations_lists_whom_it_names_or_says_nothing() {
    let told = entity(
        &json!({ "kind": "Group", "metadata": { "name": "a", "namespace": "x" }, "spec": { "members": ["ann", "y/bob"], "children": ["b"] } }),
    );
    assert_eq!(told.group_members().unwrap(), ["user:x/ann", "user:y/bob", "group:x/b"]);
    let untold = entity(&json!({ "kind": "Group", "metadata": { "name": "a" }, "spec": { "children": [] } }));
    assert_eq!(untold.group_members(), None);
    let empty = entity(&json!({ "kind": "Group", "metadata": { "name": "a" }, "relations": [] }));
    assert_eq!(empty.group_members(), Some(Vec::new()));
}

#[test]
fn references_take_from_their_place_what_they_leave_out() {
    for (text, kind, expected) in [
        ("Ann", Some("user"), Some("user:here/ann")),
        ("there/Ann", Some("user"), Some("user:there/ann")),
        ("Group:there/Ann", Some("user"), Some("group:there/ann")),
        ("group:ann", None, Some("group:here/ann")),
        ("ann", None, None),
        ("", Some("user"), None),
        ("user:", None, None),
        ("user:/ann", None, None),
        ("user:a/b/c", None, None),
    ] {
        assert_eq!(full_ref(text, kind, "here").as_deref(), expected, "{text}");
    }
}

#[test]
fn wrong_types_spoil_nothing_else() {
    let user = entity(&json!({
        "kind": "User", "metadata": { "name": "ann", "namespace": 7, "title": ["x"], "annotations": [1], "etag": null },
        "spec": { "profile": "none", "memberOf": ["a", 3, null], "type": {} },
        "relations": [{ "type": "memberOf", "targetRef": "group:default/a" }, 5, { "type": 1 }, null],
    }));
    assert_eq!(user.reference().as_deref(), Some("user:default/ann"));
    assert_eq!(user.spec.member_of.as_deref(), Some(&["a".to_owned()][..]));
    assert_eq!(user.related("memberOf").collect::<Vec<_>>(), ["group:default/a"]);
    assert_eq!(entity(&json!({ "kind": "User", "metadata": [] })).reference(), None);
    assert_eq!(entity(&json!({ "kind": " ", "metadata": { "name": "a" } })).reference(), None);
    assert_eq!(Entity::read(b"[1]"), None);
}

#[test]
fn policies_have_ids_of_their_parts_that_never_fall_together() {
    let policy = |role: &str, permission: &str, action: &str| {
        let text = json!({ "entityReference": role, "permission": permission, "policy": action, "effect": "allow" }).to_string();
        RbacPolicy::read(text.as_bytes()).unwrap().id()
    };
    assert_eq!(
        policy("role:default/X", "catalog-entity", "read").as_deref(),
        Some("role:default/x, catalog-entity, read, allow")
    );
    assert_ne!(policy("role:default/x", "a, b", "c"), policy("role:default/x", "a", "b, c"));
    assert_eq!(policy("role:default/x", "", "read"), None);
}

#[test]
fn conditions_are_read_as_a_tree_and_what_is_strange_is_unknown() {
    let condition = RbacCondition::read(
        json!({
            "id": 3, "result": "CONDITIONAL", "roleEntityRef": "role:default/x", "pluginId": "catalog", "resourceType": "catalog-entity",
            "permissionMapping": ["read", { "name": "catalog.entity.delete", "action": "delete" }, 7],
            "conditions": { "anyOf": [
                { "rule": "IS_ENTITY_OWNER", "resourceType": "catalog-entity", "params": { "claims": ["$ownerRefs"] } },
                { "not": { "allOf": [{ "rule": "IS_ENTITY_KIND", "params": { "kinds": ["Group"] } }, { "maybe": 1 }] } },
            ] },
        })
        .to_string()
        .as_bytes(),
    )
    .unwrap();
    assert_eq!(condition.id().as_deref(), Some("3"));
    assert_eq!(condition.permission_mapping, ["read", "delete"]);
    let permissions: Vec<_> = condition.permissions().collect();
    assert_eq!(permissions, [("catalog-entity", "read"), ("catalog.entity.delete", "delete")]);
    let Criteria::AnyOf(any) = condition.criteria() else {
        panic!("{:?}", condition.criteria())
    };
    assert!(matches!(&any[0], Criteria::Rule { rule, params, .. } if rule == "IS_ENTITY_OWNER" && params["claims"][0] == "$ownerRefs"));
    let Criteria::Not(not) = &any[1] else { panic!("{any:?}") };
    let Criteria::AllOf(all) = &**not else { panic!("{not:?}") };
    assert_eq!(all[1], Criteria::Unknown);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", key in "kind|metadata|spec|relations|name|memberReferences|conditions|permissionMapping", value in "\\PC{0,12}|\\{\\}|\\[\\]|[0-9]{1,25}|null|true|-1e999") {
        for text in [text, format!("{{\"{key}\":{value}}}")] {
            let bytes = text.as_bytes();
            if let Some(entity) = Entity::read(bytes) {
                let _ = (entity.reference(), entity.group_members(), entity.parent(), entity.owners());
            }
            let _ = RbacRole::read(bytes).map(|role| role.id());
            let _ = RbacPolicy::read(bytes).map(|policy| policy.id());
            let _ = RbacCondition::read(bytes).map(|condition| (condition.id(), condition.criteria()));
        }
    }
}
