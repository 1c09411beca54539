//! A provider's API as a recipe tells it: its requests, its list, its revoking.

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::api::{MOST, Revoked, TokenWish};
use super::recipe::{Headers, Recipe, Values, filled_body, filled_path, filled_text};
use super::standing::call;
use super::{ProviderToken, answer};
use crate::sources::SourceError;
use crate::sources::http::{Answer, HttpClient};
use crate::view::Request;

/// The most of a list, in bytes.
const MOST_LIST: usize = 8 * 1024 * 1024;
/// The most tokens of a list.
const MOST_TOKENS: usize = 10_000;

/// A recipe, and who asks.
#[derive(Clone)]
pub struct Told {
    pub(super) recipe: Recipe,
    pub(super) http: HttpClient,
}

pub(super) fn by_hand(what: &str) -> SourceError {
    SourceError::Setting {
        field: "Recipe",
        problem: format!("it has no request that {what}"),
        next: "Do it by hand at the provider.".into(),
    }
}

impl Told {
    fn at(&self, path: Option<String>) -> Result<String, SourceError> {
        let base = self.http.base();
        let unusable = || SourceError::Setting {
            field: "Recipe",
            problem: "its path leads to no address of the source's own".into(),
            next: "Correct the recipe.".into(),
        };
        let path = path.ok_or_else(unusable)?;
        let url: Url = format!("{}{path}", base.origin().ascii_serialization())
            .parse()
            .map_err(|_| unusable())?;
        // The path was checked when the recipe was read, and what fills it is encoded; this holds whatever comes.
        let same = url.origin() == base.origin() && url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let plain = path.split('?').next().unwrap_or_default();
        if same && url.path() == plain {
            Ok(url.into())
        } else {
            Err(unusable())
        }
    }

    fn request(&self, method: &str, path: &str, headers: &Headers, body: Option<&Value>, values: &Values) -> Result<Request, SourceError> {
        let mut all: Vec<(String, String)> = headers
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), filled_text(value, values)?)))
            .collect();
        let body = body.and_then(|body| filled_body(body, values)).map(|body| body.to_string());
        if body.is_some() && !all.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            all.push(("Content-Type".into(), "application/json".into()));
        }
        Ok(Request {
            method: method.to_owned(),
            url: self.at(filled_path(path, values))?,
            headers: all,
            body,
        })
    }

    pub(super) fn make_request(&self, wish: &TokenWish) -> Result<Request, SourceError> {
        let make = self.recipe.told().make.as_ref().ok_or_else(|| by_hand("makes a token"))?;
        let expires = wish.expires_at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        let values = Values {
            name: Some(wish.name.clone()),
            key: Some(wish.key.clone()),
            expires: expires.map(|at| at.to_string()),
            expires_in: wish.expires_at.map(|at| at.saturating_sub(wish.now) / 1000),
            id: None,
        };
        self.request(&make.method, &make.path, &make.headers, make.body.as_ref(), &values)
    }

    pub(super) fn revoke_request(&self, id: &str) -> Result<Request, SourceError> {
        let revoke = self.recipe.told().revoke.as_ref().ok_or_else(|| by_hand("revokes a token"))?;
        if id.trim().is_empty() || matches!(id, "." | "..") {
            return Err(SourceError::Setting {
                field: "Token",
                problem: "its id cannot stand in an address".into(),
                next: "Revoke it by hand at the provider.".into(),
            });
        }
        let values = Values {
            id: Some(id.to_owned()),
            ..Values::default()
        };
        self.request(&revoke.method, &revoke.path, &revoke.headers, revoke.body.as_ref(), &values)
    }

    pub(super) async fn list(&self, cancel: &CancellationToken) -> Result<Vec<ProviderToken>, SourceError> {
        let list = self.recipe.told().list.as_ref().ok_or_else(|| by_hand("lists tokens"))?;
        let request = self.request("GET", &list.path, &list.headers, None, &Values::default())?;
        let http = &self.http;
        let answer = http.send(call(http, &request)?.most_bytes(MOST_LIST), cancel).await?;
        let status = answer.status.as_u16();
        if status != 200 {
            return Err(refusal(http, &answer));
        }
        let read = answer.json(http)?;
        let wrong = |why: &str| SourceError::NotScim {
            at: answer.exchange(http),
            why: why.to_owned(),
        };
        let items = read.pointer(&list.items).and_then(Value::as_array);
        let items = items.ok_or_else(|| wrong("there is no list where the recipe says"))?;
        if items.len() > MOST_TOKENS {
            return Err(wrong("it lists more tokens than anybody has"));
        }
        let fields = &list.fields;
        items
            .iter()
            .map(|item| {
                let text = |pointer: Option<&str>| pointer.and_then(|pointer| answer::text(http, item.pointer(pointer)?));
                let at = |pointer: Option<&str>| pointer.and_then(|pointer| answer::time(item.pointer(pointer)?));
                let revoked = fields.revoked.as_deref().and_then(|pointer| item.pointer(pointer));
                Ok(ProviderToken {
                    id: text(Some(&fields.id)).ok_or_else(|| wrong("a token of its list has no id that can be used"))?,
                    name: text(fields.name.as_deref()).unwrap_or_default(),
                    created_at: at(fields.created.as_deref()),
                    expires_at: at(fields.expires.as_deref()),
                    used_at: at(fields.last_used.as_deref()),
                    // A flag, or a time.
                    revoked: revoked.is_some_and(|revoked| match revoked {
                        Value::Bool(revoked) => *revoked,
                        Value::String(text) => !text.trim().is_empty() && !text.eq_ignore_ascii_case("false"),
                        Value::Number(_) => true,
                        _ => false,
                    }),
                    works_until: at(fields.works_until.as_deref()),
                    ours: false,
                })
            })
            .collect()
    }

    pub(super) async fn revoke(&self, id: &str, cancel: &CancellationToken) -> Result<Revoked, SourceError> {
        let request = self.revoke_request(id)?;
        let http = &self.http;
        let answer = http.send(call(http, &request)?.once_as_it_comes().most_bytes(MOST), cancel).await?;
        let status = answer.status.as_u16();
        match status {
            200..=299 => Ok(Revoked {
                status,
                already_gone: false,
            }),
            404 | 410 if !answer.looks_like_html() => Ok(Revoked {
                status,
                already_gone: true,
            }),
            _ => Err(refusal(http, &answer)),
        }
    }
}

/// The error of an answer whose status says no.
fn refusal(http: &HttpClient, answer: &Answer) -> SourceError {
    let at = answer.exchange(http);
    if answer.looks_like_html() {
        return SourceError::Html { at };
    }
    match answer.status.as_u16() {
        status @ 500..=599 => SourceError::ServerFailed { at, status, tries: 1 },
        _ => refused(http, answer, || {
            let read = answer.json(http).ok();
            read.and_then(|read| answer::message(http, &read)).unwrap_or_default()
        }),
    }
}

/// The error of a status by which a request was refused; `detail` gives what the answer says.
pub(super) fn refused(http: &HttpClient, answer: &Answer, detail: impl FnOnce() -> String) -> SourceError {
    let at = answer.exchange(http);
    match answer.status.as_u16() {
        401 => SourceError::Unauthorized { at },
        403 => SourceError::Forbidden { at },
        404 | 410 => SourceError::NotFound { at, better: None },
        429 => SourceError::RateLimited {
            at,
            wait_ms: answer
                .asks_to_wait()
                .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            limit_ms: http.limits().longest_wait_ms,
        },
        status => SourceError::Rejected {
            at,
            status,
            scim_type: None,
            detail: detail(),
        },
    }
}
