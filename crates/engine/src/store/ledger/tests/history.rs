//! History: recorded once, found by account, by member and by time.

use std::time::{Duration, Instant};

use super::*;
use crate::record::ItemKind;

fn member(kind: ChangeKind, id: &str) -> ChangeDraft {
    let (before, after) = if kind == ChangeKind::MemberAdded {
        (None, Some(id))
    } else {
        (Some(id), None)
    };
    ChangeDraft {
        path: Some("members".into()),
        member_name: Some(format!("member {id}")),
        ..change(kind, before, after)
    }
}

fn seqs(page: &ChangePage) -> Vec<i64> {
    page.changes.iter().map(|change| change.seq).collect()
}

#[test]
fn the_same_transition_seen_again_after_a_crash_is_recorded_once() {
    let home = Home::new();
    let ledger = home.open();
    let step = |hash: u8| transition(ResourceKind::User, "u", hash, vec![change(ChangeKind::Set, None, Some("x"))]);
    assert_eq!(
        ledger
            .record(1, 10, &[step(1), transition(ResourceKind::User, "v", 1, vec![])])
            .unwrap(),
        1
    );
    assert_eq!(ledger.record(1, 11, &[step(1)]).unwrap(), 0);
    assert_eq!(
        ledger.record(1, 12, &[step(2), step(2), step(1)]).unwrap(),
        2,
        "back again is a new transition"
    );
    assert_eq!(ledger.record(2, 12, &[step(1)]).unwrap(), 1, "another source is another matter");
    assert_eq!(ledger.last_transition(1, ResourceKind::User, "u").unwrap(), Some([1; 16]));
    assert_eq!(ledger.last_transition(1, ResourceKind::User, "nobody").unwrap(), None);
    assert_eq!(
        (
            ledger.count_history(1).unwrap(),
            ledger.count_history(2).unwrap(),
            ledger.count_history(3).unwrap()
        ),
        (3, 1, 0)
    );
    assert_eq!(ledger.history_end().unwrap(), 4);
}

#[test]
fn lines_come_back_as_they_were_put_in() {
    let home = Home::new();
    let ledger = home.open();
    let kinds = [
        ChangeKind::Appeared,
        ChangeKind::Gone,
        ChangeKind::Set,
        ChangeKind::Changed,
        ChangeKind::Cleared,
    ];
    let mut changes: Vec<_> = kinds.map(|kind| change(kind, Some("a"), None)).into();
    changes.push(member(ChangeKind::MemberAdded, "m"));
    changes.push(member(ChangeKind::MemberRemoved, "m"));
    ledger
        .record(7, 99, &[transition(ResourceKind::Group, "g.1", 1, changes.clone())])
        .unwrap();
    let page = ledger
        .changes(&ChangeQuery {
            limit: 100,
            ..ChangeQuery::default()
        })
        .unwrap();
    assert_eq!((page.total, page.changes.len()), (7, 7));
    for (line, draft) in page.changes.iter().rev().zip(&changes) {
        assert_eq!(
            (line.source, line.key.as_str(), line.resource.as_str(), line.seen_at),
            (7, "7.g.1", "Group", 99)
        );
        assert_eq!(
            (line.kind, &line.path, &line.before, &line.after, &line.member_name, line.changed_at),
            (
                draft.kind,
                &draft.path,
                &draft.before,
                &draft.after,
                &draft.member_name,
                draft.changed_at
            )
        );
    }
    assert_eq!(ledger.change(3).unwrap().as_ref(), page.changes.iter().find(|line| line.seq == 3));
    assert_eq!(ledger.change(8).unwrap(), None);
}

