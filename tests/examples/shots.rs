//! Pictures of every screen of the real window, light and dark, in two sizes, with the demo company. `LANYARD_SHOTS_ONLY` names those that are
//! wanted: parts of their names, with commas between.

use std::path::{Path, PathBuf};

use lanyard_tests::window::{PATIENCE, Start, Window};

/// The screens: a name for the file, and the address. Those that end in `*` are taken with the first row open.
/// The demo company's ids are the same each time.
const SCREENS: &[(&str, &str)] = &[
    ("overview", "/overview"),
    ("people", "/people"),
    ("person", "/people/1.00uxZDpYPqkxnYTtwh1A"),
    ("person-groups", "/people/1.00uxZDpYPqkxnYTtwh1A?tab=groups"),
    ("person-first", "/people*"),
    ("person-access", "/people/1.00uxZDpYPqkxnYTtwh1A?tab=access"),
    ("map-flow", "/access"),
    ("map-flow-privileged", "/access?privileged=1"),
    ("map-flow-person", "/access?focus=person%3A1.00uxZDpYPqkxnYTtwh1A&restore=1"),
    ("map-matrix", "/access?view=matrix"),
    ("map-table", "/access?view=table"),
    ("map-restore", "/access?view=restore"),
    ("findings", "/findings"),
    ("findings-list", "/findings?view=list"),
    ("finding", "/findings?view=list*"),
    ("rules", "/findings/rules"),
    ("changes", "/changes"),
    ("changes-access", "/changes?view=access"),
    ("joins", "/joins"),
    ("filter", "/people?filter=department%20eq%20Payments%20and%20active%20eq%20true"),
    ("groups", "/groups"),
    ("group", "/groups/1.00g8fBWBpGTsOZmIggVt?tab=members"),
    ("sources", "/sources"),
    ("source", "/sources/1"),
    ("source-backstage", "/sources/3"),
    ("source-azure", "/sources/4"),
    ("source-form", "/sources/new"),
    ("source-form-backstage", "/sources/new?kind=backstage"),
    ("source-form-azure", "/sources/new?kind=azure"),
    ("audit", "/audit"),
    ("deprovision", "/deprovision"),
    ("deprovision-plan-form", "/deprovision/plans/canary-everywhere.yaml"),
    ("deprovision-plan-text", "/deprovision/plans/canary-with-leftovers.yaml?view=text"),
    ("deprovision-walk-out", "/people/1.00uxZDpYPqkxnYTtwh1A/offboard"),
    ("tokens", "/tokens"),
    ("token", "/tokens/own%3A1"),
    ("token-rotate", "/tokens/own%3A1?rotate=routine"),
    ("settings", "/settings"),
];

/// Pictures of two runs on their way; see [`play`].
const RUNS: [&str; 5] = [
    "deprovision-run-plan",
    "deprovision-run-running",
    "deprovision-run-passed",
    "deprovision-run-refusing",
    "deprovision-evidence",
];

/// Pictures of a rotation on its way; see [`rotate`].
const ROTATION: [&str; 4] = ["rotation-plan", "rotation-proving", "rotation-done", "rotation-leak-plan"];

