//! Driving runs on in the background: one process at a time, with the systems open; what is left to do when one is closed.

use std::fs::File;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::super::{Engine, held};
use super::blocking;
use super::planning::SharedDoors;
use crate::Error;
use crate::clock::SystemClock;
use crate::deprovision::doors::{Opened, SystemDoors};
use crate::deprovision::drive::{Driver, Ended};
use crate::deprovision::entry::{Entry, Target};
use crate::deprovision::log::{self, Log as _};
use crate::deprovision::story::Story;
use crate::secrets::Secret;
use crate::sources::scim::Capabilities;
use crate::sync::now;
use crate::view::{EngineEvent, RunId, SourceId};

/// So often it is tried to get a run's lock while somebody else looks whether it is held.
const TRIES: u32 = 5;

impl Engine {
    /// Drives a run on in the background, unless somebody does already. Needs a tokio runtime.
    pub(super) fn drive_run(&self, run: RunId) -> Result<(), Error> {
        let cancel = CancellationToken::new();
        {
            let mut driving = held(&self.inner.driving);
            if driving.contains_key(&run) {
                return Ok(());
            }
            driving.insert(run, cancel.clone());
        }
        let lock = match self.run_lock(run) {
            Ok(Some(lock)) => lock,
            other => {
                held(&self.inner.driving).remove(&run);
                // Another process drives it: it sees what was recorded.
                return other.map(drop);
            }
        };
        let engine = self.clone();
        tokio::spawn(async move {
            let ended = engine.driven(run, cancel).await;
            if let Err(error) = &ended {
                tracing::warn!(run, %error, "a run was stopped by an error");
                let stopped = engine.inner.run_log.story(run).and_then(|story| {
                    let fault = Some(error.fault());
                    engine
                        .inner
                        .run_log
                        .append(&story, now(), vec![Entry::Stopped { by: None, fault }], false)
                });
                if let Err(error) = stopped {
                    tracing::error!(run, %error, "and that could not be recorded");
                }
            }
            if matches!(ended, Ok(Ended::Closed)) {
                engine.after_closing(run);
            }
            drop(lock);
            held(&engine.inner.driving).remove(&run);
            engine.tell(EngineEvent::RunChanged { run });
        });
        Ok(())
    }

    async fn driven(&self, run: RunId, cancel: CancellationToken) -> Result<Ended, Error> {
        let story = self.inner.run_log.story(run)?;
        let doors = self.doors(sources_of(&story.targets)).await?;
        let engine = self.clone();
        let driver = Driver {
            doors,
            clock: Arc::new(SystemClock),
            log: Arc::clone(&self.inner.run_log) as Arc<dyn log::Log>,
            credential: Box::new(move |check| engine.credential(run, check)),
            cancel,
        };
        driver.drive(run).await
    }

    /// Signs what the run leaves behind, and takes what was handed over for it out of the keychain. A run that could not be signed is closed all the
    /// same, and is signed when its evidence is exported.
    pub(super) fn after_closing(&self, run: RunId) {
        let sealed = self.inner.run_log.story(run).and_then(|story| {
            self.forget_handed(&story);
            self.seal_run(&story)
        });
        if let Err(error) = sealed {
            tracing::warn!(run, code = error.code(), %error, "the run's evidence is not signed yet");
        }
    }

    /// Takes what was handed over for a closed run out of the keychain.
    pub(in crate::engine) fn forget_handed(&self, story: &Story) {
        let run = story.id;
        for check in story.checks.iter().filter(|check| check.handed) {
            held(&self.inner.handed).remove(&(run, check.plan.id.clone()));
            if let Err(error) = self.inner.keychain.remove(&self.credential_name(run, &check.plan.id)) {
                tracing::warn!(
                    run,
                    code = error.code(),
                    "a credential that was handed over is in the keychain still"
                );
            }
        }
    }

    pub(super) fn credential_name(&self, run: RunId, check: &str) -> String {
        format!("{}/run/{run}/{check}", self.inner.ledger.folder_id())
    }

    /// The credential that was handed over for a check.
    fn credential(&self, run: RunId, check: &str) -> Option<Secret> {
        if let Some(secret) = held(&self.inner.handed).get(&(run, check.to_owned())) {
            return Some(secret.duplicate());
        }
        self.inner.keychain.get(&self.credential_name(run, check)).ok().flatten()
    }

    /// Lets go of a run after what it is doing, without a word in its story: any process can go on with it.
    pub fn let_go_of_run(&self, run: RunId) {
        if let Some(cancel) = held(&self.inner.driving).get(&run) {
            cancel.cancel();
        }
    }

    /// Whether this process or another drives a run on.
    pub(super) fn is_driven(&self, run: RunId) -> bool {
        held(&self.inner.driving).contains_key(&run) || matches!(self.try_lock(&format!("run-{run}.lock")), Ok(None))
    }

    /// The lock of a run: one process drives it on. None while another does.
    pub(super) fn run_lock(&self, run: RunId) -> Result<Option<File>, Error> {
        for _ in 0..TRIES {
            if let Some(lock) = self.try_lock(&format!("run-{run}.lock"))? {
                return Ok(Some(lock));
            }
            // Somebody may only be looking whether it is held.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok(None)
    }

    /// Clients of these sources, with what their servers were seen to do. Those that are gone are left out.
    fn open_doors(&self, ids: &[SourceId]) -> Result<SharedDoors, Error> {
        let mut all = Vec::new();
        for source in self.sources()?.into_iter().filter(|source| ids.contains(&source.id)) {
            let client = self.client(source.id, &source.settings)?;
            let kept = self.inner.cache.state(source.id)?.capabilities;
            let kept = kept.and_then(|kept| serde_json::from_value::<Capabilities>(kept).ok());
            all.push(Opened {
                client,
                source,
                capabilities: OnceCell::new_with(kept),
            });
        }
        Ok(Arc::new(SystemDoors::new(all)))
    }

    /// The doors of these sources.
    pub(super) async fn doors(&self, ids: Vec<SourceId>) -> Result<SharedDoors, Error> {
        let engine = self.clone();
        blocking(move || engine.open_doors(&ids)).await
    }
}

/// The sources of a run.
pub(super) fn sources_of(targets: &[Target]) -> Vec<SourceId> {
    targets.iter().map(|target| target.source).collect()
}
