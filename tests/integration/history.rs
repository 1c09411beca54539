//! History that can be asked: the picture as it was, and what changed since, with the access gained and lost by it.

use std::collections::BTreeMap;

use lanyard_engine::Engine;
use lanyard_engine::map::Named;
use lanyard_engine::view::{AccessOf, Caveat, ChangeKind, ComparedRecord, Comparison, ComparisonQuery, Millis, RecordChange};

use crate::findings::Halcyon;

const GROUP: &str = "backup-operators";
const VAULT: &str = "vault-prod";

fn now() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}

/// A moment with nothing else in it.
async fn pause() -> Millis {
    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    let at = now();
    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    at
}

fn key(engine: &Engine, text: &str) -> String {
    match engine.name_person(text).unwrap() {
        Named::One(node) => node.key,
        _ => panic!("{text} is not one person"),
    }
}

fn holds(access: &AccessOf, role: &str) -> bool {
    access
        .holdings
        .iter()
        .any(|holding| holding.role.name == role && holding.scope.name == VAULT)
}

fn since(engine: &Engine, from: Millis) -> Comparison {
    engine
        .compare(&ComparisonQuery {
            from,
            limit: 500,
            ..ComparisonQuery::default()
        })
        .unwrap()
}

fn record<'c>(comparison: &'c Comparison, name: &str) -> &'c ComparedRecord {
    let found = comparison.records.iter().find(|record| record.name == name);
    found.unwrap_or_else(|| panic!("{name} does not differ: {:#?}", comparison.records))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_comes_back_as_it_was_and_each_change_tells_what_it_gave() {
    let halcyon = Halcyon::start().await;
    let (engine, azure) = (&halcyon.engine, halcyon.lab.azure().unwrap());
    // Three people whom the story gives nothing on the vault.
    let upns: Vec<String> = azure.look(|tenant| tenant.users.iter().map(|user| user.upn.clone()).collect());
    let plain: Vec<(String, String)> = upns
        .iter()
        .filter_map(|upn| match engine.name_person(upn).unwrap() {
            Named::One(node) => Some((upn.clone(), node.key)),
            _ => None,
        })
        .filter(|(_, key)| {
            let access = engine.access_of(key).unwrap();
            access.holdings.iter().all(|holding| holding.scope.name != VAULT)
        })
        .take(3)
        .collect();
    let [(joins, joins_key), (given, given_key), (leaves, leaves_key)] = plain.as_slice() else {
        panic!("three plain people: {plain:?}");
    };
    let everybody: Vec<String> = upns
        .iter()
        .take(60)
        .filter_map(|upn| match engine.name_person(upn).unwrap() {
            Named::One(node) => Some(node.key),
            _ => None,
        })
        .collect();
    let held: BTreeMap<&String, AccessOf> = everybody.iter().map(|key| (key, engine.access_of(key).unwrap())).collect();
    let first = pause().await;
    assert_eq!(since(engine, first).total, 0, "nothing happened yet");

    assert!(azure.add_member(GROUP, joins) && azure.delete(leaves, false));
    assert!(azure.assign(given, "Reader", VAULT).is_some());
    halcyon.sync().await;
    let second = pause().await;

    // Then and now, of one person.
    let then = engine.as_of(joins_key, first).unwrap();
    assert!(then.caveats.is_empty(), "{:#?}", then.caveats);
    assert!(!holds(then.access.as_ref().unwrap(), "Backup Operator"));
    assert!(then.person.unwrap().memberships.iter().all(|membership| membership.name != GROUP));
    for at in [second, now() + 60_000] {
        assert!(holds(
            engine.as_of(joins_key, at).unwrap().access.as_ref().unwrap(),
            "Backup Operator"
        ));
    }
    // And of many, to the last path.
    for (key, before) in &held {
        let then = engine
            .as_of(key, first)
            .unwrap()
            .access
            .unwrap_or_else(|| panic!("{key} was there"));
        assert_eq!(then.holdings, before.holdings, "{key}");
    }
    // One that is gone at Entra was there.
    let then = engine.as_of(leaves_key, first).unwrap().person.unwrap();
    let is = engine.as_of(leaves_key, second).unwrap().person.unwrap();
    assert_eq!(then.accounts.len(), is.accounts.len() + 1);
    let gone = then
        .accounts
        .iter()
        .find(|account| is.accounts.iter().all(|other| other.key != account.key))
        .unwrap();
    assert!(!gone.attributes.is_empty(), "with what its document said");

    let comparison = since(engine, first);
    let group = record(&comparison, GROUP);
    assert_eq!((group.change, group.lines.len()), (RecordChange::Changed, 1), "{group:#?}");
    let line = &group.lines[0];
    assert_eq!((line.kind, line.lost.len()), (ChangeKind::MemberAdded, 0));
    let gained: Vec<(&str, &str, u32)> = line
        .gained
        .iter()
        .map(|sum| (sum.role.name.as_str(), sum.scope.name.as_str(), sum.people))
        .collect();
    assert!(gained.contains(&("Backup Operator", VAULT, 1)), "{gained:?}");
    // It approves restores by the group too: an app role, for direct members.
    assert!(
        gained
            .iter()
            .any(|(role, ..)| *role == "Restore.Approve" || role.contains("pprove")),
        "{gained:?}"
    );
    let name = &engine.as_of(given_key, second).unwrap().person.unwrap().row.name;
    let assignment = record(&comparison, &format!("Reader on {VAULT} to {name}"));
    assert_eq!(
        (assignment.change, assignment.gained.len()),
        (RecordChange::Appeared, 1),
        "{assignment:#?}"
    );
    let left: Vec<&ComparedRecord> = comparison
        .records
        .iter()
        .filter(|record| record.resource == "User" && record.change == RecordChange::Gone)
        .collect();
    assert_eq!(left.len(), 1, "{:#?}", comparison.records);
    assert_eq!(left[0].key, gone.key);
    assert_eq!(
        (
            comparison.sums.accounts_gone,
            comparison.sums.accounts_appeared,
            comparison.sums.members_added
        ),
        (1, 0, 1)
    );

    // Who gained what, and why.
    let page = engine
        .compare_access(&ComparisonQuery {
            from: first,
            about: Some(joins_key.clone()),
            limit: 50,
            ..ComparisonQuery::default()
        })
        .unwrap();
    let operator = page.changes.iter().find(|change| change.role.name == "Backup Operator").unwrap();
    assert!(operator.gained && operator.can_restore && operator.before.is_none());
    assert_eq!(operator.because, [format!("joined {GROUP}")]);
    assert_eq!(operator.by, format!("by {GROUP}"));
    assert!(page.changes.iter().all(|change| change.identity.key == *joins_key));
    let restoring = engine
        .compare(&ComparisonQuery {
            from: first,
            privileged: true,
            limit: 50,
            ..ComparisonQuery::default()
        })
        .unwrap();
    assert!(
        restoring.records.iter().any(|record| record.name == GROUP),
        "{:#?}",
        restoring.records
    );
    assert!(
        restoring.records.iter().all(|record| !record.name.starts_with("Reader")),
        "reading restores nothing"
    );

    // The timelines of the vault and of the role tell of the assignment, in words.
    for address in [&assignment.gained[0].role.key, &assignment.gained[0].scope.key, given_key] {
        let lines = engine.timeline(Some(address), None, 0, 100).unwrap();
        let told = lines.changes.iter().find(|line| line.resource == "RoleAssignment");
        assert!(
            told.is_some_and(|line| line.name == assignment.name),
            "{address}: {:#?}",
            lines.changes
        );
    }

    // What went to and fro is no difference.
    assert!(azure.remove_member(GROUP, joins));
    halcyon.sync().await;
    let comparison = since(engine, first);
    assert!(
        comparison.records.iter().all(|record| record.name != GROUP),
        "{:#?}",
        comparison.records
    );
    let comparison = since(engine, second);
    let line = &record(&comparison, GROUP).lines[0];
    assert_eq!(line.kind, ChangeKind::MemberRemoved);
    assert!(line.lost.iter().any(|sum| sum.role.name == "Backup Operator"), "{line:#?}");
    assert!(holds(
        engine.as_of(joins_key, second).unwrap().access.as_ref().unwrap(),
        "Backup Operator"
    ));

    let moments = engine.sync_moments(50).unwrap();
    assert_eq!(moments.len(), 12, "three rounds over four sources");
    assert!(moments.windows(2).all(|pair| pair[0].seq > pair[1].seq));
    assert!(engine.verify_audit().unwrap().ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_of_a_moment_is_said_and_is_no_absence() {
    let before = now() - 1_000;
    let halcyon = Halcyon::start().await;
    let (engine, azure) = (&halcyon.engine, halcyon.lab.azure().unwrap());
    let upn = azure.look(|tenant| tenant.users[3].upn.clone());
    let key = key(engine, &upn);
    let then = engine.as_of(&key, before).unwrap();
    assert!(then.person.is_none() && then.access.is_none());
    assert_eq!(
        then.caveats
            .iter()
            .filter(|caveat| caveat.text.contains("nothing is known about it before"))
            .count(),
        4,
        "{then:#?}"
    );
    // Nobody gained what nobody had looked at before.
    let query = ComparisonQuery {
        from: before,
        limit: 100,
        ..ComparisonQuery::default()
    };
    let (records, access) = (engine.compare(&query).unwrap(), engine.compare_access(&query).unwrap());
    assert_eq!((records.total, access.total), (0, 0), "{records:#?}\n{access:#?}");
    let told = |caveat: &&Caveat| caveat.text.contains("what differs is told from then on");
    assert_eq!(access.caveats.iter().filter(told).count(), 4, "{:#?}", access.caveats);
    let since = then.recorded_since.unwrap();
    // Between two first syncs: what was read is told, the rest is not evaluated.
    let moments = engine.sync_moments(50).unwrap();
    let then = engine.as_of(&key, moments.last().unwrap().at).unwrap();
    assert_eq!(moments.last().unwrap().at, since);
    let person = then.person.unwrap();
    assert_eq!(person.accounts.len(), 1, "{person:#?}");
    assert_eq!(then.caveats.len(), 3, "{:#?}", then.caveats);
    assert!(!then.access.unwrap().caveats.is_empty(), "rights that were not read are not none");

    // A day is kept: nothing is that old.
    let info = engine.set_history_retention(Some(1)).unwrap();
    assert_eq!((info.keep_days, info.over_age, info.removed_before), (Some(1), 0, None));
    assert!(engine.set_history_retention(Some(0)).is_err());
    assert_eq!(engine.set_history_retention(None).unwrap().keep_days, None);
    assert!(engine.verify_audit().unwrap().ok);
}
