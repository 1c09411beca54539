//! The slow evaluator: plain sets, every simple path walked, every action compared with every pattern, nothing kept.

use std::collections::{BTreeMap, BTreeSet};

use lanyard_access::permits::Action;
use lanyard_access::world::{ActionBlock, Assignment, Effect, Facts, Follow, Permits, Policy, State, Whom};

pub const ACCOUNTS: u32 = 5;
pub const GROUPS: u32 = 5;
pub const DANGLING: u32 = 2;
pub const NODES: u32 = ACCOUNTS + GROUPS + DANGLING;

/// Everything as it was drawn.
pub struct Slow<'f> {
    pub facts: &'f Facts,
    /// Group node, member node.
    pub edges: BTreeSet<(u32, u32)>,
}

/// A path: its nodes, its assignment and its state.
pub type Way = (Vec<u32>, u32, State);

pub fn fits(pattern: &str, text: &str) -> bool {
    fn go(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(b'*'), _) => go(&pattern[1..], text) || (!text.is_empty() && go(pattern, &text[1..])),
            (Some(one), Some(two)) => one == two && go(&pattern[1..], &text[1..]),
            _ => false,
        }
    }
    go(pattern.to_lowercase().as_bytes(), text.to_lowercase().as_bytes())
}

pub fn blocks_permit(blocks: &[ActionBlock], action: &str) -> bool {
    blocks.iter().any(|block| {
        block.actions.iter().any(|pattern| fits(pattern, action)) && !block.not_actions.iter().any(|pattern| fits(pattern, action))
    })
}

