//! Errors in plain words: what they mean for the data at hand, and what to do next.

use super::{Exchange, SourceError};
use crate::view::{Fault, FixAction, SourceKind};

const KEPT: &str = "Nothing new was read. What was read before is kept and shown with its time.";

/// The error as a person sees it.
pub(super) fn fault(error: &SourceError) -> Fault {
    let (means, next) = advice(error);
    let action = match error {
        SourceError::Cancelled
        | SourceError::Timeout { .. }
        | SourceError::Lost { .. }
        | SourceError::RateLimited { .. }
        | SourceError::ServerFailed { .. } => Some(FixAction::Retry),
        // Which source it is, the caller knows: it puts `EditSource` in where that helps.
        _ => None,
    };
    let details = error.exchange().map(Exchange::details).unwrap_or_default();
    Fault {
        code: error.code().into(),
        what: error.to_string(),
        means,
        next,
        action,
        details,
    }
}

fn advice(error: &SourceError) -> (String, String) {
    let kept = || KEPT.to_owned();
    let host = error.exchange().map_or("", |at| at.host.as_str());
    match error {
        SourceError::Cancelled => ("What was read until then is kept.".into(), "Start it again when you like.".into()),
        SourceError::Setting { next, .. } => ("Nothing was sent.".into(), next.clone()),
        SourceError::Dns { .. } => (
            kept(),
            format!(
                "Check the spelling of {host} in the base URL. If it is a name of your company's network, connect to that network first."
            ),
        ),
        SourceError::Refused { .. } => (kept(), "Check host and port of the base URL, and whether the server runs.".into()),
        SourceError::Unreachable { .. } => (
            kept(),
            format!("Check that this machine is online and that no firewall or proxy stands before {host}."),
        ),
        SourceError::Timeout { what, .. } if *what == "accept the connection" => (
            kept(),
            format!("Check the port of the base URL, and whether a firewall lets this machine through to {host}."),
        ),
        SourceError::Timeout { .. } | SourceError::Lost { .. } => (
            kept(),
            "Try again. If it happens each time, ask the server's owner; the request is named below.".into(),
        ),
        SourceError::NotHttp { .. } => (
            kept(),
            "Check scheme and port of the base URL: another protocol may be spoken there, or HTTPS may be needed.".into(),
        ),
        SourceError::TlsExpired { .. } => (
            "The connection is not safe, so nothing was sent. What was read before is kept.".into(),
            format!("The certificate's owner must renew it. If you own {host}, renew it and try again; also check this machine's clock."),
        ),
        SourceError::TlsNotYet { .. } => (
            "The connection is not safe, so nothing was sent.".into(),
            "Check this machine's clock; else the certificate's owner must mend it.".into(),
        ),
        SourceError::TlsUnknownCa { .. } => (
            "Nobody that this machine trusts vouches for the server, so nothing was sent.".into(),
            "Add your company's CA file (PEM) in the source's settings, or install it on this machine.".into(),
        ),
        SourceError::TlsWrongHost { .. } => (
            "Another server may be answering in its place, so nothing was sent.".into(),
            "Use the name that the certificate is for in the base URL, or have the certificate issued for this name.".into(),
        ),
        SourceError::Tls { why, .. } if why.contains("TLS") || why.contains("plain") => (
            kept(),
            "If the server speaks plain HTTP at this port, correct scheme or port of the base URL.".into(),
        ),
        SourceError::Tls { .. } => (
            kept(),
            "Ask the server's owner which TLS versions and certificates it uses; TLS 1.2 or 1.3 is needed.".into(),
        ),
        SourceError::Unauthorized { .. } => (
            "The token may be wrong, expired, or revoked. Nothing new was read; what was read before is kept.".into(),
            "Make a new token at the server and put it into the source's settings.".into(),
        ),
        SourceError::Forbidden { .. } => (
            "The server knows the token and does not let it read this, so it is not evaluated.".into(),
            "Give the token the right to read users and groups, at the server.".into(),
        ),
        SourceError::NoToken { .. } => (
            kept(),
            "Check token URL, client id, client secret and scope in the source's settings.".into(),
        ),
        SourceError::SignIn { next, .. } => (kept(), next.clone()),
        SourceError::NotFound { better: Some(better), .. } => (
            "The address is not the SCIM server's base.".into(),
            format!("Use {better} as base URL: it answers as a SCIM server does."),
        ),
        SourceError::NotFound { at, .. } => (
            format!("The address is not the base of {}.", speaker(at)),
            right_base(at.system).into(),
        ),
        SourceError::Html { at } => (
            "This is probably a login page, or the address of a portal for people.".into(),
            right_base(at.system).into(),
        ),
        SourceError::NotScim { at, .. } => (kept(), right_base(at.system).into()),
        SourceError::Redirect { to: Some(to), .. } => (
            "The credential is sent to the base URL's own origin only, so the redirect was not followed.".into(),
            format!(
                "If {to} is the server's right address, put it into the base URL. If it is a login page, the base URL or the token is wrong."
            ),
        ),
        SourceError::Redirect { .. } => (kept(), "Check the base URL with the server's documentation.".into()),
        SourceError::OtherOrigin { .. } => (
            "The credential is sent to the base URL's own origin only, so nothing was sent.".into(),
            "If that address is right, put it into the source's settings.".into(),
        ),
        SourceError::TooLarge { .. } | SourceError::TooDeep { .. } => (
            "The answer was not taken in, to keep this machine safe.".into(),
            "Tell the server's owner; the request is named below.".into(),
        ),
        SourceError::BrokenJson { .. } => (
            kept(),
            "Try again. If it happens each time, the server's owner must mend it; the answer's beginning is below.".into(),
        ),
        SourceError::BudgetSpent { .. } => (
            "What was read until then is kept; the rest is not evaluated.".into(),
            "Raise the request budget in the source's settings, or leave it out.".into(),
        ),
        SourceError::RateLimited { .. } => (
            "What was read until then is kept; the rest is not evaluated.".into(),
            "Wait, then try again; or ask the server's owner for a higher limit.".into(),
        ),
        SourceError::ServerFailed { .. } => (
            kept(),
            "Try again later. If it lasts, give the server's owner the request and its id from below.".into(),
        ),
        SourceError::Rejected { .. } => (kept(), "What the server says is below; its owner knows what it means.".into()),
    }
}

