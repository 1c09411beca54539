//! Random worlds, asked every question.

use std::collections::{BTreeMap, BTreeSet};

use lanyard_access::permits::Action;
use lanyard_access::world::{ActionBlock, Assignment, Deny, Edge, Effect, Facts, Follow, Permits, Policy, Role, Scope, State, Whom};
use lanyard_access::{Clusters, Extent, Graph, Memberships, People, Reason, Wish, World};
use proptest::prelude::*;

use crate::slow::{ACCOUNTS, DANGLING, GROUPS, NODES, Slow, Way, blocks_permit};

/// Every action that there is in these worlds.
const ACTIONS: [&str; 6] = ["X/a/read", "X/a/write", "X/a/b/delete", "Y/read", "Y/c/write", "Y/c/delete"];

const PATTERNS: [&str; 9] = [
    "*",
    "x/*",
    "*/read",
    "X/a/*",
    "y/c/*",
    "*/delete",
    "x/a/read",
    "Y/*/write",
    "nothing/*",
];

fn patterns(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(&PATTERNS[..]).prop_map(String::from), 0..=most)
}

fn blocks(most: usize) -> impl Strategy<Value = Vec<ActionBlock>> {
    prop::collection::vec(
        (patterns(2), patterns(1)).prop_map(|(actions, not_actions)| ActionBlock {
            actions,
            not_actions,
            ..ActionBlock::default()
        }),
        1..=most,
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    let effect = prop_oneof![4 => Just(Effect::Allow), 2 => Just(Effect::Deny), 1 => Just(Effect::Conditional)];
    (
        prop::sample::select(&["cat.del", "cat", "other"][..]),
        prop::sample::select(&["read", "delete"][..]),
        effect,
    )
        .prop_map(|(permission, action, effect)| Policy {
            permission: permission.into(),
            action: action.into(),
            effect,
        })
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![
        5 => blocks(2).prop_map(Permits::Actions),
        4 => prop::collection::vec(policy(), 1..4).prop_map(Permits::Policies),
        1 => Just(Permits::All),
        1 => Just(Permits::Name),
        1 => Just(Permits::Unknown),
    ]
    .prop_map(|permits| Role { permits })
}

fn assignment() -> impl Strategy<Value = Assignment> {
    let state = prop_oneof![4 => Just(State::Active), 1 => Just(State::Conditional), 1 => Just(State::Eligible)];
    let follow = prop_oneof![3 => Just(Follow::Nested), 1 => Just(Follow::Direct)];
    (0..NODES + 1, 0u32..6, 0u32..6, state, follow).prop_map(|(principal, role, scope, state, follow)| Assignment {
        principal,
        role,
        scope,
        state,
        follow,
    })
}

fn deny() -> impl Strategy<Value = Deny> {
    let principals = || prop::collection::vec(0..NODES, 0..3);
    let whom = prop_oneof![1 => Just(Whom::Everybody), 3 => principals().prop_map(Whom::These)];
    (whom, principals(), 0u32..5, any::<bool>(), blocks(1), prop::bool::weighted(0.25)).prop_map(
        |(whom, except, scope, below, blocks, conditional)| Deny {
            whom,
            except,
            scope,
            below,
            blocks,
            conditional,
        },
    )
}

prop_compose! {
    pub fn world()(
        edges in prop::collection::btree_set((ACCOUNTS..ACCOUNTS + GROUPS, 0..NODES), 0..22),
        roles in prop::collection::vec(role(), 5),
        parents in prop::collection::vec(prop::option::of(any::<u32>()), 5),
        assignments in prop::collection::vec(assignment(), 0..9),
        denies in prop::collection::vec(deny(), 0..4),
    ) -> (BTreeSet<(u32, u32)>, Facts) {
        // A scope lies in one before it: circles are tried apart.
        let scopes = parents.iter().zip(0u32..).map(|(parent, at)| Scope { parent: parent.filter(|_| at > 0).map(|parent| parent % at.max(1)) }).collect();
        // A group is no member of itself here; the graph's own tests have that.
        let edges = edges.into_iter().filter(|(group, member)| group != member).collect();
        (edges, Facts { roles, scopes, assignments, denies })
    }
}

pub fn graph(edges: &BTreeSet<(u32, u32)>) -> Graph {
    let mut list = Memberships::default();
    for (group, member) in edges {
        list.push(group - ACCOUNTS, *member);
    }
    Graph::new(ACCOUNTS, GROUPS, DANGLING, list)
}

fn asked() -> impl Strategy<Value = Vec<Action>> {
    let permission = (
        prop::sample::select(&["cat.del", "cat"][..]),
        any::<bool>(),
        prop::option::of(prop::sample::select(&["read", "delete"][..])),
    )
        .prop_map(|(name, kind, action)| Action::Permission {
            name: name.into(),
            resource_type: kind.then(|| "cat".into()),
            action: action.map(String::from),
        });
    prop::collection::vec(
        prop_oneof![
            3 => prop::sample::select(&ACTIONS[..]).prop_map(|name| Action::Control(name.into())),
            1 => permission,
        ],
        1..4,
    )
}

fn sorted(mut ways: Vec<Way>) -> Vec<Way> {
    ways.sort();
    ways
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn effective_access_is_what_every_way_gives((edges, facts) in world(), asked in asked(), account in 0..ACCOUNTS, second in 0..ACCOUNTS) {
        let graph = graph(&edges);
        let world = World::new(&graph, facts.clone());
        let slow = Slow { facts: &facts, edges };
        let accounts = BTreeSet::from([account, second]).into_iter().collect::<Vec<_>>();
        let ask = world.ask(&asked).unwrap();
        let found = world.effective(&graph, &accounts, Some(&ask));
        let given: BTreeMap<_, _> = found.iter().map(|holding| ((holding.role, holding.scope), (holding.state, holding.paths))).collect();
        prop_assert_eq!(given.len(), found.len(), "each holding once");
        prop_assert_eq!(&given, &slow.holdings(&accounts, &asked));
        for holding in &found {
            let ways = slow.all_paths(holding.best.nodes[0]);
            prop_assert!(ways.contains(&(holding.best.nodes.clone(), holding.best.assignment)));
            prop_assert_eq!(slow.state(&holding.best.nodes, holding.best.assignment, &asked, None), Some(holding.state));
            prop_assert!(!holding.more_paths);
        }
    }

    #[test]
    fn all_ways_are_found_shortest_first((edges, facts) in world(), asked in asked(), account in 0..ACCOUNTS, scope in 0u32..5, limit in 1usize..6) {
        let graph = graph(&edges);
        let world = World::new(&graph, facts.clone());
        let slow = Slow { facts: &facts, edges };
        let ask = world.ask(&asked).unwrap();
        let here = slow.ancestors(scope);
        let wanted = |at: u32| here.contains(&facts.assignments[at as usize].scope);
        let found = world.paths(&graph, &[account], Some(&ask), Some(scope), 10_000, wanted);
        prop_assert!(!found.more);
        prop_assert!(found.paths.windows(2).all(|pair| pair[0].nodes.len() <= pair[1].nodes.len()));
        let ways = found.paths.iter().map(|path| (path.nodes.clone(), path.assignment, path.state)).collect();
        prop_assert_eq!(sorted(ways), sorted(slow.ways_to(account, &asked, scope)));
        let few = world.paths(&graph, &[account], Some(&ask), Some(scope), limit, wanted);
        prop_assert_eq!(&few.paths[..], &found.paths[..limit.min(found.paths.len())]);
        prop_assert_eq!(few.more, found.paths.len() > limit);
        // Why: the same ways, for one role.
        for role in 0..5 {
            let why = world.why(&graph, &[account], role, Some(scope), 10_000);
            let expected: BTreeSet<_> = slow.all_paths(account).into_iter()
                .filter(|(_, at)| facts.assignments[*at as usize].role == role && wanted(*at)).collect();
            prop_assert_eq!(why.paths.len(), expected.len());
            prop_assert_eq!(why.paths.into_iter().map(|path| (path.nodes, path.assignment)).collect::<BTreeSet<_>>(), expected);
        }
    }

    #[test]
    fn what_is_kept_of_groups_answers_as_a_walk_does((edges, facts) in world(), account in 0..NODES, second in 0..NODES, room in 0usize..20, role in 0u32..5) {
        let graph = graph(&edges);
        let (kept, part, walked) = (World::new(&graph, facts.clone()), World::with_room(&graph, facts.clone(), room), World::with_room(&graph, facts, 0));
        let accounts = [account, second];
        let told = kept.effective(&graph, &accounts, None);
        let held: Vec<_> = told.iter().map(|holding| (holding.role, holding.scope, holding.state)).collect();
        let why = kept.why(&graph, &accounts, role, None, 10_000);
        for world in [&kept, &part, &walked] {
            prop_assert_eq!(&world.effective(&graph, &accounts, None), &told);
            prop_assert_eq!(&world.held(&graph, &accounts), &held);
            prop_assert_eq!(&world.why(&graph, &accounts, role, None, 10_000), &why);
        }
    }

    #[test]
    fn who_can_names_all_and_nobody_else((edges, facts) in world(), asked in asked(), scope in 0u32..5, halves in any::<bool>()) {
        let graph = graph(&edges);
        let world = World::new(&graph, facts.clone());
        let slow = Slow { facts: &facts, edges };
        let ask = world.ask(&asked).unwrap();
        let clusters = if halves { pairs() } else { Clusters::single(ACCOUNTS) };
        let answer = world.who(&graph, &clusters, &ask, scope, Wish { below: false, paths: 10_000 });
        let all: Vec<_> = answer.able(&clusters).collect();
        prop_assert_eq!(all.iter().map(|able| (able.state, able.cluster)).collect::<Vec<_>>(),
            answer.standings.iter().map(|standing| (standing.state, standing.cluster)).collect::<Vec<_>>());
        prop_assert!(all.windows(2).all(|pair| (pair[0].state, pair[0].cluster) < (pair[1].state, pair[1].cluster)));
        for able in &all {
            prop_assert!(able.paths.windows(2).all(|pair| pair[0].nodes.len() <= pair[1].nodes.len()));
            // The reasons are those of a path as good as the best.
            prop_assert!(able.paths.iter().any(|path| path.state == able.state && path.reasons == able.reasons));
        }
        let given: BTreeMap<_, _> = all.iter().map(|able| {
            (able.cluster, (able.state, sorted(able.paths.iter().map(|path| (path.nodes.clone(), path.assignment, path.state)).collect())))
        }).collect();
        let expected: BTreeMap<_, _> = (0..clusters.len()).filter_map(|cluster| {
            let ways = sorted(clusters.members(cluster).iter().flat_map(|account| slow.ways_to(*account, &asked, scope)).collect());
            Some((cluster, (ways.iter().map(|way| way.2).min()?, ways)))
        }).collect();
        prop_assert_eq!(given, expected);
        let here = slow.ancestors(scope);
        let on = |at: &u32| slow.valid(*at) && here.contains(&facts.assignments[*at as usize].scope);
        let count = facts.assignments.len() as u32;
        let unread: Vec<u32> = (0..count).filter(on).filter(|at| facts.roles[facts.assignments[*at as usize].role as usize].permits == Permits::Unknown).collect();
        prop_assert_eq!(answer.unknown_roles, unread);
        let lost: Vec<u32> = (0..count).filter(on).filter(|at| {
            let given = &facts.assignments[*at as usize];
            given.principal >= ACCOUNTS + GROUPS && ask.permits(given.role)
        }).collect();
        prop_assert_eq!(answer.unknown_principals, lost);
        // With what lies below: nobody falls away, and those that come only by it say so.
        let wide = world.who(&graph, &clusters, &ask, scope, Wish { below: true, paths: 10_000 });
        let wide: Vec<_> = wide.able(&clusters).collect();
        for able in &wide {
            let narrow = all.iter().find(|other| other.cluster == able.cluster);
            prop_assert_eq!(able.only_below, narrow.is_none());
            let inner = able.paths.iter().filter(|path| !here.contains(&facts.assignments[path.assignment as usize].scope));
            for path in inner {
                let own = facts.assignments[path.assignment as usize].scope;
                prop_assert!(slow.ancestors(own).contains(&scope));
                prop_assert_eq!(slow.state(&path.nodes, path.assignment, &asked, Some(own)), Some(path.state));
            }
        }
        prop_assert!(all.iter().all(|able| wide.iter().any(|other| other.cluster == able.cluster && other.state <= able.state)));
    }

    #[test]
    fn without_edges_is_a_world_without_them(
        (edges, facts) in world(), picks in prop::collection::vec((any::<prop::sample::Index>(), 0u8..3), 1..4), halves in any::<bool>()
    ) {
        let all = graph(&edges);
        let world = World::new(&all, facts.clone());
        let (mut fewer, mut less) = (edges.clone(), facts.clone());
        let cut: Vec<Edge> = picks.iter().map(|(pick, what)| match what {
            0 if !edges.is_empty() => {
                let (group, member) = *pick.get(&edges.iter().copied().collect::<Vec<_>>());
                fewer.remove(&(group, member));
                Edge::Member { group, member }
            }
            1 if !facts.assignments.is_empty() => {
                let at = pick.index(facts.assignments.len());
                less.assignments[at].principal = u32::MAX;
                Edge::Assignment(at as u32)
            }
            _ => {
                let group = ACCOUNTS + pick.index(GROUPS as usize) as u32;
                fewer.retain(|(of, _)| *of != group);
                Edge::Emptied(group)
            }
        }).collect();
        let clusters = if halves { pairs() } else { Clusters::single(ACCOUNTS) };
        let then = graph(&fewer);
        let after = World::new(&then, less);
        let answer = world.without(&all, &clusters, &cut, 1000);
        let mut changes = BTreeMap::new();
        for change in answer.losses.iter().chain(&answer.gains) {
            prop_assert!(changes.insert((change.cluster, change.role, change.scope), (change.before, change.after)).is_none());
        }
        let mut expected = BTreeMap::new();
        let mut same = BTreeMap::new();
        for cluster in 0..clusters.len() {
            let states = |world: &World, graph: &Graph| world.effective(graph, clusters.members(cluster), None).into_iter()
                .map(|holding| ((holding.role, holding.scope), holding.state)).collect::<BTreeMap<_, _>>();
            let (now, left) = (states(&world, &all), states(&after, &then));
            for ((role, scope), state) in now {
                let then = left.get(&(role, scope)).copied();
                if then == Some(state) {
                    same.insert((cluster, role, scope), state);
                } else {
                    expected.insert((cluster, role, scope), (state, then));
                }
            }
        }
        prop_assert_eq!(&changes, &expected);
        prop_assert!(answer.losses.iter().all(|change| !change.is_gain()) && answer.gains.iter().all(lanyard_access::Change::is_gain));
        prop_assert_eq!((answer.losses_total as usize, answer.gains_total as usize), (answer.losses.len(), answer.gains.len()));
        prop_assert_eq!(answer.losers as usize, answer.losses.iter().map(|change| change.cluster).collect::<BTreeSet<_>>().len());
        let few = world.without(&all, &clusters, &cut, 1);
        prop_assert_eq!((few.losses_total, few.gains_total, few.kept_total), (answer.losses_total, answer.gains_total, answer.kept_total));
        // What is kept is unchanged, and its way does not lead over the edge. What has a way over the edge and is unchanged is kept.
        for kept in &answer.kept {
            prop_assert_eq!(same.get(&(kept.cluster, kept.role, kept.scope)), Some(&kept.state));
            let path = &kept.path;
            prop_assert_eq!(path.state, kept.state);
            let left = Slow { facts: &facts, edges: fewer.clone() };
            prop_assert!(left.all_paths(path.nodes[0]).contains(&(path.nodes.clone(), path.assignment)) && !cut.contains(&Edge::Assignment(path.assignment)));
        }
        let slow = Slow { facts: &facts, edges };
        for account in 0..ACCOUNTS {
            for (way, at) in slow.all_paths(account) {
                let over = cut.iter().any(|edge| match edge {
                    Edge::Member { group, member } => way.windows(2).any(|hop| hop == [*member, *group]),
                    Edge::Emptied(group) => way[1..].contains(group),
                    Edge::Assignment(gone) => *gone == at,
                });
                let given = &facts.assignments[at as usize];
                let key = (clusters.of(account), given.role, given.scope);
                if over && same.contains_key(&key) {
                    prop_assert!(answer.kept.iter().any(|kept| (kept.cluster, kept.role, kept.scope) == key));
                }
            }
        }
    }

    #[test]
    fn a_deny_without_a_question_says_no_more_than_is_sure((edges, facts) in world(), account in 0..ACCOUNTS) {
        let graph = graph(&edges);
        let world = World::new(&graph, facts.clone());
        let slow = Slow { facts: &facts, edges };
        let denies = slow.denies(account);
        for holding in world.effective(&graph, &[account], None) {
            let Permits::Actions(own) = &facts.roles[holding.role as usize].permits else { continue };
            let may: Vec<&str> = ACTIONS.into_iter().filter(|action| blocks_permit(own, action)).collect();
            for at in &denies {
                let deny = &facts.denies[*at];
                let here = deny.scope == holding.scope || (deny.below && slow.ancestors(holding.scope).contains(&deny.scope));
                let inside = slow.ancestors(deny.scope).contains(&holding.scope);
                let taken = may.iter().filter(|action| blocks_permit(&deny.blocks, action)).count();
                let named = holding.reasons().iter().find_map(|reason| match reason {
                    Reason::Deny { deny, extent } if *deny as usize == *at => Some(*extent),
                    _ => None,
                });
                if taken > 0 && (here || inside) {
                    prop_assert!(named.is_some(), "a deny that takes something is named");
                }
                match named {
                    Some(Extent::All) => prop_assert!(here && !deny.conditional && taken == may.len()),
                    Some(Extent::Part) => prop_assert!(here && !deny.conditional),
                    Some(Extent::Below) => prop_assert!(!here && inside),
                    Some(Extent::Condition) => prop_assert!(here && deny.conditional),
                    None => {}
                }
            }
            let all = holding.reasons().iter().any(|reason| matches!(reason, Reason::Deny { extent: Extent::All, .. }));
            prop_assert_eq!(holding.state == State::Denied, all && holding.state != State::NotFollowed);
        }
    }

    #[test]
    fn people_are_counted_as_members_are((edges, facts) in world(), order in Just((0..GROUPS).collect::<Vec<u32>>()).prop_shuffle()) {
        let graph = graph(&edges);
        let world = World::new(&graph, facts.clone());
        let slow = Slow { facts: &facts, edges: edges.clone() };
        let kept = People::default();
        let people = kept.over(&graph, |account| account / 2);
        for group in order {
            let node = ACCOUNTS + group;
            let nested: BTreeSet<u32> = (0..ACCOUNTS).filter(|account| slow.is_in(*account, node)).map(|account| account / 2).collect();
            prop_assert_eq!(people.nested(group).iter().collect::<BTreeSet<_>>(), nested);
            let direct: BTreeSet<u32> = (0..ACCOUNTS).filter(|account| edges.contains(&(node, *account))).map(|account| account / 2).collect();
            prop_assert_eq!(people.direct(group).iter().collect::<BTreeSet<_>>(), direct);
            let cells = world.roles_of_group(&graph, group);
            let mut expected: BTreeMap<u32, (bool, bool, BTreeSet<u32>)> = BTreeMap::new();
            for (way, at) in slow.all_paths(node) {
                let cell = expected.entry(facts.assignments[at as usize].role).or_default();
                cell.0 |= way.len() == 1;
                cell.1 |= way.len() > 1;
                cell.2.insert(at);
            }
            let given: BTreeMap<_, _> = cells.into_iter().map(|(role, cell)| {
                (role, (cell.direct.is_some(), cell.inherited.is_some(), cell.assignments.into_iter().collect::<BTreeSet<_>>()))
            }).collect();
            prop_assert_eq!(given, expected);
        }
        let reach = world.reach(&graph);
        for (given, at) in facts.assignments.iter().zip(0u32..) {
            let direct = (0..ACCOUNTS).filter(|account| given.principal == *account || edges.contains(&(given.principal, *account))).count();
            let all = (0..ACCOUNTS).filter(|account| slow.is_in(*account, given.principal)).count();
            prop_assert_eq!((reach[at as usize].direct as usize, (reach[at as usize].direct + reach[at as usize].nested) as usize), (direct, all));
            if slow.valid(at) {
                let holders: BTreeSet<u32> = (0..ACCOUNTS).filter(|account| slow.all_paths(*account).iter()
                    .any(|(way, to)| *to == at && (given.follow == Follow::Nested || way.len() <= 2))).map(|account| account / 2).collect();
                prop_assert_eq!(people.of(given.principal, given.follow).unwrap_or_default().iter().collect::<BTreeSet<_>>(), holders);
            }
        }
    }

    #[test]
    fn scopes_in_circles_are_a_tree_all_the_same(parents in prop::collection::vec(prop::option::of(0u32..9), 0..8)) {
        let facts = Facts { scopes: parents.iter().map(|parent| Scope { parent: *parent }).collect(), ..Facts::default() };
        let world = World::new(&Graph::default(), facts);
        let scopes = world.scopes();
        for scope in 0..parents.len() as u32 {
            let up: Vec<u32> = scopes.upwards(scope).collect();
            prop_assert_eq!(up.iter().collect::<BTreeSet<_>>().len(), up.len());
            // Only a circle, or a scope that is not there, takes a parent away.
            if scopes.parent(scope).is_none() && let Some(parent) = parents[scope as usize].filter(|parent| (*parent as usize) < parents.len()) {
                let mut at = parent;
                let mut back = at == scope;
                for _ in 0..parents.len() {
                    back |= at == scope;
                    at = parents[at as usize].filter(|next| (*next as usize) < parents.len()).unwrap_or(at);
                }
                prop_assert!(back, "{} lost its parent", scope);
            }
            for other in 0..parents.len() as u32 {
                prop_assert_eq!(scopes.holds(other, scope), up.contains(&other));
                prop_assert_eq!(scopes.below(other).contains(&scope), up[1..].contains(&other));
            }
        }
    }
}

/// Accounts 0 and 1 are one identity, and so are 2 and 3.
fn pairs() -> Clusters {
    use lanyard_access::{Key, Rule, Step, Subjects, correlate};
    struct Two;
    impl Subjects for Two {
        fn count(&self) -> u32 {
            ACCOUNTS
        }
        fn rank(&self, subject: u32) -> u32 {
            subject % 2
        }
        fn key<'k>(&'k self, subject: u32, _: Key, scratch: &'k mut String) -> Option<&'k str> {
            *scratch = (subject / 2).to_string();
            Some(scratch)
        }
    }
    let step = Step {
        rule: Rule::UserName,
        leading: Key::UserName,
        others: Key::UserName,
    };
    correlate(&Two, &[step])
}
