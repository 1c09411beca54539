//! A write goes out once, to its own origin, as it was shown, and any answer is one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lanyard_engine::sources::Client;
use lanyard_engine::sources::doors::{Repeat, Write};
use lanyard_tests::hostile::{Reply, Server, answer, serve};
use reqwest::Method;
use serde_json::json;

use crate::{TOKEN, refused, scim, send};

fn patch(server: &Server, repeat: Repeat) -> Write {
    let body = json!({ "active": false });
    Write::new(&Method::PATCH, format!("{}/Users/u1", server.base), Some(&body), repeat).header("Content-Type", "application/scim+json")
}

fn client(base: &str) -> Client {
    Client::Scim(scim(base, TOKEN))
}

async fn always(status: &'static str, headers: &'static [(&'static str, &'static str)]) -> Server {
    serve(move |_| answer(status, headers, r#"{"detail":"as told"}"#)).await
}

#[tokio::test]
async fn what_was_shown_is_what_goes_and_what_came_is_kept() {
    let server = serve(|_| answer("200 OK", &[("X-Request-Id", "r-17")], format!(r#"{{"id":"u1","echo":"{TOKEN}"}}"#))).await;
    let write = patch(&server, Repeat::Safe);
    let asked = send(&client(&server.base), &write).await;
    assert_eq!(asked.request.method, "PATCH");
    assert_eq!((&asked.request.url, &asked.request.body), (&write.request.url, &write.request.body));
    assert_eq!(
        asked.request.headers,
        [("content-type".to_owned(), "application/scim+json".to_owned())]
    );
    assert_eq!((asked.status, asked.request_id.as_deref()), (Some(200), Some("r-17")));
    assert_eq!(asked.sha256.as_ref().map(String::len), Some(64));
    assert!(asked.excerpt.contains("u1") && !asked.excerpt.contains(TOKEN), "{}", asked.excerpt);
    let heard = server.asked.lock().unwrap().clone();
    assert_eq!((heard.len(), heard[0].body.as_str()), (1, r#"{"active":false}"#));
    assert!(heard[0].head.contains(TOKEN));
}

#[tokio::test]
async fn any_status_is_an_answer_and_nothing_is_sent_twice() {
    for status in [
        "204 No Content",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "409 Conflict",
        "412 Precondition Failed",
        "500 Oops",
        "503 Busy",
    ] {
        let server = always(status, &[]).await;
        let asked = send(&client(&server.base), &patch(&server, Repeat::Safe)).await;
        assert_eq!(asked.status.map(|code| code.to_string()).as_deref(), status.split(' ').next());
        assert_eq!(asked.fault, None, "{status}");
        assert_eq!(server.asked.lock().unwrap().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn too_many_is_waited_for_only_where_a_write_may_go_again() {
    for (repeat, times, status) in [(Repeat::Safe, 2, 204), (Repeat::LookFirst, 1, 429)] {
        let count = Arc::new(AtomicUsize::new(0));
        let seen = count.clone();
        let server = serve(move |_| match seen.fetch_add(1, Ordering::SeqCst) {
            0 => answer("429 Too Many Requests", &[("Retry-After", "0")], ""),
            _ => answer("204 No Content", &[], ""),
        })
        .await;
        let asked = send(&client(&server.base), &patch(&server, repeat)).await;
        assert_eq!((asked.status, count.load(Ordering::SeqCst)), (Some(status), times));
    }
    // A wait that is longer than allowed is an answer, not a wait.
    let server = always("429 Too Many Requests", &[("Retry-After", "3600")]).await;
    assert_eq!(send(&client(&server.base), &patch(&server, Repeat::Safe)).await.status, Some(429));
}

#[tokio::test]
async fn no_answer_is_told_as_not_known_and_not_tried_again() {
    let server = serve(|_| Reply::Raw(Vec::new())).await;
    let asked = send(&client(&server.base), &patch(&server, Repeat::Safe)).await;
    assert_eq!((asked.status, asked.sha256.is_some()), (None, false));
    assert!(asked.fault.is_some());
    assert_eq!(server.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_goes_elsewhere() {
    let thief = always("200 OK", &[]).await;
    let server = always("200 OK", &[]).await;
    let client = client(&server.base);
    assert_eq!(refused(&client, &patch(&thief, Repeat::Safe)).await.code(), "http.otherOrigin");
    for (name, value) in [("Authorization", "Bearer x"), ("Host", "x"), ("Cookie", "x"), ("X-Anything", "x")] {
        assert_eq!(
            refused(&client, &patch(&server, Repeat::Safe).header(name, value)).await.code(),
            "source.setting",
            "{name}"
        );
    }
    let mut read = patch(&server, Repeat::Safe);
    read.request.method = "GET".into();
    assert_eq!(refused(&client, &read).await.code(), "source.setting");
    let mut user = patch(&server, Repeat::Safe);
    user.request.url = user.request.url.replacen("http://", "http://u:p@", 1);
    assert_eq!(refused(&client, &user).await.code(), "source.setting");
    assert_eq!(server.asked.lock().unwrap().len() + thief.asked.lock().unwrap().len(), 0);
    // A redirect is not followed, within the origin or out of it.
    let to = format!("{}/Users/u1", thief.base);
    for location in [to, "/scim/v2/Users/u2".to_owned()] {
        let server = serve(move |_| answer("307 Temporary Redirect", &[("Location", &location)], "")).await;
        let asked = send(&self::client(&server.base), &patch(&server, Repeat::Safe)).await;
        assert_eq!(asked.status, Some(307));
        assert!(asked.fault.is_some());
        assert_eq!(server.asked.lock().unwrap().len(), 1);
    }
    assert_eq!(thief.asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_base_with_a_key_in_its_query_sends_it_and_shows_it_nowhere() {
    let server = always("200 OK", &[]).await;
    let client = scim(&format!("{}?key=k3y-in-query", server.base), TOKEN);
    let at =
        serde_json::from_value(json!({ "at": 0, "paging": "Index", "page_size": 100, "concurrent": false, "users": "Users" })).unwrap();
    let account = lanyard_engine::sources::scim::Known { id: "u1", document: None };
    let write = client.delete_account(&at, account).unwrap();
    assert!(!write.request.url.contains("k3y"), "{}", write.request.url);
    let asked = send(&Client::Scim(client), &write).await;
    assert_eq!(asked.request.url, write.request.url);
    assert!(server.heard().contains("/Users/u1?key=k3y-in-query"), "{}", server.heard());
}
