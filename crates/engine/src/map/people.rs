//! Who is in which group at any depth, as sets of identities, kept once made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use lanyard_access::Node;
use roaring::RoaringBitmap;

use super::Map;

/// Sets by group, made when first asked for.
#[derive(Debug, Default)]
pub struct People {
    nested: Mutex<HashMap<u32, Arc<RoaringBitmap>>>,
    direct: Mutex<HashMap<u32, Arc<RoaringBitmap>>>,
}

/// Groups whose sets are kept; when there are more, all are made anew as they are asked for.
const KEPT: usize = 20_000;

impl People {
    /// Bytes that the sets hold.
    pub fn memory(&self) -> usize {
        let size = |sets: &Mutex<HashMap<u32, Arc<RoaringBitmap>>>| -> usize {
            let sets = sets.lock().unwrap_or_else(PoisonError::into_inner);
            sets.values().map(|set| set.serialized_size() + 64).sum()
        };
        size(&self.nested) + size(&self.direct)
    }
}

fn kept(sets: &Mutex<HashMap<u32, Arc<RoaringBitmap>>>, group: u32, make: impl FnOnce() -> RoaringBitmap) -> Arc<RoaringBitmap> {
    let lock = || sets.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(&group) {
        return Arc::clone(known);
    }
    let made = Arc::new(make());
    let mut sets = lock();
    if sets.len() >= KEPT {
        sets.clear();
    }
    sets.insert(group, Arc::clone(&made));
    made
}

impl Map {
    /// The identities in a group (by ordinal) at any depth.
    pub(super) fn people_in(&self, group: u32) -> Arc<RoaringBitmap> {
        kept(&self.people.nested, group, || {
            let graph = self.directory.graph();
            if graph.member_groups(group).is_empty() {
                return self.identities(graph.member_accounts(group).iter().copied());
            }
            self.identities(graph.nested(group).accounts.into_iter().map(|(account, _)| account))
        })
    }

    /// The identities that are direct members of a group (by ordinal).
    pub(super) fn people_directly_in(&self, group: u32) -> Arc<RoaringBitmap> {
        let graph = self.directory.graph();
        if graph.member_groups(group).is_empty() {
            return self.people_in(group);
        }
        kept(&self.people.direct, group, || {
            self.identities(graph.member_accounts(group).iter().copied())
        })
    }

    /// The identities of accounts.
    pub(super) fn identities(&self, accounts: impl Iterator<Item = u32>) -> RoaringBitmap {
        let clusters = self.directory.identities();
        let mut people: Vec<u32> = accounts.map(|account| clusters.of(account)).collect();
        people.sort_unstable();
        people.dedup();
        // Ascending, each once: this cannot fail.
        RoaringBitmap::from_sorted_iter(people).unwrap_or_default()
    }

    /// The identities that an assignment reaches, those that its system does not follow nesting to included.
    pub(super) fn people_of_assignment(&self, at: u32) -> Option<Arc<RoaringBitmap>> {
        self.people_of_principal(self.world.assignment(at)?.principal)
    }

    /// The identities behind a principal; none for a dangling id.
    pub(super) fn people_of_principal(&self, principal: Node) -> Option<Arc<RoaringBitmap>> {
        let graph = self.directory.graph();
        match graph.group_ordinal(principal) {
            Some(group) => Some(self.people_in(group)),
            None if principal < graph.accounts() => Some(Arc::new(RoaringBitmap::from_iter([self.directory.identities().of(principal)]))),
            None => None,
        }
    }
}
