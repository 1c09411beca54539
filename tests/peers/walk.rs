//! The same walk for each peer: what differs between them is told by the caller.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lanyard_engine::secrets::{MemoryKeychain, Secret};
use lanyard_engine::view::{
    Change, ChangeKind, Coverage, CoverageState, GroupQuery, MemberQuery, MemberScope, PeopleQuery, Source, SourceKind, SourceSettings,
    SyncOutcome, SyncState,
};
use lanyard_engine::{Engine, OpenOptions};
use lanyard_tests::compare;
use lanyard_tests::peer::{Peer, TOKEN};
use lanyard_tests::plain::Plain;
use lanyard_tests::process::Server;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::company::{Filled, GROUPS, USERS, fill, user, with};

/// A filled peer, and an engine that has it as its only source.
pub struct Walk {
    pub engine: Engine,
    pub source: Source,
    pub plain: Plain,
    pub filled: Filled,
    peer: Peer,
    _server: Server,
    _data: TempDir,
}

impl Walk {
    /// Starts and fills the peer, and adds it as a source.
    pub async fn start(peer: Peer) -> Self {
        let server = tokio::task::spawn_blocking(move || peer.start()).await.unwrap();
        let plain = Plain::new(server.text("url"), TOKEN);
        let filled = fill(&plain).await;
        let data = TempDir::new().unwrap();
        let keychain = Arc::new(MemoryKeychain::default());
        let engine = Engine::open(OpenOptions {
            data_dir: data.path().to_owned(),
            keychain,
            demo: false,
        })
        .unwrap();
        let settings = SourceSettings {
            authoritative: true,
            ..SourceSettings::new(SourceKind::Scim, format!("{peer:?}"), plain.url.clone())
        };
        let probe = engine.probe(&settings, Some(Secret::new(TOKEN.to_owned())), None).await;
        assert!(probe.ok, "{probe:#?}");
        let source = engine.add_source(&settings, Some(Secret::new(TOKEN.to_owned()))).unwrap();
        Self {
            engine,
            source,
            plain,
            filled,
            peer,
            _server: server,
            _data: data,
        }
    }

    pub async fn sync(&self) -> SyncOutcome {
        let outcome = self.engine.sync(self.source.id).await.unwrap();
        assert!(
            outcome.requests < 2_000,
            "a list was read without an end: {} requests",
            outcome.requests
        );
        outcome
    }

    pub fn key(&self, id: &str) -> String {
        format!("{}.{id}", self.source.id)
    }

    /// A whole collection as the server says it, read without Lanyard.
    async fn all(&self, collection: &str) -> BTreeMap<String, Value> {
        if self.peer == Peer::Scim2CursorOnly {
            self.plain.all_by_cursor(collection).await
        } else {
            self.plain.all(collection).await
        }
    }

    /// Checks the whole cache against what the server says.
    pub async fn equals_server(&self) {
        let (users, groups) = (self.all("Users").await, self.all("Groups").await);
        compare::same(&self.engine, self.source.id, &users, &groups);
    }

    /// What the timeline says about a resource, newest first.
    pub fn history(&self, id: &str) -> Vec<Change> {
        self.engine.timeline(Some(&self.key(id)), None, 0, 100).unwrap().changes
    }

    /// The whole walk over a server whose lists can be read to the end, in pages of this kind.
    pub async fn whole(&self, paging: &str) {
        let first = self.sync().await;
        assert_eq!(first.state, SyncState::Complete, "{first:#?}");
        assert!(coverage(&first.coverage, "Users").how.contains(paging), "{first:#?}");
        assert_eq!(first.added, (USERS + GROUPS) as u64);
        complete(&first.coverage, "Users", USERS as u64);
        complete(&first.coverage, "Groups", GROUPS as u64);
        self.equals_server().await;
        self.search().await;

        let again = self.sync().await;
        assert_eq!(
            (again.state, again.added, again.changed, again.removed),
            (SyncState::Complete, 0, 0, 0),
            "{again:#?}"
        );
        assert_eq!(again.rows_written, 0, "nothing changed, and yet something was written: {again:#?}");

        let change = self.change_behind_its_back().await;
        let third = self.sync().await;
        assert_eq!(third.state, SyncState::Complete, "{third:#?}");
        assert_eq!((third.added, third.removed), (2, 1), "{third:#?}");
        self.equals_server().await;
        self.tells(&change);

        let last = self.sync().await;
        assert_eq!(
            (last.state, last.added, last.changed, last.removed),
            (SyncState::Complete, 0, 0, 0),
            "{last:#?}"
        );
        assert!(self.engine.verify_audit().unwrap().ok);
    }

