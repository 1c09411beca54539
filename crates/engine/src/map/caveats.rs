//! What the map cannot say: each collection that was not read, or not whole, with what that leaves open.

use std::collections::BTreeSet;

use super::tables::{RoleSort, ScopeSort};
use crate::record::{ItemKind, ResourceKind};
use crate::view::{Caveat, CoverageState, Source, SourceId, SourceKind};

/// The collections that access hangs on, by kind of source, and what is not evaluated without each.
fn wanted(kind: SourceKind) -> &'static [(ItemKind, &'static str)] {
    match kind {
        SourceKind::Scim => &[],
        SourceKind::Backstage => &[
            (ItemKind::RbacRole, "who holds which role is not evaluated"),
            (ItemKind::RbacPolicy, "what roles permit is not evaluated"),
            (ItemKind::RbacCondition, "under which conditions roles are good is not evaluated"),
            (ItemKind::Entity, "who owns what is not evaluated"),
        ],
        SourceKind::Azure => &[
            (ItemKind::RoleAssignment, "who holds Azure roles there is not evaluated"),
            (ItemKind::RoleDefinition, "what the roles permit is not evaluated"),
            (ItemKind::DenyAssignment, "who is denied is not evaluated"),
            (ItemKind::Eligibility, "who can activate a role is not evaluated"),
            (
                ItemKind::ManagementGroup,
                "what is inherited from management groups is not evaluated",
            ),
            (ItemKind::Subscription, "what is held in other subscriptions is not evaluated"),
            (ItemKind::AppRoleAssignment, "who is assigned to applications is not evaluated"),
            (ItemKind::RecoveryVault, "who can restore from others is not evaluated"),
            (ItemKind::BackupVault, "who can restore from others is not evaluated"),
            (ItemKind::ResourceGuard, "who can let himself through a guard is not evaluated"),
            (ItemKind::GuardProxy, "which vaults are guarded is not evaluated"),
            (
                ItemKind::LostPrincipal,
                "what became of principals that are not found is not evaluated",
            ),
        ],
    }
}

/// A collection in the middle of a sentence.
fn in_words(kind: ItemKind) -> String {
    let name = ResourceKind::Item(kind).collection();
    match kind {
        ItemKind::RbacRole | ItemKind::RbacPolicy | ItemKind::RbacCondition | ItemKind::RecoveryVault | ItemKind::BackupVault => {
            name.to_owned()
        }
        _ => name.to_lowercase(),
    }
}

/// What cannot be said about one collection of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Which source.
    pub source: SourceId,
    /// Which collection.
    pub kind: ItemKind,
    /// Whether nothing of it was read.
    pub nothing: bool,
    /// Whether it stands for the source as a whole, of which nothing was read yet.
    pub whole: bool,
    /// In words.
    pub text: String,
}

/// The gaps of these sources; those that are switched off are left out as a whole.
pub fn gaps(sources: &[Source]) -> Vec<Gap> {
    let enabled = sources.iter().filter(|source| source.settings.enabled);
    enabled.flat_map(of_source).collect()
}

