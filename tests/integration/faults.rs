//! Servers that fail: each sync ends, says what it could not read, and nobody is lost; once the server is well again, all is.

use lanyard_engine::view::{CoverageState, SyncState};
use serde_json::json;

use crate::bench::{Bench, id};

/// Through both: a first sync from a failing server, and a later one, with changes to fetch.
async fn survives(faults: &[&str]) {
    let parsed = || faults.iter().map(|fault| fault.parse().unwrap()).collect::<Vec<_>>();
    let bench = Bench::start(240, |options| options.max_page = 20).await;
    bench.handle.set_faults(parsed());
    ended_well_or_says_so(&bench, faults, "first").await;
    bench.handle.set_faults(Vec::new());
    renew_token(&bench);
    bench.sync_whole().await;
    assert!(
        bench.gone().is_empty(),
        "{faults:?}: someone was taken for deleted: {:?}",
        bench.gone()
    );

    let users = bench.handle.users();
    let (leaver, changed) = (id(&users[9]), id(&users[30]));
    bench.handle.delete_user(&leaver).unwrap();
    bench
        .handle
        .patch_user(
            &changed,
            &json!([{ "op": "replace", "path": "title", "value": "Through the storm" }]),
        )
        .unwrap();
    let (everyone, groups) = bench.truth();
    bench.handle.set_faults(parsed());
    ended_well_or_says_so(&bench, faults, "later").await;
    bench.holds(everyone.keys().chain(groups.keys()));
    let gone: Vec<String> = bench.gone().into_iter().collect();
    assert!(
        gone.is_empty() || gone == [bench.key(&leaver)],
        "{faults:?}: someone was taken for deleted: {gone:?}"
    );

    bench.handle.set_faults(Vec::new());
    renew_token(&bench);
    bench.sync_whole().await;
    assert_eq!(bench.gone().into_iter().collect::<Vec<_>>(), [bench.key(&leaver)], "{faults:?}");
    let told = bench
        .lines()
        .into_iter()
        .filter(|line| line.after.as_deref() == Some("Through the storm"))
        .count();
    assert_eq!(told, 1, "{faults:?}");
}

async fn ended_well_or_says_so(bench: &Bench, faults: &[&str], which: &str) {
    let outcome = bench.sync().await;
    match outcome.state {
        SyncState::Complete => bench.equals_server(),
        SyncState::Incomplete => {
            let short: Vec<_> = outcome.coverage.iter().filter(|one| one.state != CoverageState::Complete).collect();
            assert!(
                !short.is_empty() && short.iter().all(|one| !one.reasons.is_empty()),
                "{faults:?}, {which}: no reason: {outcome:#?}"
            );
        }
        SyncState::Failed => {
            let fault = outcome
                .fault
                .as_ref()
                .unwrap_or_else(|| panic!("{faults:?}, {which}: failed without a word"));
            assert!(!fault.what.is_empty() && !fault.next.is_empty(), "{fault:#?}");
        }
        SyncState::Cancelled => panic!("{faults:?}, {which}: nobody cancelled it"),
    }
}

/// A token that has expired is replaced, as an admin would.
fn renew_token(bench: &Bench) {
    let token = lanyard_engine::secrets::Secret::new(bench.handle.issue_token());
    bench.engine.update_source(bench.source.id, &bench.settings(), Some(token)).unwrap();
}

macro_rules! storms {
    ($($name:ident: $($fault:literal)+;)+) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            survives(&[$($fault),+]).await;
        })+
    };
}

storms! {
    too_many_requests: "429:0@0.3";
    too_many_requests_with_a_wait: "429@0.1";
    too_many_requests_with_a_date: "429:date@0.1";
    too_many_requests_without_a_word: "429:no-retry-after@0.2";
    server_errors: "5xx@0.3";
    slowness: "slow:20ms@1";
    dropped_connections: "drop@0.3";
    answers_cut_off: "cut@0.3";
    json_that_ends_too_early: "truncate@0.3";
    no_json_at_all: "garbage@0.3";
    a_login_page_instead: "html@0.3";
    redirects_elsewhere: "redirect@0.3";
    pages_that_shift: "shift@0.5";
    lists_that_are_empty_at_times: "empty-list@0.3";
    a_token_that_expires_midway: "token-expires:8";
    all_of_it_at_once: "429:0@0.1" "5xx@0.1" "drop@0.1" "truncate@0.1" "shift@0.3" "slow:5ms@0.5";
}

/// Entity tags that come and go: without them everything is read all the same.
#[tokio::test(flavor = "multi_thread")]
async fn entity_tags_that_come_and_go() {
    let bench = Bench::start(240, |options| options.max_page = 20).await;
    for round in 0..4 {
        bench.handle.set_faults(if round % 2 == 0 {
            vec!["etag-none".parse().unwrap()]
        } else {
            Vec::new()
        });
        let title = format!("Round {round}");
        let changed = id(&bench.handle.users()[round + 10]);
        bench
            .handle
            .patch_user(&changed, &json!([{ "op": "replace", "path": "title", "value": title }]))
            .unwrap();
        let outcome = bench.sync().await;
        assert_eq!((outcome.state, outcome.removed), (SyncState::Complete, 0), "{outcome:#?}");
        bench.same_ids();
        let raw = bench.engine.raw_document(&bench.key(&changed)).unwrap();
        assert!(raw.json.contains(&title), "the change was not read: {}", raw.json);
    }
    // Read in full, the documents carry their versions again.
    let outcome = bench.engine.sync_with(bench.source.id, true).await.unwrap();
    assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
    bench.equals_server();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_fails_leaves_the_last_good_picture() {
    let bench = Bench::start(240, |_| {}).await;
    bench.sync_whole().await;
    for fault in ["503@1", "drop@1", "garbage@1", "html@1", "redirect@1"] {
        bench.handle.set_faults(vec![fault.parse().unwrap()]);
        let outcome = bench.sync().await;
        assert_eq!(outcome.state, SyncState::Failed, "{fault}: {outcome:#?}");
        assert!(outcome.fault.is_some(), "{fault}");
        bench.equals_server();
    }
    bench.handle.set_faults(Vec::new());
    bench.sync_whole().await;
    assert!(bench.lines().is_empty());
}
