//! The provider's own API for its tokens, at the server's origin: an invented one, of the kind that providers have.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /api/tokens` `{"name", "expires"?, "expiresIn"?, "scopes"?}` | 201, the metadata and, this once, `token` |
//! | `GET /api/tokens` | 200 `{"tokens": […]}`: metadata, never a value |
//! | `GET /api/tokens/{id}` | 200, or 404 |
//! | `DELETE /api/tokens/{id}` | 204, or 404 |
//!
//! It is asked with a bearer token that has the scope `tokens:manage`. A POST with an `Idempotency-Key` that came before, and
//! the same body, gives the first answer again and makes nothing (draft-ietf-httpapi-idempotency-key-header). Refusals are
//! `{"error": {"code", "message"}}`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask::Answer;
use super::auth::{Access, Admission, Door, Knock};
use super::habit::{TokenHabit, TokenOptions};
use super::server::Server;
use super::token::{MintRequest, Scopes, Token, TokenKind, Wish, keep, sha256};
use crate::journal::millis;

/// Where it is.
pub(crate) const TOKENS: &str = "/api/tokens";
/// The longest name of a token.
const LONGEST_NAME: usize = 200;
/// How many answers are kept for their keys.
const MOST_KEYS: usize = 1_000;

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"error": {"code": code, "message": message}}))
}

fn time(millis: Option<i64>) -> Value {
    let at = millis.and_then(|millis| Timestamp::from_millisecond(millis).ok());
    at.map_or(Value::Null, |at| json!(at.to_string()))
}

fn metadata(token: &Token) -> Value {
    let mut shown = json!({
        "id": token.id, "name": token.name, "scopes": token.scopes.words(), "created": time(Some(token.created)),
        "expires": time(token.expires), "lastUsed": time(token.last_used),
    });
    if token.revoked.is_some() {
        shown["revoked"] = time(token.revoked);
        shown["worksUntil"] = time(token.ends);
    }
    shown
}

/// What a client sends to make a token, or why that is nothing.
fn wish(body: &[u8], now: i64) -> Result<Wish, &'static str> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "the body is no JSON")?;
    let name = body["name"].as_str().map(str::trim).unwrap_or_default();
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err("'name' is missing or too long");
    }
    let expires = match (&body["expires"], &body["expiresIn"]) {
        (Value::Null, Value::Null) => None,
        (Value::String(text), Value::Null) => {
            let at: Timestamp = text.parse().map_err(|_| "'expires' is no time of RFC 3339")?;
            Some(at.as_millisecond())
        }
        (Value::Null, seconds) => {
            let seconds = seconds.as_i64().ok_or("'expiresIn' is no number of seconds")?;
            Some(now.saturating_add(seconds.saturating_mul(1000)))
        }
        _ => return Err("'expires' and 'expiresIn' exclude each other"),
    };
    if expires.is_some_and(|end| end <= now || Timestamp::from_millisecond(end).is_err()) {
        return Err("the token would have expired already, or never");
    }
    let scopes = match &body["scopes"] {
        Value::Null => Scopes::ALL,
        Value::Array(words) if words.iter().all(Value::is_string) => {
            Scopes::read_words(words.iter().filter_map(Value::as_str)).ok_or("a scope is not known, or there is none")?
        }
        _ => return Err("'scopes' is no list of words"),
    };
    Ok(Wish {
        name: name.to_owned(),
        expires,
        scopes,
    })
}

/// What came in, apart from the credential.
pub(super) struct Call<'a> {
    pub(super) knock: Knock<'a>,
    pub(super) key: Option<&'a str>,
    pub(super) body: &'a [u8],
}

impl Server {
    /// Answers a request at [`TOKENS`] or below it.
    pub(super) fn token_api(&self, call: &Call<'_>) -> Answer {
        let policy = self.options().tokens.clone();
        let mut access = self.access();
        let by = match access.admit(&call.knock, Door::Tokens, &policy) {
            Admission::In(Some(by), _) => by,
            Admission::In(None, _) | Admission::Refused => {
                return refusal(401, "unauthorized", "the token is missing, wrong, or no longer good");
            }
            Admission::Forbidden => return refusal(403, "forbidden", "this token may not manage tokens"),
        };
        let rest = call.knock.path.strip_prefix(TOKENS).unwrap_or_default().trim_matches('/');
        let missing = || refusal(404, "not_found", "there is no such token");
        let now = millis();
        match (call.knock.method, rest) {
            ("GET", "") => {
                let all: Vec<Value> = access.tokens.listed(now).map(metadata).collect();
                Answer::json(200, &json!({"tokens": all}))
            }
            ("POST", "") => {
                let answer = access.mint(call, &by, &policy, self.base(), now);
                drop(access);
                self.lose_once(&policy, answer)
            }
            (_, "") => method_not_allowed("GET, POST"),
            ("GET", id) => {
                let found = access.tokens.listed(now).find(|token| token.id == id).map(metadata);
                found.map_or_else(missing, |token| Answer::json(200, &token))
            }
            ("DELETE", id) if access.tokens.revoke(id, &policy, now) => Answer::empty(204),
            ("DELETE", _) => missing(),
            _ => method_not_allowed("GET, DELETE"),
        }
    }

