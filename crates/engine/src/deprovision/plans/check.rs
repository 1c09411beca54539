//! What a plan means, and whether that can be: sources, actions, checks, lengths of time, the subject.

use std::collections::HashSet;

use super::{FORMAT, Place, ReadPlan, problem};
use crate::deprovision::catalogue::{self, ACTIONS, CHECKS};
use crate::spans;
use crate::view::{Cut, PlanProblem, PlanSystem, RunKind, Source, SourceKind};

/// What a plan is checked against.
pub struct Known<'k> {
    /// The sources.
    pub sources: &'k [Source],
}

struct Checking<'c> {
    read: &'c ReadPlan,
    known: &'c Known<'c>,
    problems: Vec<PlanProblem>,
}

impl Checking<'_> {
    fn wrong(&mut self, path: &str, message: impl Into<String>) {
        self.told(self.read.tree.place(path), message, false);
    }

    fn doubtful(&mut self, path: &str, message: impl Into<String>) {
        self.told(self.read.tree.place(path), message, true);
    }

    fn told(&mut self, place: Place, message: impl Into<String>, warning: bool) {
        self.problems.push(problem(place, message, warning));
    }

    fn span(&mut self, path: &str, text: Option<&str>, least: u64) {
        let Some(text) = text else { return };
        match spans::read(text) {
            Err(message) => self.wrong(path, message),
            Ok(ms) if ms < least => self.wrong(path, format!("{text} is too short; {} at least", spans::words(least))),
            Ok(_) => {}
        }
    }

    fn source(&mut self, path: &str, name: &str) -> Option<SourceKind> {
        let found = find(self.known.sources, name);
        match found {
            None if name.trim().is_empty() => self.wrong(path, "name a source"),
            None => {
                let mut names: Vec<&str> = self.known.sources.iter().map(|source| source.settings.name.as_str()).collect();
                names.truncate(10);
                let there = if names.is_empty() {
                    "none is connected yet".to_owned()
                } else {
                    format!("there are {}", names.join(", "))
                };
                self.wrong(path, format!("there is no source “{name}”; {there}"));
            }
            Some(source) if !source.settings.enabled => self.wrong(path, format!("{name} is disabled; enable it, or leave it out")),
            Some(_) => {}
        }
        found.map(|source| source.settings.kind)
    }
}

/// Whether a plan's name of a source is the source's name, whatever the case.
pub fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// The source of this name, whatever the case.
pub fn find<'s>(sources: &'s [Source], name: &str) -> Option<&'s Source> {
    sources.iter().find(|source| same_name(&source.settings.name, name))
}

