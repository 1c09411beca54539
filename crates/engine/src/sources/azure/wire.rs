//! One answer of Graph or of the Resource Manager: lists cut into their documents, errors by their names, and a pace that the server bears.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::sources::SourceError;
use crate::sources::http::nesting::deeper_than;
use crate::sources::http::{Answer, Call, HttpClient};

/// JSON of these APIs is never nested deeper.
const MAX_DEPTH: usize = 64;
/// From so few requests left on, the next ones wait; the Resource Manager gives some 25 a second back.
/// <https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling>
const FEW_LEFT: u64 = 10;
/// What Graph calls a tenant that lacks the licence for a log.
pub(super) const NO_LICENCE: &str = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
const BREATH: Duration = Duration::from_millis(400);

/// A list's page.
pub(super) struct Page {
    pub(super) body: Bytes,
    /// Places of the documents.
    pub(super) documents: Vec<Range<usize>>,
    /// Where the next page is.
    pub(super) next: Option<String>,
    /// Where to ask for changes from now on.
    pub(super) delta: Option<String>,
    /// How many there are in all, where that was asked for.
    pub(super) count: Option<u64>,
}

impl Page {
    /// The documents' texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.documents.iter().filter_map(|place| self.body.get(place.clone()))
    }
}

#[derive(Deserialize)]
struct PageShape<'a> {
    #[serde(borrow)]
    value: Option<Vec<&'a RawValue>>,
    #[serde(rename = "nextLink", alias = "@odata.nextLink", default, borrow)]
    next: Option<Cow<'a, str>>,
    #[serde(rename = "@odata.deltaLink", default, borrow)]
    delta: Option<Cow<'a, str>>,
    #[serde(rename = "@odata.count", default)]
    count: Option<serde_json::Value>,
}

/// What an error's body says: the same shape at both APIs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorShape {
    error: ErrorBody,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    code: String,
    message: String,
}

/// Code and message of an error's body; empty where it is none.
fn said(body: &[u8]) -> ErrorBody {
    if deeper_than(MAX_DEPTH, body) {
        return ErrorBody::default();
    }
    serde_json::from_slice::<ErrorShape>(body).unwrap_or_default().error
}

/// The code of an error's body.
pub(super) fn error_code(body: &[u8]) -> String {
    said(body).code
}

/// Whether Graph says that an object is not there. Another 404 says nothing of the object.
pub(super) fn is_absent(status: u16, body: &[u8]) -> bool {
    status == 404 && matches!(error_code(body).as_str(), "Request_ResourceNotFound" | "ResourceNotFound")
}

/// The error of an answer whose status says no. `status` and `body` are the answer's own, or those of an item within it.
pub(super) fn refusal(http: &HttpClient, answer: &Answer, status: u16, body: &[u8]) -> SourceError {
    let at = answer.exchange(http);
    match status {
        // Neither a permission nor a role helps: the tenant has not bought it.
        403 if error_code(body) == NO_LICENCE => SourceError::Rejected {
            at,
            status,
            scim_type: Some(NO_LICENCE.into()),
            detail: http.fit_to_show(&said(body).message),
        },
        401 => SourceError::Unauthorized { at },
        403 => SourceError::Forbidden { at },
        404 => SourceError::NotFound { at, better: None },
        _ => {
            let said = said(body);
            SourceError::Rejected {
                at,
                status,
                scim_type: (!said.code.is_empty()).then(|| http.fit_to_show(&said.code)),
                detail: http.fit_to_show(&said.message),
            }
        }
    }
}

/// The code of a request that was rejected.
pub(super) fn rejected_as(error: &SourceError) -> Option<(u16, &str)> {
    match error {
        SourceError::Rejected { status, scim_type, .. } => Some((*status, scim_type.as_deref().unwrap_or_default())),
        _ => None,
    }
}

/// An address of the same API, whether a page names it or it is ours. Whether it is of the origin is checked where it is sent.
///
/// # Errors
/// When it is no address.
pub(super) fn address(http: &HttpClient, link: &str, answer: Option<&Answer>) -> Result<Url, SourceError> {
    http.base().join(link).map_err(|_| match answer {
        Some(answer) => SourceError::NotScim {
            at: answer.exchange(http),
            why: "the address of its next page is none".into(),
        },
        None => SourceError::Setting {
            field: "Mark",
            problem: "what was kept of the last reading is no address".into(),
            next: "Sync again: everything is read then.".into(),
        },
    })
}

/// Sends a request and lets a 200 pass.
///
/// # Errors
/// [`SourceError`], each kind by its name.
pub(super) async fn ask(http: &HttpClient, call: Call, cancel: &CancellationToken) -> Result<Answer, SourceError> {
    let answer = asked(http, call, cancel).await?;
    match answer.status.as_u16() {
        200 => Ok(answer),
        status @ 400..=599 => Err(refusal(http, &answer, status, &answer.body)),
        status => Err(SourceError::NotScim {
            at: answer.exchange(http),
            why: format!("it answers with status {status}"),
        }),
    }
}

