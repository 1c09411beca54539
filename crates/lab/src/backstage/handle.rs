//! A way to the portal that does not go over its socket: to make time pass, and to read the truth.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::options::{OrphanStrategy, StaticToken};
use super::portal::{Portal, reference_of_name};
use super::quirk::PortalQuirk;
use super::refs;
use super::signin;
use crate::faults::Fault;
use crate::scim::{Seen, secret_word};

/// The portal of the lab, from the inside. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct PortalHandle {
    pub(crate) portal: Arc<Portal>,
}

impl PortalHandle {
    /// The base URL, without a slash at its end: `/api/catalog` follows.
    #[must_use]
    pub fn url(&self) -> String {
        self.portal.base().to_owned()
    }

    /// The newest static token.
    #[must_use]
    pub fn token(&self) -> String {
        self.portal.tokens().current()
    }

    /// Makes another static token, for these plugins only where some are named. The ones before stay good.
    pub fn issue_token(&self, plugins: Option<&[&str]>) -> String {
        let token = secret_word("portal_");
        self.portal.tokens().add(StaticToken {
            token: token.clone(),
            plugins: plugins.map(|plugins| plugins.iter().map(|plugin| (*plugin).to_owned()).collect()),
        });
        token
    }

    /// Makes a token worthless, at once. Tells whether it was good.
    pub fn revoke_token(&self, token: &str) -> bool {
        self.portal.tokens().revoke(token)
    }

    /// The token of a user, named by reference or by the provider's user name; none when the catalog has no such user.
    #[must_use]
    pub fn user_token(&self, user: &str) -> Option<String> {
        signin::issue(&self.portal, &reference_of_name(&self.portal, user)).map(|(token, _)| token)
    }

    /// Whom the sign-in page takes for signed in from now on, by user name or reference.
    pub fn sign_in_as(&self, user: &str) {
        user.clone_into(&mut self.portal.options_mut().signed_in);
    }

    /// One entity as it is sent, by reference.
    #[must_use]
    pub fn entity(&self, reference: &str) -> Option<Value> {
        let catalog = self.portal.catalog();
        catalog.named(&refs::reference(reference)?).map(super::catalog::Entity::value)
    }

    /// The references of all entities of a kind, sorted; of every kind with an empty word.
    #[must_use]
    pub fn references(&self, kind: &str) -> Vec<String> {
        let catalog = self.portal.catalog();
        let wanted = catalog
            .iter()
            .filter(|(_, entity)| kind.is_empty() || entity.kind.lower().eq_ignore_ascii_case(kind));
        let mut references: Vec<String> = wanted.map(|(_, entity)| entity.reference.to_string()).collect();
        references.sort_unstable();
        references
    }

    /// How many entities there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.portal.catalog().len()
    }

    /// The roles, as the API shows them.
    #[must_use]
    pub fn roles(&self) -> Vec<Value> {
        self.portal.rbac().roles.iter().map(super::rbac::Role::value).collect()
    }

    /// Those who may do everything, which no API tells.
    #[must_use]
    pub fn superusers(&self) -> Vec<String> {
        self.portal.rbac().superusers.clone()
    }

    /// Reads the identity provider now, and does not wait for the interval.
    pub fn run_feed(&self) {
        self.portal.run_feed();
    }

    /// Processes every entity now.
    pub fn process(&self) {
        self.portal.process();
    }

    /// Cleans orphans up now, as the strategy says.
    pub fn clean_up(&self) {
        self.portal.clean_up();
    }

    /// Reads, processes and cleans up, as time would do it.
    pub fn refresh(&self) {
        self.portal.run_feed();
        self.portal.process();
        self.portal.clean_up();
    }

    /// Takes an owned thing out of its repository, by reference: it becomes an orphan. Tells whether it was there.
    pub fn forget(&self, reference: &str) -> bool {
        refs::reference(reference).is_some_and(|reference| self.portal.forget(&reference))
    }

    /// What becomes of orphans from now on.
    pub fn set_orphans(&self, strategy: OrphanStrategy) {
        self.portal.options_mut().orphans = strategy;
    }

    /// How long users' tokens are good for that are given out from now on.
    pub fn set_user_token_lifetime(&self, lifetime: Duration) {
        self.portal.options_mut().user_token_lifetime = lifetime;
    }

    /// What goes wrong from now on.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.portal.options_mut().faults = faults;
    }

    /// Which departures from a current portal there are from now on.
    pub fn set_quirks(&self, quirks: impl IntoIterator<Item = PortalQuirk>) {
        self.portal.options_mut().quirks = quirks.into_iter().collect();
        self.portal.redraw();
    }

    /// The last requests over HTTP, oldest first, at most some 20,000.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.portal.seen()
    }
}
