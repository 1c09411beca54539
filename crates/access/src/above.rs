//! Everything above a node: the groups that it is in, with all memberships between them, for questions that need more than the shortest way.

use std::collections::VecDeque;

use crate::graph::{Graph, Lists, Node};
use crate::numbers::Numbered;

/// Beyond so many, ways are no longer counted.
pub(crate) const COUNTED: u32 = 1000;

/// A node and the groups above it, nearest first, with the memberships among them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Above {
    /// Node, the place of the one before it on a shortest way (its own for the first), and memberships on that way.
    pub(crate) places: Vec<(Node, u32, u32)>,
    /// By place: where its rows of `up` start; one more than places.
    starts: Vec<u32>,
    /// Places of the groups that name it.
    up: Vec<u32>,
    /// Places by node, where they are too many to be looked through.
    index: Numbered<u32>,
}

/// So many places are looked through one by one.
const FEW: usize = 32;

impl Above {
    /// Over the memberships (group, member) that are kept: what is left comes in the order in which it would come anyway.
    pub(crate) fn new(graph: &Graph, node: Node, keep: impl Fn(Node, Node) -> bool) -> Self {
        let mut found = Self {
            places: Vec::with_capacity(FEW),
            starts: Vec::with_capacity(FEW),
            up: Vec::with_capacity(FEW),
            index: Numbered::default(),
        };
        found.places.push((node, 0, 0));
        found.starts.push(0);
        let mut place = 0u32;
        while let Some((at, _, depth)) = found.places.get(place as usize).copied() {
            for group in graph.groups_of(at) {
                if !keep(*group, at) {
                    continue;
                }
                let next = found.places.len() as u32;
                let to = found.place(*group).unwrap_or(next);
                if to == next {
                    found.add(*group, place, depth + 1);
                }
                found.up.push(to);
            }
            found.starts.push(found.up.len() as u32);
            place += 1;
        }
        found
    }

    fn add(&mut self, node: Node, before: u32, depth: u32) {
        let place = self.places.len();
        if place == FEW {
            self.index.extend(self.places.iter().map(|(node, ..)| *node).zip(0..));
        }
        if place >= FEW {
            self.index.insert(node, place as u32);
        }
        self.places.push((node, before, depth));
    }

    pub(crate) fn place(&self, node: Node) -> Option<u32> {
        if self.places.len() > FEW {
            return self.index.get(&node).copied();
        }
        self.places.iter().position(|(there, ..)| *there == node).map(|place| place as u32)
    }

    pub(crate) fn up(&self, place: u32) -> &[u32] {
        &self.up[self.starts[place as usize] as usize..self.starts[place as usize + 1] as usize]
    }

    pub(crate) fn node(&self, place: u32) -> Node {
        self.places[place as usize].0
    }

    /// The nodes of a shortest way to a place, the first one included.
    pub(crate) fn way(&self, mut place: u32) -> Vec<Node> {
        let mut way = vec![self.node(place)];
        while place != 0 {
            place = self.places[place as usize].1;
            way.push(self.node(place));
        }
        way.reverse();
        way
    }

    /// By place, how many memberships it is to the nearest of these places, going up; none where none is reached.
    pub(crate) fn distances(&self, targets: impl Iterator<Item = u32>) -> Vec<Option<u32>> {
        let count = self.places.len() as u32;
        let down = Lists::of_pairs(
            count,
            (0..count).flat_map(|place| self.up(place).iter().map(move |to| (*to, place))),
        );
        let mut distance = vec![None; self.places.len()];
        let mut todo = VecDeque::new();
        for target in targets {
            if distance[target as usize].is_none() {
                distance[target as usize] = Some(0);
                todo.push_back((target, 0));
            }
        }
        while let Some((at, steps)) = todo.pop_front() {
            for place in down.row(at as usize) {
                if distance[*place as usize].is_none() {
                    distance[*place as usize] = Some(steps + 1);
                    todo.push_back((*place, steps + 1));
                }
            }
        }
        distance
    }

    /// By place, how many ways lead there that come by no node twice, and whether there may be more.
    pub(crate) fn counts(&self) -> Vec<(u32, bool)> {
        let mut incoming = vec![0u32; self.places.len()];
        for to in &self.up {
            incoming[*to as usize] += 1;
        }
        let mut counts = vec![(0u32, false); self.places.len()];
        counts[0].0 = 1;
        let mut todo = if incoming[0] == 0 { vec![0u32] } else { Vec::new() };
        let mut done = 0;
        while let Some(place) = todo.pop() {
            done += 1;
            let (ways, more) = counts[place as usize];
            for to in self.up(place) {
                let count = &mut counts[*to as usize];
                count.1 |= more || count.0 + ways > COUNTED;
                count.0 = (count.0 + ways).min(COUNTED);
                incoming[*to as usize] -= 1;
                if incoming[*to as usize] == 0 {
                    todo.push(*to);
                }
            }
        }
        if done == self.places.len() { counts } else { self.walk_counts() }
    }

    /// The same where groups go in circles: each way is walked, up to a bound.
    fn walk_counts(&self) -> Vec<(u32, bool)> {
        let mut counts = vec![(0u32, false); self.places.len()];
        // Each way: its last place, and the way before it.
        let mut ways: Vec<(u32, u32)> = vec![(0, 0)];
        let mut next = 0;
        while let Some((place, before)) = ways.get(next).copied() {
            counts[place as usize].0 += 1;
            for to in self.up(place) {
                let mut back = (place, before, next as u32);
                let again = loop {
                    if back.0 == *to {
                        break true;
                    }
                    if back.2 == 0 {
                        break false;
                    }
                    let (place, before) = ways[back.1 as usize];
                    back = (place, before, back.1);
                };
                if again {
                    continue;
                }
                if ways.len() as u32 >= 4 * COUNTED {
                    // What was not walked on from here may lead anywhere above.
                    for count in &mut counts {
                        count.1 = true;
                    }
                    continue;
                }
                ways.push((*to, next as u32));
            }
            next += 1;
        }
        for count in &mut counts {
            if count.0 > COUNTED {
                *count = (COUNTED, true);
            }
        }
        counts[0] = (1, false);
        counts
    }
}
