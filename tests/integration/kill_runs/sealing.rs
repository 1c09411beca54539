//! Ended by signal 9 while a run closes, and while its evidence is written out: it is signed once, and no half of it stands anywhere.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use lanyard_engine::view::AuditQuery;
use lanyard_tests::process::wait;

use super::{Company, Random, company, people};

/// One cut and one check: there is little else than the closing.
const QUICK: &str = "\
lanyard: plan/1
name: Quick
kind: offboarding
systems:
  - { source: Workforce IdP, cut: disable, checks: [scim.account], limit: 10m }
poll: 1s
guards: { accountsPerDay: 1000 }
";
/// Runs that are killed while they close, at least; more, until some of them were killed between closing and signing.
const CLOSINGS: usize = 8;
const MOST_CLOSINGS: usize = 40;
/// Exports that are killed.
const EXPORTS: usize = 10;

/// Runs the plan on somebody, and kills the process so long after its last check passed; without a time it is left to end. How long it lived after
/// the check.
fn run(company: &Company, path: &str, person: &str, kill_after: Option<Duration>) -> Duration {
    let arguments = [
        "deprovision",
        "run",
        path,
        "--person",
        person,
        "--yes",
        person,
        "--second-look",
        "all",
        "--json",
    ];
    let mut child = company
        .lanyard
        .command(&arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let passed = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains("scim.account") && line.contains("passed"));
    assert!(passed, "the run of {person} did not come so far");
    let began = Instant::now();
    // What it says is read on, so that it never blocks on a full pipe.
    let rest = thread::spawn(move || lines.for_each(drop));
    match kill_after {
        Some(moment) => {
            thread::sleep(moment);
            let _ = child.kill();
        }
        None => {
            wait(&mut child, Duration::from_secs(60)).expect("it ends by itself");
        }
    }
    let lived = began.elapsed();
    wait(&mut child, Duration::from_secs(30)).expect("a killed process ends");
    rest.join().unwrap();
    lived
}

/// How many audit entries say that evidence of this run was signed.
fn signed(company: &Company, run: u64) -> usize {
    let engine = company.open().unwrap();
    let query = AuditQuery {
        search: "run.signed".into(),
        limit: 500,
        ..AuditQuery::default()
    };
    let entries = engine.audit(&query).unwrap().entries;
    entries
        .iter()
        .filter(|entry| entry.action == "run.signed" && entry.data["run"] == run)
        .count()
}

#[track_caller]
fn whole(company: &Company) {
    let verified = company.lanyard.run(&["audit", "verify", "--json"]).ended(0).json();
    assert_eq!(verified["ok"], true, "{verified:#}");
}

fn verified(company: &Company, path: &Path) {
    let held = company.lanyard.run(&["evidence", "verify", path.to_str().unwrap(), "--json"]);
    assert_eq!(held.ended(0).json()["ok"], true);
}

#[test]
fn evidence_is_signed_once_and_written_out_whole() {
    let company = company(1_234);
    let path = company.data.path().join("quick.yaml");
    std::fs::write(&path, QUICK).unwrap();
    let path = path.to_str().unwrap();
    let mut people = people(&company).into_iter();
    let mut random = Random(0x5ea1);
    let mut tail = run(&company, path, &people.next().unwrap(), None);
    assert_eq!(signed(&company, 1), 1);

    let (mut closings, mut open, mut unsigned) = (0, 0, 0);
    while closings < CLOSINGS || (unsigned < 2 && closings < MOST_CLOSINGS) {
        closings += 1;
        let (person, number) = (people.next().expect("somebody is left"), closings as u64 + 1);
        let lived = run(&company, path, &person, Some(tail.mul_f64(random.fraction())));
        tail = tail.max(lived);
        whole(&company);
        let number_text = number.to_string();
        let shown = company.lanyard.run(&["deprovision", "show", &number_text, "--json"]).json();
        open += usize::from(shown["closedAt"].is_null());
        if shown["evidence"].is_null() {
            unsigned += usize::from(shown["closedAt"].is_i64());
            let resumed = company
                .lanyard
                .run(&["deprovision", "resume", &number_text, "--json"])
                .ended(0)
                .json();
            assert_eq!(resumed["state"], "passed", "{resumed:#}");
        }
        let shown = company.lanyard.run(&["deprovision", "show", &number_text, "--json"]).json();
        assert!(shown["evidence"].is_object(), "{shown:#}");
        assert_eq!(signed(&company, number), 1, "run {number}");
    }
    println!("{closings} runs killed while they closed: {open} before, {unsigned} between closing and signing");
    assert!(unsigned > 0, "no moment fell between closing and signing");

    let began = Instant::now();
    let first = company.data.path().join("evidence-first.zip");
    let report = |target: &Path, folder: bool| {
        let mut arguments = vec!["deprovision", "report", "2", "--output", target.to_str().unwrap(), "--json"];
        arguments.extend(folder.then_some("--folder"));
        arguments.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let ran = |arguments: &[String]| company.lanyard.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let _ = ran(&report(&first, false)).ended(0);
    let took = began.elapsed();
    verified(&company, &first);
    let mut whole_ones = 0;
    for number in 0..EXPORTS {
        let folder = number % 2 == 1;
        let target = company.data.path().join(format!("out/evidence-{}", number / 2));
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let target = if folder { target } else { target.with_extension("zip") };
        let arguments = report(&target, folder);
        let mut child = company.lanyard.spawn(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        // The writing is at the end.
        thread::sleep(took.mul_f64(0.5 + 0.5 * random.fraction()));
        let _ = child.kill();
        wait(&mut child, Duration::from_secs(30)).expect("a killed process ends");
        whole(&company);
        let written = target.exists();
        whole_ones += usize::from(written);
        // Nothing is ever written over; what a killed export left beside it is taken away either way.
        assert_eq!(ran(&arguments).code == 0, !written);
        verified(&company, &target);
    }
    let leftovers: Vec<_> = std::fs::read_dir(company.data.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with('.'))
        .collect();
    println!("{EXPORTS} exports killed, {whole_ones} when they were whole");
    assert!(leftovers.is_empty(), "{leftovers:?}");
    assert_eq!(signed(&company, 2), 1);
    whole(&company);
}
