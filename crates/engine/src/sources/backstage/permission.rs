//! What the credential may read. A user can ask that for itself; a static token is refused the question and may read everything, unless its
//! access restrictions say otherwise, which shows in the answers.
//!
//! A backend does not tell a user whether a permission is granted under a condition. But it decides about a resource that does not exist:
//! who may read everything may read that one too, and no condition holds for it.

use bytes::Bytes;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{BackstageClient, answer};
use crate::sources::SourceError;
use crate::sources::http::Call;
use crate::sources::reader::Shelf;

/// The permission to read entities of the catalog. Whoever lacks it sees an empty catalog, with status 200.
pub(super) const CATALOG: &str = "catalog.entity.read";
/// The permission to read roles, policies and conditions of the RBAC plugin.
pub(super) const RBAC: &str = "policy.entity.read";

/// A name that nothing has.
const NOBODY: &str = "lanyard-asks-about-what-does-not-exist";

/// What `POST /api/permission/authorize` says of one permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is granted for everything.
    Everything,
    /// It is denied, or granted for a part only, which the server decides for each entity, role, ….
    NotEverything,
    /// Not told.
    Unknown,
}

/// What the credential may read, as far as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decisions {
    catalog: Decision,
    rbac: Decision,
}

impl Decisions {
    const UNKNOWN: Self = Self {
        catalog: Decision::Unknown,
        rbac: Decision::Unknown,
    };

    /// About a permission.
    pub(super) fn of(&self, permission: &str) -> Decision {
        match permission {
            CATALOG => self.catalog,
            RBAC => self.rbac,
            _ => Decision::Unknown,
        }
    }

    /// Why a collection cannot be all that there is.
    pub(super) fn restriction(&self, shelf: &Shelf) -> Option<String> {
        (self.of(shelf.needs) == Decision::NotEverything).then(|| {
            format!(
                "{} is granted to this user for a part only: what it may not read does not show, and is not evaluated ({}).",
                shelf.needs, shelf.without
            )
        })
    }
}

/// Asks. To be refused the question is no failure: it says nothing.
///
/// # Errors
/// When the backend could not be asked: what it might have said must not be taken for nothing.
pub(super) async fn ask(client: &BackstageClient, cancel: &CancellationToken) -> Result<Decisions, SourceError> {
    let item = |id: &str, name: &str, resource: &str, kind: &str| {
        json!({
            "id": id,
            "resourceRef": format!("{kind}:default/{NOBODY}"),
            "permission": { "type": "resource", "name": name, "attributes": { "action": "read" }, "resourceType": resource },
        })
    };
    let items = [
        item("catalog", CATALOG, "catalog-entity", "component"),
        item("rbac", RBAC, "policy-entity", "role"),
    ];
    let body = json!({ "items": items });
    let body = Bytes::from(body.to_string());
    let url = client.url("api/permission/authorize", &[]);
    let call = || {
        Call::new(Method::POST, url.clone())
            .body("application/json", body.clone())
            .harmless()
    };
    match client.read(call, |body| answer::json::<Answer>(body, "a decision"), cancel).await {
        Ok(answer) => Ok(Decisions {
            catalog: answer.decision("catalog"),
            rbac: answer.decision("rbac"),
        }),
        Err(
            error @ (SourceError::Unauthorized { .. }
            | SourceError::Forbidden { .. }
            | SourceError::NotFound { .. }
            | SourceError::Rejected { .. }
            | SourceError::ServerFailed { .. }
            | SourceError::NotScim { .. }
            | SourceError::Html { .. }
            | SourceError::BrokenJson { .. }),
        ) => {
            tracing::debug!(code = error.code(), "the backend does not say what this credential may do");
            Ok(Decisions::UNKNOWN)
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Value>,
}

impl Answer {
    fn decision(&self, id: &str) -> Decision {
        let item = self.items.iter().find(|item| item["id"] == id);
        match item.and_then(|item| item["result"].as_str()) {
            Some("ALLOW") => Decision::Everything,
            Some("DENY" | "CONDITIONAL") => Decision::NotEverything,
            _ => Decision::Unknown,
        }
    }
}
