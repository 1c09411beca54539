//! A rotation in which a person does what no request does: it stops at each step, says which command goes on, and goes on.

use reqwest::Method;
use serde_json::json;

use super::{IDP, QUICK, World, state};

#[test]
fn each_step_by_hand_stops_it_and_names_the_command_that_goes_on() {
    let world = World::provider(&[]);
    let old = world.source(IDP).token;
    let begin = [&QUICK[..], &["--by-hand", "--user-by-hand", "the HR export"]].concat();
    let ran = world.rotate(IDP, &begin).ended(3);
    assert_eq!(ran.json()["asks"]["kind"], "paste", "{ran:#?}");
    assert!(ran.stderr.contains("lanyard token rotate 1 --token-stdin"), "{ran:#?}");
    // The present one is not taken for a new one, and nothing is lost by trying.
    let ran = world.rotate_with(IDP, &[], &old);
    assert!(ran.code == 2 || ran.code == 4, "{ran:#?}");

    // A wrong one is let go of, and another is asked for. It is asked with for as long as a new one may take, 3 s here.
    let ran = world.rotate_with(IDP, &[], "idp_not-a-token").ended(3);
    assert_eq!(ran.json()["asks"]["kind"], "paste", "{ran:#?}");
    assert!(
        ran.json()["asks"]["again"].is_string() && ran.stderr.contains("Another one is wanted"),
        "{ran:#?}"
    );

    let (status, made) = world.api(IDP, &old, Method::POST, "api/tokens", Some(&json!({ "name": "by hand" })));
    assert_eq!(status, 201, "{made}");
    let new = made["token"].as_str().unwrap();
    let ran = world.rotate_with(IDP, &[], new).ended(3);
    assert_eq!(ran.json()["asks"]["kind"], "handOver", "{ran:#?}");
    assert!(ran.stderr.contains("lanyard token rotate 1 --confirm 'the HR export'"), "{ran:#?}");
    assert!(!ran.stderr.contains(new) && !ran.stdout.contains(new), "{ran:#?}");
    let _ = world.rotate(IDP, &["--confirm", "the cron job"]).ended(2);
    let ran = world.rotate(IDP, &["--confirm", "the HR export", "--note", "its vault"]).ended(3);
    assert_eq!(ran.json()["asks"]["kind"], "revoke", "{ran:#?}");
    assert!(ran.stderr.contains("lanyard token rotate 1 --confirm revoke"), "{ran:#?}");
    assert_eq!(world.slots(1)[""], new, "it is in use by now");

    // Said and not done is found out.
    let ran = world.rotate(IDP, &["--confirm", "revoke"]).ended(1);
    assert_eq!(state(&ran.json()), "oldLives", "{ran:#?}");
    let id = world.tokens("idp").of(&old)["id"].as_str().unwrap().to_owned();
    let (status, _) = world.api(IDP, new, Method::DELETE, &format!("api/tokens/{id}"), None);
    assert_eq!(status, 204);
    let view = world.rotate(IDP, &[]).ended(0).json();
    assert_eq!(state(&view), "done");
    assert!(view["story"].to_string().contains("its vault"), "{view:#}");
    world.works(IDP);
}

#[test]
fn a_rotation_is_stopped_and_goes_on_and_one_at_a_time() {
    let world = World::provider(&[]);
    let _ = world.rotate(IDP, &["--stop"]).ended(2);
    let _ = world.rotate(IDP, &[&QUICK[..], &["--by-hand"]].concat()).ended(3);
    let _ = world.rotate(IDP, &["--stop"]).ended(0);
    assert_eq!(state(&world.lanyard.run(&["token", "show", "1", "--json"]).json()), "stopped");
    // While it is open, what the source is asked with is not replaced beside it.
    let ran = world
        .lanyard
        .run_with(&["token", "replace", IDP, "--token-stdin", "--json"], "x")
        .ended(4);
    assert_eq!(ran.json()["error"]["code"], "rotation.open");
    let ran = world.rotate(IDP, &[]).ended(3);
    assert_eq!(ran.json()["asks"]["kind"], "paste");
    let _ = world.rotate(IDP, &["--put-back"]).ended(0);
    world.works(IDP);
}