/// What the base URL should be.
fn right_base(system: SourceKind) -> &'static str {
    match system {
        SourceKind::Scim => {
            "Check the base URL: it must be that of the SCIM interface, such as https://idp.example/scim/v2. Many servers want /scim/v2 at its end, and another host than the portal's."
        }
        SourceKind::Backstage => {
            "Check the base URL: it must be that of the backend (backend.baseUrl in its configuration), without /api at its end. Where the pages for people have a host of their own, the backend has another."
        }
        SourceKind::Azure => "Check which cloud the tenant is in, and the addresses where they are given.",
    }
}

/// What the system speaks.
pub(super) fn spoken(at: &Exchange) -> &'static str {
    match at.system {
        SourceKind::Scim => "SCIM",
        SourceKind::Backstage => "Backstage's API",
        SourceKind::Azure => "Azure's API",
    }
}

/// Who speaks so.
pub(super) fn speaker(at: &Exchange) -> &'static str {
    match at.system {
        SourceKind::Scim => "a SCIM server",
        SourceKind::Backstage => "a Backstage backend",
        SourceKind::Azure => "Azure",
    }
}

/// A span of time for people.
pub(crate) fn span(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..120_000 if ms.is_multiple_of(1000) => format!("{} s", ms / 1000),
        1000..120_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        120_000..7_200_000 => format!("{} min", ms / 60_000),
        _ => format!("{} h", ms / 3_600_000),
    }
}

/// A number of bytes for people.
pub(super) fn size(bytes: usize) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} KB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

pub(super) fn ended(not_after: Option<u64>) -> String {
    let day = not_after
        .and_then(|seconds| i64::try_from(seconds).ok())
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-d %B %Y").to_string());
    match day {
        Some(day) => format!("ended on {day}"),
        None => "has ended".into(),
    }
}

pub(super) fn names(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!(": {one}"),
        [one, two] => format!(": {one} and {two}"),
        [one, two, rest @ ..] => format!(": {one}, {two} and {} more", rest.len()),
    }
}

pub(super) fn requests(count: u64) -> String {
    if count == 1 {
        "1 request".into()
    } else {
        format!("{count} requests")
    }
}

pub(super) fn asked_wait(wait_ms: Option<u64>, limit_ms: u64) -> String {
    match wait_ms {
        Some(wait) if wait > limit_ms => format!(": it asks to wait {}, and at most {} are allowed", span(wait), span(limit_ms)),
        Some(wait) => format!(": it asks to wait {}, time and again", span(wait)),
        None => " and does not say how long to wait".into(),
    }
}

pub(super) fn tried(tries: u32) -> String {
    if tries > 1 { format!(", {tries} times") } else { String::new() }
}

pub(super) fn detail(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(": {}", detail.trim_end_matches('.'))
    }
}
