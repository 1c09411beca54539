//! What becomes of findings between two askings, and what lists make of it.

use std::sync::Arc;

use lanyard_access::findings::{Asked, Missing, Outcome, rules as all_rules};

use super::log::{Asking, Told, compare};
use super::rules::{AllSettings, checked, rule};
use crate::directory::{DirectoryBuilder, SourceFacts};
use crate::map::{Map, MapBuilder};
use crate::record::{Documents, FindingChange, FindingDraft, FindingVersion, Row};
use crate::view::{
    FindingRow, FindingState, FindingSubject, RuleArea, RuleSettings, Severity, Source, SourceHealth, SourceId, SourceKind, SourceSettings,
};

const RULE: &str = "active-after-leaving";

struct Nothing;

impl Documents for Nothing {
    fn document(&self, _: Row) -> Result<Option<Vec<u8>>, crate::Error> {
        Ok(None)
    }

    fn documents(&self, _: &[Row], _: &mut dyn FnMut(Row, &[u8]) -> bool) -> Result<(), crate::Error> {
        Ok(())
    }
}

/// A map of nothing, of these sources; each with whether it is switched on.
fn map(sources: &[(SourceId, bool)]) -> Map {
    let all: Vec<Source> = sources
        .iter()
        .map(|(id, enabled)| Source {
            id: *id,
            settings: SourceSettings {
                enabled: *enabled,
                ..SourceSettings::new(SourceKind::Scim, format!("Source {id}"), "http://localhost:1")
            },
            health: SourceHealth::New,
            has_secret: None,
            accounts: 0,
            groups: 0,
            memberships: 0,
            coverage: Vec::new(),
            last_sync_at: None,
            last_full_at: None,
            fault: None,
            progress: None,
            added_at: 0,
        })
        .collect();
    let counted = all.iter().filter(|source| source.settings.enabled).map(SourceFacts::of).collect();
    let directory = Arc::new(DirectoryBuilder::new(counted).finish(1));
    MapBuilder::new(directory, all).finish(&Nothing).unwrap()
}

fn row(id: &str, sources: &[SourceId], at: i64) -> FindingRow {
    FindingRow {
        id: id.into(),
        rule: RULE.into(),
        rule_title: "Active after leaving".into(),
        area: RuleArea::Accounts,
        severity: Severity::High,
        state: FindingState::Open,
        says: "somebody is active".into(),
        subject: FindingSubject {
            kind: "person".into(),
            address: None,
            name: "Somebody".into(),
            system: None,
        },
        sources: sources.to_vec(),
        people: 1,
        first_seen: at,
        last_seen: at,
        closed_at: None,
        unconfirmed: None,
        suppression: None,
    }
}

fn stood(id: &str, sources: &[SourceId], facts: &str) -> FindingVersion {
    FindingVersion {
        change: FindingChange::Opened,
        at: 5,
        opened_at: 5,
        facts: facts.into(),
        row: row(id, sources, 5),
    }
}

fn told(id: &str, facts: &str) -> Told {
    Told {
        row: row(id, &[1], 9),
        facts: facts.into(),
        found: 0,
    }
}

/// What was asked of the rule, and of every other one fully.
fn outcome(asked: Asked) -> Outcome {
    let mut outcome = Outcome {
        found: Vec::new(),
        asked: vec![Asked::Fully; all_rules::all().len()],
    };
    outcome.asked[all_rules::place_of(RULE).unwrap()] = asked;
    outcome
}

fn ask(
    map: &Map,
    outcome: &Outcome,
    settings: &AllSettings,
    told: Vec<Told>,
    before: Vec<FindingVersion>,
) -> (Vec<FindingDraft>, Vec<super::Open>) {
    let asking = Asking {
        map,
        outcome,
        settings,
        at: 9,
        syncing: false,
    };
    compare(&asking, told, before)
}

