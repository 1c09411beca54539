//! A source's settings, checked before they are kept.

use std::net::IpAddr;

use url::{Host, Url};

use crate::Error;
use crate::secrets::Origin;
use crate::view::{AuthSettings, SourceSettings};

const LONGEST_NAME: usize = 60;

fn wrong(field: &'static str, problem: impl Into<String>) -> Error {
    Error::Input {
        field,
        problem: problem.into(),
    }
}

/// The settings as they are kept: trimmed, the address without its tail.
///
/// # Errors
/// [`Error::Input`] names the field, what is wrong with it, and what would be right.
pub(super) fn checked<'n>(settings: &SourceSettings, mut others: impl Iterator<Item = &'n str>) -> Result<SourceSettings, Error> {
    let mut settings = settings.clone();
    settings.name = settings.name.trim().to_owned();
    if settings.name.is_empty() {
        return Err(wrong("Name", "give it a name, such as “Workforce IdP”"));
    }
    if settings.name.chars().count() > LONGEST_NAME {
        return Err(wrong("Name", format!("it is longer than {LONGEST_NAME} characters")));
    }
    if settings.name.chars().any(char::is_control) {
        return Err(wrong("Name", "it holds a control character"));
    }
    let lower = settings.name.to_lowercase();
    if others.any(|other| other.to_lowercase() == lower) {
        return Err(wrong("Name", format!("there is a source “{}” already", settings.name)));
    }
    settings.url = address("Base URL", &settings.url)?.as_str().trim_end_matches('/').to_owned();
    for tail in ["/Users", "/Groups", "/ServiceProviderConfig"] {
        if let Some(base) = settings.url.strip_suffix(tail) {
            settings.url = base.to_owned();
        }
    }
    if let AuthSettings::Basic { user } = &settings.auth
        && (user.trim().is_empty() || user.contains(':'))
    {
        return Err(wrong(
            "User name",
            "it is empty or holds a colon, which Basic authentication cannot carry",
        ));
    }
    if let AuthSettings::ClientCredentials {
        token_url,
        client_id,
        scope,
    } = &mut settings.auth
    {
        *token_url = address("Token URL", token_url)?.into();
        if client_id.trim().is_empty() {
            return Err(wrong("Client id", "it is empty"));
        }
        *scope = scope.take().map(|scope| scope.trim().to_owned()).filter(|scope| !scope.is_empty());
    }
    settings.ca_pem = settings.ca_pem.filter(|pem| !pem.trim().is_empty());
    if settings.request_budget == Some(0) {
        return Err(wrong("Request budget", "a sync needs requests; leave it empty for no limit"));
    }
    Ok(settings)
}

/// An address that a secret may be sent to.
fn address(field: &'static str, text: &str) -> Result<Url, Error> {
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| wrong(field, format!("“{text}” is no address; it looks like https://idp.example/scim/v2")))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(wrong(field, "it must begin with https://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong(field, "it names no server"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(wrong(field, "http would send the token unprotected over the network; use https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(field, "leave user and password out of it; they belong in the fields below"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(field, "leave out what follows ? or #"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The origin that a source's secret belongs to: scheme, host and port.
///
/// # Errors
/// When the address cannot be read.
pub(super) fn origin(url: &str) -> Result<Origin, Error> {
    Ok(Origin::of(&Url::parse(url).map_err(|error| wrong("Base URL", error.to_string()))?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::SourceKind;

    fn settings(url: &str) -> SourceSettings {
        SourceSettings {
            kind: SourceKind::Scim,
            name: "IdP".into(),
            url: url.into(),
            auth: AuthSettings::Bearer,
            authoritative: true,
            allow_writes: false,
            ca_pem: None,
            headers: Vec::new(),
            request_budget: None,
            enabled: true,
            azure: None,
            backstage: None,
        }
    }

    fn url_of(url: &str) -> Result<String, String> {
        checked(&settings(url), std::iter::empty())
            .map(|settings| settings.url)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_loses_its_tail() {
        for given in [
            "https://idp.example/scim/v2/",
            " https://idp.example/scim/v2/Users ",
            "https://idp.example/scim/v2",
        ] {
            assert_eq!(url_of(given).as_deref(), Ok("https://idp.example/scim/v2"), "{given}");
        }
    }

    #[test]
    fn a_token_is_not_sent_in_the_clear() {
        assert!(url_of("http://idp.example/scim").is_err_and(|error| error.contains("unprotected")));
        assert!(url_of("http://127.0.0.1:9000/scim").is_ok());
        assert!(url_of("http://[::1]:9000/scim").is_ok());
        assert!(url_of("http://localhost.evil.example/scim").is_err());
    }

    #[test]
    fn an_address_that_cannot_be_says_why() {
        for (given, part) in [
            ("idp.example", "looks like https"),
            ("ftp://idp.example", "https://"),
            ("https://user:pass@idp.example", "user and password"),
            ("https://idp.example/?a=b", "?"),
        ] {
            assert!(
                url_of(given).as_ref().is_err_and(|error| error.contains(part)),
                "{given}: {:?}",
                url_of(given)
            );
        }
    }

    #[test]
    fn names_are_unique_whatever_the_case() {
        let error = checked(&settings("https://idp.example"), ["IDP"].into_iter())
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("already")));
    }
}
