//! Create, read, replace, delete; projections; entity tags; what a server keeps to itself.

use std::collections::BTreeSet;

use lanyard_lab::Family;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

use crate::client::{BADGE, Client, ENTERPRISE, GROUP, USER, lab, patch, read};

fn jo() -> Value {
    json!({"schemas": [USER, ENTERPRISE], "userName": "Jo.Doe", "password": "correct horse", "name": {"givenName": "Jo", "familyName": "Doe"},
        "emails": [{"value": "jo@halcyon.example", "type": "work", "primary": true}], "id": "mine", "meta": {"created": "1970-01-01T00:00:00Z"},
        "groups": [{"value": "1"}], "shoeSize": 44, ENTERPRISE: {"department": "Payments"}})
}

#[tokio::test]
async fn a_user_is_made_read_replaced_and_deleted() {
    let (lab, client) = lab(20, |_| {}).await;
    let made = client.post("/Users", &jo()).await;
    assert_eq!(made.status, 201, "{:?}", made.value);
    let id = made.value["id"].as_str().expect("an id").to_owned();
    assert_ne!(id, "mine");
    let place = format!("{}/Users/{id}", client.url);
    assert_eq!(
        (made.header("location"), &made.value["meta"]["location"]),
        (Some(&*place), &json!(place))
    );
    assert_eq!(made.value["meta"]["resourceType"], "User");
    assert_eq!(made.value["meta"]["created"], made.value["meta"]["lastModified"]);
    assert_eq!(made.header("content-type"), Some("application/scim+json"));
    for hidden in ["password", "groups", "shoeSize"] {
        assert!(made.value[hidden].is_null(), "{hidden}");
    }
    let read_back = client.get(&format!("/Users/{id}")).await;
    assert_eq!(read_back.value, made.value);
    assert_eq!(lab.provider().get(Family::Users, &id).as_ref(), Some(&made.value));
    let replaced = client
        .send(
            Method::PUT,
            &format!("/Users/{id}"),
            &json!({"schemas": [USER], "userName": "jo.doe", "active": false}),
        )
        .await;
    assert_eq!(replaced.status, 200);
    assert!(replaced.value["emails"].is_null() && replaced.value[ENTERPRISE].is_null());
    assert_eq!(replaced.value["schemas"], json!([USER]));
    assert_eq!(replaced.value["meta"]["created"], made.value["meta"]["created"]);
    assert_ne!(replaced.value["meta"]["lastModified"], made.value["meta"]["lastModified"]);
    let gone = read(client.request(Method::DELETE, &format!("/Users/{id}"))).await;
    assert_eq!((gone.status, gone.bytes.len()), (204, 0));
    for method in [Method::GET, Method::DELETE] {
        let answer = read(client.request(method, &format!("/Users/{id}"))).await;
        assert_eq!(
            (answer.status, &answer.value["schemas"][0]),
            (404, &json!("urn:ietf:params:scim:api:messages:2.0:Error"))
        );
    }
}

