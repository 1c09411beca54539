//! The same facts as rows, and the same questions as recursive queries.
//!
//! The queries answer in full what the graph answers: each role on each scope with its best state (active, conditional, eligible,
//! denied, not followed), with how many ways lead there and a shortest one, or each way with its state. They are written with care:
//! every look-up has an index that covers it, the scopes above a scope are kept in a table, and which roles a deny takes was worked out
//! beforehand. Denies are looked up for the groups found, once. The order of each join is fixed, and the planner has no statistics:
//! with them it would fill a Bloom filter from whole tables for every question, which takes longer than the question.
//!
//! They are asked of a file that is opened as the product opens its cache: encrypted, with so many pages in memory as the cache has.
//! The engine may take 500 MB in all and has no room for these rows with their indexes besides; so pages that a question needs and
//! that were not needed lately are read and decrypted, as they would be. What the queries take when all pages stay in memory,
//! decrypted, is measured as well and told beside each figure.

use std::collections::BTreeSet;
use std::path::Path;

use lanyard_access::world::{ActionBlock, Deny, Facts, Follow, Permits, State, Whom};
use lanyard_engine::store::cache;
use lanyard_engine::store::file::{self, Key};
use rusqlite::{CachedStatement, Connection, Row};

/// Memory for pages with which all of them stay there, in KiB.
const ALL_PAGES: u32 = 1 << 20;

const TABLES: &str = "
    CREATE TABLE membership(grp INTEGER, member INTEGER);
    CREATE TABLE assignment(id INTEGER PRIMARY KEY, principal INTEGER, role INTEGER, scope INTEGER, state INTEGER, direct INTEGER);
    CREATE TABLE within(scope INTEGER, above INTEGER, PRIMARY KEY (scope, above)) WITHOUT ROWID;
    CREATE TABLE deny(id INTEGER PRIMARY KEY, scope INTEGER, below INTEGER, conditional INTEGER);
    CREATE TABLE deny_for(node INTEGER, deny INTEGER, PRIMARY KEY (node, deny)) WITHOUT ROWID;
    CREATE TABLE deny_except(deny INTEGER, node INTEGER, PRIMARY KEY (deny, node)) WITHOUT ROWID;
    CREATE TABLE deny_takes(deny INTEGER, role INTEGER, PRIMARY KEY (deny, role)) WITHOUT ROWID;";

const INDEXES: &str = "
    CREATE INDEX by_member ON membership(member, grp);
    CREATE INDEX by_group ON membership(grp, member);
    CREATE INDEX by_principal ON assignment(principal, role, scope, state, direct);
    CREATE INDEX by_role ON assignment(role, scope, principal);";

/// Everything above a node.
const UP: &str = "up(node) AS (SELECT ?1 UNION SELECT grp FROM membership JOIN up ON member = node)";

/// Every way up from a node: its nodes in a text, and their number. A group that is on it already ends it.
const WAYS: &str = "way(node, path, depth) AS (SELECT ?1, '/' || ?1 || '/', 0 UNION ALL
    SELECT grp, path || grp || '/', depth + 1 FROM membership JOIN way ON member = node WHERE instr(path, '/' || grp || '/') = 0)";

/// The denies that are for one of some nodes, without those that except one of them.
fn denies(nodes: &str) -> String {
    format!(
        "against(id, scope, below, conditional) AS MATERIALIZED (
            SELECT DISTINCT id, scope, below, conditional
            FROM {nodes} AS named CROSS JOIN deny_for ON deny_for.node = named.node CROSS JOIN deny ON id = deny
            WHERE NOT EXISTS (SELECT 1 FROM deny_except WHERE deny_except.deny = id AND deny_except.node IN (SELECT node FROM {nodes})))"
    )
}

/// The state of an assignment as a number, the best first; `far` says when a way is too long for one that is for direct members.
fn state(far: &str) -> String {
    format!(
        "CASE WHEN direct AND {far} THEN 4 ELSE max(state, ifnull((
            SELECT max(CASE WHEN conditional THEN 1 ELSE 3 END) FROM against CROSS JOIN deny_takes ON deny = against.id AND deny_takes.role = assignment.role
            WHERE against.scope = assignment.scope OR (below AND EXISTS (
                SELECT 1 FROM within WHERE within.scope = assignment.scope AND above = against.scope))), 0)) END"
    )
}

