//! What could not be read, or not in full.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_read_is_not_evaluated_and_the_rest_is_read() {
    let bench = Bench::new();
    bench.source.mood(ResourceKind::Service, Mood::Refused);
    bench.source.mood(ASSIGNMENTS, Mood::Forbidden);
    let outcome = bench.sync().await;
    assert_eq!(
        (outcome.state, outcome.fault.as_ref()),
        (SyncState::Incomplete, None),
        "{outcome:#?}"
    );
    for kind in [ResourceKind::Service, ASSIGNMENTS] {
        let coverage = of(&outcome, kind);
        assert_eq!((coverage.state, codes(coverage)), (CoverageState::NotEvaluated, vec!["refused"]));
        assert!(coverage.reasons[0].text.contains("Things.Read.All"), "{coverage:#?}");
    }
    for kind in [ResourceKind::User, ResourceKind::Group, ROLES, DENIALS] {
        assert_eq!(of(&outcome, kind).state, CoverageState::Complete, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_lost_midway_keeps_what_is_known_and_marks_it() {
    let bench = Bench::new();
    bench.sync_whole().await;
    let before = bench.cache.document(bench.cache.rows(SOURCE, ASSIGNMENTS).unwrap()[0]).unwrap();
    for mood in [Mood::Refused, Mood::Forbidden, Mood::NotOffered] {
        bench.source.mood(ASSIGNMENTS, mood);
        let outcome = bench.sync().await;
        let coverage = of(&outcome, ASSIGNMENTS);
        assert_eq!(
            (outcome.state, coverage.state, coverage.have, coverage.unconfirmed, outcome.removed),
            (SyncState::Incomplete, CoverageState::Incomplete, 2, 2, 0),
            "{mood:?}: {outcome:#?}"
        );
        assert_eq!(bench.unconfirmed(ASSIGNMENTS), 2);
    }
    let after = bench.cache.document(bench.cache.rows(SOURCE, ASSIGNMENTS).unwrap()[0]).unwrap();
    assert_eq!(before, after);
    assert!(bench.source.asked().is_empty(), "who may not list is not asked one by one");
    bench.source.mood(ASSIGNMENTS, Mood::Whole);
    bench.sync_whole().await;
    assert_eq!(bench.unconfirmed(ASSIGNMENTS), 0);
    assert!(bench.told().is_empty(), "{:?}", bench.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_the_server_does_not_have_is_no_gap() {
    let bench = Bench::new();
    bench.source.mood(DENIALS, Mood::NotOffered);
    let outcome = bench.sync_whole().await;
    let coverage = of(&outcome, DENIALS);
    assert_eq!((coverage.state, codes(coverage)), (CoverageState::NotEvaluated, vec!["notOffered"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_does_not_keep_the_others_from_being_read() {
    let bench = Bench::new();
    for mood in [Mood::Fails, Mood::OutOfReach, Mood::Unauthorized] {
        bench.source.mood(ROLES, mood);
        let outcome = bench.sync().await;
        assert_eq!(
            (outcome.state, outcome.fault.as_ref()),
            (SyncState::Incomplete, None),
            "{outcome:#?}"
        );
        let coverage = of(&outcome, ROLES);
        assert_eq!((coverage.state, codes(coverage)), (CoverageState::NotEvaluated, vec!["failed"]));
        assert_eq!(
            (bench.have(ASSIGNMENTS), of(&outcome, ASSIGNMENTS).state),
            (2, CoverageState::Complete)
        );
    }
    bench.source.mood(ROLES, Mood::Whole);
    bench.sync_whole().await;
    // What was known of it stands as it stood when nothing comes.
    bench.source.mood(ROLES, Mood::Fails);
    let outcome = bench.sync().await;
    let coverage = of(&outcome, ROLES);
    assert_eq!(
        (coverage.state, coverage.have, coverage.unconfirmed),
        (CoverageState::Incomplete, 2, 0)
    );
    assert_eq!(bench.have(ROLES), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_is_refused_at_once_ends_the_sync_and_nothing_looks_empty() {
    let bench = Bench::new();
    bench.source.mood(ResourceKind::User, Mood::Unauthorized);
    let outcome = bench.sync().await;
    assert_eq!(outcome.state, SyncState::Failed);
    assert_eq!(outcome.fault.as_ref().map(|fault| fault.code.as_str()), Some("scim.unauthorized"));
    assert_eq!(bench.source.listed().len(), 1, "nothing else was tried");
    for kind in ALL {
        assert_eq!(of(&outcome, kind).state, CoverageState::NotEvaluated, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_out_of_reach_is_given_up_after_some_collections() {
    let bench = Bench::new();
    for kind in ALL {
        bench.source.mood(kind, Mood::OutOfReach);
    }
    let outcome = bench.sync().await;
    assert_eq!((outcome.state, bench.source.listed().len()), (SyncState::Failed, 3), "{outcome:#?}");
    assert!(
        outcome
            .coverage
            .iter()
            .all(|coverage| coverage.state == CoverageState::NotEvaluated)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_leaves_a_part_and_says_which() {
    let bench = Bench::new();
    bench.source.mood(ResourceKind::User, Mood::BudgetAfter(100));
    let outcome = bench.sync().await;
    assert_eq!((outcome.state, outcome.added), (SyncState::Incomplete, 100), "{outcome:#?}");
    assert_eq!(codes(of(&outcome, ResourceKind::User)), ["budget"]);
    for kind in &ALL[1..] {
        let coverage = of(&outcome, *kind);
        assert_eq!(
            (coverage.state, codes(coverage)),
            (CoverageState::NotEvaluated, vec!["budget"]),
            "{kind:?}"
        );
    }
    bench.source.mood(ResourceKind::User, Mood::Whole);
    let outcome = bench.sync_whole().await;
    assert_eq!((outcome.added, outcome.changed), (137, 0));
    // Of a complete picture, what the next budget does not reach is kept.
    bench.source.mood(ResourceKind::User, Mood::BudgetAfter(100));
    let outcome = bench.sync().await;
    let coverage = of(&outcome, ResourceKind::User);
    assert_eq!(
        (coverage.have, coverage.unconfirmed, outcome.removed),
        (230, 130, 0),
        "{outcome:#?}"
    );
    assert_eq!(of(&outcome, ASSIGNMENTS).state, CoverageState::Complete, "it stands as it stood");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_keeps_what_came_and_the_next_sync_goes_on() {
    let bench = Bench::new();
    bench.source.mood(ResourceKind::User, Mood::CancelAfter(200));
    let outcome = bench.sync().await;
    assert_eq!((outcome.state, outcome.added), (SyncState::Cancelled, 200), "{outcome:#?}");
    assert_eq!(codes(of(&outcome, ASSIGNMENTS)), ["cancelled"]);
    bench.source.mood(ResourceKind::User, Mood::Whole);
    let outcome = bench.sync_whole().await;
    assert_eq!((outcome.added, outcome.unchanged), (37, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_are_not_told_are_not_none() {
    let bench = Bench::new();
    bench
        .source
        .put(ResourceKind::Group, json!({ "id": "g2", "displayName": "Platform" }));
    let outcome = bench.sync().await;
    let coverage = named(&outcome, "Memberships");
    assert_eq!(
        (outcome.state, coverage.state, codes(coverage)),
        (SyncState::Incomplete, CoverageState::Incomplete, vec!["membersNotListed"]),
        "{outcome:#?}"
    );
    // Told once, then not any more: those known stay, and history says nothing of them.
    bench.source.put(ResourceKind::Group, group("g2", "Platform", &["u3"]));
    bench.sync_whole().await;
    let told = bench.memberships();
    bench
        .source
        .put(ResourceKind::Group, json!({ "id": "g2", "displayName": "Platform Team" }));
    bench.sync().await;
    assert_eq!(bench.memberships(), told);
    assert_eq!(bench.told(), ["Group Platform Team Changed displayName Platform Platform Team -"]);
    for id in ["g1", "g2"] {
        bench.source.put(ResourceKind::Group, json!({ "id": id, "displayName": id }));
    }
    assert_eq!(named(&bench.sync().await, "Memberships").state, CoverageState::NotEvaluated);
}
