//! A token in its provider's list.

use crate::view::Millis;

/// A token as its provider lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderToken {
    /// The provider's id.
    pub id: String,
    /// Its name there.
    pub name: String,
    /// When it was made.
    pub created_at: Option<Millis>,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// When it was last used.
    pub used_at: Option<Millis>,
    /// Whether it was revoked, and lives on until `works_until`.
    pub revoked: bool,
    /// Until when a revoked one works.
    pub works_until: Option<Millis>,
    /// Whether Lanyard takes it for the one that it holds.
    pub ours: bool,
}
