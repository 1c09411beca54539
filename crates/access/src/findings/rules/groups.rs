//! Groups and roles that hold what they should not, or nothing.

use std::collections::BTreeMap;

use super::super::scene::{Collection, Kind, RoleSort};
use super::super::{Area, Control, Given, Need, Part, Rule, Scene, Severity, Sink};
use super::about::{ANY, raised};
use super::circles::circles;
use crate::world::{Assignment, Deny, State};

const NESTING: &[Need] = &[
    Need::Of(Kind::Scim, Collection::Groups),
    Need::Of(Kind::Backstage, Collection::Groups),
    Need::Of(Kind::Azure, Collection::Groups),
    Need::Of(Kind::Scim, Collection::Memberships),
    Need::Of(Kind::Backstage, Collection::Memberships),
    Need::Of(Kind::Azure, Collection::Memberships),
];
/// That a group is empty is known when all that could be in it was read.
const EMPTY: &[Need] = &[
    NESTING[0],
    NESTING[1],
    NESTING[2],
    NESTING[3],
    NESTING[4],
    NESTING[5],
    Need::Of(Kind::Scim, Collection::Users),
    Need::Of(Kind::Backstage, Collection::Users),
    Need::Of(Kind::Azure, Collection::Users),
    Need::Of(Kind::Azure, Collection::Services),
];
/// Every right that a group could give.
const RIGHTS: &[Need] = &[
    NESTING[0],
    NESTING[1],
    NESTING[2],
    NESTING[3],
    NESTING[4],
    NESTING[5],
    Need::Of(Kind::Backstage, Collection::RbacRoles),
    Need::Of(Kind::Backstage, Collection::Entities),
    Need::Of(Kind::Azure, Collection::RoleAssignments),
    Need::Of(Kind::Azure, Collection::Eligibilities),
    Need::Of(Kind::Azure, Collection::DenyAssignments),
    Need::Of(Kind::Azure, Collection::AppRoleAssignments),
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "group-cycle",
        title: "Groups in a circle",
        area: Area::Groups,
        severity: Severity::Medium,
        kinds: ANY,
        finds: "A group is in itself, by way of groups nested in it.",
        says: "{group} in {place} is in itself, by way of {with}",
        why: "Systems resolve it differently or not at all, and who is a member cannot be read off any of the groups.",
        controls: &[Control::Cc63, Control::A515, Control::Ac6],
        needs: NESTING,
        parameters: &[],
        way_out: "Take one of the groups out of the other.",
        find: group_cycle,
    },
    Rule {
        id: "empty-group-holds",
        title: "Empty group holds a role",
        area: Area::Groups,
        severity: Severity::Low,
        kinds: ANY,
        finds: "A group without anybody in it, at any depth, holds a role. It is one step weightier where the role is privileged.",
        says: "{group} in {place} is empty and holds {role} on {scope}",
        why: "Whoever may add members gives out the role, and no review of people shows it.",
        controls: &[Control::Cc63, Control::A518, Control::Ac6],
        needs: EMPTY,
        parameters: &[],
        way_out: "Take the role from the group, or delete the group.",
        find: empty_group_holds,
    },
    Rule {
        id: "role-unheld",
        title: "Role that nobody holds",
        area: Area::Groups,
        severity: Severity::Low,
        kinds: &[Kind::Backstage, Kind::Azure],
        finds: "A role that the company made itself (a custom role of Azure, a role of Backstage's RBAC plugin, a role of an application) is held by nobody. Built-in roles are passed over.",
        says: "Nobody holds {role} in {place}",
        why: "A role that nobody uses is one that nobody reviews, ready to be given out.",
        controls: &[Control::Cc63, Control::A515, Control::Ac6],
        needs: &[
            Need::Of(Kind::Backstage, Collection::RbacRoles),
            Need::Of(Kind::Azure, Collection::RoleDefinitions),
            Need::Of(Kind::Azure, Collection::RoleAssignments),
            Need::Of(Kind::Azure, Collection::Eligibilities),
            Need::Of(Kind::Azure, Collection::AppRoleAssignments),
        ],
        parameters: &[],
        way_out: "Delete the role, or keep it with a suppression that says what for.",
        find: role_unheld,
    },
    Rule {
        id: "group-gives-nothing",
        title: "Groups that give nothing",
        area: Area::Groups,
        severity: Severity::Low,
        kinds: &[Kind::Backstage, Kind::Azure],
        finds: "Groups of a source that somebody is in hold no role, own nothing and are denied nothing in any connected system, themselves or by the groups that they are in. They are told together, source by source: one by one they would bury the rest. Groups that no Backstage or Azure holds, and groups that are provisioned into a SCIM application, are passed over: what they give cannot be seen. Of groups in groups the outermost is told.",
        says: "Groups of {place} that give nothing in any connected system ({count}): {group}",
        why: "They cost reviews and hide the groups that matter.",
        controls: &[Control::Cc63, Control::A515],
        needs: RIGHTS,
        parameters: &[],
        way_out: "Find out what each is for; delete those that nobody knows, and suppress this with what the others are for.",
        find: group_gives_nothing,
    },
];

fn group_cycle(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    for circle in circles(scene.graph) {
        let nodes = circle.iter().map(|group| scene.graph.group_node(*group));
        let mut places: Vec<u16> = circle.iter().map(|group| scene.groups[*group as usize].place).collect();
        places.dedup();
        let Some(place) = places.first().copied() else { continue };
        let key = nodes.clone().map(Part::Node).collect();
        let mut parts = vec![
            ("group", Part::Node(scene.graph.group_node(circle[0]))),
            ("place", Part::Place(place)),
        ];
        // A group that is its own member has no other on the way.
        let others = nodes.skip(usize::from(circle.len() > 1));
        parts.extend(others.map(|node| ("with", Part::Node(node))));
        sink.add(&places, key, parts);
    }
}

