//! Columns that the file got later than its rows: filled from the documents that are held.

use rusqlite::{Transaction, TransactionBehavior};

use super::super::StoreError;
use super::Cache;
use super::read::each_document;
use crate::record::{Columns, ReadColumns, ResourceKind, Row};
use crate::view::SourceId;

/// Whether a column waits to be filled.
const WAITS: &str = "SELECT EXISTS (SELECT 1 FROM unfilled)";

impl Cache {
    /// Whether the file has rows from before a column was added, which [`Self::fill_columns`] is to fill.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn lacks_columns(&self) -> Result<bool, StoreError> {
        self.with(|connection| connection.query_row(WAITS, [], |row| row.get(0)))
    }

    /// Fills the columns that were added to a file with rows in it, and gives how many rows got a value. Does nothing where none waits to be filled.
    ///
    /// # Errors
    /// When the cache cannot be read or written.
    pub fn fill_columns(&self, read: ReadColumns<'_>) -> Result<u64, StoreError> {
        let filled = self.with(|connection| {
            // Another process may have the folder open, and be at it as well: whoever comes second finds nothing to do.
            let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            if !transaction.query_row(WAITS, [], |row| row.get::<_, bool>(0))? {
                return Ok(Ok(0));
            }
            let accounts: Vec<(Row, SourceId, bool)> = transaction
                .prepare("SELECT row, source, service FROM account ORDER BY row")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<Result<_, _>>()?;
            let rows: Vec<Row> = accounts.iter().map(|(row, ..)| *row).collect();
            let mut update = transaction.prepare("UPDATE account SET manager = ?2 WHERE row = ?1")?;
            let (mut filled, mut failed) = (0, None);
            let read_through = each_document(&transaction, self, &rows, &mut |row, text| {
                let Ok(at) = accounts.binary_search_by_key(&row, |(row, ..)| *row) else {
                    return true;
                };
                let (_, source, service) = accounts[at];
                let Some(Columns::Account(columns)) = read(source, ResourceKind::of_account(service), text) else {
                    return true;
                };
                let Some(manager) = columns.manager else { return true };
                match update.execute((row, manager)) {
                    Ok(_) => filled += 1,
                    Err(error) => failed = Some(error),
                }
                failed.is_none()
            })?;
            drop(update);
            if let Some(error) = failed {
                return Err(error);
            }
            if let Err(damage) = read_through {
                return Ok(Err(damage));
            }
            transaction.execute("DELETE FROM unfilled", [])?;
            transaction.execute("UPDATE counter SET value = value + 1 WHERE name = 'generation'", [])?;
            transaction.commit()?;
            Ok(Ok(filled))
        })?;
        filled.map_err(|source| StoreError::Damaged {
            file: "cache",
            what: source.to_string(),
        })
    }
}