#[test]
fn what_is_found_is_opened_once_and_changes_with_its_facts() {
    let (map, outcome, settings) = (map(&[(1, true)]), outcome(Asked::Fully), AllSettings::default());
    let (drafts, open) = ask(&map, &outcome, &settings, vec![told("r:1", "a")], Vec::new());
    assert_eq!((drafts.len(), drafts[0].change), (1, FindingChange::Opened));
    assert_eq!(open[0].row.first_seen, 9);
    let (drafts, open) = ask(&map, &outcome, &settings, vec![told("r:1", "a")], vec![stood("r:1", &[1], "a")]);
    assert!(drafts.is_empty());
    assert_eq!((open[0].row.first_seen, open[0].row.last_seen), (5, 9));
    let (drafts, _) = ask(&map, &outcome, &settings, vec![told("r:1", "b")], vec![stood("r:1", &[1], "a")]);
    assert_eq!((drafts.len(), drafts[0].change), (1, FindingChange::Changed));
}

#[test]
fn what_is_not_found_closes_only_where_its_rule_could_look() {
    let settings = AllSettings::default();
    let both = map(&[(1, true), (2, true)]);
    let gone = |asked| ask(&both, &outcome(asked), &settings, Vec::new(), vec![stood("r:1", &[1], "a")]);
    let (drafts, open) = gone(Asked::Fully);
    assert_eq!(
        (drafts[0].change, drafts[0].row.state, drafts[0].row.closed_at),
        (FindingChange::Closed, FindingState::Closed, Some(9))
    );
    assert!(open.is_empty());
    let missing = |place| {
        vec![Missing {
            place,
            collection: Some(lanyard_access::findings::Collection::Users),
        }]
    };
    // Of another source something is missing: that is no reason to doubt.
    assert_eq!(gone(Asked::Partly(missing(Some(1)))).0.len(), 1);
    for unseen in [Asked::Partly(missing(Some(0))), Asked::Not(missing(None)), Asked::Not(Vec::new())] {
        let (drafts, open) = gone(unseen.clone());
        assert!(drafts.is_empty(), "{unseen:?}");
        assert!(open[0].row.unconfirmed.is_some() && open[0].found.is_none(), "{unseen:?}");
        assert_eq!(open[0].row.first_seen, 5);
    }
}

#[test]
fn a_source_that_is_removed_takes_its_findings_along_and_one_that_is_off_keeps_them() {
    let (settings, outcome) = (AllSettings::default(), outcome(Asked::Fully));
    let (drafts, _) = ask(
        &map(&[(1, true)]),
        &outcome,
        &settings,
        Vec::new(),
        vec![stood("r:1", &[1, 7], "a")],
    );
    assert_eq!(drafts[0].change, FindingChange::Closed);
    let (drafts, open) = ask(
        &map(&[(1, true), (7, false)]),
        &outcome,
        &settings,
        Vec::new(),
        vec![stood("r:1", &[1, 7], "a")],
    );
    assert!(drafts.is_empty() && open[0].row.unconfirmed.as_deref().is_some_and(|why| why.contains("switched off")));
}

#[test]
fn a_rule_that_is_off_neither_keeps_nor_closes() {
    let off = RuleSettings {
        off: true,
        ..RuleSettings::default()
    };
    let settings = AllSettings::new([(RULE.to_owned(), off)]);
    let (drafts, open) = ask(
        &map(&[(1, true)]),
        &outcome(Asked::Off),
        &settings,
        Vec::new(),
        vec![stood("r:1", &[1], "a")],
    );
    assert!(drafts.is_empty() && open.is_empty());
}

#[test]
fn settings_of_a_rule_are_within_its_bounds() {
    let deep = rule("deep-privilege").unwrap();
    let with = |name: &str, value| RuleSettings {
        parameters: [(name.to_owned(), value)].into(),
        ..RuleSettings::default()
    };
    assert!(checked(deep, &with("nestings", 0)).is_err() && checked(deep, &with("days", 3)).is_err());
    assert_eq!(checked(deep, &with("nestings", 3)).unwrap(), RuleSettings::default(), "as it comes");
    assert_eq!(checked(deep, &with("nestings", 5)).unwrap(), with("nestings", 5));
    assert!(rule("no-such-rule").is_err());
}
