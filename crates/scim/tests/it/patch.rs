//! PATCH requests by RFC 7644 §3.5.2, from a table in `fixtures/patch-cases.json`.

use lanyard_scim::message::ScimType;
use lanyard_scim::patch::{Operation, PatchOptions, PatchPath};
use lanyard_scim::{Catalog, PatchOp};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixtures;
use crate::rfc_resources::{any_json, any_object};

fn options(case: &Value) -> PatchOptions {
    let has = |name: &str| case["options"].as_array().is_some_and(|options| options.contains(&json!(name)));
    PatchOptions {
        remove_by_value: has("removeByValue"),
        unknown_attributes: has("unknownAttributes"),
        remove_nothing: has("removeNothing"),
    }
}

#[test]
fn the_table() {
    for case in fixtures::json("patch-cases").as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let mut resource = case["resource"].clone();
        let result =
            PatchOp::from_value(case["patch"].clone()).and_then(|patch| patch.apply_with(&mut resource, &Catalog::core(), &options(case)));
        match (&result, case["error"].as_str()) {
            (Ok(changed), None) => {
                assert_eq!(resource, case["expected"], "{name}");
                assert_eq!(*changed, case["unchanged"] != json!(true), "{name}");
            }
            (Err(error), Some(expected)) => {
                assert_eq!(error.scim_type.name(), expected, "{name}: {error}");
                assert_eq!(resource, case["resource"], "{name}: a refused request must change nothing");
            }
            _ => panic!("{name}: {result:?} {resource}"),
        }
    }
}

#[test]
fn printing_is_strict() {
    let patch = PatchOp::from_value(json!({"operations": {"OP": "Remove", "Path": "members[ value  EQ \"x\" ]"}})).unwrap();
    assert_eq!(
        serde_json::to_value(&patch).unwrap(),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "remove", "path": "members[value eq \"x\"]"}]
        })
    );
    let built = PatchOp::new([Operation::remove(PatchPath::member("x"))]);
    assert_eq!(built, patch);
    let sent = serde_json::to_value(PatchOp::new([Operation::replace(PatchPath::attr("active").unwrap(), false)])).unwrap();
    assert_eq!(sent["Operations"], json!([{"op": "replace", "path": "active", "value": false}]));
}

#[test]
fn wrong_requests_say_which_operation() {
    let read = |operations: Value| PatchOp::from_value(json!({ "Operations": operations })).unwrap_err();
    assert_eq!(PatchOp::from_value(json!([])).unwrap_err().scim_type, ScimType::InvalidSyntax);
    assert_eq!(PatchOp::from_value(json!({})).unwrap_err().scim_type, ScimType::InvalidSyntax);
    assert_eq!(read(json!([])).scim_type, ScimType::InvalidSyntax);
    let error = read(json!([{"op": "add", "value": {}}, {"op": "add", "path": "a[b", "value": 1}]));
    assert_eq!((error.scim_type, error.operation), (ScimType::InvalidFilter, Some(1)));
    assert!(error.to_string().starts_with("operation 2 (a[b): expected an operator"), "{error}");
    assert_eq!(read(json!([{"op": "add", "path": 1}])).scim_type, ScimType::InvalidPath);
    assert_eq!(read(json!(["x"])).scim_type, ScimType::InvalidSyntax);
}

#[test]
fn paths_print_as_they_parse() {
    for text in [
        "members",
        "name.familyName",
        "emails[type eq \"work\" and value co \"]\"].value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        "addresses[not (type eq \"work\")]",
    ] {
        assert_eq!(PatchPath::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "",
        "[type eq \"work\"]",
        "emails[type eq \"work\"]x",
        "emails[type eq \"work\"].",
        "emails[type eq \"work\"].a.b",
        "a b",
    ] {
        assert!(PatchPath::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_big_group_takes_many_members_quickly() {
    let member = |index: usize| json!({"value": format!("user-{index}")});
    let mut group = json!({"schemas": [], "displayName": "All", "members": (0..20_000).map(member).collect::<Vec<_>>()});
    let patch = PatchOp::new([Operation::add(
        PatchPath::attr("members").unwrap(),
        (10_000..30_000).map(member).collect::<Vec<_>>(),
    )]);
    let start = std::time::Instant::now();
    assert!(patch.apply(&mut group, &Catalog::core()).unwrap());
    assert_eq!(group["members"].as_array().unwrap().len(), 30_000);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

fn any_path() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![
        Just("active".to_owned()),
        Just("userName".to_owned()),
        Just("name".to_owned()),
        Just("name.givenName".to_owned()),
        Just("emails".to_owned()),
        Just("emails.value".to_owned()),
        Just("emails[type eq \"work\"]".to_owned()),
        Just("emails[value pr].primary".to_owned()),
        Just("members".to_owned()),
        Just("members[value eq \"a\"]".to_owned()),
        Just("id".to_owned()),
        Just("meta".to_owned()),
        Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User".to_owned()),
        Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager".to_owned()),
        "[a-z]{1,3}",
    ])
}

proptest! {
    /// Whatever is asked of whatever resource: no panic, an error changes nothing, and `changed` tells the truth.
    #[test]
    fn all_or_nothing(resource in any_json(), ops in prop::collection::vec((0..3usize, any_path(), prop::option::of(any_json())), 1..4), lenient in any::<bool>()) {
        let operations: Vec<Value> = ops.into_iter().map(|(op, path, value)| {
            let mut operation = json!({ "op": (["add", "remove", "replace"][op]) });
            if let Some(path) = path { operation["path"] = json!(path); }
            if let Some(value) = value { operation["value"] = value; }
            operation
        }).collect();
        let options = PatchOptions { remove_by_value: lenient, unknown_attributes: lenient, remove_nothing: lenient };
        if let Ok(patch) = PatchOp::from_value(json!({ "Operations": operations })) {
            let again: PatchOp = serde_json::from_value(serde_json::to_value(&patch).unwrap()).unwrap();
            prop_assert_eq!(&again, &patch);
            let mut after = resource.clone();
            match patch.apply_with(&mut after, &Catalog::core(), &options) {
                Ok(changed) => prop_assert_eq!(changed, after != resource),
                Err(_) => prop_assert_eq!(after, resource),
            }
        }
    }

    /// To do the same replacement twice is to do it once.
    #[test]
    fn replacing_twice_is_replacing_once(resource in any_object(), path in any_path(), value in any_json()) {
        let mut operation = json!({"op": "replace", "value": value});
        if let Some(path) = path { operation["path"] = json!(path); }
        let patch = PatchOp::from_value(json!({ "Operations": [operation] })).unwrap();
        let mut once = resource.clone();
        if patch.apply(&mut once, &Catalog::core()).is_ok() {
            let mut twice = once.clone();
            if let Ok(changed) = patch.apply(&mut twice, &Catalog::core()) {
                prop_assert!(!changed, "{} then {}", once, twice);
            }
        }
    }
}
