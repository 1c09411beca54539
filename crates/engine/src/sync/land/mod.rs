//! Where prepared pages land: the one thread that writes a source's rows, and its history before them.
//!
//! A kill at any moment leaves both files whole. History goes first: a line that is there already when the same change is seen again
//! is not written twice; a change that was written to the cache without its history could never be told any more.

mod members;
mod resolver;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use roaring::RoaringBitmap;

use super::SyncContext;
use super::prepare::{Item, Moves, Prepared};
use crate::Error;
use crate::record::{Columns, ResourceKind, Row, Shape};
use crate::store::cache::{IdHash, Known, Writer};
use crate::store::ledger::{Ledger, Transition};
use crate::view::{ChangeKind, Millis, SourceId, SourceKind};

pub(super) use members::Memberships;
pub(super) use resolver::Resolver;

/// Others see what was read after this time at the latest.
const COMMIT_EVERY: Duration = Duration::from_millis(400);
/// A writer that waits for pages does not hold the file longer than this.
const IDLE: Duration = Duration::from_millis(50);

/// What landed.
#[derive(Default)]
pub(super) struct Landed {
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) unchanged: u64,
    pub(super) removed: u64,
    pub(super) unreadable: u64,
    pub(super) unasked: u64,
    pub(super) moves: Moves,
    /// Rows that were seen.
    pub(super) seen: RoaringBitmap,
    /// `meta.lastModified` of what was written.
    pub(super) modified: Vec<Option<Millis>>,
    /// Rows that were written.
    pub(super) written: RoaringBitmap,
}

impl Landed {
    /// Adds the counts of an earlier reading in the same sync.
    pub(super) fn add(&mut self, other: &Self) {
        self.added += other.added;
        self.changed += other.changed;
        self.removed += other.removed;
        self.moves.add(other.moves);
    }
}

/// Writes one source's pages.
pub(super) struct Landing {
    writer: Writer,
    ledger: Arc<Ledger>,
    source: SourceId,
    system: SourceKind,
    seen_at: Millis,
    resolver: Resolver,
    transitions: Vec<Transition>,
    opened: Instant,
    memberships_changed: bool,
    pub(super) landed: Landed,
}

impl Landing {
    pub(super) fn new(context: &SyncContext, seen_at: Millis, resolver: Resolver) -> Result<Self, Error> {
        Ok(Self {
            writer: context.cache.writer(context.source)?,
            ledger: Arc::clone(&context.ledger),
            source: context.source,
            system: context.client.system(),
            seen_at,
            resolver,
            transitions: Vec::new(),
            opened: Instant::now(),
            memberships_changed: false,
            landed: Landed::default(),
        })
    }

    /// Sees to the indexes: a first load makes them at the end.
    pub(super) fn prepare_indexes(&mut self) -> Result<(), Error> {
        Ok(self.writer.prepare_indexes()?)
    }

    /// Writes pages as they come, until there are no more.
    pub(super) fn take_all(&mut self, pages: &Receiver<Result<Prepared, Error>>) -> Result<(), Error> {
        loop {
            match pages.recv_timeout(IDLE) {
                Ok(page) => self.take(page?)?,
                Err(RecvTimeoutError::Timeout) => self.commit()?,
                Err(RecvTimeoutError::Disconnected) => return self.commit(),
            }
            if self.opened.elapsed() > COMMIT_EVERY {
                self.commit()?;
            }
        }
    }

