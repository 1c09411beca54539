//! A rotation that goes well: one new token, and the old one seen to die when its overlap ends.

use super::{IDP, QUICK, World, state};

#[test]
fn a_rotation_by_recipe_ends_with_the_old_one_proven_dead() {
    let world = World::provider(&["--tokens", "overlap:2s"]);
    let old = world.source(IDP).token;
    let shown = world.rotate(IDP, &[&QUICK[..], &["--plan"]].concat()).ended(0).json();
    assert!(
        shown["stages"].to_string().contains("/api/tokens") && shown["oldId"] == world.tokens("idp").of(&old)["id"],
        "{shown:#}"
    );
    assert_eq!(world.tokens("idp").minted().len(), 0, "a plan makes nothing");

    let ran = world.rotate(IDP, &QUICK).ended(0);
    let view = ran.json();
    assert_eq!(state(&view), "done", "{view:#}");
    let tokens = world.tokens("idp");
    let [new] = tokens.minted()[..] else { panic!("{tokens:#?}") };
    let was = tokens.of(&old);
    assert!(was["works"] == false && new["works"] == true, "{tokens:#?}");
    let (revoked, stopped) = (was["revoked"].as_i64().unwrap(), was["stops"].as_i64().unwrap());
    assert!(stopped >= revoked + 2_000, "the overlap is 2 s: {was:#}");
    let last = tokens.last_accepted(was);
    // It was asked with to the last, so what was accepted after the revoking was seen, and nothing after its end.
    assert!(last > revoked && last < stopped, "{revoked} {last} {stopped}");
    let moments = view["proof"]["moments"].as_array().unwrap();
    let row = moments.iter().rev().take_while(|moment| moment["counts"] == true).count();
    assert_eq!(row, 6, "{moments:#?}");
    assert!(
        moments.iter().filter(|moment| moment["old"]["accepted"] == true).count() > 2,
        "{moments:#?}"
    );
    // What moved was told as it moved, each record once.
    for told in [
        "about to ask the provider for a new one",
        "about to revoke the old one",
        "counting down",
        "6 of 6 in a row",
    ] {
        let lines = ran.stderr.to_lowercase();
        assert_eq!(lines.matches(told).count(), 1, "{told}: {}", ran.stderr);
    }

    // The keychain holds the new one and nothing else of this source.
    let slots = world.slots(1);
    assert_eq!(slots.keys().map(String::as_str).collect::<Vec<_>>(), [""], "{:?}", slots.keys());
    assert_eq!(tokens.of(&slots[""])["id"], new["id"]);
    world.works(IDP);
    assert_eq!(world.tokens("idp").last_accepted(was), last, "the old one is used no more");
    let (code, credential) = world.credential(IDP);
    assert_eq!((code, &credential["state"]), (0, &"good".into()), "{credential:#}");
    let listed = world.lanyard.run(&["token", "rotations", IDP, "--json"]).ended(0).json();
    assert_eq!(listed["rotations"][0]["state"], "done", "{listed:#}");
    let shown = world.lanyard.run(&["token", "show", "1"]).ended(0);
    assert!(
        shown.stdout.contains("Prove the old one dead") && shown.stdout.contains("The old one is dead"),
        "{}",
        shown.stdout
    );
}

#[test]
fn days_are_set_and_told() {
    let world = World::provider(&[]);
    let set = |arguments: &[&str]| world.lanyard.run(&[&["token", "set", IDP, "--json"], arguments].concat());
    let due = set(&["--expires", "2020-05-01"]).ended(0).json();
    assert_eq!(due["state"], "expired", "{due:#}");
    assert_eq!(world.credential(IDP).0, 1, "one that is over needs somebody");
    let soon = set(&["--no-expiry", "--every", "10d", "--warn", "14d"]).ended(0).json();
    assert_eq!(
        (&soon["state"], &soon["expiresAt"]),
        (&"dueSoon".into(), &serde_json::Value::Null),
        "{soon:#}"
    );
    let none = set(&["--no-rotation"]).ended(0).json();
    assert!(none["dueAt"].is_null() && none["policy"]["warnDays"] == 14, "{none:#}");
    let _ = set(&["--every", "5h"]).ended(2);
    assert_eq!(
        world.lanyard.run(&["token", "verify", IDP, "--json"]).ended(0).json()["works"],
        "yes"
    );
    assert_eq!(world.credential(IDP).0, 0);
}

#[test]
fn a_second_process_follows_the_rotation_that_the_first_one_drives() {
    let world = World::provider(&["--tokens", "overlap:3s"]);
    let arguments = [&["token", "rotate", IDP][..], &QUICK].concat();
    let mut first = world.lanyard.spawn(&arguments);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let open = |world: &World| world.lanyard.run(&["token", "rotations", "--json"]).json()["rotations"][0]["state"].is_string();
    while !open(&world) && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let second = world.rotate(IDP, &[]).ended(0);
    assert_eq!(state(&second.json()), "done");
    assert!(second.stderr.contains("The old one is dead"), "{second:#?}");
    let first = lanyard_tests::process::wait(&mut first, std::time::Duration::from_secs(30)).unwrap();
    assert_eq!(first.code(), Some(0));
    assert_eq!(world.tokens("idp").minted().len(), 1);
    let listed = world.lanyard.run(&["token", "rotations", "--json"]).ended(0).json();
    assert_eq!(listed["rotations"].as_array().unwrap().len(), 1, "{listed:#}");
    world.works(IDP);
}
