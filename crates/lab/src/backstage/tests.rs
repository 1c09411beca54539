//! Whatever comes in, an answer goes out: no request makes the portal panic, and no refusal is without its reason.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::call::Call;
use super::decide::Subject;
use super::handle::PortalHandle;
use super::tokens::Principal;
use super::{Portal, PortalOptions, entities, permissions};
use crate::LabOptions;
use crate::faults::Strikes;

/// One portal for all cases.
static PORTAL: LazyLock<Arc<Portal>> = LazyLock::new(|| {
    let options = LabOptions {
        people: 90,
        portal: Some(PortalOptions::named("Portal")),
        ..LabOptions::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let lab = runtime.block_on(crate::serve(options)).expect("the lab opens");
    lab.portal().expect("there is one").portal
});

fn call(method: &str, path: &str, parameters: Vec<(String, String)>, body: String, user: bool) -> (u16, Value) {
    let subject = Subject {
        reference: "user:default/adaeze.okafor_halcyon.example".to_owned(),
        ownership: Vec::new(),
    };
    let call = Call {
        method: method.to_owned(),
        path: path.to_owned(),
        parameters,
        body: body.into(),
        principal: if user { Principal::User(subject) } else { Principal::Service },
        strikes: Strikes::default(),
    };
    let catalog = path.starts_with("/entit") || path.starts_with("/loc") || path.starts_with("/refresh");
    let answered = if catalog {
        entities::answer(&PORTAL, &call)
    } else {
        permissions::answer(&PORTAL, &call)
    };
    match answered {
        Ok(reply) => (reply.status, serde_json::from_slice(&reply.body).unwrap_or(Value::Null)),
        Err(refusal) => (refusal.status, refusal.body(method, path)),
    }
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z=,.$%:/ \\\\é]{0,24}",
        Just("kind=user".to_owned()),
        Just("relations.ownedby".to_owned()),
        Just("18446744073709551616".to_owned()),
        Just("eyJxdWVyeSI6e30sInNraXAiOjE4NDQ2NzQ0MDczNzA5NTUxNjE1LCJwYWdlIjoxODQ0Njc0NDA3MzcwOTU1MTYxNX0".to_owned()),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words().prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let names = prop_oneof![
            words(),
            Just("query".to_owned()),
            Just("$all".to_owned()),
            Just("$not".to_owned()),
            Just("cursor".to_owned()),
            Just("entityRefs".to_owned()),
            Just("items".to_owned()),
            Just("permission".to_owned()),
            Just("name".to_owned()),
            Just("memberReferences".to_owned()),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_answered(
        method in prop::sample::select(vec!["GET", "POST", "PUT"]),
        path in prop::sample::select(vec![
            "/entities", "/entities/by-query", "/entities/by-refs", "/entity-facets", "/entities/by-name/user/default/x", "/entities/by-uid/x",
            "/refresh", "/locations/x", "/roles", "/roles/role/default/x", "/policies", "/roles/conditions", "/roles/conditions/9", "/authorize", "/",
        ]),
        names in prop::collection::vec((prop::sample::select(vec!["filter", "limit", "offset", "cursor", "fields", "orderField", "order", "after", "facet", "fullTextFilterTerm"]), words()), 0..4),
        body in prop_oneof![values().prop_map(|value| value.to_string()), words()],
        user in any::<bool>(),
    ) {
        let parameters = names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let (status, value) = call(method, path, parameters, body, user);
        prop_assert!((200..500).contains(&status), "{status}");
        if status >= 400 {
            prop_assert_eq!(&value["response"]["statusCode"], &json!(status));
            prop_assert!(value["error"]["name"].is_string());
        }
    }
}

#[test]
fn rubbish_changed_no_role_that_the_company_wrote_down() {
    let handle = PortalHandle { portal: PORTAL.clone() };
    let written = handle.roles().iter().filter(|role| role["metadata"]["source"] != "rest").count();
    assert_eq!(written, 4);
}
