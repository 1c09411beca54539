//! What one identity can do, why it has a role, who can do something, and what goes without an edge, at 1,000,000 accounts, 50,000 nested groups, 5,000,000 memberships and 10,000
//! assignments: the access graph against recursive queries over the same rows in the same kind of encrypted file.
//!
//! Both sides are asked of another identity each time, and both give the whole answer, which is compared.

mod rows;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Instant;

use lanyard_access::permits::Action;
use lanyard_access::world::{ActionBlock, Assignment, Deny, Edge, Facts, Follow, Permits, Role, Scope, State, Whom};
use lanyard_access::{Clusters, Graph, Memberships, Wish, World};
use rows::Rows;

use crate::company::{self, mixed};
use crate::filled::MANY;
use crate::{Figure, p95};

const ASSIGNMENTS: usize = 10_000;
const ROLES: usize = 200;
const SCOPES: usize = 2_000;
const DENIES: usize = 50;
/// Identities that are asked about, spread over all.
const ASKED: usize = 400;
/// Paths that are wanted of a role, as many as the engine tells.
const PATHS: usize = 24;
/// Assignments whose holders are asked for, and which are taken away.
const HELD: usize = 40;

/// Groups that a group holds by the company's order: teams in departments in divisions, six levels in all.
const TEAMS: usize = 8;

/// Group and member, both as nodes: accounts first, then groups. Groups lie in each other as a company is ordered; besides, one in ten lies
/// in the one before it, one in a hundred in one a little above.
fn memberships() -> impl Iterator<Item = (u32, u32)> {
    let node = |group: usize| (MANY.users + group) as u32;
    (0..MANY.groups).flat_map(move |group| {
        let accounts: BTreeSet<usize> = company::member_numbers(group, MANY).collect();
        let next = (group % 10 == 1 && group + 1 < MANY.groups).then(|| node(group + 1));
        let below = (group.is_multiple_of(100) && group > 0).then(|| node(group + 3).min(node(MANY.groups - 1)));
        let accounts = accounts.into_iter().map(|account| account as u32);
        let teams = (group * TEAMS + 1..=group * TEAMS + TEAMS)
            .filter(|team| *team < MANY.groups)
            .map(node);
        let nested: BTreeSet<u32> = next.into_iter().chain(below).chain(teams).collect();
        accounts.chain(nested).map(move |member| (node(group), member))
    })
}

/// The group, as a node, that half of all are in; it comes after the others.
const HALF: u32 = (MANY.users + MANY.groups) as u32;

/// The members of [`HALF`].
fn half() -> impl Iterator<Item = (u32, u32)> {
    (0..MANY.users as u32).step_by(2).map(|account| (HALF, account))
}

/// The action that a role permits, and no other role.
fn action(role: impl std::fmt::Display) -> String {
    format!("Halcyon.Bench/role{role}/act")
}

/// One assignment in ten is an account's own, the rest go to groups. Some can only be activated, some hold under a condition, and some are
/// for direct members only.
fn assignments() -> Vec<Assignment> {
    let given = |number: usize| {
        let random = mixed(number + 1_000_003) as usize;
        let principal = if number.is_multiple_of(10) {
            random % MANY.users
        } else {
            MANY.users + random % MANY.groups
        };
        Assignment {
            principal: principal as u32,
            role: (random / 7 % ROLES) as u32,
            scope: (random / 11 % SCOPES) as u32,
            state: match number % 25 {
                3 => State::Eligible,
                7 => State::Conditional,
                _ => State::Active,
            },
            follow: if number % 10 == 9 { Follow::Direct } else { Follow::Nested },
        }
    };
    let of_half = Assignment {
        principal: HALF,
        role: ROLES as u32,
        scope: 0,
        state: State::Active,
        follow: Follow::Nested,
    };
    (0..ASSIGNMENTS).map(given).chain([of_half]).collect()
}

/// Roles with an action each, all scopes in the first one, and denies for some groups with exceptions: of everything or of one role's
/// action, some under a condition.
fn facts(given: &[Assignment]) -> Facts {
    let block = |action: String| ActionBlock {
        actions: vec![action],
        ..ActionBlock::default()
    };
    let group = |number: usize| (MANY.users + mixed(number) as usize % MANY.groups) as u32;
    Facts {
        roles: (0..=ROLES)
            .map(|role| Role {
                permits: Permits::Actions(vec![block(action(role))]),
            })
            .collect(),
        scopes: (0..SCOPES)
            .map(|scope| Scope {
                parent: (scope > 0).then_some(0),
            })
            .collect(),
        assignments: given.to_vec(),
        denies: (0..DENIES)
            .map(|number| Deny {
                whom: Whom::These(vec![group(number + 77)]),
                except: vec![group(number + 777)],
                // Every other one on all that there is.
                scope: if number % 2 == 0 { 0 } else { (number * 40) as u32 },
                below: true,
                blocks: vec![block(if number % 3 == 2 { action(number) } else { "*".into() })],
                conditional: number % 4 == 2,
            })
            .collect(),
    }
}

