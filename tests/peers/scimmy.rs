//! scimmy with scimmy-routers: on Express 4 a list has no end beyond its end, on Express 5 it never gets past its first page.

use std::collections::BTreeSet;

use lanyard_engine::view::{ChangeKind, CoverageState, PeopleQuery, SlotState, SyncState};
use lanyard_tests::compare;
use lanyard_tests::peer::Peer;
use reqwest::Method;

use crate::company::GROUPS;
use crate::walk::{Walk, complete, coverage};

/// What Express 5 shows of any list, whatever is asked for.
const FIRST_PAGE: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn express_4_ends_where_the_total_says() {
    let walk = Walk::start(Peer::Scimmy4).await;
    let (_, beyond) = walk.plain.ask(Method::GET, "Users?startIndex=1000&count=50", None).await;
    assert_eq!(
        beyond["Resources"].as_array().map(Vec::len),
        Some(50),
        "this server has changed: its lists end now"
    );
    walk.whole("index").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn express_5_is_never_complete_and_nobody_is_lost() {
    let walk = Walk::start(Peer::Scimmy5).await;
    let (_, second) = walk.plain.ask(Method::GET, "Users?startIndex=21&count=50", None).await;
    assert_eq!(second["startIndex"], 1, "this server has changed: it pages now");

    let first = walk.sync().await;
    assert_eq!(first.state, SyncState::Incomplete, "{first:#?}");
    let users = coverage(&first.coverage, "Users");
    assert_eq!(
        (users.state, users.have, users.reported),
        (CoverageState::Incomplete, FIRST_PAGE, Some(300)),
        "{users:#?}"
    );
    assert!(users.reasons.iter().any(|reason| reason.code == "pagesRepeat"), "{users:#?}");
    // Twenty groups fit on one page: those were all read, and it may say so.
    complete(&first.coverage, "Groups", GROUPS as u64);

    let shown = &walk.filled.users[..FIRST_PAGE as usize];
    compare::documents(&walk.engine, walk.source.id, &walk.plain.each("Users", shown).await);
    compare::documents(&walk.engine, walk.source.id, &walk.plain.each("Groups", &walk.filled.groups).await);
    let page = walk
        .engine
        .people(&PeopleQuery {
            limit: 100,
            ..PeopleQuery::default()
        })
        .unwrap();
    assert!(!page.caveats.is_empty(), "the list does not say that it is a part");

    // Someone of the first page goes: the next one moves up. The list proves nothing; asking for the one by id does.
    let gone = shown[3].clone();
    walk.plain.delete(&format!("Users/{gone}")).await;
    let renamed = shown[6].clone();
    let operations = serde_json::json!([{ "op": "replace", "path": "displayName", "value": "Renamed Person" }]);
    walk.plain.patch(&format!("Users/{renamed}"), operations).await;
    let second = walk.sync().await;
    assert_eq!(second.state, SyncState::Incomplete, "{second:#?}");
    let lines = walk.engine.timeline(None, None, 0, 500).unwrap().changes;
    let left: BTreeSet<_> = lines
        .iter()
        .filter(|line| line.kind == ChangeKind::Gone)
        .map(|line| line.key.clone())
        .collect();
    assert!(
        left.is_subset(&BTreeSet::from([walk.key(&gone)])),
        "somebody was taken for deleted: {left:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.key == walk.key(&renamed) && line.after.as_deref() == Some("Renamed Person"))
    );
    for id in shown.iter().filter(|id| **id != gone) {
        let person = walk.engine.person(&walk.key(id)).unwrap();
        assert!(
            matches!(person.accounts[0].state, SlotState::Active | SlotState::Disabled),
            "{person:#?}"
        );
    }
}
