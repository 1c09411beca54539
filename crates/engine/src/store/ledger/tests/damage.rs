//! A ledger that was damaged, locked, lost or made by a newer Lanyard: refused with a way on, never repaired and never replaced.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::*;
use crate::store::{backup, folder};

/// All files of a folder with their content, to show that nothing was touched.
fn content(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && !path.to_string_lossy().ends_with("-shm") && !path.to_string_lossy().ends_with("-wal"))
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn flip(path: &Path, at: u64) {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 1]).unwrap();
}

#[test]
fn another_key_is_refused_and_nothing_is_touched() {
    let home = Home::new();
    drop(filled(&home));
    home.settle();
    let before = content(home.dir.path());
    let error = Ledger::open(&home.path(), &Key::generate().unwrap().to_secret()).err().unwrap();
    assert_eq!(error.code(), "ledger.wrongKey", "{error:?}");
    let fault = error.fault();
    assert!(fault.next.contains("same key"), "{fault:?}");
    assert_eq!(content(home.dir.path()), before);
    assert!(home.open().verify_audit().unwrap().ok);
}

#[test]
fn a_lost_key_is_never_made_anew_over_a_ledger() {
    let home = Home::new();
    let keychain = crate::secrets::MemoryKeychain::new();
    let folder = Folder::open(home.dir.path()).unwrap();
    let obtain = |file| folder::obtain_key(&keychain, &folder, file, &home.dir.path().join(format!("{file}.db")));
    let key = obtain("ledger").unwrap();
    assert_eq!(keychain.names(), [format!("{}/ledger-key", folder.id)]);
    Ledger::open_with(&home.path(), &key, &folder)
        .unwrap()
        .append_audit(note("a", None))
        .unwrap();
    assert!(
        Ledger::open_with(&home.path(), &obtain("ledger").unwrap(), &folder).is_ok(),
        "the same key comes back"
    );
    crate::secrets::Keychain::remove(&keychain, &format!("{}/ledger-key", folder.id)).unwrap();
    let error = obtain("ledger").err().unwrap();
    assert_eq!(error.code(), "ledger.keyLost");
    assert!(keychain.names().is_empty(), "no key was made in its place");
    assert!(!error.fault().next.is_empty());
    // A keychain that cannot be asked is no lost key; one that keeps nothing is found before anything is written.
    keychain.fail_with(Some(crate::secrets::SecretError::Locked { dismissed: true }));
    assert_eq!(obtain("ledger").err().unwrap().code(), "keychain.locked");
    keychain.fail_with(None);
    keychain.forget(true);
    assert_eq!(obtain("cache").err().unwrap().code(), "keychain.forgetful");
}

#[test]
fn a_flipped_bit_anywhere_is_refused_and_the_backup_comes_back_by_the_instructions() {
    let home = Home::new();
    let backup = {
        let ledger = filled(&home);
        ledger.back_up().unwrap()
    };
    home.settle();
    let good = fs::read(home.path()).unwrap();
    for at in (100..good.len()).step_by(good.len() / 23) {
        fs::write(home.path(), &good).unwrap();
        flip(&home.path(), at as u64);
        let error = home.refused();
        assert_eq!(error.code(), "ledger.broken", "byte {at}: {error:?}");
        let fault = error.fault();
        assert!(
            fault.next.contains(&backup.display().to_string()) && fault.next.contains("Close Lanyard"),
            "{fault:?}"
        );
        assert!(
            !home
                .dir
                .path()
                .read_dir()
                .unwrap()
                .any(|entry| entry.unwrap().file_name().to_string_lossy().contains("aside"))
        );
    }
    // The instructions, step by step.
    let away = home.dir.path().join("kept");
    fs::create_dir(&away).unwrap();
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.head"] {
        let _ = fs::rename(home.dir.path().join(name), away.join(name));
    }
    fs::copy(&backup, home.path()).unwrap();
    let ledger = home.open();
    let check = ledger.verify_audit().unwrap();
    assert!(check.ok, "{check:?}");
    assert_eq!(
        ledger
            .audit(&AuditQuery {
                limit: 1,
                ..AuditQuery::default()
            })
            .unwrap()
            .entries[0]
            .action,
        "ledger.unanchored"
    );
    assert_eq!(ledger.sources().unwrap().len(), 1);
    assert_eq!(ledger.history_end().unwrap(), 3);
}

