//! The catalog: entities by cursor from `/entities/by-query`, by index from `/entities` where the backend is older than 1.11, and by
//! reference from `/entities/by-refs`.
//! <https://backstage.io/docs/features/software-catalog/software-catalog-api>

use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::answer::{self, Expected, Unread};
use super::{BackstageClient, columns, permission, refused, unread};
use crate::record::{ItemKind, ResourceKind};
use crate::sources::SourceError;
use crate::sources::http::Call;
use crate::sources::reader::{Listing, Shelf};
use crate::sources::scim::page::ReadPage;
use crate::sources::scim::reading::{Ask, Reading};
use crate::sources::scim::{Batch, Found, ListPlan, Paging, list as pages};
use crate::view::CoverageReason;

/// Entities a page. Some 1 KB each: pages of a megabyte.
const PAGE: u32 = 1000;
/// References asked for at once: 1,000 were seen to work, 5,000 were too large.
const REFERENCES: usize = 1000;
/// Bytes of references at once: the JSON reader of a backend takes 100 KB as it comes.
const REFERENCE_BYTES: usize = 80_000;

/// What is asked of the catalog.
#[derive(Clone, Copy)]
pub(super) struct Collection {
    kind: ResourceKind,
    filter: &'static str,
    fields: &'static str,
    only: Option<&'static str>,
}

impl Collection {
    /// The collection of a kind; none where the catalog does not hold it.
    pub(super) fn of(kind: ResourceKind) -> Option<Self> {
        // Without `status`: it tells how the entity was processed last, not what it is.
        let people = "kind,metadata,spec,relations";
        match kind {
            ResourceKind::User => Some(Self {
                kind,
                filter: "kind=user",
                fields: people,
                only: Some("user"),
            }),
            ResourceKind::Group => Some(Self {
                kind,
                filter: "kind=group",
                fields: people,
                only: Some("group"),
            }),
            ResourceKind::Item(ItemKind::Entity) => Some(Self {
                kind,
                filter: "relations.ownedBy",
                fields: "kind,metadata.name,metadata.namespace,metadata.title,metadata.annotations.backstage.io/orphan,\
                         spec.type,spec.owner,spec.system,spec.lifecycle,relations",
                only: None,
            }),
            _ => None,
        }
    }

    /// The filter that it is asked with.
    pub(super) fn filter(self) -> &'static str {
        self.filter
    }

    fn expected(self) -> Expected {
        Expected {
            kind: self.kind,
            only: self.only,
        }
    }
}

/// Reads a collection.
pub(super) async fn list(
    client: &BackstageClient,
    shelf: &Shelf,
    collection: Collection,
    batches: &Sender<Batch>,
    cancel: &CancellationToken,
) -> Result<Listing, SourceError> {
    // A backend that does not know the way by cursor is read by index from then on: the reading sees to that.
    let paging = if client.inner.old_catalog.load(Relaxed) {
        Paging::Index
    } else {
        Paging::Cursor
    };
    let mut reading = Reading::new(&plan(paging), client.http().limits().pages);
    let fetch = |ask: Ask| {
        let (client, cancel) = (client.clone(), cancel.clone());
        async move { client.page(collection, &ask, &cancel).await }
    };
    let failure = pages::drive(&mut reading, fetch, batches, cancel).await;
    // The pages by cursor repeat the count of the beginning: what it is now must be asked.
    if failure.is_none()
        && reading.disagrees()
        && let Some(now) = client.count(Some(collection.filter), cancel).await?
    {
        reading.recounted(now);
    }
    let listing = ended(&reading, failure, shelf, cancel)?;
    if listing.end.unique == 0 && listing.end.complete && sees_nothing(client, cancel).await? {
        return Ok(unread("refused", blind(shelf)));
    }
    Ok(listing)
}

fn plan(paging: Paging) -> ListPlan {
    ListPlan {
        page_size: PAGE,
        concurrency: 1,
        paging,
        filter: None,
        attributes: None,
    }
}