/// A number's state.
fn read_state(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    Ok(match row.get::<_, u32>(column)? {
        0 => State::Active,
        1 => State::Conditional,
        2 => State::Eligible,
        3 => State::Denied,
        _ => State::NotFollowed,
    })
}

/// The nodes of a way that stands in a text.
fn read_way(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u32>> {
    let text = row.get_ref(column)?.as_str()?;
    Ok(text.split('/').filter_map(|node| node.parse().ok()).collect())
}

/// A role on a scope, its best state, how many ways lead there, and a shortest one of those with that state.
pub type Held = (u32, u32, State, u32, Vec<u32>);
/// A way, its assignment and its state.
pub type Way = (Vec<u32>, u32, State);

/// The rows, open.
pub struct Rows {
    connection: Connection,
    held: String,
    ways: String,
    why: String,
}

impl Rows {
    /// Opens a file of rows; with all its pages in memory, or with as many as the cache of the product has.
    fn open(path: &Path, key: &Key, all_pages: bool) -> Self {
        let mut options = cache::options();
        if all_pages {
            options.cache_kib = ALL_PAGES;
        }
        let connection = file::open(path, key, &options).expect("opens");
        let near = "principal <> ?1 AND NOT EXISTS (SELECT 1 FROM membership WHERE member = ?1 AND grp = principal)";
        Self {
            held: format!(
                "WITH RECURSIVE {UP}, {} SELECT role, scope, min({}) FROM up CROSS JOIN assignment ON principal = node GROUP BY role, scope",
                denies("up"),
                state(near)
            ),
            // The way is that of the row with the least number: SQLite promises that of a column beside min().
            ways: format!(
                "WITH RECURSIVE {WAYS}, {} SELECT role, scope, ways.state, count(*), path, min(ways.state * 100000 + depth) FROM (
                     SELECT role, scope, path, depth, {} AS state FROM way CROSS JOIN assignment ON principal = node) AS ways GROUP BY role, scope",
                denies("way"),
                state("depth > 1")
            ),
            why: format!(
                "WITH RECURSIVE {WAYS}, {} SELECT path, assignment.id, {} FROM way CROSS JOIN assignment ON principal = node
                 WHERE role = ?2 ORDER BY depth, assignment.id LIMIT ?3",
                denies("way"),
                state("depth > 1")
            ),
            connection,
        }
    }

    /// Reads all that the questions read, so that it is in memory where there is room.
    pub fn read_all(&self) {
        for (table, index) in [
            ("membership", "by_member"),
            ("membership", "by_group"),
            ("assignment", "by_principal"),
            ("assignment", "by_role"),
        ] {
            let query = format!("SELECT count(*) FROM {table} INDEXED BY {index}");
            let count: u32 = self.connection.query_row(&query, [], |row| row.get(0)).expect("counts");
            assert!(count > 0);
        }
    }

    fn prepared(&self, query: &str) -> CachedStatement<'_> {
        self.connection.prepare_cached(query).expect("prepares")
    }

    /// What an account holds.
    pub fn held(&self, account: u32) -> Vec<(u32, u32, State)> {
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, read_state(row, 2)?));
        let mut query = self.prepared(&self.held);
        let rows = query.query_map([account], read).expect("asks");
        rows.map(|row| row.expect("a row")).collect()
    }

    /// What an account holds, with the ways.
    pub fn ways(&self, account: u32) -> Vec<Held> {
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, read_state(row, 2)?, row.get(3)?, read_way(row, 4)?));
        let mut query = self.prepared(&self.ways);
        let rows = query.query_map([account], read).expect("asks");
        rows.map(|row| row.expect("a row")).collect()
    }

    /// Every way of an account to a role, shortest first.
    pub fn why(&self, account: u32, role: u32, limit: usize) -> Vec<Way> {
        let read = |row: &Row<'_>| Ok((read_way(row, 0)?, row.get(1)?, read_state(row, 2)?));
        let mut query = self.prepared(&self.why);
        let rows = query.query_map([account, role, limit as u32], read).expect("asks");
        rows.map(|row| row.expect("a row")).collect()
    }

    /// How many accounts (nodes below `accounts`) are below those who hold a role on a scope or on the outermost one.
    pub fn count_holders(&self, role: u32, scope: u32, accounts: u32) -> u32 {
        let mut query = self.prepared(
            "WITH RECURSIVE down(node) AS (SELECT principal FROM assignment WHERE role = ?1 AND scope IN (0, ?2) UNION
             SELECT member FROM membership JOIN down ON grp = node) SELECT count(*) FROM down WHERE node < ?3",
        );
        query.query_row([role, scope, accounts], |row| row.get(0)).expect("asks")
    }
}

