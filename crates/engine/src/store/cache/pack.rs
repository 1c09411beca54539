//! Documents, compressed: zstd level 1 with a dictionary trained on the source's own documents.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use rusqlite::Connection;
use zstd::bulk::{Compressor, Decompressor};

const LEVEL: i32 = 1;
const DICTIONARY_BYTES: usize = 16 * 1024;
/// Fewer samples than this make no good dictionary.
const LEAST_SAMPLES: usize = 64;
/// No document is larger: an answer's body is bounded below this by the sources' limits.
const LARGEST: usize = 1 << 30;

/// A compressed document.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The dictionary's number; 0 for none.
    pub dictionary: i64,
    /// The zstd frame.
    pub body: Vec<u8>,
}

/// Compresses documents. One per thread.
pub struct Packer {
    dictionary: i64,
    compressor: Compressor<'static>,
}

impl Packer {
    /// A packer with the dictionary of this number and body; without one where none was trained.
    ///
    /// # Errors
    /// When zstd refuses the dictionary.
    pub fn new(dictionary: Option<(i64, &[u8])>) -> std::io::Result<Self> {
        Ok(match dictionary {
            Some((id, body)) => Self {
                dictionary: id,
                compressor: Compressor::with_dictionary(LEVEL, body)?,
            },
            None => Self {
                dictionary: 0,
                compressor: Compressor::new(LEVEL)?,
            },
        })
    }

    /// Compresses one document.
    ///
    /// # Errors
    /// When zstd fails, which it does for lack of memory only.
    pub fn pack(&mut self, document: &[u8]) -> std::io::Result<Packed> {
        Ok(Packed {
            dictionary: self.dictionary,
            body: self.compressor.compress(document)?,
        })
    }
}

/// Trains a dictionary; none where there are too few samples or they have nothing in common.
pub fn train(samples: &[&[u8]]) -> Option<Vec<u8>> {
    if samples.len() < LEAST_SAMPLES {
        return None;
    }
    zstd::dict::from_samples(samples, DICTIONARY_BYTES).ok()
}

/// The dictionaries of a cache.
#[derive(Default)]
pub struct Dictionaries {
    by_id: RwLock<HashMap<i64, Arc<[u8]>>>,
}

impl Dictionaries {
    /// Reads them from the file.
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let dictionaries = Self::default();
        let mut statement = connection.prepare("SELECT id, body FROM dictionary")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            dictionaries.add(row.get(0)?, row.get_ref(1)?.as_blob()?);
        }
        drop(rows);
        drop(statement);
        Ok(dictionaries)
    }

    /// Takes one in.
    pub fn add(&self, id: i64, body: &[u8]) {
        self.by_id
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(id, body.into());
    }

    fn get(&self, id: i64) -> Option<Arc<[u8]>> {
        self.by_id
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .get(&id)
            .cloned()
    }

    /// An unpacker over these dictionaries. One per thread.
    pub fn unpacker(&self) -> Unpacker<'_> {
        Unpacker {
            dictionaries: self,
            current: None,
            buffer: Vec::new(),
        }
    }
}

/// Unpacks documents, keeping the last dictionary and the buffer warm.
pub struct Unpacker<'d> {
    dictionaries: &'d Dictionaries,
    current: Option<(i64, Decompressor<'static>)>,
    buffer: Vec<u8>,
}

impl Unpacker<'_> {
    /// Unpacks one document; the text is good until the next call.
    ///
    /// # Errors
    /// When the frame is damaged or its dictionary is missing.
    pub fn unpack(&mut self, dictionary: i64, body: &[u8]) -> std::io::Result<&[u8]> {
        use std::io::{Error, ErrorKind};
        if self.current.as_ref().is_none_or(|(id, _)| *id != dictionary) {
            let decompressor = if dictionary == 0 {
                Decompressor::new()?
            } else {
                let body = self
                    .dictionaries
                    .get(dictionary)
                    .ok_or_else(|| Error::new(ErrorKind::InvalidData, "a dictionary is missing"))?;
                Decompressor::with_dictionary(&body)?
            };
            self.current = Some((dictionary, decompressor));
        }
        let size = Decompressor::upper_bound(body).unwrap_or(LARGEST).min(LARGEST);
        self.buffer.clear();
        self.buffer.reserve(size);
        match &mut self.current {
            Some((_, decompressor)) => {
                decompressor.decompress_to_buffer(body, &mut self.buffer)?;
                Ok(&self.buffer)
            }
            None => Err(Error::new(ErrorKind::InvalidData, "no decompressor")),
        }
    }
}
