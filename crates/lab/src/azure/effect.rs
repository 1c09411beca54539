//! What a write does to the tenant: named, so that it can take effect later than it was answered, and noted when it does.

use serde::Serialize;

use super::secret::Secret;
use super::server::Azure;
use super::state::{Family, Place, State};
use crate::company::access::Guid;
use crate::company::access::azure::{Eligibility, EntraGroup, EntraUser, RoleAssignment};
use crate::journal::{What, millis};

/// One change of the tenant.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    AddUser(Box<EntraUser>),
    AddGroup(Box<EntraGroup>),
    /// Enabled, or disabled.
    Enable(Guid, bool),
    Rename(Guid, String),
    /// Refresh tokens and sessions from before this moment are worth nothing.
    EndSessions(Guid, i64),
    /// Group, member, whether it is one from now on.
    Member(Guid, Guid, bool),
    /// Group, program or its application; owner; whether it is one from now on.
    Owner(Guid, Guid, bool),
    /// Into the recycle bin (users), or for good.
    Delete(Guid, bool),
    Restore(Guid),
    /// A Global Administrator no more.
    NoAdmin(Guid),
    /// A user has an app role no more: whose, and the assignment's id.
    NoAppRole(Guid, String),
    Assign(Box<RoleAssignment>),
    MakeEligible(Box<Eligibility>),
    /// An assignment or an eligibility goes.
    Unassign(Guid),
    AddSecret(Box<Secret>),
    /// By its `keyId`.
    RemoveSecret(Guid),
}

/// What a group is besides a plain one: who may change its members follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupTrait {
    /// Its members follow from a rule.
    Dynamic,
    /// It comes from a directory on the premises.
    Synced,
    /// Directory roles can be given to it (`isAssignableToRole`).
    RoleAssignable,
}

impl Azure {
    /// Lets something take effect now.
    pub(crate) fn apply(&self, effect: Effect) {
        let journal = self.journal();
        let mut state = self.state_mut();
        let name = |state: &State, id: Guid| {
            let user = state.user(id).map(|user| user.upn.clone());
            user.or_else(|| state.group(id).map(|group| group.display.clone()))
                .unwrap_or_default()
        };
        let note = |what, id: Guid, name: &str, of: &str| journal.happened("azure", what, id.to_string(), name, of);
        match effect {
            Effect::AddUser(user) => {
                let (id, upn) = (user.id, user.upn.clone());
                if state.add_user(*user) {
                    note(What::Appeared, id, &upn, "");
                }
            }
            Effect::AddGroup(group) => {
                let (id, display) = (group.id, group.display.clone());
                if state.add_group(*group) {
                    note(What::Appeared, id, &display, "");
                }
            }
            Effect::Enable(id, enabled) => {
                if state.enable(id, enabled) {
                    let what = if enabled { What::Enabled } else { What::Disabled };
                    note(what, id, &name(&state, id), "");
                }
            }
            Effect::Rename(id, display) => state.rename(id, display),
            Effect::EndSessions(id, at) => {
                if state.end_sessions(id, at) {
                    note(What::SessionsEnded, id, &name(&state, id), "");
                }
            }
            Effect::Member(group, member, added) => {
                if state.set_member(group, member, added) {
                    let what = if added { What::Joined } else { What::Left };
                    note(what, member, &name(&state, member), &group.to_string());
                }
            }
            Effect::Owner(owned, owner, added) => state.set_owner(owned, owner, added),
            Effect::Delete(id, for_good) => {
                let (known, groups) = (name(&state, id), state.direct_groups_of(id));
                if state.delete(id, for_good, millis()) {
                    for group in groups {
                        note(What::Left, id, &known, &group.to_string());
                    }
                    note(What::Vanished, id, &known, if for_good { "for good" } else { "deleted items" });
                }
            }
            Effect::Restore(id) => {
                if state.restore(id) {
                    note(What::Appeared, id, &name(&state, id), "deleted items");
                }
            }
            Effect::NoAdmin(id) => {
                if state.admins.remove(&id) {
                    note(What::Revoked, id, &name(&state, id), "Global Administrator");
                }
            }
            Effect::NoAppRole(id, role) => {
                let held = state.tenant.app_roles.len();
                state.tenant.app_roles.retain(|one| one.id != role);
                if state.tenant.app_roles.len() < held {
                    note(What::Revoked, id, &name(&state, id), &role);
                }
            }
            Effect::Assign(one) => {
                let (id, principal) = (one.id, one.principal);
                state.tenant.assignments.retain(|other| other.id != id);
                state.tenant.assignments.push(*one);
                state.show(id);
                note(What::Granted, principal, &name(&state, principal), &id.to_string());
            }
            Effect::MakeEligible(one) => {
                let (id, principal) = (one.id, one.principal);
                state.tenant.eligibilities.push(*one);
                note(What::Granted, principal, &name(&state, principal), &id.to_string());
            }
            Effect::AddSecret(secret) => state.secrets.add(*secret),
            Effect::RemoveSecret(key) => state.secrets.remove(key, &self.options().tokens),
            Effect::Unassign(id) => {
                let principal = state.principal_of(id);
                if state.hide_assignment(id)
                    && let Some(principal) = principal
                {
                    note(What::Revoked, principal, &name(&state, principal), &id.to_string());
                }
            }
        }
    }

