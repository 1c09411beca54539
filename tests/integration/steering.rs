//! What a person steers: cancel, budgets, sources that are edited, disabled, removed; and where their secrets go.

use std::time::Duration;

use lanyard_engine::secrets::{Keychain, Secret};
use lanyard_engine::view::{EngineEvent, SlotState, SourceHealth, SyncState};
use lanyard_engine::{Engine, Error};
use lanyard_lab::ScimOptions;

use crate::bench::Bench;
use crate::front;

fn small_pages(options: &mut ScimOptions) {
    options.max_page = 20;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_sync_keeps_what_it_read_and_goes_on_later() {
    let bench = Bench::start(1_000, small_pages).await;
    bench.handle.set_faults(vec!["slow:100ms@1".parse().unwrap()]);
    let mut events = bench.engine.events();
    let (engine, id) = (bench.engine.clone(), bench.source.id);
    let running = tokio::spawn(async move { engine.sync(id).await });
    let reading = async {
        loop {
            if let Ok(EngineEvent::SyncProgress { progress }) = events.recv().await
                && progress.read > 0
            {
                return progress;
            }
        }
    };
    let progress = tokio::time::timeout(Duration::from_secs(30), reading)
        .await
        .expect("a sync shows how far it is");
    assert!(
        progress.requests > 0 && progress.total.is_none_or(|total| total >= progress.read),
        "{progress:#?}"
    );
    assert!(
        matches!(bench.engine.sync(bench.source.id).await, Err(Error::Busy { .. })),
        "the same source twice at a time"
    );
    bench.engine.cancel_sync(bench.source.id);
    let outcome = tokio::time::timeout(Duration::from_secs(10), running)
        .await
        .expect("it ends soon")
        .unwrap()
        .unwrap();
    assert_eq!(outcome.state, SyncState::Cancelled, "{outcome:#?}");
    bench.incomplete("Users", "cancelled");
    assert!(bench.gone().is_empty() && bench.lines().is_empty());

    bench.handle.set_faults(Vec::new());
    bench.sync_whole().await;
    assert!(
        bench.lines().is_empty(),
        "who was read in the second half is no newcomer: {:?}",
        bench.lines().first()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_later_sync_loses_nobody() {
    let bench = Bench::start(400, small_pages).await;
    bench.sync_whole().await;
    let (users, groups) = bench.truth();
    bench.handle.set_faults(vec!["slow:100ms@1".parse().unwrap()]);
    let (engine, id) = (bench.engine.clone(), bench.source.id);
    let running = tokio::spawn(async move { engine.sync(id).await });
    tokio::time::sleep(Duration::from_millis(350)).await;
    bench.engine.cancel_sync(id);
    let outcome = tokio::time::timeout(Duration::from_secs(10), running)
        .await
        .expect("it ends soon")
        .unwrap()
        .unwrap();
    assert_eq!(outcome.state, SyncState::Cancelled, "{outcome:#?}");
    bench.holds(users.keys().chain(groups.keys()));
    bench.handle.set_faults(Vec::new());
    bench.sync_whole().await;
    assert!(bench.lines().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_kept_and_said() {
    let bench = Bench::start(400, small_pages).await;
    let mut settings = bench.settings();
    settings.request_budget = Some(25);
    bench.engine.update_source(bench.source.id, &settings, None).unwrap();
    let before = bench.handle.seen().len();
    let outcome = bench.sync().await;
    assert_eq!(outcome.state, SyncState::Incomplete, "{outcome:#?}");
    let sent = bench.handle.seen().len() - before;
    assert!(
        sent <= 25 && outcome.requests <= 25,
        "{sent} requests were sent, {} counted",
        outcome.requests
    );
    bench.incomplete("Users", "budget");
    assert!(bench.now().accounts > 0, "what the budget bought is kept");
    // So small that it is spent before the first page: less is known, never more.
    settings.request_budget = Some(3);
    bench.engine.update_source(bench.source.id, &settings, None).unwrap();
    let held = bench.now().accounts;
    let outcome = bench.sync().await;
    assert!(outcome.state != SyncState::Complete && outcome.requests <= 3, "{outcome:#?}");
    assert!(format!("{:?}", bench.coverage("Users").reasons).contains("budget"), "{outcome:#?}");
    assert_eq!(bench.now().accounts, held);
    settings.request_budget = None;
    bench.engine.update_source(bench.source.id, &settings, None).unwrap();
    bench.sync_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_source_is_asked_nothing_and_keeps_its_data() {
    let bench = Bench::start(240, |_| {}).await;
    bench.sync_whole().await;
    let held = bench.now().accounts;
    let off = bench.engine.set_source_enabled(bench.source.id, false).unwrap();
    assert_eq!((off.health, off.accounts), (SourceHealth::Disabled, held));
    let before = bench.handle.seen().len();
    bench.engine.start_sync(&[]).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(bench.handle.seen().len(), before, "a disabled source was asked");
    bench.engine.set_source_enabled(bench.source.id, true).unwrap();
    let again = bench.sync_whole().await;
    assert_eq!((again.added, again.changed, again.removed), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_takes_data_and_secret_and_leaves_history() {
    let bench = Bench::start(240, |_| {}).await;
    bench.sync_whole().await;
    let leaver = bench.handle.users().remove(5);
    bench.handle.delete_user(leaver["id"].as_str().unwrap()).unwrap();
    bench.sync_whole().await;
    let secret = |bench: &Bench| bench.keychain.names().into_iter().filter(|name| name.contains("/source/")).count();
    assert_eq!(secret(&bench), 1);
    let preview = bench.engine.removal_preview(bench.source.id).unwrap();
    assert_eq!((preview.accounts, preview.secret), (bench.now().accounts, true));
    assert!(preview.history_kept > 0);
    bench.engine.remove_source(bench.source.id).unwrap();
    assert_eq!(
        secret(&bench),
        0,
        "the token is still in the keychain: {:?}",
        bench.keychain.names()
    );
    assert!(bench.engine.sources().unwrap().is_empty());
    assert_eq!(bench.engine.people(&Default::default()).unwrap().of, 0);
    assert!(bench.engine.timeline(None, None, 0, 10).unwrap().total >= preview.history_kept);
    assert!(bench.engine.verify_audit().unwrap().ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_to_the_origin_it_was_given_for_and_no_other() {
    let bench = Bench::start(60, |_| {}).await;
    bench.sync_whole().await;
    let other = front::lab(60, ScimOptions::named("Elsewhere")).await;
    let elsewhere = other.provider();
    let mut settings = bench.settings();
    settings.url = elsewhere.url();
    assert!(
        bench.engine.update_source(bench.source.id, &settings, None).is_err(),
        "another origin without a new secret"
    );
    let probe = bench.engine.probe(&settings, None, Some(bench.source.id)).await;
    assert!(!probe.ok, "the connection test sent the old secret elsewhere: {probe:#?}");
    assert!(elsewhere.seen().is_empty(), "the other server was asked: {:?}", elsewhere.seen());
    assert_eq!(bench.settings().url, bench.handle.url(), "nothing was changed");

    // With its own secret it is another server's source, and what the first one held must not be mixed in for ever.
    bench
        .engine
        .update_source(bench.source.id, &settings, Some(Secret::new(elsewhere.token())))
        .unwrap();
    let outcome = bench.sync().await;
    assert_ne!(outcome.state, SyncState::Failed, "{outcome:#?}");
    assert!(!elsewhere.seen().is_empty());

    // The same origin by another path keeps its secret.
    let engine: &Engine = &bench.engine;
    let mut renamed = bench.settings();
    renamed.name = "Renamed".into();
    assert!(engine.update_source(bench.source.id, &renamed, None).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_said_and_costs_no_data() {
    let bench = Bench::start(240, |_| {}).await;
    bench.sync_whole().await;
    let good = bench.handle.token();
    bench.handle.issue_token();
    assert!(bench.handle.revoke_token(&good));
    let outcome = bench.sync().await;
    assert_eq!(outcome.state, SyncState::Failed, "{outcome:#?}");
    let fault = outcome.fault.unwrap();
    assert_eq!(fault.code, "scim.unauthorized", "{fault:#?}");
    assert!(!format!("{fault:?}").contains(&good), "the fault repeats the token");
    assert_eq!(bench.now().health, SourceHealth::Failing);
    bench.equals_server();
    let page = bench
        .engine
        .people(&lanyard_engine::view::PeopleQuery {
            limit: 5,
            ..Default::default()
        })
        .unwrap();
    assert!(
        page.rows.iter().all(|row| row.slots[0].state != SlotState::NotEvaluated),
        "the last good picture stays"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keychain_that_fails_is_said_and_nothing_is_half_done() {
    let bench = Bench::start(60, |_| {}).await;
    let reason = || lanyard_engine::secrets::SecretError::Missing { reason: "no bus".into() };
    bench.keychain.fail_with(Some(reason()));
    let settings = front::settings("Second", "http://127.0.0.1:9/scim");
    let refused = bench.engine.add_source(&settings, Some(Secret::new("second-token".into())));
    assert!(refused.is_err_and(|error| !error.fault().next.is_empty()));
    assert_eq!(bench.engine.sources().unwrap().len(), 1, "a source without its secret was added");
    assert!(
        bench
            .engine
            .sync(bench.source.id)
            .await
            .map_or(true, |outcome| outcome.state == SyncState::Failed)
    );
    bench.keychain.fail_with(None);
    assert!(bench.keychain.get("nothing").unwrap().is_none());
    bench.sync_whole().await;
}
