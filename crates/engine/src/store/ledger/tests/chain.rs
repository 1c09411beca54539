//! The chain: anyone can reckon it again, and whoever changes it is found.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::*;

#[test]
fn an_auditor_can_reckon_it_from_an_export() {
    let home = Home::new();
    let ledger = filled(&home);
    let page = ledger
        .audit(&AuditQuery {
            limit: 500,
            ..AuditQuery::default()
        })
        .unwrap();
    assert_eq!((page.total, page.entries.len()), (4, 4));
    let hash = |text: &str| {
        Sha256::digest(text.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let mut previous = hash(&format!("lanyard audit v1\n{}", ledger.folder_id()));
    for (seq, entry) in (1..).zip(page.entries.iter().rev()) {
        assert_eq!((entry.seq, &entry.previous), (seq, &previous));
        assert!(entry.actor.contains('@'), "{}", entry.actor);
        // Through the text, as an exported file has it. Sorted maps give canonical JSON here, but for the one large double.
        let exported = serde_json::to_string(entry).unwrap();
        let mut members: BTreeMap<String, serde_json::Value> = serde_json::from_str(&exported).unwrap();
        members.remove("hash");
        if let Some(data) = members.get_mut("data").and_then(serde_json::Value::as_object_mut) {
            data.sort_keys();
            for inner in data.values_mut().filter_map(serde_json::Value::as_object_mut) {
                inner.sort_keys();
            }
        }
        let text = serde_json::to_string(&members).unwrap().replace("1e21", "1e+21");
        assert_eq!(hash(&text), entry.hash, "{text}");
        previous.clone_from(&entry.hash);
    }
    let check = ledger.verify_audit().unwrap();
    assert_eq!((check.ok, check.entries, check.head), (true, 4, previous));
}

#[test]
fn whoever_tampers_is_found_and_named() {
    let cases = [
        ("UPDATE audit SET summary = 'nothing' WHERE seq = 2", 2, "changed"),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", 1, "changed"),
        ("UPDATE audit SET actor = 'someone@else' WHERE seq = 3", 3, "changed"),
        ("UPDATE audit SET source = NULL WHERE seq = 1", 1, "changed"),
        ("UPDATE audit SET data = '{}' WHERE seq = 4", 4, "changed"),
        ("UPDATE audit SET hash = previous WHERE seq = 2", 2, "changed"),
        ("UPDATE audit SET previous = hash WHERE seq = 3", 3, "before"),
        ("DELETE FROM audit WHERE seq = 2", 2, "missing"),
        ("DELETE FROM audit WHERE seq = 1", 1, "missing"),
        (
            "DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = seq - 1 WHERE seq > 2",
            2,
            "before",
        ),
        (
            "UPDATE audit SET seq = -2 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = -2",
            2,
            "before",
        ),
        ("DELETE FROM audit WHERE seq >= 3", 3, "gone"),
        ("DELETE FROM audit", 1, "gone"),
        ("UPDATE change SET after = 'z' WHERE seq = 1", 3, "lines 1 to 3"),
        ("UPDATE change SET kind = 2 WHERE seq = 2", 3, "lines 1 to 3"),
        ("UPDATE transition SET name = 'z' WHERE seq = 2", 3, "lines 1 to 3"),
        ("UPDATE transition SET seen_at = 5 WHERE seq = 1", 3, "lines 1 to 3"),
        ("DELETE FROM change WHERE seq = 3", 3, "line 3"),
        ("DELETE FROM transition WHERE seq = 1", 3, "line 1"),
        ("UPDATE transition SET lines = 1 WHERE seq = 1", 3, "line 2"),
        ("UPDATE change SET kind = 77 WHERE seq = 1", 3, "cannot be read"),
    ];
    for (statement, entry, word) in cases {
        let home = Home::new();
        let ledger = filled(&home);
        assert!(ledger.verify_audit().unwrap().ok);
        home.tamper(statement);
        let check = ledger.verify_audit().unwrap();
        assert!(!check.ok, "{statement}");
        assert_eq!(check.broken_at, Some(entry), "{statement}: {check:?}");
        assert!(check.problem.as_ref().unwrap().contains(word), "{statement}: {check:?}");
    }
}

#[test]
fn a_chain_that_was_reckoned_anew_does_not_match_what_was_kept_beside_it() {
    let home = Home::new();
    let ledger = filled(&home);
    // Someone with the key changes entry 3 and everything that follows from it.
    home.tamper("UPDATE audit SET summary = 'nothing' WHERE seq = 3");
    let raw = home.raw();
    for seq in 3..=4 {
        let mut entry = audit::at(&raw, seq).unwrap().unwrap();
        entry.previous = audit::at(&raw, seq - 1).unwrap().unwrap().hash;
        raw.execute(
            "UPDATE audit SET previous = ?1, hash = ?2 WHERE seq = ?3",
            rusqlite::params![entry.previous, entry.reckon(), seq],
        )
        .unwrap();
    }
    let check = ledger.verify_audit().unwrap();
    assert_eq!((check.ok, check.broken_at), (false, Some(4)), "{check:?}");
    assert!(
        verify::chain(&raw, ledger.folder_id()).unwrap().ok,
        "the chain in itself is sound: only the head shows it"
    );
    drop(ledger);
    assert_eq!(home.refused().code(), "ledger.chainBroken");
}

#[test]
fn an_end_that_does_not_hold_is_refused_at_once() {
    let home = Home::new();
    drop(filled(&home));
    home.tamper("UPDATE audit SET summary = 'nothing' WHERE seq = 4");
    let error = home.refused();
    assert!(matches!(error, StoreError::Chain { entry: 4, .. }), "{error:?}");
    assert!(error.fault().next.contains("Keep the file as evidence"));
}

#[test]
fn a_ledger_that_lost_its_end_is_refused_until_a_person_says_otherwise() {
    let home = Home::new();
    drop(filled(&home));
    home.tamper("DELETE FROM audit WHERE seq > 2");
    let error = home.refused();
    assert!(matches!(error, StoreError::RolledBack { expected: 4, found: 2, .. }), "{error:?}");
    assert!(error.fault().next.contains(HEAD_FILE));
    std::fs::remove_file(home.dir.path().join(HEAD_FILE)).unwrap();
    let ledger = home.open();
    let last = ledger
        .audit(&AuditQuery {
            limit: 1,
            ..AuditQuery::default()
        })
        .unwrap();
    assert_eq!((last.total, last.entries[0].action.as_str()), (3, "ledger.unanchored"));
    drop(ledger);
    assert_eq!(home.open().audit(&AuditQuery::default()).unwrap().total, 3, "it is said once");
}

#[test]
fn the_log_is_paged_and_searched() {
    let home = Home::new();
    let ledger = home.open();
    for n in 0..20 {
        let source = Some(n % 2);
        ledger
            .append_audit(AuditDraft {
                action: "source.tested",
                source,
                summary: format!("Prüfung {n}"),
                data: serde_json::Value::Null,
            })
            .unwrap();
    }
    let ask = |search: &str, source, offset, limit| {
        let page = ledger
            .audit(&AuditQuery {
                search: search.into(),
                source,
                offset,
                limit,
            })
            .unwrap();
        (page.total, page.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>())
    };
    assert_eq!(ask("", None, 0, 3), (20, vec![20, 19, 18]));
    assert_eq!(ask("", Some(1), 1, 2), (10, vec![18, 16]));
    assert_eq!(
        ask("PRÜFUNG 1", None, 0, 500),
        (11, vec![20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 2])
    );
    assert_eq!(ask("prüfung 1", Some(0), 1, 2), (5, vec![17, 15]));
    assert_eq!(ask("tested", None, 0, 0), (20, vec![]));
    assert_eq!(ask("@", None, 19, 10), (20, vec![1]));
    assert_eq!(ask("no such thing", None, 0, 10), (0, vec![]));
}
