//! The ribbons of the flow: from people to groups, between groups, and on to roles and scopes.

use std::collections::BTreeMap;

use lanyard_access::NodeKind;
use lanyard_access::world::State;
use roaring::RoaringBitmap;

use super::super::address;
use super::Making;
use super::boxes::Boxes;
use crate::view::SourceKind;

/// Ribbons by the numbers of the boxes that they tie.
pub(super) type Ties = BTreeMap<(usize, usize), Tie>;

/// A ribbon before it is told.
#[derive(Default)]
pub(super) struct Tie {
    /// Those whom it counts by who they are: the same people may come along it by several assignments.
    pub(super) people: RoaringBitmap,
    /// Those whom it counts by number alone, each once.
    pub(super) count: u32,
    pub(super) state: Option<State>,
    pub(super) system: Option<SourceKind>,
    pub(super) on_path: bool,
    pub(super) edges: Vec<String>,
}

impl Making<'_> {
    pub(super) fn ties(&self, boxes: &mut Boxes) -> Ties {
        let mut ties = BTreeMap::new();
        self.tie_people(boxes, &mut ties);
        self.tie_groups(boxes, &mut ties);
        self.tie_assignments(boxes, &mut ties);
        ties
    }

    /// From people to the groups that they are directly in.
    fn tie_people(&self, boxes: &Boxes, ties: &mut Ties) {
        let (map, graph) = (self.map, self.map.directory.graph());
        let linked = map.directory.linked_groups();
        let mut of_box: BTreeMap<usize, (RoaringBitmap, RoaringBitmap, Option<SourceKind>, Vec<u32>)> = BTreeMap::new();
        for group in &self.sums.groups {
            let Some(to) = boxes.group(linked.of(group)) else { continue };
            let people = self.selection.of_group(map, &map.people_directly_in(group));
            if people.is_empty() {
                continue;
            }
            let entry = of_box.entry(to).or_default();
            if self.on_groups.contains(group) {
                entry.1 |= &people & &self.on_people;
            }
            entry.0 |= people;
            // Of the colours of its systems a team has the leading one's, whichever was read first.
            let leading = linked.leader(linked.of(group));
            entry.2 = entry.2.or(Some(map.system(map.directory.place_of_group(leading))));
            entry.3.push(group);
        }
        for (to, (people, on, system, groups)) in of_box {
            let plain = |count: u32, on_path: bool| Tie {
                count,
                system,
                on_path,
                state: Some(State::Active),
                ..Tie::default()
            };
            for (from, crowd) in &boxes.crowds {
                let count = people.intersection_len(crowd);
                if count > 0 {
                    ties.insert((*from, to), plain(count as u32, !on.is_disjoint(crowd)));
                }
            }
            for (person, from) in boxes.people.iter().filter(|(person, _)| people.contains(**person)) {
                let mut tie = plain(1, on.contains(*person));
                // One person and one group: that is one membership, as the group's leading source has it.
                if !boxes.bins[to].node.cluster {
                    let edge = groups.iter().find_map(|group| {
                        let mut accounts = map.accounts_of(*person).iter();
                        let account = accounts.find(|account| graph.members(*group).binary_search(account).is_ok())?;
                        Some((map.system(map.directory.place_of_group(*group)), *group, *account))
                    });
                    if let Some((own, group, account)) = edge {
                        tie.system = Some(own);
                        let (group, member) = (
                            map.directory.key_of_node(graph.group_node(group)),
                            map.directory.key_of_node(account),
                        );
                        tie.edges = vec![address::member(&group, &member)];
                    }
                }
                ties.insert((*from, to), tie);
            }
        }
        if let Some(none) = boxes.none {
            for at in &self.sums.direct {
                let on = self.narrowed.as_ref().is_some_and(|narrowed| narrowed.assignments.contains(*at));
                for person in &*self.selection.people(map, *at) {
                    let Some(from) = boxes.person(person) else { continue };
                    let tie = ties.entry((from, none)).or_default();
                    tie.people.insert(person);
                    tie.state = Some(State::Active);
                    tie.system = tie.system.or(Some(map.system(map.origins[*at as usize].place)));
                    tie.on_path |= on;
                }
            }
        }
    }

    /// From groups to the groups that they are nested in.
    fn tie_groups(&self, boxes: &Boxes, ties: &mut Ties) {
        let (map, graph) = (self.map, self.map.directory.graph());
        let linked = map.directory.linked_groups();
        for group in &self.sums.groups {
            let Some(to) = boxes.group(linked.of(group)) else { continue };
            for node in graph.member_groups(group) {
                let Some(inner) = graph.group_ordinal(*node).filter(|inner| self.sums.groups.contains(*inner)) else {
                    continue;
                };
                let Some(from) = boxes.group(linked.of(inner)).filter(|from| *from != to) else {
                    continue;
                };
                let tie = ties.entry((from, to)).or_default();
                tie.people |= self.selection.of_group(map, &map.people_in(inner));
                tie.state = Some(State::Active);
                tie.system = tie.system.or(Some(map.system(map.directory.place_of_group(group))));
                tie.on_path |= self.on_groups.contains(group) && self.on_groups.contains(inner);
                tie.edges.push(address::member(
                    &map.directory.key_of_node(graph.group_node(group)),
                    &map.directory.key_of_node(*node),
                ));
            }
        }
    }

    /// From groups to roles, and from roles to scopes.
    fn tie_assignments(&self, boxes: &Boxes, ties: &mut Ties) {
        let (map, graph) = (self.map, self.map.directory.graph());
        let linked = map.directory.linked_groups();
        let facts = map.world.facts();
        let target = self
            .query
            .target
            .as_deref()
            .or(self.query.focus.as_deref())
            .and_then(|text| map.scope_of(text));
        for at in &self.selection.assignments {
            let given = &facts.assignments[at as usize];
            let (Some(role), Some(scope)) = (boxes.role(given.role), boxes.scope(given.scope)) else {
                continue;
            };
            let from = match (graph.kind(given.principal), graph.group_ordinal(given.principal)) {
                (NodeKind::Group, Some(group)) => boxes.group(linked.of(group)),
                (NodeKind::Account, _) => boxes.none,
                _ => None,
            };
            let people = self.selection.people(map, at);
            let on = self.narrowed.as_ref().is_some_and(|narrowed| narrowed.assignments.contains(at));
            let system = Some(map.system(map.origins[at as usize].place));
            let mut tie = |from: usize, to: usize, on: bool, edge: bool| {
                let tie = ties.entry((from, to)).or_default();
                tie.people |= &*people;
                tie.state = Some(tie.state.map_or(given.state, |best| best.min(given.state)));
                tie.system = tie.system.or(system);
                tie.on_path |= on;
                if edge {
                    let edge = map.assignment_address(at);
                    if tie.edges.len() < 2 && !tie.edges.contains(&edge) {
                        tie.edges.push(edge);
                    }
                }
            };
            if let Some(from) = from {
                tie(from, role, on, true);
            }
            tie(role, scope, on, false);
            // What is asked about may lie below the scope that holds it.
            if let Some(target) = target.filter(|target| on && *target != given.scope && map.world.scopes().holds(given.scope, *target))
                && let Some(box_of) = boxes.scopes.get(&target).copied()
                && box_of != scope
            {
                tie(role, box_of, on, false);
            }
        }
    }
}
