//! What the map knows of roles, scopes, assignments and denies besides their numbers: names, records, words.

use std::collections::HashMap;

use lanyard_access::findings::scene::{Fate, JobState};
use lanyard_access::world::{Assignment, Deny, Facts, Follow, Permits, Role, Scope, State};

use crate::record::{ItemKind, Row};
use crate::view::Millis;

/// What a role is, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoleSort {
    /// An Azure role definition of Microsoft's.
    BuiltIn,
    /// An Azure role definition of the company's own.
    Custom,
    /// An Azure role definition that was assigned and not read.
    Unread,
    /// A role that an application defines.
    App,
    /// A role of the Backstage RBAC plugin.
    Rbac,
    /// Ownership of a catalog entity.
    Owner,
    /// A superuser of Backstage's permission framework.
    Superuser,
    /// A SCIM `roles` value.
    ScimRole,
    /// A SCIM `entitlements` value.
    Entitlement,
}

impl RoleSort {
    /// In a word or two.
    pub fn words(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in role",
            Self::Custom => "custom role",
            Self::Unread => "role, definition not read",
            Self::App => "app role",
            Self::Rbac => "RBAC role",
            Self::Owner => "catalog ownership",
            Self::Superuser => "superuser, as set here",
            Self::ScimRole => "SCIM role",
            Self::Entitlement => "SCIM entitlement",
        }
    }
}

/// What a scope is, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScopeSort {
    /// The root of an Azure tenant.
    Root,
    /// A management group.
    ManagementGroup,
    /// A subscription.
    Subscription,
    /// A resource group.
    ResourceGroup,
    /// A Recovery Services vault.
    RecoveryVault,
    /// A Backup vault.
    BackupVault,
    /// A resource guard.
    Guard,
    /// Any other Azure resource.
    Resource,
    /// An Entra application.
    Application,
    /// A Backstage as a whole.
    Backstage,
    /// A permission, or a resource type that permissions are about, of Backstage.
    Permission,
    /// An entity of Backstage's catalog.
    Entity,
    /// A SCIM application.
    ScimApp,
}

impl ScopeSort {
    /// In a word or two; an entity's own kind is told instead.
    pub fn words(self) -> &'static str {
        match self {
            Self::Root => "tenant root",
            Self::ManagementGroup => "management group",
            Self::Subscription => "subscription",
            Self::ResourceGroup => "resource group",
            Self::RecoveryVault => "recovery vault",
            Self::BackupVault => "backup vault",
            Self::Guard => "resource guard",
            Self::Resource => "resource",
            Self::Application => "application",
            Self::Backstage => "developer portal",
            Self::Permission => "permission",
            Self::Entity => "entity",
            Self::ScimApp => "SCIM application",
        }
    }

    /// Whether backups can be restored from it.
    pub fn is_vault(self) -> bool {
        matches!(self, Self::RecoveryVault | Self::BackupVault)
    }
}

/// A role, by its index.
#[derive(Clone, Debug)]
pub struct RoleEntry {
    /// Its source's place.
    pub place: u16,
    /// Its id within the source.
    pub id: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// What it is.
    pub sort: RoleSort,
    /// Where its document is.
    pub row: Option<Row>,
    /// What else the source says of it: an application's name, `csv-file`, a description.
    pub note: Option<Box<str>>,
}

/// A scope, by its index.
#[derive(Clone, Debug)]
pub struct ScopeEntry {
    /// Its source's place.
    pub place: u16,
    /// Its id within the source; Azure's in lower case.
    pub id: Box<str>,
    /// The id as the source writes it, where it differs.
    pub spelt: Option<Box<str>>,
    /// Its name.
    pub name: Box<str>,
    /// What it is.
    pub sort: ScopeSort,
    /// Where its document is.
    pub row: Option<Row>,
}

/// Out of which record an assignment came, and what the record says besides.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Its source's place.
    pub place: u16,
    /// Its id: the last part of its address.
    pub id: Box<str>,
    /// What kind of item it came from; none for those from an account's document or from settings.
    pub kind: Option<ItemKind>,
    /// Where the document is.
    pub row: Option<Row>,
    /// The record in words: `roleAssignments/7d0f…19be`.
    pub record: Box<str>,
    /// More, where there is more.
    pub more: Option<Box<OriginMore>>,
}

/// What few records say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginMore {
    /// Since when.
    pub since: Option<Millis>,
    /// Until when.
    pub until: Option<Millis>,
    /// Who set it up: an id or a name.
    pub by: Option<Box<str>>,
    /// Its condition, as the source writes it.
    pub condition: Option<Box<str>>,
}

/// A right that is held by a principal which no source holds.
#[derive(Clone, Debug)]
pub struct Lost {
    /// Its source's place.
    pub place: u16,
    /// The principal's id, as the source writes it.
    pub id: Box<str>,
    /// The role.
    pub role: u32,
    /// The scope.
    pub scope: u32,
    /// How far the assignment goes by itself.
    pub state: State,
    /// Out of which record it came.
    pub origin: Origin,
}

/// A deny assignment besides its numbers, by its index.
#[derive(Clone, Debug)]
pub struct DenyEntry {
    /// Its source's place.
    pub place: u16,
    /// Its name.
    pub name: Box<str>,
    /// The record in words.
    pub record: Box<str>,
    /// Where its document is.
    pub row: Option<Row>,
}

