//! Extra headers: checked before they are used, and never a way to smuggle a credential past the keychain.

use reqwest::header::{HeaderName, HeaderValue};

use crate::sources::SourceError;
use crate::view::Header;

/// Names that carry credentials as a whole.
const CREDENTIALS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-amz-security-token",
];
/// Parts of names that give a credential away.
const TELLING: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "api-key",
    "apikey",
    "api_key",
    "credential",
    "session",
    "auth-key",
    "signature",
];
/// Names that the connection itself needs.
const OURS: &[&str] = &[
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "accept-encoding",
    "proxy-connection",
    "range",
];

/// Whether an extra header may be used.
///
/// # Errors
/// [`SourceError::Setting`] that says why not.
pub fn check_header(header: &Header) -> Result<(), SourceError> {
    read(header).map(|_| ())
}

/// Whether a name is one of what holds a credential: `apiKey`, `client_secret`.
pub(in crate::sources) fn tells_of_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    CREDENTIALS.contains(&lower.as_str()) || TELLING.iter().any(|part| lower.contains(part))
}

/// The header as it is sent.
pub(super) fn read(header: &Header) -> Result<(HeaderName, HeaderValue), SourceError> {
    let wrong = |problem: String, next: &str| SourceError::Setting {
        field: "Extra headers",
        problem,
        next: next.into(),
    };
    // Neither name nor value is repeated where it may be a secret in the wrong box.
    let name = HeaderName::from_bytes(header.name.trim().as_bytes()).map_err(|_| {
        wrong(
            "a header's name has characters that HTTP does not allow".into(),
            "Use letters, digits and hyphens.",
        )
    })?;
    let lower = name.as_str();
    if CREDENTIALS.contains(&lower) || TELLING.iter().any(|part| lower.contains(part)) {
        return Err(wrong(
            format!("{name} carries a credential, and extra headers are stored in plain text"),
            "Put the credential into the authentication part of the form: it goes into the keychain.",
        ));
    }
    if OURS.contains(&lower) {
        return Err(wrong(format!("{name} is set by the connection itself"), "Leave it out."));
    }
    let value = HeaderValue::from_str(header.value.trim()).map_err(|_| {
        wrong(
            format!("the value of {name} has characters that HTTP does not allow"),
            "Use plain letters, digits and signs in one line.",
        )
    })?;
    let start = header.value.trim().get(..7).unwrap_or_default().to_ascii_lowercase();
    if start == "bearer " || start.starts_with("basic ") {
        return Err(wrong(
            format!("the value of {name} looks like a credential, and extra headers are stored in plain text"),
            "Put the credential into the authentication part of the form: it goes into the keychain.",
        ));
    }
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, value: &str) -> Result<(), SourceError> {
        check_header(&Header {
            name: name.into(),
            value: value.into(),
        })
    }

    #[test]
    fn credentials_are_refused_and_not_repeated() {
        for name in [
            "Authorization",
            "COOKIE",
            "proxy-authorization",
            "X-Api-Key",
            "X-Auth-Token",
            "Ocp-Apim-ApiKey",
            "X-My-Secret",
        ] {
            let error = check(name, "s3cr3t-value").unwrap_err();
            assert_eq!(error.code(), "source.setting", "{name}");
            assert!(!format!("{error} {:?} {error:?}", error.fault()).contains("s3cr3t"), "{name}");
        }
        assert!(check("X-Tenant", "Bearer s3cr3t").is_err());
        assert!(check("X-Tenant", "basic czNjcjN0").is_err());
    }

    #[test]
    fn headers_of_the_connection_and_broken_ones_are_refused() {
        for (name, value) in [
            ("Host", "x"),
            ("Content-Length", "1"),
            ("a b", "x"),
            ("", "x"),
            ("X-A", "a\r\nX-B: c"),
            ("X-A", "\u{0}"),
        ] {
            assert!(check(name, value).is_err(), "{name:?}: {value:?}");
        }
    }

    #[test]
    fn plain_headers_pass() {
        for (name, value) in [("X-Tenant", "halcyon"), ("Accept", "application/json"), ("X-Feature", "")] {
            check(name, value).unwrap();
        }
    }
}
