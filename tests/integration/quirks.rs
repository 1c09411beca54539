//! Servers that are not true to the RFCs: what they hold is read all the same, or it is said what was not.

use lanyard_engine::view::{CoverageState, PeopleQuery, SyncState};
use lanyard_lab::Quirk;
use lanyard_tests::compare;
use serde_json::json;

use crate::bench::{Bench, id};

/// A bench whose server has these quirks from the start.
async fn with(quirks: &[Quirk]) -> Bench {
    let quirks = quirks.to_vec();
    Bench::start(240, move |options| {
        options.default_page = 30;
        options.max_page = 30;
        options.quirks.extend(quirks);
    })
    .await
}

fn same_members(bench: &Bench) {
    for (group, document) in bench.truth().1 {
        assert_eq!(
            compare::members(&bench.engine, bench.source.id, &group),
            compare::named_members(&document),
            "{}",
            document["displayName"]
        );
    }
}

/// Quirks of form: everything is read, in full, and someone who is deleted is seen to be gone.
#[tokio::test(flavor = "multi_thread")]
async fn odd_forms_are_read_in_full() {
    for quirk in [
        Quirk::LowercaseResources,
        Quirk::StringBooleans,
        Quirk::NoMeta,
        Quirk::NoLastModified,
        Quirk::StaleLastModified,
        Quirk::UserGroups,
        Quirk::BeyondEndIsFirstPage,
        Quirk::ShortPages,
        Quirk::IgnoresCount,
        Quirk::NoPaging,
        Quirk::NoConfig,
        Quirk::NoSchemas,
        Quirk::NoResourceTypes,
        Quirk::NeedsUserAgent,
        Quirk::NeedsJsonAccept,
        Quirk::PlainJson,
        Quirk::UnknownFilterIsEmpty,
        Quirk::UnknownFilterIs500,
        Quirk::DanglingMembers,
    ] {
        let bench = with(&[quirk]).await;
        let first = bench.sync().await;
        assert_eq!(first.state, SyncState::Complete, "{quirk:?}: {first:#?}");
        bench.same_ids();
        same_members(&bench);
        let users = bench.handle.users();
        let (leaver, changed) = (id(&users[12]), id(&users[77]));
        bench.handle.delete_user(&leaver).unwrap();
        bench
            .handle
            .patch_user(
                &changed,
                &json!([{ "op": "replace", "path": "title", "value": "Seen" }, { "op": "replace", "path": "active", "value": false }]),
            )
            .unwrap();
        let group = id(&bench.handle.groups()[0]);
        let member = compare::named_members(&bench.truth().1[&group]).into_iter().next().unwrap();
        bench.handle.remove_member(&group, &member).unwrap();
        let second = bench.sync().await;
        assert_eq!((second.state, second.removed), (SyncState::Complete, 1), "{quirk:?}: {second:#?}");
        bench.same_ids();
        same_members(&bench);
        let found = bench
            .engine
            .people(&PeopleQuery {
                filter: Some(r#"title eq "Seen" and active eq false"#.into()),
                limit: 5,
                ..PeopleQuery::default()
            })
            .unwrap();
        assert_eq!(
            (found.total, found.rows[0].key.as_str()),
            (1, bench.key(&changed).as_str()),
            "{quirk:?}"
        );
        let third = bench.sync().await;
        assert_eq!((third.added, third.changed, third.removed), (0, 0, 0), "{quirk:?}: {third:#?}");
    }
}

/// Where groups list no members, users tell which groups they are in: at first, and when that changes.
#[tokio::test(flavor = "multi_thread")]
async fn members_are_read_from_users_where_groups_do_not_tell() {
    let bench = with(&[Quirk::NoMembers, Quirk::UserGroups]).await;
    let same = |context: &str| {
        let (users, groups) = bench.truth();
        for (group, document) in groups {
            let mut named = compare::named_members(&document);
            // A group in a group is no user's to tell.
            named.retain(|member| users.contains_key(member));
            let read = compare::members(&bench.engine, bench.source.id, &group);
            assert_eq!(read, named, "{context}: {}", document["displayName"]);
        }
    };
    assert_eq!(bench.sync().await.state, SyncState::Complete);
    same("at first");
    let (users, groups) = (bench.handle.users(), bench.handle.groups());
    let (group, other) = (id(&groups[0]), id(&groups[3]));
    let member = compare::named_members(&bench.truth().1[&group]).into_iter().next().unwrap();
    bench.handle.remove_member(&group, &member).unwrap();
    bench.handle.add_member(&other, &id(&users[50])).unwrap();
    assert_eq!(bench.sync().await.state, SyncState::Complete);
    same("after a change");
    let third = bench.sync().await;
    assert_eq!((third.changed, third.rows_written), (0, 0), "{third:#?}");
    same("when nothing changed");
    assert!(
        bench.coverage("Memberships").how.contains("each user"),
        "{:?}",
        bench.coverage("Memberships")
    );
}

/// Lists whose end cannot be believed: what came is kept, it is said to be a part, and nobody is taken for deleted.
#[tokio::test(flavor = "multi_thread")]
async fn lists_that_cannot_be_believed_are_never_complete() {
    for quirk in [Quirk::IgnoresStartIndex, Quirk::TotalIsPageSize] {
        let bench = with(&[quirk]).await;
        let first = bench.sync().await;
        let users = bench.coverage("Users");
        if users.state == CoverageState::Complete {
            // It found a way around (cursors, say): then all of it must be there.
            bench.same_ids();
        } else {
            assert_eq!(first.state, SyncState::Incomplete, "{quirk:?}: {first:#?}");
            assert!(!users.reasons.is_empty(), "{quirk:?}");
        }
        assert!(
            first.requests < 300,
            "{quirk:?}: a list was read without an end: {}",
            first.requests
        );
        // The server mends its ways; later it falls back. Who was read stays.
        bench.handle.set_quirks([]);
        bench.sync_whole().await;
        let (everyone, _) = bench.truth();
        bench.handle.set_quirks([quirk]);
        bench.sync().await;
        bench.holds(everyone.keys());
        assert!(bench.gone().is_empty(), "{quirk:?}: {:?}", bench.gone());
    }
}

/// Totals that are missing: the list is read to its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_total_does_not_stop_the_reading() {
    let bench = with(&[Quirk::NoTotal]).await;
    bench.sync().await;
    bench.same_ids();
    same_members(&bench);
}

