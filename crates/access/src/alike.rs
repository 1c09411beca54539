//! Those who stand alike: as far as one question goes, most people are in the same few groups as many others, and get the same answer.
//!
//! A question marks the nodes that matter to it: principals of assignments, of denies and of exceptions. Groups that lead to none of
//! them are left out, and an answer is worked out once for all identities whose accounts are directly in the same groups of the rest.

use std::collections::HashMap;

use crate::graph::{Graph, Node};
use crate::walk::Seen;

/// Nodes that matter to a question, and groups that are nested in one of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leads(Seen);

impl Leads {
    /// From the nodes that matter down to all groups that lead there. Nodes that the graph does not have are passed over.
    pub(crate) fn to(graph: &Graph, marks: impl IntoIterator<Item = Node>) -> Self {
        let mut seen = Seen::new(graph.nodes());
        let mut todo: Vec<Node> = marks.into_iter().filter(|node| *node < graph.nodes() && seen.add(*node)).collect();
        while let Some(node) = todo.pop() {
            if let Some(group) = graph.group_ordinal(node) {
                todo.extend(graph.member_groups(group).iter().filter(|inner| seen.add(**inner)));
            }
        }
        Self(seen)
    }

    /// Whether a node matters, or is a group that leads to one that does.
    pub(crate) fn has(&self, node: Node) -> bool {
        self.0.has(node)
    }

    /// Writes down how accounts stand: the groups that matter and that each is directly in, and the account itself where that matters.
    fn stand(&self, graph: &Graph, accounts: &[Node], standing: &mut Vec<Node>) {
        standing.clear();
        for account in accounts {
            // An account's number is no group's.
            if self.has(*account) {
                standing.push(*account);
            }
            standing.extend(graph.groups_of(*account).iter().filter(|group| self.has(**group)));
            standing.push(Node::MAX);
        }
    }
}

/// Answers by how accounts stand.
pub(crate) struct Alike<'q, T> {
    graph: &'q Graph,
    leads: &'q Leads,
    known: HashMap<Box<[Node]>, u32>,
    pub(crate) answers: Vec<T>,
    standing: Vec<Node>,
}

impl<'q, T> Alike<'q, T> {
    pub(crate) fn new(graph: &'q Graph, leads: &'q Leads) -> Self {
        Self {
            graph,
            leads,
            known: HashMap::new(),
            answers: Vec::new(),
            standing: Vec::new(),
        }
    }

    /// The number of the answer for accounts, made by the first who stand so.
    pub(crate) fn answer(&mut self, accounts: &[Node], make: impl FnOnce() -> T) -> u32 {
        self.leads.stand(self.graph, accounts, &mut self.standing);
        if let Some(number) = self.known.get(self.standing.as_slice()) {
            return *number;
        }
        let number = self.answers.len() as u32;
        self.answers.push(make());
        self.known.insert(self.standing.as_slice().into(), number);
        number
    }
}
