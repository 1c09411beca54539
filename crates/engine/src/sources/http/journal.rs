//! A journal of requests and answers, for evidence: each request that goes over the wire, as it went, and what came back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use url::Url;

use super::{Answer, Call, HttpClient};
use crate::secrets::hex;
use crate::sources::SourceError;
use crate::sources::doors::Asked;
use crate::view::Request;

/// So many are kept from the beginning, and as many from the end.
const KEPT: usize = 20;
/// Characters of an answer that are kept.
const EXCERPT: usize = 2_000;

#[derive(Default)]
struct Notes {
    asked: Vec<Asked>,
    left_out: u64,
}

/// What was asked through a client that takes notes; see [`HttpClient::noting`]. Clones share it.
#[derive(Clone, Default)]
pub(in crate::sources) struct Journal(Arc<Mutex<Notes>>);

impl Journal {
    fn note(&self, asked: Asked) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.asked.push(asked);
        // A list of many pages: its first and its last ones tell the most.
        if notes.asked.len() > 2 * KEPT {
            notes.asked.remove(KEPT);
            notes.left_out += 1;
        }
    }

    /// Everything that was noted since the last time, in order, and how many in the middle were left out.
    pub(in crate::sources) fn take(&self) -> (Vec<Asked>, u64) {
        let notes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        (notes.asked, notes.left_out)
    }
}

impl HttpClient {
    /// The same client, which notes each request that goes with a source's credential, repeats included.
    pub(in crate::sources) fn noting(&self) -> (Self, Journal) {
        let journal = Journal::default();
        (self.noting_in(&journal), journal)
    }

    /// The same client, which notes in a journal that there is.
    pub(in crate::sources) fn noting_in(&self, journal: &Journal) -> Self {
        Self {
            inner: self.inner.clone(),
            journal: Some(journal.clone()),
        }
    }

    /// Notes one exchange, where notes are taken.
    pub(super) fn note(&self, call: &Call, url: &Url, took: Duration, came: &Result<Answer, SourceError>) {
        let Some(journal) = &self.journal else { return };
        let redactor = &self.inner.redactor;
        let open = |_: &&Answer| !call.veiled;
        let (answer, fault) = match came {
            Ok(answer) => (Some(answer), None),
            Err(error) => (None, Some(error)),
        };
        let headers = call
            .headers
            .iter()
            .filter(|(name, _)| **name != AUTHORIZATION)
            .map(|(name, value)| (name.to_string(), redactor.mask(&String::from_utf8_lossy(value.as_bytes()))))
            .collect();
        journal.note(Asked {
            request: Request {
                method: call.method.to_string(),
                url: redactor.mask(self.without_own_query(url).as_str()),
                headers,
                body: call
                    .body
                    .as_ref()
                    .filter(|_| !call.veiled)
                    .map(|body| redactor.mask(&String::from_utf8_lossy(body))),
            },
            status: answer
                .map(|answer| answer.status.as_u16())
                .or_else(|| fault.and_then(SourceError::status)),
            request_id: answer
                .map(|answer| answer.at.as_ref())
                .or_else(|| fault.and_then(SourceError::exchange))
                .and_then(|at| at.request_id.clone()),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            excerpt: answer
                .filter(open)
                .map(|answer| redactor.excerpt(&answer.body, EXCERPT))
                .unwrap_or_default(),
            sha256: answer.filter(open).map(|answer| hex(&Sha256::digest(&answer.body))),
            fault: fault.map(SourceError::fault),
        });
    }

    /// An address without the query that the base URL itself carries: that is a setting, and may hold a key.
    pub(in crate::sources) fn without_own_query(&self, url: &Url) -> Url {
        let mut url = url.clone();
        let Some(own) = self.inner.base.query() else { return url };
        let rest = url
            .query()
            .and_then(|query| query.strip_prefix(own))
            .map(|rest| rest.trim_start_matches('&').to_owned());
        if let Some(rest) = rest {
            url.set_query((!rest.is_empty()).then_some(rest.as_str()));
        }
        url
    }

    /// The same address with that query.
    pub(in crate::sources) fn with_own_query(&self, url: &Url) -> Url {
        let mut url = url.clone();
        if let Some(own) = self.inner.base.query().filter(|own| !own.is_empty()) {
            let whole = match url.query().filter(|query| !query.is_empty()) {
                Some(rest) => format!("{own}&{rest}"),
                None => own.to_owned(),
            };
            url.set_query(Some(&whole));
        }
        url
    }
}
