//! Correlation: which accounts of several sources are the same identity, which groups are the same team.
//!
//! Rules are tried one after the other. A rule joins where exactly one subject of each source carries the same key. A key
//! that several subjects of one source carry says nothing about any of them, and nothing is ever guessed. The work grows
//! with the number of subjects, and not with the number of pairs.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// By which rule a subject was joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The external id is the leading source's id, or both carry the same external id.
    ExternalId,
    /// The same e-mail address.
    Email,
    /// The same user name.
    UserName,
    /// The same display name.
    DisplayName,
}

/// What of a subject is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// The id at its source.
    Id,
    /// `externalId`.
    ExternalId,
    /// The primary e-mail address.
    Email,
    /// `userName`.
    UserName,
    /// `displayName`.
    DisplayName,
}

/// One try: which key of the leading source is compared with which key of the others.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The rule that it counts as.
    pub rule: Rule,
    /// The key that subjects of the leading source (rank 0) are known by.
    pub leading: Key,
    /// The key that subjects of other sources are known by. Where it is another one than `leading`, the step joins
    /// to subjects of the leading source only.
    pub others: Key,
}

/// The steps for accounts, in order.
pub const ACCOUNTS: &[Step] = &[
    Step {
        rule: Rule::ExternalId,
        leading: Key::Id,
        others: Key::ExternalId,
    },
    Step {
        rule: Rule::ExternalId,
        leading: Key::ExternalId,
        others: Key::ExternalId,
    },
    Step {
        rule: Rule::Email,
        leading: Key::Email,
        others: Key::Email,
    },
    Step {
        rule: Rule::UserName,
        leading: Key::UserName,
        others: Key::UserName,
    },
];

/// The steps for groups, in order.
pub const GROUPS: &[Step] = &[
    Step {
        rule: Rule::ExternalId,
        leading: Key::Id,
        others: Key::ExternalId,
    },
    Step {
        rule: Rule::ExternalId,
        leading: Key::ExternalId,
        others: Key::ExternalId,
    },
    Step {
        rule: Rule::DisplayName,
        leading: Key::DisplayName,
        others: Key::DisplayName,
    },
];

/// What is to be correlated: accounts, or groups, of all sources, numbered from 0.
pub trait Subjects {
    /// How many there are.
    fn count(&self) -> u32;
    /// The rank of a subject's source: 0 for the one that leads, each other source with its own.
    fn rank(&self, subject: u32) -> u32;
    /// A subject's key in the form in which two are compared (case folded where case does not count); none where it has none.
    /// `scratch` is room for a key that must be made.
    fn key<'k>(&'k self, subject: u32, key: Key, scratch: &'k mut String) -> Option<&'k str>;
}

/// Subjects put together: each cluster is an identity or a linked group.
///
/// Clusters are numbered in the order of their leading subjects.
#[derive(Clone, Debug, Default)]
pub struct Clusters {
    /// By subject: its cluster. Empty where each subject is its own cluster of the same number.
    of: Vec<u32>,
    /// By cluster: where its members start. Empty in the same case.
    starts: Vec<u32>,
    /// Members, cluster by cluster, the leading one first, then by rank.
    members: Vec<u32>,
    /// Joined subjects with their rules, ascending.
    rules: Vec<(u32, Rule)>,
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
}

/// Puts subjects together by these steps.
pub fn correlate(subjects: &impl Subjects, steps: &[Step]) -> Clusters {
    let count = subjects.count();
    if (1..count).all(|subject| subjects.rank(subject) == subjects.rank(0)) {
        return Clusters::single(count);
    }
    let mut joins = Joins::new(count);
    for step in steps {
        joins.take(subjects, *step);
    }
    joins.clusters(subjects)
}

/// No subject.
const NONE: u32 = u32::MAX;

/// Subjects that were put together so far, as rings, and which of them was joined by which rule.
struct Joins {
    /// The next subject of the same cluster, round in a ring.
    ring: Vec<u32>,
    rule: Vec<Option<Rule>>,
}

impl Joins {
    fn new(count: u32) -> Self {
        Self {
            ring: (0..count).collect(),
            rule: vec![None; count as usize],
        }
    }

    fn members(&self, subject: u32) -> impl Iterator<Item = u32> {
        let mut at = Some(subject);
        std::iter::from_fn(move || {
            let now = at?;
            let next = self.ring[now as usize];
            at = (next != subject).then_some(next);
            Some(now)
        })
    }