/// All that is wrong with a plan that could be read, in the order of its lines.
pub fn check(read: &ReadPlan, known: &Known<'_>) -> Vec<PlanProblem> {
    let Some(plan) = &read.plan else {
        return read.problems.clone();
    };
    let mut checking = Checking {
        read,
        known,
        problems: Vec::new(),
    };
    if plan.lanyard != FORMAT {
        checking.wrong("lanyard", format!("this is not a format that is known here; write {FORMAT}"));
    }
    if plan.name.trim().is_empty() {
        checking.wrong("name", "give the plan a name");
    }
    checking.span("poll", plan.poll.as_deref(), 1_000);
    checking.span("arrive", plan.arrive.as_deref(), 1_000);
    checking.span("watch", plan.watch.as_deref(), 1_000);
    if let Some(schedule) = &plan.schedule {
        checking.span("schedule.every", Some(&schedule.every), 3_600_000);
        checking.span("schedule.remind", schedule.remind.as_deref(), 1_000);
    }
    subject(&mut checking);
    if plan.systems.is_empty() {
        checking.wrong("systems", "name at least one system");
    }
    let mut named = HashSet::new();
    for (at, system) in plan.systems.iter().enumerate() {
        if !named.insert(system.source.trim().to_lowercase()) {
            checking.wrong(
                &format!("systems.{at}.source"),
                format!("{} is named twice; put both into one", system.source),
            );
        }
        one_system(&mut checking, at, system);
    }
    if plan
        .systems
        .iter()
        .all(|system| system.cut == Cut::Follow && system.also.is_empty() && system.by_hand.is_empty())
        && !plan.systems.is_empty()
    {
        checking.doubtful("systems", "nothing is cut anywhere: the run only checks");
    }
    if plan.guards.accounts_per_run == Some(0) {
        checking.wrong("guards.accountsPerRun", "0 lets nothing be done; leave it out, or give a number");
    }
    if plan.guards.accounts_per_day == Some(0) {
        checking.wrong("guards.accountsPerDay", "0 lets nothing be done; leave it out, or give a number");
    }
    let mut problems = checking.problems;
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

fn subject(checking: &mut Checking<'_>) {
    let Some(plan) = &checking.read.plan else { return };
    let (create, account) = match &plan.subject {
        None => (None, None),
        Some(subject) => (subject.create.as_ref(), subject.account.as_ref()),
    };
    match (plan.kind, create, account) {
        (RunKind::Offboarding, None, None) => {}
        (RunKind::Offboarding, ..) => checking.wrong("subject", "an offboarding plan names nobody: the person is named when it is run"),
        (RunKind::Test, None, None) => checking.wrong(
            "subject",
            "a test needs a subject: `create` makes a test identity, `account` names one that is marked for tests",
        ),
        (RunKind::Test, Some(_), Some(_)) => checking.wrong("subject", "give one of `create` and `account`, not both"),
        (RunKind::Test, ..) => {}
    }
    let named = |name: &str| {
        plan.systems
            .iter()
            .any(|system| system.source.trim().eq_ignore_ascii_case(name.trim()))
    };
    if let Some(create) = create {
        if let Some(kind) = checking.source("subject.create.source", &create.source) {
            if kind != SourceKind::Scim {
                checking.wrong("subject.create.source", "a test identity is made at a SCIM source");
            } else if !named(&create.source) {
                checking.wrong(
                    "subject.create.source",
                    format!(
                        "{} is not among the systems; the identity could not be taken away again",
                        create.source
                    ),
                );
            }
        }
        if create.user_name.trim().is_empty() {
            checking.wrong(
                "subject.create.userName",
                "give it a user name; `{run}` stands for the run's number",
            );
        } else if !create.user_name.contains("{run}") {
            checking.doubtful(
                "subject.create.userName",
                "without `{run}` in it, a second run finds the name taken if the first did not clean up",
            );
        }
        if !marked(&create.user_name) && !marked(&create.display_name) {
            checking.doubtful(
                "subject.create.userName",
                "neither name says `test` or `canary`; others will not know what the account is for",
            );
        }
    }
    if let Some(account) = account {
        checking.source("subject.account.source", &account.source);
        if !named(&account.source) {
            checking.wrong("subject.account.source", format!("{} is not among the systems", account.source));
        }
        if account.user_name.trim().is_empty() {
            checking.wrong("subject.account.userName", "give its user name");
        }
    }
}

/// Whether a text marks an account as one for tests.
pub fn marked(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("canary") || text.contains("test")
}

fn one_system(checking: &mut Checking<'_>, at: usize, system: &PlanSystem) {
    let path = |member: &str| format!("systems.{at}.{member}");
    let kind = checking.source(&path("source"), &system.source);
    checking.span(&path("limit"), system.limit.as_deref(), 1_000);
    for (index, name) in system.also.iter().enumerate() {
        let place = format!("systems.{at}.also.{index}");
        match catalogue::find_action(name) {
            Some(action) if kind.is_some_and(|kind| kind != action.system) => {
                checking.wrong(&place, format!("{name} is for another kind of system than {}", system.source));
            }
            Some(action) if action.also => {}
            _ => {
                let offered: Vec<&str> = ACTIONS
                    .iter()
                    .filter(|action| action.also && kind.is_none_or(|kind| kind == action.system))
                    .map(|action| action.name)
                    .collect();
                checking.wrong(
                    &place,
                    format!("“{name}” is nothing that can be done besides; there are {}", offered.join(", ")),
                );
            }
        }
    }
    let listed = system.checks.iter().flatten().map(|name| ("checks", name));
    let listed: Vec<_> = listed.chain(system.not_critical.iter().map(|name| ("notCritical", name))).collect();
    let mut counts = [0, 0];
    for (member, name) in listed {
        let count = &mut counts[usize::from(member == "notCritical")];
        let place = format!("systems.{at}.{member}.{count}");
        *count += 1;
        if catalogue::find_check(name).is_none_or(|check| kind.is_some_and(|kind| !check.is_of(kind))) {
            let offered: Vec<&str> = CHECKS
                .iter()
                .filter(|check| kind.is_none_or(|kind| check.is_of(kind)))
                .map(|check| check.name)
                .collect();
            checking.wrong(
                &place,
                format!("“{name}” is no check of {}; there are {}", system.source, offered.join(", ")),
            );
        }
    }
    if system.checks.as_ref().is_some_and(Vec::is_empty) {
        checking.doubtful(&path("checks"), format!("nothing is checked at {}", system.source));
    }
    if system.cut == Cut::ByHand && system.by_hand.is_empty() {
        checking.doubtful(&path("cut"), "say under `byHand` what the person is to do");
    }
    if let Some(address) = &system.credential_url {
        match url::Url::parse(address) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                let base = find(checking.known.sources, &system.source).and_then(|source| url::Url::parse(&source.settings.url).ok());
                if base.is_some_and(|base| base.origin() != url.origin()) {
                    checking.wrong(
                        &path("credentialUrl"),
                        format!(
                            "the address is not on the server of {}; a credential goes nowhere else",
                            system.source
                        ),
                    );
                }
            }
            _ => checking.wrong(&path("credentialUrl"), "this is no web address"),
        }
    }
}
