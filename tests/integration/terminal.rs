//! `lanyard` at a terminal and under signals: names that would steer it, interrupts, the end of the lab.

use std::process::Stdio;
use std::time::Duration;

use lanyard_tests::command::{CACHE_KEY, Lanyard, program};
use lanyard_tests::process::wait;
use serde_json::Value;
use tempfile::TempDir;

use crate::company::Company;

#[test]
fn names_cannot_steer_a_terminal() {
    let company = Company::serve(&["--people", "60"]);
    company.add_all();
    let plain = company.plain(0);
    let evil = "Eve \u{1b}[2J\u{202e}nimda\u{7} \u{9b}31m";
    let user = serde_json::json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "eve", "displayName": evil, "title": evil, "active": true });
    tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(async { plain.create("Users", &user).await });
    let lanyard = &company.lanyard;
    let _ = lanyard.run(&["sync", "Workforce IdP"]).ended(0);
    for arguments in [
        &["users", "list", "--limit", "0", "--source", "1"] as &[&str],
        &["users", "show", "eve"],
        &["users", "show", "eve", "--raw"],
    ] {
        let ran = lanyard.run(arguments);
        assert!(ran.stdout.contains("Eve"), "{ran:#?}");
        let steers = |character: char| character != '\n' && character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character);
        assert!(
            !ran.stdout.chars().any(steers),
            "{arguments:?}: {:?}",
            ran.stdout.lines().find(|line| line.contains("Eve"))
        );
    }
    let shown = lanyard.run(&["users", "list", "--search", "eve", "--source", "1", "--json"]).json();
    assert!(
        shown["rows"].as_array().unwrap().iter().any(|row| row["name"] == evil),
        "JSON is data and stays as it is: {shown:#}"
    );
}

/// The first interrupt cancels and ends cleanly; what was read is kept and the folder is in order.
#[cfg(unix)]
#[test]
fn an_interrupt_cancels_cleanly() {
    let company = Company::serve(&["--people", "2000", "--fault", "slow:400ms@1"]);
    let lanyard = &company.lanyard;
    let _ = company.add(&company.sources()[0]).ended(0);
    let child = lanyard
        .command(&["sync", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    // std sends no SIGINT; the system's own tool does, to this one process.
    let sent = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success(), "it had ended already");
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{stdout}{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(document["outcomes"][0]["state"], "cancelled", "{document:#}");
    let _ = lanyard.run(&["status"]).ended(3);
    let _ = lanyard.run(&["audit", "verify"]).ended(0);
}

#[cfg(unix)]
#[test]
fn the_lab_ends_with_a_signal() {
    let mut child = std::process::Command::new(program())
        .args(["lab", "serve", "--people", "20", "--port", "0", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert!(
        ready["people"].as_u64() >= Some(20) && ready["groups"].as_u64() > Some(0),
        "{ready}"
    );
    for source in ready["sources"].as_array().unwrap() {
        assert!(
            ["kind", "name", "url", "token"].iter().all(|key| source[key].is_string()) && source["authoritative"].is_boolean(),
            "{source}"
        );
    }
    assert!(
        std::process::Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(wait(&mut child, Duration::from_secs(10)).and_then(|status| status.code()), Some(0));
}

/// A key must be given as it is made: nothing of it may be repeated.
#[test]
fn the_key_is_in_no_output() {
    let data = TempDir::new().unwrap();
    let lanyard = Lanyard::new(data.path().join("data")).with("RUST_LOG", "trace");
    let ran = lanyard.run(&["status", "--json"]);
    assert!(!format!("{ran:?}").contains(CACHE_KEY));
}
