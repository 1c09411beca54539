//! Backup: vaults, resource guards, and what ties the two together.

use serde::Deserialize;

use super::super::tolerant::{entries, or_default, text};
use super::Resource;

/// A Recovery Services vault. <https://learn.microsoft.com/rest/api/recoveryservices/vaults>
pub type RecoveryVault = Resource<VaultProperties>;

/// A Backup vault. <https://learn.microsoft.com/rest/api/dataprotection/backup-vaults>
pub type BackupVault = Resource<VaultProperties>;

/// The properties of a vault of either kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are the Resource Manager's own")]
pub struct VaultProperties {
    #[serde(deserialize_with = "text")]
    pub provisioning_state: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub security_settings: SecuritySettings,
    /// Of a Backup vault: the guards' requests that its operations must pass.
    #[serde(deserialize_with = "entries")]
    pub resource_guard_operation_requests: Vec<String>,
}

/// How a vault is protected against its own administrators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecuritySettings {
    /// `Enabled` or `Disabled`, as a Recovery Services vault says.
    #[serde(deserialize_with = "text")]
    pub multi_user_authorization: Option<String>,
    /// Whether backups can be deleted before their time.
    #[serde(deserialize_with = "or_default")]
    pub soft_delete_settings: SoftDelete,
    /// Whether retention can be shortened.
    #[serde(deserialize_with = "or_default")]
    pub immutability_settings: Immutability,
}

/// Soft delete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SoftDelete {
    /// Of a Recovery Services vault: `Enabled`, `Disabled`, `AlwaysON`.
    #[serde(deserialize_with = "text")]
    pub soft_delete_state: Option<String>,
    /// Of a Backup vault: `On`, `Off`, `AlwaysOn`.
    #[serde(deserialize_with = "text")]
    pub state: Option<String>,
}

/// Immutability.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Immutability {
    /// `Disabled`, `Unlocked`, `Locked`.
    #[serde(deserialize_with = "text")]
    pub state: Option<String>,
}

/// A resource guard. <https://learn.microsoft.com/rest/api/dataprotection/resource-guards>
pub type ResourceGuard = Resource<GuardProperties>;

/// See [`ResourceGuard`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GuardProperties {
    /// Critical operations that this guard does not guard.
    #[serde(deserialize_with = "entries")]
    pub vault_critical_operation_exclusion_list: Vec<String>,
    /// What it says of itself.
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
}

/// A vault's link to its resource guard. Its id lies below the vault's.
/// <https://learn.microsoft.com/rest/api/backup/resource-guard-proxies>
pub type GuardProxy = Resource<ProxyProperties>;

/// See [`GuardProxy`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProxyProperties {
    /// The guard.
    #[serde(deserialize_with = "text")]
    pub resource_guard_resource_id: Option<String>,
    /// The operations that it guards here.
    #[serde(deserialize_with = "entries")]
    pub resource_guard_operation_details: Vec<GuardedOperation>,
}

/// An operation that a guard guards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GuardedOperation {
    /// The operation on the vault.
    #[serde(deserialize_with = "text")]
    pub vault_critical_operation: Option<String>,
    /// The request at the guard that it takes.
    #[serde(deserialize_with = "text")]
    pub default_resource_request: Option<String>,
}

impl GuardProxy {
    /// The key of the vault that it belongs to.
    pub fn vault(&self) -> Option<String> {
        let id = super::key(self.id.as_deref()?);
        let (vault, _) = id.split_once("/backupresourceguardproxies")?;
        Some(vault.to_owned())
    }
}
