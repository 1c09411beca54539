//! Servers that mislead: "gone" is never said on their word.

use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::Client;
use lanyard_engine::sources::backstage::{BackstageClient, BackstageConfig};
use lanyard_engine::sources::doors::{Look, Seen, Whose};
use lanyard_engine::sources::scim::{Capabilities, HeldGroup};
use lanyard_engine::view::{AuthSettings, Request};
use lanyard_tests::hostile::{Asked, Reply, Server, answer, list, ok, serve, user};
use serde_json::{Value, json};

use crate::{TOKEN, limits, never, saw, scim};

fn at() -> Capabilities {
    let seen = json!({ "at": 0, "paging": "Index", "page_size": 100, "concurrent": false, "users": "Users", "groups": "Groups" });
    serde_json::from_value(seen).unwrap()
}

const NOT_THERE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}"#;

fn missing() -> Reply {
    answer("404 Not Found", &[("Content-Type", "application/scim+json")], NOT_THERE)
}

fn others() -> Reply {
    ok(list("2", &[user(2), user(3)]))
}

fn is_list(asked: &Asked) -> bool {
    asked.path.ends_with("/Users")
}

async fn by_id(behaviour: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Look, Server) {
    let server = serve(behaviour).await;
    let look = scim(&server.base, TOKEN).look_at_account(&at(), "u1", None, &never()).await;
    (look, server)
}

#[tokio::test]
async fn a_404_is_believed_beside_a_control_only() {
    // Answers for others: gone.
    let (look, _) = by_id(|asked| match asked.path.as_str() {
        path if path.ends_with("/Users/u1") => missing(),
        path if path.ends_with("/Users/u2") => ok(user(2)),
        _ => others(),
    })
    .await;
    saw(&look, Seen::Gone, &[TOKEN]);
    // Answers for nobody by id; has nobody; cannot be asked for others.
    for rest in [others(), ok(list("0", &[])), answer("500 Oops", &[], "")] {
        let (look, _) = by_id(move |asked| if is_list(asked) { rest.clone() } else { missing() }).await;
        saw(&look, Seen::NotEvaluated, &[TOKEN]);
    }
}

