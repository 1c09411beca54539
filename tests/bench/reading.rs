//! First and second sync of 100,000 users, 5,000 groups and 500,000 memberships, against bare prepared inserts of the same rows.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use lanyard_engine::secrets::{MemoryKeychain, Secret};
use lanyard_engine::store::cache;
use lanyard_engine::store::file::{self, Key};
use lanyard_engine::view::{SourceKind, SourceSettings, SyncOutcome, SyncState};
use lanyard_engine::{Engine, OpenOptions};
use rusqlite::params;

use crate::company::{self, Size};
use crate::server::{Pages, serve};
use crate::{Figure, median};

const SIZE: Size = Size::LARGE;
const RUNS: usize = 5;

/// Opens an engine on `folder` with a source at `url`.
fn open(folder: &Path, url: &str) -> (Engine, i64) {
    let engine = Engine::open(OpenOptions {
        data_dir: folder.to_owned(),
        keychain: Arc::new(MemoryKeychain::new()),
        demo: false,
    })
    .expect("opens");
    let id = add_source(&engine, url);
    (engine, id)
}

/// Adds a source.
pub fn add_source(engine: &Engine, url: &str) -> i64 {
    let settings = SourceSettings {
        authoritative: true,
        ..SourceSettings::new(SourceKind::Scim, "IdP", url)
    };
    engine.add_source(&settings, Some(Secret::new("bench".into()))).expect("added").id
}

/// Seconds from the first request to the last commit.
fn sync(runtime: &tokio::runtime::Runtime, engine: &Engine, id: i64) -> (f64, SyncOutcome) {
    let outcome = runtime.block_on(engine.sync(id)).expect("syncs");
    assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
    (outcome.took_ms as f64 / 1000.0, outcome)
}

/// The same rows as the cache holds, with the documents as they came, by prepared statements in transactions of 10,000 rows,
/// into a file of the cache's kind with the cache's tables and indexes.
fn bare_inserts(folder: &Path, rows: &Rows) -> f64 {
    let path = folder.join("bare.db");
    let key = Key::generate().expect("a key");
    let mut connection = file::open(&path, &key, &cache::options()).expect("opens");
    cache::create_tables(&connection).expect("tables");
    let started = Instant::now();
    let mut next = 0_u32;
    for chunk in rows.users.chunks(10_000) {
        let transaction = connection.transaction().expect("begins");
        {
            let mut account = transaction
                .prepare_cached(
                    "INSERT INTO account VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, 1, ?9, ?10, 0, 0, ?11, 4711, 0, NULL)",
                )
                .expect("prepares");
            let mut document = transaction
                .prepare_cached("INSERT INTO document VALUES (?1, 0, ?2)")
                .expect("prepares");
            for user in chunk {
                next += 1;
                account
                    .execute(params![
                        next,
                        user.id,
                        user.user_name,
                        user.display,
                        user.email,
                        user.external,
                        "Engineer",
                        "Payments",
                        1_614_844_800_000_i64,
                        1_777_000_000_000_i64,
                        user.hash
                    ])
                    .expect("inserts");
                document.execute(params![next, user.document.as_bytes()]).expect("inserts");
            }
        }
        transaction.commit().expect("commits");
    }
    for chunk in rows.groups.chunks(1_000) {
        let transaction = connection.transaction().expect("begins");
        {
            let mut group = transaction
                .prepare_cached("INSERT INTO grp VALUES (?1, 1, ?2, ?3, NULL, ?4, ?5, 1, 0, ?6, NULL)")
                .expect("prepares");
            let mut document = transaction
                .prepare_cached("INSERT INTO document VALUES (?1, 0, ?2)")
                .expect("prepares");
            let mut membership = transaction
                .prepare_cached("INSERT INTO membership VALUES (?1, ?2)")
                .expect("prepares");
            for row in chunk {
                next += 1;
                group
                    .execute(params![
                        next,
                        row.id,
                        row.name,
                        1_614_844_800_000_i64,
                        1_777_000_000_000_i64,
                        [7_u8; 16]
                    ])
                    .expect("inserts");
                document.execute(params![next, row.document.as_bytes()]).expect("inserts");
                for member in &row.members {
                    membership.execute(params![next, member]).expect("inserts");
                }
            }
        }
        transaction.commit().expect("commits");
    }
    started.elapsed().as_secs_f64()
}

struct UserRow {
    id: String,
    user_name: String,
    display: String,
    email: String,
    external: String,
    hash: [u8; 16],
    document: String,
}

struct GroupRow {
    id: String,
    name: String,
    document: String,
    members: Vec<u32>,
}

struct Rows {
    users: Vec<UserRow>,
    groups: Vec<GroupRow>,
}

fn rows() -> Rows {
    let users = (0..SIZE.users)
        .map(|number| {
            let (display, user_name, email, id) = company::names(number);
            let hash = (u128::from(company::mixed(number)) << 64 | u128::from(company::mixed(number + 1))).to_le_bytes();
            UserRow {
                id,
                user_name,
                display,
                email,
                external: format!("hf-{number:07}"),
                hash,
                document: company::user(number),
            }
        })
        .collect();
    let groups = (0..SIZE.groups)
        .map(|number| {
            let mut members: Vec<u32> = company::member_numbers(number, SIZE).map(|member| member as u32 + 1).collect();
            members.sort_unstable();
            members.dedup();
            GroupRow {
                id: company::group_id(number),
                name: format!("group {number}"),
                document: company::group(number, SIZE),
                members,
            }
        })
        .collect();
    Rows { users, groups }
}

/// Measures both figures.
pub fn measure() -> Vec<Figure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let url = serve(Arc::new(Pages::render(SIZE)));
    let rows = rows();
    let (mut bare, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
    let mut written = 0;
    // In turn, so that a machine that slows down slows all three.
    for _ in 0..RUNS {
        let folder = tempfile::tempdir().expect("a folder");
        bare.push(bare_inserts(folder.path(), &rows));
        let (engine, id) = open(folder.path(), &url);
        first.push(sync(&runtime, &engine, id).0);
        let (seconds, outcome) = sync(&runtime, &engine, id);
        second.push(seconds);
        written += outcome.rows_written;
        assert_eq!(outcome.added + outcome.changed + outcome.removed, 0);
    }
    let (bare, first, second) = (median(bare), median(first), median(second));
    vec![
        Figure {
            name: "sync",
            what: "first sync of 100,000 users / bare inserts".into(),
            value: first / bare,
            target: 1.0,
            at_most: true,
            from: format!("{first:.2} s / {bare:.2} s, medians of {RUNS}; 5,000 groups, 500,000 memberships"),
        },
        Figure {
            name: "sync",
            what: "second sync, nothing changed, read in full / first".into(),
            value: second / first,
            target: 0.4,
            at_most: true,
            from: format!("{second:.2} s / {first:.2} s; {written} rows written"),
        },
        Figure {
            name: "sync",
            what: "rows written by a second sync that found nothing changed".into(),
            value: written as f64,
            target: 0.0,
            at_most: true,
            from: format!("over {RUNS} runs"),
        },
    ]
}
