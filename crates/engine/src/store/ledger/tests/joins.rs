//! Decisions about who is the same: the newest of a pair counts, whichever is named first, and all of them stay.

use super::*;
use crate::record::{DecidedSubject, Decision};
use crate::view::{JoinKind, JoinVerb};

pub fn decision(verb: JoinVerb, one: (SourceId, &str), other: (SourceId, &str)) -> Decision {
    let subject = |(source, id): (SourceId, &str)| DecidedSubject {
        source,
        id: id.into(),
        name: id.to_uppercase(),
    };
    Decision {
        seq: 0,
        kind: JoinKind::Account,
        verb,
        one: subject(one),
        other: subject(other),
        reason: "asked them".into(),
        by: "somebody else".into(),
        at: 0,
    }
}

#[test]
fn the_newest_of_a_pair_counts_and_survives_opening_again() {
    let home = Home::new();
    let ledger = home.open();
    let kept = ledger.decide_join(decision(JoinVerb::Join, (2, "b"), (1, "a"))).unwrap();
    assert_eq!((kept.seq, kept.one.key().as_str(), kept.other.key().as_str()), (1, "1.a", "2.b"));
    assert!(kept.at > 0 && !kept.by.contains('@') && kept.by != "somebody else");
    ledger.decide_join(decision(JoinVerb::Separate, (1, "a"), (1, "c"))).unwrap();
    let group = Decision {
        kind: JoinKind::Group,
        ..decision(JoinVerb::Join, (1, "a"), (2, "b"))
    };
    ledger.decide_join(group).unwrap();
    drop(ledger);
    let ledger = home.open();
    let verbs = |ledger: &Ledger| {
        let all = ledger.joins().unwrap();
        all.iter()
            .map(|decision| (decision.seq, decision.kind, decision.verb))
            .collect::<Vec<_>>()
    };
    let (account, group) = (JoinKind::Account, JoinKind::Group);
    assert_eq!(
        verbs(&ledger),
        [
            (1, account, JoinVerb::Join),
            (2, account, JoinVerb::Separate),
            (3, group, JoinVerb::Join)
        ]
    );
    assert_eq!(ledger.joins().unwrap()[0], kept);
    ledger.decide_join(decision(JoinVerb::Separate, (1, "a"), (2, "b"))).unwrap();
    assert_eq!(
        verbs(&ledger),
        [
            (2, account, JoinVerb::Separate),
            (3, group, JoinVerb::Join),
            (4, account, JoinVerb::Separate)
        ]
    );
    ledger.decide_join(decision(JoinVerb::Forget, (2, "b"), (1, "a"))).unwrap();
    assert_eq!(verbs(&ledger), [(2, account, JoinVerb::Separate), (3, group, JoinVerb::Join)]);
    // A thing is not joined with itself.
    assert!(ledger.decide_join(decision(JoinVerb::Join, (1, "a"), (1, "a"))).is_err());
}
