//! Lanyard against servers that nobody here wrote: filled, synced, searched, changed behind its back, synced
//! again, and compared with what the server says, resource by resource; people walked out of them, and each verdict compared with the server too.
#![allow(clippy::unwrap_used, reason = "this is test code: what cannot go on has failed")]

mod azure;
mod backstage;
mod company;
mod findings;
mod leavers;
mod office;
mod scim2_server;
mod scimmy;
mod tester;
mod truth;
mod walk;
