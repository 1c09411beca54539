//! The new credential goes to the systems that use it, and they are seen to work with it.

use super::drive::Driver;
use super::entry::{Entry, Hand};
use super::story::Story;
use super::world::{Who, fault};
use crate::Error;
use crate::view::Millis;

/// A job may take so long to come out of quarantine, in milliseconds: Entra's cycles are 40 minutes apart at most.
const SETTLE: Millis = 60 * 60_000;
/// So often it is looked at, in milliseconds.
const EVERY: u64 = 2_000;

impl Driver {
    /// Does one step at the system in this place.
    pub(super) async fn hand(&self, story: &Story, place: u32, hand: Hand) -> Result<(), Error> {
        let Some((_, user, _)) = story.uses().find(|(at, _, _)| *at == place) else {
            return Ok(());
        };
        if hand == Hand::Settle {
            return self.settle(story, place).await;
        }
        // Each step leaves the same when it is done twice, so one whose answer is not known is done again.
        if let Some(request) = self.world.hand_request(user, hand)
            && !self.decide(
                story,
                Entry::HandIntent {
                    user: place,
                    hand,
                    request,
                },
            )?
        {
            return Ok(());
        }
        let Some((status, says, _)) = self.attempt(story, self.world.hand(user, hand, Who::New, story.id).await)? else {
            return Ok(());
        };
        self.tell(
            story,
            Entry::Handed {
                user: place,
                hand,
                status,
                says,
            },
        )
    }

    /// Waits until the job runs, out of quarantine.
    async fn settle(&self, story: &Story, place: u32) -> Result<(), Error> {
        let Some((_, user, _)) = story.uses().find(|(at, _, _)| *at == place) else {
            return Ok(());
        };
        let until = self.clock.now() + SETTLE;
        loop {
            let Some((status, says, so)) = self.attempt(story, self.world.hand(user, Hand::Settle, Who::New, story.id).await)? else {
                return Ok(());
            };
            if so {
                return self.tell(
                    story,
                    Entry::Handed {
                        user: place,
                        hand: Hand::Settle,
                        status,
                        says,
                    },
                );
            }
            if self.clock.now() >= until {
                return self.stop_over(
                    story,
                    fault(
                        "token.jobStuck",
                        format!("after an hour, {says}"),
                        "Look at the job in Entra’s portal; resume to go on waiting, or put the old credential back.",
                    ),
                );
            }
            self.clock.sleep(EVERY.min(story.began.every_ms), &self.cancel).await;
            if self.cancel.is_cancelled() || super::drive::story(&self.ledger, story.id)?.records != story.records {
                return Ok(());
            }
        }
    }
}
