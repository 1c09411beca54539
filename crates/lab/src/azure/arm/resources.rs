//! Resource groups, vaults of both kinds, resource guards and what ties a vault to a guard
//! (<https://learn.microsoft.com/rest/api/recoveryservices/>, <https://learn.microsoft.com/rest/api/dataprotection/>).

use serde_json::{Value, json};

use super::{Answer, Arm, lowered, versions};
use crate::azure::reply::Reply;
use crate::azure::server::time;
use crate::company::access::azure::{Scope, VaultKind};

/// Critical operations of a Recovery Services vault, with the guard's request type for each.
const RECOVERY_OPERATIONS: [(&str, &str); 5] = [
    (
        "Microsoft.RecoveryServices/vaults/backupResourceGuardProxies/delete",
        "deleteResourceGuardProxyRequests",
    ),
    ("Microsoft.RecoveryServices/vaults/backupconfig/write", "disableSoftDeleteRequests"),
    (
        "Microsoft.RecoveryServices/vaults/backupSecurityPIN/action",
        "getBackupSecurityPINRequests",
    ),
    (
        "Microsoft.RecoveryServices/vaults/backupPolicies/write",
        "updateProtectionPolicyRequests",
    ),
    (
        "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/delete",
        "deleteProtectionRequests",
    ),
];
/// Those of a Backup vault.
const BACKUP_OPERATIONS: [(&str, &str); 2] = [
    (
        "Microsoft.DataProtection/backupVaults/backupResourceGuardProxies/delete",
        "deleteResourceGuardProxyRequests",
    ),
    (
        "Microsoft.DataProtection/backupVaults/backupInstances/delete",
        "deleteBackupInstanceRequests",
    ),
];

