//! Who can: everybody who may do something on a scope.

use crate::alike::{Alike, Leads};
use crate::ask::Ask;
use crate::correlate::Clusters;
use crate::graph::{Graph, Node, NodeKind};
use crate::holder::Holder;
use crate::judge::{Judge, Reason, Reasons};
use crate::marks::Record;
use crate::paths::Path;
use crate::upward::Met;
use crate::walk::Seen;
use crate::world::{Assignment, AssignmentIndex, ScopeIndex, State, World};

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

/// An identity that can do what was asked, and how far, without its paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// The best state of all its paths.
    pub state: State,
    /// The identity, as the clusters number it.
    pub cluster: u32,
    /// The place of its answer: those who stand alike share one.
    answer: u32,
}

/// Who can do what was asked on a scope. Eight bytes and a state each, however many they are: paths are told as they are asked for.
#[derive(Clone, Debug, Default)]
pub struct WhoCan {
    /// Identities: active first, then conditional, eligible, denied, not followed; each in the order of their clusters.
    pub standings: Vec<Standing>,
    /// Assignments to principals that their source does not hold, ascending.
    pub unknown_principals: Vec<AssignmentIndex>,
    /// Members that their source does not hold, of groups that hold it: the dangling node, and the assignment.
    pub unknown_members: Vec<(Node, AssignmentIndex)>,
    /// Assignments here whose role could not be read: who holds them may be able to.
    pub unknown_roles: Vec<AssignmentIndex>,
    /// One for all who stand alike. In the place of each path's first node stands which of the identity's accounts it is.
    answers: Vec<Able>,
}

impl WhoCan {
    /// The identities with their paths, in the order of `standings`, made as they are taken. `clusters` are those that were asked with.
    pub fn able<'a>(&'a self, clusters: &'a Clusters) -> impl ExactSizeIterator<Item = Able> + 'a {
        self.standings.iter().map(|standing| self.of(*standing, clusters))
    }

    /// One identity with its paths.
    pub fn of(&self, standing: Standing, clusters: &Clusters) -> Able {
        let mut able = self.alike(standing).clone();
        able.cluster = standing.cluster;
        let accounts = clusters.members(standing.cluster);
        for path in &mut able.paths {
            path.begin_with(accounts);
        }
        able
    }

    /// What an identity shares with all who stand alike: as [`Self::of`] tells it, but that paths begin with the place of the account
    /// among the identity's (see [`Path::begin_with`]), and that `cluster` is the first who stands so.
    pub fn alike(&self, standing: Standing) -> &Able {
        &self.answers[standing.answer as usize]
    }
}

/// A way to a right, the best first: how far it goes, its length, the place of its account, where its principal is, and where it ends.
type Way = (State, u32, usize, u32, AssignmentIndex);

