//! Running syncs: one at a time per source over all processes, progress to whoever listens, the picture renewed as people come in.

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{Engine, held};
use crate::Error;
use crate::sources::Client;
use crate::sync::{self, Progress, SyncContext};
use crate::view::{EngineEvent, Source, SourceId, SyncOutcome, SyncProgress};

/// Progress is told this often.
const TELL_EVERY: Duration = Duration::from_millis(150);
/// While the first people come in, the picture is renewed this often, and later as often as making it allows.
const RENEW_EVERY: Duration = Duration::from_secs(2);

/// A sync under way.
pub(super) struct Running {
    pub(super) cancel: CancellationToken,
    pub(super) progress: Arc<Progress>,
    /// None while it waits for its turn.
    pub(super) client: Option<Client>,
}

impl Running {
    pub(super) fn now(&self) -> SyncProgress {
        self.progress.now(self.client.as_ref().map(Client::traffic).unwrap_or_default())
    }
}

/// Takes a source off the list of running ones, whatever happens.
struct Listed<'e> {
    engine: &'e Engine,
    id: SourceId,
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        held(&self.engine.inner.running).remove(&self.id);
    }
}

impl Engine {
    /// Syncs one source to the end; progress goes to [`Self::events`]. Whatever is readable is read: a failure is in the outcome.
    ///
    /// # Errors
    /// When it cannot even start: no such source, disabled, no secret, a sync of it running already (in this process or another).
    pub async fn sync(&self, id: SourceId) -> Result<SyncOutcome, Error> {
        self.sync_with(id, false).await
    }

    /// Like [`Self::sync`]; with `full`, everything is read even where reading changes only is proven to work.
    ///
    /// # Errors
    /// As for [`Self::sync`].
    pub async fn sync_with(&self, id: SourceId, full: bool) -> Result<SyncOutcome, Error> {
        let source = self.source(id)?;
        let (cancel, progress) = self.enlist(&source)?;
        self.sync_listed(source, cancel, progress, full).await
    }

    fn enlist(&self, source: &Source) -> Result<(CancellationToken, Arc<Progress>), Error> {
        if !source.settings.enabled {
            return Err(Error::Input {
                field: "Source",
                problem: format!("{} is disabled; enable it first", source.settings.name),
            });
        }
        let mut running = held(&self.inner.running);
        if running.contains_key(&source.id) {
            return Err(Error::Busy {
                name: source.settings.name.clone(),
            });
        }
        let cancel = CancellationToken::new();
        let progress = Arc::new(Progress::new(source.id, source.settings.request_budget));
        running.insert(
            source.id,
            Running {
                cancel: cancel.clone(),
                progress: Arc::clone(&progress),
                client: None,
            },
        );
        Ok((cancel, progress))
    }

    async fn sync_listed(
        &self,
        source: Source,
        cancel: CancellationToken,
        progress: Arc<Progress>,
        full: bool,
    ) -> Result<SyncOutcome, Error> {
        let id = source.id;
        let listed = Listed { engine: self, id };
        let lock = self.lock(&source)?;
        let engine = self.clone();
        let settings = source.settings.clone();
        // The keychain may be slow to answer.
        let client = tokio::task::spawn_blocking(move || engine.client(id, &settings))
            .await
            .map_err(|_| Error::Busy {
                name: source.settings.name.clone(),
            })??;
        if let Some(running) = held(&self.inner.running).get_mut(&id) {
            running.client = Some(client.clone());
        }
        let context = SyncContext {
            source: id,
            name: source.settings.name.clone(),
            client,
            cache: Arc::clone(&self.inner.cache),
            ledger: Arc::clone(&self.inner.ledger),
            progress,
            cancel,
            full,
        };
        let outcome = {
            let run = sync::run(context);
            let told = self.tell_progress(id);
            tokio::pin!(run, told);
            tokio::select! {
                outcome = &mut run => outcome,
                () = &mut told => run.await,
            }
        };
        drop(lock);
        drop(listed);
        if outcome.fault.as_ref().is_some_and(|fault| fault.code == "cache.broken") {
            self.inner.cache.doubt();
        }
        self.note_use(id, outcome.fault.as_ref().map(|fault| fault.code.as_str()));
        let engine = self.clone();
        let rebuilt = tokio::task::spawn_blocking(move || engine.rebuild()).await;
        if let Ok(Err(error)) = rebuilt {
            tracing::error!(%error, "the picture could not be renewed");
        }
        self.tell(EngineEvent::SyncEnded { outcome: outcome.clone() });
        self.ask_after_sync();
        Ok(outcome)
    }