#[test]
fn a_file_that_was_cut_or_is_something_else_is_refused() {
    let home = Home::new();
    drop(filled(&home));
    home.settle();
    let good = fs::read(home.path()).unwrap();
    for (what, bytes) in [
        ("cut within a page", good[..good.len() - 1000].to_vec()),
        ("cut to less than a page", good[..100].to_vec()),
        ("cut at a page", good[..good.len() - 8192].to_vec()),
        ("text", b"this is no ledger".repeat(1000)),
        ("zeros after the first page", [&good[..4096], &vec![0; good.len() - 4096]].concat()),
    ] {
        fs::write(home.path(), &bytes).unwrap();
        let error = home.refused();
        assert!(matches!(error.code(), "ledger.broken" | "ledger.wrongKey"), "{what}: {error:?}");
        assert!(!error.is_wrong_key() || what == "text", "{what}: {error:?}");
        assert_eq!(fs::read(home.path()).unwrap(), bytes, "{what}: it was touched");
    }
    fs::remove_file(home.path()).unwrap();
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(home.dir.path().join(format!("ledger.db{end}")));
    }
    Connection::open(home.path())
        .unwrap()
        .execute_batch("CREATE TABLE t(x); INSERT INTO t VALUES (1)")
        .unwrap();
    let error = home.refused();
    assert!(
        error.fault().details.iter().any(|line| line.value.contains("without encryption")),
        "{error:?}"
    );
    // An empty file is what a process that was killed at its first start leaves. But a ledger that was emptied is missed.
    fs::write(home.path(), b"").unwrap();
    assert_eq!(home.refused().code(), "ledger.rolledBack");
}

#[test]
fn a_log_that_was_cut_is_missed() {
    let home = Home::new();
    let ledger = filled(&home);
    home.settle();
    for n in 0..10 {
        ledger.append_audit(note("late", Some(n))).unwrap();
    }
    // As after a power cut: the files as they stand while the ledger is open.
    let other = TempDir::new().unwrap();
    for name in ["ledger.db", "ledger.db-wal", "ledger.head", "folder.json"] {
        fs::copy(home.dir.path().join(name), other.path().join(name)).unwrap();
    }
    let wal = other.path().join("ledger.db-wal");
    let length = fs::metadata(&wal).unwrap().len();
    let path = other.path().join(FILE);
    assert!(
        Ledger::open(&path, &home.secret()).unwrap().verify_audit().unwrap().ok,
        "whole, it is all there"
    );
    for cut in [length / 2, 4000, 0] {
        for name in ["ledger.db", "ledger.db-wal", "ledger.head", "folder.json"] {
            fs::copy(home.dir.path().join(name), other.path().join(name)).unwrap();
        }
        let _ = fs::remove_file(other.path().join("ledger.db-shm"));
        fs::OpenOptions::new().write(true).open(&wal).unwrap().set_len(cut).unwrap();
        let error = Ledger::open(&path, &home.secret()).err().unwrap();
        assert!(matches!(error, StoreError::RolledBack { expected: 14, .. }), "{cut}: {error:?}");
    }
}

#[test]
fn a_newer_form_is_refused() {
    let home = Home::new();
    drop(filled(&home));
    home.raw().execute_batch("PRAGMA user_version = 99").unwrap();
    let error = home.refused();
    assert!(matches!(error, StoreError::TooNew { found: 99, .. }), "{error:?}");
    assert_eq!(error.code(), "ledger.tooNew");
}

