//! Guided de-provisioning: plans, runs, and what a person does with them.

mod leaver;
mod planning;
mod plans;
mod subject;

use std::fs::File;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::{Engine, held};
use crate::Error;
use crate::deprovision::catalogue;
use crate::deprovision::clock::SystemClock;
use crate::deprovision::doors::{Opened, SystemDoors};
use crate::deprovision::drive::{Driver, Ended};
use crate::deprovision::entry::{Entry, Target};
use crate::deprovision::log::{self, Log as _};
use crate::deprovision::next::{Next, next};
use crate::deprovision::story::Story;
use crate::deprovision::{show, words};
use crate::secrets::Secret;
use crate::sources::scim::Capabilities;
use crate::sync::now;
use crate::view::{
    Agreement, EngineEvent, GuardState, Millis, RevokePoint, RevokeTrend, Run, RunId, RunPage, RunQuery, RunRecord, RunRecords, RunState,
    SourceId, StepState, Verdict, Waiver,
};

use planning::{Guarding, SharedDoors, own};

/// A reason is a sentence or two.
const LONGEST_REASON: usize = 500;
/// Records of one page at most.
const PAGE: u32 = 500;
/// So often it is tried to get a run's lock while somebody else looks whether it is held.
const TRIES: u32 = 5;

/// Runs something that blocks.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::Refused {
            code: "run.ended",
            what: format!("the work was ended before it was done ({error})"),
            next: "Try again.".into(),
        }),
    }
}

fn refused(code: &'static str, what: impl Into<String>, next: impl Into<String>) -> Error {
    Error::Refused {
        code,
        what: what.into(),
        next: next.into(),
    }
}

fn reason(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_REASON {
        return Err(Error::Input {
            field: "Reason",
            problem: format!("say in a sentence why, in {LONGEST_REASON} characters at most; it stands in the evidence"),
        });
    }
    Ok(text.to_owned())
}

/// A run as its screen shows it.
fn view_of(engine: &Engine, story: &Story) -> Result<Run, Error> {
    let person = story
        .planned
        .subject
        .person
        .clone()
        .filter(|key| engine.directory().account_of_key(key).is_some());
    let view = show::run(story, now(), engine.is_driven(story.id), person);
    let evidence = if story.closed.is_some() {
        engine.evidence_info(story.id)?
    } else {
        None
    };
    Ok(Run { evidence, ..view })
}

