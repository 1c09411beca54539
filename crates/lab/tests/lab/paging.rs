//! The laws of paging (RFC 7644 §3.4.2.4, RFC 9865): every page size shows each resource once.

use std::collections::BTreeSet;
use std::time::Duration;

use lanyard_lab::{Family, Paging};
use serde_json::{Value, json};

use crate::client::{Client, ids, lab};

async fn by_index(client: &Client, path: &str, count: usize) -> Vec<String> {
    let (mut seen, mut start) = (Vec::new(), 1);
    loop {
        let answer = client
            .list(path, &[("startIndex", &start.to_string()), ("count", &count.to_string())])
            .await;
        assert_eq!(answer.status, 200);
        let page = answer.ids();
        assert_eq!(answer.value["itemsPerPage"], page.len());
        assert_eq!(answer.value["startIndex"], start);
        start += page.len();
        seen.extend(page);
        if start as u64 > answer.value["totalResults"].as_u64().expect("a total") {
            return seen;
        }
    }
}

async fn by_cursor(client: &Client, path: &str, count: usize) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = client.list(path, &[("cursor", &cursor), ("count", &count.to_string())]).await;
        assert_eq!(answer.status, 200, "{:?}", answer.value);
        seen.extend(answer.ids());
        match answer.value["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn every_page_size_shows_each_resource_once_in_the_same_order() {
    let (lab, client) = lab(130, |_| {}).await;
    for (path, truth) in [("/Users", ids(&lab.provider().users())), ("/Groups", ids(&lab.provider().groups()))] {
        for count in [1, 2, 7, 10, 43, 100, 129, 130, 131, 1000] {
            assert_eq!(by_index(&client, path, count).await, truth, "{path} by index, {count} a page");
            assert_eq!(by_cursor(&client, path, count).await, truth, "{path} by cursor, {count} a page");
        }
    }
}

#[tokio::test]
async fn numbers_are_clamped_as_the_rfc_says() {
    let (lab, client) = lab(250, |options| options.provider.max_page = 120).await;
    let total = lab.provider().count(Family::Users);
    let ask = |query: &'static [(&'static str, &'static str)]| client.list("/Users", query);
    assert_eq!(ask(&[]).await.resources().len(), 100);
    assert_eq!(ask(&[("count", "5000")]).await.resources().len(), 120);
    let none = ask(&[("count", "0")]).await;
    assert_eq!((none.resources().len(), &none.value["totalResults"]), (0, &json!(total)));
    assert_eq!(ask(&[("count", "-3")]).await.resources().len(), 0);
    assert_eq!(
        ask(&[("startIndex", "0"), ("count", "2")]).await.ids(),
        ask(&[("startIndex", "1"), ("count", "2")]).await.ids()
    );
    assert_eq!(ask(&[("startIndex", "-9"), ("count", "2")]).await.value["startIndex"], 1);
    let beyond = ask(&[("startIndex", "251")]).await;
    assert_eq!(
        (beyond.status, beyond.resources().len(), &beyond.value["totalResults"]),
        (200, 0, &json!(total))
    );
    let wrong = ask(&[("startIndex", "first")]).await;
    assert_eq!((wrong.status, &wrong.value["scimType"]), (400, &json!("invalidValue")));
}

#[tokio::test]
async fn cursors_are_opaque_bound_to_their_query_and_expire() {
    let (_lab, client) = lab(60, |options| options.provider.cursor_timeout = Duration::from_millis(300)).await;
    let first = client.list("/Users", &[("cursor", ""), ("count", "10")]).await;
    let next = first.value["nextCursor"].as_str().expect("more pages").to_owned();
    let fails = async |query: &[(&str, &str)], path: &str| {
        let answer = client.list(path, query).await;
        assert_eq!(answer.status, 400, "{:?}", answer.value);
        answer.value["scimType"].clone()
    };
    assert_eq!(fails(&[("cursor", "nonsense")], "/Users").await, "invalidCursor");
    assert_eq!(fails(&[("cursor", &"0".repeat(48))], "/Users").await, "invalidCursor");
    assert_eq!(fails(&[("cursor", &next), ("count", "11")], "/Users").await, "invalidCount");
    assert_eq!(fails(&[("cursor", &next), ("count", "10")], "/Groups").await, "invalidCursor");
    assert_eq!(
        fails(&[("cursor", &next), ("filter", "active eq true")], "/Users").await,
        "invalidCursor"
    );
    assert_eq!(fails(&[("cursor", &next), ("startIndex", "1")], "/Users").await, "invalidValue");
    // The same cursor twice gives the same page: an answer can be lost on the way.
    let again = async || client.list("/Users", &[("cursor", &next), ("count", "10")]).await;
    assert_eq!(again().await.ids(), again().await.ids());
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(fails(&[("cursor", &next), ("count", "10")], "/Users").await, "expiredCursor");
}

#[tokio::test]
async fn a_cursor_walk_is_not_disturbed_by_changes() {
    let (lab, client) = lab(60, |_| {}).await;
    let provider = lab.provider();
    let truth = ids(&provider.users());
    let first = client.list("/Users", &[("cursor", ""), ("count", "20")]).await;
    provider.delete_user(&truth[3]).expect("deleted");
    provider.delete_user(&truth[30]).expect("deleted");
    let mut seen = first.ids();
    let mut cursor = first.value["nextCursor"].clone();
    while let Some(text) = cursor.as_str() {
        let page = client.list("/Users", &[("cursor", text), ("count", "20")]).await;
        seen.extend(page.ids());
        cursor = page.value["nextCursor"].clone();
    }
    let expected: Vec<&String> = truth.iter().filter(|id| **id != truth[30]).collect();
    assert_eq!(seen.iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn each_server_pages_in_the_ways_it_says() {
    let (_lab, client) = lab(60, |options| options.provider.paging = Paging::Cursor).await;
    let first = client.list("/Users", &[("count", "20")]).await;
    assert!(
        first.value["nextCursor"].is_string() && first.value["startIndex"].is_null(),
        "{:?}",
        first.value
    );
    let (_lab, client) = lab(60, |options| options.provider.paging = Paging::Index).await;
    let first = client.list("/Users", &[("cursor", ""), ("count", "20")]).await;
    assert!(first.value["nextCursor"].is_null() && first.value["startIndex"] == 1);
}

#[tokio::test]
async fn search_by_post_and_at_the_root() {
    let (lab, client) = lab(60, |_| {}).await;
    let request = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "userName sw \"svc-\"", "attributes": ["userName"], "count": 500});
    let found = client.post("/Users/.search", &request).await;
    assert_eq!(found.status, 200);
    assert!(!found.resources().is_empty());
    for user in found.resources() {
        let keys: BTreeSet<&str> = user.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(["id", "schemas", "userName"]));
    }
    let everything = client.post("/.search", &json!({"count": 1000})).await;
    let both = lab.provider().count(Family::Users) + lab.provider().count(Family::Groups);
    assert_eq!(everything.value["totalResults"], both);
    let named = client.list("/", &[("filter", "displayName eq \"payments-sre\"")]).await;
    assert_eq!(
        named
            .resources()
            .iter()
            .map(|found| &found["meta"]["resourceType"])
            .collect::<Vec<&Value>>(),
        ["Group"]
    );
}