/// Pages that overlap: each is read once.
#[tokio::test(flavor = "multi_thread")]
async fn overlapping_pages_double_nobody() {
    let bench = with(&[Quirk::OverlappingPages]).await;
    let first = bench.sync().await;
    let (users, _) = bench.truth();
    let source = bench.now();
    assert!(source.accounts <= users.len() as u64);
    if first.state == SyncState::Complete {
        bench.same_ids();
    } else {
        assert!(!bench.coverage("Users").reasons.is_empty());
    }
}

/// Members that lists leave out are asked for one by one; members that no answer holds are unknown, never none.
#[tokio::test(flavor = "multi_thread")]
async fn members_that_are_not_listed_are_not_nought() {
    let bench = with(&[Quirk::NoMembers]).await;
    let outcome = bench.sync().await;
    assert_ne!(outcome.state, SyncState::Complete, "{outcome:#?}");
    bench.incomplete("Memberships", "membersNotListed");
    let (_, groups) = bench.truth();
    let group = bench.engine.group(&bench.key(groups.keys().next().unwrap())).unwrap();
    assert_eq!((group.row.members, group.row.people), (None, None), "{group:#?}");

    let bench = with(&[Quirk::NoMembersInLists]).await;
    bench.sync().await;
    if bench.coverage("Memberships").state == CoverageState::Complete {
        same_members(&bench);
    } else {
        bench.incomplete("Memberships", "membersNotListed");
    }
}
