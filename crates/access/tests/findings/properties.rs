//! Laws that hold for any company and any coverage.

use std::collections::BTreeSet;

use lanyard_access::findings::scene::{
    Account, Ambiguous, Breach, Collections, Entity, Fate, Job, JobError, JobState, Lost, Origin, Program, ProgramCredential, Restorer,
    RoleSort, Token,
};
use lanyard_access::findings::{Collection, Found, Need, Outcome, Settings, rules};
use lanyard_access::world::State;
use proptest::prelude::*;

use super::stage::{ALL, DAY, NOW, PORTAL, Stage, TENANT, Who};

/// Numbers that follow from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % u64::from(bound.max(1))) as u32
    }

    fn chance(&mut self, of: u32) -> bool {
        self.below(of) == 0
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u32) as usize]
    }

    fn maybe(&mut self) -> Option<bool> {
        [None, Some(true), Some(false)][self.below(3) as usize]
    }
}

/// How rights come in at a place.
fn origins(place: u16) -> &'static [Origin] {
    match place {
        TENANT => &[Origin::RoleAssignment, Origin::Eligibility, Origin::AppRole],
        PORTAL => &[Origin::RbacMember, Origin::Owner, Origin::Named],
        _ => &[Origin::ScimRole],
    }
}

/// What sorts of roles there are at a place.
fn sorts(place: u16) -> &'static [RoleSort] {
    match place {
        TENANT => &[RoleSort::BuiltIn, RoleSort::Own, RoleSort::Undefined, RoleSort::App],
        PORTAL => &[RoleSort::Own, RoleSort::Owner, RoleSort::Superuser],
        _ => &[RoleSort::Scim],
    }
}

const FATES: [Fate; 5] = [
    Fate::Deleted(None),
    Fate::Deleted(Some(5)),
    Fate::NotFound,
    Fate::Unknown,
    Fate::Ghost,
];

/// Any company, circles of groups and rights across systems included.
fn company(seed: u64) -> Stage {
    let dice = &mut Dice(seed);
    let mut stage = Stage {
        places: Stage::healthy().places,
        keychain: dice.chance(2),
        restore_groups: dice.chance(2),
        ..Stage::default()
    };
    for place in &mut stage.places {
        place.failed = dice.chance(4);
        place.gaps = dice.below(3);
        place.read_at = (!dice.chance(5)).then(|| NOW - i64::from(dice.below(3)) * DAY);
    }
    let place = |dice: &mut Dice| dice.below(4) as u16;
    for _ in 0..4 + dice.below(20) {
        let account = Account {
            place: place(dice),
            active: dice.maybe(),
            unconfirmed: dice.chance(6),
            service: dice.chance(6),
            guest: dice.chance(6),
            known_before: dice.chance(3),
        };
        stage.accounts.push((account, dice.below(8)));
    }
    for _ in 0..2 + dice.below(8) {
        let group = stage.group(place(dice), dice.below(4));
        stage.groups[group as usize].0.listed = !dice.chance(5);
        stage.groups[group as usize].0.unconfirmed = dice.chance(6);
    }
    let (accounts, groups) = (stage.accounts.len() as u32, stage.groups.len() as u32);
    let who = |dice: &mut Dice| {
        if dice.chance(3) {
            Who::Group(dice.below(groups))
        } else {
            Who::Account(dice.below(accounts))
        }
    };
    for _ in 0..dice.below(50) {
        let edge = (dice.below(groups), who(dice));
        stage.members.push(edge);
    }
    // The first role and scope are the tenant's. A role is held on the scope of its number.
    for at in 0..1 + dice.below(5) {
        let of = if at == 0 { TENANT } else { place(dice) };
        let scope = stage.scope(of);
        stage.scopes[scope as usize].there = dice.maybe();
        let (sort, privileged) = (dice.one_of(sorts(of)), dice.chance(2));
        stage.role(of, sort, privileged);
    }
    let (roles, mut of_tenant) = (stage.roles.len() as u32, Vec::new());
    for _ in 0..dice.below(12) {
        let role = dice.below(roles);
        let (of, scope, origin) = (who(dice), role, dice.one_of(origins(stage.roles[role as usize].place)));
        let given = stage.give(of, role, scope, origin);
        if stage.roles[role as usize].place == TENANT {
            of_tenant.push(given);
        }
        stage.lost.push(Lost {
            place: stage.roles[role as usize].place,
            principal: dice.below(4),
            fate: dice.one_of(&FATES),
            was: None,
            held_once: dice.chance(2),
            role,
            scope,
            state: State::Active,
            origin,
            since: Some(NOW - i64::from(dice.below(5)) * DAY),
        });
        stage.denies.push((who(dice), scope));
    }
    let ours: Vec<u32> = (0..accounts).filter(|at| stage.accounts[*at as usize].0.place == TENANT).collect();
    for _ in 0..dice.below(6) {
        let (one, other) = (dice.below(accounts), dice.below(accounts));
        if one != other && stage.differences.iter().all(|difference| difference.1 != other) {
            stage.differences.push((one, other, dice.below(64)));
        }
        let of_groups = dice.chance(3);
        let bound = if of_groups { groups } else { accounts };
        stage.ambiguous.push(Ambiguous {
            groups: of_groups,
            subjects: (0..dice.below(4)).map(|_| dice.below(bound)).collect(),
        });
        stage.entities.push((
            Entity {
                place: PORTAL,
                orphan: dice.chance(2),
                node: None,
            },
            dice.chance(2).then(|| who(dice)),
        ));
        if let Some(node) = ours.get(dice.below(4) as usize).copied() {
            stage.programs.push(Program {
                node,
                own: !dice.chance(3),
                managed: dice.chance(3),
                owners: (!dice.chance(3)).then(|| (0..dice.below(2)).map(|_| dice.one_of(&ours)).collect()),
                owners_gone: dice.below(2),
            });
            stage.credentials.push(ProgramCredential {
                program: dice.below(stage.programs.len() as u32),
                ends: NOW + (i64::from(dice.below(80)) - 40) * DAY,
                replaced: dice.chance(3),
            });
        }
        stage.tokens.push(Token {
            place: place(dice),
            due: dice.chance(2),
            old_lives: dice.chance(2),
            refused: false,
            days_left: None,
        });
        stage.jobs.push(Job {
            place: TENANT,
            state: dice.one_of(&[JobState::Running, JobState::Quarantine]),
            since: None,
        });
        stage.job_errors.push(JobError {
            place: TENANT,
            node: Some(dice.below(accounts)),
            at: 1,
        });
        stage.breaches.push(Breach {
            identity: dice.below(accounts),
            vault: 0,
            guard: 0,
        });
        if !of_tenant.is_empty() {
            stage.restorers.push(Restorer {
                identity: dice.below(accounts),
                vault: 0,
                assignment: dice.one_of(&of_tenant),
                state: dice.one_of(&[State::Active, State::Eligible, State::Denied]),
                meant: dice.chance(2),
            });
        }
    }
    stage
}

