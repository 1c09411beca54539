//! The socket side of one SCIM server: credentials, labels, faults; what remains goes to [`Server::answer`].

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use super::ask::{Answer, Ask, Seen};
use super::auth::{Admission, Knock};
use super::quirk::Quirk;
use super::refusal::Refusal;
use super::server::Server;
use super::token::Sees;
use super::token_api::{Call, TOKENS};
use crate::faults::{FaultKind, Strikes};
use crate::wire;

/// Where the SCIM API begins.
const ROOT: &str = "/scim/v2";
/// How answers are labelled (RFC 7644 §8.1).
const LABEL: &str = "application/scim+json";

/// The routes of one server.
pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/oauth/token", post(token))
        .route("/app/session", post(sign_in))
        .route("/app/me", get(me))
        .fallback(scim)
        .with_state(server)
}

/// Remembers a request to the app itself.
fn remember(server: &Server, method: &str, target: &str, response: &Response) {
    let (number, _) = server.strike();
    server.remember(Seen {
        number,
        method: method.to_owned(),
        target: target.to_owned(),
        status: response.status().as_u16(),
    });
}

fn nobody() -> Response {
    let challenge = (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"app\""));
    (
        StatusCode::UNAUTHORIZED,
        [challenge],
        Json(json!({"error": "sign in", "message": "The session is over, or the account may not sign in."})),
    )
        .into_response()
}

/// Somebody signs in to the app itself, as its users do.
async fn sign_in(State(server): State<Arc<Server>>, body: Bytes) -> Response {
    let form = serde_json::from_slice(&body).unwrap_or_default();
    let token = server.sign_in_with(&form);
    let response = token.map_or_else(nobody, |token| {
        ([(header::CACHE_CONTROL, "no-store")], Json(json!({"token": token}))).into_response()
    });
    remember(&server, "POST", "/app/session", &response);
    response
}

