//! Role definitions, role assignments, deny assignments and eligibility
//! (<https://learn.microsoft.com/rest/api/authorization/>).

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Answer, Arm, lowered, time, versions};
use crate::azure::options::AzureQuirk;
use crate::azure::reply::Reply;
use crate::azure::state::Place;
use crate::company::access::Guid;
use crate::company::access::azure::{Deny, Eligibility, PrincipalType, RoleAssignment, RoleDefinition, Scope};

/// What a list is narrowed to.
#[derive(Debug, Default)]
struct Narrow {
    /// At this scope and above, not below.
    at_scope: bool,
    /// Of this principal itself.
    principal: Option<Guid>,
    /// Of this principal and of every group that it is in.
    assigned: Option<HashSet<Guid>>,
}

impl Arm<'_> {
    /// `rest` is what follows `Microsoft.Authorization/`.
    pub(super) fn authorization(&self, scope: &str, rest: &str) -> Answer {
        if self.ask.method != "GET" {
            return Err(Reply::arm(405, "MethodNotAllowed", "The method is not allowed on this resource."));
        }
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        let (kind, name) = (parts.first().copied().unwrap_or_default(), parts.get(1).copied());
        let kind = [
            "roleAssignments",
            "roleDefinitions",
            "denyAssignments",
            "roleEligibilityScheduleInstances",
        ]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(kind) && parts.len() < 3)
        .ok_or_else(|| {
            Reply::arm(
                404,
                "InvalidResourceType",
                format!("The resource type '{kind}' could not be found in the namespace 'Microsoft.Authorization'."),
            )
        })?;
        self.version(match kind {
            "roleAssignments" => versions::ROLE_ASSIGNMENTS,
            "roleDefinitions" => versions::ROLE_DEFINITIONS,
            "denyAssignments" => versions::DENY_ASSIGNMENTS,
            _ => versions::ELIGIBILITIES,
        })?;
        let found = self.state.scope_at(scope);
        let scope = found.ok_or_else(|| Reply::arm(404, "ResourceNotFound", format!("The scope '{scope}' could not be found.")))?;
        self.allow(&format!("Microsoft.Authorization/{kind}/read"), scope)?;
        let tenant = &self.state.tenant;
        if kind == "roleDefinitions" {
            return self.definitions(scope, name);
        }
        let narrow = if name.is_some() { Narrow::default() } else { self.narrow()? };
        let shown = |id, principal, at| self.shown(id, scope, at, principal, &narrow);
        let all: Vec<Value> = match kind {
            "roleAssignments" => (tenant.assignments.iter())
                .filter(|one| shown(one.id, Some(one.principal), one.scope))
                .map(|one| self.assignment(one))
                .collect(),
            "denyAssignments" => (tenant.denies.iter())
                .filter(|one| self.shown_deny(one, scope, &narrow))
                .map(|one| self.deny(one))
                .collect(),
            _ => (tenant.eligibilities.iter())
                .filter(|one| shown(one.id, Some(one.principal), one.scope))
                .map(|one| self.eligibility(one, scope))
                .collect(),
        };
        let Some(name) = name else {
            return self.page(all);
        };
        let same = |one: &Value| one["name"].as_str().is_some_and(|there| there.eq_ignore_ascii_case(name));
        let one = all.into_iter().find(same);
        one.map(Reply::ok).ok_or_else(|| {
            let code = match kind {
                "roleAssignments" => "RoleAssignmentNotFound",
                "denyAssignments" => "DenyAssignmentNotFound",
                _ => "ResourceNotFound",
            };
            Reply::arm(404, code, format!("'{name}' is not found at the scope or above."))
        })
    }

    fn narrow(&self) -> Result<Narrow, Reply> {
        let mut narrow = Narrow::default();
        let bad = |text: String| Reply::arm(400, "BadRequest", text);
        let Some(filter) = self.ask.parameter("$filter") else {
            return Ok(narrow);
        };
        for part in filter.split(" and ").map(str::trim) {
            let lower = part.to_lowercase();
            let quoted = || {
                let inner = part.split('\'').nth(1).unwrap_or_default();
                inner
                    .parse::<Guid>()
                    .map_err(|_| bad(format!("The filter '{part}' does not name a principal by its id.")))
            };
            if lower == "atscope()" {
                narrow.at_scope = true;
            } else if lower.starts_with("principalid eq") {
                narrow.principal = Some(quoted()?);
            } else if lower.starts_with("assignedto(") {
                let id = quoted()?;
                if matches!(self.state.place(id), Some(Place::Group(_))) {
                    return Err(bad("assignedTo() takes a user or a service principal, not a group.".to_owned()));
                }
                let mut whom = self.state.groups_of(id);
                whom.insert(id);
                narrow.assigned = Some(whom);
            } else {
                return Err(Reply::arm(
                    400,
                    "UnsupportedFilter",
                    format!("The filter '{part}' is not supported."),
                ));
            }
        }
        Ok(narrow)
    }

    /// Whether a list at `scope` has what stands at `at`: above it always; below it unless it was narrowed. Of what lies below a
    /// management group nothing is listed there: that is kept with the subscriptions.
    fn reaches(&self, scope: Scope, at: Scope, narrow: &Narrow) -> bool {
        let tenant = &self.state.tenant;
        let below = !narrow.at_scope && !matches!(scope, Scope::Everything | Scope::Management(_));
        tenant.lies_in(scope, at) || below && tenant.lies_in(at, scope)
    }

    fn shown(&self, id: Guid, scope: Scope, at: Scope, principal: Option<Guid>, narrow: &Narrow) -> bool {
        let whom = |principal: Guid| {
            narrow.principal.is_none_or(|wanted| wanted == principal)
                && narrow.assigned.as_ref().is_none_or(|whom| whom.contains(&principal))
        };
        !self.state.is_hidden(id) && self.reaches(scope, at, narrow) && principal.is_none_or(whom)
    }

    fn shown_deny(&self, one: &Deny, scope: Scope, narrow: &Narrow) -> bool {
        let names =
            |id: Guid| narrow.principal.is_none_or(|wanted| wanted == id) && narrow.assigned.as_ref().is_none_or(|whom| whom.contains(&id));
        let whom = one.principals.iter().any(|(id, _)| *id == Guid::ZERO || names(*id));
        whom && self.shown(one.id, scope, one.scope, None, narrow)
    }

    /// The subscription that a scope lies in, as the beginning of an address; nothing above subscriptions.
    fn subscription_prefix(&self, scope: Scope) -> String {
        let tenant = &self.state.tenant;
        let mut above = std::iter::successors(Some(scope), |scope| tenant.parent(*scope));
        let subscription = above.find(|scope| matches!(scope, Scope::Subscription(_)));
        subscription.map(|scope| tenant.scope_id(scope)).unwrap_or_default()
    }

    fn role_id(&self, role: Guid, scope: Scope) -> String {
        let prefix = self.subscription_prefix(scope);
        format!("{prefix}/providers/Microsoft.Authorization/roleDefinitions/{role}")
    }

    /// The address of something assigned at a scope. `odd` gives it in the letters that Azure sometimes uses.
    fn assigned_at(&self, scope: Scope, odd: bool) -> (String, String) {
        let mut address = self.state.tenant.scope_id(scope);
        if odd {
            address = lowered(&address);
        }
        let prefix = if address == "/" { String::new() } else { address.clone() };
        (address, prefix)
    }

    /// As the Resource Manager shows it.
    pub(super) fn assignment(&self, one: &RoleAssignment) -> Value {
        let gone = self.state.place(one.principal).is_none();
        let principal_type = if gone && self.azure.options().has(AzureQuirk::UnknownPrincipal) {
            PrincipalType::Unknown
        } else {
            one.principal_type
        };
        let odd = one.id.to_string().ends_with(|digit: char| "048c".contains(digit));
        let (scope, prefix) = self.assigned_at(one.scope, odd);
        json!({
            "properties": {
                "roleDefinitionId": self.role_id(one.role, one.scope),
                "principalId": one.principal,
                "principalType": principal_type.label(),
                "scope": scope,
                "condition": one.condition,
                "conditionVersion": one.condition.as_ref().map(|_| "2.0"),
                "createdOn": time(one.created),
                "updatedOn": time(one.created),
                "createdBy": self.state.tenant.id,
                "updatedBy": self.state.tenant.id,
                "delegatedManagedIdentityResourceId": null,
                "description": null,
            },
            "id": format!("{prefix}/providers/Microsoft.Authorization/roleAssignments/{}", one.id),
            "type": "Microsoft.Authorization/roleAssignments",
            "name": one.id,
        })
    }

    fn deny(&self, one: &Deny) -> Value {
        let (scope, prefix) = self.assigned_at(one.scope, false);
        let principal = |(id, kind): &(Guid, PrincipalType)| {
            let name = if *id == Guid::ZERO { "All Principals" } else { "" };
            json!({"id": id, "type": kind.label(), "displayName": name, "email": ""})
        };
        json!({
            "properties": {
                "denyAssignmentName": one.name,
                "description": one.description,
                "permissions": [{"actions": one.actions, "notActions": one.not_actions, "dataActions": [], "notDataActions": [],
                    "condition": null, "conditionVersion": null}],
                "scope": scope,
                "doNotApplyToChildScopes": one.not_below,
                "principals": one.principals.iter().map(principal).collect::<Vec<_>>(),
                "excludePrincipals": one.except.iter().map(principal).collect::<Vec<_>>(),
                "isSystemProtected": true,
            },
            "id": format!("{prefix}/providers/Microsoft.Authorization/denyAssignments/{}", one.id),
            "type": "Microsoft.Authorization/denyAssignments",
            "name": one.id,
        })
    }

    fn eligibility(&self, one: &Eligibility, asked: Scope) -> Value {
        let (scope, prefix) = self.assigned_at(one.scope, false);
        let tenant = &self.state.tenant;
        let state = self.state;
        let role = tenant.roles.iter().find(|role| role.id == one.role);
        let (name, email) = match (state.user(one.principal), state.group(one.principal), state.service(one.principal)) {
            (Some(user), ..) => (Some(user.display.as_str()), user.mail.as_deref()),
            (_, Some(group), _) => (Some(group.display.as_str()), None),
            (.., Some(service)) => (Some(service.display.as_str()), None),
            _ => (None, None),
        };
        let inherited = asked != one.scope && tenant.lies_in(asked, one.scope);
        json!({
            "properties": {
                "scope": scope,
                "roleDefinitionId": self.role_id(one.role, one.scope),
                "principalId": one.principal,
                "principalType": one.principal_type.label(),
                "status": "Provisioned",
                "roleEligibilityScheduleId": format!("{prefix}/providers/Microsoft.Authorization/RoleEligibilitySchedules/{}", one.schedule),
                "startDateTime": time(one.start),
                "endDateTime": one.end.map(time),
                "memberType": if inherited { "Inherited" } else { "Direct" },
                "createdOn": time(one.start),
                "condition": null,
                "conditionVersion": null,
                "expandedProperties": {
                    "scope": {"id": scope, "displayName": tenant.scope_name(one.scope), "type": kind_of(one.scope)},
                    "roleDefinition": {"id": self.role_id(one.role, one.scope), "displayName": role.map(|role| &role.name),
                        "type": role.map(role_type)},
                    "principal": {"id": one.principal, "displayName": name, "email": email, "type": one.principal_type.label()},
                },
            },
            "name": one.id,
            "id": format!("{prefix}/providers/Microsoft.Authorization/RoleEligibilityScheduleInstances/{}", one.id),
            "type": "Microsoft.Authorization/RoleEligibilityScheduleInstances",
        })
    }

    fn definitions(&self, scope: Scope, name: Option<&str>) -> Answer {
        let tenant = &self.state.tenant;
        let assignable = |role: &&RoleDefinition| {
            let mut groups = tenant.management_groups.iter().enumerate();
            role.built_in
                || groups.any(|(place, group)| {
                    role.assignable_in.contains(&group.name) && tenant.lies_in(scope, Scope::Management(place as u32))
                })
        };
        let mut roles: Vec<&RoleDefinition> = tenant.roles.iter().filter(assignable).collect();
        if let Some(name) = name {
            let found = roles.iter().find(|role| role.id.to_string().eq_ignore_ascii_case(name));
            return found.map(|role| Reply::ok(self.definition(role, scope))).ok_or_else(|| {
                let text = format!("The specified role definition with ID '{name}' does not exist.");
                Reply::arm(404, "RoleDefinitionDoesNotExist", text)
            });
        }
        for part in self.ask.parameter("$filter").unwrap_or_default().split(" and ").map(str::trim) {
            let value = part.split('\'').nth(1).unwrap_or_default();
            let lower = part.to_lowercase();
            if lower.starts_with("type eq") {
                roles.retain(|role| role_type(role).eq_ignore_ascii_case(value));
            } else if lower.starts_with("rolename eq") {
                roles.retain(|role| role.name.eq_ignore_ascii_case(value));
            } else if !lower.is_empty() && !matches!(lower.as_str(), "atscopeandbelow()" | "atscope()") {
                return Err(Reply::arm(
                    400,
                    "UnsupportedFilter",
                    format!("The filter '{part}' is not supported."),
                ));
            }
        }
        self.page(roles.into_iter().map(|role| self.definition(role, scope)).collect())
    }

    fn definition(&self, role: &RoleDefinition, scope: Scope) -> Value {
        let tenant = &self.state.tenant;
        let assignable: Vec<String> = if role.built_in {
            vec!["/".to_owned()]
        } else {
            let address = |name: &String| format!("/providers/Microsoft.Management/managementGroups/{name}");
            role.assignable_in.iter().map(address).collect()
        };
        json!({
            "properties": {
                "roleName": role.name,
                "type": role_type(role),
                "description": role.description,
                "assignableScopes": assignable,
                "permissions": [{"actions": role.actions, "notActions": role.not_actions, "dataActions": role.data_actions,
                    "notDataActions": role.not_data_actions}],
                "createdOn": time(1_422_872_177_000),
                "updatedOn": time(tenant.today),
                "createdBy": null,
                "updatedBy": null,
            },
            "id": self.role_id(role.id, scope),
            "type": "Microsoft.Authorization/roleDefinitions",
            "name": role.id,
        })
    }
}

fn role_type(role: &RoleDefinition) -> &'static str {
    if role.built_in { "BuiltInRole" } else { "CustomRole" }
}

fn kind_of(scope: Scope) -> &'static str {
    match scope {
        Scope::Everything => "tenant",
        Scope::Management(_) => "managementgroup",
        Scope::Subscription(_) => "subscription",
        Scope::ResourceGroup(_) => "resourcegroup",
        Scope::Vault(_) | Scope::Guard(_) => "resource",
    }
}
