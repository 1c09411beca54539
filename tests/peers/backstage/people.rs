//! A person's sign-in at the real backend, without a browser: who approves it there is the test.

use std::sync::{Arc, Mutex};

use lanyard_engine::record::ResourceKind;
use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::SourceError;
use lanyard_engine::sources::backstage::{BackstageClient, BackstageConfig};
use lanyard_engine::view::AuthSettings;
use reqwest::Method;
use reqwest::header::LOCATION;
use tokio_util::sync::CancellationToken;

use super::house::House;

const AS_USER: AuthSettings = AuthSettings::UserToken { client_id: None };

/// A signed in person: the secret that is kept, in whatever state it is.
pub struct SignedIn(Arc<Mutex<Secret>>);

impl SignedIn {
    fn secret(&self) -> Secret {
        self.0.lock().unwrap().duplicate()
    }
}

/// Signs a person in, by the code flow with PKCE: the backend's own page is replaced by its API.
pub async fn sign_in(house: &House, name: &str) -> SignedIn {
    let sign_in = BackstageClient::sign_in(house.config(AS_USER, None)).await.unwrap();
    let begun = house.http().get(&sign_in.url).send().await.unwrap();
    assert_eq!(begun.status(), 302);
    let page = begun.headers()[LOCATION].to_str().unwrap().to_owned();
    let session = page.rsplit('/').next().unwrap();
    let approve = format!("api/auth/v1/sessions/{session}/approve");
    let (status, said) = house.ask(Method::POST, &approve, &house.user_token(name).await, None).await;
    assert_eq!(status, 200, "{said}");
    let back = said["redirectUrl"].as_str().unwrap().to_owned();

    // Somebody else's request to the listener ends nothing and gets nothing.
    let stranger = format!("{}?code=x&state=wrong", back.split('?').next().unwrap());
    let end = tokio::spawn(sign_in.end);
    assert_eq!(house.http().get(&stranger).send().await.unwrap().status(), 400);
    let shown = house.http().get(&back).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("You are signed in"), "{shown}");
    let secret = end.await.unwrap().unwrap();
    // One sign-in, one answer: nobody listens any more.
    assert!(house.http().get(&back).send().await.is_err());
    SignedIn(Arc::new(Mutex::new(secret)))
}

fn client(house: &House, signed_in: &SignedIn) -> BackstageClient {
    let place = signed_in.0.clone();
    BackstageClient::new(BackstageConfig {
        keep: Some(Arc::new(move |next| *place.lock().unwrap() = next)),
        ..house.config(AS_USER, Some(signed_in.secret()))
    })
    .unwrap()
}

/// A refresh token is good for as long as each is kept that comes in place of the last.
pub async fn goes_as(house: &House, signed_in: &SignedIn) {
    for _ in 0..2 {
        let before = signed_in.secret();
        let users = house.listed(&client(house, signed_in), ResourceKind::User).await;
        assert!(users.end.complete, "{:?}", users.end);
        assert!(
            before.expose() != signed_in.secret().expose(),
            "this backend has changed: its refresh tokens stay"
        );
    }
}

/// Who is gone gets no token any more.
pub async fn is_refused(house: &House, signed_in: &SignedIn) {
    let (sender, _receiver) = tokio::sync::mpsc::channel(4);
    let listed = client(house, signed_in)
        .list(ResourceKind::User, None, sender, &CancellationToken::new())
        .await;
    match listed {
        Err(
            error @ SourceError::SignIn {
                code: "signIn.refused", ..
            },
        ) => assert!(!format!("{:?}", error.fault()).contains("Bearer")),
        other => panic!("{other:?}"),
    }
}
