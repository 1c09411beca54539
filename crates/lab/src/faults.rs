//! What goes wrong on request: parsed from text such as `429:no-retry-after@0.1`, and decided by the number of a request.
//!
//! The same seed and the same order of requests give the same faults.

use std::str::FromStr;
use std::time::Duration;

use crate::company::mix;

/// What a 429 says about when to come back (RFC 9110 §10.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many seconds.
    Seconds(u64),
    /// At a date: one second from now, rounded up.
    Date,
    /// Nothing.
    Missing,
}

/// One way in which a server fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// `429`, `429:SECONDS`, `429:date`, `429:no-retry-after`: too many requests. A second, unless said otherwise.
    TooMany(RetryAfter),
    /// `5xx`, or one such as `503`: the server breaks; which status it is changes from time to time.
    ServerError(Option<u16>),
    /// `slow:200ms`, `slow:2s`: the answer comes late.
    Slow(Duration),
    /// `drop`: the connection ends before the answer.
    Drop,
    /// `lose-answer`: a write is acted on, and then the connection ends without an answer.
    LoseAnswer,
    /// `cut`: the connection ends within the body.
    Cut,
    /// `truncate`: a whole answer whose JSON ends too early.
    Truncate,
    /// `garbage`: a 200 whose body is not JSON.
    Garbage,
    /// `html`: a 200 with a login page.
    Html,
    /// `redirect`: a 302 to another origin.
    Redirect,
    /// `empty-list`: a list request answers 200 and nobody at all.
    EmptyList,
    /// `shift`: while pages are read by index, resources move to another page.
    Shift,
    /// `token-expires:50`: each token is refused after so many requests.
    TokenExpires(u64),
    /// `etag-none`: no entity tags at all.
    EtagNone,
}

/// A failure and how often it comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// Share of the requests that it happens to, from 0 to 1.
    pub rate: f64,
}

/// A fault that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such fault.
    #[error("there is no fault '{0}'")]
    Unknown(String),
    /// The part behind the colon does not fit.
    #[error("'{argument}' does not fit the fault '{fault}'")]
    Argument {
        /// The fault's word.
        fault: String,
        /// What stood behind the colon.
        argument: String,
    },
    /// The rate is no number from 0 to 1.
    #[error("'{0}' is no rate: a number from 0 to 1 is needed behind the @")]
    Rate(String),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (text, rate) = match text.rsplit_once('@') {
            Some((text, rate)) => {
                let parsed = rate.parse::<f64>().ok().filter(|rate| (0.0..=1.0).contains(rate));
                (text, Some(parsed.ok_or_else(|| FaultError::Rate(rate.to_owned()))?))
            }
            None => (text, None),
        };
        let (word, argument) = match text.split_once(':') {
            Some((word, argument)) => (word, Some(argument)),
            None => (text, None),
        };
        let misfit = || FaultError::Argument {
            fault: word.to_owned(),
            argument: argument.unwrap_or_default().to_owned(),
        };
        let (kind, usual) = match (word, argument) {
            ("429", None) => (FaultKind::TooMany(RetryAfter::Seconds(1)), 0.1),
            ("429", Some("no-retry-after")) => (FaultKind::TooMany(RetryAfter::Missing), 0.1),
            ("429", Some("date")) => (FaultKind::TooMany(RetryAfter::Date), 0.1),
            ("429", Some(seconds)) => (FaultKind::TooMany(RetryAfter::Seconds(seconds.parse().map_err(|_| misfit())?)), 0.1),
            ("5xx", None) => (FaultKind::ServerError(None), 0.1),
            ("slow", Some(time)) => (FaultKind::Slow(duration(time).ok_or_else(misfit)?), 1.0),
            ("drop", None) => (FaultKind::Drop, 0.1),
            ("lose-answer", None) => (FaultKind::LoseAnswer, 0.1),
            ("cut", None) => (FaultKind::Cut, 0.1),
            ("truncate", None) => (FaultKind::Truncate, 0.1),
            ("garbage", None) => (FaultKind::Garbage, 0.1),
            ("html", None) => (FaultKind::Html, 0.1),
            ("redirect", None) => (FaultKind::Redirect, 0.1),
            ("empty-list", None) => (FaultKind::EmptyList, 0.1),
            ("shift", None) => (FaultKind::Shift, 0.5),
            ("token-expires", Some(after)) => (FaultKind::TokenExpires(after.parse().map_err(|_| misfit())?), 1.0),
            ("etag-none", None) => (FaultKind::EtagNone, 1.0),
            (status, None) if matches!(status, "500" | "502" | "503" | "504") => (FaultKind::ServerError(status.parse().ok()), 0.1),
            (
                "5xx" | "drop" | "lose-answer" | "cut" | "truncate" | "garbage" | "html" | "redirect" | "empty-list" | "shift"
                | "etag-none",
                Some(_),
            )
            | ("slow" | "token-expires", None) => return Err(misfit()),
            _ => return Err(FaultError::Unknown(text.to_owned())),
        };
        Ok(Self {
            kind,
            rate: rate.unwrap_or(usual),
        })
    }
}

