//! What the Resource Manager lets a client change: role assignments and eligibilities
//! (<https://learn.microsoft.com/rest/api/authorization/role-assignments>,
//! <https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-requests>).

use serde_json::{Value, json};

use super::{Arm, time, versions};
use crate::azure::effect::Effect;
use crate::azure::reply::Reply;
use crate::azure::state::Place;
use crate::company::access::Guid;
use crate::company::access::azure::{Eligibility, PrincipalType, RoleAssignment, Scope};
use crate::journal::millis;

type Done = Result<(Reply, Vec<Effect>), Reply>;

/// The definition of Owner, the same everywhere
/// (<https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged>).
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

impl Arm<'_> {
    /// Answers a request for a change, below `{scope}/providers/Microsoft.Authorization/`.
    pub(super) fn write(&self) -> Done {
        const MARK: &str = "/providers/microsoft.authorization/";
        let not_allowed = || Reply::arm(405, "MethodNotAllowed", "The method is not allowed on this resource.");
        // Of ASCII only: the places of letters stay, whatever else stands there.
        let place = self.ask.path.to_ascii_lowercase().rfind(MARK).ok_or_else(not_allowed)?;
        let (address, rest) = (&self.ask.path[..place], &self.ask.path[place + MARK.len()..]);
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        let [kind, name] = parts.as_slice() else {
            return Err(not_allowed());
        };
        let (kind, method) = (kind.to_lowercase(), self.ask.method.as_str());
        let scope = || {
            let found = self.state.scope_at(address);
            found.ok_or_else(|| Reply::arm(404, "ResourceNotFound", format!("The scope '{address}' could not be found.")))
        };
        match (kind.as_str(), method) {
            ("roleassignments", "DELETE") => {
                self.version(versions::ROLE_ASSIGNMENTS)?;
                self.delete_assignment(scope()?, name)
            }
            ("roleassignments", "PUT") => {
                self.version(versions::ROLE_ASSIGNMENTS)?;
                self.assign(scope()?, name)
            }
            ("roleeligibilityschedulerequests", "PUT") => {
                self.version(versions::ELIGIBILITIES)?;
                self.request(scope()?, name)
            }
            _ => Err(not_allowed()),
        }
    }

    fn may_write(&self, action: &str, scope: Scope) -> Result<(), Reply> {
        if self.azure.options().arm_writes && self.ask.caller.is_none() {
            return self.allow(action, scope);
        }
        Err(self.unauthorized(action, scope))
    }

    fn delete_assignment(&self, scope: Scope, name: &str) -> Done {
        self.may_write("Microsoft.Authorization/roleAssignments/delete", scope)?;
        let found = self
            .state
            .tenant
            .assignments
            .iter()
            .find(|one| one.id.to_string().eq_ignore_ascii_case(name) && one.scope == scope && !self.state.is_hidden(one.id));
        // What is not there is as good as deleted.
        let Some(one) = found else {
            return Ok((Reply::empty(204), Vec::new()));
        };
        let owner = |one: &RoleAssignment| one.role.to_string() == OWNER;
        let others = || {
            let all = self.state.tenant.assignments.iter();
            all.filter(|other| other.id != one.id && owner(other) && other.scope == scope && !self.state.is_hidden(other.id))
                .count()
        };
        if matches!(scope, Scope::Subscription(_)) && owner(one) && others() == 0 {
            // The documentation gives the sentence, and no code.
            return Err(Reply::arm(400, "BadRequest", "Cannot delete the last RBAC admin assignment"));
        }
        Ok((Reply::ok(self.assignment(one)), vec![Effect::Unassign(one.id)]))
    }

    /// The role that a body names by its address, and the principal.
    fn named_in(&self, properties: &Value) -> Result<(Guid, Guid, PrincipalType), Reply> {
        let bad = |text: &str| Reply::arm(400, "InvalidRoleAssignmentRequest", text);
        let role = properties["roleDefinitionId"]
            .as_str()
            .and_then(|address| address.rsplit('/').next());
        let role = role.and_then(|role| role.parse::<Guid>().ok());
        let role = role.filter(|role| self.state.tenant.roles.iter().any(|one| one.id == *role));
        let role = role.ok_or_else(|| Reply::arm(404, "RoleDefinitionDoesNotExist", "The specified role definition does not exist."))?;
        let principal = properties["principalId"].as_str().and_then(|id| id.parse::<Guid>().ok());
        let principal = principal.ok_or_else(|| bad("The request has no principal."))?;
        let kind = match self.state.place(principal) {
            Some(Place::User(_)) => PrincipalType::User,
            Some(Place::Group(_)) => PrincipalType::Group,
            Some(Place::Service(_)) => PrincipalType::ServicePrincipal,
            None => {
                let text = format!("Principal {principal} does not exist in the directory {}.", self.state.tenant.id);
                return Err(Reply::arm(400, "PrincipalNotFound", text));
            }
        };
        Ok((role, principal, kind))
    }

    fn assign(&self, scope: Scope, name: &str) -> Done {
        self.may_write("Microsoft.Authorization/roleAssignments/write", scope)?;
        let id: Guid = name.parse().map_err(|_| {
            Reply::arm(
                400,
                "InvalidRoleAssignmentId",
                format!("The role assignment ID '{name}' is not a GUID."),
            )
        })?;
        let (role, principal, principal_type) = self.named_in(&self.ask.body["properties"])?;
        let mut all = self.state.tenant.assignments.iter().filter(|one| !self.state.is_hidden(one.id));
        if all.any(|one| one.id == id || one.role == role && one.principal == principal && one.scope == scope) {
            return Err(Reply::arm(409, "RoleAssignmentExists", "The role assignment already exists."));
        }
        let one = RoleAssignment {
            id,
            principal,
            principal_type,
            role,
            scope,
            condition: None,
            created: millis(),
        };
        let mut reply = Reply::ok(self.assignment(&one));
        reply.status = 201;
        Ok((reply, vec![Effect::Assign(Box::new(one))]))
    }

    /// Makes somebody eligible, or ends that (PIM).
    fn request(&self, scope: Scope, name: &str) -> Done {
        self.may_write("Microsoft.Authorization/roleEligibilityScheduleRequests/write", scope)?;
        let properties = &self.ask.body["properties"];
        let (kind, status) = match properties["requestType"].as_str() {
            Some("AdminRemove") => ("AdminRemove", "Revoked"),
            Some("AdminAssign") => ("AdminAssign", "Provisioned"),
            _ => return Err(Reply::arm(400, "BadRequest", "The request type is not supported.")),
        };
        // A principal who is gone can still be taken out.
        let of = |key: &str| {
            properties[key]
                .as_str()
                .and_then(|text| text.rsplit('/').next()?.parse::<Guid>().ok())
        };
        let (Some(role), Some(principal)) = (of("roleDefinitionId"), of("principalId")) else {
            return Err(Reply::arm(
                400,
                "BadRequest",
                "The request needs 'principalId' and 'roleDefinitionId'.",
            ));
        };
        let found = self
            .state
            .tenant
            .eligibilities
            .iter()
            .find(|one| one.role == role && one.principal == principal && one.scope == scope && !self.state.is_hidden(one.id));
        let effect = match (kind, found) {
            ("AdminRemove", Some(one)) => Effect::Unassign(one.id),
            ("AdminRemove", None) => {
                return Err(Reply::arm(404, "RoleAssignmentDoesNotExist", "The Role assignment does not exist."));
            }
            (_, Some(_)) => return Err(Reply::arm(400, "RoleAssignmentExists", "The Role assignment already exists.")),
            (_, None) => {
                let (role, principal, principal_type) = self.named_in(properties)?;
                let number = self.state.tenant.eligibilities.len() as u64;
                Effect::MakeEligible(Box::new(Eligibility {
                    id: Guid::derived(self.azure.seed(), "eligibility made", number),
                    schedule: Guid::derived(self.azure.seed(), "eligibility schedule made", number),
                    principal,
                    principal_type,
                    role,
                    scope,
                    start: millis(),
                    end: None,
                }))
            }
        };
        let address = self.state.tenant.scope_id(scope);
        let prefix = if address == "/" { "" } else { &address };
        let mut reply = Reply::ok(json!({
            "properties": {
                "scope": address, "roleDefinitionId": properties["roleDefinitionId"], "principalId": principal,
                "requestType": kind, "status": status, "createdOn": time(millis()), "justification": properties["justification"],
                "requestorId": self.azure.client,
            },
            "name": name,
            "id": format!("{prefix}/providers/Microsoft.Authorization/RoleEligibilityScheduleRequests/{name}"),
            "type": "Microsoft.Authorization/RoleEligibilityScheduleRequests",
        }));
        reply.status = 201;
        Ok((reply, vec![effect]))
    }
}
