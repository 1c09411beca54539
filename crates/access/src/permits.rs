//! What roles permit: Azure's actions minus notActions by pattern, the policies of the Backstage RBAC plugin, and which roles are privileged.

use crate::pattern::Pattern;
use crate::world::{ActionBlock, Effect, Permits, Policy};

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// An Azure action of the control plane. With a `*` in it: any action that fits, among those that role definitions name.
    Control(String),
    /// An Azure action of the data plane; `*` as above.
    Data(String),
    /// A permission of Backstage.
    Permission {
        /// Its name: `catalog.entity.delete`; or a resource type, where policies by resource type are meant.
        name: String,
        /// The type of the resource that it is about: `catalog-entity`. Policies may name either; those that name the permission go first.
        resource_type: Option<String>,
        /// `read`, `create`, `update`, `delete` or `use`; any where none is named.
        action: Option<String>,
    },
}

/// The actions that bring data back out of a backup: Recovery Services vaults, then Backup vaults.
/// <https://learn.microsoft.com/azure/role-based-access-control/permissions/storage>
pub const RESTORE: &[&str] = &[
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/restore/action",
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/provisionInstantItemRecovery/action",
    "Microsoft.RecoveryServices/locations/backupCrossRegionRestore/action",
    "Microsoft.DataProtection/backupVaults/backupInstances/restore/action",
    "Microsoft.DataProtection/subscriptions/resourceGroups/providers/locations/crossRegionRestore/action",
];

/// [`RESTORE`] as actions to ask for.
pub fn restore() -> Vec<Action> {
    RESTORE.iter().map(|name| Action::Control((*name).into())).collect()
}

/// Whether a role permits one of these actions by itself, under a condition or not. Denies of other roles are not looked at.
/// A role whose definition could not be read ([`Permits::Unknown`]) permits nothing that is known.
pub fn permits_any(permits: &Permits, actions: &[Action]) -> bool {
    let compiled = Compiled::new(permits);
    actions.iter().any(|action| match &compiled {
        Compiled::Blocks(blocks) => Wanted::new(action, blocks.iter()).is_some_and(|wanted| wanted.permitted(blocks)),
        Compiled::Policies => match permits {
            Permits::Policies(policies) => expand(action, policies.iter()).iter().any(|action| {
                let said = Said::of(policies, action);
                said.conditional || (said.allowed() && !said.denied())
            }),
            _ => false,
        },
        Compiled::Everything => true,
        Compiled::Name | Compiled::Unknown => false,
    })
}

/// What makes a role privileged beside restoring, even where it is permitted by a `*`: changing who has access, and deleting what is not easily made again.
const WEIGHTY: &[&str] = &[
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/elevateAccess/action",
    "Microsoft.Authorization/locks/delete",
    "Microsoft.Resources/subscriptions/resourceGroups/delete",
    "Microsoft.RecoveryServices/vaults/delete",
    "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/delete",
    "Microsoft.RecoveryServices/vaults/backupResourceGuardProxies/delete",
    "Microsoft.DataProtection/backupVaults/delete",
    "Microsoft.DataProtection/backupVaults/backupInstances/delete",
    "Microsoft.DataProtection/resourceGuards/delete",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Compute/disks/delete",
    "Microsoft.Compute/snapshots/delete",
    "Microsoft.Storage/storageAccounts/delete",
    "Microsoft.KeyVault/vaults/delete",
    "Microsoft.Sql/servers/databases/delete",
];

/// Whether a role can change who has access, delete, or restore.
///
/// Azure: it can write role assignments, restore from a backup, delete what weighs (vaults, what they protect, resource groups,
/// machines, disks, storage, keys, databases, locks), or names any deletion. A `*` over a small thing alone, as readers have it
/// over their alert rules, does not count. Backstage: it creates, updates or deletes,
/// or has any permission over the policies themselves.
pub fn is_privileged(permits: &Permits) -> bool {
    match permits {
        Permits::Actions(_) => {
            let mut wanted = restore();
            wanted.extend(WEIGHTY.iter().map(|name| Action::Control((*name).into())));
            wanted.push(Action::Control("*/delete".into()));
            wanted.push(Action::Data("*/delete".into()));
            permits_any(permits, &wanted)
        }
        Permits::Policies(policies) => policies.iter().any(|policy| {
            let over_policies = policy.permission.starts_with("policy-entity") || policy.permission.starts_with("policy.entity");
            policy.effect != Effect::Deny
                && (over_policies
                    || ["create", "update", "delete"]
                        .iter()
                        .any(|verb| policy.action.eq_ignore_ascii_case(verb)))
                && !policies
                    .iter()
                    .any(|other| other.effect == Effect::Deny && other.permission == policy.permission && other.action == policy.action)
        }),
        Permits::All => true,
        Permits::Name | Permits::Unknown => false,
    }
}

