//! Each rule speaks of its fault once, nothing else does, and a near miss is none.

use lanyard_access::findings::scene::{
    Ambiguous, Breach, Entity, Fate, Job, JobError, JobState, Lost, Origin, Program, ProgramCredential, Restorer, RoleSort, Token,
    attribute,
};
use lanyard_access::findings::{Asked, Settings, Severity, rules};
use lanyard_access::world::State;

use super::stage::{APP, DAY, IDP, NOW, PORTAL, Stage, TENANT, Who};

type Plant = fn(&mut Stage);
/// A rule, a fault of its kind, and what looks like it and is none.
type Case = (&'static str, Plant, Plant);

fn lost(place: u16, fate: Fate, origin: Origin) -> Lost {
    Lost {
        place,
        principal: 7,
        fate,
        was: None,
        held_once: false,
        role: 0,
        scope: 0,
        state: State::Active,
        origin,
        since: Some(NOW - 100 * DAY),
    }
}

fn assign(stage: &mut Stage, origin: Origin) -> u32 {
    stage.give(stage.of(TENANT, 1), 0, 0, origin)
}

fn program(stage: &mut Stage, change: impl FnOnce(&mut Program)) {
    let node = stage.account(TENANT, 900);
    stage.accounts[node as usize].0.service = true;
    let mut program = Program {
        node,
        own: true,
        managed: false,
        owners: Some(vec![stage.number(TENANT, 0)]),
        owners_gone: 0,
    };
    change(&mut program);
    stage.programs.push(program);
}

fn credential(stage: &mut Stage, ends: i64, replaced: bool) {
    program(stage, |_| {});
    stage.credentials.push(ProgramCredential {
        program: 0,
        ends,
        replaced,
    });
}

/// A privileged group with so many groups in groups below it, and somebody in the last.
fn nest(stage: &mut Stage, depth: u32) {
    let role = stage.role(TENANT, RoleSort::BuiltIn, true);
    let mut outer = stage.group(TENANT, 50);
    stage.give(Who::Group(outer), role, 0, Origin::RoleAssignment);
    for at in 0..depth {
        let inner = stage.group(TENANT, 51 + at);
        stage.members.push((outer, Who::Group(inner)));
        outer = inner;
    }
    stage.members.push((outer, stage.of(TENANT, 0)));
}

fn restorer(stage: &mut Stage, meant: bool) {
    let at = assign(stage, Origin::RoleAssignment);
    stage.restorers.push(Restorer {
        identity: stage.number(TENANT, 1),
        vault: 0,
        assignment: at,
        state: State::Active,
        meant,
    });
}

fn job(stage: &mut Stage, state: JobState) {
    stage.jobs.push(Job {
        place: TENANT,
        state,
        since: None,
    });
}

fn token(stage: &mut Stage, due: bool, old_lives: bool) {
    stage.tokens.push(Token {
        place: APP,
        due,
        old_lives,
        refused: false,
        days_left: Some(3),
    });
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("active-after-leaving",
        |s| { s.at(IDP, 0).active = Some(false); s.at(PORTAL, 0).unconfirmed = true; s.at(TENANT, 0).active = Some(false); },
        |s| for place in [IDP, APP, TENANT] { s.at(place, 0).active = Some(false); s.at(PORTAL, 0).unconfirmed = true; }),
    ("active-after-deletion",
        |s| { let at = s.account(APP, 77); s.accounts[at as usize].0.known_before = true; },
        |s| { let at = s.account(APP, 77); s.accounts[at as usize].0.known_before = true; s.accounts[at as usize].0.active = Some(false); }),
    ("never-known",
        |s| { s.account(APP, 77); },
        |s| { let at = s.account(APP, 77); s.accounts[at as usize].0.service = true; let at = s.account(TENANT, 78); s.accounts[at as usize].0.guest = true; }),
    ("ambiguous-identity",
        |s| { let (one, other) = (s.account(PORTAL, 77), s.number(IDP, 3)); s.ambiguous.push(Ambiguous { groups: false, subjects: vec![one, other] });
              let more = s.number(IDP, 4); s.ambiguous.push(Ambiguous { groups: false, subjects: vec![one, more] }); },
        |s| { let one = s.number(IDP, 3); s.ambiguous.push(Ambiguous { groups: false, subjects: vec![one] }); }),
    ("attributes-differ",
        |s| { let pair = (s.number(IDP, 0), s.number(APP, 0), attribute::TITLE | attribute::EMAIL); s.differences.push(pair); },
        |s| { let pair = (s.number(IDP, 0), s.number(APP, 0), 0); s.differences.push(pair); }),
    ("group-drift",
        |s| { let (team, who) = (s.team(APP, 0), s.of(APP, 2)); s.members.retain(|edge| (Who::Group(edge.0), edge.1) != (team, who)); },
        |s| { let team = s.team(IDP, 0); let who = s.of(IDP, 2); s.members.retain(|edge| edge.1 != s_of(APP, 2, &s.accounts)); let _ = (team, who); s.at(APP, 2).service = true; s.at(IDP, 2).service = true; }),
    ("group-nested",
        |s| { let inner = s.group(IDP, 9); let Who::Group(team) = s.team(IDP, 0) else { return }; s.members.push((team, Who::Group(inner))); s.account(APP, 3); s.account(PORTAL, 3); s.account(TENANT, 3);
              s.members.push((inner, s.of(IDP, 3))); for place in [PORTAL, TENANT] { let Who::Group(team) = s.team(place, 0) else { return }; s.members.push((team, s.of(place, 3))); } },
        |s| for place in [IDP, APP, PORTAL, TENANT] { if place != IDP { s.account(place, 3); } let inner = s.group(place, 9); let Who::Group(team) = s.team(place, 0) else { return };
              s.members.push((team, Who::Group(inner))); s.members.push((inner, s.of(place, 3))); }),
    ("group-not-provisioned",
        |s| { let Who::Group(team) = s.team(IDP, 0) else { return }; s.members.push((team, s.of(IDP, 3)));
              for place in [PORTAL, TENANT] { s.account(place, 3); let Who::Group(team) = s.team(place, 0) else { return }; s.members.push((team, s.of(place, 3))); } },
        |s| { let Who::Group(team) = s.team(IDP, 0) else { return }; s.members.push((team, s.of(IDP, 3))); s.at(IDP, 3).active = Some(false); }),
    ("ghost-member",
        |s| { s.lost.push(lost(PORTAL, Fate::Ghost, Origin::RbacMember)); s.lost.push(Lost { scope: 1, ..lost(PORTAL, Fate::Ghost, Origin::RbacMember) }); },
        |s| s.lost.push(lost(PORTAL, Fate::Unknown, Origin::RbacMember))),
    ("removed-still-member",
        |s| s.lost.push(Lost { held_once: true, ..lost(PORTAL, Fate::Ghost, Origin::RbacMember) }),
        |s| s.lost.push(Lost { held_once: true, ..lost(PORTAL, Fate::Unknown, Origin::RbacMember) })),
    ("ghost-owner",
        |s| s.lost.push(lost(PORTAL, Fate::Ghost, Origin::Owner)),
        |s| s.lost.push(lost(PORTAL, Fate::Unknown, Origin::Owner))),
    ("orphaned-entity",
        |s| s.entities.push((Entity { place: PORTAL, orphan: true, node: None }, None)),
        |s| s.entities.push((Entity { place: PORTAL, orphan: false, node: None }, None))),
    ("principal-soft-deleted",
        |s| s.lost.push(lost(TENANT, Fate::Deleted(Some(1)), Origin::RoleAssignment)),
        |s| s.lost.push(lost(TENANT, Fate::Deleted(None), Origin::ScimRole))),
    ("principal-gone",
        |s| s.lost.push(lost(TENANT, Fate::NotFound, Origin::RoleAssignment)),
        |s| s.lost.push(Lost { since: Some(NOW - DAY / 2), ..lost(TENANT, Fate::NotFound, Origin::RoleAssignment) })),
    ("principal-unreadable",
        |s| s.lost.push(lost(TENANT, Fate::Unknown, Origin::Eligibility)),
        |s| s.lost.push(lost(TENANT, Fate::Unknown, Origin::ScimRole))),
    ("disabled-holds",
        |s| { s.at(TENANT, 1).active = Some(false); assign(s, Origin::RoleAssignment); },
        |s| { s.at(TENANT, 1).active = Some(false); assign(s, Origin::AppRole); }),
    ("guest-holds",
        |s| { s.at(TENANT, 1).guest = true; assign(s, Origin::RoleAssignment); },
        |s| { s.at(TENANT, 1).guest = true; assign(s, Origin::AppRole); }),
    ("individual-holds",
        |s| { assign(s, Origin::RoleAssignment); },
        |s| { assign(s, Origin::Eligibility); s.at(TENANT, 2).service = true; let who = s.of(TENANT, 2); s.give(who, 0, 0, Origin::RoleAssignment); }),
    ("scope-gone",
        |s| { let scope = s.scope(TENANT); s.scopes[scope as usize].there = Some(false); let who = s.team(TENANT, 0); s.give(who, 0, scope, Origin::RoleAssignment); },
        |s| { let scope = s.scope(TENANT); s.scopes[scope as usize].there = None; let who = s.team(TENANT, 0); s.give(who, 0, scope, Origin::RoleAssignment); }),
    ("definition-gone",
        |s| { let role = s.role(TENANT, RoleSort::Undefined, false); let who = s.team(TENANT, 0); s.give(who, role, 0, Origin::RoleAssignment); },
        |s| { let role = s.role(TENANT, RoleSort::Own, false); let who = s.team(TENANT, 0); s.give(who, role, 0, Origin::RoleAssignment); }),
    ("eligibility-left",
        |s| { s.at(TENANT, 1).active = Some(false); assign(s, Origin::Eligibility); },
        |s| { assign(s, Origin::Eligibility); }),
    ("deep-privilege", |s| nest(s, 3), |s| nest(s, 2)),
    ("restore-outside", |s| restorer(s, false), |s| { s.at(TENANT, 1).service = true; restorer(s, true); }),
    ("restore-and-guard",
        |s| { let identity = s.number(TENANT, 0); for vault in [0, 1] { s.breaches.push(Breach { identity, vault: 0, guard: 0 }); let _ = vault; } },
        |_| {}),
    ("program-without-owner",
        |s| program(s, |program| program.owners = Some(Vec::new())),
        |s| { program(s, |program| program.owners = None); program(s, |program| { program.owners = Some(Vec::new()); program.managed = true; }); }),
    ("program-credential-expired", |s| credential(s, NOW - DAY, false), |s| credential(s, NOW - DAY, true)),
    ("program-credential-expiring", |s| credential(s, NOW + 29 * DAY, false), |s| credential(s, NOW + 31 * DAY, false)),
    ("program-owner-left",
        |s| program(s, |program| { program.owners = Some(Vec::new()); program.owners_gone = 1; }),
        |s| program(s, |_| {})),
    ("group-cycle",
        |s| { let (one, other) = (s.group(IDP, 20), s.group(IDP, 21)); s.members.push((one, Who::Group(other))); s.members.push((other, Who::Group(one))); },
        |s| { let (one, other) = (s.group(IDP, 20), s.group(IDP, 21)); s.members.push((one, Who::Group(other))); }),
    ("empty-group-holds",
        |s| { let empty = s.group(TENANT, 30); s.give(Who::Group(empty), 0, 0, Origin::RoleAssignment); },
        |s| { let unlisted = s.group(TENANT, 30); s.groups[unlisted as usize].0.listed = false; s.give(Who::Group(unlisted), 0, 0, Origin::RoleAssignment); }),
    ("role-unheld",
        |s| { s.role(PORTAL, RoleSort::Own, false); },
        |s| { s.role(TENANT, RoleSort::BuiltIn, false); }),
    ("group-gives-nothing",
        |s| for team in [40, 41] { let group = s.group(TENANT, team); s.members.push((group, s.of(TENANT, 0))); },
        |s| { let group = s.group(TENANT, 40); s.members.push((group, s.of(TENANT, 0))); s.denies.push((Who::Group(group), 0)); s.group(TENANT, 41); }),
    ("provisioning-quarantine", |s| job(s, JobState::Quarantine), |s| job(s, JobState::Running)),
    ("provisioning-errors", |s| s.job_errors.push(JobError { place: TENANT, node: Some(0), at: 1 }), |_| {}),
    ("token-due", |s| token(s, true, false), |s| token(s, false, false)),
    ("old-token-lives", |s| token(s, true, true), |s| token(s, false, false)),
    ("source-stale", |s| s.places[usize::from(APP)].read_at = Some(NOW - 2 * DAY), |s| s.places[usize::from(APP)].read_at = Some(NOW - DAY / 2)),
    ("source-partly-read", |s| s.places[usize::from(APP)].gaps = 2, |s| s.places[usize::from(APP)].gaps = 0),
];

/// Somebody's account at a place, where the stage is borrowed.
fn s_of(place: u16, person: u32, accounts: &[(lanyard_access::findings::scene::Account, u32)]) -> Who {
    let found = accounts.iter().position(|(account, of)| account.place == place && *of == person);
    Who::Account(found.unwrap() as u32)
}

#[test]
fn a_healthy_company_gives_no_finding() {
    assert_eq!(Stage::healthy().speaks(), [] as [&str; 0]);
    let outcome = Stage::healthy().ask(&Settings::default());
    assert!(outcome.asked.iter().all(|asked| *asked == Asked::Fully), "{:?}", outcome.asked);
}

#[test]
fn every_rule_has_its_fault_and_its_near_miss() {
    let cased: Vec<&str> = CASES.iter().map(|(id, ..)| *id).collect();
    for rule in rules::all() {
        assert_eq!(cased.iter().filter(|id| **id == rule.id).count(), 1, "{}", rule.id);
    }
    assert_eq!(cased.len(), rules::all().len());
}

#[test]
fn each_fault_is_told_by_one_rule_once() {
    for (id, plant, _) in CASES {
        let mut stage = Stage::healthy();
        plant(&mut stage);
        assert_eq!(stage.speaks(), [*id], "planted for {id}");
    }
}

#[test]
fn a_near_miss_is_no_finding() {
    for (id, _, miss) in CASES {
        let mut stage = Stage::healthy();
        miss(&mut stage);
        assert!(!stage.speaks().contains(id), "{id}: {:?}", stage.speaks());
    }
}

#[test]
fn a_rule_that_is_off_says_nothing_and_a_number_of_its_own_counts() {
    let mut stage = Stage::healthy();
    nest(&mut stage, 2);
    let mut settings = Settings::default();
    assert!(stage.ask(&settings).found.is_empty());
    settings
        .parameters
        .insert("deep-privilege".into(), [("nestings".to_owned(), 2)].into());
    assert_eq!(stage.ask(&settings).found.len(), 1);
    settings.off.insert("deep-privilege".into());
    let outcome = stage.ask(&settings);
    let at = rules::place_of("deep-privilege").unwrap();
    assert!(outcome.found.is_empty() && outcome.asked[at] == Asked::Off && !outcome.covers(at, &[TENANT]));
}

#[test]
fn a_privileged_role_weighs_more() {
    let severity = |privileged| {
        let mut stage = Stage::healthy();
        let role = stage.role(TENANT, RoleSort::BuiltIn, privileged);
        let who = stage.of(TENANT, 1);
        stage.give(who, role, 0, Origin::RoleAssignment);
        stage.ask(&Settings::default()).found[0].severity
    };
    assert_eq!((severity(false), severity(true)), (None, Some(Severity::Medium)));
}

#[test]
fn where_two_rules_fit_the_more_telling_one_speaks() {
    // A person with a way to restore that is not meant: the way is told, not that it is in person.
    let mut stage = Stage::healthy();
    restorer(&mut stage, false);
    assert_eq!(stage.speaks(), ["restore-outside"]);
    // Where no group is named for restoring, it is the person again.
    stage.restore_groups = false;
    assert_eq!(stage.speaks(), ["individual-holds"]);
    // A guest or a disabled account is told as that.
    stage.restore_groups = true;
    stage.at(TENANT, 1).guest = true;
    assert_eq!(stage.speaks(), ["guest-holds"]);
    // An orphan whose person left is told as an account that is still active.
    let mut stage = Stage::healthy();
    stage.at(IDP, 0).active = Some(false);
    for place in [APP, TENANT] {
        stage.at(place, 0).active = Some(false);
    }
    let orphan = stage.of(PORTAL, 0);
    let entity = Entity {
        place: PORTAL,
        orphan: true,
        node: None,
    };
    stage.entities.push((entity, Some(orphan)));
    assert_eq!(stage.speaks(), ["active-after-leaving"]);
    // With nobody to say who left, it is an orphan.
    stage.places[usize::from(IDP)].authoritative = false;
    assert_eq!(stage.speaks(), ["orphaned-entity"]);
}

#[test]
fn many_who_have_no_account_are_told_as_one_group() {
    let mut stage = Stage::healthy();
    let Who::Group(team) = stage.team(IDP, 0) else { return };
    for person in 100..130 {
        let account = stage.account(IDP, person);
        stage.members.push((team, Who::Account(account)));
    }
    let outcome = stage.ask(&Settings::default());
    let people: Vec<usize> = outcome.found.iter().map(|found| found.people.len()).collect();
    assert_eq!(people, [30, 30, 30], "one for each of the other systems");
}

#[test]
fn circles_of_any_form_end_and_are_told_once() {
    let mut stage = Stage::healthy();
    let groups: Vec<u32> = (0..6).map(|team| stage.group(IDP, 200 + team)).collect();
    // A circle of three, with a tail into a group that is its own member.
    for (outer, inner) in [(0, 1), (1, 2), (2, 0), (2, 3), (3, 3), (4, 5)] {
        stage.members.push((groups[outer], Who::Group(groups[inner])));
    }
    assert_eq!(stage.speaks(), ["group-cycle", "group-cycle"]);
}
