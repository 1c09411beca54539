//! Azure's documented semantics, as tables: what built-in roles permit, inheritance, deny assignments, nesting.

use lanyard_access::permits::{RESTORE, is_privileged, permits_any, restore};
use lanyard_access::world::{ActionBlock, Assignment, Deny, Facts, Follow, Permits, Role, Scope, State, Whom};
use lanyard_access::{Action, Clusters, Extent, Graph, Memberships, Reason, Wish, World};

/// The built-in roles, as they are published.
fn built_in() -> Vec<(String, Permits)> {
    let mut roles: Vec<(String, ActionBlock)> = Vec::new();
    for line in include_str!("builtin-roles.txt").lines().filter(|line| !line.starts_with('#')) {
        let block = roles.last_mut().map(|(_, block)| block);
        match (line.split_at(2), block) {
            (("+ ", action), Some(block)) => block.actions.push(action.into()),
            (("- ", action), Some(block)) => block.not_actions.push(action.into()),
            (("* ", action), Some(block)) => block.data_actions.push(action.into()),
            _ => roles.push((line.into(), ActionBlock::default())),
        }
    }
    roles
        .into_iter()
        .map(|(name, block)| (name, Permits::Actions(vec![block])))
        .collect()
}

fn control(name: &str) -> Action {
    Action::Control(name.into())
}

