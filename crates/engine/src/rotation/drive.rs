//! Drives a rotation on: folds its records, does what is next, records it; until it closes, waits for a person, or is stopped.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::entry::{Confirmation, End, Entry};
use super::next::{Next, next};
use super::story::Story;
use super::words;
use super::world::World;
use crate::Error;
use crate::clock::Clock;
use crate::store::StoreError;
use crate::store::ledger::{Ledger, RotationDraft};
use crate::view::{Millis, RotationId};

/// Another process may stop the rotation, or confirm a step: it is looked for at least this often, in milliseconds.
const LOOK_EVERY: u64 = 1_000;

/// What a rotation is driven with.
pub struct Driver {
    /// The systems and the keychain.
    pub world: World,
    /// The records.
    pub ledger: Arc<Ledger>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ends the driving; the rotation is left as it is recorded.
    pub cancel: CancellationToken,
    /// Hears of each record that was written.
    pub told: Box<dyn Fn(&Story) + Send + Sync>,
}

/// Why the driving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is closed.
    Closed,
    /// It waits for a person, or was stopped.
    Waiting,
    /// The process is to end; the rotation goes on when it is resumed.
    Cancelled,
}

/// A rotation's story up to now.
///
/// # Errors
/// When there is no such rotation, or its records cannot be read.
pub fn story(ledger: &Ledger, rotation: RotationId) -> Result<Story, Error> {
    let records = ledger.rotation_records(rotation, 1)?;
    if records.is_empty() {
        return Err(Error::NotFound {
            what: "rotation",
            name: rotation.to_string(),
        });
    }
    match Story::fold(records) {
        Ok(Some(story)) => Ok(story),
        Ok(None) => Err(damaged(rotation, 1, "it begins no rotation")),
        Err((number, why)) => Err(damaged(rotation, number, &why)),
    }
}

fn damaged(rotation: RotationId, number: i64, why: &str) -> Error {
    StoreError::Damaged {
        file: "ledger",
        what: format!("record {number} of rotation {rotation} is not understood: {why}"),
    }
    .into()
}

/// Records entries of a rotation; with `unmoved`, only where nothing was recorded since this story was told. Whether they were.
///
/// # Errors
/// When the ledger cannot be written.
pub fn record(ledger: &Ledger, story: &Story, at: Millis, entries: &[Entry], unmoved: bool) -> Result<bool, Error> {
    let drafts = entries
        .iter()
        .map(|entry| {
            let (kind, data) = entry.parts();
            RotationDraft {
                kind,
                data,
                at,
                audit: entry.weighs().then(|| (words::action(entry), words::summary(story, entry))),
                seals: matches!(entry, Entry::Closed { .. } | Entry::Dead { .. } | Entry::Lives { .. }),
            }
        })
        .collect();
    Ok(ledger.append_rotation(story.id, story.source, unmoved.then_some(story.records), drafts)?)
}

