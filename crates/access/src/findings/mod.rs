//! Findings: rules over the picture, each with what it has to have read.
//!
//! A rule is data (id, title, severity, why, controls, needs, parameters, the sentence that it says) and one function that looks at a [`Scene`].
//! The same data makes the documentation. No rule can speak without what it needs: [`evaluate`] sees to that, not the rule.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`rules`] | all rules, by area |
//! | [`scene`] | what rules may look at, as numbers |
//! | `gate` | which sources a rule may speak of, and what is missing elsewhere |

mod gate;
pub mod rules;
pub mod scene;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use gate::Missing;
pub use scene::{Collection, Kind, Place, Scene};

use crate::graph::Node;
use crate::world::{AssignmentIndex, RoleIndex, ScopeIndex};

/// How much a finding matters, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Somebody who must not has the highest rights now.
    Critical,
    /// A way in that should be shut, or a control that does not hold.
    High,
    /// Systems disagree, or something will fail soon.
    Medium,
    /// Untidy: it hides what matters.
    Low,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Leavers and accounts.
    Accounts,
    /// Systems that disagree.
    Drift,
    /// Who holds what in Azure.
    Azure,
    /// Backups and their guards.
    Backup,
    /// Backstage's catalog and roles.
    Backstage,
    /// Groups and roles.
    Groups,
    /// Service principals.
    Programs,
    /// Provisioning, tokens and sources.
    Plumbing,
}

/// A control that a rule bears on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// SOC 2 CC6.1: logical access security.
    Cc61,
    /// SOC 2 CC6.2: registering and removing users.
    Cc62,
    /// SOC 2 CC6.3: roles, least privilege, separation of duties.
    Cc63,
    /// ISO/IEC 27001:2022 A.5.15: access control.
    A515,
    /// ISO/IEC 27001:2022 A.5.16: identity management.
    A516,
    /// ISO/IEC 27001:2022 A.5.17: authentication information.
    A517,
    /// ISO/IEC 27001:2022 A.5.18: access rights.
    A518,
    /// ISO/IEC 27001:2022 A.8.2: privileged access rights.
    A82,
    /// NIST SP 800-53 AC-2: account management.
    Ac2,
    /// NIST SP 800-53 AC-6: least privilege.
    Ac6,
}

/// What a rule has to have read before it may speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Of the authoritative source, whole. Without it the rule says nothing at all.
    Authority(Collection),
    /// Of the source that a finding speaks of, whole, where that source is of this kind. Without it the rule says nothing of that source.
    Of(Kind, Collection),
    /// An admin named the groups that are meant for restoring. Without them the rule says nothing at all.
    RestoreGroups,
    /// The keychain answered: how Lanyard's own tokens stand is known. Without it the rule says nothing at all.
    Keychain,
}

/// A number of a rule that settings can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name: `grace_days`.
    pub name: &'static str,
    /// What it is, in words.
    pub says: &'static str,
    /// `days`, `hours`, `nestings`.
    pub unit: &'static str,
    /// What counts where nobody changed it.
    pub default: i64,
    /// The least that makes sense.
    pub min: i64,
    /// The most that makes sense.
    pub max: i64,
}

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its id, in lower case with hyphens. It never changes: findings, suppressions and exports are known by it.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it is about.
    pub area: Area,
    /// The severity of its findings, unless a finding says more.
    pub severity: Severity,
    /// The kinds of sources one of which must be connected for the rule to have anything to ask; any when empty.
    pub kinds: &'static [Kind],
    /// When it speaks, in a sentence or two.
    pub finds: &'static str,
    /// What a finding says: a sentence with the names of parts in braces (`{account} is active in {place}`).
    pub says: &'static str,
    /// Why it matters, in one sentence.
    pub why: &'static str,
    /// The controls that it bears on.
    pub controls: &'static [Control],
    /// What it has to have read.
    pub needs: &'static [Need],
    /// Its numbers.
    pub parameters: &'static [Parameter],
    /// The way out, in words.
    pub way_out: &'static str,
    /// Looks at the scene.
    pub find: fn(&Scene<'_>, &Given<'_>, &mut Sink<'_>),
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Rule({})", self.id)
    }
}

/// A part of a finding: what a name in its sentence stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// An account, a group or a dangling id, as one source holds it.
    Node(Node),
    /// An identity.
    Identity(u32),
    /// A linked group.
    Linked(u32),
    /// A role.
    Role(RoleIndex),
    /// A scope.
    Scope(ScopeIndex),
    /// An assignment: out of it come record, principal, role and scope.
    Assignment(AssignmentIndex),
    /// A right of a principal that no source holds, by its place in [`Scene::lost`].
    Lost(u32),
    /// A source, by its place.
    Place(u16),
    /// Anything else that the caller holds, by its place in one of the scene's lists.
    Listed(Listed, u32),
    /// A number.
    Count(u64),
    /// A moment, in Unix milliseconds.
    Time(i64),
    /// Attributes, a bit each: see [`scene::attribute`].
    Attributes(u32),
    /// Words that are the same in every language of records: a cause, a state.
    Word(&'static str),
}

