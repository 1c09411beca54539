//! Graph as a user sees it with a token of their own, and the directory roles, of which the lab has one.

use serde_json::{Value, json};

use super::docs::{self, PLAIN, USER};
use super::{Answer, Graph};
use crate::company::access::Guid;

/// The template of the role Global Administrator, the same in every tenant
/// (<https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>).
pub(super) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

impl Graph<'_> {
    /// The answer to somebody who asks as themselves: who they are and which groups they are in, and nothing else.
    pub(super) fn as_user(&self, user: Guid) -> Answer {
        let parts = self.ask.parts();
        match (self.ask.method.as_str(), parts.as_slice()) {
            // A token that lives on speaks for somebody who may be gone.
            ("GET", ["v1.0", "me"]) => match docs::object(self.state, user) {
                Some((kind, doc)) => self.one(kind, doc, "users"),
                None => Err(self.missing(&user.to_string())),
            },
            ("GET", ["v1.0", "me", "memberOf"]) => {
                let groups = self.state.direct_groups_of(user);
                self.page("directoryObjects", PLAIN, groups.len(), |place| {
                    let (kind, doc) = docs::object(self.state, groups[place])?;
                    Some(self.member(kind, doc, false))
                })
            }
            _ => Err(self.refuse(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            )),
        }
    }

    pub(super) fn directory_roles(&self, rest: &[&str]) -> Answer {
        let by_template = format!("roleTemplateId={GLOBAL_ADMINISTRATOR}");
        let named = |id: &str| id == self.role_object() || id == by_template;
        let role = || {
            json!({"id": self.role_object(), "deletedDateTime": null, "description": "Can manage all aspects of Entra ID.",
                "displayName": "Global Administrator", "roleTemplateId": GLOBAL_ADMINISTRATOR})
        };
        match rest {
            [] => self.values("directoryRoles", &[role()]),
            [id] if named(id) => {
                let Value::Object(role) = role() else {
                    return Err(self.missing(id));
                };
                self.one(PLAIN, role, "directoryRoles")
            }
            [id, "members"] if named(id) => {
                let admins: Vec<Guid> = self.state.admins.iter().copied().collect();
                self.page("directoryObjects", PLAIN, admins.len(), |place| {
                    let user = self.state.user(admins[place])?;
                    Some(self.member(USER, docs::user(user, self.state, None), false))
                })
            }
            [id, ..] => Err(self.missing(id)),
        }
    }

    /// The id of the role's object in this tenant.
    pub(super) fn role_object(&self) -> String {
        Guid::derived(self.azure.seed(), "entra directory role", 0).to_string()
    }
}
