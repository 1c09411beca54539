//! Who is the same: by which rule, by whose decision, and what the rules could not decide.

use lanyard_access::correlate::{Confidence, Decisions};
use lanyard_access::{Ambiguity as Undecided, Clusters, Rule};

use super::Directory;
use super::columns::field;
use crate::record::{DecidedSubject, Decision};
use crate::view::{Ambiguity, JoinConfidence, JoinDecision, JoinKind, JoinRule, JoinSubject, JoinVerb, Joins, RuleCount, SourceId};

/// How many ambiguities are listed.
pub(super) const LISTED: usize = 500;

/// What correlation left besides clusters.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) accounts: (Vec<Undecided>, u32),
    pub(super) groups: (Vec<Undecided>, u32),
}

/// Decisions of one kind as correlation takes them. What names nobody that is held says nothing for now.
pub(super) fn decisions(decided: &[Decision], kind: JoinKind, find: impl Fn(&DecidedSubject) -> Option<u32>) -> Decisions {
    let mut found = Decisions::default();
    for decision in decided.iter().filter(|decision| decision.kind == kind) {
        if let (Some(one), Some(other)) = (find(&decision.one), find(&decision.other)) {
            match decision.verb {
                JoinVerb::Join => found.join.push((one, other)),
                JoinVerb::Separate => found.separate.push((one, other)),
                JoinVerb::Forget => {}
            }
        }
    }
    found
}

/// A rule as a screen names it.
fn rule(rule: Rule) -> Option<JoinRule> {
    match rule {
        Rule::Decision => Some(JoinRule::Decision),
        Rule::EntraId => Some(JoinRule::EntraId),
        Rule::ExternalId => Some(JoinRule::ExternalId),
        Rule::Email => Some(JoinRule::Email),
        Rule::UserName => Some(JoinRule::UserName),
        Rule::DisplayName => Some(JoinRule::DisplayName),
        Rule::BackstageName => Some(JoinRule::BackstageName),
        _ => None,
    }
}

fn confidence(rule: Rule) -> JoinConfidence {
    match rule.confidence() {
        Confidence::Certain => JoinConfidence::Certain,
        Confidence::Strong => JoinConfidence::Strong,
        Confidence::Likely => JoinConfidence::Likely,
    }
}

/// How an account or group came to its cluster.
pub(super) struct JoinedBy {
    pub(super) rule: Option<JoinRule>,
    pub(super) confidence: Option<JoinConfidence>,
    pub(super) decision: Option<JoinDecision>,
}

impl Directory {
    /// What the rules could not decide, what an admin decided, and how many were joined by each rule.
    pub fn joins(&self) -> Joins {
        let ambiguous = |kind, undecided: &Vec<Undecided>| -> Vec<Ambiguity> {
            let told = undecided.iter().filter_map(|open| {
                Some(Ambiguity {
                    kind,
                    rule: rule(open.rule)?,
                    value: open.value.clone(),
                    subjects: open.subjects.iter().map(|record| self.subject(kind, *record)).collect(),
                })
            });
            told.collect()
        };
        let (accounts, groups) = (&self.open.accounts, &self.open.groups);
        let mut list = ambiguous(JoinKind::Account, &accounts.0);
        list.extend(ambiguous(JoinKind::Group, &groups.0));
        list.truncate(LISTED);
        let counts = |kind, clusters: &Clusters| {
            clusters
                .by_rule()
                .into_iter()
                .filter_map(move |(of, count)| rule(of).map(|rule| RuleCount { rule, kind, count }))
                .filter(|counted| counted.count > 0)
                .collect::<Vec<_>>()
        };
        let mut by_rule = counts(JoinKind::Account, &self.people);
        by_rule.extend(counts(JoinKind::Group, &self.linked));
        Joins {
            ambiguous: list,
            ambiguous_total: accounts.1 + groups.1,
            decisions: self.decided.iter().rev().map(|decision| self.decision(decision)).collect(),
            by_rule,
            generation: self.generation,
        }
    }

