//! Who can: everybody who may do something on a scope.

use std::collections::BTreeMap;

use crate::ask::Ask;
use crate::correlate::Clusters;
use crate::graph::{Graph, Node, NodeKind};
use crate::judge::{Holder, Judge, Reason};
use crate::paths::Path;
use crate::walk::Seen;
use crate::world::{AssignmentIndex, ScopeIndex, State, World};

/// How an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Whether assignments on what lies below the scope count too.
    pub below: bool,
    /// How many paths of each identity are listed.
    pub paths: usize,
}

/// An identity that can do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Able {
    /// The identity, as the clusters number it.
    pub cluster: u32,
    /// The best state of all its paths, listed or not.
    pub state: State,
    /// Its paths, shortest first.
    pub paths: Vec<Path>,
    /// Whether there are more.
    pub more_paths: bool,
    /// Whether all its assignments lie below the scope asked about.
    pub only_below: bool,
    /// Why the best state is what it is.
    pub reasons: Vec<Reason>,
}

/// Who can do what was asked on a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// Identities: active first, then conditional, eligible, denied, not followed; each in the order of their clusters.
    pub able: Vec<Able>,
    /// Assignments to principals that their source does not hold, ascending.
    pub unknown_principals: Vec<AssignmentIndex>,
    /// Members that their source does not hold, of groups that hold it: the dangling node, and the assignment.
    pub unknown_members: Vec<(Node, AssignmentIndex)>,
    /// Assignments here whose role could not be read: who holds them may be able to.
    pub unknown_roles: Vec<AssignmentIndex>,
}

impl World {
    /// Who can do any of the actions asked about on a scope, by assignments on it or on what it lies in.
    pub fn who(&self, graph: &Graph, clusters: &Clusters, ask: &Ask, scope: ScopeIndex, wish: Wish) -> WhoCan {
        let judge = Judge {
            world: self,
            graph,
            ask: Some(ask),
            target: Some(scope),
            cut: None,
        };
        let mut scopes: Vec<ScopeIndex> = self.scopes().upwards(scope).collect();
        if wish.below && scope < self.scopes().len() {
            scopes.extend(self.scopes().below(scope));
        }
        let mut here: Vec<AssignmentIndex> = scopes.iter().flat_map(|scope| self.given_on(*scope)).copied().collect();
        here.sort_unstable();
        let mut answer = WhoCan::default();
        let mut wanted = Seen::new(self.facts().assignments.len() as u32);
        let mut below = Below::new(graph);
        for at in here {
            let given = &self.facts().assignments[at as usize];
            if ask.unknown(given.role) {
                answer.unknown_roles.push(at);
            }
            if !ask.permits(given.role) {
                continue;
            }
            wanted.add(at);
            match graph.kind(given.principal) {
                NodeKind::Dangling => answer.unknown_principals.push(at),
                NodeKind::Account => below.add(given.principal),
                NodeKind::Group => {
                    let dangling = below.walk(given.principal);
                    answer.unknown_members.extend(dangling.into_iter().map(|node| (node, at)));
                }
            }
        }
        let mut by_cluster: BTreeMap<u32, Vec<Node>> = BTreeMap::new();
        below.accounts.sort_unstable();
        for account in below.accounts {
            by_cluster.entry(clusters.of(account)).or_default().push(account);
        }
        for (cluster, accounts) in by_cluster {
            if let Some(able) = judge.able(cluster, &accounts, wish, &wanted) {
                answer.able.push(able);
            }
        }
        answer.able.sort_by_key(|able| able.state);
        answer
    }
}

impl Judge<'_> {
    /// What an identity can by the assignments wanted.
    fn able(&self, cluster: u32, accounts: &[Node], wish: Wish, wanted: &Seen) -> Option<Able> {
        // Below the scope asked about, an assignment is judged for its own scope.
        let own = Judge { target: None, ..*self };
        let judge = |at: AssignmentIndex| if self.lies_below(at) { &own } else { self };
        let holders: Vec<Holder> = accounts.iter().map(|account| self.holder(*account)).collect();
        let mut best: Option<(State, u32, usize, u32, AssignmentIndex)> = None;
        let mut only_below = true;
        for (holder, number) in holders.iter().zip(0..) {
            self.each(holder, |at, place, depth| {
                if !wanted.has(at) {
                    return;
                }
                only_below &= self.lies_below(at);
                let state = judge(at).state(holder, at, depth, &mut crate::judge::Reasons::none());
                let way = (state, depth, number, place, at);
                best = Some(best.map_or(way, |best| best.min(way)));
            });
        }
        let (state, depth, number, _, at) = best?;
        let mut reasons = crate::judge::Reasons::some();
        judge(at).state(&holders[number], at, depth, &mut reasons);
        let mut found = self.search(&holders, wish.paths, |at| wanted.has(at));
        for path in &mut found.paths {
            if self.lies_below(path.assignment)
                && let Some(holder) = holders.iter().find(|holder| Some(&holder.above.node(0)) == path.nodes.first())
            {
                let mut reasons = crate::judge::Reasons::some();
                path.state = own.state(holder, path.assignment, path.nodes.len() as u32 - 1, &mut reasons);
                path.reasons = reasons.list();
            }
        }
        Some(Able {
            cluster,
            state,
            paths: found.paths,
            more_paths: found.more,
            only_below,
            reasons: reasons.list(),
        })
    }

    /// Whether an assignment is on a scope below the one asked about.
    fn lies_below(&self, at: AssignmentIndex) -> bool {
        let scope = self.world.facts().assignments[at as usize].scope;
        self.target
            .is_some_and(|target| target != scope && self.world.scopes().holds(target, scope))
    }
}

/// Accounts below groups, each once over several walks.
pub(crate) struct Below<'g> {
    graph: &'g Graph,
    seen: Seen,
    pub(crate) accounts: Vec<Node>,
}

impl<'g> Below<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Self {
        Self {
            graph,
            seen: Seen::new(graph.nodes()),
            accounts: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, account: Node) {
        if self.seen.add(account) {
            self.accounts.push(account);
        }
    }

    /// Adds the accounts in a group, at any depth; the dangling ids that were not met before.
    pub(crate) fn walk(&mut self, group: Node) -> Vec<Node> {
        let mut dangling = Vec::new();
        let mut todo: Vec<u32> = self
            .graph
            .group_ordinal(group)
            .into_iter()
            .filter(|_| self.seen.add(group))
            .collect();
        while let Some(group) = todo.pop() {
            for member in self.graph.members(group) {
                if !self.seen.add(*member) {
                    continue;
                }
                match self.graph.group_ordinal(*member) {
                    Some(inner) => todo.push(inner),
                    None if *member < self.graph.accounts() => self.accounts.push(*member),
                    None => dangling.push(*member),
                }
            }
        }
        dangling
    }
}
