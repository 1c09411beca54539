//! What goes if an edge goes: a membership, an assignment, or all members of a group.

use crate::correlate::Clusters;
use crate::graph::{Graph, Node, NodeKind};
use crate::paths::Path;
use crate::who::Below;
use crate::world::{Edge, RoleIndex, ScopeIndex, State, World};

/// A holding that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The identity, as the clusters number it.
    pub cluster: u32,
    /// The role.
    pub role: RoleIndex,
    /// The scope on which it was assigned.
    pub scope: ScopeIndex,
    /// The best state now.
    pub before: State,
    /// The best state then; none where it is gone.
    pub after: Option<State>,
}

impl Change {
    /// Whether it becomes more: a deny that went by the same edge.
    pub fn is_gain(&self) -> bool {
        self.after.is_some_and(|after| after < self.before)
    }
}

/// A holding that the edge leads to and that stays as it is: there is another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The identity, as the clusters number it.
    pub cluster: u32,
    /// The role.
    pub role: RoleIndex,
    /// The scope.
    pub scope: ScopeIndex,
    /// Its state.
    pub state: State,
    /// The shortest way that stays.
    pub path: Option<Path>,
}

/// What would change if an edge went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Without {
    /// How many identities the edge leads from.
    pub affected: u32,
    /// How many of them lose something.
    pub losers: u32,
    /// How many holdings go or weaken.
    pub losses_total: u32,
    /// The first of them, by identity, role and scope.
    pub losses: Vec<Change>,
    /// How many holdings become more, because a deny goes.
    pub gains_total: u32,
    /// The first of them.
    pub gains: Vec<Change>,
    /// How many holdings stay by another way.
    pub kept_total: u32,
    /// The first of them.
    pub kept: Vec<Kept>,
}

impl World {
    /// What would change for whom if an edge went. `limit` bounds each list; totals count all. An edge that does not exist changes nothing.
    pub fn without(&self, graph: &Graph, clusters: &Clusters, edge: Edge, limit: usize) -> Without {
        let mut answer = Without::default();
        let Some((below, top)) = self.below_edge(graph, edge) else {
            return answer;
        };
        let mut touched: Vec<u32> = below.iter().map(|account| clusters.of(*account)).collect();
        touched.sort_unstable();
        touched.dedup();
        answer.affected = touched.len() as u32;
        let reached = self.reached(graph, edge, top);
        for cluster in touched {
            let accounts = clusters.members(cluster);
            let before = self.states(graph, accounts, None);
            let after = self.states(graph, accounts, Some(edge));
            let mut lost = false;
            for (role, scope, state) in before {
                let left = after
                    .binary_search_by_key(&(role, scope), |(role, scope, _)| (*role, *scope))
                    .ok()
                    .map(|at| after[at].2);
                let change = Change {
                    cluster,
                    role,
                    scope,
                    before: state,
                    after: left,
                };
                if left != Some(state) {
                    let (total, list) = if change.is_gain() {
                        (&mut answer.gains_total, &mut answer.gains)
                    } else {
                        lost = true;
                        (&mut answer.losses_total, &mut answer.losses)
                    };
                    *total += 1;
                    if list.len() < limit {
                        list.push(change);
                    }
                } else if reached.binary_search(&(role, scope)).is_ok() {
                    answer.kept_total += 1;
                    if answer.kept.len() < limit {
                        answer.kept.push(Kept {
                            cluster,
                            role,
                            scope,
                            state,
                            path: self.remaining(graph, accounts, edge, role, scope),
                        });
                    }
                }
            }
            answer.losers += u32::from(lost);
        }
        answer
    }

    /// The accounts from which an edge leads, and the node that it leads to; none where there is no such edge.
    fn below_edge(&self, graph: &Graph, edge: Edge) -> Option<(Vec<Node>, Node)> {
        let mut below = Below::new(graph);
        let from = match edge {
            Edge::Member { group, member } => {
                let ordinal = graph.group_ordinal(group)?;
                graph.members(ordinal).binary_search(&member).ok()?;
                (member, group)
            }
            Edge::Emptied(group) => {
                graph.group_ordinal(group)?;
                (group, group)
            }
            Edge::Assignment(at) => {
                let given = self.assignment(at)?;
                self.held_by(given.principal).binary_search(&at).ok()?;
                (given.principal, given.principal)
            }
        };
        match graph.kind(from.0) {
            NodeKind::Account => below.add(from.0),
            NodeKind::Group => {
                below.walk(from.0);
            }
            NodeKind::Dangling => {}
        }
        Some((below.accounts, from.1))
    }

    /// Roles with scopes to which an edge leads, ascending.
    fn reached(&self, graph: &Graph, edge: Edge, top: Node) -> Vec<(RoleIndex, ScopeIndex)> {
        let key = |at: u32| {
            let given = &self.facts().assignments[at as usize];
            (given.role, given.scope)
        };
        let mut reached: Vec<_> = match edge {
            Edge::Assignment(at) => vec![key(at)],
            Edge::Member { .. } | Edge::Emptied(_) => crate::above::Above::new(graph, top, None)
                .places
                .iter()
                .flat_map(|(node, ..)| self.held_by(*node))
                .map(|at| key(*at))
                .collect(),
        };
        reached.sort_unstable();
        reached.dedup();
        reached
    }
}
