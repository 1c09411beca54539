//! Vaults, and the resource guards that watch over them.

use super::super::Vault;
use super::super::build::MapBuilder;
use super::super::tables::ScopeSort;
use crate::record::{ItemKind, ResourceKind};

impl MapBuilder {
    pub(super) fn vault(&mut self, scope: u32, backup: bool, guarded: Option<bool>) {
        let entry = &mut self.tables.scopes[scope as usize];
        entry.sort = if backup { ScopeSort::BackupVault } else { ScopeSort::RecoveryVault };
        self.vaults.insert(
            scope,
            Vault {
                scope,
                backup,
                guarded,
                guard: None,
            },
        );
    }

    /// Ties vaults and guards together, once all are there.
    pub(in crate::map) fn take_vaults(&mut self) {
        for (vault, guard) in std::mem::take(&mut self.guards) {
            if let Some(vault) = self.vaults.get_mut(&vault) {
                vault.guarded = Some(true);
                vault.guard = Some(guard);
            }
        }
        for place in self.places().collect::<Vec<_>>() {
            let complete = self.is_complete(place, ResourceKind::Item(ItemKind::GuardProxy).collection());
            for vault in self.vaults.values_mut() {
                if complete && vault.guarded.is_none() && self.tables.scopes[vault.scope as usize].place == place {
                    vault.guarded = Some(false);
                }
            }
        }
    }
}

/// The id of the guard that a request belongs to.
pub(super) fn guard_of(request: &str) -> Option<String> {
    let lower = request.to_ascii_lowercase();
    let start = lower.find("/resourceguards/")? + "/resourceguards/".len();
    let end = lower[start..].find('/').map_or(request.len(), |at| start + at);
    // Lower case changes no length of ASCII; ids hold nothing else, and a cut within a letter is none.
    request.get(..end).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_guard() {
        let request =
            "/subscriptions/S/resourceGroups/g/providers/Microsoft.DataProtection/resourceGuards/G1/disableSoftDeleteRequests/default";
        assert_eq!(
            guard_of(request).as_deref(),
            Some("/subscriptions/S/resourceGroups/g/providers/Microsoft.DataProtection/resourceGuards/G1")
        );
        assert_eq!(guard_of("/nothing"), None);
    }
}
