//! History as it is asked: the picture as it was, the syncs to compare, and how long history is kept.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::{Engine, held};
use crate::Error;
use crate::history::then::{Before, Recording, then};
use crate::history::{Making, Moment, Rows};
use crate::map::MapBuilder;
use crate::map::address::{self, Address};
use crate::record::{ItemKind, ItemRecord, RecordSink, ResourceKind, Row};
use crate::sources;
use crate::store::cache::Cache;
use crate::store::ledger::{AuditDraft, Ledger};
use crate::sync::now;
use crate::view::{AsOf, Caveat, HistoryInfo, Millis, SourceKind, SyncMoment, SyncState};

/// The setting that holds for how many days history is kept; empty for ever.
const KEEP_DAYS: &str = "history_keep_days";
/// The setting that holds the day on which history was last held against it.
const LOOKED_ON: &str = "history_looked_on";
/// A hundred years: nobody means more.
const MOST_DAYS: u32 = 36_500;
const DAY: Millis = 24 * 60 * 60 * 1000;
/// So many pictures of moments are kept: both ends of a comparison.
const KEPT: usize = 2;
/// So often a picture is tried again that a sync wrote under.
const TRIES: usize = 4;

impl Rows for Cache {
    fn rows(&self, sink: &mut dyn RecordSink) -> Result<(), Error> {
        Ok(self.read_all(sink)?)
    }

    fn items(&self, each: &mut dyn FnMut(&ItemRecord<'_>)) -> Result<(), Error> {
        Ok(Self::items(self, MapBuilder::kinds(), each)?)
    }

    fn last_row(&self) -> Result<Row, Error> {
        Ok(Self::last_row(self)?)
    }
}

impl Engine {
    /// An identity or a group as it was at a moment, by an address (`person:…`, `group:…`) or a key: what it was, and what the person held. One that was
    /// not there is none; so is one about which nothing is known, and the caveats say which of both.
    ///
    /// # Errors
    /// [`Error::Input`] for another kind of address; when the cache or the ledger cannot be read.
    pub fn as_of(&self, address_or_key: &str, at: Millis) -> Result<AsOf, Error> {
        let (key, only) = match Address::read(address_or_key) {
            Some(Address::Person(key)) => (key, Some(true)),
            Some(Address::Group(key)) => (key, Some(false)),
            Some(_) => {
                return Err(Error::Input {
                    field: "Of",
                    problem: "name a person or a group; roles and scopes have a timeline".into(),
                });
            }
            None => (address_or_key, None),
        };
        let moment = self.moment(at, Before::Unknown)?;
        let documents = moment.documents(&*self.inner.cache);
        // One whose account by this key came later may have had others.
        let mut keys = vec![key.to_owned()];
        keys.extend(
            self.current()?
                .timeline_keys(key)
                .into_iter()
                .map(|(source, id)| format!("{source}.{id}")),
        );
        let person = keys.iter().find(|key| moment.directory.account_of_key(key).is_some());
        let group = keys.iter().find(|key| moment.directory.group_of_key(key).is_some());
        let mut answer = AsOf {
            at: moment.at,
            person: None,
            group: None,
            access: None,
            recorded_since: self.known_since()?,
            caveats: moment.caveats.clone(),
        };
        if let (Some(key), None | Some(true)) = (person, only) {
            let mut person = moment.directory.person(key, &documents)?;
            moment.map.tell_privilege(std::iter::once(&mut person.row));
            answer.access = Some(moment.map.access_of(&address::person(key))?);
            answer.person = Some(person);
        } else if let (Some(key), None | Some(false)) = (group, only) {
            answer.group = Some(moment.directory.group(key, &documents)?);
        } else if answer.caveats.is_empty() {
            answer.caveats.push(Caveat {
                source: None,
                text: "Not held by any source at that moment.".into(),
            });
        }
        Ok(answer)
    }

    /// Since when anything can be told: the end of the first sync, or the moment before which history was removed.
    fn known_since(&self) -> Result<Option<Millis>, Error> {
        let first = self.inner.ledger.recorded_since()?.into_iter().map(|(_, at)| at).min();
        let removed = self.inner.ledger.history_info()?.removed_before;
        Ok(first.max(first.and(removed)))
    }

