//! The ledger's tables put together, and the guards that make each of them append-only.

use std::sync::LazyLock;

use rusqlite_migration::{M, Migrations};

use super::{audit, filters, findings, history, identity, joins, past, rotations, runs, settings, sources};

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

/// `LNYD`, so that `file` and the like can tell what an opened copy is.
const APPLICATION_ID: i64 = 0x4c4e_5944;

static FORM_1: LazyLock<String> = LazyLock::new(|| format!("PRAGMA application_id = {APPLICATION_ID};\n{}", made(TABLES)));
static FORM_2: LazyLock<String> = LazyLock::new(|| made(LATER));
static FORM_3: LazyLock<String> = LazyLock::new(|| made(RUNS));
static FORM_4: LazyLock<String> = LazyLock::new(|| made(EVIDENCE));
static FORM_5: LazyLock<String> = LazyLock::new(|| made(ROTATIONS));
static FORM_6: LazyLock<String> = LazyLock::new(|| made(FINDINGS));

/// Makes tables with their guards.
fn made(tables: &[(&str, &str)]) -> String {
    tables.iter().map(|(table, schema)| format!("{schema}{}", guards(table))).collect()
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
    ])
}

/// The triggers of one table. The last one also stops `INSERT OR REPLACE`, which would take rows out past the second.
fn guards(table: &str) -> String {
    format!(
        "CREATE TRIGGER {table}_keeps BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
         CREATE TRIGGER {table}_holds BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
         CREATE TRIGGER {table}_counts BEFORE INSERT ON {table} WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM {table})
         BEGIN SELECT RAISE(ABORT, 'the ledger is written in order'); END;\n"
    )
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
        .map(|(table, _)| *table)
        .collect()
}