fn graph() -> Graph {
    let mut edges = Memberships::default();
    for (group, member) in memberships().chain(half()) {
        edges.push(group - MANY.users as u32, member);
    }
    Graph::new(MANY.users as u32, MANY.groups as u32 + 1, 0, edges)
}

/// Half of those asked about are members of groups that hold something, so that there is something to find.
/// Others in each round.
fn asked(graph: &Graph, given: &[Assignment], round: usize) -> Vec<u32> {
    (round * ASKED..(round + 1) * ASKED)
        .map(|number| {
            let held = given[mixed(number) as usize % given.len()].principal;
            let members = graph.group_ordinal(held).map(|group| graph.member_accounts(group));
            match members.and_then(|members| members.first()) {
                Some(member) if number.is_multiple_of(2) => *member,
                _ => (mixed(number + 5) % MANY.users as u64) as u32,
            }
        })
        .collect()
}

/// Fills the processor's caches with something else, so that nobody's rows lie there from before.
fn sweep() {
    let filler = vec![1u8; 64 << 20];
    std::hint::black_box(filler.iter().map(|byte| u64::from(*byte)).sum::<u64>());
}

/// A question, with its seconds.
fn timed<T>(times: &mut Vec<f64>, ask: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let answer = ask();
    times.push(started.elapsed().as_secs_f64());
    answer
}

/// The figure of one question, asked of all these. Each side is asked in a round of its own, of another identity each time, after a
/// sweep: so it has its own code at hand, and nobody's rows. What we take straight after a query, which leaves little of ours in the
/// processor's caches, is told beside.
fn figure<A: Copy, O, T>(
    what: &str,
    asked: &[A],
    rows: &(Rows, Rows),
    ours: impl Fn(A) -> O,
    theirs: impl Fn(&Rows, A) -> T,
    compare: impl Fn(A, &O, &T),
) -> Figure {
    let (mut own, mut after, mut cache, mut memory) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let round = |rows: &Rows, times: &mut Vec<f64>| -> Vec<T> {
        sweep();
        asked.iter().map(|one| timed(times, || theirs(rows, *one))).collect()
    };
    let answers = [round(&rows.0, &mut cache), round(&rows.1, &mut memory)];
    sweep();
    for (one, number) in asked.iter().zip(0..) {
        let answer = timed(&mut own, || ours(*one));
        for theirs in &answers {
            compare(*one, &answer, &theirs[number]);
        }
    }
    for one in asked {
        theirs(&rows.1, *one);
        timed(&mut after, || ours(*one));
    }
    let [own, after, cache, memory] = [own, after, cache, memory].map(p95);
    Figure {
        name: "access",
        what: format!("{what} at 1,000,000: recursive query / Lanyard, p95"),
        value: cache / own,
        target: 50.0,
        at_most: false,
        from: format!(
            "{:.1} µs / {:.2} µs, over {ASKED} identities; with all pages decrypted in memory the query takes {:.1} µs = {:.1} ×; straight after a query ours takes {:.2} µs",
            cache * 1e6,
            own * 1e6,
            memory * 1e6,
            memory / own,
            after * 1e6
        ),
    }
}

