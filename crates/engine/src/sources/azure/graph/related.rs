//! Lists page by page, and what objects lead to: asked for in batches, each list followed to its end.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use xxhash_rust::xxh3::xxh3_128;

use super::{AzureClient, PAGE, id_of, service_ids};
use crate::record::azure::key;
use crate::sources::SourceError;
use crate::sources::azure::batch;
use crate::sources::azure::outlet::{Outlet, Stop};
use crate::sources::azure::wire::{self, Page};
use crate::sources::http::{Answer, Call, HttpClient};

/// Batches asked at once.
const AT_ONCE: usize = 4;

/// Walks a list's pages. A server that sends the same next page twice, or never ends, is told so.
pub(in super::super) struct Pages {
    next: Option<Call>,
    seen: HashSet<u128>,
    /// Where to ask for changes from now on; known at the end of a delta query.
    pub(super) delta: Option<String>,
}

impl Pages {
    pub(in super::super) fn new(first: Call) -> Self {
        Self {
            next: Some(first),
            seen: HashSet::new(),
            delta: None,
        }
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// [`SourceError`], each kind by its name.
    pub(in super::super) async fn next(&mut self, http: &HttpClient, cancel: &CancellationToken) -> Result<Option<Page>, SourceError> {
        let Some(call) = self.next.take() else {
            return Ok(None);
        };
        let (page, answer) = wire::page(http, call, cancel).await?;
        self.delta.clone_from(&page.delta);
        if let Some(next) = &page.next {
            let endless = self.seen.len() as u64 >= http.limits().pages;
            if !self.seen.insert(xxh3_128(next.as_bytes())) || endless {
                let why = if endless {
                    "its list does not end"
                } else {
                    "it gives the same next page again"
                };
                return Err(SourceError::NotScim {
                    at: answer.exchange(http),
                    why: why.into(),
                });
            }
            self.next = Some(Call::get(wire::address(http, next, Some(&answer))?));
        }
        Ok(Some(page))
    }
}

/// An id as a segment of an address within a batch.
pub(super) fn segment(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

/// The answer to one question.
pub(super) enum Answered {
    /// Its body, and the exchange that it came with.
    Body(Bytes, Arc<Answer>),
    Absent,
    Failed(SourceError),
}

/// Asks questions in batches, several at once; answers come in the order of the questions.
///
/// # Errors
/// When a batch as a whole gets no answer.
pub(super) async fn answers(
    client: &AzureClient,
    questions: Vec<String>,
    cancel: &CancellationToken,
) -> Result<Vec<Answered>, SourceError> {
    let chunks: Vec<Vec<String>> = questions.chunks(batch::MOST).map(<[String]>::to_vec).collect();
    let mut asked = stream::iter(chunks)
        .map(|chunk| {
            let (client, cancel) = (client.clone(), cancel.clone());
            async move { batch::ask(client.graph(), &chunk, &cancel).await }
        })
        .buffered(AT_ONCE);
    let mut all = Vec::with_capacity(questions.len());
    while let Some(answered) = asked.next().await {
        let (items, exchange) = answered?;
        let exchange = Arc::new(exchange);
        for item in items {
            all.push(match item.status {
                200 => Answered::Body(item.body, exchange.clone()),
                _ if item.is_absent() => Answered::Absent,
                status => Answered::Failed(wire::refusal(client.graph(), &exchange, status, &item.body)),
            });
        }
    }
    Ok(all)
}

/// What an object leads to.
pub(super) enum Related {
    /// All pages of the list.
    Pages(Vec<Page>),
    /// The object is not there any more.
    Absent,
    Failed(SourceError),
}

/// Asks for lists in batches, and follows each to its end.
///
/// # Errors
/// When a batch as a whole gets no answer, or the work is to end.
pub(super) async fn lists(client: &AzureClient, questions: Vec<String>, cancel: &CancellationToken) -> Result<Vec<Related>, SourceError> {
    let mut all = Vec::with_capacity(questions.len());
    for answer in answers(client, questions, cancel).await? {
        all.push(match answer {
            Answered::Absent => Related::Absent,
            Answered::Failed(error) => Related::Failed(error),
            Answered::Body(body, at) => match whole(client.graph(), &body, &at, cancel).await {
                Ok(pages) => Related::Pages(pages),
                Err(error @ (SourceError::Cancelled | SourceError::BudgetSpent { .. } | SourceError::Unauthorized { .. })) => {
                    return Err(error);
                }
                Err(error) => Related::Failed(error),
            },
        });
    }
    Ok(all)
}

/// An answer within a batch that is not what was asked for.
pub(super) fn odd(http: &HttpClient, at: &Answer, why: &str) -> SourceError {
    SourceError::NotScim {
        at: at.exchange(http),
        why: format!("within a batch, {why}"),
    }
}

/// A list that began within a batch, to its end.
async fn whole(http: &HttpClient, body: &Bytes, at: &Answer, cancel: &CancellationToken) -> Result<Vec<Page>, SourceError> {
    let first = wire::cut(body)
        .map_err(|why| odd(http, at, &http.fit_to_show(&why)))?
        .ok_or_else(|| odd(http, at, "there is no list (value) in an answer"))?;
    let next = first.next.clone();
    let mut all = vec![first];
    if let Some(next) = next {
        let mut pages = Pages::new(Call::get(wire::address(http, &next, Some(at))?));
        while let Some(page) = pages.next(http, cancel).await? {
            all.push(page);
        }
    }
    Ok(all)
}

/// References in order, each once, as they stand in a document.
pub(super) fn references<'p>(pages: &'p [Page], more: impl IntoIterator<Item = (&'p str, &'p str)>) -> Vec<Value> {
    #[derive(Deserialize)]
    struct Member {
        id: Option<String>,
        #[serde(rename = "@odata.type")]
        kind: Option<String>,
    }
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    let told = pages
        .iter()
        .flat_map(Page::texts)
        .filter_map(|text| serde_json::from_slice::<Member>(text).ok());
    for member in told {
        if let Some(id) = member.id {
            all.insert(key(&id), json!({"id": id, "@odata.type": member.kind}));
        }
    }
    for (id, kind) in more {
        all.entry(key(id)).or_insert_with(|| json!({"id": id, "@odata.type": kind}));
    }
    all.into_values().collect()
}

/// Groups with their direct members. A group that hides them comes without any, and that is said; one whose members could not be read for
/// another reason is left out, so that what was known of it stays.
pub(super) async fn with_members(
    client: &AzureClient,
    documents: Vec<Map<String, Value>>,
    outlet: &mut Outlet<'_>,
) -> Result<Vec<Map<String, Value>>, Stop> {
    if documents.is_empty() {
        return Ok(documents);
    }
    let services = services_by_group(client, outlet).await?;
    let questions = documents
        .iter()
        .map(|document| {
            let id = id_of(document).unwrap_or_default();
            format!("/groups/{}/members?$select=id&$top={PAGE}", segment(&id))
        })
        .collect();
    let lists = lists(client, questions, outlet.cancel).await?;
    let mut completed = Vec::with_capacity(documents.len());
    for (mut document, members) in documents.into_iter().zip(lists) {
        let name = document.get("displayName").and_then(Value::as_str).unwrap_or("a group").to_owned();
        match members {
            Related::Pages(pages) => {
                let more = id_of(&document).and_then(|id| services.get(&key(&id)));
                let more = more
                    .into_iter()
                    .flatten()
                    .map(|id| (id.as_str(), "#microsoft.graph.servicePrincipal"));
                document.insert("members".into(), references(&pages, more).into());
                completed.push(document);
            }
            // It went while it was read.
            Related::Absent => {}
            // Who is in such a group is for few to see; that it is not told is a fact of the group.
            Related::Failed(error @ SourceError::Forbidden { .. }) if is_hidden(&document) => {
                outlet.part_failed("Member.Read.Hidden", &format!("The members of {name}"), error)?;
                completed.push(document);
            }
            Related::Failed(error) => outlet.part_failed("GroupMember.Read.All", &format!("The members of {name}"), error)?,
        }
    }
    Ok(completed)
}

/// Whether a group hides its members (`visibility`).
fn is_hidden(document: &Map<String, Value>) -> bool {
    document.get("visibility").and_then(Value::as_str) == Some("HiddenMembership")
}

/// Which service principals are direct members of which group. Version 1.0 of Graph leaves them out of a group's members, a known limit of
/// it, and tells them from their own side.
/// <https://learn.microsoft.com/graph/api/group-list-members>
async fn services_by_group(client: &AzureClient, outlet: &mut Outlet<'_>) -> Result<Arc<HashMap<String, Vec<String>>>, Stop> {
    if let Some(known) = client.remember(|memory| memory.services_by_group.clone()) {
        return Ok(known);
    }
    let mut by_group: HashMap<String, Vec<String>> = HashMap::new();
    let failure = read_services_by_group(client, &mut by_group, outlet.cancel).await.err();
    let by_group = Arc::new(by_group);
    match failure {
        None => {
            let known = by_group.clone();
            client.remember(|memory| memory.services_by_group = Some(known));
        }
        Some(error) => {
            let part = "Which service principals are members of groups";
            outlet.part_failed("Application.Read.All", part, error)?;
            // Said once.
            let known = by_group.clone();
            client.remember(|memory| memory.services_by_group = Some(known));
        }
    }
    Ok(by_group)
}

async fn read_services_by_group(
    client: &AzureClient,
    by_group: &mut HashMap<String, Vec<String>>,
    cancel: &CancellationToken,
) -> Result<(), SourceError> {
    let ids = service_ids(client, cancel).await?;
    let questions = ids
        .iter()
        .map(|id| format!("/servicePrincipals/{}/memberOf?$select=id&$top={PAGE}", segment(id)))
        .collect();
    for (id, related) in ids.iter().zip(lists(client, questions, cancel).await?) {
        match related {
            Related::Absent => {}
            Related::Failed(error) => return Err(error),
            Related::Pages(pages) => {
                for group in references(&pages, []) {
                    if let Some(group) = group["id"].as_str() {
                        by_group.entry(key(group)).or_default().push(id.clone());
                    }
                }
            }
        }
    }
    Ok(())
}
