//! What stands behind the window: which folder is open, its engine, the demo company's servers, who listens. Knows nothing of Tauri.

mod demo;
mod fault;
mod keychain;
pub mod picks;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lanyard_engine::secrets::Keychain;
use lanyard_engine::view::{AppState, EngineEvent, Fault};
use lanyard_engine::{Engine, Error, OpenOptions};
use tokio::sync::{OwnedRwLockWriteGuard, RwLock, broadcast};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::commands::Answer;
use demo::{Announcement, Lab};
pub use fault::ShellError;
use picks::Picks;

/// The demo company's folder, within the one that the window starts with.
const DEMO_FOLDER: &str = "demo";
/// How long the end of the app waits for running syncs to stop.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a shell starts with.
pub struct Start {
    /// The data folder to open first.
    home: PathBuf,
    /// How to reach the keychain.
    keychain: Box<dyn Fn() -> Result<Arc<dyn Keychain>, Error> + Send + Sync>,
    /// The `lanyard` program, which serves the demo company.
    lanyard: PathBuf,
    /// How many people the demo company has, if not as many as by default.
    people: Option<u32>,
}

impl Start {
    /// The keychain as the environment says, and the `lanyard` program beside this one.
    pub fn on_this_machine(home: PathBuf, people: Option<u32>) -> Self {
        Self {
            home,
            keychain: Box::new(keychain::by_environment),
            lanyard: demo::lanyard_beside_this_program(),
            people,
        }
    }
}

/// The window's other half: cheap to clone.
#[derive(Clone)]
pub struct Shell(Arc<Inner>);

struct Inner {
    start: Start,
    picks: Picks,
    /// Held for writing while another folder is being opened: commands wait for it rather than speak with the old one.
    gate: Arc<RwLock<()>>,
    open: Mutex<Opened>,
    events: broadcast::Sender<EngineEvent>,
    listener: Mutex<Option<JoinHandle<()>>>,
    lab: tokio::sync::Mutex<Option<Lab>>,
    start_fault: Mutex<Option<Fault>>,
}

/// The folder that is open.
struct Opened {
    folder: PathBuf,
    demo: bool,
    /// None before the first use, or where opening failed: then the next use tries again.
    engine: Option<Engine>,
    /// Carries the engine's events over to the shell's.
    pump: Option<JoinHandle<()>>,
}

impl Shell {
    /// A shell on its first folder, which is opened at first use.
    pub fn new(start: Start) -> Self {
        let open = Opened {
            folder: start.home.clone(),
            demo: false,
            engine: None,
            pump: None,
        };
        Self(Arc::new(Inner {
            start,
            picks: Picks::default(),
            gate: Arc::default(),
            open: Mutex::new(open),
            events: broadcast::channel(1024).0,
            listener: Mutex::default(),
            lab: tokio::sync::Mutex::default(),
            start_fault: Mutex::default(),
        }))
    }

