//! What changed since a mark, by delta query. Only which objects it is about is taken from it: they are read again whole.
//!
//! <https://learn.microsoft.com/graph/delta-query-overview>

use std::collections::HashSet;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::related::Pages;
use super::{AzureClient, Family};
use crate::record::azure::key;
use crate::sources::SourceError;
use crate::sources::azure::wire;
use crate::sources::http::Call;

/// What a delta query told.
pub(super) struct Told {
    /// Who is new, changed or removed, each once.
    pub(super) ids: Vec<String>,
    /// What to come with the next time.
    pub(super) mark: String,
}

/// A mark for the changes from now on; none where Graph gives none.
///
/// # Errors
/// Where no other request would do better: cancelled, budget spent, credential refused.
pub(super) async fn from_now(client: &AzureClient, family: Family, cancel: &CancellationToken) -> Result<Option<String>, SourceError> {
    // `/servicePrincipals/delta` is there and would not serve: who owns a service principal, the secrets and the end dates of its application,
    // and the groups that it is in are records of their own that move without it, and a delta cannot expand them. Each service principal is
    // asked about them at every reading; what a delta would save is the list, one page for 999 of them.
    let select = match family {
        Family::Services => return Ok(None),
        Family::Users => family.select().to_owned(),
        Family::Groups => format!("{},members", family.select()),
    };
    let mut url = client.graph().below([family.path(), "delta"]);
    url.query_pairs_mut()
        .append_pair("$select", &select)
        .append_pair("$deltatoken", "latest");
    let mut pages = Pages::new(Call::get(url));
    loop {
        match pages.next(client.graph(), cancel).await {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(pages.delta),
            Err(error) if error.ends_reading() => return Err(error),
            Err(error) => {
                tracing::debug!(code = error.code(), "no mark for changes");
                return Ok(None);
            }
        }
    }
}

/// What changed since the mark; none where Graph does not know it any more, or so much did that everything is better read.
///
/// # Errors
/// When it could not be asked.
pub(super) async fn told(client: &AzureClient, mark: &str, many: usize, cancel: &CancellationToken) -> Result<Option<Told>, SourceError> {
    #[derive(Deserialize)]
    struct Changed {
        id: String,
    }
    let url = wire::address(client.graph(), mark, None)?;
    // A mark of another cloud, of before the settings were changed.
    if url.origin() != client.graph().base().origin() {
        return Ok(None);
    }
    let mut pages = Pages::new(Call::get(url));
    let mut seen = HashSet::new();
    let mut ids = Vec::new();
    loop {
        match pages.next(client.graph(), cancel).await {
            Ok(Some(page)) => {
                for text in page.texts() {
                    // Items repeat. One without an id cannot be read again, so everything is.
                    let Ok(changed) = serde_json::from_slice::<Changed>(text) else {
                        return Ok(None);
                    };
                    if seen.insert(key(&changed.id)) {
                        ids.push(changed.id);
                    }
                }
                if ids.len() > many {
                    return Ok(None);
                }
            }
            // Without a new mark the next reading could tell nothing.
            Ok(None) => return Ok(pages.delta.map(|mark| Told { ids, mark })),
            // 410, and the codes that say the same with another status: the token has expired.
            Err(SourceError::Rejected { status: 400 | 410, .. } | SourceError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}
