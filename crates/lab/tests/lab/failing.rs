//! Faults on request.

use std::time::{Duration, Instant};

use lanyard_lab::LabOptions;
use reqwest::Method;

use crate::client::{Client, attempt, ids, lab};

async fn with(fault: &str) -> (lanyard_lab::Lab, Client) {
    let fault = fault.to_owned();
    lab(60, move |options: &mut LabOptions| options.add_fault(&fault).expect("a fault")).await
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back_or_not() {
    let (_lab, client) = with("429:7@1").await;
    let answer = client.get("/Users").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("7")));
    let (_lab, client) = with("429:no-retry-after@1").await;
    let answer = client.get("/Users").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, None));
    let (_lab, client) = with("429:date@1").await;
    let date = client.get("/Users").await.header("retry-after").expect("a date").to_owned();
    assert!(date.ends_with("GMT"), "{date}");
}

#[tokio::test]
async fn servers_break_answer_late_and_lie() {
    let (_lab, client) = with("5xx@1").await;
    for _ in 0..6 {
        assert!((500..505).contains(&client.get("/Users").await.status));
    }
    let (_lab, client) = with("503@1").await;
    assert_eq!(client.get("/Users").await.status, 503);
    let (_lab, client) = with("slow:150ms").await;
    let begun = Instant::now();
    assert_eq!(client.get("/Users?count=1").await.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(150));
    let (_lab, client) = with("html@1").await;
    let page = client.get("/Users").await;
    assert!(page.status == 200 && page.bytes.starts_with(b"<!DOCTYPE"));
    let (_lab, client) = with("redirect@1").await;
    let answer = client.get("/Users").await;
    assert_eq!(answer.status, 302);
    assert!(answer.header("location").is_some_and(|place| !place.starts_with(&client.url)));
    let (_lab, client) = with("garbage@1").await;
    assert!(client.get("/Users").await.value.is_null());
    let (_lab, client) = with("empty-list@1").await;
    assert_eq!(client.get("/Users").await.value["totalResults"], 0);
}

#[tokio::test]
async fn connections_end_and_bodies_end_too_early() {
    let (_lab, client) = with("drop@1").await;
    assert!(attempt(client.request(Method::GET, "/Users")).await.is_err());
    let (_lab, client) = with("cut@1").await;
    assert!(attempt(client.request(Method::GET, "/Users")).await.is_err());
    let (_lab, client) = with("truncate@1").await;
    let answer = attempt(client.request(Method::GET, "/Users")).await.expect("a whole answer");
    assert!(answer.status == 200 && answer.bytes.len() > 1_000 && answer.value.is_null());
}

#[tokio::test]
async fn a_rate_is_about_kept_and_repeats_with_the_seed() {
    let pattern = async || {
        let (_lab, client) = with("503@0.3").await;
        let mut pattern = Vec::new();
        for _ in 0..100 {
            pattern.push(client.get("/Users?count=0").await.status);
        }
        pattern
    };
    let (first, second) = (pattern().await, pattern().await);
    assert_eq!(first, second);
    assert!((15..45).contains(&first.iter().filter(|status| **status == 503).count()));
}

#[tokio::test]
async fn a_token_wears_out_and_another_works() {
    let (lab, client) = with("idp/token-expires:5").await;
    for _ in 0..5 {
        assert_eq!(client.get("/Users?count=0").await.status, 200);
    }
    assert_eq!(client.get("/Users?count=0").await.status, 401);
    lab.provider().issue_token();
    let renewed = Client::of(&lab.provider());
    assert_eq!(renewed.get("/Users?count=0").await.status, 200);
    let downstream = Client::of(&lab.downstream());
    for _ in 0..8 {
        assert_eq!(downstream.get("/Users?count=0").await.status, 200, "only the provider was to fail");
    }
}

#[tokio::test]
async fn shifting_pages_lose_somebody_by_index_and_nobody_by_cursor() {
    let (lab, client) = with("shift@1").await;
    let mut truth = ids(&lab.provider().users());
    let mut seen = Vec::new();
    for start in (1..=60).step_by(10) {
        seen.extend(
            client
                .list("/Users", &[("startIndex", &start.to_string()), ("count", "10")])
                .await
                .ids(),
        );
    }
    seen.sort();
    seen.dedup();
    assert!(seen.len() < truth.len(), "nobody was lost");
    let mut by_cursor = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.list("/Users", &[("cursor", &cursor), ("count", "10")]).await;
        by_cursor.extend(page.ids());
        let Some(next) = page.value["nextCursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    by_cursor.sort();
    truth.sort();
    assert_eq!(by_cursor, truth);
}

#[tokio::test]
async fn entity_tags_vanish() {
    let (_lab, client) = with("etag-none").await;
    let answer = client.get("/Users?count=1").await;
    assert!(answer.resources()[0]["meta"]["version"].is_null());
    assert_eq!(client.get("/ServiceProviderConfig").await.value["etag"]["supported"], false);
}

#[test]
fn unknown_faults_and_servers_are_refused() {
    let mut options = LabOptions::default();
    assert!(options.add_fault("lowercase-resources").is_ok());
    assert!(options.add_fault("ledgerly/no-total").is_ok());
    assert_eq!((options.provider.quirks.len(), options.downstream.quirks.len()), (1, 2));
    assert!(options.add_fault("earthquake").is_err());
    assert!(options.add_fault("portal/429").is_err());
    assert!(options.add_fault("slow:never").is_err());
}
