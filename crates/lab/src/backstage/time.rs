//! The portal's clockwork: the feed, the processing and the clean-up, each at its interval.

use std::sync::Arc;
use std::time::Duration;

use super::options::PortalOptions;
use super::portal::Portal;

/// Runs until it is dropped.
pub(crate) async fn pass(portal: Arc<Portal>) {
    tokio::join!(
        every(&portal, |options| options.feed_interval, Portal::run_feed),
        every(&portal, |options| options.processing_interval, Portal::process),
        every(&portal, |options| options.orphan_cleanup_interval, Portal::clean_up),
    );
}

async fn every(portal: &Arc<Portal>, interval: fn(&PortalOptions) -> Duration, work: fn(&Portal)) {
    loop {
        let wait = interval(&portal.options());
        tokio::time::sleep(wait).await;
        let portal = portal.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || work(&portal)).await {
            tracing::warn!(%error, "the portal's clockwork broke");
        }
    }
}
