//! Cache (rebuildable) and ledger (append-only), two SQLCipher files. They know no source.

pub mod cache;
pub mod ledger;

use crate::view::Fault;

/// Why the cache or the ledger could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("{file} could not be used: {source}")]
    Sql {
        /// Which file: `cache` or `ledger`.
        file: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        "store.failed"
    }

    /// The error as a person sees it.
    pub fn fault(&self) -> Fault {
        Fault { code: self.code().into(), what: self.to_string(), means: String::new(), next: String::new(), action: None, details: Vec::new() }
    }
}