fn of_source(source: &Source) -> Vec<Gap> {
    let synced = source
        .coverage
        .iter()
        .any(|coverage| coverage.read_at.is_some() || !coverage.reasons.is_empty());
    let gap = |(kind, consequence): &(ItemKind, &str)| {
        let name = ResourceKind::Item(*kind).collection();
        let found = source.coverage.iter().find(|coverage| coverage.collection == name);
        let what = in_words(*kind);
        let reasons = found.map_or_else(String::new, |coverage| {
            coverage
                .reasons
                .iter()
                .map(|reason| reason.text.trim_end_matches('.'))
                .collect::<Vec<_>>()
                .join("; ")
        });
        let because = if reasons.is_empty() {
            String::new()
        } else {
            format!(" ({reasons})")
        };
        let not_offered = found.is_some_and(|coverage| coverage.reasons.iter().any(|reason| reason.code == "notOffered"));
        let (nothing, text) = match found.map(|coverage| coverage.state) {
            Some(CoverageState::Complete) if !not_offered => return None,
            Some(CoverageState::Incomplete) => (false, format!("not all {what} were read{because}; {consequence} for the rest")),
            _ if not_offered => (true, format!("the server offers no {what}{because}; {consequence}")),
            _ => (true, format!("{what} were not read{because}; {consequence}")),
        };
        Some(Gap {
            source: source.id,
            kind: *kind,
            nothing,
            whole: false,
            text: format!("{}: {text}", source.settings.name),
        })
    };
    let all: Vec<Gap> = wanted(source.settings.kind).iter().filter_map(gap).collect();
    // Never synced: one sentence says it all.
    match all.first() {
        Some(first) if !synced => vec![Gap {
            whole: true,
            text: format!("{}: not synced yet; nothing about access there is evaluated", source.settings.name),
            ..first.clone()
        }],
        _ => all,
    }
}

/// Collections on which it hangs who holds an Azure role, and how far.
const AZURE: &[ItemKind] = &[
    ItemKind::RoleAssignment,
    ItemKind::RoleDefinition,
    ItemKind::DenyAssignment,
    ItemKind::Eligibility,
    ItemKind::ManagementGroup,
    ItemKind::Subscription,
];
/// Collections on which it hangs who holds a role of Backstage's RBAC plugin, and how far.
const RBAC: &[ItemKind] = &[ItemKind::RbacRole, ItemKind::RbacPolicy, ItemKind::RbacCondition];

/// The collections on which it hangs who holds a role of this sort, and how far. Lists of vaults and guards, and what became of principals that
/// are not found, bear on no holding.
pub fn bears_on(sort: RoleSort) -> &'static [ItemKind] {
    match sort {
        RoleSort::BuiltIn | RoleSort::Custom | RoleSort::Unread => AZURE,
        RoleSort::Rbac => RBAC,
        RoleSort::App => &[ItemKind::AppRoleAssignment],
        RoleSort::Owner => &[ItemKind::Entity],
        RoleSort::Superuser | RoleSort::ScimRole | RoleSort::Entitlement => &[],
    }
}

/// The collections on which it hangs who holds anything at all.
pub fn bears_on_any() -> Vec<ItemKind> {
    [AZURE, RBAC, &[ItemKind::AppRoleAssignment, ItemKind::Entity]].concat()
}

/// The collections on which it hangs who can do something on a scope of this sort. What other subscriptions hold does not; a scope in one that
/// was not read is told by itself.
pub fn bears_on_scope(system: SourceKind, sort: ScopeSort) -> Vec<ItemKind> {
    match (system, sort) {
        (SourceKind::Azure, ScopeSort::Application) => vec![ItemKind::AppRoleAssignment, ItemKind::LostPrincipal],
        (SourceKind::Azure, _) => {
            let mut kinds: Vec<ItemKind> = AZURE.iter().copied().filter(|kind| *kind != ItemKind::Subscription).collect();
            kinds.push(ItemKind::LostPrincipal);
            kinds
        }
        (SourceKind::Backstage, ScopeSort::Entity) => [RBAC, &[ItemKind::Entity]].concat(),
        (SourceKind::Backstage, _) => RBAC.to_vec(),
        (SourceKind::Scim, _) => Vec::new(),
    }
}

/// Gaps as caveats, those of one source or of all, of these kinds or of all; each sentence once.
pub fn told(gaps: &[Gap], source: Option<SourceId>, kinds: Option<&[ItemKind]>) -> Vec<Caveat> {
    let mut said = BTreeSet::new();
    gaps.iter()
        .filter(|gap| {
            source.is_none_or(|source| gap.source == source) && (gap.whole || kinds.is_none_or(|kinds| kinds.contains(&gap.kind)))
        })
        .filter(|gap| said.insert(gap.text.clone()))
        .map(|gap| Caveat {
            source: Some(gap.source),
            text: gap.text.clone(),
        })
        .collect()
}
