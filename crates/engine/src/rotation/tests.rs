//! What is next follows from the records alone, in each order of stages; and nothing is done twice for a record that was written.

use serde_json::json;

use super::entry::{Api, Began, Entry, Hand, Known, Proof, Steps};
use super::next::{Next, next};
use super::show;
use super::story::Story;
use crate::store::ledger::StoredRotationRecord;
use crate::view::{
    Millis, ProofAnswer, ProofMoment, Request, Right, RotationHow, RotationReason, RotationStart, RotationState, RotationUser, SourceKind,
};

fn request() -> Request {
    Request {
        method: "POST".into(),
        url: "https://idp.example/api/tokens".into(),
        headers: Vec::new(),
        body: None,
    }
}

fn began(reason: RotationReason, by_request: bool, own: bool) -> Began {
    Began {
        start: RotationStart {
            source: 1,
            reason,
            how: if by_request {
                RotationHow::Recipe { recipe: "r".into() }
            } else {
                RotationHow::Paste
            },
            old_id: Some("old".into()),
            overlap_ms: 0,
            expires_at: None,
            users: Vec::new(),
            every_ms: None,
            grace_ms: None,
        },
        source_name: "IdP".into(),
        system: SourceKind::Scim,
        opens: "https://idp.example/scim".into(),
        name: "lanyard-1".into(),
        key: "k".into(),
        api: by_request.then(|| Api {
            make: Some(request()),
            repeats: true,
            revoke: Some(request()),
            lists: true,
            replaces: false,
            own,
        }),
        steps: Steps::default(),
        old: Known::default(),
        writes: true,
        overlap_ms: 5_000,
        every_ms: 1_000,
        grace_ms: 2_000,
        wanted: 3,
    }
}

struct Book {
    began: Began,
    records: Vec<(Millis, Entry)>,
}

impl Book {
    fn new(began: Began) -> Self {
        Self {
            began,
            records: Vec::new(),
        }
    }

    fn add(&mut self, at: Millis, entry: Entry) -> &mut Self {
        self.records.push((at, entry));
        self
    }

    fn story(&self) -> Story {
        let first = Entry::Began(Box::new(self.began.clone()));
        let entries = std::iter::once((0, &first)).chain(self.records.iter().map(|(at, entry)| (*at, entry)));
        let rows = (1..)
            .zip(entries)
            .map(|(number, (at, entry))| {
                let (kind, data) = entry.parts();
                StoredRotationRecord {
                    rotation: 1,
                    number,
                    source: 1,
                    at,
                    by: "ana@desk".into(),
                    kind: kind.into(),
                    data,
                    audit: None,
                }
            })
            .collect();
        Story::fold(rows).expect("every record is read back").expect("it begins a rotation")
    }

    fn next(&self, now: Millis) -> Next {
        next(&self.story(), now)
    }
}

fn looked(works: Right) -> Entry {
    Entry::Looked {
        works,
        writes: Right::Yes,
        sight: None,
        points: Vec::new(),
    }
}

fn held() -> Entry {
    Entry::Held {
        known: Known {
            provider_id: Some("new".into()),
            ..Known::default()
        },
        pasted_by: None,
    }
}

fn proved(proof: Proof) -> Entry {
    Entry::Proved { proof, points: Vec::new() }
}

fn revoked() -> Entry {
    Entry::Revoked {
        status: Some(204),
        says: "gone".into(),
        works_until: None,
    }
}

fn intent(name: &str, attempt: u32) -> Entry {
    Entry::MakeIntent {
        attempt,
        name: name.into(),
        request: request(),
    }
}

fn moment(at: Millis, old: bool, counts: bool) -> Entry {
    let answer = |accepted: bool| ProofAnswer {
        status: Some(if accepted { 200 } else { 401 }),
        accepted: Some(accepted),
    };
    Entry::Moment {
        moment: ProofMoment {
            at,
            old: answer(old),
            old_write: None,
            new: Some(answer(true)),
            made_up: answer(false),
            counts,
        },
        says: None,
    }
}

