//! People by group, assignment, role and scope, for pictures of everything at once.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use roaring::RoaringBitmap;

use crate::above::Above;
use crate::count::GroupCount;
use crate::graph::{Graph, Node};
use crate::numbers::{Numbered, Spread};
use crate::world::{AssignmentIndex, Follow, RoleIndex, ScopeIndex, State, World};

/// Sets of people by group, made when first asked for and kept: people are numbered as the caller likes, by account or by identity.
///
/// A set takes a bit to two bytes per person. What was asked for once is used for the groups above it.
pub struct People<'g, F> {
    graph: &'g Graph,
    number: F,
    nested: Numbered<RoaringBitmap>,
}

impl<'g, F: Fn(Node) -> u32> People<'g, F> {
    /// Sets over a graph; `number` says who the person of an account is.
    pub fn new(graph: &'g Graph, number: F) -> Self {
        Self {
            graph,
            number,
            nested: HashMap::default(),
        }
    }

    /// The people who are direct members of a group (ordinal).
    pub fn direct(&self, group: u32) -> RoaringBitmap {
        set(self
            .graph
            .member_accounts(group)
            .iter()
            .map(|account| (self.number)(*account))
            .collect())
    }

    /// The people in a group (ordinal), at any depth.
    pub fn nested(&mut self, group: u32) -> &RoaringBitmap {
        if !self.nested.contains_key(&group) {
            let found = self.walk(group);
            self.nested.insert(group, found);
        }
        // It was put there just now, if it was not there before.
        self.nested.entry(group).or_default()
    }

    /// Walks a group, and stops at groups whose people are known.
    fn walk(&self, group: u32) -> RoaringBitmap {
        let mut seen = hashbrown::HashSet::<u32, std::hash::BuildHasherDefault<Spread>>::default();
        let (mut numbers, mut known) = (Vec::new(), Vec::new());
        let mut todo = vec![group];
        seen.insert(group);
        while let Some(at) = todo.pop() {
            if let Some(people) = self.nested.get(&at) {
                known.push(people);
                continue;
            }
            numbers.extend(self.graph.member_accounts(at).iter().map(|account| (self.number)(*account)));
            for node in self.graph.member_groups(at) {
                if let Some(inner) = self.graph.group_ordinal(*node).filter(|inner| seen.insert(*inner)) {
                    todo.push(inner);
                }
            }
        }
        let mut people = set(numbers);
        for other in known {
            people |= other;
        }
        people
    }

    /// The people of a principal: its members, or itself. `follow` says whether nested groups count.
    pub fn of(&mut self, principal: Node, follow: Follow) -> RoaringBitmap {
        match self.graph.group_ordinal(principal) {
            Some(group) if follow == Follow::Nested => self.nested(group).clone(),
            Some(group) => self.direct(group),
            None if principal < self.graph.accounts() => std::iter::once((self.number)(principal)).collect(),
            None => RoaringBitmap::new(),
        }
    }

    /// The people to whom an assignment goes, whatever its state; denies are not looked at.
    pub fn holders(&mut self, world: &World, at: AssignmentIndex) -> RoaringBitmap {
        match world.assignment(at) {
            Some(given) => self.of(given.principal, given.follow),
            None => RoaringBitmap::new(),
        }
    }

    /// The people to whom any of these assignments goes.
    pub fn holders_of_all(&mut self, world: &World, assignments: impl IntoIterator<Item = AssignmentIndex>) -> RoaringBitmap {
        let mut people = RoaringBitmap::new();
        for at in assignments {
            people |= self.holders(world, at);
        }
        people
    }
}

/// A set of numbers that come in any order.
fn set(mut numbers: Vec<u32>) -> RoaringBitmap {
    numbers.sort_unstable();
    numbers.dedup();
    // Ascending, each once: this cannot fail.
    RoaringBitmap::from_sorted_iter(numbers).unwrap_or_default()
}

