//! Who can do an action on a scope.

use std::time::Instant;

use lanyard_access::{Ask, Wish};

use super::Map;
use super::actions::{Asked, restore_on};
use super::ask::missing;
use super::caveats::bears_on_scope;
use super::tables::{Lost, ScopeSort};
use super::words::{Goal, state};
use crate::Error;
use crate::record::ItemKind;
use crate::view::{Caveat, SlotState, UnknownPrincipal, WhoCan, WhoCanRow};

/// Paths that are told of each identity.
const PATHS: usize = 8;

impl Map {
    /// Who can do an action on a scope, by assignments on it and on what it lies in: `limit` identities from the place `offset` on.
    ///
    /// # Errors
    /// When the action cannot be read, or there is no such scope.
    pub fn who_can(&self, action: &str, scope: &str, offset: u32, limit: u32) -> Result<WhoCan, Error> {
        let started = Instant::now();
        let mut asked = Asked::read(action).map_err(wrong_action)?;
        let mut scope_at = self.scope_of(scope).ok_or_else(|| missing("scope", scope))?;
        scope_at = self.scope_for(&asked, scope_at)?;
        if action.trim().eq_ignore_ascii_case("restore") && self.is_vault(scope_at) {
            // A right over the other kind of vault restores nothing from this one.
            asked.actions = restore_on(self.scopes[scope_at as usize].sort == ScopeSort::BackupVault);
        }
        let ask = self.ask(&asked)?;
        let wish = Wish {
            below: false,
            paths: PATHS,
        };
        let clusters = self.directory.identities();
        let found = self.world.who(self.directory.graph(), clusters, &ask, scope_at, wish);
        let (names, deed) = (asked.names(), asked.is_restore().then_some("restore"));
        let identities = found
            .able(clusters)
            .skip(offset as usize)
            .take(limit as usize)
            .map(|able| {
                let paths: Vec<_> = able
                    .paths
                    .iter()
                    .map(|path| {
                        let role = self.world.facts().assignments[path.assignment as usize].role;
                        let own = self.names_permitted(&asked, role, &names);
                        let goal = Goal {
                            scope: Some(scope_at),
                            actions: &own,
                            deed,
                        };
                        self.path(path, goal)
                    })
                    .collect();
                let best = able.paths.iter().find(|path| path.state == able.state).or(able.paths.first());
                WhoCanRow {
                    identity: self.person_ref(able.cluster),
                    account_type: self.directory.type_of_identity(able.cluster),
                    dormant: best.and_then(|path| path.nodes.first()).and_then(|account| self.dormant(*account)),
                    state: state(able.state),
                    paths,
                    more_paths: able.more_paths,
                    reasons: best.map_or_else(Vec::new, |path| self.reasons(&able.reasons, path.assignment)),
                }
            })
            .collect();
        let entry = &self.scopes[scope_at as usize];
        let mut caveats = self.caveats_of(entry.place, &bears_on_scope(self.system(entry.place), entry.sort));
        let unread: Vec<u32> = found
            .unknown_roles
            .iter()
            .map(|at| self.world.facts().assignments[*at as usize].role)
            .collect();
        caveats.extend(self.unread_roles(|role| unread.contains(&role)));
        caveats.extend(self.not_known_there(scope_at));
        let mut unknown = self.unknown_on(&ask, scope_at);
        for (node, at) in &found.unknown_members {
            unknown.push(self.unknown_member(*node, *at));
        }
        Ok(WhoCan {
            action: action.trim().to_owned(),
            actions: names,
            scope: self.scope_ref(scope_at),
            identities,
            offset,
            total: found.standings.len() as u32,
            unknown,
            caveats,
            stamp: self.stamp(started),
        })
    }

    /// A question made ready.
    pub(super) fn ask(&self, asked: &Asked) -> Result<Ask, Error> {
        self.world.ask(&asked.actions).map_err(|error| wrong_action(error.to_string()))
    }

    /// Of several actions those that a role permits.
    fn names_permitted(&self, asked: &Asked, role: u32, names: &[String]) -> Vec<String> {
        if names.len() < 2 {
            return names.to_vec();
        }
        let permits = &self.world.facts().roles[role as usize].permits;
        let permitted = asked
            .actions
            .iter()
            .filter(|action| lanyard_access::permits::permits_any(permits, std::slice::from_ref(*action)));
        permitted.map(super::actions::name).collect()
    }