/// The lists of a scene that are neither accounts nor groups nor assignments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listed {
    /// [`Scene::ambiguous`].
    Ambiguous,
    /// [`Scene::entities`].
    Entity,
    /// [`Scene::programs`].
    Program,
    /// [`Scene::credentials`]: a program's.
    Credential,
    /// [`Scene::tokens`].
    Token,
    /// [`Scene::jobs`].
    Job,
    /// [`Scene::job_errors`].
    JobError,
    /// [`Scene::breaches`].
    Breach,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The rule's place among [`rules::all`].
    pub rule: usize,
    /// What makes it this finding and no other, from sync to sync: parts whose names at their sources do not change.
    pub key: Vec<Part>,
    /// What the names in its sentence stand for; the first is what it is about.
    pub parts: Vec<(&'static str, Part)>,
    /// The sources that it speaks of.
    pub places: Vec<u16>,
    /// A severity of its own.
    pub severity: Option<Severity>,
    /// The identities that it affects, ascending. When they change, the facts have changed.
    pub people: Vec<u32>,
}

/// The numbers of a rule as they count.
#[derive(Clone, Copy, Debug)]
pub struct Given<'g> {
    rule: &'g Rule,
    changed: Option<&'g BTreeMap<String, i64>>,
}

impl Given<'_> {
    /// A number of the rule, by its name; within its bounds.
    pub fn number(&self, name: &str) -> i64 {
        let Some(parameter) = self.rule.parameters.iter().find(|parameter| parameter.name == name) else {
            return 0;
        };
        let changed = self.changed.and_then(|changed| changed.get(name)).copied();
        changed.unwrap_or(parameter.default).clamp(parameter.min, parameter.max)
    }
}

/// Takes what a rule finds, and lets through only what it may say.
#[derive(Debug)]
pub struct Sink<'s> {
    rule: usize,
    gate: &'s gate::Gate,
    found: &'s mut Vec<Found>,
}

impl Sink<'_> {
    /// Whether the rule may speak of a source at all. For sparing work: [`Self::add`] sees to it anyway.
    pub fn may(&self, place: u16) -> bool {
        self.gate.may(place)
    }

    /// Adds a finding that speaks of these sources. One that speaks of a source of which too little was read is left out.
    pub fn add(&mut self, places: &[u16], key: Vec<Part>, parts: Vec<(&'static str, Part)>) -> Option<&mut Found> {
        let mut places = places.to_vec();
        places.sort_unstable();
        places.dedup();
        if !places.iter().all(|place| self.gate.may(*place)) {
            return None;
        }
        self.found.push(Found {
            rule: self.rule,
            key,
            parts,
            places,
            severity: None,
            people: Vec::new(),
        });
        self.found.last_mut()
    }
}

/// What settings say of rules, by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Rules that are switched off.
    pub off: std::collections::BTreeSet<String>,
    /// Numbers other than the rules' own.
    pub parameters: BTreeMap<String, BTreeMap<String, i64>>,
}

/// How far a rule could be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Over all that it is about.
    Fully,
    /// Over some sources: what is missing of the others.
    Partly(Vec<Missing>),
    /// Not at all: what is missing.
    Not(Vec<Missing>),
    /// No source of the kind that it is about.
    NothingToAsk,
    /// It is switched off.
    Off,
}

/// What came of asking all rules.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What they found, rule by rule.
    pub found: Vec<Found>,
    /// By rule, in the order of [`rules::all`].
    pub asked: Vec<Asked>,
}

impl Outcome {
    /// Whether a rule was asked about all of these sources, so that what it did not find is not there.
    pub fn covers(&self, rule: usize, places: &[u16]) -> bool {
        match self.asked.get(rule) {
            Some(Asked::Fully) => true,
            Some(Asked::Partly(missing)) => !missing.iter().any(|gap| gap.place.is_none_or(|place| places.contains(&place))),
            _ => false,
        }
    }
}

/// Asks every rule that is not switched off.
pub fn evaluate(scene: &Scene<'_>, settings: &Settings) -> Outcome {
    let mut outcome = Outcome::default();
    for (at, rule) in rules::all().iter().enumerate() {
        let asked = if settings.off.contains(rule.id) {
            Asked::Off
        } else if !rule.kinds.is_empty() && !scene.places.iter().any(|place| rule.kinds.contains(&place.kind)) {
            Asked::NothingToAsk
        } else {
            let gate = gate::Gate::new(scene, rule);
            if gate.open() {
                let given = Given {
                    rule,
                    changed: settings.parameters.get(rule.id),
                };
                let mut sink = Sink {
                    rule: at,
                    gate: &gate,
                    found: &mut outcome.found,
                };
                (rule.find)(scene, &given, &mut sink);
            }
            gate.asked()
        };
        outcome.asked.push(asked);
    }
    outcome
}
