//! HTTP for every source: bounded in time, size and number; one credential, one origin; each failure by its name.
//!
//! A [`HttpClient`] belongs to one source. It sends the source's credential to the origin of its base URL and nowhere else:
//! other addresses are refused before anything is sent, and redirects are followed within the origin only.

mod auth;
mod body;
mod classify;
mod headers;
mod journal;
mod json;
pub(crate) mod nesting;
mod redact;
mod retry;
mod send;
mod tls;
mod traffic;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use url::Url;

pub(crate) use auth::life;
pub use auth::{AccessToken, Auth, TokenFuture, TokenSource};
pub(in crate::sources) use auth::{Issued, issued};
pub use headers::check_header;
pub(in crate::sources) use headers::tells_of_secret;
pub(in crate::sources) use journal::Journal;
pub(in crate::sources) use redact::looks_like_key;
pub use send::Answer;
pub use traffic::Traffic;

use super::{Exchange, SourceError};
use crate::view::{Header, SourceKind};
use auth::Credential;
use redact::Redactor;
use traffic::Meter;

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

impl Default for Limits {
    /// What suits servers in the field: Okta as a client waits 60 s; pages of 1,000 people are about 1 MB, a group of
    /// 100,000 members about 20 MB; rate limits reset within a minute or two.
    fn default() -> Self {
        Self {
            connect_ms: 10_000,
            idle_ms: 60_000,
            request_ms: 300_000,
            body_bytes: 256 * 1024 * 1024,
            tries: 5,
            longest_wait_ms: 120_000,
            pages: 250_000,
        }
    }
}

/// All that a client needs.
pub struct HttpConfig {
    /// Which system it is, for messages.
    pub system: SourceKind,
    /// The base URL; its origin is the only one that the credential is sent to.
    pub base: Url,
    /// How to authenticate.
    pub auth: Auth,
    /// A certificate authority of the company's own, in PEM, trusted beside those of the system.
    pub ca_pem: Option<String>,
    /// Extra headers.
    pub headers: Vec<Header>,
    /// The most requests this client may make.
    pub request_budget: Option<u64>,
    /// Bounds.
    pub limits: Limits,
    /// The `Accept` header.
    pub accept: &'static str,
}

/// Whose credential goes with a call.
#[derive(Clone)]
enum With {
    /// The source's, to the base URL's origin.
    Source,
    /// The OAuth client's, to the token endpoint's origin: the `Authorization` header, or none when it is in the body.
    Client(Option<HeaderValue>),
}

/// One request to make.
pub struct Call {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
    tries: Option<u32>,
    again: bool,
    as_it_comes: bool,
    still: bool,
    most_bytes: Option<usize>,
    veiled: bool,
    with: With,
}

impl Call {
    /// A GET.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// Any method. Only methods that RFC 9110 §9.2.2 calls idempotent are sent again after a failure.
    pub fn new(method: Method, url: Url) -> Self {
        let again = method.is_idempotent();
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: None,
            tries: None,
            again,
            as_it_comes: false,
            still: false,
            most_bytes: None,
            veiled: false,
            with: With::Source,
        }
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: Bytes) -> Self {
        self.headers
            .insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = Some(body);
        self
    }

    /// With this body, whose type a header names.
    #[must_use]
    pub(in crate::sources) fn bytes(mut self, body: Bytes) -> Self {
        self.body = Some(body);
        self
    }

    /// Changes nothing at the server, whatever the method: it may be sent again after a failure.
    #[must_use]
    pub fn harmless(mut self) -> Self {
        self.again = true;
        self
    }

    /// Goes over the wire once, and whatever status comes back is the answer: what changes something must be neither repeated nor judged here.
    /// Only a 401 is met with a new access token, where one can be had: what was refused for its token was not done.
    #[must_use]
    pub(in crate::sources) fn once_as_it_comes(mut self) -> Self {
        self.again = false;
        self.as_it_comes = true;
        self
    }

    /// Goes over the wire once, with the access token that there is: a 401 and a redirect are answers too.
    #[must_use]
    pub(in crate::sources) fn plainly(mut self) -> Self {
        self.still = true;
        self.once_as_it_comes()
    }

    /// Carries a secret, there or back: neither its body nor its answer enters a journal, an error or any other text, the answer is wiped from
    /// memory when it is dropped, and is of so many bytes at most.
    #[must_use]
    pub(in crate::sources) fn veiled(mut self, most_bytes: usize) -> Self {
        self.veiled = true;
        self.most_bytes = Some(most_bytes);
        self
    }

    /// With an answer of so many bytes at most.
    #[must_use]
    pub(in crate::sources) fn most_bytes(mut self, most: usize) -> Self {
        self.most_bytes = Some(most);
        self
    }

    /// With at most this many tries, the first included.
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = Some(tries);
        self
    }
}

/// A client of one source. Cheap to clone; clones share connections, budget and counters.
#[derive(Clone)]
pub struct HttpClient {
    inner: Arc<Inner>,
    /// Where exchanges are noted, if they are.
    journal: Option<Journal>,
}

struct Inner {
    system: SourceKind,
    wire: reqwest::Client,
    base: Url,
    credential: Credential,
    extra: HeaderMap,
    limits: Limits,
    meter: Arc<Meter>,
    redactor: Arc<Redactor>,
    gate: retry::Gate,
}

/// What a client does not share with the one that it is made from; see [`HttpClient::sibling`].
pub struct SiblingConfig<'a> {
    /// The base URL; its origin is the only one that the credential is sent to.
    pub base: Url,
    /// How to authenticate.
    pub auth: Auth,
    /// Extra headers.
    pub headers: &'a [Header],
    /// The `Accept` header.
    pub accept: &'static str,
}