/// The patterns of one plane of one block.
#[derive(Clone, Debug)]
struct Side {
    yes: Vec<Pattern>,
    no: Vec<Pattern>,
}

impl Side {
    fn new(yes: &[String], no: &[String]) -> Self {
        let compile = |list: &[String]| list.iter().map(|text| Pattern::new(text)).collect();
        Self {
            yes: compile(yes),
            no: compile(no),
        }
    }

    /// Whether an action, or all that a pattern stands for apart from some notActions, is permitted.
    fn permits(&self, wanted: &Pattern) -> bool {
        self.yes.iter().any(|yes| yes.covers(wanted)) && !self.no.iter().any(|no| no.covers(wanted))
    }

    /// Whether both permit something in common.
    fn touches(&self, other: &Self) -> bool {
        let off = |pattern: &Pattern| self.no.iter().chain(&other.no).any(|no| no.covers(pattern));
        self.yes
            .iter()
            .filter(|one| !off(one))
            .any(|one| other.yes.iter().any(|two| one.meets(two) && !off(two)))
    }

    /// Whether nothing that the pattern fits is left out, apart from what `besides` covers.
    fn has_all(&self, wanted: &Pattern, besides: &[Pattern]) -> bool {
        self.yes.iter().any(|yes| yes.covers(wanted))
            && self
                .no
                .iter()
                .all(|no| !no.meets(wanted) || besides.iter().any(|other| other.covers(no)))
    }

    /// What is left after notActions that take all of a pattern off.
    fn left(&self) -> impl Iterator<Item = &Pattern> {
        self.yes.iter().filter(|yes| !self.no.iter().any(|no| no.covers(yes)))
    }
}

/// One block made ready.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    control: Side,
    data: Side,
}

/// Blocks made ready.
pub(crate) fn compile(blocks: &[ActionBlock]) -> Vec<Block> {
    blocks
        .iter()
        .map(|block| Block {
            control: Side::new(&block.actions, &block.not_actions),
            data: Side::new(&block.data_actions, &block.not_data_actions),
        })
        .collect()
}

/// What a role permits, made ready.
#[derive(Clone, Debug)]
pub(crate) enum Compiled {
    Blocks(Vec<Block>),
    /// Read off the facts.
    Policies,
    Everything,
    Name,
    Unknown,
}

impl Compiled {
    pub(crate) fn new(permits: &Permits) -> Self {
        match permits {
            Permits::Actions(blocks) => Self::Blocks(compile(blocks)),
            Permits::Policies(_) => Self::Policies,
            Permits::All => Self::Everything,
            Permits::Name => Self::Name,
            Permits::Unknown => Self::Unknown,
        }
    }
}

/// An Azure action made ready.
pub(crate) struct Wanted {
    pattern: Pattern,
    /// Actions that are known and fit, where it is a pattern.
    known: Vec<Pattern>,
    data: bool,
}

impl Wanted {
    /// Nobody tells which actions Azure has. So a pattern stands for those that fit among the ones that these blocks name, and
    /// those of [`RESTORE`]; and for whatever it may fit where a role permits all of that.
    pub(crate) fn new<'b>(action: &Action, blocks: impl Iterator<Item = &'b Block>) -> Option<Self> {
        let (name, data) = match action {
            Action::Control(name) => (name, false),
            Action::Data(name) => (name, true),
            Action::Permission { .. } => return None,
        };
        let mut wanted = Self {
            pattern: Pattern::new(name),
            known: Vec::new(),
            data,
        };
        if !wanted.pattern.is_exact() {
            let restore = RESTORE.iter().filter(|_| !data).map(|name| Pattern::new(name));
            let mut known: Vec<Pattern> = blocks
                .flat_map(|block| &wanted.side(block).yes)
                .filter(|named| named.is_exact())
                .cloned()
                .chain(restore)
                .filter(|named| wanted.pattern.covers(named))
                .collect();
            known.sort_unstable();
            known.dedup();
            wanted.known = known;
        }
        Some(wanted)
    }

    fn side<'b>(&self, block: &'b Block) -> &'b Side {
        if self.data { &block.data } else { &block.control }
    }

    /// Whether blocks permit it, or some of it.
    pub(crate) fn permitted(&self, blocks: &[Block]) -> bool {
        blocks.iter().map(|block| self.side(block)).any(|side| {
            let named = || self.known.iter().any(|named| side.permits(named));
            side.permits(&self.pattern) || named()
        })
    }

    /// Whether blocks of a deny take all of it.
    pub(crate) fn denied(&self, blocks: &[Block]) -> bool {
        blocks.iter().any(|block| self.side(block).has_all(&self.pattern, &[]))
    }
}

