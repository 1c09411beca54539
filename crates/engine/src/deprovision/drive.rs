//! Drives a run on: folds its records, does what is next, records it; until it closes, refuses, waits for a person, or is stopped.
//!
//! What is decided is recorded only where nothing else was recorded meanwhile; otherwise the story is folded again first. So a stop, a waiver or a
//! confirmation from another window or process is never passed over.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use super::acting::is_of_the_cut;
use super::catalogue;
use super::doors::Doors;
use super::entry::{Entry, Stage, StepPlan};
use super::log::Log;
use super::making;
use super::next::{Next, next};
use super::story::{CheckStory, Story};
use crate::Error;
use crate::clock::Clock;
use crate::secrets::Secret;
use crate::sources::doors::{Asked, Look, Seen};
use crate::spans;
use crate::view::{Millis, Phase, RunId, SourceId, Verdict};

/// So many questions are under way at once.
const AT_ONCE: usize = 4;
/// Another process may stop the run or waive a check: it is looked for at least this often, in milliseconds.
const LOOK_EVERY: u64 = 2_000;

/// The credential that was handed over for a check, by the check's id.
pub type Credential = Box<dyn Fn(&str) -> Option<Secret> + Send + Sync>;

/// What a run is driven with.
pub struct Driver {
    /// The systems.
    pub doors: Arc<dyn Doors>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The records.
    pub log: Arc<dyn Log>,
    /// The credential that was handed over for a check, if one was.
    pub credential: Credential,
    /// Ends the driving; the run is left as it is recorded.
    pub cancel: CancellationToken,
}

/// Why the driving ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is closed.
    Closed,
    /// It refuses to close.
    Refusing,
    /// It waits for a person.
    Waiting,
    /// It was stopped.
    Stopped,
    /// The process is to end; the run goes on when it is resumed.
    Cancelled,
}

