//! Runs of de-provisioning are ended by signal 9 at many moments: no run is lost, every one is brought to the end of a run that was never ended,
//! nobody is made twice, and nothing is sent again but what was read back as not so.

mod sealing;
mod sent;

use std::collections::BTreeMap;
use std::process::Child;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use lanyard_tests::plain::Plain;
use lanyard_tests::process::wait;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::company::{Company, truth};
use crate::kill::Random;

/// Over all lanes.
const KILLS: usize = 100;
/// Each lane has two companies of the same seed: in one of them nothing is ever killed.
const LANES: [u64; 2] = [77, 4_711];
/// About so many times a run is killed before it is left to end.
const PER_RUN: usize = 9;

const CANARY: &str = "\
lanyard: plan/1
name: Canary
kind: test
subject:
  create: { source: Workforce IdP, userName: 'canary-{run}@halcyon.example', displayName: 'Canary Test {run}', groups: [ledgerly-readers] }
systems:
  - { source: Workforce IdP, cut: delete, also: [scim.leaveGroups], limit: 10m }
  - { source: Ledgerly, limit: 10m }
  - { source: Portal, limit: 10m }
  - { source: Halcyon tenant, also: [entra.revokeSessions, entra.leaveGroups], limit: 10m }
poll: 1s
arrive: 5m
guards: { accountsPerDay: 1000 }
";

/// What a leaver may own, or may activate, differs from person to person, and is not cut here.
const SOFT: &str = "\
lanyard: plan/1
name: Leaver, softly
kind: offboarding
systems:
  - source: Workforce IdP
    cut: disable
    also: [scim.leaveGroups]
    checks: [scim.account, scim.accountByFilter, scim.memberships]
    notCritical: [scim.memberships]
    limit: 10m
  - { source: Ledgerly, checks: [scim.account, scim.accountByFilter], limit: 10m }
  - { source: Portal, also: [backstage.leaveRoles], checks: [backstage.entity, backstage.roles], limit: 10m }
  - source: Halcyon tenant
    cut: disable
    also: [entra.revokeSessions, entra.leaveGroups, azure.removeAssignments]
    checks: [entra.account, entra.sessions, entra.memberships, azure.assignments]
    limit: 10m
poll: 1s
guards: { accountsPerDay: 1000 }
";

const HARD: &str = "\
lanyard: plan/1
name: Leaver, for good
kind: offboarding
systems:
  - source: Halcyon tenant
    cut: delete
    also: [entra.leaveGroups, azure.removeAssignments]
    checks: [entra.account, entra.memberships, azure.assignments]
    limit: 10m
  - source: Workforce IdP
    cut: delete
    also: [scim.leaveGroups]
    checks: [scim.account, scim.accountByFilter, scim.memberships]
    notCritical: [scim.memberships]
    limit: 10m
  - { source: Ledgerly, checks: [scim.account, scim.accountByFilter], limit: 10m }
  - { source: Portal, cut: delete, also: [backstage.leaveRoles], checks: [backstage.entity, backstage.roles], limit: 10m }
poll: 1s
guards: { accountsPerDay: 1000 }
";

/// The control door of a lab, asked from where nothing is asynchronous.
struct Door {
    plain: Plain,
    runtime: Runtime,
}

impl Door {
    fn of(company: &Company) -> Self {
        Self {
            plain: Plain::new(company.server.text("control"), ""),
            runtime: Runtime::new().unwrap(),
        }
    }

    fn get(&self, path: &str) -> Value {
        self.runtime.block_on(self.plain.ask(Method::GET, path, None)).1
    }

    fn list(&self, path: &str) -> Vec<Value> {
        self.get(path).as_array().unwrap().clone()
    }

    /// The number of the last line of a list; 0 where there is none.
    fn last(&self, list: &str) -> u64 {
        self.list(list).last().map_or(0, |line| line["number"].as_u64().unwrap())
    }

