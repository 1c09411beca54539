//! A SCIM 2.0 client (RFC 7644) that survives what servers really do.
//!
//! | module | what it does |
//! | --- | --- |
//! | `reading` | decides how a list is read and whether it is complete: pure, proven by tests |
//! | `list` | asks what the reading decides, several pages at once, and hands out what is new |
//! | `page` | cuts a page into its resources |
//! | `query` | URLs, pages, documents |
//! | `answer` | answers that are not what was asked for, by their names |
//! | `survey` | asks what a server can do, and believes what it sees rather than what it is told |
//! | `report` | says it in plain words |
//! | `acts`, `looks` | what a run of de-provisioning writes here, and what it asks |
//! | `tokens` | how a credential stands here, and what it sees |

mod acts;
mod answer;
mod changed;
mod columns;
pub(super) mod list;
mod looks;
pub(super) mod page;
mod query;
pub(super) mod reading;
mod report;
mod survey;
mod tokens;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::SourceError;
use super::http::{HttpClient, HttpConfig};
use crate::record::ResourceKind;
use crate::view::{CoverageReason, Header, Millis, ProbeReport, SourceKind};

pub use super::http::{Auth, Limits, Traffic};
pub use acts::{Known, NewUser};
pub use changed::since as changed_since;
pub use columns::columns;
pub use looks::{HeldGroup, ListSize};

/// All that a client needs.
pub struct ScimConfig {
    /// The source's name, for messages.
    pub name: String,
    /// The base URL.
    pub base: Url,
    /// How to authenticate.
    pub auth: Auth,
    /// A certificate authority of the company's own, in PEM.
    pub ca_pem: Option<String>,
    /// Extra headers.
    pub headers: Vec<Header>,
    /// The most requests this client may make.
    pub request_budget: Option<u64>,
    /// Bounds that keep a bad server from hurting us.
    pub limits: Limits,
}

/// How the server pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Paging {
    /// `startIndex` and `count` (RFC 7644 §3.4.2.4).
    Index,
    /// `cursor` (RFC 9865).
    Cursor,
    /// Not known, or none.
    Unknown,
}

/// What a server can do, as far as it was seen. Kept by the caller between syncs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capabilities {
    /// When this was found out.
    pub at: Millis,
    /// How it pages.
    pub paging: Paging,
    /// The page size that it gives when asked for many.
    pub page_size: u32,
    /// Whether pages may be asked for at the same time: index paging with honest totals and a `startIndex` that is obeyed.
    pub concurrent: bool,
    /// Whether it filters at all, as seen.
    pub filter: Option<bool>,
    /// PATCH, as it says.
    pub patch: Option<bool>,
    /// Bulk, as it says.
    pub bulk: Option<bool>,
    /// Sort, as it says.
    pub sort: Option<bool>,
    /// ETag, as it says.
    pub etag: Option<bool>,
    /// Path of the users' endpoint below the base, `Users` as a rule.
    pub users: String,
    /// Path of the groups' endpoint; none where the server has no groups.
    pub groups: Option<String>,
    /// The schemas that it serves, a list as JSON, for the filter box's catalogue.
    pub schemas: Option<serde_json::Value>,
}

/// How to read a list.
#[derive(Clone, Debug)]
pub struct ListPlan {
    /// Resources a page.
    pub page_size: u32,
    /// Pages asked for at once; 1 where it is not safe.
    pub concurrency: usize,
    /// How the server pages.
    pub paging: Paging,
    /// A filter to send. Each answer must be checked against it by the caller.
    pub filter: Option<String>,
    /// The attributes to ask for, beside those that are always returned (RFC 7644 §3.4.2.5); all where none are named.
    pub attributes: Option<&'static str>,
}

/// A page that came in. Each resource's `id` was read; resources without one are dropped and counted.
pub struct Batch {
    /// The answer's body.
    pub body: Bytes,
    /// Each resource's place in it, JSON text.
    pub resources: Vec<Range<usize>>,
}

/// How a listing ended.
#[derive(Clone, Debug)]
pub struct ListEnd {
    /// Whether the list is complete, as far as the server can be believed.
    pub complete: bool,
    /// Why not.
    pub reasons: Vec<CoverageReason>,
    /// The total that the server named, last.
    pub reported: Option<u64>,
    /// Different resources seen.
    pub unique: u64,
    /// How it was read ("pages of 500 by index, 4 at once").
    pub how: String,
}

