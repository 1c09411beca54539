//! Messages of the protocol: errors, lists, searches, bulk requests (RFC 7644 §3, RFC 9865).

mod bulk;
mod error;
mod list;
mod search;

pub use bulk::{BulkMethod, BulkOperation, BulkRequest, BulkResponse, BulkResult};
pub use error::{ErrorAnswer, ErrorBody, ScimType};
pub use list::ListResponse;
pub use search::{SearchRequest, SortOrder};
