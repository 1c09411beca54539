//! Requests of the client: their URLs, and the answers as pages or JSON.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::page::{self, ReadPage};
use super::reading::{Ask, Role};
use super::{ScimClient, answer};
use crate::sources::SourceError;
use crate::sources::http::{Call, HttpClient};

/// Times that a page is asked for again because its JSON was broken.
const BROKEN_TRIES: u32 = 3;

/// What stays the same over the pages of one list.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) endpoint: Arc<str>,
    pub(super) filter: Option<Arc<str>>,
    pub(super) attributes: Option<&'static str>,
}

impl Target {
    pub(super) fn new(endpoint: &str, filter: Option<&str>) -> Self {
        Self {
            endpoint: endpoint.into(),
            filter: filter.map(Into::into),
            attributes: None,
        }
    }
}

/// A filter's string value in quotes (RFC 7644 §3.4.2.2: as in JSON).
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Whether an id can stand in an address. `.` and `..` cannot: a URL would lose them, and the address would be the collection's.
pub(super) fn askable(id: &str) -> Result<(), SourceError> {
    if id.trim().is_empty() || matches!(id, "." | "..") {
        return Err(SourceError::Setting {
            field: "Resource",
            problem: "its id cannot be asked for by a URL".into(),
            next: "Read the whole list instead.".into(),
        });
    }
    Ok(())
}

impl ScimClient {
    pub(in crate::sources) fn http(&self) -> &HttpClient {
        &self.inner.http
    }

    /// The URL of an endpoint below the base, with a query. Spaces are `%20`, as in the RFC: not every server reads `+` as one.
    pub(super) fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.http().below(path.split('/'));
        if !query.is_empty() {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(query);
            let query = form.finish().replace('+', "%20");
            let whole = match url.query() {
                Some(own) if !own.is_empty() => format!("{own}&{query}"),
                _ => query,
            };
            url.set_query(Some(&whole));
        }
        url
    }

    /// Asks for one page.
    pub(super) async fn page(&self, target: &Target, ask: &Ask, cancel: &CancellationToken) -> Result<ReadPage, SourceError> {
        let (number, count);
        let mut query: Vec<(&str, &str)> = Vec::with_capacity(3);
        let mut tries = None;
        match ask {
            Ask::Index { start, count: many, role } => {
                (number, count) = (start.to_string(), many.to_string());
                query.push(("startIndex", &number));
                query.push(("count", &count));
                // An attempt whose failure is an answer too.
                tries = (*role == Role::Trial).then_some(2);
            }
            Ask::Cursor { cursor, count: many } => {
                count = many.to_string();
                query.push(("cursor", cursor.as_deref().unwrap_or_default()));
                query.push(("count", &count));
            }
        }
        self.page_with(target, &query, tries, cancel).await
    }

    /// Asks for a page with a query of any kind.
    pub(super) async fn page_with(
        &self,
        target: &Target,
        query: &[(&str, &str)],
        tries: Option<u32>,
        cancel: &CancellationToken,
    ) -> Result<ReadPage, SourceError> {
        let mut query = query.to_vec();
        if let Some(filter) = &target.filter {
            query.push(("filter", filter));
        }
        if let Some(attributes) = target.attributes {
            query.push(("attributes", attributes));
        }
        let url = self.url(&target.endpoint, &query);
        let most = tries.unwrap_or(self.http().limits().tries).min(BROKEN_TRIES);
        for tried in 1.. {
            let mut call = Call::get(url.clone());
            if let Some(tries) = tries {
                call = call.tries(tries);
            }
            let answer = self.http().send(call, cancel).await?;
            answer::expect_content(self.http(), &answer)?;
            match page::read(answer.body.clone()).await {
                Ok(page) => return Ok(page),
                Err(error) => {
                    let error = answer::unreadable(self.http(), &answer, error);
                    // Seen where a server breaks down while it writes: the next answer is whole.
                    if !matches!(error, SourceError::BrokenJson { .. }) || tried >= most {
                        return Err(error);
                    }
                }
            }
            self.http().pause(tried, "the answer was broken; trying again", cancel).await?;
        }
        // The loop ends by one of its returns only.
        Err(SourceError::Cancelled)
    }

    /// A JSON document below the base.
    pub(super) async fn json(&self, path: &str, tries: u32, cancel: &CancellationToken) -> Result<Value, SourceError> {
        let answer = self.http().send(Call::get(self.url(path, &[])).tries(tries), cancel).await?;
        answer::expect_content(self.http(), &answer)?;
        answer.json(self.http())
    }

    /// One resource; none when it is not there.
    pub(super) async fn resource(&self, endpoint: &str, id: &str, cancel: &CancellationToken) -> Result<Option<Bytes>, SourceError> {
        askable(id)?;
        let mut url = self.url(endpoint, &[]);
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(id);
        }
        let answer = self.http().send(Call::get(url), cancel).await?;
        if matches!(answer.status.as_u16(), 404 | 410) {
            // A web page says that the address leads elsewhere, not that somebody is gone.
            return if answer.looks_like_html() {
                Err(SourceError::Html {
                    at: answer.exchange(self.http()),
                })
            } else {
                Ok(None)
            };
        }
        answer::expect_content(self.http(), &answer)?;
        let value = answer.json(self.http())?;
        let not_scim = |why: &str| SourceError::NotScim {
            at: answer.exchange(self.http()),
            why: why.into(),
        };
        let found = value
            .as_object()
            .and_then(|map| map.iter().find(|(key, _)| key.eq_ignore_ascii_case("id")))
            .map(|(_, id)| id);
        let same = match found {
            Some(Value::String(text)) => text == id,
            Some(Value::Number(number)) => number.to_string() == id,
            _ => return Err(not_scim("the resource that it gives has no id")),
        };
        if !same {
            return Err(not_scim("it gives another resource than was asked for"));
        }
        let body = answer.body.clone();
        Ok(Some(if body.starts_with(b"\xef\xbb\xbf") { body.slice(3..) } else { body }))
    }
}