/// What a GET of one resource found.
pub enum Found {
    /// The document.
    Here(Bytes),
    /// 404 (or 410): it is not there.
    Absent,
}

/// A client of one SCIM server. Cheap to clone; clones share connections, budget and counters.
#[derive(Clone)]
pub struct ScimClient {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    http: HttpClient,
}

impl ScimClient {
    /// Makes a client; asks nothing yet.
    ///
    /// # Errors
    /// When the certificate cannot be read or a header is not allowed.
    pub fn new(config: ScimConfig) -> Result<Self, SourceError> {
        let ScimConfig {
            name,
            base,
            auth,
            ca_pem,
            headers,
            request_budget,
            limits,
        } = config;
        // Entra's SCIM interface refuses what does not accept plain JSON.
        let http = HttpClient::new(HttpConfig {
            system: SourceKind::Scim,
            base,
            auth,
            ca_pem,
            headers,
            request_budget,
            limits,
            accept: "application/scim+json, application/json",
        })?;
        Ok(Self {
            inner: Arc::new(Inner { name, http }),
        })
    }

    /// Asks what the server can do, in a handful of requests, for [`Self::list`]'s plan.
    ///
    /// # Errors
    /// When it does not answer as a SCIM server does.
    pub async fn capabilities(&self, cancel: &CancellationToken) -> Result<Capabilities, SourceError> {
        let mut survey = survey::Survey::default();
        survey.take(self, cancel).await?;
        Ok(survey.capabilities())
    }

    /// The connection test: what the server can do, in plain words. Never fails: a failure is in the report.
    pub async fn probe(&self, cancel: &CancellationToken) -> (ProbeReport, Option<Capabilities>) {
        report::probe(self, cancel).await
    }

    /// Reads a whole list. Pages go to `batches` as they come, in any order; the end is told by the return. Each resource is handed
    /// out once, however often the server sends it. A receiver that is dropped ends the reading.
    ///
    /// # Errors
    /// When nothing at all could be read. (An incomplete list is no error, be it for a failure, the budget, or because it was
    /// cancelled: see [`ListEnd`].)
    pub async fn list(
        &self,
        kind: ResourceKind,
        endpoint: &str,
        plan: &ListPlan,
        batches: tokio::sync::mpsc::Sender<Batch>,
        cancel: &CancellationToken,
    ) -> Result<ListEnd, SourceError> {
        let collection = match kind {
            ResourceKind::User => "users",
            _ => "groups",
        };
        list::list(self, collection, endpoint, plan, &batches, cancel).await
    }

    /// Reads one resource by its id.
    ///
    /// # Errors
    /// When it can neither be read nor told to be absent.
    pub async fn get(&self, endpoint: &str, id: &str, cancel: &CancellationToken) -> Result<Found, SourceError> {
        Ok(self.resource(endpoint, id, cancel).await?.map_or(Found::Absent, Found::Here))
    }

    /// How many resources match (`count=0`, RFC 7644 §3.4.2.4); none where the server does not say. A server that ignores filters
    /// counts everything: compare with the count of no filter.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn count(&self, endpoint: &str, filter: Option<&str>, cancel: &CancellationToken) -> Result<Option<u64>, SourceError> {
        changed::count(self, endpoint, filter, cancel).await
    }

    /// Whether the filter `meta.lastModified ge threshold` can be trusted at this endpoint: it must count exactly `expected`
    /// resources, and none beyond the far future. Two requests; ask it about resources that did not change since they were read.
    ///
    /// # Errors
    /// When the server does not answer; a filter that it refuses is no error, but `false`.
    pub async fn prove_changed_since(
        &self,
        endpoint: &str,
        threshold: Millis,
        expected: u64,
        cancel: &CancellationToken,
    ) -> Result<bool, SourceError> {
        changed::prove(self, endpoint, threshold, expected, cancel).await
    }

    /// What was sent and received so far.
    pub fn traffic(&self) -> Traffic {
        self.http().traffic()
    }
}