#[test]
fn the_usual_order_revokes_last() {
    let mut book = Book::new(began(RotationReason::Routine, true, true));
    assert_eq!(book.next(0), Next::Look);
    assert_eq!(book.add(1, looked(Right::Yes)).next(1), Next::Make);
    // About to ask, and nothing more: it must be found out what came of it, never asked anew without.
    assert_eq!(book.add(2, intent("lanyard-1", 1)).next(2), Next::Recover);
    assert_eq!(book.add(3, held()).next(3), Next::Prove);
    assert_eq!(book.add(4, proved(Proof::Good)).next(4), Next::Promote);
    assert_eq!(book.add(5, Entry::PromoteIntent).next(5), Next::Promote);
    assert_eq!(book.add(6, Entry::Promoted).next(6), Next::Revoke);
    assert_eq!(book.add(7, Entry::RevokeIntent { request: request() }).next(7), Next::Revoke);
    assert_eq!(book.add(8, revoked()).next(8), Next::Ask);
    assert_eq!(book.add(9, Entry::Dead { in_row: 3, took_ms: None }).next(9), Next::Forget);
    assert_eq!(book.add(10, Entry::Forgot).next(10), Next::Close);
}

#[test]
fn a_repeat_that_is_refused_says_nothing_of_the_request_before() {
    let refused = || Entry::MakeRefused {
        fault: super::world::fault("x", "429", "later"),
    };
    let mut book = Book::new(began(RotationReason::Routine, true, true));
    book.add(1, looked(Right::Yes)).add(2, intent("lanyard-1", 1));
    // Refused at first, nothing was made.
    assert_eq!(book.add(3, refused()).next(3), Next::Make);
    // Without an answer, and then refused: one may stand there, and is looked for before another is asked for.
    book.add(4, intent("lanyard-1-2", 2)).add(5, intent("lanyard-1-2", 3));
    assert_eq!(book.add(6, refused()).next(6), Next::Recover);
    assert_eq!((book.story().unanswered, book.story().tries), (vec!["lanyard-1-2".to_owned()], 3));
    // Somebody has it go on: it may try as often again, and counts on.
    let story = book.add(7, Entry::Resumed { by: "ana".into() }).story();
    assert_eq!((story.tries, story.attempts), (0, 3));
}

