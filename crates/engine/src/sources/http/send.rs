//! Sending: one request, its redirects within the origin, its repeats, its waits.

use std::future::Future;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Method, StatusCode};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Call, HttpClient, With, body, classify, retry};
use crate::sources::{Exchange, SourceError};

/// Redirects within the origin that one request may go through.
const REDIRECTS: u32 = 5;
/// Headers in which servers name a request, for their support.
const REQUEST_IDS: &[&str] = &[
    "x-request-id",
    "request-id",
    "x-ms-request-id",
    "x-amzn-requestid",
    "x-okta-request-id",
    "x-correlation-id",
    "traceparent",
];

/// An answer, whatever its status.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unpacked.
    pub body: Bytes,
    pub(super) at: Box<Exchange>,
    pub(super) veiled: bool,
}

impl Answer {
    /// The wait that it asks for (`Retry-After`).
    pub(in crate::sources) fn asks_to_wait(&self) -> Option<Duration> {
        retry::retry_after(&self.headers, SystemTime::now())
    }

    /// The exchange, fit to be shown, with the beginning of the body, unless that may hold a secret.
    pub fn exchange(&self, http: &HttpClient) -> Box<Exchange> {
        let mut at = self.at.clone();
        at.answer = (!self.body.is_empty() && !self.veiled).then(|| http.inner.redactor.clean(&self.body));
        at
    }

    /// Whether the body is a web page, by its type or its beginning.
    pub fn looks_like_html(&self) -> bool {
        let kind = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        let start = self.body[..self.body.len().min(512)].to_ascii_lowercase();
        let start = start.trim_ascii_start();
        let json = matches!(start.first(), Some(b'{' | b'['));
        !json
            && (kind.to_ascii_lowercase().contains("html")
                || [&b"<!doctype html"[..], b"<html", b"<head", b"<body"]
                    .iter()
                    .any(|tag| start.starts_with(tag)))
    }
}

/// The time that one try may take, and who may end it.
pub(super) struct Clock<'c> {
    cancel: &'c CancellationToken,
    started: Instant,
    end: Instant,
    idle: Duration,
}

impl Clock<'_> {
    /// Waits for a step, at most for the idle time and until the try's end.
    pub(super) async fn within<T>(&self, what: &'static str, at: &Exchange, step: impl Future<Output = T>) -> Result<T, SourceError> {
        self.within_span(self.idle, what, at, step).await
    }

    async fn within_span<T>(
        &self,
        span: Duration,
        what: &'static str,
        at: &Exchange,
        step: impl Future<Output = T>,
    ) -> Result<T, SourceError> {
        let idle_end = Instant::now() + span;
        let end = idle_end.min(self.end);
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(SourceError::Cancelled),
            done = timeout_at(end, step) => done.map_err(|_| {
                let (what, after) = if self.end <= idle_end { ("finish its answer", self.started.elapsed()) } else { (what, span) };
                SourceError::Timeout { at: Box::new(at.clone()), what, after_ms: u64::try_from(after.as_millis()).unwrap_or(u64::MAX) }
            }),
        }
    }
}

/// What to do after a try.
enum Next {
    Done(Answer),
    Fail(SourceError),
    Again { wait: Duration, why: String, hold_all: bool },
    NewToken(u64),
}

impl HttpClient {
    /// Sends a request and waits for its whole answer. Failures that may pass are tried again; a 401 is, once, with a new access
    /// token where one can be had. Any answer comes back as it is, save those that mean "try later" and did so to the end.
    ///
    /// # Errors
    /// [`SourceError`], each kind by its name; [`SourceError::Cancelled`] as soon as `cancel` is.
    pub async fn send(&self, call: Call, cancel: &CancellationToken) -> Result<Answer, SourceError> {
        self.check_origin(&call)?;
        let most = if call.again {
            call.tries.unwrap_or(self.inner.limits.tries).max(1)
        } else {
            1
        };
        let mut tried = 0;
        let mut renewed = false;
        loop {
            self.hold(cancel).await?;
            tried += 1;
            match self.try_once(&call, tried, most, !renewed, cancel).await {
                Next::Done(answer) => return Ok(answer),
                Next::Fail(error) => {
                    tracing::debug!(code = error.code(), tried, "request failed");
                    return Err(error);
                }
                Next::NewToken(number) => {
                    self.inner.credential.refused(number).await;
                    renewed = true;
                    tried -= 1;
                }
                Next::Again { wait, why, hold_all } => {
                    tracing::debug!(wait_ms = wait.as_millis(), tried, "trying again");
                    if hold_all {
                        self.inner.gate.close_for(wait);
                    }
                    self.sleep(wait, why, cancel).await?;
                }
            }
            self.inner.meter.again();
        }
    }

