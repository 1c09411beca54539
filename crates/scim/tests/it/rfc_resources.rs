//! The resources of RFC 7643 §8, read typed, raw and brief.

use lanyard_scim::schema::{AttributeType, PaginationMethod, ResourceType, ServiceProviderConfig};
use lanyard_scim::{Catalog, Group, GroupBrief, MemberKind, Resource, User, UserBrief, urn};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixtures;

#[test]
fn users_and_groups_survive_a_round_trip() {
    for name in ["user-minimal", "user-full", "user-enterprise"] {
        let value = fixtures::json(name);
        let user: User = serde_json::from_value(value.clone()).unwrap();
        assert!(user.other.is_empty(), "{name}: {:?}", user.other);
        assert_eq!(serde_json::to_value(&user).unwrap(), value, "{name}");
    }
    let value = fixtures::json("group");
    let group: Group = serde_json::from_value(value.clone()).unwrap();
    assert!(group.other.is_empty());
    assert_eq!(group.members.as_ref().unwrap().len(), 2);
    assert_eq!(serde_json::to_value(&group).unwrap(), value);
}

#[test]
fn the_enterprise_user_is_read_in_full() {
    let user = User::from_value(fixtures::json("user-enterprise"));
    assert_eq!(user.email(), Some("bjensen@example.com"));
    let enterprise = user.enterprise.unwrap();
    assert_eq!(enterprise.cost_center.as_deref(), Some("4130"));
    assert_eq!(enterprise.manager.unwrap().display_name.as_deref(), Some("John Smith"));
    assert_eq!(user.meta.unwrap().last_modified_millis(), Some(1_305_261_754_000));
    assert_eq!(
        user.groups.unwrap()[0].reference.as_deref(),
        Some("../Groups/e9e30dba-f08f-4109-8486-d5c6a331660a")
    );
}

#[test]
fn unknown_things_and_wrong_types_are_kept() {
    let value = json!({
        "schemas": [urn::USER, "urn:example:ext:1.0"],
        "USERNAME": "anna",
        "active": "False",
        "emails": ["anna@example.com"],
        "displayName": {"odd": true},
        "nickName": null,
        "urn:example:ext:1.0": {"badge": [1, 2, {"deep": null}]},
        "shoeSize": 44
    });
    let user = User::from_value(value.clone());
    assert_eq!(user.user_name.as_deref(), Some("anna"));
    assert_eq!(user.active, Some(false));
    assert_eq!(user.display_name, None);
    let written = serde_json::to_value(&user).unwrap();
    assert_eq!(written["userName"], "anna");
    for name in ["emails", "displayName", "nickName", "urn:example:ext:1.0", "shoeSize"] {
        assert_eq!(written[name], value[name], "{name}");
    }
}

#[test]
fn the_brief_views_agree_with_the_typed_ones() {
    let text = fixtures::text("user-enterprise");
    let brief = UserBrief::read(text.as_bytes()).unwrap();
    assert_eq!(brief.id, "2819c223-7f76-453a-919d-413861904646");
    assert_eq!(brief.external_id.as_deref(), Some("701984"));
    assert_eq!(brief.user_name.as_deref(), Some("bjensen@example.com"));
    assert_eq!(brief.display_name.as_deref(), Some("Babs Jensen"));
    assert_eq!(brief.email.as_deref(), Some("bjensen@example.com"));
    assert_eq!(
        (brief.active, brief.title.as_deref(), brief.user_type.as_deref()),
        (Some(true), Some("Tour Guide"), Some("Employee"))
    );
    assert_eq!(brief.department.as_deref(), Some("Tour Operations"));
    assert_eq!(brief.organization.as_deref(), Some("Universal Studios"));
    assert_eq!(brief.employee_number.as_deref(), Some("701984"));
    assert_eq!(brief.manager_id.as_deref(), Some("26118915-6090-4610-87e4-49d8ca9f808d"));
    assert_eq!(brief.manager_display.as_deref(), Some("John Smith"));
    assert_eq!(
        (brief.created, brief.last_modified),
        (Some(1_264_222_582_000), Some(1_305_261_754_000))
    );
    assert_eq!(brief.version.as_deref(), Some("W/\"3694e05e9dff591\""));
    let groups = brief.groups.unwrap();
    assert_eq!(groups.len(), 3);
    assert_eq!(
        (groups[0].kind, groups[0].display.as_deref()),
        (MemberKind::Group, Some("Tour Guides"))
    );

    let text = fixtures::text("group");
    let brief = GroupBrief::read(text.as_bytes()).unwrap();
    assert_eq!(brief.display_name.as_deref(), Some("Tour Guides"));
    let members = brief.members.unwrap();
    assert_eq!(members[1].value, "902c246b-6245-4190-8e05-00816be7344a");
    assert_eq!(members[1].kind, MemberKind::User);
}

