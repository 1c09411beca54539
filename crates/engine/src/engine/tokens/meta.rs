//! What is remembered of a source's credential beside its value: in the ledger's settings, version by version. Nothing of it is a secret.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::Engine;
use crate::Error;
use crate::store::ledger::AuditDraft;
use crate::view::{ExpiryFrom, Millis, ProviderToken, Right, RotationPolicy, SourceId};

/// What is remembered of the credential of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::engine) struct Meta {
    /// Its fingerprint: what is remembered besides is of the one with this, and of no other.
    pub fingerprint: Option<String>,
    /// The provider's id of it.
    pub provider_id: Option<String>,
    /// When it was made, or first given to Lanyard.
    pub created_at: Option<Millis>,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// Where that is known from.
    pub expires_from: Option<ExpiryFrom>,
    /// When it was last asked whether it works.
    pub verified_at: Option<Millis>,
    /// Whether it did.
    pub works: Right,
    /// Whether it reads.
    pub reads: Right,
    /// Whether it writes.
    pub writes: Right,
    /// Since when it has been refused.
    pub refused_since: Option<Millis>,
    /// When it was last seen to work, by something else than a sync.
    pub worked_at: Option<Millis>,
    /// When it is to be rotated.
    pub policy: RotationPolicy,
    /// The provider's tokens, as they were last listed, and when.
    pub listed: Vec<ProviderToken>,
    /// When they were.
    pub listed_at: Option<Millis>,
}

impl Meta {
    /// Forgets what was remembered of another credential.
    pub fn of(self, fingerprint: Option<&str>) -> Self {
        match (&self.fingerprint, fingerprint) {
            (Some(kept), Some(held)) if kept != held => Self {
                fingerprint: Some(held.to_owned()),
                policy: self.policy,
                listed: self.listed,
                listed_at: self.listed_at,
                ..Self::default()
            },
            _ => self,
        }
    }
}

fn key(source: SourceId) -> String {
    format!("credential/{source}")
}

impl Engine {
    /// What is remembered of a source's credential.
    pub(in crate::engine) fn meta(&self, source: SourceId) -> Result<Meta, Error> {
        let text = self.inner.ledger.setting(&key(source))?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Remembers it.
    pub(in crate::engine) fn set_meta(&self, source: SourceId, meta: &Meta) -> Result<(), Error> {
        let text = serde_json::to_string(meta).unwrap_or_default();
        Ok(self.inner.ledger.set_setting(&key(source), &text)?)
    }

    /// Remembers it, and tells of it in the audit log: both or neither.
    pub(in crate::engine) fn set_meta_and_tell(
        &self,
        source: SourceId,
        meta: &Meta,
        action: &'static str,
        summary: String,
    ) -> Result<(), Error> {
        let text = serde_json::to_string(meta).unwrap_or_default();
        let draft = AuditDraft {
            action,
            source: Some(source),
            summary,
            data: json!({
                "fingerprint": meta.fingerprint, "works": meta.works, "reads": meta.reads, "writes": meta.writes,
                "expiresAt": meta.expires_at, "policy": meta.policy,
            }),
        };
        Ok(self.inner.ledger.set_setting_and_tell(&key(source), &text, draft)?)
    }

    /// Notes what a sync says of the credential: since when it is refused, or that it works.
    pub(in crate::engine) fn note_use(&self, source: SourceId, fault: Option<&str>) {
        let noted = self.meta(source).and_then(|mut meta| {
            let refused = fault.is_some_and(super::state::is_refusal);
            let since = match (fault, refused) {
                (_, true) => Some(meta.refused_since.unwrap_or_else(crate::sync::now)),
                (None, _) => None,
                // Another failure says nothing about the credential.
                (Some(_), false) => meta.refused_since,
            };
            if since == meta.refused_since {
                return Ok(());
            }
            meta.refused_since = since;
            self.set_meta(source, &meta)
        });
        if let Err(error) = noted {
            tracing::warn!(code = error.code(), source, "what a sync says of the credential could not be noted");
        }
    }
}
