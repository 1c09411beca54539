//! The audit log, and small settings of the window.

use std::io::Write;
use std::path::Path;

use super::Engine;
use crate::Error;
use crate::export::audit as document;
use crate::view::{AuditEntry, AuditPage, AuditQuery, ChainCheck, ExportDone, SavedFilter};

impl Engine {
    /// A page of the audit log, newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn audit(&self, query: &AuditQuery) -> Result<AuditPage, Error> {
        Ok(self.inner.ledger.audit(query)?)
    }

    /// Walks the whole chain.
    ///
    /// # Errors
    /// When the ledger cannot be read; a chain that does not hold is no error but the answer.
    pub fn verify_audit(&self) -> Result<ChainCheck, Error> {
        Ok(self.inner.ledger.verify_audit()?)
    }

    /// Writes the whole audit log as one JSON document that can be checked without Lanyard; gives how many entries it holds. What it holds is
    /// as of one moment, and as it stands: whether the chain holds is for [`Self::verify_audit`] to say.
    ///
    /// # Errors
    /// When the ledger cannot be read; [`Error::File`] when it cannot be written.
    pub fn write_audit(&self, out: &mut dyn Write) -> Result<u64, Error> {
        let ledger = &self.inner.ledger;
        document::write(ledger.folder_id(), &ledger.genesis(), &|look| self.each_entry(look), out)
    }

    /// The same into a file. The next entry says that it was written.
    ///
    /// # Errors
    /// As for [`Self::write_audit`]; there is no half-written file then.
    pub fn export_audit(&self, path: &Path) -> Result<ExportDone, Error> {
        let ledger = &self.inner.ledger;
        let done = document::to_file(ledger.folder_id(), &ledger.genesis(), &|look| self.each_entry(look), path)?;
        self.exported("entries of the audit log", done)
    }

    fn each_entry(&self, look: &mut dyn FnMut(AuditEntry) -> bool) -> Result<(), Error> {
        Ok(self.inner.ledger.each_entry(look)?)
    }

    /// A setting of the window, such as its theme.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        Ok(self.inner.ledger.setting(key)?)
    }

    /// Keeps a setting of the window.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), Error> {
        Ok(self.inner.ledger.set_setting(key, value)?)
    }

    /// The saved filters of all screens.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn saved_filters(&self) -> Result<Vec<SavedFilter>, Error> {
        Ok(self.inner.ledger.saved_filters()?)
    }

    /// Saves a filter, in place of one of the same name on the same screen.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn save_filter(&self, filter: &SavedFilter) -> Result<(), Error> {
        if filter.name.trim().is_empty() {
            return Err(Error::Input {
                field: "Name",
                problem: "give the filter a name".into(),
            });
        }
        Ok(self.inner.ledger.save_filter(filter)?)
    }

    /// Forgets a saved filter.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn forget_filter(&self, screen: &str, name: &str) -> Result<(), Error> {
        Ok(self.inner.ledger.forget_filter(screen, name)?)
    }
}