    /// The picture and the map as they were at a moment; the last two that were asked for are kept. A moment to come is now.
    pub(super) fn moment(&self, at: Millis, before: Before) -> Result<Arc<Moment>, Error> {
        let current = self.current()?;
        if at >= now() {
            return Ok(Arc::new(Moment::of_now(now(), Arc::clone(&current), self.map()?)));
        }
        let mut kept = held(&self.inner.moments);
        kept.retain(|moment| moment.directory.generation() == current.generation());
        if let Some(found) = kept.iter().position(|moment| (moment.at, moment.before) == (at, before)) {
            let moment = kept.remove(found);
            kept.push(Arc::clone(&moment));
            return Ok(moment);
        }
        let started = Instant::now();
        let mut made = self.make_moment(at, before, current.generation())?;
        for _ in 1..TRIES {
            if made.1 {
                break;
            }
            made = self.make_moment(at, before, current.generation())?;
        }
        let (mut moment, whole) = made;
        if !whole {
            moment.caveats.push(Caveat {
                source: None,
                text: "A sync wrote while this was put together; ask again once it has ended.".into(),
            });
        }
        tracing::debug!(took_us = started.elapsed().as_micros() as u64, "picture of a moment");
        let moment = Arc::new(moment);
        if whole {
            if kept.len() >= KEPT {
                kept.remove(0);
            }
            kept.push(Arc::clone(&moment));
        }
        Ok(moment)
    }

    /// Makes a picture of a moment, and says whether nothing was written meanwhile.
    fn make_moment(&self, at: Millis, before: Before, generation: u64) -> Result<(Moment, bool), Error> {
        let (cache, ledger) = (&self.inner.cache, &self.inner.ledger);
        let written = cache.generation()?;
        let sources = self.sources()?;
        let read = sources::columns_reader(sources.iter().map(|source| (source.id, source.settings.kind)).collect());
        let (recorded, last) = (ledger.recorded_since()?, ledger.last_syncs(at)?);
        let mut recordings = Vec::with_capacity(sources.len());
        for source in sources {
            let state = cache.state(source.id)?;
            let kinds = [ResourceKind::User, ResourceKind::Service, ResourceKind::Group];
            let kinds = kinds.into_iter().chain(ItemKind::ALL.map(ResourceKind::Item));
            recordings.push(Recording {
                since: recorded.iter().find(|(id, _)| *id == source.id).map(|(_, at)| *at),
                baselines: kinds.filter_map(|kind| Some((kind, state.baseline(kind)?))).collect(),
                last: last.iter().find(|sync| sync.source == source.id).cloned(),
                source,
            });
        }
        let since = ledger.since(at)?;
        let making = Making {
            at,
            generation,
            before,
            then: then(at, recordings, ledger.history_info()?.removed_before, before),
            decided: ledger.joins_at(at)?,
            since: &since,
            read: &read,
        };
        let moment = making.make(&**cache)?;
        let whole = cache.generation()? == written && ledger.history_end()? == since.end;
        Ok((moment, whole))
    }

    /// The ends of syncs, newest first, so many: moments to compare from or to.
    ///
    /// # Errors
    /// When the cache or the ledger cannot be read.
    pub fn sync_moments(&self, limit: u32) -> Result<Vec<SyncMoment>, Error> {
        let sources = self.sources()?;
        let syncs = self.inner.ledger.syncs(limit.min(500))?;
        let tell = |sync: crate::record::SyncThen| {
            let source = sources.iter().find(|source| source.id == sync.source);
            Some(SyncMoment {
                seq: sync.seq,
                at: sync.at,
                source: sync.source,
                // Its number is all that is left of one that was removed.
                source_name: source.map_or_else(|| format!("source {}", sync.source), |source| source.settings.name.clone()),
                system: source.map_or(SourceKind::Scim, |source| source.settings.kind),
                state: sync.state.unwrap_or(SyncState::Incomplete),
                lines: sync.lines,
            })
        };
        Ok(syncs.into_iter().filter_map(tell).collect())
    }

