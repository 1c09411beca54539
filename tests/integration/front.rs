//! The engine's front with its secrets in a keychain in memory.

use lanyard_engine::view::{SourceKind, SourceSettings};
use lanyard_lab::{Lab, LabOptions, ScimOptions};

/// Settings of an authoritative SCIM source with a bearer token.
pub fn settings(name: &str, url: &str) -> SourceSettings {
    SourceSettings {
        authoritative: true,
        ..SourceSettings::new(SourceKind::Scim, name, url)
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
