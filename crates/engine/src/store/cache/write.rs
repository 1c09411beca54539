//! Writing the cache: rows and documents of one source, in transactions that each leave it whole.

use rusqlite::{Connection, OptionalExtension, params};

use super::known::Version;
use super::pack::Packed;
use super::read::{Label, label, table};
use super::{Cache, DROP_INDEXES, INDEXES, pack};
use crate::record::{AccountRecord, GroupRecord, ItemColumns, ItemKind, ResourceKind, Row, Shape};
use crate::store::StoreError;
use crate::view::SourceId;

/// Writes one source's rows. Made by [`Cache::writer`]; a transaction is open between [`Writer::begin`] and [`Writer::commit`].
pub struct Writer {
    connection: Connection,
    source: SourceId,
    next_row: Row,
    rows_written: u64,
    open: bool,
    without_indexes: bool,
}

impl Cache {
    /// A writer for a source. The caller sees to it that there is one per source at a time.
    ///
    /// # Errors
    /// When the cache cannot be opened for writing.
    pub fn writer(&self, source: SourceId) -> Result<Writer, StoreError> {
        Ok(Writer {
            connection: self.connect()?,
            source,
            next_row: 0,
            rows_written: 0,
            open: false,
            without_indexes: false,
        })
    }

    /// The dictionary to pack a source's documents of one kind with.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn dictionary(&self, source: SourceId, kind: ResourceKind) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT id, body FROM dictionary WHERE source = ?1 AND kind = ?2 ORDER BY id DESC LIMIT 1")?
                .query_row(params![source, kind.name()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })
    }

    /// Trains a dictionary on a source's documents and keeps it; none where there are too few of them.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn train_dictionary(&self, source: SourceId, kind: ResourceKind, samples: &[&[u8]]) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        let Some(body) = pack::train(samples) else { return Ok(None) };
        let id = self.with(|connection| {
            connection
                .prepare_cached("INSERT INTO dictionary(source, kind, body) VALUES (?1, ?2, ?3)")?
                .execute(params![source, kind.name(), body])?;
            Ok(connection.last_insert_rowid())
        })?;
        self.dictionaries.add(id, &body);
        Ok(Some((id, body)))
    }

    /// Takes a source's rows, documents and state out.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn forget_source(&self, source: SourceId) -> Result<(), StoreError> {
        self.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            for sql in [
                "DELETE FROM membership WHERE grp IN (SELECT row FROM grp WHERE source = ?1)",
                "DELETE FROM document WHERE row IN (SELECT row FROM account WHERE source = ?1)",
                "DELETE FROM document WHERE row IN (SELECT row FROM grp WHERE source = ?1)",
                "DELETE FROM document WHERE row IN (SELECT row FROM item WHERE source = ?1)",
                "DELETE FROM account WHERE source = ?1",
                "DELETE FROM grp WHERE source = ?1",
                "DELETE FROM item WHERE source = ?1",
                "DELETE FROM dangling WHERE source = ?1",
                "DELETE FROM dictionary WHERE source = ?1",
                "DELETE FROM source_state WHERE source = ?1",
            ] {
                transaction.execute(sql, [source])?;
            }
            transaction.execute("UPDATE counter SET value = value + 1 WHERE name = 'generation'", [])?;
            transaction.commit()
        })
    }
}

/// What `grp.members_listed` says: 0, that nobody told the group's members; this, that the group did.
const OF_GROUP: u8 = 1;
/// That the users did, each by its `groups` (RFC 7643 §4.1.2).
const OF_USERS: u8 = 2;

impl Writer {
    fn sql(source: rusqlite::Error) -> StoreError {
        StoreError::sql("cache", source)
    }

