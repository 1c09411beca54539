//! What became of one finding over time, in words.

use crate::record::{FindingChange, FindingLine, KeptSuppression};
use crate::view::{FindingEvent, Millis, day};

/// All of it, newest first: what the rules said, and what somebody decided.
pub fn events(lines: &[FindingLine], decisions: &[KeptSuppression], now: Millis) -> Vec<FindingEvent> {
    let event = |at, event: &str, says: String, by: Option<String>| FindingEvent {
        at,
        event: event.into(),
        says,
        by,
    };
    let mut all: Vec<FindingEvent> = lines
        .iter()
        .map(|line| match line.change {
            FindingChange::Opened => event(line.at, "opened", format!("Found: {}", line.row.says), None),
            FindingChange::Changed => event(line.at, "changed", format!("What it stands on changed: {}", line.row.says), None),
            FindingChange::Closed => event(line.at, "closed", "It does not hold any more".into(), None),
        })
        .collect();
    for (at, decision) in decisions.iter().enumerate() {
        let by = Some(decision.by.clone());
        if decision.lifted {
            all.push(event(decision.at, "lifted", "The suppression was taken back".into(), by));
            continue;
        }
        let says = format!("Suppressed until {}: {}", day(decision.until), decision.reason);
        all.push(event(decision.at, "suppressed", says, by));
        // Another decision came first: this one did not end by itself.
        let replaced = decisions.get(at + 1).map_or(Millis::MAX, |next| next.at);
        let moved = lines
            .iter()
            .find(|line| line.at > decision.at && line.change != FindingChange::Opened)
            .map_or(Millis::MAX, |line| line.at);
        if moved < decision.until && moved < replaced {
            all.push(event(
                moved,
                "lapsed",
                "The suppression ended: what it stands on changed".into(),
                None,
            ));
        } else if decision.until <= now && decision.until < replaced {
            all.push(event(decision.until, "lapsed", "The suppression ended: its day came".into(), None));
        }
    }
    all.sort_by_key(|event| std::cmp::Reverse(event.at));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(at: Millis, until: Millis, lifted: bool) -> KeptSuppression {
        KeptSuppression {
            seq: at,
            at,
            by: "ada".into(),
            finding: "r:1".into(),
            facts: "f".into(),
            until,
            reason: "known".into(),
            lifted,
        }
    }

    fn told(lines: &[FindingLine], decisions: &[KeptSuppression], now: Millis) -> Vec<(Millis, String)> {
        let all = events(lines, decisions, now).into_iter();
        all.map(|event| (event.at, event.event)).collect()
    }

    #[test]
    fn a_suppression_ends_by_its_day_or_is_taken_back() {
        let kept = [decision(10, 50, false)];
        assert_eq!(told(&[], &kept, 40), [(10, "suppressed".to_owned())]);
        assert_eq!(told(&[], &kept, 60), [(50, "lapsed".to_owned()), (10, "suppressed".to_owned())]);
        let lifted = [decision(10, 50, false), decision(20, 20, true)];
        assert_eq!(told(&[], &lifted, 60), [(20, "lifted".to_owned()), (10, "suppressed".to_owned())]);
    }
}
