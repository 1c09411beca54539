//! What a member id resolves to: an account or a group that is held, or an id that is only named.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::record::{ResourceKind, Row, Shape};
use crate::store::cache::{AsIs, IdHash, Known};

type Rows = HashMap<IdHash, Row, BuildHasherDefault<AsIs>>;

/// One kind of resource: what was held before this sync, and what it added.
struct Held {
    kind: ResourceKind,
    known: Arc<Known>,
    added: Rows,
}

/// The resources of one source by their ids, each kind for itself; members are looked for among accounts and groups.
pub(in crate::sync) struct Resolver {
    held: Vec<Held>,
    dangling: Rows,
    gone: RoaringBitmap,
    /// What those were called that this sync took out.
    names: HashMap<IdHash, String, BuildHasherDefault<AsIs>>,
}

impl Resolver {
    pub(in crate::sync) fn new(known: Vec<(ResourceKind, Arc<Known>)>, dangling: Vec<(IdHash, Row)>) -> Self {
        let held = known.into_iter().map(|(kind, known)| Held {
            kind,
            known,
            added: Rows::default(),
        });
        Self {
            held: held.collect(),
            dangling: dangling.into_iter().collect(),
            gone: RoaringBitmap::new(),
            names: HashMap::default(),
        }
    }

    /// What was known of a kind before this sync.
    pub(super) fn known(&self, kind: ResourceKind) -> Arc<Known> {
        let held = self.held.iter().find(|held| held.kind == kind);
        held.map(|held| Arc::clone(&held.known)).unwrap_or_default()
    }

    /// The row that this sync gave to an id of this kind.
    pub(super) fn added(&self, kind: ResourceKind, id: IdHash) -> Option<Row> {
        self.held.iter().find(|held| held.kind == kind)?.added.get(&id).copied()
    }

    pub(super) fn add(&mut self, kind: ResourceKind, id: IdHash, row: Row) {
        if let Some(held) = self.held.iter_mut().find(|held| held.kind == kind) {
            held.added.insert(id, row);
        }
    }

    /// The account or group of this id.
    pub(super) fn member(&self, id: IdHash) -> Option<Row> {
        self.find(id, |kind| kind.shape() != Shape::Item)
    }

    /// Whether this id is an account's of another kind.
    pub(super) fn is_other_account(&self, kind: ResourceKind, id: IdHash) -> bool {
        kind.shape() == Shape::Account && self.find(id, |other| other != kind && other.shape() == Shape::Account).is_some()
    }

    fn find(&self, id: IdHash, wanted: impl Fn(ResourceKind) -> bool) -> Option<Row> {
        let held = || self.held.iter().filter(|held| wanted(held.kind));
        let added = held().find_map(|held| held.added.get(&id).copied());
        added.or_else(|| {
            let mut known = held().filter_map(|held| held.known.get(id)).map(|known| known.row);
            known.find(|row| !self.gone.contains(*row))
        })
    }

    /// The account, group, or id that is only named.
    pub(super) fn any(&self, id: IdHash) -> Option<Row> {
        self.member(id).or_else(|| self.dangling.get(&id).copied())
    }

    /// Notes a row for an id that is only named.
    pub(super) fn dangle(&mut self, id: IdHash, row: Row) {
        self.dangling.insert(id, row);
    }

    /// The row of an id that was only named so far, for the account or group that has it.
    pub(super) fn adopt(&mut self, id: IdHash) -> Option<Row> {
        self.dangling.remove(&id)
    }

    /// Notes that a row was taken out: it stays as that of an id that is only named.
    pub(super) fn remove(&mut self, row: Row, id_and_name: Option<(&str, &str)>) {
        self.gone.insert(row);
        let Some((id, name)) = id_and_name else {
            return;
        };
        self.dangling.insert(IdHash::of(id), row);
        if id != name {
            self.names.insert(IdHash::of(id), name.to_owned());
        }
    }

    /// What one was called that this sync took out.
    pub(super) fn name_of_gone(&self, id: IdHash) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }
}
