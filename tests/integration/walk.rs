//! First sync, second sync, changes behind Lanyard's back: what is written, and what history tells.

use lanyard_engine::view::{ChangeKind, PeopleQuery, SlotState, SyncState};
use lanyard_lab::{FilterSupport, Quirk};
use serde_json::json;

use crate::bench::{Bench, id};

/// A line of history without what differs from run to run.
type Line = (String, ChangeKind, Option<String>, Option<String>, Option<String>);

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sync_writes_nothing() {
    let bench = Bench::start(240, |_| {}).await;
    let first = bench.sync_whole().await;
    let (users, groups) = bench.truth();
    assert_eq!(first.added, (users.len() + groups.len()) as u64);
    assert!(first.rows_written >= first.added);
    let second = bench.sync_whole().await;
    assert_eq!(
        (second.added, second.changed, second.removed, second.rows_written),
        (0, 0, 0, 0),
        "{second:#?}"
    );
    assert!(
        second.requests <= first.requests,
        "the second sync asked more than the first: {} and {}",
        second.requests,
        first.requests
    );
    assert!(bench.lines().is_empty(), "the first sync is no change: {:?}", bench.lines().first());
    let page = bench
        .engine
        .people(&PeopleQuery {
            limit: 500,
            ..PeopleQuery::default()
        })
        .unwrap();
    assert_eq!((page.total as usize, page.caveats.len()), (users.len(), 0));
    assert!(
        page.rows
            .iter()
            .all(|row| row.slots.iter().all(|slot| slot.state != SlotState::NotEvaluated))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn history_tells_each_attribute_and_each_member() {
    let bench = Bench::start(240, |_| {}).await;
    bench.sync_whole().await;
    let handle = &bench.handle;
    let users = handle.users();
    let with_title =
        |user: &&serde_json::Value| user["title"].as_str().is_some_and(|title| !title.is_empty()) && user.get("nickName").is_none();
    let person = users.iter().filter(with_title).nth(3).unwrap();
    let (key, before) = (bench.key(&id(person)), person["title"].as_str().map(str::to_owned));
    let family = person["name"]["familyName"].as_str().map(str::to_owned);
    handle
        .patch_user(
            &id(person),
            &json!([
                { "op": "replace", "path": "title", "value": "Harbour Pilot" },
                { "op": "replace", "path": "name.familyName", "value": "Ó Dálaigh" },
                { "op": "add", "path": "nickName", "value": "Pilot" },
            ]),
        )
        .unwrap();

    // A group of people only: one goes out, one comes in, and it gets another name.
    // It is in no other group: those show its name, and would change with it.
    let groups = handle.groups();
    let nested: Vec<&serde_json::Value> = groups
        .iter()
        .filter_map(|group| group["members"].as_array())
        .flatten()
        .map(|member| &member["value"])
        .collect();
    let of_people = |group: &&serde_json::Value| {
        let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
        members.len() > 2 && members.iter().all(|member| member["type"] != "Group") && !nested.contains(&&group["id"])
    };
    let group = groups.iter().find(of_people).unwrap();
    let inside: Vec<&str> = group["members"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|member| member["value"].as_str())
        .collect();
    let out = inside[1].to_owned();
    let new = id(users.iter().find(|user| !inside.contains(&user["id"].as_str().unwrap())).unwrap());
    handle.remove_member(&id(group), &out).unwrap();
    handle.add_member(&id(group), &new).unwrap();
    handle
        .patch_group(
            &id(group),
            &json!([{ "op": "replace", "path": "displayName", "value": "Renamed Group" }]),
        )
        .unwrap();

    let created = id(&handle
        .create_user(&json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "newcomer", "active": true }))
        .unwrap());

    let outcome = bench.sync_whole().await;
    assert_eq!((outcome.added, outcome.changed, outcome.removed), (1, 2, 0), "{outcome:#?}");
    let (group_key, name) = (bench.key(&id(group)), group["displayName"].as_str().map(str::to_owned));
    let text = |text: &str| Some(text.to_owned());
    let mut expected: Vec<Line> = vec![
        (key.clone(), ChangeKind::Changed, text("title"), before, text("Harbour Pilot")),
        (key.clone(), ChangeKind::Changed, text("name.familyName"), family, text("Ó Dálaigh")),
        (key, ChangeKind::Set, text("nickName"), None, text("Pilot")),
        (
            group_key.clone(),
            ChangeKind::Changed,
            text("displayName"),
            name,
            text("Renamed Group"),
        ),
        (group_key.clone(), ChangeKind::MemberRemoved, text("members"), Some(out), None),
        (group_key, ChangeKind::MemberAdded, text("members"), None, Some(new)),
        (bench.key(&created), ChangeKind::Appeared, None, None, None),
    ];
    let mut told = told(&bench);
    expected.sort_by_key(|line| format!("{line:?}"));
    told.sort_by_key(|line| format!("{line:?}"));
    assert_eq!(told, expected);

    // And nothing is told twice.
    bench.sync_whole().await;
    assert_eq!(self::told(&bench).len(), expected.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_is_gone_only_when_the_server_says_so() {
    let bench = Bench::start(240, |options| options.max_page = 50).await;
    bench.sync_whole().await;
    let leaver = bench.handle.users().remove(17);
    bench.handle.delete_user(&id(&leaver)).unwrap();
    let outcome = bench.sync_whole().await;
    assert_eq!(outcome.removed, 1, "{outcome:#?}");
    assert_eq!(bench.gone().into_iter().collect::<Vec<_>>(), [bench.key(&id(&leaver))]);
    assert!(bench.engine.person(&bench.key(&id(&leaver))).is_err());
    let timeline = bench.engine.timeline(Some(&bench.key(&id(&leaver))), None, 0, 10).unwrap();
    assert!(
        timeline.changes.iter().any(|line| line.kind == ChangeKind::Gone),
        "what is gone keeps its history: {timeline:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_answer_is_not_an_empty_company() {
    let bench = Bench::start(240, |_| {}).await;
    bench.sync_whole().await;
    let (users, groups) = bench.truth();
    bench.handle.set_faults(vec!["empty-list@1".parse().unwrap()]);
    let outcome = bench.sync().await;
    assert_ne!(outcome.state, SyncState::Complete, "{outcome:#?}");
    assert_eq!(outcome.removed, 0);
    bench.holds(users.keys().chain(groups.keys()));
    assert!(bench.gone().is_empty());
    bench.handle.set_faults(Vec::new());
    bench.sync_whole().await;
    assert!(bench.gone().is_empty());
}

/// History without the attributes that a server keeps by itself.
fn told(bench: &Bench) -> Vec<Line> {
    let own = |path: &Option<String>| !path.as_deref().is_some_and(|path| path.starts_with("meta"));
    bench
        .lines()
        .into_iter()
        .filter(|line| own(&line.path))
        .map(|line| (line.key, line.kind, line.path, line.before, line.after))
        .collect()
}

/// Replaces the title of the nth user behind Lanyard's back.
fn retitle(bench: &Bench, nth: usize, title: &str) {
    let user = &bench.handle.users()[nth];
    let operations = json!([{"op": "replace", "path": "title", "value": title}]);
    bench.handle.patch_user(&id(user), &operations).unwrap();
}

/// Moves a user into a group that does not have them, behind Lanyard's back.
fn regroup(bench: &Bench, nth: usize) {
    let groups = bench.handle.groups();
    let user = id(&bench.handle.users()[nth]);
    let names = |group: &serde_json::Value| {
        group["members"]
            .as_array()
            .is_some_and(|members| members.iter().any(|member| member["value"] == user.as_str()))
    };
    let group = groups.iter().find(|group| !names(group)).unwrap();
    bench.handle.add_member(&id(group), &user).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_server_is_proven_only_changes_are_read_and_a_leaver_is_noticed_all_the_same() {
    let bench = Bench::start(240, |options| options.max_page = 20).await;
    let first = bench.sync_whole().await;
    // Nothing was seen to move yet, so everything is read.
    retitle(&bench, 3, "Stevedore");
    regroup(&bench, 5);
    let second = bench.sync_whole().await;
    assert_eq!(second.changed, 2);
    retitle(&bench, 4, "Pilot");
    regroup(&bench, 6);
    let third = bench.sync_whole().await;
    assert_eq!(third.changed, 2, "{third:#?}");
    for collection in ["Users", "Groups"] {
        let how = bench.coverage(collection).how;
        assert!(how.starts_with("what changed since"), "{collection}: {how}");
    }
    assert!(third.requests * 2 < first.requests && third.bytes * 4 < first.bytes, "{third:#?}");
    let leaver = id(&bench.handle.users()[7]);
    bench.handle.delete_user(&leaver).unwrap();
    retitle(&bench, 9, "Harbour master");
    let fourth = bench.sync_whole().await;
    assert_eq!(fourth.removed, 1, "{fourth:#?}");
    assert!(bench.gone().contains(&bench.key(&leaver)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_filters_the_versions_of_all_are_read_and_in_full_only_what_differs() {
    let bench = Bench::start(240, |options| {
        options.filter = FilterSupport::Refused;
        options.max_page = 50;
    })
    .await;
    let first = bench.sync_whole().await;
    retitle(&bench, 3, "Stevedore");
    regroup(&bench, 5);
    bench.sync_whole().await;
    retitle(&bench, 4, "Pilot");
    regroup(&bench, 6);
    let leaver = id(&bench.handle.users()[7]);
    bench.handle.delete_user(&leaver).unwrap();
    let third = bench.sync_whole().await;
    for collection in ["Users", "Groups"] {
        let how = bench.coverage(collection).how;
        assert!(how.starts_with("the versions of all"), "{collection}: {how}");
    }
    assert!(third.bytes * 2 < first.bytes, "{third:#?}");
    assert_eq!(third.removed, 1, "{third:#?}");
    assert!(bench.gone().contains(&bench.key(&leaver)));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_change_of_members_does_not_move_the_group_its_last_modified_is_not_believed() {
    let bench = Bench::start(240, |options| {
        options.quirks.insert(Quirk::StaleLastModified);
    })
    .await;
    bench.sync_whole().await;
    for nth in 5..9 {
        regroup(&bench, nth);
        let outcome = bench.sync_whole().await;
        assert_eq!(outcome.changed, 1, "{outcome:#?}");
    }
    let how = bench.coverage("Groups").how;
    assert!(!how.starts_with("what changed since"), "{how}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_says_something_else_has_another_number() {
    let bench = Bench::start(40, |_| {}).await;
    let number = || bench.engine.people(&PeopleQuery::default()).unwrap().generation;
    let mut last = number();
    for _ in 0..2 {
        bench.sync_whole().await;
        let now = number();
        assert!(now > last, "what was read, and when, is part of the picture");
        last = now;
    }
    bench.engine.set_source_enabled(bench.source.id, false).unwrap();
    assert!(number() > last);
}
