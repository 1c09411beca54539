//! Privileged roles that are reached through many groups in groups.

use std::collections::{BTreeSet, HashMap};

use super::super::scene::{Collection, Kind, Origin};
use super::super::{Area, Control, Given, Need, Parameter, Part, Rule, Scene, Severity, Sink};
use super::about::{Stamps, assignment};
use crate::world::{Follow, State};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "deep-privilege",
    title: "Privilege through deep nesting",
    area: Area::Azure,
    severity: Severity::Medium,
    kinds: &[Kind::Azure, Kind::Backstage],
    finds: "A group holds a privileged role, and people reach it only through so many groups nested in each other.",
    says: "{role} on {scope} is reached through {depth} nestings in {principal}, by {people} people",
    why: "Whoever reviews the group does not see them, and whoever keeps a group far below gives out a privilege without knowing it.",
    controls: &[Control::Cc63, Control::A82, Control::Ac6],
    needs: &[
        Need::Of(Kind::Azure, Collection::Groups),
        Need::Of(Kind::Azure, Collection::Memberships),
        Need::Of(Kind::Azure, Collection::RoleAssignments),
        Need::Of(Kind::Azure, Collection::RoleDefinitions),
        Need::Of(Kind::Backstage, Collection::Groups),
        Need::Of(Kind::Backstage, Collection::Memberships),
        Need::Of(Kind::Backstage, Collection::RbacRoles),
        Need::Of(Kind::Backstage, Collection::RbacPolicies),
    ],
    parameters: &[Parameter {
        name: "nestings",
        says: "So many groups in groups lie between the role's group and the person's",
        unit: "nestings",
        default: 3,
        min: 1,
        max: 20,
    }],
    way_out: "Give the role to a group whose direct members are those who need it.",
    find: deep_privilege,
}];

/// Who is deep in a group: so deep at most, and who.
#[derive(Clone, Debug, Default)]
struct Deep {
    depth: u32,
    people: Vec<u32>,
}

fn deep_privilege(scene: &Scene<'_>, given: &Given<'_>, sink: &mut Sink<'_>) {
    let least = u32::try_from(given.number("nestings")).unwrap_or(u32::MAX);
    let mut known: HashMap<u32, Deep> = HashMap::new();
    let mut told = BTreeSet::new();
    let (mut groups, mut people) = (Stamps::new(scene.graph.groups()), Stamps::new(scene.identities.len()));
    for (held, at) in scene.world.facts().assignments.iter().zip(0..) {
        let Some(group) = scene.graph.group_ordinal(held.principal) else {
            continue;
        };
        let role = &scene.roles[held.role as usize];
        if !RULES[0].kinds.contains(&scene.places[usize::from(role.place)].kind)
            || !role.privileged
            || held.follow != Follow::Nested
            || matches!(held.state, State::Denied | State::NotFollowed)
            || !sink.may(role.place)
        {
            continue;
        }
        // A role of Backstage is held once per kind of resource.
        if scene.origins[at as usize] == Origin::RbacMember && !told.insert((held.principal, held.role)) {
            continue;
        }
        let deep = known
            .entry(group)
            .or_insert_with(|| below(scene, group, least, &mut groups, &mut people));
        if deep.people.is_empty() {
            continue;
        }
        let mut parts = assignment(scene, at);
        parts.push(("people", Part::Count(deep.people.len() as u64)));
        parts.push(("depth", Part::Count(deep.depth.into())));
        if let Some(found) = sink.add(&[role.place], vec![Part::Assignment(at)], parts) {
            found.people.clone_from(&deep.people);
        }
    }
}

/// The people whose shortest way into a group leads through so many nestings or more.
fn below(scene: &Scene<'_>, group: u32, least: u32, groups: &mut Stamps, people: &mut Stamps) -> Deep {
    groups.clear();
    groups.add(group);
    let mut levels: Vec<Vec<u32>> = vec![vec![group]];
    while let Some(last) = levels.last().filter(|last| !last.is_empty()) {
        let inner = last.iter().flat_map(|at| scene.graph.member_groups(*at));
        let next = inner
            .filter_map(|node| scene.graph.group_ordinal(*node))
            .filter(|inner| groups.add(*inner))
            .collect();
        levels.push(next);
    }
    levels.pop();
    let mut deep = Deep::default();
    if levels.len() <= least as usize {
        return deep;
    }
    people.clear();
    for (level, depth) in levels.iter().zip(0u32..) {
        for account in level.iter().flat_map(|at| scene.graph.member_accounts(*at)) {
            let identity = scene.identities.of(*account);
            if people.add(identity) && depth >= least {
                deep.people.push(identity);
                deep.depth = depth;
            }
        }
    }
    deep.people.sort_unstable();
    deep
}
