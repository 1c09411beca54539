//! Walks along nested groups, each node by its shortest way, whatever circles there are.

use crate::graph::{Graph, Node};

/// A set of numbers below a bound.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Vec<u64>);

impl Seen {
    pub(crate) fn new(bound: u32) -> Self {
        Self(vec![0; bound as usize / 64 + 1])
    }

    /// Adds a number; whether it is new.
    pub(crate) fn add(&mut self, number: u32) -> bool {
        let (word, bit) = (&mut self.0[number as usize / 64], 1u64 << (number % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Whether a number was added.
    pub(crate) fn has(&self, number: u32) -> bool {
        self.0
            .get(number as usize / 64)
            .is_some_and(|word| word & (1u64 << (number % 64)) != 0)
    }
}

/// Everything in a group, directly and through nested groups.
#[derive(Clone, Debug, Default)]
pub struct Nested {
    /// The groups, the one asked about first, each after the group through which it was reached:
    /// ordinal and place in this list of the group that names it (its own place for the first).
    pub groups: Vec<(u32, u32)>,
    /// The accounts, each once, with the place in `groups` of the group that names it on the shortest way.
    pub accounts: Vec<(Node, u32)>,
    /// The dangling ids, in the same way.
    pub dangling: Vec<(Node, u32)>,
}

impl Nested {
    /// The groups (ordinals) on the way from the group asked about, which is left out, to the one at this place.
    pub fn way(&self, mut place: u32) -> Vec<u32> {
        let mut way = Vec::new();
        while place != 0 {
            let Some((group, from)) = self.groups.get(place as usize) else {
                break;
            };
            way.push(*group);
            place = *from;
        }
        way.reverse();
        way
    }
}

/// Every group that a node is in, directly and through nested groups, nearest first.
#[derive(Clone, Debug, Default)]
pub struct WaysIn {
    /// Group (ordinal), and the place in this list of the group before it; its own place when the membership is direct.
    pub groups: Vec<(u32, u32)>,
}

impl WaysIn {
    /// Whether the membership at this place is direct.
    pub fn is_direct(&self, place: usize) -> bool {
        self.groups.get(place).is_some_and(|(_, from)| *from as usize == place)
    }

    /// The groups (ordinals) on the way in, from the direct one to the one before the group at this place.
    pub fn way(&self, place: usize) -> Vec<u32> {
        let mut way = Vec::new();
        let mut at = place;
        while let Some((_, from)) = self.groups.get(at) {
            if *from as usize == at {
                break;
            }
            at = *from as usize;
            way.push(self.groups[at].0);
        }
        way.reverse();
        way
    }
}

impl Graph {
    /// Everything in a group (by ordinal). A group in a circle with itself is not its own member.
    pub fn nested(&self, group: u32) -> Nested {
        let mut found = Nested::default();
        if group >= self.groups() {
            return found;
        }
        let mut seen = Seen::new(self.nodes());
        seen.add(self.group_node(group));
        found.groups.push((group, 0));
        let mut place = 0;
        while let Some((at, _)) = found.groups.get(place).copied() {
            for member in self.members(at) {
                if !seen.add(*member) {
                    continue;
                }
                match self.group_ordinal(*member) {
                    Some(inner) => found.groups.push((inner, place as u32)),
                    None if *member < self.accounts() => found.accounts.push((*member, place as u32)),
                    None => found.dangling.push((*member, place as u32)),
                }
            }
            place += 1;
        }
        found
    }

    /// Every group that a node is in. A group in a circle with itself is not in itself.
    pub fn ways_in(&self, node: Node) -> WaysIn {
        let mut found = WaysIn::default();
        // Few groups as a rule: a set of those alone.
        let mut seen = Seen::new(self.groups());
        if let Some(own) = self.group_ordinal(node) {
            seen.add(own);
        }
        for parent in self.groups_of(node) {
            if let Some(group) = self.group_ordinal(*parent).filter(|group| seen.add(*group)) {
                let place = found.groups.len() as u32;
                found.groups.push((group, place));
            }
        }
        let mut place = 0;
        while let Some((at, _)) = found.groups.get(place).copied() {
            for parent in self.groups_of(self.group_node(at)) {
                if let Some(group) = self.group_ordinal(*parent).filter(|group| seen.add(*group)) {
                    found.groups.push((group, place as u32));
                }
            }
            place += 1;
        }
        found
    }

    /// For each group, whether it is marked or holds a marked group, at any depth.
    pub fn reaches(&self, marked: impl Fn(u32) -> bool) -> Vec<bool> {
        let mut reaches: Vec<bool> = (0..self.groups()).map(marked).collect();
        let mut todo: Vec<u32> = (0..self.groups()).filter(|group| reaches[*group as usize]).collect();
        while let Some(group) = todo.pop() {
            for parent in self.groups_of(self.group_node(group)) {
                if let Some(parent) = self.group_ordinal(*parent)
                    && !reaches[parent as usize]
                {
                    reaches[parent as usize] = true;
                    todo.push(parent);
                }
            }
        }
        reaches
    }
}
