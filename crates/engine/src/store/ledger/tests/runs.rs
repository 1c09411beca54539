//! Runs of de-provisioning in the ledger: what is personal is committed, the chain hangs on the audit log, and what was changed is named.

use super::*;
use crate::record::run::{COMMITMENT, Disclosure, RecordDraft, disclose};
use crate::view::{RunKind, Verdict};

fn record(kind: &'static str, title: &str) -> RecordDraft {
    RecordDraft {
        kind,
        title: title.into(),
        about: Some("act-1".into()),
        mark: Some(Verdict::Passed),
        data: json!({ "step": "act-1", "who": "Amal@halcyon.example", "request": { "url": "https://idp.example/Users/7" } }),
    }
}

fn append(kind: &'static str, title: &str, audited: bool) -> RunAppend {
    RunAppend {
        record: record(kind, title),
        at: 5,
        audit: audited.then(|| note("run.act", Some(1))),
    }
}

/// A run with three records, two of them in the audit log.
pub fn begun(ledger: &Ledger) -> StoredRun {
    let draft = RunDraftRow {
        plan: "Leaver".into(),
        kind: RunKind::Offboarding,
        dry_run: false,
        terms: vec!["amal@halcyon.example".into()],
    };
    let run = ledger.begin_run(&draft, |_| append("run.planned", "Planned", false)).unwrap();
    ledger
        .append_run(
            run.id,
            Some(1),
            vec![
                append("act.intent", "Switch off amal@halcyon.example", true),
                append("act.answer", "204", false),
            ],
        )
        .unwrap();
    run
}

/// A run whose evidence was signed.
pub fn signed(ledger: &Ledger) -> StoredRun {
    let run = begun(ledger);
    ledger.keep_evidence(run.id, &evidence(7), note("run.signed", None)).unwrap();
    run
}

fn evidence(byte: u8) -> StoredEvidence {
    StoredEvidence {
        at: 6,
        record: vec![byte; 9],
        signature: vec![byte; 64],
        key: "PEM".into(),
        fingerprint: "7f3ac1d8b2e49a06".into(),
        disclosures: vec![Disclosure::new([byte; 16], "Amal")],
    }
}

#[test]
fn evidence_is_kept_once_and_told_of() {
    let home = Home::new();
    let ledger = home.open();
    let run = begun(&ledger);
    assert_eq!(ledger.evidence(run.id).unwrap(), None);
    ledger.keep_evidence(run.id, &evidence(1), note("run.signed", None)).unwrap();
    // Whoever comes second finds what the first one signed.
    ledger.keep_evidence(run.id, &evidence(2), note("run.signed", None)).unwrap();
    let (kept, entry) = ledger.evidence(run.id).unwrap().unwrap();
    assert_eq!(kept, evidence(1));
    let audit = ledger.run_audit(run.id).unwrap().entries;
    let told: Vec<_> = audit
        .iter()
        .filter(|told| told.action == "run.signed")
        .map(|told| told.seq)
        .collect();
    assert_eq!(told, [entry]);
    assert!(ledger.verify_audit().unwrap().ok);
}

#[test]
fn personal_texts_are_committed_and_come_back() {
    let home = Home::new();
    let ledger = home.open();
    let run = begun(&ledger);
    let (records, disclosures) = ledger.run_records(run.id, 1).unwrap();
    assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(records[0].previous, run.genesis);
    assert!(records.iter().all(|record| record.reckon() == record.hash));
    let text = serde_json::to_string(&records).unwrap().to_lowercase();
    assert!(!text.contains("amal"), "{text}");
    assert!(!text.contains("idp.example"), "a quoted address may name anybody: {text}");
    assert!(records[1].title.get(COMMITMENT).is_some());
    let find = |digest: &str| {
        disclosures
            .iter()
            .find(|disclosure| disclosure.digest == digest)
            .map(|disclosure| disclosure.value.as_str())
    };
    assert_eq!(disclose(&records[1].data, &find, "-"), record("", "").data);
    assert_eq!(disclose(&records[1].title, &find, "-"), json!("Switch off amal@halcyon.example"));
    assert_eq!(ledger.run_head(run.id).unwrap(), (3, records[2].hash.clone()));
    assert_eq!(ledger.runs().unwrap(), std::slice::from_ref(&run));
    let audit = ledger.run_audit(run.id).unwrap();
    let (audit, between) = (audit.entries, audit.between);
    assert_eq!(
        audit.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(),
        ["run.planned", "run.act"]
    );
    assert_eq!(audit[1].data["recordHash"], json!(records[1].hash));
    assert!(between.is_empty());
    assert!(ledger.verify_audit().unwrap().ok);
}

