//! Measures the directory at a million people: time to build, memory, search as it is typed, first pages of each column.
//!
//! `cargo run --release -p lanyard-engine --example directory_bench -- [ACCOUNTS] [GROUPS] [MEMBERSHIPS] [SOURCES]`
//!
//! With two sources every other account is the downstream one of the person before it.
//!
//! Beside each figure of search stands what `LIKE '%…%'` over the same four columns takes in SQLite, for the same keystrokes.

#![expect(clippy::print_stdout, reason = "what it measures is what it prints")]

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use lanyard_engine::directory::{Directory, DirectoryBuilder, SourceFacts};
use lanyard_engine::record::{AccountRecord, Documents, GroupRecord, RecordSink, Row};
use lanyard_engine::view::{
    CoverageState, GroupQuery, GroupSort, MemberQuery, MemberScope, PeopleFacet, PeopleQuery, PeopleSort, SourceKind,
};
use lanyard_scim::Catalog;

const GIVEN: &[&str] = &[
    "Siobhán", "Ana", "Olena", "Jürgen", "Marek", "Chidi", "Yuki", "Fatima", "Søren", "Linnea", "Thabo", "Priya", "Diego", "Zofia",
    "Kwame", "Ngọc", "Aoife", "Björn", "Hana", "Iván", "Noor", "Emeka", "Ravi", "Lucia", "Mateus", "Eszter", "Viktor", "Sade", "Tomas",
    "Grace", "Омар", "健太",
];
const FAMILY: &[&str] = &[
    "Kowalska",
    "O'Neill",
    "Shevchenko",
    "Müller",
    "Nakamura",
    "Okafor",
    "Al-Hashimi",
    "Lindqvist",
    "Fernández",
    "Nguyễn",
    "Dlamini",
    "Sharma",
    "Novák",
    "Ivanova",
    "Szabó",
    "Mensah",
    "Silva",
    "Haugen",
    "Bakker",
    "Rossi",
    "Dubois",
    "Murphy",
    "Tanaka",
    "Petrov",
    "Yılmaz",
    "Cohen",
    "Smith",
    "Johansson",
];
const TITLES: &[&str] = &[
    "Software Engineer",
    "Accountant",
    "Dispatcher",
    "Shift Lead",
    "Recruiter",
    "Data Analyst",
    "Port Coordinator",
    "Controller",
];
const DEPARTMENTS: &[&str] = &[
    "Payments",
    "Platform",
    "Freight ops",
    "Finance",
    "People",
    "Security",
    "Warehouse",
    "Sales",
];

/// Numbers without a pattern, the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound.max(1)
    }

    fn of<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.below(list.len() as u64) as usize]
    }
}

struct NoDocuments;

impl Documents for NoDocuments {
    fn document(&self, _: Row) -> Result<Option<Vec<u8>>, lanyard_engine::Error> {
        Ok(None)
    }
    fn documents(&self, _: &[Row], _: &mut dyn FnMut(Row, &[u8]) -> bool) -> Result<(), lanyard_engine::Error> {
        Ok(())
    }
}

struct Person {
    id: String,
    name: String,
    user: String,
    email: String,
}

fn person(dice: &mut Dice, row: u32) -> Person {
    let (given, family) = (dice.of(GIVEN), dice.of(FAMILY));
    let id = format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        dice.below(1 << 32),
        dice.below(1 << 16),
        dice.below(1 << 12),
        dice.below(1 << 12),
        dice.below(1 << 48)
    );
    let plain = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphabetic)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let user = format!("{}.{}{row}", plain(given), plain(family));
    Person {
        id,
        name: format!("{given} {family}"),
        email: format!("{user}@halcyon.example"),
        user,
    }
}

fn facts(id: i64) -> SourceFacts {
    let complete = CoverageState::Complete;
    SourceFacts {
        id,
        kind: SourceKind::Scim,
        name: format!("Source {id}"),
        authoritative: id == 1,
        enabled: true,
        users_complete: complete,
        groups_complete: complete,
        members_complete: complete,
        read_at: None,
        caveats: Vec::new(),
        has_groups: true,
    }
}

