//! Answers by their names, and pages as documents.

use bytes::Bytes;
use lanyard_scim::page::MAX_DEPTH;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;
use xxhash_rust::xxh3::xxh3_128;

use super::BackstageClient;
use super::columns;
use crate::record::ResourceKind;
use crate::sources::SourceError;
use crate::sources::http::{Answer, Call, nesting};
use crate::sources::scim::page::ReadPage;
use crate::sources::scim::reading::Facts;

/// Times that a request is made again because its JSON was broken.
const BROKEN_TRIES: u32 = 3;
/// From this size on, an answer is read on a thread that may block.
const LARGE: usize = 64 * 1024;

/// The answer of `/entities/by-query`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    total_items: Option<u64>,
    page_info: Option<PageInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    next_cursor: Option<String>,
}

/// What a page should hold.
#[derive(Clone, Copy)]
pub(super) struct Expected {
    /// What kind of documents.
    pub(super) kind: ResourceKind,
    /// Entities of this kind and no other, in lowercase.
    pub(super) only: Option<&'static str>,
}

/// What Backstage says of an error, `{"error":{"name":…,"message":…},…}`; none where it does not say it in that shape. The text may be
/// the beginning of an answer only.
pub(super) fn message_in(answer: &str) -> Option<String> {
    let from = answer.find("\"message\"")? + "\"message\"".len();
    let value = answer[from..].trim_start().strip_prefix(':')?.trim_start();
    let mut texts = serde_json::Deserializer::from_str(value).into_iter::<String>();
    texts.next()?.ok().filter(|text| !text.trim().is_empty())
}

/// Lets an answer pass that holds what was asked for, by its status.
fn expect_content(client: &BackstageClient, answer: &Answer) -> Result<(), SourceError> {
    let http = client.http();
    let at = answer.exchange(http);
    match answer.status.as_u16() {
        200 | 201 | 203 => Ok(()),
        status @ (100..=199 | 202 | 204..=399) => Err(SourceError::NotScim {
            at,
            why: format!("it answers with status {status}"),
        }),
        401 => Err(SourceError::Unauthorized { at }),
        403 => Err(SourceError::Forbidden { at }),
        404 | 410 => Err(SourceError::NotFound { at, better: None }),
        status => {
            let said = std::str::from_utf8(&answer.body).ok().and_then(message_in);
            Err(SourceError::Rejected {
                at,
                status,
                scim_type: None,
                detail: said.map(|said| http.fit_to_show(&said)).unwrap_or_default(),
            })
        }
    }
}

impl BackstageClient {
    /// Sends a call and reads its answer by `read`, away from the reactor when it is large. A broken answer is asked for again.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        call: impl Fn() -> Call,
        read: impl Fn(&Bytes) -> Result<T, Unread> + Send + Sync + Clone + 'static,
        cancel: &CancellationToken,
    ) -> Result<T, SourceError> {
        for tried in 1.. {
            let answer = self.http().send(call(), cancel).await?;
            expect_content(self, &answer)?;
            let (body, reader) = (answer.body.clone(), read.clone());
            let done = if body.len() < LARGE {
                reader(&body)
            } else {
                let task = tokio::task::spawn_blocking(move || reader(&body)).await;
                // The runtime is going down; nobody will look at this.
                task.unwrap_or(Err(Unread::Broken("it could not be read to its end".into())))
            };
            match done {
                Ok(done) => return Ok(done),
                Err(why) => {
                    let error = self.unreadable(&answer, why);
                    if !matches!(error, SourceError::BrokenJson { .. }) || tried >= BROKEN_TRIES.min(self.http().limits().tries) {
                        return Err(error);
                    }
                }
            }
            self.http().pause(tried, "the answer was broken; trying again", cancel).await?;
        }
        // The loop ends by one of its returns only.
        Err(SourceError::Cancelled)
    }

    fn unreadable(&self, answer: &Answer, why: Unread) -> SourceError {
        let at = answer.exchange(self.http());
        if answer.looks_like_html() {
            return SourceError::Html { at };
        }
        match why {
            Unread::TooDeep => SourceError::TooDeep { at, limit: MAX_DEPTH },
            Unread::Broken(why) => SourceError::BrokenJson {
                at,
                why: self.http().fit_to_show(&why),
            },
            Unread::Strange(why) => SourceError::NotScim {
                at,
                why: self.http().fit_to_show(&why),
            },
        }
    }
}

/// Why a body could not be read.
pub(super) enum Unread {
    /// It is no JSON, or ends too early.
    Broken(String),
    /// It is nested too deeply.
    TooDeep,
    /// It is JSON, and not what was asked for.
    Strange(String),
}

/// Reads JSON of a shape. What is JSON of another shape is strange, not broken.
pub(super) fn json<'a, T: Deserialize<'a>>(body: &'a Bytes, what: &str) -> Result<T, Unread> {
    if nesting::deeper_than(MAX_DEPTH, body) {
        return Err(Unread::TooDeep);
    }
    serde_json::from_slice(body).map_err(|error| {
        if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
            Unread::Strange(format!("its answer is not {what}"))
        } else {
            Unread::Broken(error.to_string())
        }
    })
}

/// A page of documents: each one's place in the body and its id's hash.
pub(super) fn page(body: &Bytes, expected: Expected) -> Result<ReadPage, Unread> {
    // `/entities` and RBAC's lists are bare.
    let bare = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let (items, total, next_cursor) = if bare {
        (json(body, "a list")?, None, None)
    } else {
        let page: Page<'_> = json(body, "a page of a list")?;
        (page.items, page.total_items, page.page_info.and_then(|info| info.next_cursor))
    };
    let start = body.as_ptr() as usize;
    let mut resources = Vec::with_capacity(items.len());
    let mut ids = Vec::with_capacity(items.len());
    let mut unreadable = 0;
    for item in items {
        let text = item.get();
        let Some(id) = columns::id(expected.kind, text.as_bytes()) else {
            unreadable += 1;
            continue;
        };
        if let Some(only) = expected.only.filter(|only| !is_of(&id, only)) {
            return Err(Unread::Strange(format!(
                "it gives {} where each {only} was asked for",
                id.split(':').next().unwrap_or("something else")
            )));
        }
        ids.push(xxh3_128(id.as_bytes()));
        // A raw value borrows from the body: its place is the difference of two addresses.
        let from = text.as_ptr() as usize - start;
        resources.push(from..from + text.len());
    }
    Ok(ReadPage {
        body: body.clone(),
        resources,
        facts: Facts {
            ids,
            unreadable,
            total,
            next_cursor,
        },
    })
}

/// Whether a reference is of that kind.
pub(super) fn is_of(reference: &str, kind: &str) -> bool {
    reference.strip_prefix(kind).is_some_and(|rest| rest.starts_with(':'))
}
