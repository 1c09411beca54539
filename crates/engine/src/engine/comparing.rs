//! Two moments side by side: what differs, and what that gave and took.

use std::sync::Arc;
use std::time::Instant;

use super::{Engine, held};
use crate::Error;
use crate::history::compare::{Compared, Found, Told, compare};
use crate::history::then::Before;
use crate::map::address::{Address, EdgeAddress};
use crate::record::{ItemKind, ResourceKind};
use crate::sync::now;
use crate::view::{
    AccessChangePage, ChangeKind, ComparedRecord, Comparison, ComparisonQuery, ComparisonSums, Millis, RecordChange, SourceId,
};

/// Lines that are told of one record.
const MOST_LINES: usize = 50;
/// The longest page.
const MOST: u32 = 500;

/// The last comparison, whatever a query leaves of it.
pub(super) struct Kept {
    from: Millis,
    to: Option<Millis>,
    generation: u64,
    compared: Arc<Compared>,
}

impl Engine {
    /// What differs between two moments, record by record: a page of it, with what each change gave and took.
    ///
    /// # Errors
    /// [`Error::Input`] where the later moment is not later; [`Error::NotFound`] for an address that leads nowhere; when the cache or the ledger cannot be
    /// read.
    pub fn compare(&self, query: &ComparisonQuery) -> Result<Comparison, Error> {
        let started = Instant::now();
        let compared = self.compared(query)?;
        let wanted = Wanted::new(self, query)?;
        let fits: Vec<&Found> = compared.records.iter().filter(|found| wanted.record(found, &compared)).collect();
        let page = fits.iter().skip(query.offset as usize).take(query.limit.min(MOST) as usize);
        let records = page.map(|found| shortened(&found.record)).collect();
        Ok(Comparison {
            from: compared.from,
            to: compared.to,
            sums: sums(fits.iter().copied(), compared.changes.iter().filter(|told| wanted.change(told))),
            records,
            total: fits.len() as u32,
            caveats: compared.caveats.clone(),
            took_us: started.elapsed().as_micros() as u64,
        })
    }

    /// What people gained and lost between two moments: a page of it, privileged roles first.
    ///
    /// # Errors
    /// As for [`Self::compare`].
    pub fn compare_access(&self, query: &ComparisonQuery) -> Result<AccessChangePage, Error> {
        let compared = self.compared(query)?;
        let wanted = Wanted::new(self, query)?;
        let fits: Vec<&Told> = compared.changes.iter().filter(|told| wanted.change(told)).collect();
        let page = fits.iter().skip(query.offset as usize).take(query.limit.min(MOST) as usize);
        let records = compared.records.iter().filter(|found| wanted.record(found, &compared));
        Ok(AccessChangePage {
            changes: page.map(|told| told.change.clone()).collect(),
            total: fits.len() as u32,
            sums: sums(records, fits.iter().copied()),
            caveats: compared.caveats.clone(),
        })
    }

    /// The comparison of a query's two moments; the last one is kept.
    fn compared(&self, query: &ComparisonQuery) -> Result<Arc<Compared>, Error> {
        let to = query.to.filter(|to| *to < now());
        if to.unwrap_or_else(now) < query.from {
            return Err(Error::Input {
                field: "To",
                problem: "the later moment lies before the earlier one; turn them round".into(),
            });
        }
        let generation = self.current()?.generation();
        let mut kept = held(&self.inner.compared);
        if let Some(known) = kept
            .as_ref()
            .filter(|known| (known.from, known.to, known.generation) == (query.from, to, generation))
        {
            return Ok(Arc::clone(&known.compared));
        }
        *kept = None;
        let first = Before::FirstReading;
        let (before, after) = (self.moment(query.from, first)?, self.moment(to.unwrap_or(Millis::MAX), first)?);
        let lines = self.inner.ledger.lines_between(query.from, after.at)?;
        let compared = Arc::new(compare(&before, &after, lines, self.inner.cache.last_row()?));
        if before.directory.generation() == generation && after.directory.generation() == generation {
            *kept = Some(Kept {
                from: query.from,
                to,
                generation,
                compared: Arc::clone(&compared),
            });
        }
        Ok(compared)
    }
}

/// What a comparison is narrowed to.
struct Wanted<'q> {
    query: &'q ComparisonQuery,
    search: String,
    about: Option<About>,
}

/// What a comparison is about.
enum About {
    /// These accounts or groups, by source and id.
    Records(Vec<(SourceId, String)>),
    /// A role or a scope, by its address; and its record's source and id.
    Node(String, SourceId, String),
    /// One assignment.
    Assignment(SourceId, String),
}

impl<'q> Wanted<'q> {
    fn new(engine: &Engine, query: &'q ComparisonQuery) -> Result<Self, Error> {
        let about = query.about.as_deref().map(str::trim).filter(|about| !about.is_empty());
        let read = |about: &str| -> Result<About, Error> {
            Ok(match (Address::read(about), EdgeAddress::read(about, |_, _| true)) {
                (Some(Address::Role(source, id) | Address::Scope(source, id)), _) => About::Node(about.to_owned(), source, id.to_owned()),
                (_, Some(EdgeAddress::Assignment(source, id))) => About::Assignment(source, id.to_owned()),
                (Some(Address::Person(key) | Address::Group(key)), _) => About::Records(engine.history_keys(key)?),
                _ => About::Records(engine.history_keys(about)?),
            })
        };
        let about = about.map(read).transpose()?;
        Ok(Self {
            query,
            search: query.search.trim().to_lowercase(),
            about,
        })
    }

