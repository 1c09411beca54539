//! The real Secret Service, where there is one: run with `LANYARD_TEST_KEYCHAIN=1` inside `dbus-run-session`, with `gnome-keyring-daemon --unlock` started.

use std::time::Duration;

use super::{Keychain, OsKeychain, Secret, SecretError};

const PATIENCE: Duration = Duration::from_secs(10);

fn wanted() -> bool {
    let wanted = std::env::var_os("LANYARD_TEST_KEYCHAIN").is_some_and(|value| value == "1");
    if !wanted {
        println!("passed over: LANYARD_TEST_KEYCHAIN is not 1");
    }
    wanted
}

fn goes_round(keychain: &OsKeychain, name: &str) {
    keychain.remove(name).unwrap();
    assert!(keychain.get(name).unwrap().is_none());
    for value in ["first", "second – ü \"{}", &"long ".repeat(2000)] {
        keychain.set(name, &Secret::new(value.into())).unwrap();
        assert_eq!(keychain.get(name).unwrap().unwrap().expose(), value);
    }
    let other = OsKeychain::under("Lanyard tests of another service", PATIENCE);
    assert!(other.get(name).unwrap().is_none());
    keychain.remove(name).unwrap();
    keychain.remove(name).unwrap();
    assert!(keychain.get(name).unwrap().is_none());
}

#[test]
fn it_keeps_and_gives_back_outside_a_runtime() {
    if wanted() {
        goes_round(&OsKeychain::under("Lanyard tests", PATIENCE), "folder/source/1");
    }
}

#[test]
fn it_keeps_and_gives_back_inside_a_runtime() {
    if wanted() {
        for runtime in [
            tokio::runtime::Builder::new_current_thread().enable_all().build(),
            tokio::runtime::Runtime::new(),
        ] {
            runtime
                .unwrap()
                .block_on(async { goes_round(&OsKeychain::under("Lanyard tests", PATIENCE), "folder/source/2") });
        }
    }
}

#[test]
fn several_threads_may_ask_at_once() {
    if wanted() {
        let keychain = OsKeychain::under("Lanyard tests", PATIENCE);
        std::thread::scope(|scope| {
            for number in 0..8 {
                let keychain = &keychain;
                scope.spawn(move || {
                    let (name, value) = (format!("folder/thread/{number}"), format!("value {number}"));
                    keychain.set(&name, &Secret::new(value.clone())).unwrap();
                    assert_eq!(keychain.get(&name).unwrap().unwrap().expose(), value);
                    keychain.remove(&name).unwrap();
                });
            }
        });
    }
}

/// Run with `LANYARD_TEST_KEYCHAIN=none` where there is no D-Bus session, with `=locked` where the default keyring is locked and nobody can be asked.
#[test]
fn a_keychain_that_cannot_be_used_is_named() {
    let Ok(state) = std::env::var("LANYARD_TEST_KEYCHAIN") else {
        return;
    };
    let keychain = OsKeychain::under("Lanyard tests", PATIENCE);
    let outcome = keychain.set("folder/source/3", &Secret::new("t0ken".into()));
    match state.as_str() {
        "none" => assert!(matches!(outcome, Err(SecretError::Missing { .. })), "{outcome:?}"),
        "locked" => assert!(
            matches!(outcome, Err(SecretError::Locked { .. } | SecretError::Timeout { .. })),
            "{outcome:?}"
        ),
        _ => return,
    }
    let error = outcome.unwrap_err();
    println!("{error:?} {:#?}", error.fault());
    assert!(!format!("{error:?} {error} {:?}", error.fault()).contains("t0ken"));
}