    /// A user as each system truly holds it, once everything that waits has taken effect.
    fn truth(&self, user: &str) -> Value {
        self.runtime.block_on(self.plain.ask(Method::POST, "now", Some(&json!({}))));
        self.get(&format!("truth?user={user}"))
    }
}

/// A company of this seed, of which everything is served and may be written to; each system is read once. Each of its answers takes a moment, so
/// that requests are under way when a process is killed.
fn company(seed: u64) -> Company {
    let seed = seed.to_string();
    let options = [
        "--people",
        "120",
        "--seed",
        &seed,
        "--allow-writes",
        "--control",
        "--fault",
        "delay:500ms",
        "slow:10ms",
    ];
    let company = Company::serve_systems("scim,backstage,azure", &options);
    company.add_all();
    for source in company.sources() {
        let _ = company.lanyard.run(&["source", "edit", &source.name, "--allow-writes"]).ended(0);
    }
    let _ = company.lanyard.run(&["sync"]).ended(0);
    company
}

/// What is run, and on whom.
#[derive(Clone)]
struct Task {
    plan: &'static str,
    /// Who leaves; none where the run makes somebody.
    person: Option<String>,
}

impl Task {
    fn arguments<'a>(&'a self, file: &'a str, typed: &'a str) -> Vec<&'a str> {
        let mut arguments = vec!["deprovision", "run", file, "--yes", typed, "--second-look", "all", "--json"];
        if let Some(person) = &self.person {
            arguments.extend(["--person", person]);
        }
        arguments
    }

    /// The name that has to be typed, which of a canary holds the run's number.
    fn typed(&self, run: u64) -> String {
        self.person.clone().unwrap_or_else(|| format!("canary-{run}@halcyon.example"))
    }
}

fn file(company: &Company, task: &Task) -> String {
    let path = company.data.path().join("plan.yaml");
    std::fs::write(&path, task.plan).unwrap();
    path.to_str().unwrap().to_owned()
}

/// How a run came out: its state, and each check's verdict.
fn outcome(run: &Value) -> (String, BTreeMap<String, String>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = run["checks"].as_array().unwrap().iter();
    (
        text(&run["state"]),
        checks.map(|check| (text(&check["id"]), text(&check["verdict"]))).collect(),
    )
}

/// What a run left behind in the systems. Of somebody who was made and taken away again, the ids differ each time.
fn left(door: &Door, task: &Task, run: u64) -> Value {
    let typed = task.typed(run);
    let mut truth = door.truth(&typed);
    if task.person.is_none() {
        for system in ["idp", "ledgerly", "portal", "azure"] {
            assert_ne!(truth[system]["active"], true, "{truth:#}");
            truth[system] = truth[system]["present"].take();
        }
        truth["user"].take();
    }
    truth
}

/// A run that was never killed.
struct Model {
    task: Task,
    outcome: (String, BTreeMap<String, String>),
    left: Value,
    took: Duration,
}

