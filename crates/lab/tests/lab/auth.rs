//! Who is let in: bearer, Basic, client credentials; and tokens that are revoked.

use reqwest::Method;
use serde_json::Value;

use crate::client::{lab, read};

#[tokio::test]
async fn without_a_good_token_only_the_configuration_is_shown() {
    let (_lab, client) = lab(20, |_| {}).await;
    for path in ["/Users", "/Groups", "/Schemas", "/ResourceTypes", "/Me", "/nowhere"] {
        let answer = read(client.bare(Method::GET, path)).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(
            answer
                .header("www-authenticate")
                .is_some_and(|challenge| challenge.starts_with("Bearer")),
            "{path}"
        );
        assert_eq!(answer.value["status"], "401");
    }
    assert_eq!(read(client.bare(Method::GET, "/Users").bearer_auth("made-up")).await.status, 401);
    assert_eq!(read(client.bare(Method::GET, "/ServiceProviderConfig")).await.status, 200);
    assert_eq!(client.get("/Users").await.status, 200);
}

#[tokio::test]
async fn basic_is_accepted_where_it_is_switched_on() {
    let (lab, client) = lab(20, |options| {
        options.provider.auth.basic = Some(("lanyard".to_owned(), "pass:word".to_owned()));
    })
    .await;
    let ask = |user: &'static str, password| client.bare(Method::GET, "/Users").basic_auth(user, Some(password));
    assert_eq!(read(ask("lanyard", "pass:word")).await.status, 200);
    let refused = read(ask("lanyard", "wrong")).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.headers.get_all("www-authenticate").iter().count(), 2);
    let other = crate::client::Client::of(&lab.downstream());
    assert_eq!(
        read(other.bare(Method::GET, "/Users").basic_auth("lanyard", Some("pass:word")))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_client_gets_a_token_for_its_secret() {
    let (_lab, client) = lab(20, |options| {
        options.provider.auth.bearer = false;
        options.provider.auth.client = Some(("lanyard".to_owned(), "s3cret".to_owned()));
    })
    .await;
    assert_eq!(client.get("/Users").await.status, 401, "the static token is switched off");
    let endpoint = client.url.replace("/scim/v2", "/oauth/token");
    let form = "grant_type=client_credentials&client_id=lanyard&client_secret=";
    let ask = |secret: &str| {
        let body = format!("{form}{secret}");
        reqwest::Client::new()
            .post(&endpoint)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    };
    let refused = read(ask("wrong")).await;
    assert_eq!((refused.status, &refused.value["error"]), (401, &Value::from("invalid_client")));
    let granted = read(ask("s3cret")).await;
    assert_eq!(granted.status, 200);
    assert_eq!(granted.value["token_type"], "Bearer");
    let token = granted.value["access_token"].as_str().expect("a token");
    assert_eq!(read(client.bare(Method::GET, "/Users").bearer_auth(token)).await.status, 200);
}

#[tokio::test]
async fn a_token_dies_when_it_is_revoked_and_not_before() {
    let (lab, client) = lab(20, |_| {}).await;
    let old = client.token.clone();
    let new = lab.provider().issue_token();
    let ask = |token: &str| client.bare(Method::GET, "/Users?count=0").bearer_auth(token);
    assert_eq!(read(ask(&old)).await.status, 200);
    assert_eq!(read(ask(&new)).await.status, 200);
    assert!(lab.provider().revoke_token(&old));
    assert_eq!(read(ask(&old)).await.status, 401);
    assert_eq!(read(ask(&new)).await.status, 200);
}
