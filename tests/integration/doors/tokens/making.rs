//! Made, listed, revoked, by the demo company's recipe.

use lanyard_engine::sources::tokens::{MakeError, Stands, TokenApi};
use lanyard_lab::TokenHabit;

use super::{App, recipe, wish};
use crate::never;

/// Why nothing is in hand.
async fn failed(api: &TokenApi, name: &str) -> MakeError {
    match api.make(&wish(name), &never()).await {
        Ok(_) => panic!("a token was made"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_as_shown_listed_and_revoked() {
    let app = App::start([]).await;
    let api = app.api();
    assert!(api.can_make() && api.can_list() && api.can_revoke() && api.makes_again() && !api.replaces());
    let now = 1_790_000_000_000;
    let mut wished = wish("lanyard 1");
    (wished.now, wished.expires_at) = (now, Some(4_102_444_800_000));
    let shown = api.make_request(&wished).unwrap();
    assert!(shown.body.as_ref().unwrap().contains("2100-01-01T00:00:00Z"), "{shown:?}");
    assert!(shown.headers.contains(&("Idempotency-Key".into(), wished.key.clone())), "{shown:?}");
    let made = api.make(&wished, &never()).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!((made.status, made.expires_at), (201, wished.expires_at));
    assert!(made.created_at.is_some());
    assert_eq!(app.stands(made.value.expose()).await, (Stands::Accepted, Stands::Accepted));

    let id = made.id.unwrap();
    let listed = api.list(&never()).await.unwrap();
    let ours = listed.iter().find(|token| token.id == id).unwrap();
    assert_eq!(
        (ours.name.as_str(), ours.expires_at, ours.revoked, ours.ours),
        ("lanyard 1", wished.expires_at, false, false)
    );
    assert!(ours.used_at.is_some() && ours.created_at == made.created_at, "{ours:?}");

    let request = api.revoke_request(&id).unwrap();
    assert!(request.url.ends_with(&format!("/api/tokens/{id}")), "{request:?}");
    app.handle
        .set(|options| options.tokens.overlap = std::time::Duration::from_secs(600));
    let revoked = api.revoke(&id, &never()).await.unwrap();
    assert_eq!((revoked.status, revoked.already_gone), (204, false));
    let listed = api.list(&never()).await.unwrap();
    let ours = listed.iter().find(|token| token.id == id).unwrap();
    assert!(ours.revoked && ours.works_until.is_some(), "{ours:?}");
    app.handle.settle();
    assert!(!api.list(&never()).await.unwrap().iter().any(|token| token.id == id));
    let again = api.revoke(&id, &never()).await.unwrap();
    assert_eq!((again.status, again.already_gone), (404, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_refuses_has_made_nothing() {
    let two = App::start([TokenHabit::Two]).await;
    two.make("second").await;
    let MakeError::Refused { status, says, fault } = failed(&two.api(), "third").await else {
        panic!("not refused")
    };
    assert_eq!((status, two.mints()), (409, 1));
    assert!(
        says.contains("two tokens already") && fault.means.contains("No token was made"),
        "{says} {fault:?}"
    );

    let alone = App::start([TokenHabit::NoSelf]).await;
    let MakeError::Refused { status: 403, says, .. } = failed(&alone.api(), "own").await else {
        panic!("not refused")
    };
    assert!(says.contains("right to manage tokens"), "{says}");
    let manager = TokenApi::by_recipe(&recipe(), &alone.with(&alone.handle.manager_token())).unwrap();
    assert!(manager.make(&wish("by a manager"), &never()).await.is_ok());
    assert_eq!(
        manager
            .list(&never())
            .await
            .unwrap()
            .iter()
            .filter(|token| token.name == "by a manager")
            .count(),
        1
    );
    assert_eq!(alone.api().list(&never()).await.unwrap_err().code(), "scim.forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_one_ends_the_old_where_the_provider_does_so() {
    let app = App::start([TokenHabit::Replace]).await;
    let old = app.handle.token();
    let made = app.make("new").await;
    assert_eq!(app.stands(made.value.expose()).await.0, Stands::Accepted);
    assert_eq!(app.stands(&old).await.0, Stands::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_had_again_by_its_key_or_found_in_the_list() {
    let app = App::start([TokenHabit::LoseMint]).await;
    let api = app.api();
    let failure = failed(&api, "lost").await;
    let MakeError::Lost(fault) = failure else { panic!("{failure:?}") };
    assert_eq!(fault.code, "net.lost", "{fault:?}");
    assert_eq!(app.mints(), 1, "it went out once");
    let made = api.make(&wish("lost"), &never()).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(app.mints(), 1, "the same key makes nothing");
    assert_eq!(app.stands(made.value.expose()).await.0, Stands::Accepted);

    let app = App::start([TokenHabit::LoseMint, TokenHabit::NoReplay]).await;
    let api = app.api();
    assert!(matches!(failed(&api, "lost").await, MakeError::Lost(_)));
    let there = api.list(&never()).await.unwrap();
    let there: Vec<_> = there.iter().filter(|token| token.name == "lost").collect();
    assert_eq!(there.len(), 1);
    assert!(!api.revoke(&there[0].id, &never()).await.unwrap().already_gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_out_that_was_cancelled_or_cannot_arrive() {
    let app = App::start([]).await;
    let cancelled = never();
    cancelled.cancel();
    let error = app.api().make(&wish("never"), &cancelled).await;
    assert!(matches!(error, Err(MakeError::NotSent(_))));
    assert_eq!(app.mints(), 0);
    let nobody = lanyard_engine::sources::Client::Scim(crate::scim("http://127.0.0.1:9/scim/v2", crate::TOKEN));
    let api = TokenApi::by_recipe(&recipe(), &nobody).unwrap();
    assert!(matches!(failed(&api, "nowhere").await, MakeError::NotSent(_)));
    // The recipe is for another host.
    let other = lanyard_engine::sources::Client::Scim(crate::scim("http://localhost:9/scim/v2", crate::TOKEN));
    assert!(TokenApi::by_recipe(&recipe(), &other).is_err());
    drop(app.lab);
}