impl Driver {
    /// Drives the run until there is nothing more to do by itself.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn drive(&self, run: RunId) -> Result<Ended, Error> {
        loop {
            if self.cancel.is_cancelled() {
                return Ok(Ended::Cancelled);
            }
            let story = self.log.story(run)?;
            match next(&story, self.clock.now()) {
                Next::Agree | Next::Wait => return Ok(Ended::Waiting),
                Next::Stopped => return Ok(Ended::Stopped),
                Next::Closed => return Ok(Ended::Closed),
                Next::Refuse => {
                    if story.refused || self.write(&story, vec![Entry::Refused { reasons: story.refusals() }])? {
                        return Ok(Ended::Refusing);
                    }
                }
                Next::Sleep(until) => {
                    let ms = u64::try_from(until.saturating_sub(self.clock.now())).unwrap_or(0);
                    self.clock.sleep(ms.clamp(1, LOOK_EVERY), &self.cancel).await;
                }
                Next::Step(id) if is_of_the_cut(&story, &id) => self.cut(run).await?,
                Next::Step(id) => self.step(story, &id).await?,
                Next::Prepare(stage) => self.prepare(&story, stage).await?,
                Next::Arrive(sources) => self.arrive(&story, &sources).await?,
                Next::NotArrived(sources) => self.not_arrived(&story, &sources)?,
                Next::Ask(ids) => self.ask(story, &ids).await?,
                Next::GiveUp(ids) => self.give_up(&story, &ids)?,
                Next::Watch => {
                    let until = self.clock.now() + i64::try_from(story.planned.watch_ms).unwrap_or(i64::MAX / 2);
                    self.write(&story, vec![Entry::WatchBegan { until }])?;
                }
                Next::Restore => {
                    self.write(&story, vec![Entry::Restoring { by: None }])?;
                }
                Next::Close(state) => {
                    self.write(
                        &story,
                        vec![Entry::Closed {
                            state,
                            by: None,
                            reason: None,
                        }],
                    )?;
                }
            }
        }
    }

    /// Records entries, unless something else was recorded meanwhile. Whether they were.
    pub(super) fn write(&self, story: &Story, entries: Vec<Entry>) -> Result<bool, Error> {
        self.log.append(story, self.clock.now(), entries, true)
    }

    /// Records what has happened, whatever else was recorded meanwhile.
    pub(super) fn tell(&self, story: &Story, entry: Entry) -> Result<(), Error> {
        self.log.append(story, self.clock.now(), vec![entry], false).map(drop)
    }

    async fn prepare(&self, story: &Story, stage: Stage) -> Result<(), Error> {
        match making::prepare(&*self.doors, story, stage).await {
            Ok((steps, before)) => self.write(story, vec![Entry::Prepared { stage, steps, before }]).map(drop),
            Err(fault) => self.tell(
                story,
                Entry::Stopped {
                    by: None,
                    fault: Some(fault),
                },
            ),
        }
    }

    async fn arrive(&self, story: &Story, sources: &[SourceId]) -> Result<(), Error> {
        let mut asking: Vec<BoxFuture<'_, (SourceId, Look)>> = Vec::new();
        for source in sources {
            if let Some(target) = story.target(*source) {
                asking.push(Box::pin(async move { (target.source, self.doors.arrived(target).await) }));
            }
        }
        let looks: Vec<(SourceId, Look)> = stream::iter(asking).buffer_unordered(AT_ONCE).collect().await;
        let now = self.clock.now();
        let mut any = false;
        for (source, look) in looks {
            let found = look.things.first().filter(|_| look.seen == Seen::There);
            if let Some(thing) = found {
                any = true;
                let took_ms = story.made_at.map_or(0, |made| now - made).try_into().unwrap_or(0);
                self.tell(
                    story,
                    Entry::Arrived {
                        source,
                        account: Some(thing.id.clone()),
                        took_ms,
                        says: look.says,
                    },
                )?;
            }
        }
        if !any {
            self.clock.sleep(story.planned.poll_ms, &self.cancel).await;
        }
        Ok(())
    }

    fn not_arrived(&self, story: &Story, sources: &[SourceId]) -> Result<(), Error> {
        for source in sources {
            let says = format!("it had not arrived after {}", spans::words(story.planned.arrive_ms));
            self.tell(
                story,
                Entry::Arrived {
                    source: *source,
                    account: None,
                    took_ms: story.planned.arrive_ms,
                    says,
                },
            )?;
        }
        Ok(())
    }

    fn give_up(&self, story: &Story, ids: &[String]) -> Result<(), Error> {
        let entries = ids.iter().filter_map(|id| story.check(id)).map(|check| {
            let wanted = catalogue::find_check(&check.plan.name)
                .and_then(|kind| kind.credential)
                .filter(|_| !check.handed);
            let says = match wanted {
                Some(what) => format!("no credential was handed over: {what}"),
                None if check.plan.phase == Phase::Watch && story.is_put_back() => {
                    "what was cut was put back before the watch was over".to_owned()
                }
                None if story.is_put_back() => "what was cut was put back before this was seen".to_owned(),
                None => "the identity has no account there that could be asked about".to_owned(),
            };
            Entry::Verdict {
                check: check.plan.id.clone(),
                verdict: Verdict::NotEvaluated,
                says,
                took_ms: None,
            }
        });
        self.write(story, entries.collect()).map(drop)
    }

    pub(super) async fn ask(&self, story: Story, ids: &[String]) -> Result<(), Error> {
        let story = &story;
        let mut asking: Vec<BoxFuture<'_, (&CheckStory, Look, Millis)>> = Vec::new();
        for id in ids {
            let Some(check) = story.check(id) else { continue };
            let Some(target) = story.target(check.plan.source) else { continue };
            asking.push(Box::pin(async move {
                let secret = (self.credential)(&check.plan.id);
                let since = story.clock_from();
                let look = self
                    .doors
                    .ask(&check.plan, target, check.before.as_ref(), since, secret.as_ref())
                    .await;
                (check, look, self.clock.now())
            }));
        }
        let mut looks = stream::iter(asking).buffer_unordered(AT_ONCE);
        while let Some((check, look, at)) = looks.next().await {
            self.asked(story, check, look, at)?;
        }
        Ok(())
    }

    /// Records an answer, and the verdict where there is one by now.
    fn asked(&self, story: &Story, check: &CheckStory, look: Look, at: Millis) -> Result<(), Error> {
        let Some(kind) = catalogue::find_check(&check.plan.name) else {
            return Ok(());
        };
        let passes = kind.passes(&look);
        let same = is_same(check, &look);
        let mut asked = look.asked;
        if same {
            for asked in &mut asked {
                asked.excerpt.clear();
                asked.request.body = None;
                asked.request.headers.clear();
            }
        }
        let from = story.clock_from().unwrap_or(at);
        let since = u64::try_from(at - from).unwrap_or(0);
        let lasting = look.seen == Seen::NotEvaluated && same && check.same + 1 >= 3;
        let (id, says, things, seen) = (check.plan.id.clone(), look.says, look.things, look.seen);
        let verdict = if check.plan.phase == Phase::Watch {
            let over = story.watch.is_some_and(|(_, until)| at >= until);
            match passes {
                Some(false) => Some((Verdict::Failed, format!("it came back: {says}"), None)),
                Some(true) if over => Some((Verdict::Passed, format!("it did not come back: {says}"), None)),
                None if over => Some((Verdict::NotEvaluated, says.clone(), None)),
                _ => None,
            }
        } else {
            // A system that is still being cut may pass, but does not fail yet: what remains to be done there may be all that it takes.
            let still_cut = story.is_still_cut(check.plan.source);
            let over = (since >= check.plan.limit_ms && !still_cut) || story.planned.dry_run;
            let late = since > check.plan.limit_ms && !story.planned.dry_run;
            match passes {
                Some(true) if late => Some((
                    Verdict::Passed,
                    format!("{says} (late: the limit was {})", spans::words(check.plan.limit_ms)),
                    Some(since),
                )),
                Some(true) => Some((Verdict::Passed, says.clone(), Some(since))),
                Some(false) if over => Some((Verdict::Failed, says.clone(), None)),
                None if over || (lasting && !still_cut) => Some((Verdict::NotEvaluated, says.clone(), None)),
                _ => None,
            }
        };
        let mut entries = vec![Entry::Asked {
            check: id.clone(),
            seen,
            says,
            things,
            asked,
            same,
        }];
        if let Some((verdict, says, took_ms)) = verdict {
            entries.push(Entry::Verdict {
                check: id,
                verdict,
                says,
                took_ms,
            });
        }
        // A verdict is given on what was seen, unless a person let the check pass meanwhile.
        let still_open = self.log.story(story.id)?.check(&check.plan.id).is_some_and(CheckStory::is_open);
        if still_open {
            self.log.append(story, at, entries, false)?;
        }
        Ok(())
    }
}

/// Whether an answer is the one before.
fn is_same(check: &CheckStory, look: &Look) -> bool {
    let digests: Vec<_> = look
        .asked
        .iter()
        .map(|asked: &Asked| (asked.status, asked.sha256.clone()))
        .collect();
    check.seen == Some(look.seen) && check.says == look.says && check.things == look.things && check.digests == digests
}

/// The request of a step, for whoever shows it.
pub fn request_of(step: &StepPlan) -> Option<crate::view::Request> {
    step.write.as_ref().map(|write| write.request.clone())
}
