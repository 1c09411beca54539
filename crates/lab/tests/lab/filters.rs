//! Filters and sorting over HTTP say the same as `lanyard-scim` says over the documents.

use lanyard_scim::{Catalog, Filter};
use serde_json::{Value, json};

use crate::client::{BADGE, ENTERPRISE, ids, lab};

#[tokio::test]
async fn the_server_finds_whom_the_evaluator_finds() {
    let (lab, client) = lab(300, |_| {}).await;
    let (users, groups) = (lab.provider().users(), lab.provider().groups());
    let someone = users[17].clone();
    let (id, time) = (
        someone["id"].as_str().expect("an id"),
        someone["meta"]["lastModified"].as_str().expect("a time"),
    );
    let member = groups
        .iter()
        .find_map(|group| group["members"][0]["value"].as_str())
        .expect("a member");
    let catalog = Catalog::core();
    let of_users = [
        "userName eq \"Olena.Shevchenko\"".to_owned(),
        "userName eq \"nobody\"".to_owned(),
        format!("id eq \"{id}\""),
        format!("id eq \"{}\"", id.to_uppercase()),
        "externalId eq \"atlas-0001006\"".to_owned(),
        "externalId eq \"ATLAS-0001006\"".to_owned(),
        format!("meta.lastModified gt \"{time}\""),
        format!("meta.lastModified ge \"{time}\""),
        format!("meta.lastModified lt \"{time}\""),
        format!("meta.lastModified le \"{time}\""),
        format!("meta.lastModified eq \"{time}\""),
        format!("meta.lastModified ne \"{time}\""),
        "meta.lastModified gt \"2025-01-01T00:00:00Z\" and active eq false".to_owned(),
        "meta.lastModified gt \"2025-01-01T00:00:00.0001Z\"".to_owned(),
        "META.LASTMODIFIED GT \"2026-06-01T00:00:00+02:00\"".to_owned(),
        "active eq false".to_owned(),
        "not (active eq true)".to_owned(),
        "userType eq \"Service\" or userType eq \"Guest\"".to_owned(),
        "title pr and not (title co \"engineer\")".to_owned(),
        "name.familyName sw \"Ш\"".to_owned(),
        "emails[type eq \"other\" and value co \"@halcyon\"]".to_owned(),
        "emails.value ew \"northgate.example\"".to_owned(),
        format!("{ENTERPRISE}:department eq \"Payments\" and active eq true"),
        format!("{ENTERPRISE}:manager.displayName co \"Adaeze\""),
        "entitlements[value sw \"ledgerly\"]".to_owned(),
        "displayName eq \"田中 美咲\"".to_owned(),
        "userName eq \"conor.o'brien\"".to_owned(),
    ];
    let check = async |path: &str, filter: &str, all: &[Value]| {
        let parsed = Filter::parse(filter).expect("a filter");
        let expected = ids(&all.iter().filter(|one| parsed.matches(one, &catalog)).cloned().collect::<Vec<_>>());
        let answer = client.list(path, &[("filter", filter), ("count", "1000")]).await;
        assert_eq!(answer.status, 200, "{filter}: {:?}", answer.value);
        assert_eq!(answer.ids(), expected, "{filter}");
        expected.len()
    };
    let mut found = 0;
    for filter in &of_users {
        found += check("/Users", filter, &users).await;
    }
    assert!(found > 500, "the filters find somebody: {found}");
    for filter in [
        "displayName eq \"Payments-SRE\"".to_owned(),
        format!("members eq \"{member}\""),
        format!("members.value eq \"{member}\""),
        format!("members[value eq \"{member}\"]"),
        format!("members[value eq \"{member}\" and type eq \"User\"] and displayName sw \"site\""),
        "members[type eq \"Group\"]".to_owned(),
        "not (members pr)".to_owned(),
    ] {
        check("/Groups", &filter, &groups).await;
    }
}

#[tokio::test]
async fn unknown_extensions_and_groups_can_be_asked_for() {
    let (lab, client) = lab(200, |_| {}).await;
    let escorted = client
        .list(
            "/Users",
            &[("filter", &format!("{BADGE}:escortRequired eq true")), ("count", "500")],
        )
        .await;
    let truth = lab
        .provider()
        .users()
        .into_iter()
        .filter(|user| user[BADGE]["escortRequired"] == true)
        .collect::<Vec<_>>();
    assert!(!truth.is_empty());
    assert_eq!(escorted.ids(), ids(&truth));
    let group = lab.provider().group_named("payments-sre").expect("there");
    let inside = client
        .list(
            "/Users",
            &[
                ("filter", &format!("groups.value eq \"{}\"", group["id"].as_str().expect("id"))),
                ("count", "500"),
            ],
        )
        .await;
    let mut members = ids(&group["members"]
        .as_array()
        .expect("members")
        .iter()
        .map(|member| json!({"id": member["value"]}))
        .collect::<Vec<_>>());
    let mut found = inside.ids();
    members.sort();
    found.sort();
    assert_eq!(found, members);
}

#[tokio::test]
async fn a_broken_filter_is_refused_by_name() {
    let (_lab, client) = lab(20, |_| {}).await;
    for filter in [
        "userName",
        "userName eq",
        "(userName pr",
        "userName near \"x\"",
        "emails[type eq \"work\"",
        "",
    ] {
        let answer = client.list("/Users", &[("filter", filter)]).await;
        assert_eq!(
            (answer.status, &answer.value["scimType"]),
            (400, &json!("invalidFilter")),
            "{filter}"
        );
        assert!(answer.value["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    }
}

#[tokio::test]
async fn sorting_puts_missing_values_last_or_first() {
    let (lab, client) = lab(150, |_| {}).await;
    let sorted = async |by: &str, order: &str| {
        client
            .list("/Users", &[("sortBy", by), ("sortOrder", order), ("count", "1000")])
            .await
    };
    let names: Vec<String> = sorted("userName", "ascending")
        .await
        .resources()
        .iter()
        .map(|user| user["userName"].as_str().expect("a name").to_lowercase())
        .collect();
    assert!(names.is_sorted() && names.len() == lab.provider().users().len());
    let back: Vec<String> = sorted("userName", "descending")
        .await
        .resources()
        .iter()
        .map(|user| user["userName"].as_str().expect("a name").to_lowercase())
        .collect();
    assert!(back.iter().rev().is_sorted());
    let titled = |answer: &crate::client::Answer| answer.resources().iter().map(|user| user["title"].is_string()).collect::<Vec<_>>();
    assert!(titled(&sorted("title", "ascending").await).iter().rev().is_sorted());
    assert!(titled(&sorted("title", "descending").await).is_sorted());
    let times: Vec<i64> = sorted("meta.lastModified", "ascending")
        .await
        .resources()
        .iter()
        .map(|user| lanyard_scim::instant::unix_millis(user["meta"]["lastModified"].as_str().expect("a time")).expect("a time"))
        .collect();
    assert!(times.is_sorted());
    assert_eq!(sorted("shoeSize", "ascending").await.status, 400);
}
