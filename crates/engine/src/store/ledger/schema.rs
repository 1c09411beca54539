//! The ledger's tables put together, and the guards that make each of them append-only.

use std::sync::LazyLock;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use super::{audit, filters, findings, history, identity, joins, past, removal, rotations, runs, settings, sources, sql};
use crate::store::StoreError;

/// The tables of the first form, with what makes each. Every table has a `seq` that counts from 1 without gaps.
const TABLES: &[(&str, &str)] = &[
    (identity::TABLE, identity::SCHEMA),
    (sources::TABLE, sources::SCHEMA),
    (audit::TABLE, audit::SCHEMA),
    (history::TRANSITIONS, history::TRANSITIONS_SCHEMA),
    (history::CHANGES, history::CHANGES_SCHEMA),
    (filters::TABLE, filters::SCHEMA),
    (settings::TABLE, settings::SCHEMA),
];

/// The tables of the second form.
const LATER: &[(&str, &str)] = &[(joins::TABLE, joins::SCHEMA)];

/// The tables of the third form.
const RUNS: &[(&str, &str)] = &[
    (runs::RUN, runs::RUN_SCHEMA),
    (runs::RECORD, runs::RECORD_SCHEMA),
    (runs::DISCLOSURE, runs::DISCLOSURE_SCHEMA),
];

/// The tables of the fourth form.
const EVIDENCE: &[(&str, &str)] = &[(runs::EVIDENCE, runs::EVIDENCE_SCHEMA)];

/// The tables of the fifth form.
const ROTATIONS: &[(&str, &str)] = &[(rotations::TABLE, rotations::SCHEMA)];

/// The tables of the sixth form.
const FINDINGS: &[(&str, &str)] = &[
    (past::TABLE, past::SCHEMA),
    (findings::EVENT, findings::EVENT_SCHEMA),
    (findings::RUN, findings::RUN_SCHEMA),
    (findings::SUPPRESSION, findings::SUPPRESSION_SCHEMA),
];

/// The tables of the seventh form, from which on numbers of history go on after what was removed.
const REMOVALS: &[(&str, &str)] = &[(removal::TABLE, removal::SCHEMA)];

/// `LNYD`, so that `file` and the like can tell what an opened copy is.
const APPLICATION_ID: i64 = 0x4c4e_5944;

static FORM_1: LazyLock<String> = LazyLock::new(|| format!("PRAGMA application_id = {APPLICATION_ID};\n{}", made(TABLES)));
static FORM_2: LazyLock<String> = LazyLock::new(|| made(LATER));
static FORM_3: LazyLock<String> = LazyLock::new(|| made(RUNS));
static FORM_4: LazyLock<String> = LazyLock::new(|| made(EVIDENCE));
static FORM_5: LazyLock<String> = LazyLock::new(|| made(ROTATIONS));
static FORM_6: LazyLock<String> = LazyLock::new(|| made(FINDINGS));
static FORM_7: LazyLock<String> = LazyLock::new(|| {
    let history: String = removal::TABLES
        .iter()
        .map(|table| format!("{}{}", without_guards(table), guards(table)))
        .collect();
    format!("{}{history}", made(REMOVALS))
});

/// Makes tables with their guards, as they were up to the form after which history may go.
fn made(tables: &[(&str, &str)]) -> String {
    tables
        .iter()
        .map(|(table, schema)| {
            format!(
                "{schema}{}",
                guards_with(table, &format!("(SELECT coalesce(max(seq), 0) + 1 FROM {table})"))
            )
        })
        .collect()
}

/// What brings a ledger from each form to the next. Forms that were published are never edited; new ones are put behind them.
pub fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(&FORM_1),
        M::up(&FORM_2),
        M::up(&FORM_3),
        M::up(&FORM_4),
        M::up(&FORM_5),
        M::up(&FORM_6),
        M::up(&FORM_7),
    ])
}

/// The triggers of one table.
fn guards(table: &str) -> String {
    let next = match removal::column(table) {
        Some(column) => {
            format!("(SELECT max(coalesce(max(seq), 0), coalesce((SELECT max({column}) FROM removal), 0)) + 1 FROM {table})")
        }
        None => format!("(SELECT coalesce(max(seq), 0) + 1 FROM {table})"),
    };
    guards_with(table, &next)
}

/// The triggers of one table, given what its next row's number is. The last one also stops `INSERT OR REPLACE`, which would take rows out past the second.
fn guards_with(table: &str, next: &str) -> String {
    format!(
        "CREATE TRIGGER {table}_keeps BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
         CREATE TRIGGER {table}_holds BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
         CREATE TRIGGER {table}_counts BEFORE INSERT ON {table} WHEN NEW.seq IS NOT {next}
         BEGIN SELECT RAISE(ABORT, 'the ledger is written in order'); END;\n"
    )
}

fn without_guards(table: &str) -> String {
    format!("DROP TRIGGER {table}_keeps; DROP TRIGGER {table}_holds; DROP TRIGGER {table}_counts;\n")
}

/// Does something to tables without their guards, and puts those back. Must run inside a transaction, which holds the guards too: what ends it half way
/// leaves them in place.
pub fn unguarded(connection: &Connection, tables: &[&str], work: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
    if connection.is_autocommit() {
        // Ours alone to get wrong; and then nothing goes.
        return Err(StoreError::Damaged {
            file: "ledger",
            what: "guards are taken away inside a transaction only".into(),
        });
    }
    for table in tables {
        connection.execute_batch(&without_guards(table)).map_err(sql)?;
    }
    work()?;
    for table in tables {
        connection.execute_batch(&guards(table)).map_err(sql)?;
    }
    Ok(())
}

/// The names of all tables.
#[cfg(test)]
pub fn tables() -> Vec<&'static str> {
    TABLES
        .iter()
        .chain(LATER)
        .chain(RUNS)
        .chain(EVIDENCE)
        .chain(ROTATIONS)
        .chain(FINDINGS)
        .chain(REMOVALS)
        .map(|(table, _)| *table)
        .collect()
}
