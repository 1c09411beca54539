//! What rules may look at: the picture as numbers. The caller holds the names.
//!
//! Times are Unix milliseconds. Accounts, groups, roles, scopes and assignments are numbered as in [`Graph`] and [`World`].

use crate::correlate::Clusters;
use crate::graph::{Graph, Node};
use crate::world::{RoleIndex, ScopeIndex, State, World};

/// Which kind of system a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A SCIM 2.0 service provider.
    #[default]
    Scim,
    /// A Backstage.
    Backstage,
    /// An Azure tenant.
    Azure,
}

/// A collection of a source, as coverage counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Collection {
    Users,
    Groups,
    Memberships,
    Services,
    Entities,
    RbacRoles,
    RbacPolicies,
    RbacConditions,
    AppRoleAssignments,
    ManagementGroups,
    Subscriptions,
    RoleDefinitions,
    RoleAssignments,
    DenyAssignments,
    Eligibilities,
    RecoveryVaults,
    BackupVaults,
    ResourceGuards,
    GuardProxies,
    LostPrincipals,
    ProvisioningJobs,
    ProvisioningErrors,
}

/// A set of collections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collections(u32);

impl Collections {
    /// Adds one.
    pub fn add(&mut self, collection: Collection) {
        self.0 |= 1 << collection as u8;
    }

    /// Whether one is in it.
    pub fn has(self, collection: Collection) -> bool {
        self.0 & (1 << collection as u8) != 0
    }
}

impl FromIterator<Collection> for Collections {
    fn from_iter<I: IntoIterator<Item = Collection>>(all: I) -> Self {
        let mut set = Self::default();
        all.into_iter().for_each(|one| set.add(one));
        set
    }
}

/// A source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// What it is.
    pub kind: Kind,
    /// Whether others follow it.
    pub authoritative: bool,
    /// The collections that were read whole.
    pub whole: Collections,
    /// When it was last read, in full or for changes; none where it never was.
    pub read_at: Option<i64>,
    /// Whether its last sync failed.
    pub failed: bool,
    /// Collections that were not read, or not whole, though the source has them.
    pub gaps: u32,
}

/// An account, by its node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Its source's place.
    pub place: u16,
    /// Whether it is active; none where its source does not say.
    pub active: Option<bool>,
    /// The last reading did not show it.
    pub unconfirmed: bool,
    /// It is a program's.
    pub service: bool,
    /// It is a guest's.
    pub guest: bool,
    /// The authoritative source held an account like it once, and holds none now.
    pub known_before: bool,
}

/// A group, by its ordinal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its source's place.
    pub place: u16,
    /// Its members are listed.
    pub listed: bool,
    /// The last reading did not show it.
    pub unconfirmed: bool,
}

/// What sort a role is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoleSort {
    /// Made by the maker of the system.
    BuiltIn,
    /// The company's own.
    #[default]
    Own,
    /// Assigned, and its definition was not found.
    Undefined,
    /// A role that an application defines.
    App,
    /// A SCIM role or entitlement.
    Scim,
    /// Ownership of a catalog entity.
    Owner,
    /// A superuser.
    Superuser,
}

/// A role, by its index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Its source's place.
    pub place: u16,
    /// What sort it is of.
    pub sort: RoleSort,
    /// Whether it is privileged.
    pub privileged: bool,
    /// Whether backups can be restored by it.
    pub restores: bool,
}

/// A scope, by its index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Its source's place.
    pub place: u16,
    /// Whether it is there: none where the list that would show it was not read, or there is none.
    pub there: Option<bool>,
    /// Whether it is a vault.
    pub vault: bool,
    /// Whether it is a resource guard.
    pub guard: bool,
}

/// How an assignment came in, by its index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// An Azure role assignment.
    #[default]
    RoleAssignment,
    /// An Azure eligibility.
    Eligibility,
    /// An app role assignment.
    AppRole,
    /// A member of a Backstage role.
    RbacMember,
    /// An owner of an entity.
    Owner,
    /// A SCIM role or entitlement of an account.
    ScimRole,
    /// Named in Lanyard's settings.
    Named,
}