impl Slow<'_> {
    fn parents(&self, node: u32) -> Vec<u32> {
        self.edges
            .iter()
            .filter(|(_, member)| *member == node)
            .map(|(group, _)| *group)
            .collect()
    }

    /// Every way up from a node that comes by no node twice.
    pub fn ways(&self, node: u32) -> Vec<Vec<u32>> {
        let mut all = Vec::new();
        let mut todo = vec![vec![node]];
        while let Some(way) = todo.pop() {
            for parent in self.parents(*way.last().unwrap()) {
                if !way.contains(&parent) {
                    let mut longer = way.clone();
                    longer.push(parent);
                    todo.push(longer);
                }
            }
            all.push(way);
        }
        all
    }

    pub fn is_in(&self, node: u32, group: u32) -> bool {
        self.ways(node).iter().any(|way| *way.last().unwrap() == group)
    }

    pub fn ancestors(&self, scope: u32) -> Vec<u32> {
        let mut found = vec![scope];
        while let Some(parent) = self.facts.scopes[*found.last().unwrap() as usize].parent {
            found.push(parent);
        }
        found
    }

    fn given(&self, at: u32) -> &Assignment {
        &self.facts.assignments[at as usize]
    }

    pub fn valid(&self, at: u32) -> bool {
        let given = self.given(at);
        given.principal < NODES && (given.role as usize) < self.facts.roles.len() && (given.scope as usize) < self.facts.scopes.len()
    }

    /// Every way from a node to an assignment.
    pub fn all_paths(&self, node: u32) -> Vec<(Vec<u32>, u32)> {
        let mut found = Vec::new();
        for way in self.ways(node) {
            for at in 0..self.facts.assignments.len() as u32 {
                if self.valid(at) && self.given(at).principal == *way.last().unwrap() {
                    found.push((way.clone(), at));
                }
            }
        }
        found
    }

    fn followed(&self, way: &[u32], at: u32) -> bool {
        way.len() <= 2 || self.given(at).follow == Follow::Nested
    }

    /// What a role's policies and those of all other roles of the account make of one permission; none where the role grants nothing.
    fn policy_state(&self, node: u32, own: &[Policy], name: &str, kind: Option<&str>, action: &str) -> Option<State> {
        let mut all: Vec<Policy> = own.to_vec();
        for (way, at) in self.all_paths(node) {
            if let (true, Permits::Policies(policies)) = (self.followed(&way, at), &self.facts.roles[self.given(at).role as usize].permits)
            {
                all.extend(policies.iter().cloned());
            }
        }
        let speaks = |policy: &&Policy| policy.action == action && (policy.permission == name || Some(policy.permission.as_str()) == kind);
        if !own.iter().filter(speaks).any(|policy| policy.effect != Effect::Deny) {
            return None;
        }
        let all: Vec<&Policy> = all.iter().filter(speaks).collect();
        if all.iter().any(|policy| policy.effect == Effect::Conditional) {
            return Some(State::Conditional);
        }
        let named = all.iter().any(|policy| policy.permission == name);
        let counts: Vec<&&Policy> = all.iter().filter(|policy| !named || policy.permission == name).collect();
        let denied = counts.iter().any(|policy| policy.effect == Effect::Deny);
        Some(if denied { State::Denied } else { State::Active })
    }

    /// The actions (or permissions) asked for that a role grants, and the state that the account's other policies give it.
    fn permitted(&self, node: u32, role: u32, asked: &[Action]) -> Option<(Vec<String>, State)> {
        match &self.facts.roles[role as usize].permits {
            Permits::Actions(blocks) => {
                let may: Vec<String> = asked
                    .iter()
                    .filter_map(|action| match action {
                        Action::Control(name) => Some(name.clone()),
                        _ => None,
                    })
                    .filter(|name| blocks_permit(blocks, name))
                    .collect();
                (!may.is_empty()).then_some((may, State::Active))
            }
            Permits::Policies(own) => {
                let mut states = Vec::new();
                for action in asked {
                    if let Action::Permission {
                        name,
                        resource_type,
                        action,
                    } = action
                    {
                        for verb in ["read", "delete"] {
                            if action.as_deref().is_none_or(|action| action == verb) {
                                states.extend(self.policy_state(node, own, name, resource_type.as_deref(), verb));
                            }
                        }
                    }
                }
                states.into_iter().min().map(|state| (Vec::new(), state))
            }
            Permits::All => Some((Vec::new(), State::Active)),
            Permits::Name | Permits::Unknown => None,
        }
    }

    /// The denies that are for a node.
    pub fn denies(&self, node: u32) -> Vec<usize> {
        (0..self.facts.denies.len())
            .filter(|at| {
                let deny = &self.facts.denies[*at];
                let named = match &deny.whom {
                    Whom::Everybody => true,
                    Whom::These(list) => list.iter().any(|group| self.is_in(node, *group)),
                };
                named && !deny.except.iter().any(|group| self.is_in(node, *group))
            })
            .collect()
    }

    /// The state of one way for the actions asked about, on a scope; none where its role does not permit any.
    pub fn state(&self, way: &[u32], at: u32, asked: &[Action], target: Option<u32>) -> Option<State> {
        let given = self.given(at);
        let (may, policies) = self.permitted(way[0], given.role, asked)?;
        let scope = target.unwrap_or(given.scope);
        let left = |conditional: bool| {
            let denies = self.denies(way[0]);
            may.iter()
                .filter(|action| {
                    !denies.iter().map(|at| &self.facts.denies[*at]).any(|deny| {
                        let here = deny.scope == scope || (deny.below && self.ancestors(scope).contains(&deny.scope));
                        here && (conditional || !deny.conditional) && blocks_permit(&deny.blocks, action)
                    })
                })
                .count()
        };
        let denied = match () {
            () if may.is_empty() => State::Active,
            () if left(false) == 0 => State::Denied,
            () if left(true) == 0 => State::Conditional,
            () => State::Active,
        };
        if !self.followed(way, at) {
            return Some(State::NotFollowed);
        }
        Some(given.state.max(policies).max(denied))
    }

    /// By role and scope: the best state and how many ways there are.
    pub fn holdings(&self, accounts: &[u32], asked: &[Action]) -> BTreeMap<(u32, u32), (State, u32)> {
        let mut found: BTreeMap<(u32, u32), (State, u32)> = BTreeMap::new();
        for account in accounts {
            for (way, at) in self.all_paths(*account) {
                if let Some(state) = self.state(&way, at, asked, None) {
                    let given = self.given(at);
                    let holding = found.entry((given.role, given.scope)).or_insert((state, 0));
                    holding.0 = holding.0.min(state);
                    holding.1 += 1;
                }
            }
        }
        found
    }

    /// Every way of an account to one of the actions on a scope.
    pub fn ways_to(&self, account: u32, asked: &[Action], scope: u32) -> Vec<Way> {
        let here = self.ancestors(scope);
        self.all_paths(account)
            .into_iter()
            .filter(|(_, at)| here.contains(&self.given(*at).scope))
            .filter_map(|(way, at)| {
                let state = self.state(&way, at, asked, Some(scope))?;
                Some((way, at, state))
            })
            .collect()
    }
}
