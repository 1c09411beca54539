//! A token that leaked: revoked as soon as can be.

use super::{IDP, QUICK, World, state};

#[test]
fn with_a_credential_for_the_token_api_it_is_revoked_before_there_is_a_new_one() {
    let world = World::provider(&["--tokens", "overlap:1s", "no-self"]);
    let old = world.source(IDP).token;
    let manager = world.manager("idp").to_owned();
    let kept = world
        .lanyard
        .run_with(&["token", "manager", IDP, "--token-stdin", "--json"], &format!("{manager}\n"));
    assert!(!kept.ended(0).stdout.contains(&manager));
    assert_eq!(world.slots(1)["manager"], manager);
    let id = world.tokens("idp").of(&old)["id"].as_str().unwrap().to_owned();
    let ran = world.rotate(IDP, &[&QUICK[..], &["--leaked", "--old", &id]].concat()).ended(0);
    assert_eq!(state(&ran.json()), "done");
    let tokens = world.tokens("idp");
    let (was, new) = (tokens.of(&old), tokens.minted()[0]);
    assert!(was["revoked"].as_i64().unwrap() <= new["created"].as_i64().unwrap(), "{tokens:#?}");
    assert!(
        was["works"] == false && new["works"] == true && tokens.minted().len() == 1,
        "{tokens:#?}"
    );
    world.works(IDP);
    let _ = world.lanyard.run(&["token", "manager", IDP, "--forget", "--json"]).ended(0);
    assert_eq!(world.slots(1).len(), 1);
}

#[test]
fn without_one_it_makes_the_new_one_and_is_revoked_at_once() {
    let world = World::provider(&["--tokens", "start:1s"]);
    let old = world.source(IDP).token;
    let ran = world.rotate(IDP, &[&QUICK[..], &["--leaked"]].concat()).ended(0);
    let tokens = world.tokens("idp");
    let (was, new) = (tokens.of(&old), tokens.minted()[0]);
    // The new one begins a second after it was made: the old one did not wait for its proof.
    let revoked = was["revoked"].as_i64().unwrap();
    assert!(revoked < new["worksFrom"].as_i64().unwrap(), "{tokens:#?} {ran:#?}");
    assert!(was["works"] == false && tokens.minted().len() == 1, "{tokens:#?}");
    world.works(IDP);
}
