//! Secrets: the OS keychain, `Secret`, fingerprints. Values pass through here and stay out of everything else.
//!
//! Entries stand in the keychain under the service `Lanyard`, as `FOLDER/source/ID` (with `/next`, `/previous` and `/manager`),
//! `FOLDER/fingerprint-key`, `FOLDER/cache-key`, `FOLDER/ledger-key` and
//! `FOLDER/evidence-key`, where `FOLDER` is the
//! data folder's random id. There is no other place: where the keychain cannot be used, nothing is stored.

mod environment;
mod error;
mod fingerprint;
mod memory;
mod os;
#[cfg(test)]
mod os_tests;
mod secret;
mod source;

pub use environment::{EnvKeychain, KEY_VARIABLE, TOKEN_PREFIX, variable_for};
pub use error::SecretError;
pub use fingerprint::FingerprintKey;
pub use memory::MemoryKeychain;
pub use os::{OsKeychain, SERVICE};
pub use secret::Secret;
pub(crate) use secret::never_shown;
pub use source::{Origin, Slot, SourceSecret, SourceSecrets};

/// Where secrets are kept. Calls block, for a bounded time.
pub trait Keychain: Send + Sync {
    /// `keychain`, `environment` or `memory`, for the screen.
    fn kind(&self) -> &'static str;
    /// The secret of this name; none where there is none.
    ///
    /// # Errors
    /// When the keychain is missing, locked, or refuses.
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError>;
    /// Puts a secret in, in place of an older one.
    ///
    /// # Errors
    /// When the keychain is missing, locked, or refuses.
    fn set(&self, name: &str, value: &Secret) -> Result<(), SecretError>;
    /// Takes a secret out; no error where there is none.
    ///
    /// # Errors
    /// When the keychain is missing, locked, or refuses.
    fn remove(&self, name: &str) -> Result<(), SecretError>;

    /// A secret that this process was given from outside for the source of this name. Only the environment gives any.
    ///
    /// # Errors
    /// When it is not clear which source it is for.
    fn given(&self, source_name: &str) -> Result<Option<Secret>, SecretError> {
        let _ = source_name;
        Ok(None)
    }

    /// Whether what is put in outlives this process.
    fn lasts(&self) -> bool {
        true
    }
}

/// Bytes as lowercase hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
