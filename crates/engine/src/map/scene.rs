//! What the rules of findings are asked with, as far as the map knows it; and what a finding is told with.

use std::collections::BTreeSet;

use lanyard_access::Node;
use lanyard_access::findings::scene::{Breach, Fate, Lost as LostRight, Origin as OriginSort, Restorer, Role, RoleSort as Sort, Scope};
use lanyard_access::world::World;

use super::tables::{Failure, Lost, LostWord, Origin, Orphan, Provisioning, RoleEntry, RoleSort, ScopeEntry, ScopeSort};
use super::{Map, address, restore};
use crate::Error;
use crate::record::ItemKind;
use crate::view::{NodeRef, Source, SourceKind};

impl Map {
    /// Roles, scopes, assignments and denies.
    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// All sources, as they were when the map was made.
    pub(crate) fn all_sources(&self) -> &[Source] {
        &self.sources
    }

    /// By role.
    pub(crate) fn role_entries(&self) -> &[RoleEntry] {
        &self.roles
    }

    /// By scope.
    pub(crate) fn scope_entries(&self) -> &[ScopeEntry] {
        &self.scopes
    }

    /// By assignment.
    pub(crate) fn origin_entries(&self) -> &[Origin] {
        &self.origins
    }

    /// Rights of principals that no source holds.
    pub(crate) fn lost_entries(&self) -> &[Lost] {
        &self.lost
    }

    /// Entities of catalogs that are orphans, but for users and groups.
    pub(crate) fn orphans(&self) -> &[Orphan] {
        &self.orphans
    }

    /// Provisioning jobs, in the order of their ids.
    pub(crate) fn provisioning(&self) -> &[Provisioning] {
        &self.provisioning
    }

    /// What they could not do, in the order of its ids.
    pub(crate) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// What was found out about a principal that no source holds.
    pub(crate) fn lost_word_of(&self, lost: &Lost) -> Option<&LostWord> {
        self.lost_words.get(&(lost.place, lost.id.to_lowercase().into()))
    }

    /// The kind of the source at a place.
    pub(crate) fn kind_of_place(&self, place: u16) -> SourceKind {
        self.system(place)
    }

    /// An identity, as views name it.
    pub(crate) fn named_person(&self, person: u32) -> NodeRef {
        self.person_ref(person)
    }

    /// An account, a group, or an id that is not held, as views name it.
    pub(crate) fn named_node(&self, node: Node) -> NodeRef {
        self.end_ref(node)
    }

    /// A role, as views name it.
    pub(crate) fn named_role(&self, role: u32) -> NodeRef {
        self.role_ref(role)
    }

    /// A scope, as views name it.
    pub(crate) fn named_scope(&self, scope: u32) -> NodeRef {
        self.scope_ref(scope)
    }

    /// The address of an assignment.
    pub(crate) fn edge_of(&self, origin: &Origin) -> String {
        address::assignment(self.source_id(origin.place), &origin.id)
    }

    /// What an address or a key names: an identity, a linked group, a role or a scope.
    pub(crate) fn about(&self, text: &str) -> Option<About> {
        let person = || self.person_of(text).map(About::Person);
        let group = || {
            self.group_of(text)
                .map(|group| About::Linked(self.directory.linked_groups().of(group)))
        };
        let role = || self.role_of(text).map(About::Role);
        let scope = || self.scope_of(text).map(About::Scope);
        person().or_else(group).or_else(role).or_else(scope)
    }

    /// By role.
    pub(crate) fn scene_roles(&self) -> Vec<Role> {
        let sort = |entry: &RoleEntry| match entry.sort {
            RoleSort::BuiltIn => Sort::BuiltIn,
            RoleSort::Custom | RoleSort::Rbac => Sort::Own,
            RoleSort::Unread => Sort::Undefined,
            RoleSort::App => Sort::App,
            RoleSort::Owner => Sort::Owner,
            RoleSort::Superuser => Sort::Superuser,
            RoleSort::ScimRole | RoleSort::Entitlement => Sort::Scim,
        };
        let all = self.roles.iter().zip(&self.privileged).zip(&self.can_restore);
        all.map(|((entry, privileged), restores)| Role {
            place: entry.place,
            sort: sort(entry),
            privileged: *privileged,
            restores: *restores,
        })
        .collect()
    }

