//! Groups: lists of linked groups, narrowed and sorted.

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use lanyard_scim::Catalog;

use super::bits::Bits;
use super::columns::{NEVER, mark, time};
use super::facets::GROUPS;
use super::filter::Evaluation;
use super::known::Columns;
use super::order::Order;
use super::people::{PAGE, time_rank};
use super::search::clusters_of;
use super::{Collection, Directory};
use crate::Error;
use crate::record::Documents;
use crate::view::{GroupFacet, GroupFacetCount, GroupPage, GroupQuery, GroupRow, GroupSort, Slot, SlotState};

/// Each column's order, made when it is first asked for.
#[derive(Debug, Default)]
pub struct Orders {
    name: OnceLock<Order>,
    members: OnceLock<Order>,
    people: OnceLock<Order>,
    changed: OnceLock<Order>,
}

/// All linked groups that match a query, in its order.
pub struct GroupList<'d> {
    directory: &'d Directory,
    groups: Vec<u32>,
}

impl GroupList<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The rows, made one by one.
    pub fn rows(&self) -> impl Iterator<Item = GroupRow> + '_ {
        self.groups.iter().map(|group| self.directory.group_row(*group))
    }
}

impl Directory {
    /// A page of Groups.
    ///
    /// # Errors
    /// When the filter cannot be read, a document cannot be read, or `cancel` was set meanwhile.
    pub fn groups(
        &self,
        query: &GroupQuery,
        documents: &dyn Documents,
        catalog: &Catalog,
        cancel: &AtomicBool,
    ) -> Result<GroupPage, Error> {
        let started = Instant::now();
        let matching = self.groups_matching(query, documents, catalog, cancel)?;
        let groups = self
            .group_order(query.sort)
            .page(&matching, query.descending, query.offset, query.limit.min(PAGE));
        Ok(GroupPage {
            rows: groups.into_iter().map(|group| self.group_row(group)).collect(),
            offset: query.offset,
            total: matching.count(),
            of: self.linked.len(),
            generation: self.generation,
            took_us: started.elapsed().as_micros() as u64,
            caveats: self.caveats(&[Collection::Groups, Collection::Memberships]),
        })
    }

