//! What every server of the lab does alike on the wire: faults that answer in its place, bodies that break, headers as text.

use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use crate::faults::{FaultKind, RetryAfter, Strikes};
use crate::journal::{Journal, is_write};

/// Faults that answer in the place of the server at `base`. `label` is what its JSON is called; `refuse` draws an error
/// in the server's own shape from a status and a text.
pub(crate) fn instead(
    strikes: &Strikes,
    base: &str,
    label: &'static str,
    refuse: impl Fn(u16, &'static str) -> Response,
) -> Option<Response> {
    if let Some(after) = strikes.too_many() {
        let mut response = refuse(429, "too many requests");
        let value = match after {
            RetryAfter::Seconds(seconds) => Some(HeaderValue::from(seconds)),
            RetryAfter::Date => HeaderValue::from_str(&httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2))).ok(),
            RetryAfter::Missing => None,
        };
        if let Some(value) = value {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        return Some(response);
    }
    if let Some(status) = strikes.server_error() {
        return Some(refuse(status, "something broke"));
    }
    if strikes.has(FaultKind::Html) {
        let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Sign in to go on</form></body></html>";
        return Some(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response());
    }
    if strikes.has(FaultKind::Garbage) {
        let bytes: &[u8] = b"\x00\xff{\"Resources\": [\xc3\x28]";
        return Some(([(header::CONTENT_TYPE, label)], bytes).into_response());
    }
    if strikes.has(FaultKind::Redirect) {
        let elsewhere = base.replace("127.0.0.1", "127.0.0.2");
        return Some((StatusCode::FOUND, [(header::LOCATION, elsewhere)]).into_response());
    }
    None
}

/// Faults that spoil an answer on its way: JSON that ends too early, a connection that ends within the body.
pub(crate) async fn damage(response: Response, strikes: &Strikes) -> Response {
    let (truncate, cut) = (strikes.has(FaultKind::Truncate), strikes.has(FaultKind::Cut));
    if !truncate && !cut {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if truncate {
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::from(body.slice(..body.len() * 3 / 5)));
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(parts, broken(body.slice(..body.len() / 2)))
}

/// An answer whose connection ends before anything of it is there.
pub(crate) fn dropped() -> Response {
    Response::new(broken(Bytes::new()))
}

/// A body that begins and then breaks, which ends the connection.
fn broken(start: Bytes) -> Body {
    let chunks = stream::unfold(Some(start), |start| async move {
        match start {
            Some(start) if !start.is_empty() => Some((Ok(start), None)),
            _ => {
                // What was written so far reaches the wire first.
                tokio::time::sleep(Duration::from_millis(5)).await;
                Some((Err(std::io::Error::other("the connection was cut on purpose")), None))
            }
        }
    });
    Body::from_stream(chunks)
}

/// A header as text; none where it is missing or holds other bytes.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The largest body of a write that is read before anybody looks at it. Every server's own limit is lower.
const LARGEST: usize = 64 << 20;

/// Notes a request that asks for a change, before it is acted on. Gives the request, whole, and its number.
pub(crate) async fn note(journal: &Journal, system: &'static str, request: Request) -> (Request, Option<u64>) {
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    if !is_write(&method, request.uri().path()) {
        return (request, None);
    }
    let (parts, body) = request.into_parts();
    // What cannot be read is refused later, as a body that is no JSON.
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let number = journal.came(system, &method, &target, &body);
    (Request::from_parts(parts, Body::from(body)), Some(number))
}

/// Ends the connection in the place of an answer where a fault says that the answer of a write gets lost; notes the status
/// otherwise.
pub(crate) fn sent(journal: &Journal, noted: Option<u64>, strikes: &Strikes, response: Option<Response>) -> Option<Response> {
    let Some(number) = noted else { return response };
    if strikes.has(FaultKind::LoseAnswer) {
        return None;
    }
    if let Some(response) = &response {
        journal.answered(number, response.status().as_u16());
    }
    response
}
