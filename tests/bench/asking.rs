//! What one identity can do, why it has a role, who can do something, and what goes without an edge, at 1,000,000 accounts, 50,000 nested groups, 5,000,000 memberships and 10,000
//! assignments: the access graph against a recursive query over the same rows in the same kind of encrypted file.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use lanyard_access::permits::Action;
use lanyard_access::world::{ActionBlock, Assignment, Deny, Edge, Facts, Follow, Permits, Role, Scope, State, Whom};
use lanyard_access::{Clusters, Graph, Holding, Memberships, Wish, World};
use lanyard_engine::store::cache;
use lanyard_engine::store::file::{self, Key};
use rusqlite::Connection;

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

/// One assignment in ten is direct, the rest go to groups.
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
            state: State::Active,
            follow: Follow::Nested,
        }
    };
    let of_half = Assignment {
        principal: HALF,
        role: ROLES as u32,
        scope: 0,
        ..given(1)
    };
    (0..ASSIGNMENTS).map(given).chain([of_half]).collect()
}

/// Roles with an action each, all scopes in the first one, and denies for some groups with exceptions.
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
                scope: (number * 40) as u32,
                below: true,
                blocks: vec![block(action("*"))],
                conditional: false,
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

fn rows(folder: &Path, given: &[Assignment]) -> Connection {
    let options = file::FileOptions {
        cache_kib: 1 << 20,
        ..cache::options()
    };
    let key = Key::generate().expect("a key");
    let mut connection = file::open(&folder.join("access.db"), &key, &options).expect("opens");
    connection
        .execute_batch(
            "CREATE TABLE membership(grp INTEGER, member INTEGER); CREATE TABLE assignment(id INTEGER PRIMARY KEY, principal INTEGER, role INTEGER, scope INTEGER)",
        )
        .expect("tables");
    let transaction = connection.transaction().expect("begins");
    {
        let mut member = transaction.prepare("INSERT INTO membership VALUES (?1, ?2)").expect("prepares");
        for (group, node) in memberships().chain(half()) {
            member.execute([group, node]).expect("inserts");
        }
        let mut assignment = transaction
            .prepare("INSERT INTO assignment VALUES (?1, ?2, ?3, ?4)")
            .expect("prepares");
        for (number, one) in (0u32..).zip(given) {
            assignment.execute([number, one.principal, one.role, one.scope]).expect("inserts");
        }
    }
    transaction.commit().expect("commits");
    connection
        .execute_batch("CREATE INDEX by_member ON membership(member, grp); CREATE INDEX by_group ON membership(grp, member); CREATE INDEX by_principal ON assignment(principal); CREATE INDEX by_role ON assignment(role, scope); ANALYZE")
        .expect("indexes");
    connection
}

const UPWARDS: &str = "WITH RECURSIVE up(node) AS (SELECT ?1 UNION SELECT grp FROM membership JOIN up ON member = node)";

