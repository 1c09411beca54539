//! The developer portal over real HTTP: its catalog, its roles, its sign-in, and what is wrong with it on purpose.

mod catalog;
mod leaving;
mod on_purpose;
mod roles;
mod signing_in;

use std::time::Duration;

use lanyard_lab::{Lab, LabOptions, PortalHandle, PortalOptions, serve};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client, read};

/// A lab with a portal in which time stands still but for what a test does.
async fn portal(people: usize, change: impl FnOnce(&mut PortalOptions)) -> (Lab, PortalHandle, Client) {
    let mut options = PortalOptions::named("Portal");
    let never = Duration::from_secs(3600);
    (options.feed_interval, options.processing_interval, options.orphan_cleanup_interval) = (never, never, never);
    change(&mut options);
    let lab = serve(LabOptions {
        people,
        portal: Some(options),
        ..LabOptions::default()
    })
    .await
    .expect("the lab opens");
    let handle = lab.portal().expect("there is a portal");
    let client = Client::at(handle.url(), handle.token());
    (lab, handle, client)
}

fn as_user(handle: &PortalHandle, user: &str) -> Client {
    Client::at(handle.url(), handle.user_token(user).expect("in the catalog"))
}

async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Answer {
    let request = client.request(method, path).header("content-type", "application/json");
    read(if body.is_null() { request } else { request.body(body.to_string()) }).await
}

async fn post(client: &Client, path: &str, body: &Value) -> Answer {
    send(client, Method::POST, path, body).await
}

/// Every entity that a filter gives, walked page by page.
async fn walk(client: &Client, filter: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..10_000 {
        let limit = limit.to_string();
        let mut query = vec![("filter", filter), ("limit", &limit)];
        if let Some(cursor) = &cursor {
            query = vec![("cursor", cursor), ("limit", &limit)];
        }
        let page = client.list("/api/catalog/entities/by-query", &query).await;
        assert_eq!(page.status, 200, "{}", page.value);
        items.extend(page.value["items"].as_array().expect("items").iter().cloned());
        cursor = page.value["pageInfo"]["nextCursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            assert_eq!(page.value["totalItems"], items.len());
            return items;
        }
    }
    panic!("the walk does not end");
}

fn reference(entity: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
    format!(
        "{}:{}/{}",
        text(&entity["kind"]),
        text(&entity["metadata"]["namespace"]),
        text(&entity["metadata"]["name"])
    )
}

/// The targets of an entity's relations of a type.
fn targets<'a>(entity: &'a Value, sort: &str) -> Vec<&'a str> {
    let relations = entity["relations"].as_array().into_iter().flatten();
    let wanted = relations.filter(|relation| relation["type"] == sort);
    wanted.filter_map(|relation| relation["targetRef"].as_str()).collect()
}

const OLENA: &str = "user:default/olena.shevchenko_halcyon.example";

fn error(answer: &Answer) -> (u16, Value, String) {
    assert_eq!(answer.value["response"]["statusCode"], answer.status, "{}", answer.value);
    let message = answer.value["error"]["message"].as_str().unwrap_or_default().to_owned();
    (answer.status, answer.value["error"]["name"].clone(), message)
}

fn none() -> Value {
    json!(null)
}
