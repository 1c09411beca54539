//! What goes if edges go: memberships, assignments, or all members of a group.

use crate::alike::{Alike, Leads};
use crate::correlate::Clusters;
use crate::graph::{Graph, Node, NodeKind};
use crate::holder::Holder;
use crate::judge::{Judge, Reasons};
use crate::paths::Path;
use crate::permits::Cover;
use crate::walk::Seen;
use crate::who::Below;
use crate::world::{Assignment, AssignmentIndex, Cut, Edge, RoleIndex, ScopeIndex, State, World};

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
    pub path: Path,
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

/// What a cut makes of one holding of those who stand alike.
struct Outcome {
    role: RoleIndex,
    scope: ScopeIndex,
    before: State,
    after: Option<State>,
    /// The shortest way that stays, where the edge leads to the holding and it stays as it is. It begins with the account's place.
    kept: Option<Path>,
}

/// A way to a holding, the best first: what it is of, how far it goes, its length, the place of its account, and where it ends.
type Way = (RoleIndex, ScopeIndex, State, u32, usize, u32, AssignmentIndex);

impl World {
    /// What would change for whom if edges went together. `limit` bounds each list; totals count all. An edge that does not exist changes nothing.
    pub fn without(&self, graph: &Graph, clusters: &Clusters, edges: &[Edge], limit: usize) -> Without {
        let mut answer = Without::default();
        let mut below = Below::new(graph);
        let mut reached = Vec::new();
        let mut tops = Vec::new();
        for edge in edges {
            if let Some(top) = self.below_edge(graph, *edge, &mut below) {
                match edge {
                    Edge::Assignment(at) => reached.push(*at),
                    Edge::Member { .. } | Edge::Emptied(_) => tops.push(top),
                }
            }
        }
        let above = upwards(graph, &tops);
        reached.extend(above.iter().flat_map(|node| self.held_by(*node)));
        let touched = below.clusters(clusters);
        answer.affected = touched.len() as u32;
        let cut = Cut::new(edges);
        let bearing = self.changing(&above, &reached);
        // Whose own membership goes stands like nobody else.
        let alone = edges.iter().filter_map(|edge| match edge {
            Edge::Member { member, .. } => Some(*member),
            Edge::Emptied(_) | Edge::Assignment(_) => None,
        });
        let leads = Leads::to(graph, bearing.marks.into_iter().chain(alone));
        let judge = |cut| Judge {
            world: self,
            graph,
            ask: None,
            target: None,
            cut,
            leads: Some(&leads),
        };
        let (now, then) = (judge(None), judge(Some(&cut)));
        let key = |at: AssignmentIndex| {
            let given = &self.facts().assignments[at as usize];
            (given.role, given.scope)
        };
        let mut reached: Vec<_> = reached.into_iter().map(key).collect();
        reached.sort_unstable();
        reached.dedup();
        let mut alike = Alike::new(graph, &leads);
        for cluster in touched {
            let accounts = clusters.members(cluster);
            let number = alike.answer(accounts, || {
                let before = now.ways(accounts, &bearing.pairs);
                let after = then.holders_with_ways(accounts, &bearing.pairs);
                before
                    .iter()
                    .map(|(role, scope, state, ..)| {
                        let left = after
                            .1
                            .binary_search_by_key(&(*role, *scope), |way| (way.0, way.1))
                            .ok()
                            .map(|at| &after.1[at]);
                        let stays = left.filter(|left| left.2 == *state && reached.binary_search(&(*role, *scope)).is_ok());
                        Outcome {
                            role: *role,
                            scope: *scope,
                            before: *state,
                            after: left.map(|left| left.2),
                            kept: stays.map(|way| then.told(&after.0, way)),
                        }
                    })
                    .collect::<Vec<_>>()
            });
            answer.add(cluster, accounts, &alike.answers[number as usize], limit);
        }
        answer
    }

