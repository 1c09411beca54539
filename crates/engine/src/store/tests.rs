//! Files as such: opening, bringing to the present form, copying, setting aside.

use std::fs;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};
use tempfile::TempDir;

use super::file::{self, FileOptions, Key};
use super::{StoreError, backup};

const FORM_1: &str = "CREATE TABLE t(x INTEGER PRIMARY KEY, y TEXT) STRICT; INSERT INTO t VALUES (1, 'one'), (2, 'two');";
const FORM_2: &str = "ALTER TABLE t ADD COLUMN z TEXT;";

fn forms(steps: &[&'static str]) -> Migrations<'static> {
    Migrations::new(steps.iter().map(|step| M::up(step)).collect())
}

fn with() -> FileOptions {
    FileOptions::new("ledger")
}

fn count(connection: &Connection) -> i64 {
    connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
}

#[test]
fn an_older_form_is_copied_then_changed() {
    let dir = TempDir::new().unwrap();
    let (path, key) = (dir.path().join("ledger.db"), Key::generate().unwrap());
    let mut connection = file::open(&path, &key, &with()).unwrap();
    assert_eq!(
        file::migrate_with_backup(&mut connection, &path, &key, &forms(&[FORM_1]), &with()).unwrap(),
        None,
        "a new file has nothing to keep"
    );
    drop(connection);

    let mut connection = file::open(&path, &key, &with()).unwrap();
    let copy = file::migrate_with_backup(&mut connection, &path, &key, &forms(&[FORM_1, FORM_2]), &with())
        .unwrap()
        .unwrap();
    assert!(copy.ends_with("ledger.db.before-v2"));
    connection.execute("UPDATE t SET z = 'new'", []).unwrap();
    let old = file::open(&copy, &key, &FileOptions { create: false, ..with() }).unwrap();
    assert_eq!(count(&old), 2);
    assert!(old.prepare("SELECT z FROM t").is_err(), "the copy has the old form");
    drop(old);
    // Again, as after going back to the copy: the first copy is not written over.
    drop(connection);
    fs::copy(&copy, &path).unwrap();
    let mut connection = file::open(&path, &key, &with()).unwrap();
    let second = file::migrate_with_backup(&mut connection, &path, &key, &forms(&[FORM_1, FORM_2]), &with())
        .unwrap()
        .unwrap();
    assert!(second.ends_with("ledger.db.before-v2-2"));
    assert_eq!(
        file::migrate_with_backup(&mut connection, &path, &key, &forms(&[FORM_1, FORM_2]), &with()).unwrap(),
        None
    );
}

#[test]
fn a_step_that_fails_leaves_the_file_as_it_was() {
    let dir = TempDir::new().unwrap();
    let (path, key) = (dir.path().join("ledger.db"), Key::generate().unwrap());
    let mut connection = file::open(&path, &key, &with()).unwrap();
    file::migrate(&mut connection, &path, &forms(&[FORM_1]), &with()).unwrap();
    let error = file::migrate_with_backup(
        &mut connection,
        &path,
        &key,
        &forms(&[FORM_1, "DELETE FROM t; CREATE TABLE t(x);"]),
        &with(),
    )
    .unwrap_err();
    assert!(matches!(error, StoreError::Migration { from: 1, to: 2, .. }), "{error:?}");
    assert_eq!(count(&connection), 2);
    let error = file::migrate(&mut connection, &path, &Migrations::new(vec![]), &with()).unwrap_err();
    assert!(matches!(error, StoreError::TooNew { found: 1, known: 0, .. }), "{error:?}");
}

#[test]
fn two_at_once_make_one_file() {
    let dir = TempDir::new().unwrap();
    let (path, key) = (dir.path().join("new").join("ledger.db"), Key::generate().unwrap());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut connection = file::open(&path, &key, &with()).unwrap();
                file::migrate_with_backup(&mut connection, &path, &key, &forms(&[FORM_1, FORM_2]), &with()).unwrap();
                assert_eq!(count(&connection), 2);
            });
        }
    });
}

