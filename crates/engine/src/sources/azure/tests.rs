//! The client against a scripted server on loopback.

use url::Url;

use crate::sources::http::{Auth, HttpClient, HttpConfig, Limits};
use crate::view::SourceKind;

/// A bare client of one address.
pub(super) fn client_of(base: &str) -> HttpClient {
    HttpClient::new(HttpConfig {
        system: SourceKind::Azure,
        base: Url::parse(base).unwrap(),
        auth: Auth::Anonymous,
        ca_pem: None,
        headers: Vec::new(),
        request_budget: Some(10_000),
        limits: Limits::default(),
        accept: "application/json",
    })
    .unwrap()
}