/// What was found out about a principal that a source does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostWord {
    /// What became of it, in words.
    pub what: Box<str>,
    /// What became of it.
    pub fate: Fate,
    /// The name that it had, if that is known.
    pub name: Option<Box<str>>,
    /// The user name that it had, if that is known.
    pub user_name: Option<Box<str>>,
}

/// An entity of a catalog that nothing which feeds the catalog vouches for any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Its source's place.
    pub place: u16,
    /// Its reference.
    pub id: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Where its document is.
    pub row: Row,
}

/// A provisioning job of Entra's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisioning {
    /// Its source's place.
    pub place: u16,
    /// Its id: the service principal's and its own.
    pub id: Box<str>,
    /// The application's name, and what the job is made from.
    pub name: Box<str>,
    /// Where its document is.
    pub row: Row,
    /// How it stands.
    pub state: JobState,
    /// Since when it is quarantined.
    pub since: Option<Millis>,
    /// Why it stands so, as Entra says.
    pub says: Box<str>,
}

/// The last failure of a provisioning job about somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its source's place.
    pub place: u16,
    /// Its id: the job's and the identity's.
    pub id: Box<str>,
    /// Who, at which application.
    pub name: Box<str>,
    /// Where its document is.
    pub row: Row,
    /// The account or group that it is about, where the tenant holds it.
    pub node: Option<u32>,
    /// When.
    pub at: Millis,
    /// What went wrong, as Entra says.
    pub says: Box<str>,
}

/// Everything but the people, as it comes together.
#[derive(Debug, Default)]
pub struct Tables {
    /// What goes to the evaluation.
    pub facts: Facts,
    /// By role.
    pub roles: Vec<RoleEntry>,
    /// By scope.
    pub scopes: Vec<ScopeEntry>,
    /// By assignment.
    pub origins: Vec<Origin>,
    /// By deny.
    pub denies: Vec<DenyEntry>,
    /// Rights of nobody that is known.
    pub lost: Vec<Lost>,
    /// What was found out about principals, by source and id in lower case.
    pub lost_words: HashMap<(u16, Box<str>), LostWord>,
    /// Entities that are neither users nor groups, and orphans.
    pub orphans: Vec<Orphan>,
    /// Provisioning jobs.
    pub provisioning: Vec<Provisioning>,
    /// What they could not do.
    pub failures: Vec<Failure>,
    /// Roles by source and id.
    pub role_index: HashMap<(u16, Box<str>), u32>,
    /// Scopes by source and id.
    pub scope_index: HashMap<(u16, Box<str>), u32>,
}

impl Tables {
    /// The role with that id, if it is there.
    pub fn find_role(&self, place: u16, id: &str) -> Option<u32> {
        self.role_index.get(&(place, id.into())).copied()
    }

    /// The scope with that id, if it is there.
    pub fn find_scope(&self, place: u16, id: &str) -> Option<u32> {
        self.scope_index.get(&(place, id.into())).copied()
    }

    /// The role with that id; made when it is not there.
    pub fn role(&mut self, place: u16, id: &str, make: impl FnOnce() -> (RoleEntry, Permits)) -> u32 {
        if let Some(known) = self.find_role(place, id) {
            return known;
        }
        let (entry, permits) = make();
        let index = self.roles.len() as u32;
        self.roles.push(entry);
        self.facts.roles.push(Role { permits });
        self.role_index.insert((place, id.into()), index);
        index
    }

    /// The scope with that id; made when it is not there.
    pub fn scope(&mut self, entry: ScopeEntry, parent: Option<u32>) -> u32 {
        let key = (entry.place, entry.id.clone());
        if let Some(known) = self.scope_index.get(&key) {
            return *known;
        }
        let index = self.scopes.len() as u32;
        self.scopes.push(entry);
        self.facts.scopes.push(Scope { parent });
        self.scope_index.insert(key, index);
        index
    }

    /// Lets a scope lie in another one.
    pub fn set_parent(&mut self, scope: u32, parent: u32) {
        if let Some(entry) = self.facts.scopes.get_mut(scope as usize)
            && scope != parent
        {
            entry.parent = Some(parent);
        }
    }

    /// Adds an assignment.
    pub fn assign(&mut self, principal: u32, role: u32, scope: u32, state: State, follow: Follow, origin: Origin) {
        self.facts.assignments.push(Assignment {
            principal,
            role,
            scope,
            state,
            follow,
        });
        self.origins.push(origin);
    }

    /// Adds a deny.
    pub fn deny(&mut self, deny: Deny, entry: DenyEntry) {
        self.facts.denies.push(deny);
        self.denies.push(entry);
    }
}

/// An id cut to its first and last letters, as people recognise it: `7d0f…19be`.
pub fn short(id: &str) -> String {
    let letters: Vec<char> = id.chars().collect();
    if letters.len() <= 12 {
        return id.to_owned();
    }
    let (head, tail) = (letters[..4].iter(), letters[letters.len() - 4..].iter());
    head.chain(['…'].iter()).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_cut_by_letters_not_bytes() {
        assert_eq!(short("7d0f4b1a-0000-4000-8000-00000000195e"), "7d0f…195e");
        assert_eq!(short("payments"), "payments");
        assert_eq!(short("ééééééééééééé"), "éééé…éééé");
    }
}