fn build(people: u32, groups: u32, memberships: u32, sources: u32) -> (Directory, Duration) {
    let mut builder = DirectoryBuilder::new((1..=i64::from(sources)).map(facts).collect());
    let mut dice = Dice(7);
    let mut taken = Duration::ZERO;
    let mut last = person(&mut dice, 0);
    for row in 0..people {
        let downstream = sources > 1 && row % 2 == 1;
        let mut external = format!("hf-{row:08}");
        if downstream {
            external = std::mem::replace(&mut last.id, format!("{:032x}", dice.roll()));
        } else {
            last = person(&mut dice, row);
        }
        let person = &last;
        let record = AccountRecord {
            row,
            source: if downstream { 2 } else { 1 },
            id: &person.id,
            user_name: Some(&person.user),
            display_name: Some(&person.name),
            email: Some(&person.email),
            external_id: Some(&external),
            title: Some(dice.of(TITLES)),
            department: Some(dice.of(DEPARTMENTS)),
            user_type: Some(if row % 50 == 0 { "Service" } else { "Employee" }),
            active: Some(row % 9 != 0),
            created: Some(1_600_000_000_000 + i64::from(row)),
            modified: Some(1_700_000_000_000 + dice.below(1 << 34) as i64),
            roles: row % 4,
            ..AccountRecord::default()
        };
        let started = Instant::now();
        builder.account(&record);
        taken += started.elapsed();
    }
    for group in 0..groups {
        let (id, name) = (
            format!("{group:032x}"),
            format!("{}-{}-{group}", dice.of(DEPARTMENTS), dice.of(TITLES)),
        );
        builder.group(&GroupRecord {
            row: people + group,
            source: 1,
            id: &id,
            display_name: Some(&name),
            members_listed: true,
            ..GroupRecord::default()
        });
    }
    let each = memberships / groups.max(1);
    let mut members = Vec::new();
    for group in 0..groups {
        members.clear();
        members.extend((0..each).map(|_| dice.below(people.into()) as u32));
        // Every group but the outermost is within another one of a tree of ten branches.
        members.extend(
            (1..=10)
                .map(|branch| group * 10 + branch)
                .filter(|inner| *inner < groups)
                .map(|inner| people + inner),
        );
        members.sort_unstable();
        members.dedup();
        let started = Instant::now();
        for member in &members {
            builder.membership(people + group, *member);
        }
        taken += started.elapsed();
    }
    let (started, before) = (Instant::now(), spent());
    let directory = builder.finish(1);
    println!("finished in {:.1?} ({:.1?} of processor time)", started.elapsed(), spent() - before);
    (directory, taken + started.elapsed())
}

/// Processor time spent so far, of all threads: on a busy machine it says more than the clock.
fn spent() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = |place: usize| stat.rsplit(')').next()?.split_whitespace().nth(place)?.parse::<u64>().ok();
    // User and system time, in hundredths of a second.
    Duration::from_millis(10 * (ticks(11).unwrap_or(0) + ticks(12).unwrap_or(0)))
}

/// Resident memory now and at its highest, in MB.
fn resident() -> (f64, f64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
    };
    (of("VmRSS:").unwrap_or(0.0) / 1024.0, of("VmHWM:").unwrap_or(0.0) / 1024.0)
}

