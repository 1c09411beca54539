//! Sync: sources → cache → changes in the ledger; progress, cancel, resume.
