//! Steps: whether one is so already, whether it is sent, whether it is sent again, and when it counts as failed.
//!
//! An intent is recorded before a write goes out, and what was read back after it. An intent without an answer (the process was killed, the wire
//! broke) is read back before anything else: what may be sent twice is then sent again where it is not so; what makes something new is first given
//! the time in which a request on its way may still take effect, and is never sent again once it was answered well.

use super::catalogue::{self, Wanted};
use super::drive::Driver;
use super::entry::{Entry, Target};
use super::next::{Next, beside, next};
use super::story::{StepStory, Story};
use crate::Error;
use crate::sources::doors::{Look, Repeat, Seen, Thing, Write};
use crate::view::{Fault, Phase, RunId, StepState};

/// A write is read back at once, then after this pause, in milliseconds, which doubles up to the poll of the plan.
const READ_BACK_FIRST: u64 = 500;
/// It is read back until it is so, or for this long, in milliseconds.
const READ_BACK_FOR: u64 = 30_000;
/// While steps of the cut are under way, it is looked this often whether a question is due, in milliseconds.
const BESIDE_EVERY: u64 = 500;
/// A step is answered this often at most before it counts as failed.
const TRIES: u32 = 3;

/// What is done about a step that is not so.
enum Decided {
    /// This is sent.
    Send(Box<Write>),
    /// It has failed: why, in words that stand before what was seen.
    Failed(String),
    /// The run stops: a person has to look.
    Stopped(Fault),
}

