//! Cache (rebuildable) and ledger (append-only), two SQLCipher files. They know no source.

pub mod backup;
pub mod cache;
mod error;
pub mod file;
pub mod folder;
mod key;
pub mod ledger;
#[cfg(test)]
mod tests;

pub use error::StoreError;
pub use key::Key;
