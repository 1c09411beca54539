//! The community RBAC plugin: roles, policies and conditions, each a list that comes whole.
//! <https://github.com/backstage/community-plugins/blob/main/workspaces/rbac/plugins/rbac-backend/docs/apis.md>

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::answer::{self, Expected};
use super::{BackstageClient, catalog, refused, unread};
use crate::record::{ItemKind, ResourceKind};
use crate::sources::SourceError;
use crate::sources::http::Call;
use crate::sources::reader::{Listing, Shelf};
use crate::sources::scim::page::ReadPage;
use crate::sources::scim::reading::{Ask, Reading};
use crate::sources::scim::{Batch, Found, ListPlan, Paging, list as pages};

/// What is said where the plugin does not answer.
pub(super) const NOT_OFFERED: &str = "This backend has no RBAC plugin, or its permissions are switched off (permission.enabled): there are no \
                                      roles to read. What anybody may do there is not evaluated.";

fn path(kind: ResourceKind) -> Option<&'static str> {
    match kind {
        ResourceKind::Item(ItemKind::RbacRole) => Some("api/permission/roles"),
        ResourceKind::Item(ItemKind::RbacPolicy) => Some("api/permission/policies"),
        ResourceKind::Item(ItemKind::RbacCondition) => Some("api/permission/roles/conditions"),
        _ => None,
    }
}

/// Reads a list.
pub(super) async fn list(
    client: &BackstageClient,
    shelf: &Shelf,
    batches: &Sender<Batch>,
    cancel: &CancellationToken,
) -> Result<Listing, SourceError> {
    let kind = shelf.kind;
    // One page, which is the whole list: it names no total, and the reading asks for none after it.
    let plan = ListPlan {
        page_size: u32::MAX,
        concurrency: 1,
        paging: Paging::Cursor,
        filter: None,
        attributes: None,
    };
    let mut reading = Reading::new(&plan, 1);
    let fetch = |_: Ask| {
        let (client, cancel) = (client.clone(), cancel.clone());
        async move { client.rbac(kind, &cancel).await }
    };
    // A list that is refused is not begun anew in another way: there is none.
    let failure = pages::drive(&mut reading, fetch, batches, cancel).await;
    match &failure {
        Some(SourceError::NotFound { .. }) => return Ok(unread("notOffered", NOT_OFFERED.into())),
        Some(error) if let Some(text) = refused(shelf, error) => return Ok(unread("refused", text)),
        Some(error) if reading.unique() == 0 => return Err(error.clone()),
        _ => {}
    }
    let end = pages::outcome(&reading, failure, &kind.collection().to_lowercase(), cancel)?;
    Ok(Listing {
        end,
        mark: None,
        changes: None,
    })
}

/// Looks resources up in a list that is read anew: it comes whole, so it is as good an answer as asking for each.
pub(super) async fn look_up(
    client: &BackstageClient,
    kind: ResourceKind,
    ids: &[String],
    cancel: &CancellationToken,
) -> Result<Vec<(String, Found)>, SourceError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let page = client.rbac(kind, cancel).await?;
    let here = catalog::by_id(&page, kind);
    // An entry without an id may be any of them.
    let whole = page.facts.unreadable == 0;
    Ok(ids
        .iter()
        .filter_map(|id| match here.get(id) {
            Some(document) => Some((id.clone(), Found::Here(document.clone()))),
            None => whole.then(|| (id.clone(), Found::Absent)),
        })
        .collect())
}

impl BackstageClient {
    /// A whole list of the plugin.
    pub(super) async fn rbac(&self, kind: ResourceKind, cancel: &CancellationToken) -> Result<ReadPage, SourceError> {
        let url = self.url(path(kind).unwrap_or_default(), &[]);
        let expected = Expected { kind, only: None };
        self.read(|| Call::get(url.clone()), move |body| answer::page(body, expected), cancel)
            .await
    }
}
