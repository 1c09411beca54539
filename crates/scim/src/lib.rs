//! The vocabulary of SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865): resources, messages, filters, PATCH, errors.
//!
//! There is no input or output here: bytes and values go in, typed things come out. Reading is tolerant, because servers
//! are not true to the RFCs; writing is strict.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`attr`] | attribute paths such as `name.givenName`, with or without a schema URN |
//! | [`filter`] | filter expressions: parse, print, evaluate, check, complete |
//! | [`schema`] | schema definitions, resource types, what a server says about itself |
//! | [`resource`] | users and groups with everything that the server sent, known to us or not |
//! | [`brief`] | the few fields that a sync needs, borrowed straight from the bytes |
//! | [`page`] | one answer to a list request, cut into its resources |
//! | [`message`] | errors, list responses, search and bulk requests |
//! | [`patch`] | PATCH requests: read, print, apply |
//! | [`instant`] | dateTime values as points in time |
//!
//! # Why not a crate from crates.io
//!
//! `scim_v2` 1.0, `scim_proto` 1.11, `scim-filter` 0.2, `scim-server` 0.5 and `scim` 0.1 were looked at: their documentation, and their sources where it left a question open.
//!
//! - `scim_v2` is the best of them: careful models, filters with limits, names in any case on request (by rewriting the whole
//!   value first). But its models hold only what the RFC names, so that unknown attributes are lost when a resource is written
//!   again; a user without `userName` or `schemas` cannot be read; filters are parsed and their evaluation is left to the
//!   caller; PATCH requests are not applied.
//! - `scim_proto` has typed entries and a filter grammar without evaluation over JSON.
//! - `scim-filter` evaluates filters, over anything that serialises, without schemas: so without `caseExact`.
//! - `scim-server` brings a whole server with storage and tenants; `scim` is a first sketch.
//!
//! None borrows from its input, which the sync of a large tenant needs, none reads the cursors and `pagination` of RFC 9865, and
//! none has errors and completion for a person who types a filter. What would be left to take is small, so this crate stands
//! on `serde` and `serde_json` alone.

pub mod attr;
pub mod brief;
pub mod filter;
pub mod instant;
pub mod message;
pub mod page;
pub mod patch;
pub mod resource;
pub mod schema;

mod fields;
mod text;

pub use attr::AttrPath;
pub use brief::{GroupBrief, MemberKind, MemberRef, UserBrief};
pub use filter::Filter;
pub use page::{Page, Quirk, ReadError};
pub use patch::PatchOp;
pub use resource::{Group, Resource, User};
pub use schema::Catalog;

/// URNs of the schemas and messages that the RFCs define.
pub mod urn {
    /// The core User schema, RFC 7643 §4.1.
    pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    /// The Group schema, RFC 7643 §4.2.
    pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
    /// The enterprise extension of User, RFC 7643 §4.3.
    pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    /// The configuration of a service provider, RFC 7643 §5.
    pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    /// A resource type, RFC 7643 §6.
    pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
    /// A schema, RFC 7643 §7.
    pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
    /// An answer to a list request, RFC 7644 §3.4.2.
    pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    /// A query sent with POST, RFC 7644 §3.4.3.
    pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    /// A PATCH request, RFC 7644 §3.5.2.
    pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    /// A bulk request, RFC 7644 §3.7.
    pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    /// The answer to a bulk request, RFC 7644 §3.7.
    pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    /// An error, RFC 7644 §3.12.
    pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
    /// How each core schema URN begins; matched without regard to case.
    pub const CORE_PREFIX: &str = "urn:ietf:params:scim:schemas:core:";
}
