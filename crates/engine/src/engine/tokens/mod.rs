//! Credentials: what Lanyard holds and knows of, whether each works, and their rotation.

mod held;
mod known;
pub(in crate::engine) mod meta;
mod opening;
mod planning;
mod rotating;
mod state;
mod verifying;

use super::Engine;
use super::held as locked;
use crate::Error;
use crate::secrets::{FingerprintKey, Secret, SourceSecret};
use crate::view::{CredentialList, EngineEvent, ExpiryFrom, Millis, RotationId, RotationPolicy, SourceId};

use super::settings::origin;

/// The source of a credential that Lanyard holds.
///
/// # Errors
/// [`Error::Refused`] for one that it only knows of; [`Error::NotFound`] for what names none.
fn own(id: &str) -> Result<SourceId, Error> {
    if let Some(source) = id.strip_prefix("own:").and_then(|id| id.parse().ok()) {
        return Ok(source);
    }
    if id.starts_with("entra:") || id.starts_with("provider:") {
        return Err(Error::Refused {
            code: "token.notHeld",
            what: "Lanyard does not hold this credential, and only knows of it".into(),
            next: "Whoever holds it rotates it; Lanyard shows when that is due.".into(),
        });
    }
    Err(Error::NotFound {
        what: "credential",
        name: id.to_owned(),
    })
}

impl Engine {
    fn fingerprints(&self) -> Result<FingerprintKey, Error> {
        Ok(FingerprintKey::obtain(&*self.inner.keychain, self.inner.ledger.folder_id())?)
    }

    /// All credentials that Lanyard holds or knows of, those that need somebody first. Blocking: asks the keychain.
    ///
    /// # Errors
    /// When the ledger or the cache cannot be read. A keychain that does not answer is no error: the list says so.
    pub fn credentials(&self) -> Result<CredentialList, Error> {
        let now = crate::sync::now();
        let mut list = CredentialList {
            credentials: Vec::new(),
            not_evaluated: Vec::new(),
            keychain: self.inner.keychain.kind().into(),
            fault: None,
            need: 0,
        };
        self.held_credentials(&mut list, now)?;
        self.known_credentials(&mut list, now)?;
        list.credentials.sort_by(|one, two| {
            let key = |credential: &crate::view::Credential| (credential.state, !credential.held, credential.days_left.unwrap_or(i64::MAX));
            key(one).cmp(&key(two)).then_with(|| one.name.cmp(&two.name))
        });
        list.need = u32::try_from(list.credentials.iter().filter(|credential| state::needs(credential.state)).count()).unwrap_or(u32::MAX);
        Ok(list)
    }

    /// Sets when a credential ends, as a person knows it, and when it is to be rotated.
    ///
    /// # Errors
    /// [`Error::Refused`] for one that Lanyard does not hold, or whose own end is known; when the ledger cannot be written.
    pub fn describe_credential(&self, id: &str, expires_at: Option<Millis>, policy: RotationPolicy) -> Result<(), Error> {
        let source = self.source(own(id)?)?;
        if policy.every_days == Some(0) {
            return Err(Error::Input {
                field: "Rotation",
                problem: "every day at least; leave it empty for no day of its own".into(),
            });
        }
        let mut meta = self.meta(source.id)?;
        let told = matches!(meta.expires_from, Some(ExpiryFrom::Token | ExpiryFrom::Provider));
        if !told {
            (meta.expires_at, meta.expires_from) = (expires_at, expires_at.map(|_| ExpiryFrom::Typed));
        }
        meta.policy = policy;
        let summary = format!("Set when the credential of {} is to be rotated", source.settings.name);
        self.set_meta_and_tell(source.id, &meta, "credential.described", summary)?;
        self.tell_tokens(None);
        Ok(())
    }

    /// Keeps a credential for the provider's token API of a source, apart from the one that the source is asked with. Blocking.
    ///
    /// # Errors
    /// Keychain errors; when there is no such source.
    pub fn keep_manager(&self, source: SourceId, value: Secret) -> Result<(), Error> {
        let source = self.source(source)?;
        let secret = SourceSecret {
            origin: origin(&source.settings)?,
            value,
            note: String::new(),
        };
        self.inner.secrets.keep_slot(source.id, crate::secrets::Slot::Manager, &secret)?;
        let summary = format!("Keeps a credential for the token API of {}", source.settings.name);
        self.note("credential.managerKept", Some(source.id), summary, serde_json::Value::Null)?;
        self.tell_tokens(None);
        Ok(())
    }

    /// Takes it out again. Blocking.
    ///
    /// # Errors
    /// Keychain errors; when there is no such source.
    pub fn forget_manager(&self, source: SourceId) -> Result<(), Error> {
        let source = self.source(source)?;
        self.inner.secrets.forget_slot(source.id, crate::secrets::Slot::Manager)?;
        let summary = format!("Forgot the credential for the token API of {}", source.settings.name);
        self.note("credential.managerForgotten", Some(source.id), summary, serde_json::Value::Null)?;
        self.tell_tokens(None);
        Ok(())
    }

    fn tell_tokens(&self, rotation: Option<RotationId>) {
        self.drop_findings();
        self.tell(EngineEvent::TokensChanged { rotation });
    }
}