/// How many accounts an assignment goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The principal itself, or direct members of it.
    pub direct: u32,
    /// Members by nesting alone; those that the system does not follow are counted here too.
    pub nested: u32,
    /// Whether nesting is followed.
    pub followed: bool,
}

/// How a group has a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The best state of assignments to the group itself.
    pub direct: Option<State>,
    /// The best state of assignments to groups that it is nested in.
    pub inherited: Option<State>,
    /// The assignments behind it, ascending.
    pub assignments: Vec<AssignmentIndex>,
    /// The scopes of those assignments, ascending, each once.
    pub scopes: Vec<ScopeIndex>,
}

impl Cell {
    /// The better of both states; denies are not looked at: they are a matter of each member.
    pub fn state(&self) -> Option<State> {
        [self.direct, self.inherited].into_iter().flatten().min()
    }
}

impl World {
    /// For each assignment, how many accounts it goes to. Counts every group first, by [`Graph::counts`]: whoever has those counts
    /// already asks [`Self::reach_by`].
    pub fn reach(&self, graph: &Graph) -> Vec<Reach> {
        self.reach_by(graph, &graph.counts())
    }

    /// The same with the counts of all groups, by ordinal.
    pub fn reach_by(&self, graph: &Graph, counts: &[GroupCount]) -> Vec<Reach> {
        self.facts()
            .assignments
            .iter()
            .map(|given| {
                let followed = given.follow == Follow::Nested;
                match graph.group_ordinal(given.principal) {
                    Some(group) => {
                        let count = counts.get(group as usize).copied().unwrap_or_default();
                        Reach {
                            direct: count.accounts,
                            nested: count.people - count.accounts,
                            followed,
                        }
                    }
                    None => Reach {
                        direct: u32::from(given.principal < graph.accounts()),
                        nested: 0,
                        followed,
                    },
                }
            })
            .collect()
    }

    /// The roles that a group (ordinal) has, itself or by groups that it is nested in, by role.
    pub fn roles_of_group(&self, graph: &Graph, group: u32) -> BTreeMap<RoleIndex, Cell> {
        let mut cells: BTreeMap<RoleIndex, Cell> = BTreeMap::new();
        if group >= graph.groups() {
            return cells;
        }
        for (node, _, depth) in &Above::new(graph, graph.group_node(group), None).places {
            for at in self.held_by(*node) {
                let given = &self.facts().assignments[*at as usize];
                let cell = cells.entry(given.role).or_default();
                let (state, kept) = match (*depth, given.follow) {
                    (0, _) => (given.state, &mut cell.direct),
                    (_, Follow::Nested) => (given.state, &mut cell.inherited),
                    (_, Follow::Direct) => (State::NotFollowed, &mut cell.inherited),
                };
                *kept = Some(kept.map_or(state, |best| best.min(state)));
                cell.assignments.push(*at);
                cell.scopes.push(given.scope);
            }
        }
        for cell in cells.values_mut() {
            cell.assignments.sort_unstable();
            cell.scopes.sort_unstable();
            cell.scopes.dedup();
        }
        cells
    }

    /// The groups (ordinals, ascending) that have an assignment, or are nested in one that has: the rows of a matrix that are not empty.
    pub fn groups_with_roles(&self, graph: &Graph, wanted: impl Fn(AssignmentIndex) -> bool) -> Vec<u32> {
        let mut seen = crate::walk::Seen::new(graph.groups());
        let mut found: Vec<u32> = self
            .principals()
            .filter(|principal| self.held_by(*principal).iter().any(|at| wanted(*at)))
            .filter_map(|principal| graph.group_ordinal(principal))
            .filter(|group| seen.add(*group))
            .collect();
        let mut next = 0;
        while let Some(group) = found.get(next).copied() {
            for node in graph.member_groups(group) {
                if let Some(inner) = graph.group_ordinal(*node).filter(|inner| seen.add(*inner)) {
                    found.push(inner);
                }
            }
            next += 1;
        }
        found.sort_unstable();
        found
    }
}
