//! Who holds what in Azure, and should not.

use super::super::scene::{Collection, Fate, Kind, Lost, Origin};
use super::super::{Area, Control, Given, Need, Parameter, Part, Rule, Scene, Severity, Sink};
use super::about::{USERS, assignment, identity, is_account, is_privileged, left_by, raised};
use crate::world::AssignmentIndex;

const KINDS: &[Kind] = &[Kind::Azure];
const DAY: i64 = 24 * 3_600_000;

/// That a principal is not there is known when all lists that could hold it were read, and what became of it was looked up.
const GONE: &[Need] = &[
    Need::Of(Kind::Azure, Collection::RoleAssignments),
    Need::Of(Kind::Azure, Collection::Users),
    Need::Of(Kind::Azure, Collection::Groups),
    Need::Of(Kind::Azure, Collection::Services),
    Need::Of(Kind::Azure, Collection::LostPrincipals),
];
const HELD: &[Need] = &[
    Need::Of(Kind::Azure, Collection::RoleAssignments),
    Need::Of(Kind::Azure, Collection::Users),
];
const GRACE: &[Parameter] = &[Parameter {
    name: "grace_days",
    says: "An assignment younger than this is left alone: its principal may not be replicated yet",
    unit: "days",
    default: 1,
    min: 0,
    max: 30,
}];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "principal-soft-deleted",
        title: "Assigned to a deleted principal",
        area: Area::Azure,
        severity: Severity::Medium,
        kinds: KINDS,
        finds: "A role or an application is assigned to somebody who lies among the tenant's deleted items. Eligibilities are told by Eligibility left behind.",
        says: "{principal} was deleted on {deleted} and still holds {role} on {scope}",
        why: "Until the deletion is final, whoever restores the account restores what it holds.",
        controls: &[Control::Cc62, Control::A518, Control::Ac2],
        needs: GONE,
        parameters: &[],
        way_out: "Delete the assignment.",
        find: |scene, _, sink| lost(scene, sink, |lost| matches!(lost.fate, Fate::Deleted(_))),
    },
    Rule {
        id: "principal-gone",
        title: "Assigned to a principal that is gone",
        area: Area::Azure,
        severity: Severity::Low,
        kinds: KINDS,
        finds: "A role or an application is assigned to somebody whom neither the tenant nor its deleted items hold, and the assignment is older than the grace period.",
        says: "{principal}, who is not in {place} any more, holds {role} on {scope}",
        why: "It gives nobody anything, counts against the limit of assignments, and hides those that matter.",
        controls: &[Control::Cc62, Control::A518, Control::Ac2],
        needs: GONE,
        parameters: GRACE,
        way_out: "Delete the assignment.",
        find: |scene, given, sink| {
            let newest = scene.now - given.number("grace_days") * DAY;
            lost(scene, sink, |lost| {
                lost.fate == Fate::NotFound && lost.since.is_none_or(|since| since <= newest)
            });
        },
    },
    Rule {
        id: "principal-unreadable",
        title: "Assigned to somebody who cannot be read",
        area: Area::Azure,
        severity: Severity::Medium,
        kinds: KINDS,
        finds: "A role, an eligibility or an application is assigned to somebody of another tenant, or of whom the tenant does not tell. It is one step weightier where the role is privileged.",
        says: "{principal}, of whom {place} does not tell, holds {role} on {scope}",
        why: "Who stands behind it, and whether they left, is decided and known elsewhere.",
        controls: &[Control::Cc61, Control::A515, Control::Ac6],
        needs: GONE,
        parameters: &[],
        way_out: "Find out with the other tenant who it is; delete the assignment if nobody knows.",
        find: unreadable,
    },
    Rule {
        id: "disabled-holds",
        title: "Disabled account holds a role",
        area: Area::Azure,
        severity: Severity::Medium,
        kinds: KINDS,
        finds: "An account that is switched off in the tenant is assigned an Azure role itself. It is one step weightier where the role is privileged.",
        says: "{principal} is switched off in {place} and still holds {role} on {scope}",
        why: "Switching the account on again, by mistake or on purpose, gives the role back at once.",
        controls: &[Control::Cc62, Control::A518, Control::Ac2],
        needs: HELD,
        parameters: &[],
        way_out: "Delete the assignment.",
        find: |scene, _, sink| direct(scene, sink, Direct::Disabled),
    },
    Rule {
        id: "guest-holds",
        title: "Guest holds a role",
        area: Area::Azure,
        severity: Severity::Medium,
        kinds: KINDS,
        finds: "A guest of the tenant is assigned an Azure role itself. It is one step weightier where the role is privileged.",
        says: "{principal}, a guest, holds {role} on {scope}",
        why: "Whether a guest still works for the other company is known there, not here.",
        controls: &[Control::Cc61, Control::A515, Control::Ac6],
        needs: HELD,
        parameters: &[],
        way_out: "Delete the assignment, or let the guest come in by a group that is reviewed.",
        find: |scene, _, sink| direct(scene, sink, Direct::Guest),
    },
    Rule {
        id: "individual-holds",
        title: "Role held by an individual",
        area: Area::Azure,
        severity: Severity::Low,
        kinds: KINDS,
        finds: "A person is assigned an Azure role itself, and not by a group. It is one step weightier where the role is privileged. Guests, disabled accounts and ways to restore outside the groups meant for it have rules of their own.",
        says: "{principal} holds {role} on {scope} in person, not by a group",
        why: "What is given to a person is in no review of groups, and stays when the person changes work.",
        controls: &[Control::Cc63, Control::A518, Control::Ac6],
        needs: HELD,
        parameters: &[],
        way_out: "Give the role to a group, put the person in it, and delete the assignment.",
        find: |scene, _, sink| direct(scene, sink, Direct::Individual),
    },
    Rule {
        id: "scope-gone",
        title: "Assigned on a scope that is gone",
        area: Area::Azure,
        severity: Severity::Low,
        kinds: KINDS,
        finds: "A role is assigned on a subscription, management group, vault or guard that the lists of the tenant do not hold. Scopes that no list shows are not judged.",
        says: "{principal} holds {role} on {scope}, which is not there any more",
        why: "Whatever is made under that name again is open to them from the first moment.",
        controls: &[Control::Cc63, Control::A518, Control::Ac6],
        needs: &[
            Need::Of(Kind::Azure, Collection::RoleAssignments),
            Need::Of(Kind::Azure, Collection::ManagementGroups),
            Need::Of(Kind::Azure, Collection::Subscriptions),
            Need::Of(Kind::Azure, Collection::RecoveryVaults),
            Need::Of(Kind::Azure, Collection::BackupVaults),
            Need::Of(Kind::Azure, Collection::ResourceGuards),
        ],
        parameters: &[],
        way_out: "Delete the assignment.",
        find: scope_gone,
    },
    Rule {
        id: "definition-gone",
        title: "Assigned role has no definition",
        area: Area::Azure,
        severity: Severity::Medium,
        kinds: KINDS,
        finds: "An assignment names a role definition that the tenant does not hold.",
        says: "{principal} holds {role} on {scope}, and no definition says what that permits",
        why: "What it permits cannot be told, so nobody can say that it is right.",
        controls: &[Control::Cc63, Control::A518, Control::Ac6],
        needs: &[
            Need::Of(Kind::Azure, Collection::RoleAssignments),
            Need::Of(Kind::Azure, Collection::RoleDefinitions),
        ],
        parameters: &[],
        way_out: "Delete the assignment, or make the definition again.",
        find: definition_gone,
    },
    Rule {
        id: "eligibility-left",
        title: "Eligibility left behind",
        area: Area::Azure,
        severity: Severity::Medium,
        kinds: KINDS,
        finds: "Somebody who is deleted, switched off, or has left by word of the authoritative source can still activate a role. It is one step weightier where the role is privileged.",
        says: "{principal} has left and can still activate {role} on {scope}",
        why: "Reviews of active assignments do not show it, and it comes back to life with the account.",
        controls: &[Control::Cc62, Control::A518, Control::A82, Control::Ac2],
        needs: &[
            Need::Of(Kind::Azure, Collection::Eligibilities),
            USERS[0],
            USERS[1],
            USERS[2],
            Need::Of(Kind::Azure, Collection::Groups),
            Need::Of(Kind::Azure, Collection::Services),
            Need::Of(Kind::Azure, Collection::LostPrincipals),
        ],
        parameters: &[],
        way_out: "Remove the eligibility.",
        find: eligibility_left,
    },
];

