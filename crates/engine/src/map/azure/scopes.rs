//! Azure's scopes: where each lies is told by its id.

use super::super::build::MapBuilder;
use super::super::tables::{ScopeEntry, ScopeSort};
use crate::record::ItemRecord;
use crate::record::azure::key;

const MANAGEMENT_GROUPS: &str = "/providers/microsoft.management/managementgroups/";

/// What a resource id says by itself: what it is, its name, and the id of the scope that it lies in.
fn structure(id: &str) -> (ScopeSort, String, Option<String>) {
    let key = key(id);
    let spelt = id.trim().trim_end_matches('/');
    let name = || spelt.rsplit('/').next().unwrap_or_default().to_owned();
    if key.is_empty() {
        return (ScopeSort::Root, "Tenant root".into(), None);
    }
    let root = Some(String::new());
    if let Some(rest) = key.strip_prefix(MANAGEMENT_GROUPS)
        && !rest.contains('/')
    {
        return (ScopeSort::ManagementGroup, name(), root);
    }
    let parts: Vec<&str> = key.split('/').skip(1).collect();
    let up = |count: usize| Some(format!("/{}", parts[..count].join("/")));
    match parts.as_slice() {
        ["subscriptions", _] => (ScopeSort::Subscription, name(), root),
        ["subscriptions", _, "resourcegroups", _] => (ScopeSort::ResourceGroup, name(), up(2)),
        [.., "providers", namespace, kind, _] => {
            let sort = match (*namespace, *kind) {
                ("microsoft.recoveryservices", "vaults") => ScopeSort::RecoveryVault,
                ("microsoft.dataprotection", "backupvaults") => ScopeSort::BackupVault,
                ("microsoft.dataprotection", "resourceguards") => ScopeSort::Guard,
                _ => ScopeSort::Resource,
            };
            (sort, name(), if parts.len() > 4 { up(parts.len() - 4) } else { root })
        }
        // A resource within a resource: it lies in that one.
        [_, _, _, ..] => (ScopeSort::Resource, name(), up(parts.len() - 2)),
        _ => (ScopeSort::Resource, name(), root),
    }
}

impl MapBuilder {
    /// The scope with that resource id, with all above it.
    pub(in crate::map) fn azure_scope(&mut self, place: u16, id: &str) -> u32 {
        let own = scope_id(id);
        if let Some(known) = self.tables.find_scope(place, &own) {
            return known;
        }
        let (sort, name, parent) = structure(id);
        // Each parent's id is shorter: this ends.
        let parent = parent.map(|parent| self.azure_scope(place, &parent));
        let spelt = id.trim().trim_end_matches('/');
        let entry = ScopeEntry {
            place,
            spelt: (*own != *spelt && !spelt.is_empty()).then(|| spelt.into()),
            id: own,
            name: name.into(),
            sort,
            row: None,
        };
        self.tables.scope(entry, parent)
    }

    /// A scope that there is a document of.
    pub(super) fn named_scope(
        &mut self,
        place: u16,
        item: &ItemRecord<'_>,
        id: Option<String>,
        name: Option<String>,
        parent: Option<String>,
    ) -> u32 {
        let id = id.unwrap_or_else(|| item.id.to_owned());
        let scope = self.azure_scope(place, &id);
        if let Some(parent) = parent {
            let parent = self.azure_scope(place, &parent);
            self.tables.set_parent(scope, parent);
        }
        let entry = &mut self.tables.scopes[scope as usize];
        entry.row = Some(item.row);
        if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
            entry.name = name.into();
        }
        scope
    }
}

/// A scope's id within its source: the key, with a slash for the root.
pub(in crate::map) fn scope_id(id: &str) -> Box<str> {
    let key = key(id);
    if key.is_empty() { "/".into() } else { key.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_where_its_scope_lies() {
        let vault = "/Subscriptions/S1/resourceGroups/RG/providers/microsoft.recoveryservices/Vaults/Vault-Prod";
        assert_eq!(
            structure(vault),
            (
                ScopeSort::RecoveryVault,
                "Vault-Prod".into(),
                Some("/subscriptions/s1/resourcegroups/rg".into())
            )
        );
        assert_eq!(
            structure("/subscriptions/s1/resourceGroups/rg"),
            (ScopeSort::ResourceGroup, "rg".into(), Some("/subscriptions/s1".into()))
        );
        assert_eq!(
            structure("/subscriptions/s1"),
            (ScopeSort::Subscription, "s1".into(), Some(String::new()))
        );
        assert_eq!(structure("/"), (ScopeSort::Root, "Tenant root".into(), None));
        assert_eq!(
            structure("/providers/Microsoft.Management/managementGroups/Corp"),
            (ScopeSort::ManagementGroup, "Corp".into(), Some(String::new()))
        );
        let inner = format!("{vault}/backupFabrics/Azure");
        assert_eq!(structure(&inner), (ScopeSort::Resource, "Azure".into(), Some(key(vault))));
        let on_subscription = "/subscriptions/s1/providers/Microsoft.X/things/t";
        assert_eq!(structure(on_subscription).2, Some("/subscriptions/s1".into()));
    }

    #[test]
    fn any_text_for_an_id_ends() {
        for odd in ["x", "//", "/a", "/a/b/c/d/e/f", "providers/x", "/subscriptions", "é/é/é/é"] {
            let mut id = odd.to_owned();
            let mut steps = 0;
            while let (_, _, Some(parent)) = structure(&id) {
                assert!(parent.len() < id.len() || parent.is_empty(), "{odd}: {id} lies in {parent}");
                id = parent;
                steps += 1;
                assert!(steps < 10, "{odd}");
                if id.is_empty() {
                    break;
                }
            }
        }
    }
}
