//! What a run of de-provisioning asks and writes, system by system: against the lab, which does what it is told, and against servers that do not.
#![allow(clippy::unwrap_used, reason = "this is test code: what cannot go on has failed")]

mod azure;
mod backstage;
mod liars;
mod scim;
mod tokens;
mod writes;

use lanyard_engine::secrets::Secret;
use lanyard_engine::sources::doors::{Asked, Deed, Look, Seen, Write};
use lanyard_engine::sources::scim::{Auth, Limits, ScimClient, ScimConfig};
use lanyard_engine::sources::{Client, SourceError};
use tokio_util::sync::CancellationToken;

/// The token of servers that are scripts: it must not be seen anywhere.
pub const TOKEN: &str = "doors-test-token-Zq81";

/// Bounds that let a test end soon.
pub fn limits() -> Limits {
    Limits {
        connect_ms: 1000,
        idle_ms: 5000,
        request_ms: 8000,
        body_bytes: 16 << 20,
        tries: 2,
        longest_wait_ms: 1500,
        pages: 50,
    }
}

/// A token that is not cancelled.
pub fn never() -> CancellationToken {
    CancellationToken::new()
}

/// A client of a SCIM server.
pub fn scim(base: &str, token: &str) -> ScimClient {
    ScimClient::new(ScimConfig {
        name: "App".into(),
        base: base.parse().unwrap(),
        auth: Auth::Bearer(Secret::new(token.into())),
        ca_pem: None,
        headers: Vec::new(),
        request_budget: Some(500),
        limits: limits(),
    })
    .unwrap()
}

/// Sends a write and takes its answer.
pub async fn send(client: &Client, write: &Write) -> Asked {
    client.send_write(write, &never()).await.unwrap()
}

/// Sends a write that must not be sent, and takes the error.
pub async fn refused(client: &Client, write: &Write) -> SourceError {
    client.send_write(write, &never()).await.unwrap_err()
}

/// The writes of a deed; a deed by hand is a failure.
pub fn writes(deed: Deed) -> Vec<Write> {
    match deed {
        Deed::Writes(writes) => writes,
        Deed::ByHand { why, .. } => panic!("by hand: {why}"),
    }
}

/// The look saw that, and kept what it asked; no credential stands in it.
#[track_caller]
pub fn saw(look: &Look, seen: Seen, secrets: &[&str]) {
    assert_eq!(look.seen, seen, "{look:#?}");
    assert!(!look.says.trim().is_empty() && !look.asked.is_empty(), "{look:#?}");
    let kept = serde_json::to_string(look).unwrap();
    for secret in secrets {
        assert!(!kept.contains(secret), "a credential is kept: {kept}");
    }
}
