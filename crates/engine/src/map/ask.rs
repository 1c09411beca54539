//! What one identity can do, and why.

use std::time::Instant;

use lanyard_access::world::State;

use super::Map;
use super::tables::RoleSort;
use super::words::{Goal, state};
use crate::Error;
use crate::view::{AccessOf, Caveat, HighestRole, Holding, PersonRow, Privilege, Stamp, Why};

/// Paths that are told of one role.
pub(super) const PATHS: usize = 24;

/// There is no such node.
pub(super) fn missing(what: &'static str, name: &str) -> Error {
    Error::NotFound {
        what,
        name: name.to_owned(),
    }
}

impl Map {
    /// What an answer says of itself that was asked for at `started`.
    pub(super) fn stamp(&self, started: Instant) -> Stamp {
        Stamp {
            generation: self.generation(),
            took_us: started.elapsed().as_micros() as u64,
        }
    }

    /// Everything that an identity can do.
    ///
    /// # Errors
    /// When there is no such identity.
    pub fn access_of(&self, identity: &str) -> Result<AccessOf, Error> {
        let started = Instant::now();
        let person = self.person_of(identity).ok_or_else(|| missing("person", identity))?;
        let mut found = self.world.effective(self.directory.graph(), self.accounts_of(person), None);
        found.sort_by_cached_key(|holding| {
            let role = &self.roles[holding.role as usize];
            let scope = &self.scopes[holding.scope as usize];
            (
                !self.privileged[holding.role as usize],
                role.place,
                role.name.to_lowercase(),
                scope.name.to_lowercase(),
                holding.role,
                holding.scope,
            )
        });
        let holdings = found.iter().map(|holding| self.holding(holding)).collect();
        Ok(AccessOf {
            identity: self.person_ref(person),
            holdings,
            // A role that others hold says nothing about this one.
            caveats: self.caveats_with(|role| found.iter().any(|holding| holding.role == role)),
            stamp: self.stamp(started),
        })
    }

    fn holding(&self, holding: &lanyard_access::Holding) -> Holding {
        Holding {
            role: self.role_ref(holding.role),
            scope: self.scope_ref(holding.scope),
            state: state(holding.state),
            privileged: self.privileged[holding.role as usize],
            can_restore: self.can_restore[holding.role as usize],
            paths: holding.paths,
            more_paths: holding.more_paths,
            by: self.by(&holding.best),
            reasons: self.reasons(holding.reasons(), holding.best.assignment),
        }
    }

    /// Says of each row of a list the most that the identity may do.
    pub fn tell_privilege<'r>(&self, rows: impl Iterator<Item = &'r mut PersonRow>) {
        let gaps = !self.caveats_with(|_| false).is_empty();
        for row in rows {
            row.privilege = self.person_of(&row.key).map(|person| self.privilege(person, gaps));
        }
    }

    fn privilege(&self, person: u32, gaps: bool) -> Privilege {
        let found = self.world.effective(self.directory.graph(), self.accounts_of(person), None);
        let unread = |role: u32| self.roles[role as usize].sort == RoleSort::Unread;
        let holds = |holding: &&lanyard_access::Holding| !matches!(holding.state, State::Denied | State::NotFollowed);
        let best = found.iter().filter(holds).min_by(|one, other| {
            let rank = |holding: &lanyard_access::Holding| {
                let role = holding.role as usize;
                (!self.can_restore[role], !self.privileged[role], holding.state)
            };
            let names = |holding: &lanyard_access::Holding| {
                let (role, scope) = (&self.roles[holding.role as usize], &self.scopes[holding.scope as usize]);
                (&*role.name, &*scope.name, holding.role, holding.scope)
            };
            rank(one).cmp(&rank(other)).then_with(|| names(one).cmp(&names(other)))
        });
        let highest = best.map(|holding| {
            let role = &self.roles[holding.role as usize];
            HighestRole {
                role: role.name.to_string(),
                scope: self.scopes[holding.scope as usize].name.to_string(),
                system: self.system(role.place),
                state: state(holding.state),
                privileged: self.privileged[holding.role as usize],
                can_restore: self.can_restore[holding.role as usize],
            }
        });
        Privilege {
            highest,
            not_evaluated: gaps || found.iter().any(|holding| unread(holding.role)),
        }
    }

    /// Why an identity has a role: all paths, shortest first. With a scope: by which it is good there.
    ///
    /// # Errors
    /// When there is no such identity, role or scope.
    pub fn why(&self, identity: &str, role: &str, scope: Option<&str>) -> Result<Why, Error> {
        let started = Instant::now();
        let person = self.person_of(identity).ok_or_else(|| missing("person", identity))?;
        let role_at = self.role_of(role).ok_or_else(|| missing("role", role))?;
        let scope_at = scope
            .map(|scope| self.scope_of(scope).ok_or_else(|| missing("scope", scope)))
            .transpose()?;
        let found = self
            .world
            .why(self.directory.graph(), self.accounts_of(person), role_at, scope_at, PATHS);
        let goal = self.goal_of(role_at, scope_at);
        Ok(Why {
            identity: self.person_ref(person),
            role: self.role_ref(role_at),
            scope: scope_at.map(|scope| self.scope_ref(scope)),
            paths: found.paths.iter().map(|path| self.path(path, goal)).collect(),
            more_paths: found.more,
            caveats: self.caveats_for(role_at),
            stamp: self.stamp(started),
        })
    }

    /// What a path to a role leads to: where the role can restore and the scope is a vault, to that.
    pub(super) fn goal_of(&self, role: u32, scope: Option<u32>) -> Goal<'static> {
        let restores = scope.is_some_and(|scope| self.is_vault(scope)) && self.can_restore[role as usize];
        Goal {
            scope,
            actions: &[],
            deed: restores.then_some("restore"),
        }
    }

    /// What cannot be said about a role: the gaps of its source, its definition, and people everywhere.
    pub(super) fn caveats_for(&self, role: u32) -> Vec<Caveat> {
        let mut all = self.caveats_of(self.roles[role as usize].place);
        all.extend(self.unread_roles(|other| other == role));
        all
    }
}