    /// The account or group that a key names, as decisions name it; none where it is not held.
    pub fn decided_subject(&self, kind: JoinKind, key: &str) -> Option<DecidedSubject> {
        let record = self.record_of(kind, key)?;
        let subject = self.subject(kind, record);
        let (_, id) = subject.key.split_once('.')?;
        Some(DecidedSubject {
            source: subject.source,
            id: id.to_owned(),
            name: subject.name,
        })
    }

    /// The name of a source that is counted.
    pub fn source_name(&self, source: SourceId) -> Option<&str> {
        Some(&self.sources[usize::from(self.place(source)?)].name)
    }

    fn record_of(&self, kind: JoinKind, key: &str) -> Option<u32> {
        match kind {
            JoinKind::Account => self.account(key),
            JoinKind::Group => self.group_record(key),
        }
    }

    fn subject(&self, kind: JoinKind, record: u32) -> JoinSubject {
        match kind {
            JoinKind::Account => {
                let name = self.accounts.name(record);
                let text = |which| self.accounts.texts.text(record, which).map(std::borrow::Cow::into_owned);
                let mut details: Vec<String> = [field::USER_NAME, field::EMAIL].into_iter().filter_map(text).collect();
                details.retain(|detail| *detail != name);
                details.dedup();
                JoinSubject {
                    key: self.account_key(record),
                    source: self.account_source(record).id,
                    name,
                    detail: details.join(", "),
                }
            }
            JoinKind::Group => JoinSubject {
                key: self.group_key(record),
                source: self.group_source(record).id,
                name: self.groups.name(record),
                detail: self.groups.texts.original(record, field::GROUP_ID).into_owned(),
            },
        }
    }

    fn decision(&self, decision: &Decision) -> JoinDecision {
        let found = |subject: &DecidedSubject| self.record_of(decision.kind, &subject.key());
        let told = |subject: &DecidedSubject| match found(subject) {
            Some(record) => self.subject(decision.kind, record),
            None => JoinSubject {
                key: subject.key(),
                source: subject.source,
                name: subject.name.clone(),
                detail: String::new(),
            },
        };
        let together = |one, other| match decision.kind {
            JoinKind::Account => self.people.of(one) == self.people.of(other),
            JoinKind::Group => self.linked.of(one) == self.linked.of(other),
        };
        JoinDecision {
            seq: decision.seq,
            kind: decision.kind,
            verb: decision.verb,
            one: told(&decision.one),
            other: told(&decision.other),
            reason: decision.reason.clone(),
            by: decision.by.clone(),
            at: decision.at,
            in_force: match (found(&decision.one), found(&decision.other)) {
                (Some(one), Some(other)) => together(one, other) == (decision.verb == JoinVerb::Join),
                _ => false,
            },
        }
    }

    /// How an account or group came to its cluster. Where it was by decision: the newest one that names it, else the newest among its cluster.
    pub(super) fn joined_by(&self, kind: JoinKind, record: u32) -> JoinedBy {
        let clusters = match kind {
            JoinKind::Account => &self.people,
            JoinKind::Group => &self.linked,
        };
        let by = clusters.rule(record);
        let decision = (by == Some(Rule::Decision)).then(|| {
            let joins = || {
                self.decided
                    .iter()
                    .rev()
                    .filter(|decision| (decision.kind, decision.verb) == (kind, JoinVerb::Join))
            };
            let sides = |decision: &Decision| [&decision.one, &decision.other].map(|subject| self.record_of(kind, &subject.key()));
            let cluster = clusters.of(record);
            joins()
                .find(|decision| sides(decision).contains(&Some(record)))
                .or_else(|| {
                    joins().find(|decision| {
                        sides(decision)
                            .iter()
                            .all(|side| side.is_some_and(|side| clusters.of(side) == cluster))
                    })
                })
                .map(|decision| self.decision(decision))
        });
        JoinedBy {
            rule: by.and_then(rule),
            confidence: by.map(confidence),
            decision: decision.flatten(),
        }
    }
}