/// Sends a request; every status comes back.
///
/// # Errors
/// When no answer came that is fit to be read.
pub(super) async fn asked(http: &HttpClient, call: Call, cancel: &CancellationToken) -> Result<Answer, SourceError> {
    let answer = http.send(call, cancel).await?;
    if running_low(&answer.headers) {
        http.slow_down(BREATH);
    }
    if answer.looks_like_html() {
        return Err(SourceError::Html { at: answer.exchange(http) });
    }
    if deeper_than(MAX_DEPTH, &answer.body) {
        return Err(SourceError::TooDeep {
            at: answer.exchange(http),
            limit: MAX_DEPTH,
        });
    }
    Ok(answer)
}

/// Whether the server is about to refuse: few requests left, or most of what is allowed used up.
fn running_low(headers: &HeaderMap) -> bool {
    headers.iter().any(|(name, value)| {
        let Ok(value) = value.to_str() else { return false };
        match name.as_str() {
            // 0.8 and more of the limit is told; above 1 requests are refused.
            "x-ms-throttle-limit-percentage" => value.trim().parse::<f64>().is_ok_and(|used| used >= 0.9),
            name if name.starts_with("x-ms-ratelimit-remaining-") => value.trim().parse::<u64>().is_ok_and(|left| left < FEW_LEFT),
            _ => false,
        }
    })
}

/// Asks for a page of a list. `at` is an address of ours or one that the page before named.
///
/// # Errors
/// [`SourceError`], each kind by its name; [`SourceError::OtherOrigin`] for a next page elsewhere.
pub(super) async fn page(http: &HttpClient, call: Call, cancel: &CancellationToken) -> Result<(Page, Answer), SourceError> {
    let answer = ask(http, call, cancel).await?;
    let page = read_page(http, &answer)?;
    Ok((page, answer))
}

fn read_page(http: &HttpClient, answer: &Answer) -> Result<Page, SourceError> {
    match cut(&answer.body) {
        Ok(Some(page)) => Ok(page),
        Ok(None) => Err(SourceError::NotScim {
            at: answer.exchange(http),
            why: "there is no list (value) in it".into(),
        }),
        Err(why) => Err(SourceError::BrokenJson {
            at: answer.exchange(http),
            why: http.fit_to_show(&why),
        }),
    }
}

/// Cuts a page into its documents; none where it holds no list.
pub(super) fn cut(body: &Bytes) -> Result<Option<Page>, String> {
    let shape: PageShape<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let Some(value) = shape.value else { return Ok(None) };
    let start = body.as_ptr() as usize;
    let documents = value
        .iter()
        .map(|raw| {
            // A raw value borrows from the body: its place is the difference of two addresses.
            let from = raw.get().as_ptr() as usize - start;
            from..from + raw.get().len()
        })
        .collect();
    let owned = |link: Option<Cow<'_, str>>| link.filter(|link| !link.trim().is_empty()).map(Cow::into_owned);
    Ok(Some(Page {
        body: body.clone(),
        documents,
        next: owned(shape.next),
        delta: owned(shape.delta),
        count: shape.count.and_then(|count| count.as_u64()),
    }))
}

/// A GET that Graph's index answers (counts, casts): <https://learn.microsoft.com/graph/aad-advanced-queries>.
pub(super) fn eventual(call: Call) -> Call {
    call.header(HeaderName::from_static("consistencylevel"), HeaderValue::from_static("eventual"))
}

/// A POST of JSON that changes nothing.
pub(super) fn question(url: Url, body: &serde_json::Value) -> Call {
    Call::new(Method::POST, url)
        .body("application/json", Bytes::from(body.to_string()))
        .harmless()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_where_its_documents_stand() {
        let body = Bytes::from_static(br#" {"@odata.nextLink":"http:\/\/h\/n","value":[{"id":"a"}, {"id":"b"} ],"@odata.count":2}"#);
        let page = cut(&body).unwrap().unwrap();
        assert_eq!(page.texts().collect::<Vec<_>>(), [&br#"{"id":"a"}"#[..], br#"{"id":"b"}"#]);
        assert_eq!((page.next.as_deref(), page.count), (Some("http://h/n"), Some(2)));
        assert!(cut(&Bytes::from_static(b"{}")).unwrap().is_none());
        assert!(cut(&Bytes::from_static(br#"{"value":null}"#)).unwrap().is_none());
        for broken in [&b"["[..], b"{\"value\":[{]}", b"{\"value\":3}", b"\xff", b""] {
            assert!(cut(&Bytes::copy_from_slice(broken)).is_err());
        }
    }

    #[test]
    fn patience_is_told_by_headers() {
        let low = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            running_low(&headers)
        };
        assert!(low("x-ms-ratelimit-remaining-subscription-reads", "3"));
        assert!(!low("x-ms-ratelimit-remaining-subscription-reads", "249"));
        assert!(!low("x-ms-ratelimit-remaining-resource", "Microsoft.X/Y;3"));
        assert!(low("x-ms-throttle-limit-percentage", "0.95"));
        assert!(!low("x-other", "1"));
    }
}
