//! A question about actions, held against every role and every deny once.

use std::fmt;

use crate::permits::{Action, Compiled, Exact, Said, Wanted, expand};
use crate::world::{DenyIndex, Permits, RoleIndex, World};

/// How many actions one question may hold, after a permission without an action was spread over its actions.
pub const ACTIONS: usize = 64;

/// Why a question cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskError {
    /// It holds no action.
    Empty,
    /// It holds so many, more than [`ACTIONS`].
    TooMany(usize),
}

impl fmt::Display for AskError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(out, "The question names no action. Name at least one."),
            Self::TooMany(count) => write!(out, "The question names {count} actions, and {ACTIONS} are the most. Ask in parts."),
        }
    }
}

impl std::error::Error for AskError {}

/// Actions that are asked about, with the answer of each role and each deny. Good for the world that made it.
#[derive(Debug, Default)]
pub struct Ask {
    pub(crate) exact: Vec<Exact>,
    roles: Vec<Answer>,
    denies: Vec<Taken>,
}

/// What a role says of the actions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// Azure actions that it permits, a bit each.
    pub(crate) may: u64,
    /// What its policies say of each permission; empty for other roles.
    pub(crate) said: Box<[Said]>,
    everything: bool,
    unknown: bool,
}

/// What a deny takes of the Azure actions, a bit each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    /// Those that it takes wholly.
    pub(crate) wholly: u64,
    /// Those that it takes, wholly or in part.
    pub(crate) touched: u64,
}

impl Ask {
    /// Whether a role permits one of the actions by itself, under a condition or not.
    pub fn permits(&self, role: RoleIndex) -> bool {
        self.roles
            .get(role as usize)
            .is_some_and(|answer| answer.everything || answer.may != 0 || answer.said.iter().any(|said| said.grants()))
    }

    /// Whether a role's definition could not be read, so that nothing is known of it.
    pub fn unknown(&self, role: RoleIndex) -> bool {
        self.roles.get(role as usize).is_some_and(|answer| answer.unknown)
    }

    pub(crate) fn answer(&self, role: RoleIndex) -> &Answer {
        &self.roles[role as usize]
    }

    pub(crate) fn taken(&self, deny: DenyIndex) -> Taken {
        self.denies[deny as usize]
    }
}

impl World {
    /// Makes a question ready. One of several actions asks for any of them.
    ///
    /// # Errors
    /// When it names no action, or more than [`ACTIONS`].
    pub fn ask(&self, actions: &[Action]) -> Result<Ask, AskError> {
        if actions.is_empty() {
            return Err(AskError::Empty);
        }
        let roles = &self.facts().roles;
        let policies = || {
            roles.iter().flat_map(|role| match &role.permits {
                Permits::Policies(policies) => &policies[..],
                _ => &[],
            })
        };
        let blocks = || {
            self.compiled.iter().flat_map(|compiled| match compiled {
                Compiled::Blocks(blocks) => &blocks[..],
                _ => &[],
            })
        };
        let wanted: Vec<Wanted> = actions.iter().filter_map(|action| Wanted::new(action, blocks())).collect();
        let exact: Vec<Exact> = actions.iter().flat_map(|action| expand(action, policies())).collect();
        if wanted.len() + exact.len() > ACTIONS {
            return Err(AskError::TooMany(wanted.len() + exact.len()));
        }
        let bits = |holds: &dyn Fn(&Wanted) -> bool| {
            wanted
                .iter()
                .zip(0..)
                .fold(0u64, |bits, (wanted, at)| bits | u64::from(holds(wanted)) << at)
        };
        let answers = roles
            .iter()
            .zip(&self.compiled)
            .map(|(role, compiled)| {
                let mut answer = Answer::default();
                match (compiled, &role.permits) {
                    (Compiled::Blocks(blocks), _) => answer.may = bits(&|wanted| wanted.permitted(blocks)),
                    (Compiled::Policies, Permits::Policies(policies)) => {
                        answer.said = exact.iter().map(|exact| Said::of(policies, exact)).collect();
                    }
                    (Compiled::Everything, _) => answer.everything = true,
                    (Compiled::Unknown, _) => answer.unknown = true,
                    (Compiled::Policies | Compiled::Name, _) => {}
                }
                answer
            })
            .collect();
        let denies = self
            .blocks
            .iter()
            .map(|blocks| Taken {
                wholly: bits(&|wanted| wanted.denied(blocks)),
                touched: bits(&|wanted| wanted.permitted(blocks)),
            })
            .collect();
        Ok(Ask {
            exact,
            roles: answers,
            denies,
        })
    }
}
