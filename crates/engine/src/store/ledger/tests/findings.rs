//! Findings are followed from one asking to the next, decisions stand until another one, and two processes write the same once.

use super::*;
use crate::record::{FindingChange, FindingDraft, FindingRun, FindingVersion, KeptSuppression};
use crate::view::{FindingRow, FindingState, FindingSubject, RuleArea, Severity};

fn row(id: &str, severity: Severity) -> FindingRow {
    FindingRow {
        id: id.into(),
        rule: id.split(':').next().unwrap_or_default().into(),
        rule_title: "A rule".into(),
        area: RuleArea::Accounts,
        severity,
        state: FindingState::Open,
        says: "something is wrong".into(),
        subject: FindingSubject {
            kind: "record".into(),
            address: None,
            name: "it".into(),
            system: None,
        },
        sources: vec![1],
        people: 0,
        first_seen: 0,
        last_seen: 0,
        closed_at: None,
        unconfirmed: None,
        suppression: None,
    }
}

fn draft(change: FindingChange, id: &str, facts: &str) -> FindingDraft {
    FindingDraft {
        change,
        facts: facts.into(),
        row: row(id, Severity::High),
    }
}

fn run(at: i64) -> FindingRun {
    FindingRun {
        at,
        took_us: 7,
        open: [0, 1, 0, 2],
        not_evaluated: 3,
    }
}

pub fn decision(id: &str, facts: &str, lifted: bool) -> KeptSuppression {
    KeptSuppression {
        seq: 0,
        at: 0,
        by: String::new(),
        finding: id.into(),
        facts: facts.into(),
        until: 5_000,
        reason: "known".into(),
        lifted,
    }
}

/// Something in each table of findings.
pub fn written(ledger: &Ledger) {
    ledger
        .log_findings(true, |_| (vec![draft(FindingChange::Opened, "r:1", "f")], run(1_000), ()))
        .unwrap();
    ledger
        .decide_finding(&decision("r:1", "f", false), note("finding.suppressed", None))
        .unwrap();
}

fn told(all: &[FindingVersion]) -> Vec<(&str, &str, i64)> {
    all.iter()
        .map(|version| (version.row.id.as_str(), version.facts.as_str(), version.opened_at))
        .collect()
}

#[test]
fn what_stands_is_what_was_opened_and_not_closed() {
    let home = Home::new();
    let ledger = home.open();
    let write = |at, drafts: Vec<FindingDraft>| {
        ledger
            .log_findings(false, |before| (drafts, run(at), before))
            .map(|(before, changed)| (before.len(), changed))
            .unwrap()
    };
    use FindingChange::{Changed, Closed, Opened};
    assert_eq!(write(1_000, vec![draft(Opened, "r:1", "a"), draft(Opened, "s:2", "b")]), (0, true));
    assert_eq!(write(2_000, vec![draft(Changed, "r:1", "c"), draft(Closed, "s:2", "b")]), (2, true));
    assert_eq!(told(&ledger.open_findings().unwrap()), [("r:1", "c", 1_000)]);
    let closed = |since| ledger.closed_findings(since).unwrap().len();
    assert_eq!((closed(0), closed(2_001)), (1, 0));
    assert_eq!(write(3_000, vec![draft(Opened, "s:2", "b")]), (1, true));
    assert_eq!(closed(0), 0, "what was opened again is not closed");
    assert_eq!(told(&ledger.open_findings().unwrap()), [("r:1", "c", 1_000), ("s:2", "b", 3_000)]);
    let lines: Vec<_> = ledger
        .finding_lines("s:2")
        .unwrap()
        .iter()
        .map(|line| (line.change, line.at))
        .collect();
    assert_eq!(lines, [(Opened, 1_000), (Closed, 2_000), (Opened, 3_000)]);
    drop(ledger);
    assert_eq!(home.open().open_findings().unwrap().len(), 2, "it stands when it is opened again");
}

#[test]
fn an_asking_that_changes_nothing_is_written_once_a_day() {
    const DAY: i64 = 24 * 3_600_000;
    let home = Home::new();
    let ledger = home.open();
    let ask = |at, always| ledger.log_findings(always, |_| (Vec::new(), run(at), ())).unwrap();
    for at in [10, 20, DAY - 1, DAY, DAY + 5] {
        ask(at, false);
    }
    let runs = |since| ledger.finding_runs(since).unwrap();
    assert_eq!(runs(0), [run(10), run(DAY)]);
    ask(DAY + 6, true);
    assert_eq!(runs(DAY + 1), [run(DAY + 6)]);
}

#[test]
fn the_newest_decision_counts_and_stands_in_the_audit_log() {
    let home = Home::new();
    let ledger = home.open();
    written(&ledger);
    let kept = ledger.suppressions().unwrap();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].holds("f", 4_999) && !kept[0].holds("f", 5_000) && !kept[0].holds("other", 1));
    ledger
        .decide_finding(&decision("r:1", "f", true), note("finding.lifted", None))
        .unwrap();
    let kept = ledger.suppressions().unwrap();
    assert!(kept.len() == 1 && kept[0].lifted && !kept[0].holds("f", 1), "{kept:?}");
    assert_eq!(ledger.suppressions_of("r:1").unwrap().len(), 2);
    let audit = ledger
        .audit(&AuditQuery {
            limit: 9,
            ..AuditQuery::default()
        })
        .unwrap();
    let actions: Vec<_> = audit.entries.iter().map(|entry| entry.action.as_str()).collect();
    assert!(actions.starts_with(&["finding.lifted", "finding.suppressed"]), "{actions:?}");
}

#[test]
fn two_processes_that_found_the_same_write_it_once() {
    let home = Home::new();
    let (one, other) = (home.open(), home.open());
    for ledger in [&one, &other] {
        ledger
            .log_findings(false, |before| {
                let new = before.is_empty().then(|| draft(FindingChange::Opened, "r:1", "a"));
                (new.into_iter().collect(), run(1_000), ())
            })
            .unwrap();
    }
    assert_eq!(other.finding_lines("r:1").unwrap().len(), 1);
    assert_eq!(one.finding_runs(0).unwrap().len(), 1);
}

#[test]
fn history_tells_who_is_gone_and_whom_it_knew() {
    let home = Home::new();
    let ledger = home.open();
    let one = |id: &str, number, kind, before: Option<&str>| transition(ResourceKind::User, id, number, vec![change(kind, before, None)]);
    ledger
        .record(
            1,
            1_000,
            &[
                one("u1", 1, ChangeKind::Gone, Some("x")),
                one("u2", 2, ChangeKind::Gone, Some("x")),
                one("u3", 3, ChangeKind::Changed, Some("x")),
            ],
        )
        .unwrap();
    ledger.record(1, 2_000, &[one("u2", 4, ChangeKind::Appeared, None)]).unwrap();
    let gone: Vec<String> = ledger.gone_users(1).unwrap().into_iter().map(|(id, _)| id).collect();
    assert_eq!(gone, ["u1"], "one who came back is not gone");
    assert!(ledger.gone_users(2).unwrap().is_empty());
    assert!(ledger.knows(1, "u3").unwrap() && !ledger.knows(1, "u9").unwrap() && !ledger.knows(2, "u3").unwrap());
}
