//! A person's sign-in at a source, in a browser, by code flow with PKCE or by device code.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::SourceError;
use crate::secrets::Secret;

/// A sign-in that was begun.
pub struct SignIn {
    /// The address to open in the browser.
    pub url: String,
    /// The code to type there, where there is one.
    pub user_code: Option<String>,
    /// What to do, in words.
    pub message: String,
    /// How long there is for it; none where the source does not say.
    pub expires_in: Option<Duration>,
    /// Waits until the person is through, and gives the secret to keep: a refresh token, or the access token where there is none.
    /// Dropped, it ends the sign-in.
    pub end: Pin<Box<dyn Future<Output = Result<Secret, SourceError>> + Send>>,
}

/// Takes a secret that a source gave in place of the one it was asked with (a rotated refresh token), to be kept.
pub type Keep = Arc<dyn Fn(Secret) + Send + Sync>;