/// Half of those asked about are members of groups that hold something, so that there is something to find.
fn asked(graph: &Graph, given: &[Assignment]) -> Vec<u32> {
    (0..ASKED)
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

/// Measures the figures; what both sides find is compared.
pub fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    let given = assignments();
    let connection = rows(folder.path(), &given);
    let graph = graph();
    let world = World::new(&graph, facts(&given));
    let mut held = connection
        .prepare(&format!(
            "{UPWARDS} SELECT DISTINCT role, scope FROM assignment JOIN up ON principal = node"
        ))
        .expect("prepares");
    // A path is its nodes in a text; a group that is on it already ends it.
    let ways = "WITH RECURSIVE way(node, path, depth) AS (SELECT ?1, '/' || ?1 || '/', 0 UNION ALL
             SELECT grp, path || grp || '/', depth + 1 FROM membership JOIN way ON member = node WHERE instr(path, '/' || grp || '/') = 0)";
    let mut all_ways = connection
        .prepare(&format!(
            "{ways} SELECT role, scope, count(*), path, min(depth) FROM way JOIN assignment ON principal = node GROUP BY role, scope"
        ))
        .expect("prepares");
    let mut ways = connection
        .prepare(&format!(
            "{ways} SELECT path, assignment.id FROM way JOIN assignment ON principal = node WHERE role = ?2 ORDER BY depth, assignment.id LIMIT ?3"
        ))
        .expect("prepares");
    let (mut of, mut of_slow, mut why, mut why_slow) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut best, mut best_slow) = (Vec::new(), Vec::new());
    let mut found = 0;
    for account in asked(&graph, &given) {
        let started = Instant::now();
        let ours = world.held(&graph, &[account]);
        of.push(started.elapsed().as_secs_f64());
        let started = Instant::now();
        let theirs: BTreeSet<(u32, u32)> = held
            .query_map([account], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("asks")
            .map(|row| row.expect("a row"))
            .collect();
        of_slow.push(started.elapsed().as_secs_f64());
        let same: BTreeSet<(u32, u32)> = ours.iter().map(|(role, scope, _)| (*role, *scope)).collect();
        assert_eq!(same, theirs, "account {account}");
        let started = Instant::now();
        let ours = world.effective(&graph, &[account], None);
        best.push(started.elapsed().as_secs_f64());
        let started = Instant::now();
        let theirs: Vec<(u32, u32, u32, String)> = all_ways
            .query_map([account], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .expect("asks")
            .map(|row| row.expect("a row"))
            .collect();
        best_slow.push(started.elapsed().as_secs_f64());
        let same = |(one, (role, scope, paths, path)): (&Holding, &(u32, u32, u32, String))| {
            let nodes = path.split('/').filter(|node| !node.is_empty()).count();
            (one.role, one.scope, one.paths, one.best.nodes.len()) == (*role, *scope, *paths, nodes)
        };
        // What a deny takes away counts as held, by its way: only the best state's ways come first.
        assert!(
            ours.len() == theirs.len() && ours.iter().zip(&theirs).all(same),
            "account {account}"
        );
        found += ours.len();
        let role = ours.first().map_or(0, |one| one.role);
        let started = Instant::now();
        let ours = world.why(&graph, &[account], role, None, PATHS);
        why.push(started.elapsed().as_secs_f64());
        let started = Instant::now();
        let theirs = ways
            .query_map([account, role, PATHS as u32], |row| row.get::<_, String>(0))
            .expect("asks")
            .count();
        why_slow.push(started.elapsed().as_secs_f64());
        assert_eq!(ours.paths.len(), theirs, "account {account}, role {role}");
    }
    assert!(found > ASKED / 4, "those asked about hold next to nothing: {found}");
    let figure = |what: &str, slow: Vec<f64>, fast: Vec<f64>| {
        let (slow, fast) = (p95(slow), p95(fast));
        Figure {
            name: "access",
            what: format!("{what} at 1,000,000: recursive query / Lanyard, p95"),
            value: slow / fast,
            target: 50.0,
            at_most: false,
            from: format!("{:.1} µs / {:.2} µs, over {ASKED} identities", slow * 1e6, fast * 1e6),
        }
    };
    let mut figures = vec![
        figure("effective access of one identity", of_slow, of),
        figure("the same with the number of ways and the shortest", best_slow, best),
        figure("why has X role Y", why_slow, why),
    ];
    figures.extend(holders(&world, &graph, &connection, &given));
    figures
}

/// Milliseconds, the slowest of some.
fn slowest(seconds: &[f64]) -> f64 {
    seconds.iter().copied().fold(0.0, f64::max) * 1e3
}

/// Who can, by hundreds and by half of all, and what goes without an assignment or without all members of a group.
fn holders(world: &World, graph: &Graph, connection: &Connection, given: &[Assignment]) -> Vec<Figure> {
    let clusters = Clusters::single(MANY.users as u32);
    let mut members = connection
        .prepare(
            "WITH RECURSIVE down(node) AS (SELECT principal FROM assignment WHERE role = ?1 AND scope IN (0, ?2) UNION
             SELECT member FROM membership JOIN down ON grp = node) SELECT count(*) FROM down WHERE node < ?3",
        )
        .expect("prepares");
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
        let theirs: u32 = members
            .query_row([one.role, one.scope, MANY.users as u32], |row| row.get(0))
            .expect("asks");
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