#[tokio::test]
async fn what_is_no_answer_about_the_account_tells_nothing() {
    let html = "<!doctype html><html><body>Not found</body></html>";
    let cases: Vec<Reply> = vec![
        answer("401 Unauthorized", &[], ""),
        answer("403 Forbidden", &[], ""),
        answer("404 Not Found", &[("Content-Type", "text/html")], html),
        answer("500 Oops", &[], ""),
        answer("204 No Content", &[], ""),
        ok(html),
        ok("{}"),
        ok("[1]"),
        ok(user(2)),
        ok(r#"{"id":"u1","active":"#),
        answer("302 Found", &[("Location", "https://elsewhere.example/Users/u1")], ""),
        Reply::Raw(Vec::new()),
    ];
    for reply in cases {
        let shown = format!("{reply:?}");
        let (look, _) = by_id(move |asked| if is_list(asked) { others() } else { reply.clone() }).await;
        assert_eq!(look.seen, Seen::NotEvaluated, "{shown}: {look:#?}");
        assert!(!look.says.is_empty());
    }
}

#[tokio::test]
async fn an_empty_answer_to_a_filter_is_believed_where_the_filter_finds_somebody_else() {
    for (finds, expected) in [(true, Seen::Gone), (false, Seen::NotEvaluated)] {
        let server = serve(move |asked| match asked.query.get("filter") {
            Some(filter) if finds && filter.contains("user2@") => ok(list("1", &[user(2)])),
            Some(_) => ok(list("0", &[])),
            None => others(),
        })
        .await;
        let look = scim(&server.base, TOKEN)
            .look_by_filter(&at(), "u1", "user1@halcyon.example", &never())
            .await;
        saw(&look, expected, &[TOKEN]);
    }
}

#[tokio::test]
async fn groups_that_show_no_members_to_anybody_tell_nothing() {
    let server = serve(|asked| match asked.path.as_str() {
        path if path.ends_with("/Groups/g1") => ok(r#"{"id":"g1","displayName":"Payments","members":[]}"#),
        _ => ok(list("1", &[r#"{"id":"g2","displayName":"B"}"#.to_owned()])),
    })
    .await;
    let held = |told| {
        [HeldGroup {
            id: "g1".into(),
            name: "Payments".into(),
            through: None,
            told,
        }]
    };
    let client = scim(&server.base, TOKEN);
    let look = client.look_at_memberships(&at(), "u1", &held(false), false, &never()).await;
    saw(&look, Seen::NotEvaluated, &[]);
    let look = client.look_at_memberships(&at(), "u1", &held(true), false, &never()).await;
    saw(&look, Seen::Gone, &[]);
}

#[tokio::test]
async fn a_door_that_is_open_to_anybody_says_nothing_of_a_credential() {
    let handed = "handed-over-credential-1";
    let at = |status: fn(&str) -> &'static str| async move {
        let server = serve(move |asked| answer(status(&asked.head), &[], asked.head.clone())).await;
        let url = format!("http://{}/me", server.address).parse().unwrap();
        let secret = Secret::new(handed.into());
        let look = scim(&server.base, TOKEN).look_at_credential(&url, &secret, false, &never()).await;
        saw(&look, look.seen, &[handed, TOKEN]);
        look.seen
    };
    assert_eq!(at(|_| "200 OK").await, Seen::NotEvaluated);
    assert_eq!(at(|_| "401 Unauthorized").await, Seen::NotEvaluated);
    assert_eq!(at(|_| "404 Not Found").await, Seen::NotEvaluated);
    assert_eq!(
        at(|head| if head.contains(TOKEN) { "200 OK" } else { "401 Unauthorized" }).await,
        Seen::Gone
    );
    assert_eq!(
        at(|head| if head.contains(TOKEN) || head.contains("handed-over") {
            "200 OK"
        } else {
            "401 Unauthorized"
        })
        .await,
        Seen::There
    );
    let known = at(|head| match () {
        () if head.contains(TOKEN) => "200 OK",
        () if head.contains("handed-over") => "403 Forbidden",
        () => "401 Unauthorized",
    });
    assert_eq!(known.await, Seen::Off);
    // Another origin hears nothing.
    let thief = serve(|_| answer("200 OK", &[], "")).await;
    let server = serve(|_| answer("200 OK", &[], "")).await;
    let url = format!("http://{}/me", thief.address).parse().unwrap();
    let look = scim(&server.base, TOKEN)
        .look_at_credential(&url, &Secret::new(handed.into()), true, &never())
        .await;
    assert_eq!((look.seen, thief.asked.lock().unwrap().len()), (Seen::NotEvaluated, 0));
}

fn backstage(server: &Server) -> BackstageClient {
    BackstageClient::new(BackstageConfig {
        name: "Portal".into(),
        base: format!("http://{}", server.address).parse().unwrap(),
        auth: AuthSettings::Bearer,
        secret: Some(Secret::new(TOKEN.into())),
        keep: None,
        ca_pem: None,
        headers: Vec::new(),
        request_budget: None,
        limits: limits(),
    })
    .unwrap()
}

fn json_ok(body: &Value) -> Reply {
    answer("200 OK", &[("Content-Type", "application/json")], body.to_string())
}

fn entity(name: &str) -> Value {
    json!({ "kind": "User", "metadata": { "name": name, "namespace": "default", "uid": "1" }, "spec": {}, "relations": [] })
}

/// A catalog that shows `there` to whoever asks, and answers about what may be read with `decision`.
fn catalog(asked: &Asked, there: &[&str], decision: &str) -> Reply {
    match asked.path.as_str() {
        "/api/permission/authorize" => {
            json_ok(&json!({ "items": [{ "id": "catalog", "result": decision }, { "id": "rbac", "result": decision }] }))
        }
        "/api/catalog/entities/by-refs" => {
            let body: Value = serde_json::from_str(&asked.body).unwrap();
            let refs = body["entityRefs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one.as_str().unwrap().rsplit('/').next().unwrap());
            let items: Vec<Value> = refs
                .map(|name| if there.contains(&name) { entity(name) } else { Value::Null })
                .collect();
            json_ok(&json!({ "items": items }))
        }
        "/api/catalog/entities/by-query" => {
            let items: Vec<Value> = there.iter().map(|name| entity(name)).collect();
            json_ok(&json!({ "items": items, "totalItems": items.len(), "pageInfo": {} }))
        }
        "/api/permission/roles" => json_ok(&json!([])),
        _ => answer("404 Not Found", &[], ""),
    }
}

#[tokio::test]
async fn a_catalog_that_shows_nobody_or_a_part_is_not_believed() {
    for (there, decision, expected) in [
        (&["bob"][..], "ALLOW", Seen::Gone),
        (&[][..], "ALLOW", Seen::NotEvaluated),
        (&["bob"][..], "CONDITIONAL", Seen::NotEvaluated),
        (&["ann"][..], "ALLOW", Seen::There),
    ] {
        let server = serve(move |asked| catalog(asked, there, decision)).await;
        let look = backstage(&server).look_at_entity("user:default/Ann", None, &never()).await;
        saw(&look, expected, &[TOKEN]);
        let roles = backstage(&server).look_at_roles("user:default/ann", &never()).await;
        saw(&roles, Seen::NotEvaluated, &[TOKEN]);
    }
}

#[tokio::test]
async fn a_sign_in_that_fails_for_everybody_says_nothing() {
    let (token, body) = (
        "signed-in-token-of-somebody-1",
        json!({ "backstageIdentity": { "token": "signed-in-token-of-somebody-1" } }),
    );
    for (ann, bob, expected) in [
        (500, 200, Seen::Gone),
        (500, 500, Seen::NotEvaluated),
        (200, 200, Seen::There),
        (404, 200, Seen::NotEvaluated),
    ] {
        let body = body.clone();
        let server = serve(move |asked| {
            let status = if asked.head.contains("x-forwarded-user: ann") { ann } else { bob };
            let status = match status {
                200 => return json_ok(&body),
                404 => "404 Not Found",
                _ => "500 Internal Server Error",
            };
            answer(status, &[], "{}")
        })
        .await;
        let request = |who: &str| Request {
            method: "POST".into(),
            url: format!("http://{}/api/auth/oauth2Proxy/refresh", server.address),
            headers: vec![("x-forwarded-user".into(), who.into())],
            body: None,
        };
        let look = backstage(&server)
            .look_at_sign_in("user:default/ann", &request("ann"), Some(&request("bob")), &never())
            .await;
        saw(&look, expected, &[TOKEN, token]);
        assert!(!server.heard().contains(TOKEN), "a sign-in carries no credential of the source's");
    }
}

#[tokio::test]
async fn whose_credential_it_is_is_asked_and_not_guessed() {
    let me = serve(|asked| if asked.path.ends_with("/Me") { ok(user(7)) } else { missing() }).await;
    assert_eq!(
        Client::Scim(scim(&me.base, TOKEN)).whose(&never()).await,
        Whose::Account("u7".into())
    );
    let html = serve(|_| ok("<html></html>")).await;
    assert!(matches!(
        Client::Scim(scim(&html.base, TOKEN)).whose(&never()).await,
        Whose::Unknown(_)
    ));
    let forbidden = "This endpoint does not allow 'service' credentials";
    for (reply, expected) in [
        (
            json_ok(&json!({ "claims": { "sub": "user:default/Ann" } })),
            Some(Whose::Account("user:default/ann".into())),
        ),
        (
            answer("403 Forbidden", &[], json!({ "error": { "message": forbidden } }).to_string()),
            Some(Whose::NoAccount),
        ),
        (answer("404 Not Found", &[], ""), None),
        (json_ok(&json!({ "claims": {} })), None),
    ] {
        let server = serve(move |_| reply.clone()).await;
        let whose = Client::Backstage(backstage(&server)).whose(&never()).await;
        match expected {
            Some(expected) => assert_eq!(whose, expected),
            None => assert!(matches!(whose, Whose::Unknown(_)), "{whose:?}"),
        }
    }
}
