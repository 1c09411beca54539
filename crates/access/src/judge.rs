//! How far an assignment goes for one account: what denies, conditions and nesting make of it.

use crate::alike::Leads;
use crate::ask::Ask;
use crate::graph::Graph;
use crate::holder::Holder;
use crate::marks::{Nature, Record};
use crate::permits::{Cover, Said};
use crate::world::{Cut, DenyIndex, Effect, Permits, RoleIndex, ScopeIndex, State, World};

/// How much a deny takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// All that was asked for, or all that the role permits.
    All,
    /// Some of it.
    Part,
    /// All or some of it on scopes that lie below.
    Below,
    /// All or some of it, under a condition that is not decided.
    Condition,
}

/// Why a state is what it is, or what else is to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The assignment holds under a condition.
    Condition,
    /// The assignment can be activated.
    Eligible,
    /// The system does not follow nested groups.
    NotFollowed,
    /// A deny assignment.
    Deny {
        /// Which.
        deny: DenyIndex,
        /// How much it takes.
        extent: Extent,
    },
    /// A policy of a Backstage role denies.
    PolicyDenies {
        /// The role that it belongs to.
        role: RoleIndex,
        /// Its place among the role's policies.
        policy: u32,
        /// How much it takes of the role looked at.
        extent: Extent,
    },
    /// A policy of a Backstage role sets a condition.
    PolicyCondition {
        /// The role that it belongs to.
        role: RoleIndex,
        /// Its place among the role's policies.
        policy: u32,
    },
    /// The role's definition could not be read: what it permits is not known.
    Unknown,
}

/// Who judges: the world, the question, and what is cut away for the sake of argument.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'w> {
    pub(crate) world: &'w World,
    pub(crate) graph: &'w Graph,
    pub(crate) ask: Option<&'w Ask>,
    /// The scope that is asked about; each assignment's own where there is none.
    pub(crate) target: Option<ScopeIndex>,
    pub(crate) cut: Option<&'w Cut>,
    /// What matters to the question: the rest of what is above a node is not looked at. All that somebody holds where there is none.
    pub(crate) leads: Option<&'w Leads>,
}