#[test]
fn a_raw_resource_answers_in_any_case() {
    let resource = Resource::from_value(fixtures::json("user-enterprise")).unwrap();
    assert_eq!(resource.kind(), MemberKind::User);
    assert_eq!(resource.get("USERNAME"), Some(&json!("bjensen@example.com")));
    assert_eq!(resource.at(&"NAME.givenname".parse().unwrap()), Some(&json!("Barbara")));
    let department = format!("{}:Department", urn::ENTERPRISE_USER.to_uppercase());
    assert_eq!(resource.at(&department.parse().unwrap()), Some(&json!("Tour Operations")));
    assert_eq!(
        resource.at(&urn::ENTERPRISE_USER.parse().unwrap()),
        resource.get(urn::ENTERPRISE_USER)
    );
    assert_eq!(resource.label(), Some("Babs Jensen"));
    assert_eq!(resource.meta().resource_type.as_deref(), Some("User"));
    assert!(Resource::from_value(json!([])).is_none());
}

#[test]
fn what_a_server_says_about_itself() {
    let value = fixtures::json("service-provider-config");
    let config: ServiceProviderConfig = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(config.bulk.as_ref().unwrap().max_operations, Some(1000));
    assert_eq!(config.authentication_schemes[1].kind.as_deref(), Some("httpbasic"));
    assert_eq!(config.pagination, None);
    assert_eq!(serde_json::to_value(&config).unwrap(), value);

    let value = fixtures::json("service-provider-config-pagination");
    let config: ServiceProviderConfig = serde_json::from_value(value.clone()).unwrap();
    let pagination = config.pagination.as_ref().unwrap();
    assert_eq!((pagination.cursor, pagination.index), (Some(true), Some(true)));
    assert_eq!(pagination.default_pagination_method, Some(PaginationMethod::Cursor));
    assert_eq!(
        (pagination.default_page_size, pagination.max_page_size, pagination.cursor_timeout),
        (Some(100), Some(250), Some(3600))
    );
    assert_eq!(serde_json::to_value(&config).unwrap(), value);

    let sloppy: ServiceProviderConfig =
        serde_json::from_value(json!({"Patch": {"supported": "True"}, "bulk": "no", "filter": {"supported": 1, "maxResults": "200"}}))
            .unwrap();
    assert_eq!(sloppy.patch.unwrap().supported, Some(true));
    assert_eq!(sloppy.bulk, None);
    assert_eq!(sloppy.other["bulk"], "no");
    assert_eq!(sloppy.filter.unwrap().max_results, Some(200));
}

#[test]
fn resource_types_and_schemas() {
    let value = fixtures::json("resource-types");
    let types: Vec<ResourceType> = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(types[0].schema_extensions[0].required, Some(true));
    assert_eq!(serde_json::to_value(&types).unwrap(), value);

    let own =
        json!({"id": "urn:example:badge:1.0", "name": "Badge", "attributes": [{"name": "active", "type": "string", "caseExact": true}]});
    let badge: ResourceType = serde_json::from_value(json!({"name": "Badge", "schema": "urn:example:badge:1.0"})).unwrap();
    let catalog = Catalog::new(vec![serde_json::from_value(own).unwrap()]).with_types(&[badge]);
    let found = catalog.find(&"active".parse().unwrap()).unwrap();
    assert!(!found.in_extension);
    assert_eq!(found.target().kind, Some(AttributeType::String));
}

/// Any JSON, small.
pub fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-zA-Z@. ]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let names = prop_oneof![
            Just("id".to_owned()),
            Just("userName".to_owned()),
            Just("active".to_owned()),
            Just("emails".to_owned()),
            Just("members".to_owned()),
            Just("value".to_owned()),
            Just("meta".to_owned()),
            Just("name".to_owned()),
            Just("Resources".to_owned()),
            Just("totalResults".to_owned()),
            Just(urn::ENTERPRISE_USER.to_owned()),
            "[a-zA-Z$]{1,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any JSON object.
pub fn any_object() -> impl Strategy<Value = Value> {
    any_json().prop_map(|value| if value.is_object() { value } else { json!({ "emails": value }) })
}

proptest! {
    /// Reading never loses a member: whatever is not understood is written as it was.
    #[test]
    fn nothing_is_lost(value in any_object()) {
        let written = serde_json::to_value(User::from_value(value.clone())).unwrap();
        let again = serde_json::to_value(User::from_value(written.clone())).unwrap();
        prop_assert_eq!(&written, &again);
        for (name, member) in value.as_object().unwrap() {
            let twins = value.as_object().unwrap().keys().filter(|key| key.eq_ignore_ascii_case(name)).count();
            if twins == 1 && !member.is_object() && !member.is_array() {
                let kept = written.as_object().unwrap().iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                prop_assert!(kept.is_some(), "{} was lost", name);
            }
        }
    }

    /// The brief views read any object, and agree with the raw one where it is plain.
    #[test]
    fn brief_views_never_fail_on_json(value in any_json()) {
        let text = value.to_string();
        let user = UserBrief::read(text.as_bytes());
        let group = GroupBrief::read(text.as_bytes());
        prop_assert_eq!(user.is_ok(), value.is_object(), "{:?} {}", user, text);
        prop_assert_eq!(group.is_ok(), value.is_object());
        if let (Ok(user), Some(id)) = (user, value.get("id").and_then(Value::as_str)) {
            let twins = value.as_object().unwrap().keys().filter(|key| key.eq_ignore_ascii_case("id")).count();
            if twins == 1 {
                prop_assert_eq!(&*user.id, id);
            }
        }
    }
}