fn ended(reading: &Reading, failure: Option<SourceError>, shelf: &Shelf, cancel: &CancellationToken) -> Result<Listing, SourceError> {
    let text = failure.as_ref().and_then(|error| refused(shelf, error));
    if let (Some(text), 0) = (&text, reading.unique()) {
        return Ok(unread("refused", text.clone()));
    }
    let mut end = pages::outcome(reading, failure, &shelf.kind.collection().to_lowercase(), cancel)?;
    if let Some(text) = text {
        end.complete = false;
        end.reasons.insert(
            0,
            CoverageReason {
                code: "refused".into(),
                text: format!("The permission went away while it was read. {text}"),
            },
        );
    }
    Ok(Listing {
        end,
        mark: None,
        changes: None,
    })
}

/// A catalog is never empty: the places that it reads from stand in it. It shows nothing at all to a credential that may read nothing,
/// and says 200.
async fn sees_nothing(client: &BackstageClient, cancel: &CancellationToken) -> Result<bool, SourceError> {
    Ok(client.count(None, cancel).await? == Some(0))
}

fn blind(shelf: &Shelf) -> String {
    format!(
        "The catalog shows nothing at all to this credential: {} is probably denied to it. So this is not evaluated: {}.",
        permission::CATALOG,
        shelf.without
    )
}

