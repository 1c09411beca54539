//! Signing in by the browser, and renewing.

use super::*;

/// An authorization server: what it says about itself is changed by the case, and so is what its token endpoint answers.
async fn authority(change: impl Fn(&mut Value) + Send + Sync + 'static, token: Behaviour) -> Server {
    serve(move |asked| {
        let issuer = format!("http://{}/api/auth", asked.host);
        match asked.path.as_str() {
            "/api/auth/.well-known/openid-configuration" => {
                let mut about = json!({
                    "issuer": issuer, "authorization_endpoint": format!("{issuer}/v1/authorize"), "token_endpoint": format!("{issuer}/v1/token"),
                    "registration_endpoint": format!("{issuer}/v1/register"), "code_challenge_methods_supported": ["S256"],
                    "scopes_supported": ["openid", "offline_access"],
                });
                change(&mut about);
                ok(&about)
            }
            "/api/auth/v1/register" => answer("201 Created", &[("Content-Type", "application/json")], json!({ "client_id": "c-1" }).to_string()),
            "/api/auth/v1/token" => token(asked),
            _ => missing(),
        }
    })
    .await
}

fn as_user() -> AuthSettings {
    AuthSettings::UserToken { client_id: None }
}

#[tokio::test]
async fn a_sign_in_is_not_begun_where_it_could_not_end_well() {
    let elsewhere = "https://elsewhere.example/x";
    for (code, name, value) in [
        ("signIn.otherOrigin", "token_endpoint", json!(elsewhere)),
        ("signIn.otherOrigin", "authorization_endpoint", json!(elsewhere)),
        ("signIn.otherOrigin", "registration_endpoint", json!(elsewhere)),
        ("signIn.noPkce", "code_challenge_methods_supported", json!(["plain"])),
        ("signIn.noClient", "registration_endpoint", Value::Null),
        ("signIn.notOffered", "token_endpoint", Value::Null),
    ] {
        let server = authority(move |about| about[name] = value.clone(), |_| missing()).await;
        let begun = BackstageClient::sign_in(config(&server, as_user(), None)).await;
        assert_eq!(begun.err().map(|error| error.code()), Some(code), "{name}");
    }
}

/// Where the browser is sent, and with what.
fn sent(url: &str) -> (String, String) {
    let url: reqwest::Url = url.parse().unwrap();
    let part = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(
        (
            part("response_type").as_str(),
            part("code_challenge_method").as_str(),
            part("client_id").as_str()
        ),
        ("code", "S256", "c-1")
    );
    (part("redirect_uri"), part("state"))
}

