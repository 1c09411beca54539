//! Effective access: every role on every scope that an identity holds, how far, and by which way.

use crate::ask::Ask;
use crate::graph::{Graph, Node};
use crate::holder::Holder;
use crate::judge::{Judge, Reason, Reasons};
use crate::marks::Record;
use crate::paths::Path;
use crate::upward::Met;
use crate::world::{RoleIndex, ScopeIndex, State, World};

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
    /// Which of the accounts asked about.
    account: usize,
    met: Met,
    record: Record,
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
            leads: None,
        };
        let holders: Vec<Holder> = nodes(graph, accounts).map(|node| judge.holder(node)).collect();
        let mut found = Vec::new();
        for (holder, account) in holders.iter().zip(0..) {
            let start = found.len();
            judge.each(holder, |record, met| {
                found.push(Found {
                    role: record.role,
                    scope: record.scope,
                    state: judge.state(holder, record, met.depth, &mut Reasons::none()),
                    account,
                    met: *met,
                    record: *record,
                });
            });
            if !holder.above.places.is_empty() && found.len() > start {
                let counts = holder.above.counts();
                for Found { met, .. } in &mut found[start..] {
                    (met.ways, met.more) = counts[met.place as usize];
                }
            }
        }
        found.sort_unstable_by_key(|way| {
            (
                way.role,
                way.scope,
                way.state,
                way.met.depth,
                way.account,
                way.met.place,
                way.record.at,
            )
        });
        found
            .chunk_by(|one, two| (one.role, one.scope) == (two.role, two.scope))
            .map(|ways| {
                let Found { account, met, record, .. } = &ways[0];
                let holder = &holders[*account];
                let mut reasons = Reasons::some();
                let state = judge.state(holder, record, met.depth, &mut reasons);
                Holding {
                    role: record.role,
                    scope: record.scope,
                    state,
                    paths: ways.iter().fold(0, |sum, way| sum.saturating_add(way.met.ways)),
                    more_paths: ways.iter().any(|way| way.met.more),
                    best: Path {
                        nodes: judge.way(holder, met),
                        assignment: record.at,
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
            leads: None,
        };
        let mut found = Vec::new();
        for node in nodes(graph, accounts) {
            let holder = judge.holder(node);
            judge.each(&holder, |record, met| {
                found.push((
                    record.role,
                    record.scope,
                    judge.state(&holder, record, met.depth, &mut Reasons::none()),
                ));
            });
        }
        found.sort_unstable();
        found.dedup_by_key(|(role, scope, _)| (*role, *scope));
        found
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
