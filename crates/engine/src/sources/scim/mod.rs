//! A SCIM 2.0 client (RFC 7644) that survives what servers really do.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::SourceError;
use crate::record::ResourceKind;
use crate::secrets::Secret;
use crate::view::{CoverageReason, Header, Millis, ProbeReport};

/// How to authenticate, with the secret in hand.
pub enum Auth {
    /// `Authorization: Bearer …`.
    Bearer(Secret),
    /// `Authorization: Basic …`.
    Basic {
        /// The user name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// OAuth 2 client credentials (RFC 6749 §4.4).
    ClientCredentials {
        /// The token endpoint.
        token_url: Url,
        /// The client's id.
        client_id: String,
        /// The client's secret.
        client_secret: Secret,
        /// A scope to ask for.
        scope: Option<String>,
    },
    /// None: for a server that asks for none.
    Anonymous,
}

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

/// Bounds that keep a bad server from hurting us.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Time to connect, in milliseconds.
    pub connect_ms: u64,
    /// Time without a byte, in milliseconds.
    pub idle_ms: u64,
    /// Time for one request in all, in milliseconds.
    pub request_ms: u64,
    /// Bytes of one answer, unpacked.
    pub body_bytes: usize,
    /// Tries of one request, the first included.
    pub tries: u32,
    /// The longest wait that a server may ask for (`Retry-After`), in milliseconds.
    pub longest_wait_ms: u64,
    /// The most pages of one listing.
    pub pages: u64,
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
    /// The schemas that it serves, as JSON, for the filter box's catalogue.
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

/// What was sent and received so far.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Requests, repeats included.
    pub requests: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Requests made again.
    pub retries: u64,
    /// Why nothing moves just now, if so.
    pub waiting: Option<String>,
}

/// A client of one SCIM server.
#[derive(Clone)]
pub struct ScimClient {
    _inner: Arc<()>,
}

impl ScimClient {
    /// Makes a client; asks nothing yet.
    ///
    /// # Errors
    /// When the certificate cannot be read or a header is not allowed.
    pub fn new(config: ScimConfig) -> Result<Self, SourceError> {
        let _ = config;
        todo!()
    }

    /// Asks what the server can do, in a handful of requests, for [`Self::list`]'s plan.
    ///
    /// # Errors
    /// When it does not answer as a SCIM server does.
    pub async fn capabilities(&self, cancel: &CancellationToken) -> Result<Capabilities, SourceError> {
        let _ = cancel;
        todo!()
    }

    /// The connection test: what the server can do, in plain words. Never fails: a failure is in the report.
    pub async fn probe(&self, cancel: &CancellationToken) -> (ProbeReport, Option<Capabilities>) {
        let _ = cancel;
        todo!()
    }

    /// Reads a whole list. Pages go to `batches` as they come, in any order; the end is told by the return.
    /// A receiver that is dropped ends the reading.
    ///
    /// # Errors
    /// When nothing more can be read; pages that went out before stay good. (An incomplete list is no error: see [`ListEnd`].)
    pub async fn list(
        &self,
        kind: ResourceKind,
        endpoint: &str,
        plan: &ListPlan,
        batches: tokio::sync::mpsc::Sender<Batch>,
        cancel: &CancellationToken,
    ) -> Result<ListEnd, SourceError> {
        let _ = (kind, endpoint, plan, batches, cancel);
        todo!()
    }

    /// Reads one resource by its id.
    ///
    /// # Errors
    /// When it can neither be read nor told to be absent.
    pub async fn get(&self, endpoint: &str, id: &str, cancel: &CancellationToken) -> Result<Found, SourceError> {
        let _ = (endpoint, id, cancel);
        todo!()
    }

    /// How many resources match (`count=0`); none where the server does not say.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn count(&self, endpoint: &str, filter: Option<&str>, cancel: &CancellationToken) -> Result<Option<u64>, SourceError> {
        let _ = (endpoint, filter, cancel);
        todo!()
    }

    /// What was sent and received so far.
    pub fn traffic(&self) -> Traffic {
        todo!()
    }
}
