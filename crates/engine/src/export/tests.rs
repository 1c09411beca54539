//! Exports: harmless cells, whole files.

use std::sync::atomic::AtomicBool;

use lanyard_scim::Catalog;
use proptest::prelude::*;

use super::cells::harmless;
use super::{PEOPLE_COLUMNS, people_columns, write};
use crate::Error;
use crate::directory::{Directory, DirectoryBuilder, PeopleList, SourceFacts};
use crate::record::{AccountRecord, Documents, RecordSink, Row};
use crate::view::{CoverageState, ExportDone, ExportFormat, PeopleQuery, SourceKind};

struct NoDocuments;

impl Documents for NoDocuments {
    fn document(&self, _: Row) -> Result<Option<Vec<u8>>, Error> {
        Ok(None)
    }
    fn documents(&self, _: &[Row], _: &mut dyn FnMut(Row, &[u8]) -> bool) -> Result<(), Error> {
        Ok(())
    }
}

fn facts(id: i64, name: &str) -> SourceFacts {
    SourceFacts {
        id,
        kind: SourceKind::Scim,
        name: name.into(),
        authoritative: id == 1,
        enabled: true,
        users_complete: CoverageState::Complete,
        groups_complete: CoverageState::Complete,
        members_complete: CoverageState::Complete,
        read_at: None,
        caveats: Vec::new(),
        has_groups: true,
    }
}

fn directory() -> Directory {
    let mut builder = DirectoryBuilder::new(vec![facts(1, "Idp"), facts(2, "=App")]);
    for (row, name) in [(1, "=cmd|' /C calc'!A0"), (2, "Ann, \"the\" Boss\r\nof all"), (3, "Жанна")] {
        let id = row.to_string();
        builder.account(&AccountRecord {
            row,
            source: 1,
            id: &id,
            display_name: Some(name),
            active: Some(row != 2),
            modified: Some(1_700_000_000_000),
            ..AccountRecord::default()
        });
    }
    builder.finish(1)
}

fn people(
    list: &PeopleList<'_>,
    sources: &[SourceFacts],
    columns: &[String],
    format: ExportFormat,
    path: &std::path::Path,
) -> Result<ExportDone, Error> {
    write(list.rows(), sources, &people_columns(columns)?, format, path)
}

fn export(columns: &[&str], format: ExportFormat) -> Result<String, Error> {
    let directory = directory();
    let go_on = AtomicBool::new(false);
    let list = directory.people_list(&PeopleQuery::default(), &NoDocuments, &Catalog::core(), &go_on)?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.out");
    std::fs::write(&path, "before").unwrap();
    let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    let done = people(&list, directory.sources(), &columns, format, &path);
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "nothing is left beside the target");
    let text = std::fs::read_to_string(&path).unwrap();
    match done {
        Ok(done) => {
            assert_eq!((done.rows, done.bytes), (3, text.len() as u64));
            Ok(text)
        }
        Err(error) => {
            assert_eq!(text, "before");
            Err(error)
        }
    }
}

#[test]
fn csv_has_a_mark_a_head_and_harmless_cells() {
    let text = export(&["name", "slots", "changedAt"], ExportFormat::Csv).unwrap();
    assert_eq!(
        text,
        "\u{feff}name,Idp,'=App,changedAt\r\n\
         '=cmd|' /C calc'!A0,active,noAccount,2023-11-14T22:13:20Z\r\n\
         \"Ann, \"\"the\"\" Boss\r\nof all\",disabled,noAccount,2023-11-14T22:13:20Z\r\n\
         Жанна,active,noAccount,2023-11-14T22:13:20Z\r\n"
    );
}

#[test]
fn json_has_all_fields_when_none_are_named() {
    let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&export(&[], ExportFormat::Json).unwrap()).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].keys().map(String::as_str).collect::<Vec<_>>(), PEOPLE_COLUMNS);
    assert_eq!(rows[2]["name"], "Жанна");
    assert_eq!(rows[0]["slots"][1]["name"], "=App");
    assert_eq!(rows[0]["changedAt"], "2023-11-14T22:13:20Z");
}

#[test]
fn an_unknown_column_writes_nothing() {
    assert!(matches!(export(&["password"], ExportFormat::Csv), Err(Error::Input { .. })));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let directory = directory();
    let list = directory
        .people_list(&PeopleQuery::default(), &NoDocuments, &Catalog::core(), &AtomicBool::new(false))
        .unwrap();
    let path = tempfile::tempdir().unwrap().path().join("gone/people.csv");
    assert!(matches!(people(&list, &[], &[], ExportFormat::Csv, &path), Err(Error::File { .. })));
}

#[test]
fn signs_that_start_a_formula_are_disarmed() {
    for text in [
        "=1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "  =1",
        "\u{feff}=1",
        "\u{a0}-1",
        "\0=1",
    ] {
        assert_eq!(harmless(text), format!("'{text}"), "{text:?}");
    }
    for text in ["", "Ann", "1", "a=b", "'=x", "O'Neill", "3-4"] {
        assert_eq!(harmless(text), text);
    }
}

proptest! {
    #[test]
    fn csv_reads_back_as_what_was_written(texts in prop::collection::vec("\\PC{0,6}|[\",\r\n=]{0,5}", 1..6)) {
        let mut builder = DirectoryBuilder::new(vec![facts(1, "Idp")]);
        for (row, text) in texts.iter().enumerate() {
            let id = format!("id{row}");
            builder.account(&AccountRecord { row: row as Row, source: 1, id: &id, title: Some(text), ..AccountRecord::default() });
        }
        let directory = builder.finish(1);
        let list = directory.people_list(&PeopleQuery::default(), &NoDocuments, &Catalog::core(), &AtomicBool::new(false)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        people(&list, directory.sources(), &["title".to_owned(), "name".to_owned()], ExportFormat::Csv, &path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let mut reader = ::csv::Reader::from_reader(&bytes[3..]);
        for (at, record) in reader.records().enumerate() {
            let record = record.unwrap();
            prop_assert_eq!(&record[0], &*harmless(&texts[at]));
            prop_assert_eq!(&record[1], &format!("id{at}"));
        }
    }
}
