//! The world of access: roles, scopes, assignments and denies over the graph of memberships, as numbers that the caller has names for.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use crate::graph::{Graph, Lists, Node};
use crate::marks::{Marks, Record};
use crate::permits::{Block, Compiled, Cover, compile, cover};
use crate::scopes::Scopes;
use crate::upward::Upward;

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
    /// All that there is on its scopes, over every policy: a superuser of the Backstage RBAC plugin.
    All,
    /// A bare name: a SCIM role or entitlement, an app role, ownership. It answers to its name only.
    Name,
    /// Its definition could not be read: nothing can be said about its actions.
    Unknown,
}

/// A deny's number, from 0.
pub type DenyIndex = u32;

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

impl Deny {
    /// Everybody and everything that it names: whom it is for, and who is excepted.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = Node> {
        let whom = match &self.whom {
            Whom::Everybody => &[][..],
            Whom::These(principals) => principals,
        };
        whom.iter().chain(&self.except).copied()
    }
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

/// What cuts a membership or an assignment out of the world, for "what if it went".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// A direct membership.
    Member {
        /// The group's node.
        group: Node,
        /// The member's node.
        member: Node,
    },
    /// An assignment.
    Assignment(AssignmentIndex),
    /// All memberships of a group (node) at once.
    Emptied(Node),
}

/// Edges that are cut out of the world together.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    /// Group and member.
    members: HashSet<(Node, Node)>,
    emptied: HashSet<Node>,
    assignments: HashSet<AssignmentIndex>,
}

impl Cut {
    pub(crate) fn new(edges: &[Edge]) -> Self {
        let mut cut = Self::default();
        for edge in edges {
            match edge {
                Edge::Member { group, member } => _ = cut.members.insert((*group, *member)),
                Edge::Emptied(group) => _ = cut.emptied.insert(*group),
                Edge::Assignment(at) => _ = cut.assignments.insert(*at),
            }
        }
        cut
    }

    /// Whether this membership goes.
    pub(crate) fn member(&self, group: Node, member: Node) -> bool {
        (!self.emptied.is_empty() && self.emptied.contains(&group)) || (!self.members.is_empty() && self.members.contains(&(group, member)))
    }

    /// Whether this assignment goes.
    pub(crate) fn assignment(&self, at: AssignmentIndex) -> bool {
        !self.assignments.is_empty() && self.assignments.contains(&at)
    }
}

/// How many steps from groups to what lies above them are kept: so many, and so many for each group and each assignment.
const STEPS: usize = 1 << 16;
const STEPS_EACH: usize = 4;

/// Numbers of pairs of permission and action.
type PairNumbers = BTreeMap<(String, String), u32>;

/// The world, indexed for questions. Shares the graph with its owner: it is handed in with each question, and must be the
/// one that the world was made with.
#[derive(Clone, Debug, Default)]
pub struct World {
    facts: Facts,
    /// Who holds something, or is named by a deny: nothing else bears on what anybody holds.
    pub(crate) marks: Marks,
    /// What each group leads to.
    pub(crate) upward: Upward,
    /// By scope: the assignments on it.
    on: Lists,
    scopes: Scopes,
    /// By role.
    pub(crate) compiled: Vec<Compiled>,
    /// By role of the Backstage plugin: permission with action as a number of the pair, with what is said, ascending.
    pub(crate) pairs: Vec<Vec<(u32, Effect)>>,
    /// By permission and action (lower case).
    pair_numbers: PairNumbers,
    /// By deny.
    pub(crate) blocks: Vec<Vec<Block>>,
    /// Denies for everybody.
    pub(crate) everybody: Vec<DenyIndex>,
    /// By role, made when first asked for: how much each deny takes off it.
    covers: Vec<OnceLock<Box<[Cover]>>>,
}

impl World {
    /// Makes the indexes over the facts. Assignments whose principal, role or scope does not exist are passed over, as are
    /// denies on scopes that do not exist; circles of scopes are cut. Numbers stay what they are in `facts`.
    pub fn new(graph: &Graph, facts: Facts) -> Self {
        let room = STEPS + STEPS_EACH * (graph.groups() as usize + facts.assignments.len());
        Self::with_room(graph, facts, room)
    }

