//! Reading the cache: all rows for the directory, what is known for a sync, documents one by one or in runs.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow};

use super::Cache;
use super::known::{IdHash, Known, KnownResource, Version, VersionHash};
use crate::record::{AccountRecord, DanglingRecord, Documents, GroupRecord, RecordSink, ResourceKind, Row, Shape};
use crate::store::StoreError;
use crate::view::SourceId;

/// The table of a kind.
pub(super) fn table(kind: ResourceKind) -> &'static str {
    match kind.shape() {
        Shape::Account => "account",
        Shape::Group => "grp",
        Shape::Item => "item",
    }
}

/// What tells a kind's rows of its table from the others, in SQL. (The names are ours: letters only.)
fn of_kind(kind: ResourceKind) -> String {
    match kind {
        ResourceKind::User => "NOT service".into(),
        ResourceKind::Service => "service".into(),
        ResourceKind::Group => "TRUE".into(),
        ResourceKind::Item(_) => format!("kind = '{}'", kind.name()),
    }
}

fn text<'r>(row: &'r SqlRow<'_>, column: usize) -> rusqlite::Result<Option<&'r str>> {
    row.get_ref(column)?.as_str_or_null().map_err(Into::into)
}

/// A count, which is never negative.
pub(super) fn unsigned(row: &SqlRow<'_>) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(0)?.unsigned_abs())
}

impl Cache {
    /// Hands every row to `sink`: accounts, groups, dangling ids, memberships sorted by group.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn read_all(&self, sink: &mut dyn RecordSink) -> Result<(), StoreError> {
        self.with(|connection| {
            // One transaction, so that a sync that commits meanwhile is seen whole or not at all.
            let _snapshot = connection.unchecked_transaction()?;
            let mut statement = connection.prepare_cached(
                "SELECT row, source, id, user_name, display_name, email, external_id, title, department, user_type, active, created, modified, roles, \
                 unconfirmed, service, manager FROM account",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                sink.account(&AccountRecord {
                    row: row.get(0)?,
                    source: row.get(1)?,
                    id: row.get_ref(2)?.as_str()?,
                    user_name: text(row, 3)?,
                    display_name: text(row, 4)?,
                    email: text(row, 5)?,
                    external_id: text(row, 6)?,
                    title: text(row, 7)?,
                    department: text(row, 8)?,
                    user_type: text(row, 9)?,
                    active: row.get(10)?,
                    created: row.get(11)?,
                    modified: row.get(12)?,
                    roles: row.get(13)?,
                    unconfirmed: row.get(14)?,
                    service: row.get(15)?,
                    manager: text(row, 16)?,
                });
            }
            let mut statement =
                connection.prepare_cached("SELECT row, source, id, display_name, external_id, created, modified, members_listed, unconfirmed FROM grp")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                sink.group(&GroupRecord {
                    row: row.get(0)?,
                    source: row.get(1)?,
                    id: row.get_ref(2)?.as_str()?,
                    display_name: text(row, 3)?,
                    external_id: text(row, 4)?,
                    created: row.get(5)?,
                    modified: row.get(6)?,
                    members_listed: row.get(7)?,
                    unconfirmed: row.get(8)?,
                });
            }
            let mut statement = connection.prepare_cached("SELECT row, source, id FROM dangling")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                sink.dangling(&DanglingRecord { row: row.get(0)?, source: row.get(1)?, id: row.get_ref(2)?.as_str()? });
            }
            let mut statement = connection.prepare_cached("SELECT grp, member FROM membership ORDER BY grp, member")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                sink.membership(row.get(0)?, row.get(1)?);
            }
            Ok(())
        })
    }

    /// What is known of a source's resources of one kind.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn known(&self, source: SourceId, kind: ResourceKind) -> Result<Known, StoreError> {
        self.with(|connection| {
            let (table, of_kind) = (table(kind), of_kind(kind));
            let count: i64 = connection.query_row(
                &format!("SELECT count(*) FROM {table} WHERE source = ?1 AND {of_kind}"),
                [source],
                |row| row.get(0),
            )?;
            let etag = if kind.shape() == Shape::Item { "NULL" } else { "etag" };
            let mut known = Known::with_capacity(count.try_into().unwrap_or(0));
            // By the index, each row would be looked up for itself, in the ids' random order: a scan decrypts each page once.
            let mut statement = connection.prepare(&format!(
                "SELECT row, id, hash, modified, unconfirmed, {etag} FROM {table} NOT INDEXED WHERE source = ?1 AND {of_kind}"
            ))?;
            let mut rows = statement.query([source])?;
            while let Some(row) = rows.next()? {
                let version = Version {
                    text: VersionHash(u128::from_le_bytes(row.get(2)?)),
                    etag: row.get(5)?,
                };
                let resource = KnownResource {
                    row: row.get(0)?,
                    version,
                    modified: row.get(3)?,
                    unconfirmed: row.get(4)?,
                };
                known.insert(IdHash::of(row.get_ref(1)?.as_str()?), resource);
            }
            Ok(known)
        })
    }

    /// The dangling member ids of a source, with their rows.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn dangling(&self, source: SourceId) -> Result<Vec<(IdHash, Row)>, StoreError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached("SELECT row, id FROM dangling WHERE source = ?1")?;
            let rows = statement.query_map([source], |row| Ok((IdHash::of(row.get_ref(1)?.as_str()?), row.get(0)?)))?;
            rows.collect()
        })
    }

    /// The rows of a source's resources of one kind, ascending.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn rows(&self, source: SourceId, kind: ResourceKind) -> Result<Vec<Row>, StoreError> {
        self.with(|connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT row FROM {} NOT INDEXED WHERE source = ?1 AND {} ORDER BY row",
                table(kind),
                of_kind(kind)
            ))?;
            let rows = statement.query_map([source], |row| row.get(0))?;
            rows.collect()
        })
    }

    /// The rows of a source's resources of one kind, by id.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn ids(&self, source: SourceId, kind: ResourceKind) -> Result<HashMap<IdHash, Row>, StoreError> {
        Ok(self.known(source, kind)?.iter().map(|(id, resource)| (id, resource.row)).collect())
    }

    /// Whether a source has groups.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn has_groups(&self, source: SourceId) -> Result<bool, StoreError> {
        self.with(|connection| connection.query_row("SELECT EXISTS (SELECT 1 FROM grp WHERE source = ?1)", [source], |row| row.get(0)))
    }

    /// The ids and names of accounts, groups, items and dangling ids by row.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn label(&self, row: Row) -> Result<Option<Label>, StoreError> {
        self.with(|connection| label(connection, row))
    }

    /// Counts of a source: accounts, groups, memberships.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn counts(&self, source: SourceId) -> Result<(u64, u64, u64), StoreError> {
        self.with(|connection| {
            let count = |sql: &str| connection.prepare_cached(sql)?.query_row([source], unsigned);
            Ok((
                count("SELECT count(*) FROM account WHERE source = ?1")?,
                count("SELECT count(*) FROM grp WHERE source = ?1")?,
                count("SELECT count(*) FROM membership JOIN grp ON grp.row = membership.grp WHERE grp.source = ?1")?,
            ))
        })
    }
}