    /// How long history is kept, how much there is, and how much of it the setting would remove now.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn history_info(&self) -> Result<HistoryInfo, Error> {
        let ledger = &self.inner.ledger;
        let mut info = ledger.history_info()?;
        info.keep_days = keep_days(ledger)?;
        if let Some(days) = info.keep_days {
            info.over_age = ledger.older_than(limit(days))?;
        }
        Ok(info)
    }

    /// How many lines a setting would remove now, were it made.
    ///
    /// # Errors
    /// [`Error::Input`] for no days at all; when the ledger cannot be read.
    pub fn history_over_age(&self, days: u32) -> Result<u64, Error> {
        Ok(self.inner.ledger.older_than(limit(checked(days)?))?)
    }

    /// Sets for how many days history is kept; none for ever. What is older goes at once, and then once a day when the folder is opened; the daily backups
    /// hold it for up to seven days more. The setting and what went stand in the audit log.
    ///
    /// # Errors
    /// [`Error::Input`] for no days at all, or for more than a hundred years; when the ledger cannot be written, or its history is not as the audit log
    /// vouched for it (then nothing goes).
    pub fn set_history_retention(&self, days: Option<u32>) -> Result<HistoryInfo, Error> {
        let days = days.map(checked).transpose()?;
        if days != keep_days(&self.inner.ledger)? {
            let summary = match days {
                Some(1) => "History is kept for one day; what is older is removed".to_owned(),
                Some(days) => format!("History is kept for {days} days; what is older is removed"),
                None => "History is kept for ever".to_owned(),
            };
            let draft = AuditDraft {
                action: "history.retention",
                source: None,
                summary,
                data: json!({ "keepDays": days }),
            };
            let value = days.map(|days| days.to_string()).unwrap_or_default();
            self.inner.ledger.set_setting_and_tell(KEEP_DAYS, &value, draft)?;
        }
        self.prune_history()?;
        self.history_info()
    }

    /// Removes what is older than history is kept, and gives how many lines went. Nothing goes while it is kept for ever.
    ///
    /// # Errors
    /// When the ledger cannot be written, or its history is not as the audit log vouched for it (then nothing goes).
    pub fn prune_history(&self) -> Result<u64, Error> {
        let gone = prune(&self.inner.ledger)?;
        if gone > 0 {
            held(&self.inner.moments).clear();
            *held(&self.inner.compared) = None;
        }
        Ok(gone)
    }
}

/// For how many days history is kept; none for ever, and where the setting cannot be read: then nothing goes.
fn keep_days(ledger: &Ledger) -> Result<Option<u32>, Error> {
    Ok(ledger
        .setting(KEEP_DAYS)?
        .and_then(|days| days.parse().ok())
        .filter(|days| *days > 0))
}

fn checked(days: u32) -> Result<u32, Error> {
    if (1..=MOST_DAYS).contains(&days) {
        Ok(days)
    } else {
        Err(Error::Input {
            field: "Days",
            problem: format!("history can be kept for 1 to {MOST_DAYS} days, or for ever"),
        })
    }
}

/// What was seen before this moment is too old.
fn limit(days: u32) -> Millis {
    now() - Millis::from(days) * DAY
}

fn prune(ledger: &Ledger) -> Result<u64, Error> {
    match keep_days(ledger)? {
        Some(days) => Ok(ledger.remove_history(limit(days), days)?),
        None => Ok(0),
    }
}

/// What is older than history is kept goes, once a day when the folder is opened. Gives what a person should know where that failed: the folder opens all
/// the same.
pub(super) fn keep_to_retention(ledger: &Ledger) -> Option<String> {
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let done = (|| {
        if keep_days(ledger)?.is_none() || ledger.setting(LOOKED_ON)?.as_deref() == Some(&today) {
            return Ok(());
        }
        prune(ledger)?;
        Ok::<_, Error>(ledger.set_setting(LOOKED_ON, &today)?)
    })();
    done.err()
        .map(|error| format!("History that is older than it is to be kept could not be removed: {error}. It is all still there."))
}
