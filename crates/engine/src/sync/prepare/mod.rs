//! From a page off the wire to rows ready to write: parse, compare with what is known, compress what is new, and tell what changed.
//! Runs on a few threads at once; touches the cache for reading only.

mod news;
mod past;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::Value;

use super::target::Target;
use crate::Error;
use crate::document;
use crate::record::{Columns, Documents, ResourceKind, Row};
use crate::sources::Reading;
use crate::sources::scim::Batch;
use crate::store::StoreError;
use crate::store::cache::{Cache, Habit, IdHash, Known, KnownResource, Packed, Packer, Version, VersionHash, etag_hash};
use crate::store::ledger::Transition;
use crate::view::{Millis, SourceId, SourceKind};

pub(super) use news::gone;
use news::{appeared, attribute_changes, member_changes, members, transition_hash};
pub(super) use past::kept;

/// Bytes of documents that a dictionary is trained on.
const SAMPLE_BYTES: usize = 256 * 1024;

/// How `meta` behaved when documents changed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moves {
    pub(super) modified: Habit,
    pub(super) version: Habit,
}

impl Moves {
    pub(super) fn add(&mut self, other: Self) {
        self.modified.add(other.modified);
        self.version.add(other.version);
    }
}

/// A resource to write.
pub(super) struct Item {
    pub(super) id: IdHash,
    /// The one that is held, if one is.
    pub(super) known: Option<KnownResource>,
    pub(super) version: Version,
    pub(super) columns: Columns,
    pub(super) document: Packed,
    /// What is new about it, for the ledger.
    pub(super) transition: Option<Transition>,
}

/// A page, ready to write.
pub(super) struct Prepared {
    /// What it holds.
    pub(super) kind: ResourceKind,
    /// New and changed resources.
    pub(super) items: Vec<Item>,
    /// Rows that were seen and say what they said before.
    pub(super) unchanged: Vec<Row>,
    /// Those of them that were not seen the last time.
    pub(super) confirmed: Vec<Row>,
    /// Resources that could not be read.
    pub(super) unreadable: u64,
    /// Resources that do not match the filter that was sent.
    pub(super) unasked: u64,
    pub(super) moves: Moves,
}

impl Prepared {
    fn new(kind: ResourceKind) -> Self {
        Self {
            kind,
            items: Vec::new(),
            unchanged: Vec::new(),
            confirmed: Vec::new(),
            unreadable: 0,
            unasked: 0,
            moves: Moves::default(),
        }
    }
}

/// A dictionary's number and body.
pub(super) type Dictionary = Option<(i64, Vec<u8>)>;

/// What all threads that prepare one collection share.
pub(super) struct Preparation {
    pub(super) source: SourceId,
    pub(super) system: SourceKind,
    /// Reads a document's columns.
    pub(super) reading: Reading,
    pub(super) kind: ResourceKind,
    pub(super) cache: Arc<Cache>,
    pub(super) known: Arc<Known>,
    /// Whether what is new is news: not while the first reading is under way.
    pub(super) baseline: bool,
    /// The filter that was sent: only resources changed at or after this time are taken.
    pub(super) changed_since: Option<Millis>,
    dictionary: OnceLock<Dictionary>,
}

impl Preparation {
    pub(super) fn new(target: &Target<'_>, known: Arc<Known>, baseline: bool, changed_since: Option<Millis>) -> Self {
        Self {
            source: target.context.source,
            system: target.context.client.system(),
            reading: target.context.client.reading(),
            kind: target.kind,
            cache: Arc::clone(&target.context.cache),
            known,
            baseline,
            changed_since,
            dictionary: OnceLock::new(),
        }
    }

    /// The source's dictionary: the kept one, or one trained on this first page.
    fn dictionary(&self, batch: &Batch) -> &Dictionary {
        self.dictionary.get_or_init(|| {
            let kept = self.cache.dictionary(self.source, self.kind).ok().flatten();
            kept.or_else(|| {
                let mut taken = 0;
                let samples: Vec<&[u8]> = batch
                    .resources
                    .iter()
                    .map(|range| &batch.body[range.clone()])
                    .take_while(|document| {
                        taken += document.len();
                        taken <= SAMPLE_BYTES
                    })
                    .collect();
                // Without a dictionary documents take more room, and that is all.
                self.cache.train_dictionary(self.source, self.kind, &samples).unwrap_or_default()
            })
        })
    }

    /// A packer for this collection.
    pub(super) fn packer(&self, batch: &Batch) -> Result<Packer, Error> {
        let dictionary = self.dictionary(batch).as_ref().map(|(id, body)| (*id, body.as_slice()));
        Packer::new(dictionary).map_err(damaged)
    }

