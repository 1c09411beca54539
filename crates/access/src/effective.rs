//! Effective access: every role on every scope that an identity holds, how far, and by which way.

use crate::above::Above;
use crate::ask::Ask;
use crate::graph::{Graph, Node};
use crate::judge::{Holder, Judge, Reason, Reasons};
use crate::paths::Path;
use crate::world::{AssignmentIndex, RoleIndex, ScopeIndex, State, World};

/// A role held on a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The role.
    pub role: RoleIndex,
    /// The scope on which it was assigned.
    pub scope: ScopeIndex,
    /// The best state of its paths.
    pub state: State,
    /// How many paths lead to it, those that are not followed included; a thousand by each account and assignment at most.
    pub paths: u32,
    /// Whether there may be more paths than were counted.
    pub more_paths: bool,
    /// The shortest path of those with the best state. Its reasons are the holding's.
    pub best: Path,
}

impl Holding {
    /// Why the state is what it is, or what else is to know.
    pub fn reasons(&self) -> &[Reason] {
        &self.best.reasons
    }
}

/// A way to an assignment, before ways of the same holding are put together.
struct Found {
    role: RoleIndex,
    scope: ScopeIndex,
    state: State,
    depth: u32,
    /// Which of the accounts asked about.
    account: usize,
    place: u32,
    at: AssignmentIndex,
    paths: u32,
    more: bool,
}

impl World {
    /// All that these accounts of one identity hold, by role and scope. With a question: only roles that permit what is asked
    /// for, judged by that; roles that could not be read are left out then ([`Ask::unknown`] tells which). Also answers for a group, taken as a node: what it hands on to its direct members.
    pub fn effective(&self, graph: &Graph, accounts: &[Node], ask: Option<&Ask>) -> Vec<Holding> {
        let judge = Judge {
            world: self,
            graph,
            ask,
            target: None,
            cut: None,
            leads: Some(&self.leads),
        };
        let holders: Vec<Holder> = nodes(graph, accounts).map(|node| judge.holder(node)).collect();
        let mut found = Vec::new();
        for (holder, account) in holders.iter().zip(0..) {
            let mut counts = None;
            judge.each(holder, |at, place, depth| {
                let given = &self.facts().assignments[at as usize];
                let (paths, more) = counts.get_or_insert_with(|| holder.above.counts())[place as usize];
                found.push(Found {
                    role: given.role,
                    scope: given.scope,
                    state: judge.state(holder, at, depth, &mut Reasons::none()),
                    depth,
                    account,
                    place,
                    at,
                    paths,
                    more,
                });
            });
        }
        found.sort_unstable_by_key(|way| (way.role, way.scope, way.state, way.depth, way.account, way.place, way.at));
        found
            .chunk_by(|one, two| (one.role, one.scope) == (two.role, two.scope))
            .map(|ways| {
                let best = &ways[0];
                let holder = &holders[best.account];
                let mut reasons = Reasons::some();
                let state = judge.state(holder, best.at, best.depth, &mut reasons);
                Holding {
                    role: best.role,
                    scope: best.scope,
                    state,
                    paths: ways.iter().fold(0, |sum, way| sum.saturating_add(way.paths)),
                    more_paths: ways.iter().any(|way| way.more),
                    best: Path {
                        nodes: holder.above.way(best.place),
                        assignment: best.at,
                        state,
                        reasons: reasons.list(),
                    },
                }
            })
            .collect()
    }

    /// The same without the ways: roles and scopes with their best states, ascending.
    pub fn held(&self, graph: &Graph, accounts: &[Node]) -> Vec<(RoleIndex, ScopeIndex, State)> {
        let judge = Judge {
            world: self,
            graph,
            ask: None,
            target: None,
            cut: None,
            leads: Some(&self.leads),
        };
        let mut found = Vec::new();
        for node in nodes(graph, accounts) {
            let holder = judge.holder(node);
            judge.each(&holder, |at, _, depth| {
                let given = &self.facts().assignments[at as usize];
                found.push((given.role, given.scope, judge.state(&holder, at, depth, &mut Reasons::none())));
            });
        }
        found.sort_unstable();
        found.dedup_by_key(|(role, scope, _)| (*role, *scope));
        found
    }
}

impl Judge<'_> {
    /// Each assignment above a holder that bears on the question, with its principal's place and distance.
    pub(crate) fn each(&self, holder: &Holder, mut take: impl FnMut(AssignmentIndex, u32, u32)) {
        let Above { places, .. } = &holder.above;
        for ((_, _, depth), place) in places.iter().zip(0..) {
            for at in self.held(holder, place).filter(|at| self.bears(*at)) {
                take(at, place, *depth);
            }
        }
    }
}

/// Nodes that there are, each once, in the order in which they came.
pub(crate) fn nodes<'n>(graph: &Graph, nodes: &'n [Node]) -> impl Iterator<Item = Node> + use<'n> {
    let bound = graph.nodes();
    nodes
        .iter()
        .enumerate()
        .filter(move |(at, node)| **node < bound && !nodes[..*at].contains(node))
        .map(|(_, node)| *node)
}
