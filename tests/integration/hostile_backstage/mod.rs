//! Backstage backends that misbehave: every list ends soon, complete only where it is, and a permission that is missing is told by its name.

mod references;
mod signing_in;

use std::sync::Arc;
use std::time::Duration;

use lanyard_engine::record::{ItemKind, ResourceKind};
use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::SourceError;
use lanyard_engine::sources::backstage::{BackstageClient, BackstageConfig};
use lanyard_engine::sources::scim::{Batch, Found, ListEnd};
use lanyard_engine::view::AuthSettings;
use lanyard_tests::hostile::{Asked, Reply, Server, answer, serve};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{TOKEN, limits};

const ROLES: ResourceKind = ResourceKind::Item(ItemKind::RbacRole);

pub(super) fn ok(body: &Value) -> Reply {
    answer("200 OK", &[("Content-Type", "application/json")], body.to_string())
}

fn refused(status: &str, message: &str) -> Reply {
    let body = json!({ "error": { "name": "NotAllowedError", "message": message }, "request": { "method": "GET", "url": "/" } });
    answer(status, &[("Content-Type", "application/json")], body.to_string())
}

fn missing() -> Reply {
    refused("404 Not Found", "nothing here")
}

fn user(number: usize) -> Value {
    json!({ "kind": "User", "metadata": { "name": format!("u{number}"), "namespace": "default", "etag": "e" }, "spec": {}, "relations": [] })
}

fn users(range: std::ops::Range<usize>) -> Vec<Value> {
    range.map(user).collect()
}

fn page(items: &[Value], total: usize, next: Option<&str>) -> Reply {
    let info = next.map_or_else(|| json!({}), |next| json!({ "nextCursor": next }));
    ok(&json!({ "items": items, "totalItems": total, "pageInfo": info }))
}

