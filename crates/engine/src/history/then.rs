//! What was read by a moment, and what cannot be said about it.

use std::collections::HashSet;

use super::rewind::{Hidden, Rewound};
use crate::record::{ItemKind, ResourceKind, SyncThen};
use crate::view::{Caveat, Coverage, CoverageReason, CoverageState, Millis, Source, SourceId};

/// What is known of one source's recording.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The source as it is now.
    pub source: Source,
    /// Since when its changes are recorded; none where no sync of it read anything.
    pub since: Option<Millis>,
    /// When the first complete reading of each kind ended that the cache knows of: since then, what is new is told.
    pub baselines: Vec<(ResourceKind, Millis)>,
    /// The last sync that ended by the moment.
    pub last: Option<SyncThen>,
}

/// What stands for what was not recorded at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing: it is not known what was there.
    Unknown,
    /// What the first reading found: where two moments stand side by side, what nobody had looked at before did not come in between.
    FirstReading,
}

/// Sources as they were at a moment, and what of them is not known then.
pub struct Then {
    /// The sources, with what was read by then.
    pub sources: Vec<Source>,
    /// Kinds of which nothing is known at that moment.
    pub hidden: Hidden,
    /// What cannot be said.
    pub caveats: Vec<Caveat>,
}

/// All kinds.
fn kinds() -> impl Iterator<Item = ResourceKind> {
    let people = [ResourceKind::User, ResourceKind::Service, ResourceKind::Group];
    people.into_iter().chain(ItemKind::ALL.map(ResourceKind::Item))
}

