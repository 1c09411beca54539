//! Guided de-provisioning: plans, runs, and what a person does with them. A person acts on runs here; they are driven in `driving`,
//! and asked about in `asking`.

mod asking;
mod driving;
mod leaver;
mod planning;
mod plans;
mod subject;

use super::{Engine, held};
use crate::Error;
use crate::deprovision::catalogue;
use crate::deprovision::entry::Entry;
use crate::deprovision::log::Log as _;
use crate::deprovision::next::{Next, next};
use crate::deprovision::story::Story;
use crate::deprovision::{show, words};
use crate::secrets::Secret;
use crate::sync::now;
use crate::view::{Agreement, GuardState, Millis, Run, RunId, RunState, StepState, Verdict, Waiver};

use asking::view_of;
use driving::sources_of;
use planning::{Guarding, own};

/// A reason is a sentence or two.
const LONGEST_REASON: usize = 500;

/// Runs something that blocks.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
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

impl Engine {
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

    /// Lets a run go on: after a stop, a crash, a reboot; where it refuses to close, what is open is asked again. One whose process ended after it
    /// was closed and before its evidence was signed is signed.
    ///
    /// # Errors
    /// [`Error::Refused`] for a run that is closed for good or not agreed to; when the evidence cannot be signed.
    pub fn resume_run(&self, run: RunId) -> Result<Run, Error> {
        let story = self.inner.run_log.story(run)?;
        if story.closed.is_some() {
            self.forget_handed(&story);
            if self.is_unsigned(&story)? {
                self.seal_run(&story)?;
                return self.run(run);
            }
        }
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

    fn user(&self) -> String {
        self.inner.ledger.user().to_owned()
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
}

fn moved() -> Error {
    refused("run.moved", "the run moved on meanwhile", "Look at it again.")
}