impl Arm<'_> {
    /// What lies in a subscription. `rest` is in lower case.
    pub(super) fn resources(&self, subscription: Scope, place: u32, rest: &[&str]) -> Answer {
        match rest {
            ["resourcegroups"] => {
                self.version(versions::RESOURCE_GROUPS)?;
                self.allow("Microsoft.Resources/subscriptions/resourceGroups/read", subscription)?;
                let groups = self.state.tenant.resource_groups.iter().enumerate();
                let here = groups.filter(|(_, group)| group.subscription == place);
                self.page(here.map(|(number, _)| self.resource_group(number as u32)).collect())
            }
            ["resourcegroups", name] => {
                self.version(versions::RESOURCE_GROUPS)?;
                let scope = self.group_scope(subscription, name)?;
                self.allow("Microsoft.Resources/subscriptions/resourceGroups/read", scope)?;
                match scope {
                    Scope::ResourceGroup(place) => Ok(Reply::ok(self.resource_group(place))),
                    _ => Err(missing(&self.ask.path)),
                }
            }
            ["providers", provider, kind] => self.typed(subscription, provider, kind, &[]),
            ["resourcegroups", name, "providers", provider, kind, rest @ ..] => {
                let scope = self.group_scope(subscription, name)?;
                self.typed(scope, provider, kind, rest)
            }
            _ => Err(missing(&self.ask.path)),
        }
    }

    fn group_scope(&self, subscription: Scope, name: &str) -> Result<Scope, Reply> {
        let address = format!("{}/resourceGroups/{name}", self.state.tenant.scope_id(subscription));
        let found = self.state.scope_at(&address);
        found.ok_or_else(|| Reply::arm(404, "ResourceGroupNotFound", format!("Resource group '{name}' could not be found.")))
    }

    /// Resources of a type in a scope: the list, one, or what belongs to one.
    fn typed(&self, scope: Scope, provider: &str, kind: &str, rest: &[&str]) -> Answer {
        let vault = match (provider, kind) {
            ("microsoft.recoveryservices", "vaults") => Some(VaultKind::Recovery),
            ("microsoft.dataprotection", "backupvaults") => Some(VaultKind::Backup),
            ("microsoft.dataprotection", "resourceguards") => None,
            _ => {
                let text = format!("The resource type '{kind}' could not be found in the namespace '{provider}'.");
                return Err(Reply::arm(404, "InvalidResourceType", text));
            }
        };
        self.version(if vault == Some(VaultKind::Recovery) {
            versions::RECOVERY
        } else {
            versions::PROTECTION
        })?;
        let label = vault.map_or("Microsoft.DataProtection/resourceGuards", VaultKind::label);
        let tenant = &self.state.tenant;
        let all: Vec<Scope> = tenant
            .scopes()
            .filter(|one| match one {
                Scope::Vault(place) => vault == Some(tenant.vaults[*place as usize].kind),
                Scope::Guard(_) => vault.is_none(),
                _ => false,
            })
            .filter(|one| tenant.lies_in(*one, scope))
            .collect();
        let Some((name, rest)) = rest.split_first() else {
            self.allow(&format!("{label}/read"), scope)?;
            return self.page(all.into_iter().map(|one| self.resource(one)).collect());
        };
        let one = all.into_iter().find(|one| tenant.scope_name(*one).eq_ignore_ascii_case(name));
        let one = one.ok_or_else(|| missing(&self.ask.path))?;
        match (rest, one) {
            ([], _) => {
                self.allow(&format!("{label}/read"), one)?;
                Ok(Reply::ok(self.resource(one)))
            }
            (["backupresourceguardproxies", proxy @ ..], Scope::Vault(place)) if proxy.len() < 2 => {
                self.allow(&format!("{label}/backupResourceGuardProxies/read"), one)?;
                let found = self.proxy(place);
                match proxy.first() {
                    None => self.page(found.into_iter().collect()),
                    Some(name) => {
                        let found = found.filter(|found| found["name"].as_str().is_some_and(|there| there.eq_ignore_ascii_case(name)));
                        found.map(Reply::ok).ok_or_else(|| missing(&self.ask.path))
                    }
                }
            }
            _ => Err(missing(&self.ask.path)),
        }
    }

    fn resource_group(&self, place: u32) -> Value {
        let group = &self.state.tenant.resource_groups[place as usize];
        json!({
            "id": self.state.tenant.scope_id(Scope::ResourceGroup(place)),
            "name": group.name,
            "type": "Microsoft.Resources/resourceGroups",
            "location": group.location,
            "tags": {},
            "properties": {"provisioningState": "Succeeded"},
        })
    }

    /// A vault or a guard.
    fn resource(&self, scope: Scope) -> Value {
        let tenant = &self.state.tenant;
        let id = tenant.scope_id(scope);
        let location = |group: u32| tenant.resource_groups[group as usize].location;
        match scope {
            Scope::Vault(place) => {
                let vault = &tenant.vaults[place as usize];
                let (id, kind) = if vault.lower_case {
                    (
                        lowered(&id),
                        vault.kind.label().to_lowercase().replace("backupvaults", "backupVaults"),
                    )
                } else {
                    (id, vault.kind.label().to_owned())
                };
                let guarded = vault.guard.is_some();
                let soft_delete = json!({"softDeleteState": "AlwaysON", "softDeleteRetentionPeriodInDays": 14});
                let mut whole = json!({"id": id, "name": vault.name, "type": kind, "location": location(vault.group), "tags": {}});
                match vault.kind {
                    VaultKind::Recovery => {
                        whole["etag"] = json!(format!("W/\"datetime'{}'\"", time(tenant.today).replace(':', "%3A")));
                        whole["sku"] = json!({"name": "RS0", "tier": "Standard"});
                        whole["properties"] = json!({
                            "provisioningState": "Succeeded",
                            "privateEndpointStateForBackup": "None",
                            "privateEndpointStateForSiteRecovery": "None",
                            "publicNetworkAccess": "Enabled",
                            "securitySettings": {
                                "softDeleteSettings": {"softDeleteState": "AlwaysON", "softDeleteRetentionPeriodInDays": 14, "enhancedSecurityState": "AlwaysON"},
                                "multiUserAuthorization": if guarded { "Enabled" } else { "Disabled" },
                            },
                        });
                    }
                    VaultKind::Backup => {
                        whole["eTag"] = json!(format!("W/\"datetime'{}'\"", time(tenant.today).replace(':', "%3A")));
                        whole["properties"] = json!({
                            "provisioningState": "Succeeded",
                            "resourceMoveState": "Unknown",
                            "storageSettings": [{"datastoreType": "VaultStore", "type": "LocallyRedundant"}],
                            "securitySettings": {"softDeleteSettings": {"state": "AlwaysOn", "retentionDurationInDays": soft_delete["softDeleteRetentionPeriodInDays"]}},
                            "isVaultProtectedByResourceGuard": guarded,
                        });
                    }
                }
                whole
            }
            Scope::Guard(place) => {
                let guard = &tenant.guards[place as usize];
                let operations = RECOVERY_OPERATIONS.iter().chain(&BACKUP_OPERATIONS);
                let operations: Vec<Value> = operations
                    .map(|(operation, request)| {
                        json!({"vaultCriticalOperation": operation,
                            "requestResourceType": format!("Microsoft.DataProtection/resourceGuards/{request}")})
                    })
                    .collect();
                json!({
                    "id": id,
                    "name": guard.name,
                    "type": "Microsoft.DataProtection/resourceGuards",
                    "location": location(guard.group),
                    "eTag": "\"1\"",
                    "properties": {
                        "provisioningState": "Succeeded",
                        "allowAutoApprovals": true,
                        "resourceGuardOperations": operations,
                        "vaultCriticalOperationExclusionList": [],
                        "description": "Guards the vaults of production",
                    },
                })
            }
            _ => Value::Null,
        }
    }

    /// What ties a vault to its guard, if it has one.
    fn proxy(&self, place: u32) -> Option<Value> {
        let tenant = &self.state.tenant;
        let vault = &tenant.vaults[place as usize];
        let guard = tenant.scope_id(Scope::Guard(vault.guard?));
        let (name, operations) = match vault.kind {
            VaultKind::Recovery => ("VaultProxy", RECOVERY_OPERATIONS.as_slice()),
            VaultKind::Backup => ("DppResourceGuardProxy", BACKUP_OPERATIONS.as_slice()),
        };
        let details: Vec<Value> = operations
            .iter()
            .map(|(operation, request)| {
                json!({"vaultCriticalOperation": operation, "defaultResourceRequest": format!("{guard}/{request}/default")})
            })
            .collect();
        Some(json!({
            "id": format!("{}/backupResourceGuardProxies/{name}", tenant.scope_id(Scope::Vault(place))),
            "name": name,
            "type": format!("{}/backupResourceGuardProxies", vault.kind.label()),
            "properties": {
                "resourceGuardResourceId": lowered(&guard),
                "resourceGuardOperationDetails": details,
                "lastUpdatedTime": time(tenant.today),
                "description": "Critical operations need the guard's approval",
            },
        }))
    }
}

fn missing(path: &str) -> Reply {
    let text = format!("The Resource '{path}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
    Reply::arm(404, "ResourceNotFound", text)
}
