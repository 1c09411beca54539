//! When to try again, and how long to wait: exponential backoff with full jitter, `Retry-After` (RFC 9110 §10.2.3).

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use tokio::time::Instant;

use crate::sources::SourceError;

const FIRST: Duration = Duration::from_millis(200);
const FIRST_LIMITED: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(20);

/// The wait before try number `tried + 1`: a random part of a span that doubles, so that clients do not come back together.
pub(super) fn backoff(tried: u32, limited: bool) -> Duration {
    let first = if limited { FIRST_LIMITED } else { FIRST };
    let span = first.saturating_mul(1 << tried.saturating_sub(1).min(10)).min(LONGEST);
    let least = if limited { span / 2 } else { Duration::ZERO };
    least + (span - least).mul_f64(fastrand::f64())
}

/// The wait that an answer asks for, as seconds or as a date. A date is held against the server's own clock where it tells it.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a number holds: as good as for ever.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    // Not in the RFC, and seen: seconds with a fraction.
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let theirs = headers
        .get(DATE)
        .and_then(|date| date.to_str().ok())
        .and_then(|date| httpdate::parse_http_date(date).ok());
    Some(until.duration_since(theirs.unwrap_or(now)).unwrap_or(Duration::ZERO))
}

/// Statuses after which the same request may do better. 501 and 505 will not change.
pub(super) fn passing_status(status: u16) -> bool {
    matches!(status, 408 | 425 | 500 | 502 | 503 | 504 | 520..=529)
}

/// How many tries a failure without an answer is worth.
pub(super) fn tries_for(error: &SourceError, tries: u32) -> u32 {
    match error {
        SourceError::Lost { .. } | SourceError::Refused { .. } | SourceError::Unreachable { .. } => tries,
        // Each of these has cost a long wait already.
        SourceError::Timeout { .. } => tries.min(2),
        _ => 1,
    }
}

/// Holds every request of a client back once the server has asked one of them to wait.
#[derive(Default)]
pub(super) struct Gate(Mutex<Option<Instant>>);

impl Gate {
    pub(super) fn close_for(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut gate = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *gate = Some(gate.map_or(until, |old| old.max(until)));
    }

    /// How long to wait still.
    pub(super) fn left(&self) -> Option<Duration> {
        let mut gate = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = gate
            .map(|until| until.saturating_duration_since(Instant::now()))
            .filter(|left| !left.is_zero());
        if left.is_none() {
            *gate = None;
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn asked(value: &str, date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_str(date).unwrap());
        }
        retry_after(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
    }

    #[test]
    fn seconds_and_dates() {
        assert_eq!(asked("30", None), Some(Duration::from_secs(30)));
        assert_eq!(asked("1.5", None), Some(Duration::from_millis(1500)));
        assert_eq!(asked("Sun, 09 Sep 2001 01:47:10 GMT", None), Some(Duration::from_secs(30)));
        assert_eq!(
            asked("Sun, 09 Sep 2001 01:47:10 GMT", Some("Sun, 09 Sep 2001 01:47:00 GMT")),
            Some(Duration::from_secs(10))
        );
        assert_eq!(asked("Sun, 09 Sep 2001 01:00:00 GMT", None), Some(Duration::ZERO));
        assert!(asked("99999999999999999999999", None).is_some_and(|wait| wait > Duration::from_secs(1 << 31)));
        for nonsense in ["soon", "-1", "", "NaN", "inf", "1e300"] {
            assert_eq!(asked(nonsense, None), None, "{nonsense}");
        }
    }

    #[test]
    fn backoff_grows_and_is_bounded() {
        for tried in 1..200 {
            assert!(backoff(tried, false) <= LONGEST && backoff(tried, true) <= LONGEST);
            assert!(backoff(tried, true) >= FIRST_LIMITED / 2);
        }
        assert!(backoff(1, false) <= FIRST);
    }
}
