//! Where prepared pages land: the one thread that writes a source's rows, and its history before them.
//!
//! A kill at any moment leaves both files whole. History goes first: a line that is there already when the same change is seen again
//! is not written twice; a change that was written to the cache without its history could never be told any more.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use lanyard_scim::brief::UserBrief;
use roaring::RoaringBitmap;

use super::prepare::{Item, Moves, Prepared};
use crate::Error;
use crate::record::{Columns, Documents, GroupColumns, ResourceKind, Row};
use crate::store::cache::{Cache, IdHash, Known, Writer};
use crate::store::ledger::{Ledger, Transition};
use crate::view::{Millis, SourceId};

/// Others see what was read after this time at the latest.
const COMMIT_EVERY: Duration = Duration::from_millis(400);
/// A writer that waits for pages does not hold the file longer than this.
const IDLE: Duration = Duration::from_millis(50);

type Rows = HashMap<IdHash, Row, BuildHasherDefault<crate::store::cache::AsIs>>;

/// What a member id resolves to, over both kinds of one source.
pub(super) struct Resolver {
    users: Arc<Known>,
    groups: Arc<Known>,
    added: Rows,
    dangling: Rows,
    gone: RoaringBitmap,
}

impl Resolver {
    pub(super) fn new(users: Arc<Known>, groups: Arc<Known>, dangling: Vec<(IdHash, Row)>) -> Self {
        Self {
            users,
            groups,
            added: Rows::default(),
            dangling: dangling.into_iter().collect(),
            gone: RoaringBitmap::new(),
        }
    }

    fn held(&self, id: IdHash) -> Option<Row> {
        let known = || self.users.get(id).or_else(|| self.groups.get(id)).map(|known| known.row);
        self.added
            .get(&id)
            .copied()
            .or_else(|| known().filter(|row| !self.gone.contains(*row)))
    }

    fn any(&self, id: IdHash) -> Option<Row> {
        self.held(id).or_else(|| self.dangling.get(&id).copied())
    }
}

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
    pub(super) members_listed: bool,
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

/// Which side told of memberships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memberships {
    /// Groups list their members.
    OfGroups,
    /// Users list their groups.
    OfUsers,
    /// Neither does.
    Unlisted,
}

/// Writes one source's pages.
pub(super) struct Landing {
    writer: Writer,
    ledger: Arc<Ledger>,
    source: SourceId,
    seen_at: Millis,
    resolver: Resolver,
    transitions: Vec<Transition>,
    opened: Instant,
    /// Members named before the group or account that they name was seen.
    unresolved: Vec<(Row, String)>,
    /// Groups that were held before and changed: their members are settled at the end, when all groups are known.
    regrouped: Vec<(Row, Option<Vec<String>>)>,
    memberships_changed: bool,
    pub(super) landed: Landed,
}