fn of_lost(lost: &Lost, at: u32) -> Vec<(&'static str, Part)> {
    let mut parts = vec![
        ("principal", Part::Lost(at)),
        ("role", Part::Role(lost.role)),
        ("scope", Part::Scope(lost.scope)),
        ("place", Part::Place(lost.place)),
    ];
    if let Fate::Deleted(Some(deleted)) = lost.fate {
        parts.push(("deleted", Part::Time(deleted)));
    }
    parts
}

fn tell_lost(scene: &Scene<'_>, sink: &mut Sink<'_>, lost: &Lost, at: u32, base: Severity) {
    if let Some(found) = sink.add(&[lost.place], vec![Part::Lost(at)], of_lost(lost, at)) {
        found.people = lost.was.into_iter().collect();
        if scene.roles[lost.role as usize].privileged {
            found.severity = Some(raised(base));
        }
    }
}

/// Assignments to principals that are not there, as `wanted` says.
fn lost(scene: &Scene<'_>, sink: &mut Sink<'_>, wanted: impl Fn(&Lost) -> bool) {
    for (lost, at) in scene.lost.iter().zip(0..) {
        if !matches!(lost.origin, Origin::RoleAssignment | Origin::AppRole) || !wanted(lost) {
            continue;
        }
        if let Some(found) = sink.add(&[lost.place], vec![Part::Lost(at)], of_lost(lost, at)) {
            found.people = lost.was.into_iter().collect();
        }
    }
}