fn at(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times
        .get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// Words as they are typed, letter by letter.
fn keystrokes() -> Vec<String> {
    let words = [
        "siobhan",
        "kowal",
        "okafor1",
        "a",
        "e",
        "@halcyon",
        "ana.s",
        "müller",
        "dlamini99",
        "4f3",
        "nguyen",
        "hashimi",
        "smith12",
        "marek.n",
        "zofia r",
        "健太",
        "xq",
        "ivanova",
        "an",
    ];
    words
        .iter()
        .flat_map(|word| word.char_indices().map(|(at, letter)| word[..at + letter.len_utf8()].to_owned()))
        .collect()
}

fn main() {
    let mut sizes = std::env::args().skip(1).map(|text| text.parse().unwrap_or(0));
    let people = sizes.next().unwrap_or(1_000_000);
    let (groups, memberships) = (sizes.next().unwrap_or(people / 20), sizes.next().unwrap_or(people * 5));
    let sources = sizes.next().unwrap_or(1).clamp(1, 2);
    let before = resident().0;
    let (directory, taken) = build(people, groups, memberships, sources);
    let (now, peak) = resident();
    println!(
        "{people} accounts of {sources} sources, {groups} groups, {memberships} memberships: {}",
        directory.overview().headline
    );
    println!(
        "built in {taken:.1?}, {:.2} µs an account",
        taken.as_secs_f64() * 1e6 / f64::from(people)
    );
    println!(
        "memory {:.0} MB by count, {:.0} MB resident (peak {peak:.0} MB)",
        directory.memory() as f64 / 1e6,
        now - before
    );

    let (go_on, catalog) = (AtomicBool::new(false), Catalog::core());
    let ask = |query: &PeopleQuery| {
        let started = Instant::now();
        let page = directory.people(query, &NoDocuments, &catalog, &go_on);
        (started.elapsed(), page.map_or(0, |page| page.total))
    };
    let mut times = Vec::new();
    for text in keystrokes() {
        let (time, total) = ask(&PeopleQuery {
            search: text.clone(),
            limit: 50,
            ..PeopleQuery::default()
        });
        println!("  {text:<12} {total:>8} {time:>10.2?}");
        times.push(time);
    }
    let (p50, p95) = (at(&mut times, 0.5), at(&mut times, 0.95));
    println!("search p50 {p50:.2?}, p95 {p95:.2?}, longest {:.2?}", at(&mut times, 1.0));
    for sort in [
        PeopleSort::Name,
        PeopleSort::UserName,
        PeopleSort::Email,
        PeopleSort::Title,
        PeopleSort::Department,
        PeopleSort::Groups,
        PeopleSort::Roles,
        PeopleSort::Changed,
    ] {
        let query = PeopleQuery {
            sort,
            descending: true,
            limit: 50,
            ..PeopleQuery::default()
        };
        let (first, again) = (ask(&query).0, ask(&query).0);
        println!("  by {sort:?} downwards: first {first:.1?}, again {again:.2?}");
    }
    for filter in [
        "active eq false",
        "userName sw \"ana.\"",
        "title co \"engineer\" and not (department eq \"Sales\")",
        "meta.lastModified gt \"2024-01-01T00:00:00Z\"",
        "userName ne \"x\"",
    ] {
        let query = PeopleQuery {
            filter: Some(filter.into()),
            limit: 50,
            ..PeopleQuery::default()
        };
        let ((first, total), (again, _)) = (ask(&query), ask(&query));
        println!("  {filter}: {total} in {first:.1?}, again {again:.2?}");
    }
    println!(
        "  left behind {:.2?}",
        ask(&PeopleQuery {
            facet: PeopleFacet::LeftBehind,
            limit: 50,
            ..PeopleQuery::default()
        })
        .0
    );
    let started = Instant::now();
    let page = directory.groups(
        &GroupQuery {
            sort: GroupSort::People,
            descending: true,
            limit: 1,
            ..GroupQuery::default()
        },
        &NoDocuments,
        &catalog,
        &go_on,
    );
    let largest = page.ok().and_then(|page| page.rows.into_iter().next());
    println!("  groups by people {:.1?}", started.elapsed());
    if let Some(group) = largest {
        let query = MemberQuery {
            key: group.key,
            scope: MemberScope::Nested,
            limit: 50,
            ..MemberQuery::default()
        };
        let time = |_| {
            let started = Instant::now();
            let total = directory.members(&query).map_or(0, |page| page.total);
            (started.elapsed(), total)
        };
        let [(first, total), (again, _)] = [0, 1].map(time);
        println!("  all {total} people of {}: first {first:.1?}, again {again:.2?}", group.name);
    }
    println!("resident at the end {:.0} MB", resident().0 - before);
    like(people, p95);
}

/// The same keystrokes with `LIKE` over the same columns: the first fifty by name, and the total.
fn like(people: u32, ours: Duration) {
    let measure = || -> rusqlite::Result<Duration> {
        let connection = rusqlite::Connection::open_in_memory()?;
        connection.execute_batch("CREATE TABLE account (name TEXT, user TEXT, email TEXT, id TEXT); BEGIN")?;
        let mut dice = Dice(7);
        {
            let mut insert = connection.prepare("INSERT INTO account VALUES (?1, ?2, ?3, ?4)")?;
            for row in 0..people {
                let person = person(&mut dice, row);
                dice.of(TITLES);
                dice.of(DEPARTMENTS);
                dice.roll();
                insert.execute([&person.name, &person.user, &person.email, &person.id])?;
            }
        }
        connection.execute_batch("COMMIT; CREATE INDEX by_name ON account (name)")?;
        let holds = "name LIKE ?1 OR user LIKE ?1 OR email LIKE ?1 OR id LIKE ?1";
        let mut times = Vec::new();
        for text in keystrokes() {
            let pattern = format!("%{text}%");
            let started = Instant::now();
            let mut page = connection.prepare_cached(&format!(
                "SELECT name, user, email, id FROM account WHERE {holds} ORDER BY name LIMIT 50"
            ))?;
            let rows = page.query_map([&pattern], |row| row.get::<_, String>(0))?.count();
            let total: u32 = connection
                .prepare_cached(&format!("SELECT count(*) FROM account WHERE {holds}"))?
                .query_row([&pattern], |row| row.get(0))?;
            assert!(rows as u32 <= total);
            times.push(started.elapsed());
        }
        println!("LIKE p50 {:.2?}, p95 {:.2?}", at(&mut times, 0.5), at(&mut times, 0.95));
        Ok(at(&mut times, 0.95))
    };
    match measure() {
        Ok(theirs) => println!("p95: {:.0} × faster", theirs.as_secs_f64() / ours.as_secs_f64().max(1e-9)),
        Err(error) => println!("LIKE could not be measured: {error}"),
    }
}
