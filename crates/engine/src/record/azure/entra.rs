//! Entra's objects.

use serde::Deserialize;

use super::super::tolerant::{entries, list, or_default, text, truth};

/// A user. <https://learn.microsoft.com/graph/api/resources/user>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are Graph's own")]
pub struct User {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub user_principal_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub mail: Option<String>,
    #[serde(deserialize_with = "text")]
    pub job_title: Option<String>,
    #[serde(deserialize_with = "text")]
    pub department: Option<String>,
    #[serde(deserialize_with = "text")]
    pub employee_id: Option<String>,
    /// `Member` or `Guest`.
    #[serde(deserialize_with = "text")]
    pub user_type: Option<String>,
    #[serde(deserialize_with = "truth")]
    pub account_enabled: Option<bool>,
    /// For guests: `PendingAcceptance` or `Accepted`.
    #[serde(deserialize_with = "text")]
    pub external_user_state: Option<String>,
    #[serde(deserialize_with = "text")]
    pub created_date_time: Option<String>,
}

/// What one object says of another: its id and what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// The object's id.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// What it is: `#microsoft.graph.user`, `#microsoft.graph.group`, `#microsoft.graph.servicePrincipal`, ….
    #[serde(rename = "@odata.type", deserialize_with = "text")]
    pub kind: Option<String>,
}

/// A group. Lanyard's reader adds `members`, the direct ones, of `/groups/{id}/members`.
/// <https://learn.microsoft.com/graph/api/resources/group>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are Graph's own")]
pub struct Group {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub mail: Option<String>,
    #[serde(deserialize_with = "truth")]
    pub security_enabled: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub mail_enabled: Option<bool>,
    #[serde(deserialize_with = "truth")]
    pub is_assignable_to_role: Option<bool>,
    /// `Unified` for a Microsoft 365 group, `DynamicMembership` for one whose members a rule chooses.
    #[serde(deserialize_with = "entries")]
    pub group_types: Vec<String>,
    #[serde(deserialize_with = "text")]
    pub membership_rule: Option<String>,
    #[serde(deserialize_with = "text")]
    pub created_date_time: Option<String>,
    /// The direct members; none where they could not be read.
    #[serde(deserialize_with = "list")]
    pub members: Option<Vec<Reference>>,
}

/// A password or key of an application: its span of time, never its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are Graph's own")]
pub struct Credential {
    #[serde(deserialize_with = "text")]
    pub key_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub start_date_time: Option<String>,
    #[serde(deserialize_with = "text")]
    pub end_date_time: Option<String>,
    /// Of a key: `AsymmetricX509Cert`, ….
    #[serde(rename = "type", deserialize_with = "text")]
    pub kind: Option<String>,
    /// Of a key: `Sign` or `Verify`.
    #[serde(deserialize_with = "text")]
    pub usage: Option<String>,
}

/// A trust in somebody else's tokens; it has no end date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are Graph's own")]
pub struct FederatedCredential {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub issuer: Option<String>,
    #[serde(deserialize_with = "text")]
    pub subject: Option<String>,
}

/// A role that an application offers to users, groups or applications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are Graph's own")]
pub struct AppRole {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
    /// What stands in a token's `roles`: `Sites.Read.All`.
    #[serde(deserialize_with = "text")]
    pub value: Option<String>,
    #[serde(deserialize_with = "truth")]
    pub is_enabled: Option<bool>,
}

/// The application object of the same tenant that a service principal is made from; most secrets are on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are Graph's own")]
pub struct Application {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "entries")]
    pub password_credentials: Vec<Credential>,
    #[serde(deserialize_with = "entries")]
    pub key_credentials: Vec<Credential>,
    #[serde(deserialize_with = "list")]
    pub federated_identity_credentials: Option<Vec<FederatedCredential>>,
}

