//! A way to the lab's Azure that does not go over its sockets: to change things behind a client's back, and to read the truth.

use std::sync::Arc;

use super::assertion;
use super::effect::{Effect, GroupTrait};
use super::options::{AzureOptions, Lost, Refused};
use super::server::{Azure, AzureSeen, Site, Sites};
use super::state::State;
use super::token::Audience;
use crate::company::access::Guid;
use crate::company::access::azure::{PrincipalType, RoleAssignment, Tenant};

/// The lab's Azure, from the inside. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct AzureHandle {
    pub(crate) azure: Arc<Azure>,
    pub(crate) ca_pem: Option<String>,
}

impl AzureHandle {
    /// Where the three services are.
    #[must_use]
    pub fn sites(&self) -> Sites {
        self.azure.sites.clone()
    }

    /// The tenant's id.
    #[must_use]
    pub fn tenant_id(&self) -> Guid {
        self.azure.state().tenant.id
    }

    /// The client that may sign in.
    #[must_use]
    pub fn client_id(&self) -> Guid {
        self.azure.client
    }

    /// The client's first secret, or the last that was made from the inside.
    #[must_use]
    pub fn secret(&self) -> String {
        self.azure.logins().secret.clone()
    }

    /// The authority of the servers' certificates, in PEM, when they speak TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<String> {
        self.ca_pem.clone()
    }

    /// Looks at the tenant as it stands. Objects that were deleted are still in its lists: ask [`AzureHandle::is_gone`].
    pub fn look<T>(&self, look: impl FnOnce(&Tenant) -> T) -> T {
        look(&self.azure.state().tenant)
    }

    /// Whether an object or an assignment was taken away.
    #[must_use]
    pub fn is_gone(&self, id: Guid) -> bool {
        self.azure.state().is_hidden(id)
    }

    /// Changes how it behaves.
    pub fn set(&self, change: impl FnOnce(&mut AzureOptions)) {
        change(&mut self.azure.options_mut());
    }

    /// Every request that came in, oldest first, as far as it is remembered; those within a batch too.
    #[must_use]
    pub fn seen(&self) -> Vec<AzureSeen> {
        self.azure.seen()
    }

    /// How many requests to a service had this in their path or query.
    #[must_use]
    pub fn asked(&self, site: Site, part: &str) -> usize {
        let seen = self.azure.seen();
        seen.iter().filter(|seen| seen.site == site && seen.target.contains(part)).count()
    }

    /// Forgets the requests so far.
    pub fn forget_seen(&self) {
        self.azure.forget_seen();
    }

    /// Grants the client a permission of Graph.
    pub fn grant(&self, permission: &str) {
        self.set(|options| {
            options.permissions.insert(permission.to_owned());
            options.lost.retain(|lost| lost.permission != permission);
        });
    }

    /// Takes a permission of Graph away. Tells whether the client had it.
    pub fn revoke(&self, permission: &str) -> bool {
        self.azure.options_mut().permissions.remove(permission)
    }

    /// Takes a permission of Graph away once so many requests to Graph have come in, from the lab's start.
    pub fn revoke_after(&self, permission: &str, after: u64) {
        let permission = permission.to_owned();
        self.set(|options| options.lost.push(Lost { permission, after }));
    }

    /// Refuses an action of the Resource Manager on a scope and what lies in it; `*` is every action, `/` everywhere.
    pub fn refuse(&self, action: &str, scope: &str) {
        let (action, scope) = (action.to_owned(), scope.to_owned());
        self.set(|options| options.refused.push(Refused { action, scope, after: 0 }));
    }

    /// Refuses nothing any more.
    pub fn allow_all(&self) {
        self.set(|options| options.refused.clear());
    }

    /// Makes every token of delta queries so far worthless: they answer 410.
    pub fn expire_delta_tokens(&self) {
        self.azure.state_mut().age += 1;
    }

    /// Makes another secret; the one before is expired from now on.
    pub fn rotate_secret(&self) -> String {
        let new = crate::scim::secret_word("lab8Q~");
        self.azure.logins().secret.clone_from(&new);
        let mut state = self.azure.state_mut();
        if let Some(service) = state.app(self.azure.client).map(|service| service.id) {
            state.secrets.renew(service, &new);
        }
        new
    }

    /// The truth about client secrets and the provisioning job, without values; and which secrets were signed in with since the
    /// use of this number.
    #[must_use]
    pub fn credentials(&self, after: u64) -> serde_json::Value {
        self.azure.credentials(after)
    }

    /// Makes the client an owner of an application and its service principal, by displayed name. Tells whether it is there.
    pub fn own(&self, name: &str) -> bool {
        let (owned, client) = {
            let state = self.azure.state();
            let owned = find(&state, name).filter(|id| state.service(*id).is_some());
            (owned, state.app(self.azure.client).map(|client| client.id))
        };
        if let Some((owned, client)) = owned.zip(client) {
            self.azure.apply(Effect::Owner(owned, client, true));
        }
        owned.is_some()
    }

    /// Registers a certificate, DER, with the client.
    pub fn add_certificate(&self, der: Vec<u8>) {
        self.azure.logins().certificates.push(der);
    }

    /// A token of the issuer that the client's federated credential trusts, good for so many seconds.
    #[must_use]
    pub fn federated_token(&self, seconds: u64) -> String {
        assertion::federated_token(&self.azure, seconds)
    }

    /// Codes of devices that wait for a person.
    #[must_use]
    pub fn waiting_devices(&self) -> Vec<String> {
        self.azure.logins().waiting()
    }

    /// Says yes or no to a device's code, as a person would in the browser. Tells whether it was waited for.
    pub fn decide_device(&self, user_code: &str, yes: bool) -> bool {
        self.azure.logins().decide(user_code, yes)
    }

    /// Makes every refresh token worthless.
    pub fn revoke_refresh_tokens(&self) {
        self.azure.logins().revoke();
    }

    /// The object with this id, principal name (a user's part before the `@` is enough), or displayed name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Guid> {
        find(&self.azure.state(), name)
    }

    /// Puts somebody into a group. Tells whether anything changed.
    pub fn add_member(&self, group: &str, member: &str) -> bool {
        self.member(group, member, true)
    }

    /// Takes somebody out of a group. Tells whether anything changed.
    pub fn remove_member(&self, group: &str, member: &str) -> bool {
        self.member(group, member, false)
    }

    fn member(&self, group: &str, member: &str, added: bool) -> bool {
        let found = {
            let state = self.azure.state();
            let pair = find(&state, group).zip(find(&state, member));
            let holds = |group: Guid, member: Guid| state.group(group).is_some_and(|group| group.members.contains(&member));
            pair.filter(|(group, member)| holds(*group, *member) != added)
        };
        if let Some((group, member)) = found {
            self.azure.apply(Effect::Member(group, member, added));
        }
        found.is_some()
    }

    /// Deletes an object: a user into the recycle bin unless it is for good. Tells whether it was there.
    pub fn delete(&self, name: &str, for_good: bool) -> bool {
        let state = self.azure.state();
        let in_bin = |state: &State| {
            let mut bin = state.tenant.deleted.iter();
            bin.find(|(user, _)| local(&user.upn) == name || user.upn == name)
                .map(|(user, _)| user.id)
        };
        let found = find(&state, name).or_else(|| in_bin(&state));
        let there = found.filter(|id| state.place(*id).is_some() || (for_good && state.in_bin(*id)));
        drop(state);
        if let Some(id) = there {
            self.azure.apply(Effect::Delete(id, for_good));
        }
        there.is_some()
    }

    /// Enables or disables a user. Tells whether it is there.
    pub fn set_enabled(&self, name: &str, enabled: bool) -> bool {
        let found = self.user(name);
        if let Some(id) = found {
            self.azure.apply(Effect::Enable(id, enabled));
        }
        found.is_some()
    }

    fn user(&self, name: &str) -> Option<Guid> {
        let state = self.azure.state();
        find(&state, name).filter(|id| state.user(*id).is_some())
    }

    /// An access token of a user, for Graph or for the Resource Manager. None where the user may not sign in.
    #[must_use]
    pub fn user_token(&self, user: &str, site: Site) -> Option<String> {
        let audience = match site {
            Site::Graph => Audience::Graph,
            Site::Arm => Audience::Arm,
            Site::Authority => return None,
        };
        self.azure.user_token(self.user(user)?, audience)
    }

    /// A refresh token of a user, for the token endpoint.
    #[must_use]
    pub fn user_refresh_token(&self, user: &str) -> Option<String> {
        self.azure.user_refresh_token(self.user(user)?)
    }

    /// The password of a user, for the token endpoint's grant `password`.
    #[must_use]
    pub fn password(&self, user: &str) -> Option<String> {
        Some(self.azure.password(self.user(user)?))
    }

    /// Makes a group more than a plain one. Tells whether it is there.
    pub fn mark_group(&self, group: &str, what: GroupTrait) -> bool {
        let mut state = self.azure.state_mut();
        let found = find(&state, group).filter(|id| state.group(*id).is_some());
        found.is_some_and(|id| {
            state.traits.insert((id, what));
            true
        })
    }

    /// Makes somebody the only Global Administrator. Tells whether it is there.
    pub fn only_admin(&self, user: &str) -> bool {
        let found = self.user(user);
        if let Some(id) = found {
            self.azure.state_mut().admins = [id].into();
        }
        found.is_some()
    }

    /// Lets everything that waits for its replication take effect now.
    pub fn settle(&self) {
        self.azure.settle();
    }

    /// Gives a user another displayed name. Tells whether it is there.
    pub fn rename(&self, name: &str, display: &str) -> bool {
        let found = self.user(name);
        if let Some(id) = found {
            self.azure.apply(Effect::Rename(id, display.to_owned()));
        }
        found.is_some()
    }

    /// Assigns a role, by its name, to somebody on a scope, by its short name. Gives the assignment's name in the address.
    pub fn assign(&self, principal: &str, role: &str, scope: &str) -> Option<Guid> {
        let state = self.azure.state();
        let principal = find(&state, principal)?;
        let principal_type = if state.user(principal).is_some() {
            PrincipalType::User
        } else if state.group(principal).is_some() {
            PrincipalType::Group
        } else {
            PrincipalType::ServicePrincipal
        };
        let scope = state.tenant.scope(scope)?;
        let role = state.tenant.roles.iter().find(|one| one.name == role)?.id;
        let id = Guid::derived(self.azure.client.bits(), "azure assigned", state.tenant.assignments.len() as u64);
        drop(state);
        self.azure.apply(Effect::Assign(Box::new(RoleAssignment {
            id,
            principal,
            principal_type,
            role,
            scope,
            condition: None,
            created: crate::journal::millis(),
        })));
        Some(id)
    }

    /// Takes an assignment, an eligibility or a deny away. Tells whether it was there.
    pub fn unassign(&self, id: Guid) -> bool {
        let there = !self.azure.state().is_hidden(id);
        self.azure.apply(Effect::Unassign(id));
        there && self.azure.state().is_hidden(id)
    }
}

fn local(upn: &str) -> &str {
    upn.split('@').next().unwrap_or(upn)
}

fn find(state: &State, name: &str) -> Option<Guid> {
    if let Ok(id) = name.parse() {
        return Some(id);
    }
    let tenant = &state.tenant;
    let users = tenant.users.iter().filter(|user| user.upn == name || local(&user.upn) == name);
    let groups = tenant.groups.iter().filter(|group| group.display == name);
    let services = tenant.services.iter().filter(|service| service.display == name);
    let mut all = users
        .map(|one| one.id)
        .chain(groups.map(|one| one.id))
        .chain(services.map(|one| one.id));
    all.find(|id| !state.is_hidden(*id))
}