#[test]
fn asked_by_account_by_member_and_by_time() {
    let home = Home::new();
    let ledger = home.open();
    let plain = |id: &str, hash| transition(ResourceKind::User, id, hash, vec![change(ChangeKind::Set, None, Some("x"))]);
    ledger.record(1, 100, &[plain("u1", 1), plain("u2", 1)]).unwrap(); // lines 1, 2
    ledger
        .record(
            1,
            300,
            &[transition(
                ResourceKind::Group,
                "g",
                1,
                vec![member(ChangeKind::MemberAdded, "u1"), member(ChangeKind::MemberAdded, "u2")],
            )],
        )
        .unwrap(); // 3, 4
    ledger
        .record(
            2,
            200,
            &[transition(ResourceKind::Group, "g", 1, vec![member(ChangeKind::MemberAdded, "u1")])],
        )
        .unwrap(); // 5
    ledger
        .record(
            1,
            400,
            &[
                transition(ResourceKind::Group, "g", 2, vec![member(ChangeKind::MemberRemoved, "u1")]),
                plain("u1", 2),
            ],
        )
        .unwrap(); // 6, 7
    let pairs = |pairs: &[(SourceId, &str)]| pairs.iter().map(|(source, id)| (*source, (*id).to_owned())).collect::<Vec<_>>();
    let ask = |of: &[(SourceId, &str)], as_member: &[(SourceId, &str)], since, offset, limit| {
        let page = ledger
            .changes(&ChangeQuery {
                of: pairs(of),
                as_member: pairs(as_member),
                since,
                offset,
                limit,
            })
            .unwrap();
        (page.total, seqs(&page))
    };
    assert_eq!(ask(&[], &[], None, 0, 100), (7, vec![7, 6, 5, 4, 3, 2, 1]));
    assert_eq!(ask(&[], &[], None, 2, 2), (7, vec![5, 4]));
    assert_eq!(ask(&[], &[], Some(300), 0, 100), (4, vec![7, 6, 4, 3]));
    assert_eq!(ask(&[], &[], Some(500), 0, 100), (0, vec![]));
    assert_eq!(ask(&[(1, "u1")], &[], None, 0, 100), (2, vec![7, 1]));
    assert_eq!(ask(&[(1, "u1")], &[(1, "u1")], None, 0, 100), (4, vec![7, 6, 3, 1]));
    assert_eq!(ask(&[(1, "u1")], &[(1, "u1")], None, 1, 2), (4, vec![6, 3]));
    assert_eq!(ask(&[], &[(2, "u1")], None, 0, 100), (1, vec![5]));
    assert_eq!(
        ask(&[(1, "g")], &[(1, "u1"), (2, "u1")], None, 0, 100),
        (4, vec![6, 5, 4, 3]),
        "a line that fits twice counts once"
    );
    assert_eq!(ask(&[(1, "u1")], &[(1, "u1")], Some(400), 0, 100), (2, vec![7, 6]));
    assert_eq!(ask(&[(3, "u1")], &[], None, 0, 100), (0, vec![]));
    assert_eq!(ask(&[(1, "u1")], &[], None, 0, 0), (2, vec![]));
}

#[test]
fn recorded_since_the_first_sync_that_read_anything() {
    let home = Home::new();
    let ledger = home.open();
    let ask = |of: &[SourceId]| {
        let of = of.iter().map(|source| (*source, "x".to_owned())).collect();
        ledger
            .changes(&ChangeQuery {
                of,
                ..ChangeQuery::default()
            })
            .unwrap()
            .recorded_since
    };
    let ended = |source, state: &str| {
        ledger
            .append_audit(AuditDraft {
                data: json!({ "state": state }),
                ..sync_ended(source)
            })
            .unwrap()
            .at
    };
    ended(1, "failed");
    assert_eq!((ask(&[]), ask(&[1])), (None, None));
    let one = ended(1, "incomplete");
    std::thread::sleep(Duration::from_millis(3));
    ended(1, "complete");
    assert_eq!((ask(&[]), ask(&[1]), ask(&[1, 2])), (Some(one), Some(one), None));
    let two = ended(2, "complete");
    assert_eq!((ask(&[]), ask(&[1]), ask(&[1, 2])), (Some(one), Some(one), Some(two)));
}

