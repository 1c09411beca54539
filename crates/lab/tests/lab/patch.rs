//! PATCH over HTTP (RFC 7644 §3.5.2).

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, BADGE, Client, ENTERPRISE, lab, patch};

async fn send(client: &Client, path: &str, operations: Value) -> Answer {
    client.send(Method::PATCH, path, &patch(operations)).await
}

#[tokio::test]
async fn users_are_patched_by_path_and_without() {
    let (lab, client) = lab(60, |_| {}).await;
    let olena = lab.provider().user_named("olena.shevchenko").expect("there");
    let path = format!("/Users/{}", olena["id"].as_str().expect("an id"));
    let answer = send(
        &client,
        &path,
        json!([
            {"op": "Replace", "path": "ACTIVE", "value": false},
            {"op": "add", "path": "emails", "value": [{"value": "olena@home.example", "type": "home"}]},
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "o.shevchenko@halcyon.example"},
            {"op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "Platform"},
            {"op": "remove", "path": "title"},
            {"op": "add", "value": {"nickName": "Olenka", BADGE: {"badgeNumber": 7}}},
        ]),
    )
    .await;
    assert_eq!(answer.status, 200, "{:?}", answer.value);
    let user = &answer.value;
    assert_eq!(
        (&user["active"], &user["nickName"], &user["title"]),
        (&json!(false), &json!("Olenka"), &Value::Null)
    );
    assert_eq!(
        user["emails"],
        json!([{"value": "o.shevchenko@halcyon.example", "type": "work", "primary": true}, {"value": "olena@home.example", "type": "home"}])
    );
    assert_eq!(
        (&user[ENTERPRISE]["department"], &user[BADGE]["badgeNumber"]),
        (&json!("Platform"), &json!(7))
    );
    assert!(user["schemas"].as_array().expect("schemas").contains(&json!(BADGE)));
    assert_eq!(client.get(&path).await.value, *user);
}

#[tokio::test]
async fn a_patch_is_done_whole_or_not_at_all() {
    let (lab, client) = lab(60, |_| {}).await;
    let olena = lab.provider().user_named("olena.shevchenko").expect("there");
    let path = format!("/Users/{}", olena["id"].as_str().expect("an id"));
    for (operations, scim_type) in [
        (
            json!([{"op": "replace", "path": "title", "value": "X"}, {"op": "replace", "path": "emails[type eq \"fax\"].value", "value": "x"}]),
            "noTarget",
        ),
        (
            json!([{"op": "replace", "path": "title", "value": "X"}, {"op": "replace", "path": "shoeSize", "value": 4}]),
            "invalidPath",
        ),
        (
            json!([{"op": "replace", "path": "title", "value": "X"}, {"op": "replace", "path": "id", "value": "x"}]),
            "mutability",
        ),
        (
            json!([{"op": "replace", "path": "title", "value": "X"}, {"op": "replace", "path": "active", "value": "no"}]),
            "invalidValue",
        ),
        (json!([{"op": "remove"}]), "noTarget"),
        (
            json!([{"op": "replace", "path": "title", "value": "X"}, {"op": "shrink", "path": "title"}]),
            "invalidSyntax",
        ),
        (json!([{"op": "replace", "path": "userName["}]), "invalidFilter"),
    ] {
        let answer = send(&client, &path, operations.clone()).await;
        assert_eq!(
            (answer.status, &answer.value["scimType"]),
            (400, &json!(scim_type)),
            "{operations}: {:?}",
            answer.value
        );
        assert_eq!(client.get(&path).await.value, olena, "{operations}");
    }
}

#[tokio::test]
async fn members_come_and_go_in_both_forms() {
    let (lab, client) = lab(60, |_| {}).await;
    let provider = lab.provider();
    let group = provider.group_named("project-albatross").expect("there")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/Groups/{group}");
    let users: Vec<String> = crate::client::ids(&provider.users()[..4]);
    let nested = provider.group_named("payments-sre").expect("there")["id"].clone();
    let values = |answer: &Answer| {
        answer.value["members"]
            .as_array()
            .map(|members| members.iter().map(|member| member["value"].clone()).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let added = send(&client, &path, json!([{"op": "add", "path": "members", "value": [{"value": users[0]}, {"value": users[1]}, {"value": users[1]}, {"value": nested}]}])).await;
    assert_eq!(values(&added), [json!(users[0]), json!(users[1]), nested.clone()]);
    assert_eq!(added.value["members"][2]["type"], "Group");
    let again = send(
        &client,
        &path,
        json!([{"op": "add", "path": "members", "value": [{"value": users[0]}]}]),
    )
    .await;
    assert_eq!(again.value, added.value, "a member that is there already is not added");
    let by_filter = send(
        &client,
        &path,
        json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", users[0])}]),
    )
    .await;
    assert_eq!(values(&by_filter), [json!(users[1]), nested.clone()]);
    let by_value = send(
        &client,
        &path,
        json!([{"op": "remove", "path": "members", "value": [{"value": users[1]}]}]),
    )
    .await;
    assert_eq!(values(&by_value), [nested]);
    let all = send(
        &client,
        &path,
        json!([{"op": "replace", "path": "members", "value": [{"value": users[2]}, {"value": users[3]}]}]),
    )
    .await;
    assert_eq!(values(&all), [json!(users[2]), json!(users[3])]);
    let none = send(&client, &path, json!([{"op": "remove", "path": "members"}])).await;
    assert!(values(&none).is_empty());
    let itself = send(
        &client,
        &path,
        json!([{"op": "add", "path": "members", "value": [{"value": group}]}]),
    )
    .await;
    assert_eq!(itself.status, 400);
}
