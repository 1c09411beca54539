//! The socket side of the portal: faults, credentials, plugins by their paths.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::portal::Portal;
use super::refusal::PortalRefusal;
use super::signin::{self, Answer};
use super::{entities, permissions};
use crate::faults::{FaultKind, Strikes};
use crate::scim::Seen;
use crate::wire;

const LABEL: &str = "application/json; charset=utf-8";

/// The routes of the portal.
pub(crate) fn router(portal: Arc<Portal>) -> Router {
    Router::new().fallback(any).with_state(portal)
}

async fn any(State(portal): State<Arc<Portal>>, request: Request) -> Result<Response, Infallible> {
    let (number, strikes) = portal.strike();
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let (request, noted) = wire::note(portal.journal(), "portal", request).await;
    let response = respond(&portal, request, &strikes).await;
    let response = wire::sent(portal.journal(), noted, &strikes, response);
    let status = response.as_ref().map_or(0, |response| response.status().as_u16());
    tracing::debug!(number, method, target, status, "asked");
    portal.remember(Seen {
        number,
        method,
        target,
        status,
    });
    Ok(response.unwrap_or_else(wire::dropped))
}

/// The answer; `None` when the connection is to end without one.
async fn respond(portal: &Arc<Portal>, request: Request, strikes: &Strikes) -> Option<Response> {
    if let Some(delay) = strikes.delay() {
        tokio::time::sleep(delay).await;
    }
    if strikes.has(FaultKind::Drop) {
        return None;
    }
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let refuse = |status, text| refused(&PortalRefusal::broken(status, text), &method, &target);
    if let Some(response) = wire::instead(strikes, portal.base(), LABEL, refuse) {
        return Some(response);
    }
    let (parts, body) = request.into_parts();
    let limit = portal.options().max_body;
    let response = match to_bytes(body, limit).await {
        // As it was seen: 400, not 413.
        Err(_) => refused(
            &PortalRefusal::input("request entity too large"),
            &method,
            below(parts.uri.path()).1,
        ),
        Ok(body) => {
            let (portal, strikes) = (portal.clone(), strikes.clone());
            // A question without an index reads every document: not on a thread that serves sockets.
            let work = tokio::task::spawn_blocking(move || answer(&portal, &parts, body, strikes));
            work.await
                .unwrap_or_else(|_| refused(&PortalRefusal::broken(500, "the request could not be answered"), &method, &target))
        }
    };
    Some(wire::damage(response, strikes).await)
}

/// The plugin of a path, and what stands below it.
fn below(path: &str) -> (&str, &str) {
    let Some(rest) = path.strip_prefix("/api/") else {
        return ("", path);
    };
    let end = rest.find('/').unwrap_or(rest.len());
    (&rest[..end], &rest[end..])
}

fn answer(portal: &Portal, parts: &Parts, body: Bytes, strikes: Strikes) -> Response {
    let method = parts.method.as_str();
    let decoded = percent_encoding::percent_decode_str(parts.uri.path())
        .decode_utf8_lossy()
        .into_owned();
    let (plugin, path) = below(&decoded);
    let parameters: Vec<(String, String)> = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let described = decoded.starts_with("/.well-known/") || path.starts_with("/.well-known/");
    if plugin == "auth" || described {
        return auth(portal, parts, path, &parameters, &body);
    }
    if method == "GET" && decoded.starts_with("/.backstage/health/v1/") {
        return reply(Reply::ok(&json!({"status": "ok"})));
    }
    let url = parts.uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let outcome = (|| {
        if !matches!(plugin, "catalog" | "permission") {
            return Err(PortalRefusal::no_route(method, &decoded));
        }
        let header = wire::text(&parts.headers, &header::AUTHORIZATION);
        let principal = portal.tokens().admit(header, plugin, strikes.token_expires())?;
        let call = Call {
            method: method.to_owned(),
            path: path.to_owned(),
            parameters,
            body,
            principal,
            strikes,
        };
        if plugin == "catalog" {
            entities::answer(portal, &call)
        } else {
            permissions::answer(portal, &call)
        }
    })();
    match outcome {
        Ok(answer) => reply(answer),
        Err(refusal) => refused(&refusal, method, &url),
    }
}

fn auth(portal: &Portal, parts: &Parts, path: &str, parameters: &[(String, String)], body: &Bytes) -> Response {
    let method = parts.method.as_str();
    let form = || -> Vec<(String, String)> {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(map)) => {
                let texts = map
                    .iter()
                    .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
                texts.collect()
            }
            _ => url::form_urlencoded::parse(body).into_owned().collect(),
        }
    };
    let outcome = match (method, path.trim_end_matches('/')) {
        ("GET", path)
            if path.starts_with("/.well-known/oauth-authorization-server") || path.starts_with("/.well-known/openid-configuration") =>
        {
            signin::metadata(portal)
        }
        ("POST", "/v1/register") => signin::register(portal, &serde_json::from_slice(body).unwrap_or_default()),
        ("GET", "/v1/authorize") => signin::authorize(portal, parameters),
        ("POST", "/v1/token") => signin::token(portal, &form()),
        ("GET" | "POST", "/oauth2Proxy/refresh") => {
            let user = wire::text(&parts.headers, &HeaderName::from_static("x-forwarded-user"));
            signin::by_proxy(portal, user)
        }
        _ => Answer::Refused(PortalRefusal::no_route(method, path)),
    };
    match outcome {
        Answer::Json(status, value) => {
            let mut response = reply(Reply::json(status, &value));
            // Answers that hold tokens are kept nowhere (RFC 6749 §5.1).
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Answer::Redirect(target) => (StatusCode::FOUND, [(header::LOCATION, target)]).into_response(),
        Answer::Refused(refusal) => refused(&refusal, method, path),
    }
}

fn refused(refusal: &PortalRefusal, method: &str, url: &str) -> Response {
    reply(Reply::json(refusal.status, &refusal.body(method, url)))
}

fn reply(answer: Reply) -> Response {
    let labelled = !answer.body.is_empty();
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if labelled {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(LABEL));
    }
    if let Some(link) = answer.link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        headers.insert(header::LINK, link);
    }
    response
}
