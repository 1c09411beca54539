//! What one SCIM server of the lab can do, and how it can be asked to misbehave.

use std::collections::BTreeSet;
use std::time::Duration;

use super::habit::TokenOptions;
use super::quirk::Quirk;
use crate::faults::Fault;

/// Which ways of paging a server offers (RFC 7644 §3.4.2.4, RFC 9865).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// `startIndex` and `count` only.
    Index,
    /// `cursor` and `count` only.
    Cursor,
    /// Both; a request that names neither is paged by index.
    Both,
}

impl Paging {
    pub(crate) fn index(self) -> bool {
        self != Self::Cursor
    }

    pub(crate) fn cursor(self) -> bool {
        self != Self::Index
    }
}

/// How much of the filter grammar a server understands (RFC 7644 §3.4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterSupport {
    /// All of it.
    Full,
    /// `eq` and `and` only; anything else is refused with `invalidFilter`.
    EqOnly,
    /// `eq` on `userName`, `externalId`, `displayName` and `id` only; anything else is refused with `invalidFilter`.
    EqOnKeys,
    /// None, and honest about it: a filter is refused with 400 `invalidFilter`.
    Refused,
    /// None, and silent about it: everyone is returned.
    Ignored,
}

/// How a client may prove who it is. Everything that is `None` is made up when the server starts.
#[derive(Debug, Clone)]
pub struct AuthOptions {
    /// Whether bearer tokens are accepted.
    pub bearer: bool,
    /// The first bearer token.
    pub token: Option<String>,
    /// User name and password for HTTP Basic authentication; `None` refuses it.
    pub basic: Option<(String, String)>,
    /// Client id and secret for the token endpoint `/oauth/token` (RFC 6749 §4.4); `None` refuses it.
    pub client: Option<(String, String)>,
    /// How long a token of the token endpoint is good for.
    pub client_token_lifetime: Duration,
}

impl Default for AuthOptions {
    fn default() -> Self {
        Self {
            bearer: true,
            token: None,
            basic: None,
            client: None,
            client_token_lifetime: Duration::from_secs(3600),
        }
    }
}

/// Everything that can be chosen about one SCIM server. The default is true to the RFCs.
#[derive(Debug, Clone)]
pub struct ScimOptions {
    /// The name shown to people.
    pub name: String,
    /// Ways of paging.
    pub paging: Paging,
    /// Resources on a page when the client does not say.
    pub default_page: usize,
    /// The most resources on a page; larger counts are cut to this.
    pub max_page: usize,
    /// How long an unused cursor lives.
    pub cursor_timeout: Duration,
    /// Entity tags: `meta.version`, `ETag`, `If-Match`, `If-None-Match` (RFC 7644 §3.14).
    pub etag: bool,
    /// How much of the filter grammar is understood.
    pub filter: FilterSupport,
    /// Whether `sortBy` is understood.
    pub sort: bool,
    /// Whether PATCH is understood.
    pub patch: bool,
    /// The most operations in one Bulk request; 0 switches Bulk off (RFC 7644 §3.7).
    pub bulk_operations: usize,
    /// The largest request body in bytes; a larger one answers 413.
    pub max_payload: usize,
    /// How long PATCH, PUT and DELETE take until they have an effect; they are answered at once.
    pub effect_after: Duration,
    /// How long a session of the app is good for (see [`super::Handle::sign_in`]).
    pub session_lifetime: Duration,
    /// How clients prove who they are.
    pub auth: AuthOptions,
    /// How the tokens of clients are treated.
    pub tokens: TokenOptions,
    /// Departures from the RFCs.
    pub quirks: BTreeSet<Quirk>,
    /// What goes wrong, and how often.
    pub faults: Vec<Fault>,
}

impl ScimOptions {
    /// A server true to the RFCs, with this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            paging: Paging::Both,
            default_page: 100,
            max_page: 1000,
            cursor_timeout: Duration::from_secs(600),
            etag: true,
            filter: FilterSupport::Full,
            sort: true,
            patch: true,
            bulk_operations: 1000,
            max_payload: 16 << 20,
            effect_after: Duration::ZERO,
            session_lifetime: Duration::from_secs(3600),
            auth: AuthOptions::default(),
            tokens: TokenOptions::default(),
            quirks: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }
}
