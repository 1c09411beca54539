//! What the portal is like, and how it can be asked to misbehave.

use std::collections::BTreeSet;
use std::time::Duration;

use super::quirk::PortalQuirk;
use crate::faults::Fault;

/// How people and groups come from the identity provider into the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// An entity provider, as that of Microsoft Graph: whom a run does not see is gone with that run.
    Provider,
    /// A location that is written anew on each run, as a file in a repository: whom it no longer names becomes an orphan.
    Location,
}

/// What becomes of an orphan (`catalog.orphanStrategy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrphanStrategy {
    /// It is marked, and stays.
    Keep,
    /// It is marked, and the next clean-up removes it.
    Delete,
}

/// A static token of `backend.auth.externalAccess`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticToken {
    /// The token.
    pub token: String,
    /// The plugins that it may be used with (`accessRestrictions`); none means all.
    pub plugins: Option<Vec<String>>,
}

/// Everything that can be chosen about the portal. The intervals are short, so that a test need not wait for hours.
#[derive(Debug, Clone)]
pub struct PortalOptions {
    /// The name shown to people.
    pub name: String,
    /// The static token; `None` makes one up.
    pub token: Option<String>,
    /// More static tokens.
    pub more_tokens: Vec<StaticToken>,
    /// How people and groups come in.
    pub feed: Feed,
    /// From one reading of the identity provider to the next.
    pub feed_interval: Duration,
    /// From one processing of an entity to the next: within it a deleted one that still has a source returns, and an
    /// orphan is marked.
    pub processing_interval: Duration,
    /// What becomes of orphans.
    pub orphans: OrphanStrategy,
    /// From one clean-up of orphans to the next.
    pub orphan_cleanup_interval: Duration,
    /// How long a user's token is good for.
    pub user_token_lifetime: Duration,
    /// Whom the sign-in page takes for signed in, as a user name of the provider, where the request names nobody.
    pub signed_in: String,
    /// Entities on a page when the client does not say.
    pub default_limit: usize,
    /// The largest request body in bytes.
    pub max_body: usize,
    /// Departures from a current portal.
    pub quirks: BTreeSet<PortalQuirk>,
    /// What goes wrong, and how often.
    pub faults: Vec<Fault>,
}

impl PortalOptions {
    /// A current portal with the RBAC plugin, with this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            token: None,
            more_tokens: Vec::new(),
            feed: Feed::Provider,
            feed_interval: Duration::from_secs(4),
            processing_interval: Duration::from_secs(4),
            orphans: OrphanStrategy::Delete,
            orphan_cleanup_interval: Duration::from_secs(6),
            user_token_lifetime: Duration::from_secs(3600),
            signed_in: crate::company::access::backstage::ADMIN.to_owned(),
            default_limit: 200,
            max_body: 100 * 1024,
            quirks: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    pub(crate) fn has(&self, quirk: PortalQuirk) -> bool {
        self.quirks.contains(&quirk)
    }
}