#[tokio::test]
async fn a_user_name_is_taken_once_whatever_its_case() {
    let (_lab, client) = lab(20, |_| {}).await;
    assert_eq!(client.post("/Users", &jo()).await.status, 201);
    let mut again = jo();
    again["userName"] = json!("JO.DOE");
    let refused = client.post("/Users", &again).await;
    assert_eq!((refused.status, &refused.value["scimType"]), (409, &json!("uniqueness")));
    again["userName"] = json!("someone.else");
    let other = client.post("/Users", &again).await.value["id"].as_str().expect("an id").to_owned();
    let refused = client
        .send(
            Method::PATCH,
            &format!("/Users/{other}"),
            &patch(json!([{"op": "replace", "path": "userName", "value": "jo.DOE"}])),
        )
        .await;
    assert_eq!((refused.status, &refused.value["scimType"]), (409, &json!("uniqueness")));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_reason() {
    let (_lab, client) = lab(20, |_| {}).await;
    for (body, scim_type) in [
        (json!([]), "invalidSyntax"),
        (json!({"userName": "x"}), "invalidSyntax"),
        (json!({"schemas": [GROUP], "userName": "x"}), "invalidValue"),
        (json!({"schemas": [USER]}), "invalidValue"),
        (json!({"schemas": [USER], "userName": "  "}), "invalidValue"),
        (json!({"schemas": [USER], "userName": 5}), "invalidValue"),
        (json!({"schemas": [USER], "userName": "x", "active": "True"}), "invalidValue"),
        (
            json!({"schemas": [USER], "userName": "x", "emails": {"value": "a@b"}}),
            "invalidValue",
        ),
        (
            json!({"schemas": [USER], "userName": "x", "emails": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}),
            "invalidValue",
        ),
        (
            json!({"schemas": [USER, BADGE], "userName": "x", BADGE: {"clearedUntil": "soon"}}),
            "invalidValue",
        ),
    ] {
        let answer = client.post("/Users", &body).await;
        assert_eq!((answer.status, &answer.value["scimType"]), (400, &json!(scim_type)), "{body}");
    }
    let broken = read(
        client
            .request(Method::POST, "/Users")
            .header(CONTENT_TYPE, "application/scim+json")
            .body("{\"schemas\":["),
    )
    .await;
    assert_eq!((broken.status, &broken.value["scimType"]), (400, &json!("invalidSyntax")));
    let mislabelled = read(client.request(Method::POST, "/Users").header(CONTENT_TYPE, "text/plain").body("{}")).await;
    assert_eq!(mislabelled.status, 415);
    let stranger = client
        .post(
            "/Groups",
            &json!({"schemas": [GROUP], "displayName": "g", "members": [{"value": "nobody"}]}),
        )
        .await;
    assert_eq!((stranger.status, &stranger.value["scimType"]), (400, &json!("invalidValue")));
}

#[tokio::test]
async fn a_body_beyond_the_limit_answers_413() {
    let (_lab, client) = lab(20, |options| options.provider.max_payload = 2_000).await;
    let mut large = jo();
    large["nickName"] = json!("x".repeat(3_000));
    assert_eq!(client.post("/Users", &large).await.status, 413);
    assert_eq!(client.post("/Users", &jo()).await.status, 201);
}

#[tokio::test]
async fn attributes_are_chosen_and_left_out() {
    let (lab, client) = lab(60, |_| {}).await;
    let id = lab.provider().user_named("olena.shevchenko").expect("there")["id"]
        .as_str()
        .expect("id")
        .to_owned();
    let keys = async |query: &[(&str, &str)]| -> BTreeSet<String> {
        let answer = client.list(&format!("/Users/{id}"), query).await;
        assert_eq!(answer.status, 200, "{:?}", answer.value);
        answer.value.as_object().expect("an object").keys().cloned().collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(
        keys(&[("attributes", "USERNAME,name.givenName")]).await,
        set(&["schemas", "id", "userName", "name"])
    );
    let named = client.list(&format!("/Users/{id}"), &[("attributes", "name.givenName")]).await;
    assert_eq!(named.value["name"], json!({"givenName": "Олена"}));
    assert_eq!(keys(&[("attributes", ENTERPRISE)]).await, set(&["schemas", "id", ENTERPRISE]));
    let department = client
        .list(&format!("/Users/{id}"), &[("attributes", &*format!("{ENTERPRISE}:department"))])
        .await;
    assert_eq!(department.value[ENTERPRISE], json!({"department": "Payments"}));
    assert_eq!(
        keys(&[("attributes", &*format!("{USER}:userName"))]).await,
        set(&["schemas", "id", "userName"])
    );
    let without = keys(&[("excludedAttributes", "id,schemas,emails,meta")]).await;
    assert!(without.contains("id") && without.contains("schemas") && !without.contains("emails") && !without.contains("meta"));
    let groups = client.list(&format!("/Users/{id}"), &[("attributes", "groups")]).await;
    let kinds: BTreeSet<&str> = groups.value["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .filter_map(|group| group["type"].as_str())
        .collect();
    assert_eq!(kinds, BTreeSet::from(["direct", "indirect"]));
    assert!(!keys(&[]).await.contains("groups"), "groups come when they are asked for");
    let both = client
        .list(&format!("/Users/{id}"), &[("attributes", "id"), ("excludedAttributes", "name")])
        .await;
    assert_eq!(both.status, 400);
}

#[tokio::test]
async fn entity_tags_guard_reads_and_writes() {
    let (lab, client) = lab(20, |_| {}).await;
    let path = format!("/Users/{}", lab.provider().users()[3]["id"].as_str().expect("an id"));
    let first = client.get(&path).await;
    let tag = first.header("etag").expect("a tag").to_owned();
    assert!(tag.starts_with("W/\""));
    assert_eq!(first.value["meta"]["version"], json!(tag));
    let known = read(client.request(Method::GET, &path).header(IF_NONE_MATCH, &tag)).await;
    assert_eq!((known.status, known.bytes.len(), known.header("etag")), (304, 0, Some(&*tag)));
    let change = |tag: &str, title: &str| {
        let body = patch(json!([{"op": "replace", "path": "title", "value": title}])).to_string();
        client
            .request(Method::PATCH, &path)
            .header(IF_MATCH, tag)
            .header(CONTENT_TYPE, "application/scim+json")
            .body(body)
    };
    let changed = read(change(&tag, "Pilot")).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(&*tag));
    assert_eq!(read(change(&tag, "Captain")).await.status, 412);
    assert_eq!(read(client.request(Method::DELETE, &path).header(IF_MATCH, &tag)).await.status, 412);
    assert_eq!(client.get(&path).await.value["title"], "Pilot");
    assert_eq!(read(change("*", "Captain")).await.status, 200);
    assert_eq!(
        read(client.request(Method::GET, &path).header(IF_NONE_MATCH, &tag)).await.status,
        200
    );
}

#[tokio::test]
async fn membership_shows_on_both_sides_and_goes_with_the_member() {
    let (lab, client) = lab(60, |_| {}).await;
    let provider = lab.provider();
    let group = provider.group_named("payments-sre").expect("there");
    let (id, before) = (group["id"].as_str().expect("id"), group["meta"]["lastModified"].clone());
    let member = group["members"][0].clone();
    assert_eq!(
        member["$ref"],
        format!("{}/Users/{}", client.url, member["value"].as_str().expect("id"))
    );
    assert_eq!(member["type"], "User");
    provider
        .patch_user(
            member["value"].as_str().expect("id"),
            &json!([{"op": "replace", "path": "displayName", "value": "Renamed"}]),
        )
        .expect("patched");
    let renamed = client.get(&format!("/Groups/{id}")).await;
    assert_eq!(renamed.value["members"][0]["display"], "Renamed");
    assert_eq!(renamed.value["meta"]["lastModified"], before, "nobody changed the group");
    provider.delete_user(member["value"].as_str().expect("id")).expect("deleted");
    let after = client.get(&format!("/Groups/{id}")).await;
    assert!(
        after.value["members"]
            .as_array()
            .expect("members")
            .iter()
            .all(|other| other["value"] != member["value"])
    );
    assert_ne!(after.value["meta"]["lastModified"], before);
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_no_trace() {
    let (lab, client) = lab(60, |_| {}).await;
    for (family, all) in [(Family::Users, lab.provider().users()), (Family::Groups, lab.provider().groups())] {
        let endpoint = if family == Family::Users { "Users" } else { "Groups" };
        for document in all.iter().take(25) {
            let path = format!("/{endpoint}/{}", document["id"].as_str().expect("an id"));
            let answer = client.send(Method::PUT, &path, document).await;
            assert_eq!((answer.status, &answer.value), (200, document));
        }
    }
}

#[tokio::test]
async fn last_modified_never_repeats() {
    let (_lab, client) = lab(10, |_| {}).await;
    let mut times = BTreeSet::new();
    for number in 0..50 {
        let made = client
            .post("/Users", &json!({"schemas": [USER], "userName": format!("u{number}")}))
            .await;
        assert!(times.insert(made.value["meta"]["lastModified"].to_string()));
    }
}

#[tokio::test]
async fn methods_that_do_not_belong_say_which_do() {
    let (lab, client): (_, Client) = lab(10, |_| {}).await;
    let user = lab.provider().users()[0]["id"].as_str().expect("an id").to_owned();
    for (method, path, allow) in [
        (Method::DELETE, "/Users".to_owned(), "GET, POST"),
        (Method::POST, format!("/Users/{user}"), "GET, PUT, PATCH, DELETE"),
        (Method::GET, "/Bulk".to_owned(), "POST"),
        (Method::GET, "/Users/.search".to_owned(), "POST"),
    ] {
        let answer = client.send(method, &path, &json!({})).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{path}");
    }
}