#[test]
fn a_file_that_is_held_is_busy_and_one_that_is_not_there_is_not_made() {
    let dir = TempDir::new().unwrap();
    let (path, key) = (dir.path().join("ledger.db"), Key::generate().unwrap());
    let mut holder = file::open(&path, &key, &with()).unwrap();
    file::migrate(&mut holder, &path, &forms(&[FORM_1]), &with()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let hasty = FileOptions {
        busy: std::time::Duration::from_millis(50),
        ..with()
    };
    let mut other = file::open(&path, &key, &hasty).unwrap();
    let error = file::migrate(&mut other, &path, &forms(&[FORM_1, FORM_2]), &hasty).unwrap_err();
    assert_eq!(error.code(), "ledger.busy", "{error:?}");
    let missing = file::open(&dir.path().join("none.db"), &key, &FileOptions { create: false, ..with() }).unwrap_err();
    assert_eq!(missing.code(), "store.file");
    assert!(!dir.path().join("none.db").exists());
}

#[test]
fn the_page_size_stays_and_so_does_the_synchronous_setting() {
    let dir = TempDir::new().unwrap();
    let (path, key) = (dir.path().join("cache.db"), Key::generate().unwrap());
    let large = FileOptions {
        page_size: 8192,
        synchronous: file::Synchronous::Normal,
        mmap_bytes: 1 << 20,
        ..FileOptions::new("cache")
    };
    let mut connection = file::open(&path, &key, &large).unwrap();
    file::migrate(&mut connection, &path, &forms(&[FORM_1]), &large).unwrap();
    let synchronous = |connection: &Connection| connection.query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(synchronous(&connection), 1);
    assert_eq!(
        synchronous(
            &file::open(
                &path,
                &key,
                &FileOptions {
                    synchronous: file::Synchronous::Full,
                    ..large
                }
            )
            .unwrap()
        ),
        2
    );
    assert!(
        file::open(
            &path,
            &key,
            &FileOptions {
                page_size: 4096,
                ..FileOptions::new("cache")
            }
        )
        .is_err()
    );
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn what_is_set_aside_keeps_its_content_and_its_names_apart() {
    let dir = TempDir::new().unwrap();
    let (path, key) = (dir.path().join("cache.db"), Key::generate().unwrap());
    for number in 1..=2 {
        let mut connection = file::open(&path, &key, &FileOptions::new("cache")).unwrap();
        file::migrate(&mut connection, &path, &forms(&[FORM_1]), &FileOptions::new("cache")).unwrap();
        drop(connection);
        let aside = file::set_aside(&path).unwrap();
        assert!(aside.ends_with(format!("cache.db.set-aside-{number}")));
        assert!(!path.exists());
        assert_eq!(count(&file::open(&aside, &key, &FileOptions::new("cache")).unwrap()), 2);
    }
    assert!(file::set_aside(&path).is_err());
}

#[test]
fn a_copy_that_cannot_be_made_leaves_nothing_behind() {
    let dir = TempDir::new().unwrap();
    let (path, key) = (dir.path().join("ledger.db"), Key::generate().unwrap());
    let mut connection = file::open(&path, &key, &with()).unwrap();
    file::migrate(&mut connection, &path, &forms(&[FORM_1]), &with()).unwrap();
    // A file stands where the folder should be.
    fs::write(dir.path().join(backup::FOLDER), b"").unwrap();
    let error = backup::rotate(&connection, &path, &key, &with(), "20300101").unwrap_err();
    assert!(
        matches!(error, StoreError::File { .. } | StoreError::NoPermission { .. }),
        "{error:?}"
    );
    let names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.iter().all(|name| !name.contains("part")), "{names:?}");
}

#[test]
fn each_error_says_what_happened_what_it_means_and_what_to_do() {
    let path = || std::path::PathBuf::from("/data/ledger.db");
    let full = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None);
    let read_only = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY), None);
    let io = || std::io::Error::other("odd");
    let mut errors = vec![
        StoreError::sql("ledger", full).at(&path()),
        StoreError::sql("cache", read_only).at(&path()),
        StoreError::sql("ledger", rusqlite::Error::InvalidQuery),
        StoreError::io("cache", &path(), std::io::ErrorKind::StorageFull.into()),
        StoreError::KeyMalformed,
        StoreError::Random { reason: "none".into() },
        StoreError::Chain {
            path: path(),
            entry: 3,
            problem: "x".into(),
        },
        StoreError::RolledBack {
            path: path(),
            expected: 3,
            found: 2,
        },
        StoreError::OtherFolder {
            path: path(),
            ledger: "a".into(),
            folder: "b".into(),
        },
        StoreError::Backup {
            file: "ledger",
            path: path(),
            reason: "x".into(),
        },
        StoreError::File {
            path: path(),
            source: io(),
        },
        StoreError::NameTaken { name: "a".into() },
        StoreError::NoSource { id: 3 },
    ];
    for file in ["ledger", "cache"] {
        errors.push(StoreError::WrongKey { file, path: path() });
        errors.push(StoreError::KeyLost { file, path: path() });
        errors.push(StoreError::Broken {
            file,
            path: path(),
            detail: "x".into(),
        });
        errors.push(StoreError::Damaged { file, what: "x".into() });
        errors.push(StoreError::Busy { file, path: path() });
        errors.push(StoreError::DiskFull { file, path: path() });
        errors.push(StoreError::NoPermission { file, path: path() });
        errors.push(StoreError::TooNew {
            file,
            path: path(),
            found: 3,
            known: 2,
        });
        errors.push(StoreError::Migration {
            file,
            path: path(),
            from: 1,
            to: 2,
            reason: "x".into(),
        });
    }
    for error in errors {
        let fault = error.fault();
        assert_eq!(fault.code, error.code());
        for part in [&fault.what, &fault.means, &fault.next] {
            let capital = part.chars().next().is_some_and(|first| !first.is_lowercase());
            assert!(
                part.len() > 10 && (part.ends_with('.') || part.ends_with(')')) && capital,
                "{}: {part:?}",
                fault.code
            );
        }
        assert!(!(error.is_wrong_key() && error.is_broken()));
    }
}