/// How much of what a role permits a deny takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cover {
    Nothing,
    Some,
    All,
}

/// How much of what a role permits these blocks of a deny take off. "All" is said only where it is certain by the patterns alone.
pub(crate) fn cover(role: &[Block], deny: &[Block]) -> Cover {
    let touched = role.iter().any(|block| {
        deny.iter()
            .any(|other| other.control.touches(&block.control) || other.data.touches(&block.data))
    });
    if !touched {
        return Cover::Nothing;
    }
    let all = role.iter().all(|block| {
        let control = block
            .control
            .left()
            .all(|yes| deny.iter().any(|other| other.control.has_all(yes, &block.control.no)));
        control
            && block
                .data
                .left()
                .all(|yes| deny.iter().any(|other| other.data.has_all(yes, &block.data.no)))
    });
    if all { Cover::All } else { Cover::Some }
}

/// A permission with its action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exact {
    pub(crate) name: String,
    pub(crate) resource_type: Option<String>,
    pub(crate) action: String,
}

/// A permission with each action that it is asked for, or that policies name for it.
pub(crate) fn expand<'p>(action: &Action, policies: impl Iterator<Item = &'p Policy>) -> Vec<Exact> {
    let Action::Permission {
        name,
        resource_type,
        action,
    } = action
    else {
        return Vec::new();
    };
    let exact = |action: &str| Exact {
        name: name.clone(),
        resource_type: resource_type.clone(),
        action: action.to_lowercase(),
    };
    if let Some(action) = action {
        return vec![exact(action)];
    }
    let mut found: Vec<Exact> = policies
        .filter(|policy| same(&policy.permission, name) || resource_type.as_ref().is_some_and(|kind| same(&policy.permission, kind)))
        .map(|policy| exact(&policy.action))
        .collect();
    found.sort_unstable_by(|one, two| one.action.cmp(&two.action));
    found.dedup();
    found
}

/// Names of permissions are compared exactly, as Casbin does.
fn same(one: &str, other: &str) -> bool {
    one == other
}

/// What policies say of one permission and action.
///
/// The plugin looks at conditional policies first (its default), then at basic ones that name the permission if there are
/// any, then at basic ones that name the resource type; a deny goes over every allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) conditional: bool,
    named_allow: bool,
    named_deny: bool,
    typed_allow: bool,
    typed_deny: bool,
}

impl Said {
    pub(crate) fn of(policies: &[Policy], asked: &Exact) -> Self {
        let mut said = Self::default();
        for policy in policies.iter().filter(|policy| policy.action.eq_ignore_ascii_case(&asked.action)) {
            let named = same(&policy.permission, &asked.name);
            if !named && !asked.resource_type.as_ref().is_some_and(|kind| same(&policy.permission, kind)) {
                continue;
            }
            match (policy.effect, named) {
                (Effect::Conditional, _) => said.conditional = true,
                (Effect::Allow, true) => said.named_allow = true,
                (Effect::Deny, true) => said.named_deny = true,
                (Effect::Allow, false) => said.typed_allow = true,
                (Effect::Deny, false) => said.typed_deny = true,
            }
        }
        said
    }

    /// What one policy says that names the permission.
    pub(crate) fn one(effect: Effect) -> Self {
        Self {
            conditional: effect == Effect::Conditional,
            named_allow: effect == Effect::Allow,
            named_deny: effect == Effect::Deny,
            ..Self::default()
        }
    }

    /// What several roles say together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            conditional: self.conditional || other.conditional,
            named_allow: self.named_allow || other.named_allow,
            named_deny: self.named_deny || other.named_deny,
            typed_allow: self.typed_allow || other.typed_allow,
            typed_deny: self.typed_deny || other.typed_deny,
        }
    }

    fn named(self) -> bool {
        self.named_allow || self.named_deny
    }

    /// Whether anything is said at all.
    pub(crate) fn any(self) -> bool {
        self != Self::default()
    }

    /// Whether something allows, or allows under a condition: alone, it would be held.
    pub(crate) fn grants(self) -> bool {
        self.conditional || self.named_allow || self.typed_allow
    }

    /// Whether a basic policy allows, before denies.
    pub(crate) fn allowed(self) -> bool {
        if self.named() { self.named_allow } else { self.typed_allow }
    }

    /// Whether a basic policy denies.
    pub(crate) fn denied(self) -> bool {
        if self.named() { self.named_deny } else { self.typed_deny }
    }
}