impl Engine {
    /// Runs, newest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn runs(&self, query: &RunQuery) -> Result<RunPage, Error> {
        let (mut runs, mut total) = (Vec::new(), 0_u64);
        for stored in self.inner.ledger.runs()? {
            let fits = query.plan.as_ref().is_none_or(|plan| *plan == stored.plan) && query.kind.is_none_or(|kind| kind == stored.kind);
            if !fits {
                continue;
            }
            let wanted = total >= u64::from(query.offset) && runs.len() < query.limit.min(PAGE) as usize;
            if !query.open && !wanted {
                total += 1;
                continue;
            }
            let story = self.inner.run_log.story(stored.id)?;
            if query.open && story.closed.is_some() {
                continue;
            }
            if wanted {
                runs.push(show::summary(&story, now(), self.is_driven(stored.id)));
            }
            total += 1;
        }
        Ok(RunPage { runs, total })
    }

    /// One run, whole.
    ///
    /// # Errors
    /// When there is no such run, or the ledger cannot be read.
    pub fn run(&self, run: RunId) -> Result<Run, Error> {
        view_of(self, &self.inner.run_log.story(run)?)
    }

    /// A page of a run's records, newest first.
    ///
    /// # Errors
    /// When there is no such run, or the ledger cannot be read.
    pub fn run_records(&self, run: RunId, offset: u32, limit: u32) -> Result<RunRecords, Error> {
        self.inner.ledger.run(run)?;
        let (count, _) = self.inner.ledger.run_head(run)?;
        let last = count - i64::from(offset);
        let first = (last - i64::from(limit.min(PAGE)) + 1).max(1);
        let (records, disclosures) = self.inner.ledger.run_records(run, first)?;
        let values = log::values(&disclosures);
        let page = records.iter().filter(|record| record.seq <= last).rev().map(|record| {
            let (title, data) = log::opened(record, &values);
            RunRecord {
                seq: record.seq,
                at: record.at,
                kind: record.kind.clone(),
                title,
                about: record.about.clone(),
                mark: record.mark,
                data,
                hash: record.hash.clone(),
            }
        });
        Ok(RunRecords {
            records: page.collect(),
            total: u64::try_from(count).unwrap_or(0),
        })
    }

    /// Agrees to a run, by typing the subject's user name and looking a second time at what cannot be undone. The guards are looked at again; then
    /// it goes on by itself. A dry run needs nothing typed.
    ///
    /// # Errors
    /// [`Error::Input`] for another name or a missing second look; [`Error::Refused`] where a guard refuses, or the run was agreed to already.
    pub async fn agree_run(&self, run: RunId, agreement: &Agreement) -> Result<Run, Error> {
        let story = self.inner.run_log.story(run)?;
        if next(&story, now()) != Next::Agree {
            return Err(self.not_now(&story, "it was agreed to already, or is closed"));
        }
        if !story.planned.dry_run {
            let wanted = show::type_name(&story);
            if agreement.typed.trim() != wanted {
                return Err(Error::Input {
                    field: "Name",
                    problem: format!("type “{wanted}” to agree; “{}” was typed", agreement.typed.trim()),
                });
            }
            let missing: Vec<String> = show::second_looks(&story)
                .into_iter()
                .filter(|step| !agreement.second_looks.contains(step))
                .collect();
            if !missing.is_empty() {
                return Err(Error::Input {
                    field: "Second look",
                    problem: format!("these steps cannot be undone and were not looked at again: {}", missing.join(", ")),
                });
            }
        }
        let targets = story.targets.clone();
        let doors = self.doors(sources_of(&targets)).await?;
        let steps: Vec<_> = story.steps.iter().map(|step| step.plan.clone()).collect();
        let own = own(&*doors, &targets, &steps).await;
        let engine = self.clone();
        let typed = agreement.typed.trim().to_owned();
        let second_looks = agreement.second_looks.clone();
        blocking(move || {
            let groups: Vec<String> = story
                .targets
                .iter()
                .flat_map(|target| target.hints.values().flatten())
                .map(|thing| thing.name.clone())
                .collect();
            let marked = story
                .guards
                .iter()
                .find(|guard| guard.id == "markedForTests")
                .map(|guard| guard.state == GuardState::Clear);
            let guards = engine.guards(&Guarding {
                run: Some(run),
                plan: &story.planned.plan,
                who: &story.planned.subject,
                targets: &story.targets,
                steps: &steps,
                groups: &groups,
                own: &own,
                marked,
                dry_run: story.planned.dry_run,
            })?;
            let refusing: Vec<String> = guards
                .iter()
                .filter(|guard| guard.state == GuardState::Refuses)
                .map(|guard| guard.says.clone())
                .collect();
            let mut entries = vec![Entry::Guards { guards: guards.clone() }];
            if refusing.is_empty() {
                entries.push(Entry::Agreed {
                    by: engine.user(),
                    typed,
                    second_looks,
                });
            }
            let done = engine.inner.run_log.append(&story, now(), entries, true)?;
            if !refusing.is_empty() {
                return Err(refused(
                    "run.guarded",
                    refusing.join(" "),
                    guards
                        .into_iter()
                        .find(|guard| guard.state == GuardState::Refuses)
                        .and_then(|guard| guard.next)
                        .unwrap_or_else(|| "See what the guards say.".into()),
                ));
            }
            if done { Ok(()) } else { Err(moved()) }
        })
        .await?;
        self.drive_run(run)?;
        self.run(run)
    }

    /// Drives a run on in the background, unless somebody does already. Needs a tokio runtime.
    fn drive_run(&self, run: RunId) -> Result<(), Error> {
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
    fn after_closing(&self, run: RunId) {
        if let Err(error) = self.seal_run(run) {
            tracing::warn!(run, code = error.code(), %error, "the run's evidence is not signed yet");
        }
        let Ok(story) = self.inner.run_log.story(run) else { return };
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

    fn credential_name(&self, run: RunId, check: &str) -> String {
        format!("{}/run/{run}/{check}", self.inner.ledger.folder_id())
    }

    /// The credential that was handed over for a check.
    fn credential(&self, run: RunId, check: &str) -> Option<Secret> {
        if let Some(secret) = held(&self.inner.handed).get(&(run, check.to_owned())) {
            return Some(secret.duplicate());
        }
        self.inner.keychain.get(&self.credential_name(run, check)).ok().flatten()
    }

    /// Hands over a credential of the identity for a check, which must be refused in the end. It goes into the keychain until the run is closed; where
    /// there is none, it stays in this process. Before the cut it is tried at once: only what was seen to open something is believed to be shut later.
    ///
    /// # Errors
    /// [`Error::Input`] for a check that needs none or an empty one; [`Error::Refused`] for a run that is closed.
    pub async fn hand_over(&self, run: RunId, check: &str, secret: Secret) -> Result<Run, Error> {
        let story = self.open_story(run)?;
        let known = story
            .check(check)
            .filter(|check| catalogue::find_check(&check.plan.name).is_some_and(|kind| kind.credential.is_some()));
        let Some(known) = known else {
            return Err(Error::Input {
                field: "Check",
                problem: format!("“{check}” is no check of this run that a credential is handed over for"),
            });
        };
        if secret.expose().is_empty() {
            return Err(Error::Input {
                field: "Credential",
                problem: "it is empty".into(),
            });
        }
        let look = match story.target(known.plan.source).filter(|_| story.cut_at.is_none()) {
            Some(target) => {
                let doors = self.doors(vec![target.source]).await?;
                Some(Box::new(doors.ask(&known.plan, target, None, None, Some(&secret)).await))
            }
            None => None,
        };
        let engine = self.clone();
        let check = check.to_owned();
        blocking(move || {
            if let Err(error) = engine.inner.keychain.set(&engine.credential_name(run, &check), &secret) {
                tracing::warn!(code = error.code(), "a credential stays in this process alone");
            }
            held(&engine.inner.handed).insert((run, check.clone()), secret);
            let by = engine.user();
            engine.record(&story, Entry::HandedOver { check, by, look })
        })
        .await?;
        self.go_on(run)
    }

    /// Stops a run after what it is doing. It can go on at any time.
    ///
    /// # Errors
    /// [`Error::Refused`] for a run that is closed or not agreed to.
    pub fn stop_run(&self, run: RunId) -> Result<Run, Error> {
        let story = self.agreed_story(run)?;
        if story.stopped.is_none() {
            self.record(
                &story,
                Entry::Stopped {
                    by: Some(self.user()),
                    fault: None,
                },
            )?;
        }
        if let Some(cancel) = held(&self.inner.driving).get(&run) {
            cancel.cancel();
        }
        self.run(run)
    }

    /// Lets a run go on: after a stop, a crash, a reboot; where it refuses to close, what is open is asked again.
    ///
    /// # Errors
    /// [`Error::Refused`] for a run that is closed or not agreed to.
    pub fn resume_run(&self, run: RunId) -> Result<Run, Error> {
        let story = self.agreed_story(run)?;
        if !self.is_driven(run) {
            self.record(&story, Entry::Resumed { by: self.user() })?;
        }
        self.drive_run(run)?;
        self.run(run)
    }

    /// Asks for the way back.
    ///
    /// # Errors
    /// [`Error::Refused`] where nothing was done that could be undone, or the run is closed.
    pub fn restore_run(&self, run: RunId) -> Result<Run, Error> {
        let story = self.agreed_story(run)?;
        let touched = story.steps.iter().any(|step| step.attempts > 0);
        if story.planned.way_back.is_none() || !touched {
            return Err(self.not_now(&story, "nothing was done that can be undone"));
        }
        if !story.restoring {
            self.record(&story, Entry::Restoring { by: Some(self.user()) })?;
        }
        self.drive_run(run)?;
        self.run(run)
    }

    /// Lets a check pass that failed or could not be evaluated, with a reason, until a time.
    ///
    /// # Errors
    /// [`Error::Input`] for a check that stands otherwise, a missing reason, or a time that is past or more than a year off.
    pub fn waive_check(&self, run: RunId, check: &str, why: &str, until: Millis) -> Result<Run, Error> {
        let story = self.open_story(run)?;
        let stands = story.check(check).map(|check| check.verdict);
        if !matches!(stands, Some(Verdict::Failed | Verdict::NotEvaluated)) {
            return Err(Error::Input {
                field: "Check",
                problem: match stands {
                    Some(verdict) => format!(
                        "{check} is {}; only what failed or was not evaluated can be waived",
                        words::verdict(verdict)
                    ),
                    None => format!("this run has no check {check}"),
                },
            });
        }
        let at = now();
        if until <= at || until - at > 366 * 24 * 3_600_000 {
            return Err(Error::Input {
                field: "Until",
                problem: "a time from now on, within a year".into(),
            });
        }
        let waiver = Waiver {
            by: self.user(),
            at,
            reason: reason(why)?,
            until,
        };
        self.record(
            &story,
            Entry::Waived {
                check: check.to_owned(),
                waiver,
            },
        )?;
        self.go_on(run)
    }

    /// Says that a step by hand was done.
    ///
    /// # Errors
    /// [`Error::Input`] for a step that is not by hand, or was done.
    pub fn confirm_step(&self, run: RunId, step: &str, note: &str) -> Result<Run, Error> {
        let story = self.agreed_story(run)?;
        if story.step(step).is_none_or(|step| step.state != StepState::ByHand) {
            return Err(Error::Input {
                field: "Step",
                problem: format!("this run has no step {step} that waits for a person"),
            });
        }
        self.record(
            &story,
            Entry::Confirmed {
                step: step.to_owned(),
                by: self.user(),
                note: note.trim().chars().take(LONGEST_REASON).collect(),
            },
        )?;
        self.go_on(run)
    }

    /// Closes a run that nothing stands in the way of any more.
    ///
    /// # Errors
    /// [`Error::Refused`], with what stands in the way.
    pub fn close_run(&self, run: RunId) -> Result<Run, Error> {
        let story = self.agreed_story(run)?;
        let refusals = story.refusals();
        if !refusals.is_empty() {
            return Err(refused(
                "run.refuses",
                format!("it refuses to close: {}", refusals.join("; ")),
                "See to it and resume the run, or waive the checks with a reason.",
            ));
        }
        self.drive_run(run)?;
        self.run(run)
    }

    /// Closes a run as failed.
    ///
    /// # Errors
    /// [`Error::Input`] without a reason; [`Error::Refused`] while it goes on by itself, or where it is closed.
    pub fn fail_run(&self, run: RunId, why: &str) -> Result<Run, Error> {
        let story = self.agreed_story(run)?;
        self.end(&story, RunState::Failed, Some(reason(why)?))
    }

    /// Gives a run up before anything was written.
    ///
    /// # Errors
    /// [`Error::Refused`] where something was written.
    pub fn abandon_run(&self, run: RunId) -> Result<Run, Error> {
        let story = self.open_story(run)?;
        if story.steps.iter().any(|step| step.attempts > 0) {
            return Err(self.not_now(&story, "something was written already; close it as failed instead"));
        }
        self.end(&story, RunState::Abandoned, None)
    }

    fn end(&self, story: &Story, state: RunState, reason: Option<String>) -> Result<Run, Error> {
        let Some(_lock) = self.run_lock(story.id)? else {
            return Err(self.not_now(story, "it goes on by itself; stop it first"));
        };
        let closed = Entry::Closed {
            state,
            by: Some(self.user()),
            reason,
        };
        if !self.inner.run_log.append(story, now(), vec![closed], true)? {
            return Err(moved());
        }
        self.after_closing(story.id);
        self.run(story.id)
    }

    /// How long each system took to revoke over the last runs, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn revoke_trends(&self) -> Result<Vec<RevokeTrend>, Error> {
        const RUNS: usize = 30;
        let mut trends: Vec<RevokeTrend> = Vec::new();
        let mut stories = Vec::new();
        for stored in self.inner.ledger.runs()?.into_iter().filter(|run| !run.dry_run).take(RUNS) {
            stories.push(self.inner.run_log.story(stored.id)?);
        }
        for story in stories.iter().rev().filter(|story| story.cut_at.is_some()) {
            for target in &story.targets {
                let point = revoked(story, target.source, target.limit_ms);
                match trends.iter_mut().find(|trend| trend.source == target.source) {
                    Some(trend) => {
                        trend.source_name.clone_from(&target.source_name);
                        trend.runs.push(point);
                    }
                    None => trends.push(RevokeTrend {
                        source: target.source,
                        source_name: target.source_name.clone(),
                        kind: target.system,
                        runs: vec![point],
                    }),
                }
            }
        }
        Ok(trends)
    }

    /// Waits until a run is not driven by this process any more; `moved` hears of each change.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn follow_run(&self, run: RunId, mut moved: impl FnMut(&Run)) -> Result<Run, Error> {
        let mut events = self.events();
        loop {
            let view = self.run(run)?;
            moved(&view);
            if !held(&self.inner.driving).contains_key(&run) {
                return self.run(run);
            }
            // Timers move on without an event.
            let _ = tokio::time::timeout(std::time::Duration::from_millis(500), async {
                while let Ok(event) = events.recv().await {
                    if event == (EngineEvent::RunChanged { run }) {
                        break;
                    }
                }
            })
            .await;
        }
    }

    /// Lets go of a run after what it is doing, without a word in its story: any process can go on with it.
    pub fn let_go_of_run(&self, run: RunId) {
        if let Some(cancel) = held(&self.inner.driving).get(&run) {
            cancel.cancel();
        }
    }

    fn user(&self) -> String {
        let actor = self.inner.ledger.actor();
        actor.rsplit_once('@').map_or(actor, |(user, _)| user).to_owned()
    }

    fn record(&self, story: &Story, entry: Entry) -> Result<(), Error> {
        self.inner.run_log.append(story, now(), vec![entry], false).map(drop)
    }

    /// After a person did something: on it goes, unless it was stopped.
    fn go_on(&self, run: RunId) -> Result<Run, Error> {
        let story = self.inner.run_log.story(run)?;
        let waits = matches!(
            next(&story, now()),
            Next::Agree | Next::Stopped | Next::Closed | Next::Refuse | Next::Wait
        );
        if !waits && tokio::runtime::Handle::try_current().is_ok() {
            self.drive_run(run)?;
        }
        self.run(run)
    }

    fn open_story(&self, run: RunId) -> Result<Story, Error> {
        let story = self.inner.run_log.story(run)?;
        if story.closed.is_some() {
            return Err(self.not_now(&story, "it is closed"));
        }
        Ok(story)
    }

    fn agreed_story(&self, run: RunId) -> Result<Story, Error> {
        let story = self.open_story(run)?;
        if story.agreed_at.is_none() {
            return Err(self.not_now(&story, "nobody has agreed to it yet"));
        }
        Ok(story)
    }

    fn not_now(&self, story: &Story, why: &str) -> Error {
        let state = show::state(story, now(), self.is_driven(story.id));
        refused(
            "run.notNow",
            format!("run {} cannot do that: {why}", story.id),
            format!("It is {}; see what it offers now.", words::state(state)),
        )
    }

    /// Whether this process or another drives a run on.
    fn is_driven(&self, run: RunId) -> bool {
        held(&self.inner.driving).contains_key(&run) || matches!(self.try_lock(&format!("run-{run}.lock")), Ok(None))
    }

    /// The lock of a run: one process drives it on. None while another does.
    fn run_lock(&self, run: RunId) -> Result<Option<File>, Error> {
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
    async fn doors(&self, ids: Vec<SourceId>) -> Result<SharedDoors, Error> {
        let engine = self.clone();
        blocking(move || engine.open_doors(&ids)).await
    }
}

/// The sources of a run.
fn sources_of(targets: &[Target]) -> Vec<SourceId> {
    targets.iter().map(|target| target.source).collect()
}

fn moved() -> Error {
    refused("run.moved", "the run moved on meanwhile", "Look at it again.")
}

/// How a system came out in a run.
fn revoked(story: &Story, source: SourceId, limit_ms: u64) -> RevokePoint {
    let checks: Vec<_> = story
        .checks
        .iter()
        .filter(|check| check.plan.source == source && check.is_critical())
        .collect();
    let worst = [
        Verdict::Failed,
        Verdict::Waived,
        Verdict::NotEvaluated,
        Verdict::Waiting,
        Verdict::Pending,
    ];
    let verdict = worst
        .into_iter()
        .find(|verdict| checks.iter().any(|check| check.verdict == *verdict))
        .unwrap_or(if checks.is_empty() {
            Verdict::NotEvaluated
        } else {
            Verdict::Passed
        });
    RevokePoint {
        run: story.id,
        at: story.cut_at.unwrap_or(story.planned_at),
        took_ms: (verdict == Verdict::Passed)
            .then(|| checks.iter().filter_map(|check| check.took_ms).max())
            .flatten(),
        limit_ms,
        verdict,
    }
}