    /// Adds the accounts from which an edge leads; the node that it leads to, or none where there is no such edge.
    fn below_edge(&self, graph: &Graph, edge: Edge, below: &mut Below<'_>) -> Option<Node> {
        let (from, to) = match edge {
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
        match graph.kind(from) {
            NodeKind::Account => below.add(from),
            NodeKind::Group => {
                below.walk(from);
            }
            NodeKind::Dangling => {}
        }
        Some(to)
    }

    /// What can change at all where nodes can no longer be reached over the edges, and these assignments are held by them or go.
    fn changing(&self, above: &[Node], reached: &[AssignmentIndex]) -> Changing {
        let facts = self.facts();
        // Whoever leaves a deny, or an exception from one, has other holdings judged otherwise; so it is with policies.
        let denies: Vec<u32> = (0u32..)
            .zip(&facts.denies)
            .filter(|(_, deny)| deny.nodes().any(|node| above.binary_search(&node).is_ok()))
            .map(|(at, _)| at)
            .collect();
        let speaks = |role: RoleIndex| !self.pairs[role as usize].is_empty();
        let policies = reached.iter().any(|at| speaks(facts.assignments[*at as usize].role));
        let roles: Vec<bool> = (0..facts.roles.len() as u32)
            .map(|role| (policies && speaks(role)) || denies.iter().any(|deny| self.cover(role, *deny) != Cover::Nothing))
            .collect();
        let valid = || self.assignments_held();
        let mut pairs: Vec<(RoleIndex, ScopeIndex)> = valid()
            .filter(|at| roles[facts.assignments[*at as usize].role as usize])
            .chain(reached.iter().copied())
            .map(|at| (facts.assignments[at as usize].role, facts.assignments[at as usize].scope))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        // What judges those: every way to them, every deny that touches them, and all policies where they have some.
        let mut judged = vec![false; facts.roles.len()];
        for (role, _) in &pairs {
            judged[*role as usize] = true;
        }
        let by_policies = (0u32..).zip(&judged).any(|(role, judged)| *judged && speaks(role));
        let of_pair = |given: &Assignment| judged[given.role as usize] && pairs.binary_search(&(given.role, given.scope)).is_ok();
        let mut marks: Vec<Node> = valid()
            .map(|at| &facts.assignments[at as usize])
            .filter(|given| (by_policies && speaks(given.role)) || of_pair(given))
            .map(|given| given.principal)
            .collect();
        for (deny, at) in facts.denies.iter().zip(0u32..) {
            let touches = |(role, judged): (u32, &bool)| *judged && self.cover(role, at) != Cover::Nothing;
            if (0u32..).zip(&judged).any(touches) {
                marks.extend(deny.nodes());
            }
        }
        Changing { pairs, marks }
    }
}

/// What can change if edges go.
struct Changing {
    /// Roles on scopes whose states may be others then, ascending.
    pairs: Vec<(RoleIndex, ScopeIndex)>,
    /// Nodes that have a part in that.
    marks: Vec<Node>,
}

impl Judge<'_> {
    /// The best way to each of these roles on scopes, by role and scope.
    fn ways(&self, accounts: &[Node], pairs: &[(RoleIndex, ScopeIndex)]) -> Vec<Way> {
        self.holders_with_ways(accounts, pairs).1
    }

    fn holders_with_ways(&self, accounts: &[Node], pairs: &[(RoleIndex, ScopeIndex)]) -> (Vec<Holder>, Vec<Way>) {
        let holders: Vec<Holder> = accounts.iter().map(|account| self.holder(*account)).collect();
        let mut ways = Vec::new();
        for (holder, number) in holders.iter().zip(0..) {
            self.each(holder, |record, met| {
                if pairs.binary_search(&(record.role, record.scope)).is_ok() {
                    let state = self.state(holder, record, met.depth, &mut Reasons::none());
                    ways.push((record.role, record.scope, state, met.depth, number, met.place, record.at));
                }
            });
        }
        ways.sort_unstable();
        ways.dedup_by_key(|way| (way.0, way.1));
        (holders, ways)
    }

    /// A way with its reasons; it begins with the place of its account.
    fn told(&self, holders: &[Holder], (_, _, _, depth, number, place, at): &Way) -> Path {
        let holder = &holders[*number];
        let mut reasons = Reasons::some();
        let state = self.state(holder, &self.world.record(*at), *depth, &mut reasons);
        let mut nodes = holder.above.way(*place);
        if let Some(first) = nodes.first_mut() {
            *first = *number as u32;
        }
        Path {
            nodes,
            assignment: *at,
            state,
            reasons: reasons.list(),
        }
    }
}

impl Without {
    /// Counts what becomes of one identity, and lists it while there is room.
    fn add(&mut self, cluster: u32, accounts: &[Node], outcomes: &[Outcome], limit: usize) {
        let mut lost = false;
        for outcome in outcomes {
            let change = Change {
                cluster,
                role: outcome.role,
                scope: outcome.scope,
                before: outcome.before,
                after: outcome.after,
            };
            if outcome.after != Some(outcome.before) {
                let (total, list) = if change.is_gain() {
                    (&mut self.gains_total, &mut self.gains)
                } else {
                    lost = true;
                    (&mut self.losses_total, &mut self.losses)
                };
                *total += 1;
                if list.len() < limit {
                    list.push(change);
                }
            } else if let Some(path) = &outcome.kept {
                self.kept_total += 1;
                if self.kept.len() < limit {
                    let mut path = path.clone();
                    path.begin_with(accounts);
                    self.kept.push(Kept {
                        cluster,
                        role: outcome.role,
                        scope: outcome.scope,
                        state: outcome.before,
                        path,
                    });
                }
            }
        }
        self.losers += u32::from(lost);
    }
}

/// These nodes and all groups that they are in, at any depth, ascending.
fn upwards(graph: &Graph, nodes: &[Node]) -> Vec<Node> {
    let mut seen = Seen::new(graph.nodes());
    let mut found: Vec<Node> = nodes.iter().copied().filter(|node| seen.add(*node)).collect();
    let mut next = 0;
    while let Some(node) = found.get(next).copied() {
        found.extend(graph.groups_of(node).iter().filter(|group| seen.add(**group)));
        next += 1;
    }
    found.sort_unstable();
    found
}
