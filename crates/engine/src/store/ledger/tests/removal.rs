//! History goes only where somebody set how long it is kept, whole stretches at a time, and the audit log still holds.

use super::*;
use crate::store::ledger::pack_past;

/// A version of a record with what it said before.
fn step(id: &str, hash: u8, said: &str) -> Transition {
    Transition {
        past: Some(pack_past(said.as_bytes()).unwrap()),
        ..transition(ResourceKind::User, id, hash, vec![change(ChangeKind::Set, None, Some("x"))])
    }
}

/// Three syncs, two lines each: seen at 100, 200, 300.
pub fn three_syncs(ledger: &Ledger) {
    for (at, hash) in [(100, 1), (200, 2), (300, 3)] {
        ledger
            .record(1, at, &[step("u1", hash, "{\"n\":1}"), step("u2", hash, "{\"n\":2}")])
            .unwrap();
        ledger.append_audit(sync_ended(1)).unwrap();
    }
}

fn guards(home: &Home) -> Vec<(String, String)> {
    let raw = home.raw();
    let mut statement = raw
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn rows(home: &Home) -> [i64; 3] {
    ["change", "transition", "past"].map(|table| {
        home.raw()
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap()
    })
}

#[test]
fn whole_stretches_that_are_old_enough_go_and_the_log_still_holds() {
    let home = Home::new();
    let ledger = home.open();
    three_syncs(&ledger);
    let (before, guarded) = (rows(&home), guards(&home));
    assert_eq!(before, [6, 6, 6]);
    for (limit, old) in [(100, 0), (101, 2), (200, 2), (201, 4), (301, 6)] {
        assert_eq!(ledger.older_than(limit).unwrap(), old, "before {limit}");
    }
    assert_eq!(rows(&home), before, "a preview removes nothing");
    assert_eq!(ledger.remove_history(100, 30).unwrap(), 0);
    assert_eq!(ledger.history_info().unwrap().removed_before, None);

    assert_eq!(ledger.remove_history(250, 30).unwrap(), 4);
    assert_eq!(rows(&home), [2, 2, 2]);
    assert_eq!(guards(&home), guarded, "the guards are those that were there");
    let check = ledger.verify_audit().unwrap();
    assert!(check.ok, "{check:?}");
    let removed = &check.removed[0];
    assert_eq!(
        (removed.from, removed.to, removed.before, removed.versions_to),
        (1, 4, 250, Some(4))
    );
    assert_eq!(removed.by, ledger.actor());
    let entry = ledger
        .audit(&AuditQuery {
            search: "history.removed".into(),
            limit: 1,
            ..AuditQuery::default()
        })
        .unwrap()
        .entries
        .remove(0);
    assert!(
        entry.summary.contains("4 lines") && entry.summary.contains("seven days"),
        "{}",
        entry.summary
    );

    // What is left is counted, dated and asked for as such.
    let page = ledger
        .changes(&ChangeQuery {
            limit: 10,
            ..ChangeQuery::default()
        })
        .unwrap();
    assert_eq!(
        (page.total, page.changes.len(), page.recorded_since),
        (2, 2, page.recorded_since.max(Some(250)))
    );
    let info = ledger.history_info().unwrap();
    assert_eq!(
        (info.lines, info.versions, info.oldest, info.removed_before),
        (2, 2, Some(300), Some(250))
    );
    assert_eq!(ledger.change(4).unwrap(), None);
    assert!(ledger.change(5).unwrap().is_some());
}

#[test]
fn numbers_go_on_after_all_of_it_is_gone() {
    let home = Home::new();
    let ledger = home.open();
    three_syncs(&ledger);
    assert_eq!(ledger.remove_history(1000, 1).unwrap(), 6);
    assert_eq!(rows(&home), [0, 0, 0]);
    assert_eq!(ledger.history_end().unwrap(), 6);
    ledger.record(1, 400, &[step("u1", 4, "{}")]).unwrap();
    ledger.append_audit(sync_ended(1)).unwrap();
    assert_eq!(ledger.history_end().unwrap(), 7);
    let check = ledger.verify_history().unwrap();
    assert_eq!((check.ok, check.lines, check.versions, check.not_yet), (true, 1, 1, 0), "{check:?}");
    // And once more: one removal follows the other.
    assert_eq!(ledger.remove_history(1000, 1).unwrap(), 1);
    let check = ledger.verify_audit().unwrap();
    assert!(check.ok && check.removed.len() == 2, "{check:?}");
    drop(ledger);
    let again = home.open();
    assert!(again.verify_audit().unwrap().ok);
    let raw = home.raw();
    let first = raw
        .execute("INSERT INTO transition VALUES (1, 1, 'x', 0, 'x', 1, x'00', 1, 0)", [])
        .unwrap_err();
    assert!(first.to_string().contains("in order"), "{first}");
}

#[test]
fn what_no_entry_vouches_for_stays() {
    let home = Home::new();
    let ledger = home.open();
    three_syncs(&ledger);
    ledger.record(1, 310, &[step("u9", 1, "{}")]).unwrap();
    assert_eq!(ledger.older_than(10_000).unwrap(), 6);
    assert_eq!(ledger.remove_history(10_000, 1).unwrap(), 6);
    assert_eq!(rows(&home), [1, 1, 1]);
    ledger.append_audit(sync_ended(1)).unwrap();
    assert!(ledger.verify_audit().unwrap().ok);
}

#[test]
fn history_that_was_tampered_with_is_not_removed_out_of_sight() {
    let home = Home::new();
    let ledger = home.open();
    three_syncs(&ledger);
    drop(ledger);
    let raw = home.raw();
    raw.execute_batch("DROP TRIGGER change_keeps; UPDATE change SET after = 'y' WHERE seq = 1;")
        .unwrap();
    let ledger = home.open();
    let error = ledger.remove_history(1000, 1).unwrap_err();
    assert_eq!(error.code(), "ledger.damaged");
    assert_eq!(rows(&home), [6, 6, 6]);
}

#[test]
fn a_removal_that_ends_half_way_leaves_everything_where_it_was() {
    let home = Home::new();
    let ledger = home.open();
    three_syncs(&ledger);
    let (before, guarded) = (rows(&home), guards(&home));
    let entries = ledger.verify_audit().unwrap().entries;
    // The entry cannot be written, after the guards were taken away and the lines with them.
    home.raw()
        .execute_batch(
            "CREATE TRIGGER stop BEFORE INSERT ON audit WHEN NEW.action = 'history.removed'
             BEGIN SELECT RAISE(ABORT, 'the power is gone'); END;",
        )
        .unwrap();
    assert!(ledger.remove_history(1000, 1).is_err());
    home.raw().execute_batch("DROP TRIGGER stop").unwrap();
    assert_eq!((rows(&home), guards(&home)), (before, guarded));
    let check = ledger.verify_audit().unwrap();
    assert!(check.ok && check.entries == entries && check.removed.is_empty(), "{check:?}");
    assert!(home.raw().execute("DELETE FROM change", []).is_err());
    assert_eq!(ledger.remove_history(1000, 1).unwrap(), 6);
}

#[test]
fn a_changed_or_missing_earlier_version_is_found() {
    for statement in [
        "DROP TRIGGER past_keeps; UPDATE past SET document = x'00' WHERE seq = 3;",
        "DROP TRIGGER past_holds; DELETE FROM past WHERE seq = 3;",
        "DROP TRIGGER past_keeps; UPDATE past SET transition = 99 WHERE seq = 3;",
        // Lines taken out without a removal that the log tells of.
        "DROP TRIGGER past_holds; DROP TRIGGER change_holds; DROP TRIGGER transition_holds;
         DELETE FROM past WHERE seq < 3; DELETE FROM change WHERE seq < 3; DELETE FROM transition WHERE seq < 3;
         INSERT INTO removal VALUES (1, 1, 150, 2, 2, 2);",
    ] {
        let home = Home::new();
        let ledger = home.open();
        three_syncs(&ledger);
        let raw = home.raw();
        raw.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        raw.execute_batch(statement).unwrap();
        let check = ledger.verify_audit().unwrap();
        assert!(!check.ok, "{statement}: {check:?}");
    }
}

#[test]
fn a_log_of_before_versions_were_kept_stays_valid() {
    let home = Home::new();
    let ledger = filled(&home);
    let check = ledger.verify_history().unwrap();
    assert_eq!((check.ok, check.versions), (true, 0));
    three_syncs(&ledger);
    let check = ledger.verify_history().unwrap();
    // (The first of them is the last that is there already, seen again.)
    assert_eq!((check.ok, check.lines, check.versions), (true, 8, 5), "{check:?}");
}
