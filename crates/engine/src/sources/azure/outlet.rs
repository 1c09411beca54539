//! Handing documents out, each once, and what the reading amounted to.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;
use xxhash_rust::xxh3::xxh3_128;

use crate::record::azure::{key, last_segment};
use crate::record::{ItemKind, ResourceKind};
use crate::sources::scim::{Batch, ListEnd};
use crate::sources::{Changes, Listing, SourceError};
use crate::view::CoverageReason;

/// Ids beyond this length are no ids.
const LONGEST_ID: usize = 2048;
/// So many names stand in a reason.
const NAMED: usize = 5;
/// More reasons tell nobody more.
const MOST_REASONS: usize = 30;

/// The id under which a document is kept. Ids compare without regard to case, except the coded ones of app role assignments, which are unique
/// below their resource only; a role definition goes by its GUID, since each subscription lists the built-in ones as its own.
pub(super) fn identity(kind: ResourceKind, text: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<String>,
        #[serde(rename = "resourceId")]
        resource: Option<String>,
    }
    let named: Named = serde_json::from_slice(text).ok()?;
    let id = named.id.filter(|id| !id.trim().is_empty() && id.len() <= LONGEST_ID)?;
    Some(match kind {
        ResourceKind::Item(ItemKind::RoleDefinition) => last_segment(&id),
        ResourceKind::Item(ItemKind::AppRoleAssignment) => format!("{}/{}", key(&named.resource?), id),
        _ => key(&id),
    })
    .filter(|id| !id.is_empty())
}

/// A document of Graph in the form in which it is kept: without what a list says of itself, members in order. So the same object reads the
/// same, whether it came in a list or alone.
pub(super) fn settled(mut document: Map<String, Value>) -> Map<String, Value> {
    document.retain(|name, _| !name.starts_with("@odata."));
    document.sort_keys();
    document
}

/// Documents that are handed out together.
#[derive(Default)]
pub(super) struct Pack {
    body: Vec<u8>,
    places: Vec<Range<usize>>,
}

impl Pack {
    pub(super) fn push(&mut self, text: &[u8]) {
        let from = self.body.len();
        self.body.extend_from_slice(text);
        self.places.push(from..self.body.len());
    }

    pub(super) fn object(&mut self, document: &Map<String, Value>) {
        // A map of values always has a text.
        self.push(&serde_json::to_vec(document).unwrap_or_default());
    }
}

/// Why a reading goes no further.
pub(super) enum Stop {
    /// Something that ends the whole collection.
    Error(SourceError),
    /// Nobody takes any more.
    Closed,
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Error(error)
    }
}

/// Where a collection's documents go, and what is to be said of it in the end.
pub(super) struct Outlet<'a> {
    pub(super) kind: ResourceKind,
    pub(super) cancel: &'a CancellationToken,
    batches: Sender<Batch>,
    /// The permission that the collection takes.
    needs: &'static str,
    seen: HashSet<u128>,
    unreadable: u64,
    reasons: Vec<CoverageReason>,
    /// What may not be read, by the permission that it takes.
    refused: BTreeMap<String, Vec<String>>,
    first_error: Option<SourceError>,
}

impl<'a> Outlet<'a> {
    pub(super) fn new(kind: ResourceKind, needs: &'static str, batches: Sender<Batch>, cancel: &'a CancellationToken) -> Self {
        Self {
            kind,
            cancel,
            batches,
            needs,
            seen: HashSet::new(),
            unreadable: 0,
            reasons: Vec::new(),
            refused: BTreeMap::new(),
            first_error: None,
        }
    }