    /// One step over all subjects: those with the same key are chained, then each chain is looked at once.
    fn take(&mut self, subjects: &impl Subjects, step: Step) {
        let hasher = RandomState::new();
        let mut table: HashTable<(u32, u32)> = HashTable::with_capacity(subjects.count() as usize);
        // By subject: the one before it with the same key.
        let mut before = vec![NONE; subjects.count() as usize];
        let (mut own, mut other) = (String::new(), String::new());
        let key_of = |subject: u32| if subjects.rank(subject) == 0 { step.leading } else { step.others };
        for subject in 0..subjects.count() {
            let Some(key) = subjects.key(subject, key_of(subject), &mut own).filter(|key| !key.is_empty()) else {
                continue;
            };
            let hash = hasher.hash_one(key);
            let tag = (hash >> 32) as u32;
            let same = |entry: &(u32, u32)| entry.0 == tag && subjects.key(entry.1, key_of(entry.1), &mut other) == Some(key);
            match table.find_mut(hash, same) {
                Some(entry) => {
                    before[subject as usize] = entry.1;
                    entry.1 = subject;
                }
                None => {
                    // What is moved when the table grows is found again by the key.
                    table.insert_unique(hash, (tag, subject), |entry| {
                        let mut scratch = String::new();
                        subjects
                            .key(entry.1, key_of(entry.1), &mut scratch)
                            .map_or(0, |key| hasher.hash_one(key))
                    });
                }
            }
        }
        // Those of a chain that are alone in their source, by rank.
        let alone = |tail: u32, found: &mut Vec<(u32, u32)>| {
            found.clear();
            let mut at = tail;
            while at != NONE {
                found.push((subjects.rank(at), at));
                at = before[at as usize];
            }
            found.sort_unstable();
            let (mut kept, mut last) = (0, None);
            for place in 0..found.len() {
                let rank = Some(found[place].0);
                let shared = last == rank || found.get(place + 1).map(|next| next.0) == rank;
                last = rank;
                if !shared {
                    found.swap(kept, place);
                    kept += 1;
                }
            }
            found.truncate(kept);
        };
        let mut found = Vec::new();
        let mut chains: Vec<((u32, u32), u32)> = Vec::new();
        for (_, tail) in table.iter().filter(|(_, tail)| before[*tail as usize] != NONE) {
            alone(*tail, &mut found);
            // Across two kinds of key only the leading source's subjects can be joined to.
            if let [first, _, ..] = found[..]
                && (step.leading == step.others || first.0 == 0)
            {
                chains.push((first, *tail));
            }
        }
        drop(table);
        // The order of the table is of no meaning. What the leading source says goes first.
        chains.sort_unstable();
        for ((_, first), tail) in chains {
            alone(tail, &mut found);
            for (_, other) in &found[1..] {
                self.join(subjects, first, *other, step.rule);
            }
        }
    }

    /// Joins the clusters of two subjects, unless they hold two subjects of one source then.
    fn join(&mut self, subjects: &impl Subjects, one: u32, other: u32, rule: Rule) {
        let ranks: Vec<u32> = self.members(one).map(|subject| subjects.rank(subject)).collect();
        if self.members(other).any(|subject| ranks.contains(&subjects.rank(subject))) {
            return;
        }
        let lead = |joins: &Self, of: u32| {
            joins
                .members(of)
                .find(|subject| joins.rule[*subject as usize].is_none())
                .unwrap_or(of)
        };
        let (a, b) = (lead(self, one), lead(self, other));
        let follower = if subjects.rank(a) < subjects.rank(b) { b } else { a };
        self.rule[follower as usize] = Some(rule);
        self.ring.swap(one as usize, other as usize);
    }

    fn clusters(self, subjects: &impl Subjects) -> Clusters {
        let count = self.ring.len();
        let mut of = vec![0u32; count];
        let mut starts = Vec::new();
        let mut members = Vec::with_capacity(count);
        for subject in 0..count as u32 {
            if self.rule[subject as usize].is_some() {
                continue;
            }
            let cluster = starts.len() as u32;
            let start = members.len();
            starts.push(start as u32);
            members.extend(self.members(subject));
            members[start..].sort_unstable_by_key(|member| subjects.rank(*member));
            for member in &members[start..] {
                of[*member as usize] = cluster;
            }
        }
        starts.push(members.len() as u32);
        let rules = self
            .rule
            .iter()
            .zip(0..)
            .filter_map(|(rule, subject)| rule.map(|rule| (subject, rule)))
            .collect();
        Clusters {
            of,
            starts,
            members,
            rules,
        }
    }
}
