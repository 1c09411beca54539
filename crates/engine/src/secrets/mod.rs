//! Secrets: the OS keychain, `Secret`, fingerprints. Values pass through here and stay out of everything else.

use crate::view::Fault;

/// A secret value: wiped when dropped, never printed, never serialised.
pub struct Secret(zeroize::Zeroizing<String>);

impl Secret {
    /// Takes a value in.
    pub fn new(value: String) -> Self {
        Self(zeroize::Zeroizing::new(value))
    }

    /// The value, for the moment of use only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Where secrets are kept.
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
}

/// Why a secret could not be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No keychain answers on this machine.
    #[error("this machine's keychain does not answer: {reason}")]
    Missing {
        /// What the system said.
        reason: String,
    },
}

impl SecretError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        "keychain.missing"
    }

    /// The error as a person sees it.
    pub fn fault(&self) -> Fault {
        Fault { code: self.code().into(), what: self.to_string(), means: String::new(), next: String::new(), action: None, details: Vec::new() }
    }
}
