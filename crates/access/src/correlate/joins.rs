//! Puts subjects together: decisions first, then step by step; what could not be decided is kept in mind.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::{Ambiguity, Clusters, Correlated, Decisions, Rule, Step, Subjects};

/// Puts subjects together by these steps alone.
pub fn correlate(subjects: &impl Subjects, steps: &[Step]) -> Clusters {
    join(subjects, steps, &Decisions::default(), 0).clusters
}

/// Puts subjects together by decisions and these steps. `limit` bounds the list of ambiguities, not their count.
pub fn join(subjects: &impl Subjects, steps: &[Step], decisions: &Decisions, limit: usize) -> Correlated {
    let count = subjects.count();
    if decisions.is_empty() && (1..count).all(|subject| subjects.rank(subject) == subjects.rank(0)) {
        return Correlated {
            clusters: Clusters::single(count),
            ..Correlated::default()
        };
    }
    let mut joins = Joins::new(count, decisions);
    for (one, other) in &decisions.join {
        if *one < count && *other < count {
            joins.decide(subjects, *one, *other);
        }
    }
    for step in steps {
        if !(subjects.lacks(step.leading) && subjects.lacks(step.others)) {
            joins.take(subjects, *step);
        }
    }
    let (ambiguous, ambiguous_total) = joins.left_open(subjects, limit);
    Correlated {
        clusters: joins.clusters(subjects),
        ambiguous,
        ambiguous_total,
    }
}

/// No subject.
const NONE: u32 = u32::MAX;

/// How many subjects of each source an ambiguity keeps in mind, and how many in all.
const OF_EACH: usize = 8;
const IN_ALL: usize = 32;

/// Subjects with the same key, several of one source.
struct Doubt {
    step: Step,
    /// Where its subjects start in `doubtful`.
    start: usize,
}

/// Subjects that were put together so far, as rings, and which of them was joined by which rule.
struct Joins {
    /// The next subject of the same cluster, round in a ring.
    ring: Vec<u32>,
    rule: Vec<Option<Rule>>,
    /// By subject: those from which it is to stay apart.
    apart: HashMap<u32, Vec<u32>>,
    doubts: Vec<Doubt>,
    doubtful: Vec<u32>,
}

/// Subjects with the same key, chained by the step that is being taken.
struct Chains<'s, S> {
    subjects: &'s S,
    /// By subject: the one before it with the same key.
    before: Vec<u32>,
}

impl<S: Subjects> Chains<'_, S> {
    /// The subjects of a chain with their ranks, by rank.
    fn of(&self, tail: u32, found: &mut Vec<(u32, u32)>) {
        found.clear();
        let mut at = tail;
        while at != NONE {
            found.push((self.subjects.rank(at), at));
            at = self.before[at as usize];
        }
        found.sort_unstable();
    }
}

