//! Reading items whole: what access is made of besides accounts and groups, with its documents.

use super::Cache;
use crate::record::{ItemKind, ItemRecord, ResourceKind};
use crate::store::StoreError;
use crate::view::SourceId;

impl Cache {
    /// Hands the items of these kinds to `each`, of all sources, ascending by row, with their documents. One pass over one state of the
    /// file: a sync that commits meanwhile is seen whole or not at all.
    ///
    /// # Errors
    /// When the cache cannot be read, or a document is damaged.
    pub fn items(&self, kinds: &[ItemKind], each: &mut dyn FnMut(&ItemRecord<'_>)) -> Result<(), StoreError> {
        if kinds.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = kinds.iter().map(|kind| format!("'{}'", ResourceKind::Item(*kind).name())).collect();
        let read = self.with(|connection| {
            let _snapshot = connection.unchecked_transaction()?;
            // Both tables go by row, so that each page of the file is decrypted once.
            let mut statement = connection.prepare(&format!(
                "SELECT item.row, source, kind, id, name, unconfirmed, dictionary, body \
                 FROM item NOT INDEXED CROSS JOIN document ON document.row = item.row WHERE kind IN ({}) ORDER BY item.row",
                names.join(",")
            ))?;
            let mut unpacker = self.dictionaries.unpacker();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                // Asked for by name, so it is one of ours.
                let Some(kind) = ItemKind::named(row.get_ref(2)?.as_str()?) else {
                    continue;
                };
                let document = match unpacker.unpack(row.get(6)?, row.get_ref(7)?.as_blob()?) {
                    Ok(document) => document,
                    Err(error) => return Ok(Err(error)),
                };
                each(&ItemRecord {
                    row: row.get(0)?,
                    source: row.get(1)?,
                    kind,
                    id: row.get_ref(3)?.as_str()?,
                    name: row.get_ref(4)?.as_str_or_null()?,
                    unconfirmed: row.get(5)?,
                    document,
                });
            }
            Ok(Ok(()))
        })?;
        read.map_err(|source| StoreError::Damaged {
            file: "cache",
            what: source.to_string(),
        })
    }

    /// How many items of each kind a source has in the cache; kinds without any are left out.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn item_counts(&self, source: SourceId) -> Result<Vec<(ItemKind, u64)>, StoreError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT kind, count(*) FROM item NOT INDEXED WHERE source = ?1 GROUP BY kind")?;
            let mut rows = statement.query([source])?;
            let mut counts = Vec::new();
            while let Some(row) = rows.next()? {
                if let Some(kind) = ItemKind::named(row.get_ref(0)?.as_str()?) {
                    counts.push((kind, row.get::<_, i64>(1)?.unsigned_abs()));
                }
            }
            counts.sort_unstable();
            Ok(counts)
        })
    }
}
