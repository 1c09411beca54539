//! What the cache knows of a source's resources, in memory for the time of a sync: enough to tell what is new, changed, or unseen.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::record::Row;
use crate::view::Millis;

/// A resource's id, hashed (XXH3, 128 bits: among a million ids a collision has odds of 10⁻²⁷).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdHash(pub u128);

impl IdHash {
    /// Hashes an id. Ids are opaque and case-exact (RFC 7643 §3.1).
    pub fn of(id: &str) -> Self {
        Self(xxh3_128(id.as_bytes()))
    }
}

impl std::hash::Hash for IdHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(half(self.0));
    }
}

impl std::hash::Hash for VersionHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(half(self.0));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "any 64 of a hash's bits do for a table")]
fn half(hash: u128) -> u64 {
    hash as u64
}

/// Passes a hash on as it is.
#[derive(Default)]
pub struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A document's text, hashed (XXH3, 128 bits). Equal texts are equal documents; different texts may still say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionHash(pub u128);

impl VersionHash {
    /// Hashes a document's text.
    pub fn of(text: &[u8]) -> Self {
        Self(xxh3_128(text))
    }
}

/// What tells one version of a resource from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The document's hash.
    pub text: VersionHash,
    /// The hash of `meta.version`, the server's own word for it (RFC 7644 §3.14), if it has one.
    pub etag: Option<i64>,
}

impl Version {
    /// The version of a document with this `meta.version`.
    pub fn of(text: &[u8], etag: Option<&str>) -> Self {
        Self {
            text: VersionHash::of(text),
            etag: etag.map(etag_hash),
        }
    }
}

/// A `meta.version` as it is kept: XXH3, 64 bits.
pub fn etag_hash(etag: &str) -> i64 {
    xxh3_64(etag.as_bytes()).cast_signed()
}

/// A resource that the cache holds.
#[derive(Clone, Copy, Debug)]
pub struct KnownResource {
    /// Its row.
    pub row: Row,
    /// Its version.
    pub version: Version,
    /// `meta.lastModified`, if it has one.
    pub modified: Option<Millis>,
    /// Whether the last reading did not show it.
    pub unconfirmed: bool,
}

/// The resources of one source and kind, by id.
#[derive(Default)]
pub struct Known {
    by_id: HashMap<IdHash, KnownResource, BuildHasherDefault<AsIs>>,
    /// A document's text holds its id: one of a known hash needs no reading.
    by_text: HashMap<VersionHash, IdHash, BuildHasherDefault<AsIs>>,
}

impl Known {
    /// Makes room for `count` resources.
    pub fn with_capacity(count: usize) -> Self {
        Self {
            by_id: HashMap::with_capacity_and_hasher(count, BuildHasherDefault::default()),
            by_text: HashMap::with_capacity_and_hasher(count, BuildHasherDefault::default()),
        }
    }

    /// Puts a resource in.
    pub fn insert(&mut self, id: IdHash, resource: KnownResource) {
        self.by_text.insert(resource.version.text, id);
        self.by_id.insert(id, resource);
    }

    /// The resource whose document has this text.
    pub fn of_text(&self, text: VersionHash) -> Option<&KnownResource> {
        self.by_text.get(&text).and_then(|id| self.by_id.get(id))
    }

    /// The resource of this id.
    pub fn get(&self, id: IdHash) -> Option<&KnownResource> {
        self.by_id.get(&id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (IdHash, &KnownResource)> {
        self.by_id.iter().map(|(id, resource)| (*id, resource))
    }
}
