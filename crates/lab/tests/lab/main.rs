//! The lab over real HTTP on loopback.

mod auth;
mod azure;
mod bulk;
mod client;
mod discovery;
mod failing;
mod filters;
mod leaving;
mod paging;
mod patch;
mod portal;
mod provisioning;
mod quirks;
mod resources;
mod tokens;
