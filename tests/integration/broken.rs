//! Broken files: a cache is set aside, with a word about it, and made anew by a sync; a ledger is refused, with
//! instructions, and not touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lanyard_engine::secrets::{Keychain, MemoryKeychain, Secret};
use lanyard_engine::view::SyncState;
use lanyard_engine::{Engine, Error, OpenOptions};
use lanyard_tests::compare;
use lanyard_tests::plain::Plain;

use crate::company::{Company, truth};
use crate::front;

/// A synced data folder with its secrets in a keychain in memory.
struct Folder {
    _company: Company,
    plain: Plain,
    path: PathBuf,
    keychain: Arc<MemoryKeychain>,
}

impl Folder {
    async fn synced() -> Self {
        let company = tokio::task::spawn_blocking(|| Company::serve(&["--people", "300"])).await.unwrap();
        let listed = company.sources().remove(0);
        let folder = Self {
            plain: company.plain(0),
            path: company.data.path().join("own"),
            keychain: Arc::default(),
            _company: company,
        };
        let engine = folder.open().unwrap();
        let source = engine
            .add_source(&front::settings(&listed.name, &listed.url), Some(Secret::new(listed.token)))
            .unwrap();
        assert_eq!(engine.sync(source.id).await.unwrap().state, SyncState::Complete);
        engine.close().await;
        folder
    }

    fn open(&self) -> Result<Engine, Error> {
        Engine::open(OpenOptions {
            data_dir: self.path.clone(),
            keychain: self.keychain.clone(),
            demo: false,
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The cache is set aside with a word about it, at once or as soon as what is broken is met; and a sync makes it
    /// whole. History and audit log stay.
    async fn comes_back(&self, how: &str, notice_needed: bool) {
        let mut noticed = false;
        for _ in 0..3 {
            let engine = self.open().unwrap_or_else(|error| panic!("{how}: {error}"));
            noticed |= !engine.state().unwrap().notices.is_empty();
            let source = engine.sources().unwrap().remove(0);
            let ended = engine.sync(source.id).await;
            let (users, groups) = truth(&self.plain).await;
            // Damage in a page that nothing asked for so far is met when someone reads it, and said then.
            let readable = users
                .keys()
                .chain(groups.keys())
                .try_for_each(|id| engine.raw_document(&format!("{}.{id}", source.id)).map(drop));
            if let Err(error) = &readable {
                assert!(
                    matches!(error.code(), "cache.broken" | "notFound"),
                    "{how}: {error}: {}",
                    error.code()
                );
            }
            if readable.is_ok() && ended.is_ok_and(|outcome| outcome.state == SyncState::Complete) {
                compare::same(&engine, source.id, &users, &groups);
                assert!(engine.verify_audit().unwrap().ok, "{how}");
                assert!(noticed || !notice_needed, "{how}: nobody was told");
                engine.close().await;
                return;
            }
            engine.close().await;
        }
        panic!("{how}: the cache did not come back");
    }
}

/// Replaces a file's bytes; what belongs to it (`-wal`, `-shm`) goes, so that the damage is met.
fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
    for tail in ["-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(tail);
        let _ = fs::remove_file(beside);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_cache_is_set_aside_and_made_anew() {
    let folder = Folder::synced().await;
    let cache = folder.file("cache.db");
    let half = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2);
    type Change = fn(&mut Vec<u8>);
    let ways: [(&str, Change); 6] = [
        ("its first byte is flipped", |bytes| bytes[0] ^= 1),
        ("its first page is noise", |bytes| {
            bytes[..4096].iter_mut().enumerate().for_each(|(place, byte)| *byte = place as u8);
        }),
        ("a byte in the middle is flipped", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x40;
        }),
        ("it ends after 100 bytes", |bytes| bytes.truncate(100)),
        ("it is another database", |bytes| {
            bytes[..16].copy_from_slice(b"SQLite format 3\0");
        }),
        ("it is plain text", |bytes| *bytes = b"this is no database\n".repeat(500)),
    ];
    for (how, change) in ways {
        damage(&cache, change);
        folder.comes_back(how, true).await;
    }
    damage(&cache, half);
    folder.comes_back("half of it is missing", true).await;
    damage(&cache, Vec::clear);
    folder.comes_back("it is empty", false).await;
    fs::remove_file(&cache).unwrap();
    folder.comes_back("it is gone", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_without_its_key_is_set_aside_and_made_anew() {
    let folder = Folder::synced().await;
    let key = folder
        .keychain
        .names()
        .into_iter()
        .find(|name| name.ends_with("/cache-key"))
        .unwrap();
    folder.keychain.remove(&key).unwrap();
    folder.comes_back("its key is lost", true).await;
    folder.keychain.set(&key, &Secret::new("ab".repeat(32))).unwrap();
    folder.comes_back("its key is another", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_ledger_is_refused_and_not_touched() {
    let folder = Folder::synced().await;
    let ledger = folder.file("ledger.db");
    let whole = fs::read(&ledger).unwrap();
    type Change = fn(&mut Vec<u8>);
    let ways: [(&str, Change); 4] = [
        ("its first byte is flipped", |bytes| bytes[0] ^= 1),
        ("its first page is noise", |bytes| {
            bytes[..4096].iter_mut().enumerate().for_each(|(place, byte)| *byte = place as u8);
        }),
        ("half of it is missing", |bytes| bytes.truncate(bytes.len() / 2)),
        ("it is plain text", |bytes| *bytes = b"this is no database\n".repeat(500)),
    ];
    for (how, change) in ways {
        damage(&ledger, change);
        let broken = fs::read(&ledger).unwrap();
        refused(&folder, how);
        assert!(fs::read(&ledger).unwrap() == broken, "{how}: the broken ledger was changed");
        fs::write(&ledger, &whole).unwrap();
        let engine = folder.open().unwrap_or_else(|error| panic!("{how}, and brought back: {error}"));
        assert!(engine.verify_audit().unwrap().ok);
        engine.close().await;
    }
    let key = folder
        .keychain
        .names()
        .into_iter()
        .find(|name| name.ends_with("/ledger-key"))
        .unwrap();
    let before = fs::read(&ledger).unwrap();
    folder.keychain.remove(&key).unwrap();
    refused(&folder, "its key is lost");
    folder.keychain.set(&key, &Secret::new("ab".repeat(32))).unwrap();
    refused(&folder, "its key is another");
    assert!(fs::read(&ledger).unwrap() == before, "the ledger was changed without its key");
}

fn refused(folder: &Folder, how: &str) {
    let Err(error) = folder.open() else {
        panic!("{how}, and it was opened")
    };
    let fault = error.fault();
    assert!(
        !fault.next.is_empty() && !fault.means.is_empty(),
        "{how}: no instructions: {fault:#?}"
    );
    assert!(format!("{fault:?}").contains("ledger"), "{how}: {fault:#?}");
}
