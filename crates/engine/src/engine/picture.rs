//! The picture in memory: made from the cache at opening and after each sync that wrote something, then swapped whole.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use lanyard_scim::schema::{Catalog, Schema};

use super::{Engine, held};
use crate::Error;
use crate::directory::{Directory, DirectoryBuilder, SourceFacts};
use crate::sources::scim::Capabilities;
use crate::sync::now;
use crate::view::{EngineEvent, Millis, Source};

/// How often it is looked whether another process wrote to the cache, in milliseconds.
const LOOK_EVERY: Millis = 2_000;

/// Schemas that describe the server, not what it holds (RFC 7643 §5 to §7).
const OF_SERVERS: [&str; 3] = [
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
    "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
    "urn:ietf:params:scim:schemas:core:2.0:Schema",
];

impl Engine {
    pub(super) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.inner.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The picture, made anew if another process (the command line beside the window) wrote to the cache meanwhile.
    pub(super) fn current(&self) -> Result<Arc<Directory>, Error> {
        let at = now();
        let looked_at = self.inner.looked_at.load(Ordering::Relaxed);
        if at - looked_at > LOOK_EVERY && held(&self.inner.running).is_empty() {
            self.inner.looked_at.store(at, Ordering::Relaxed);
            self.renew()?;
        }
        Ok(self.directory())
    }

    /// Makes the picture anew, if the cache was written to since it was made.
    pub(super) fn renew(&self) -> Result<(), Error> {
        if self.inner.cache.generation()? == self.inner.made_from.load(Ordering::Relaxed) {
            Ok(())
        } else {
            self.rebuild()
        }
    }

    /// Makes the picture anew from the cache. Its number grows each time: what the sources say of themselves is part of it.
    pub(super) fn rebuild(&self) -> Result<(), Error> {
        let _one_at_a_time = held(&self.inner.rebuilding);
        let made_from = self.inner.cache.generation()?;
        let sources = self.sources()?;
        let generation = self.directory().generation() + 1;
        let mut builder = DirectoryBuilder::new(
            sources
                .iter()
                .filter(|source| source.settings.enabled)
                .map(SourceFacts::of)
                .collect(),
        )
        .deciding(self.inner.ledger.joins()?);
        self.inner.cache.read_all(&mut builder)?;
        let directory = Arc::new(builder.finish(generation));
        // The catalogue first: answers to a filter are kept by the picture's number.
        *self.inner.catalog.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(self.schemas(&sources)?);
        *self.inner.directory.write().unwrap_or_else(PoisonError::into_inner) = directory;
        self.inner.made_from.store(made_from, Ordering::Relaxed);
        self.inner.looked_at.store(now(), Ordering::Relaxed);
        self.drop_findings();
        self.tell(EngineEvent::DirectoryChanged { generation });
        Ok(())
    }

    /// The attributes that filters know: the core ones and what the sources' schemas add.
    fn schemas(&self, sources: &[Source]) -> Result<Catalog, Error> {
        let mut all: Vec<Schema> = Vec::new();
        for source in sources {
            let capabilities = self
                .inner
                .cache
                .state(source.id)?
                .capabilities
                .and_then(|kept| serde_json::from_value::<Capabilities>(kept).ok());
            if let Some(served) = capabilities.and_then(|capabilities| capabilities.schemas) {
                let served = serde_json::from_value::<Vec<Schema>>(served).unwrap_or_default();
                // What a server says of itself is no attribute of a person.
                all.extend(
                    served
                        .into_iter()
                        .filter(|schema| !OF_SERVERS.iter().any(|own| schema.id.eq_ignore_ascii_case(own))),
                );
            }
        }
        Ok(Catalog::core().with(&all))
    }
}