    fn holds(&self, texts: &[Option<&str>]) -> bool {
        self.search.is_empty() || texts.iter().flatten().any(|text| text.to_lowercase().contains(&self.search))
    }

    fn record(&self, found: &Found, compared: &Compared) -> bool {
        let record = &found.record;
        let led = || found.consequences.iter().map(|at| &compared.changes[*at as usize]);
        if self.query.source.is_some_and(|source| source != record.source) {
            return false;
        }
        if self.query.privileged && !led().any(|told| told.change.privileged || told.change.can_restore) {
            return false;
        }
        let id = record.key.split_once('.').map_or("", |(_, id)| id);
        let about = match &self.about {
            None => true,
            Some(About::Records(keys)) => {
                let is = |source: SourceId, id: &str| keys.iter().any(|(of, key)| *of == source && key == id);
                let named = |line: &crate::view::ComparedChange| {
                    let member = matches!(line.kind, ChangeKind::MemberAdded | ChangeKind::MemberRemoved);
                    member && [&line.before, &line.after].into_iter().flatten().any(|id| is(record.source, id))
                };
                is(record.source, id) || record.lines.iter().any(named) || led().any(|told| self.is_about(told, keys))
            }
            Some(About::Node(address, source, node)) => {
                (record.source == *source && id.eq_ignore_ascii_case(node))
                    || record.address.as_ref() == Some(address)
                    || led().any(|told| told.change.role.key == *address || told.change.scope.key == *address)
            }
            Some(About::Assignment(source, of)) => record.source == *source && id.eq_ignore_ascii_case(of),
        };
        about && self.searched(record)
    }

    fn searched(&self, record: &ComparedRecord) -> bool {
        self.holds(&[Some(&record.name), Some(&record.key), Some(&record.resource)])
            || record.lines.iter().any(|line| {
                self.holds(&[
                    line.path.as_deref(),
                    line.before.as_deref(),
                    line.after.as_deref(),
                    line.member_name.as_deref(),
                ])
            })
    }

    fn is_about(&self, told: &Told, keys: &[(SourceId, String)]) -> bool {
        keys.iter().any(|(source, id)| told.keys.contains(&format!("{source}.{id}")))
    }

    fn change(&self, told: &Told) -> bool {
        let change = &told.change;
        if self.query.source.is_some_and(|source| source != change.role.source) {
            return false;
        }
        if self.query.privileged && !change.privileged && !change.can_restore {
            return false;
        }
        let about = match &self.about {
            None => true,
            Some(About::Records(keys)) => self.is_about(told, keys),
            Some(About::Node(address, ..)) => change.role.key == *address || change.scope.key == *address,
            // Gains and losses are told by record for one assignment.
            Some(About::Assignment(..)) => false,
        };
        about
            && (self.holds(&[
                Some(&change.identity.name),
                Some(&change.role.name),
                Some(&change.scope.name),
                Some(&change.by),
            ]) || change.because.iter().any(|why| self.holds(&[Some(why)])))
    }
}

/// A record with so many lines.
fn shortened(record: &ComparedRecord) -> ComparedRecord {
    let mut record = record.clone();
    record.more_lines = record.lines.len().saturating_sub(MOST_LINES) as u32;
    record.lines.truncate(MOST_LINES);
    record
}

/// Whether a record of this kind gives rights.
fn gives_rights(kind: ItemKind) -> bool {
    matches!(
        kind,
        ItemKind::RbacRole
            | ItemKind::RbacPolicy
            | ItemKind::RbacCondition
            | ItemKind::AppRoleAssignment
            | ItemKind::RoleDefinition
            | ItemKind::RoleAssignment
            | ItemKind::DenyAssignment
            | ItemKind::Eligibility
    )
}

fn sums<'a>(records: impl Iterator<Item = &'a Found>, changes: impl Iterator<Item = &'a Told>) -> ComparisonSums {
    let mut sums = ComparisonSums::default();
    for found in records {
        let record = &found.record;
        let member = |kind: ChangeKind| record.lines.iter().filter(|line| line.kind == kind).count() as u32;
        sums.members_added += member(ChangeKind::MemberAdded);
        sums.members_removed += member(ChangeKind::MemberRemoved);
        let attributes = record
            .lines
            .iter()
            .any(|line| matches!(line.kind, ChangeKind::Set | ChangeKind::Changed | ChangeKind::Cleared));
        match (found.kind, record.change) {
            (ResourceKind::User | ResourceKind::Service, RecordChange::Appeared) => sums.accounts_appeared += 1,
            (ResourceKind::User | ResourceKind::Service, RecordChange::Gone) => sums.accounts_gone += 1,
            (ResourceKind::Item(kind), _) => sums.rights_changed += u32::from(gives_rights(kind)),
            (_, RecordChange::Changed) => sums.changed += u32::from(attributes),
            _ => {}
        }
    }
    let (mut gained, mut lost) = (std::collections::HashSet::new(), std::collections::HashSet::new());
    for told in changes {
        let (people, count) = if told.change.gained {
            (&mut gained, &mut sums.gained)
        } else {
            (&mut lost, &mut sums.lost)
        };
        people.insert(told.change.identity.key.as_str());
        *count += 1;
    }
    sums.people_gained = gained.len() as u32;
    sums.people_lost = lost.len() as u32;
    sums
}
