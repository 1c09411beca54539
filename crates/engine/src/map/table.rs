//! The accessible list: a line per identity, role and scope, by the shortest way.

use std::sync::Arc;
use std::time::Instant;

use roaring::RoaringBitmap;

use super::Map;
use super::select::Selection;
use super::words::state;
use crate::Error;
use crate::view::{AccessPage, AccessRow, MapQuery};

/// A role and a scope, and the people who hold the one on the other.
type Pair = ((u32, u32), RoaringBitmap);

/// Rows of one page at most.
const PAGE: u32 = 500;

/// All lines of a query, made one by one.
pub struct TableList<'m> {
    map: &'m Map,
    selection: Arc<Selection>,
    /// By role and scope the people whom a focus leaves; none without one.
    narrowed: Option<Vec<Pair>>,
    lines: Arc<Lines>,
}

/// How many lines each person has.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The people, in the order of the list, with how many lines come before each.
    people: Vec<(u32, u32)>,
    total: u32,
}

impl Map {
    /// All lines of a query.
    ///
    /// # Errors
    /// When its focus or target does not exist.
    pub fn table_list(&self, query: &MapQuery) -> Result<TableList<'_>, Error> {
        let selection = self.selection(query);
        let narrowed = self.narrowed_pairs(&selection, query)?;
        let lines = match &narrowed {
            Some(pairs) => Arc::new(self.lines(pairs.iter().map(|(_, people)| people))),
            None => {
                let sums = selection.sums(self);
                let made = || Arc::new(self.lines(sums.pairs.values().map(|(_, people)| people)));
                Arc::clone(sums.lines.get_or_init(made))
            }
        };
        Ok(TableList {
            map: self,
            selection,
            narrowed,
            lines,
        })
    }

    /// The lines of sets of people, one set a role and scope.
    fn lines<'p>(&self, pairs: impl Iterator<Item = &'p RoaringBitmap>) -> Lines {
        let mut counts = vec![0u32; self.directory.identities().len() as usize];
        for person in pairs.flatten() {
            counts[person as usize] += 1;
        }
        let mut lines = Lines::default();
        for person in self.directory.identities_by_name() {
            let count = counts[*person as usize];
            if count > 0 {
                lines.people.push((*person, lines.total));
                lines.total = lines.total.saturating_add(count);
            }
        }
        lines
    }

    /// By role and scope the people whom a query's focus leaves; none without a focus.
    fn narrowed_pairs(&self, selection: &Selection, query: &MapQuery) -> Result<Option<Vec<Pair>>, Error> {
        let Some(focus) = &query.focus else {
            return Ok(None);
        };
        let mut narrowed = self.narrowed(selection, focus)?;
        if let Some(target) = &query.target {
            narrowed = narrowed.and(self.narrowed(selection, target)?);
        }
        let mut pairs = Vec::new();
        for (pair, (assignments, _)) in &selection.sums(self).pairs {
            let mut people = RoaringBitmap::new();
            for at in assignments.iter().filter(|at| narrowed.assignments.contains(**at)) {
                people |= &*selection.people(self, *at);
            }
            if let Some(only) = &narrowed.people {
                people &= only;
            }
            if !people.is_empty() {
                pairs.push((*pair, people));
            }
        }
        Ok(Some(pairs))
    }

    /// A page of the accessible list.
    ///
    /// # Errors
    /// As for [`Self::table_list`].
    pub fn table(&self, query: &MapQuery, offset: u32, limit: u32) -> Result<AccessPage, Error> {
        let started = Instant::now();
        let list = self.table_list(query)?;
        Ok(AccessPage {
            rows: list.rows(offset).take(limit.min(PAGE) as usize).collect(),
            offset,
            total: list.lines.total,
            caveats: self.caveats(),
            stamp: self.stamp(started),
        })
    }
}

impl TableList<'_> {
    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.total as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.total == 0
    }

    /// The lines from a place on.
    pub fn rows(&self, offset: u32) -> impl Iterator<Item = AccessRow> + '_ {
        let people = &self.lines.people;
        let first = people.partition_point(|(_, before)| *before <= offset).saturating_sub(1);
        let skip = people.get(first).map_or(0, |(_, before)| offset.saturating_sub(*before));
        people[first.min(people.len())..]
            .iter()
            .flat_map(|(person, _)| self.rows_of(*person))
            .skip(skip as usize)
    }

    /// Whether a person's holding is left by the query.
    fn has(&self, pair: (u32, u32), person: u32) -> bool {
        match &self.narrowed {
            Some(pairs) => {
                let at = pairs.binary_search_by_key(&pair, |(known, _)| *known);
                at.is_ok_and(|at| pairs[at].1.contains(person))
            }
            None => {
                let people = self.selection.sums(self.map).pairs.get(&pair);
                people.is_some_and(|(_, people)| people.contains(person))
            }
        }
    }

    fn rows_of(&self, person: u32) -> Vec<AccessRow> {
        let map = self.map;
        let identity = map.person_ref(person);
        let mut held = map.world.effective(map.directory.graph(), map.accounts_of(person), None);
        held.retain(|holding| self.has((holding.role, holding.scope), person));
        held.sort_by_cached_key(|holding| {
            let (role, scope) = (&map.roles[holding.role as usize], &map.scopes[holding.scope as usize]);
            (
                role.name.to_lowercase(),
                role.place,
                scope.name.to_lowercase(),
                holding.role,
                holding.scope,
            )
        });
        held.iter()
            .map(|holding| AccessRow {
                identity: identity.clone(),
                via: holding.best.nodes.iter().skip(1).map(|node| map.end_ref(*node)).collect(),
                role: map.role_ref(holding.role),
                scope: map.scope_ref(holding.scope),
                state: state(holding.state),
                privileged: map.privileged[holding.role as usize],
                can_restore: map.can_restore[holding.role as usize],
            })
            .collect()
    }
}
