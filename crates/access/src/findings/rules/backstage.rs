//! Backstage: names in roles and catalog that lead nowhere.

use std::collections::BTreeSet;

use super::super::scene::{Collection, Fate, Kind, Lost, Origin};
use super::super::{Area, Control, Given, Listed, Need, Part, Rule, Scene, Severity, Sink};
use super::about::raised;

const KINDS: &[Kind] = &[Kind::Backstage];
/// That the catalog does not hold somebody is known when all of it was read.
const MEMBERS: &[Need] = &[
    Need::Of(Kind::Backstage, Collection::Users),
    Need::Of(Kind::Backstage, Collection::Groups),
    Need::Of(Kind::Backstage, Collection::RbacRoles),
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "ghost-member",
        title: "Ghost member of a role",
        area: Area::Backstage,
        severity: Severity::Medium,
        kinds: KINDS,
        finds: "A role of the RBAC plugin names a user or group that the catalog does not hold, and that nobody known was. It is one step weightier where the role is privileged. One who was removed is told by Removed and still in a role.",
        says: "{principal} is a member of {role} in {place}, and the catalog holds nobody of that name",
        why: "Whoever is given that name next holds the role from the first moment.",
        controls: &[Control::Cc63, Control::A518, Control::Ac2],
        needs: MEMBERS,
        parameters: &[],
        way_out: "Take the member out of the role, or bring the entity into the catalog.",
        find: |scene, _, sink| members(scene, sink, false),
    },
    Rule {
        id: "removed-still-member",
        title: "Removed and still in a role",
        area: Area::Backstage,
        severity: Severity::High,
        kinds: KINDS,
        finds: "A role of the RBAC plugin names somebody whom the catalog does not hold any more: another system or history still knows who it was.",
        says: "{principal} was removed from {place} and is still a member of {role}",
        why: "A token from before still carries the role, and whoever gets the name again gets the role with it.",
        controls: &[Control::Cc62, Control::Cc63, Control::A518, Control::Ac2],
        needs: MEMBERS,
        parameters: &[],
        way_out: "Take the member out of the role.",
        find: |scene, _, sink| members(scene, sink, true),
    },
    Rule {
        id: "ghost-owner",
        title: "Ghost owner",
        area: Area::Backstage,
        severity: Severity::Low,
        kinds: KINDS,
        finds: "An entity of the catalog is owned by a user or group that the catalog does not hold.",
        says: "{scope} in {place} is owned by {principal}, whom the catalog does not hold",
        why: "Nobody answers for it, and whoever is given that name next may change it.",
        controls: &[Control::Cc61, Control::A515],
        needs: &[
            Need::Of(Kind::Backstage, Collection::Users),
            Need::Of(Kind::Backstage, Collection::Groups),
            Need::Of(Kind::Backstage, Collection::Entities),
        ],
        parameters: &[],
        way_out: "Give the entity an owner who is there, in its catalog file.",
        find: ghost_owner,
    },
    Rule {
        id: "orphaned-entity",
        title: "Orphaned entity",
        area: Area::Backstage,
        severity: Severity::Low,
        kinds: KINDS,
        finds: "No location or provider of the catalog vouches for an entity any more, and it stays. Users whom the authoritative source does not hold as active are told by the rules about accounts.",
        says: "{entity} in {place} is an orphan: nothing that feeds the catalog names it any more",
        why: "It is shown and counts for permissions, though its source is gone.",
        controls: &[Control::Cc61, Control::A515],
        needs: &[
            Need::Of(Kind::Backstage, Collection::Users),
            Need::Of(Kind::Backstage, Collection::Groups),
            Need::Of(Kind::Backstage, Collection::Entities),
        ],
        parameters: &[],
        way_out: "Delete the entity from the catalog, or register its location again.",
        find: orphaned_entity,
    },
];

fn is_known(lost: &Lost) -> bool {
    lost.was.is_some() || lost.held_once
}

fn members(scene: &Scene<'_>, sink: &mut Sink<'_>, known: bool) {
    // A role is held once per kind of resource that its policies are about.
    let mut told = BTreeSet::new();
    for (lost, at) in scene.lost.iter().zip(0..) {
        if lost.origin != Origin::RbacMember
            || lost.fate != Fate::Ghost
            || is_known(lost) != known
            || !told.insert((lost.principal, lost.role))
        {
            continue;
        }
        let parts = vec![
            ("principal", Part::Lost(at)),
            ("role", Part::Role(lost.role)),
            ("place", Part::Place(lost.place)),
        ];
        if let Some(found) = sink.add(&[lost.place], vec![Part::Lost(at)], parts) {
            found.people = lost.was.into_iter().collect();
            // One who left is weighty already; who left cannot sign in for now.
            if scene.roles[lost.role as usize].privileged && !known {
                found.severity = Some(raised(Severity::Medium));
            }
        }
    }
}

fn ghost_owner(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    let mut told = BTreeSet::new();
    for (lost, at) in scene.lost.iter().zip(0..) {
        if lost.origin != Origin::Owner || lost.fate != Fate::Ghost || !told.insert((lost.principal, lost.scope)) {
            continue;
        }
        let parts = vec![
            ("scope", Part::Scope(lost.scope)),
            ("principal", Part::Lost(at)),
            ("place", Part::Place(lost.place)),
        ];
        if let Some(found) = sink.add(&[lost.place], vec![Part::Lost(at)], parts) {
            found.people = lost.was.into_iter().collect();
        }
    }
}

fn orphaned_entity(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for (entity, at) in scene.entities.iter().zip(0..) {
        let account = entity.node.filter(|node| *node < scene.graph.accounts());
        if !entity.orphan || account.is_some_and(|node| super::accounts::speaks_of(scene, node)) {
            continue;
        }
        let key = vec![Part::Listed(Listed::Entity, at)];
        let parts = vec![("entity", Part::Listed(Listed::Entity, at)), ("place", Part::Place(entity.place))];
        if let Some(found) = sink.add(&[entity.place], key, parts) {
            found.people = account.map(|node| scene.identities.of(node)).into_iter().collect();
        }
    }
}
