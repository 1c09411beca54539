//! Each habit of the field is really there when it is switched on.

use lanyard_lab::{FilterSupport, Quirk};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, IF_MATCH, USER_AGENT};
use serde_json::{Value, json};

use crate::client::{Answer, Client, lab, patch, read};

async fn with(quirk: Quirk) -> (lanyard_lab::Lab, Client) {
    let (lab, client) = lab(60, |_| {}).await;
    lab.provider().set_quirks([quirk]);
    (lab, client)
}

async fn page(client: &Client, start: usize, count: usize) -> Answer {
    client
        .list("/Users", &[("startIndex", &start.to_string()), ("count", &count.to_string())])
        .await
}

#[tokio::test]
async fn lists_are_paged_in_odd_ways() {
    let (_lab, client) = with(Quirk::IgnoresStartIndex).await;
    assert_eq!(page(&client, 11, 10).await.ids(), page(&client, 1, 10).await.ids());
    let (_lab, client) = with(Quirk::IgnoresCount).await;
    assert_eq!(page(&client, 1, 10).await.ids().len(), 60);
    let (_lab, client) = with(Quirk::NoPaging).await;
    assert_eq!(page(&client, 30, 10).await.ids().len(), 60);
    let (_lab, client) = with(Quirk::BeyondEndIsFirstPage).await;
    assert_eq!(page(&client, 61, 10).await.ids(), page(&client, 1, 10).await.ids());
    let (_lab, client) = with(Quirk::OverlappingPages).await;
    assert_eq!(page(&client, 11, 10).await.ids()[0], page(&client, 1, 10).await.ids()[9]);
    let (_lab, client) = with(Quirk::ShortPages).await;
    assert_eq!(
        (page(&client, 1, 10).await.ids().len(), page(&client, 51, 10).await.ids().len()),
        (5, 10)
    );
    let (_lab, client) = with(Quirk::TotalIsPageSize).await;
    assert_eq!(page(&client, 1, 10).await.value["totalResults"], 10);
    let (_lab, client) = with(Quirk::NoTotal).await;
    assert!(page(&client, 1, 10).await.value.get("totalResults").is_none());
    let (_lab, client) = with(Quirk::LowercaseResources).await;
    let lower = page(&client, 1, 10).await.value;
    assert!(lower.get("Resources").is_none() && lower["resources"].as_array().is_some_and(|all| all.len() == 10));
}

#[tokio::test]
async fn documents_look_odd() {
    let first = async |quirk| -> Value {
        let (_lab, client) = with(quirk).await;
        page(&client, 1, 1).await.resources()[0].clone()
    };
    let user = first(Quirk::StringBooleans).await;
    assert_eq!((&user["active"], &user["emails"][0]["primary"]), (&json!("True"), &json!("True")));
    assert!(first(Quirk::NoMeta).await.get("meta").is_none());
    assert!(first(Quirk::NoLastModified).await["meta"].get("lastModified").is_none());
    assert!(
        first(Quirk::UserGroups).await["groups"]
            .as_array()
            .is_some_and(|groups| !groups.is_empty())
    );
    let (lab, _client) = lab(60, |_| {}).await;
    lab.downstream().set_quirks([Quirk::NumericIds]);
    assert!(page(&Client::of(&lab.downstream()), 1, 1).await.resources()[0]["id"].is_number());
}

#[tokio::test]
async fn members_are_hidden() {
    for (quirk, in_list, alone) in [
        (Quirk::NoMembers, None, false),
        (Quirk::NoMembersInLists, None, true),
        (Quirk::EmptyMembers, Some(0), true),
    ] {
        let (lab, client) = with(quirk).await;
        let id = lab.provider().group_named("payments-sre").expect("there")["id"]
            .as_str()
            .expect("id")
            .to_owned();
        let listed = client.list("/Groups", &[("filter", "displayName eq \"payments-sre\"")]).await;
        assert_eq!(listed.resources()[0]["members"].as_array().map(Vec::len), in_list, "{quirk:?}");
        assert_eq!(
            client.get(&format!("/Groups/{id}")).await.value["members"].is_array(),
            alone,
            "{quirk:?}"
        );
    }
}