    /// Tells progress until its future is dropped, and renews the picture as people come in.
    async fn tell_progress(&self, id: SourceId) {
        let mut tick = tokio::time::interval(TELL_EVERY);
        let (mut renewed, mut pause) = (Instant::now(), RENEW_EVERY);
        loop {
            tick.tick().await;
            let Some(progress) = held(&self.inner.running).get(&id).map(Running::now) else {
                return;
            };
            let coming_in = progress.read > 0;
            self.tell(EngineEvent::SyncProgress { progress });
            if coming_in && renewed.elapsed() > pause {
                let engine = self.clone();
                let started = Instant::now();
                let renew = tokio::task::spawn_blocking(move || engine.renew());
                if let Ok(Err(error)) = renew.await {
                    tracing::warn!(%error, "the picture could not be renewed");
                }
                renewed = Instant::now();
                // Making it must not take more than a fifth of the time.
                pause = RENEW_EVERY.max(started.elapsed() * 5);
            }
        }
    }

    /// One sync of a source at a time, over all processes: the lock goes with the process, however it ends.
    fn lock(&self, source: &Source) -> Result<File, Error> {
        self.try_lock(&format!("source-{}.lock", source.id))?.ok_or_else(|| Error::Busy {
            name: source.settings.name.clone(),
        })
    }

    /// Takes the lock of this name, which goes with the process; none where somebody has it.
    pub(super) fn try_lock(&self, name: &str) -> Result<Option<File>, Error> {
        let folder = self.inner.data_dir.join("locks");
        let path = folder.join(name);
        let failed = |source| Error::File {
            path: path.display().to_string(),
            source,
        };
        crate::store::file::make_folder(&folder).map_err(failed)?;
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Starts syncs of these sources (all enabled ones when empty) in the background: authoritative ones first, since what others hold
    /// is compared with them, then the rest at once. Those that run already are left to run. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the sources cannot be read. What goes wrong later comes as an event.
    pub fn start_sync(&self, ids: &[SourceId]) -> Result<(), Error> {
        let mut first = Vec::new();
        let mut then = Vec::new();
        for source in self.sources()? {
            let wanted = if ids.is_empty() {
                source.settings.enabled
            } else {
                ids.contains(&source.id)
            };
            if !wanted {
                continue;
            }
            match self.enlist(&source) {
                Ok((cancel, progress)) => {
                    let step = if source.settings.authoritative { &mut first } else { &mut then };
                    step.push((source, cancel, progress));
                }
                Err(Error::Busy { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.tell(EngineEvent::SourcesChanged);
        let engine = self.clone();
        tokio::spawn(async move {
            for step in [first, then] {
                let mut tasks = tokio::task::JoinSet::new();
                for (source, cancel, progress) in step {
                    let engine = engine.clone();
                    tasks.spawn(async move {
                        let id = source.id;
                        if let Err(error) = engine.sync_listed(source, cancel, progress, false).await {
                            engine.failed_to_start(id, &error);
                        }
                    });
                }
                tasks.join_all().await;
            }
        });
        Ok(())
    }

    /// Remembers why a sync could not start, so that it shows beside the source.
    fn failed_to_start(&self, id: SourceId, error: &Error) {
        tracing::warn!(%error, "a sync could not start");
        let remembered = self.inner.cache.state(id).and_then(|mut state| {
            state.fault = Some(error.fault());
            self.inner.cache.set_state(id, &state)
        });
        if let Err(error) = remembered {
            tracing::warn!(%error, "and that could not be remembered");
        }
        self.tell(EngineEvent::SourcesChanged);
    }

    /// Cancels the sync of a source, running or waiting for its turn. What was read is kept.
    pub fn cancel_sync(&self, id: SourceId) {
        if let Some(running) = held(&self.inner.running).get(&id) {
            running.cancel.cancel();
        }
    }
}
