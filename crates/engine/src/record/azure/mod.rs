//! The documents of an Azure source, as far as access goes: Entra's objects as Microsoft Graph gives them, Azure RBAC's and Backup's as the
//! Resource Manager gives them. Plain data, read tolerantly: members that are missing or of another form are none, unknown ones are passed over.
//!
//! Ids compare without regard to case; [`key`] is the form to compare them in. What Lanyard's reader adds to a document that an API gives in
//! pieces is said at the struct.

mod backup;
mod entra;
mod provisioning;
mod rbac;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::tolerant::{or_default, text};

pub use backup::{
    BackupVault, GuardProperties, GuardProxy, GuardedOperation, Immutability, ProxyProperties, RecoveryVault, ResourceGuard,
    SecuritySettings, SoftDelete, VaultProperties,
};
pub use entra::{
    AppRole, AppRoleAssignment, Application, Credential, FederatedCredential, Group, LostPrincipal, LostState, Reference, ServicePrincipal,
    User,
};
pub use provisioning::{ErrorInformation, JobQuarantine, JobRuns, Party, ProvisionedFor, ProvisioningError, ProvisioningJob};
pub use rbac::{
    DenyAssignment, DenyProperties, Eligibility, ManagementGroup, ManagementGroupProperties, ParentReference, PermissionBlock, Principal,
    RoleAssignment, RoleDefinition, RoleDefinitionProperties, ScheduleProperties, Subscription,
};

/// A resource as the Resource Manager gives it: its head, and the properties of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, bound = "P: Default + DeserializeOwned")]
pub struct Resource<P> {
    /// Its resource id.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// Its name: the last segment of its id, a GUID for what authorization is made of.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// The region that it lies in, of what lies in one.
    #[serde(deserialize_with = "text")]
    pub location: Option<String>,
    /// What is of its kind.
    #[serde(deserialize_with = "or_default")]
    pub properties: P,
}

/// A time as the Resource Manager and Graph write it.
pub(crate) fn time(text: Option<&str>) -> Option<crate::view::Millis> {
    text?.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// An id in the form in which ids compare: in lower case, without spaces around it or a slash at its end.
/// Resource ids keep no case anywhere in Azure; lists of one server mix them.
pub fn key(id: &str) -> String {
    id.trim().trim_end_matches('/').to_ascii_lowercase()
}

/// The last segment of a resource id, in lower case: the GUID of a role definition or assignment, the name of a vault.
pub fn last_segment(id: &str) -> String {
    let id = key(id);
    id.rsplit('/').next().map(str::to_owned).unwrap_or_default()
}

/// The key of the subscription that a resource id lies in, without `/subscriptions/`; none where it lies in none.
pub fn subscription_of(id: &str) -> Option<String> {
    let id = key(id);
    let rest = id.strip_prefix("/subscriptions/")?;
    rest.split('/').next().filter(|id| !id.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
