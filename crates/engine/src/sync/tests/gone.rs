//! What lists no longer show.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_gone_before_they_were_asked_for() {
    let bench = Bench::new();
    bench.sync_whole().await;
    bench.source.hide(ResourceKind::User, "u40");
    bench.source.remove(ResourceKind::User, "u41");
    bench.source.remove(ASSIGNMENTS, "a1");
    let outcome = bench.sync().await;
    assert_eq!((outcome.state, outcome.removed), (SyncState::Complete, 2), "{outcome:#?}");
    let asked = bench.source.asked();
    let users: Vec<&String> = asked
        .iter()
        .filter(|(kind, _)| *kind == ResourceKind::User)
        .flat_map(|(_, ids)| ids)
        .collect();
    assert_eq!(users.len(), 3, "a control first, then the two: {asked:?}");
    assert_eq!(codes(of(&outcome, ResourceKind::User)), ["shifted"]);
    assert_eq!((bench.have(ResourceKind::User), bench.have(ASSIGNMENTS)), (229, 1));
    assert_eq!(
        bench.told(),
        ["User Person 41 Gone - - - -", "RoleAssignment g1 as owner Gone - - - -"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_asked_for_is_kept_where_asking_fails() {
    let bench = Bench::new();
    bench.sync_whole().await;
    bench.source.remove(ResourceKind::User, "u41");
    bench.source.remove(ASSIGNMENTS, "a1");
    bench.source.silence(ResourceKind::User, true);
    // A kind that has no way to be asked for by id: its complete list is the only witness.
    bench.source.silence(ASSIGNMENTS, false);
    let outcome = bench.sync().await;
    assert_eq!((outcome.state, outcome.removed), (SyncState::Incomplete, 1), "{outcome:#?}");
    let coverage = of(&outcome, ResourceKind::User);
    assert_eq!((coverage.unconfirmed, codes(coverage)), (1, vec!["unconfirmed"]));
    assert_eq!((bench.unconfirmed(ResourceKind::User), bench.have(ASSIGNMENTS)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_ended_early_takes_nobody_out() {
    let bench = Bench::new();
    bench.sync_whole().await;
    bench.source.mood(ResourceKind::User, Mood::CutAfter(10));
    bench.source.mood(ASSIGNMENTS, Mood::CutAfter(1));
    bench.source.silence(ASSIGNMENTS, false);
    let outcome = bench.sync().await;
    assert_eq!((outcome.state, outcome.removed), (SyncState::Incomplete, 0), "{outcome:#?}");
    assert_eq!((bench.have(ResourceKind::User), bench.unconfirmed(ResourceKind::User)), (230, 220));
    assert_eq!((bench.have(ASSIGNMENTS), bench.unconfirmed(ASSIGNMENTS)), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_collection_is_asked_for_again_before_it_is_believed() {
    let bench = Bench::new();
    bench.sync_whole().await;
    for id in ["a1", "a2"] {
        bench.source.remove(ASSIGNMENTS, id);
    }
    let outcome = bench.sync().await;
    assert_eq!(outcome.removed, 2, "{outcome:#?}");
    let times = |kind| move |listed: &&(ResourceKind, Option<String>)| listed.0 == kind;
    let listed = bench.source.listed();
    assert_eq!(listed.iter().filter(times(ASSIGNMENTS)).count(), 3);
    assert_eq!(
        listed.iter().filter(times(DENIALS)).count(),
        1,
        "where there were none, none is no news"
    );
}
