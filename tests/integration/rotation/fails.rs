//! A new token that does not do: nothing has changed then, or a person decides.

use serde_json::Value;

use super::{IDP, QUICK, World, state};

/// The old one is in use, unrevoked, and alone in the keychain; what was made is revoked.
#[track_caller]
fn unchanged(world: &World) {
    let old = world.source(IDP).token;
    let tokens = world.tokens("idp");
    assert!(
        tokens.of(&old)["works"] == true && tokens.of(&old)["revoked"].is_null(),
        "{tokens:#?}"
    );
    assert_eq!(tokens.minted().len(), 1, "{tokens:#?}");
    assert!(tokens.minted()[0]["revoked"].is_i64(), "{tokens:#?}");
    assert_eq!(world.slots(1).into_values().collect::<Vec<_>>(), [old]);
    world.works(IDP);
    assert_eq!(world.credential(IDP).1["rotation"], Value::Null);
}

#[test]
fn a_broken_one_and_one_of_another_tenant_are_put_back() {
    for habit in ["broken", "other-tenant"] {
        let world = World::provider(&["--tokens", habit]);
        let ran = world.rotate(IDP, &["--every", "200ms", "--grace", "1s"]).ended(1);
        assert_eq!(state(&ran.json()), "putBack", "{habit}: {ran:#?}");
        unchanged(&world);
    }
}

#[test]
fn one_that_only_reads_is_taken_by_decision() {
    let world = World::provider(&["--tokens", "read-only"]);
    let ran = world.rotate(IDP, &QUICK).ended(3);
    assert_eq!(ran.json()["asks"]["kind"], "decide", "{ran:#?}");
    assert!(
        ran.stderr.contains("lanyard token rotate 1 --accept") && ran.stderr.contains("--put-back"),
        "{ran:#?}"
    );
    // Again without a word, it waits at the same place, and nothing is made.
    let _ = world.rotate(IDP, &[]).ended(3);
    assert_eq!(world.tokens("idp").minted().len(), 1);
    let ran = world.rotate(IDP, &["--accept", "it is meant to read only"]).ended(0);
    assert_eq!(state(&ran.json()), "done");
    let tokens = world.tokens("idp");
    assert_eq!(tokens.of(&world.source(IDP).token)["works"], false);
    assert_eq!(tokens.minted().len(), 1);
    world.works(IDP);
}

#[test]
fn one_that_sees_half_of_the_people_is_put_back_by_decision() {
    let world = World::provider(&["--tokens", "part"]);
    let ran = world.rotate(IDP, &QUICK).ended(3);
    let points = ran.json()["asks"]["points"].to_string();
    assert!(points.contains("people"), "{points}");
    let ran = world.rotate(IDP, &["--confirm", "revoke"]).ended(4);
    assert_eq!(ran.json()["error"]["code"], "rotation.movedOn");
    let ran = world.rotate(IDP, &["--put-back"]).ended(0);
    assert_eq!(state(&ran.json()), "putBack");
    unchanged(&world);
    // What is over is not gone back to.
    let _ = world.rotate(IDP, &["--put-back"]).ended(2);
}

#[test]
fn an_answer_that_is_lost_makes_no_second_token() {
    let world = World::provider(&["--tokens", "lose-mint"]);
    let _ = world.rotate(IDP, &QUICK).ended(0);
    let tokens = world.tokens("idp");
    assert_eq!(
        tokens.minted().len(),
        1,
        "the same request again is answered with the same token: {tokens:#?}"
    );
    world.works(IDP);
}

#[test]
fn a_provider_that_replaces_is_revoked_by_making() {
    let world = World::provider(&["--tokens", "replace", "overlap:1s"]);
    let _ = world.rotate(IDP, &QUICK).ended(0);
    assert_eq!(world.tokens("idp").of(&world.source(IDP).token)["works"], false);
    world.works(IDP);
}
