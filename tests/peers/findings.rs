//! Two servers that nobody here wrote, one leading and one following: what changes in either shows up as the right change and as the right
//! finding after the next sync, and the finding goes once it is mended.

use std::collections::BTreeSet;
use std::sync::Arc;

use lanyard_engine::secrets::{MemoryKeychain, Secret};
use lanyard_engine::view::{ChangeKind, FindingQuery, FindingState, SourceKind, SourceSettings, SyncState};
use lanyard_engine::{Engine, OpenOptions};
use lanyard_tests::peer::{Peer, TOKEN};
use lanyard_tests::plain::Plain;
use lanyard_tests::process::Server;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::company::{Filled, GROUPS, USERS, fill, user};

/// What is said about systems that follow each other.
const RULES: [&str; 8] = [
    "active-after-leaving",
    "active-after-deletion",
    "never-known",
    "ambiguous-identity",
    "attributes-differ",
    "group-drift",
    "group-nested",
    "group-not-provisioned",
];

/// A peer with its people.
struct House {
    plain: Plain,
    filled: Filled,
    _server: Server,
}

impl House {
    async fn start(peer: Peer) -> Self {
        let server = tokio::task::spawn_blocking(move || peer.start()).await.unwrap();
        let plain = Plain::new(server.text("url"), TOKEN);
        let filled = fill(&plain).await;
        Self {
            plain,
            filled,
            _server: server,
        }
    }

    fn user(&self, number: usize) -> String {
        format!("Users/{}", self.filled.users[number])
    }

    async fn set(&self, number: usize, attribute: &str, value: Value) {
        let operations = json!([{ "op": "replace", "path": attribute, "value": value }]);
        self.plain.patch(&self.user(number), operations).await;
    }
}

struct Pair {
    engine: Engine,
    _data: TempDir,
}

impl Pair {
    fn over(leading: &House, following: &House) -> Self {
        let data = TempDir::new().unwrap();
        let engine = Engine::open(OpenOptions {
            data_dir: data.path().to_owned(),
            keychain: Arc::new(MemoryKeychain::default()),
            demo: false,
        })
        .unwrap();
        for (name, house, authoritative) in [("Leading", leading, true), ("Following", following, false)] {
            let settings = SourceSettings {
                authoritative,
                ..SourceSettings::new(SourceKind::Scim, name, house.plain.url.clone())
            };
            engine.add_source(&settings, Some(Secret::new(TOKEN.to_owned()))).unwrap();
        }
        Self { engine, _data: data }
    }

    async fn sync(&self) {
        for source in self.engine.sources().unwrap() {
            let outcome = self.engine.sync(source.id).await.unwrap();
            assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
        }
    }

    /// Rule and sentence of what is said, in these states.
    fn said(&self, states: Vec<FindingState>) -> BTreeSet<(String, String)> {
        let query = FindingQuery {
            rules: RULES.map(str::to_owned).to_vec(),
            states,
            limit: 500,
            ..FindingQuery::default()
        };
        let page = self.engine.findings(&query).unwrap();
        assert_eq!(page.rows.len(), page.total as usize);
        let rows = page.rows.into_iter();
        rows.map(|row| {
            assert_eq!(row.unconfirmed, None, "{row:?}");
            (row.rule, row.says)
        })
        .collect()
    }

    /// Whether a line of history tells this of a record.
    fn told(&self, source: i64, id: &str, kind: ChangeKind, path: Option<&str>, after: Option<&str>) -> bool {
        let lines = self.engine.timeline(Some(&format!("{source}.{id}")), None, 0, 100).unwrap().changes;
        lines
            .iter()
            .any(|line| line.kind == kind && line.path.as_deref() == path && after.is_none_or(|after| line.after.as_deref() == Some(after)))
    }
}

/// Somebody who is in no group and is active, after this number.
fn loner(after: usize) -> usize {
    let grouped: BTreeSet<usize> = (0..GROUPS - 2)
        .flat_map(|group| (0..group + 3).map(move |step| (group * 13 + step * 7) % USERS))
        .chain([5])
        .collect();
    (after + 1..USERS)
        .find(|number| !grouped.contains(number) && !number.is_multiple_of(7) && !number.is_multiple_of(50))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_in_one_of_two_is_found_and_goes_when_mended() {
    let (leading, following) = tokio::join!(House::start(Peer::Scim2), House::start(Peer::Scimmy4));
    let pair = Pair::over(&leading, &following);
    pair.sync().await;
    let before = pair.said(vec![]);
    assert!(before.is_empty(), "two systems that agree: {before:#?}");

    // Behind Lanyard's back.
    let (left, titled) = (loner(10), loner(60));
    let deleted = loner(110);
    leading.set(left, "active", json!(false)).await;
    following.set(titled, "title", json!("Chief of everything")).await;
    leading.plain.delete(&leading.user(deleted)).await;
    let group = 3;
    let added = loner(160);
    let member = json!([{ "op": "add", "path": "members", "value": [{ "value": following.filled.users[added] }] }]);
    let drifted = format!("Groups/{}", following.filled.groups[group]);
    following.plain.patch(&drifted, member).await;
    let mut stranger = user(USERS + 2);
    stranger["active"] = json!(true);
    let stranger_id = following.plain.create("Users", &stranger).await;
    pair.sync().await;

    assert!(pair.told(1, &leading.filled.users[left], ChangeKind::Changed, Some("active"), Some("false")));
    assert!(pair.told(
        2,
        &following.filled.users[titled],
        ChangeKind::Changed,
        Some("title"),
        Some("Chief of everything")
    ));
    assert!(pair.told(1, &leading.filled.users[deleted], ChangeKind::Gone, None, None));
    assert!(pair.told(
        2,
        &following.filled.groups[group],
        ChangeKind::MemberAdded,
        Some("members"),
        Some(&following.filled.users[added])
    ));
    assert!(pair.told(2, &stranger_id, ChangeKind::Appeared, None, None));

    let name = |number: usize| user(number)["displayName"].as_str().unwrap().to_owned();
    let expected = [
        ("active-after-leaving", name(left)),
        ("active-after-deletion", name(deleted)),
        ("never-known", name(USERS + 2)),
        ("attributes-differ", name(titled)),
        ("group-drift", format!("Peer group {group:02}")),
    ];
    let found = pair.said(vec![]);
    for (rule, who) in &expected {
        let fits: Vec<_> = found.iter().filter(|(of, _)| of == rule).collect();
        assert!(fits.len() == 1 && fits[0].1.contains(who.as_str()), "{rule} of {who}: {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");

    // Nothing changes, nothing is found anew.
    pair.sync().await;
    assert_eq!(pair.said(vec![]), found);

    // Mended where it is wrong.
    following.set(left, "active", json!(false)).await;
    following.set(deleted, "active", json!(false)).await;
    following.set(titled, "title", user(titled)["title"].clone()).await;
    let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", following.filled.users[added]) }]);
    following.plain.patch(&drifted, remove).await;
    following.plain.delete(&format!("Users/{stranger_id}")).await;
    pair.sync().await;
    let left_open = pair.said(vec![]);
    assert!(left_open.is_empty(), "{left_open:#?}");
    assert_eq!(
        pair.said(vec![FindingState::Closed])
            .into_iter()
            .map(|(rule, _)| rule)
            .collect::<BTreeSet<_>>(),
        expected.iter().map(|(rule, _)| (*rule).to_owned()).collect()
    );
    assert!(pair.engine.verify_audit().unwrap().ok);
}