/// A moment in words, in UTC, to the minute.
pub fn moment(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// What was read by `at`. `removed` says before which moment history was removed.
pub fn then(at: Millis, recordings: Vec<Recording>, removed: Option<Millis>, before: Before) -> Then {
    let mut answer = Then {
        sources: Vec::new(),
        hidden: Hidden::new(),
        caveats: Vec::new(),
    };
    let removed = removed.filter(|removed| at < *removed);
    if let Some(removed) = removed {
        answer.caveats.push(Caveat {
            source: None,
            text: format!(
                "History of before {} was removed, as it was set to; nothing can be said about an earlier moment",
                moment(removed)
            ),
        });
    }
    for recording in recordings {
        answer.source(at, recording, removed.is_some(), before);
    }
    answer
}

impl Then {
    fn source(&mut self, at: Millis, recording: Recording, removed: bool, before: Before) {
        let Recording {
            mut source,
            since,
            baselines,
            last,
        } = recording;
        let (id, name) = (source.id, source.settings.name.clone());
        let early = since.is_none_or(|since| at < since);
        let first = before == Before::FirstReading && !removed && since.is_some();
        let unknown = removed || (early && !first);
        if early && source.settings.enabled && !removed {
            let text = match since {
                Some(since) if first => format!("{name}: first read on {}; what differs is told from then on", moment(since)),
                Some(since) => format!("{name}: first read on {}; nothing is known about it before", moment(since)),
                None => format!("{name}: not read yet; nothing is known about it"),
            };
            self.caveats.push(Caveat { source: Some(id), text });
        }
        let (mut late, mut unsure) = (Vec::new(), Vec::new());
        for kind in kinds() {
            let baseline = baselines.iter().find(|(of, _)| *of == kind).map(|(_, at)| *at);
            if unknown {
                self.hidden.insert((id, kind));
            } else if let Some(baseline) = baseline {
                if at < baseline {
                    if !first {
                        self.hidden.insert((id, kind));
                    }
                    if !(first && early) {
                        late.push((kind, baseline));
                    }
                }
            } else if source
                .coverage
                .iter()
                .any(|coverage| coverage.collection == kind.collection() && coverage.have > 0)
            {
                unsure.push(kind.collection());
            }
        }
        self.tell_late(&source, &late);
        if !unsure.is_empty() && source.settings.enabled {
            self.caveats.push(Caveat {
                source: Some(id),
                text: format!(
                    "{name}: {} never read in full; which of those came later is not recorded, so all that are held are shown",
                    were(&unsure)
                ),
            });
        }
        // History has no lines of that.
        let of_users = source
            .coverage
            .iter()
            .any(|coverage| coverage.collection == "Memberships" && coverage.how == Coverage::OF_USERS);
        if of_users && !unknown && source.settings.enabled {
            self.caveats.push(Caveat {
                source: Some(id),
                text: format!("{name}: who was in which group is told by its users, and changes of that are not recorded; members are shown as they are now"),
            });
        }
        let hidden: HashSet<&str> = kinds()
            .filter(|kind| self.hidden.contains(&(id, *kind)))
            .map(ResourceKind::collection)
            .collect();
        let no_groups = hidden.contains(ResourceKind::Group.collection());
        for coverage in &mut source.coverage {
            let gone = hidden.contains(coverage.collection.as_str()) || (no_groups && coverage.collection == "Memberships");
            if !(first && last.is_none()) {
                *coverage = coverage_then(coverage, last.as_ref(), gone);
            }
        }
        self.sources.push(source);
    }

    fn tell_late(&mut self, source: &Source, late: &[(ResourceKind, Millis)]) {
        if late.is_empty() || !source.settings.enabled {
            return;
        }
        let first = late.iter().map(|(_, at)| *at).max().unwrap_or_default();
        let names: Vec<&str> = late.iter().map(|(kind, _)| kind.collection()).collect();
        self.caveats.push(Caveat {
            source: Some(source.id),
            text: format!(
                "{}: {} read in full for the first time by {}; what was there before is not recorded",
                source.settings.name,
                were(&names),
                moment(first)
            ),
        });
    }
}

fn were(names: &[&str]) -> String {
    match names {
        [one] => format!("{one} were"),
        [first, second] => format!("{first} and {second} were"),
        [first, others @ ..] => format!("{first} and {} other collections were", others.len()),
        [] => String::new(),
    }
}

/// A collection's coverage as it was when the last sync by then ended.
fn coverage_then(now: &Coverage, last: Option<&SyncThen>, unknown: bool) -> Coverage {
    let nothing = |text: &str| Coverage {
        state: CoverageState::NotEvaluated,
        reasons: vec![CoverageReason {
            code: "notRecorded".into(),
            text: text.to_owned(),
        }],
        reported: None,
        unconfirmed: 0,
        read_at: None,
        full_at: None,
        ..now.clone()
    };
    if unknown {
        return nothing("what was there at that moment is not recorded");
    }
    let Some((sync, then)) = last.and_then(|sync| Some((sync, sync.coverage.iter().find(|then| then.collection == now.collection)?)))
    else {
        return nothing("it was not read by then");
    };
    Coverage {
        state: then.state,
        reasons: then
            .reasons
            .iter()
            .map(|code| CoverageReason {
                code: code.clone(),
                text: format!("the sync of {} noted “{code}”", moment(sync.at)),
            })
            .collect(),
        have: then.have,
        reported: None,
        unconfirmed: 0,
        read_at: Some(sync.at),
        full_at: (then.state == CoverageState::Complete).then_some(sync.at),
        ..now.clone()
    }
}

/// What records leave unsaid of which it is not known what they said.
pub fn untold(rewound: &Rewound, name: impl Fn(SourceId) -> Option<String>) -> Vec<Caveat> {
    let mut by_source: Vec<(SourceId, Vec<&str>)> = Vec::new();
    for (source, _, name) in &rewound.untold {
        match by_source.iter_mut().find(|(of, _)| of == source) {
            Some((_, names)) => names.push(name),
            None => by_source.push((*source, vec![name])),
        }
    }
    let tell = |(source, names): (SourceId, Vec<&str>)| {
        let first = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let more = match names.len() {
            0..=3 => String::new(),
            count => format!(" and {} more", count - 3),
        };
        Some(Caveat {
            source: Some(source),
            text: format!(
                "{}: {first}{more} changed before earlier versions were kept; what they said then is not known",
                name(source)?
            ),
        })
    };
    by_source.into_iter().filter_map(tell).collect()
}
