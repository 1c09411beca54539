//! Where the credential goes, and where it does not: one origin, and no error, log or detail.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::scim::{Auth, Found, Paging, ScimClient};
use lanyard_engine::view::Header;
use lanyard_tests::hostile::{Reply, answer, list as list_of, ok, page, serve, user};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt;

use crate::{TOKEN, client, config, list};

thread_local! {
    /// What was logged on this thread since it began to listen.
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Takes in what is logged on a thread that listens. One subscriber for all threads: tracing remembers who is interested.
struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.iter_mut().for_each(|log| log.extend_from_slice(bytes)));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens at the finest level, on this thread; these tests run their client and their servers on it.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let listening = dynamic_filter_fn(|_, _| LOG.with_borrow(Option::is_some));
        let layer = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(|| Sink)
            .with_filter(listening);
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
    });
    LOG.set(Some(Vec::new()));
}

/// What was logged; ends the listening.
fn logged() -> String {
    String::from_utf8_lossy(&LOG.take().unwrap_or_default()).into_owned()
}

const SECRET: &str = "hostile-client-secret-7";
const ACCESS: &str = "hostile-access-token-9";

#[tokio::test]
async fn a_server_that_sends_the_token_back_finds_it_redacted_everywhere() {
    listen();
    let mut told = String::new();
    for status in [
        "200 OK",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "418 Odd",
        "500 Broken",
        "429 Slow down",
    ] {
        let server = serve(move |asked| {
            let token = asked.head.lines().find_map(|line| line.split_once("Bearer ")).map_or("", |(_, token)| token).trim();
            let body = format!(
                r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"{token}","detail":"Token {token} of {} is wrong"}}"#,
                token.to_uppercase().to_lowercase()
            );
            let headers = [("X-Request-Id", token), ("Retry-After", "0"), ("Content-Type", &*format!("text/plain; x={token}"))];
            answer(status, &headers, body)
        })
        .await;
        let client = client(&server.base);
        let listed = list(&client, Paging::Index).await;
        let error = listed.end.unwrap_err();
        assert!(server.heard().contains(TOKEN), "the token was not even sent");
        let cancel = CancellationToken::new();
        let got = client.get("Users", "u1", &cancel).await.err();
        let (report, _) = client.probe(&cancel).await;
        told.push_str(&format!(
            "{error} {error:?} {} {got:?} {}",
            serde_json::to_string(&error.fault()).unwrap(),
            serde_json::to_string(&report).unwrap()
        ));
    }
    for place in ["/elsewhere", "http://127.0.0.2:9"] {
        let server = serve(move |_| answer("302 Found", &[("Location", &format!("{place}/?token={TOKEN}"))], TOKEN)).await;
        let error = list(&client(&server.base), Paging::Index).await.end.unwrap_err();
        told.push_str(&format!("{error} {error:?} {:?}", error.fault()));
    }
    assert!(told.contains("[redacted]"), "{told}");
    assert!(!told.to_lowercase().contains(&TOKEN.to_lowercase()), "{told}");
    let log = logged();
    assert!(log.contains("request failed"), "nothing was logged");
    let line = log.lines().find(|line| line.contains(TOKEN));
    assert!(line.is_none(), "the token is in the log: {line:?}");
}

