//! What truly happened, and when; and each writing request that came in. Whoever checks a client's verdicts reads here.
//!
//! Both lists outlive the client that is being tested: they stand in the lab, not in the client.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// How many of each are remembered.
const REMEMBERED: usize = 50_000;

/// One change of what a system holds, as it took effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Counted from 1, over all systems.
    pub number: u64,
    /// When it took effect, in milliseconds since 1970.
    pub at: i64,
    /// `idp`, `ledgerly`, `portal` or `azure`.
    pub system: &'static str,
    /// What happened.
    pub what: What,
    /// Whom or what it happened to, by the system's own id.
    pub id: String,
    /// The name for people, where there is one.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub name: String,
    /// What it joined, left, was granted or lost: a group's id, a role's, an assignment's.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub of: String,
}

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// It is there now.
    Appeared,
    /// It is there no more.
    Vanished,
    /// The account works.
    Enabled,
    /// The account is switched off.
    Disabled,
    /// It became an orphan: still there, without a source.
    Orphaned,
    /// It is a member now.
    Joined,
    /// It is a member no more.
    Left,
    /// It was given a role.
    Granted,
    /// A role was taken away.
    Revoked,
    /// Its sessions from before are worth nothing any more.
    SessionsEnded,
}

/// One request that asked for a change, whatever came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Write {
    /// Counted from 1, over all systems.
    pub number: u64,
    /// When it came in, in milliseconds since 1970.
    pub at: i64,
    /// `idp`, `ledgerly`, `portal`, `graph` or `arm`.
    pub system: &'static str,
    /// HTTP method.
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// SHA-256 of the body, in hex.
    pub body: String,
    /// Status of the answer; 0 while there is none, and for good where the connection ended without one.
    pub status: u16,
}

#[derive(Debug, Default)]
struct Log {
    events: VecDeque<Event>,
    writes: VecDeque<Write>,
    last_event: u64,
    last_write: u64,
}

/// The lab's memory. Cloning is cheap, and every clone is the same one.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    log: Arc<Mutex<Log>>,
}

fn keep<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() == REMEMBERED {
        list.pop_front();
    }
    list.push_back(item);
}

/// Milliseconds since 1970.
pub(crate) fn millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

impl Journal {
    // A lock that a panicking test left poisoned still guards whole data: each line is added whole.
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every change that took effect, oldest first, at most some 50,000.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.log().events.iter().cloned().collect()
    }

    /// Every writing request, oldest first, at most some 50,000. Questions that are sent by POST are not among them.
    #[must_use]
    pub fn writes(&self) -> Vec<Write> {
        self.log().writes.iter().cloned().collect()
    }

    /// The last time that this happened to somebody in a system, in milliseconds since 1970.
    #[must_use]
    pub fn last(&self, system: &str, what: What, id: &str) -> Option<i64> {
        let log = self.log();
        let mut found = log.events.iter().rev();
        found
            .find(|event| event.system == system && event.what == what && event.id.eq_ignore_ascii_case(id))
            .map(|event| event.at)
    }

    /// Forgets the requests so far; the numbers go on.
    pub fn forget_writes(&self) {
        self.log().writes.clear();
    }

    pub(crate) fn happened(&self, system: &'static str, what: What, id: impl Into<String>, name: impl Into<String>, of: impl Into<String>) {
        let mut log = self.log();
        log.last_event += 1;
        let event = Event {
            number: log.last_event,
            at: millis(),
            system,
            what,
            id: id.into(),
            name: name.into(),
            of: of.into(),
        };
        keep(&mut log.events, event);
    }

    /// Notes a request before it is acted on. Gives its number.
    pub(crate) fn came(&self, system: &'static str, method: &str, target: &str, body: &[u8]) -> u64 {
        let hash = Sha256::digest(body);
        let body = hash
            .iter()
            .fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"));
        let mut log = self.log();
        log.last_write += 1;
        let number = log.last_write;
        let write = Write {
            number,
            at: millis(),
            system,
            method: method.to_owned(),
            target: target.to_owned(),
            body,
            status: 0,
        };
        keep(&mut log.writes, write);
        number
    }

    /// Notes how a request was answered.
    pub(crate) fn answered(&self, number: u64, status: u16) {
        let mut log = self.log();
        // The one that was just answered is among the last.
        if let Some(write) = log.writes.iter_mut().rev().find(|write| write.number == number) {
            write.status = status;
        }
    }
}

/// Whether a request asks for a change: some POSTs only ask a question whose text is too long for an address.
pub(crate) fn is_write(method: &str, path: &str) -> bool {
    const QUESTIONS: [&str; 10] = [
        "/by-query",
        "/by-refs",
        "/.search",
        "/getByIds",
        "/getEntities",
        "/$batch",
        "/authorize",
        "/validateCredentials",
        "/oauth/token",
        "/app/session",
    ];
    match method {
        "PUT" | "PATCH" | "DELETE" => true,
        "POST" => !QUESTIONS.iter().any(|question| path.ends_with(question)) && !path.starts_with("/api/auth/"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_by_post_are_no_writes() {
        assert!(is_write("POST", "/scim/v2/Users") && is_write("DELETE", "/v1.0/users/x") && is_write("POST", "/api/catalog/refresh"));
        for (method, path) in [
            ("GET", "/scim/v2/Users"),
            ("POST", "/scim/v2/Users/.search"),
            ("POST", "/v1.0/directoryObjects/getByIds"),
            ("POST", "/api/permission/authorize"),
            ("POST", "/api/auth/v1/token"),
        ] {
            assert!(!is_write(method, path), "{method} {path}");
        }
    }

    #[test]
    fn a_request_is_noted_before_its_answer() {
        let journal = Journal::default();
        let number = journal.came("idp", "PATCH", "/scim/v2/Users/1", b"");
        let noted = journal.writes();
        assert_eq!((noted[0].status, noted[0].number), (0, number));
        // SHA-256 of nothing.
        assert!(noted[0].body.starts_with("e3b0c44298fc1c14"));
        journal.answered(number, 204);
        assert_eq!(journal.writes()[0].status, 204);
    }
}
