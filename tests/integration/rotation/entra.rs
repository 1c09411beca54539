//! Rotations with Entra: its provisioning job that holds the token too, and the secret of Lanyard's own application.

use serde_json::Value;

use super::{APP, QUICK, TENANT, World, sha256, state};

#[test]
fn entras_job_is_given_the_new_one_and_is_never_locked_out() {
    let options = [
        "--tokens",
        "ledgerly/overlap:1s",
        "--fault",
        "azure/sync:300ms",
        "azure/sync-takes:50ms",
    ];
    let world = World::open("scim,azure", &[APP, TENANT], &options);
    let _ = world.lanyard.run(&["sync", TENANT, "--json"]).ended(0);
    let view = world.rotate(APP, &QUICK).ended(0).json();
    assert_eq!(state(&view), "done", "{view:#}");
    assert_eq!(view["users"][0]["kind"], "entraJob", "{view:#}");
    let new = world.slots(1)[""].clone();
    let job = &world.tokens("azure").0["job"];
    assert_eq!(
        (&job["sha256"], &job["code"]),
        (&Value::from(sha256(&new)), &"Active".into()),
        "{job:#}"
    );
    assert!(job["quarantines"] == 0 && job["quarantinedSince"].is_null(), "{job:#}");
    assert_eq!(world.tokens("ledgerly").of(&world.source(APP).token)["works"], false);
    world.works(APP);

    // Where the job is not handed over to, it is left with a dead token: that is what handing over is for.
    let world = World::open("scim,azure", &[APP, TENANT], &options);
    let _ = world.lanyard.run(&["sync", TENANT, "--json"]).ended(0);
    let _ = world.rotate(APP, &[&QUICK[..], &["--no-hand-over"]].concat()).ended(0);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while world.tokens("azure").0["job"]["quarantines"] == 0 && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_ne!(world.tokens("azure").0["job"]["quarantines"], 0);
}

#[test]
fn the_secret_of_lanyards_own_application_is_rotated_by_entra() {
    let world = World::open("scim,azure", &[TENANT], &["--tokens", "azure/overlap:1s"]);
    let old = world.source(TENANT).token;
    let view = world.rotate(TENANT, &QUICK).ended(0).json();
    assert_eq!(state(&view), "done", "{view:#}");
    let tokens = world.tokens("azure");
    assert_eq!(tokens.of(&old)["works"], false, "{tokens:#?}");
    let slots = world.slots(1);
    assert!(slots.len() == 1 && tokens.of(&slots[""])["works"] == true, "{tokens:#?}");
    world.works(TENANT);
}
