//! What lies above each group, worked out once: the nodes that matter, how far they are, by how many ways, and by which group first.
//!
//! Most questions are about one identity, another one each time, so what they cost is the memory that they touch. Its direct groups
//! come from the graph; what these lead to is read here in one go each, where a walk would go from group to group.

use std::ops::Range;

use crate::above::COUNTED;
use crate::alike::Leads;
use crate::graph::{Graph, Node};
use crate::marks::Marks;

/// A node that matters, as it is seen from a group below it: sixteen bytes.
#[derive(Clone, Copy, Debug)]
struct Step {
    mark: u32,
    /// The group after this one on the shortest way there; the group itself where that is the mark.
    group: Node,
    /// The place of that group's step to the same mark.
    next: u32,
    /// Memberships on that way.
    depth: u16,
    /// How many ways lead there, [`COUNTED`] at most; and [`MORE`].
    ways: u16,
}

/// There are more ways than were counted.
const MORE: u16 = 1 << 15;

/// A group above which one has to walk: it is in a circle, below one, or below more than there is room for.
const WALK: (u32, u32) = (u32::MAX, 0);
/// A group that leads to nothing.
const NOTHING: (u32, u32) = (0, 0);

/// The steps of all groups.
#[derive(Clone, Debug, Default)]
pub(crate) struct Upward {
    /// By group (ordinal): where its steps start, and how many they are.
    spans: Vec<(u32, u32)>,
    /// Of each group nearest first; where several are as near, in the order in which a walk would meet them.
    steps: Vec<Step>,
}

/// A node that matters, as it is seen from below.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Met {
    pub(crate) mark: u32,
    /// Memberships on the shortest way there.
    pub(crate) depth: u32,
    /// Its place in the order of a walk.
    pub(crate) place: u32,
    /// How many ways lead there, and whether there may be more; nothing after a walk, which counts them apart.
    pub(crate) ways: u32,
    pub(crate) more: bool,
    /// The first group on the shortest way, and the place of its step.
    first: Node,
    step: u32,
}

impl Met {
    /// Of a node that was walked from.
    pub(crate) fn walked(mark: u32, depth: u32, place: u32) -> Self {
        Self {
            mark,
            depth,
            place,
            ..Self::default()
        }
    }
}

impl Upward {
    /// Of the groups that lead to marks. `room` is how many steps are kept in all: a group for which none is left is walked.
    pub(crate) fn new(graph: &Graph, marks: &Marks, room: usize) -> Self {
        let leads = Leads::to(graph, marks.nodes().iter().copied());
        let leading = |group: &u32| leads.has(graph.group_node(*group));
        let mut made = Self {
            spans: (0..graph.groups())
                .map(|group| if leading(&group) { WALK } else { NOTHING })
                .collect(),
            steps: Vec::new(),
        };
        // Outer groups first, each once all that it is in are done. One in a circle or below one never is.
        let mut waits = vec![0u32; graph.groups() as usize];
        let mut todo = Vec::new();
        for group in (0..graph.groups()).filter(leading) {
            let outer = graph.groups_of(graph.group_node(group));
            waits[group as usize] = outer.iter().filter(|node| leads.has(**node)).count() as u32;
            if waits[group as usize] == 0 {
                todo.push(group);
            }
        }
        let mut scratch = Vec::new();
        while let Some(group) = todo.pop() {
            if !made.add(graph, marks, group, room, &mut scratch) {
                continue;
            }
            for inner in graph.member_groups(group).iter().filter_map(|node| graph.group_ordinal(*node)) {
                waits[inner as usize] -= 1;
                if waits[inner as usize] == 0 {
                    todo.push(inner);
                }
            }
        }
        made.steps.shrink_to_fit();
        made
    }

