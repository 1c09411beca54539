//! The world of access: roles, scopes, assignments and denies over the graph of memberships, as numbers that the caller has names for.

use crate::graph::{Graph, Node};

/// A role's number, from 0.
pub type RoleIndex = u32;
/// A scope's number, from 0.
pub type ScopeIndex = u32;
/// An assignment's number, from 0.
pub type AssignmentIndex = u32;

/// The actions of one block of an Azure role definition: patterns with `*`, compared without regard to case.
/// A block permits an action that one of `actions` fits and none of `not_actions`; blocks of a definition add up.
/// <https://learn.microsoft.com/azure/role-based-access-control/role-definitions>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionBlock {
    /// Control plane actions.
    pub actions: Vec<String>,
    /// What is taken off them.
    pub not_actions: Vec<String>,
    /// Data plane actions.
    pub data_actions: Vec<String>,
    /// What is taken off them.
    pub not_data_actions: Vec<String>,
}

/// What a policy of the Backstage RBAC plugin says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, and that goes over every allow of every other role of the same user.
    Deny,
    /// It depends on the resource.
    Conditional,
}

/// One policy of a Backstage RBAC role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The permission's name (`catalog.entity.delete`) or its resource type (`catalog-entity`).
    pub permission: String,
    /// `read`, `create`, `update`, `delete` or `use`.
    pub action: String,
    /// What it says.
    pub effect: Effect,
}

/// What a role permits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permits {
    /// An Azure role definition.
    Actions(Vec<ActionBlock>),
    /// A Backstage RBAC role.
    Policies(Vec<Policy>),
    /// A bare name: a SCIM role or entitlement, an app role, ownership. It answers to its name only.
    Name,
    /// Its definition could not be read: nothing can be said about its actions.
    Unknown,
}

/// Whether an assignment to a group is good for members of groups nested in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Follow {
    /// For all (Azure RBAC; Backstage by `spec.parent`).
    Nested,
    /// For direct members only (app role assignments and SCIM provisioning).
    Direct,
}

/// How far an assignment goes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It holds.
    Active,
    /// It holds under a condition, which is not decided.
    Conditional,
    /// It can be activated.
    Eligible,
    /// It is denied.
    Denied,
    /// The system does not follow nested groups on the way.
    NotFollowed,
}

/// A principal, a role, a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// An account, a group, or a dangling id (a principal that its source does not hold).
    pub principal: Node,
    /// The role.
    pub role: RoleIndex,
    /// The scope.
    pub scope: ScopeIndex,
    /// How far it goes by itself: active, conditional or eligible.
    pub state: State,
    /// Whom it is good for.
    pub follow: Follow,
}

/// Whom a deny is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Everybody of its source.
    Everybody,
    /// These principals, groups with all that is nested in them.
    These(Vec<Node>),
}

/// An Azure deny assignment: goes over every assignment, whatever its role.
/// <https://learn.microsoft.com/azure/role-based-access-control/deny-assignments>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deny {
    /// Whom it is for.
    pub whom: Whom,
    /// Who is excepted, groups with all that is nested in them.
    pub except: Vec<Node>,
    /// On which scope.
    pub scope: ScopeIndex,
    /// Whether it is good on what lies below the scope too.
    pub below: bool,
    /// What it denies: one that is fitted as a role's blocks are.
    pub blocks: Vec<ActionBlock>,
    /// Whether it is good under a condition only.
    pub conditional: bool,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// What it permits.
    pub permits: Permits,
}

/// A scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The scope that it lies in: what is assigned there is good here.
    pub parent: Option<ScopeIndex>,
}

/// All that is known about access, as the caller read it. Graph nodes are accounts, groups and dangling ids of all sources.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// By role index.
    pub roles: Vec<Role>,
    /// By scope index.
    pub scopes: Vec<Scope>,
    /// By assignment index.
    pub assignments: Vec<Assignment>,
    /// All denies.
    pub denies: Vec<Deny>,
}

/// The world, indexed for questions. Shares the graph with its owner: it is handed in with each question.
#[derive(Clone, Debug, Default)]
pub struct World {
    facts: Facts,
}

impl World {
    /// Makes the indexes over the facts. Assignments whose role or scope does not exist are left out, circles of scopes are cut.
    pub fn new(graph: &Graph, facts: Facts) -> Self {
        let _ = graph;
        Self { facts }
    }

    /// The facts.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }
}
