//! Who is in which group, as sets of people, for pictures of everything at once.

use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex, PoisonError};

use roaring::RoaringBitmap;

use crate::graph::{Graph, Node};
use crate::numbers::{Numbered, Spread};
use crate::world::Follow;

/// Groups whose sets are kept; when there are more, all are made anew as they are asked for.
const KEPT: usize = 20_000;

type Sets = Mutex<Numbered<Arc<RoaringBitmap>>>;

/// Sets of people by group, made when first asked for and kept, for any number of threads.
///
/// A set takes a bit to two bytes per person. The sets are of one graph and one way to number people: [`Self::over`] with another
/// of either gives the answers of the first.
#[derive(Debug, Default)]
pub struct People {
    nested: Sets,
    direct: Sets,
}

impl People {
    /// The sets over a graph; `number` says who the person of an account is, by account or by identity, as the caller likes.
    pub fn over<'a, F: Fn(Node) -> u32>(&'a self, graph: &'a Graph, number: F) -> PeopleOf<'a, F> {
        PeopleOf { kept: self, graph, number }
    }

    /// Bytes that the sets hold.
    pub fn memory(&self) -> usize {
        let size = |sets: &Sets| -> usize {
            let sets = sets.lock().unwrap_or_else(PoisonError::into_inner);
            sets.values().map(|set| set.serialized_size() + 64).sum()
        };
        size(&self.nested) + size(&self.direct)
    }
}

/// [`People`] with the graph that they are of.
pub struct PeopleOf<'a, F> {
    kept: &'a People,
    graph: &'a Graph,
    number: F,
}

impl<F: Fn(Node) -> u32> PeopleOf<'_, F> {
    /// The people who are direct members of a group (ordinal).
    pub fn direct(&self, group: u32) -> Arc<RoaringBitmap> {
        if self.graph.member_groups(group).is_empty() {
            return self.nested(group);
        }
        kept(&self.kept.direct, group, || set(self.members(group).collect()))
    }

    /// The people in a group (ordinal), at any depth.
    pub fn nested(&self, group: u32) -> Arc<RoaringBitmap> {
        kept(&self.kept.nested, group, || self.walk(group))
    }

    /// The people of a principal: its members, or itself; none for an id that nobody has. `follow` says whether nested groups count.
    pub fn of(&self, principal: Node, follow: Follow) -> Option<Arc<RoaringBitmap>> {
        match self.graph.group_ordinal(principal) {
            Some(group) if follow == Follow::Nested => Some(self.nested(group)),
            Some(group) => Some(self.direct(group)),
            None if principal < self.graph.accounts() => Some(Arc::new(RoaringBitmap::from_iter([(self.number)(principal)]))),
            None => None,
        }
    }

    fn members(&self, group: u32) -> impl Iterator<Item = u32> {
        self.graph.member_accounts(group).iter().map(|account| (self.number)(*account))
    }

    /// Walks a group, and stops at groups whose people are known.
    fn walk(&self, group: u32) -> RoaringBitmap {
        let mut seen = hashbrown::HashSet::<u32, BuildHasherDefault<Spread>>::default();
        let (mut numbers, mut known) = (Vec::new(), Vec::new());
        let mut todo = vec![group];
        seen.insert(group);
        while let Some(at) = todo.pop() {
            if let Some(people) = get(&self.kept.nested, at) {
                known.push(people);
                continue;
            }
            numbers.extend(self.members(at));
            for node in self.graph.member_groups(at) {
                if let Some(inner) = self.graph.group_ordinal(*node).filter(|inner| seen.insert(*inner)) {
                    todo.push(inner);
                }
            }
        }
        let mut people = set(numbers);
        for other in known {
            people |= &*other;
        }
        people
    }
}

fn get(sets: &Sets, group: u32) -> Option<Arc<RoaringBitmap>> {
    sets.lock().unwrap_or_else(PoisonError::into_inner).get(&group).map(Arc::clone)
}

/// The set of a group; it is made with nothing locked, so two threads may make the same one.
fn kept(sets: &Sets, group: u32, make: impl FnOnce() -> RoaringBitmap) -> Arc<RoaringBitmap> {
    if let Some(known) = get(sets, group) {
        return known;
    }
    let made = Arc::new(make());
    let mut sets = sets.lock().unwrap_or_else(PoisonError::into_inner);
    if sets.len() >= KEPT {
        sets.clear();
    }
    sets.insert(group, Arc::clone(&made));
    made
}

/// A set of numbers that come in any order.
fn set(mut numbers: Vec<u32>) -> RoaringBitmap {
    numbers.sort_unstable();
    numbers.dedup();
    // Ascending, each once: this cannot fail.
    RoaringBitmap::from_sorted_iter(numbers).unwrap_or_default()
}