    /// Adds a group's steps, if there is room.
    fn add(&mut self, graph: &Graph, marks: &Marks, group: u32, room: usize, found: &mut Vec<Met>) -> bool {
        found.clear();
        let node = graph.group_node(group);
        for outer in graph.groups_of(node) {
            self.seen_from_below(graph, *outer, found);
        }
        fold(found);
        let start = self.steps.len() as u32;
        let own = marks.of(node).map(|mark| Step {
            mark,
            group: node,
            next: start,
            depth: 0,
            ways: 1,
        });
        let far = found.iter().any(|met| met.depth > u32::from(u16::MAX));
        if far || self.steps.len() + found.len() + 1 > room {
            return false;
        }
        self.steps.extend(own);
        self.steps.extend(found.iter().map(|met| Step {
            mark: met.mark,
            group: met.first,
            next: met.step,
            depth: met.depth as u16,
            ways: met.ways as u16 | if met.more { MORE } else { 0 },
        }));
        self.spans[group as usize] = (start, self.steps.len() as u32 - start);
        true
    }

    /// What a group leads to, seen from a direct member; whether that is known.
    fn seen_from_below(&self, graph: &Graph, group: Node, found: &mut Vec<Met>) -> bool {
        let Some(span) = self.span(graph, group) else {
            return false;
        };
        found.extend(self.steps[span.clone()].iter().zip(span).map(|(step, place)| Met {
            mark: step.mark,
            depth: u32::from(step.depth) + 1,
            place: 0,
            ways: u32::from(step.ways & !MORE),
            more: step.ways & MORE != 0,
            first: group,
            step: place as u32,
        }));
        true
    }

    /// Where a group's steps are; none where it has to be walked.
    fn span(&self, graph: &Graph, group: Node) -> Option<Range<usize>> {
        let (start, count) = *self.spans.get(graph.group_ordinal(group)? as usize)?;
        (start != WALK.0).then(|| start as usize..(start + count) as usize)
    }

    /// The nodes that matter above a node, itself included, each once, as a walk would meet them; none where one has to walk.
    pub(crate) fn above(&self, graph: &Graph, marks: &Marks, node: Node) -> Option<Vec<Met>> {
        let mut found = Vec::with_capacity(32);
        if graph.group_ordinal(node).is_some() {
            let span = self.span(graph, node)?;
            found.extend(self.steps[span.clone()].iter().zip(span).map(|(step, place)| Met {
                mark: step.mark,
                depth: u32::from(step.depth),
                place: 0,
                ways: u32::from(step.ways & !MORE),
                more: step.ways & MORE != 0,
                first: node,
                step: place as u32,
            }));
        } else {
            found.extend(marks.of(node).map(|mark| Met {
                ways: 1,
                first: node,
                ..Met::walked(mark, 0, 0)
            }));
            for group in graph.groups_of(node) {
                if !self.seen_from_below(graph, *group, &mut found) {
                    return None;
                }
            }
            fold(&mut found);
        }
        for (met, place) in found.iter_mut().zip(0..) {
            met.place = place;
        }
        Some(found)
    }

    /// The nodes of a shortest way from a node to one that it leads to.
    pub(crate) fn way(&self, node: Node, met: &Met) -> Vec<Node> {
        let mut way = Vec::with_capacity(met.depth as usize + 1);
        way.push(node);
        if met.depth == 0 {
            return way;
        }
        if met.first != node {
            way.push(met.first);
        }
        let mut at = self.steps[met.step as usize];
        while at.depth > 0 {
            way.push(at.group);
            at = self.steps[at.next as usize];
        }
        way
    }

    /// Whether a group leads to one of these marks; it may where it has to be walked.
    pub(crate) fn leads(&self, graph: &Graph, group: Node, marks: &[u32]) -> bool {
        self.span(graph, group)
            .is_none_or(|span| self.steps[span].iter().any(|step| marks.contains(&step.mark)))
    }
}

/// Each mark once, by its shortest way, with all ways that lead there: nearest first, and as a walk would meet them.
fn fold(found: &mut Vec<Met>) {
    found.sort_unstable_by_key(|met| (met.mark, met.depth, met.first, met.step));
    found.dedup_by(|other, kept| {
        let same = other.mark == kept.mark;
        if same {
            kept.more |= other.more || kept.ways + other.ways > COUNTED;
            kept.ways = (kept.ways + other.ways).min(COUNTED);
        }
        same
    });
    found.sort_unstable_by_key(|met| (met.depth, met.first, met.step));
}