fn unreadable(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (lost, at) in scene.lost.iter().zip(0..) {
        if matches!(lost.origin, Origin::RoleAssignment | Origin::AppRole | Origin::Eligibility) && lost.fate == Fate::Unknown {
            tell_lost(scene, sink, lost, at, Severity::Medium);
        }
    }
}

/// What an account is that holds a role itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direct {
    Disabled,
    Guest,
    Individual,
}

/// What it is that an assignment was given to, as far as it is a person's account.
fn given_to(scene: &Scene<'_>, at: AssignmentIndex) -> Option<Direct> {
    let principal = scene.world.facts().assignments[at as usize].principal;
    if scene.origins[at as usize] != Origin::RoleAssignment || !is_account(scene, principal) {
        return None;
    }
    let account = &scene.accounts[principal as usize];
    match (account.active, account.guest, account.service) {
        _ if account.unconfirmed => None,
        (Some(false), ..) => Some(Direct::Disabled),
        (_, true, _) => Some(Direct::Guest),
        (_, _, true) => None,
        _ => Some(Direct::Individual),
    }
}

/// Whether the rules about disabled accounts and guests speak of an assignment.
pub(super) fn speaks_of(scene: &Scene<'_>, at: AssignmentIndex) -> bool {
    let place = place(scene, at);
    let told = matches!(given_to(scene, at), Some(Direct::Disabled | Direct::Guest));
    told && super::about::are_met(scene, HELD, place)
}

fn place(scene: &Scene<'_>, at: AssignmentIndex) -> u16 {
    scene.roles[scene.world.facts().assignments[at as usize].role as usize].place
}

fn direct(scene: &Scene<'_>, sink: &mut Sink<'_>, wanted: Direct) {
    let outside = match wanted {
        Direct::Individual => super::backup::outside(scene),
        Direct::Disabled | Direct::Guest => Vec::new(),
    };
    for at in 0..scene.origins.len() as u32 {
        if given_to(scene, at) != Some(wanted) || outside.binary_search(&at).is_ok() {
            continue;
        }
        if let Some(found) = sink.add(&[place(scene, at)], vec![Part::Assignment(at)], assignment(scene, at)) {
            let principal = scene.world.facts().assignments[at as usize].principal;
            found.people = identity(scene, principal).into_iter().collect();
            if is_privileged(scene, at) {
                found.severity = Some(raised(match wanted {
                    Direct::Disabled | Direct::Guest => Severity::Medium,
                    Direct::Individual => Severity::Low,
                }));
            }
        }
    }
}

fn is_azure(origin: Origin) -> bool {
    matches!(origin, Origin::RoleAssignment | Origin::Eligibility)
}

fn scope_gone(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (given, at) in scene.world.facts().assignments.iter().zip(0..) {
        if is_azure(scene.origins[at as usize]) && scene.scopes[given.scope as usize].there == Some(false) {
            tell(scene, sink, at);
        }
    }
}

fn definition_gone(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    use super::super::scene::RoleSort;
    for (given, at) in scene.world.facts().assignments.iter().zip(0..) {
        if is_azure(scene.origins[at as usize]) && scene.roles[given.role as usize].sort == RoleSort::Undefined {
            tell(scene, sink, at);
        }
    }
}

fn tell(scene: &Scene<'_>, sink: &mut Sink<'_>, at: AssignmentIndex) {
    if let Some(found) = sink.add(&[place(scene, at)], vec![Part::Assignment(at)], assignment(scene, at)) {
        found.people = identity(scene, scene.world.facts().assignments[at as usize].principal)
            .into_iter()
            .collect();
    }
}

fn eligibility_left(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (lost, at) in scene.lost.iter().zip(0..) {
        if lost.origin == Origin::Eligibility && matches!(lost.fate, Fate::Deleted(_) | Fate::NotFound) {
            tell_lost(scene, sink, lost, at, Severity::Medium);
        }
    }
    for (given, at) in scene.world.facts().assignments.iter().zip(0..) {
        if scene.origins[at as usize] != Origin::Eligibility || !is_account(scene, given.principal) {
            continue;
        }
        let Some(mut places) = left_by(scene, given.principal) else {
            continue;
        };
        places.push(place(scene, at));
        if let Some(found) = sink.add(&places, vec![Part::Assignment(at)], assignment(scene, at)) {
            found.people = identity(scene, given.principal).into_iter().collect();
            if is_privileged(scene, at) {
                found.severity = Some(raised(Severity::Medium));
            }
        }
    }
}
