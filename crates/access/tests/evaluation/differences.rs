//! What differs between two worlds, against comparing everybody's effective access on both sides.

use std::collections::{BTreeMap, BTreeSet};

use lanyard_access::diff::{Mapping, NONE, Place, Side, diff};
use lanyard_access::world::{Facts, State};
use lanyard_access::{Clusters, World};
use proptest::prelude::*;

use crate::properties::{graph, world};
use crate::slow::{ACCOUNTS, NODES};

/// What a state gives: nothing where it is denied or not followed.
fn given(state: Option<State>) -> Option<State> {
    state.filter(|state| *state <= State::Eligible)
}

/// A world that differs from the first in what the dice take of the second.
fn mixed(one: &(BTreeSet<(u32, u32)>, Facts), other: &(BTreeSet<(u32, u32)>, Facts), dice: &[u8]) -> (BTreeSet<(u32, u32)>, Facts) {
    let mut roll = dice.iter().cycle().map(|dice| *dice < 2);
    let mut take = || roll.next().unwrap_or_default();
    let mut edges = one.0.clone();
    for edge in &other.0 {
        if take() && !edges.remove(edge) {
            edges.insert(*edge);
        }
    }
    let mut facts = one.1.clone();
    for (mine, theirs) in facts.roles.iter_mut().zip(&other.1.roles) {
        if take() {
            mine.clone_from(theirs);
        }
    }
    for (mine, theirs) in facts.scopes.iter_mut().zip(&other.1.scopes) {
        if take() {
            *mine = *theirs;
        }
    }
    facts.assignments.retain(|_| !take());
    facts.assignments.extend(other.1.assignments.iter().filter(|_| take()));
    facts.denies.retain(|_| !take());
    facts.denies.extend(other.1.denies.iter().filter(|_| take()).cloned());
    (edges, facts)
}

/// Numbers that stay what they are, but for some that are not the same on both sides.
fn numbers(count: u32, strange: &BTreeSet<u32>) -> Vec<u32> {
    (0..count)
        .map(|number| if strange.contains(&number) { NONE } else { number })
        .collect()
}

type Told = BTreeSet<(Option<u32>, Option<u32>, Place, Place, Option<State>, Option<State>)>;

/// By account before and after: everything that is held on either side, compared.
fn slowly(before: Side<'_>, after: Side<'_>, mapping: &Mapping) -> Told {
    let turned = |mapping: &[u32], number: u32| mapping.iter().zip(0u32..).find(|(to, _)| **to == number).map(|(_, from)| from);
    let forward = |mapping: &[u32], number: u32| Some(mapping[number as usize]).filter(|number| *number != NONE);
    let here = |mapping: &[u32], number: u32| Place {
        before: Some(number),
        after: forward(mapping, number),
    };
    let there = |mapping: &[u32], number: u32| Place {
        before: turned(mapping, number),
        after: Some(number),
    };
    let mut people: Vec<(Option<u32>, Option<u32>)> = (0..ACCOUNTS)
        .map(|account| (Some(account), forward(&mapping.nodes, account)))
        .collect();
    people.extend(
        (0..ACCOUNTS)
            .filter(|account| turned(&mapping.nodes, *account).is_none())
            .map(|account| (None, Some(account))),
    );
    let mut told = Told::new();
    for (was, is) in people {
        let mut held: BTreeMap<(Place, Place), (Option<State>, Option<State>)> = BTreeMap::new();
        for (role, scope, state) in was.map(|account| before.world.held(before.graph, &[account])).unwrap_or_default() {
            let place = (here(&mapping.roles, role), here(&mapping.scopes, scope));
            held.entry(place).or_default().0 = Some(state);
        }
        for (role, scope, state) in is.map(|account| after.world.held(after.graph, &[account])).unwrap_or_default() {
            let place = (there(&mapping.roles, role), there(&mapping.scopes, scope));
            held.entry(place).or_default().1 = Some(state);
        }
        for ((role, scope), (before, after)) in held {
            if given(before) != given(after) {
                told.insert((was, is, role, scope, before, after));
            }
        }
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn whoever_gained_or_lost_is_told_and_nobody_else(
        one in world(),
        other in world(),
        dice in prop::collection::vec(0u8..10, 40),
        strange_nodes in prop::collection::btree_set(0..NODES, 0..3),
        strange_roles in prop::collection::btree_set(0u32..5, 0..2),
        strange_scopes in prop::collection::btree_set(0u32..5, 0..2),
    ) {
        let later = mixed(&one, &other, &dice);
        let (graphs, clusters) = ([graph(&one.0), graph(&later.0)], Clusters::single(ACCOUNTS));
        let worlds = [World::new(&graphs[0], one.1.clone()), World::new(&graphs[1], later.1.clone())];
        let side = |at: usize| Side { graph: &graphs[at], clusters: &clusters, world: &worlds[at] };
        let mapping = Mapping {
            nodes: numbers(NODES, &strange_nodes),
            roles: numbers(one.1.roles.len() as u32, &strange_roles),
            scopes: numbers(one.1.scopes.len() as u32, &strange_scopes),
        };
        let found = diff(side(0), side(1), &mapping);
        let fast: Told = found
            .changes
            .iter()
            .map(|changed| {
                let person = &found.people[changed.person as usize];
                (person.before.first().copied(), person.after.first().copied(), changed.role, changed.scope, changed.before, changed.after)
            })
            .collect();
        prop_assert_eq!(fast, slowly(side(0), side(1), &mapping));
    }

    #[test]
    fn the_same_world_twice_looks_at_nobody(mut one in world()) {
        // What is assigned of a role or a scope that is not there is on neither side.
        let (roles, scopes) = (one.1.roles.len() as u32, one.1.scopes.len() as u32);
        one.1.assignments.retain(|given| given.principal < NODES && given.role < roles && given.scope < scopes);
        let (graph, clusters) = (graph(&one.0), Clusters::single(ACCOUNTS));
        let world = World::new(&graph, one.1.clone());
        let side = Side { graph: &graph, clusters: &clusters, world: &world };
        let mapping = Mapping {
            nodes: numbers(NODES, &BTreeSet::new()),
            roles: numbers(one.1.roles.len() as u32, &BTreeSet::new()),
            scopes: numbers(one.1.scopes.len() as u32, &BTreeSet::new()),
        };
        let found = diff(side, side, &mapping);
        prop_assert_eq!((found.looked_at, found.changes.len()), (0, 0));
    }
}
