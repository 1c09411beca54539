//! What a question names in words: a person, a role, a scope; by address, key, id or name.

use super::Map;
use super::tables::ScopeSort;
use crate::directory::fold;
use crate::view::{GotoHit, NodeRef};

/// How a name was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// One fits.
    One(NodeRef),
    /// Several fit: how many, and the first of them.
    Several(usize, Vec<NodeRef>),
    /// None fits.
    None,
}

/// Candidates that are told.
const TOLD: usize = 10;

impl Named {
    fn of(map: &Map, mut found: Vec<u32>, node: impl Fn(&Map, u32) -> NodeRef) -> Self {
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [] => Self::None,
            [one] => Self::One(node(map, *one)),
            several => Self::Several(several.len(), several.iter().take(TOLD).map(|at| node(map, *at)).collect()),
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || fold(one) == fold(other)
}

impl Map {
    /// The identity that is meant: by address, key, id, user name, e-mail address or name. What comes first in this order counts.
    pub fn name_person(&self, text: &str) -> Named {
        let text = text.trim();
        if let Some(person) = self.person_of(text) {
            return Named::One(self.person_ref(person));
        }
        let directory = &self.directory;
        let matches: Vec<u32> = match directory.identities_matching(text) {
            Some(hit) => (0..directory.identities().len()).filter(|person| hit(*person)).collect(),
            None => return Named::None,
        };
        let by = |holds: &dyn Fn(u32) -> bool| -> Vec<u32> {
            matches
                .iter()
                .copied()
                .filter(|person| directory.identities().members(*person).iter().any(|account| holds(*account)))
                .collect()
        };
        let id = by(&|account| directory.id_of_account(account).eq_ignore_ascii_case(text));
        if !id.is_empty() {
            return Named::of(self, id, Self::person_ref);
        }
        for which in 0..2 {
            let found = by(&|account| {
                directory.names_of_account(account)[which]
                    .as_deref()
                    .is_some_and(|name| same(name, text))
            });
            if !found.is_empty() {
                return Named::of(self, found, Self::person_ref);
            }
        }
        Named::of(
            self,
            by(&|account| same(&directory.name_of_account(account), text)),
            Self::person_ref,
        )
    }

    /// The role that is meant: by address, id or name.
    pub fn name_role(&self, text: &str) -> Named {
        let text = text.trim();
        if let Some(role) = self.role_of(text) {
            return Named::One(self.role_ref(role));
        }
        let by = |holds: &dyn Fn(&super::RoleEntry) -> bool| -> Vec<u32> {
            let all = (0u32..).zip(&self.roles);
            all.filter(|(_, role)| holds(role)).map(|(at, _)| at).collect()
        };
        let id = by(&|role| role.id.eq_ignore_ascii_case(text));
        if !id.is_empty() {
            return Named::of(self, id, Self::role_ref);
        }
        Named::of(self, by(&|role| same(&role.name, text)), Self::role_ref)
    }

    /// The scope that is meant: by address, resource id, entity reference or name.
    pub fn name_scope(&self, text: &str) -> Named {
        let text = text.trim();
        if let Some(scope) = self.scope_of(text) {
            return Named::One(self.scope_ref(scope));
        }
        let own = super::azure::scope_id(text);
        let by = |holds: &dyn Fn(&super::ScopeEntry) -> bool| -> Vec<u32> {
            let all = (0u32..).zip(&self.scopes);
            all.filter(|(_, scope)| holds(scope)).map(|(at, _)| at).collect()
        };
        let id = by(&|scope| scope.id == own || scope.id.eq_ignore_ascii_case(text));
        if !id.is_empty() && !text.is_empty() {
            return Named::of(self, id, Self::scope_ref);
        }
        let name = by(&|scope| same(&scope.name, text));
        if !name.is_empty() {
            return Named::of(self, name, Self::scope_ref);
        }
        // A subscription or resource that only its GUID or last part names.
        let tail = format!("/{}", text.to_lowercase());
        Named::of(
            self,
            by(&|scope| scope.sort != ScopeSort::Entity && !text.is_empty() && scope.id.ends_with(&tail)),
            Self::scope_ref,
        )
    }

    /// The group that is meant: by address, key or name.
    pub fn name_group(&self, text: &str) -> Named {
        let text = text.trim();
        let linked = self.directory.linked_groups();
        if let Some(group) = self.group_of(text) {
            return Named::One(self.linked_ref(linked.of(group)));
        }
        let Some(hit) = self.directory.linked_groups_matching(text) else {
            return Named::None;
        };
        let holds = |cluster: &u32| {
            linked
                .members(*cluster)
                .iter()
                .any(|group| same(&self.directory.name_of_group(*group), text))
        };
        let found = (0..linked.len()).filter(|cluster| hit(*cluster)).filter(holds).collect();
        Named::of(self, found, Self::linked_ref)
    }

    /// Roles and scopes for the palette, the best first.
    pub fn goto(&self, text: &str, limit: usize) -> Vec<GotoHit> {
        let words = crate::directory::words(text);
        if words.is_empty() {
            return Vec::new();
        }
        let whole = fold(text.trim()).into_owned();
        let rank = |name: &str| {
            let name = fold(name);
            words.iter().all(|word| name.contains(word.as_str())).then(|| {
                if name == whole {
                    0u8
                } else if name.starts_with(&whole) {
                    1
                } else {
                    2
                }
            })
        };
        // Entities are many and are found by those that come first; vaults come before other scopes.
        let mut found: Vec<(u8, u8, u32, bool)> = Vec::new();
        for (at, role) in (0u32..).zip(&self.roles) {
            found.extend(rank(&role.name).map(|rank| (rank, 1, at, true)));
        }
        for (at, scope) in (0u32..).zip(&self.scopes) {
            let order = if scope.sort.is_vault() { 0 } else { 2 };
            found.extend(rank(&scope.name).map(|rank| (rank, order, at, false)));
        }
        found.sort_unstable();
        found
            .into_iter()
            .take(limit)
            .map(|(.., at, is_role)| {
                let (node, kind) = if is_role {
                    (self.role_ref(at), "role")
                } else if self.is_vault(at) {
                    (self.scope_ref(at), "vault")
                } else {
                    (self.scope_ref(at), "scope")
                };
                let place = if is_role {
                    self.roles[at as usize].place
                } else {
                    self.scopes[at as usize].place
                };
                GotoHit {
                    kind: kind.into(),
                    note: format!("{} · {}", node.sort, self.source_name(place)),
                    key: node.key,
                    name: node.name,
                }
            })
            .collect()
    }
}