    /// Loses the answer to one request that made a token, where that was asked for: only the next one.
    fn lose_once(&self, policy: &TokenOptions, answer: Answer) -> Answer {
        let lost = answer.status == 201
            && policy.has(TokenHabit::LoseMint)
            // Two requests at a time: one of them takes it.
            && self.options_mut().tokens.habits.remove(&TokenHabit::LoseMint);
        if lost && let Some(request) = self.access().tokens.requests.back_mut() {
            request.lost = true;
        }
        Answer { lost, ..answer }
    }
}

fn method_not_allowed(allow: &'static str) -> Answer {
    Answer {
        allow: Some(allow),
        ..refusal(405, "method_not_allowed", "that cannot be done here")
    }
}

impl Access {
    fn mint(&mut self, call: &Call<'_>, by: &str, policy: &TokenOptions, issuer: &str, now: i64) -> Answer {
        let (answer, name, token) = self.minted(call, by, policy, issuer, now);
        let request = MintRequest {
            at: now,
            by: by.to_owned(),
            name,
            key: call.key.map(str::to_owned),
            status: answer.status,
            token,
            lost: false,
        };
        keep(&mut self.tokens.requests, request);
        answer
    }

    /// The answer, the name that was wanted, and the id of the token.
    fn minted(&mut self, call: &Call<'_>, by: &str, policy: &TokenOptions, issuer: &str, now: i64) -> (Answer, String, Option<String>) {
        let wish = match wish(call.body, now) {
            Ok(wish) => wish,
            Err(text) => return (refusal(400, "invalid", text), String::new(), None),
        };
        let name = wish.name.clone();
        let key = call.key.filter(|_| !policy.has(TokenHabit::NoReplay));
        let hash = sha256(&String::from_utf8_lossy(call.body));
        if let Some((before, id, answer)) = key.and_then(|key| self.tokens.replies.get(key)) {
            let again = if *before == hash {
                Answer::json(201, answer)
            } else {
                refusal(422, "key_reused", "this Idempotency-Key came with another request before")
            };
            let made = (*before == hash).then(|| id.clone());
            return (again, name, made);
        }
        let asks = self.tokens.listed(now).find(|token| token.id == by);
        let has = asks
            .filter(|token| token.kind == TokenKind::Scim)
            .map_or(Scopes::ALL, |token| token.scopes);
        if wish.scopes.write && !has.write || wish.scopes.read && !has.read {
            let text = "a token gives no rights that it does not have";
            return (refusal(403, "forbidden", text), name, None);
        }
        let prefix = self.prefix();
        let Some((token, value)) = self.tokens.make(&wish, policy, prefix, issuer, now) else {
            let text = "there are two tokens already: revoke one first";
            return (refusal(409, "too_many_tokens", text), name, None);
        };
        let mut shown = metadata(&token);
        shown["token"] = json!(value);
        if let Some(key) = key {
            if self.tokens.replies.len() >= MOST_KEYS {
                self.tokens.replies.pop_first();
            }
            self.tokens.replies.insert(key.to_owned(), (hash, token.id.clone(), shown.clone()));
        }
        let answer = Answer {
            location: Some(format!("{TOKENS}/{}", token.id)),
            ..Answer::json(201, &shown)
        };
        (answer, name, Some(token.id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_sent_a_wish_makes_sense_or_is_refused(
            name in "\\PC{0,300}",
            expires in proptest::option::of("[0-9T:Z+-]{0,25}|\\PC{0,20}"),
            seconds in proptest::option::of(any::<i64>()),
            scopes in proptest::option::of(proptest::collection::vec("scim:read|scim:write|tokens:manage|\\PC{0,9}", 0..4)),
            tail in "\\PC{0,3}",
        ) {
            let now = 1_795_000_000_000;
            let body = json!({"name": name, "expires": expires, "expiresIn": seconds, "scopes": scopes}).to_string();
            if let Ok(wish) = wish(body.as_bytes(), now) {
                prop_assert!(!wish.name.is_empty() && wish.expires.is_none_or(|end| end > now && time(Some(end)).is_string()));
                prop_assert!(!wish.scopes.words().is_empty());
                prop_assert!(expires.is_none() || seconds.is_none());
            }
            let _ = wish(format!("{body}{tail}").as_bytes(), now);
        }
    }
}
