//! Azure RBAC's objects and the scopes above resources.

use serde::Deserialize;

use super::super::tolerant::{entries, or_default, text, truth};
use super::Resource;

/// A management group, as `getEntities` gives it, with its parent.
/// <https://learn.microsoft.com/rest/api/managementgroups/entities/list>
/// Its id is `/providers/Microsoft.Management/managementGroups/{name}`.
pub type ManagementGroup = Resource<ManagementGroupProperties>;

/// See [`ManagementGroup`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are the Resource Manager's own")]
pub struct ManagementGroupProperties {
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub tenant_id: Option<String>,
    /// None for the tenant's root group, and where the parent may not be seen.
    #[serde(deserialize_with = "or_default")]
    pub parent: ParentReference,
}

/// The management group above.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ParentReference {
    /// Its resource id.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
}

/// A subscription. Lanyard's reader adds `parent`, its management group, of `getEntities`.
/// <https://learn.microsoft.com/rest/api/resources/subscriptions/list>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are the Resource Manager's own")]
pub struct Subscription {
    /// `/subscriptions/{guid}`.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub subscription_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub tenant_id: Option<String>,
    /// `Enabled`, `Disabled`, `Warned`, `PastDue`, `Deleted`.
    #[serde(deserialize_with = "text")]
    pub state: Option<String>,
    /// None where it could not be read.
    #[serde(deserialize_with = "or_default")]
    pub parent: ParentReference,
}

/// A role definition. Its GUID, [`super::last_segment`] of its id, is what it is known by: a built-in one is listed under each subscription.
/// <https://learn.microsoft.com/rest/api/authorization/role-definitions>
pub type RoleDefinition = Resource<RoleDefinitionProperties>;

/// See [`RoleDefinition`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are the Resource Manager's own")]
pub struct RoleDefinitionProperties {
    /// The name on screen: `Backup Operator`.
    #[serde(deserialize_with = "text")]
    pub role_name: Option<String>,
    /// `BuiltInRole` or `CustomRole`.
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "entries")]
    pub assignable_scopes: Vec<String>,
    #[serde(deserialize_with = "entries")]
    pub permissions: Vec<PermissionBlock>,
    #[serde(deserialize_with = "text")]
    pub updated_on: Option<String>,
}

/// A block of permissions: actions minus notActions; blocks add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are the Resource Manager's own")]
pub struct PermissionBlock {
    #[serde(deserialize_with = "entries")]
    pub actions: Vec<String>,
    #[serde(deserialize_with = "entries")]
    pub not_actions: Vec<String>,
    #[serde(deserialize_with = "entries")]
    pub data_actions: Vec<String>,
    #[serde(deserialize_with = "entries")]
    pub not_data_actions: Vec<String>,
    /// Of a deny assignment's block.
    #[serde(deserialize_with = "text")]
    pub condition: Option<String>,
}

/// A role assignment. <https://learn.microsoft.com/rest/api/authorization/role-assignments>
pub type RoleAssignment = Resource<ScheduleProperties>;

/// An eligibility (PIM): a `roleEligibilityScheduleInstance`.
/// <https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-instances>
pub type Eligibility = Resource<ScheduleProperties>;

/// The properties of a role assignment and, with the span of time, of an eligibility.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are the Resource Manager's own")]
pub struct ScheduleProperties {
    #[serde(deserialize_with = "text")]
    pub scope: Option<String>,
    #[serde(deserialize_with = "text")]
    pub role_definition_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub principal_id: Option<String>,
    /// `User`, `Group`, `ServicePrincipal`, `ForeignGroup`, `Device`, `Unknown`.
    #[serde(deserialize_with = "text")]
    pub principal_type: Option<String>,
    #[serde(deserialize_with = "text")]
    pub condition: Option<String>,
    #[serde(deserialize_with = "text")]
    pub condition_version: Option<String>,
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub created_on: Option<String>,
    #[serde(deserialize_with = "text")]
    pub updated_on: Option<String>,
    /// The object id of whoever made it.
    #[serde(deserialize_with = "text")]
    pub created_by: Option<String>,
    #[serde(deserialize_with = "text")]
    pub updated_by: Option<String>,
    /// Set where the assignment is made across tenants.
    #[serde(deserialize_with = "text")]
    pub delegated_managed_identity_resource_id: Option<String>,
    /// Of an eligibility.
    #[serde(deserialize_with = "text")]
    pub start_date_time: Option<String>,
    /// Of an eligibility; none for one without an end.
    #[serde(deserialize_with = "text")]
    pub end_date_time: Option<String>,
    /// Of an eligibility: `Direct`, `Inherited` or `Group`.
    #[serde(deserialize_with = "text")]
    pub member_type: Option<String>,
    /// Of an eligibility: `Provisioned`, ….
    #[serde(deserialize_with = "text")]
    pub status: Option<String>,
}

/// A deny assignment. <https://learn.microsoft.com/rest/api/authorization/deny-assignments>
pub type DenyAssignment = Resource<DenyProperties>;

/// See [`DenyAssignment`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are the Resource Manager's own")]
pub struct DenyProperties {
    #[serde(deserialize_with = "text")]
    pub deny_assignment_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub scope: Option<String>,
    /// Whether it is good on its scope alone and not on what lies below.
    #[serde(deserialize_with = "truth")]
    pub do_not_apply_to_child_scopes: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub is_system_protected: Option<bool>,
    #[serde(deserialize_with = "text")]
    pub condition: Option<String>,
    #[serde(deserialize_with = "entries")]
    pub permissions: Vec<PermissionBlock>,
    #[serde(deserialize_with = "entries")]
    pub principals: Vec<Principal>,
    #[serde(deserialize_with = "entries")]
    pub exclude_principals: Vec<Principal>,
    #[serde(deserialize_with = "text")]
    pub created_on: Option<String>,
}

/// A principal of a deny assignment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Principal {
    /// Its object id; all zeros for everybody.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// `User`, `Group`, `ServicePrincipal`, or `SystemDefined` or `Everyone` for everybody.
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: Option<String>,
}

impl Principal {
    /// The id that stands for everybody.
    pub const EVERYBODY: &'static str = "00000000-0000-0000-0000-000000000000";

    /// Whether it stands for everybody.
    pub fn is_everybody(&self) -> bool {
        self.id.as_deref() == Some(Self::EVERYBODY)
    }
}