fn partly(mut stage: Stage, seen: u32, of: usize) -> Stage {
    let whole = ALL.into_iter().enumerate().filter(|(at, _)| seen & (1 << at) != 0);
    stage.places[of].whole = whole.map(|(_, collection)| collection).collect();
    stage
}

/// Whether what a finding's rule needs is there, worked out from the rule's data alone.
fn may_say(stage: &Stage, found: &Found) -> bool {
    let lead = stage.places.iter().find(|place| place.authoritative);
    rules::all()[found.rule].needs.iter().all(|need| match need {
        Need::Authority(collection) => lead.is_some_and(|lead| lead.whole.has(*collection)),
        Need::Of(kind, collection) => found.places.iter().all(|place| {
            let place = &stage.places[usize::from(*place)];
            place.kind != *kind || place.whole.has(*collection)
        }),
        Need::RestoreGroups => stage.restore_groups,
        Need::Keychain => stage.keychain,
    })
}

fn keys(stage: &Stage, outcome: &Outcome) -> BTreeSet<String> {
    outcome.found.iter().map(|found| stage.key(found)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_rule_speaks_without_what_it_needs(seed: u64, seen in any::<u32>(), of in 0usize..4) {
        let stage = partly(company(seed), seen, of);
        let outcome = stage.ask(&Settings::default());
        for found in &outcome.found {
            prop_assert!(may_say(&stage, found), "{} of {:?}", rules::all()[found.rule].id, found.places);
            prop_assert!(!found.places.is_empty() && !found.parts.is_empty() && !found.key.is_empty());
            prop_assert!(found.people.windows(2).all(|pair| pair[0] < pair[1]), "{} {:?}", rules::all()[found.rule].id, found.people);
        }
    }

    #[test]
    fn of_a_source_that_was_not_read_only_rules_about_sources_and_tokens_speak(seed: u64, of in 0usize..4) {
        let mut stage = company(seed);
        stage.places[of].whole = Collections::default();
        for found in stage.ask(&Settings::default()).found {
            let rule = &rules::all()[found.rule];
            // What is needed besides sources does not hang on the source.
            let own = rule.needs.iter().all(|need| *need == Need::Keychain);
            prop_assert!(own || !found.places.contains(&(of as u16)), "{} speaks of a source that was not read", rule.id);
        }
    }

    #[test]
    fn no_finding_goes_because_a_read_failed(seed: u64, seen in any::<u32>(), of in 0usize..4) {
        let whole = company(seed);
        let part = partly(whole.clone(), seen, of);
        let (before, after) = (whole.ask(&Settings::default()), part.ask(&Settings::default()));
        let left = keys(&part, &after);
        for found in &before.found {
            if !left.contains(&whole.key(found)) {
                prop_assert!(!after.covers(found.rule, &found.places), "{} would be closed", whole.key(found));
            }
        }
    }

    #[test]
    fn a_finding_has_a_key_of_its_own(seed: u64) {
        let stage = company(seed);
        let outcome = stage.ask(&Settings::default());
        let keys: Vec<_> = outcome.found.iter().map(|found| format!("{} {:?}", found.rule, found.key)).collect();
        let unique: BTreeSet<_> = keys.iter().collect();
        prop_assert_eq!(unique.len(), keys.len(), "{:?}", keys);
    }

    #[test]
    fn who_has_nothing_to_do_with_a_finding_does_not_change_it(seed: u64, more in 1u32..5) {
        let stage = company(seed);
        let mut larger = stage.clone();
        for person in 0..more {
            larger.account(0, 1_000 + person);
        }
        let settings = Settings::default();
        prop_assert_eq!(keys(&stage, &stage.ask(&settings)), keys(&larger, &larger.ask(&settings)));
    }

    #[test]
    fn what_a_rule_says_of_a_source_it_says_whatever_another_source_lacks(seed: u64, of in 0usize..4) {
        // A collection that no rule about accounts needs changes nothing that they say.
        let whole = company(seed);
        let mut part = whole.clone();
        part.places[of].whole = ALL.into_iter().filter(|collection| *collection != Collection::RbacConditions).collect();
        let settings = Settings::default();
        prop_assert_eq!(keys(&whole, &whole.ask(&settings)), keys(&part, &part.ask(&settings)));
    }
}
