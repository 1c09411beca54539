//! The SCIM way of reading a source: users, then groups; everything, or what changed where the server was seen to tell it right.

mod collection;
mod since;
mod versions;

use super::land::Landing;
use super::target::{ById, Target};
use super::{Sync, now};
use crate::Error;
use crate::record::ResourceKind;
use crate::sources::SourceError;
use crate::sources::scim::{Capabilities, ScimClient};
use crate::view::{Millis, SyncPhase};

use collection::Collection;

/// What the server can do is asked anew after this time, in milliseconds.
const CAPABILITIES_HOLD: Millis = 24 * 60 * 60 * 1000;

/// The kinds of resources that are read.
pub(super) const KINDS: [ResourceKind; 2] = [ResourceKind::User, ResourceKind::Group];

/// What reading a SCIM source came to.
pub(super) struct Done {
    pub(super) landing: Landing,
    /// The server has no groups at all.
    pub(super) no_groups: bool,
    pub(super) failed: Option<Error>,
}

/// Reads users and groups.
pub(super) async fn read(sync: &mut Sync, client: &ScimClient) -> Result<Done, Error> {
    sync.context.progress.phase(SyncPhase::Connecting, ResourceKind::User);
    let capabilities = capabilities(sync, client).await?;
    let mut endpoints = vec![(ResourceKind::User, capabilities.users.as_str())];
    endpoints.extend(capabilities.groups.as_deref().map(|endpoint| (ResourceKind::Group, endpoint)));
    expect(sync, client, &endpoints).await?;

    let mut landing = sync.landing(&KINDS).await?;
    let mut failed = None;
    for (kind, endpoint) in endpoints {
        let collection = Collection {
            target: Target {
                context: &sync.context,
                kind,
                by_id: ById::Each { client, endpoint },
            },
            client,
            endpoint,
            capabilities: &capabilities,
        };
        let read = collection.read(landing, &mut sync.state).await?;
        landing = read.landing;
        sync.take(kind, &read.coverage, &read.landed);
        let habits = match kind {
            ResourceKind::User => &mut sync.state.users,
            _ => &mut sync.state.groups,
        };
        habits.modified.add(read.landed.moves.modified);
        habits.version.add(read.landed.moves.version);
        failed = read.failed;
        if failed.is_some() {
            break;
        }
    }
    Ok(Done {
        landing,
        no_groups: capabilities.groups.is_none(),
        failed,
    })
}

async fn capabilities(sync: &mut Sync, client: &ScimClient) -> Result<Capabilities, Error> {
    let kept = sync
        .state
        .capabilities
        .clone()
        .and_then(|kept| serde_json::from_value::<Capabilities>(kept).ok());
    if let Some(kept) = kept.filter(|kept| now() - kept.at < CAPABILITIES_HOLD && !sync.context.full) {
        return Ok(kept);
    }
    let found = client.capabilities(&sync.context.cancel).await?;
    sync.state.capabilities = serde_json::to_value(&found).ok();
    Ok(found)
}

/// Asks for the totals, so that progress knows how much there is. A server that does not say costs the time left, nothing else.
async fn expect(sync: &Sync, client: &ScimClient, endpoints: &[(ResourceKind, &str)]) -> Result<(), Error> {
    for (kind, endpoint) in endpoints {
        match client.count(endpoint, None, &sync.context.cancel).await {
            Ok(total) => sync.context.progress.expect(*kind, total),
            Err(SourceError::Cancelled) => return Err(SourceError::Cancelled.into()),
            Err(_) => {}
        }
    }
    Ok(())
}
