//! What every connection test says alike: its points, and whether the server is reached and takes the credential.

use url::Url;

use super::SourceError;
use super::http::host_of;
use crate::view::{ProbePoint, ProbeState};

/// The points of a report, in order.
#[derive(Default)]
pub(super) struct Points(pub(super) Vec<ProbePoint>);

impl Points {
    /// Adds a point. `instead` says what Lanyard does without it.
    pub(super) fn add(&mut self, topic: &str, title: &str, state: ProbeState, says: impl Into<String>, instead: Option<&str>) {
        self.0.push(ProbePoint {
            topic: topic.into(),
            title: title.into(),
            state,
            says: says.into(),
            instead: instead.map(Into::into),
        });
    }

    /// Whether the server was reached, safely, and accepted the credential.
    pub(super) fn reach(&mut self, base: &Url, failure: Option<&SourceError>) {
        let host = host_of(base);
        let answered = failure.is_none_or(|error| error.status().is_some());
        match failure {
            Some(error) if !answered => {
                self.add("reach", "Reach", ProbeState::Bad, error.to_string(), None);
                return;
            }
            _ if base.scheme() == "https" => self.add("reach", "Reach", ProbeState::Good, format!("{host} answers over TLS."), None),
            _ if is_local(base) => self.add(
                "reach",
                "Reach",
                ProbeState::Good,
                format!("{host} answers, on this machine."),
                None,
            ),
            _ => self.add(
                "reach",
                "Reach",
                ProbeState::Bad,
                format!("{host} answers without TLS: whoever is on the way can read the token and the people."),
                Some("Works all the same. Use https:// if the server offers it."),
            ),
        }
        let (state, says) = match failure {
            Some(error @ (SourceError::Unauthorized { .. } | SourceError::Forbidden { .. } | SourceError::NoToken { .. })) => {
                (ProbeState::Bad, error.to_string())
            }
            None => (ProbeState::Good, "The credential is accepted.".into()),
            Some(_) => (ProbeState::Unknown, "Not seen yet whether the credential is accepted.".into()),
        };
        self.add("auth", "Authentication", state, says, None);
    }
}

/// Whether a URL is of this machine.
pub(super) fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost"),
        None => false,
    }
}

/// A number of things: "1 user", "2 users".
pub(super) fn counted(n: u64, what: &str) -> String {
    match (n, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{n} {stem}ies"),
        _ => format!("{n} {what}s"),
    }
}
