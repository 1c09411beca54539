//! Several handles and several processes on one ledger, and a process that is killed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::*;

const CHILD: &str = "LANYARD_TEST_LEDGER_CHILD";

/// Starts this test program again, to do `work` on the ledger in `home` in a process of its own.
fn child(home: &Home, work: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["store::ledger::tests::processes::the_work_of_a_child", "--exact", "--nocapture"])
        .env(CHILD, format!("{}|{}|{work}", home.path().display(), home.secret().expose()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Does nothing but in a process that [`child`] started.
#[test]
fn the_work_of_a_child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let [path, key, work] = told.split('|').collect::<Vec<_>>()[..] else {
        panic!("{told}")
    };
    let ledger = Ledger::open(Path::new(path), &Secret::new(key.into())).unwrap();
    let rounds = if work == "endless" { usize::MAX } else { 40 };
    for round in 0..rounds {
        let id = format!("{}-{round}", std::process::id());
        ledger
            .record(
                1,
                5,
                &[transition(
                    ResourceKind::User,
                    &id,
                    1,
                    vec![change(ChangeKind::Set, None, Some("x")); 20],
                )],
            )
            .unwrap();
        ledger.append_audit(sync_ended(1)).unwrap();
        if round == 0 {
            println!("begun");
        }
    }
}

/// Waits until a child has written something.
fn begun(child: &mut Child) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("begun")));
    // The pipe stays open, or the child's next word would end it.
    std::thread::spawn(move || lines.for_each(drop));
}

#[test]
fn two_processes_and_two_handles_append_to_one_chain() {
    let home = Home::new();
    let (mut one, mut two) = (child(&home, "forty"), child(&home, "forty"));
    let (ledger, other) = (home.open(), home.open());
    std::thread::scope(|scope| {
        for ledger in [&ledger, &other] {
            scope.spawn(move || {
                for _ in 0..40 {
                    ledger.append_audit(note("source.tested", None)).unwrap();
                }
            });
        }
    });
    for child in [&mut one, &mut two] {
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success(), "{said}");
    }
    let check = ledger.verify_audit().unwrap();
    assert_eq!((check.ok, check.entries), (true, 160), "{check:?}");
    let history = other.verify_history().unwrap();
    assert_eq!((history.ok, history.lines, history.not_yet), (true, 1600, 0));
    drop((ledger, other));
    home.open();
}

#[test]
fn a_process_that_is_killed_leaves_a_ledger_that_holds() {
    let home = Home::new();
    let mut seen = 0;
    for round in 0..6 {
        let mut child = child(&home, "endless");
        begun(&mut child);
        std::thread::sleep(Duration::from_millis(7 + 23 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let ledger = home.open();
        let check = ledger.verify_audit().unwrap();
        assert!(check.ok, "{check:?}");
        assert!(check.entries > seen, "nothing that was written before is lost");
        seen = check.entries;
        let history = ledger.verify_history().unwrap();
        assert!(history.ok && history.not_yet <= 20, "{history:?}");
    }
}
