//! The engine's front with its secrets in a keychain in memory.

use lanyard_engine::view::{AuthSettings, SourceKind, SourceSettings};
use lanyard_lab::{Lab, LabOptions, ScimOptions};

/// Settings of an authoritative SCIM source with a bearer token.
pub fn settings(name: &str, url: &str) -> SourceSettings {
    SourceSettings {
        kind: SourceKind::Scim,
        name: name.to_owned(),
        url: url.to_owned(),
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

/// Serves so many people; the identity provider as told, the downstream app true to the RFCs.
pub async fn lab(people: usize, provider: ScimOptions) -> Lab {
    lanyard_lab::serve(LabOptions {
        people,
        provider,
        ..LabOptions::default()
    })
    .await
    .unwrap()
}
