//! Rotations' records stand in order beside the audit log, and one of a source is open at a time.

use serde_json::json;

use super::*;

fn draft(kind: &'static str, weighs: bool, seals: bool) -> RotationDraft {
    RotationDraft {
        kind,
        data: json!({ "says": kind }),
        at: 1_000,
        audit: weighs.then(|| ("rotation.told", kind.to_owned())),
        seals,
    }
}

pub fn begun(ledger: &Ledger) -> i64 {
    let begun = ledger
        .begin_rotation(1, |_| draft("rotation.began", true, false), |_| true)
        .unwrap();
    begun.unwrap_or_else(|open| open)
}

#[test]
fn one_is_open_at_a_time() {
    let home = Home::new();
    let ledger = home.open();
    assert_eq!(
        ledger
            .begin_rotation(1, |_| draft("rotation.began", true, false), |_| true)
            .unwrap(),
        Ok(1)
    );
    assert_eq!(
        ledger
            .begin_rotation(1, |_| draft("rotation.began", true, false), |_| true)
            .unwrap(),
        Err(1)
    );
    assert_eq!(
        ledger
            .begin_rotation(2, |_| draft("rotation.began", true, false), |_| true)
            .unwrap(),
        Ok(2)
    );
    assert_eq!(
        ledger
            .begin_rotation(1, |_| draft("rotation.began", true, false), |_| false)
            .unwrap(),
        Ok(3)
    );
    let numbers = |source| {
        ledger
            .rotations(source)
            .unwrap()
            .iter()
            .map(|first| first.rotation)
            .collect::<Vec<_>>()
    };
    assert_eq!((numbers(None), numbers(Some(1))), (vec![3, 2, 1], vec![3, 1]));
}

#[test]
fn records_of_weight_stand_in_the_chain_and_the_last_seals_all() {
    let home = Home::new();
    let ledger = home.open();
    let id = begun(&ledger);
    let more = vec![draft("asked", false, false), draft("promoted", true, false)];
    assert!(ledger.append_rotation(id, 1, Some(1), more).unwrap());
    // Somebody else wrote meanwhile: nothing is added.
    assert!(
        !ledger
            .append_rotation(id, 1, Some(1), vec![draft("promoted", true, false)])
            .unwrap()
    );
    assert!(
        ledger
            .append_rotation(id, 1, None, vec![draft("rotation.closed", true, true)])
            .unwrap()
    );
    let records = ledger.rotation_records(id, 1).unwrap();
    assert_eq!(records.iter().map(|record| record.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(
        records.iter().map(|record| record.audit.is_some()).collect::<Vec<_>>(),
        [true, false, true, true]
    );
    let entries = ledger
        .audit(&AuditQuery {
            limit: 10,
            ..AuditQuery::default()
        })
        .unwrap()
        .entries;
    let sealing = &entries[0];
    assert_eq!(sealing.data["record"], 4);
    assert_eq!(sealing.data["records"].as_str().map(str::len), Some(64));
    assert_eq!(entries[1].data["what"]["says"], "promoted");
    assert!(ledger.verify_audit().unwrap().ok);
}