#[test]
fn the_digest_is_over_each_line_and_covers_all_of_them_in_turn() {
    let home = Home::new();
    let ledger = filled(&home);
    let whole = ledger.history_digest(1, 3).unwrap();
    let lines: String = (1..=3)
        .map(|seq| {
            let line = ledger.change(seq).unwrap().unwrap();
            let (source, id) = line.key.split_once('.').unwrap();
            let value = json!({
                "after": line.after, "before": line.before, "changedAt": line.changed_at, "id": id, "kind": line.kind, "memberName": line.member_name,
                "name": line.name, "path": line.path, "resource": line.resource, "seenAt": line.seen_at, "seq": line.seq, "source": source.parse::<i64>().unwrap(),
            });
            canonical(&value) + "\n"
        })
        .collect();
    use sha2::{Digest, Sha256};
    assert_eq!(crate::secrets::hex(&Sha256::digest(lines.as_bytes())), whole);
    assert_ne!(ledger.history_digest(1, 2).unwrap(), whole);
    assert!(matches!(ledger.history_digest(1, 4), Err(StoreError::Damaged { .. })));

    let page = ledger
        .audit(&AuditQuery {
            limit: 10,
            ..AuditQuery::default()
        })
        .unwrap();
    let covered = |seq: i64| {
        page.entries
            .iter()
            .find(|entry| entry.seq == seq)
            .unwrap()
            .data
            .get("history")
            .cloned()
    };
    assert_eq!(covered(2), None, "nothing was recorded before");
    assert_eq!(covered(3), Some(json!({ "from": 1, "to": 3, "sha256": whole })));
    // A sync that was killed leaves lines that no entry vouches for; the next one vouches for them too.
    ledger
        .record(
            1,
            3000,
            &[transition(
                ResourceKind::User,
                "u3",
                3,
                vec![change(ChangeKind::Set, None, Some("c"))],
            )],
        )
        .unwrap();
    let check = ledger.verify_history().unwrap();
    assert_eq!((check.ok, check.lines, check.not_yet), (true, 3, 1));
    ledger.append_audit(sync_ended(2)).unwrap();
    let check = ledger.verify_history().unwrap();
    assert_eq!((check.ok, check.lines, check.not_yet), (true, 4, 0));
}

#[test]
fn a_hundred_thousand_lines_at_once() {
    let home = Home::new();
    let ledger = home.open();
    let transitions: Vec<_> = (0..50_000)
        .map(|n| {
            let id = format!("{n:08x}-aaaa-bbbb-cccc-{n:012x}");
            transition(
                ResourceKind::User,
                &id,
                1,
                vec![
                    change(ChangeKind::Changed, Some("Clerk"), Some("Chief clerk")),
                    member(ChangeKind::MemberAdded, &id),
                ],
            )
        })
        .collect();
    let start = Instant::now();
    assert_eq!(ledger.record(1, 5, &transitions).unwrap(), 100_000);
    let wrote = start.elapsed();
    let start = Instant::now();
    assert_eq!(ledger.record(1, 6, &transitions).unwrap(), 0);
    let passed_over = start.elapsed();
    let start = Instant::now();
    ledger.append_audit(sync_ended(1)).unwrap();
    assert!(ledger.verify_audit().unwrap().ok);
    let verified = start.elapsed();
    let id = &transitions[777].id;
    let start = Instant::now();
    let page = ledger
        .changes(&ChangeQuery {
            of: vec![(1, id.clone())],
            as_member: vec![(1, id.clone())],
            limit: 50,
            ..ChangeQuery::default()
        })
        .unwrap();
    let asked = start.elapsed();
    assert_eq!(page.total, 2);
    println!("wrote in {wrote:?}, passed over in {passed_over:?}, vouched and verified in {verified:?}, one account's in {asked:?}");
    assert!(wrote < Duration::from_secs(10), "{wrote:?}");
    assert!(asked < Duration::from_millis(100), "{asked:?}");
}

#[test]
fn every_kind_is_told_by_its_name_and_an_id_is_one_kinds_own() {
    let home = Home::new();
    let ledger = home.open();
    let kinds: Vec<ResourceKind> = [ResourceKind::User, ResourceKind::Service, ResourceKind::Group]
        .into_iter()
        .chain(ItemKind::ALL.map(ResourceKind::Item))
        .collect();
    // One id in every kind, and the same step in all of them: each is a change of its own.
    let step = |kind| transition(kind, "x", 1, vec![change(ChangeKind::Gone, None, None)]);
    let all: Vec<Transition> = kinds.iter().map(|kind| step(*kind)).collect();
    assert_eq!(ledger.record(1, 10, &all).unwrap(), kinds.len() as u64);
    assert_eq!(ledger.record(1, 11, &all).unwrap(), 0, "seen again after a crash");
    let query = ChangeQuery {
        limit: 100,
        ..ChangeQuery::default()
    };
    let mut told: Vec<String> = ledger
        .changes(&query)
        .unwrap()
        .changes
        .into_iter()
        .map(|line| line.resource)
        .collect();
    told.reverse();
    assert_eq!(told, kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>());
}
