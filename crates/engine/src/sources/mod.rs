//! Sources: HTTP in, documents out. They know no store.

mod error;
pub mod http;
pub mod scim;

pub(crate) use error::span as error_span;
pub use error::{Exchange, SourceError};
