//! Nodes that matter: who holds something or is named by a deny, each with what it holds, side by side.

use crate::graph::{Graph, Lists, Node};
use crate::numbers::Numbered;
use crate::world::{AssignmentIndex, DenyIndex, Facts, Follow, Permits, RoleIndex, ScopeIndex, State, Whom};

/// What of a role makes a difference to how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// Nothing but denies.
    Plain,
    /// Policies of a Backstage role.
    Policies,
    /// Its definition could not be read.
    Unknown,
}

/// An assignment as a question reads it: sixteen bytes, so that what a principal holds lies in a line or two of memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) at: AssignmentIndex,
    pub(crate) role: RoleIndex,
    pub(crate) scope: ScopeIndex,
    pub(crate) state: State,
    pub(crate) follow: Follow,
    pub(crate) nature: Nature,
}

impl Record {
    /// Of an assignment whose role there is.
    pub(crate) fn of(facts: &Facts, at: AssignmentIndex) -> Self {
        let given = &facts.assignments[at as usize];
        Self {
            at,
            role: given.role,
            scope: given.scope,
            state: given.state,
            follow: given.follow,
            nature: match &facts.roles[given.role as usize].permits {
                Permits::Policies(_) => Nature::Policies,
                Permits::Unknown => Nature::Unknown,
                Permits::Actions(_) | Permits::All | Permits::Name => Nature::Plain,
            },
        }
    }

    /// Whether it is followed over so many memberships.
    pub(crate) fn followed(&self, depth: u32) -> bool {
        depth <= 1 || self.follow == Follow::Nested
    }
}

/// The nodes that matter, numbered in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    numbers: Numbered<u32>,
    /// By mark.
    nodes: Vec<Node>,
    /// By mark: where its records start; one more.
    starts: Vec<u32>,
    /// What each holds, ascending.
    records: Vec<Record>,
    /// The assignments of the records.
    given: Vec<AssignmentIndex>,
    /// By mark: the denies that are for it.
    denies: Lists,
}

impl Marks {
    /// Who holds one of these assignments, and whom these denies name or except. Nodes that the graph does not have are passed over.
    pub(crate) fn new(graph: &Graph, facts: &Facts, mut given: Vec<AssignmentIndex>, denies: &[DenyIndex]) -> Self {
        let principal = |at: &AssignmentIndex| facts.assignments[*at as usize].principal;
        given.sort_by_key(principal);
        let named = denies.iter().flat_map(|deny| facts.denies[*deny as usize].nodes());
        let mut nodes: Vec<Node> = given
            .iter()
            .map(principal)
            .chain(named)
            .filter(|node| *node < graph.nodes())
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        let mut numbers = Numbered::default();
        numbers.reserve(nodes.len());
        numbers.extend(nodes.iter().copied().zip(0..));
        let starts = nodes
            .iter()
            .map(|node| given.partition_point(|at| principal(at) < *node) as u32)
            .chain([given.len() as u32])
            .collect();
        let for_marks = denies.iter().flat_map(|deny| match &facts.denies[*deny as usize].whom {
            Whom::Everybody => Vec::new(),
            Whom::These(nodes) => nodes.iter().filter_map(|node| Some((*numbers.get(node)?, *deny))).collect(),
        });
        Self {
            denies: Lists::of_pairs(nodes.len() as u32, for_marks),
            records: given.iter().map(|at| Record::of(facts, *at)).collect(),
            numbers,
            nodes,
            starts,
            given,
        }
    }

    /// The mark of a node, if it matters.
    pub(crate) fn of(&self, node: Node) -> Option<u32> {
        self.numbers.get(&node).copied()
    }

    /// All of them, ascending.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// What a mark holds, in the order of the assignments.
    pub(crate) fn records(&self, mark: u32) -> &[Record] {
        &self.records[self.range(mark)]
    }

    /// The assignments that a mark holds, ascending.
    pub(crate) fn given(&self, mark: u32) -> &[AssignmentIndex] {
        &self.given[self.range(mark)]
    }

    /// All assignments that somebody holds, by principal.
    pub(crate) fn all_given(&self) -> &[AssignmentIndex] {
        &self.given
    }

    /// The denies that are for a mark.
    pub(crate) fn denies(&self, mark: u32) -> &[DenyIndex] {
        self.denies.row(mark as usize)
    }

    fn range(&self, mark: u32) -> std::ops::Range<usize> {
        self.starts[mark as usize] as usize..self.starts[mark as usize + 1] as usize
    }
}
