//! The tenant as it stands now, and what changed since when: what delta queries are answered from.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::company::access::Guid;
use crate::company::access::azure::{EntraGroup, EntraUser, Scope, ServicePrincipal, Tenant};

/// A collection of Graph that has delta queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    Users,
    Groups,
    Services,
}

impl Family {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "users" => Self::Users,
            "groups" => Self::Groups,
            "servicePrincipals" => Self::Services,
            _ => return None,
        })
    }
}

/// An object of the directory by the place in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    User(usize),
    Group(usize),
    Service(usize),
}

/// A member that came or went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MemberChange {
    pub(crate) revision: u64,
    pub(crate) group: Guid,
    pub(crate) member: Guid,
    pub(crate) added: bool,
}

/// The tenant now. Lists never shrink, so that a page token stays good: what is gone is hidden.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tenant: Tenant,
    places: HashMap<Guid, Place>,
    scopes: HashMap<String, Scope>,
    hidden: HashSet<Guid>,
    /// Counts changes.
    pub(crate) revision: u64,
    /// Objects by the revision that changed them last.
    pub(crate) touched: BTreeMap<(Family, Guid), u64>,
    /// Objects that went: in which revision, and whether for good.
    pub(crate) removed: Vec<(Family, Guid, u64, bool)>,
    pub(crate) members: Vec<MemberChange>,
    /// Delta tokens from before this revision are refused.
    pub(crate) oldest: u64,
    /// Delta tokens are refused that were given out before the count of refusals rose.
    pub(crate) age: u64,
}

impl State {
    pub(crate) fn new(tenant: Tenant) -> Self {
        let mut state = Self {
            tenant,
            places: HashMap::new(),
            scopes: HashMap::new(),
            hidden: HashSet::new(),
            revision: 0,
            touched: BTreeMap::new(),
            removed: Vec::new(),
            members: Vec::new(),
            oldest: 0,
            age: 0,
        };
        state.index();
        state
    }

    fn index(&mut self) {
        let tenant = &self.tenant;
        let users = tenant.users.iter().enumerate().map(|(place, user)| (user.id, Place::User(place)));
        let groups = tenant
            .groups
            .iter()
            .enumerate()
            .map(|(place, group)| (group.id, Place::Group(place)));
        let services = tenant.services.iter().enumerate();
        let services = services.map(|(place, service)| (service.id, Place::Service(place)));
        self.places = users.chain(groups).chain(services).collect();
        self.scopes = tenant
            .scopes()
            .map(|scope| (tenant.scope_id(scope).to_lowercase(), scope))
            .collect();
    }

    /// Where an object is, unless it is gone.
    pub(crate) fn place(&self, id: Guid) -> Option<Place> {
        self.places.get(&id).copied().filter(|_| !self.hidden.contains(&id))
    }

    pub(crate) fn is_hidden(&self, id: Guid) -> bool {
        self.hidden.contains(&id)
    }

    /// The scope at an address, in whatever case it is written.
    pub(crate) fn scope_at(&self, address: &str) -> Option<Scope> {
        let address = address.trim_matches('/').to_lowercase();
        self.scopes.get(&format!("/{address}")).copied()
    }

    pub(crate) fn user(&self, id: Guid) -> Option<&EntraUser> {
        match self.place(id)? {
            Place::User(place) => self.tenant.users.get(place),
            _ => None,
        }
    }

    pub(crate) fn group(&self, id: Guid) -> Option<&EntraGroup> {
        match self.place(id)? {
            Place::Group(place) => self.tenant.groups.get(place),
            _ => None,
        }
    }

    pub(crate) fn service(&self, id: Guid) -> Option<&ServicePrincipal> {
        match self.place(id)? {
            Place::Service(place) => self.tenant.services.get(place),
            _ => None,
        }
    }

    /// A service principal by its client id.
    pub(crate) fn app(&self, app: Guid) -> Option<&ServicePrincipal> {
        let mut services = self.tenant.services.iter();
        services.find(|service| service.app == app && !self.is_hidden(service.id))
    }

    /// Groups that somebody is in, by way of other groups too.
    pub(crate) fn groups_of(&self, id: Guid) -> HashSet<Guid> {
        let mut found = HashSet::new();
        let mut todo = vec![id];
        while let Some(member) = todo.pop() {
            for group in &self.tenant.groups {
                if group.members.contains(&member) && !self.is_hidden(group.id) && found.insert(group.id) {
                    todo.push(group.id);
                }
            }
        }
        found
    }

    /// Everything that is in a group, by way of other groups too; in the order of walking, each once.
    pub(crate) fn below(&self, group: Guid) -> Vec<Guid> {
        let mut seen = HashSet::from([group]);
        let mut found = Vec::new();
        let mut todo = vec![group];
        while let Some(group) = todo.pop() {
            let Some(group) = self.group(group) else { continue };
            for &member in &group.members {
                if seen.insert(member) && self.place(member).is_some() {
                    found.push(member);
                    todo.push(member);
                }
            }
        }
        found
    }

    pub(crate) fn touch(&mut self, family: Family, id: Guid) {
        self.revision += 1;
        self.touched.insert((family, id), self.revision);
    }

    /// Puts somebody into a group or takes them out. Tells whether anything changed.
    pub(crate) fn set_member(&mut self, group: Guid, member: Guid, added: bool) -> bool {
        let Some(Place::Group(place)) = self.place(group) else {
            return false;
        };
        if added && self.place(member).is_none() {
            return false;
        }
        let members = &mut self.tenant.groups[place].members;
        let there = members.contains(&member);
        if there == added {
            return false;
        }
        if added {
            members.push(member);
        } else {
            members.retain(|one| *one != member);
        }
        self.touch(Family::Groups, group);
        self.members.push(MemberChange {
            revision: self.revision,
            group,
            member,
            added,
        });
        true
    }

    /// Deletes an object: into the recycle bin (users only), or for good. Its memberships go with it; its role assignments stay.
    pub(crate) fn delete(&mut self, id: Guid, for_good: bool, now: i64) -> bool {
        let Some(place) = self.place(id) else {
            let held = self.tenant.deleted.len();
            self.tenant.deleted.retain(|(user, _)| user.id != id || !for_good);
            let gone = self.tenant.deleted.len() < held;
            if gone {
                self.revision += 1;
                self.removed.push((Family::Users, id, self.revision, true));
            }
            return gone;
        };
        let groups: Vec<Guid> = (self.tenant.groups.iter())
            .filter(|group| group.members.contains(&id))
            .map(|group| group.id)
            .collect();
        for group in groups {
            self.set_member(group, id, false);
        }
        self.hidden.insert(id);
        self.revision += 1;
        let family = match place {
            Place::User(place) => {
                if !for_good {
                    self.tenant.deleted.push((self.tenant.users[place].clone(), now));
                }
                Family::Users
            }
            Place::Group(_) => Family::Groups,
            Place::Service(_) => Family::Services,
        };
        self.removed.push((family, id, self.revision, for_good));
        true
    }

    /// Takes an assignment of any kind away. Tells whether it was there.
    pub(crate) fn hide_assignment(&mut self, id: Guid) -> bool {
        let there = self.tenant.assignments.iter().any(|one| one.id == id)
            || self.tenant.eligibilities.iter().any(|one| one.id == id)
            || self.tenant.denies.iter().any(|one| one.id == id);
        there && self.hidden.insert(id)
    }
}
