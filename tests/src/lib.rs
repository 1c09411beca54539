//! Shared parts of the tests.
#![allow(clippy::unwrap_used, reason = "this is test code: what cannot go on has failed")]

pub mod command;
pub mod compare;
pub mod hostile;
pub mod peer;
pub mod plain;
pub mod process;
pub mod window;