    /// Searches and filters over the cache, held against the documents themselves.
    async fn search(&self) {
        let users = self.all("Users").await;
        let found = self
            .engine
            .people(&PeopleQuery {
                search: "peer0123".into(),
                limit: 10,
                ..PeopleQuery::default()
            })
            .unwrap();
        assert_eq!(found.total, 1);
        assert_eq!(found.rows[0].key, self.key(&self.filled.users[123]));
        for (filter, expected) in [
            (r#"userName eq "PEER0007@example.test""#.to_owned(), 1),
            ("active eq false".to_owned(), with(&users, "/active", &json!(false))),
            (
                r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "customs""#.to_owned(),
                with(
                    &users,
                    "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department",
                    &json!("Customs"),
                ),
            ),
            (r#"emails[type eq "work" and value ew "@mail.test"]"#.to_owned(), USERS as u32),
            (
                r#"not (userType eq "Employee")"#.to_owned(),
                with(&users, "/userType", &json!("Service")),
            ),
        ] {
            let page = self
                .engine
                .people(&PeopleQuery {
                    filter: Some(filter.clone()),
                    limit: 1,
                    ..PeopleQuery::default()
                })
                .unwrap();
            assert_eq!(page.total, expected, "{filter}");
        }
        let groups = self
            .engine
            .groups(&GroupQuery {
                search: "peer group".into(),
                limit: 100,
                ..GroupQuery::default()
            })
            .unwrap();
        assert_eq!(groups.total, GROUPS as u32);
        // The outermost group holds a person and a group that holds the first three.
        let all = self.all("Groups").await;
        let mut expected: BTreeSet<String> = self.filled.groups[..3]
            .iter()
            .flat_map(|id| compare::named_members(&all[id]))
            .collect();
        expected.insert(self.filled.users[5].clone());
        let query = MemberQuery {
            key: self.key(&self.filled.groups[GROUPS - 1]),
            scope: MemberScope::Nested,
            limit: 500,
            ..MemberQuery::default()
        };
        let nested: BTreeSet<String> = self.engine.members(&query).unwrap().rows.into_iter().map(|row| row.key).collect();
        assert_eq!(nested, expected.iter().map(|id| self.key(id)).collect());
    }

    /// Creates two, changes one, deletes one, moves members: through the server's own API.
    pub async fn change_behind_its_back(&self) -> Changed {
        let Filled { users, groups } = &self.filled;
        let created = vec![
            self.plain.create("Users", &user(USERS)).await,
            self.plain.create("Users", &user(USERS + 1)).await,
        ];
        let changed = users[11].clone();
        let path = format!("Users/{changed}");
        self.plain
            .patch(&path, json!([{ "op": "replace", "path": "displayName", "value": "Renamed Person" }, { "op": "replace", "path": "active", "value": false }]))
            .await;
        let deleted = users[42].clone();
        self.plain.delete(&format!("Users/{deleted}")).await;
        let group = groups[4].clone();
        let members = compare::named_members(&self.plain.get(&format!("Groups/{group}")).await.unwrap());
        let out = members.iter().find(|id| **id != deleted).unwrap().clone();
        let path = format!("Groups/{group}");
        self.plain
            .patch(&path, json!([{ "op": "remove", "path": format!("members[value eq \"{out}\"]") }]))
            .await;
        self.plain
            .patch(
                &path,
                json!([{ "op": "add", "path": "members", "value": [{ "value": created[0], "type": "User" }] }]),
            )
            .await;
        Changed {
            created,
            changed,
            deleted,
            group,
            out,
        }
    }

    /// Checks that history tells exactly what was done.
    pub fn tells(&self, change: &Changed) {
        for id in &change.created {
            assert!(
                self.history(id).iter().any(|line| line.kind == ChangeKind::Appeared),
                "{:#?}",
                self.history(id)
            );
        }
        let own = |id: &str| -> Vec<Line> {
            let key = self.key(id);
            let mut lines: Vec<_> = self
                .history(id)
                .into_iter()
                .filter(|line| line.key == key && !line.path.as_deref().is_some_and(|path| path.starts_with("meta.")))
                .map(|line| (line.kind, line.path, line.before, line.after))
                .collect();
            lines.sort_by(|a, b| a.1.cmp(&b.1).then(a.2.cmp(&b.2)));
            lines
        };
        let before = user(11);
        let name = before["displayName"].as_str().map(str::to_owned);
        assert_eq!(
            own(&change.changed),
            [
                (
                    ChangeKind::Changed,
                    Some("active".into()),
                    Some("true".into()),
                    Some("false".into())
                ),
                (ChangeKind::Changed, Some("displayName".into()), name, Some("Renamed Person".into())),
            ]
        );
        assert_eq!(
            own(&change.group),
            [
                (
                    ChangeKind::MemberAdded,
                    Some("members".into()),
                    None,
                    Some(change.created[0].clone())
                ),
                (ChangeKind::MemberRemoved, Some("members".into()), Some(change.out.clone()), None),
            ]
        );
        let gone = self.engine.timeline(None, None, 0, 500).unwrap().changes;
        let key = self.key(&change.deleted);
        assert!(
            gone.iter().any(|line| line.key == key && line.kind == ChangeKind::Gone),
            "the deleted user's end is not told"
        );
        assert_eq!(
            gone.iter().filter(|line| line.kind == ChangeKind::Gone).count(),
            1,
            "somebody else was taken for deleted"
        );
        assert!(self.engine.person(&key).is_err(), "the deleted user is still there");
    }
}

/// A line of history: what happened, to which attribute, the value before and after.
type Line = (ChangeKind, Option<String>, Option<String>, Option<String>);

/// What was done behind Lanyard's back.
pub struct Changed {
    pub created: Vec<String>,
    pub changed: String,
    pub deleted: String,
    pub group: String,
    pub out: String,
}

/// The coverage of one collection.
pub fn coverage<'a>(all: &'a [Coverage], collection: &str) -> &'a Coverage {
    all.iter()
        .find(|one| one.collection == collection)
        .unwrap_or_else(|| panic!("no coverage of {collection}: {all:#?}"))
}

/// Checks that a collection was read in full.
pub fn complete(all: &[Coverage], collection: &str, have: u64) {
    let one = coverage(all, collection);
    assert_eq!(
        (one.state, one.have, one.reasons.len(), one.unconfirmed),
        (CoverageState::Complete, have, 0, 0),
        "{one:#?}"
    );
}