/// Measures the figures; what both sides find is compared.
pub fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    let given = assignments();
    let facts = facts(&given);
    let rows = rows::write(folder.path(), &facts, memberships().chain(half()));
    let graph = graph();
    let world = World::new(&graph, facts);
    rows.1.read_all();
    let states = RefCell::new(BTreeSet::new());
    let held = figure(
        "effective access of one identity",
        &asked(&graph, &given, 0),
        &rows,
        |account| world.held(&graph, &[account]),
        Rows::held,
        |account, ours, theirs| {
            assert_eq!(ours, theirs, "account {account}");
            states.borrow_mut().extend(ours.iter().map(|(.., state)| *state));
        },
    );
    assert!(states.borrow().len() == 5, "some state never comes up: {:?}", states.borrow());
    let ways = figure(
        "the same with the number of ways and the shortest",
        &asked(&graph, &given, 1),
        &rows,
        |account| world.effective(&graph, &[account], None),
        Rows::ways,
        |account, ours, theirs| {
            let ours = ours
                .iter()
                .map(|one| (one.role, one.scope, one.state, one.paths, one.best.nodes.len()));
            let theirs = theirs
                .iter()
                .map(|(role, scope, state, ways, way)| (*role, *scope, *state, *ways, way.len()));
            assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<_>>(), "account {account}");
        },
    );
    let role = |account: u32| world.held(&graph, &[account]).first().map(|(role, ..)| (account, *role));
    let roles: Vec<(u32, u32)> = asked(&graph, &given, 2)
        .into_iter()
        .map(|account| role(account).unwrap_or((account, 0)))
        .collect();
    let why = figure(
        "why has X role Y",
        &roles,
        &rows,
        |(account, role)| world.why(&graph, &[account], role, None, PATHS),
        |rows, (account, role)| rows.why(account, role, PATHS),
        |one, ours, theirs| {
            let ours: Vec<rows::Way> = ours
                .paths
                .iter()
                .map(|path| (path.nodes.clone(), path.assignment, path.state))
                .collect();
            let lengths = |ways: &[rows::Way]| ways.iter().map(|(way, ..)| way.len()).collect::<Vec<_>>();
            assert_eq!(lengths(&ours), lengths(theirs), "account and role {one:?}");
            // Of ways of the same length, either side may leave out others where there are too many.
            let set = |ways: &[rows::Way]| ways.iter().cloned().collect::<BTreeSet<_>>();
            assert!(theirs.len() == PATHS || set(&ours) == set(theirs), "account and role {one:?}");
        },
    );
    let mut figures = vec![held, ways, why];
    figures.extend(holders(&world, &graph, &rows.1, &given));
    figures
}

/// Milliseconds, the slowest of some.
fn slowest(seconds: &[f64]) -> f64 {
    seconds.iter().copied().fold(0.0, f64::max) * 1e3
}

/// Who can, by hundreds and by half of all, and what goes without an assignment or without all members of a group.
fn holders(world: &World, graph: &Graph, rows: &Rows, given: &[Assignment]) -> Vec<Figure> {
    let clusters = Clusters::single(MANY.users as u32);
    let (mut few, mut all, mut slow, mut slow_all) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut gone, mut gone_all) = (Vec::new(), Vec::new());
    let picked: Vec<u32> = (0..HELD).map(|number| (mixed(number) % ASSIGNMENTS as u64) as u32).collect();
    for at in picked.into_iter().chain([ASSIGNMENTS as u32]) {
        let one = &given[at as usize];
        let of_half = one.principal == HALF;
        let started = Instant::now();
        let ask = world.ask(&[Action::Control(action(one.role))]).expect("a question");
        let wish = Wish {
            below: false,
            paths: PATHS,
        };
        let found = world.who(graph, &clusters, &ask, one.scope, wish);
        let shown = found.able(&clusters).take(100).count();
        if of_half { &mut all } else { &mut few }.push(started.elapsed().as_secs_f64());
        assert!(shown > 0);
        let started = Instant::now();
        let theirs = rows.count_holders(one.role, one.scope, MANY.users as u32);
        if of_half { &mut slow_all } else { &mut slow }.push(started.elapsed().as_secs_f64());
        assert_eq!(found.standings.len(), theirs as usize, "assignment {at}");
        for edge in [Edge::Assignment(at), Edge::Emptied(one.principal)] {
            let started = Instant::now();
            let found = world.without(graph, &clusters, &[edge], 200);
            if of_half { &mut gone_all } else { &mut gone }.push(started.elapsed().as_secs_f64());
            assert!(!of_half || found.losers as usize == MANY.users / 2);
        }
    }
    let figure = |what: &str, target: f64, ours: &[f64], from: String| Figure {
        name: "access",
        what: format!("{what}, slowest, ms"),
        value: slowest(ours),
        target,
        at_most: true,
        from,
    };
    let against = |slow: &[f64], ours: &[f64]| {
        let (slow, ours) = (slowest(slow), slowest(ours));
        format!(
            "a recursive query that only counts them: {slow:.1} ms / {ours:.2} ms = {:.1} ×",
            slow / ours
        )
    };
    vec![
        figure("who can, some hundreds of 1,000,000", 150.0, &few, against(&slow, &few)),
        figure("who can, half of 1,000,000", 1000.0, &all, against(&slow_all, &all)),
        figure("without an edge of some hundreds", 500.0, &gone, format!("{} edges", gone.len())),
        figure(
            "without an edge of half of 1,000,000",
            500.0,
            &gone_all,
            format!("{} edges", gone_all.len()),
        ),
    ]
}