#[tokio::test]
async fn only_the_browser_that_was_sent_ends_a_sign_in() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let issued = |_: &Asked| ok(&json!({ "access_token": "access-7c1d", "token_type": "Bearer", "expires_in": 3600 }));
    let browser = reqwest::Client::new();
    let get = async |url: String| browser.get(url).send().await.unwrap().status().as_u16();

    let server = authority(|_| {}, issued).await;
    let sign_in = BackstageClient::sign_in(config(&server, as_user(), None)).await.unwrap();
    let (redirect, state) = sent(&sign_in.url);
    let end = tokio::spawn(sign_in.end);
    let home = redirect.trim_end_matches("/callback").to_owned();
    // A connection that says nothing, others' requests, a guess at the state, another issuer's answer: none of them ends it.
    let idle = tokio::net::TcpStream::connect(home.trim_start_matches("http://")).await.unwrap();
    assert_eq!(get(format!("{home}/favicon.ico")).await, 404);
    assert_eq!(get(format!("{redirect}?code=stolen&state=guess")).await, 400);
    assert_eq!(get(format!("{redirect}?code=stolen")).await, 400);
    assert_eq!(
        get(format!("{redirect}?code=other&state={state}&iss=https%3A%2F%2Fevil.example")).await,
        400
    );
    assert!(!end.is_finished());
    assert_eq!(get(format!("{redirect}?code=right&state={state}")).await, 200);
    drop(idle);
    let secret = end.await.unwrap().unwrap();
    // No refresh token came: the access token is what there is.
    assert!(secret.expose().contains("access-7c1d"));
    let heard = server.heard();
    assert!(
        heard.contains("code=right") && !heard.contains("stolen") && heard.contains("code_verifier="),
        "{heard}"
    );

    // Declined, and refused by the token endpoint.
    let declined = authority(|_| {}, issued).await;
    let sign_in = BackstageClient::sign_in(config(&declined, as_user(), None)).await.unwrap();
    let (redirect, state) = sent(&sign_in.url);
    let end = tokio::spawn(sign_in.end);
    get(format!(
        "{redirect}?error=access_denied&error_description=User+denied&state={state}"
    ))
    .await;
    let error = end.await.unwrap().err().unwrap();
    assert!(
        error.code() == "signIn.declined" && error.to_string().contains("User denied"),
        "{error}"
    );

    let no = authority(
        |_| {},
        |_| {
            answer(
                "400 Bad Request",
                &[("Content-Type", "application/json")],
                r#"{"error":"invalid_grant"}"#,
            )
        },
    )
    .await;
    let sign_in = BackstageClient::sign_in(config(&no, as_user(), None)).await.unwrap();
    let (redirect, state) = sent(&sign_in.url);
    let end = tokio::spawn(sign_in.end);
    get(format!("{redirect}?code=once-4711&state={state}")).await;
    let error = end.await.unwrap().err().unwrap();
    assert_eq!(error.code(), "signIn.refused");
    assert!(!format!("{error:?} {:?}", error.fault()).contains("once-4711"), "{error:?}");
}

#[tokio::test]
async fn a_token_is_renewed_and_what_comes_in_its_place_is_kept() {
    // Each refresh token is good once; each access token for two requests.
    let turns = Arc::new(std::sync::Mutex::new((0_usize, 0_usize)));
    let there = Arc::clone(&turns);
    let server = serve(move |asked| {
        let mut turns = there.lock().unwrap();
        let issuer = format!("http://{}/api/auth", asked.host);
        match asked.path.as_str() {
            "/api/auth/.well-known/openid-configuration" => {
                ok(&json!({ "authorization_endpoint": format!("{issuer}/a"), "token_endpoint": format!("{issuer}/t") }))
            }
            "/api/auth/t" if asked.body.contains(&format!("refresh_token=refresh-{}&", turns.0)) => {
                *turns = (turns.0 + 1, 0);
                ok(&json!({ "access_token": format!("access-{}", turns.0), "token_type": "bearer", "refresh_token": format!("refresh-{}", turns.0) }))
            }
            "/api/auth/t" => answer("400 Bad Request", &[("Content-Type", "application/json")], r#"{"error":"invalid_grant"}"#),
            path if path.starts_with("/api/catalog") || path.starts_with("/api/permission") => {
                turns.1 += 1;
                let good = asked.head.contains(&format!("Bearer access-{}\r\n", turns.0)) && turns.1 <= 2;
                if !good {
                    return refused("401 Unauthorized", "expired");
                }
                if path.ends_with("authorize") { missing() } else { honest(asked, 250, 250, 250) }
            }
            _ => missing(),
        }
    })
    .await;
    let kept: Arc<std::sync::Mutex<Vec<Secret>>> = Arc::default();
    let place = Arc::clone(&kept);
    let as_client = AuthSettings::UserToken {
        client_id: Some("given".into()),
    };
    let client = BackstageClient::new(BackstageConfig {
        keep: Some(Arc::new(move |secret| place.lock().unwrap().push(secret))),
        ..config(&server, as_client, Some("refresh-0"))
    })
    .unwrap();
    let (end, came) = list(&client, ResourceKind::User).await;
    assert_eq!((verdict(&end).as_str(), came), ("complete 250", 250));
    let kept = kept.lock().unwrap();
    let turns = turns.lock().unwrap().0;
    assert!(turns >= 2 && kept.len() == turns, "{turns} turns, {} kept", kept.len());
    assert!(kept.last().unwrap().expose().contains(&format!("refresh-{turns}")));
}