#[tokio::test]
async fn patches_answer_and_refuse_in_odd_ways() {
    let retitle = patch(json!([{"op": "replace", "path": "title", "value": "X"}]));
    for (quirk, status) in [(Quirk::PatchNoContent, 204), (Quirk::PatchEmptyOk, 200)] {
        let (lab, client) = with(quirk).await;
        let id = lab.provider().users()[0]["id"].as_str().expect("id").to_owned();
        let answer = client.send(Method::PATCH, &format!("/Users/{id}"), &retitle).await;
        assert_eq!((answer.status, answer.bytes.len()), (status, 0));
        assert_eq!(client.get(&format!("/Users/{id}")).await.value["title"], "X");
    }
    for (quirk, by_value, by_filter) in [(Quirk::NoRemoveByValue, 400, 200), (Quirk::NoRemoveByFilter, 200, 400)] {
        let (lab, client) = with(quirk).await;
        let group = lab.provider().group_named("all-staff").expect("there");
        let path = format!("/Groups/{}", group["id"].as_str().expect("id"));
        let (one, two) = (&group["members"][0]["value"], &group["members"][1]["value"]);
        let first = client
            .send(
                Method::PATCH,
                &path,
                &patch(json!([{"op": "remove", "path": "members", "value": [{"value": one}]}])),
            )
            .await;
        let second = client
            .send(
                Method::PATCH,
                &path,
                &patch(json!([{"op": "remove", "path": format!("members[value eq {two}]")}])),
            )
            .await;
        assert_eq!((first.status, second.status), (by_value, by_filter), "{quirk:?}");
    }
    let (lab, client) = with(Quirk::SmallMemberPatches).await;
    let group = lab.provider().group_named("project-albatross").expect("there");
    let path = format!("/Groups/{}", group["id"].as_str().expect("id"));
    let add = |count: usize| {
        patch(
            json!([{"op": "add", "path": "members", "value": lab.provider().users()[..count].iter().map(|user| json!({"value": user["id"]})).collect::<Vec<_>>()}]),
        )
    };
    assert_eq!(client.send(Method::PATCH, &path, &add(21)).await.status, 400);
    assert_eq!(client.send(Method::PATCH, &path, &add(20)).await.status, 200);
}

#[tokio::test]
async fn switching_off_and_deleting_go_too_far() {
    let off = patch(json!([{"op": "replace", "path": "active", "value": false}]));
    let (lab, client) = with(Quirk::DeactivateDeletes).await;
    let path = format!("/Users/{}", lab.provider().users()[2]["id"].as_str().expect("id"));
    assert_eq!(client.send(Method::PATCH, &path, &off).await.status, 204);
    assert_eq!(client.get(&path).await.status, 404);
    let (lab, client) = with(Quirk::DeactivateObfuscates).await;
    let user = lab.provider().users()[2].clone();
    let hidden = client
        .send(Method::PATCH, &format!("/Users/{}", user["id"].as_str().expect("id")), &off)
        .await;
    assert_ne!(hidden.value["userName"], user["userName"]);
    let (lab, client) = with(Quirk::DanglingMembers).await;
    let group = lab.provider().group_named("payments-sre").expect("there");
    let member = group["members"][0]["value"].as_str().expect("id");
    lab.provider().delete_user(member).expect("deleted");
    assert_eq!(
        client.get(&format!("/Groups/{}", group["id"].as_str().expect("id"))).await.value["members"],
        group["members"]
    );
}

#[tokio::test]
async fn groups_forget_that_they_changed() {
    let (lab, client) = with(Quirk::StaleLastModified).await;
    let provider = lab.provider();
    let group = provider.group_named("payments-sre").expect("there");
    let id = group["id"].as_str().expect("id");
    provider
        .remove_member(id, group["members"][0]["value"].as_str().expect("id"))
        .expect("removed");
    let after = client.get(&format!("/Groups/{id}")).await.value;
    assert_eq!(after["meta"]["lastModified"], group["meta"]["lastModified"]);
    assert_ne!(after["meta"]["version"], group["meta"]["version"]);
    provider
        .patch_group(id, &json!([{"op": "replace", "path": "displayName", "value": "renamed"}]))
        .expect("renamed");
    assert_ne!(
        client.get(&format!("/Groups/{id}")).await.value["meta"]["lastModified"],
        group["meta"]["lastModified"]
    );
}

