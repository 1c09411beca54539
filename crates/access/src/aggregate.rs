//! Accounts by assignment and roles by group, for pictures of everything at once.

use std::collections::BTreeMap;

use crate::above::Above;
use crate::count::GroupCount;
use crate::graph::Graph;
use crate::world::{AssignmentIndex, Follow, RoleIndex, ScopeIndex, State, World};

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
        for (node, _, depth) in &Above::new(graph, graph.group_node(group), |_, _| true).places {
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
