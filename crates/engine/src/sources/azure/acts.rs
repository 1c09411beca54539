//! What a run writes to Entra and to the Resource Manager. Nothing here is sent: each request is made as it will go.
//!
//! <https://learn.microsoft.com/graph/api/user-update>, <https://learn.microsoft.com/graph/api/user-revokesigninsessions>,
//! <https://learn.microsoft.com/graph/api/group-delete-members>, <https://learn.microsoft.com/graph/api/directory-deleteditems-restore>,
//! <https://learn.microsoft.com/rest/api/authorization/role-assignments/delete-by-id>,
//! <https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-requests/create>

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{AzureClient, arm};
use crate::record::ItemKind;
use crate::record::azure::{Eligibility, key};
use crate::secrets::hex;
use crate::sources::SourceError;
use crate::sources::doors::{self, Asked, Deed, Repeat, Write};
use crate::sources::http::HttpClient;

const JSON: (&str, &str) = ("Content-Type", "application/json");
const ASSIGNMENT: &str = "/providers/microsoft.authorization/roleassignments/";
const REQUESTS: &str = "providers/Microsoft.Authorization/roleEligibilityScheduleRequests";

/// What a person can own in Entra.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owned {
    /// A group.
    Group,
    /// An application object.
    Application,
    /// A service principal.
    ServicePrincipal,
}

impl Owned {
    /// Its collection in Graph.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Group => "groups",
            Self::Application => "applications",
            Self::ServicePrincipal => "servicePrincipals",
        }
    }

    /// The type that Graph gives it (`@odata.type`).
    pub fn kind(self) -> &'static str {
        match self {
            Self::Group => "#microsoft.graph.group",
            Self::Application => "#microsoft.graph.application",
            Self::ServicePrincipal => "#microsoft.graph.servicePrincipal",
        }
    }

    /// What Graph calls it (`@odata.type`); none for what has no owners that count here.
    pub fn of(kind: &str) -> Option<Self> {
        match kind.rsplit('.').next()? {
            "group" => Some(Self::Group),
            "application" => Some(Self::Application),
            "servicePrincipal" => Some(Self::ServicePrincipal),
            _ => None,
        }
    }
}

fn unusable(problem: &str) -> SourceError {
    SourceError::Setting {
        field: "Request",
        problem: problem.into(),
        next: "Sync the source, and plan the run anew.".into(),
    }
}

/// An id as a segment of an address. Object ids are GUIDs; a segment that is empty, or that an address would lose, is none: the rest of the
/// address would name something else.
pub(super) fn segment(id: &str) -> Result<&str, SourceError> {
    let id = id.trim();
    if id.is_empty() || matches!(id, "." | "..") || id.contains(['/', '\\']) {
        return Err(unusable("an id cannot stand in an address"));
    }
    Ok(id)
}

fn text<'v>(group: &'v Value, name: &str) -> &'v str {
    group.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn is(group: &Value, name: &str) -> bool {
    group.get(name).and_then(Value::as_bool) == Some(true)
}

/// Why Graph takes nobody out of a group by hand of its members, if so: with what a person does instead.
/// <https://learn.microsoft.com/graph/api/group-delete-members>
fn closed(group: &Value, user: &str) -> Option<(String, String)> {
    let name = text(group, "displayName");
    let types = group.get("groupTypes").and_then(Value::as_array);
    let dynamic = types.into_iter().flatten().any(|kind| kind == "DynamicMembership");
    let unified = types.into_iter().flatten().any(|kind| kind == "Unified");
    let rule = text(group, "membershipRule");
    if dynamic {
        let rule = if rule.is_empty() {
            String::new()
        } else {
            format!(" The rule: {rule}")
        };
        return Some((
            format!("A rule chooses the members of {name}, so nobody can be taken out of it."),
            format!("Change what the rule of {name} looks at, so that {user} does not fit it any more.{rule}"),
        ));
    }
    if is(group, "onPremisesSyncEnabled") {
        return Some((
            format!("{name} comes from a directory on the premises, and Entra does not change its members."),
            format!("Take {user} out of {name} in Active Directory, and wait for the next cycle of the synchronisation."),
        ));
    }
    if is(group, "mailEnabled") && !unified {
        return Some((
            format!("{name} is a mail-enabled group, whose members Graph does not change."),
            format!("Take {user} out of {name} in the Exchange admin centre."),
        ));
    }
    None
}

