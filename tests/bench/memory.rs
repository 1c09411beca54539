//! The engine's memory with 1,000,000 people, 50,000 groups, 5,000,000 memberships and 10,000 assignments open and asked about, in a
//! process of its own.

use std::path::Path;
use std::time::Instant;

use lanyard_engine::Engine;
use lanyard_engine::view::{GroupQuery, PeopleQuery, PeopleSort};

use crate::Figure;
use crate::company;
use crate::filled::{MANY, fill, open};
use crate::mapping::{self, Answers};

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

/// The measured process: prints its memory after opening, after a first round of browsing and asking, and after ten more; then how long
/// the map took to be there, and the slowest answer of each question.
pub fn child(folder: &Path) {
    let engine = open(folder);
    let opened = status("VmRSS");
    browse(&engine, 0);
    let started = Instant::now();
    mapping::first(&engine);
    let built = started.elapsed().as_secs_f64();
    mapping::ask(&engine, 0, MANY);
    let first = status("VmRSS");
    let mut answers = Answers::default();
    for round in 1..=10 {
        browse(&engine, round);
        answers.slowest(mapping::ask(&engine, round, MANY));
    }
    println!("{opened} {first} {} {} {built}", status("VmRSS"), status("VmHWM"));
    println!("{}", answers.line());
}

/// Measures the figures.
pub fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path(), MANY);
    let output = std::process::Command::new(std::env::current_exe().expect("this program"))
        .args([std::ffi::OsStr::new("memory-child"), folder.path().as_os_str()])
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let (numbers, answers) = printed.split_once('\n').expect("two lines");
    let numbers: Vec<f64> = numbers.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    let [opened, first, last, peak, built] = numbers[..] else {
        panic!("five numbers: {numbers:?}")
    };
    let answers = Answers::read(answers);
    let from = format!(
        "resident after opening {opened:.0} MB, with the map and a first round {first:.0} MB, after ten more {last:.0} MB; peak {peak:.0} MB"
    );
    vec![
        Figure {
            name: "memory",
            what: "memory with 1,000,000 people and the map open and asked, MB".into(),
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
        Figure {
            name: "memory",
            what: "map at 1,000,000: slowest answer of ten rounds, ms".into(),
            value: answers.worst(),
            target: 300.0,
            at_most: true,
            from: format!("{}; built and first drawn in {built:.2} s", answers.line()),
        },
    ]
}