#[test]
fn a_backup_is_made_once_a_day_and_seven_are_kept() {
    let home = Home::new();
    drop(filled(&home));
    assert!(
        backup::daily(&home.path()).is_empty(),
        "a ledger that was just made has nothing to lose"
    );
    for day in 1..=9 {
        fs::write(backup::place(&home.path(), &format!("2020010{day}")), b"old").unwrap();
    }
    fs::write(home.dir.path().join("backups/ledger-mine.db"), b"not ours").unwrap();
    let (left, running) = (
        home.dir.path().join("backups/ledger-20200101.db.1.part"),
        home.dir.path().join("backups/ledger-20990101.db.2.part"),
    );
    let two_days_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 60 * 60);
    fs::File::create(&left).unwrap().set_modified(two_days_ago).unwrap();
    fs::write(&running, b"").unwrap();
    drop(home.open());
    let daily = backup::daily(&home.path());
    assert_eq!(daily.len(), 7);
    assert!(daily[0].ends_with("ledger-20200104.db"), "the oldest went: {daily:?}");
    assert!(home.dir.path().join("backups/ledger-mine.db").exists());
    assert!(!left.exists() && running.exists(), "only what was left behind long ago goes");
    let newest = daily.last().unwrap();
    let made = fs::metadata(newest).unwrap().modified().unwrap();
    drop(home.open());
    assert_eq!(fs::metadata(newest).unwrap().modified().unwrap(), made, "once a day");
    let copy = file::open(
        newest,
        &home.key,
        &FileOptions {
            create: false,
            ..options()
        },
    )
    .unwrap();
    assert_eq!(crate::store::ledger::history::end(&copy).unwrap(), 3);
    assert!(
        !fs::read(newest).unwrap().starts_with(b"SQLite format"),
        "a copy is as encrypted as the ledger"
    );
}

#[test]
fn a_broken_ledger_is_not_backed_up_over_good_copies() {
    let home = Home::new();
    let ledger = filled(&home);
    home.settle();
    let length = fs::metadata(home.path()).unwrap().len();
    flip(&home.path(), length - 2000);
    let error = ledger.back_up().unwrap_err();
    assert_eq!(error.code(), "ledger.broken", "{error:?}");
    assert!(backup::daily(&home.path()).is_empty());
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_is_said_to_be_so() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const CHILD: &str = "LANYARD_TEST_READ_ONLY";
    let check = |path: &Path, key: &str| {
        let error = Ledger::open(path, &Secret::new(key.into()))
            .err()
            .expect("it should have been refused");
        assert_eq!(error.code(), "store.noPermission", "{error:?}");
        assert!(error.fault().next.contains("writable"), "{:?}", error.fault());
    };
    if let Ok(told) = std::env::var(CHILD) {
        let (path, key) = told.split_once('|').unwrap();
        return check(Path::new(path), key);
    }
    let home = Home::new();
    drop(filled(&home));
    home.settle();
    let read_only = |mode, file_mode| {
        fs::set_permissions(home.path(), fs::Permissions::from_mode(file_mode)).unwrap();
        fs::set_permissions(home.dir.path(), fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["folder.json", "ledger.head"] {
        fs::set_permissions(home.dir.path().join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    for (mode, file_mode) in [(0o555, 0o444), (0o555, 0o644)] {
        read_only(mode, file_mode);
        let probe = home.dir.path().join("probe");
        if fs::write(&probe, b"").is_err() {
            check(&home.path(), home.secret().expose());
        } else {
            // Nothing is forbidden to the superuser, so a process without that power tries.
            fs::remove_file(probe).unwrap();
            let output = std::process::Command::new(std::env::current_exe().unwrap())
                .args([
                    concat!(module_path!(), "::a_folder_that_may_not_be_written_is_said_to_be_so")
                        .split_once("::")
                        .unwrap()
                        .1,
                    "--exact",
                ])
                .env(CHILD, format!("{}|{}", home.path().display(), home.secret().expose()))
                .uid(65534)
                .gid(65534)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
        read_only(0o755, 0o644);
    }
}

#[test]
fn no_key_and_no_secret_is_in_any_file_or_error() {
    let home = Home::new();
    let ledger = filled(&home);
    let _ = ledger.back_up().unwrap();
    let hex = home.secret();
    let raw: Vec<u8> = (0..32)
        .map(|n| u8::from_str_radix(&hex.expose()[n * 2..n * 2 + 2], 16).unwrap())
        .collect();
    let mut looked_at = 0;
    let mut folders = vec![home.dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            for (what, secret) in [
                ("hexadecimal", hex.expose().as_bytes()),
                ("raw", &raw[..]),
                ("a source's address", b"idp.example"),
            ] {
                assert!(memchr::memmem::find(&bytes, secret).is_none(), "{what} in {}", path.display());
            }
            looked_at += 1;
        }
    }
    assert!(looked_at >= 6, "{looked_at}");
    drop(ledger);
    fs::write(home.path(), b"no ledger").unwrap();
    let error = home.refused();
    let shown = format!("{error} {error:?} {}", serde_json::to_string(&error.fault()).unwrap());
    assert!(!shown.contains(hex.expose()), "{shown}");
}
