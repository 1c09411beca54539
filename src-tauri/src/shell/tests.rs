//! The shell without a window: folders, the gate, events, faults.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lanyard_engine::Engine;
use lanyard_engine::secrets::{Keychain, MemoryKeychain};
use lanyard_engine::view::{EngineEvent, SourceKind, SourceSettings};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{Shell, Start};

/// A shell on a folder, with a keychain in memory and without the `lanyard` program.
fn shell_on(home: &Path) -> Shell {
    let keychain: Arc<dyn Keychain> = Arc::new(MemoryKeychain::new());
    Shell::new(Start {
        home: home.to_owned(),
        keychain: Box::new(move || Ok(Arc::clone(&keychain))),
        lanyard: home.join("no-such-program"),
        people: None,
    })
}

/// Settings of a source that nobody asks.
fn settings() -> SourceSettings {
    SourceSettings::new(SourceKind::Scim, "Nobody", "http://127.0.0.1:9/scim/v2")
}

#[tokio::test]
async fn the_first_folder_opens_at_first_use() {
    let home = tempfile::tempdir().expect("a folder");
    let shell = shell_on(home.path());
    shell.start(false).await;
    let state = shell.ask(Engine::state).await.expect("opened");
    assert!(state.first_run && !state.demo && state.sources.is_empty());
    assert_eq!(Path::new(&state.data_dir), home.path());
    shell.shut().await;
}

#[tokio::test]
async fn only_a_picked_folder_is_opened() {
    let (home, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("another"));
    let shell = shell_on(home.path());
    let path = other.path().display().to_string();
    let refused = shell.open_picked_folder(&path).await.expect_err("it was not picked");
    assert_eq!(refused.code, "path.notPicked");
    shell.picks().note_folder(other.path().to_owned());
    let state = shell.open_picked_folder(&path).await.expect("picked");
    assert_eq!(Path::new(&state.data_dir), other.path());
    let back = shell
        .open_picked_folder(&home.path().display().to_string())
        .await
        .expect("the first folder needs no pick");
    assert_eq!(Path::new(&back.data_dir), home.path());
}

#[tokio::test]
async fn events_reach_the_listener_of_whichever_folder_is_open() {
    let (home, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("another"));
    let shell = shell_on(home.path());
    let (give, mut take) = mpsc::unbounded_channel();
    shell.listen(move |event| give.send(event).is_ok());
    shell.picks().note_folder(other.path().to_owned());
    shell.open_picked_folder(&other.path().display().to_string()).await.expect("opened");
    shell.ask(|engine| engine.add_source(&settings(), None)).await.expect("added");
    let heard = timeout(Duration::from_secs(5), async {
        while let Some(event) = take.recv().await {
            if event == EngineEvent::SourcesChanged {
                return true;
            }
        }
        false
    });
    assert!(heard.await.expect("in time"));
}

#[tokio::test]
async fn a_second_listener_takes_the_place_of_the_first() {
    let home = tempfile::tempdir().expect("a folder");
    let shell = shell_on(home.path());
    let (give, mut first) = mpsc::unbounded_channel();
    shell.listen(move |event| give.send(event).is_ok());
    shell.listen(|_| true);
    assert!(
        timeout(Duration::from_secs(5), first.recv()).await.expect("in time").is_none(),
        "the first is let go"
    );
}

#[tokio::test]
async fn a_demo_that_cannot_start_is_told_once_and_the_folder_stays() {
    let home = tempfile::tempdir().expect("a folder");
    let shell = shell_on(home.path());
    // As `main` does: no answer is given before the start is done, so the fault is there to be told first.
    let start = shell.start(true);
    start.await;
    assert_eq!(shell.start_fault().expect("no program").code, "demo.notStarted");
    assert!(shell.start_fault().is_none());
    let state = shell.ask(Engine::state).await.expect("the first folder");
    assert!(!state.demo);
}

#[tokio::test]
async fn commands_wait_while_the_start_opens_a_folder() {
    let home = tempfile::tempdir().expect("a folder");
    let shell = shell_on(home.path());
    let opening = shell.start(true);
    let asked = tokio::spawn({
        let shell = shell.clone();
        async move { shell.ask(Engine::state).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!asked.is_finished(), "answered before the start was done");
    opening.await;
    assert!(asked.await.expect("asked").is_ok());
}

#[tokio::test]
async fn a_panic_becomes_a_fault() {
    let home = tempfile::tempdir().expect("a folder");
    let shell = shell_on(home.path());
    let fault = shell
        .ask(|_| -> Result<(), _> { panic!("as a test") })
        .await
        .expect_err("it panicked");
    assert_eq!(fault.code, "window.panicked");
    assert!(shell.ask(Engine::state).await.is_ok(), "the next one is answered");
}