#[test]
fn what_was_decided_on_an_older_state_is_not_written() {
    let home = Home::new();
    let ledger = home.open();
    let run = begun(&ledger);
    assert!(matches!(
        ledger.append_run(run.id, Some(2), vec![append("closed", "Closed", true)]).unwrap(),
        Appended::Moved
    ));
    assert_eq!(ledger.run_head(run.id).unwrap().0, 3);
    assert!(matches!(
        ledger.append_run(run.id + 1, None, vec![append("closed", "Closed", true)]),
        Err(StoreError::NoRun { run: 2 })
    ));
    let (_, disclosures) = ledger.run_records(run.id, 3).unwrap();
    assert_eq!(disclosures.len(), 2, "only those of the records that were asked for");
}

#[test]
fn a_changed_record_is_found() {
    for (statement, found) in [
        (
            "UPDATE run_record SET data = replace(data, 'act-1', 'act-2') WHERE number = 2",
            "record 2",
        ),
        ("UPDATE run_record SET mark = NULL WHERE number = 3", "record 3"),
        ("DELETE FROM run_record WHERE number = 2", "record 2"),
        ("DELETE FROM run_record WHERE number > 1", "record 2"),
        (
            "UPDATE run SET genesis = hash FROM (SELECT hash FROM run_record LIMIT 1)",
            "does not follow",
        ),
    ] {
        let home = Home::new();
        let ledger = home.open();
        begun(&ledger);
        ledger.append_audit(note("export.written", None)).unwrap();
        assert!(ledger.verify_audit().unwrap().ok);
        drop(ledger);
        home.tamper(statement);
        home.settle();
        let check = home.open().verify_audit().unwrap();
        assert!(!check.ok, "{statement}");
        assert!(
            check.problem.as_deref().is_some_and(|problem| problem.contains(found)),
            "{statement}: {check:?}"
        );
    }
}

#[test]
fn evidence_that_is_not_the_one_that_was_signed_is_found() {
    let home = Home::new();
    let ledger = home.open();
    let (first, second) = (signed(&ledger), begun(&ledger));
    assert!(ledger.verify_audit().unwrap().ok);
    let told = ledger.evidence_signature(first.id).unwrap().unwrap();
    assert_eq!((told.at, told.fingerprint.as_str()), (6, "7f3ac1d8b2e49a06"));
    let digest = crate::secrets::hex(&<sha2::Sha256 as sha2::Digest>::digest([7; 9]));
    assert_eq!(told.told["recordSha256"], json!(digest));
    assert_eq!(ledger.evidence_signature(second.id).unwrap(), None);
    drop(ledger);
    home.tamper("UPDATE run_evidence SET record = x'07'");
    home.settle();
    let check = home.open().verify_audit().unwrap();
    assert_eq!((check.ok, check.broken_at), (false, Some(told.audit)));
    assert!(check.problem.unwrap().contains("the evidence of run 1"));
}

#[test]
fn each_run_is_held_against_its_own_entries() {
    let home = Home::new();
    let ledger = home.open();
    let (_, second) = (begun(&ledger), begun(&ledger));
    assert!(ledger.verify_audit().unwrap().ok);
    drop(ledger);
    home.tamper("UPDATE run_record SET mark = NULL WHERE run = 2 AND number = 3");
    home.settle();
    let check = home.open().verify_audit().unwrap();
    assert_eq!((check.ok, check.broken_at), (false, Some(second.audit)));
    assert!(check.problem.unwrap().contains("of run 2"));
}
