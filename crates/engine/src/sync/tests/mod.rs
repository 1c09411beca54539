//! What a sync makes of a source that is not SCIM, whatever the source does: by a scripted one.

mod broken_off;
mod gone;
mod partial;
mod rewinding;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::record::{DanglingRecord, Documents, GroupRecord, ItemKind, RecordSink, Row};
use crate::sources::scripted::{Mood, Scripted};
use crate::store::file::Key;
use crate::store::ledger::ChangeQuery;
use crate::view::SyncState;

const SOURCE: SourceId = 3;
const ROLES: ResourceKind = ResourceKind::Item(ItemKind::RoleDefinition);
const ASSIGNMENTS: ResourceKind = ResourceKind::Item(ItemKind::RoleAssignment);
const DENIALS: ResourceKind = ResourceKind::Item(ItemKind::DenyAssignment);
const ALL: [ResourceKind; 6] = [
    ResourceKind::User,
    ResourceKind::Service,
    ResourceKind::Group,
    ROLES,
    ASSIGNMENTS,
    DENIALS,
];

struct Bench {
    source: Scripted,
    cache: Arc<Cache>,
    ledger: Arc<Ledger>,
    dir: TempDir,
    key: Key,
}

impl Bench {
    /// A source with some of everything: 230 people, a program, two groups, roles and assignments.
    fn new() -> Self {
        let source = Scripted::new(&ALL);
        for number in 0..230 {
            source.put(ResourceKind::User, person(number, "Clerk"));
        }
        source.put(
            ResourceKind::Service,
            json!({ "id": "s1", "displayName": "Nightly backup", "userType": "ServicePrincipal" }),
        );
        source.put(ResourceKind::Group, group("g1", "Payments", &["u1", "u2", "s1", "g2", "nobody"]));
        source.put(ResourceKind::Group, group("g2", "Platform", &["u3"]));
        for role in ["owner", "reader"] {
            source.put(ROLES, json!({ "id": role, "name": role }));
        }
        source.put(ASSIGNMENTS, assignment("a1", "owner", "g1"));
        source.put(ASSIGNMENTS, assignment("a2", "reader", "u5"));
        let (dir, key) = (TempDir::new().unwrap(), Key::generate().unwrap());
        let cache = Arc::new(Cache::open(dir.path(), &key).unwrap().cache);
        let ledger = Arc::new(Ledger::open(&dir.path().join("ledger.db"), &key.to_secret()).unwrap());
        Self {
            source,
            cache,
            ledger,
            dir,
            key,
        }
    }

    fn context(&self, full: bool) -> SyncContext {
        SyncContext {
            source: SOURCE,
            name: "Halcyon tenant".into(),
            client: Client::Scripted(self.source.clone()),
            cache: Arc::clone(&self.cache),
            ledger: Arc::clone(&self.ledger),
            progress: Arc::new(Progress::new(SOURCE, None)),
            cancel: CancellationToken::new(),
            full,
        }
    }

    async fn sync(&self) -> SyncOutcome {
        run(self.context(false)).await
    }

    async fn sync_whole(&self) -> SyncOutcome {
        let outcome = self.sync().await;
        assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
        self.source.listed();
        self.source.asked();
        outcome
    }

    /// History, as `resource name what path before after member`, newest last.
    fn told(&self) -> Vec<String> {
        let query = ChangeQuery {
            limit: 1000,
            ..ChangeQuery::default()
        };
        let mut lines: Vec<String> = self
            .ledger
            .changes(&query)
            .unwrap()
            .changes
            .into_iter()
            .map(|line| {
                let parts = [line.path, line.before, line.after, line.member_name].map(|part| part.unwrap_or_else(|| "-".into()));
                format!("{} {} {:?} {}", line.resource, line.name, line.kind, parts.join(" "))
            })
            .collect();
        lines.reverse();
        lines
    }

    /// Memberships by ids, `member in group`.
    fn memberships(&self) -> Vec<String> {
        let mut edges = Edges::default();
        self.cache.read_all(&mut edges).unwrap();
        let id = |row: Row| self.cache.label(row).unwrap().unwrap().id;
        let mut told: Vec<String> = edges
            .0
            .iter()
            .map(|(group, member)| format!("{} in {}", id(*member), id(*group)))
            .collect();
        told.sort();
        told
    }

    fn unconfirmed(&self, kind: ResourceKind) -> usize {
        let known = self.cache.known(SOURCE, kind).unwrap();
        known.iter().filter(|(_, known)| known.unconfirmed).count()
    }

    fn have(&self, kind: ResourceKind) -> usize {
        self.cache.known(SOURCE, kind).unwrap().len()
    }
}

#[derive(Default)]
struct Edges(Vec<(Row, Row)>);

