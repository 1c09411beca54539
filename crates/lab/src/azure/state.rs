//! The tenant as it stands now, and what changed since when: what delta queries are answered from.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::effect::GroupTrait;
use super::secret::Secrets;
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

/// Sign-in names of the Global Administrators.
const ADMINS: [&str; 2] = ["adaeze.okafor@", "olaniyan.adeyemi@"];

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
    /// Since when somebody's sessions count, in milliseconds since 1970.
    pub(crate) valid_from: HashMap<Guid, i64>,
    /// What groups are besides plain ones.
    pub(crate) traits: BTreeSet<(Guid, GroupTrait)>,
    /// Global Administrators.
    pub(crate) admins: BTreeSet<Guid>,
    /// Client secrets of applications.
    pub(crate) secrets: Secrets,
    /// Groups that those in the recycle bin were in.
    pub(crate) left_behind: HashMap<Guid, Vec<Guid>>,
    /// Delta tokens from before this revision are refused.
    pub(crate) oldest: u64,
    /// Delta tokens are refused that were given out before the count of refusals rose.
    pub(crate) age: u64,
}

impl State {
    pub(crate) fn new(tenant: Tenant) -> Self {
        let mut state = Self {
            secrets: Secrets::of(&tenant),
            tenant,
            places: HashMap::new(),
            scopes: HashMap::new(),
            hidden: HashSet::new(),
            revision: 0,
            touched: BTreeMap::new(),
            removed: Vec::new(),
            members: Vec::new(),
            valid_from: HashMap::new(),
            traits: BTreeSet::new(),
            admins: BTreeSet::new(),
            left_behind: HashMap::new(),
            oldest: 0,
            age: 0,
        };
        state.index();
        let admins = state
            .tenant
            .users
            .iter()
            .filter(|user| user.enabled && ADMINS.iter().any(|name| user.upn.starts_with(name)));
        state.admins = admins.map(|user| user.id).collect();
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

    /// Whether there is or was an object of this id.
    pub(crate) fn knows(&self, id: Guid) -> bool {
        self.places.contains_key(&id)
    }

    pub(crate) fn put(&mut self, id: Guid, place: Place) {
        self.places.insert(id, place);
    }

    /// What was hidden is there again.
    pub(crate) fn show(&mut self, id: Guid) {
        self.hidden.remove(&id);
    }

    pub(crate) fn in_bin(&self, id: Guid) -> bool {
        self.tenant.deleted.iter().any(|(user, _)| user.id == id)
    }

    pub(crate) fn is(&self, group: Guid, what: GroupTrait) -> bool {
        self.traits.contains(&(group, what))
    }

    /// Groups that somebody is in directly.
    pub(crate) fn direct_groups_of(&self, id: Guid) -> Vec<Guid> {
        let groups = self.tenant.groups.iter().filter(|group| group.members.contains(&id));
        groups.map(|group| group.id).filter(|group| !self.is_hidden(*group)).collect()
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
                self.left_behind.remove(&id);
                self.revision += 1;
                self.removed.push((Family::Users, id, self.revision, true));
            }
            return gone;
        };
        let groups: Vec<Guid> = (self.tenant.groups.iter())
            .filter(|group| group.members.contains(&id))
            .map(|group| group.id)
            .collect();
        for group in &groups {
            self.set_member(*group, id, false);
        }
        if !for_good && matches!(place, Place::User(_)) {
            self.left_behind.insert(id, groups);
        }
        self.admins.remove(&id);
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