    /// The same with room for so many steps from groups to what lies above them, of sixteen bytes each. Answers are the same with
    /// any room: what finds none is walked.
    pub fn with_room(graph: &Graph, facts: Facts, room: usize) -> Self {
        let (roles, scopes) = (facts.roles.len() as u32, facts.scopes.len() as u32);
        let holds = |given: &Assignment| given.principal < graph.nodes() && given.role < roles && given.scope < scopes;
        let given: Vec<AssignmentIndex> = (0..facts.assignments.len() as u32)
            .filter(|at| holds(&facts.assignments[*at as usize]))
            .collect();
        let on = Lists::of_pairs(scopes, given.iter().map(|at| (facts.assignments[*at as usize].scope, *at)));
        let denies: Vec<DenyIndex> = (0..facts.denies.len() as u32)
            .filter(|at| facts.denies[*at as usize].scope < scopes)
            .collect();
        let everybody = |at: &DenyIndex| facts.denies[*at as usize].whom == Whom::Everybody;
        let (pairs, pair_numbers) = pairs(&facts.roles);
        let marks = Marks::new(graph, &facts, given, &denies);
        Self {
            upward: Upward::new(graph, &marks, room),
            marks,
            on,
            scopes: Scopes::new(&facts.scopes),
            compiled: facts.roles.iter().map(|role| Compiled::new(&role.permits)).collect(),
            pairs,
            pair_numbers,
            blocks: facts.denies.iter().map(|deny| compile(&deny.blocks)).collect(),
            everybody: denies.into_iter().filter(everybody).collect(),
            covers: vec![OnceLock::new(); facts.roles.len()],
            facts,
        }
    }

    /// The facts.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// An assignment, if there is one of this number.
    pub fn assignment(&self, at: AssignmentIndex) -> Option<&Assignment> {
        self.facts.assignments.get(at as usize)
    }

    /// The assignments of a principal itself, ascending.
    pub fn held_by(&self, principal: Node) -> &[AssignmentIndex] {
        self.marks.of(principal).map_or(&[], |mark| self.marks.given(mark))
    }

    /// The assignments on a scope itself, ascending.
    pub fn given_on(&self, scope: ScopeIndex) -> &[AssignmentIndex] {
        self.on.row(scope as usize)
    }

    /// All assignments that are somebody's on a scope that there is, by principal.
    pub(crate) fn assignments_held(&self) -> impl Iterator<Item = AssignmentIndex> {
        self.marks.all_given().iter().copied()
    }

    /// All principals that have an assignment, ascending.
    pub fn principals(&self) -> impl Iterator<Item = Node> {
        let marks = self.marks.nodes().iter().zip(0..);
        marks.filter(|(_, mark)| !self.marks.given(*mark).is_empty()).map(|(node, _)| *node)
    }

    /// An assignment to a role that there is, as it is judged.
    pub(crate) fn record(&self, at: AssignmentIndex) -> Record {
        Record::of(&self.facts, at)
    }

    /// The tree of scopes.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The number of a pair of permission and action of Backstage policies.
    pub(crate) fn pair(&self, permission: &str, action: &str) -> Option<u32> {
        self.pair_numbers.get(&(permission.to_owned(), action.to_lowercase())).copied()
    }

    /// How much a deny takes off a role.
    pub(crate) fn cover(&self, role: RoleIndex, deny: DenyIndex) -> Cover {
        let covers = self.covers[role as usize].get_or_init(|| match &self.compiled[role as usize] {
            Compiled::Blocks(blocks) => self.blocks.iter().map(|deny| cover(blocks, deny)).collect(),
            // What is not known may be denied.
            Compiled::Unknown => self.blocks.iter().map(|_| Cover::Some).collect(),
            Compiled::Policies | Compiled::Everything | Compiled::Name => self.blocks.iter().map(|_| Cover::Nothing).collect(),
        });
        covers[deny as usize]
    }
}

/// Each pair of permission and action of Backstage policies as a number, by role; and the numbers.
fn pairs(roles: &[Role]) -> (Vec<Vec<(u32, Effect)>>, PairNumbers) {
    let mut numbers = PairNumbers::new();
    let by_role = roles
        .iter()
        .map(|role| {
            let Permits::Policies(policies) = &role.permits else {
                return Vec::new();
            };
            let mut pairs: Vec<(u32, Effect)> = policies
                .iter()
                .map(|policy| {
                    let next = numbers.len() as u32;
                    let key = (policy.permission.clone(), policy.action.to_lowercase());
                    (*numbers.entry(key).or_insert(next), policy.effect)
                })
                .collect();
            pairs.sort_unstable_by_key(|(pair, effect)| (*pair, *effect as u8));
            pairs.dedup();
            pairs
        })
        .collect();
    (by_role, numbers)
}
