//! A SCIM 2.0 server, true to RFC 7643, RFC 7644 and RFC 9865 unless it is asked not to be.

mod ask;
mod auth;
mod bulk;
mod cursor;
mod deferred;
mod definitions;
mod habit;
mod handle;
mod http;
mod list;
mod options;
mod project;
mod query;
mod quirk;
mod refusal;
mod server;
mod session;
mod shape;
mod store;
mod token;
mod token_api;
mod write;

pub(crate) use ask::Change;
pub(crate) use auth::{Access, Admission, secret_word};
pub(crate) use deferred::{Deferred, settle};
pub(crate) use habit::later;
pub(crate) use http::router;
pub(crate) use server::Server;
pub(crate) use store::{Fresh, Member, Store};
pub(crate) use token::{Sees, sha256};
pub(crate) use write::IdStyle;

#[cfg(test)]
mod tests;

pub use ask::Seen;
pub use habit::{TokenHabit, TokenOptions};
pub use handle::Handle;
pub use options::{AuthOptions, FilterSupport, Paging, ScimOptions};
pub use quirk::{Quirk, UnknownQuirk};
pub use refusal::Refusal;
pub use store::Family;
