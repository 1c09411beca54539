//! What becomes of findings between two askings: opened, changed, closed; and those that could not be looked at again stay as they were.

use std::collections::HashMap;

use lanyard_access::findings::{Asked, Outcome, rules as all_rules};

use super::rules::AllSettings;
use super::{Open, rules};
use crate::map::Map;
use crate::record::{FindingChange, FindingDraft, FindingVersion};
use crate::view::{FindingRow, FindingState, Millis, SourceId};

/// A finding as it was found just now.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its row, seen first and last now.
    pub row: FindingRow,
    /// The hash of what it stands on.
    pub facts: String,
    /// Its place in the outcome.
    pub found: usize,
}

/// What the comparison goes by.
pub struct Asking<'a> {
    /// The map that was asked about.
    pub map: &'a Map,
    /// All that came of it.
    pub outcome: &'a Outcome,
    /// Settings of rules.
    pub settings: &'a AllSettings,
    /// When.
    pub at: Millis,
    /// Nothing was asked, because a sync is under way.
    pub syncing: bool,
}

/// Why nothing is asked while a sync is under way.
pub(super) const SYNCING: &str = "A sync is under way; the rules are asked when it ends";

/// What stood before.
enum Verdict {
    /// It does not hold any more.
    Closed,
    /// Whether it holds could not be told: why.
    Unknown(String),
    /// Its rule is switched off: nothing is said of it.
    Silent,
}

/// Compares what was found with what stood before: what is to be written down, and what stands now.
pub fn compare(asking: &Asking<'_>, told: Vec<Told>, before: Vec<FindingVersion>) -> (Vec<FindingDraft>, Vec<Open>) {
    let mut stood: HashMap<String, FindingVersion> = before.into_iter().map(|version| (version.row.id.clone(), version)).collect();
    let mut drafts = Vec::new();
    let mut open: Vec<Open> = Vec::with_capacity(told.len());
    for Told { mut row, facts, found } in told {
        let earlier = stood.remove(&row.id);
        let change = match &earlier {
            None => Some(FindingChange::Opened),
            Some(earlier) if earlier.facts != facts || earlier.row.severity != row.severity => Some(FindingChange::Changed),
            Some(_) => None,
        };
        if let Some(earlier) = earlier {
            row.first_seen = earlier.opened_at;
        }
        if let Some(change) = change {
            drafts.push(FindingDraft {
                change,
                facts: facts.clone(),
                row: row.clone(),
            });
        }
        open.push(Open {
            text: searched(&row),
            row,
            found: Some(found),
            facts,
        });
    }
    let mut left: Vec<FindingVersion> = stood.into_values().collect();
    left.sort_by(|one, other| one.row.id.cmp(&other.row.id));
    for version in left {
        match verdict(asking, &version) {
            Verdict::Closed => drafts.push(FindingDraft {
                change: FindingChange::Closed,
                facts: version.facts,
                row: FindingRow {
                    state: FindingState::Closed,
                    first_seen: version.opened_at,
                    closed_at: Some(asking.at),
                    ..version.row
                },
            }),
            Verdict::Unknown(why) => {
                let row = FindingRow {
                    first_seen: version.opened_at,
                    unconfirmed: Some(why),
                    ..version.row
                };
                open.push(Open {
                    text: searched(&row),
                    row,
                    found: None,
                    facts: version.facts,
                });
            }
            Verdict::Silent => {}
        }
    }
    (drafts, open)
}

/// What a search looks in.
fn searched(row: &FindingRow) -> String {
    format!("{}\n{}\n{}\n{}", row.says, row.subject.name, row.rule_title, row.rule).to_lowercase()
}

/// What is to be said of a finding that stood and was not found.
fn verdict(asking: &Asking<'_>, version: &FindingVersion) -> Verdict {
    let Some(rule) = all_rules::place_of(&version.row.rule) else {
        return Verdict::Closed;
    };
    if asking.settings.is_off(&version.row.rule) {
        return Verdict::Silent;
    }
    if asking.syncing {
        return Verdict::Unknown(SYNCING.into());
    }
    let directory = asking.map.directory();
    let mut places: Vec<u16> = Vec::new();
    for id in &version.row.sources {
        match directory.sources().iter().position(|facts| facts.id == *id) {
            Some(place) => places.push(place as u16),
            // What was removed is asked about no more.
            None if is_removed(asking.map, *id) => return Verdict::Closed,
            None => return Verdict::Unknown("A source that it speaks of is switched off".into()),
        }
    }
    if asking.outcome.covers(rule, &places) {
        return Verdict::Closed;
    }
    let why = match &asking.outcome.asked[rule] {
        Asked::Partly(missing) | Asked::Not(missing) => missing
            .iter()
            .find(|gap| gap.place.is_none_or(|place| places.contains(&place)))
            .map(|gap| rules::missing(asking.map, &all_rules::all()[rule], gap).text),
        _ => None,
    };
    Verdict::Unknown(why.unwrap_or_else(|| "Its rule could not be asked".into()))
}

fn is_removed(map: &Map, id: SourceId) -> bool {
    !map.all_sources().iter().any(|source| source.id == id)
}
