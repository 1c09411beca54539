//! Groups that are in themselves.

use crate::graph::Graph;

/// A group on the way down, and the next of its inner groups to look at.
type Step = (u32, usize);

/// Circles of groups (by ordinal): each as the ascending list of those that can reach each other. A group that is its own member is one.
///
/// Tarjan's strongly connected components, without recursion: the work grows with the number of memberships of groups in groups.
pub(super) fn circles(graph: &Graph) -> Vec<Vec<u32>> {
    const NEW: u32 = u32::MAX;
    let count = graph.groups() as usize;
    let (mut number, mut low, mut open) = (vec![NEW; count], vec![0u32; count], vec![false; count]);
    let (mut next, mut stack, mut way): (u32, Vec<u32>, Vec<Step>) = (0, Vec::new(), Vec::new());
    let mut found = Vec::new();
    for start in 0..graph.groups() {
        if number[start as usize] != NEW || graph.member_groups(start).is_empty() {
            continue;
        }
        way.push((start, 0));
        while let Some((at, inner)) = way.pop() {
            let here = at as usize;
            if inner == 0 {
                (number[here], low[here], open[here]) = (next, next, true);
                next += 1;
                stack.push(at);
            }
            let members = graph.member_groups(at);
            let mut inner = inner;
            let mut down = None;
            while let Some(member) = members.get(inner).and_then(|node| graph.group_ordinal(*node)) {
                inner += 1;
                let there = member as usize;
                if number[there] == NEW {
                    down = Some(member);
                    break;
                }
                if open[there] {
                    low[here] = low[here].min(number[there]);
                }
            }
            if let Some(member) = down {
                way.push((at, inner));
                way.push((member, 0));
                continue;
            }
            if let Some((above, _)) = way.last() {
                low[*above as usize] = low[*above as usize].min(low[here]);
            }
            if low[here] == number[here] {
                let from = stack.iter().rposition(|group| *group == at).unwrap_or(0);
                let mut circle = stack.split_off(from);
                for group in &circle {
                    open[*group as usize] = false;
                }
                let own = graph.member_groups(at).contains(&graph.group_node(at));
                if circle.len() > 1 || own {
                    circle.sort_unstable();
                    found.push(circle);
                }
            }
        }
    }
    found
}
