//! Who is in which group at any depth, and what people are besides, as sets of identities.

use std::collections::BTreeMap;
use std::sync::Arc;

use lanyard_access::world::Follow;
use lanyard_access::{Node, PeopleOf};
use roaring::RoaringBitmap;

use super::Map;
use crate::view::AccountType;

/// What identities are, whatever a query leaves of them.
#[derive(Debug, Default)]
pub(super) struct Sorts {
    /// Those that no person stands behind.
    pub service: RoaringBitmap,
    /// The others by department, the number and name of which come with them; in the order of the numbers. Who has none is in no set.
    pub departments: Vec<(u32, String, RoaringBitmap)>,
}

impl Map {
    /// What identities are, worked out when first asked for.
    pub(super) fn sorts(&self) -> &Sorts {
        self.sorts.get_or_init(|| {
            let directory = &self.directory;
            let mut sorts = Sorts::default();
            let mut departments: BTreeMap<u32, (String, RoaringBitmap)> = BTreeMap::new();
            for person in 0..directory.identities().len() {
                if directory.type_of_identity(person) == AccountType::Service {
                    sorts.service.insert(person);
                } else if let Some((number, name)) = directory.department_of(person) {
                    let known = departments.entry(number).or_insert_with(|| (name.to_owned(), RoaringBitmap::new()));
                    known.1.insert(person);
                }
            }
            sorts.departments = departments
                .into_iter()
                .map(|(number, (name, people))| (number, name, people))
                .collect();
            sorts
        })
    }

    fn sets(&self) -> PeopleOf<'_, impl Fn(Node) -> u32> {
        let clusters = self.directory.identities();
        self.people.over(self.directory.graph(), |account| clusters.of(account))
    }

    /// The identities in a group (by ordinal) at any depth.
    pub(super) fn people_in(&self, group: u32) -> Arc<RoaringBitmap> {
        self.sets().nested(group)
    }

    /// The identities that are direct members of a group (by ordinal).
    pub(super) fn people_directly_in(&self, group: u32) -> Arc<RoaringBitmap> {
        self.sets().direct(group)
    }

    /// The identities that an assignment reaches, those that its system does not follow nesting to included; none for a dangling id.
    pub(super) fn people_of_assignment(&self, at: u32) -> Option<Arc<RoaringBitmap>> {
        self.sets().of(self.world.assignment(at)?.principal, Follow::Nested)
    }
}
