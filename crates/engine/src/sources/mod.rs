//! Sources: HTTP in, documents out. They know no store.

pub mod azure;
pub mod backstage;
mod error;
pub mod http;
mod probe;
mod reader;
pub mod scim;
mod sign_in;

pub(crate) use error::span as error_span;
pub use error::{Exchange, SourceError};
pub use reader::{Changes, Client, Listing, Shelf};
pub use sign_in::{Keep, SignIn};

use crate::record::{Columns, ResourceKind};
use crate::view::SourceKind;

/// The columns of a source's document; none where it cannot be read.
pub fn columns(system: SourceKind, kind: ResourceKind, text: &[u8]) -> Option<Columns> {
    match system {
        SourceKind::Scim => scim::columns(kind, text),
        SourceKind::Backstage => backstage::columns(kind, text),
        SourceKind::Azure => azure::columns(kind, text),
    }
}
