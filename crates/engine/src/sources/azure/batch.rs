//! `POST /$batch`: up to twenty questions in one request, each with a status of its own.
//!
//! <https://learn.microsoft.com/graph/json-batching>

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::wire;
use crate::sources::SourceError;
use crate::sources::http::{Answer, HttpClient};

/// The most questions in one request.
pub(super) const MOST: usize = 20;

/// The answer to one of the questions.
pub(super) struct Item {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

impl Item {
    /// Whether the object is not there, as Graph says it. Another 404 says nothing of the object.
    pub(super) fn is_absent(&self) -> bool {
        wire::is_absent(self.status, &self.body)
    }
}

#[derive(Deserialize)]
struct BatchAnswer<'a> {
    #[serde(borrow)]
    responses: Vec<Response<'a>>,
}

#[derive(Deserialize)]
struct Response<'a> {
    id: String,
    status: u16,
    #[serde(default)]
    headers: HashMap<String, serde_json::Value>,
    #[serde(default, borrow)]
    body: Option<&'a RawValue>,
}

impl Response<'_> {
    fn asks_to_wait(&self) -> Option<Duration> {
        let (_, value) = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
        let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

/// Asks up to [`MOST`] questions, GETs of these addresses below the version (`/users/…`). What is refused for its number is asked again,
/// that alone, after the wait that it asks for or a growing one. Gives the answers in the order of the questions, with the last exchange.
///
/// # Errors
/// When one of the questions got no answer after all tries; [`SourceError::Unauthorized`] where one is refused for its token.
pub(super) async fn ask(http: &HttpClient, questions: &[String], cancel: &CancellationToken) -> Result<(Vec<Item>, Answer), SourceError> {
    let mut answers: Vec<Option<Item>> = questions.iter().map(|_| None).collect();
    let mut tried = 0;
    loop {
        let open: Vec<usize> = (0..questions.len()).filter(|at| answers[*at].is_none()).collect();
        tried += 1;
        let requests: Vec<_> = open
            .iter()
            .map(|at| json!({"id": at.to_string(), "method": "GET", "url": questions[*at]}))
            .collect();
        let call = wire::question(http.below(["$batch"]), &json!({ "requests": requests }));
        let answer = wire::ask(http, call, cancel).await?;
        let read: BatchAnswer<'_> = serde_json::from_slice(&answer.body).map_err(|error| SourceError::BrokenJson {
            at: answer.exchange(http),
            why: http.fit_to_show(&error.to_string()),
        })?;
        let mut limited = false;
        let mut wait: Option<Duration> = None;
        let mut failed = None;
        for response in &read.responses {
            let Some(at) = response.id.parse::<usize>().ok().filter(|at| open.contains(at)) else {
                continue;
            };
            match response.status {
                401 => return Err(SourceError::Unauthorized { at: answer.exchange(http) }),
                429 => {
                    limited = true;
                    wait = wait.max(response.asks_to_wait());
                }
                408 | 500 | 502..=504 => {
                    failed = Some(response.status);
                    wait = wait.max(response.asks_to_wait());
                }
                status => {
                    let body = response
                        .body
                        .map_or_else(Bytes::new, |body| answer.body.slice_ref(body.get().as_bytes()));
                    answers[at] = Some(Item { status, body });
                }
            }
        }
        if answers.iter().any(Option::is_none) {
            let error = || match (limited, failed) {
                (false, Some(status)) => SourceError::ServerFailed {
                    at: answer.exchange(http),
                    status,
                    tries: tried,
                },
                (false, None) => SourceError::NotScim {
                    at: answer.exchange(http),
                    why: "it leaves out questions of a batch".into(),
                },
                (true, _) => SourceError::RateLimited {
                    at: answer.exchange(http),
                    wait_ms: wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
                    limit_ms: http.limits().longest_wait_ms,
                },
            };
            if tried >= http.limits().tries {
                return Err(error());
            }
            if !http.give_room(tried, wait, cancel).await? {
                return Err(error());
            }
        } else {
            return Ok((answers.into_iter().flatten().collect(), answer));
        }
    }
}