    /// Hands out those of a body that were not handed out yet.
    pub(super) async fn hand_out(&mut self, body: Bytes, places: Vec<Range<usize>>) -> Result<(), Stop> {
        let resources: Vec<_> = places
            .into_iter()
            .filter(|place| match body.get(place.clone()).and_then(|text| identity(self.kind, text)) {
                Some(id) => self.seen.insert(xxh3_128(id.as_bytes())),
                None => {
                    self.unreadable += 1;
                    false
                }
            })
            .collect();
        if resources.is_empty() {
            return if self.batches.is_closed() { Err(Stop::Closed) } else { Ok(()) };
        }
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(SourceError::Cancelled.into()),
            sent = self.batches.send(Batch { body, resources }) => sent.map_err(|_| Stop::Closed),
        }
    }

    pub(super) async fn pack(&mut self, pack: Pack) -> Result<(), Stop> {
        self.hand_out(Bytes::from(pack.body), pack.places).await
    }

    pub(super) fn count(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Says why the collection is not complete; the same thing once, and of very many things the first.
    pub(super) fn because(&mut self, code: &str, text: String) {
        let reason = CoverageReason { code: code.into(), text };
        if self.reasons.len() < MOST_REASONS && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// A part of the collection may not be read.
    pub(super) fn refuse(&mut self, needs: &str, part: String) {
        self.refused.entry(needs.to_owned()).or_default().push(part);
    }

    /// The tenant does not have the collection, or not all of it.
    pub(super) fn not_offered(&mut self, text: String) {
        self.because("notOffered", text);
    }

    /// What a part's failure means: some end the collection, others are said and the rest is read.
    pub(super) fn part_failed(&mut self, needs: &str, part: &str, error: SourceError) -> Result<(), Stop> {
        match error {
            SourceError::Forbidden { .. } => self.refuse(needs, part.to_owned()),
            error if error.ends_reading() => return Err(error.into()),
            error => {
                self.because("failed", format!("{part} could not be read. {error}"));
                self.first_error.get_or_insert(error);
            }
        }
        Ok(())
    }

    /// The end of the collection.
    ///
    /// # Errors
    /// The failure, where nothing was read and it is no missing permission.
    pub(super) fn end(
        mut self,
        stopped: Result<(), Stop>,
        how: String,
        mark: Option<String>,
        changes: Option<Changes>,
    ) -> Result<Listing, SourceError> {
        let noun = self.kind.collection().to_lowercase();
        let read = self.count();
        let mut failure = self.first_error.take();
        match stopped {
            Ok(()) => {}
            Err(Stop::Closed | Stop::Error(SourceError::Cancelled)) => {
                self.because("cancelled", format!("Reading was cancelled after {read} {noun}."));
                failure = Some(SourceError::Cancelled);
            }
            Err(Stop::Error(error)) => {
                match &error {
                    SourceError::Forbidden { .. } => {
                        let part = if read == 0 {
                            "All of it".to_owned()
                        } else {
                            format!("What follows the first {read}")
                        };
                        self.refuse(self.needs, part);
                    }
                    SourceError::BudgetSpent { .. } => {
                        self.because("budget", format!("The request budget was used up after {read} {noun}."));
                    }
                    error => {
                        let fault = error.fault();
                        self.because(
                            "failed",
                            format!("Reading broke off after {read} {noun}. {} {}", fault.what, fault.next),
                        );
                    }
                }
                if !matches!(error, SourceError::Forbidden { .. }) {
                    failure = Some(error);
                }
            }
        }
        if let (0, Some(error), true) = (read, failure, self.refused.is_empty()) {
            return Err(error);
        }
        for (needs, parts) in std::mem::take(&mut self.refused) {
            let text = format!("{} may not be read: that takes {needs}.", named(&parts));
            self.because("refused", text);
        }
        if self.unreadable > 0 {
            let text = format!(
                "{} entries of the list have no id, or one that cannot be used; they were left out.",
                self.unreadable
            );
            self.because("unreadable", text);
        }
        // A tenant has users, Microsoft's own service principals and built-in roles from its first day: an empty list of them is not none.
        let never_empty = matches!(
            self.kind,
            ResourceKind::User | ResourceKind::Service | ResourceKind::Item(ItemKind::RoleDefinition)
        );
        if never_empty && read == 0 && changes.is_none() && self.reasons.is_empty() {
            let text = format!("Azure shows no {noun} at all, and every tenant has some: what there is was not read.");
            self.because("endedEarly", text);
        }
        let complete = self.reasons.is_empty();
        Ok(Listing {
            end: ListEnd {
                complete,
                reasons: self.reasons,
                reported: None,
                unique: read,
                how,
            },
            mark: mark.filter(|_| complete),
            changes,
        })
    }
}

/// Names in a row, the first few of them.
pub(super) fn named(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