    /// Writes one page.
    pub(super) fn take(&mut self, page: Prepared) -> Result<(), Error> {
        let landed = &mut self.landed;
        landed.unchanged += page.unchanged.len() as u64;
        landed.unreadable += page.unreadable;
        landed.unasked += page.unasked;
        landed.moves.add(page.moves);
        landed.seen.extend(page.unchanged);
        for item in page.items {
            self.write(page.kind, item)?;
        }
        for row in page.confirmed {
            self.begin()?;
            self.writer.set_unconfirmed(page.kind, row, false)?;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Error> {
        if self.writer.begin()? {
            self.opened = Instant::now();
        }
        Ok(())
    }

    fn write(&mut self, kind: ResourceKind, item: Item) -> Result<(), Error> {
        let held = item.known.map(|known| known.row).or_else(|| self.resolver.added(kind, item.id));
        if held.is_none() && self.resolver.is_other_account(kind, item.id) {
            // An id is one account's: what a server says of a second one cannot be kept apart from the first.
            self.landed.unreadable += 1;
            return Ok(());
        }
        self.begin()?;
        let adopted = if held.is_none() && kind.shape() != Shape::Item {
            self.resolver.adopt(item.id)
        } else {
            None
        };
        if let Some(row) = adopted {
            self.writer.adopt(row)?;
        }
        let old_row = held.or(adopted).unwrap_or(0);
        let modified = item.columns.modified();
        let row = match (item.columns, kind) {
            (Columns::Account(account), _) => {
                let record = account.record(self.source, old_row, kind == ResourceKind::Service);
                self.writer.put_account(&record, item.version, &item.document)?
            }
            (Columns::Group(group), _) => {
                let record = group.record(self.source, old_row);
                let row = self.writer.put_group(&record, item.version, &item.document)?;
                self.put_members(row, held.is_none(), group.members)?;
                row
            }
            (Columns::Item(columns), ResourceKind::Item(kind)) => {
                self.writer.put_item(kind, old_row, &columns, item.version, &item.document)?
            }
            (Columns::Item(_), _) => {
                self.landed.unreadable += 1;
                return Ok(());
            }
        };
        // One that an earlier reading of the same sync put in has been told of.
        let again = item.known.is_none() && held.is_some();
        if let Some(transition) = item.transition.filter(|_| !again) {
            self.tell(transition)?;
        }
        if again {
            self.landed.unchanged += 1;
        } else if held.is_some() {
            self.landed.changed += 1;
        } else {
            self.landed.added += 1;
            self.resolver.add(kind, item.id, row);
        }
        self.landed.seen.insert(row);
        self.landed.written.insert(row);
        self.landed.modified.push(modified);
        Ok(())
    }

    /// Notes what history is to say, with the names of members that the documents do not tell.
    fn tell(&mut self, mut transition: Transition) -> Result<(), Error> {
        for change in &mut transition.changes {
            if !matches!(change.kind, ChangeKind::MemberAdded | ChangeKind::MemberRemoved) || change.member_name.is_some() {
                continue;
            }
            let Some(member) = change.after.as_deref().or(change.before.as_deref()) else {
                continue;
            };
            let id = IdHash::of(member);
            change.member_name = match self.resolver.member(id) {
                Some(row) => self.writer.label(row)?.and_then(|label| label.name),
                None => self.resolver.name_of_gone(id).map(str::to_owned),
            };
        }
        self.transitions.push(transition);
        Ok(())
    }

    /// Takes a resource out that is confirmed to be gone, and tells history.
    pub(super) fn remove(&mut self, kind: ResourceKind, row: Row, transition: Option<Transition>) -> Result<(), Error> {
        self.begin()?;
        let of_members = kind.shape() != Shape::Item;
        self.writer.remove(kind, row)?;
        if of_members {
            let named = transition.as_ref().map(|told| (told.id.as_str(), told.name.as_str()));
            self.resolver.remove(row, named);
            self.memberships_changed = true;
        }
        self.landed.removed += 1;
        if let Some(transition) = transition {
            self.tell(transition)?;
        }
        Ok(())
    }

    /// Notes that resources were not seen, and are kept.
    pub(super) fn keep_unseen(&mut self, kind: ResourceKind, rows: &[Row]) -> Result<(), Error> {
        for row in rows {
            self.begin()?;
            self.writer.set_unconfirmed(kind, *row, true)?;
        }
        Ok(())
    }

    /// Writes the history of what is in the open transaction, then ends it.
    pub(super) fn commit(&mut self) -> Result<(), Error> {
        if !self.transitions.is_empty() {
            self.ledger.record(self.source, self.seen_at, &self.transitions)?;
            self.transitions.clear();
        }
        Ok(self.writer.commit()?)
    }

    /// Rows written so far.
    pub(super) fn rows_written(&self) -> u64 {
        self.writer.rows_written()
    }

    /// What was known of a kind before this sync.
    pub(super) fn known(&self, kind: ResourceKind) -> Arc<Known> {
        self.resolver.known(kind)
    }

    /// Ends the collection's landing: gives what landed and the resolver for the next one.
    pub(super) fn next(&mut self) -> Result<Landed, Error> {
        self.commit()?;
        Ok(std::mem::take(&mut self.landed))
    }
}