    /// Opens the first folder, or the demo company. Commands that come before it is done wait: the gate is shut before this returns.
    pub fn start(&self, demo: bool) -> impl Future<Output = ()> + Send + 'static {
        let shell = self.clone();
        // Nobody else holds the gate yet.
        let gate = Arc::clone(&self.0.gate).try_write_owned().ok();
        async move {
            let opened = match gate {
                Some(gate) if demo => shell.open_demo_behind(gate).await.map(drop),
                gate => {
                    drop(gate);
                    shell.engine().await.map(drop)
                }
            };
            if let Err(fault) = opened {
                tracing::warn!(code = fault.code, what = fault.what, "nothing could be opened");
                *lock(&shell.0.start_fault) = demo.then_some(fault);
            }
        }
    }

    /// Why the demo company that was asked for at the start could not be opened: told once.
    pub fn start_fault(&self) -> Option<Fault> {
        lock(&self.0.start_fault).take()
    }

    /// Asks the engine something, away from the threads that must not wait.
    ///
    /// # Errors
    /// Whatever the engine says, as a person sees it.
    pub async fn ask<T: Send + 'static>(&self, work: impl FnOnce(&Engine) -> Result<T, Error> + Send + 'static) -> Answer<T> {
        let _open = self.0.gate.read().await;
        let shell = self.clone();
        away(move || work(&shell.opened()?)).await
    }

    /// The engine on the folder that is open.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn engine(&self) -> Answer<Engine> {
        self.ask(|engine| Ok(engine.clone())).await
    }

    /// What was picked in the system's dialogs.
    pub fn picks(&self) -> &Picks {
        &self.0.picks
    }

    /// Hands events to `hear` until it says no, in place of whoever listened before. Needs a tokio runtime.
    pub fn listen(&self, hear: impl Fn(EngineEvent) -> bool + Send + 'static) {
        let mut events = self.0.events.subscribe();
        let listener = tokio::spawn(async move {
            loop {
                let event = match events.recv().await {
                    Ok(event) => event,
                    // Some were missed: what they changed is asked for again.
                    Err(broadcast::error::RecvError::Lagged(_)) => EngineEvent::SourcesChanged,
                    Err(broadcast::error::RecvError::Closed) => break,
                };
                if !hear(event) {
                    break;
                }
            }
        });
        if let Some(before) = lock(&self.0.listener).replace(listener) {
            before.abort();
        }
    }

    /// Opens the folder that was just picked, or the one that the window started with.
    ///
    /// # Errors
    /// When it is neither, or cannot be opened; then the folder before it stays open.
    pub async fn open_picked_folder(&self, path: &str) -> Answer<AppState> {
        let folder = if Path::new(path) == self.0.start.home {
            self.0.start.home.clone()
        } else {
            self.0.picks.take_folder(path)?
        };
        let gate = Arc::clone(&self.0.gate).write_owned().await;
        let state = self.open_behind(&gate, folder, false, |_| Ok(())).await?;
        if let Some(lab) = self.0.lab.lock().await.take() {
            lab.stop().await;
        }
        Ok(state)
    }

    /// Starts the demo company's servers, opens its folder, connects its sources and starts their sync.
    ///
    /// # Errors
    /// When the servers do not start or the folder cannot be opened; then the folder before it stays open.
    pub async fn open_demo(&self) -> Answer<AppState> {
        let gate = Arc::clone(&self.0.gate).write_owned().await;
        self.open_demo_behind(gate).await
    }

    /// See [`Self::open_demo`]. Until the sources are connected nobody is answered, or the company would look empty.
    async fn open_demo_behind(&self, gate: OwnedRwLockWriteGuard<()>) -> Answer<AppState> {
        let mut lab = self.0.lab.lock().await;
        if lab.as_mut().is_none_or(|lab| !lab.is_running()) {
            *lab = Some(Lab::start(&self.0.start.lanyard, self.0.start.people).await?);
        }
        let Announcement {
            sources,
            restore_groups,
            plans,
        } = lab.as_mut().map(Lab::take).unwrap_or_default();
        let count = sources.len();
        let folder = self.0.start.home.join(DEMO_FOLDER);
        let connect = move |engine: &Engine| {
            demo::connect(engine, sources)?;
            tracing::info!(sources = count, "demo company connected");
            // A company without plans is still a company.
            if let Err(error) = demo::keep_plans(engine, plans) {
                tracing::warn!(%error, "the demo company's plans could not be kept");
            }
            if !restore_groups.is_empty() {
                demo::propose_restore_groups(engine, count, restore_groups);
            }
            engine.start_sync(&[])
        };
        self.open_behind(&gate, folder, true, connect).await
    }

    /// Opens a folder in place of the one that is open, prepares its engine, and gives its state. The gate is held by the caller.
    async fn open_behind(
        &self,
        _gate: &OwnedRwLockWriteGuard<()>,
        folder: PathBuf,
        demo: bool,
        prepare: impl FnOnce(&Engine) -> Result<(), Error> + Send + 'static,
    ) -> Answer<AppState> {
        let shell = self.clone();
        let (state, before) = away(move || {
            let mut open = lock(&shell.0.open);
            if let Some(engine) = open.engine.as_ref().filter(|_| open.folder == folder) {
                prepare(engine)?;
                return Ok((engine.state()?, None));
            }
            let (engine, fresh) = shell.opened_at(folder, demo)?;
            prepare(&engine)?;
            Ok((engine.state()?, Some(std::mem::replace(&mut *open, fresh))))
        })
        .await?;
        if let Some(before) = before {
            close(before.engine, before.pump).await;
        }
        Ok(state)
    }

    /// The engine, opened if it is not yet.
    fn opened(&self) -> Result<Engine, Error> {
        let mut open = lock(&self.0.open);
        if let Some(engine) = &open.engine {
            return Ok(engine.clone());
        }
        let (engine, fresh) = self.opened_at(open.folder.clone(), open.demo)?;
        *open = fresh;
        Ok(engine)
    }

    /// Opens an engine and lets its events flow into the shell's.
    fn opened_at(&self, folder: PathBuf, demo: bool) -> Result<(Engine, Opened), Error> {
        let engine = Engine::open(OpenOptions {
            data_dir: folder.clone(),
            keychain: (self.0.start.keychain)()?,
            demo,
        })?;
        let (mut from, to) = (engine.events(), self.0.events.clone());
        let pump = tokio::spawn(async move {
            loop {
                let event = match from.recv().await {
                    Ok(event) => event,
                    Err(broadcast::error::RecvError::Lagged(_)) => EngineEvent::SourcesChanged,
                    Err(broadcast::error::RecvError::Closed) => break,
                };
                note(&event);
                // Nobody may be listening yet.
                drop(to.send(event));
            }
        });
        // What was left in the middle goes on. The demo company's servers are new each time, and know nothing of it.
        if !demo && let Err(error) = engine.take_up_rotations() {
            tracing::warn!(code = error.code(), "rotations that were left in the middle were not taken up");
        }
        Ok((
            engine.clone(),
            Opened {
                folder,
                demo,
                engine: Some(engine),
                pump: Some(pump),
            },
        ))
    }

    /// Ends running syncs and the demo company's servers.
    pub async fn shut(&self) {
        let (engine, pump) = {
            let mut open = lock(&self.0.open);
            (open.engine.take(), open.pump.take())
        };
        close(engine, pump).await;
        if let Some(lab) = self.0.lab.lock().await.take() {
            lab.stop().await;
        }
    }
}

/// Writes the end of a sync to the log: what a person who watches the terminal, or a script, waits for.
fn note(event: &EngineEvent) {
    if let EngineEvent::SyncEnded { outcome } = event {
        tracing::info!(source = outcome.name, state = ?outcome.state, added = outcome.added, changed = outcome.changed, "sync ended");
    }
}

/// Closes what was open.
async fn close(engine: Option<Engine>, pump: Option<JoinHandle<()>>) {
    if let Some(engine) = engine
        && tokio::time::timeout(PATIENCE, engine.close()).await.is_err()
    {
        tracing::warn!("a sync did not stop in time; what it had saved is kept");
    }
    if let Some(pump) = pump {
        pump.abort();
    }
}

/// Does blocking work on a thread of its own.
async fn away<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Answer<T> {
    match spawn_blocking(work).await {
        Ok(answer) => answer.map_err(|error| error.fault()),
        Err(_) => Err(ShellError::Panicked.into()),
    }
}

/// Locks; a thread that panicked while it held the lock leaves whole values behind, for each is set in one go.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