/// Asks for entities by reference. An id that could not be asked about is left out.
pub(super) async fn look_up(
    client: &BackstageClient,
    collection: Collection,
    ids: &[String],
    cancel: &CancellationToken,
) -> Result<Vec<(String, Found)>, SourceError> {
    let mut found = Vec::with_capacity(ids.len());
    let mut left: Vec<&[String]> = pieces(ids);
    left.reverse();
    while let Some(piece) = left.pop() {
        match client.by_refs(collection, piece, cancel).await {
            Ok(documents) => found.extend(piece.iter().cloned().zip(documents)),
            // Too large for this backend: by halves.
            Err(SourceError::Rejected { status: 400 | 413, .. }) if piece.len() > 1 => {
                let (first, second) = piece.split_at(piece.len() / 2);
                left.extend([second, first]);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// As many references a piece as a backend takes.
fn pieces(ids: &[String]) -> Vec<&[String]> {
    let mut pieces = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (at, id) in ids.iter().enumerate() {
        let more = id.len() + 3;
        if at > from && (at - from >= REFERENCES || bytes + more > REFERENCE_BYTES) {
            pieces.push(&ids[from..at]);
            (from, bytes) = (at, 0);
        }
        bytes += more;
    }
    if from < ids.len() {
        pieces.push(&ids[from..]);
    }
    pieces
}

impl BackstageClient {
    /// A page of a collection.
    pub(super) async fn page(&self, collection: Collection, ask: &Ask, cancel: &CancellationToken) -> Result<ReadPage, SourceError> {
        let (limit, offset);
        let url = match ask {
            Ask::Cursor {
                cursor: Some(cursor),
                count,
            } => {
                limit = count.to_string();
                let query = [("cursor", cursor.as_str()), ("limit", &limit), ("fields", collection.fields)];
                self.catalog("by-query", &query)
            }
            Ask::Cursor { cursor: None, count } => {
                limit = count.to_string();
                let query = [("filter", collection.filter), ("limit", &limit), ("fields", collection.fields)];
                self.catalog("by-query", &query)
            }
            Ask::Index { start, count, .. } => {
                (limit, offset) = (count.to_string(), start.saturating_sub(1).to_string());
                let query = [
                    ("filter", collection.filter),
                    ("offset", &offset),
                    ("limit", &limit),
                    ("fields", collection.fields),
                ];
                self.catalog("", &query)
            }
        };
        let expected = collection.expected();
        let page = self
            .read(|| Call::get(url.clone()), move |body| answer::page(body, expected), cancel)
            .await;
        if matches!(&page, Err(SourceError::NotFound { .. })) && matches!(ask, Ask::Cursor { cursor: None, .. }) {
            self.inner.old_catalog.store(true, Relaxed);
        }
        page
    }

    /// How many entities match a filter, or are shown at all; none where the backend does not say.
    pub(super) async fn count(&self, filter: Option<&str>, cancel: &CancellationToken) -> Result<Option<u64>, SourceError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Total {
            total_items: Option<u64>,
        }
        let mut query = vec![("limit", "0"), ("fields", "kind")];
        query.extend(filter.map(|filter| ("filter", filter)));
        if self.inner.old_catalog.load(Relaxed) {
            // It counts nothing, but an empty list is one.
            query[0].1 = "1";
            let url = self.catalog("", &query);
            let read = |body: &Bytes| answer::json::<Vec<&RawValue>>(body, "a list").map(|list| list.is_empty());
            let empty = self.read(|| Call::get(url.clone()), read, cancel).await?;
            return Ok(empty.then_some(0));
        }
        let url = self.catalog("by-query", &query);
        let read = |body: &Bytes| answer::json::<Total>(body, "a page of a list").map(|read| read.total_items);
        self.read(|| Call::get(url.clone()), read, cancel).await
    }

    pub(super) fn catalog(&self, what: &str, query: &[(&str, &str)]) -> Url {
        self.url(&format!("api/catalog/entities/{what}"), query)
    }

    /// Entities by reference, in the order asked for.
    pub(super) async fn by_refs(
        &self,
        collection: Collection,
        ids: &[String],
        cancel: &CancellationToken,
    ) -> Result<Vec<Found>, SourceError> {
        if self.inner.old_catalog.load(Relaxed) {
            return self.by_names(collection, ids, cancel).await;
        }
        let url = self.catalog("by-refs", &[]);
        let fields: Vec<&str> = collection.fields.split(',').collect();
        let body = Bytes::from(json!({ "entityRefs": ids, "fields": fields }).to_string());
        let call = || {
            Call::new(reqwest::Method::POST, url.clone())
                .body("application/json", body.clone())
                .harmless()
        };
        let asked = ids.to_vec();
        self.read(call, move |body| in_order(body, collection.kind, &asked), cancel).await
    }

    /// Entities by their names, one after another: what a backend without `/entities/by-refs` knows.
    async fn by_names(&self, collection: Collection, ids: &[String], cancel: &CancellationToken) -> Result<Vec<Found>, SourceError> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let Some((kind, namespace, name)) = parts(id) else {
                found.push(Found::Absent);
                continue;
            };
            let filter = format!("kind={kind},metadata.namespace={namespace},metadata.name={name}");
            let url = self.catalog("", &[("filter", &filter), ("fields", collection.fields)]);
            let (kind, id) = (collection.kind, id.clone());
            let read = move |body: &Bytes| {
                let list: Vec<&RawValue> = answer::json(body, "a list")?;
                list.first().map_or(Ok(Found::Absent), |item| one(body, kind, item, &id))
            };
            found.push(self.read(|| Call::get(url.clone()), read, cancel).await?);
        }
        Ok(found)
    }
}

/// Kind, namespace and name of a full reference.
pub(super) fn parts(reference: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = reference.split_once(':')?;
    let (namespace, name) = rest.split_once('/')?;
    Some((kind, namespace, name))
}

/// The documents of an answer to references, `null` for those that are not there.
fn in_order(body: &Bytes, kind: ResourceKind, asked: &[String]) -> Result<Vec<Found>, Unread> {
    #[derive(Deserialize)]
    struct Items<'a> {
        #[serde(borrow)]
        items: Vec<Option<&'a RawValue>>,
    }
    let read: Items<'_> = answer::json(body, "a list of entities")?;
    if read.items.len() != asked.len() {
        return Err(Unread::Strange(format!(
            "it was asked for {} entities, and answers for {}",
            asked.len(),
            read.items.len()
        )));
    }
    let each = read.items.into_iter().zip(asked);
    each.map(|(item, id)| item.map_or(Ok(Found::Absent), |item| one(body, kind, item, id)))
        .collect()
}

/// An entity out of an answer, if it is the one that was asked for.
fn one(body: &Bytes, kind: ResourceKind, item: &RawValue, id: &str) -> Result<Found, Unread> {
    if columns::id(kind, item.get().as_bytes()).as_deref() != Some(id) {
        return Err(Unread::Strange("it gives another entity than was asked for".into()));
    }
    Ok(Found::Here(body.slice_ref(item.get().as_bytes())))
}

/// Documents by id, for what comes in whole lists.
pub(super) fn by_id(page: &ReadPage, kind: ResourceKind) -> HashMap<String, Bytes> {
    let texts = page
        .resources
        .iter()
        .filter_map(|place| page.body.get(place.clone()).map(|_| page.body.slice(place.clone())));
    texts.filter_map(|text| Some((columns::id(kind, &text)?, text))).collect()
}