/// What a row is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The id at the source.
    pub id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
}

/// The id and name of a row.
pub(super) fn label(connection: &Connection, row: Row) -> rusqlite::Result<Option<Label>> {
    connection
                .prepare_cached(
                    "SELECT id, coalesce(display_name, user_name) FROM account WHERE row = ?1 UNION ALL SELECT id, display_name FROM grp WHERE row = ?1 \
                     UNION ALL SELECT id, name FROM item WHERE row = ?1 UNION ALL SELECT id, NULL FROM dangling WHERE row = ?1",
                )?
                .query_row([row], |row| Ok(Label { id: row.get(0)?, name: row.get(1)? }))
                .optional()
}

pub(super) fn each_document(
    connection: &Connection,
    cache: &Cache,
    rows: &[Row],
    each: &mut dyn FnMut(Row, &[u8]) -> bool,
) -> rusqlite::Result<std::io::Result<()>> {
    let mut unpacker = cache.dictionaries.unpacker();
    let mut hand_over = |row: &SqlRow<'_>| -> rusqlite::Result<std::io::Result<bool>> {
        let number: Row = row.get(0)?;
        let ValueRef::Blob(body) = row.get_ref(2)? else {
            return Ok(Ok(true));
        };
        Ok(unpacker.unpack(row.get(1)?, body).map(|document| each(number, document)))
    };
    let (Some(&first), Some(&last)) = (rows.first(), rows.last()) else {
        return Ok(Ok(()));
    };
    // Where most rows of a range are wanted, one scan beats as many look-ups.
    if rows.len() as u64 * 3 >= u64::from(last - first) {
        let mut wanted = rows.iter().copied().peekable();
        let mut statement =
            connection.prepare_cached("SELECT row, dictionary, body FROM document WHERE row BETWEEN ?1 AND ?2 ORDER BY row")?;
        let mut found = statement.query([first, last])?;
        while let Some(row) = found.next()? {
            let number: Row = row.get(0)?;
            while wanted.next_if(|&next| next < number).is_some() {}
            if wanted.peek() == Some(&number) {
                match hand_over(row)? {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
    } else {
        let mut statement = connection.prepare_cached("SELECT row, dictionary, body FROM document WHERE row = ?1")?;
        for row in rows {
            let mut found = statement.query([row])?;
            if let Some(row) = found.next()? {
                match hand_over(row)? {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
    }
    Ok(Ok(()))
}

impl Documents for Cache {
    fn document(&self, row: Row) -> Result<Option<Vec<u8>>, crate::Error> {
        let mut found = None;
        self.documents(&[row], &mut |_, document| {
            found = Some(document.to_vec());
            false
        })?;
        Ok(found)
    }

    fn documents(&self, rows: &[Row], each: &mut dyn FnMut(Row, &[u8]) -> bool) -> Result<(), crate::Error> {
        self.with(|connection| each_document(connection, self, rows, each))?
            .map_err(|source| {
                StoreError::Damaged {
                    file: "cache",
                    what: source.to_string(),
                }
                .into()
            })
    }
}