    /// Prepares one page.
    pub(super) fn prepare(&self, batch: &Batch, packer: &mut Packer) -> Result<Prepared, Error> {
        let mut prepared = Prepared::new(self.kind);
        for range in &batch.resources {
            self.prepare_one(&batch.body[range.clone()], packer, &mut prepared)?;
        }
        Ok(prepared)
    }

    fn prepare_one(&self, text: &[u8], packer: &mut Packer, into: &mut Prepared) -> Result<(), Error> {
        let hash = VersionHash::of(text);
        if let Some(known) = self.known.of_text(hash).copied() {
            into.unasked += u64::from(self.is_unasked(known.modified));
            return unchanged(known, into);
        }
        let Some(columns) = (self.reading)(self.kind, text) else {
            into.unreadable += 1;
            return Ok(());
        };
        let version = Version {
            text: hash,
            etag: columns.etag().map(etag_hash),
        };
        into.unasked += u64::from(self.is_unasked(columns.modified()));
        let id = IdHash::of(columns.id());
        let known = self.known.get(id).copied();
        let transition = match known {
            Some(known) => match self.compare(known, text, version, &columns, &mut into.moves)? {
                Compared::Same => return unchanged(known, into),
                Compared::Changed(transition) => transition,
            },
            None => (self.baseline && self.kind.is_told()).then(|| appeared(self.kind, version, &columns)),
        };
        let document = packer.pack(text).map_err(damaged)?;
        into.items.push(Item {
            id,
            known,
            version,
            columns,
            document,
            transition,
        });
        Ok(())
    }

    /// Whether a resource does not match the filter that was sent.
    fn is_unasked(&self, modified: Option<Millis>) -> bool {
        self.changed_since
            .is_some_and(|since| modified.is_some_and(|modified| modified < since))
    }

    /// Tells whether a document of another text says anything else (some servers shuffle their attributes from answer to answer),
    /// and what of it is news.
    fn compare(
        &self,
        known: KnownResource,
        text: &[u8],
        version: Version,
        columns: &Columns,
        moves: &mut Moves,
    ) -> Result<Compared, Error> {
        let Some(before) = self.cache.document(known.row)? else {
            return Ok(Compared::Changed(None));
        };
        let (Ok(old), Ok(new)) = (serde_json::from_slice::<Value>(&before), serde_json::from_slice::<Value>(text)) else {
            return Ok(Compared::Changed(None));
        };
        let changed_at = columns.modified();
        let mut changes = attribute_changes(self.system, self.kind, &old, &new, changed_at);
        let attributes = changes.len();
        if self.kind == ResourceKind::Group
            && let Some(was) = (self.reading)(self.kind, &before)
            && let (Some(was), Some(is)) = (members(self.system, &was), members(self.system, columns))
        {
            member_changes((was, &old), (is, &new), changed_at, &mut changes);
        }
        if changes.is_empty() {
            let mut lines = (document::lines(&old), document::lines(&new));
            lines.0.sort_unstable();
            lines.1.sort_unstable();
            return Ok(if lines.0 == lines.1 {
                Compared::Same
            } else {
                Compared::Changed(None)
            });
        }
        let members = changes.len() > attributes;
        moves
            .modified
            .add(habit(known.modified.is_some() && changed_at > known.modified, members));
        moves.version.add(habit(
            known.version.etag.is_some() && version.etag.is_some() && version.etag != known.version.etag,
            members,
        ));
        Ok(Compared::Changed(Some(Transition {
            kind: self.kind,
            id: columns.id().to_owned(),
            name: columns.name().to_owned(),
            hash: transition_hash(Some(known.version), Some(version)),
            changes,
            past: Some(kept(self.kind, &before, &old)?),
        })))
    }
}

/// How a document stands to the one that is held.
enum Compared {
    /// It says the same.
    Same,
    /// It says something else; the transition tells what of it is news.
    Changed(Option<Transition>),
}

#[expect(clippy::unnecessary_wraps, reason = "it ends its callers")]
fn unchanged(known: KnownResource, into: &mut Prepared) -> Result<(), Error> {
    into.unchanged.push(known.row);
    if known.unconfirmed {
        into.confirmed.push(known.row);
    }
    Ok(())
}

fn habit(moved: bool, members: bool) -> Habit {
    Habit {
        moved: moved.into(),
        moved_with_members: (moved && members).into(),
        stood_still: (!moved).into(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn damaged(source: std::io::Error) -> Error {
    StoreError::Damaged {
        file: "cache",
        what: source.to_string(),
    }
    .into()
}

/// A page of one document, for a resource that was read by its id.
pub(super) fn single(body: Bytes) -> Batch {
    let end = body.len();
    Batch {
        body,
        resources: std::iter::once(0..end).collect(),
    }
}
