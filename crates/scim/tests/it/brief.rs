//! The brief views over what servers really send.

use std::borrow::Cow;

use lanyard_scim::{GroupBrief, MemberKind, ReadError, UserBrief, urn};
use serde_json::{Value, json};

/// Reads a user and hands it to a check.
fn user(value: &Value, check: impl FnOnce(UserBrief<'_>)) {
    let text = value.to_string();
    check(UserBrief::read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}")));
}

fn group(value: &Value, check: impl FnOnce(GroupBrief<'_>)) {
    let text = value.to_string();
    check(GroupBrief::read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}")));
}

#[test]
fn display_name_falls_back() {
    for (value, expected) in [
        (json!({"displayName": "D", "name": {"formatted": "F"}, "nickName": "N"}), Some("D")),
        (json!({"displayName": "", "name": {"formatted": "F"}}), Some("F")),
        (
            json!({"name": {"formatted": null, "givenName": "Ada", "familyName": "Byron"}, "nickName": "N"}),
            Some("Ada Byron"),
        ),
        (json!({"name": {"familyName": "Byron"}}), Some("Byron")),
        (json!({"nickName": "N", "name": {}}), Some("N")),
        (json!({"name": "Ada Byron"}), Some("Ada Byron")),
        (json!({"name": null}), None),
        (json!({"name": ["x"]}), None),
    ] {
        user(&value, |user| assert_eq!(user.display_name.as_deref(), expected, "{value}"));
    }
}

#[test]
fn email_is_the_primary_or_the_first() {
    for (value, expected) in [
        (json!({"emails": [{"value": "a"}, {"value": "b", "primary": true}]}), Some("b")),
        (json!({"emails": [{"value": "a"}, {"value": "b", "primary": "True"}]}), Some("b")),
        (
            json!({"emails": [{"type": "work"}, {"value": ""}, {"value": "b"}, {"value": "c"}]}),
            Some("b"),
        ),
        (json!({"emails": ["a", "b"]}), Some("a")),
        (json!({"emails": {"value": "a"}}), Some("a")),
        (json!({"emails": "a"}), Some("a")),
        (json!({"Emails": [{"VALUE": "a"}]}), Some("a")),
        (json!({"emails": []}), None),
        (json!({"emails": null}), None),
        (json!({"emails": [null, 7, true, ["x"]]}), Some("7")),
    ] {
        user(&value, |user| assert_eq!(user.email.as_deref(), expected, "{value}"));
    }
}

#[test]
fn active_in_any_dress() {
    for (value, expected) in [
        (json!(true), Some(true)),
        (json!(false), Some(false)),
        (json!("True"), Some(true)),
        (json!("FALSE"), Some(false)),
        (json!(1), Some(true)),
        (json!(0), Some(false)),
        (json!(0.0), Some(false)),
        (json!("1"), Some(true)),
        (json!(null), None),
        (json!("yes"), None),
        (json!([]), None),
        (json!({}), None),
        (json!(2), None),
    ] {
        user(&json!({ "active": value }), |user| assert_eq!(user.active, expected, "{value}"));
    }
}

#[test]
fn ids_and_names_as_numbers_and_in_any_case() {
    user(
        &json!({"ID": 4711, "EXTERNALID": -3, "UserName": 12.5, "Title": "T", "usertype": "U", "LOCALE": "de"}),
        |user| {
            assert_eq!(user.id, "4711");
            assert_eq!(user.external_id.as_deref(), Some("-3"));
            assert_eq!(user.user_name.as_deref(), Some("12.5"));
            assert_eq!(
                (user.title.as_deref(), user.user_type.as_deref(), user.locale.as_deref()),
                (Some("T"), Some("U"), Some("de"))
            );
        },
    );
    user(&json!({"id": null, "userName": true}), |user| {
        assert_eq!((user.id.as_ref(), user.user_name), ("", None));
    });
}

#[test]
fn texts_are_borrowed_unless_they_have_escapes() {
    let text = r#"{"id":"plain","userName":"esc\u0061ped \"x\""}"#;
    let user = UserBrief::read(text.as_bytes()).unwrap();
    assert!(matches!(user.id, Cow::Borrowed("plain")));
    assert_eq!(user.user_name, Some(Cow::Owned("escaped \"x\"".to_owned())));
}

#[test]
fn the_enterprise_extension_wins_over_the_top() {
    for extension in [
        urn::ENTERPRISE_USER.to_owned(),
        urn::ENTERPRISE_USER.to_uppercase(),
        "urn:scim:schemas:extension:enterprise:1.0".to_owned(),
    ] {
        let value = json!({
            "department": "top", "employeeNumber": 12, "manager": "top-manager",
            extension: {"Department": "inside", "manager": {"value": "m", "displayName": "M"}, "organization": null},
            "organization": "top organisation"
        });
        user(&value, |user| {
            assert_eq!(
                (user.department.as_deref(), user.organization.as_deref()),
                (Some("inside"), Some("top organisation"))
            );
            assert_eq!(user.employee_number.as_deref(), Some("12"));
            assert_eq!(
                (user.manager_id.as_deref(), user.manager_display.as_deref()),
                (Some("m"), Some("M"))
            );
        });
    }
    user(&json!({urn::ENTERPRISE_USER: "nonsense", "manager": {"managerId": "m"}}), |user| {
        assert_eq!(user.manager_id.as_deref(), Some("m"));
    });
    user(&json!({urn::ENTERPRISE_USER: {"manager": "26118915"}}), |user| {
        assert_eq!(user.manager_id.as_deref(), Some("26118915"));
    });
}

#[test]
fn times() {
    let meta = |value: Value| json!({"meta": {"created": value, "LastModified": value, "version": 3}});
    for (value, expected) in [
        (json!("2026-01-01T00:00:00Z"), Some(1_767_225_600_000)),
        (json!("2026-01-01T01:00:00+01:00"), Some(1_767_225_600_000)),
        (json!("2026-01-01T00:00:00"), Some(1_767_225_600_000)),
        (json!(1_767_225_600), Some(1_767_225_600_000)),
        (json!(1_767_225_600_000_u64), Some(1_767_225_600_000)),
        (json!("1767225600000"), Some(1_767_225_600_000)),
        (json!(1_767_225_600.25), Some(1_767_225_600_250)),
        (json!("soon"), None),
        (json!(null), None),
        (json!([]), None),
    ] {
        user(&meta(value.clone()), |user| {
            assert_eq!((user.created, user.last_modified), (expected, expected), "{value}");
        });
        group(&meta(value.clone()), |group| assert_eq!(group.last_modified, expected, "{value}"));
    }
    user(&meta(json!(null)), |user| assert_eq!(user.version.as_deref(), Some("3")));
    user(&json!({"meta": "x"}), |user| assert_eq!(user.created, None));
}

#[test]
fn roles_and_entitlements_are_counted() {
    for (value, expected) in [
        (json!([{"value": "a"}, "b"]), 2),
        (json!([]), 0),
        (json!(null), 0),
        (json!("a"), 1),
        (json!({"value": "a"}), 1),
        (json!([null, ""]), 0),
        (json!(true), 0),
    ] {
        user(&json!({"roles": value, "entitlements": value}), |user| {
            assert_eq!((user.roles_count, user.entitlements_count), (expected, expected), "{value}");
        });
    }
}

#[test]
fn members_absent_and_empty_are_told_apart() {
    for (value, expected) in [
        (json!({}), None),
        (json!({"members": null}), None),
        (json!({"members": false}), None),
        (json!({"members": []}), Some(0)),
        (json!({"members": [{"value": "1"}]}), Some(1)),
        (json!({"members": {"value": "1"}}), Some(1)),
        (json!({"members": ["1", 2]}), Some(2)),
        (json!({"members": [null, {}, {"value": ""}, {"display": "x"}]}), Some(0)),
    ] {
        group(&value, |group| {
            assert_eq!(group.members.map(|members| members.len()), expected, "{value}");
        });
    }
    user(&json!({"userName": "a"}), |user| assert_eq!(user.groups, None));
    user(&json!({"groups": []}), |user| assert_eq!(user.groups, Some(vec![])));
    user(
        &json!({"groups": [{"value": "g", "type": "indirect"}, {"value": "h", "type": "direct"}]}),
        |user| {
            assert_eq!(
                user.groups.unwrap().iter().map(|group| group.indirect).collect::<Vec<_>>(),
                [true, false]
            );
        },
    );
}

#[test]
fn members_have_a_kind() {
    for (value, id, kind) in [
        (json!({"value": "1", "type": "User"}), "1", MemberKind::User),
        (json!({"value": "1", "type": "GROUP"}), "1", MemberKind::Group),
        (json!({"value": "1", "$ref": "https://x/scim/v2/Users/1"}), "1", MemberKind::User),
        (json!({"value": "1", "$REF": "../Groups/1/?a=b/Users/c"}), "1", MemberKind::Group),
        (json!({"value": "1", "type": "direct", "$ref": "Groups/1"}), "1", MemberKind::Group),
        (json!({"$ref": "https://x/v2/Users/42"}), "42", MemberKind::User),
        (json!({"value": 42}), "42", MemberKind::Unknown),
        (json!({"value": "1", "$ref": "https://x/things/1"}), "1", MemberKind::Unknown),
        (json!("7"), "7", MemberKind::Unknown),
    ] {
        group(&json!({"members": [value]}), |group| {
            let members = group.members.unwrap();
            assert_eq!((members[0].value.as_ref(), members[0].kind), (id, kind), "{value}");
        });
    }
}

#[test]
fn only_broken_json_and_other_kinds_fail() {
    assert_eq!(UserBrief::read(b"").unwrap_err(), ReadError::Empty);
    assert_eq!(
        UserBrief::read(b"[]").unwrap_err().to_string(),
        "the resource should be an object, and is a bare list"
    );
    assert_eq!(UserBrief::read(b"{\"id\":\"1\"").unwrap_err(), ReadError::CutShort { offset: 9 });
    assert!(matches!(
        UserBrief::read(b"{\"id\":}").unwrap_err(),
        ReadError::NotJson { offset: 6, .. }
    ));
    assert_eq!(GroupBrief::read(b"<html>").unwrap_err(), ReadError::Html);
    assert!(UserBrief::read(b"{} x").is_err());
    user(&json!({"id": "1", "unknown": {"deep": [[[[1]]]]}, "schemas": 7}), |user| {
        assert_eq!(user.id, "1");
    });
}

#[test]
fn the_last_of_two_names_counts_unless_it_has_no_value() {
    let text = r#"{"id":"1","ID":"2","id":null,"members":[{"value":"a"}],"members":null}"#;
    let group = GroupBrief::read(text.as_bytes()).unwrap();
    assert_eq!((group.id.as_ref(), group.members.unwrap().len()), ("2", 1));
}
