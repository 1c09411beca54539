//! Why: every way from an identity to a role, shortest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::ask::Ask;
use crate::effective::nodes;
use crate::graph::{Graph, Node};
use crate::holder::Holder;
use crate::judge::{Judge, Reason, Reasons};
use crate::marks::Record;
use crate::world::{AssignmentIndex, RoleIndex, ScopeIndex, State, World};

/// A way from an account through groups to an assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The account, then each group, the outermost last: that is the assignment's principal. The account alone where it is the principal itself.
    pub nodes: Vec<Node>,
    /// The assignment.
    pub assignment: AssignmentIndex,
    /// How far it goes.
    pub state: State,
    /// Why, or what else is to know.
    pub reasons: Vec<Reason>,
}

impl Path {
    /// Lets a path that begins with the place of its account among these begin with the account: of those who stand alike, one path is kept.
    pub fn begin_with(&mut self, accounts: &[Node]) {
        if let Some(first) = self.nodes.first_mut() {
            *first = accounts.get(*first as usize).copied().unwrap_or(*first);
        }
    }
}

/// Ways, shortest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// The ways. None comes by a node twice.
    pub paths: Vec<Path>,
    /// Whether there are, or may be, more than were asked for.
    pub more: bool,
}

/// How many steps a search may take for each way wanted, and besides. Only groups that nest in circles ever come near.
const STEPS: usize = 64;

impl World {
    /// All ways from any of these accounts to a role, shortest first, `limit` of them at most. With a scope: to assignments on it
    /// or on one that it lies in, judged for that scope.
    pub fn why(&self, graph: &Graph, accounts: &[Node], role: RoleIndex, scope: Option<ScopeIndex>, limit: usize) -> Paths {
        self.paths(graph, accounts, None, scope, limit, |at| {
            let given = &self.facts().assignments[at as usize];
            given.role == role && scope.is_none_or(|scope| self.scopes().holds(given.scope, scope))
        })
    }

    /// All ways from any of these accounts to one of the assignments wanted, shortest first, `limit` of them at most, judged for
    /// the actions asked about and for this scope; without one, each for the scope of its assignment.
    pub fn paths(
        &self,
        graph: &Graph,
        accounts: &[Node],
        ask: Option<&Ask>,
        target: Option<ScopeIndex>,
        limit: usize,
        wanted: impl Fn(AssignmentIndex) -> bool,
    ) -> Paths {
        let judge = Judge {
            world: self,
            graph,
            ask,
            target,
            cut: None,
            leads: None,
        };
        let mut holders: Vec<Holder> = nodes(graph, accounts).map(|node| judge.holder(node)).collect();
        for holder in &mut holders {
            judge.walk_to(holder, |record| judge.bears(record.role) && wanted(record.at));
        }
        judge.search(&holders, limit, wanted)
    }
}

/// A way that is being walked.
#[derive(Clone, Copy)]
struct Step {
    holder: u32,
    place: u32,
    /// The step before it; its own number for the first.
    before: u32,
    length: u32,
}

/// What is next in turn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// A way that has arrived at this goal of its holder.
    Arrived(u32),
    /// A way to walk on.
    Walk,
}

impl Judge<'_> {
    /// Walks all ways at once, the one that can arrive soonest first. Only ways that lead to something wanted are walked.
    pub(crate) fn search(&self, holders: &[Holder], limit: usize, wanted: impl Fn(AssignmentIndex) -> bool) -> Paths {
        let mut found = Paths::default();
        let mut steps: Vec<Step> = Vec::new();
        // In turn: length when it arrives, in the order of coming.
        let mut turns: BinaryHeap<Reverse<(u32, u32, u32, Turn)>> = BinaryHeap::new();
        let mut order = 0u32;
        let mut goals: Vec<Vec<(u32, Record)>> = Vec::new();
        let mut distances = Vec::new();
        for (holder, number) in holders.iter().zip(0u32..) {
            let mut goal = Vec::new();
            self.each(holder, |record, met| {
                if wanted(record.at) {
                    goal.push((met.place, *record));
                }
            });
            let distance = if goal.is_empty() {
                Vec::new()
            } else {
                holder.above.distances(goal.iter().map(|(place, _)| *place))
            };
            if let Some(Some(distance)) = distance.first() {
                let step = steps.len() as u32;
                steps.push(Step {
                    holder: number,
                    place: 0,
                    before: step,
                    length: 0,
                });
                turns.push(Reverse((*distance, order, step, Turn::Walk)));
                order += 1;
            }
            goals.push(goal);
            distances.push(distance);
        }
        let mut left = STEPS.saturating_mul(limit.saturating_add(STEPS));
        while let Some(Reverse((_, _, number, turn))) = turns.pop() {
            // Beyond the limit the search only goes on to see whether one more arrives: in circles a way may come to nothing.
            if left == 0 || (found.paths.len() >= limit && turn != Turn::Walk) {
                found.more = true;
                break;
            }
            left -= 1;
            let step = steps[number as usize];
            let holder = &holders[step.holder as usize];
            let goal = &goals[step.holder as usize];
            if let Turn::Arrived(arrived) = turn {
                let record = &goal[arrived as usize].1;
                let mut reasons = Reasons::some();
                found.paths.push(Path {
                    nodes: way(&steps, number).map(|step| holder.above.node(step.place)).collect(),
                    assignment: record.at,
                    state: self.state(holder, record, step.length, &mut reasons),
                    reasons: reasons.list(),
                });
                if let Some(path) = found.paths.last_mut() {
                    path.nodes.reverse();
                }
                continue;
            }
            let first = goal.partition_point(|(place, _)| *place < step.place);
            let here = goal[first..].iter().take_while(|(place, _)| *place == step.place);
            for (_, arrived) in here.zip(first as u32..) {
                turns.push(Reverse((step.length, order, number, Turn::Arrived(arrived))));
                order += 1;
            }
            for to in holder.above.up(step.place) {
                let Some(distance) = distances[step.holder as usize][*to as usize] else {
                    continue;
                };
                if way(&steps, number).any(|step| step.place == *to) {
                    continue;
                }
                let next = steps.len() as u32;
                steps.push(Step {
                    holder: step.holder,
                    place: *to,
                    before: number,
                    length: step.length + 1,
                });
                turns.push(Reverse((step.length + 1 + distance, order, next, Turn::Walk)));
                order += 1;
            }
        }
        found
    }
}

/// The steps of a way, the last one first.
fn way(steps: &[Step], number: u32) -> impl Iterator<Item = Step> {
    let mut next = Some(number);
    std::iter::from_fn(move || {
        let number = next?;
        let step = steps[number as usize];
        next = (step.before != number).then_some(step.before);
        Some(step)
    })
}
