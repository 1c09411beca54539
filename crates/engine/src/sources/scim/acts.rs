//! What a run writes to a SCIM server (RFC 7644 §3.5.2 PATCH, §3.6 DELETE, §3.3 POST). Nothing here is sent: each request is made as it will go.
//!
//! One member a request: AWS takes 100 changes of members in a PATCH and Entra's SCIM interface one removal, so one is good everywhere.

use lanyard_scim::urn::{PATCH_OP, USER};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::query::{askable, quoted};
use super::{Capabilities, ScimClient};
use crate::sources::SourceError;
use crate::sources::doors::{self, Asked, Repeat, Write};

const TYPE: (&str, &str) = ("Content-Type", "application/scim+json");

/// A test identity to make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewUser {
    /// The user name.
    pub user_name: String,
    /// The name on screen.
    pub display_name: String,
    /// The address.
    pub email: String,
    /// The run's mark, as `externalId`: by it the account is looked for before it is made again.
    pub mark: String,
}

/// An account as it was read, for what turns on its version or its whole document.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its id.
    pub id: &'a str,
    /// The document as it was last read; none where it was not.
    pub document: Option<&'a Value>,
}

impl Known<'_> {
    /// The version to come with in `If-Match` (RFC 7644 §3.14), where the server says that it keeps versions and gave one. A server that
    /// answers 412 wants the account to be read anew first.
    fn version(&self, at: &Capabilities) -> Option<&str> {
        let version = self.document?.get("meta")?.get("version")?.as_str()?;
        (at.etag == Some(true) && !version.trim().is_empty()).then_some(version)
    }

    fn matched(&self, at: &Capabilities, write: Write) -> Write {
        match self.version(at) {
            Some(version) => write.header("If-Match", version),
            None => write,
        }
    }
}

fn patch(operation: &Value) -> Value {
    json!({ "schemas": [PATCH_OP], "Operations": [operation] })
}

impl ScimClient {
    /// The address of a resource, as it is shown: without the base URL's own query.
    fn address(&self, endpoint: &str, id: Option<&str>) -> Result<Url, SourceError> {
        let mut url = self.url(endpoint, &[]);
        if let (Some(id), Ok(mut path)) = (id, url.path_segments_mut()) {
            askable(id)?;
            path.push(id);
        }
        Ok(self.http().without_own_query(&url))
    }

    fn change(&self, endpoint: &str, id: &str, operation: &Value) -> Result<Write, SourceError> {
        let url = self.address(endpoint, Some(id))?;
        Ok(Write::new(&Method::PATCH, url, Some(&patch(operation)), Repeat::Safe).header(TYPE.0, TYPE.1))
    }

    /// Switches an account off (`active: false`) or on again: by PATCH with a path, by PATCH without one where that form is refused, and as a
    /// whole by PUT where the server says that it knows no PATCH.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address.
    pub fn set_active(&self, at: &Capabilities, account: Known<'_>, active: bool) -> Result<Vec<Write>, SourceError> {
        let users = &at.users;
        if let (Some(false), Some(Value::Object(document))) = (at.patch, account.document) {
            let url = self.address(users, Some(account.id))?;
            let whole = Value::Object(with_active(document, active));
            let write = Write::new(&Method::PUT, url, Some(&whole), Repeat::Safe).header(TYPE.0, TYPE.1);
            return Ok(vec![account.matched(at, write)]);
        }
        let forms = [
            json!({ "op": "replace", "path": "active", "value": active }),
            json!({ "op": "replace", "value": { "active": active } }),
        ];
        let writes = forms.iter().map(|form| self.change(users, account.id, form));
        writes.map(|write| Ok(account.matched(at, write?))).collect()
    }

    /// Deletes an account.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address.
    pub fn delete_account(&self, at: &Capabilities, account: Known<'_>) -> Result<Write, SourceError> {
        let url = self.address(&at.users, Some(account.id))?;
        Ok(account.matched(at, Write::new(&Method::DELETE, url, None, Repeat::Safe)))
    }

    /// Takes a member out of a group, in the two forms of which servers exist that take only one.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address, or the server has no groups.
    pub fn leave_group(&self, at: &Capabilities, group: &str, member: &str) -> Result<Vec<Write>, SourceError> {
        let groups = groups(at)?;
        [
            json!({ "op": "remove", "path": format!("members[value eq {}]", quoted(member)) }),
            json!({ "op": "remove", "path": "members", "value": [{ "value": member }] }),
        ]
        .iter()
        .map(|form| self.change(groups, group, form))
        .collect()
    }

    /// Puts a member into a group.
    ///
    /// # Errors
    /// [`SourceError::Setting`] where the id cannot stand in an address, or the server has no groups.
    pub fn join_group(&self, at: &Capabilities, group: &str, member: &str) -> Result<Write, SourceError> {
        let operation = json!({ "op": "add", "path": "members", "value": [{ "value": member }] });
        self.change(groups(at)?, group, &operation)
    }

    /// Makes a test identity. It makes something new: look for its mark first, by [`ScimClient::look_for_mark`].
    ///
    /// # Errors
    /// None that can be met: the address is the collection's.
    pub fn create_user(&self, at: &Capabilities, user: &NewUser) -> Result<Write, SourceError> {
        let (given, family) = user
            .display_name
            .split_once(' ')
            .unwrap_or((&user.display_name, &user.display_name));
        let document = json!({
            "schemas": [USER],
            "userName": user.user_name,
            "externalId": user.mark,
            "displayName": user.display_name,
            "name": { "formatted": user.display_name, "givenName": given, "familyName": family },
            "emails": [{ "value": user.email, "type": "work", "primary": true }],
            "active": true,
        });
        let url = self.address(&at.users, None)?;
        Ok(Write::new(&Method::POST, url, Some(&document), Repeat::LookFirst).header(TYPE.0, TYPE.1))
    }

    /// See [`crate::sources::Client::send_write`].
    ///
    /// # Errors
    /// As there.
    pub async fn send_write(&self, write: &Write, cancel: &CancellationToken) -> Result<Asked, SourceError> {
        doors::send(self.http(), write, cancel).await
    }
}

/// The groups' endpoint.
fn groups(at: &Capabilities) -> Result<&str, SourceError> {
    at.groups.as_deref().ok_or_else(|| SourceError::Setting {
        field: "Groups",
        problem: "the server has no groups".into(),
        next: "Leave the group out of the plan.".into(),
    })
}

/// The document with `active`, without what only the server sets.
fn with_active(document: &Map<String, Value>, active: bool) -> Map<String, Value> {
    let mut whole = document.clone();
    whole.retain(|name, _| !["active", "meta", "groups"].iter().any(|server| name.eq_ignore_ascii_case(server)));
    whole.insert("active".into(), active.into());
    whole
}