    /// Waits before a repeat that the caller makes itself: for an answer that came whole, and was broken all the same.
    ///
    /// # Errors
    /// [`SourceError::Cancelled`].
    pub async fn pause(&self, tried: u32, why: &str, cancel: &CancellationToken) -> Result<(), SourceError> {
        self.inner.meter.again();
        self.sleep(retry::backoff(tried, false), why.to_owned(), cancel).await
    }

    /// Waits before a repeat that the caller makes itself: for a part of an answer that says that the server has had enough. Holds every
    /// request of this client back meanwhile. `asked` is the wait that the server asks for; `false` where that is longer than allowed.
    ///
    /// # Errors
    /// [`SourceError::Cancelled`].
    pub async fn give_room(&self, tried: u32, asked: Option<Duration>, cancel: &CancellationToken) -> Result<bool, SourceError> {
        let longest = Duration::from_millis(self.inner.limits.longest_wait_ms);
        if asked.is_some_and(|asked| asked > longest) {
            return Ok(false);
        }
        let wait = asked.map_or_else(
            || retry::backoff(tried, true).min(longest),
            |asked| asked + retry::backoff(1, false),
        );
        self.inner.meter.again();
        self.inner.gate.close_for(wait);
        self.sleep(wait, format!("{} is limiting requests", super::host_of(&self.inner.base)), cancel)
            .await?;
        Ok(true)
    }

    /// The credential goes to its own origin, whatever a server or a setting says.
    fn check_origin(&self, call: &Call) -> Result<(), SourceError> {
        let home = match call.with {
            With::Source => Some(&self.inner.base),
            With::Client(_) => self.inner.credential.token_url(),
        };
        if home.is_some_and(|home| home.origin() == call.url.origin()) {
            return Ok(());
        }
        let at = self.exchange(&call.method, home.unwrap_or(&self.inner.base));
        Err(SourceError::OtherOrigin {
            at,
            to: call.url.origin().ascii_serialization(),
        })
    }

    async fn try_once(&self, call: &Call, tried: u32, most: u32, may_renew: bool, cancel: &CancellationToken) -> Next {
        let (number, result) = self.exchange_once(call, cancel).await;
        let limits = &self.inner.limits;
        let answer = match result {
            Ok(answer) => answer,
            Err(error) if tried < most.min(retry::tries_for(&error, most)) => {
                let wait = retry::backoff(tried, false);
                return Next::Again {
                    wait,
                    why: format!("{error} Trying again"),
                    hold_all: false,
                };
            }
            Err(error) => return Next::Fail(error),
        };
        let status = answer.status.as_u16();
        let ours = matches!(call.with, With::Source);
        if status == 401 && ours && may_renew && !call.still && self.inner.credential.renewable() {
            return Next::NewToken(number);
        }
        let asked = retry::retry_after(&answer.headers, SystemTime::now());
        let limited = status == 429 || (status == 503 && asked.is_some());
        if !limited && !retry::passing_status(status) {
            return Next::Done(answer);
        }
        let asked_ms = asked.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        if call.as_it_comes {
            return Next::Done(answer);
        }
        if tried >= most || asked_ms.is_some_and(|wait| wait > limits.longest_wait_ms) {
            let at = answer.exchange(self);
            return Next::Fail(if limited {
                SourceError::RateLimited {
                    at,
                    wait_ms: asked_ms,
                    limit_ms: limits.longest_wait_ms,
                }
            } else {
                SourceError::ServerFailed { at, status, tries: tried }
            });
        }
        let host = &answer.at.host;
        match asked {
            // A little more than asked, so that not all clients come back in the same moment, and never at once.
            Some(wait) => Next::Again {
                wait: wait + retry::backoff(1, false),
                why: format!("{host} asks to wait {}", crate::sources::error_span(asked_ms.unwrap_or(0))),
                hold_all: true,
            },
            None if limited => {
                let wait = retry::backoff(tried, true).min(Duration::from_millis(limits.longest_wait_ms));
                Next::Again {
                    wait,
                    why: format!("{host} is limiting requests"),
                    hold_all: true,
                }
            }
            None => Next::Again {
                wait: retry::backoff(tried, false),
                why: format!("{host} failed with status {status}; trying again"),
                hold_all: false,
            },
        }
    }

