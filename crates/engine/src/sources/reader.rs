//! What sync needs of a source, whatever its kind.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::SourceError;
use super::azure::AzureClient;
use super::backstage::BackstageClient;
use super::http::Traffic;
use super::scim::{Batch, Found, ListEnd, ScimClient};
use crate::record::{Columns, ResourceKind};
use crate::view::{ProbeReport, SourceKind};

/// A collection of a source that is not SCIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// What it holds. The coverage's name is [`ResourceKind::collection`].
    pub kind: ResourceKind,
    /// The permission that reading it takes, by its name at the source: `Directory.Read.All`, `policy.entity.read`.
    pub needs: &'static str,
    /// What cannot be evaluated without it: "who restores by role assignment".
    pub without: &'static str,
}

/// What reading a collection gave.
#[derive(Clone, Debug)]
pub struct Listing {
    /// How it ended. A permission that is missing is a reason with the code `refused`, whose text names the permission; a collection that
    /// the server does not have at all is one with the code `notOffered`.
    pub end: ListEnd,
    /// What to come with the next time, to be told changes only; none where that is not to be had.
    pub mark: Option<String>,
    /// Present where changes only were told. The batches held what is new or changed, whole.
    pub changes: Option<Changes>,
}

/// What a reading of changes told besides what is new or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Ids that are gone, each verified by asking for it.
    pub gone: Vec<String>,
}

/// A client of a source, of any kind. Cheap to clone; clones share connections, budget and counters.
#[derive(Clone)]
pub enum Client {
    /// SCIM, which sync reads in its own way.
    Scim(ScimClient),
    /// Backstage.
    Backstage(BackstageClient),
    /// Azure.
    Azure(AzureClient),
    /// One that does as a test says.
    #[cfg(test)]
    Scripted(super::scripted::Scripted),
}

/// Reads the columns of a document; none where it cannot be read.
pub type Reading = fn(ResourceKind, &[u8]) -> Option<Columns>;

impl Client {
    /// What kind of system it is a client of.
    pub fn system(&self) -> SourceKind {
        match self {
            Self::Scim(_) => SourceKind::Scim,
            Self::Backstage(_) => SourceKind::Backstage,
            Self::Azure(_) => SourceKind::Azure,
            #[cfg(test)]
            Self::Scripted(_) => SourceKind::Azure,
        }
    }

    /// How its documents' columns are read.
    pub fn reading(&self) -> Reading {
        match self {
            #[cfg(test)]
            Self::Scripted(_) => super::scripted::columns,
            _ => super::reading(self.system()),
        }
    }

    /// The collections, in the order in which they are read: accounts, groups, then items. Empty for SCIM.
    pub fn shelves(&self) -> Vec<Shelf> {
        match self {
            Self::Scim(_) => Vec::new(),
            Self::Backstage(client) => client.shelves(),
            Self::Azure(client) => client.shelves(),
            #[cfg(test)]
            Self::Scripted(client) => client.shelves(),
        }
    }

    /// Reads a collection: all of it, or with a mark of an earlier reading what changed since, where the source can tell. Each batch holds
    /// whole documents of which [`super::columns`] reads the columns. Not for SCIM.
    ///
    /// # Errors
    /// When nothing of it could be read for another reason than a missing permission. (An incomplete list is no error.)
    pub async fn list(
        &self,
        kind: ResourceKind,
        mark: Option<&str>,
        batches: mpsc::Sender<Batch>,
        cancel: &CancellationToken,
    ) -> Result<Listing, SourceError> {
        match self {
            Self::Scim(_) => Err(SourceError::Setting {
                field: "Kind",
                problem: "a SCIM source is read by index or cursor".into(),
                next: String::new(),
            }),
            Self::Backstage(client) => client.list(kind, mark, batches, cancel).await,
            Self::Azure(client) => client.list(kind, mark, batches, cancel).await,
            #[cfg(test)]
            Self::Scripted(client) => client.list(kind, mark, batches, cancel).await,
        }
    }

    /// Asks for resources by their ids: what a complete list no longer shows is asked for before it is taken for gone. Gives, id by id, the
    /// document, or that it is absent; an id that could not be asked about is left out.
    ///
    /// # Errors
    /// When nothing could be asked. Not for SCIM.
    pub async fn look_up(
        &self,
        kind: ResourceKind,
        ids: &[String],
        cancel: &CancellationToken,
    ) -> Result<Vec<(String, Found)>, SourceError> {
        match self {
            Self::Scim(_) => Ok(Vec::new()),
            Self::Backstage(client) => client.look_up(kind, ids, cancel).await,
            Self::Azure(client) => client.look_up(kind, ids, cancel).await,
            #[cfg(test)]
            Self::Scripted(client) => client.look_up(kind, ids),
        }
    }

    /// The connection test. Never fails: a failure is in the report.
    pub async fn probe(&self, cancel: &CancellationToken) -> ProbeReport {
        match self {
            Self::Scim(client) => client.probe(cancel).await.0,
            Self::Backstage(client) => client.probe(cancel).await,
            Self::Azure(client) => client.probe(cancel).await,
            #[cfg(test)]
            Self::Scripted(_) => panic!("a script is not probed"),
        }
    }

    /// What was sent and received so far.
    pub fn traffic(&self) -> Traffic {
        match self {
            Self::Scim(client) => client.traffic(),
            Self::Backstage(client) => client.traffic(),
            Self::Azure(client) => client.traffic(),
            #[cfg(test)]
            Self::Scripted(client) => client.traffic(),
        }
    }
}