impl World {
    /// Who can do any of the actions asked about on a scope, by assignments on it or on what it lies in.
    pub fn who(&self, graph: &Graph, clusters: &Clusters, ask: &Ask, scope: ScopeIndex, wish: Wish) -> WhoCan {
        let mut scopes: Vec<ScopeIndex> = self.scopes().upwards(scope).collect();
        if wish.below && scope < self.scopes().len() {
            scopes.extend(self.scopes().below(scope));
        }
        let mut here: Vec<AssignmentIndex> = scopes.iter().flat_map(|scope| self.given_on(*scope)).copied().collect();
        here.sort_unstable();
        let mut answer = WhoCan::default();
        let mut wanted = Seen::new(self.facts().assignments.len() as u32);
        let mut marks = self.bearing(ask);
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
            marks.push(given.principal);
            match graph.kind(given.principal) {
                NodeKind::Dangling => answer.unknown_principals.push(at),
                NodeKind::Account => below.add(given.principal),
                NodeKind::Group => {
                    let dangling = below.walk(given.principal);
                    answer.unknown_members.extend(dangling.into_iter().map(|node| (node, at)));
                }
            }
        }
        let leads = Leads::to(graph, marks);
        let judge = Judge {
            world: self,
            graph,
            ask: Some(ask),
            target: Some(scope),
            cut: None,
            leads: Some(&leads),
        };
        let mut alike = Alike::new(graph, &leads);
        for cluster in below.clusters(clusters) {
            let accounts = clusters.members(cluster);
            let number = alike.answer(accounts, || judge.able(cluster, accounts, wish, &wanted));
            if let Some(able) = &alike.answers[number as usize] {
                answer.standings.push(Standing {
                    state: able.state,
                    cluster,
                    answer: number,
                });
            }
        }
        answer.standings.sort_unstable();
        // Whoever is reached has an answer; places stay what they are all the same.
        let nothing = || Able {
            cluster: 0,
            state: State::NotFollowed,
            paths: Vec::new(),
            more_paths: false,
            only_below: false,
            reasons: Vec::new(),
        };
        answer.answers = alike.answers.into_iter().map(|able| able.unwrap_or_else(nothing)).collect();
        answer
    }

    /// Nodes that make a difference to a question besides the principals that it looks for: of denies that touch what is asked, of
    /// exceptions from these, and of Backstage roles whose policies speak of it.
    fn bearing(&self, ask: &Ask) -> Vec<Node> {
        let facts = self.facts();
        let mut marks = Vec::new();
        for (deny, at) in facts.denies.iter().zip(0..) {
            if ask.taken(at).touched != 0 {
                marks.extend(deny.nodes());
            }
        }
        if !ask.exact.is_empty() {
            let speaks = |role: u32| ask.answer(role).said.iter().any(|said| said.any());
            let roles: Vec<bool> = (0..facts.roles.len() as u32).map(speaks).collect();
            let valid = |given: &&Assignment| roles.get(given.role as usize).copied().unwrap_or_default();
            marks.extend(facts.assignments.iter().filter(valid).map(|given| given.principal));
        }
        marks
    }
}

impl Judge<'_> {
    /// What an identity can by the assignments wanted; each path begins with the place of its account among these.
    fn able(&self, cluster: u32, accounts: &[Node], wish: Wish, wanted: &Seen) -> Option<Able> {
        // Below the scope asked about, an assignment is judged for its own scope.
        let own = Judge { target: None, ..*self };
        let judge = |record: &Record| if self.lies_below(record.scope) { &own } else { self };
        let holders: Vec<Holder> = accounts.iter().map(|account| self.holder(*account)).collect();
        let mut best: Option<(Way, Record)> = None;
        let mut only_below = true;
        for (holder, number) in holders.iter().zip(0..) {
            self.each(holder, |record, Met { depth, place, .. }| {
                if !wanted.has(record.at) {
                    return;
                }
                only_below &= self.lies_below(record.scope);
                let state = judge(record).state(holder, record, *depth, &mut Reasons::none());
                let way = (state, *depth, number, *place, record.at);
                if best.is_none_or(|(best, _)| way < best) {
                    best = Some((way, *record));
                }
            });
        }
        let ((state, depth, number, ..), record) = best?;
        let mut reasons = Reasons::some();
        judge(&record).state(&holders[number], &record, depth, &mut reasons);
        let mut found = self.search(&holders, wish.paths, |at| wanted.has(at));
        for path in &mut found.paths {
            let Some(first) = path.nodes.first_mut() else { continue };
            let number = accounts.iter().position(|account| account == first).unwrap_or_default();
            *first = number as u32;
            let record = self.world.record(path.assignment);
            if self.lies_below(record.scope) {
                let mut reasons = Reasons::some();
                path.state = own.state(&holders[number], &record, path.nodes.len() as u32 - 1, &mut reasons);
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

    /// Whether a scope is below the one asked about.
    fn lies_below(&self, scope: ScopeIndex) -> bool {
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

    /// The clusters of the accounts, ascending, each once.
    pub(crate) fn clusters(&self, clusters: &Clusters) -> Vec<u32> {
        let mut all: Vec<u32> = self.accounts.iter().map(|account| clusters.of(*account)).collect();
        all.sort_unstable();
        all.dedup();
        all
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
