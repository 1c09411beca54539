//! The way back: what uses the credential gets the old one again, the keychain too, and the new one is ended.

use super::drive::Driver;
use super::entry::{End, Entry, Hand};
use super::story::Story;
use super::world::{Who, fault};
use crate::Error;
use crate::secrets::Slot;
use crate::sources::tokens::Stands;
use crate::view::RotationUser;

impl Driver {
    /// Does the next step of the way back.
    pub(super) async fn back(&self, story: &Story) -> Result<(), Error> {
        let Some(back) = &story.back else { return Ok(()) };
        let (id, world) = (story.id, &self.world);
        if story.promoting && !back.swapped {
            // Nothing is put back that no longer works.
            let Some(old) = self.attempt(story, world.standing(Who::Old, id, false).await)? else {
                return Ok(());
            };
            if matches!(old.read.stands, Stands::Refused | Stands::Unclear) {
                return self.stop_over(
                    story,
                    fault(
                        "token.noWayBack",
                        format!(
                            "the old credential was not accepted just now, and is not put back: {}",
                            old.read.says
                        ),
                        "Resume to try again. The new one stays in use.",
                    ),
                );
            }
            if self.attempt(story, world.swap_back(id))?.is_some() {
                self.tell(story, Entry::BackSwapped)?;
            }
            return Ok(());
        }
        if let Some((place, user, _)) = story.uses().find(|(_, _, done)| done.touched() && !done.back) {
            let says = match user {
                RotationUser::ByHand { name, .. } => format!("give {name} the old one again: a person must"),
                RotationUser::EntraJob { name, .. } => {
                    for hand in [Hand::Save, Hand::Restart] {
                        if self.attempt(story, world.hand(user, hand, Who::Old, id).await)?.is_none() {
                            return Ok(());
                        }
                    }
                    format!("{name}’s job has the old one again, and was started anew")
                }
            };
            return self.tell(story, Entry::BackHanded { user: place, says });
        }
        if back.revoked.is_none() {
            return self.end_new(story).await;
        }
        for slot in [Slot::Next, Slot::Previous] {
            if self.attempt(story, world.forget(slot, id))?.is_none() {
                return Ok(());
            }
        }
        let says = format!("nothing has changed: {}", back.says);
        self.decide(story, Entry::Closed { end: End::PutBack, says }).map(drop)
    }

    /// Ends the new one at the provider, where a request made it.
    async fn end_new(&self, story: &Story) -> Result<(), Error> {
        let by_request = story.makes_by_request();
        let (status, says) = match story.held.as_ref().map(|held| held.provider_id.clone()) {
            None if story.make_open => {
                // One may stand at the provider of which nobody has the value.
                let mut ended = 0;
                let Some(listed) = self.attempt(story, self.world.list(story, Who::Old).await)? else {
                    return Ok(());
                };
                for token in listed.iter().flatten().filter(|token| story.unanswered.contains(&token.name)) {
                    if self
                        .attempt(story, self.world.revoke(story, &token.id, &[Who::Old]).await)?
                        .is_none()
                    {
                        return Ok(());
                    }
                    ended += 1;
                }
                (
                    None,
                    if ended == 0 {
                        "none was made".into()
                    } else {
                        "the one that was made is revoked".to_owned()
                    },
                )
            }
            None => (None, "there was no new one".to_owned()),
            Some(Some(id)) if by_request => {
                let Some((status, _)) = self.attempt(story, self.world.revoke(story, &id, &[Who::Old, Who::New]).await)? else {
                    return Ok(());
                };
                (Some(status), format!("the new one is revoked, {status}"))
            }
            Some(_) => (None, "the new one is forgotten here; revoke it at the provider".to_owned()),
        };
        self.tell(story, Entry::BackRevoked { status, says })
    }
}