/// People of the company whom a plan can be run on, in an order that is the same in each company of the seed.
fn people(company: &Company) -> Vec<String> {
    let plain = company.plain(0);
    let (users, groups) = Runtime::new().unwrap().block_on(truth(&plain));
    let in_groups = |user: &Value| {
        let members = groups.values().flat_map(|group| group["members"].as_array().into_iter().flatten());
        members.filter(|member| member["value"] == user["id"]).count()
    };
    let leaving = users.values().filter(|user| user["active"] == true && in_groups(user) > 1);
    let mut names: Vec<String> = leaving.map(|user| user["userName"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Runs everything once in a company in which nothing is killed, and tells how it came out.
fn never_killed(seed: u64, told: &SyncSender<Model>) {
    let company = company(seed);
    let door = Door::of(&company);
    let mut people = people(&company).into_iter();
    for plan in [CANARY, SOFT, HARD].into_iter().cycle() {
        // Guards keep some from being run on: the last admin, say.
        let task = loop {
            let person = (plan != CANARY).then(|| people.next().expect("somebody is left"));
            let task = Task { plan, person };
            let Some(person) = &task.person else { break task };
            let path = file(&company, &task);
            if company
                .lanyard
                .run(&["deprovision", "plan", &path, "--person", person, "--json"])
                .code
                == 0
            {
                break task;
            }
        };
        let path = file(&company, &task);
        let next = company.lanyard.run(&["deprovision", "list", "--json"]).json()["total"]
            .as_u64()
            .unwrap()
            + 1;
        let began = Instant::now();
        let ran = company.lanyard.run(&task.arguments(&path, &task.typed(next)));
        let took = began.elapsed();
        let run = ran.json();
        assert!(run["closedAt"].is_i64(), "{ran:#?}");
        let model = Model {
            left: left(&door, &task, next),
            outcome: outcome(&run),
            task,
            took,
        };
        if told.send(model).is_err() {
            // Enough was killed.
            return;
        }
    }
}

/// What was counted.
#[derive(Default, Debug)]
struct Counts {
    kills: usize,
    runs: usize,
    /// Runs that were killed before they stood in the ledger, and that nothing was sent for.
    unborn: usize,
    writes: usize,
    /// Writes that are safe to send twice and were, each after a reading-back that showed that it was not so.
    again: usize,
    /// Requests that make somebody and were cut off by a kill before they took effect.
    cut_off: usize,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.runs += other.runs;
        self.unborn += other.unborn;
        self.writes += other.writes;
        self.again += other.again;
        self.cut_off += other.cut_off;
    }
}

/// One company in which runs are killed, beside one in which they are not.
struct Lane {
    company: Company,
    door: Door,
    random: Random,
    /// How long the program takes to do next to nothing.
    start_up: Duration,
    counts: Counts,
}

impl Lane {
    fn open(seed: u64) -> Self {
        let company = company(seed);
        let began = Instant::now();
        let _ = company.lanyard.run(&["deprovision", "list", "--json"]).ended(0);
        Self {
            door: Door::of(&company),
            company,
            random: Random(seed),
            start_up: began.elapsed(),
            counts: Counts::default(),
        }
    }

    /// The runs as they are listed, newest first.
    fn listed(&self) -> Vec<Value> {
        let listed = self.company.lanyard.run(&["deprovision", "list", "--limit", "100", "--json"]);
        listed.ended(0).json()["runs"].as_array().unwrap().clone()
    }

    /// Lets the process live until a random moment, and kills it; whether it lived so long. Some moments are drawn over the time that runs take, and
    /// some right after a write came in.
    fn ended(&mut self, child: &mut Child, took: Duration) -> bool {
        let life = took.saturating_sub(self.start_up).mul_f64(2.0 / PER_RUN as f64);
        let moment = self.start_up.mul_f64(0.5) + life.mul_f64(self.random.fraction());
        let by_write = self.random.below(5) < 2;
        let began = Instant::now();
        if by_write {
            let before = self.door.last("writes");
            let most = self.start_up + life.mul_f64(2.0);
            while child.try_wait().unwrap().is_none() && began.elapsed() < most {
                if !self.door.list(&format!("writes?after={before}")).is_empty() {
                    thread::sleep(Duration::from_millis(25).mul_f64(self.random.fraction()));
                    break;
                }
            }
        } else {
            while child.try_wait().unwrap().is_none() && began.elapsed() < moment {
                thread::sleep(Duration::from_millis(1));
            }
        }
        let alive = child.try_wait().unwrap().is_none();
        if alive {
            // SIGKILL, as std sends it.
            child.kill().unwrap();
        }
        wait(child, Duration::from_secs(30)).expect("a killed process ends");
        alive
    }

    /// Brings one run to its end through as many kills as it takes.
    fn through(&mut self, model: &Model, most: usize) {
        let task = &model.task;
        let path = file(&self.company, task);
        let number = self.listed().len() as u64 + 1;
        let typed = task.typed(number);
        let (writes, events) = (self.door.last("writes"), self.door.last("events"));
        let resume = number.to_string();
        // How the run is listed; none before it stands in the ledger.
        let (mut kills, mut state) = (0, None::<String>);
        loop {
            let arguments = match state.as_deref() {
                // It was not planned yet, or nobody agreed yet: then nothing was sent either.
                None | Some("planned") => {
                    assert!(
                        self.door.list(&format!("writes?after={writes}")).is_empty(),
                        "sent without agreement"
                    );
                    if state.is_some() {
                        vec!["deprovision", "agree", &resume, "--yes", &typed, "--second-look", "all", "--json"]
                    } else {
                        task.arguments(&path, &typed)
                    }
                }
                Some(_) => vec!["deprovision", "resume", &resume, "--json"],
            };
            if kills == most {
                let _ = self.company.lanyard.run(&arguments);
                break;
            }
            let mut child = self.company.lanyard.spawn(&arguments);
            if !self.ended(&mut child, model.took) {
                break;
            }
            kills += 1;
            self.counts.kills += 1;
            let verified = self.company.lanyard.run(&["audit", "verify", "--json"]).ended(0).json();
            assert_eq!(verified["ok"], true, "{verified:#}");
            let listed = self.listed().into_iter().find(|run| run["id"] == number);
            let now = listed.map(|run| run["state"].as_str().unwrap().to_owned());
            assert!(now.is_some() || state.is_none(), "run {number} was lost");
            self.counts.unborn += usize::from(now.is_none());
            state = now;
        }
        // It may have been killed after it was closed, before its evidence was signed.
        let shown = self.company.lanyard.run(&["deprovision", "show", &resume, "--json"]).json();
        if shown["evidence"].is_null() {
            let _ = self.company.lanyard.run(&["deprovision", "resume", &resume, "--json"]);
        }
        let run = self.company.lanyard.run(&["deprovision", "show", &resume, "--json"]).json();
        let context = format!("run {number} of {} after {kills} kills", model.task.plan.lines().nth(1).unwrap());
        assert_eq!(outcome(&run), model.outcome, "{context}: {run:#}");
        assert!(run["evidence"].is_object(), "{context}: {run:#}");
        assert_eq!(left(&self.door, task, number), model.left, "{context}");
        self.counts.runs += 1;
        let arrived = self.door.list(&format!("writes?after={writes}"));
        let happened = self.door.list(&format!("events?after={events}"));
        let engine = self.company.open().unwrap();
        let sent = sent::of(&engine, number);
        let (again, cut_off) = sent::judge(&sent, &arrived, &happened, task.person.is_none().then_some(&typed), &context);
        self.counts.writes += arrived.len();
        self.counts.again += again;
        self.counts.cut_off += cut_off;
    }
}

fn lane(seed: u64, kills: usize, models: &Receiver<Model>) -> Counts {
    let mut lane = Lane::open(seed);
    while lane.counts.kills < kills {
        let model = models.recv().expect("the company in which nothing is killed goes on");
        let most = PER_RUN.min(kills - lane.counts.kills);
        lane.through(&model, most);
    }
    let verified = lane.company.lanyard.run(&["audit", "verify", "--json"]).ended(0).json();
    assert_eq!(verified["ok"], true, "{verified:#}");
    lane.counts
}

#[test]
fn every_run_ends_as_if_it_was_never_killed() {
    let mut all = Counts::default();
    let began = Instant::now();
    thread::scope(|scope| {
        let lanes: Vec<_> = LANES
            .into_iter()
            .map(|seed| {
                let (told, models) = sync_channel(1);
                scope.spawn(move || never_killed(seed, &told));
                scope.spawn(move || lane(seed, KILLS / LANES.len(), &models))
            })
            .collect();
        for lane in lanes {
            all.add(&lane.join().unwrap());
        }
    });
    println!("{all:?}, nobody made twice, in {:.0?}", began.elapsed());
    assert_eq!(all.kills, KILLS);
}