/// A service principal or managed identity. Lanyard's reader adds `owners` of `/servicePrincipals/{id}/owners`, and `application` with the
/// credentials of the application object where the tenant has it.
/// <https://learn.microsoft.com/graph/api/resources/serviceprincipal>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are Graph's own")]
pub struct ServicePrincipal {
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub app_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    /// `Application`, `ManagedIdentity`, `Legacy`, `SocialIdp`.
    #[serde(deserialize_with = "text")]
    pub service_principal_type: Option<String>,
    #[serde(deserialize_with = "truth")]
    pub account_enabled: Option<bool>,
    /// The tenant of the application object; another one than this tenant's for somebody else's application.
    #[serde(deserialize_with = "text")]
    pub app_owner_organization_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub created_date_time: Option<String>,
    /// For a managed identity, the id of its Azure resource among others.
    #[serde(deserialize_with = "entries")]
    pub alternative_names: Vec<String>,
    #[serde(deserialize_with = "entries")]
    pub service_principal_names: Vec<String>,
    #[serde(deserialize_with = "entries")]
    pub app_roles: Vec<AppRole>,
    #[serde(deserialize_with = "entries")]
    pub password_credentials: Vec<Credential>,
    #[serde(deserialize_with = "entries")]
    pub key_credentials: Vec<Credential>,
    #[serde(deserialize_with = "list")]
    pub federated_identity_credentials: Option<Vec<FederatedCredential>>,
    /// Who owns it; none where that could not be read.
    #[serde(deserialize_with = "list")]
    pub owners: Option<Vec<Reference>>,
    /// Its application object; none where the tenant does not hold it or it could not be read.
    #[serde(deserialize_with = "or_default")]
    pub application: Option<Application>,
}

/// An app role assignment, as `/servicePrincipals/{id}/appRoleAssignedTo` gives it. Good for a group's direct members only.
/// <https://learn.microsoft.com/graph/api/resources/approleassignment>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "they are Graph's own")]
pub struct AppRoleAssignment {
    /// Its id keeps its case: it is a coded one.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// The role's id among the resource's `appRoles`; all zeros for the default one.
    #[serde(deserialize_with = "text")]
    pub app_role_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub principal_id: Option<String>,
    /// `User`, `Group` or `ServicePrincipal`.
    #[serde(deserialize_with = "text")]
    pub principal_type: Option<String>,
    #[serde(deserialize_with = "text")]
    pub principal_display_name: Option<String>,
    /// The service principal that offers the role.
    #[serde(deserialize_with = "text")]
    pub resource_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub resource_display_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub created_date_time: Option<String>,
}

/// What became of a principal that assignments name and the tenant does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LostState {
    /// It lies in the tenant's deleted items, and can be restored from there for 30 days after its deletion.
    Deleted,
    /// Neither the directory nor its deleted items hold it. One that was made a moment ago reads so too, until it is replicated.
    NotFound,
    /// It cannot be told: it is of another tenant.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A principal that assignments name and the tenant does not hold. Made by Lanyard's reader: the members of the deleted object as Graph gives
/// them, where there is one, and what is described here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LostPrincipal {
    /// The principal's id.
    #[serde(deserialize_with = "text")]
    pub id: Option<String>,
    /// What became of it.
    #[serde(deserialize_with = "or_default")]
    pub state: LostState,
    /// What the assignments say that it is: `User`, `Group`, `ServicePrincipal`, `ForeignGroup`. They are known to go on saying so after its end.
    #[serde(deserialize_with = "text")]
    pub principal_type: Option<String>,
    /// When the latest of its assignments was made: what was invited a moment ago is not replicated yet.
    #[serde(deserialize_with = "text")]
    pub assigned_on: Option<String>,
    /// What it was: `#microsoft.graph.user`.
    #[serde(rename = "@odata.type", deserialize_with = "text")]
    pub kind: Option<String>,
    /// Its name, where Graph still knows it.
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    /// Its user principal name, where Graph still knows it.
    #[serde(deserialize_with = "text")]
    pub user_principal_name: Option<String>,
    /// When it was deleted.
    #[serde(deserialize_with = "text")]
    pub deleted_date_time: Option<String>,
}
