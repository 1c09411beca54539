//! A Backstage backend: its catalog, fed from the identity provider, and the community RBAC plugin.
//!
//! It answers as the 1.54 line does (catalog-backend 3.9, permission-backend 0.7, rbac-backend 8.1). What is wrong with it
//! on purpose stands in the company's definition (`company::access`); how it fails on request, in [`PortalQuirk`] and
//! [`crate::Fault`].

mod call;
mod catalog;
mod decide;
mod draft;
mod entities;
mod feed;
mod handle;
mod http;
mod lists;
mod options;
mod permissions;
mod portal;
mod query;
mod quirk;
mod rbac;
mod refs;
mod refusal;
mod signin;
mod time;
mod tokens;

pub(crate) use http::router;
pub(crate) use portal::{Portal, reference_of_name};
pub(crate) use time::pass;

pub use handle::PortalHandle;
pub use options::{Feed, OrphanStrategy, PortalOptions, StaticToken};
pub use quirk::PortalQuirk;
pub use refusal::PortalRefusal;

#[cfg(test)]
mod tests;