impl RecordSink for Edges {
    fn account(&mut self, _: &crate::record::AccountRecord<'_>) {}
    fn group(&mut self, _: &GroupRecord<'_>) {}
    fn dangling(&mut self, _: &DanglingRecord<'_>) {}
    fn membership(&mut self, group: Row, member: Row) {
        self.0.push((group, member));
    }
}

fn person(number: usize, title: &str) -> Value {
    json!({ "id": format!("u{number}"), "displayName": format!("Person {number}"), "jobTitle": title, "modified": 1 })
}

fn group(id: &str, name: &str, members: &[&str]) -> Value {
    json!({ "id": id, "displayName": name, "members": members })
}

fn assignment(id: &str, role: &str, principal: &str) -> Value {
    json!({ "id": id, "name": format!("{principal} as {role}"), "properties": { "roleDefinitionId": role, "principalId": principal } })
}

fn of(outcome: &SyncOutcome, kind: ResourceKind) -> &Coverage {
    named(outcome, kind.collection())
}

fn named<'o>(outcome: &'o SyncOutcome, name: &str) -> &'o Coverage {
    let found = outcome.coverage.iter().find(|coverage| coverage.collection == name);
    found.unwrap_or_else(|| panic!("{name} is not covered: {:#?}", outcome.coverage))
}

fn codes(coverage: &Coverage) -> Vec<&str> {
    coverage.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_collections_are_read_and_a_second_sync_writes_nothing() {
    let bench = Bench::new();
    let first = bench.sync_whole().await;
    assert_eq!((first.added, first.changed, first.removed), (237, 0, 0));
    let have: Vec<(&str, u64)> = first
        .coverage
        .iter()
        .map(|coverage| (coverage.collection.as_str(), coverage.have))
        .collect();
    assert_eq!(
        have,
        [
            ("Users", 230),
            ("Service principals", 1),
            ("Groups", 2),
            ("Role definitions", 2),
            ("Role assignments", 2),
            ("Deny assignments", 0),
            ("Memberships", 6),
        ]
    );
    assert!(first.coverage.iter().all(|coverage| coverage.state == CoverageState::Complete));
    assert_eq!(
        bench.memberships(),
        ["g2 in g1", "nobody in g1", "s1 in g1", "u1 in g1", "u2 in g1", "u3 in g2"]
    );
    assert_eq!(bench.have(ResourceKind::Service), 1);
    let mut items = Vec::new();
    bench
        .cache
        .items(&ItemKind::ALL, &mut |item| items.push(item.id.to_owned()))
        .unwrap();
    assert_eq!(items, ["owner", "reader", "a1", "a2"]);
    let second = bench.sync_whole().await;
    assert_eq!((second.rows_written, second.unchanged), (0, 237), "{second:#?}");
    assert!(bench.told().is_empty(), "the first reading is no change: {:?}", bench.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn history_tells_of_items_and_of_members_by_name() {
    let bench = Bench::new();
    bench.sync_whole().await;
    bench.source.put(ASSIGNMENTS, assignment("a2", "owner", "u5"));
    bench.source.put(ASSIGNMENTS, assignment("a3", "reader", "g2"));
    bench.source.remove(ROLES, "reader");
    bench.source.remove(ResourceKind::User, "u2");
    bench.source.put(ResourceKind::User, person(7, "Captain"));
    bench
        .source
        .put(ResourceKind::Group, group("g1", "Payments", &["u1", "u9", "s1", "g2"]));
    let outcome = bench.sync_whole().await;
    assert_eq!((outcome.added, outcome.changed, outcome.removed), (1, 3, 2), "{outcome:#?}");
    let mut told = bench.told();
    told.sort();
    let mut expected = vec![
        "User Person 7 Changed jobTitle Clerk Captain -",
        "User Person 2 Gone - - - -",
        "Group Payments MemberRemoved members u2 - Person 2",
        "Group Payments MemberRemoved members nobody - -",
        "Group Payments MemberAdded members - u9 Person 9",
        "RoleDefinition reader Gone - - - -",
        "RoleAssignment u5 as owner Changed name u5 as reader u5 as owner -",
        "RoleAssignment u5 as owner Changed properties.roleDefinitionId reader owner -",
        "RoleAssignment g2 as reader Appeared - - - -",
    ];
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert_eq!(bench.memberships(), ["g2 in g1", "s1 in g1", "u1 in g1", "u3 in g2", "u9 in g1"]);
    bench.sync_whole().await;
    assert_eq!(bench.told().len(), expected.len(), "nothing is told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_asked_for_by_mark_as_long_as_the_last_full_reading_holds() {
    let bench = Bench::new();
    bench.source.tell_changes(ResourceKind::User);
    bench.sync_whole().await;
    bench.source.put(ResourceKind::User, person(7, "Captain"));
    bench.source.put(ResourceKind::User, person(500, "Pilot"));
    bench.source.remove(ResourceKind::User, "u8");
    let outcome = bench.sync().await;
    assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
    let marks = |listed: Vec<(ResourceKind, Option<String>)>| -> Vec<bool> {
        let users = listed.into_iter().filter(|(kind, _)| *kind == ResourceKind::User);
        users.map(|(_, mark)| mark.is_some()).collect()
    };
    assert_eq!(marks(bench.source.listed()), [true]);
    let coverage = of(&outcome, ResourceKind::User);
    assert_eq!((outcome.added, outcome.changed, outcome.removed), (1, 1, 1));
    assert_eq!(
        (coverage.state, coverage.have, bench.have(ResourceKind::User)),
        (CoverageState::Complete, 230, 230)
    );
    assert!(coverage.full_at < coverage.read_at, "{coverage:#?}");
    assert!(bench.source.asked().is_empty(), "the client has verified who is gone");
    let second = bench.sync_whole().await;
    assert_eq!((second.rows_written, second.unchanged), (0, 237));

    // A reading of changes that is cut short is followed by a full one.
    bench.source.put(ResourceKind::User, person(9, "Captain"));
    bench.source.mood(ResourceKind::User, Mood::CutAfter(0));
    let outcome = bench.sync().await;
    assert_eq!(of(&outcome, ResourceKind::User).state, CoverageState::Incomplete);
    bench.source.mood(ResourceKind::User, Mood::Whole);
    bench.source.listed();
    let outcome = bench.sync().await;
    assert_eq!(marks(bench.source.listed()), [false]);
    assert_eq!((outcome.state, outcome.changed), (SyncState::Complete, 1), "{outcome:#?}");

    run(bench.context(true)).await;
    assert_eq!(marks(bench.source.listed()), [false], "everything was asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_two_accounts_have_spoils_nothing() {
    let bench = Bench::new();
    bench
        .source
        .put(ResourceKind::Service, json!({ "id": "u1", "displayName": "A program?" }));
    for _ in 0..2 {
        let outcome = bench.sync().await;
        assert_eq!(outcome.state, SyncState::Incomplete, "{outcome:#?}");
        assert_eq!(codes(of(&outcome, ResourceKind::Service)), ["unreadable"]);
        assert_eq!((bench.have(ResourceKind::User), bench.have(ResourceKind::Service)), (230, 1));
    }
    // The same id as an item is another matter.
    bench.source.remove(ResourceKind::Service, "u1");
    bench.source.put(ROLES, json!({ "id": "u1", "name": "A role" }));
    bench.sync_whole().await;
    assert_eq!((bench.have(ResourceKind::User), bench.have(ROLES)), (230, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn history_that_was_written_before_a_kill_is_not_written_twice() {
    let mut bench = Bench::new();
    bench.sync_whole().await;
    // The cache as it was: what a kill between the ledger's commit and the cache's leaves.
    let (elsewhere, old) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let reopened = |folder: &TempDir, key: &Key| Arc::new(Cache::open(folder.path(), key).unwrap().cache);
    // The file is whole once its last user has let it go.
    bench.cache = reopened(&elsewhere, &bench.key);
    std::fs::copy(bench.dir.path().join("cache.db"), old.path().join("cache.db")).unwrap();
    bench.cache = reopened(&old, &bench.key);
    assert_eq!(bench.have(ResourceKind::User), 230, "the copy is whole");
    let fresh = reopened(&bench.dir, &bench.key);
    let stale = std::mem::replace(&mut bench.cache, fresh);

    bench.source.put(ASSIGNMENTS, assignment("a2", "owner", "u5"));
    bench.source.remove(ROLES, "reader");
    bench.source.put(ResourceKind::Group, group("g2", "Platform", &["u3", "u4"]));
    let outcome = bench.sync_whole().await;
    assert_eq!((outcome.changed, outcome.removed), (2, 1));
    let told = bench.told();
    bench.cache = stale;
    let outcome = bench.sync_whole().await;
    assert_eq!((outcome.changed, outcome.removed), (2, 1), "found by its hash, and landed");
    assert_eq!(bench.told(), told);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_names_the_collection_and_guesses_the_total_from_the_last_time() {
    let bench = Bench::new();
    let context = bench.context(false);
    let progress = Arc::clone(&context.progress);
    run(context).await;
    let now = progress.now(crate::sources::http::Traffic::default());
    assert_eq!((now.read, now.total), (237, Some(237)));
    // A collection that ends early counts as what came of it; of those ahead, as many as the last time are expected.
    let context = bench.context(false);
    let progress = Arc::clone(&context.progress);
    bench.source.mood(ResourceKind::User, Mood::BudgetAfter(100));
    run(context).await;
    let now = progress.now(crate::sources::http::Traffic::default());
    assert_eq!((now.read, now.total), (100, Some(107)));
}
