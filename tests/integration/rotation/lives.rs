//! A provider that says “revoked” and goes on accepting, and one that accepts anything: neither passes for proof.

use super::{IDP, QUICK, World, state};

#[test]
fn an_old_one_that_lives_on_is_said_and_shown_until_it_is_dead() {
    let world = World::provider(&["--tokens", "lying"]);
    let ran = world.rotate(IDP, &["--every", "200ms", "--grace", "1s"]).ended(1);
    assert_eq!(state(&ran.json()), "oldLives", "{ran:#?}");
    assert!(ran.stderr.contains("lanyard token rotate 1"), "{ran:#?}");
    let (code, credential) = world.credential(IDP);
    assert_eq!((code, &credential["state"]), (1, &"oldLives".into()), "{credential:#}");
    let old = world.source(IDP).token;
    // The old value is kept, or nobody could ask with it.
    assert_eq!(world.slots(1)["previous"], old);
    world.works(IDP);

    // Asked again while nothing has changed, it says the same.
    let ran = world.rotate(IDP, &[]).ended(1);
    assert_eq!(state(&ran.json()), "oldLives");
    world.switch(&[], &["idp/tokens:lying"]);
    world.now();
    assert!(!world.lets_in(IDP, &old));
    let view = world.rotate(IDP, &[]).ended(0).json();
    assert_eq!(state(&view), "done", "{view:#}");
    assert_eq!(world.slots(1).len(), 1);
    assert_eq!(world.credential(IDP).1["state"], "good");
    assert_eq!(world.tokens("idp").minted().len(), 1);
    world.works(IDP);
}

#[test]
fn a_server_that_checks_nothing_proves_nothing() {
    let world = World::provider(&["--tokens", "open"]);
    let replace = ["token", "replace", IDP, "--token-stdin", "--json"];
    let ran = world.lanyard.run_with(&replace, "idp_not-a-token").ended(3);
    assert_eq!(ran.json()["error"]["code"], "token.unclear", "{ran:#?}");
    let ran = world.rotate(IDP, &QUICK).ended(4);
    let view = ran.json();
    assert_eq!(
        (state(&view), &view["fault"]["code"]),
        ("stopped", &"token.unchecked".into()),
        "{view:#}"
    );
    assert_eq!(world.tokens("idp").minted().len(), 0);
    let check = world.lanyard.run(&["token", "verify", IDP, "--json"]).ended(3).json();
    assert_eq!(check["works"], "notEvaluated", "{check:#}");
    // It is mended, and the same command goes on.
    world.switch(&[], &["idp/tokens:open"]);
    let _ = world.rotate(IDP, &[]).ended(0);
    world.works(IDP);
}