    /// One try, with its redirects.
    async fn exchange_once(&self, call: &Call, cancel: &CancellationToken) -> (u64, Result<Answer, SourceError>) {
        let (authorization, number) = match &call.with {
            With::Client(header) => (header.clone(), 0),
            With::Source => match self.inner.credential.authorize(self, cancel).await {
                Ok(authorization) => (authorization.header, authorization.number),
                Err(error) => return (0, Err(error)),
            },
        };
        let started = Instant::now();
        let clock = Clock {
            cancel,
            started,
            end: started + Duration::from_millis(self.inner.limits.request_ms),
            idle: Duration::from_millis(self.inner.limits.idle_ms),
        };
        let mut url = call.url.clone();
        for _ in 0..=REDIRECTS {
            let mut at = self.exchange(&call.method, &url);
            let mut request = self.inner.wire.request(call.method.clone(), url.clone());
            if matches!(call.with, With::Source) {
                request = request.headers(self.inner.extra.clone());
            }
            request = request.headers(call.headers.clone());
            if let Some(header) = &authorization {
                request = request.header(AUTHORIZATION, header.clone());
            }
            if let Some(body) = &call.body {
                request = request.body(body.clone());
            }
            let sent = Instant::now();
            let came = self.wire(request, call, &clock, &mut at).await;
            if matches!(call.with, With::Source) {
                self.note(call, &url, sent.elapsed(), &came);
            }
            let answer = match came {
                Ok(answer) => answer,
                Err(error) => return (number, Err(error)),
            };
            if call.still || !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                return (number, Ok(answer));
            }
            match self.redirected(call, &url, &answer) {
                Ok(next) => url = next,
                Err(error) => return (number, Err(error)),
            }
        }
        let at = self.exchange(&call.method, &url);
        (
            number,
            Err(SourceError::Redirect {
                at,
                why: format!("more than {REDIRECTS} redirects in a row"),
                to: None,
            }),
        )
    }

    /// One request on the wire.
    async fn wire(
        &self,
        request: reqwest::RequestBuilder,
        call: &Call,
        clock: &Clock<'_>,
        at: &mut Box<Exchange>,
    ) -> Result<Answer, SourceError> {
        self.inner.meter.spend()?;
        let limits = &self.inner.limits;
        // Until the first byte, the connection may have to be made too.
        let span = clock.idle + Duration::from_millis(limits.connect_ms);
        let mut response = clock
            .within_span(span, "answer", at, request.send())
            .await?
            .map_err(|error| classify::no_answer(&error, at, limits.connect_ms))?;
        at.status = Some(response.status().as_u16());
        let shown = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(|text| self.shown_header(text))
        };
        // A secret can stand in any header of an answer that holds one.
        if !call.veiled {
            at.request_id = REQUEST_IDS.iter().find_map(|name| shown(name));
            at.content_type = shown("content-type");
        }
        let limit = call.most_bytes.map_or(limits.body_bytes, |most| most.min(limits.body_bytes));
        let body = body::read(&self.inner, &mut response, clock, at, body::Bounds { limit, wiped: call.veiled }).await?;
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body,
            at: at.clone(),
            veiled: call.veiled,
        })
    }

    /// A header's value, fit to be shown. Request ids are long and mixed, and meant to be passed on: only known secrets go.
    fn shown_header(&self, text: &str) -> String {
        self.inner
            .redactor
            .mask(text)
            .chars()
            .filter(|c| !c.is_control())
            .take(100)
            .collect()
    }

    /// Where a redirect leads, if it may be followed.
    fn redirected(&self, call: &Call, from: &Url, answer: &Answer) -> Result<Url, SourceError> {
        let refuse = |why: String, to: Option<String>| SourceError::Redirect {
            at: answer.exchange(self),
            why,
            to,
        };
        let location = answer
            .headers
            .get(LOCATION)
            .ok_or_else(|| refuse("a redirect without a Location".into(), None))?;
        let to = location.to_str().ok().and_then(|text| from.join(text).ok());
        let Some(to) = to else {
            return Err(refuse("a redirect to something that is no address".into(), None));
        };
        if to.origin() != from.origin() {
            let origin = self.inner.redactor.mask(&to.origin().ascii_serialization());
            let why = if to.scheme() == "https" && from.scheme() == "http" && to.host_str() == from.host_str() {
                "it wants HTTPS".to_owned()
            } else {
                format!("to {origin}")
            };
            return Err(refuse(why, Some(origin)));
        }
        if !to.username().is_empty() || to.password().is_some() {
            return Err(refuse("to an address with a user name in it".into(), None));
        }
        // A write must not turn into a read, nor be made twice, on the word of a redirect.
        let keeps_method = matches!(answer.status.as_u16(), 307 | 308) && call.again;
        if call.method != Method::GET && call.method != Method::HEAD && !keeps_method {
            return Err(refuse("a redirect of a request that changes something".into(), None));
        }
        Ok(to)
    }

    /// Waits while the server has asked for a pause.
    async fn hold(&self, cancel: &CancellationToken) -> Result<(), SourceError> {
        while let Some(left) = self.inner.gate.left() {
            let ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
            let why = format!(
                "{} asks to wait {}",
                super::host_of(&self.inner.base),
                crate::sources::error_span(ms)
            );
            self.sleep(left, why, cancel).await?;
        }
        if cancel.is_cancelled() {
            Err(SourceError::Cancelled)
        } else {
            Ok(())
        }
    }

    async fn sleep(&self, wait: Duration, why: String, cancel: &CancellationToken) -> Result<(), SourceError> {
        let _shown = self.inner.meter.waiting(why);
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(SourceError::Cancelled),
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }
}