#[tokio::test]
async fn no_server_can_send_the_token_to_another_origin() {
    let other = serve(|_| ok(list_of("0", &[]))).await;
    let elsewhere = other.base.clone();
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let location = format!("{elsewhere}/Users");
        let server = serve(move |_| answer(status, &[("Location", &location)], "")).await;
        assert_eq!(list(&client(&server.base), Paging::Index).await.verdict(), "error http.redirect");
    }
    // By cursor, by `$ref`, by `meta.location`, by an endpoint of ResourceTypes, by Link and Refresh headers.
    let home = elsewhere.clone();
    let server = serve(move |asked| {
        if asked.path.ends_with("/ResourceTypes") {
            return ok(format!(
                r#"{{"Resources":[{{"name":"User","endpoint":"{home}/Users"}},{{"name":"Group","endpoint":"//{}/Groups"}}]}}"#,
                &home[7..]
            ));
        }
        let body = format!(
            r#"{{"totalResults":1,"nextCursor":"{home}/Users?cursor=x","$ref":"{home}","Resources":[{{"id":"u1","userName":"a","meta":{{"location":"{home}/Users/u1","version":"W/\"1\""}}}}]}}"#
        );
        let links = [("Link", &*format!("<{home}/Users>; rel=next")), ("Refresh", &*format!("0; url={home}")), ("Content-Location", &*home.clone())];
        if asked.path.ends_with("/u1") { ok(r#"{"id":"u1"}"#) } else { answer("200 OK", &links, body) }
    })
    .await;
    let client = client(&server.base);
    let cancel = CancellationToken::new();
    list(&client, Paging::Index).await.end.unwrap();
    list(&client, Paging::Cursor).await.end.unwrap();
    client.probe(&cancel).await;
    assert!(matches!(client.get("Users", "u1", &cancel).await, Ok(Found::Here(_))));
    for id in [
        format!("{elsewhere}/Users/1"),
        "//127.0.0.2/x".into(),
        "../../x".into(),
        "@127.0.0.2".into(),
        "a?b#c".into(),
    ] {
        let _ = client.get("Users", &id, &cancel).await;
    }
    assert_eq!(other.heard(), "", "another origin was asked");
    for asked in server.asked.lock().unwrap().iter() {
        assert!(asked.path.starts_with("/scim/v2/"), "{}", asked.path);
    }
}

fn oauth(base: &str, token_url: &str) -> ScimClient {
    let mut config = config(base);
    config.auth = Auth::ClientCredentials {
        token_url: token_url.parse().unwrap(),
        client_id: "lanyard".into(),
        client_secret: Secret::new(SECRET.into()),
        scope: Some("scim.read".into()),
    };
    ScimClient::new(config).unwrap()
}

fn token_answer(lives: &str) -> Reply {
    answer(
        "200 OK",
        &[("Content-Type", "application/json")],
        format!(r#"{{"access_token":"{ACCESS}","token_type":"bearer","expires_in":{lives}}}"#),
    )
}

#[tokio::test]
async fn with_oauth_each_secret_goes_to_its_own_origin() {
    use base64::Engine as _;
    listen();
    let endpoint = serve(|_| token_answer("3600")).await;
    let server = serve(|asked| page(asked, 250, 100)).await;
    let client = oauth(&server.base, &endpoint.base);
    assert_eq!(list(&client, Paging::Index).await.verdict(), "complete 250");
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("lanyard:{SECRET}"));
    assert!(endpoint.heard().contains(&basic) && server.heard().contains(ACCESS));
    assert!(!endpoint.heard().contains(ACCESS) && !server.heard().contains(SECRET) && !server.heard().contains(&basic));
    assert_eq!(endpoint.asked.lock().unwrap().len(), 1, "one token was enough");
    assert!(endpoint.heard().contains("grant_type=client_credentials&scope=scim.read"));
    let log = logged();
    assert!(
        !log.contains(SECRET) && !log.contains(ACCESS) && !log.contains(&basic),
        "a secret is in the log"
    );
}

#[tokio::test]
async fn with_oauth_a_refused_token_is_renewed_once() {
    let endpoint = serve(|_| token_answer("\"3600\"")).await;
    let server = serve(|asked| {
        if asked.before == 1 {
            answer("401 Unauthorized", &[], "")
        } else {
            page(asked, 250, 100)
        }
    })
    .await;
    assert_eq!(
        list(&oauth(&server.base, &endpoint.base), Paging::Index).await.verdict(),
        "complete 250"
    );
    assert_eq!(endpoint.asked.lock().unwrap().len(), 2);

    let server = serve(|_| answer("401 Unauthorized", &[], "")).await;
    assert_eq!(
        list(&oauth(&server.base, &endpoint.base), Paging::Index).await.verdict(),
        "error scim.unauthorized"
    );
    assert_eq!(server.asked.lock().unwrap().len(), 2, "renewed more than once");
}

#[tokio::test]
async fn token_endpoints_that_misbehave() {
    let server = serve(|asked| page(asked, 2, 100)).await;
    let json = |status: &'static str, body: &'static str| answer(status, &[("Content-Type", "application/json")], body);
    for (reply, code) in [
        (
            json(
                "400 Bad Request",
                r#"{"error":"invalid_client","error_description":"unknown hostile-client-secret-7"}"#,
            ),
            "oauth.refused",
        ),
        (json("401 Unauthorized", ""), "oauth.refused"),
        (json("200 OK", r#"{"error":"invalid_scope"}"#), "oauth.refused"),
        (json("200 OK", "{}"), "oauth.refused"),
        (json("200 OK", r#"{"access_token":"","token_type":"bearer"}"#), "oauth.refused"),
        (json("200 OK", r#"{"access_token":"a\nb","token_type":"bearer"}"#), "oauth.refused"),
        (json("200 OK", r#"{"access_token":"x","token_type":"mac"}"#), "oauth.refused"),
        (json("200 OK", "[1]"), "oauth.refused"),
        (
            answer("200 OK", &[("Content-Type", "text/html")], "<html>login</html>"),
            "oauth.refused",
        ),
        (
            answer("302 Found", &[("Location", "http://127.0.0.2:9/token")], ""),
            "http.redirect",
        ),
        (
            answer("307 Temporary Redirect", &[("Location", "http://127.0.0.2:9/token")], ""),
            "http.redirect",
        ),
        (json("503 Service Unavailable", ""), "server.failed"),
        (Reply::Silence, "net.timeout"),
    ] {
        let shown = format!("{reply:?}");
        let endpoint = serve(move |_| reply.clone()).await;
        let error = list(&oauth(&server.base, &endpoint.base), Paging::Index).await.end.unwrap_err();
        assert_eq!(error.code(), code, "{error:?} {}", &shown[..shown.len().min(80)]);
        assert!(!format!("{error} {error:?} {:?}", error.fault()).contains(SECRET), "{error:?}");
    }
    assert!(server.asked.lock().unwrap().is_empty(), "the source was asked without a token");
}

#[tokio::test]
async fn basic_goes_out_as_basic_and_extra_headers_go_along() {
    let server = serve(|asked| page(asked, 2, 100)).await;
    let mut config = config(&server.base);
    config.auth = Auth::Basic {
        user: "svc".into(),
        password: Secret::new("p:w".into()),
    };
    config.headers = vec![Header {
        name: "X-Tenant".into(),
        value: "halcyon".into(),
    }];
    assert_eq!(list(&ScimClient::new(config).unwrap(), Paging::Index).await.verdict(), "complete 2");
    let heard = server.heard().to_lowercase();
    assert!(
        heard.contains("authorization: basic c3zjonA6dw==".to_lowercase().as_str()),
        "{heard}"
    );
    assert!(
        heard.contains("x-tenant: halcyon") && heard.contains("user-agent: lanyard/") && heard.contains("accept: application/scim+json"),
        "{heard}"
    );
}

#[tokio::test]
async fn the_request_budget_is_kept_to_the_request() {
    for budget in [0, 1, 3, 5] {
        let server = serve(|asked| page(asked, 5000, 100)).await;
        let mut config = config(&server.base);
        config.request_budget = Some(budget);
        let client = ScimClient::new(config).unwrap();
        let listed = list(&client, Paging::Index).await;
        assert_eq!(server.asked.lock().unwrap().len() as u64, budget);
        assert_eq!(client.traffic().requests, budget);
        match listed.end {
            Err(error) => assert!(budget == 0 && error.code() == "budget.spent", "{error:?}"),
            Ok(end) => assert!(!end.complete && end.reasons.iter().any(|reason| reason.code == "budget"), "{end:?}"),
        }
    }
}

#[tokio::test]
async fn waits_are_shown_and_end_at_once_when_cancelled() {
    let server = serve(|asked| {
        if asked.before == 0 {
            answer("429 Too Many Requests", &[("Retry-After", "1")], "")
        } else {
            ok(list_of("1", &[user(1)]))
        }
    })
    .await;
    let slow = client(&server.base);
    let watched = slow.clone();
    let (listed, shown) = tokio::join!(list(&slow, Paging::Index), async move {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        watched.traffic().waiting
    });
    assert_eq!(listed.verdict(), "complete 1");
    assert!(
        shown.as_deref().is_some_and(|shown| shown.contains("asks to wait 1 s")),
        "{shown:?}"
    );
    assert_eq!(slow.traffic().waiting, None);
    assert!(slow.traffic().retries >= 1);

    let mut config = config(&serve(|_| answer("429 Too Many Requests", &[("Retry-After", "30")], "")).await.base);
    config.limits.longest_wait_ms = 60_000;
    let client = ScimClient::new(config).unwrap();
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let started = std::time::Instant::now();
    let (counted, ()) = tokio::join!(client.count("Users", None, &cancel), async move {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        stop.cancel();
    });
    assert_eq!(counted.unwrap_err().code(), "cancelled");
    assert!(started.elapsed() < std::time::Duration::from_secs(3));
}