/// Pages of 100 of so many users; `total` is what it says to a list, `now` to whoever only counts.
fn honest(asked: &Asked, there: usize, total: usize, now: usize) -> Reply {
    if asked.query.get("limit").is_some_and(|limit| limit == "0") {
        return page(&[], now, None);
    }
    let from: usize = asked.query.get("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let to = (from + 100).min(there);
    page(&users(from..to), total, (to < there).then(|| to.to_string()).as_deref())
}

/// What a case is asked with, past the question about permissions, which is refused as to a service.
fn behind(asked: &Asked, rest: impl Fn(&Asked) -> Reply) -> Reply {
    match asked.path.as_str() {
        "/api/permission/authorize" => refused("403 Forbidden", "This endpoint does not allow 'service' credentials"),
        _ => rest(asked),
    }
}

fn config(server: &Server, auth: AuthSettings, secret: Option<&str>) -> BackstageConfig {
    BackstageConfig {
        name: "Hostile".into(),
        base: format!("http://{}", server.address).parse().unwrap(),
        auth,
        secret: secret.map(|secret| Secret::new(secret.to_owned())),
        keep: None,
        ca_pem: None,
        headers: Vec::new(),
        request_budget: Some(200),
        limits: limits(),
    }
}

fn client(server: &Server) -> BackstageClient {
    BackstageClient::new(config(server, AuthSettings::Bearer, Some(TOKEN))).unwrap()
}

async fn list(client: &BackstageClient, kind: ResourceKind) -> (Result<ListEnd, SourceError>, usize) {
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<Batch>(4);
    let cancel = CancellationToken::new();
    let collect = async {
        let mut came = 0;
        while let Some(batch) = receiver.recv().await {
            came += batch.resources.len();
        }
        came
    };
    let both = async { tokio::join!(client.list(kind, None, sender, &cancel), collect) };
    let (listing, came) = tokio::time::timeout(Duration::from_secs(20), both)
        .await
        .expect("did not end within 20 s");
    (listing.map(|listing| listing.end), came)
}

/// How a list ended, in a word.
fn verdict(end: &Result<ListEnd, SourceError>) -> String {
    match end {
        Err(error) => format!("error {}", error.code()),
        Ok(end) if end.complete => format!("complete {}", end.unique),
        Ok(end) => {
            let reasons: Vec<_> = end.reasons.iter().map(|reason| reason.code.as_str()).collect();
            format!("incomplete {} {}", reasons.join(","), end.unique)
        }
    }
}

type Behaviour = fn(&Asked) -> Reply;

async fn ends(kind: ResourceKind, cases: &[(&str, &str, Behaviour)]) {
    let mut wrong = Vec::new();
    for (name, expected, behaviour) in cases {
        let behaviour = *behaviour;
        let server = serve(move |asked| behind(asked, behaviour)).await;
        let (end, came) = list(&client(&server), kind).await;
        if verdict(&end) != *expected {
            wrong.push(format!("{name}: {expected} expected, {} came: {end:?}", verdict(&end)));
        }
        if end.as_ref().is_ok_and(|end| end.unique != came as u64) {
            wrong.push(format!("{name}: {came} were handed out: {end:?}"));
        }
        if format!("{end:?}").contains(TOKEN) {
            wrong.push(format!("{name}: the token shows"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn lists_of_the_catalog_end_as_they_must() {
    ends(
        ResourceKind::User,
        &[
            ("honest", "complete 250", |asked| honest(asked, 250, 250, 250)),
            ("one went while it was read", "complete 249", |asked| honest(asked, 249, 250, 249)),
            ("some came while it was read", "complete 251", |asked| honest(asked, 251, 250, 253)),
            ("the list is cut short", "incomplete endedEarly 250", |asked| {
                honest(asked, 250, 300, 300)
            }),
            ("the counts go down and do not fit", "incomplete shifted 250", |asked| {
                honest(asked, 250, 300, 270)
            }),
            ("the cursor leads back", "incomplete pagesRepeat 100", |asked| {
                page(
                    &users(0..100),
                    250,
                    Some(if asked.query.contains_key("cursor") { "again" } else { "first" }),
                )
            }),
            ("new cursors for nothing new", "incomplete pagesRepeat 100", |asked| {
                page(&users(0..100), 250, Some(&format!("c{}", asked.before)))
            }),
            ("empty pages without an end", "incomplete pagesRepeat 100", |asked| {
                let items = if asked.query.contains_key("cursor") {
                    Vec::new()
                } else {
                    users(0..100)
                };
                page(&items, 250, Some(&format!("c{}", asked.before)))
            }),
            ("the permission goes away", "incomplete refused,failed 100", |asked| {
                if asked.query.contains_key("cursor") {
                    refused("403 Forbidden", "not any more")
                } else {
                    honest(asked, 250, 250, 250)
                }
            }),
            ("the permission goes away without a word", "incomplete shifted 100", |asked| {
                if asked.query.contains_key("cursor") || asked.query.get("limit").is_some_and(|limit| limit == "0") {
                    page(&[], 0, None)
                } else {
                    honest(asked, 250, 250, 250)
                }
            }),
            ("nothing at all is shown", "incomplete refused 0", |_| page(&[], 0, None)),
            ("no users, and a catalog all the same", "complete 0", |asked| {
                let whole = !asked.query.contains_key("filter");
                page(&[], if whole { 9 } else { 0 }, None)
            }),
            ("refused", "incomplete refused 0", |_| refused("403 Forbidden", "no")),
            ("unknown token", "error backstage.unauthorized", |_| {
                refused("401 Unauthorized", "Illegal token")
            }),
            ("a page for people", "error http.html", |_| {
                answer(
                    "200 OK",
                    &[("Content-Type", "text/html")],
                    "<!doctype html><html><body>Sign in</body></html>",
                )
            }),
            ("half a page", "error json.broken", |_| {
                answer("200 OK", &[("Content-Type", "application/json")], r#"{"items":[{"kind":"Us"#)
            }),
            ("another shape", "error backstage.notBackstage", |_| ok(&json!({ "value": [] }))),
            ("a number", "error backstage.notBackstage", |_| ok(&json!(7))),
            ("too deep", "error json.tooDeep", |_| {
                answer(
                    "200 OK",
                    &[("Content-Type", "application/json")],
                    format!("{{\"items\":{}", "[".repeat(100_000)),
                )
            }),
            ("the filter is ignored", "error backstage.notBackstage", |_| {
                let component = json!({ "kind": "Component", "metadata": { "name": "x" } });
                page(&[user(1), component], 2, None)
            }),
            ("entities without names", "incomplete unreadable 2", |_| {
                let bad = [
                    json!({ "kind": "User" }),
                    json!(null),
                    json!([1]),
                    json!({ "kind": "User", "metadata": { "name": 5 } }),
                ];
                page(&[users(0..2), bad.to_vec()].concat(), 6, None)
            }),
            ("the same entity in many spellings", "incomplete endedEarly 1", |_| {
                let spelt = |name: &str| json!({ "kind": "USER", "metadata": { "name": name } });
                page(&[spelt("ann"), spelt("Ann"), spelt("ANN")], 3, None)
            }),
            ("an old backend", "complete 250", |asked| match asked.path.as_str() {
                "/api/catalog/entities" => {
                    let number = |name: &str| asked.query[name].parse::<usize>().unwrap();
                    let from = number("offset").min(250);
                    ok(&json!(users(from..(from + number("limit").min(100)).min(250))))
                }
                _ => missing(),
            }),
            ("no catalog at all", "error backstage.notFound", |_| missing()),
            ("it breaks down", "error server.failed", |_| {
                refused("500 Internal Server Error", "oh")
            }),
        ],
    )
    .await;
}

#[tokio::test]
async fn lists_of_rbac_end_as_they_must() {
    ends(
        ROLES,
        &[
            ("roles", "complete 2", |_| {
                ok(&json!([{ "name": "role:default/a", "memberReferences": [] }, { "name": "role:default/b" }]))
            }),
            ("none", "complete 0", |_| ok(&json!([]))),
            ("no plugin", "incomplete notOffered 0", |_| missing()),
            ("no plugin, in HTML", "incomplete notOffered 0", |_| {
                answer("404 Not Found", &[("Content-Type", "text/html")], "<html>Cannot GET</html>")
            }),
            ("restricted", "incomplete refused 0", |_| {
                refused("403 Forbidden", "This token's access is restricted to plugin(s) 'catalog'")
            }),
            ("roles without names", "incomplete unreadable 1", |_| {
                ok(&json!([{ "name": "role:default/a" }, { "name": "" }, 3]))
            }),
            ("an object", "error backstage.notBackstage", |_| ok(&json!({ "roles": [] }))),
            ("nothing", "error json.broken", |_| {
                answer("200 OK", &[("Content-Type", "application/json")], "")
            }),
            ("unknown token", "error backstage.unauthorized", |_| {
                refused("401 Unauthorized", "Illegal token")
            }),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_refusal_names_the_permission_and_what_it_takes_away() {
    let said = "This token's access is restricted to plugin(s) 'catalog'";
    let server = serve(move |asked| behind(asked, |_| refused("403 Forbidden", said))).await;
    let client = client(&server);
    for shelf in client.shelves() {
        let end = list(&client, shelf.kind).await.0.unwrap();
        let text = &end.reasons[0].text;
        assert!(
            text.contains(shelf.needs) && text.contains(shelf.without) && text.contains(said),
            "{text}"
        );
    }
    // Once for all collections: whether it may be asked what the credential may do.
    let asked = server.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|asked| asked.path == "/api/permission/authorize").count(), 1);
}

#[tokio::test]
async fn who_may_read_a_part_only_is_not_told_that_it_is_all() {
    let decided = |result: &'static str| {
        move |asked: &Asked| match asked.path.as_str() {
            "/api/permission/authorize" => {
                let items: Value = serde_json::from_str(&asked.body).unwrap();
                let items = items["items"].as_array().unwrap().clone();
                let each: Vec<_> = items.iter().map(|item| json!({ "id": item["id"], "result": result })).collect();
                ok(&json!({ "items": each }))
            }
            "/api/permission/roles" => ok(&json!([{ "name": "role:default/a" }])),
            _ => honest(asked, 3, 3, 3),
        }
    };
    for (result, users, roles) in [
        ("ALLOW", "complete 3", "complete 1"),
        ("DENY", "incomplete refused 3", "incomplete refused 1"),
        ("CONDITIONAL", "incomplete refused 3", "incomplete refused 1"),
        ("MAYBE", "complete 3", "complete 1"),
    ] {
        let server = serve(decided(result)).await;
        let client = client(&server);
        assert_eq!(verdict(&list(&client, ResourceKind::User).await.0), users, "{result}");
        assert_eq!(verdict(&list(&client, ROLES).await.0), roles, "{result}");
    }
}

#[tokio::test]
async fn the_connection_test_says_what_is_lacking() {
    let report = async |behaviour: Behaviour| {
        let server = serve(move |asked| behind(asked, behaviour)).await;
        client(&server).probe(&CancellationToken::new()).await
    };
    let topic = |report: &lanyard_engine::view::ProbeReport, topic: &str| {
        let point = report.points.iter().find(|point| point.topic == topic);
        point.map(|point| format!("{:?}: {} {}", point.state, point.says, point.instead.as_deref().unwrap_or_default()))
    };

    let blind = report(|asked| {
        if asked.path.contains("catalog") {
            page(&[], 0, None)
        } else {
            ok(&json!([]))
        }
    })
    .await;
    assert!(!blind.ok, "{blind:#?}");
    assert!(topic(&blind, "catalog.entity.read").unwrap().starts_with("Bad"), "{blind:#?}");

    let plain = report(|asked| {
        if asked.path.contains("catalog") {
            honest(asked, 3, 3, 3)
        } else {
            missing()
        }
    })
    .await;
    assert!(plain.ok && plain.users == Some(3), "{plain:#?}");
    assert!(topic(&plain, "rbac").unwrap().contains("no RBAC plugin"), "{plain:#?}");
    assert_eq!(topic(&plain, "policy.entity.read"), None);

    let shut = report(|asked| {
        if asked.path.contains("catalog") {
            honest(asked, 300, 300, 300)
        } else {
            refused("403 Forbidden", "restricted")
        }
    })
    .await;
    let lacking = topic(&shut, "policy.entity.read").unwrap();
    assert!(lacking.starts_with("Bad") && lacking.contains("who has which role"), "{lacking}");
    assert!(topic(&shut, "paging").unwrap().starts_with("Good"), "{shut:#?}");

    let loops = report(|asked| {
        if asked.path.contains("catalog") {
            page(&users(0..2), 9, Some("x"))
        } else {
            missing()
        }
    })
    .await;
    assert!(topic(&loops, "paging").unwrap().starts_with("Bad"), "{loops:#?}");

    let stranger = report(|_| refused("401 Unauthorized", "Illegal token")).await;
    assert!(!stranger.ok && stranger.fault.is_some(), "{stranger:#?}");
    assert!(topic(&stranger, "auth").unwrap().starts_with("Bad"), "{stranger:#?}");
    assert!(!format!("{stranger:?}").contains(TOKEN));
}
