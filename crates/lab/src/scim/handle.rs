//! A way to one server that does not go over its socket: to change things behind a client's back, and to read the truth.

use std::sync::Arc;

use serde_json::{Value, json};

use super::ask::{Ask, Seen};
use super::auth::secret_word;
use super::project::groups_of;
use super::quirk::Quirk;
use super::refusal::Refusal;
use super::server::Server;
use super::store::Family;
use crate::faults::Fault;

/// One SCIM server of the lab, from the inside. Cloning is cheap. Writes go through the same rules as over HTTP and are
/// provisioned downstream like any other; faults do not touch them.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(crate) server: Arc<Server>,
}

impl Handle {
    /// The SCIM base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.base().to_owned()
    }

    /// The first bearer token, or the last that was issued from the inside.
    #[must_use]
    pub fn token(&self) -> String {
        self.server.access().token()
    }

    /// Makes another bearer token. The ones before stay good until they are revoked.
    pub fn issue_token(&self) -> String {
        let token = secret_word("lab_");
        self.server.access().add(token.clone());
        token
    }

    /// Makes a token worthless, at once. Tells whether it was good.
    pub fn revoke_token(&self, token: &str) -> bool {
        self.server.access().revoke(token)
    }

    /// The token that manages tokens at `/api/tokens` of the server's origin, and does nothing else.
    #[must_use]
    pub fn manager_token(&self) -> String {
        self.server.access().manager()
    }

    /// The truth about its tokens, without their values; and who asked with which since the use of this number.
    #[must_use]
    pub fn tokens(&self, after: u64) -> Value {
        self.server.access().truth(after)
    }

    /// Every user, as the documents stand, in the order of lists.
    #[must_use]
    pub fn users(&self) -> Vec<Value> {
        self.all(Family::Users)
    }

    /// Every group with all its direct members, in the order of lists.
    #[must_use]
    pub fn groups(&self) -> Vec<Value> {
        self.all(Family::Groups)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self, family: Family) -> usize {
        self.server.store().table(family).order.len()
    }

    /// One resource, if it is there.
    #[must_use]
    pub fn get(&self, family: Family, id: &str) -> Option<Value> {
        let store = self.server.store();
        let table = store.table(family);
        table.slot(id).and_then(|slot| table.get(slot)).map(super::store::Entry::value)
    }

    /// The user with this user name, whatever its case.
    #[must_use]
    pub fn user_named(&self, user_name: &str) -> Option<Value> {
        self.named(Family::Users, user_name)
    }

    /// A group with this displayed name, whatever its case.
    #[must_use]
    pub fn group_named(&self, name: &str) -> Option<Value> {
        self.named(Family::Groups, name)
    }

    /// The groups of a user, direct and by nesting, as `groups` shows them (RFC 7643 §4.1.2).
    #[must_use]
    pub fn groups_of(&self, user: &str) -> Vec<Value> {
        let store = self.server.store();
        store.users.slot(user).map(|slot| groups_of(&store, slot)).unwrap_or_default()
    }

    /// Makes a user. Tells the stored document.
    ///
    /// # Errors
    /// As POST over HTTP would be refused.
    pub fn create_user(&self, user: &Value) -> Result<Value, Refusal> {
        self.ask("POST", "/Users", user)
    }

    /// Makes a group. Tells the stored document.
    ///
    /// # Errors
    /// As POST over HTTP would be refused.
    pub fn create_group(&self, group: &Value) -> Result<Value, Refusal> {
        self.ask("POST", "/Groups", group)
    }

    /// Puts another document in the place of one.
    ///
    /// # Errors
    /// As PUT over HTTP would be refused.
    pub fn replace(&self, family: Family, id: &str, document: &Value) -> Result<Value, Refusal> {
        self.ask("PUT", &format!("/{}/{id}", family.endpoint()), document)
    }

    /// Patches a user with these operations: a list of objects with `op`, `path`, `value`.
    ///
    /// # Errors
    /// As PATCH over HTTP would be refused.
    pub fn patch_user(&self, id: &str, operations: &Value) -> Result<Value, Refusal> {
        self.patch(Family::Users, id, operations)
    }

    /// Patches a group with these operations.
    ///
    /// # Errors
    /// As PATCH over HTTP would be refused.
    pub fn patch_group(&self, id: &str, operations: &Value) -> Result<Value, Refusal> {
        self.patch(Family::Groups, id, operations)
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn delete_user(&self, id: &str) -> Result<(), Refusal> {
        self.ask("DELETE", &format!("/Users/{id}"), &Value::Null).map(|_| ())
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// When there is no such group.
    pub fn delete_group(&self, id: &str) -> Result<(), Refusal> {
        self.ask("DELETE", &format!("/Groups/{id}"), &Value::Null).map(|_| ())
    }

    /// Puts a user or a group into a group.
    ///
    /// # Errors
    /// When one of them is not there.
    pub fn add_member(&self, group: &str, member: &str) -> Result<Value, Refusal> {
        self.patch_group(group, &json!([{"op": "add", "path": "members", "value": [{"value": member}]}]))
    }

    /// Takes a user or a group out of a group.
    ///
    /// # Errors
    /// When the group is not there, or does not hold it.
    pub fn remove_member(&self, group: &str, member: &str) -> Result<Value, Refusal> {
        self.patch_group(group, &json!([{"op": "remove", "path": format!("members[value eq \"{member}\"]")}]))
    }

    /// Signs a user of the app in, by user name: the token opens `GET /app/me`. None where the account may not.
    #[must_use]
    pub fn sign_in(&self, user_name: &str) -> Option<String> {
        self.server.sign_in(user_name)
    }

    /// The user's password for `POST /app/session`.
    #[must_use]
    pub fn password(&self, user_name: &str) -> String {
        self.server.password(user_name)
    }

    /// Lets every write that was put off take effect now; tokens begin and end that are about to.
    pub fn settle(&self) {
        let lies = self.server.options().tokens.has(super::TokenHabit::Lying);
        self.server.access().settle(lies);
        self.server.settle(true);
    }

    /// Changes how the server behaves from now on.
    pub fn set(&self, change: impl FnOnce(&mut super::ScimOptions)) {
        change(&mut self.server.options_mut());
    }

    /// What goes wrong from now on.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.server.options_mut().faults = faults;
    }

    /// Which departures from the RFCs there are from now on.
    pub fn set_quirks(&self, quirks: impl IntoIterator<Item = Quirk>) {
        self.server.options_mut().quirks = quirks.into_iter().collect();
    }

    /// The last requests over HTTP, oldest first, at most some 20,000.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.server.seen()
    }

    fn patch(&self, family: Family, id: &str, operations: &Value) -> Result<Value, Refusal> {
        let body = json!({"schemas": [lanyard_scim::urn::PATCH_OP], "Operations": operations});
        self.ask("PATCH", &format!("/{}/{id}", family.endpoint()), &body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Refusal> {
        let answer = self.server.answer(&Ask {
            body: body.to_string().into(),
            ..Ask::to(method, path)
        });
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status < 400 {
            return Ok(value);
        }
        let scim_type = value["scimType"].as_str().and_then(lanyard_scim::message::ScimType::from_name);
        Err(Refusal {
            status: answer.status,
            scim_type,
            detail: value["detail"].as_str().unwrap_or_default().to_owned(),
        })
    }

    fn all(&self, family: Family) -> Vec<Value> {
        let store = self.server.store();
        let table = store.table(family);
        table
            .order
            .iter()
            .filter_map(|&slot| table.get(slot))
            .map(super::store::Entry::value)
            .collect()
    }

    fn named(&self, family: Family, name: &str) -> Option<Value> {
        let store = self.server.store();
        let table = store.table(family);
        let slot = table.named(&name.to_lowercase()).next()?;
        table.get(slot).map(super::store::Entry::value)
    }
}