/// What became of a principal that its source does not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// Among the deleted items still; when it was deleted, where that is known.
    Deleted(Option<i64>),
    /// Neither in the directory nor among its deleted items.
    NotFound,
    /// It cannot be told: of another tenant, or not readable.
    #[default]
    Unknown,
    /// Of Backstage: an entity that is not in the catalog.
    Ghost,
}

/// A right of a principal that no source holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Its source's place.
    pub place: u16,
    /// A number for the principal: the same for the same principal.
    pub principal: u32,
    /// What became of the principal.
    pub fate: Fate,
    /// The identity that it was, as far as another source still knows it or history tells.
    pub was: Option<u32>,
    /// Whether history tells that the source held it.
    pub held_once: bool,
    /// The role.
    pub role: RoleIndex,
    /// The scope.
    pub scope: ScopeIndex,
    /// How far the assignment goes by itself.
    pub state: State,
    /// How it came in.
    pub origin: Origin,
    /// When the assignment was made.
    pub since: Option<i64>,
}

/// Attributes that are compared: a bit each in [`Difference::attributes`].
pub mod attribute {
    /// `displayName`.
    pub const NAME: u32 = 1;
    /// `title`.
    pub const TITLE: u32 = 2;
    /// `department`.
    pub const DEPARTMENT: u32 = 4;
    /// `manager`.
    pub const MANAGER: u32 = 8;
    /// The primary e-mail address.
    pub const EMAIL: u32 = 16;
    /// `userName`, where both systems mean the same by it.
    pub const USER_NAME: u32 = 32;
}

/// An account that differs from the leading one of its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The leading account.
    pub lead: Node,
    /// The other one.
    pub other: Node,
    /// What differs: see [`attribute`].
    pub attributes: u32,
}

/// Accounts that may be one identity, and were not joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ambiguous {
    /// Whether they are groups (ordinals) and not accounts.
    pub groups: bool,
    /// Who they are.
    pub subjects: Vec<u32>,
}

/// An entity of a catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entity {
    /// Its source's place.
    pub place: u16,
    /// No source of the catalog vouches for it any more.
    pub orphan: bool,
    /// The account or group that it is, where it is a user or a group.
    pub node: Option<Node>,
}

/// A program: a service principal or managed identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Its account.
    pub node: Node,
    /// Made by this tenant, and not by somebody else's application or by Azure for a resource.
    pub own: bool,
    /// A managed identity: its credentials are Azure's.
    pub managed: bool,
    /// Its owners that are held; none where its owners were not read.
    pub owners: Option<Vec<Node>>,
    /// Owners whom the tenant does not hold.
    pub owners_gone: u32,
}

/// A credential of a program: never its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgramCredential {
    /// The program, by its place in [`Scene::programs`].
    pub program: u32,
    /// When it ends.
    pub ends: i64,
    /// Whether the program has another one of the same sort that ends later.
    pub replaced: bool,
}

/// A token that Lanyard holds or knows of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Token {
    /// The source that it opens, by its place.
    pub place: u16,
    /// It is to be rotated by now, or has ended.
    pub due: bool,
    /// An old one still opens the source after it was replaced.
    pub old_lives: bool,
    /// The source refuses it.
    pub refused: bool,
    /// Days until it is to be rotated or ends; none where neither is known.
    pub days_left: Option<i64>,
}

/// How a provisioning job stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobState {
    /// It runs.
    #[default]
    Running,
    /// In quarantine.
    Quarantine,
    /// Stopped.
    Paused,
    /// Anything else.
    Other,
}

/// A provisioning job of Entra's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// Its source's place.
    pub place: u16,
    /// How it stands.
    pub state: JobState,
    /// Since when.
    pub since: Option<i64>,
}

/// An error in Entra's provisioning log: the last one about somebody in an application, not mended since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobError {
    /// Its source's place.
    pub place: u16,
    /// About whom, as far as the tenant holds them.
    pub node: Option<Node>,
    /// When.
    pub at: i64,
}