    /// Lets what a client asked for take effect: now, or once it is replicated.
    pub(crate) fn perform(&self, effects: Vec<Effect>) {
        let after = self.options().replication;
        for effect in effects {
            if let Effect::Enable(id, _) | Effect::Delete(id, _) | Effect::Member(id, ..) = effect {
                self.direct().insert(id);
            }
            if after.is_zero() {
                self.apply(effect);
            } else {
                self.deferred.put(after, effect);
            }
        }
    }

    /// Lets everything that was put off take effect.
    pub(crate) fn settle(&self) {
        while let Some(effect) = self.deferred.take(true) {
            self.apply(effect);
        }
        self.state_mut().secrets.settle();
    }
}

impl State {
    fn add_user(&mut self, user: EntraUser) -> bool {
        if self.knows(user.id) {
            return false;
        }
        let (id, place) = (user.id, Place::User(self.tenant.users.len()));
        self.tenant.users.push(user);
        self.put(id, place);
        self.touch(Family::Users, id);
        true
    }

    fn add_group(&mut self, group: EntraGroup) -> bool {
        if self.knows(group.id) {
            return false;
        }
        let (id, place) = (group.id, Place::Group(self.tenant.groups.len()));
        self.tenant.groups.push(group);
        self.put(id, place);
        self.touch(Family::Groups, id);
        true
    }

    /// Enables or disables a user. Tells whether that changed anything.
    pub(crate) fn enable(&mut self, id: Guid, enabled: bool) -> bool {
        let Some(Place::User(place)) = self.place(id) else { return false };
        if std::mem::replace(&mut self.tenant.users[place].enabled, enabled) == enabled {
            return false;
        }
        self.touch(Family::Users, id);
        true
    }

    pub(crate) fn rename(&mut self, id: Guid, display: String) {
        let Some(Place::User(place)) = self.place(id) else { return };
        if self.tenant.users[place].display != display {
            self.tenant.users[place].display = display;
            self.touch(Family::Users, id);
        }
    }

    fn end_sessions(&mut self, id: Guid, at: i64) -> bool {
        if self.user(id).is_none() {
            return false;
        }
        self.valid_from.insert(id, at);
        self.touch(Family::Users, id);
        true
    }

    fn set_owner(&mut self, owned: Guid, owner: Guid, added: bool) {
        let owners = match self.place(owned) {
            Some(Place::Group(place)) => &mut self.tenant.groups[place].owners,
            Some(Place::Service(place)) => &mut self.tenant.services[place].owners,
            _ => return,
        };
        owners.retain(|one| *one != owner);
        if added {
            owners.push(owner);
        }
    }

    /// Brings a user back from the recycle bin, with the memberships of before
    /// (<https://learn.microsoft.com/graph/api/directory-deleteditems-restore>).
    fn restore(&mut self, id: Guid) -> bool {
        let Some(place) = self.tenant.deleted.iter().position(|(user, _)| user.id == id) else {
            return false;
        };
        let (user, _) = self.tenant.deleted.remove(place);
        self.show(id);
        // Somebody who was in the bin when the lab opened has no place in the list yet.
        if self.user(id).is_none() && !self.add_user(user) {
            return false;
        }
        self.removed.retain(|(_, gone, ..)| *gone != id);
        self.touch(Family::Users, id);
        for group in self.left_behind.remove(&id).unwrap_or_default() {
            self.set_member(group, id, true);
        }
        true
    }

    /// Whom an assignment or an eligibility is for.
    fn principal_of(&self, id: Guid) -> Option<Guid> {
        let assigned = self.tenant.assignments.iter().find(|one| one.id == id).map(|one| one.principal);
        let eligible = || self.tenant.eligibilities.iter().find(|one| one.id == id).map(|one| one.principal);
        assigned.or_else(eligible)
    }
}
