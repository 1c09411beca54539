//! Who is in which group at any depth, as sets of identities.

use std::sync::Arc;

use lanyard_access::world::Follow;
use lanyard_access::{Node, PeopleOf};
use roaring::RoaringBitmap;

use super::Map;

impl Map {
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
