//! Sign-in for a desktop client.

use lanyard_lab::PortalQuirk;
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::*;

/// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "http://127.0.0.1:61023/done";

async fn form(client: &Client, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    read(
        client
            .bare(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body),
    )
    .await
}

/// Where the sign-in page sends the browser.
async fn authorize(client: &Client, id: &str, more: &[(&str, &str)]) -> Answer {
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", REDIRECT),
        ("state", "s t"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    query.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    query.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    read(client.bare(Method::GET, &format!("/api/auth/v1/authorize?{query}"))).await
}

fn sent_back(answer: &Answer) -> std::collections::BTreeMap<String, String> {
    assert_eq!(answer.status, 302, "{}", answer.value);
    let url = Url::parse(answer.header("location").expect("a location")).expect("a URL");
    assert!(url.as_str().starts_with(REDIRECT));
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_client_signs_a_user_in_and_stays_signed_in_until_the_user_leaves() {
    let (lab, handle, client) = portal(240, |_| {}).await;
    let about = read(client.bare(Method::GET, "/api/auth/.well-known/oauth-authorization-server"))
        .await
        .value;
    assert_eq!(about["issuer"], format!("{}/api/auth", handle.url()));
    assert_eq!(about["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(
        read(client.bare(Method::GET, "/.well-known/oauth-authorization-server"))
            .await
            .value,
        about
    );
    // Registered with another port: on loopback any port will do.
    let registered = post(
        &client,
        "/api/auth/v1/register",
        &json!({"client_name": "Lanyard", "redirect_uris": ["http://127.0.0.1/done"]}),
    )
    .await;
    assert_eq!(registered.status, 201);
    let id = registered.value["client_id"].as_str().expect("an id").to_owned();
    let back = sent_back(&authorize(&client, &id, &[("login_hint", "olena.shevchenko")]).await);
    assert_eq!(back["state"], "s t");
    let exchange = |code: String, verifier: &'static str| {
        let (client, id) = (&client, id.clone());
        async move {
            let pairs = [
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("code_verifier", verifier),
                ("redirect_uri", REDIRECT),
                ("client_id", &id),
            ];
            form(client, "/api/auth/v1/token", &pairs).await
        }
    };
    let granted = exchange(back["code"].clone(), VERIFIER).await;
    assert_eq!((granted.status, &granted.value["expires_in"]), (200, &json!(3600)));
    assert_eq!(granted.header("cache-control"), Some("no-store"));
    // A code is good for once, and for who asked for it.
    assert_eq!(exchange(back["code"].clone(), VERIFIER).await.value["error"], "invalid_grant");
    let other = sent_back(&authorize(&client, &id, &[]).await);
    assert_eq!(
        exchange(other["code"].clone(), "another-verifier-that-is-long-enough-to-be-one")
            .await
            .status,
        400
    );

    let olena = Client::at(handle.url(), granted.value["access_token"].as_str().expect("a token").to_owned());
    assert_eq!(
        olena.get("/api/catalog/entities/by-query?limit=0").await.value["totalItems"],
        handle.count()
    );
    let refresh = |token: String| {
        let client = &client;
        async move {
            form(
                client,
                "/api/auth/v1/token",
                &[("grant_type", "refresh_token"), ("refresh_token", &token)],
            )
            .await
        }
    };
    let first = granted.value["refresh_token"].as_str().expect("a token").to_owned();
    let renewed = refresh(first.clone()).await;
    assert_eq!(renewed.status, 200);
    assert_eq!(refresh(first).await.value["error"], "invalid_grant");
    let user = lab.provider().user_named("olena.shevchenko").expect("there");
    lab.provider().delete_user(user["id"].as_str().expect("an id")).expect("deleted");
    handle.run_feed();
    let refused = refresh(renewed.value["refresh_token"].as_str().expect("a token").to_owned()).await;
    assert_eq!((refused.status, &refused.value["error"]), (400, &json!("invalid_grant")));
    // A new sign-in breaks: 500, not 401.
    let refused = authorize(&client, &id, &[("login_hint", "olena.shevchenko")]).await;
    assert_eq!(error(&refused).0, 500);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_where_it_can_be_told() {
    let (_lab, handle, client) = portal(60, |_| {}).await;
    let register = |redirect: &str| json!({"redirect_uris": [redirect]});
    assert_eq!(
        post(&client, "/api/auth/v1/register", &register("https://elsewhere.example/"))
            .await
            .status,
        400
    );
    let id = post(&client, "/api/auth/v1/register", &register("http://127.0.0.1/done"))
        .await
        .value["client_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    // To an address that nobody registered nobody is sent.
    for more in [
        ("client_id", "unknown"),
        ("redirect_uri", "http://127.0.0.1:61023/other"),
        ("redirect_uri", "http://192.0.2.1/done"),
    ] {
        assert_eq!(authorize(&client, &id, &[more]).await.status, 400, "{more:?}");
    }
    for (more, wanted) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
    ] {
        let back = sent_back(&authorize(&client, &id, &[more]).await);
        assert_eq!((back["error"].as_str(), back["state"].as_str()), (wanted, "s t"));
    }
    assert_eq!(
        form(&client, "/api/auth/v1/token", &[("grant_type", "password")]).await.value["error"],
        "unsupported_grant_type"
    );
    handle.set_quirks([PortalQuirk::NoMetadata, PortalQuirk::NoRegistration]);
    assert_eq!(
        read(client.bare(Method::GET, "/api/auth/.well-known/oauth-authorization-server"))
            .await
            .status,
        404
    );
    assert_eq!(
        post(&client, "/api/auth/v1/register", &register("http://127.0.0.1/done"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_token_ends_with_its_life_and_a_proxy_may_name_the_user() {
    let (_lab, handle, client) = portal(60, |options| options.user_token_lifetime = Duration::from_millis(300)).await;
    let answer = read(
        client
            .bare(Method::POST, "/api/auth/oauth2Proxy/refresh")
            .header("x-forwarded-user", "olena.shevchenko_halcyon.example"),
    )
    .await;
    let identity = &answer.value["backstageIdentity"];
    assert_eq!(identity["identity"]["userEntityRef"], OLENA);
    let olena = Client::at(handle.url(), identity["token"].as_str().expect("a token").to_owned());
    assert_eq!(olena.get("/api/catalog/entities/by-query?limit=1").await.status, 200);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(error(&olena.get("/api/catalog/entities/by-query?limit=1").await).0, 401);
    let nobody = read(
        client
            .bare(Method::POST, "/api/auth/oauth2Proxy/refresh")
            .header("x-forwarded-user", "nobody"),
    )
    .await;
    assert_eq!(error(&nobody).0, 500);
}