impl Driver {
    /// Drives the rotation until there is nothing more to do by itself.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub async fn drive(&self, rotation: RotationId) -> Result<Ended, Error> {
        loop {
            if self.cancel.is_cancelled() {
                return Ok(Ended::Cancelled);
            }
            let story = story(&self.ledger, rotation)?;
            match next(&story, self.clock.now()) {
                Next::Closed => return Ok(Ended::Closed),
                Next::Wait | Next::Paste | Next::Decide | Next::HandByHand(_) | Next::RevokeByHand => return Ok(Ended::Waiting),
                Next::Sleep(until) => {
                    let ms = u64::try_from(until.saturating_sub(self.clock.now())).unwrap_or(0);
                    self.clock.sleep(ms.clamp(1, LOOK_EVERY), &self.cancel).await;
                }
                Next::Look => self.look(&story).await?,
                Next::Make => self.make(&story).await?,
                Next::Recover => self.recover(&story).await?,
                Next::Prove => self.prove(&story).await?,
                Next::Discard => self.discard(&story).await?,
                Next::Hand(user, hand) => self.hand(&story, user, hand).await?,
                Next::Promote => self.promote(&story).await?,
                Next::Revoke => self.revoke(&story).await?,
                Next::NothingToRevoke => {
                    let says = if story.old_was_refused() {
                        "nothing to revoke: it was refused from the start"
                    } else {
                        "nothing to revoke: the provider ended it when it made the new one"
                    };
                    self.decide(
                        &story,
                        Entry::Revoked {
                            status: None,
                            says: says.into(),
                            works_until: None,
                        },
                    )?;
                }
                Next::Ask => self.ask(&story).await?,
                Next::Dead => {
                    let first = story.moments.iter().rev().take_while(|moment| moment.counts).last();
                    let took_ms = first
                        .zip(story.revoked.as_ref())
                        .and_then(|(first, revoked)| u64::try_from(first.at - revoked.at).ok());
                    self.decide(
                        &story,
                        Entry::Dead {
                            in_row: story.in_row,
                            took_ms,
                        },
                    )?;
                }
                Next::Lives => {
                    let says = words::why_it_lives(&story);
                    self.decide(&story, Entry::Lives { says })?;
                }
                Next::Forget => {
                    if self
                        .attempt(&story, self.world.forget(crate::secrets::Slot::Previous, story.id))?
                        .is_some()
                    {
                        self.tell(&story, Entry::Forgot)?;
                    }
                }
                Next::Close => {
                    let says = "the old credential is proven dead".into();
                    self.decide(&story, Entry::Closed { end: End::Done, says })?;
                }
                Next::Back => self.back(&story).await?,
            }
        }
    }

    /// Records what was decided, unless something else was recorded meanwhile. Whether it was.
    pub(super) fn decide(&self, story: &Story, entry: Entry) -> Result<bool, Error> {
        self.record(story, &[entry], true)
    }

    /// Records what has happened, whatever else was recorded meanwhile.
    pub(super) fn tell(&self, story: &Story, entry: Entry) -> Result<(), Error> {
        self.record(story, &[entry], false).map(drop)
    }

    pub(super) fn record(&self, story: &Story, entries: &[Entry], unmoved: bool) -> Result<bool, Error> {
        let done = record(&self.ledger, story, self.clock.now(), entries, unmoved)?;
        if done {
            (self.told)(story);
        }
        Ok(done)
    }

    /// Stops it over an error.
    pub(super) fn stop(&self, story: &Story, error: &Error) -> Result<(), Error> {
        self.stop_over(story, error.fault())
    }

    /// Stops it over a fault.
    pub(super) fn stop_over(&self, story: &Story, fault: crate::view::Fault) -> Result<(), Error> {
        if self.cancel.is_cancelled() {
            return Ok(());
        }
        self.tell(
            story,
            Entry::Stopped {
                by: None,
                fault: Some(fault),
            },
        )
    }

    /// What came of something, or nothing where an error stopped the rotation.
    pub(super) fn attempt<T>(&self, story: &Story, outcome: Result<T, Error>) -> Result<Option<T>, Error> {
        match outcome {
            Ok(done) => Ok(Some(done)),
            Err(error) => self.stop(story, &error).map(|()| None),
        }
    }

    async fn promote(&self, story: &Story) -> Result<(), Error> {
        if !story.promoting && !self.decide(story, Entry::PromoteIntent)? {
            return Ok(());
        }
        match self.world.promote(story.id) {
            Ok(()) => self.tell(story, Entry::Promoted),
            // It was taken out of the keychain behind Lanyard's back: the old one is still the current one, and another new one is wanted.
            Err(error) if error.code() == "token.lost" => {
                self.lost_next(story).await?;
                self.stop(story, &error)
            }
            Err(error) => self.stop(story, &error),
        }
    }

    async fn revoke(&self, story: &Story) -> Result<(), Error> {
        use super::world::Who;
        let api = story.began.api.as_ref();
        let (Some(request), Some(id)) = (api.and_then(|api| api.revoke.clone()), story.began.start.old_id.as_deref()) else {
            return Ok(());
        };
        if !story.revoking && !self.decide(story, Entry::RevokeIntent { request })? {
            return Ok(());
        }
        let order: &[Who] = if story.held.is_some() { &[Who::New, Who::Old] } else { &[Who::Old] };
        let Some((status, gone)) = self.attempt(story, self.world.revoke(story, id, order).await)? else {
            return Ok(());
        };
        let says = if gone {
            format!("the provider no longer knew it, {status}")
        } else {
            format!("the provider says that it is revoked, {status}")
        };
        let who = if story.held.is_some() { Who::New } else { Who::Old };
        // What it lives on for, where the provider says so; no answer is no reason to stop.
        let listed = self.world.list(story, who).await.ok().flatten().unwrap_or_default();
        let works_until = listed.into_iter().find(|token| token.id == id).and_then(|token| token.works_until);
        self.tell(
            story,
            Entry::Revoked {
                status: Some(status),
                says,
                works_until,
            },
        )
    }
}

/// What a confirmation is called in the story.
pub(super) fn confirmed(what: Confirmation) -> &'static str {
    match what {
        Confirmation::HandOver { .. } => "handed over by hand",
        Confirmation::Revoke => "revoked by hand",
    }
}