impl AzureClient {
    fn at_graph(&self, segments: &[&str]) -> Url {
        self.graph().without_own_query(&self.graph().below(segments.iter().copied()))
    }

    /// Lets an account sign in, or not (`accountEnabled`).
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address.
    pub fn set_enabled(&self, user: &str, enabled: bool) -> Result<Write, SourceError> {
        let url = self.at_graph(&["users", segment(user)?]);
        Ok(Write::new(&Method::PATCH, url, Some(&json!({ "accountEnabled": enabled })), Repeat::Safe).header(JSON.0, JSON.1))
    }

    /// Ends every session: refresh tokens given out until now are good no more. It takes some minutes, and does nothing for a guest, who signs
    /// in at home.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address.
    pub fn revoke_sessions(&self, user: &str) -> Result<Write, SourceError> {
        let url = self.at_graph(&["users", segment(user)?, "revokeSignInSessions"]);
        Ok(Write::new(&Method::POST, url, None, Repeat::Safe))
    }

    /// Takes a user out of a group (`…/members/{id}/$ref`; without `$ref` the user itself would be deleted). `group` is its document, as
    /// [`AzureClient::look_at_memberships`] gives it. Some groups let nobody be taken out by Graph: then it is told why, and what a person does.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where an id cannot stand in an address.
    pub fn leave_group(&self, group: &Value, user: &str, user_name: &str) -> Result<Deed, SourceError> {
        if let Some((why, what)) = closed(group, user_name) {
            return Ok(Deed::ByHand { why, what });
        }
        let url = self.at_graph(&["groups", segment(text(group, "id"))?, "members", segment(user)?, "$ref"]);
        Ok(Deed::Writes(vec![Write::new(&Method::DELETE, url, None, Repeat::Safe)]))
    }

