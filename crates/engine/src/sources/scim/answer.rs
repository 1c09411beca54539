//! Answers that are not what was asked for, each by its name.

use lanyard_scim::ReadError;
use lanyard_scim::message::{ErrorAnswer, ScimType};
use lanyard_scim::page::{Found, MAX_DEPTH};

use crate::sources::SourceError;
use crate::sources::http::{Answer, HttpClient};

/// The error of an answer whose status says no.
pub(super) fn refusal(http: &HttpClient, answer: &Answer) -> SourceError {
    let said = ErrorAnswer::read(&answer.body);
    by_status(
        http,
        answer,
        answer.status.as_u16(),
        said.scim_type(),
        said.detail().unwrap_or_default(),
    )
}

fn by_status(http: &HttpClient, answer: &Answer, status: u16, scim_type: Option<ScimType>, detail: &str) -> SourceError {
    let at = answer.exchange(http);
    match status {
        401 => SourceError::Unauthorized { at },
        403 => SourceError::Forbidden { at },
        404 | 410 => SourceError::NotFound { at, better: None },
        _ => SourceError::Rejected {
            at,
            status,
            scim_type: scim_type.map(|kind| kind.name().to_owned()),
            detail: http.fit_to_show(detail),
        },
    }
}

/// Lets an answer pass that holds what was asked for, by its status.
pub(super) fn expect_content(http: &HttpClient, answer: &Answer) -> Result<(), SourceError> {
    match answer.status.as_u16() {
        200 | 203 => Ok(()),
        status @ (100..=199 | 201..=399) => {
            let why = match status {
                204 | 205 => format!("it answers with nothing (status {status})"),
                206 => "it answers with a part only (status 206)".into(),
                304 => "it says that nothing changed (status 304), and was not asked that".into(),
                _ => format!("it answers with status {status}"),
            };
            Err(SourceError::NotScim {
                at: answer.exchange(http),
                why,
            })
        }
        _ => Err(refusal(http, answer)),
    }
}

/// The error of a body that could not be read as a list.
pub(super) fn unreadable(http: &HttpClient, answer: &Answer, error: ReadError) -> SourceError {
    let at = answer.exchange(http);
    if answer.looks_like_html() {
        return SourceError::Html { at };
    }
    match error {
        ReadError::Html => SourceError::Html { at },
        ReadError::CutShort { offset } => SourceError::BrokenJson {
            at,
            why: format!("it ends in the middle, after {offset} bytes"),
        },
        ReadError::NotJson { offset, message } => {
            let why = match answer.body.get(..2) {
                Some([0xff, 0xfe] | [0xfe, 0xff] | [0, _] | [_, 0]) => "it looks like UTF-16, and JSON is exchanged in UTF-8".into(),
                _ => format!("{} at byte {offset}", http.fit_to_show(&message)),
            };
            SourceError::BrokenJson { at, why }
        }
        ReadError::TooDeep { .. } => SourceError::TooDeep { at, limit: MAX_DEPTH },
        ReadError::NotAList {
            found: Found::Error(error),
        } => {
            // A refusal in the clothes of a success.
            let detail = error.detail.unwrap_or_default();
            match error.status {
                Some(status @ 400..=599) => by_status(http, answer, status, error.scim_type, &detail),
                _ => SourceError::NotScim {
                    at,
                    why: format!("it answers with an error and status {}", answer.status.as_u16()),
                },
            }
        }
        error => SourceError::NotScim {
            at,
            why: http.fit_to_show(&error.to_string()),
        },
    }
}

/// Whether the server said that a cursor is no good any more (RFC 9865 §2.3).
pub(super) fn is_stale_cursor(error: &SourceError) -> bool {
    matches!(error, SourceError::Rejected { scim_type: Some(kind), .. } if kind.eq_ignore_ascii_case("invalidCursor") || kind.eq_ignore_ascii_case("expiredCursor"))
}

/// Whether the error is about the very request, so that another one may do better.
pub(super) fn is_of_request(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::Rejected { .. }
            | SourceError::NotFound { .. }
            | SourceError::ServerFailed { .. }
            | SourceError::NotScim { .. }
            | SourceError::BrokenJson { .. }
            | SourceError::Html { .. }
    )
}