#[tokio::test]
async fn headers_and_discovery_are_odd() {
    let (_lab, client) = with(Quirk::NeedsUserAgent).await;
    assert_eq!(client.get("/Users").await.status, 403);
    assert_eq!(
        read(client.request(Method::GET, "/Users").header(USER_AGENT, "lanyard"))
            .await
            .status,
        200
    );
    let (_lab, client) = with(Quirk::NeedsJsonAccept).await;
    assert_eq!(
        read(client.request(Method::GET, "/Users").header(ACCEPT, "application/scim+json"))
            .await
            .status,
        406
    );
    assert_eq!(
        read(client.request(Method::GET, "/Users").header(ACCEPT, "application/json"))
            .await
            .status,
        200
    );
    let (_lab, client) = with(Quirk::PlainJson).await;
    assert_eq!(client.get("/Users").await.header("content-type"), Some("application/json"));
    for (quirk, path) in [
        (Quirk::NoConfig, "/ServiceProviderConfig"),
        (Quirk::NoSchemas, "/Schemas"),
        (Quirk::NoResourceTypes, "/ResourceTypes"),
    ] {
        let (_lab, client) = with(quirk).await;
        assert_eq!(client.get(path).await.status, 404);
    }
    let (lab, client) = with(Quirk::NoPut).await;
    let path = format!("/Users/{}", lab.provider().users()[2]["id"].as_str().expect("id"));
    assert_eq!(client.send(Method::PUT, &path, &lab.provider().users()[2]).await.status, 501);
    lab.provider().set_quirks([Quirk::IgnoresIfMatch]);
    let body = patch(json!([{"op": "replace", "path": "title", "value": "X"}])).to_string();
    let blind = client
        .request(Method::PATCH, &path)
        .header(IF_MATCH, "W/\"old\"")
        .header(CONTENT_TYPE, "application/json")
        .body(body);
    assert_eq!(read(blind).await.status, 200);
}

#[tokio::test]
async fn filters_are_half_understood() {
    let count = async |client: &Client, filter: &str| {
        let answer = client.list("/Users", &[("filter", filter), ("count", "500")]).await;
        (answer.status, answer.ids().len())
    };
    for (support, simple, complex) in [
        (FilterSupport::EqOnly, (200, 1), (400, 0)),
        (FilterSupport::EqOnKeys, (200, 1), (400, 0)),
        (FilterSupport::Refused, (400, 0), (400, 0)),
        (FilterSupport::Ignored, (200, 60), (200, 60)),
    ] {
        let (_lab, client) = lab(60, |options| options.provider.filter = support).await;
        assert_eq!(count(&client, "userName eq \"olena.shevchenko\"").await, simple, "{support:?}");
        assert_eq!(count(&client, "userName sw \"olena\"").await, complex, "{support:?}");
    }
    let (_lab, client) = with(Quirk::UnknownFilterIsEmpty).await;
    assert_eq!(count(&client, "userName sw \"olena\"").await, (200, 0));
    let (_lab, client) = with(Quirk::UnknownFilterIs500).await;
    assert_eq!(count(&client, "userName sw \"olena\"").await.0, 500);
}

#[tokio::test]
async fn large_groups_are_refused() {
    let (lab, client) = lab(9_000, |_| {}).await;
    assert_eq!(
        client.list("/Groups", &[("filter", "displayName eq \"all-staff\"")]).await.status,
        200
    );
    lab.provider().set_quirks([Quirk::LargeGroupsRefused]);
    assert_eq!(
        client.list("/Groups", &[("filter", "displayName eq \"all-staff\"")]).await.status,
        413
    );
}

#[test]
fn every_quirk_is_found_by_its_word() {
    for quirk in Quirk::ALL {
        assert_eq!(quirk.word().parse::<Quirk>(), Ok(*quirk));
    }
}
