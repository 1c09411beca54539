//! The engine's front: one handle, cheap to clone, that the window and the command line call.
//!
//! By area: [`sources`](self) settings and secrets, syncs, the directory's questions, audit and settings. Bodies are short: each room does its own work.

mod access;
mod audit;
mod clients;
mod comparing;
mod deprovision;
mod evidence;
mod findings;
mod history;
mod joins;
mod lists;
mod picture;
mod settings;
mod signing_in;
mod sources;
mod syncing;
mod timelines;
mod tokens;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use lanyard_scim::schema::Catalog;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::deprovision::log::LedgerLog;
use crate::directory::{Directory, Latest};
use crate::secrets::{Keychain, Secret, SourceSecrets};
use crate::store::cache::{self, Cache};
use crate::store::folder::{Folder, obtain_key};
use crate::store::ledger::{self, AuditDraft, Ledger};
use crate::view::{AppState, EngineEvent, RotationId, RunId, SourceId};

use signing_in::SigningIn;
use syncing::Running;

/// The demo company's name.
const DEMO_COMPANY: &str = "Halcyon Freight";
/// Events that a slow listener may be behind.
const EVENTS: usize = 256;

/// How to open a data folder.
pub struct OpenOptions {
    /// The folder: made when it is not there.
    pub data_dir: PathBuf,
    /// Where secrets are.
    pub keychain: Arc<dyn Keychain>,
    /// Whether this folder is the demo company's.
    pub demo: bool,
}

/// The engine, open on one data folder.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    data_dir: PathBuf,
    demo: bool,
    keychain: Arc<dyn Keychain>,
    secrets: SourceSecrets,
    /// Whether each source has a secret, as far as the keychain was asked.
    has_secret: Mutex<HashMap<SourceId, bool>>,
    ledger: Arc<Ledger>,
    cache: Arc<Cache>,
    notices: Vec<String>,
    directory: RwLock<Arc<Directory>>,
    catalog: RwLock<Arc<Catalog>>,
    /// The cache's generation that the directory was made from.
    made_from: AtomicU64,
    /// When it was last looked whether there is a newer one.
    looked_at: AtomicI64,
    rebuilding: Mutex<()>,
    /// The access map of the picture with the same number; made when it is first asked for.
    map: Mutex<Option<Arc<crate::map::Map>>>,
    /// Whether it is being made in the background.
    making_map: AtomicBool,
    /// What the rules found about the picture with the same number.
    findings: Mutex<Option<Arc<crate::findings::Evaluation>>>,
    /// Held while the rules are asked.
    evaluating: Mutex<()>,
    /// Whether anybody wanted to know: then the rules are asked after each sync.
    asks_rules: AtomicBool,
    /// Grows each time that something which the rules look at, besides the picture, is not what it was.
    asked_anew: AtomicU64,
    /// Pictures of moments, the last that was asked for at the end.
    moments: Mutex<Vec<Arc<crate::history::Moment>>>,
    /// The last comparison of two moments.
    compared: Mutex<Option<comparing::Kept>>,
    latest_people: Latest,
    latest_groups: Latest,
    running: Mutex<HashMap<SourceId, Running>>,
    signing_in: Mutex<Vec<SigningIn>>,
    events: broadcast::Sender<EngineEvent>,
    /// Runs of de-provisioning, as the ledger keeps them.
    run_log: Arc<LedgerLog>,
    /// Those that this process drives on, each with what ends the driving.
    driving: Mutex<HashMap<RunId, CancellationToken>>,
    /// Rotations that this process drives on, each with what ends the driving.
    rotating: Mutex<HashMap<RotationId, CancellationToken>>,
    /// Credentials that were handed over for checks of runs.
    handed: Mutex<HashMap<(RunId, String), Secret>>,
}