    /// Opens a transaction, if none is open, and tells whether it did. Row numbers are dealt from here on, so other writers wait until the commit.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn begin(&mut self) -> Result<bool, StoreError> {
        if self.open {
            return Ok(false);
        }
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(Self::sql)?;
        self.open = true;
        self.next_row = self
            .connection
            .query_row("SELECT value FROM counter WHERE name = 'row'", [], |row| row.get(0))
            .map_err(Self::sql)?;
        Ok(true)
    }

    /// Lets the indexes go for a first load into an empty cache ([`Self::finish`] makes them again), or sees to it that they are there:
    /// after a kill in between they are not.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn prepare_indexes(&mut self) -> Result<(), StoreError> {
        let empty: bool = self
            .connection
            .query_row(
                "SELECT NOT EXISTS (SELECT 1 FROM account UNION ALL SELECT 1 FROM grp UNION ALL SELECT 1 FROM item)",
                [],
                |row| row.get(0),
            )
            .map_err(Self::sql)?;
        if empty {
            self.connection.execute_batch(DROP_INDEXES).map_err(Self::sql)?;
            self.without_indexes = true;
        } else {
            self.connection.execute_batch(INDEXES).map_err(Self::sql)?;
        }
        Ok(())
    }

    /// Ends the transaction: from now on others see it.
    ///
    /// # Errors
    /// When the cache cannot be written; nothing of the transaction remains then.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        if !self.open {
            return Ok(());
        }
        self.open = false;
        let result = self
            .connection
            .prepare_cached("UPDATE counter SET value = CASE name WHEN 'row' THEN ?1 ELSE value + 1 END")
            .and_then(|mut statement| statement.execute([self.next_row]))
            .and_then(|_| self.connection.execute_batch("COMMIT"));
        if result.is_err() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        result.map_err(Self::sql)
    }

    /// Makes the indexes that a first load let go.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn finish(&mut self) -> Result<(), StoreError> {
        self.commit()?;
        if std::mem::take(&mut self.without_indexes) {
            self.connection.execute_batch(INDEXES).map_err(Self::sql)?;
        }
        Ok(())
    }

    /// Rows written so far, documents and memberships included.
    pub fn rows_written(&self) -> u64 {
        self.rows_written
    }

    fn deal_row(&mut self) -> Row {
        self.next_row += 1;
        self.next_row
    }

    /// Puts an account in, or in place of the one that has its row (`record.row`, 0 for a new one). Gives its row.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn put_account(&mut self, record: &AccountRecord<'_>, version: Version, document: &Packed) -> Result<Row, StoreError> {
        let row = if record.row == 0 { self.deal_row() } else { record.row };
        let sql = if record.row == 0 {
            "INSERT INTO account VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, ?15, ?16, ?17, ?18)"
        } else {
            "INSERT OR REPLACE INTO account VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, ?15, ?16, ?17, ?18)"
        };
        let mut statement = self.connection.prepare_cached(sql).map_err(Self::sql)?;
        statement
            .execute(params![
                row,
                self.source,
                record.id,
                record.user_name,
                record.display_name,
                record.email,
                record.external_id,
                record.title,
                record.department,
                record.user_type,
                record.active,
                record.created,
                record.modified,
                record.roles,
                version.text.0.to_le_bytes(),
                version.etag,
                record.service,
                record.manager,
            ])
            .map_err(Self::sql)?;
        drop(statement);
        self.put_document(row, document, record.row == 0)?;
        Ok(row)
    }

    /// Puts an item in, or in place of the one that has this row (0 for a new one). Gives its row.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn put_item(
        &mut self,
        kind: ItemKind,
        row: Row,
        item: &ItemColumns,
        version: Version,
        document: &Packed,
    ) -> Result<Row, StoreError> {
        let new = row == 0;
        let row = if new { self.deal_row() } else { row };
        let sql = if new {
            "INSERT INTO item VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)"
        } else {
            "INSERT OR REPLACE INTO item VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)"
        };
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement.execute(params![
                    row,
                    self.source,
                    ResourceKind::Item(kind).name(),
                    item.id,
                    item.name,
                    item.modified,
                    version.text.0.to_le_bytes(),
                ])
            })
            .map_err(Self::sql)?;
        self.put_document(row, document, new)?;
        Ok(row)
    }

    /// Puts a group in, or in place of the one that has its row. Its members are put by [`Self::put_members`].
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn put_group(&mut self, record: &GroupRecord<'_>, version: Version, document: &Packed) -> Result<Row, StoreError> {
        let row = if record.row == 0 { self.deal_row() } else { record.row };
        let mut statement = self
            .connection
            .prepare_cached("INSERT OR REPLACE INTO grp VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10)")
            .map_err(Self::sql)?;
        statement
            .execute(params![
                row,
                self.source,
                record.id,
                record.display_name,
                record.external_id,
                record.created,
                record.modified,
                record.members_listed,
                version.text.0.to_le_bytes(),
                version.etag,
            ])
            .map_err(Self::sql)?;
        drop(statement);
        self.put_document(row, document, record.row == 0)?;
        Ok(row)
    }

    fn put_document(&mut self, row: Row, document: &Packed, new: bool) -> Result<(), StoreError> {
        let sql = if new {
            "INSERT INTO document VALUES (?1, ?2, ?3)"
        } else {
            "INSERT OR REPLACE INTO document VALUES (?1, ?2, ?3)"
        };
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params![row, document.dictionary, document.body]))
            .map_err(Self::sql)?;
        self.rows_written += 2;
        Ok(())
    }

    /// Notes that the last reading did or did not show a resource.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn set_unconfirmed(&mut self, kind: ResourceKind, row: Row, unconfirmed: bool) -> Result<(), StoreError> {
        let changed = self
            .connection
            .prepare_cached(&format!(
                "UPDATE {} SET unconfirmed = ?2 WHERE row = ?1 AND unconfirmed <> ?2",
                table(kind)
            ))
            .and_then(|mut statement| statement.execute(params![row, unconfirmed]))
            .map_err(Self::sql)?;
        self.rows_written += changed as u64;
        Ok(())
    }

    /// Takes a resource out. An account's or group's row stays behind as a dangling id, for groups that still name it; see [`Self::sweep`].
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn remove(&mut self, kind: ResourceKind, row: Row) -> Result<(), StoreError> {
        let table = table(kind);
        let run = |sql: &str| {
            self.connection
                .prepare_cached(sql)
                .and_then(|mut statement| statement.execute([row]))
        };
        let removed = (|| {
            let mut memberships = 0;
            if kind.shape() != Shape::Item {
                run(&format!(
                    "INSERT OR REPLACE INTO dangling SELECT row, source, id FROM {table} WHERE row = ?1"
                ))?;
                memberships = run("DELETE FROM membership WHERE grp = ?1")?;
            }
            run("DELETE FROM document WHERE row = ?1")?;
            run(&format!("DELETE FROM {table} WHERE row = ?1"))?;
            Ok(memberships)
        })();
        self.rows_written += 2 + removed.map_err(Self::sql)? as u64;
        Ok(())
    }

    /// A row for a member id that the source does not hold.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn put_dangling(&mut self, id: &str) -> Result<Row, StoreError> {
        let row = self.deal_row();
        self.connection
            .prepare_cached("INSERT INTO dangling VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(params![row, self.source, id]))
            .map_err(Self::sql)?;
        self.rows_written += 1;
        Ok(row)
    }

    /// Notes that a dangling id is held after all: its row is now an account's or a group's.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn adopt(&mut self, row: Row) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM dangling WHERE row = ?1")
            .and_then(|mut statement| statement.execute([row]))
            .map_err(Self::sql)?;
        Ok(())
    }

    /// Sets a group's direct members: `add` and `remove` against what is held. Both ascending.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn put_members(&mut self, group: Row, add: &[Row], remove: &[Row]) -> Result<(), StoreError> {
        let mut written = 0;
        {
            let mut statement = self
                .connection
                .prepare_cached("DELETE FROM membership WHERE grp = ?1 AND member = ?2")
                .map_err(Self::sql)?;
            for member in remove {
                written += statement.execute([group, *member]).map_err(Self::sql)?;
            }
            let mut statement = self
                .connection
                .prepare_cached("INSERT OR IGNORE INTO membership VALUES (?1, ?2)")
                .map_err(Self::sql)?;
            for member in add {
                written += statement.execute([group, *member]).map_err(Self::sql)?;
            }
        }
        self.rows_written += written as u64;
        Ok(())
    }

    /// The direct members of a group, ascending, as this transaction sees them.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn members(&self, group: Row) -> Result<Vec<Row>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT member FROM membership WHERE grp = ?1 ORDER BY member")
            .map_err(Self::sql)?;
        let rows = statement.query_map([group], |row| row.get(0)).map_err(Self::sql)?;
        rows.collect::<rusqlite::Result<_>>().map_err(Self::sql)
    }

    /// How many groups the source has, and how many of them tell their members.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn groups_listed(&self) -> Result<(u64, u64), StoreError> {
        let count = |row: &rusqlite::Row<'_>, column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
        self.connection
            .query_row(
                "SELECT count(*), count(*) FILTER (WHERE members_listed) FROM grp WHERE source = ?1",
                [self.source],
                |row| Ok((count(row, 0)?, count(row, 1)?)),
            )
            .map_err(Self::sql)
    }

    /// The id and name of a row, as this transaction sees it.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn label(&self, row: Row) -> Result<Option<Label>, StoreError> {
        label(&self.connection, row).map_err(Self::sql)
    }

    /// Whether the users of the source told its groups' members, the last time that they were settled.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn any_members_of_users(&self) -> Result<bool, StoreError> {
        self.any_listed(OF_USERS)
    }

    fn any_listed(&self, how: u8) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM grp WHERE source = ?1 AND members_listed = ?2)";
        let any = self.connection.query_row(sql, params![self.source, how], |row| row.get(0));
        any.map_err(Self::sql)
    }

    /// Where one group lists members, a group without any has none (RFC 7643 §2.5): takes out what such groups held, and notes it. Gives
    /// how many memberships went, or nothing where no group lists any.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn settle_members_listed(&mut self) -> Result<Option<u64>, StoreError> {
        if !self.any_listed(OF_GROUP)? {
            return Ok(None);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM grp WHERE source = ?1 AND members_listed <> ?2)";
        let unsettled = self.connection.query_row(sql, params![self.source, OF_GROUP], |row| row.get(0));
        if !unsettled.map_err(Self::sql)? {
            return Ok(Some(0));
        }
        self.begin()?;
        let sql = "DELETE FROM membership WHERE grp IN (SELECT row FROM grp WHERE source = ?1 AND members_listed <> ?2)";
        let removed = self.connection.execute(sql, params![self.source, OF_GROUP]).map_err(Self::sql)? as u64;
        self.rows_written += removed;
        self.set_listed(OF_GROUP)?;
        Ok(Some(removed))
    }

    /// Notes that the members of all groups of the source are told by its users.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn set_members_of_users(&mut self) -> Result<(), StoreError> {
        self.set_listed(OF_USERS)
    }

    fn set_listed(&mut self, how: u8) -> Result<(), StoreError> {
        let sql = "UPDATE grp SET members_listed = ?2 WHERE source = ?1 AND members_listed <> ?2";
        let changed = self.connection.execute(sql, params![self.source, how]).map_err(Self::sql)?;
        self.rows_written += changed as u64;
        Ok(())
    }

    /// Takes out dangling ids that no group names any more.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn sweep(&mut self) -> Result<(), StoreError> {
        self.connection
            .execute(
                "DELETE FROM dangling WHERE source = ?1 AND row NOT IN (SELECT member FROM membership)",
                [self.source],
            )
            .map_err(Self::sql)?;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.open {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}