/// An identity with rights over a vault and over the guard that is to watch over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Who.
    pub identity: u32,
    /// The vault.
    pub vault: ScopeIndex,
    /// The guard.
    pub guard: ScopeIndex,
}

/// A way to restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restorer {
    /// Who.
    pub identity: u32,
    /// From which vault.
    pub vault: ScopeIndex,
    /// By which assignment.
    pub assignment: u32,
    /// How far it goes.
    pub state: State,
    /// Whether the way leads through a group that is meant for it.
    pub meant: bool,
}

/// The picture, as rules see it.
#[derive(Clone, Debug)]
pub struct Scene<'s> {
    /// Now.
    pub now: i64,
    /// By place.
    pub places: Vec<Place>,
    /// Memberships.
    pub graph: &'s Graph,
    /// Roles, scopes, assignments, denies.
    pub world: &'s World,
    /// Accounts that are one identity.
    pub identities: &'s Clusters,
    /// Groups that are one linked group.
    pub linked: &'s Clusters,
    /// By node.
    pub accounts: Vec<Account>,
    /// By ordinal.
    pub groups: Vec<Group>,
    /// By role index.
    pub roles: Vec<Role>,
    /// By scope index.
    pub scopes: Vec<Scope>,
    /// By assignment index.
    pub origins: Vec<Origin>,
    /// Rights of nobody that is known.
    pub lost: Vec<Lost>,
    /// Accounts that differ.
    pub differences: Vec<Difference>,
    /// Who could not be told apart.
    pub ambiguous: Vec<Ambiguous>,
    /// Accounts whose joins are in doubt for that reason: those that are named like one that was left apart. What is missing of them elsewhere
    /// may be there.
    pub unsure: Vec<Node>,
    /// Entities.
    pub entities: Vec<Entity>,
    /// Service principals.
    pub programs: Vec<Program>,
    /// Their credentials.
    pub credentials: Vec<ProgramCredential>,
    /// Lanyard's tokens, and those that it knows of.
    pub tokens: Vec<Token>,
    /// Provisioning jobs.
    pub jobs: Vec<Job>,
    /// What they could not do.
    pub job_errors: Vec<JobError>,
    /// Whether the keychain answered, so that it is known how tokens stand.
    pub keychain: bool,
    /// Whether groups were named that are meant for restoring.
    pub restore_groups: bool,
    /// Ways to restore.
    pub restorers: Vec<Restorer>,
    /// Who can let himself through a guard.
    pub breaches: Vec<Breach>,
}

impl<'s> Scene<'s> {
    /// A scene of nothing but memberships and rights.
    pub fn new(graph: &'s Graph, world: &'s World, identities: &'s Clusters, linked: &'s Clusters) -> Self {
        Self {
            now: 0,
            places: Vec::new(),
            graph,
            world,
            identities,
            linked,
            accounts: Vec::new(),
            groups: Vec::new(),
            roles: Vec::new(),
            scopes: Vec::new(),
            origins: Vec::new(),
            lost: Vec::new(),
            differences: Vec::new(),
            ambiguous: Vec::new(),
            unsure: Vec::new(),
            entities: Vec::new(),
            programs: Vec::new(),
            credentials: Vec::new(),
            tokens: Vec::new(),
            jobs: Vec::new(),
            job_errors: Vec::new(),
            keychain: false,
            restore_groups: false,
            restorers: Vec::new(),
            breaches: Vec::new(),
        }
    }

    /// The place of the source that leads.
    pub fn authority(&self) -> Option<u16> {
        self.places.iter().position(|place| place.authoritative).map(|at| at as u16)
    }

    /// The place of the source that holds a node.
    pub fn place_of(&self, node: Node) -> Option<u16> {
        match self.graph.group_ordinal(node) {
            Some(group) => self.groups.get(group as usize).map(|group| group.place),
            None => self.accounts.get(node as usize).map(|account| account.place),
        }
    }
}