impl Judge<'_> {
    /// Whether a role bears on the question: it permits something asked for.
    pub(crate) fn bears(&self, role: RoleIndex) -> bool {
        self.ask.is_none_or(|ask| ask.permits(role))
    }

    /// What a role of the Backstage plugin says, pair by pair.
    pub(crate) fn says(&self, role: RoleIndex) -> Vec<(u32, Said)> {
        match self.ask {
            Some(ask) => (0..).zip(ask.answer(role).said.iter().copied()).collect(),
            None => {
                let mut all: Vec<(u32, Said)> = Vec::new();
                for (pair, effect) in &self.world.pairs[role as usize] {
                    match all.last_mut() {
                        Some((last, said)) if last == pair => *said = said.and(Said::one(*effect)),
                        _ => all.push((*pair, Said::one(*effect))),
                    }
                }
                all
            }
        }
    }

    /// How far an assignment goes for a holder that is so many memberships from its principal.
    pub(crate) fn state(&self, holder: &Holder, record: &Record, depth: u32, reasons: &mut Reasons) -> State {
        let mut state = record.state;
        match record.state {
            State::Conditional => reasons.add(Reason::Condition),
            State::Eligible => reasons.add(Reason::Eligible),
            State::Active | State::Denied | State::NotFollowed => {}
        }
        match record.nature {
            Nature::Policies => state = state.max(self.by_policies(holder, record.role, reasons)),
            Nature::Unknown => reasons.add(Reason::Unknown),
            Nature::Plain => {}
        }
        if !holder.denies.is_empty() {
            state = state.max(self.by_denies(holder, record.role, self.target.unwrap_or(record.scope), reasons));
        }
        if !record.followed(depth) {
            reasons.add(Reason::NotFollowed);
            state = State::NotFollowed;
        }
        state
    }

    /// What Azure's deny assignments make of a role on a scope.
    fn by_denies(&self, holder: &Holder, role: RoleIndex, scope: ScopeIndex, reasons: &mut Reasons) -> State {
        let scopes = self.world.scopes();
        let may = self.ask.map(|ask| ask.answer(role).may);
        let (mut taken, mut all, mut maybe) = (0u64, false, 0u64);
        for deny in &holder.denies {
            let facts = &self.world.facts().denies[*deny as usize];
            let here = facts.scope == scope || (facts.below && scopes.holds(facts.scope, scope));
            if !here && !scopes.holds(scope, facts.scope) {
                continue;
            }
            let (touches, wholly, bits) = match (self.ask, may) {
                (Some(ask), Some(may)) => {
                    let bits = ask.taken(*deny);
                    (bits.touched & may != 0, may & !bits.wholly == 0, bits.wholly & may)
                }
                _ => {
                    let cover = self.world.cover(role, *deny);
                    (cover != Cover::Nothing, cover == Cover::All, 0)
                }
            };
            if !touches {
                continue;
            }
            let extent = match (here, facts.conditional, wholly) {
                (false, ..) => Extent::Below,
                (true, true, _) => Extent::Condition,
                (true, false, true) => Extent::All,
                (true, false, false) => Extent::Part,
            };
            match extent {
                Extent::All | Extent::Part => {
                    taken |= bits;
                    all |= wholly;
                }
                // All that is asked for is taken under a condition: what is left is not decided.
                Extent::Condition => maybe |= if wholly { u64::MAX } else { bits },
                Extent::Below => {}
            }
            reasons.add(Reason::Deny { deny: *deny, extent });
        }
        let none_left = |taken: u64| may.is_some_and(|may| may != 0 && may & !taken == 0);
        if all || none_left(taken) {
            State::Denied
        } else if maybe == u64::MAX || none_left(taken | maybe) {
            State::Conditional
        } else {
            State::Active
        }
    }

    /// What all the Backstage roles of a holder together make of one of them.
    fn by_policies(&self, holder: &Holder, role: RoleIndex, reasons: &mut Reasons) -> State {
        let mut best = None;
        let (mut denied, mut conditional) = (Vec::new(), Vec::new());
        for (pair, own) in self.says(role).into_iter().filter(|(_, own)| own.grants()) {
            let said = holder.said.get(&pair).copied().unwrap_or_default().and(own);
            let state = if said.conditional {
                conditional.push(pair);
                State::Conditional
            } else if said.denied() {
                denied.push(pair);
                State::Denied
            } else {
                State::Active
            };
            best = Some(best.map_or(state, |best: State| best.min(state)));
        }
        // A role that grants nothing has nothing that could be taken.
        let state = best.unwrap_or(State::Active);
        if reasons.wanted() {
            let extent = if state == State::Denied { Extent::All } else { Extent::Part };
            for other in holder
                .policies
                .iter()
                .copied()
                .chain((!holder.policies.contains(&role)).then_some(role))
            {
                for (policy, place, pair) in self.pairs_of(other) {
                    if policy == Effect::Deny && denied.contains(&pair) {
                        reasons.add(Reason::PolicyDenies {
                            role: other,
                            policy: place,
                            extent,
                        });
                    } else if policy == Effect::Conditional && conditional.contains(&pair) {
                        reasons.add(Reason::PolicyCondition {
                            role: other,
                            policy: place,
                        });
                    }
                }
            }
        }
        state
    }

    /// The policies of a role with their places and the pairs that they speak of.
    fn pairs_of(&self, role: RoleIndex) -> Vec<(Effect, u32, u32)> {
        let Permits::Policies(policies) = &self.world.facts().roles[role as usize].permits else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (policy, place) in policies.iter().zip(0..) {
            match self.ask {
                Some(ask) => {
                    let asked = ask
                        .exact
                        .iter()
                        .zip(0..)
                        .filter(|(exact, _)| Said::of(std::slice::from_ref(policy), exact).any());
                    found.extend(asked.map(|(_, pair)| (policy.effect, place, pair)));
                }
                None => found.extend(
                    self.world
                        .pair(&policy.permission, &policy.action)
                        .map(|pair| (policy.effect, place, pair)),
                ),
            }
        }
        found
    }
}

/// Reasons that are collected, or not wanted.
#[derive(Debug, Default)]
pub(crate) struct Reasons(Option<Vec<Reason>>);

impl Reasons {
    /// None are wanted: only the state counts.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn some() -> Self {
        Self(Some(Vec::new()))
    }

    fn wanted(&self) -> bool {
        self.0.is_some()
    }

    fn add(&mut self, reason: Reason) {
        if let Some(reasons) = &mut self.0 {
            reasons.push(reason);
        }
    }

    /// The reasons, in order, each once.
    pub(crate) fn list(self) -> Vec<Reason> {
        let mut reasons = self.0.unwrap_or_default();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }
}
