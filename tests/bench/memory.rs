//! The engine's memory with 1,000,000 people, 50,000 groups and 5,000,000 memberships open, in a process of its own.

use std::path::Path;
use std::sync::Arc;

use lanyard_engine::record::{AccountRecord, GroupRecord, ResourceKind, Row};
use lanyard_engine::secrets::{EnvKeychain, KEY_VARIABLE};
use lanyard_engine::store::cache::{Cache, Packer, SourceState, Version};
use lanyard_engine::store::folder::{Folder, obtain_key};
use lanyard_engine::view::{Coverage, CoverageState, GroupQuery, PeopleQuery, PeopleSort};
use lanyard_engine::{Engine, OpenOptions};

use crate::Figure;
use crate::company::{self, Size};

/// A large company.
pub const MANY: Size = Size {
    users: 1_000_000,
    groups: 50_000,
    members: 5_000_000,
};

/// The key of the measured folders: they hold made-up people and are thrown away.
pub const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn keychain() -> Arc<EnvKeychain> {
    Arc::new(EnvKeychain::from_variables([(KEY_VARIABLE.to_owned(), KEY.to_owned())]).expect("a key"))
}

/// Opens an engine on a filled folder.
pub fn open(folder: &Path) -> Engine {
    Engine::open(OpenOptions {
        data_dir: folder.to_owned(),
        keychain: keychain(),
        demo: false,
    })
    .expect("opens")
}

/// Fills a folder's cache with [`MANY`], as a sync would leave it.
pub fn fill(folder: &Path) {
    let engine = open(folder);
    let source = crate::reading::add_source(&engine, "http://127.0.0.1:1/scim/v2");
    drop(engine);
    let identity = Folder::open(folder).expect("a folder");
    let key = obtain_key(&*keychain(), &identity, "cache", &folder.join("cache.db")).expect("a key");
    let cache = Cache::open(folder, &key).expect("opens").cache;
    let samples: Vec<String> = (0..300).map(company::user).collect();
    let samples: Vec<&[u8]> = samples.iter().map(String::as_bytes).collect();
    let dictionary = cache.train_dictionary(source, ResourceKind::User, &samples).expect("trains");
    let mut packer = Packer::new(dictionary.as_ref().map(|(id, body)| (*id, body.as_slice()))).expect("a packer");
    let mut writer = cache.writer(source).expect("a writer");
    writer.prepare_indexes().expect("prepares");
    for number in 0..MANY.users {
        writer.begin().expect("begins");
        let (display, user_name, email, id) = company::names(number);
        let text = company::user(number);
        let record = AccountRecord {
            id: &id,
            user_name: Some(&user_name),
            display_name: Some(&display),
            email: Some(&email),
            external_id: Some("hf"),
            title: Some(["Clerk", "Engineer", "Analyst"][number % 3]),
            department: Some(["Payments", "Platform", "Data", "Legal"][number % 4]),
            active: Some(number % 20 != 0),
            created: Some(1_614_844_800_000),
            modified: Some(1_700_000_000_000 + number as i64 * 977),
            ..AccountRecord::default()
        };
        writer
            .put_account(
                &record,
                Version::of(text.as_bytes(), None),
                &packer.pack(text.as_bytes()).expect("packs"),
            )
            .expect("puts");
        if number % 50_000 == 0 {
            writer.commit().expect("commits");
        }
    }
    for number in 0..MANY.groups {
        writer.begin().expect("begins");
        let (id, name) = (company::group_id(number), format!("group {number}"));
        let record = GroupRecord {
            id: &id,
            display_name: Some(&name),
            members_listed: true,
            ..GroupRecord::default()
        };
        let row = writer
            .put_group(&record, Version::of(id.as_bytes(), None), &packer.pack(b"{}").expect("packs"))
            .expect("puts");
        let mut members: Vec<Row> = company::member_numbers(number, MANY).map(|member| member as Row + 1).collect();
        // One group in ten is in another one.
        if number % 10 == 1 {
            members.push(row - 1);
        }
        members.sort_unstable();
        members.dedup();
        writer.put_members(row, &members, &[]).expect("puts");
        if number % 5_000 == 0 {
            writer.commit().expect("commits");
        }
    }
    writer.finish().expect("finishes");
    let coverage = |collection: &str, have: usize| Coverage {
        collection: collection.into(),
        state: CoverageState::Complete,
        reasons: Vec::new(),
        have: have as u64,
        reported: Some(have as u64),
        unconfirmed: 0,
        read_at: Some(1_790_000_000_000),
        full_at: Some(1_790_000_000_000),
        how: String::new(),
    };
    let state = SourceState {
        coverage: vec![
            coverage("Users", MANY.users),
            coverage("Groups", MANY.groups),
            coverage("Memberships", MANY.members),
        ],
        last_sync_at: Some(1_790_000_000_000),
        account_count: MANY.users as u64,
        group_count: MANY.groups as u64,
        membership_count: MANY.members as u64,
        ..SourceState::default()
    };
    cache.set_state(source, &state).expect("kept");
}