    /// All groups that match; offset and limit are ignored.
    ///
    /// # Errors
    /// As for [`Self::groups`].
    pub fn group_list(
        &self,
        query: &GroupQuery,
        documents: &dyn Documents,
        catalog: &Catalog,
        cancel: &AtomicBool,
    ) -> Result<GroupList<'_>, Error> {
        let matching = self.groups_matching(query, documents, catalog, cancel)?;
        let groups = self.group_order(query.sort).page(&matching, query.descending, 0, u32::MAX);
        Ok(GroupList { directory: self, groups })
    }

    /// How many groups each ready-made narrowing holds.
    pub fn group_facet_counts(&self) -> Vec<GroupFacetCount> {
        let count = |facet: &GroupFacet| self.group_facet(*facet).map_or(self.linked.len(), |(_, count)| *count);
        GROUPS
            .iter()
            .map(|facet| GroupFacetCount {
                facet: *facet,
                count: count(facet),
            })
            .collect()
    }

    fn group_facet(&self, facet: GroupFacet) -> Option<&(Bits, u32)> {
        let place = GROUPS.iter().position(|known| *known == facet)?;
        self.group_facets.get(place.checked_sub(1)?)
    }

    fn groups_matching(
        &self,
        query: &GroupQuery,
        documents: &dyn Documents,
        catalog: &Catalog,
        cancel: &AtomicBool,
    ) -> Result<Bits, Error> {
        let mut matching = Bits::all(self.linked.len());
        if let Some(hits) = self.group_search.find(&self.groups.texts, &self.linked, &query.search) {
            matching.and(hits.clusters());
        }
        if let Some((set, _)) = self.group_facet(query.facet) {
            matching.and(set);
        }
        let filter = query.filter.as_deref().map(str::trim).filter(|filter| !filter.is_empty());
        if query.source.is_none() && filter.is_none() {
            return Ok(matching);
        }
        let place = query.source.map(|source| self.place(source));
        let of_source = |group: u32| match place {
            None => true,
            Some(place) => place == Some(self.groups.source[group as usize]),
        };
        let mut groups = Bits::of(self.groups.len(), |group| of_source(group) && matching.has(self.linked.of(group)));
        if let Some(filter) = filter {
            let evaluation = Evaluation {
                documents,
                catalog,
                cancel,
            };
            let columns = Columns::Groups(&self.groups, &self.group_search);
            groups = evaluation.matching(filter, columns, &self.groups.row, &groups, &self.group_filters)?;
        }
        Ok(clusters_of(&groups, &self.linked))
    }

    fn group_order(&self, sort: GroupSort) -> &Order {
        let names = &self.group_names;
        let orders = &self.group_orders;
        let count_rank = |count: Option<u32>| count.map_or(0, |count| u64::from(count) + 1);
        match sort {
            GroupSort::Name => orders.name.get_or_init(|| Order::as_is(names.clone())),
            GroupSort::Members => orders
                .members
                .get_or_init(|| Order::by_rank(names, |group| count_rank(self.member_count(self.linked.leader(group))))),
            GroupSort::People => orders
                .people
                .get_or_init(|| Order::by_rank(names, |group| count_rank(self.people_count(self.linked.leader(group))))),
            GroupSort::Changed => orders
                .changed
                .get_or_init(|| Order::by_rank(names, |group| time_rank(time(self.group_changed(group))))),
        }
    }

    /// Accounts and groups that are direct members; none where they are not listed.
    pub(super) fn member_count(&self, group: u32) -> Option<u32> {
        let counts = self.counts[group as usize];
        self.groups.has(group, mark::LISTED).then_some(counts.accounts + counts.groups)
    }

    /// Accounts that are members at any depth; none where this group, or one in it, does not list its members.
    pub(super) fn people_count(&self, group: u32) -> Option<u32> {
        (!self.unlisted[group as usize]).then_some(self.counts[group as usize].people)
    }

    fn group_changed(&self, cluster: u32) -> i64 {
        self.linked
            .members(cluster)
            .iter()
            .map(|group| self.groups.changed(*group))
            .max()
            .unwrap_or(NEVER)
    }

    /// The linked groups that a linked group is a direct member of.
    pub(super) fn parents_of(&self, cluster: u32) -> Vec<u32> {
        let nodes = self
            .linked
            .members(cluster)
            .iter()
            .flat_map(|group| self.graph.groups_of(self.graph.group_node(*group)));
        let mut parents: Vec<u32> = nodes
            .filter_map(|node| self.graph.group_ordinal(*node))
            .map(|group| self.linked.of(group))
            .collect();
        parents.sort_unstable();
        parents.dedup();
        parents
    }

    /// The row of a linked group.
    pub(super) fn group_row(&self, cluster: u32) -> GroupRow {
        let lead = self.linked.leader(cluster);
        GroupRow {
            key: self.group_key(lead),
            name: self.groups.name(lead),
            slots: self.group_slots(cluster),
            members: self.member_count(lead),
            nested_groups: self.counts[lead as usize].groups,
            people: self.people_count(lead),
            parents: self.parents_of(cluster).len() as u32,
            changed_at: time(self.group_changed(cluster)),
        }
    }

    fn group_slots(&self, cluster: u32) -> Vec<Slot> {
        let slot = |(place, source): (usize, &super::SourceFacts)| {
            let unseen = if self.is_complete(place, Collection::Groups) {
                SlotState::NoAccount
            } else {
                SlotState::NotEvaluated
            };
            let mut slot = Slot {
                source: source.id,
                state: unseen,
                differs: false,
                unconfirmed: false,
            };
            for group in self
                .linked
                .members(cluster)
                .iter()
                .filter(|group| usize::from(self.groups.source[**group as usize]) == place)
            {
                slot.state = SlotState::Active;
                slot.differs |= self.groups.has(*group, mark::DIFFERS);
                slot.unconfirmed |= self.groups.has(*group, mark::UNCONFIRMED);
            }
            slot
        };
        self.sources.iter().enumerate().map(slot).collect()
    }
}