    /// What changing a group's members takes beyond `GroupMember.ReadWrite.All`, where it takes more; for the plan.
    pub fn leave_group_needs(group: &Value) -> Option<&'static str> {
        is(group, "isAssignableToRole").then_some(
            "The group may hold roles of Entra (isAssignableToRole): taking somebody out of it takes RoleManagement.ReadWrite.Directory.",
        )
    }

    /// Deletes a user: it is kept among the deleted ones for 30 days.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address.
    pub fn delete_user(&self, user: &str) -> Result<Write, SourceError> {
        let url = self.at_graph(&["users", segment(user)?]);
        Ok(Write::new(&Method::DELETE, url, None, Repeat::Safe))
    }

    /// Brings a deleted user back.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address.
    pub fn restore_deleted(&self, user: &str) -> Result<Write, SourceError> {
        let url = self.at_graph(&["directory", "deletedItems", segment(user)?, "restore"]);
        Ok(Write::new(&Method::POST, url, None, Repeat::Safe))
    }

    /// Takes a deleted test identity out of the deleted ones, for good. Never for a person.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address.
    pub fn purge_test_identity(&self, user: &str) -> Result<Write, SourceError> {
        let url = self.at_graph(&["directory", "deletedItems", segment(user)?]);
        Ok(Write::new(&Method::DELETE, url, None, Repeat::Safe))
    }

    /// Takes a role assignment away, by its resource id.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where it is the id of something else.
    pub fn remove_assignment(&self, id: &str) -> Result<Write, SourceError> {
        let low = key(id);
        // The address is made of an id that came from a list: it must name an assignment, and nothing else is ever deleted by it.
        let name = low.rsplit_once(ASSIGNMENT).map(|(_, name)| name);
        let parts = low.split('/').skip(1);
        let sound = id.starts_with('/') && parts.clone().all(|part| !part.is_empty() && !matches!(part, "." | "..")) && parts.count() >= 4;
        if !sound || name.is_none_or(|name| name.is_empty() || name.contains('/')) {
            return Err(unusable("what is to be taken away is no role assignment"));
        }
        let version = arm::kind(ItemKind::RoleAssignment).version;
        let url = self.arm().without_own_query(&arm::below(self, id.trim(), "", version, None));
        Ok(Write::new(&Method::DELETE, url, None, Repeat::Safe))
    }

    /// Takes an eligibility (PIM) away, by a request of the kind `AdminRemove`. `eligibility` is the document of its instance; `mark` is the
    /// run's, from which the request's name follows, so that the same request is the same. An eligibility that a group gives is taken away by
    /// leaving the group.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the document does not say what it is.
    pub fn remove_eligibility(&self, eligibility: &Value, mark: &str) -> Result<Deed, SourceError> {
        let read: Eligibility = Deserialize::deserialize(eligibility).map_err(|_| unusable("the eligibility cannot be read"))?;
        let properties = &read.properties;
        if properties
            .member_type
            .as_deref()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("Group"))
        {
            return Ok(Deed::ByHand {
                why: "A group gives this eligibility, so it cannot be taken from one member.".into(),
                what: "Take the person out of the group that is eligible.".into(),
            });
        }
        let (Some(scope), Some(role), Some(principal)) = (
            properties.scope.as_deref().filter(|scope| scope.starts_with('/')),
            &properties.role_definition_id,
            &properties.principal_id,
        ) else {
            return Err(unusable("the eligibility names no scope, role or principal"));
        };
        let version = arm::kind(ItemKind::Eligibility).version;
        let name = name_of(&[mark, scope, role, principal]);
        let url = self
            .arm()
            .without_own_query(&arm::below(self, scope, &format!("{REQUESTS}/{name}"), version, None));
        let body = json!({ "properties": {
            "principalId": principal,
            "roleDefinitionId": role,
            "requestType": "AdminRemove",
            "justification": format!("De-provisioning {mark}"),
        } });
        Ok(Deed::Writes(vec![
            Write::new(&Method::PUT, url, Some(&body), Repeat::Safe).header(JSON.0, JSON.1),
        ]))
    }

    /// Takes an owner from what it owns. Entra keeps a group's last owner: give it another one first.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where an id cannot stand in an address.
    pub fn remove_owner(&self, kind: Owned, id: &str, user: &str) -> Result<Write, SourceError> {
        let url = self.at_graph(&[kind.path(), segment(id)?, "owners", segment(user)?, "$ref"]);
        Ok(Write::new(&Method::DELETE, url, None, Repeat::Safe))
    }

    /// Gives something another owner.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where an id cannot stand in an address.
    pub fn add_owner(&self, kind: Owned, id: &str, owner: &str) -> Result<Write, SourceError> {
        let whom = self.at_graph(&["directoryObjects", segment(owner)?]);
        let url = self.at_graph(&[kind.path(), segment(id)?, "owners", "$ref"]);
        let body = json!({ "@odata.id": whom.as_str() });
        Ok(Write::new(&Method::POST, url, Some(&body), Repeat::LookFirst).header(JSON.0, JSON.1))
    }

    /// The client whose address it is: Graph's or the Resource Manager's; Graph's too where it is neither, which then refuses it.
    fn outlet_of(&self, url: &str) -> &HttpClient {
        let below = |http: &HttpClient| {
            Url::parse(url).is_ok_and(|url| url.origin() == http.base().origin() && url.path().starts_with(http.base().path()))
        };
        if below(self.arm()) && !below(self.graph()) {
            self.arm()
        } else {
            self.graph()
        }
    }

    /// See [`crate::sources::Client::send_write`].
    ///
    /// # Errors
    /// As there.
    pub async fn send_write(&self, write: &Write, cancel: &CancellationToken) -> Result<Asked, SourceError> {
        doors::send(self.outlet_of(&write.request.url), write, cancel).await
    }
}

/// A GUID that follows from these texts (RFC 9562 §5.8, of one's own making).
fn name_of(texts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.to_lowercase());
    }
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let text = hex(&bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}
