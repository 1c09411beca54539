//! Search as you type over 1,000,000 people, against `LIKE '%…%'` over the same four columns in the same kind of encrypted file.

use std::path::Path;
use std::time::Instant;

use lanyard_engine::Engine;
use lanyard_engine::store::cache;
use lanyard_engine::store::file::{self, Key};
use lanyard_engine::view::PeopleQuery;
use rusqlite::Connection;

use crate::company;
use crate::filled::{MANY, fill, open};
use crate::{Figure, p95};

/// What people type: from one letter up. Some find many, some one, some nobody.
const TYPED: [&str; 10] = [
    "olena",
    "shevchenko",
    "giorgi.12",
    "halcyon",
    "siobhán",
    "田中",
    "wójcik",
    "a.9",
    "hf-zzz",
    "dhomhnaill",
];

fn sequences() -> Vec<Vec<String>> {
    let mut sequences: Vec<Vec<String>> = TYPED
        .iter()
        .map(|typed| {
            typed
                .char_indices()
                .map(|(at, letter)| typed[..at + letter.len_utf8()].to_owned())
                .collect()
        })
        .collect();
    for number in [1, 77_777, 999_999] {
        let user_name = company::names(number).1;
        sequences.push(user_name.char_indices().map(|(at, _)| user_name[..=at].to_owned()).collect());
    }
    sequences
}

fn ours(engine: &Engine) -> Vec<f64> {
    let mut times = Vec::new();
    for sequence in sequences() {
        for search in sequence {
            let query = PeopleQuery {
                search,
                limit: 50,
                ..PeopleQuery::default()
            };
            let started = Instant::now();
            let page = engine.people(&query).expect("answers");
            times.push(started.elapsed().as_secs_f64());
            assert_eq!(page.of as usize, MANY.users);
        }
    }
    times
}

fn like_table(folder: &Path) -> Connection {
    let key = Key::generate().expect("a key");
    let options = file::FileOptions {
        cache_kib: 1 << 20,
        ..cache::options()
    };
    let mut connection = file::open(&folder.join("like.db"), &key, &options).expect("opens");
    connection
        .execute_batch("CREATE TABLE people(row INTEGER PRIMARY KEY, name TEXT, user_name TEXT, email TEXT, id TEXT)")
        .expect("a table");
    let transaction = connection.transaction().expect("begins");
    {
        let mut insert = transaction
            .prepare("INSERT INTO people VALUES (?1, ?2, ?3, ?4, ?5)")
            .expect("prepares");
        for number in 0..MANY.users {
            let (name, user_name, email, id) = company::names(number);
            insert
                .execute(rusqlite::params![number as i64, name, user_name, email, id])
                .expect("inserts");
        }
    }
    transaction.commit().expect("commits");
    connection.execute_batch("CREATE INDEX by_name ON people(name)").expect("an index");
    connection
}

fn likes(connection: &Connection) -> Vec<f64> {
    let condition = "name LIKE ?1 OR user_name LIKE ?1 OR email LIKE ?1 OR id LIKE ?1";
    let mut count = connection
        .prepare(&format!("SELECT count(*) FROM people WHERE {condition}"))
        .expect("prepares");
    let mut rows = connection
        .prepare(&format!("SELECT * FROM people WHERE {condition} ORDER BY name LIMIT 50"))
        .expect("prepares");
    let mut times = Vec::new();
    for sequence in sequences() {
        for typed in sequence {
            let pattern = format!("%{typed}%");
            let started = Instant::now();
            let total: i64 = count.query_row([&pattern], |row| row.get(0)).expect("counts");
            let found = rows.query_map([&pattern], |row| row.get::<_, String>(1)).expect("finds").count();
            times.push(started.elapsed().as_secs_f64());
            assert!(found as i64 <= total);
        }
    }
    times
}

/// Measures the figure.
pub fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path(), MANY);
    let engine = open(folder.path());
    let connection = like_table(folder.path());
    let (mut fast, mut slow) = (Vec::new(), Vec::new());
    fast.extend(ours(&engine));
    slow.extend(likes(&connection));
    fast.extend(ours(&engine));
    let worst = fast.iter().copied().fold(0.0, f64::max);
    let (fast, slow) = (p95(fast), p95(slow));
    vec![Figure {
        name: "search",
        what: "search as you type at 1,000,000: LIKE / Lanyard, p95".into(),
        value: slow / fast,
        target: 20.0,
        at_most: false,
        from: format!(
            "{:.1} ms / {:.2} ms, first 50 rows with total, from one letter up; our slowest {:.2} ms",
            slow * 1e3,
            fast * 1e3,
            worst * 1e3
        ),
    }]
}
