//! Whatever is sent, a server answers with sense, and what it holds stays readable.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::ask::Ask;
use super::auth::Access;
use super::habit::TokenOptions;
use super::options::{AuthOptions, ScimOptions};
use super::server::Server;
use super::store::{Family, Store};
use super::write::IdStyle;

fn server() -> Server {
    let access = Access::new(AuthOptions::default(), &TokenOptions::default(), "t_", "");
    let server = Server::new(
        Store::new("http://127.0.0.1:1/scim/v2"),
        ScimOptions::named("test"),
        IdStyle::Numeric,
        1,
        access,
        None,
        (crate::journal::Journal::default(), "test"),
    );
    for number in 0..3 {
        let user =
            json!({"schemas": [lanyard_scim::urn::USER], "userName": format!("u{number}"), "emails": [{"value": "a@b", "type": "work"}]});
        assert_eq!(send(&server, "POST", "/Users", &user.to_string()).0, 201);
    }
    let group = json!({"schemas": [lanyard_scim::urn::GROUP], "displayName": "g", "members": [{"value": "10000001"}]});
    assert_eq!(send(&server, "POST", "/Groups", &group.to_string()).0, 201);
    server
}

fn send(server: &Server, method: &str, path: &str, body: &str) -> (u16, Value) {
    let answer = server.answer(&Ask {
        body: body.to_owned().into(),
        ..Ask::to(method, path)
    });
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("members".to_owned()),
        Just("emails".to_owned()),
        Just("active".to_owned()),
        Just("userName".to_owned()),
        Just("schemas".to_owned()),
        Just("meta.location".to_owned()),
        Just("emails[type eq \"work\"].value".to_owned()),
        Just("members[value eq \"10000001\"]".to_owned()),
        Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User".to_owned()),
        Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager".to_owned()),
        Just("10000002".to_owned()),
        Just("bulkId:x".to_owned()),
        ".{0,12}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        word().prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop_oneof![Just("add"), Just("remove"), Just("replace")];
    (op, prop::option::of(word()), prop::option::of(value())).prop_map(|(op, path, value)| {
        let mut operation = json!({"op": op});
        if let Some(path) = path {
            operation["path"] = json!(path);
        }
        if let Some(value) = value {
            operation["value"] = value;
        }
        operation
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_request_breaks_the_server(
        method in prop_oneof![Just("GET"), Just("POST"), Just("PUT"), Just("PATCH"), Just("DELETE"), Just("BREW")],
        endpoint in prop_oneof![Just("/Users"), Just("/Groups"), Just("/Users/10000001"), Just("/Groups/10000004"), Just("/Bulk"), Just("/.search"), Just("/"), Just("//Users//"), Just("/Schemas/x/y")],
        parameters in prop::collection::vec((prop_oneof![Just("filter"), Just("cursor"), Just("count"), Just("startIndex"), Just("sortBy"), Just("attributes"), Just("excludedAttributes")], word()), 0..3),
        body in value(),
    ) {
        let server = server();
        let parameters = parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let answer = server.answer(&Ask { parameters, body: body.to_string().into(), ..Ask::to(method, endpoint) });
        prop_assert!(answer.status < 500 || answer.status == 501, "{}", answer.status);
    }

    #[test]
    fn whatever_is_patched_stays_a_sound_resource(operations in prop::collection::vec(operation(), 1..4)) {
        let server = server();
        let body = json!({"Operations": operations}).to_string();
        for (family, path) in [(Family::Users, "/Users/10000001"), (Family::Groups, "/Groups/10000004")] {
            let before = send(&server, "GET", path, "").1;
            let (status, answer) = send(&server, "PATCH", path, &body);
            prop_assert!(status == 200 || (400..500).contains(&status), "{} {}", status, answer);
            let after = send(&server, "GET", path, "").1;
            prop_assert_eq!(&after["id"], &before["id"]);
            prop_assert_eq!(&after["meta"]["location"], &before["meta"]["location"]);
            prop_assert!(after["schemas"].is_array());
            if status != 200 {
                prop_assert_eq!(&after, &before);
            }
            // What it shows, it takes back, and nothing changes by it.
            let (status, again) = send(&server, "PUT", path, &after.to_string());
            prop_assert_eq!((status, again["id"].clone()), (200, after["id"].clone()), "{}", again);
            let listed = send(&server, "GET", if family == Family::Users { "/Users" } else { "/Groups" }, "").1;
            prop_assert!(listed["totalResults"].is_u64());
        }
    }
}
