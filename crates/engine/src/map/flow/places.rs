//! Where the boxes of the flow stand.

use super::boxes::Boxes;
use super::ties::Ties;
use crate::view::{FlowNode, Layer};

impl Boxes {
    /// The boxes column by column, each where its ribbons pull it; stacks last.
    pub(super) fn placed(&mut self, ties: &Ties) -> Vec<FlowNode> {
        let mut columns: Vec<Vec<usize>> = [Layer::People, Layer::Groups, Layer::Roles, Layer::Scopes]
            .iter()
            .map(|layer| (0..self.bins.len()).filter(|at| self.bins[*at].node.layer == *layer).collect())
            .collect();
        let mut places = vec![0f64; self.bins.len()];
        let note = |column: &[usize], places: &mut Vec<f64>| {
            for (place, at) in column.iter().enumerate() {
                places[*at] = place as f64 / column.len().max(1) as f64;
            }
        };
        // Groups as they came, those of one nesting together; then each column by its neighbour, outwards.
        note(&columns[1], &mut places);
        for (own, neighbour) in [(1usize, 1usize), (2, 1), (3, 2), (0, 1)] {
            let start = if own == neighbour { 2.0 } else { 0.0 };
            let mut sums: Vec<(f64, f64)> = places.iter().map(|place| (place * start, start)).collect();
            for ((from, to), tie) in ties {
                let people = f64::from(tie.count.max(tie.people.len() as u32)).sqrt().max(1.0);
                for (at, other) in [(*from, *to), (*to, *from)] {
                    if column_of(&self.bins[at].node) == own && column_of(&self.bins[other].node) == neighbour {
                        sums[at].0 += places[other] * people;
                        sums[at].1 += people;
                    }
                }
            }
            for at in &columns[own] {
                let (sum, weight) = sums[*at];
                self.bins[*at].pull = if weight > 0.0 { sum / weight } else { 1.0 };
            }
            let bins = &self.bins;
            columns[own].sort_by(|one, other| {
                let key = |at: usize| (bins[at].rank, bins[at].pull);
                let ((rank, pull), (other_rank, other_pull)) = (key(*one), key(*other));
                rank.cmp(&other_rank)
                    .then(pull.total_cmp(&other_pull))
                    .then_with(|| bins[*one].node.label.cmp(&bins[*other].node.label))
                    .then_with(|| bins[*one].node.id.cmp(&bins[*other].node.id))
            });
            note(&columns[own].clone(), &mut places);
        }
        let mut nodes = Vec::with_capacity(self.bins.len());
        for column in columns {
            for (place, at) in column.into_iter().enumerate() {
                let mut node = self.bins[at].node.clone();
                node.place = place as u32;
                nodes.push(node);
            }
        }
        nodes
    }
}

/// A box's column, from 0.
fn column_of(node: &FlowNode) -> usize {
    match node.layer {
        Layer::People => 0,
        Layer::Groups => 1,
        Layer::Roles => 2,
        Layer::Scopes => 3,
    }
}
