//! The cache through its own door: what is put in comes out, rows find their way back, and doubt ends in an empty cache, not in an error.

use super::*;
use crate::record::{AccountRecord, DanglingRecord, Documents, GroupRecord, ItemColumns, ItemKind, RecordSink, ResourceKind, Row, Shape};

const SOURCE: i64 = 7;

fn opened(dir: &Path, key: &Key) -> Cache {
    let opened = Cache::open(dir, key).unwrap();
    assert_eq!(opened.notice, None);
    opened.cache
}

fn packed(text: &str) -> Packed {
    Packer::new(None).unwrap().pack(text.as_bytes()).unwrap()
}

fn put_user(writer: &mut Writer, row: Row, id: &str, text: &str) -> Row {
    writer.begin().unwrap();
    let record = AccountRecord {
        row,
        id,
        user_name: Some(id),
        active: Some(true),
        ..AccountRecord::default()
    };
    writer
        .put_account(&record, Version::of(text.as_bytes(), None), &packed(text))
        .unwrap()
}

fn put_group(writer: &mut Writer, id: &str, members: &[Row]) -> Row {
    writer.begin().unwrap();
    let record = GroupRecord {
        id,
        display_name: Some(id),
        members_listed: true,
        ..GroupRecord::default()
    };
    let row = writer.put_group(&record, Version::of(id.as_bytes(), None), &packed(id)).unwrap();
    writer.put_members(row, members, &[]).unwrap();
    row
}

fn put_item(writer: &mut Writer, kind: ItemKind, row: Row, id: &str, text: &str) -> Row {
    writer.begin().unwrap();
    let columns = ItemColumns {
        id: id.to_owned(),
        name: Some(id.to_uppercase()),
        modified: Some(5),
    };
    writer
        .put_item(kind, row, &columns, Version::of(text.as_bytes(), None), &packed(text))
        .unwrap()
}

/// What items come out, as `row source kind id name document`, with a mark where unconfirmed.
fn items(cache: &Cache, kinds: &[ItemKind]) -> Vec<String> {
    let mut seen = Vec::new();
    cache
        .items(kinds, &mut |item| {
            let document = String::from_utf8_lossy(item.document);
            let (kind, name, mark) = (item.kind, item.name.unwrap_or("-"), if item.unconfirmed { " ?" } else { "" });
            seen.push(format!("{} {} {kind:?} {} {name} {document}{mark}", item.row, item.source, item.id));
        })
        .unwrap();
    seen
}

#[derive(Debug, Default, PartialEq)]
struct Seen(Vec<String>);

impl RecordSink for Seen {
    fn account(&mut self, account: &AccountRecord<'_>) {
        self.0.push(format!("account {} {}", account.row, account.id));
    }
    fn group(&mut self, group: &GroupRecord<'_>) {
        self.0.push(format!("group {} {}", group.row, group.id));
    }
    fn dangling(&mut self, dangling: &DanglingRecord<'_>) {
        self.0.push(format!("dangling {} {}", dangling.row, dangling.id));
    }
    fn membership(&mut self, group: Row, member: Row) {
        self.0.push(format!("{member} in {group}"));
    }
}

fn seen(cache: &Cache) -> Vec<String> {
    let mut seen = Seen::default();
    cache.read_all(&mut seen).unwrap();
    seen.0
}

