//! Nothing that stands in the ledger can be changed or taken out; what changes is a new version.

use super::*;

#[test]
fn every_table_refuses_to_change_or_lose_a_row() {
    let home = Home::new();
    let ledger = filled(&home);
    removal::three_syncs(&ledger);
    assert!(ledger.remove_history(2500, 1).unwrap() > 0);
    removal::three_syncs(&ledger);
    runs::signed(&ledger);
    rotations::begun(&ledger);
    findings::written(&ledger);
    let raw = home.raw();
    for table in schema::tables() {
        let count = || {
            raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        let before = count();
        assert!(before > 0, "{table} is empty, so nothing would be shown");
        for statement in [
            format!("UPDATE {table} SET seq = seq"),
            format!("DELETE FROM {table}"),
            format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table} ORDER BY seq LIMIT 1"),
        ] {
            let error = raw.execute_batch(&statement).unwrap_err();
            assert_eq!(
                super::super::super::error::code_of(&error),
                Some(rusqlite::ffi::ErrorCode::ConstraintViolation),
                "{statement}: {error}"
            );
        }
        assert_eq!(count(), before);
    }
    let gap = raw.execute("INSERT INTO setting_version VALUES (99, 'k', 0, 'v')", []).unwrap_err();
    assert!(gap.to_string().contains("in order"), "{gap}");
}

#[test]
fn sources_keep_their_versions_and_their_numbers() {
    let home = Home::new();
    let ledger = home.open();
    let one = ledger.add_source(&settings("IdP")).unwrap();
    let two = ledger.add_source(&settings("Ledgerly")).unwrap();
    assert_eq!((one.id, two.id), (1, 2));
    assert!(matches!(ledger.add_source(&settings("idp")), Err(StoreError::NameTaken { .. })));
    assert!(matches!(
        ledger.update_source(2, &settings("IDP")),
        Err(StoreError::NameTaken { .. })
    ));
    let renamed = SourceSettings {
        allow_writes: true,
        ..settings("Workforce")
    };
    ledger.update_source(1, &renamed).unwrap();
    ledger.update_source(1, &renamed).unwrap();
    ledger.remove_source(2).unwrap();
    assert!(matches!(ledger.remove_source(2), Err(StoreError::NoSource { id: 2 })));
    assert!(matches!(ledger.update_source(9, &renamed), Err(StoreError::NoSource { id: 9 })));
    assert_eq!(
        ledger.add_source(&settings("Ledgerly")).unwrap().id,
        3,
        "a number is never given twice"
    );
    drop(ledger);
    let sources = home.open().sources().unwrap();
    assert_eq!(
        sources
            .iter()
            .map(|source| (source.id, source.settings.name.as_str()))
            .collect::<Vec<_>>(),
        [(1, "Workforce"), (3, "Ledgerly")]
    );
    assert_eq!(sources[0].settings, renamed);
    assert_eq!(sources[0].added_at, one.added_at);
    let versions: i64 = home
        .raw()
        .query_row("SELECT count(*) FROM source_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(versions, 5, "an update that changes nothing writes nothing");
}

#[test]
fn the_newest_setting_and_filter_count() {
    let home = Home::new();
    let ledger = home.open();
    assert_eq!(ledger.setting("theme").unwrap(), None);
    for value in ["dark", "light", "light"] {
        ledger.set_setting("theme", value).unwrap();
    }
    assert_eq!(ledger.setting("theme").unwrap().as_deref(), Some("light"));
    let filter = |name: &str, search: &str| SavedFilter {
        name: name.into(),
        screen: "people".into(),
        search: search.into(),
        filter: None,
    };
    ledger.save_filter(&filter("b", "1")).unwrap();
    ledger.save_filter(&filter("A", "2")).unwrap();
    ledger.save_filter(&filter("b", "3")).unwrap();
    assert_eq!(ledger.saved_filters().unwrap(), [filter("A", "2"), filter("b", "3")]);
    ledger.forget_filter("people", "b").unwrap();
    ledger.forget_filter("people", "b").unwrap();
    ledger.forget_filter("groups", "A").unwrap();
    assert_eq!(ledger.saved_filters().unwrap(), [filter("A", "2")]);
    ledger.save_filter(&filter("b", "4")).unwrap();
    assert_eq!(ledger.saved_filters().unwrap().len(), 2);
}

#[test]
fn a_folder_stays_itself() {
    let home = Home::new();
    let (id, salt) = {
        let ledger = home.open();
        (ledger.folder_id().to_owned(), *ledger.fingerprint_salt())
    };
    let again = home.open();
    assert_eq!((again.folder_id(), again.fingerprint_salt()), (id.as_str(), &salt));
    drop(again);
    // Its identity file comes back from the copy; with another one, it is refused.
    std::fs::remove_file(home.dir.path().join("folder.json")).unwrap();
    assert_eq!(home.open().folder_id(), id);
    std::fs::write(
        home.dir.path().join("folder.json"),
        r#"{"id":"00112233445566778899aabbccddeeff","createdAt":1}"#,
    )
    .unwrap();
    let error = home.refused();
    assert_eq!(error.code(), "ledger.otherFolder");
    assert!(error.fault().next.contains(&id));
    // Without any copy there is no way to the key: that is said, and no new identity is made up.
    std::fs::remove_file(home.dir.path().join("folder.json")).unwrap();
    std::fs::remove_file(home.dir.path().join("backups/folder.json")).unwrap();
    assert_eq!(home.refused().code(), "ledger.damaged");
}

#[cfg(unix)]
#[test]
fn its_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let dir = home.dir.path().join("new/folder");
    let ledger = Ledger::open(&dir.join(FILE), &home.secret()).unwrap();
    ledger.append_audit(note("a", None)).unwrap();
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir.clone()), 0o700);
    for file in ["ledger.db", "ledger.db-wal", "folder.json"] {
        assert_eq!(mode(dir.join(file)), 0o600, "{file}");
    }
}