impl HttpClient {
    /// Makes a client; sends nothing.
    ///
    /// # Errors
    /// [`SourceError::Setting`] when the base URL, a header or the certificate cannot be used.
    pub fn new(config: HttpConfig) -> Result<Self, SourceError> {
        check_base(&config.base, "Base URL")?;
        if let Auth::ClientCredentials { token_url, .. } = &config.auth {
            check_base(token_url, "Token URL")?;
        }
        let extra = extra(config.accept, &config.headers)?;
        let wire = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(config.ca_pem.as_deref())?)
            .user_agent(concat!("Lanyard/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(Duration::from_millis(config.limits.connect_ms))
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(8)
            .tcp_keepalive(Duration::from_secs(30))
            .tcp_nodelay(true)
            .build()
            .map_err(|error| SourceError::Setting {
                field: "Connection",
                problem: format!("no HTTP client can be made: {}", classify::deepest(&error)),
                next: "Check this machine's proxy settings (HTTPS_PROXY, NO_PROXY).".into(),
            })?;
        let redactor = Redactor::default();
        config.auth.secrets(&redactor);
        Ok(Self {
            inner: Arc::new(Inner {
                system: config.system,
                wire,
                base: config.base,
                credential: Credential::new(config.auth)?,
                extra,
                meter: Arc::new(Meter::new(config.request_budget)),
                limits: config.limits,
                redactor: Arc::new(redactor),
                gate: retry::Gate::default(),
            }),
            journal: None,
        })
    }

    /// A client of another origin that is a part of the same source: it shares connections, certificates, bounds, budget, counters and
    /// what is to be redacted, and has its own credential.
    ///
    /// # Errors
    /// [`SourceError::Setting`] when the base URL or a header cannot be used.
    pub fn sibling(&self, config: SiblingConfig<'_>) -> Result<Self, SourceError> {
        check_base(&config.base, "Base URL")?;
        config.auth.secrets(&self.inner.redactor);
        Ok(Self {
            inner: Arc::new(Inner {
                wire: self.inner.wire.clone(),
                base: config.base,
                credential: Credential::new(config.auth)?,
                extra: extra(config.accept, config.headers)?,
                limits: self.inner.limits.clone(),
                meter: self.inner.meter.clone(),
                redactor: self.inner.redactor.clone(),
                system: self.inner.system,
                gate: retry::Gate::default(),
            }),
            journal: self.journal.clone(),
        })
    }

    /// Learns a secret, to take it out of every text that is shown.
    pub fn learn(&self, secret: &str) {
        self.inner.redactor.learn(secret);
    }

    /// Whether a text holds a secret that was learned.
    pub(in crate::sources) fn knows(&self, text: &str) -> bool {
        self.inner.redactor.mask(text) != text
    }

    /// Holds every request of this client back for a while: its server is about to run out of patience.
    pub fn slow_down(&self, wait: Duration) {
        self.inner
            .gate
            .close_for(wait.min(Duration::from_millis(self.inner.limits.longest_wait_ms)));
    }

    /// Drops the access token that is held, if one is: the next request begins with the credential itself.
    pub(in crate::sources) async fn anew(&self) {
        self.inner.credential.forget().await;
    }

    /// The base URL.
    pub fn base(&self) -> &Url {
        &self.inner.base
    }

    /// The bounds.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// What was sent and received so far.
    pub fn traffic(&self) -> Traffic {
        self.inner.meter.traffic()
    }

    /// A text from the server, fit to be shown: redacted, in one line, cut at 300 characters.
    pub fn fit_to_show(&self, text: &str) -> String {
        self.inner.redactor.clean(text.as_bytes())
    }

    /// The URL of a path below the base, with the base's own query kept. Segments are encoded; empty ones are left out.
    pub fn below<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.inner.base.clone();
        // A base of http or https always has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend(segments.into_iter().filter(|segment| !segment.is_empty()));
        }
        url
    }

    fn exchange(&self, method: &Method, url: &Url) -> Box<Exchange> {
        Box::new(Exchange {
            system: self.inner.system,
            method: method.as_str().into(),
            host: host_of(url),
            url: self.inner.redactor.mask(&redact::shown_url(url)),
            ..Exchange::default()
        })
    }
}

/// The headers that go with each request.
fn extra(accept: &'static str, more: &[Header]) -> Result<HeaderMap, SourceError> {
    let mut extra = HeaderMap::new();
    extra.insert(ACCEPT, HeaderValue::from_static(accept));
    for header in more {
        let (name, value) = headers::read(header)?;
        extra.insert(name, value);
    }
    Ok(extra)
}

/// Host, and port where it is not the scheme's usual one.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether a URL can be a source's base.
///
/// # Errors
/// [`SourceError::Setting`] that says what is wrong with it.
pub fn check_base(url: &Url, field: &'static str) -> Result<(), SourceError> {
    let wrong = |problem: &str, next: &str| {
        Err(SourceError::Setting {
            field,
            problem: problem.into(),
            next: next.into(),
        })
    };
    if !matches!(url.scheme(), "http" | "https") {
        return wrong(
            "the address must begin with https:// (or http:// for a server on this machine)",
            "Give the address as https://host/path.",
        );
    }
    if url.host_str().is_none_or(str::is_empty) {
        return wrong("the address names no host", "Give the address as https://host/path.");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong(
            "the address carries a user name or password",
            "Leave it out of the address and choose Basic as authentication: then it goes into the keychain.",
        );
    }
    if url.fragment().is_some() {
        return wrong("the address has a part after #", "Leave out # and what follows.");
    }
    Ok(())
}
