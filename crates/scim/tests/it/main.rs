//! Tests of the crate from outside: the RFCs' examples, properties, and broken input.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod brief;
mod complete;
mod filter_errors;
mod filter_properties;
mod fixtures;
mod mutation;
mod oracle;
mod page;
mod patch;
mod rfc_filters;
mod rfc_messages;
mod rfc_resources;
