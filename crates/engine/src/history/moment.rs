//! A picture and a map of a moment.

use std::collections::HashMap;
use std::sync::Arc;

use super::rewind::{ItemRewinder, Rewinder};
use super::then::{Before, Then, untold};
use crate::Error;
use crate::directory::{Directory, DirectoryBuilder, SourceFacts};
use crate::map::{Map, MapBuilder};
use crate::record::{Decision, Documents, ItemRecord, ReadColumns, RecordSink, Row, Since};
use crate::view::{Caveat, Millis};

/// Gives the rows that are held now.
pub trait Rows: Documents {
    /// Hands accounts, groups, dangling ids and memberships to `sink`, in this order.
    ///
    /// # Errors
    /// When the cache cannot be read.
    fn rows(&self, sink: &mut dyn RecordSink) -> Result<(), Error>;

    /// Hands all items to `each`.
    ///
    /// # Errors
    /// When the cache cannot be read.
    fn items(&self, each: &mut dyn FnMut(&ItemRecord<'_>)) -> Result<(), Error>;

    /// The highest number that a row was given.
    ///
    /// # Errors
    /// When the cache cannot be read.
    fn last_row(&self) -> Result<Row, Error>;
}

/// What a moment is made of.
pub struct Making<'a> {
    /// The moment.
    pub at: Millis,
    /// The number that the picture's pages carry.
    pub generation: u64,
    /// What stands for what was not recorded then.
    pub before: Before,
    /// The sources as they were.
    pub then: Then,
    /// Decisions that stood.
    pub decided: Vec<Decision>,
    /// What history tells of the time since.
    pub since: &'a Since,
    /// Reads documents' columns.
    pub read: ReadColumns<'a>,
}

/// The picture and the map as they were.
pub struct Moment {
    /// The moment.
    pub at: Millis,
    /// What stands for what was not recorded then.
    pub before: Before,
    /// Who was there, and who was in what.
    pub directory: Arc<Directory>,
    /// Who could do what.
    pub map: Arc<Map>,
    /// What cannot be said about it, besides what the picture and the map say of themselves.
    pub caveats: Vec<Caveat>,
    documents: HashMap<Row, Vec<u8>>,
}

impl Making<'_> {
    /// Makes the picture and the map of the moment.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn make(self, held: &dyn Rows) -> Result<Moment, Error> {
        let Self {
            at,
            generation,
            before,
            then,
            decided,
            since,
            read,
        } = self;
        let facts = then
            .sources
            .iter()
            .filter(|source| source.settings.enabled)
            .map(SourceFacts::of)
            .collect();
        let mut builder = DirectoryBuilder::new(facts).deciding(decided);
        let mut rewinder = Rewinder::new(&mut builder, since, &then.hidden, read, held.last_row()?);
        held.rows(&mut rewinder)?;
        let (mut rewound, next_row) = rewinder.finish();
        let directory = Arc::new(builder.finish(generation));
        let mut map = MapBuilder::new(Arc::clone(&directory), then.sources.clone());
        let mut items = ItemRewinder::new(since, &then.hidden, read, next_row, &mut rewound);
        held.items(&mut |item| items.item(item, &mut |item| map.item(item)))?;
        items.finish(&mut |item| map.item(item));
        let name = |id| {
            let source = then.sources.iter().find(|source| source.id == id && source.settings.enabled)?;
            Some(source.settings.name.clone())
        };
        let mut caveats = then.caveats.clone();
        caveats.extend(untold(&rewound, name));
        let documents = std::mem::take(&mut rewound.documents);
        let map = map.finish(&Overlaid {
            documents: &documents,
            held,
        })?;
        Ok(Moment {
            at,
            before,
            directory,
            map: Arc::new(map),
            caveats,
            documents,
        })
    }
}

impl Moment {
    /// The moment that the present picture and map are of.
    pub fn of_now(at: Millis, directory: Arc<Directory>, map: Arc<Map>) -> Self {
        Self {
            at,
            before: Before::Unknown,
            directory,
            map,
            caveats: Vec::new(),
            documents: HashMap::new(),
        }
    }

    /// Its documents, over those that are held now.
    pub fn documents<'m>(&'m self, held: &'m dyn Documents) -> impl Documents + 'm {
        Overlaid {
            documents: &self.documents,
            held,
        }
    }
}

/// Documents as they were, and for the rest those that are held.
struct Overlaid<'a, D: Documents + ?Sized> {
    documents: &'a HashMap<Row, Vec<u8>>,
    held: &'a D,
}

impl<D: Documents + ?Sized> Documents for Overlaid<'_, D> {
    fn document(&self, row: Row) -> Result<Option<Vec<u8>>, Error> {
        match self.documents.get(&row) {
            Some(document) => Ok(Some(document.clone())),
            None => self.held.document(row),
        }
    }

    fn documents(&self, rows: &[Row], each: &mut dyn FnMut(Row, &[u8]) -> bool) -> Result<(), Error> {
        let mut rest = Vec::with_capacity(rows.len());
        for row in rows {
            match self.documents.get(row) {
                Some(document) => {
                    if !each(*row, document) {
                        return Ok(());
                    }
                }
                None => rest.push(*row),
            }
        }
        self.held.documents(&rest, each)
    }
}
