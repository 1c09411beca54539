//! An engine with one source: a SCIM server of the lab in this process, or whatever else is connected.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use lanyard_engine::secrets::{MemoryKeychain, Secret};
use lanyard_engine::view::{
    Change, ChangeKind, Coverage, CoverageState, EngineEvent, Source, SourceSettings, SyncOutcome, SyncProgress, SyncState,
};
use lanyard_engine::{Engine, OpenOptions};
use lanyard_lab::{Handle, Lab, ScimOptions};
use lanyard_tests::compare;
use serde_json::Value;
use tempfile::TempDir;

use crate::front;

/// The longest that any sync of a test may take. The bound is what is tested: each sync ends.
const LONGEST: Duration = Duration::from_secs(90);

/// An engine in a new folder, with one source.
pub struct Connected {
    pub engine: Engine,
    pub keychain: Arc<MemoryKeychain>,
    pub source: Source,
    _data: TempDir,
}

impl Connected {
    pub fn new(settings: &SourceSettings, token: &str) -> Self {
        let data = TempDir::new().unwrap();
        let keychain = Arc::new(MemoryKeychain::new());
        let engine = Engine::open(OpenOptions {
            data_dir: data.path().to_owned(),
            keychain: keychain.clone(),
            demo: false,
        })
        .unwrap();
        let source = engine.add_source(settings, Some(Secret::new(token.to_owned()))).unwrap();
        Self {
            engine,
            keychain,
            source,
            _data: data,
        }
    }

    /// The settings of the source as they are now.
    pub fn settings(&self) -> SourceSettings {
        self.now().settings
    }

    pub fn now(&self) -> Source {
        self.engine
            .sources()
            .unwrap()
            .into_iter()
            .find(|source| source.id == self.source.id)
            .unwrap()
    }

    /// Syncs, and insists that it ends.
    pub async fn sync(&self) -> SyncOutcome {
        tokio::time::timeout(LONGEST, self.engine.sync(self.source.id))
            .await
            .expect("a sync ends")
            .unwrap()
    }

    /// Syncs, and cancels as soon as something was read; insists that it ends soon. Gives how far it was, with its outcome.
    pub async fn sync_cancelled_midway(&self) -> (SyncProgress, SyncOutcome) {
        let mut events = self.engine.events();
        let (engine, id) = (self.engine.clone(), self.source.id);
        let running = tokio::spawn(async move { engine.sync(id).await });
        let reading = async {
            loop {
                if let Ok(EngineEvent::SyncProgress { progress }) = events.recv().await
                    && progress.read > 0
                {
                    return progress;
                }
            }
        };
        let progress = tokio::time::timeout(LONGEST, reading).await.expect("a sync shows how far it is");
        self.engine.cancel_sync(id);
        let outcome = tokio::time::timeout(Duration::from_secs(10), running).await.expect("it ends soon");
        (progress, outcome.unwrap().unwrap())
    }

    /// Checks that the cache holds everyone with these ids.
    pub fn holds<'a>(&self, ids: impl IntoIterator<Item = &'a String>) {
        for id in ids {
            assert!(self.engine.raw_document(&self.key(id)).is_ok(), "{id} is lost");
        }
    }

    pub fn key(&self, id: &str) -> String {
        format!("{}.{id}", self.source.id)
    }

    /// All lines of history, newest first.
    pub fn lines(&self) -> Vec<Change> {
        let mut all = Vec::new();
        loop {
            let page = self.engine.timeline(None, None, all.len() as u32, 500).unwrap();
            all.extend(page.changes.iter().cloned());
            if page.changes.is_empty() || all.len() as u64 >= page.total {
                return all;
            }
        }
    }

    /// The keys of all that history says is gone.
    pub fn gone(&self) -> BTreeSet<String> {
        self.lines()
            .into_iter()
            .filter(|line| line.kind == ChangeKind::Gone)
            .map(|line| line.key)
            .collect()
    }

    pub fn coverage(&self, collection: &str) -> Coverage {
        let source = self.now();
        source
            .coverage
            .into_iter()
            .find(|one| one.collection == collection)
            .unwrap_or_else(|| panic!("no coverage of {collection}"))
    }

    /// Checks that a collection is not complete, for a reason with this code.
    pub fn incomplete(&self, collection: &str, code: &str) {
        let coverage = self.coverage(collection);
        assert_ne!(coverage.state, CoverageState::Complete, "{coverage:#?}");
        assert!(coverage.reasons.iter().any(|reason| reason.code == code), "{coverage:#?}");
    }
}

pub struct Bench {
    _lab: Lab,
    pub handle: Handle,
    connected: Connected,
}

impl Deref for Bench {
    type Target = Connected;

    fn deref(&self) -> &Connected {
        &self.connected
    }
}

impl Bench {
    /// Serves so many people with these options, and connects an engine to them.
    pub async fn start(people: usize, options: impl FnOnce(&mut ScimOptions)) -> Self {
        let mut scim = ScimOptions::named("Workforce IdP");
        options(&mut scim);
        let lab = front::lab(people, scim).await;
        let handle = lab.provider().clone();
        let connected = Connected::new(&front::settings("Workforce IdP", &handle.url()), &handle.token());
        Self {
            _lab: lab,
            handle,
            connected,
        }
    }

    /// Syncs, and insists that everything was read and that the cache is what the server holds.
    pub async fn sync_whole(&self) -> SyncOutcome {
        let outcome = self.sync().await;
        assert_eq!(outcome.state, SyncState::Complete, "{outcome:#?}");
        self.equals_server();
        outcome
    }

    /// The server's documents by id: users, then groups.
    pub fn truth(&self) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
        let by_id = |documents: Vec<Value>| {
            documents
                .into_iter()
                .map(|document| (document["id"].as_str().unwrap().to_owned(), document))
                .collect()
        };
        (by_id(self.handle.users()), by_id(self.handle.groups()))
    }

    pub fn equals_server(&self) {
        let (users, groups) = self.truth();
        compare::same(&self.engine, self.source.id, &users, &groups);
    }

    /// Checks that the cache holds exactly the server's people and groups, whatever their documents say.
    pub fn same_ids(&self) {
        let (users, groups) = self.truth();
        let source = self.now();
        assert_eq!((source.accounts, source.groups), (users.len() as u64, groups.len() as u64));
        self.holds(users.keys().chain(groups.keys()));
    }
}

/// The id of a document.
pub fn id(document: &Value) -> String {
    document["id"].as_str().unwrap().to_owned()
}