/// Writes the facts and the memberships (group, member), and opens them twice: as the product's cache is, and with all pages in memory.
pub fn write(folder: &Path, facts: &Facts, memberships: impl Iterator<Item = (u32, u32)>) -> (Rows, Rows) {
    let key = Key::generate().expect("a key");
    let path = folder.join("access.db");
    let mut connection = file::open(&path, &key, &cache::options()).expect("opens");
    connection.execute_batch(TABLES).expect("tables");
    let transaction = connection.transaction().expect("begins");
    let into = |table: &str, columns: usize| {
        let values = vec!["?"; columns].join(", ");
        transaction
            .prepare(&format!("INSERT INTO {table} VALUES ({values})"))
            .expect("prepares")
    };
    {
        let mut member = into("membership", 2);
        for (group, node) in memberships {
            member.execute([group, node]).expect("inserts");
        }
        let mut assignment = into("assignment", 6);
        for (number, one) in (0u32..).zip(&facts.assignments) {
            let direct = u32::from(one.follow == Follow::Direct);
            let values = [number, one.principal, one.role, one.scope, one.state as u32, direct];
            assignment.execute(values).expect("inserts");
        }
        let mut within = into("within", 2);
        for scope in 0..facts.scopes.len() as u32 {
            for above in std::iter::successors(Some(scope), |at| facts.scopes[*at as usize].parent) {
                within.execute([scope, above]).expect("inserts");
            }
        }
        let (mut deny, mut named, mut spared, mut takes) =
            (into("deny", 4), into("deny_for", 2), into("deny_except", 2), into("deny_takes", 2));
        for (number, one) in (0u32..).zip(&facts.denies) {
            deny.execute([number, one.scope, u32::from(one.below), u32::from(one.conditional)])
                .expect("inserts");
            let Whom::These(nodes) = &one.whom else {
                panic!("a deny for everybody has no row here")
            };
            for node in nodes.iter().collect::<BTreeSet<_>>() {
                named.execute([node, &number]).expect("inserts");
            }
            for node in one.except.iter().collect::<BTreeSet<_>>() {
                spared.execute([&number, node]).expect("inserts");
            }
            for (role, _) in (0u32..).zip(&facts.roles).filter(|(_, role)| takes_all(one, &role.permits)) {
                takes.execute([number, role]).expect("inserts");
            }
        }
    }
    transaction.commit().expect("commits");
    connection.execute_batch(INDEXES).expect("indexes");
    drop(connection);
    (Rows::open(&path, &key, false), Rows::open(&path, &key, true))
}

/// Whether a deny takes all that a role permits. Roles here permit one action each by name, and denies name actions or `*`.
fn takes_all(deny: &Deny, permits: &Permits) -> bool {
    let named = |blocks: &[ActionBlock]| blocks.iter().flat_map(|block| block.actions.clone()).collect::<Vec<_>>();
    let Permits::Actions(blocks) = permits else { return false };
    let denied = named(&deny.blocks);
    named(blocks)
        .iter()
        .all(|action| denied.iter().any(|one| one == "*" || one == action))
}