/// A value of `/proc/self/status`, in MB.
fn status(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with(name)).expect("a line");
    line.split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse::<f64>().ok())
        .expect("a number")
        / 1024.0
}

fn browse(engine: &Engine, round: usize) {
    use PeopleSort::{Changed, Department, Email, Groups, Name, Title, UserName};
    for (number, sort) in [Name, UserName, Email, Title, Department, Groups, Changed].into_iter().enumerate() {
        for descending in [false, true] {
            let offset = (company::mixed(round * 31 + number) % (MANY.users as u64 - 100)) as u32;
            let page = engine
                .people(&PeopleQuery {
                    sort,
                    descending,
                    offset,
                    limit: 100,
                    ..PeopleQuery::default()
                })
                .expect("answers");
            engine.person(&page.rows[0].key).expect("answers");
        }
    }
    for typed in ["s", "sh", "she", "shev", "olena.1", &format!("{round}")] {
        engine
            .people(&PeopleQuery {
                search: typed.into(),
                limit: 100,
                ..PeopleQuery::default()
            })
            .expect("answers");
    }
    engine
        .groups(&GroupQuery {
            search: format!("{round}"),
            limit: 100,
            ..GroupQuery::default()
        })
        .expect("answers");
}

/// The measured process: prints its memory after opening, after a first round of browsing, and after ten more.
pub fn child(folder: &Path) {
    let engine = open(folder);
    let opened = status("VmRSS");
    browse(&engine, 0);
    let first = status("VmRSS");
    for round in 1..=10 {
        browse(&engine, round);
    }
    println!("{opened} {first} {} {}", status("VmRSS"), status("VmHWM"));
}

/// Measures the figure.
pub fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let output = std::process::Command::new(std::env::current_exe().expect("this program"))
        .args([std::ffi::OsStr::new("memory-child"), folder.path().as_os_str()])
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let numbers: Vec<f64> = String::from_utf8_lossy(&output.stdout)
        .split_whitespace()
        .map(|number| number.parse().expect("a number"))
        .collect();
    let [opened, first, last, peak] = numbers[..] else {
        panic!("four numbers: {numbers:?}")
    };
    let from = format!(
        "resident after opening {opened:.0} MB, after browsing {first:.0} MB, after ten times that {last:.0} MB; peak {peak:.0} MB"
    );
    vec![
        Figure {
            name: "memory",
            what: "memory with 1,000,000 people open, after browsing, MB".into(),
            value: last,
            target: 500.0,
            at_most: true,
            from,
        },
        Figure {
            name: "memory",
            what: "memory after ten more rounds of browsing / after one".into(),
            value: last / first,
            target: 1.05,
            at_most: true,
            from: format!("{last:.0} MB / {first:.0} MB"),
        },
    ]
}
