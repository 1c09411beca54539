//! Correlation: which accounts of several sources are the same identity, which groups are the same team.
//!
//! An admin's decisions come first. Then rules are tried one after the other. A rule joins where exactly one subject of each
//! source carries the same key. A key that several subjects of one source carry says nothing about any of them, and nothing is
//! ever guessed: what stays apart for that reason is told as an [`Ambiguity`]. The work grows with the number of subjects, and
//! not with the number of pairs; the order in which subjects come has no part in it.

mod clusters;
mod joins;
mod slug;

pub use clusters::Clusters;
pub use joins::{correlate, join};
pub use slug::{backstage_name, backstage_name_into};

/// By which rule a subject was joined. In the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// An admin decided so.
    Decision,
    /// The same Entra object id.
    EntraId,
    /// The external id is the leading source's id, or both carry the same external id.
    ExternalId,
    /// The same e-mail address.
    Email,
    /// The same user name.
    UserName,
    /// The same display name.
    DisplayName,
    /// The name of a Backstage entity is what the msgraph provider makes of an e-mail address, user name or display name.
    BackstageName,
}

/// How much a join is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Decided by an admin, or by an id that one system keeps of another.
    Certain,
    /// By what only one person has at a time, and may have had another before.
    Strong,
    /// By a name that loses something on the way, or that two could have.
    Likely,
}

impl Rule {
    /// All rules, in the order in which they are tried.
    pub const ALL: [Self; 7] = [
        Self::Decision,
        Self::EntraId,
        Self::ExternalId,
        Self::Email,
        Self::UserName,
        Self::DisplayName,
        Self::BackstageName,
    ];

    /// How much a join by this rule is to be trusted.
    pub fn confidence(self) -> Confidence {
        match self {
            Self::Decision | Self::EntraId | Self::ExternalId => Confidence::Certain,
            Self::Email | Self::UserName => Confidence::Strong,
            Self::DisplayName | Self::BackstageName => Confidence::Likely,
        }
    }
}

/// What of a subject is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// The id at its source.
    Id,
    /// The Entra object id, as far as the subject carries one.
    EntraId,
    /// `externalId`.
    ExternalId,
    /// The primary e-mail address.
    Email,
    /// `userName`.
    UserName,
    /// `displayName`.
    DisplayName,
    /// A Backstage entity's name; [`backstage_name`] of anybody else's e-mail address.
    EmailName,
    /// A Backstage entity's name; [`backstage_name`] of anybody else's user name.
    UserNameName,
    /// A Backstage entity's name; [`backstage_name`] of anybody else's display name.
    DisplayNameName,
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

impl Step {
    const fn same(rule: Rule, key: Key) -> Self {
        Self {
            rule,
            leading: key,
            others: key,
        }
    }

    fn key(&self, rank: u32) -> Key {
        if rank == 0 { self.leading } else { self.others }
    }
}

const LEADING_ID: Step = Step {
    rule: Rule::ExternalId,
    leading: Key::Id,
    others: Key::ExternalId,
};

/// The steps for accounts, in order.
pub const ACCOUNTS: &[Step] = &[
    Step::same(Rule::EntraId, Key::EntraId),
    LEADING_ID,
    Step::same(Rule::ExternalId, Key::ExternalId),
    Step::same(Rule::Email, Key::Email),
    Step::same(Rule::UserName, Key::UserName),
    Step::same(Rule::BackstageName, Key::EmailName),
    Step::same(Rule::BackstageName, Key::UserNameName),
    Step::same(Rule::BackstageName, Key::DisplayNameName),
];

/// The steps for groups, in order.
pub const GROUPS: &[Step] = &[
    Step::same(Rule::EntraId, Key::EntraId),
    LEADING_ID,
    Step::same(Rule::ExternalId, Key::ExternalId),
    Step::same(Rule::DisplayName, Key::DisplayName),
    Step::same(Rule::BackstageName, Key::DisplayNameName),
];

/// What is to be correlated: accounts, or groups, of all sources, numbered from 0. Keys are asked for on two threads.
pub trait Subjects: Sync {
    /// How many there are.
    fn count(&self) -> u32;
    /// The rank of a subject's source: 0 for the one that leads, each other source with its own.
    fn rank(&self, subject: u32) -> u32;
    /// A subject's key in the form in which two are compared (case folded where case does not count); none where it has none.
    /// `scratch` is room for a key that must be made.
    fn key<'k>(&'k self, subject: u32, key: Key, scratch: &'k mut String) -> Option<&'k str>;
    /// Whether two subjects with the same key may be joined by a rule at all. An Entra object id must come from a system that
    /// knows it for one; a Backstage name has to do with Backstage.
    fn may_join(&self, rule: Rule, one: u32, other: u32) -> bool {
        let _ = (rule, one, other);
        true
    }
    /// Whether no subject has a key of this kind, so that the step can be left out.
    fn lacks(&self, key: Key) -> bool {
        let _ = key;
        false
    }
}

/// What an admin decided, as pairs of subjects, older decisions first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// The same, even if both are of one source. Where a join would put together what is to stay apart, it is passed over.
    pub join: Vec<(u32, u32)>,
    /// Not the same: no rule and no join by way of others puts them together.
    pub separate: Vec<(u32, u32)>,
}

impl Decisions {
    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.join.is_empty() && self.separate.is_empty()
    }
}

/// Subjects that stay apart because a key is carried by several of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguity {
    /// The rule that could not decide.
    pub rule: Rule,
    /// The key, in the form in which it is compared.
    pub value: String,
    /// Who carries it and could still be joined, by rank: of a key that very many carry the first of each source.
    pub subjects: Vec<u32>,
}

/// What came of correlation.
#[derive(Clone, Debug, Default)]
pub struct Correlated {
    /// Who belongs together.
    pub clusters: Clusters,
    /// The first ambiguities: by rule, then by key.
    pub ambiguous: Vec<Ambiguity>,
    /// How many there are in all.
    pub ambiguous_total: u32,
}
