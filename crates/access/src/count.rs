//! How many people each group holds, for all groups at once.
//!
//! Most groups nest a little: a walk from each costs little more than reading the memberships. Where groups nest so deeply
//! that walks would go over the same people again and again, the rest is counted in blocks of people, with a bit per person:
//! that bounds the work, whatever the shape.

use crate::graph::Graph;
use crate::walk::Seen;

/// How many of what are in a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupCount {
    /// Accounts that are direct members.
    pub accounts: u32,
    /// Groups that are direct members.
    pub groups: u32,
    /// Direct members that are not held.
    pub dangling: u32,
    /// Accounts that are members directly or through nested groups, each once.
    pub people: u32,
}

/// Words of 64 people in one block.
const WORDS: usize = 16;

impl Graph {
    /// Counts for each group, by ordinal.
    pub fn counts(&self) -> Vec<GroupCount> {
        self.counts_within(20 * (self.memberships() as u64 + u64::from(self.groups())))
    }

    /// The same, with so many steps to spend on walks before blocks are used.
    fn counts_within(&self, steps: u64) -> Vec<GroupCount> {
        let mut counts: Vec<GroupCount> = (0..self.groups())
            .map(|group| {
                let (all, accounts, groups) = (
                    self.members(group).len(),
                    self.member_accounts(group).len(),
                    self.member_groups(group).len(),
                );
                GroupCount {
                    accounts: accounts as u32,
                    groups: groups as u32,
                    dangling: (all - accounts - groups) as u32,
                    people: accounts as u32,
                }
            })
            .collect();
        let nesting: Vec<u32> = (0..self.groups()).filter(|group| counts[*group as usize].groups > 0).collect();
        let mut left = steps;
        // The last walk that came by, per account and per group: no clearing between walks.
        let mut account_seen = vec![0u32; if nesting.is_empty() { 0 } else { self.accounts() as usize }];
        let mut group_seen = vec![0u32; if nesting.is_empty() { 0 } else { self.groups() as usize }];
        let mut todo = Vec::new();
        for (at, group) in nesting.iter().enumerate() {
            if left == 0 {
                self.count_in_blocks(&nesting[at..], &mut counts);
                break;
            }
            let stamp = at as u32 + 1;
            let mut people = 0;
            group_seen[*group as usize] = stamp;
            todo.push(*group);
            while let Some(inner) = todo.pop() {
                let accounts = self.member_accounts(inner);
                left = left.saturating_sub(accounts.len() as u64 + 1);
                for account in accounts {
                    let seen = &mut account_seen[*account as usize];
                    people += u32::from(*seen != stamp);
                    *seen = stamp;
                }
                for node in self.member_groups(inner) {
                    let next = *node - self.accounts();
                    if group_seen[next as usize] != stamp {
                        group_seen[next as usize] = stamp;
                        todo.push(next);
                    }
                }
            }
            counts[*group as usize].people = people;
        }
        counts
    }

    /// Counts the people of these groups, a block of people at a time, from the innermost groups outwards.
    fn count_in_blocks(&self, groups: &[u32], counts: &mut [GroupCount]) {
        let (order, circles) = self.inner_first(groups);
        let mut place = vec![u32::MAX; self.groups() as usize];
        for (at, group) in order.iter().enumerate() {
            place[*group as usize] = at as u32;
        }
        let inner: Vec<Vec<u32>> = order
            .iter()
            .map(|group| {
                self.member_groups(*group)
                    .iter()
                    .map(|node| place[(*node - self.accounts()) as usize])
                    .collect()
            })
            .collect();
        let mut sums = vec![0u32; order.len()];
        let mut next = vec![0usize; order.len()];
        let mut bits = vec![[0u64; WORDS]; order.len()];
        let width = 64 * WORDS as u32;
        for first in (0..self.accounts()).step_by(width as usize) {
            for (at, group) in order.iter().enumerate() {
                let block = &mut bits[at];
                *block = [0; WORDS];
                let accounts = self.member_accounts(*group);
                while let Some(account) = accounts.get(next[at]).filter(|account| **account - first < width) {
                    let bit = *account - first;
                    block[bit as usize / 64] |= 1 << (bit % 64);
                    next[at] += 1;
                }
            }
            loop {
                let mut changed = false;
                for (at, inner) in inner.iter().enumerate() {
                    let mut block = bits[at];
                    for from in inner {
                        for (word, other) in block.iter_mut().zip(&bits[*from as usize]) {
                            *word |= other;
                        }
                    }
                    changed |= block != bits[at];
                    bits[at] = block;
                }
                // Without circles each group comes after all that it holds: once is enough.
                if !(circles && changed) {
                    break;
                }
            }
            for (sum, block) in sums.iter_mut().zip(&bits) {
                *sum += block.iter().map(|word| word.count_ones()).sum::<u32>();
            }
        }
        for group in groups {
            counts[*group as usize].people = sums[place[*group as usize] as usize];
        }
    }

    /// These groups and all within them, each after those that it holds as far as circles allow; and whether there are circles.
    fn inner_first(&self, groups: &[u32]) -> (Vec<u32>, bool) {
        let mut seen = Seen::new(self.groups());
        let mut done = vec![false; self.groups() as usize];
        let mut order = Vec::new();
        let mut circles = false;
        let mut path: Vec<(u32, usize)> = Vec::new();
        for start in groups {
            if !seen.add(*start) {
                continue;
            }
            path.push((*start, 0));
            while let Some((group, at)) = path.last_mut() {
                if let Some(node) = self.member_groups(*group).get(*at) {
                    *at += 1;
                    let next = *node - self.accounts();
                    if seen.add(next) {
                        path.push((next, 0));
                    } else if !done[next as usize] {
                        circles = true;
                    }
                } else {
                    done[*group as usize] = true;
                    order.push(*group);
                    path.pop();
                }
            }
        }
        (order, circles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Memberships;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn walks_and_blocks_count_as_the_obvious_way_does(
            accounts in 1u32..2200, edges in prop::collection::vec((0u32..12, any::<u32>(), any::<bool>()), 0..120), steps in 0u64..60
        ) {
            let groups = 12;
            let mut list = Memberships::default();
            let mut plain = vec![BTreeSet::new(); groups as usize];
            for (group, member, nest) in edges {
                let member = if nest { accounts + member % groups } else { member % accounts };
                list.push(group, member);
                plain[group as usize].insert(member);
            }
            let graph = Graph::new(accounts, groups, 0, list);
            for counts in [graph.counts(), graph.counts_within(steps), graph.counts_within(0)] {
                for group in 0..groups {
                    let mut all = plain[group as usize].clone();
                    loop {
                        let more: BTreeSet<u32> = all.iter().filter(|n| **n >= accounts).flat_map(|n| plain[(*n - accounts) as usize].clone()).collect();
                        let before = all.len();
                        all.extend(more);
                        if all.len() == before { break; }
                    }
                    prop_assert_eq!(counts[group as usize].people as usize, all.iter().filter(|n| **n < accounts).count());
                }
            }
        }
    }

    #[test]
    fn a_long_chain_is_counted_soon() {
        let (accounts, groups) = (20_000u32, 4_000u32);
        let mut list = Memberships::default();
        for group in 0..groups {
            for member in 0..5 {
                list.push(group, group * 5 + member);
            }
            if group + 1 < groups {
                list.push(group, accounts + group + 1);
            }
        }
        let counts = Graph::new(accounts, groups, 0, list).counts();
        assert_eq!(counts[0].people, 20_000);
        assert_eq!(counts[3_000].people, 5_000);
    }
}
