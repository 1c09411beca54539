//! The RBAC plugin's semantics, as tables.

use lanyard_access::permits::{is_privileged, permits_any};
use lanyard_access::world::{Assignment, Effect, Facts, Follow, Permits, Policy, Role, Scope, State};
use lanyard_access::{Action, Graph, Memberships, Reason, World};

fn policy(permission: &str, action: &str, effect: Effect) -> Policy {
    Policy {
        permission: permission.into(),
        action: action.into(),
        effect,
    }
}

/// User 0 in group `child` (node 1), which is a child of group `parent` (node 2). Each list of policies is a role, held by the node before it.
fn backend(roles: Vec<(u32, Permits)>) -> (Graph, World) {
    let mut edges = Memberships::default();
    edges.push(0, 0);
    edges.push(1, 1);
    let graph = Graph::new(1, 2, 0, edges);
    let assignments = roles
        .iter()
        .zip(0..)
        .map(|((principal, _), role)| Assignment {
            principal: *principal,
            role,
            scope: 0,
            state: State::Active,
            follow: Follow::Nested,
        })
        .collect();
    let facts = Facts {
        roles: roles.into_iter().map(|(_, permits)| Role { permits }).collect(),
        scopes: vec![Scope { parent: None }],
        assignments,
        denies: Vec::new(),
    };
    let world = World::new(&graph, facts);
    (graph, world)
}

fn delete() -> Action {
    Action::Permission {
        name: "catalog.entity.delete".into(),
        resource_type: Some("catalog-entity".into()),
        action: Some("delete".into()),
    }
}

/// The best state in which the user may delete entities; none where it may not at all.
fn may_delete(roles: Vec<(u32, Permits)>) -> Option<State> {
    let (graph, world) = backend(roles);
    let ask = world.ask(&[delete()]).unwrap();
    world.effective(&graph, &[0], Some(&ask)).iter().map(|holding| holding.state).min()
}

#[test]
fn policies_are_weighed_as_the_plugin_weighs_them() {
    use Effect::{Allow, Conditional, Deny};
    let role = |holder: u32, list: &[(&str, Effect)]| {
        (
            holder,
            Permits::Policies(
                list.iter()
                    .map(|(permission, effect)| policy(permission, "delete", *effect))
                    .collect(),
            ),
        )
    };
    let (by_name, by_type) = ("catalog.entity.delete", "catalog-entity");
    let table = [
        ("nothing says anything", vec![role(0, &[("other", Allow)])], None),
        ("allowed by name", vec![role(0, &[(by_name, Allow)])], Some(State::Active)),
        ("allowed by resource type", vec![role(0, &[(by_type, Allow)])], Some(State::Active)),
        (
            "inherited from a parent group",
            vec![role(2, &[(by_type, Allow)])],
            Some(State::Active),
        ),
        (
            "deny over allow in one role",
            vec![role(0, &[(by_type, Allow), (by_type, Deny)])],
            Some(State::Denied),
        ),
        (
            "deny over allow from a parent's role",
            vec![role(0, &[(by_type, Allow)]), role(2, &[(by_type, Deny)])],
            Some(State::Denied),
        ),
        (
            "what names the permission goes before its type",
            vec![role(0, &[(by_name, Allow)]), role(1, &[(by_type, Deny)])],
            Some(State::Active),
        ),
        (
            "the same the other way round",
            vec![role(0, &[(by_type, Allow)]), role(1, &[(by_name, Deny)])],
            Some(State::Denied),
        ),
        ("a deny alone grants nothing", vec![role(0, &[(by_type, Deny)])], None),
        ("a condition", vec![role(1, &[(by_type, Conditional)])], Some(State::Conditional)),
        (
            "a condition goes before basic policies",
            vec![role(0, &[(by_type, Allow)]), role(1, &[(by_type, Conditional)])],
            Some(State::Conditional),
        ),
        (
            "denies included",
            vec![role(0, &[(by_type, Deny)]), role(1, &[(by_type, Conditional)])],
            Some(State::Conditional),
        ),
        (
            "a superuser is denied nothing",
            vec![(0, Permits::All), role(1, &[(by_type, Deny)])],
            Some(State::Active),
        ),
    ];
    for (what, roles, expected) in table {
        assert_eq!(may_delete(roles), expected, "{what}");
    }
}

#[test]
fn another_action_is_another_matter() {
    let read = Permits::Policies(vec![
        policy("catalog-entity", "read", Effect::Allow),
        policy("catalog-entity", "delete", Effect::Deny),
    ]);
    assert_eq!(may_delete(vec![(0, read.clone())]), None);
    let (graph, world) = backend(vec![(0, read)]);
    // Without an action: any of those that policies name.
    let any = Action::Permission {
        name: "catalog-entity".into(),
        resource_type: None,
        action: None,
    };
    let ask = world.ask(&[any]).unwrap();
    assert_eq!(world.effective(&graph, &[0], Some(&ask))[0].state, State::Active);
}

#[test]
fn a_role_tells_which_policy_of_which_role_stands_against_it() {
    let (graph, world) = backend(vec![
        (
            0,
            Permits::Policies(vec![
                policy("catalog-entity", "delete", Effect::Allow),
                policy("catalog-entity", "read", Effect::Allow),
            ]),
        ),
        (
            2,
            Permits::Policies(vec![
                policy("other", "use", Effect::Allow),
                policy("catalog-entity", "delete", Effect::Deny),
            ]),
        ),
    ]);
    let all = world.effective(&graph, &[0], None);
    let against = |extent| {
        [Reason::PolicyDenies {
            role: 1,
            policy: 1,
            extent,
        }]
    };
    assert_eq!(
        (all[0].state, all[0].reasons()),
        (State::Active, &against(lanyard_access::Extent::Part)[..])
    );
    let ask = world.ask(&[delete()]).unwrap();
    let asked = world.effective(&graph, &[0], Some(&ask));
    assert_eq!(
        (asked.len(), asked[0].state, asked[0].reasons()),
        (1, State::Denied, &against(lanyard_access::Extent::All)[..])
    );
}

#[test]
fn roles_that_write_or_touch_policies_are_privileged() {
    let role = |list: &[(&str, &str, Effect)]| {
        Permits::Policies(
            list.iter()
                .map(|(permission, action, effect)| policy(permission, action, *effect))
                .collect(),
        )
    };
    let table = [
        (role(&[("catalog-entity", "read", Effect::Allow)]), false),
        (role(&[("catalog.entity.create", "create", Effect::Allow)]), true),
        (role(&[("catalog-entity", "delete", Effect::Conditional)]), true),
        (role(&[("catalog-entity", "delete", Effect::Deny)]), false),
        (
            role(&[
                ("catalog-entity", "delete", Effect::Allow),
                ("catalog-entity", "delete", Effect::Deny),
            ]),
            false,
        ),
        (role(&[("policy-entity", "read", Effect::Allow)]), true),
        (Permits::All, true),
        (Permits::Name, false),
    ];
    for (permits, expected) in table {
        assert_eq!(is_privileged(&permits), expected, "{permits:?}");
    }
    assert!(permits_any(
        &role(&[("catalog-entity", "delete", Effect::Conditional)]),
        &[delete()]
    ));
    assert!(!permits_any(&role(&[("catalog-entity", "delete", Effect::Deny)]), &[delete()]));
}