impl Driver {
    /// Takes the steps of the cut, one after the other, while what is due by then is asked beside them.
    pub(super) async fn cut(&self, run: RunId) -> Result<(), Error> {
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

    async fn ask_beside(&self, run: RunId, over: &tokio_util::sync::CancellationToken) -> Result<(), Error> {
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

    /// Takes a step on by one: reads it back, and records that it is so or that it failed, or sends it.
    pub(super) async fn step(&self, story: Story, id: &str) -> Result<(), Error> {
        let Some(step) = story.step(id) else { return Ok(()) };
        let Some(target) = story.target(step.plan.source) else {
            return Ok(());
        };
        let wanted = catalogue::find_action(&step.plan.action).map_or(Wanted::Gone, |action| action.wanted);
        let planned = step.state == StepState::Planned;
        // It may be so already; or it was sent, and only its answer is not known.
        let look = match wanted {
            Wanted::Answered => Look::not_evaluated("It leaves nothing to be read back.", Vec::new()),
            _ if planned => self.doors.read_back(target, &step.plan, story.cut_at).await,
            _ => self.look_back(&story, target, step, wanted).await,
        };
        let so = match wanted {
            // It leaves nothing to be read: what it leads to is what the checks ask for.
            Wanted::Answered => Some(step.state == StepState::Answered && is_well(step.status)),
            _ => wanted.met(&look),
        };
        if so == Some(true) {
            return match strange(step, &look) {
                Some(why) => self.was_read(&story, id, Some(false), false, said(why, look)),
                None => self.was_read(&story, id, so, planned && step.attempts == 0, look),
            };
        }
        if self.cancel.is_cancelled() && !planned {
            // It was not looked back at for long enough to decide anything.
            return Ok(());
        }
        let write = match self.decided(target, step, so, &look).await {
            Decided::Send(write) => *write,
            Decided::Failed(why) => return self.was_read(&story, id, so, false, said(why, look)),
            Decided::Stopped(fault) => {
                self.was_read(&story, id, so, false, said(format!("{} ", fault.what), look))?;
                return self.tell(
                    &story,
                    Entry::Stopped {
                        by: None,
                        fault: Some(fault),
                    },
                );
            }
        };
        let attempt = step.attempts + 1;
        let intent = Entry::Intent {
            step: id.to_owned(),
            attempt,
            write: write.clone(),
            after: (step.attempts > 0).then(|| Box::new(look)),
        };
        if !self.intend(story.id, step, &intent)? {
            return Ok(());
        }
        let (asked, fault) = match self.doors.send(step.plan.source, &write).await {
            Ok(asked) => (Some(Box::new(asked)), None),
            Err(fault) => (None, Some(fault)),
        };
        self.tell(
            &story,
            Entry::Answer {
                step: id.to_owned(),
                attempt,
                asked,
                fault,
            },
        )
    }

    /// What is done about a step that is not so, or of which that cannot be told.
    async fn decided(&self, target: &Target, step: &StepStory, so: Option<bool>, look: &Look) -> Decided {
        let nothing_more = || Decided::Failed(String::new());
        let answered = if step.state == StepState::Answered { step.status } else { None };
        if let Some(status @ (401 | 403)) = answered {
            return Decided::Failed(format!("refused with {status}: Lanyard's token may not do this there; "));
        }
        let forms = u32::try_from(step.plan.otherwise.len()).unwrap_or(0) + 1;
        if step.tries >= TRIES.max(forms) {
            return nothing_more();
        }
        let write = match answered {
            Some(412) => match self.anew(target, step, so, look).await {
                Ok(write) => write,
                Err(instead) => return instead,
            },
            _ => match form(step) {
                Some(write) => write,
                None => return nothing_more(),
            },
        };
        if write.repeat == Repeat::LookFirst {
            // Where it cannot be told whether it is there already, only what may be sent twice is sent.
            if so.is_none() || look.seen != Seen::Gone {
                return nothing_more();
            }
            if step.taken {
                return Decided::Failed("it was answered as done and is not seen; it is not made a second time; ".into());
            }
        }
        Decided::Send(Box::new(write))
    }

    /// The write of a step that was refused since what it changes had changed (412), made anew on what was just read (RFC 9110 §13.1.1).
    ///
    /// # Errors
    /// What is done where it is not to be sent again.
    async fn anew(&self, target: &Target, step: &StepStory, so: Option<bool>, look: &Look) -> Result<Write, Decided> {
        let failed = |why: String| Decided::Failed(format!("refused with 412, since it was changed meanwhile{why}; "));
        if so.is_none() {
            return Err(failed(", and how it is now could not be read".into()));
        }
        // What it is now is what the run was agreed to for: an account that has become somebody else's is left alone.
        if let (None, Some(held)) = (&step.plan.thing, look.things.first()) {
            let mine = |name: &str| name.trim().to_lowercase() == target.user_name.trim().to_lowercase();
            if !mine(&held.name) {
                return Err(Decided::Stopped(Fault {
                    code: "run.anotherAccount".into(),
                    what: format!(
                        "The account in {} was changed meanwhile: it is {} now, not {}.",
                        target.source_name, held.name, target.user_name
                    ),
                    means: "It is left alone; nothing more is sent.".into(),
                    next: "See whose account it is; then plan a new run, or close this one as failed.".into(),
                    action: None,
                    details: Vec::new(),
                }));
            }
        }
        let things: Vec<Thing> = step.plan.thing.iter().cloned().collect();
        let made = self
            .doors
            .steps(&step.plan.action, target, &things)
            .await
            .map_err(|fault| failed(format!(", and could not be made anew: {}", fault.what)))?;
        let same = |thing: &Option<Thing>| thing.as_ref().map(|thing| &thing.id) == step.plan.thing.as_ref().map(|thing| &thing.id);
        let draft = made.into_iter().find(|draft| same(&draft.thing));
        draft
            .and_then(|draft| draft.write.into_iter().chain(draft.otherwise).nth(step.refused_forms))
            .ok_or_else(|| failed(String::new()))
    }

    /// Reads back until it is so, or long enough.
    async fn look_back(&self, story: &Story, target: &Target, step: &StepStory, wanted: Wanted) -> Look {
        let makes = step.plan.write.as_ref().is_some_and(|write| write.repeat == Repeat::LookFirst);
        let unanswered = step.state == StepState::Sending;
        if unanswered && !makes {
            // It may be sent again at once.
            return self.doors.read_back(target, &step.plan, story.cut_at).await;
        }
        let refused = step.status.is_some_and(|status| match status {
            // Behind a gateway it may have arrived all the same, and what makes something is not made twice.
            408 | 500.. => !makes,
            status => status >= 400,
        });
        let most = story.planned.poll_ms.max(READ_BACK_FIRST);
        let mut pause = READ_BACK_FIRST;
        // The process that sent it may have ended long ago.
        let since = step.sent_at.filter(|_| unanswered);
        let mut waited = since.map_or(0, |since| u64::try_from(self.clock.now() - since).unwrap_or(0));
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
}

/// The form of the request that is to be sent: the next one where those before were refused for their form.
fn form(step: &StepStory) -> Option<Write> {
    step.plan.write.iter().chain(&step.plan.otherwise).nth(step.refused_forms).cloned()
}

pub(super) fn is_of_the_cut(story: &Story, id: &str) -> bool {
    story.step(id).is_some_and(|step| step.plan.phase == Phase::Act)
}

fn is_well(status: Option<u16>) -> bool {
    status.is_some_and(|status| (200..300).contains(&status))
}

/// Why what was found is not what this run made, where it was to make something: an account that was there before it, or that another made
/// meanwhile. It is somebody's, and is neither cut nor taken away.
fn strange(step: &StepStory, look: &Look) -> Option<String> {
    let makes = step.plan.action.ends_with(".create") && look.seen == Seen::There;
    if !makes {
        return None;
    }
    let found = look.things.first()?;
    if step.attempts == 0 {
        return Some(format!(
            "an account {} is there already, and this run did not make it: nothing is done with it; ",
            found.name
        ));
    }
    let carried = found.document.as_ref().and_then(|document| document.get("externalId")?.as_str());
    let marked = carried.is_some() && carried == step.plan.thing.as_ref().map(|thing| thing.id.as_str());
    let refused = step.status.is_some_and(|status| (400..500).contains(&status) && status != 408);
    (refused && !marked).then(|| {
        format!(
            "refused with {}, and {} is there without the mark of this run: it is another's, and nothing is done with it; ",
            step.status.unwrap_or_default(),
            found.name
        )
    })
}

/// A look with words before what it says.
fn said(words: String, look: Look) -> Look {
    Look {
        says: words + &look.says,
        ..look
    }
}
