//! Drives a run on: folds its records, does what is next, records it; until it closes, refuses, waits for a person, or is stopped.
//!
//! What is decided is recorded only where nothing else was recorded meanwhile; otherwise the story is folded again first. So a stop, a waiver or a
//! confirmation from another window or process is never passed over.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use super::catalogue::{self, Wanted};
use super::clock::Clock;
use super::doors::Doors;
use super::entry::{Entry, Stage, StepPlan, Target};
use super::log::Log;
use super::making;
use super::next::{Next, beside, next};
use super::spans;
use super::story::{CheckStory, StepStory, Story};
use crate::Error;
use crate::secrets::Secret;
use crate::sources::doors::{Asked, Look, Repeat, Seen, Write};
use crate::view::{Millis, Phase, RunId, SourceId, StepState, Verdict};

/// So many questions are under way at once.
const AT_ONCE: usize = 4;
/// Another process may stop the run or waive a check: it is looked for at least this often, in milliseconds.
const LOOK_EVERY: u64 = 2_000;
/// A write is read back at once, then after this pause, in milliseconds, which doubles up to the poll of the plan.
const READ_BACK_FIRST: u64 = 500;
/// It is read back until it is so, or for this long, in milliseconds.
const READ_BACK_FOR: u64 = 30_000;
/// While steps of the cut are under way, it is looked this often whether a question is due, in milliseconds.
const BESIDE_EVERY: u64 = 500;
/// A step is sent this often at most before it counts as failed.
const ATTEMPTS: u32 = 3;

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
    fn write(&self, story: &Story, entries: Vec<Entry>) -> Result<bool, Error> {
        self.log.append(story, self.clock.now(), entries, true)
    }

    /// Records what has happened, whatever else was recorded meanwhile.
    fn tell(&self, story: &Story, entry: Entry) -> Result<(), Error> {
        self.log.append(story, self.clock.now(), vec![entry], false).map(drop)
    }

    /// Takes the steps of the cut, one after the other, while what is due by then is asked beside them.
    async fn cut(&self, run: RunId) -> Result<(), Error> {
        let over = self.cancel.child_token();
        let ends = over.clone().drop_guard();
        let steps = async {
            let _ends = ends;
            while !over.is_cancelled() {
                let story = self.log.story(run)?;
                match next(&story, self.clock.now()) {
                    Next::Step(id) if is_of_the_cut(&story, &id) => self.step(story, &id).await?,
                    _ => break,
                }
            }
            Ok(())
        };
        let questions = async {
            let asked = self.ask_beside(run, &over).await;
            over.cancel();
            asked
        };
        // What is under way is brought to its end and recorded on either side.
        let (stepped, asked): (Result<(), Error>, Result<(), Error>) = futures_util::join!(steps, questions);
        stepped.and(asked)
    }

    async fn ask_beside(&self, run: RunId, over: &CancellationToken) -> Result<(), Error> {
        while !over.is_cancelled() {
            let story = self.log.story(run)?;
            let now = self.clock.now();
            match beside(&story, now) {
                Next::Ask(ids) => self.ask(story, &ids).await?,
                Next::Sleep(until) => {
                    let ms = u64::try_from(until.saturating_sub(now)).unwrap_or(0);
                    self.clock.sleep(ms.clamp(1, BESIDE_EVERY), over).await;
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Records that a step is about to be sent, unless a person stopped or closed the run, or another took the step on. What was asked meanwhile
    /// does not matter to it.
    fn intend(&self, run: RunId, step: &StepStory, intent: &Entry) -> Result<bool, Error> {
        loop {
            let story = self.log.story(run)?;
            let same = story
                .step(&step.plan.id)
                .is_some_and(|now| now.state == step.state && now.attempts == step.attempts);
            if !same || story.stopped.is_some() || story.closed.is_some() {
                return Ok(false);
            }
            if self.write(&story, vec![intent.clone()])? {
                return Ok(true);
            }
        }
    }

    async fn step(&self, story: Story, id: &str) -> Result<(), Error> {
        let Some(step) = story.step(id) else { return Ok(()) };
        let Some(target) = story.target(step.plan.source) else {
            return Ok(());
        };
        let wanted = catalogue::find_action(&step.plan.action).map_or(Wanted::Gone, |action| action.wanted);
        let planned = step.state == StepState::Planned;
        // It may be so already; or it was sent, and only its answer is not known.
        let look = match step.state {
            _ if wanted == Wanted::Answered => Look::not_evaluated("It leaves nothing to be read back.", Vec::new()),
            StepState::Answered => self.look_back(&story, target, step, wanted).await,
            _ => self.doors.read_back(target, &step.plan, story.cut_at).await,
        };
        let so = match wanted {
            // It leaves nothing to be read: what it leads to is what the checks ask for.
            Wanted::Answered => Some(step.state == StepState::Answered && step.status.is_some_and(|status| (200..300).contains(&status))),
            _ => wanted.met(&look),
        };
        if so == Some(true) {
            return self.was_read(&story, id, so, planned && step.attempts == 0, look);
        }
        let Some(write) = self.form(step) else {
            return self.was_read(&story, id, so, false, look);
        };
        let refused = step.status.is_some_and(|status| matches!(status, 401 | 403)) && step.state == StepState::Answered;
        let safe = step.attempts == 0 && so == Some(false) || write.repeat == Repeat::Safe || so == Some(false);
        // Where it cannot be told whether it is there already, only what may be sent twice is sent.
        if !safe || refused || step.attempts >= ATTEMPTS && story_attempts(step) {
            let look = if refused { refused_in_words(step, look) } else { look };
            return self.was_read(&story, id, so, false, look);
        }
        let attempt = step.attempts + 1;
        let intent = Entry::Intent {
            step: id.to_owned(),
            attempt,
            write: write.clone(),
        };
        if !self.intend(story.id, step, &intent)? {
            return Ok(());
        }
        let sent = self.doors.send(step.plan.source, &write).await;
        let answer = match sent {
            Ok(asked) => Entry::Answer {
                step: id.to_owned(),
                attempt,
                asked: Some(Box::new(asked)),
                fault: None,
            },
            Err(fault) => Entry::Answer {
                step: id.to_owned(),
                attempt,
                asked: None,
                fault: Some(fault),
            },
        };
        self.tell(&story, answer)
    }

    /// Reads back until it is so, or long enough.
    async fn look_back(&self, story: &Story, target: &Target, step: &StepStory, wanted: Wanted) -> Look {
        let refused = step.status.is_some_and(|status| status >= 400);
        let most = story.planned.poll_ms.max(READ_BACK_FIRST);
        let (mut pause, mut waited) = (READ_BACK_FIRST, 0);
        loop {
            let look = self.doors.read_back(target, &step.plan, story.cut_at).await;
            let met = wanted.met(&look);
            // What was refused does not come to be by waiting.
            if met == Some(true) || (refused && met == Some(false)) || waited >= READ_BACK_FOR || self.cancel.is_cancelled() {
                return look;
            }
            self.clock.sleep(pause, &self.cancel).await;
            waited += pause;
            pause = (pause * 2).min(most);
        }
    }

    /// The form of the request that is to be sent: the next one where the one before was refused as malformed.
    fn form(&self, step: &StepStory) -> Option<Write> {
        let first = step.plan.write.as_ref()?;
        let malformed = step.status.is_some_and(|status| matches!(status, 400 | 405 | 422 | 501));
        if step.attempts == 0 || !malformed {
            return Some(first.clone());
        }
        let index = usize::try_from(step.attempts).unwrap_or(usize::MAX).saturating_sub(1);
        step.plan.otherwise.get(index).cloned()
    }

    fn was_read(&self, story: &Story, id: &str, so: Option<bool>, already: bool, look: Look) -> Result<(), Error> {
        self.tell(
            story,
            Entry::ReadBack {
                step: id.to_owned(),
                so,
                already,
                look: Box::new(look),
            },
        )
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

    async fn ask(&self, story: Story, ids: &[String]) -> Result<(), Error> {
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

fn is_of_the_cut(story: &Story, id: &str) -> bool {
    story.step(id).is_some_and(|step| step.plan.phase == Phase::Act)
}

fn story_attempts(step: &StepStory) -> bool {
    // A request that has other forms is tried in each of them.
    step.attempts >= ATTEMPTS.max(u32::try_from(step.plan.otherwise.len()).unwrap_or(0) + 1)
}

/// Why a refused write is not so, in words.
fn refused_in_words(step: &StepStory, look: Look) -> Look {
    let status = step.status.unwrap_or_default();
    Look {
        says: format!("refused with {status}: Lanyard's token may not do this there; {}", look.says),
        ..look
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