impl Joins {
    fn new(count: u32, decisions: &Decisions) -> Self {
        let mut apart: HashMap<u32, Vec<u32>> = HashMap::new();
        for (one, other) in &decisions.separate {
            apart.entry(*one).or_default().push(*other);
            apart.entry(*other).or_default().push(*one);
        }
        Self {
            ring: (0..count).collect(),
            rule: vec![None; count as usize],
            apart,
            doubts: Vec::new(),
            doubtful: Vec::new(),
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

    fn together(&self, one: u32, other: u32) -> bool {
        self.members(one).any(|member| member == other)
    }

    /// Whether an admin keeps the clusters of two subjects apart.
    fn kept_apart(&self, one: u32, other: u32) -> bool {
        !self.apart.is_empty()
            && self.members(one).any(|member| {
                let from = self.apart.get(&member);
                from.is_some_and(|from| from.iter().any(|foe| *foe == member || self.together(other, *foe)))
            })
    }

    /// Of those with the same key, by rank: the ones that speak for their source. Whether there are sources for which none can.
    ///
    /// Several of one source speak with one voice only where an admin joined them.
    fn voices(&self, found: &mut Vec<(u32, u32)>) -> bool {
        let (mut kept, mut doubt, mut at) = (0, false, 0);
        while at < found.len() {
            let (rank, first) = found[at];
            let mut end = at + 1;
            let mut one = true;
            while let Some((_, other)) = found.get(end).filter(|(next, _)| *next == rank) {
                one = one && self.rule[first as usize].or(self.rule[*other as usize]).is_some() && self.together(first, *other);
                end += 1;
            }
            if one {
                found.swap(kept, at);
                kept += 1;
            }
            doubt |= !one;
            at = end;
        }
        found.truncate(kept);
        doubt
    }

    /// One step over all subjects: those with the same key are chained, then each chain is looked at once.
    fn take(&mut self, subjects: &impl Subjects, step: Step) {
        let prints = Prints::of(subjects, step);
        let mut table: HashTable<u32> = HashTable::with_capacity(subjects.count() as usize / 2);
        let mut chains = Chains {
            subjects,
            before: vec![NONE; subjects.count() as usize],
        };
        let key_of = |subject: u32| step.key(subjects.rank(subject));
        for (subject, print) in prints.held() {
            match table.find_mut(print.secret, |tail| prints.get(*tail) == print) {
                Some(tail) => {
                    chains.before[subject as usize] = *tail;
                    *tail = subject;
                }
                None => _ = table.insert_unique(print.secret, subject, |tail| prints.get(*tail).secret),
            }
        }
        let (mut found, mut all) = (Vec::new(), Vec::new());
        // Rank of the first voice, the key's place, the chain's last subject.
        let mut turns: Vec<(u32, u64, u32)> = Vec::new();
        for tail in table.iter().filter(|tail| chains.before[**tail as usize] != NONE) {
            chains.of(*tail, &mut found);
            all.clone_from(&found);
            let across = step.leading == step.others;
            if self.voices(&mut found) && all.first().map(|first| first.0) != all.last().map(|last| last.0) && (across || all[0].0 == 0) {
                self.doubt(step, &all);
            }
            // Across two kinds of key only the leading source's subjects can be joined to.
            if let [first, _, ..] = found[..]
                && (across || first.0 == 0)
            {
                turns.push((first.0, prints.get(*tail).place, *tail));
            }
        }
        drop((table, prints));
        // Neither the order of the table nor that of the subjects is of any meaning: what the leading source says goes first, then in an order
        // that keys alone make.
        turns.sort_unstable_by(|one, two| {
            (one.0, one.1).cmp(&(two.0, two.1)).then_with(|| {
                let (mut first, mut second) = (String::new(), String::new());
                let key = subjects.key(one.2, key_of(one.2), &mut first);
                key.cmp(&subjects.key(two.2, key_of(two.2), &mut second))
            })
        });
        for (_, _, tail) in turns {
            chains.of(tail, &mut found);
            self.voices(&mut found);
            // Where the leading source's key is another one, only its own subject can be joined to.
            let firsts = if step.leading == step.others { found.len() } else { 1 };
            for (at, (_, one)) in found.iter().enumerate().take(firsts) {
                for (_, other) in &found[at + 1..] {
                    if subjects.may_join(step.rule, *one, *other) {
                        self.join(subjects, *one, *other, step.rule);
                    }
                }
            }
        }
    }

    /// Keeps in mind that these carry the same key, several of one source; of many the first of each source.
    fn doubt(&mut self, step: Step, all: &[(u32, u32)]) {
        let start = self.doubtful.len();
        for of_one in all.chunk_by(|one, two| one.0 == two.0) {
            let room = IN_ALL - (self.doubtful.len() - start);
            self.doubtful
                .extend(of_one.iter().take(OF_EACH.min(room)).map(|(_, subject)| *subject));
        }
        self.doubts.push(Doubt { step, start });
    }

    /// Joins by decision: two of one source too.
    fn decide(&mut self, subjects: &impl Subjects, one: u32, other: u32) {
        if !self.together(one, other) && !self.kept_apart(one, other) {
            self.link(subjects, one, other, Rule::Decision);
        }
    }

    /// Joins the clusters of two subjects, unless they hold two subjects of one source then, or are to stay apart.
    fn join(&mut self, subjects: &impl Subjects, one: u32, other: u32, rule: Rule) {
        if self.fit(subjects, one, other) {
            self.link(subjects, one, other, rule);
        }
    }

    /// Whether a rule may join the clusters of two subjects.
    fn fit(&self, subjects: &impl Subjects, one: u32, other: u32) -> bool {
        // Most clusters are small: comparing each with each beats a set.
        let shared = self
            .members(one)
            .any(|member| self.members(other).any(|with| subjects.rank(member) == subjects.rank(with)));
        !shared && !self.kept_apart(one, other)
    }

    fn link(&mut self, subjects: &impl Subjects, one: u32, other: u32, rule: Rule) {
        let lead = |joins: &Self, of: u32| {
            joins
                .members(of)
                .find(|subject| joins.rule[*subject as usize].is_none())
                .unwrap_or(of)
        };
        let (a, b) = (lead(self, one), lead(self, other));
        let follower = if (subjects.rank(a), a) < (subjects.rank(b), b) { b } else { a };
        self.rule[follower as usize] = Some(rule);
        self.ring.swap(one as usize, other as usize);
    }

    /// The doubts that still keep somebody apart who could otherwise be joined, the first of them in full; and how many there are.
    fn left_open(&self, subjects: &impl Subjects, limit: usize) -> (Vec<Ambiguity>, u32) {
        let mut open: Vec<(Rule, String, Vec<u32>)> = Vec::new();
        let mut seen: HashMap<Vec<u32>, ()> = HashMap::new();
        let mut total = 0u32;
        for (doubt, number) in self.doubts.iter().zip(1..) {
            let end = self.doubts.get(number).map_or(self.doubtful.len(), |next| next.start);
            let all = &self.doubtful[doubt.start..end];
            let one_leads = doubt.step.leading != doubt.step.others;
            let apart = |one: u32, other: u32| {
                let ranks = (subjects.rank(one), subjects.rank(other));
                ranks.0 != ranks.1
                    && (!one_leads || ranks.0 == 0 || ranks.1 == 0)
                    && subjects.may_join(doubt.step.rule, one, other)
                    && self.fit(subjects, one, other)
            };
            let left: Vec<u32> = all
                .iter()
                .copied()
                .filter(|one| all.iter().any(|other| apart(*one, *other)))
                .collect();
            // The same people may share a second key: that is one question to the admin, not two.
            if left.is_empty() || seen.insert(left.clone(), ()).is_some() {
                continue;
            }
            total += 1;
            if limit > 0 {
                let mut scratch = String::new();
                let key = subjects.key(left[0], doubt.step.key(subjects.rank(left[0])), &mut scratch);
                open.push((doubt.step.rule, key.unwrap_or_default().to_owned(), left));
            }
        }
        open.sort_unstable();
        open.truncate(limit);
        let list = open
            .into_iter()
            .map(|(rule, value, subjects)| Ambiguity { rule, value, subjects })
            .collect();
        (list, total)
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
            members[start..].sort_unstable_by_key(|member| (subjects.rank(*member), *member));
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

/// What stands for a key: two keys with the same print are taken for the same, which nobody can bring about who does not know the secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Print {
    /// See [`place`]; with `secret` zero, there is no key.
    place: u64,
    /// SipHash with a key of this step's own.
    secret: u64,
}

/// The prints of all subjects for one step, so that each key is made once: to make one costs far more than to compare.
struct Prints(Vec<Print>);

/// Subjects that are worth a second thread.
const WORTH: u32 = 20_000;

impl Prints {
    fn of(subjects: &impl Subjects, step: Step) -> Self {
        let hasher = RandomState::new();
        let mut prints = vec![Print::default(); subjects.count() as usize];
        let fill = |first: u32, part: &mut [Print]| {
            let mut scratch = String::new();
            for (subject, print) in (first..).zip(part) {
                let key = subjects.key(subject, step.key(subjects.rank(subject)), &mut scratch);
                if let Some(key) = key.filter(|key| !key.is_empty()) {
                    *print = Print {
                        place: place(key),
                        secret: hasher.hash_one(key).max(1),
                    };
                }
            }
        };
        if subjects.count() < WORTH {
            fill(0, &mut prints);
        } else {
            let half = subjects.count() / 2;
            let (low, high) = prints.split_at_mut(half as usize);
            std::thread::scope(|scope| {
                scope.spawn(|| fill(half, high));
                fill(0, low);
            });
        }
        Self(prints)
    }

    fn get(&self, subject: u32) -> Print {
        self.0[subject as usize]
    }

    /// Those that have a key, in their order.
    fn held(&self) -> impl Iterator<Item = (u32, Print)> {
        (0u32..).zip(self.0.iter().copied()).filter(|(_, print)| print.secret != 0)
    }
}

/// FNV-1a over a key: a place in an order that is the same on every run and has nothing to do with who came first.
fn place(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