/// The first of several assignments by weight: a privileged one before others.
fn weightiest(scene: &Scene<'_>, held: &[u32]) -> Option<(u32, Assignment)> {
    let facts = scene.world.facts();
    let all = held.iter().map(|at| (*at, facts.assignments[*at as usize]));
    all.filter(|(_, given)| !matches!(given.state, State::Denied | State::NotFollowed))
        .min_by_key(|(at, given)| (!scene.roles[given.role as usize].privileged, given.role, given.scope, *at))
}

fn empty_group_holds(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    let graph = scene.graph;
    let peopled = graph.reaches(|group| !graph.member_accounts(group).is_empty() || !scene.groups[group as usize].listed);
    for principal in scene.world.principals() {
        let Some(group) = graph.group_ordinal(principal) else { continue };
        let about = &scene.groups[group as usize];
        if peopled[group as usize] || about.unconfirmed {
            continue;
        }
        let Some((at, given)) = weightiest(scene, scene.world.held_by(principal)) else {
            continue;
        };
        let role = &scene.roles[given.role as usize];
        let parts = vec![
            ("group", Part::Node(principal)),
            ("place", Part::Place(about.place)),
            ("role", Part::Role(given.role)),
            ("scope", Part::Scope(given.scope)),
            ("assignment", Part::Assignment(at)),
        ];
        if let Some(found) = sink.add(&[about.place, role.place], vec![Part::Node(principal)], parts)
            && role.privileged
        {
            found.severity = Some(raised(Severity::Low));
        }
    }
}

fn role_unheld(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    let mut held = vec![false; scene.roles.len()];
    let given = scene.world.facts().assignments.iter().map(|given| given.role);
    for role in given.chain(scene.lost.iter().map(|lost| lost.role)) {
        held[role as usize] = true;
    }
    for (role, at) in scene.roles.iter().zip(0..) {
        if held[at as usize] || !matches!(role.sort, RoleSort::Own | RoleSort::App) {
            continue;
        }
        let parts = vec![("role", Part::Role(at)), ("place", Part::Place(role.place))];
        sink.add(&[role.place], vec![Part::Role(at)], parts);
    }
}

/// By group: whether it, or a group that it is in at any depth, is named by a right or a deny.
fn useful(scene: &Scene<'_>) -> Vec<bool> {
    let graph = scene.graph;
    let mut useful = vec![false; graph.groups() as usize];
    let mut todo = Vec::new();
    let mut mark = |node: u32, todo: &mut Vec<u32>| {
        if let Some(group) = graph.group_ordinal(node)
            && !std::mem::replace(&mut useful[group as usize], true)
        {
            todo.push(group);
        }
    };
    let facts = scene.world.facts();
    for node in facts
        .assignments
        .iter()
        .map(|given| given.principal)
        .chain(facts.denies.iter().flat_map(Deny::nodes))
    {
        mark(node, &mut todo);
    }
    while let Some(group) = todo.pop() {
        for inner in graph.member_groups(group) {
            mark(*inner, &mut todo);
        }
    }
    useful
}

fn group_gives_nothing(scene: &Scene<'_>, _given: &Given<'_>, sink: &mut Sink<'_>) {
    let graph = scene.graph;
    let useful = useful(scene);
    let peopled = graph.reaches(|group| !graph.member_accounts(group).is_empty());
    let kind = |group: u32| &scene.places[usize::from(scene.groups[group as usize].place)];
    let everywhere: Vec<u16> = (0..scene.places.len() as u16).collect();
    let silent = |cluster: u32| {
        let groups = scene.linked.members(cluster);
        let any = |wanted: &dyn Fn(u32) -> bool| groups.iter().any(|group| wanted(*group));
        any(&|group| kind(group).kind != Kind::Scim)
            && !any(&|group| useful[group as usize] || scene.groups[group as usize].unconfirmed)
            && !any(&|group| kind(group).kind == Kind::Scim && !kind(group).authoritative)
            && any(&|group| peopled[group as usize])
    };
    let mut by_place: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
    for cluster in 0..scene.linked.len() {
        if !silent(cluster) {
            continue;
        }
        let groups = scene.linked.members(cluster);
        let outer = groups.iter().flat_map(|group| graph.groups_of(graph.group_node(*group)));
        let mut outer = outer
            .filter_map(|node| graph.group_ordinal(*node))
            .map(|group| scene.linked.of(group));
        // In a circle the first one is told.
        if outer.any(|outer| outer != cluster && silent(outer) && !(in_itself(scene, cluster) && cluster < outer)) {
            continue;
        }
        if let Some(group) = groups.iter().copied().find(|group| kind(*group).kind != Kind::Scim) {
            by_place
                .entry(scene.groups[group as usize].place)
                .or_default()
                .push(graph.group_node(group));
        }
    }
    for (place, groups) in by_place {
        let mut parts = vec![("place", Part::Place(place)), ("count", Part::Count(groups.len() as u64))];
        parts.extend(groups.into_iter().map(|group| ("group", Part::Node(group))));
        sink.add(&everywhere, vec![Part::Place(place)], parts);
    }
}

/// Whether a linked group is in itself, by way of other groups.
fn in_itself(scene: &Scene<'_>, cluster: u32) -> bool {
    let within = |group: &u32| scene.graph.ways_in(scene.graph.group_node(*group));
    let groups = scene.linked.members(cluster);
    groups
        .iter()
        .any(|group| within(group).groups.iter().any(|(outer, _)| scene.linked.of(*outer) == cluster))
}