#[test]
fn what_no_rotation_put_into_the_keychain_is_of_none() {
    use super::world::Note;
    assert!(!Note::read("").is_of(0) && !Note::read("{}").is_of(0));
    assert!(Note::read(r#"{"rotation":3}"#).is_of(3) && !Note::read(r#"{"rotation":3}"#).is_of(2));
}

#[test]
fn what_was_just_announced_is_said_to_be_asked() {
    let mut book = Book::new(began(RotationReason::Routine, true, true));
    book.add(1, looked(Right::Yes)).add(2, intent("lanyard-1", 1));
    assert!(show::state(&book.story(), 2).1.contains("asks the provider"));
    let lost = Entry::MakeLost {
        fault: super::world::fault("x", "no answer", ""),
    };
    assert!(show::state(&book.add(3, lost).story(), 3).1.contains("finds out"));
}

#[test]
fn a_leak_is_revoked_as_soon_as_it_can_be() {
    let mut apart = Book::new(began(RotationReason::Leaked, true, false));
    assert_eq!(apart.add(1, looked(Right::Yes)).next(1), Next::Revoke);
    assert_eq!(apart.add(2, revoked()).next(2), Next::Make);
    let mut own = Book::new(began(RotationReason::Leaked, true, true));
    assert_eq!(own.add(1, looked(Right::Yes)).next(1), Next::Make);
    assert_eq!(own.add(2, held()).next(2), Next::Revoke);
    assert_eq!(own.add(3, revoked()).next(3), Next::Prove);
    let mut by_hand = Book::new(began(RotationReason::Leaked, false, true));
    assert_eq!(by_hand.add(1, looked(Right::Yes)).next(1), Next::RevokeByHand);
    assert_eq!(by_hand.add(2, revoked()).next(2), Next::Paste);
}

#[test]
fn what_was_refused_from_the_start_is_not_revoked() {
    let mut book = Book::new(began(RotationReason::Refused, true, false));
    book.add(1, looked(Right::No))
        .add(2, held())
        .add(3, proved(Proof::Good))
        .add(4, Entry::Promoted);
    assert_eq!(book.next(4), Next::NothingToRevoke);
    assert!(book.story().no_way_back().is_some());
}

#[test]
fn a_new_one_that_differs_waits_for_a_person() {
    let mut book = Book::new(began(RotationReason::Routine, true, true));
    book.add(1, looked(Right::Yes)).add(2, held()).add(3, proved(Proof::Different));
    assert_eq!(book.next(3), Next::Decide);
    let accept = Entry::Decided {
        accept: true,
        by: "ana".into(),
        note: "it is meant to read only".into(),
    };
    assert_eq!(book.add(4, accept).next(4), Next::Promote);
    let mut failed = Book::new(began(RotationReason::Routine, true, true));
    failed.add(1, looked(Right::Yes)).add(2, held()).add(3, proved(Proof::Failed));
    assert_eq!(failed.next(3), Next::Discard);
}

#[test]
fn jobs_are_handed_over_step_by_step_before_it_is_put_to_use() {
    let mut start = began(RotationReason::Routine, true, true);
    start.start.users = vec![
        RotationUser::EntraJob {
            source: 2,
            service_principal: "sp".into(),
            job: "job".into(),
            name: "IdP".into(),
        },
        RotationUser::ByHand {
            name: "cron".into(),
            instructions: String::new(),
        },
    ];
    let mut book = Book::new(start);
    book.add(1, looked(Right::Yes)).add(2, held()).add(3, proved(Proof::Good));
    for hand in [Hand::Save, Hand::Validate, Hand::Restart, Hand::Settle] {
        assert_eq!(book.next(4), Next::Hand(0, hand));
        // Announced and not answered is done again.
        let announced = Entry::HandIntent {
            user: 0,
            hand,
            request: request(),
        };
        assert_eq!(book.add(4, announced).next(4), Next::Hand(0, hand));
        book.add(
            4,
            Entry::Handed {
                user: 0,
                hand,
                status: None,
                says: String::new(),
            },
        );
    }
    assert_eq!(book.next(5), Next::HandByHand(1));
    let confirmed = Entry::read(
        "confirmed",
        &json!({ "what": { "what": "handOver", "user": 1 }, "by": "ana", "note": "" }),
    )
    .unwrap();
    assert_eq!(book.add(5, confirmed).next(5), Next::Promote);
}

fn proving() -> Book {
    let mut book = Book::new(began(RotationReason::Routine, true, true));
    book.add(1, looked(Right::Yes))
        .add(2, held())
        .add(3, proved(Proof::Good))
        .add(4, Entry::Promoted)
        .add(1_000, revoked());
    book
}

#[test]
fn dead_takes_a_row_without_a_gap() {
    let mut book = proving();
    book.add(1_000, moment(1_000, true, false))
        .add(2_000, moment(2_000, false, true))
        .add(3_000, moment(3_000, false, true));
    assert_eq!(book.next(3_500), Next::Sleep(4_000));
    // One that says nothing (an outage) begins the row anew.
    book.add(4_000, moment(4_000, false, false));
    for at in [5_000, 6_000] {
        book.add(at, moment(at, false, true));
        assert!(!matches!(book.next(at), Next::Dead));
    }
    assert_eq!(book.add(7_000, moment(7_000, false, true)).next(7_000), Next::Dead);
}

#[test]
fn living_on_is_said_after_the_overlap_and_not_before() {
    let mut book = proving();
    // The overlap is 5 s from the revoking at 1 s, and 2 s of grace.
    book.add(7_999, moment(7_999, true, false));
    assert_eq!(book.next(8_500), Next::Sleep(8_999));
    assert_eq!(show::state(&book.story(), 5_000).0, RotationState::Counting);
    book.add(8_999, moment(8_999, true, false));
    assert_eq!(book.next(8_999), Next::Lives);
    book.add(9_000, Entry::Lives { says: "200".into() });
    assert_eq!(
        (book.next(60_000), show::state(&book.story(), 60_000).0),
        (Next::Wait, RotationState::OldLives)
    );
    book.add(61_000, Entry::Resumed { by: "ana".into() });
    // What is said to live is asked again first, and only then said again.
    assert_eq!(book.next(61_000), Next::Ask);
    book.add(61_001, moment(61_001, true, false));
    assert_eq!(book.next(61_002), Next::Lives);
}

#[test]
fn a_way_back_is_there_until_the_old_one_is_revoked() {
    let mut book = Book::new(began(RotationReason::Routine, true, true));
    assert_eq!(book.story().no_way_back(), None);
    book.add(1, looked(Right::Yes))
        .add(2, held())
        .add(3, proved(Proof::Good))
        .add(4, Entry::PromoteIntent)
        .add(4, Entry::Promoted);
    assert_eq!(book.story().no_way_back(), None);
    book.add(5, Entry::RevokeIntent { request: request() });
    assert!(book.story().no_way_back().is_some());
}

#[test]
fn every_record_is_shown() {
    let book = proving();
    let view = show::show(&book.story(), &(None, None), false, 2_000);
    assert_eq!(view.story.len(), 6);
    assert_eq!(view.stages.len(), 8);
    assert!(view.story.iter().all(|record| !record.title.is_empty()));
}