#[tokio::main]
async fn main() {
    let into = PathBuf::from(std::env::args().nth(1).expect("the folder to write into"));
    let people = std::env::var("LANYARD_SHOTS_PEOPLE")
        .ok()
        .and_then(|people| people.parse().ok())
        .unwrap_or(240);
    let only = std::env::var("LANYARD_SHOTS_ONLY").unwrap_or_default();
    for size in [(1280, 800), (1920, 1200)] {
        if wanted("first-run", &only) {
            let first = Window::open(Start::first().sized(size.0, size.1)).await;
            first.maximise(size).await;
            first.sees("Open the demo company").await;
            both(&first, &into, "first-run", size).await;
            first.close().await;
        }
        let window = Window::open(Start::demo(people).sized(size.0, size.1).at("/people")).await;
        window.maximise(size).await;
        let patience = PATIENCE * (1 + people / 5_000);
        window
            .until("people", patience, async || {
                (window.people_shown().await >= u64::from(people)).then_some(())
            })
            .await;
        // The tenant is read last.
        window.systems_read(patience * 4).await;
        // What was said about the syncs goes by itself.
        quiet(&window).await;
        window.pointer_away(size);
        if RUNS.iter().any(|name| wanted(name, &only)) {
            play(&window, &into, &only, size).await;
        }
        if ROTATION.iter().any(|name| wanted(name, &only)) {
            rotate(&window, &into, &only, size).await;
        }
        for (name, address) in SCREENS.iter().filter(|(name, _)| wanted(name, &only)) {
            let (list, tab) = address.split_once('*').map_or((*address, None), |(list, tab)| (list, Some(tab)));
            window.go(list).await;
            if let Some(tab) = tab {
                window.click_first_row().await;
                if !tab.is_empty() {
                    window.click("tab", &format!("{}{}…", tab[..1].to_uppercase(), &tab[1..])).await;
                }
            }
            both(&window, &into, name, size).await;
        }
        window.close().await;
    }
}

/// Whether a picture is asked for.
fn wanted(name: &str, only: &str) -> bool {
    only.split(',').any(|part| name.contains(part))
}

/// Plays the demo company's two plans to where they rest, and takes pictures on the way.
async fn play(window: &Window, into: &Path, only: &str, size: (u32, u32)) {
    let take = async |name: &str| {
        if wanted(name, only) {
            both(window, into, name, size).await;
        }
    };
    window.plan_run("Canary everywhere").await;
    take(RUNS[0]).await;
    window.agree("canary-1@halcyon.example").await;
    window.run_rests("passed").await;
    window.phase("verify").await;
    take(RUNS[2]).await;
    let file = window.desk_folder().join("run-1.lanyard-evidence.zip");
    window.export_evidence(&file).await;
    assert!(window.open_evidence(&file).await, "the evidence does not hold");
    window.pointer_away(size);
    quiet(window).await;
    take(RUNS[4]).await;
    window.plan_run("Canary with leftovers").await;
    window.agree("canary-leftover-2@halcyon.example").await;
    window.run_midway().await;
    take(RUNS[1]).await;
    window.run_rests("refusing").await;
    take(RUNS[3]).await;
}

/// Rotates the token of Ledgerly, which Entra's provisioning job uses too, and takes pictures on the way.
async fn rotate(window: &Window, into: &Path, only: &str, size: (u32, u32)) {
    let take = async |name: &str| {
        if wanted(name, only) {
            both(window, into, name, size).await;
        }
    };
    window.plan_rotation(2, "leaked").await;
    window.get("button", "Revoke and replace it").await;
    take(ROTATION[3]).await;
    window.plan_rotation(2, "routine").await;
    window.get("button", "Begin the rotation").await;
    take(ROTATION[0]).await;
    window.click("button", "Begin the rotation").await;
    window.sees_within("Ask now", PATIENCE * 2).await;
    window.pointer_away(size);
    tokio::time::sleep(std::time::Duration::from_secs(25)).await;
    quiet(window).await;
    take(ROTATION[1]).await;
    window.ask_until("Done").await;
    quiet(window).await;
    take(ROTATION[2]).await;
}

/// Waits until nothing is said any more: notes go by themselves.
async fn quiet(window: &Window) {
    window
        .so("no more notes", async || window.count("[data-testid=toasts] li").await == 0)
        .await;
}

/// Takes a screen in light and in dark.
async fn both(window: &Window, into: &Path, name: &str, size: (u32, u32)) {
    for theme in ["light", "dark"] {
        window.set_theme(theme).await;
        window.settle().await;
        let file = into.join(format!("{name}-{theme}-{}x{}.png", size.0, size.1));
        window.picture(&file);
        xtask::steps::say(&file.display().to_string());
    }
}