fn who_permits(action: &Action) -> Vec<String> {
    built_in()
        .into_iter()
        .filter(|(_, permits)| permits_any(permits, std::slice::from_ref(action)))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn built_in_roles_permit_what_is_documented() {
    let restorers = ["Owner", "Contributor", "Backup Contributor", "Backup Operator"];
    let with = |more: &[&'static str]| [&restorers[..], more].concat();
    let table: &[(&str, Vec<&str>)] = &[
        (RESTORE[0], restorers.to_vec()),
        (RESTORE[1], restorers.to_vec()),
        // `Microsoft.RecoveryServices/locations/*`.
        (RESTORE[2], with(&["Virtual Machine Contributor"])),
        // `Microsoft.DataProtection/*/action`.
        (RESTORE[3], with(&["Backup MUA Operator"])),
        (RESTORE[4], with(&["Backup MUA Operator"])),
        // The headline says that Backup Contributor creates no vaults; its actions say otherwise. It deletes none.
        (
            "Microsoft.RecoveryServices/Vaults/write",
            vec!["Owner", "Contributor", "Backup Contributor", "Virtual Machine Contributor"],
        ),
        ("Microsoft.RecoveryServices/Vaults/delete", vec!["Owner", "Contributor"]),
        (
            "Microsoft.RecoveryServices/Vaults/backupResourceGuardProxies/delete",
            restorers.to_vec(),
        ),
        (
            "Microsoft.Authorization/roleAssignments/write",
            vec!["Owner", "User Access Administrator", "Role Based Access Control Administrator"],
        ),
        // A notAction takes it off Contributor's `*`.
        (
            "Microsoft.Authorization/elevateAccess/action",
            vec!["Owner", "User Access Administrator"],
        ),
    ];
    for (action, expected) in table {
        assert_eq!(&who_permits(&control(action)), expected, "{action}");
        assert_eq!(
            &who_permits(&control(&action.to_uppercase())),
            expected,
            "case does not count: {action}"
        );
    }
    // `*` over control actions is nothing over data actions.
    let blob = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete";
    assert_eq!(who_permits(&Action::Data(blob.into())), ["VM Restore Operator"]);
    assert_eq!(who_permits(&control(blob)), ["Owner", "Contributor"]);
    // A pattern asks for any action that fits and that some role names; `Vaults/usages/*` makes no restorer. Locks are written by more than who grants.
    assert_eq!(
        who_permits(&control("Microsoft.RecoveryServices/vaults/*/recoveryPoints/restore/action")),
        restorers
    );
    assert_eq!(
        who_permits(&control("Microsoft.Authorization/*/write")),
        [
            "Owner",
            "User Access Administrator",
            "Role Based Access Control Administrator",
            "Storage Account Backup Contributor"
        ]
    );
}

#[test]
fn readers_are_not_privileged_and_who_restores_or_grants_is() {
    for (name, permits) in built_in() {
        let plain = ["Reader", "Backup Reader", "Disk Backup Reader", "Site Recovery Reader"];
        if plain.contains(&name.as_str()) {
            assert!(!is_privileged(&permits), "{name}");
        }
        if [
            "Owner",
            "Contributor",
            "User Access Administrator",
            "Role Based Access Control Administrator",
            "Backup Operator",
            "Backup Contributor",
        ]
        .contains(&name.as_str())
        {
            assert!(is_privileged(&permits), "{name}");
        }
    }
    assert!(!is_privileged(&Permits::Unknown) && !permits_any(&Permits::Unknown, &restore()));
}

const ROOT: u32 = 0;
const PLATFORM: u32 = 1;
const PROD: u32 = 2;
const GROUP: u32 = 3;
const VAULT: u32 = 4;
const OTHER: u32 = 5;

/// Tenant root > platform (management group) > prod (subscription) > resource group > vault; and another vault beside it.
fn scopes() -> Vec<Scope> {
    [None, Some(ROOT), Some(PLATFORM), Some(PROD), Some(GROUP), Some(GROUP)]
        .map(|parent| Scope { parent })
        .to_vec()
}

fn role(name: &str) -> u32 {
    built_in().iter().position(|(role, _)| role == name).unwrap() as u32
}

/// Accounts ann (0), bob (1), cem (2); groups outer (3) and inner (4), inner in outer; bob in inner, cem in outer. Node 5 is nobody.
fn tenant(assignments: Vec<Assignment>, denies: Vec<Deny>) -> (Graph, World) {
    let mut edges = Memberships::default();
    edges.push(0, 2);
    edges.push(0, 4);
    edges.push(1, 1);
    let graph = Graph::new(3, 2, 1, edges);
    let roles = built_in().into_iter().map(|(_, permits)| Role { permits }).collect();
    let world = World::new(
        &graph,
        Facts {
            roles,
            scopes: scopes(),
            assignments,
            denies,
        },
    );
    (graph, world)
}

fn given(principal: u32, name: &str, scope: u32) -> Assignment {
    Assignment {
        principal,
        role: role(name),
        scope,
        state: State::Active,
        follow: Follow::Nested,
    }
}

fn deny(whom: Whom, scope: u32, below: bool, actions: &[&str], not_actions: &[&str]) -> Deny {
    Deny {
        whom,
        except: Vec::new(),
        scope,
        below,
        blocks: vec![ActionBlock {
            actions: actions.iter().map(|action| (*action).into()).collect(),
            not_actions: not_actions.iter().map(|action| (*action).into()).collect(),
            ..ActionBlock::default()
        }],
        conditional: false,
    }
}

/// Who can restore from the vault, with their states.
fn restorers(graph: &Graph, world: &World, scope: u32) -> Vec<(u32, State)> {
    let ask = world.ask(&restore()).unwrap();
    let answer = world.who(graph, &Clusters::single(3), &ask, scope, Wish { below: false, paths: 5 });
    answer.standings.iter().map(|able| (able.cluster, able.state)).collect()
}

#[test]
fn an_assignment_is_good_on_all_that_lies_below_and_nowhere_else() {
    for (at, good) in [
        (ROOT, true),
        (PLATFORM, true),
        (PROD, true),
        (GROUP, true),
        (VAULT, true),
        (OTHER, false),
    ] {
        let (graph, world) = tenant(vec![given(0, "Backup Operator", at)], Vec::new());
        assert_eq!(
            restorers(&graph, &world, VAULT),
            if good { vec![(0, State::Active)] } else { Vec::new() },
            "assigned on {at}"
        );
    }
    let (graph, world) = tenant(vec![given(0, "Backup Reader", ROOT)], Vec::new());
    assert_eq!(restorers(&graph, &world, VAULT), []);
}

#[test]
fn nesting_is_followed_by_azure_and_not_by_app_roles() {
    let (graph, world) = tenant(vec![given(3, "Backup Operator", VAULT)], Vec::new());
    assert_eq!(restorers(&graph, &world, VAULT), [(1, State::Active), (2, State::Active)]);
    let direct = Assignment {
        follow: Follow::Direct,
        ..given(3, "Backup Operator", VAULT)
    };
    let (graph, world) = tenant(vec![direct], Vec::new());
    assert_eq!(restorers(&graph, &world, VAULT), [(2, State::Active), (1, State::NotFollowed)]);
}

#[test]
fn eligible_and_conditional_are_shown_as_such_and_a_better_way_wins() {
    let eligible = Assignment {
        state: State::Eligible,
        ..given(0, "Backup Operator", VAULT)
    };
    let conditional = Assignment {
        state: State::Conditional,
        ..given(0, "Owner", ROOT)
    };
    let (graph, world) = tenant(vec![eligible], Vec::new());
    assert_eq!(restorers(&graph, &world, VAULT), [(0, State::Eligible)]);
    let (graph, world) = tenant(vec![eligible, conditional], Vec::new());
    assert_eq!(restorers(&graph, &world, VAULT), [(0, State::Conditional)]);
    let (graph, world) = tenant(vec![eligible, conditional, given(0, "Contributor", PROD)], Vec::new());
    assert_eq!(restorers(&graph, &world, VAULT), [(0, State::Active)]);
}

#[test]
fn a_deny_goes_over_every_assignment() {
    let all = || Whom::Everybody;
    let owner = || vec![given(0, "Owner", ROOT), given(4, "Backup Operator", VAULT)];
    let both = |ann, bob| {
        let mut states = vec![(0, ann), (1, bob)];
        states.sort_by_key(|(_, state)| *state);
        states
    };
    use State::{Active, Conditional, Denied};
    let (first, second) = (RESTORE[0], "Microsoft.RecoveryServices/*");
    let except = |mut deny: Deny, node: u32| {
        deny.except.push(node);
        deny
    };
    let maybe = |mut deny: Deny| {
        deny.conditional = true;
        deny
    };
    let table = [
        (
            "everything, above, for all below",
            vec![deny(all(), PROD, true, &["*"], &[])],
            both(Denied, Denied),
        ),
        (
            "everything, above, not below",
            vec![deny(all(), PROD, false, &["*"], &[])],
            both(Active, Active),
        ),
        (
            "everything, on the vault itself",
            vec![deny(all(), VAULT, false, &["*"], &[])],
            both(Denied, Denied),
        ),
        (
            "on the vault beside it",
            vec![deny(all(), OTHER, true, &["*"], &[])],
            both(Active, Active),
        ),
        (
            "one way to restore of several",
            vec![deny(all(), PROD, true, &[first], &[])],
            both(Active, Active),
        ),
        (
            "everything but reading",
            vec![deny(all(), PROD, true, &["*"], &["*/read"])],
            both(Denied, Denied),
        ),
        (
            "everything but actions",
            vec![deny(all(), PROD, true, &["*"], &["*/action"])],
            both(Active, Active),
        ),
        (
            "half by each of two",
            vec![
                deny(all(), PROD, true, &[second], &[]),
                deny(all(), VAULT, true, &["Microsoft.DataProtection/*"], &[]),
            ],
            both(Denied, Denied),
        ),
        (
            "a group, by nesting",
            vec![deny(Whom::These(vec![3]), PROD, true, &["*"], &[])],
            both(Active, Denied),
        ),
        (
            "all but a group, by nesting",
            vec![except(deny(all(), PROD, true, &["*"], &[]), 3)],
            both(Denied, Active),
        ),
        (
            "all but ann",
            vec![except(deny(all(), PROD, true, &["*"], &[]), 0)],
            both(Active, Denied),
        ),
        (
            "under a condition",
            vec![maybe(deny(all(), PROD, true, &["*"], &[]))],
            both(Conditional, Conditional),
        ),
        (
            "under a condition, and without one",
            vec![
                maybe(deny(all(), PROD, true, &["*"], &[])),
                deny(Whom::These(vec![1]), PROD, true, &["*"], &[]),
            ],
            both(Conditional, Denied),
        ),
    ];
    for (what, denies, expected) in table {
        let (graph, world) = tenant(owner(), denies);
        assert_eq!(restorers(&graph, &world, VAULT), expected, "{what}");
    }
}

#[test]
fn without_a_question_a_role_is_denied_only_when_nothing_is_left() {
    let table = [
        ("Reader", vec!["*"], vec![], Some(Extent::All)),
        ("Reader", vec!["*/read"], vec![], Some(Extent::All)),
        ("Reader", vec!["*"], vec!["*/read"], None),
        ("Reader", vec!["Microsoft.Compute/*"], vec![], Some(Extent::Part)),
        ("Owner", vec!["*"], vec!["*/read"], Some(Extent::Part)),
        ("Owner", vec!["*"], vec![], Some(Extent::All)),
        // What the deny leaves, the role does not permit either.
        ("Contributor", vec!["*"], vec!["Microsoft.Authorization/*/write"], Some(Extent::All)),
        ("Contributor", vec!["Microsoft.Authorization/*/write"], vec![], None),
        ("Backup Operator", vec!["Microsoft.RecoveryServices/*"], vec![], Some(Extent::Part)),
    ];
    for (name, actions, not_actions, expected) in table {
        let (graph, world) = tenant(
            vec![given(0, name, VAULT)],
            vec![deny(Whom::Everybody, PROD, true, &actions, &not_actions)],
        );
        let holdings = world.effective(&graph, &[0], None);
        let extent = holdings[0].reasons().iter().find_map(|reason| match reason {
            Reason::Deny { deny: 0, extent } => Some(*extent),
            _ => None,
        });
        assert_eq!(extent, expected, "{name} under {actions:?} without {not_actions:?}");
        let state = if expected == Some(Extent::All) {
            State::Denied
        } else {
            State::Active
        };
        assert_eq!(holdings[0].state, state);
    }
    // A deny on a part of what the role is good on is named, and takes nothing of the rest.
    let (graph, world) = tenant(vec![given(0, "Owner", PROD)], vec![deny(Whom::Everybody, VAULT, true, &["*"], &[])]);
    let holdings = world.effective(&graph, &[0], None);
    assert_eq!(
        (holdings[0].state, holdings[0].reasons()),
        (
            State::Active,
            &[Reason::Deny {
                deny: 0,
                extent: Extent::Below
            }][..]
        )
    );
}

#[test]
fn principals_and_roles_that_nobody_knows_are_told_apart() {
    let (graph, _) = tenant(Vec::new(), Vec::new());
    let mut roles: Vec<Role> = built_in().into_iter().map(|(_, permits)| Role { permits }).collect();
    roles.push(Role { permits: Permits::Unknown });
    let unread = Assignment {
        role: roles.len() as u32 - 1,
        ..given(0, "Owner", PROD)
    };
    let world = World::new(
        &graph,
        Facts {
            roles,
            scopes: scopes(),
            assignments: vec![given(5, "Owner", ROOT), unread, given(1, "Backup Reader", VAULT)],
            denies: Vec::new(),
        },
    );
    let ask = world.ask(&restore()).unwrap();
    let answer = world.who(&graph, &Clusters::single(3), &ask, VAULT, Wish { below: false, paths: 5 });
    assert_eq!(
        (answer.standings.len(), &answer.unknown_principals[..], &answer.unknown_roles[..]),
        (0, &[0][..], &[1][..])
    );
    assert!(world.effective(&graph, &[0], None)[0].reasons().contains(&Reason::Unknown));
}

#[test]
fn a_question_has_bounds() {
    let (_, world) = tenant(Vec::new(), Vec::new());
    assert!(world.ask(&[]).unwrap_err().to_string().contains("no action"));
    let many: Vec<Action> = (0..65).map(|at| control(&format!("a/{at}"))).collect();
    assert!(world.ask(&many).unwrap_err().to_string().contains("65"));
    assert!(world.ask(&many[1..]).is_ok());
}