/// A lock that outlives a panic elsewhere: what it guards is replaced whole, so it is never half done.
fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Opens a data folder, or makes it. Blocking: some 50 ms, and a second per million people held.
    ///
    /// # Errors
    /// When the keychain does not answer, the ledger cannot be opened (it is never replaced), or the folder cannot be used.
    /// A cache that cannot be opened is no error: it is set aside, and [`AppState::notices`] says so.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers make them for this call, and opening may be tried twice"
    )]
    pub fn open(options: OpenOptions) -> Result<Self, Error> {
        let engine = Self::open_files(&options)?;
        match engine.fill_columns().and_then(|()| engine.rebuild()) {
            // Damage deep in the cache shows when it is read: by now it is marked, and is set aside when it is opened again.
            Err(Error::Store(error)) if error.is_broken() => {
                drop(engine);
                let engine = Self::open_files(&options)?;
                engine.rebuild()?;
                Ok(engine)
            }
            rebuilt => rebuilt.map(|()| engine),
        }
    }

    /// Fills columns that an older file lacks.
    fn fill_columns(&self) -> Result<(), Error> {
        if self.inner.cache.lacks_columns()? {
            let sources = self.inner.ledger.sources()?;
            let systems = sources.into_iter().map(|source| (source.id, source.settings.kind)).collect();
            self.inner.cache.fill_columns(&crate::sources::columns_reader(systems))?;
        }
        Ok(())
    }

    fn open_files(options: &OpenOptions) -> Result<Self, Error> {
        let OpenOptions { data_dir, keychain, demo } = options;
        let (data_dir, keychain) = (data_dir.clone(), Arc::clone(keychain));
        crate::store::file::make_folder(&data_dir).map_err(|source| Error::File {
            path: data_dir.display().to_string(),
            source,
        })?;
        let folder = Folder::open(&data_dir)?;
        let ledger_path = data_dir.join(ledger::FILE);
        let ledger_key = obtain_key(&*keychain, &folder, "ledger", &ledger_path)?;
        let ledger = Arc::new(Ledger::open_with(&ledger_path, &ledger_key, &folder)?);
        let (cache, notice) = open_cache(&data_dir, &*keychain, &folder)?;
        if let Some(notice) = &notice {
            ledger.append_audit(AuditDraft {
                action: "cache.setAside",
                source: None,
                summary: notice.clone(),
                data: serde_json::Value::Null,
            })?;
        }
        let events = broadcast::channel(EVENTS).0;
        let run_log = {
            let events = events.clone();
            // Nobody may be listening, and that is fine.
            LedgerLog::new(Arc::clone(&ledger), move |run| drop(events.send(EngineEvent::RunChanged { run })))
        };
        let unkept = history::keep_to_retention(&ledger);
        let notices = ledger.take_notices().into_iter().chain(notice).chain(unkept).collect();
        Ok(Self {
            inner: Arc::new(Inner {
                data_dir,
                demo: *demo,
                secrets: SourceSecrets::new(Arc::clone(&keychain), &folder.id),
                has_secret: Mutex::new(HashMap::new()),
                keychain,
                ledger,
                cache: Arc::new(cache),
                notices,
                directory: RwLock::new(Arc::new(Directory::empty(0))),
                catalog: RwLock::new(Arc::new(Catalog::core())),
                made_from: AtomicU64::new(0),
                looked_at: AtomicI64::new(0),
                rebuilding: Mutex::new(()),
                map: Mutex::new(None),
                making_map: AtomicBool::new(false),
                findings: Mutex::default(),
                evaluating: Mutex::default(),
                asks_rules: AtomicBool::new(false),
                asked_anew: AtomicU64::new(0),
                moments: Mutex::default(),
                compared: Mutex::default(),
                latest_people: Latest::default(),
                latest_groups: Latest::default(),
                running: Mutex::new(HashMap::new()),
                signing_in: Mutex::default(),
                events,
                run_log: Arc::new(run_log),
                driving: Mutex::default(),
                rotating: Mutex::default(),
                handed: Mutex::default(),
            }),
        })
    }

    /// The app as a whole.
    ///
    /// # Errors
    /// When the ledger or the cache cannot be read.
    pub fn state(&self) -> Result<AppState, Error> {
        let sources = self.sources()?;
        let named = self.setting("company")?;
        let leading = || {
            sources
                .iter()
                .find(|source| source.settings.authoritative)
                .or(sources.first())
                .map(|source| source.settings.name.clone())
        };
        let company = if self.inner.demo {
            DEMO_COMPANY.to_owned()
        } else {
            named.or_else(leading).unwrap_or_else(|| "Lanyard".into())
        };
        Ok(AppState {
            version: env!("CARGO_PKG_VERSION").into(),
            data_dir: self.inner.data_dir.display().to_string(),
            company,
            demo: self.inner.demo,
            first_run: sources.is_empty() && !self.inner.demo,
            notices: self.inner.notices.clone(),
            secrets: self.inner.keychain.kind().into(),
            sources,
        })
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<EngineEvent> {
        self.inner.events.subscribe()
    }

    fn tell(&self, event: EngineEvent) {
        // Nobody may be listening, and that is fine.
        let _ = self.inner.events.send(event);
    }

    fn note(&self, action: &'static str, source: Option<SourceId>, summary: String, data: serde_json::Value) -> Result<(), Error> {
        self.inner.ledger.append_audit(AuditDraft {
            action,
            source,
            summary,
            data,
        })?;
        Ok(())
    }

    /// Ends running syncs, keeping what they read, and lets go of runs after what they are doing: they can be resumed.
    pub async fn close(&self) {
        for cancel in held(&self.inner.driving).values() {
            cancel.cancel();
        }
        for cancel in held(&self.inner.rotating).values() {
            cancel.cancel();
        }
        for running in held(&self.inner.running).values() {
            running.cancel.cancel();
        }
        for _ in 0..100 {
            let busy =
                || !held(&self.inner.running).is_empty() || !held(&self.inner.driving).is_empty() || !held(&self.inner.rotating).is_empty();
            if !busy() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

/// Opens the cache. With its key lost, it is set aside like a broken one, and a new key made.
fn open_cache(data_dir: &std::path::Path, keychain: &dyn Keychain, folder: &Folder) -> Result<(Cache, Option<String>), Error> {
    let path = data_dir.join(cache::FILE);
    let key = match obtain_key(keychain, folder, "cache", &path) {
        Err(Error::Store(error)) if error.is_wrong_key() => {
            let notice = cache::set_aside(&path, &error)?;
            let key = obtain_key(keychain, folder, "cache", &path)?;
            let opened = Cache::open(data_dir, &key)?;
            return Ok((opened.cache, Some(notice)));
        }
        other => other?,
    };
    let opened = Cache::open(data_dir, &key)?;
    Ok((opened.cache, opened.notice))
}
