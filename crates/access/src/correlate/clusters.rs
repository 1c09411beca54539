//! What came of correlation: which subjects belong together, and by which rule.

use super::Rule;

/// Subjects put together: each cluster is an identity or a linked group.
///
/// Clusters are numbered in the order of their leading subjects.
#[derive(Clone, Debug, Default)]
pub struct Clusters {
    /// By subject: its cluster. Empty where each subject is its own cluster of the same number.
    pub(super) of: Vec<u32>,
    /// By cluster: where its members start. Empty in the same case.
    pub(super) starts: Vec<u32>,
    /// Members, cluster by cluster, the leading one first, then by rank.
    pub(super) members: Vec<u32>,
    /// Joined subjects with their rules, ascending.
    pub(super) rules: Vec<(u32, Rule)>,
}

impl Clusters {
    /// Each subject on its own.
    pub fn single(count: u32) -> Self {
        Self {
            members: (0..count).collect(),
            ..Self::default()
        }
    }

    /// How many clusters there are.
    pub fn len(&self) -> u32 {
        if self.is_trivial() {
            self.members.len() as u32
        } else {
            self.starts.len() as u32 - 1
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether each subject is its own cluster, of the same number.
    pub fn is_trivial(&self) -> bool {
        self.of.is_empty()
    }

    /// The cluster of a subject.
    pub fn of(&self, subject: u32) -> u32 {
        if self.of.is_empty() { subject } else { self.of[subject as usize] }
    }

    /// The subjects of a cluster, the leading one first, then by the rank of their sources.
    pub fn members(&self, cluster: u32) -> &[u32] {
        let at = cluster as usize;
        if self.is_trivial() {
            &self.members[at..=at]
        } else {
            &self.members[self.starts[at] as usize..self.starts[at + 1] as usize]
        }
    }

    /// The leading subject of a cluster.
    pub fn leader(&self, cluster: u32) -> u32 {
        if self.is_trivial() {
            cluster
        } else {
            self.members[self.starts[cluster as usize] as usize]
        }
    }

    /// By which rule a subject was joined to its cluster; none for the leading one.
    pub fn rule(&self, subject: u32) -> Option<Rule> {
        let at = self.rules.binary_search_by_key(&subject, |(joined, _)| *joined).ok()?;
        Some(self.rules[at].1)
    }

    /// How many subjects each rule joined, in the order of the rules.
    pub fn by_rule(&self) -> Vec<(Rule, u32)> {
        let mut counts: Vec<(Rule, u32)> = Rule::ALL.iter().map(|rule| (*rule, 0)).collect();
        for (_, rule) in &self.rules {
            if let Some((_, count)) = counts.iter_mut().find(|(of, _)| of == rule) {
                *count += 1;
            }
        }
        counts
    }
}