#[test]
fn what_is_put_in_comes_out_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let key = Key::generate().unwrap();
    {
        let cache = opened(dir.path(), &key);
        let mut writer = cache.writer(SOURCE).unwrap();
        writer.prepare_indexes().unwrap();
        let olena = put_user(&mut writer, 0, "olena", r#"{"id":"olena"}"#);
        put_group(&mut writer, "payments", &[olena]);
        writer.finish().unwrap();
    }
    let cache = opened(dir.path(), &key);
    assert_eq!(seen(&cache), ["account 1 olena", "group 2 payments", "1 in 2"]);
    assert_eq!(cache.document(1).unwrap().as_deref(), Some(br#"{"id":"olena"}"#.as_slice()));
    assert_eq!(cache.counts(SOURCE).unwrap(), (1, 1, 1));
    let known = cache.known(SOURCE, ResourceKind::User).unwrap();
    assert_eq!(
        known.get(IdHash::of("olena")).map(|known| known.version),
        Some(Version::of(br#"{"id":"olena"}"#, None))
    );
}

#[test]
fn items_come_out_whole_by_kind_and_share_the_row_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let key = Key::generate().unwrap();
    let (assignment, role) = (ItemKind::RoleAssignment, ItemKind::RoleDefinition);
    {
        let cache = opened(dir.path(), &key);
        let mut writer = cache.writer(SOURCE).unwrap();
        writer.prepare_indexes().unwrap();
        put_user(&mut writer, 0, "olena", "{}");
        let owner = put_item(&mut writer, role, 0, "owner", r#"{"role":"Owner"}"#);
        // The same id as another kind, and as an account, is another thing.
        put_item(&mut writer, assignment, 0, "owner", r#"{"on":"vault"}"#);
        put_item(&mut writer, assignment, 0, "olena", "{}");
        put_item(&mut writer, role, owner, "owner", r#"{"role":"Owner","custom":false}"#);
        writer.finish().unwrap();
        writer.begin().unwrap();
        writer.set_unconfirmed(ResourceKind::Item(assignment), 3, true).unwrap();
        writer.commit().unwrap();
    }
    let cache = opened(dir.path(), &key);
    let (second, third, fourth) = (
        r#"2 7 RoleDefinition owner OWNER {"role":"Owner","custom":false}"#,
        r#"3 7 RoleAssignment owner OWNER {"on":"vault"} ?"#,
        "4 7 RoleAssignment olena OLENA {}",
    );
    assert_eq!(items(&cache, &ItemKind::ALL), [second, third, fourth]);
    assert_eq!(items(&cache, &[assignment]), [third, fourth]);
    assert_eq!(items(&cache, &[]), Vec::<String>::new());
    assert_eq!(cache.item_counts(SOURCE).unwrap(), [(role, 1), (assignment, 2)]);
    assert_eq!(seen(&cache), ["account 1 olena"], "an item is nobody");
    let known = cache.known(SOURCE, ResourceKind::Item(assignment)).unwrap();
    let owner = known.get(IdHash::of("owner")).unwrap();
    assert_eq!((known.len(), owner.row, owner.modified, owner.unconfirmed), (2, 3, Some(5), true));
    assert_eq!(cache.rows(SOURCE, ResourceKind::Item(role)).unwrap(), [2]);
    assert_eq!(
        cache.label(4).unwrap().map(|label| (label.id, label.name)),
        Some(("olena".into(), Some("OLENA".into())))
    );
    assert_eq!(cache.document(4).unwrap().as_deref(), Some(b"{}".as_slice()));
}

#[test]
fn an_item_that_goes_leaves_no_dangling_id_and_is_held_once_per_kind() {
    let dir = tempfile::tempdir().unwrap();
    let cache = opened(dir.path(), &Key::generate().unwrap());
    let mut writer = cache.writer(SOURCE).unwrap();
    writer.prepare_indexes().unwrap();
    let vault = put_item(&mut writer, ItemKind::BackupVault, 0, "v", "{}");
    writer.finish().unwrap();
    writer.begin().unwrap();
    let columns = ItemColumns {
        id: "v".into(),
        ..ItemColumns::default()
    };
    let twice = writer.put_item(ItemKind::BackupVault, 0, &columns, Version::of(b"", None), &packed("{}"));
    assert!(twice.is_err(), "a kind holds an id once");
    writer.remove(ResourceKind::Item(ItemKind::BackupVault), vault).unwrap();
    writer.commit().unwrap();
    assert_eq!((seen(&cache), items(&cache, &ItemKind::ALL)), (vec![], vec![]));
    assert_eq!(cache.document(vault).unwrap(), None);
}

#[test]
fn people_and_programs_are_known_apart() {
    let dir = tempfile::tempdir().unwrap();
    let cache = opened(dir.path(), &Key::generate().unwrap());
    let mut writer = cache.writer(SOURCE).unwrap();
    let person = put_user(&mut writer, 0, "olena", "{}");
    let record = AccountRecord {
        id: "pipeline",
        service: true,
        ..AccountRecord::default()
    };
    let program = writer.put_account(&record, Version::of(b"p", None), &packed("{}")).unwrap();
    writer.commit().unwrap();
    for (kind, row) in [(ResourceKind::User, person), (ResourceKind::Service, program)] {
        let known = cache.known(SOURCE, kind).unwrap();
        assert_eq!(known.iter().map(|(_, known)| known.row).collect::<Vec<_>>(), [row], "{kind:?}");
        assert_eq!(cache.rows(SOURCE, kind).unwrap(), [row], "{kind:?}");
    }
    assert_eq!(cache.counts(SOURCE).unwrap().0, 2, "both are accounts");
}

#[test]
fn a_cache_of_the_time_before_items_is_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let key = Key::generate().unwrap();
    let path = dir.path().join(FILE);
    {
        let mut connection = file::open(&path, &key, &options()).unwrap();
        file::migrate(&mut connection, &path, &Migrations::new(vec![M::up(SCHEMA)]), &options()).unwrap();
        connection
            .execute_batch(
                "INSERT INTO account(row, source, id, roles, unconfirmed, hash) VALUES (1, 7, 'olena', 0, 0, zeroblob(16));
                 UPDATE counter SET value = 1 WHERE name = 'row';",
            )
            .unwrap();
    }
    let cache = opened(dir.path(), &key);
    assert_eq!(cache.known(SOURCE, ResourceKind::User).unwrap().len(), 1);
    assert!(cache.known(SOURCE, ResourceKind::Service).unwrap().is_empty());
    let mut writer = cache.writer(SOURCE).unwrap();
    writer.prepare_indexes().unwrap();
    assert_eq!(put_item(&mut writer, ItemKind::Entity, 0, "component:default/pay", "{}"), 2);
    writer.finish().unwrap();
}

#[test]
fn a_column_that_came_later_is_filled_once_from_the_documents() {
    struct Managers(Vec<(String, Option<String>)>);
    impl RecordSink for Managers {
        fn account(&mut self, account: &AccountRecord<'_>) {
            self.0.push((account.id.to_owned(), account.manager.map(str::to_owned)));
        }
        fn group(&mut self, _: &GroupRecord<'_>) {}
        fn dangling(&mut self, _: &DanglingRecord<'_>) {}
        fn membership(&mut self, _: Row, _: Row) {}
    }
    let dir = tempfile::tempdir().unwrap();
    let key = Key::generate().unwrap();
    let read = |source: i64, kind: ResourceKind, text: &[u8]| {
        assert_eq!((source, kind), (SOURCE, ResourceKind::User));
        let manager = String::from_utf8(text.to_vec()).unwrap();
        // One document cannot be read, another one names nobody.
        (manager != "?").then(|| {
            crate::record::Columns::Account(crate::record::AccountColumns {
                manager: Some(manager).filter(|manager| !manager.is_empty()),
                ..Default::default()
            })
        })
    };
    {
        let cache = opened(dir.path(), &key);
        let mut writer = cache.writer(SOURCE).unwrap();
        writer.prepare_indexes().unwrap();
        for (id, text) in [("ann", "bo"), ("bo", ""), ("cy", "?"), ("dee", "ann")] {
            put_user(&mut writer, 0, id, text);
        }
        writer.finish().unwrap();
        assert_eq!(cache.fill_columns(&read).unwrap(), 0, "a new file lacks nothing");
    }
    {
        // The file as it was before the column.
        let connection = file::open(&dir.path().join(FILE), &key, &options()).unwrap();
        connection
            .execute_batch("ALTER TABLE account DROP COLUMN manager; DROP TABLE unfilled; PRAGMA user_version = 2;")
            .unwrap();
    }
    let cache = opened(dir.path(), &key);
    let generation = cache.generation().unwrap();
    assert_eq!(cache.fill_columns(&read).unwrap(), 2);
    assert!(cache.generation().unwrap() > generation, "others are to see it");
    assert_eq!(cache.fill_columns(&|_, _, _| panic!("it is filled")).unwrap(), 0);
    let mut seen = Managers(Vec::new());
    cache.read_all(&mut seen).unwrap();
    let held: Vec<(&str, Option<&str>)> = seen.0.iter().map(|(id, manager)| (id.as_str(), manager.as_deref())).collect();
    assert_eq!(held, [("ann", Some("bo")), ("bo", None), ("cy", None), ("dee", Some("ann"))]);
}

#[test]
fn every_kind_has_a_name_of_its_own_and_a_place() {
    for kind in ItemKind::ALL {
        assert_eq!(ItemKind::named(ResourceKind::Item(kind).name()), Some(kind));
        assert_eq!(ResourceKind::Item(kind).shape(), Shape::Item);
    }
    assert_eq!(ItemKind::named("User"), None);
}

#[test]
fn what_is_not_committed_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let cache = opened(dir.path(), &Key::generate().unwrap());
    let before = cache.generation().unwrap();
    let mut writer = cache.writer(SOURCE).unwrap();
    put_user(&mut writer, 0, "olena", "{}");
    drop(writer);
    assert_eq!(seen(&cache), Vec::<String>::new());
    assert_eq!(cache.generation().unwrap(), before);
}

#[test]
fn one_that_goes_stays_as_a_dangling_member_until_nobody_names_it_and_is_known_again_when_it_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let cache = opened(dir.path(), &Key::generate().unwrap());
    let mut writer = cache.writer(SOURCE).unwrap();
    writer.prepare_indexes().unwrap();
    let olena = put_user(&mut writer, 0, "olena", "{}");
    let group = put_group(&mut writer, "payments", &[olena]);
    writer.remove(ResourceKind::User, olena).unwrap();
    writer.sweep().unwrap();
    writer.finish().unwrap();
    assert_eq!(seen(&cache), ["group 2 payments", "dangling 1 olena", "1 in 2"]);
    assert_eq!(cache.document(olena).unwrap(), None);

    writer.begin().unwrap();
    writer.adopt(olena).unwrap();
    put_user(&mut writer, olena, "olena", "{}");
    writer.commit().unwrap();
    assert_eq!(seen(&cache), ["account 1 olena", "group 2 payments", "1 in 2"]);

    writer.begin().unwrap();
    writer.remove(ResourceKind::User, olena).unwrap();
    writer.put_members(group, &[], &[olena]).unwrap();
    writer.sweep().unwrap();
    writer.commit().unwrap();
    assert_eq!(seen(&cache), ["group 2 payments"]);
}

#[test]
fn an_id_is_held_once_per_source() {
    let dir = tempfile::tempdir().unwrap();
    let cache = opened(dir.path(), &Key::generate().unwrap());
    let mut writer = cache.writer(SOURCE).unwrap();
    writer.prepare_indexes().unwrap();
    put_user(&mut writer, 0, "olena", "{}");
    writer.finish().unwrap();
    writer.begin().unwrap();
    let twice = writer.put_account(
        &AccountRecord {
            id: "olena",
            ..AccountRecord::default()
        },
        Version::of(b"", None),
        &packed("{}"),
    );
    assert!(twice.is_err());
}

#[test]
fn documents_come_by_scan_and_one_by_one_and_end_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let cache = opened(dir.path(), &Key::generate().unwrap());
    let texts: Vec<String> = (0..300)
        .map(|number| format!(r#"{{"id":"{number}","userName":"someone.{number}@halcyon.example","active":true}}"#))
        .collect();
    let samples: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    let (id, body) = cache.train_dictionary(SOURCE, ResourceKind::User, &samples).unwrap().unwrap();
    let mut packer = Packer::new(Some((id, &body))).unwrap();
    let mut writer = cache.writer(SOURCE).unwrap();
    writer.begin().unwrap();
    for (number, text) in texts.iter().enumerate() {
        let id = number.to_string();
        let document = packer.pack(text.as_bytes()).unwrap();
        assert!(document.body.len() < text.len() / 2, "a dictionary helps");
        writer
            .put_account(
                &AccountRecord {
                    id: &id,
                    ..AccountRecord::default()
                },
                Version::of(text.as_bytes(), None),
                &document,
            )
            .unwrap();
    }
    writer.commit().unwrap();
    let all: Vec<Row> = (1..=300).collect();
    for rows in [all.clone(), vec![3, 299], vec![]] {
        let mut got = Vec::new();
        cache
            .documents(&rows, &mut |row, document| {
                got.push((row, String::from_utf8(document.to_vec()).unwrap()));
                true
            })
            .unwrap();
        let expected: Vec<(Row, String)> = rows.iter().map(|row| (*row, texts[*row as usize - 1].clone())).collect();
        assert_eq!(got, expected);
    }
    let mut handed = 0;
    cache
        .documents(&all, &mut |_, _| {
            handed += 1;
            handed < 10
        })
        .unwrap();
    assert_eq!(handed, 10);
}

#[test]
fn a_forgotten_source_leaves_nothing_and_the_others_alone() {
    let dir = tempfile::tempdir().unwrap();
    let cache = opened(dir.path(), &Key::generate().unwrap());
    for source in [1, 2] {
        let mut writer = cache.writer(source).unwrap();
        writer.prepare_indexes().unwrap();
        let user = put_user(&mut writer, 0, "olena", "{}");
        put_group(&mut writer, "payments", &[user]);
        put_item(&mut writer, ItemKind::RbacRole, 0, "role:default/x", "{}");
        writer.finish().unwrap();
        cache
            .set_state(
                source,
                &SourceState {
                    account_count: 1,
                    ..SourceState::default()
                },
            )
            .unwrap();
    }
    cache.forget_source(1).unwrap();
    assert_eq!(seen(&cache), ["account 4 olena", "group 5 payments", "4 in 5"]);
    assert_eq!(items(&cache, &ItemKind::ALL), ["6 2 RbacRole role:default/x ROLE:DEFAULT/X {}"]);
    assert_eq!(cache.document(3).unwrap(), None);
    assert_eq!(cache.document(1).unwrap(), None);
    assert_eq!(cache.state(1).unwrap(), SourceState::default());
    assert_eq!(cache.state(2).unwrap().account_count, 1);
}

#[test]
fn a_broken_file_and_a_lost_key_are_set_aside_with_a_notice() {
    let dir = tempfile::tempdir().unwrap();
    let key = Key::generate().unwrap();
    let cache = opened(dir.path(), &key);
    let mut writer = cache.writer(SOURCE).unwrap();
    put_user(&mut writer, 0, "olena", "{}");
    writer.finish().unwrap();
    drop(writer);
    drop(cache);

    let other = Key::generate().unwrap();
    let reopened = Cache::open(dir.path(), &other).unwrap();
    assert!(
        reopened
            .notice
            .is_some_and(|notice| notice.contains("set aside") && notice.contains("key"))
    );
    assert_eq!(seen(&reopened.cache), Vec::<String>::new());
    drop(reopened.cache);

    std::fs::write(dir.path().join(FILE), vec![0x5a; 40_000]).unwrap();
    for tail in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(dir.path().join(format!("{FILE}{tail}")));
    }
    let reopened = Cache::open(dir.path(), &other).unwrap();
    assert!(reopened.notice.is_some());
    let aside = std::fs::read_dir(dir.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("set-aside"))
        .count();
    assert!(aside >= 2, "both old files are kept");
}

#[test]
fn texts_of_documents_are_not_readable_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let cache = opened(dir.path(), &Key::generate().unwrap());
    let mut writer = cache.writer(SOURCE).unwrap();
    put_user(&mut writer, 0, "olena.shevchenko.needle", "{}");
    writer.finish().unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"needle" || window == b"SQLite"));
    }
}
