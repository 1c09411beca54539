//! What Graph lets a client change: accounts, sessions, members, owners, the recycle bin
//! (<https://learn.microsoft.com/graph/api/resources/users>, <https://learn.microsoft.com/graph/api/resources/groups-overview>).
//!
//! A request is judged against the tenant as it stands, and gives what it does; that takes effect at once or when it is replicated.

use serde_json::{Value, json};

use super::Graph;
use super::docs::{self, GROUP, PLAIN, USER};
use super::people::GLOBAL_ADMINISTRATOR;
use super::permission::Needs;
use crate::azure::effect::{Effect, GroupTrait};
use crate::azure::reply::Reply;
use crate::azure::state::Family;
use crate::company::access::Guid;
use crate::company::access::azure::{EntraGroup, EntraUser};
use crate::journal::millis;

/// An answer, and what is done.
pub(super) type Done = Result<(Reply, Vec<Effect>), Reply>;

pub(super) fn done(effects: impl IntoIterator<Item = Effect>) -> (Reply, Vec<Effect>) {
    (Reply::empty(204), effects.into_iter().collect())
}

/// What stands in `applications(…)`, the other way to name an application.
pub(super) fn in_brackets(part: &str) -> Option<&str> {
    part.strip_prefix("applications(")?.strip_suffix(')')
}