    /// The scope that a Backstage permission is to be asked on: its own resource type, or an entity.
    fn scope_for(&self, asked: &Asked, scope: u32) -> Result<u32, Error> {
        let Some(resource) = asked.backstage() else {
            return Ok(scope);
        };
        let entry = &self.scopes[scope as usize];
        let refuse = |problem: String| Err(Error::Input { field: "Scope", problem });
        if !self.is_backstage(scope) {
            return refuse(format!(
                "{} is no scope of a Backstage, and {resource} is a permission of Backstage; name the Backstage, a resource type or an entity",
                entry.name
            ));
        }
        match entry.sort {
            ScopeSort::Backstage => Ok(self.scope_index.get(&(entry.place, resource.into())).copied().unwrap_or(scope)),
            ScopeSort::Permission if *entry.id != *resource => refuse(format!(
                "{resource} is not about {}; name the Backstage itself, {resource}, or an entity",
                entry.name
            )),
            ScopeSort::Entity if resource != "catalog-entity" => {
                refuse(format!("{resource} is not about entities; name the Backstage itself or {resource}"))
            }
            _ => Ok(scope),
        }
    }

    /// Whether an account can act at all: in words where it cannot.
    pub(super) fn dormant(&self, account: u32) -> Option<String> {
        let source = self.source_name(self.directory.place_of_account(account));
        (self.directory.state_of_account(account) == SlotState::Disabled).then(|| format!("disabled in {source}"))
    }

    /// Rights of nobody that is known, of roles that permit what is asked, on a scope or what it lies in.
    pub(super) fn unknown_on(&self, ask: &Ask, scope: u32) -> Vec<UnknownPrincipal> {
        let scopes = self.world.scopes();
        let here = |lost: &&Lost| ask.permits(lost.role) && scopes.holds(lost.scope, scope);
        self.lost.iter().filter(here).map(|lost| self.unknown(lost)).collect()
    }

    /// A right of nobody that is known, as a view shows it.
    pub(super) fn unknown(&self, lost: &Lost) -> UnknownPrincipal {
        let word = self.lost_words.get(&(lost.place, lost.id.to_lowercase().into()));
        let what = match word {
            Some(word) => match &word.name {
                Some(name) => format!("{name}: {}", word.what),
                None => word.what.to_string(),
            },
            None => "not among the accounts and groups that were read; what became of it is not evaluated".into(),
        };
        let verb = if lost.state == lanyard_access::world::State::Eligible {
            "can activate "
        } else {
            ""
        };
        UnknownPrincipal {
            id: lost.id.to_string(),
            source: self.source_id(lost.place),
            what,
            holds: format!(
                "{verb}{} on {}",
                self.roles[lost.role as usize].name, self.scopes[lost.scope as usize].name
            ),
            edge: super::address::assignment(self.source_id(lost.origin.place), &lost.origin.id),
        }
    }

    /// A member that is not known, of a group that holds a right.
    fn unknown_member(&self, node: u32, at: u32) -> UnknownPrincipal {
        let graph = self.directory.graph();
        let dangling = node - graph.dangling_node(0);
        let place = self.directory.place_of_dangling(dangling);
        let id = self.directory.dangling_id(dangling);
        let given = &self.world.facts().assignments[at as usize];
        let word = self.lost_words.get(&(place, id.to_lowercase().into()));
        UnknownPrincipal {
            source: self.source_id(place),
            what: word.map_or_else(
                || format!("a member of {} that its source does not hold", self.end_ref(given.principal).name),
                |word| word.what.to_string(),
            ),
            holds: format!(
                "{} on {}",
                self.roles[given.role as usize].name, self.scopes[given.scope as usize].name
            ),
            edge: self.assignment_address(at),
            id,
        }
    }

    /// A scope that only an id names, and of which nothing was read.
    fn not_known_there(&self, scope: u32) -> Option<Caveat> {
        let entry = &self.scopes[scope as usize];
        let own = entry.id.strip_prefix("/subscriptions/")?;
        let subscription = own.split('/').next()?;
        let known = self
            .scope_index
            .get(&(entry.place, format!("/subscriptions/{subscription}").into()))
            .is_some_and(|at| self.scopes[*at as usize].row.is_some());
        let source = self.directory.source_at(entry.place);
        (!known && !self.was_read(entry.place, ItemKind::Subscription)).then(|| Caveat {
            source: Some(source.id),
            text: format!(
                "{}: subscription {subscription} was not read; who holds something there is not evaluated",
                source.name
            ),
        })
    }
}

fn wrong_action(problem: String) -> Error {
    Error::Input { field: "Action", problem }
}