impl Landing {
    pub(super) fn new(cache: &Cache, ledger: Arc<Ledger>, source: SourceId, seen_at: Millis, resolver: Resolver) -> Result<Self, Error> {
        Ok(Self {
            writer: cache.writer(source)?,
            ledger,
            source,
            seen_at,
            resolver,
            transitions: Vec::new(),
            opened: Instant::now(),
            unresolved: Vec::new(),
            regrouped: Vec::new(),
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
        landed.members_listed |= page.members_listed;
        landed.moves.add(page.moves);
        landed.seen.extend(page.unchanged);
        for item in page.items {
            self.write(item)?;
        }
        for row in page.confirmed {
            self.begin()?;
            // The row is of the collection being read, so one of the two tables has it.
            self.writer.set_unconfirmed(ResourceKind::User, row, false)?;
            self.writer.set_unconfirmed(ResourceKind::Group, row, false)?;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Error> {
        if self.writer.begin()? {
            self.opened = Instant::now();
        }
        Ok(())
    }

    fn write(&mut self, item: Item) -> Result<(), Error> {
        self.begin()?;
        let held = item
            .known
            .map(|known| known.row)
            .or_else(|| self.resolver.added.get(&item.id).copied());
        let adopted = if held.is_none() {
            self.resolver.dangling.remove(&item.id)
        } else {
            None
        };
        if let Some(row) = adopted {
            self.writer.adopt(row)?;
        }
        let old_row = held.or(adopted).unwrap_or(0);
        let modified = item.columns.modified();
        let row = match item.columns {
            Columns::Account(account) => {
                self.writer
                    .put_account(&account.record(self.source, old_row, false), item.version, &item.document)?
            }
            Columns::Group(group) => {
                let row = self
                    .writer
                    .put_group(&group.record(self.source, old_row), item.version, &item.document)?;
                self.put_members(row, held.is_none(), group)?;
                row
            }
            // SCIM has none.
            Columns::Item(_) => return Ok(()),
        };
        // One that an earlier reading of the same sync put in has been told of.
        let again = item.known.is_none() && held.is_some();
        if !again {
            self.transitions.extend(item.transition);
        }
        if again {
            self.landed.unchanged += 1;
        } else if held.is_some() {
            self.landed.changed += 1;
        } else {
            self.landed.added += 1;
            self.resolver.added.insert(item.id, row);
        }
        self.landed.seen.insert(row);
        self.landed.written.insert(row);
        self.landed.modified.push(modified);
        Ok(())
    }

    fn put_members(&mut self, row: Row, new: bool, group: GroupColumns) -> Result<(), Error> {
        if !new {
            self.regrouped.push((row, group.members));
            return Ok(());
        }
        let mut rows = Vec::new();
        for member in group.members.into_iter().flatten() {
            match self.resolver.held(IdHash::of(&member)) {
                Some(found) => rows.push(found),
                None => self.unresolved.push((row, member)),
            }
        }
        rows.sort_unstable();
        self.memberships_changed |= !rows.is_empty();
        self.writer.put_members(row, &rows, &[])?;
        Ok(())
    }

    fn dangling(&mut self, id: &str) -> Result<Row, Error> {
        let hash = IdHash::of(id);
        if let Some(row) = self.resolver.any(hash) {
            return Ok(row);
        }
        let row = self.writer.put_dangling(id)?;
        self.resolver.dangling.insert(hash, row);
        Ok(row)
    }

    /// Settles members once all groups are known.
    pub(super) fn settle_members(&mut self) -> Result<(), Error> {
        if self.unresolved.is_empty() && self.regrouped.is_empty() {
            return Ok(());
        }
        self.begin()?;
        let listed = self.landed.members_listed || self.writer.any_members_listed()?;
        for (group, member) in std::mem::take(&mut self.unresolved) {
            let row = self.dangling(&member)?;
            self.writer.put_members(group, &[row], &[])?;
            self.memberships_changed = true;
        }
        for (group, members) in std::mem::take(&mut self.regrouped) {
            // Without any `members`, an absent one says nothing; with some, it says that there are none (RFC 7643 §2.5).
            if members.is_none() && !listed {
                continue;
            }
            let mut wanted = members
                .unwrap_or_default()
                .iter()
                .map(|member| self.dangling(member))
                .collect::<Result<Vec<_>, _>>()?;
            wanted.sort_unstable();
            wanted.dedup();
            self.change_members(group, &wanted)?;
        }
        Ok(())
    }

    /// Brings a group's members to what is wanted. Ascending.
    fn change_members(&mut self, group: Row, wanted: &[Row]) -> Result<(), Error> {
        let held = self.writer.members(group)?;
        let add: Vec<Row> = wanted.iter().copied().filter(|row| held.binary_search(row).is_err()).collect();
        let remove: Vec<Row> = held.iter().copied().filter(|row| wanted.binary_search(row).is_err()).collect();
        self.memberships_changed |= !(add.is_empty() && remove.is_empty());
        self.writer.put_members(group, &add, &remove)?;
        Ok(())
    }

    /// Takes a resource out that is confirmed to be gone, and tells history.
    pub(super) fn remove(&mut self, kind: ResourceKind, row: Row, transition: Option<Transition>) -> Result<(), Error> {
        self.begin()?;
        self.transitions.extend(transition);
        self.writer.remove(kind, row)?;
        self.resolver.gone.insert(row);
        self.landed.removed += 1;
        self.memberships_changed = true;
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
        Arc::clone(match kind {
            ResourceKind::User => &self.resolver.users,
            _ => &self.resolver.groups,
        })
    }

    /// Ends the sync's writing: indexes, and how memberships were told.
    pub(super) fn finish(&mut self, cache: &Cache, source: SourceId) -> Result<Memberships, Error> {
        let listed = self.writer.settle_members_listed()?;
        let memberships = if listed || !cache.has_groups(source)? {
            Memberships::OfGroups
        } else if self.members_of_users(cache, source)? {
            Memberships::OfUsers
        } else {
            Memberships::Unlisted
        };
        if self.memberships_changed {
            self.begin()?;
            self.writer.sweep()?;
        }
        self.commit()?;
        self.writer.finish()?;
        Ok(memberships)
    }

    /// Some servers list no group's members, and tell each user's groups instead (RFC 7643 §4.1.2 `groups`): reads them from the cache.
    fn members_of_users(&mut self, cache: &Cache, source: SourceId) -> Result<bool, Error> {
        self.begin()?;
        self.commit()?;
        let users = cache.rows(source, ResourceKind::User)?;
        let mut wanted: HashMap<Row, Vec<Row>> = cache
            .rows(source, ResourceKind::Group)?
            .into_iter()
            .map(|row| (row, Vec::new()))
            .collect();
        let by_id = cache.ids(source, ResourceKind::Group)?;
        let mut told = false;
        cache.documents(&users, &mut |row, text| {
            if let Ok(brief) = UserBrief::read(text)
                && let Some(groups) = brief.groups
            {
                told = true;
                for group in groups.iter().filter(|group| !group.indirect) {
                    if let Some(members) = by_id.get(&IdHash::of(&group.value)).and_then(|group| wanted.get_mut(group)) {
                        members.push(row);
                    }
                }
            }
            true
        })?;
        if !told {
            return Ok(false);
        }
        self.begin()?;
        for (group, mut members) in wanted {
            members.sort_unstable();
            members.dedup();
            self.change_members(group, &members)?;
        }
        self.writer.set_members_listed()?;
        Ok(true)
    }

    /// Ends the collection's landing: gives what landed and the resolver for the next one.
    pub(super) fn next(&mut self) -> Result<Landed, Error> {
        self.commit()?;
        Ok(std::mem::take(&mut self.landed))
    }
}
