//! Sources: HTTP in, documents out. They know no store.

pub mod azure;
pub mod backstage;
pub mod doors;
mod error;
pub mod http;
mod probe;
mod reader;
pub mod scim;
#[cfg(test)]
pub(crate) mod scripted;
mod sign_in;
pub mod tokens;

pub(crate) use error::span as error_span;
pub use error::{Exchange, SourceError};
pub use reader::{Changes, Client, Listing, Reading, Shelf};
pub use sign_in::{Keep, SignIn};

use std::collections::HashMap;

use crate::record::{Columns, ResourceKind};
use crate::view::{SourceId, SourceKind};

/// How the columns of a system's documents are read.
pub fn reading(system: SourceKind) -> Reading {
    match system {
        SourceKind::Scim => scim::columns,
        SourceKind::Backstage => backstage::columns,
        SourceKind::Azure => azure::columns,
    }
}

/// What reads the columns of these sources' documents.
pub fn columns_reader(systems: HashMap<SourceId, SourceKind>) -> impl Fn(SourceId, ResourceKind, &[u8]) -> Option<Columns> {
    move |source, kind, text| columns(*systems.get(&source)?, kind, text)
}

/// The columns of a source's document; none where it cannot be read.
pub fn columns(system: SourceKind, kind: ResourceKind, text: &[u8]) -> Option<Columns> {
    reading(system)(kind, text)
}
