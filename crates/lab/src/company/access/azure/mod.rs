//! The company's Entra tenant and what lies in Azure: people, groups, programs, scopes, vaults, and who may do what where.
//!
//! What is wrong on purpose stands in [`story`]; the rest is there so that it is not the only thing there.

mod directory;
mod estate;
mod roles;
mod story;

use std::collections::BTreeMap;

pub use super::Guid;
pub use directory::{AppRole, Credential, CredentialKind, EntraGroup, EntraUser, ServicePrincipal};
pub use estate::{Guard, ManagementGroup, ResourceGroup, Scope, Subscription, Vault, VaultKind};
pub use roles::RoleDefinition;
pub(crate) use roles::built_in;
pub use story::RESTORE_GROUPS;

use super::super::Company;

/// What an assignment says that its principal is. It is written when the assignment is made, and stays when the principal goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalType {
    /// A user.
    User,
    /// A group of this tenant.
    Group,
    /// A service principal or managed identity.
    ServicePrincipal,
    /// A group of another tenant.
    ForeignGroup,
    /// Azure did not find out.
    Unknown,
    /// Everyone: the all-zero id of a deny assignment.
    Everyone,
}

impl PrincipalType {
    /// The word on the wire.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::ForeignGroup => "ForeignGroup",
            Self::Unknown => "Unknown",
            Self::Everyone => "SystemDefined",
        }
    }
}

/// A role assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAssignment {
    /// Its name in the address.
    pub id: Guid,
    /// To whom.
    pub principal: Guid,
    /// What the principal was when this was made.
    pub principal_type: PrincipalType,
    /// Which role.
    pub role: Guid,
    /// On what.
    pub scope: Scope,
    /// A condition in Azure's language, version 2.0.
    pub condition: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
}

/// What somebody may activate (PIM): one instance of an eligibility schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligibility {
    /// Its name in the address.
    pub id: Guid,
    /// The schedule that it comes of.
    pub schedule: Guid,
    /// For whom.
    pub principal: Guid,
    /// What the principal was.
    pub principal_type: PrincipalType,
    /// Which role.
    pub role: Guid,
    /// On what.
    pub scope: Scope,
    /// From when, in milliseconds since 1970.
    pub start: i64,
    /// Until when; none for good.
    pub end: Option<i64>,
}

/// A deny assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deny {
    /// Its name in the address.
    pub id: Guid,
    /// The displayed name.
    pub name: String,
    /// Why it is there.
    pub description: String,
    /// What is denied.
    pub actions: Vec<String>,
    /// What is not.
    pub not_actions: Vec<String>,
    /// For whom.
    pub principals: Vec<(Guid, PrincipalType)>,
    /// Who is excepted.
    pub except: Vec<(Guid, PrincipalType)>,
    /// On what.
    pub scope: Scope,
    /// True when it is not for what lies below.
    pub not_below: bool,
}

/// An app role that somebody has: this does not follow nested groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRoleAssignment {
    /// Its id (22 letters and digits or so).
    pub id: String,
    /// Who has it.
    pub principal: Guid,
    /// User, group or service principal.
    pub principal_type: PrincipalType,
    /// Which service principal offers it.
    pub resource: Guid,
    /// Which of its app roles; all zeros is the default access.
    pub app_role: Guid,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
}

/// The whole tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The tenant's id.
    pub id: Guid,
    /// Its displayed name.
    pub name: &'static str,
    /// The company's today, in milliseconds since 1970.
    pub today: i64,
    /// Users, guests among them.
    pub users: Vec<EntraUser>,
    /// Users in the recycle bin, each with the time of its deletion.
    pub deleted: Vec<(EntraUser, i64)>,
    /// Groups: those of the identity provider, and some that only Azure has.
    pub groups: Vec<EntraGroup>,
    /// Service principals and managed identities.
    pub services: Vec<ServicePrincipal>,
    /// App roles that somebody has.
    pub app_roles: Vec<AppRoleAssignment>,
    /// Management groups; the first is the root, and each stands after its parent.
    pub management_groups: Vec<ManagementGroup>,
    /// Subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Resource groups.
    pub resource_groups: Vec<ResourceGroup>,
    /// Vaults of both kinds.
    pub vaults: Vec<Vault>,
    /// Resource guards.
    pub guards: Vec<Guard>,
    /// Role definitions, built-in first.
    pub roles: Vec<RoleDefinition>,
    /// Role assignments.
    pub assignments: Vec<RoleAssignment>,
    /// What can be activated.
    pub eligibilities: Vec<Eligibility>,
    /// Deny assignments.
    pub denies: Vec<Deny>,
}

impl Company {
    /// The company's Entra tenant with its Azure. The same company gives the same, to the last id.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        let today = self.today.as_millisecond();
        let mut tenant = Tenant {
            id: self.entra_tenant(),
            name: "Halcyon tenant",
            today,
            users: directory::users(self),
            deleted: directory::deleted(self),
            groups: directory::groups(self),
            services: directory::services(self),
            app_roles: Vec::new(),
            management_groups: Vec::new(),
            subscriptions: Vec::new(),
            resource_groups: Vec::new(),
            vaults: Vec::new(),
            guards: Vec::new(),
            roles: roles::built_in_roles(),
            assignments: Vec::new(),
            eligibilities: Vec::new(),
            denies: Vec::new(),
        };
        estate::lay_out(self, &mut tenant);
        story::tell(self, &mut tenant);
        estate::fill(self, &mut tenant);
        tenant
    }
}

/// Numbers of the fixed people by user name: they are among the first two hundred.
fn cast(company: &Company) -> BTreeMap<&str, usize> {
    let first = company.people.iter().enumerate().take(200);
    first.map(|(number, person)| (person.user_name.as_str(), number)).collect()
}

#[cfg(test)]
mod tests;