/// Who is signed in to the app.
async fn me(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response {
    let token = wire::text(&headers, &header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let found = token.and_then(|token| server.me(token));
    let response = found.map_or_else(nobody, |me| Json(me).into_response());
    remember(&server, "GET", "/app/me", &response);
    response
}

async fn token(State(server): State<Arc<Server>>, headers: HeaderMap, body: String) -> Response {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let granted = server.access().grant(wire::text(&headers, &header::AUTHORIZATION), &form);
    match granted {
        Ok((token, lifetime)) => {
            let body = json!({"access_token": token, "token_type": "Bearer", "expires_in": lifetime.as_secs()});
            ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Err(error) => {
            let status = if error == "invalid_client" {
                StatusCode::UNAUTHORIZED
            } else {
                StatusCode::BAD_REQUEST
            };
            (status, Json(json!({"error": error}))).into_response()
        }
    }
}

async fn scim(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Infallible> {
    let (number, strikes) = server.strike();
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let (request, noted) = wire::note(server.journal(), server.system(), request).await;
    let response = respond(&server, request, &strikes).await;
    let response = wire::sent(server.journal(), noted, &strikes, response);
    let status = response.as_ref().map_or(0, |response| response.status().as_u16());
    tracing::debug!(number, method, target, status, "asked");
    server.remember(Seen {
        number,
        method,
        target,
        status,
    });
    Ok(response.unwrap_or_else(wire::dropped))
}

/// The answer; `None` when the connection is to end without one.
async fn respond(server: &Arc<Server>, request: Request, strikes: &Strikes) -> Option<Response> {
    if let Some(delay) = strikes.delay() {
        tokio::time::sleep(delay).await;
    }
    if strikes.has(FaultKind::Drop) {
        return None;
    }
    if let Some(response) = wire::instead(strikes, server.base(), LABEL, |status, text| {
        dress_plain(&Refusal::plain(status, text))
    }) {
        return Some(response);
    }
    let own = request.uri().path().starts_with(TOKENS);
    let plain = own || server.options().has(Quirk::PlainJson);
    let answer = if own {
        ask_for_tokens(server, request, strikes).await
    } else {
        ask(server, request, strikes).await
    };
    if answer.lost {
        return None;
    }
    let mut response = dress(&answer, plain, server);
    response = wire::damage(response, strikes).await;
    Some(response)
}

async fn ask(server: &Arc<Server>, request: Request, strikes: &Strikes) -> Answer {
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    let decoded = percent_encoding::percent_decode_str(parts.uri.path())
        .decode_utf8_lossy()
        .into_owned();
    let Some(path) = decoded.strip_prefix(ROOT).filter(|path| path.is_empty() || path.starts_with('/')) else {
        return Answer::refusal(&Refusal::plain(404, "the SCIM API is at /scim/v2"));
    };
    let (max_payload, needs_agent, needs_json) = {
        let options = server.options();
        (
            options.max_payload,
            options.has(Quirk::NeedsUserAgent),
            options.has(Quirk::NeedsJsonAccept),
        )
    };
    if needs_agent && wire::text(headers, &header::USER_AGENT).is_none_or(str::is_empty) {
        return Answer::refusal(&Refusal::plain(403, "send a User-Agent"));
    }
    let accepted = wire::text(headers, &header::ACCEPT).unwrap_or_default();
    if needs_json && !accepted.contains("application/json") {
        return Answer::refusal(&Refusal::plain(406, "accept application/json"));
    }
    // What a server can do may be asked by anyone (RFC 7644 §4).
    let open = path.trim_end_matches('/') == "/ServiceProviderConfig";
    let mut sees = Sees::All;
    if !open {
        let admission = server.admit(&Knock {
            header: wire::text(headers, &header::AUTHORIZATION),
            method: parts.method.as_str(),
            path: &decoded,
            wears_after: strikes.token_expires(),
            from: "http",
        });
        match admission {
            Admission::In(_, shown) => sees = shown,
            Admission::Refused => return Server::unauthorized(),
            Admission::Forbidden => return Answer::refusal(&Refusal::plain(403, "this token may not do that")),
        }
    }
    let label = wire::text(headers, &header::CONTENT_TYPE)
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let Ok(body) = to_bytes(body, max_payload).await else {
        return server.too_large();
    };
    let ask = Ask {
        method: parts.method.to_string(),
        path: path.to_owned(),
        parameters: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        if_match: wire::text(headers, &header::IF_MATCH).map(str::to_owned),
        if_none_match: wire::text(headers, &header::IF_NONE_MATCH).map(str::to_owned),
        body,
        mislabelled: !matches!(label.as_str(), "application/scim+json" | "application/json"),
        strikes: strikes.clone(),
        due: false,
        part: sees == Sees::Part,
    };
    let server = server.clone();
    // A filter without an index reads every document: not on a thread that serves sockets.
    tokio::task::spawn_blocking(move || server.tenant(sees).answer(&ask))
        .await
        .unwrap_or_else(|_| Answer::refusal(&Refusal::plain(500, "the request could not be answered")))
}

/// The largest body of a request for a token.
const LARGEST_WISH: usize = 64 << 10;

/// The token API's side of [`ask`].
async fn ask_for_tokens(server: &Arc<Server>, request: Request, strikes: &Strikes) -> Answer {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_WISH).await else {
        return server.too_large();
    };
    let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    server.token_api(&Call {
        knock: Knock {
            header: wire::text(&parts.headers, &header::AUTHORIZATION),
            method: parts.method.as_str(),
            path: parts.uri.path(),
            wears_after: strikes.token_expires(),
            from: "http",
        },
        key: key.filter(|key| !key.is_empty()),
        body: &body,
    })
}

fn dress(answer: &Answer, plain: bool, server: &Server) -> Response {
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !answer.body.is_empty() {
        let label = if plain { "application/json" } else { LABEL };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(label));
    }
    let mut put = |name, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    };
    put(header::ETAG, answer.etag.as_deref());
    put(header::LOCATION, answer.location.as_deref().filter(|_| answer.status == 201));
    put(
        header::CONTENT_LOCATION,
        answer.location.as_deref().filter(|_| answer.status == 200),
    );
    put(header::ALLOW, answer.allow);
    if answer.status == 401 {
        for challenge in challenges(server) {
            headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
    }
    response
}

fn challenges(server: &Server) -> Vec<&'static str> {
    let access = server.access();
    let options = access.options();
    let mut all = Vec::new();
    if options.bearer || options.client.is_some() {
        all.push("Bearer realm=\"scim\", error=\"invalid_token\"");
    }
    if options.basic.is_some() {
        all.push("Basic realm=\"scim\", charset=\"UTF-8\"");
    }
    all
}

fn dress_plain(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, LABEL)], refusal.to_value().to_string()).into_response()
}