/// A time such as `200ms` or `2s`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    match text.strip_suffix("ms") {
        Some(millis) => millis.parse().ok().map(Duration::from_millis),
        None => text.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
}

/// The faults that happen to one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Strikes {
    kinds: Vec<FaultKind>,
    number: u64,
}

impl Strikes {
    /// Decides for the request of this number, counted from 1.
    pub(crate) fn decide(faults: &[Fault], seed: u64, number: u64) -> Self {
        let struck = |(place, fault): (usize, &Fault)| {
            let luck = mix(mix(seed, 0xfa17 + place as u64), number) >> 11;
            ((luck as f64) < fault.rate * (1_u64 << 53) as f64).then_some(fault.kind)
        };
        Self {
            kinds: faults.iter().enumerate().filter_map(struck).collect(),
            number,
        }
    }

    pub(crate) fn has(&self, kind: FaultKind) -> bool {
        self.kinds.contains(&kind)
    }

    pub(crate) fn delay(&self) -> Option<Duration> {
        self.kinds.iter().find_map(|kind| match kind {
            FaultKind::Slow(time) => Some(*time),
            _ => None,
        })
    }

    pub(crate) fn token_expires(&self) -> Option<u64> {
        self.kinds.iter().find_map(|kind| match kind {
            FaultKind::TokenExpires(after) => Some(*after),
            _ => None,
        })
    }

    pub(crate) fn too_many(&self) -> Option<RetryAfter> {
        self.kinds.iter().find_map(|kind| match kind {
            FaultKind::TooMany(after) => Some(*after),
            _ => None,
        })
    }

    pub(crate) fn server_error(&self) -> Option<u16> {
        self.kinds.iter().find_map(|kind| match kind {
            FaultKind::ServerError(status) => Some(status.unwrap_or([500, 502, 503, 504][(self.number % 4) as usize])),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_from_text() {
        let read = |text: &str| text.parse::<Fault>();
        assert_eq!(
            read("429"),
            Ok(Fault {
                kind: FaultKind::TooMany(RetryAfter::Seconds(1)),
                rate: 0.1
            })
        );
        assert_eq!(
            read("429:no-retry-after@1"),
            Ok(Fault {
                kind: FaultKind::TooMany(RetryAfter::Missing),
                rate: 1.0
            })
        );
        assert_eq!(
            read("429:7@0.5"),
            Ok(Fault {
                kind: FaultKind::TooMany(RetryAfter::Seconds(7)),
                rate: 0.5
            })
        );
        assert_eq!(
            read("503"),
            Ok(Fault {
                kind: FaultKind::ServerError(Some(503)),
                rate: 0.1
            })
        );
        assert_eq!(
            read("slow:200ms"),
            Ok(Fault {
                kind: FaultKind::Slow(Duration::from_millis(200)),
                rate: 1.0
            })
        );
        assert_eq!(
            read("token-expires:50"),
            Ok(Fault {
                kind: FaultKind::TokenExpires(50),
                rate: 1.0
            })
        );
        assert!(matches!(read("slow"), Err(FaultError::Argument { .. })));
        assert!(matches!(read("slow:soon"), Err(FaultError::Argument { .. })));
        assert!(matches!(read("drop@2"), Err(FaultError::Rate(_))));
        assert!(matches!(read("earthquake"), Err(FaultError::Unknown(_))));
    }

    #[test]
    fn strikes_repeat_and_come_about_as_often_as_asked() {
        let faults = [Fault {
            kind: FaultKind::Drop,
            rate: 0.25,
        }];
        let struck = |seed| {
            (1..=4000)
                .map(|number| Strikes::decide(&faults, seed, number).has(FaultKind::Drop))
                .collect::<Vec<_>>()
        };
        assert_eq!(struck(1), struck(1));
        assert_ne!(struck(1), struck(2));
        let share = struck(1).iter().filter(|hit| **hit).count();
        assert!((850..1150).contains(&share), "{share}");
        let always = [Fault {
            kind: FaultKind::Drop,
            rate: 1.0,
        }];
        assert!((1..500).all(|number| Strikes::decide(&always, 3, number).has(FaultKind::Drop)));
    }
}