impl Graph<'_> {
    pub(super) fn write(&self) -> Done {
        let parts = self.ask.parts();
        let Some(("v1.0", parts)) = parts.split_first().map(|(first, rest)| (*first, rest)) else {
            return Err(self.refuse(400, "BadRequest", "Invalid version."));
        };
        match (self.ask.method.as_str(), parts) {
            ("POST", ["users"]) => self.make_user(),
            ("PATCH", ["users", id]) => self.change_user(id),
            ("DELETE", ["users", id]) => {
                self.need(Needs::DeleteRestoreUser)?;
                let id = self.named(Family::Users, id)?;
                self.spare_admin(id)?;
                Ok(done([Effect::Delete(id, false)]))
            }
            ("POST", ["users", id, "revokeSignInSessions" | "microsoft.graph.revokeSignInSessions"]) => self.end_sessions(id),
            ("POST", ["groups"]) => self.make_group(),
            ("DELETE", ["groups", id]) => {
                self.need(Needs::WriteGroups)?;
                Ok(done([Effect::Delete(self.named(Family::Groups, id)?, true)]))
            }
            ("POST", ["groups", id, "members", "$ref"]) => self.add_member(self.named(Family::Groups, id)?),
            ("DELETE", ["groups", id, "members", member, "$ref"]) => self.remove_member(self.named(Family::Groups, id)?, member),
            ("POST", [family @ ("groups" | "servicePrincipals"), id, "owners", "$ref"]) => {
                let owned = self.owned(family, id)?;
                let owner = self.referenced()?;
                if self.owners(owned).contains(&owner) {
                    return Err(self.already("owners"));
                }
                Ok(done([Effect::Owner(owned, owner, true)]))
            }
            (
                "DELETE",
                [
                    family @ ("groups" | "servicePrincipals" | "applications"),
                    id,
                    "owners",
                    owner,
                    "$ref",
                ],
            ) => {
                let owned = self.owned(family, id)?;
                self.remove_owner(owned, owner, *family == "groups")
            }
            ("POST", ["applications", id, "owners", "$ref"]) => {
                let owned = self.owned("applications", id)?;
                Ok(done([Effect::Owner(owned, self.referenced()?, true)]))
            }
            ("DELETE", ["users", id, "appRoleAssignments", role]) => {
                self.need(Needs::WriteAppRoles)?;
                let id = self.named(Family::Users, id)?;
                let mut held = self.state.tenant.app_roles.iter();
                if !held.any(|one| one.principal == id && one.id == *role) {
                    return Err(self.missing(role));
                }
                Ok(done([Effect::NoAppRole(id, (*role).to_owned())]))
            }
            ("POST", ["directory", "deletedItems", id, "restore"]) => self.restore(id),
            ("DELETE", ["directory", "deletedItems", id]) => {
                self.need(Needs::DeleteRestoreUser)?;
                let id = self.in_bin(id)?;
                Ok(done([Effect::Delete(id, true)]))
            }
            ("POST", ["applications", id, "addPassword" | "microsoft.graph.addPassword"]) => self.add_password(id),
            ("POST", ["applications", id, "removePassword" | "microsoft.graph.removePassword"]) => self.remove_password(id),
            ("POST", [by_app, "addPassword"]) if in_brackets(by_app).is_some() => {
                self.add_password(in_brackets(by_app).unwrap_or_default())
            }
            ("POST", [by_app, "removePassword"]) if in_brackets(by_app).is_some() => {
                self.remove_password(in_brackets(by_app).unwrap_or_default())
            }
            (_, ["servicePrincipals", id, "synchronization", rest @ ..]) => self.change_synchronization(id, rest),
            ("DELETE", ["directoryRoles", role, "members", user, "$ref"]) => self.dismiss(role, user),
            _ => Err(self.refuse(405, "Request_BadRequest", "The method is not allowed on this resource.")),
        }
    }

    pub(super) fn bad_request(&self, text: &str) -> Reply {
        self.refuse(400, "Request_BadRequest", text)
    }

    fn denied(&self) -> Reply {
        self.refuse(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// A client that may write users may not write administrators, unless it may write roles; and the last one stays.
    fn spare_admin(&self, user: Guid) -> Result<(), Reply> {
        if !self.state.admins.contains(&user) {
            return Ok(());
        }
        self.need(Needs::WriteRoles)?;
        if self.state.admins.len() == 1 {
            return Err(self.bad_request("The last member of the role Global Administrator can be neither deleted nor disabled."));
        }
        Ok(())
    }

    fn make_user(&self) -> Done {
        self.need(Needs::WriteUser)?;
        let body = &self.ask.body;
        let text = |name: &str| body[name].as_str().filter(|text| !text.trim().is_empty());
        for name in ["displayName", "mailNickname", "userPrincipalName"] {
            if text(name).is_none() {
                return Err(self.bad_request(&format!("A value is required for property '{name}' of resource 'User'.")));
            }
        }
        let password = body["passwordProfile"]["password"].as_str().unwrap_or_default();
        let Some(enabled) = body["accountEnabled"].as_bool().filter(|_| !password.is_empty()) else {
            return Err(self.bad_request("The properties 'accountEnabled' and 'passwordProfile' are required to make a user."));
        };
        let upn = text("userPrincipalName").unwrap_or_default();
        if !upn.ends_with("@halcyon.example") {
            return Err(self.bad_request("The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization."));
        }
        let tenant = &self.state.tenant;
        let living = tenant.users.iter().filter(|user| self.shown(user.id));
        if living.into_iter().any(|user| user.upn.eq_ignore_ascii_case(upn)) {
            return Err(self.bad_request("Another object with the same value for property userPrincipalName already exists."));
        }
        let id = Guid::derived(self.azure.seed(), "entra made", (tenant.users.len() + tenant.deleted.len()) as u64);
        let own = |name: &str| text(name).unwrap_or_default().to_owned();
        let user = EntraUser {
            id,
            upn: upn.to_owned(),
            display: own("displayName"),
            given: own("givenName"),
            family: own("surname"),
            mail: text("mail").map(str::to_owned),
            title: own("jobTitle"),
            department: text("department").and_then(crate::company::Department::named),
            enabled,
            guest: false,
            created: millis(),
        };
        let mut reply = self.one(USER, docs::user(&user, self.state, None), "users")?;
        reply.status = 201;
        Ok((reply, vec![Effect::AddUser(Box::new(user))]))
    }

    fn change_user(&self, id: &str) -> Done {
        let Value::Object(body) = &self.ask.body else {
            return Err(self.bad_request("A value without a type name was found and no expected type is available."));
        };
        // The right is judged before the user is looked for.
        if body.contains_key("accountEnabled") {
            self.need(Needs::EnableUser)?;
        } else {
            self.need(Needs::WriteUser)?;
        }
        let id = self.named(Family::Users, id)?;
        let mut effects = Vec::new();
        for (name, value) in body {
            match (name.as_str(), value) {
                ("accountEnabled", Value::Bool(enabled)) => {
                    self.need(Needs::EnableUser)?;
                    self.spare_admin(id)?;
                    effects.push(Effect::Enable(id, *enabled));
                }
                ("displayName", Value::String(display)) if !display.is_empty() => {
                    self.need(Needs::WriteUser)?;
                    self.spare_admin(id)?;
                    effects.push(Effect::Rename(id, display.clone()));
                }
                (name, _) => {
                    let text = format!("Invalid value specified for property '{name}' of resource 'User'.");
                    return Err(self.bad_request(&text));
                }
            }
        }
        Ok(done(effects))
    }

    fn end_sessions(&self, user: &str) -> Done {
        self.need(Needs::RevokeSessions)?;
        let id = self.named(Family::Users, user)?;
        let guest = self.state.user(id).is_some_and(|user| user.guest);
        // Guests sign in at home: their sessions are not this tenant's to end. It answers all the same.
        let effects = if guest {
            Vec::new()
        } else {
            vec![Effect::EndSessions(id, millis())]
        };
        let context = format!("{}/v1.0/$metadata#Edm.Boolean", self.azure.sites.graph);
        Ok((Reply::ok(json!({"@odata.context": context, "value": true})), effects))
    }

    fn make_group(&self) -> Done {
        self.need(Needs::WriteGroups)?;
        let body = &self.ask.body;
        let text = |name: &str| body[name].as_str().filter(|text| !text.trim().is_empty());
        let Some(display) = text("displayName").filter(|_| text("mailNickname").is_some() && body["securityEnabled"] == true) else {
            return Err(self.bad_request("A security group needs 'displayName', 'mailNickname', 'mailEnabled' and 'securityEnabled'."));
        };
        let group = EntraGroup {
            id: Guid::derived(self.azure.seed(), "entra made group", self.state.tenant.groups.len() as u64),
            display: display.to_owned(),
            members: Vec::new(),
            owners: Vec::new(),
            created: millis(),
        };
        let mut reply = self.one(GROUP, docs::group(&group, self.state), "groups")?;
        reply.status = 201;
        Ok((reply, vec![Effect::AddGroup(Box::new(group))]))
    }

    /// Whether somebody may put members into this group, or take them out.
    fn open_group(&self, group: Guid) -> Result<(), Reply> {
        self.need(Needs::WriteMembers)?;
        if self.state.is(group, GroupTrait::Dynamic) {
            return Err(self.bad_request("Insufficient privileges to update the members of a group with dynamic membership."));
        }
        if self.state.is(group, GroupTrait::Synced) {
            return Err(self.bad_request(
                "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
            ));
        }
        if self.state.is(group, GroupTrait::RoleAssignable) {
            self.need(Needs::WriteRoles)?;
        }
        Ok(())
    }

    fn add_member(&self, group: Guid) -> Done {
        self.open_group(group)?;
        let member = self.referenced()?;
        if self.state.group(group).is_some_and(|group| group.members.contains(&member)) {
            return Err(self.already("members"));
        }
        Ok(done([Effect::Member(group, member, true)]))
    }

    fn remove_member(&self, group: Guid, member: &str) -> Done {
        self.open_group(group)?;
        let member_id = self.id(member)?;
        if !self.state.group(group).is_some_and(|group| group.members.contains(&member_id)) {
            return Err(self.missing(member));
        }
        Ok(done([Effect::Member(group, member_id, false)]))
    }

    /// The object that a body's `@odata.id` names.
    fn referenced(&self) -> Result<Guid, Reply> {
        let address = self.ask.body["@odata.id"].as_str().unwrap_or_default();
        let id = self.id(address.rsplit('/').next().unwrap_or_default())?;
        if self.state.place(id).is_none() {
            return Err(self.missing(&id.to_string()));
        }
        Ok(id)
    }

    fn already(&self, what: &str) -> Reply {
        self.bad_request(&format!(
            "One or more added object references already exist for the following modified properties: '{what}'."
        ))
    }

    /// The object whose owners are meant, if this client may write them.
    fn owned(&self, family: &str, id: &str) -> Result<Guid, Reply> {
        match family {
            "groups" => {
                self.need(Needs::WriteGroups)?;
                self.named(Family::Groups, id)
            }
            "servicePrincipals" => {
                self.need(Needs::WriteApplications)?;
                self.named(Family::Services, id)
            }
            _ => {
                self.need(Needs::WriteApplications)?;
                let application = self.id(id)?;
                let mut services = self.state.tenant.services.iter();
                let found = services.find(|service| service.application == Some(application) && self.shown(service.id));
                found.map(|service| service.id).ok_or_else(|| self.missing(id))
            }
        }
    }

    fn owners(&self, owned: Guid) -> Vec<Guid> {
        let group = self.state.group(owned).map(|group| group.owners.clone());
        let service = || self.state.service(owned).map(|service| service.owners.clone());
        group.or_else(service).unwrap_or_default()
    }

    /// The last owner of a group who is a user stays (<https://learn.microsoft.com/graph/api/group-delete-owners>).
    fn remove_owner(&self, owned: Guid, owner: &str, group: bool) -> Done {
        let owners = self.owners(owned);
        let id = self.id(owner)?;
        if !owners.contains(&id) {
            return Err(self.missing(owner));
        }
        let mut others = owners.iter().filter(|other| **other != id);
        if group && !others.any(|other| self.state.user(*other).is_some()) {
            return Err(self.bad_request("The group must have at least one owner, hence this owner cannot be removed."));
        }
        Ok(done([Effect::Owner(owned, id, false)]))
    }

    fn in_bin(&self, text: &str) -> Result<Guid, Reply> {
        let id = self.id(text)?;
        if self.state.in_bin(id) { Ok(id) } else { Err(self.missing(text)) }
    }

    fn restore(&self, text: &str) -> Done {
        self.need(Needs::DeleteRestoreUser)?;
        let id = self.in_bin(text)?;
        let bin = &self.state.tenant.deleted;
        let (user, _) = bin.iter().find(|(user, _)| user.id == id).ok_or_else(|| self.missing(text))?;
        let mut living = self.state.tenant.users.iter().filter(|other| self.shown(other.id));
        if living.any(|other| other.upn.eq_ignore_ascii_case(&user.upn)) {
            return Err(self.bad_request("Another object with the same value for property userPrincipalName already exists."));
        }
        let mut doc = docs::user(user, self.state, None);
        doc.insert("@odata.type".to_owned(), json!("#microsoft.graph.user"));
        Ok((self.one(PLAIN, doc, "directoryObjects")?, vec![Effect::Restore(id)]))
    }

    fn dismiss(&self, role: &str, user: &str) -> Done {
        if role != self.role_object() && role != format!("roleTemplateId={GLOBAL_ADMINISTRATOR}") {
            return Err(self.missing(role));
        }
        if !self.has(Needs::WriteRoles) {
            return Err(self.denied());
        }
        let id = self.id(user)?;
        if !self.state.admins.contains(&id) {
            return Err(self.missing(user));
        }
        if self.state.admins.len() == 1 {
            return Err(self.bad_request("The last member of the role Global Administrator cannot be removed."));
        }
        Ok(done([Effect::NoAdmin(id)]))
    }
}
