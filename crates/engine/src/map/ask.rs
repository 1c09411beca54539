//! What one identity can do, and why.

use std::time::Instant;

use super::Map;
use super::caveats::{bears_on, bears_on_any, told};
use super::words::{Goal, state};
use crate::Error;
use crate::directory::SourceFacts;
use crate::view::{AccessOf, Caveat, Holding, Stamp, Why};

/// Paths that are told of one role.
pub(super) const PATHS: usize = 24;

/// What was not read and can change what an identity holds: who is who anywhere, and the rights of the sources where it has an account, or may
/// have one that was not read.
pub(crate) struct Doubts {
    people: Vec<Caveat>,
    /// By place: what is open about the rights there, and whether who has an account there is.
    rights: Vec<(Vec<Caveat>, bool)>,
}

impl Doubts {
    fn at<'d>(&'d self, map: &'d Map, person: u32) -> impl Iterator<Item = &'d Caveat> {
        let has = move |place: usize| {
            let accounts = map.accounts_of(person).iter();
            accounts
                .map(|node| map.directory.place_of_account(*node))
                .any(|own| usize::from(own) == place)
        };
        let rights = self.rights.iter().enumerate();
        rights
            .filter(move |(place, (_, open))| *open || has(*place))
            .flat_map(|(_, (told, _))| told)
    }

    /// Whether any of it can change what an identity holds.
    pub(super) fn touch(&self, map: &Map, person: u32) -> bool {
        !self.people.is_empty() || self.at(map, person).next().is_some()
    }

    /// What of it can change what an identity holds; of roles whose definitions were not read, these.
    fn about(&self, map: &Map, person: u32, roles: impl Fn(u32) -> bool) -> Vec<Caveat> {
        let mut all: Vec<Caveat> = self.at(map, person).cloned().collect();
        all.extend(self.people.iter().cloned());
        // A role that others hold says nothing about this one.
        all.extend(map.unread_roles(roles));
        all
    }
}

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

    pub(crate) fn doubts(&self) -> Doubts {
        let people = self.directory.people_caveats();
        let kinds = bears_on_any();
        let of = |source: &SourceFacts| {
            let open = people.iter().any(|caveat| caveat.source.is_none_or(|of| of == source.id));
            (told(&self.gaps, Some(source.id), Some(&kinds)), open)
        };
        let rights = self.directory.sources().iter().map(of).collect();
        Doubts { people, rights }
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
            caveats: self
                .doubts()
                .about(self, person, |role| found.iter().any(|holding| holding.role == role)),
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

    /// What cannot be said about who holds a role: the gaps of its source that bear on it, its definition, and who is who there.
    pub(super) fn caveats_for(&self, role: u32) -> Vec<Caveat> {
        let entry = &self.roles[role as usize];
        let mut all = self.caveats_of(entry.place, bears_on(entry.sort));
        all.extend(self.unread_roles(|other| other == role));
        all
    }
}