    /// By scope.
    pub(crate) fn scene_scopes(&self) -> Vec<Scope> {
        // Lists show these, so that their absence tells something; where the settings narrow what is read, it tells nothing.
        let listed = |entry: &ScopeEntry| {
            let narrowed = self.all_of(entry.place).is_none_or(|source| {
                let azure = source.settings.azure.as_ref();
                azure.is_some_and(|azure| !azure.subscriptions.is_empty() || !azure.management_groups.is_empty())
            });
            let shown = matches!(
                entry.sort,
                ScopeSort::ManagementGroup | ScopeSort::Subscription | ScopeSort::RecoveryVault | ScopeSort::BackupVault | ScopeSort::Guard
            );
            (shown && !narrowed).then_some(entry.row.is_some())
        };
        let own: Vec<Option<bool>> = self.scopes.iter().map(listed).collect();
        let lies_in_nothing = |scope: u32| self.world.scopes().upwards(scope).any(|above| own[above as usize] == Some(false));
        let all = self.scopes.iter().zip(0u32..);
        all.map(|(entry, at)| Scope {
            place: entry.place,
            there: if lies_in_nothing(at) { Some(false) } else { own[at as usize] },
            vault: entry.sort.is_vault(),
            guard: entry.sort == ScopeSort::Guard,
        })
        .collect()
    }

    fn all_of(&self, place: u16) -> Option<&Source> {
        let id = self.source_id(place);
        self.sources.iter().find(|source| source.id == id)
    }

    fn origin_sort(&self, origin: &Origin, role: u32) -> OriginSort {
        match origin.kind {
            Some(ItemKind::RoleAssignment) => OriginSort::RoleAssignment,
            Some(ItemKind::Eligibility) => OriginSort::Eligibility,
            Some(ItemKind::AppRoleAssignment) => OriginSort::AppRole,
            Some(ItemKind::RbacRole) => OriginSort::RbacMember,
            Some(ItemKind::Entity) => OriginSort::Owner,
            _ if self.roles[role as usize].sort == RoleSort::Superuser => OriginSort::Named,
            _ => OriginSort::ScimRole,
        }
    }

    /// By assignment.
    pub(crate) fn scene_origins(&self) -> Vec<OriginSort> {
        let given = self.world.facts().assignments.iter();
        given
            .zip(&self.origins)
            .map(|(given, origin)| self.origin_sort(origin, given.role))
            .collect()
    }

    /// Rights of nobody that is held. Who it was, and whether history knows, is for the caller to say.
    pub(crate) fn scene_lost(&self) -> Vec<LostRight> {
        let mut numbers = std::collections::HashMap::new();
        let told = |lost: &Lost| {
            let next = numbers.len() as u32;
            let principal = *numbers.entry((lost.place, lost.id.to_lowercase())).or_insert(next);
            LostRight {
                place: lost.place,
                principal,
                fate: self.lost_word_of(lost).map_or(Fate::Unknown, |word| word.fate),
                was: None,
                held_once: false,
                role: lost.role,
                scope: lost.scope,
                state: lost.state,
                origin: self.origin_sort(&lost.origin, lost.role),
                since: lost.origin.more.as_ref().and_then(|more| more.since),
            }
        };
        self.lost.iter().map(told).collect()
    }

    /// Every way to restore, and everyone with rights over a vault and over its guard. `meant` are the keys of the groups meant for restoring.
    ///
    /// # Errors
    /// When the question cannot be put.
    pub(crate) fn scene_restorers(&self, meant: &[String]) -> Result<(Vec<Restorer>, Vec<Breach>), Error> {
        let found = self.restores()?;
        let meant: BTreeSet<u32> = self.meant(meant);
        Ok((self.ways_to_restore(&found, &meant), restore::Restores::both(&found).to_vec()))
    }
}

/// What an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// An identity.
    Person(u32),
    /// A linked group.
    Linked(u32),
    /// A role.
    Role(u32),
    /// A scope.
    Scope(u32),
}
