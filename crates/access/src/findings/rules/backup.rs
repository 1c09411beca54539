//! Who can restore, and who could let himself.

use std::collections::BTreeMap;

use super::super::scene::{Collection, Kind};
use super::super::{Area, Control, Given, Need, Part, Rule, Scene, Severity, Sink};
use super::about::{are_met, assignment};
use crate::world::{AssignmentIndex, State};

const KINDS: &[Kind] = &[Kind::Azure];

/// Who can restore from what hangs on all of these.
const OUTSIDE: &[Need] = &[
    Need::RestoreGroups,
    Need::Of(Kind::Azure, Collection::RoleAssignments),
    Need::Of(Kind::Azure, Collection::RoleDefinitions),
    Need::Of(Kind::Azure, Collection::DenyAssignments),
    Need::Of(Kind::Azure, Collection::Users),
    Need::Of(Kind::Azure, Collection::Services),
    Need::Of(Kind::Azure, Collection::Groups),
    Need::Of(Kind::Azure, Collection::Memberships),
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "restore-outside",
        title: "Restore reach outside the groups meant for it",
        area: Area::Backup,
        severity: Severity::High,
        kinds: KINDS,
        finds: "An assignment lets somebody restore from a vault, now, after activation or under a condition, by a way that leads through none of the groups that are named as meant for restoring. Assignments to disabled accounts and guests are told by their own rules.",
        says: "{principal} can restore from {vault} by {role} on {scope}, outside the groups meant for restoring",
        why: "Whoever restores can read or overwrite what was backed up, and this way is in no review of who restores.",
        controls: &[Control::Cc61, Control::Cc63, Control::A82, Control::Ac6],
        needs: OUTSIDE,
        parameters: &[],
        way_out: "Delete the assignment, or give it by a group that is meant for restoring; name the group under Who can restore if it is meant for it.",
        find: restore_outside,
    },
    Rule {
        id: "restore-and-guard",
        title: "Backups and their guard in one hand",
        area: Area::Backup,
        severity: Severity::Critical,
        kinds: KINDS,
        finds: "One identity holds rights to restore from, or manage, a vault and rights over the resource guard that is to need a second person.",
        says: "{identity} holds rights over the backups in {vault} and over {guard}, which is to guard them",
        why: "The second person can be the first one: protection can be switched off and backups deleted by one stolen account.",
        controls: &[Control::Cc63, Control::A82, Control::Ac6],
        needs: &[
            Need::Of(Kind::Azure, Collection::RoleAssignments),
            Need::Of(Kind::Azure, Collection::RoleDefinitions),
            Need::Of(Kind::Azure, Collection::DenyAssignments),
            Need::Of(Kind::Azure, Collection::Users),
            Need::Of(Kind::Azure, Collection::Services),
            Need::Of(Kind::Azure, Collection::Groups),
            Need::Of(Kind::Azure, Collection::Memberships),
            Need::Of(Kind::Azure, Collection::GuardProxies),
        ],
        parameters: &[],
        way_out: "Take one of the two rights away; best, keep the guard in a subscription that backup administrators have nothing in.",
        find: restore_and_guard,
    },
];

fn is_good(state: State) -> bool {
    !matches!(state, State::Denied | State::NotFollowed)
}

/// The assignments that the first rule speaks of, ascending.
pub(super) fn outside(scene: &Scene<'_>) -> Vec<AssignmentIndex> {
    if !scene.restore_groups {
        return Vec::new();
    }
    let ways = scene.restorers.iter().filter(|way| !way.meant && is_good(way.state));
    let mut all: Vec<AssignmentIndex> = ways.map(|way| way.assignment).collect();
    all.sort_unstable();
    all.dedup();
    all.retain(|at| {
        let role = scene.world.facts().assignments[*at as usize].role;
        are_met(scene, OUTSIDE, scene.roles[role as usize].place) && !super::azure::speaks_of(scene, *at)
    });
    all
}

fn restore_outside(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    let outside = outside(scene);
    let mut by: BTreeMap<AssignmentIndex, (Vec<u32>, Vec<u32>)> = BTreeMap::new();
    for way in scene.restorers.iter().filter(|way| !way.meant && is_good(way.state)) {
        if outside.binary_search(&way.assignment).is_ok() {
            let (people, vaults) = by.entry(way.assignment).or_default();
            people.push(way.identity);
            vaults.push(way.vault);
        }
    }
    for (at, (mut people, mut vaults)) in by {
        for list in [&mut people, &mut vaults] {
            list.sort_unstable();
            list.dedup();
        }
        let mut parts = assignment(scene, at);
        parts.extend(vaults.iter().map(|vault| ("vault", Part::Scope(*vault))));
        let place = scene.roles[scene.world.facts().assignments[at as usize].role as usize].place;
        if let Some(found) = sink.add(&[place], vec![Part::Assignment(at)], parts) {
            found.people = people;
        }
    }
}

fn restore_and_guard(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    let mut by: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
    for breach in &scene.breaches {
        by.entry(breach.identity).or_default().push((breach.vault, breach.guard));
    }
    for (identity, mut pairs) in by {
        pairs.sort_unstable();
        pairs.dedup();
        let mut places: Vec<u16> = pairs
            .iter()
            .flat_map(|(vault, guard)| [*vault, *guard])
            .map(|scope| scene.scopes[scope as usize].place)
            .collect();
        places.sort_unstable();
        places.dedup();
        let mut parts = vec![("identity", Part::Identity(identity))];
        parts.extend(
            pairs
                .iter()
                .flat_map(|(vault, guard)| [("vault", Part::Scope(*vault)), ("guard", Part::Scope(*guard))]),
        );
        if let Some(found) = sink.add(&places, vec![Part::Identity(identity)], parts) {
            found.people = vec![identity];
        }
    }
}
