//! After all of it, no value of a token stands anywhere but in the keychain: not in the data folder, the logs, the exports, the arguments or the environment.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use lanyard_tests::process::wait;
use lanyard_tests::window::search::files_with;

use super::{IDP, QUICK, World};

#[test]
fn no_value_of_a_token_is_left_anywhere() {
    let world = World::provider(&["--tokens", "overlap:1s"]);
    let mut values = BTreeSet::from([world.source(IDP).token, world.manager("idp").to_owned()]);
    let loud = world.lanyard.clone().with("RUST_LOG", "trace");
    let mut said = Vec::new();
    let keep = ["token", "manager", IDP, "--token-stdin"];
    said.push(loud.run_with(&keep, world.manager("idp")).ended(0).stderr);
    let id = world.tokens("idp").of(&world.source(IDP).token)["id"].as_str().unwrap().to_owned();

    let mut arguments = vec!["token", "rotate", IDP, "--json", "--old", &id];
    arguments.extend(QUICK);
    let output = |name: &str| fs::File::create(world.data.path().join(name)).unwrap();
    let mut child = loud
        .command(&arguments)
        .stdin(Stdio::null())
        .stdout(output("rotate.out"))
        .stderr(output("rotate.err"))
        .spawn()
        .unwrap();
    let mut processes = String::new();
    let mut seen = 0;
    while child.try_wait().unwrap().is_none() {
        values.extend(world.slots(1).into_values());
        for file in ["cmdline", "environ"] {
            let bytes = fs::read(format!("/proc/{}/{file}", child.id())).unwrap_or_default();
            seen += usize::from(!bytes.is_empty());
            processes.push_str(&String::from_utf8_lossy(&bytes));
        }
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(wait(&mut child, Duration::from_secs(5)).unwrap().code(), Some(0));
    assert!(seen > 4, "the process was hardly looked at");
    values.extend(world.slots(1).into_values());
    assert_eq!(values.len(), 3, "the old one, the new one, the one for the token API");

    for arguments in [
        &["token", "list"][..],
        &["token", "list", "--json"],
        &["token", "verify", IDP],
        &["token", "show", "1"],
        &["token", "show", "1", "--json"],
        &["token", "rotations", "--json"],
        &["audit", "export"],
        &["audit", "list", "--json"],
        &["status", "--json"],
        &["sync", IDP],
    ] {
        let ran = loud.run(arguments);
        said.extend([ran.stdout, ran.stderr]);
    }
    let export = world.data.path().join("people.csv");
    let _ = loud
        .run(&["users", "list", "--format", "csv", "--output", export.to_str().unwrap()])
        .ended(0);
    let logged = fs::read_to_string(world.data.path().join("rotate.err")).unwrap();
    assert!(
        logged.contains("TRACE") && logged.len() > 10_000,
        "the log says little: {} bytes",
        logged.len()
    );
    for value in &values {
        assert!(value.len() > 15);
        assert!(!processes.contains(value), "in the arguments or the environment");
        for (number, text) in said.iter().enumerate() {
            assert!(!text.contains(value), "in what command {number} said");
        }
        assert_eq!(files_with(world.data.path(), value), Vec::<std::path::PathBuf>::new());
    }
    let current = world.slots(1)[""].clone();
    fs::write(world.data.path().join("data/planted"), &current).unwrap();
    assert_eq!(files_with(world.data.path(), &current).len(), 1, "the search finds what is there");
}
