//! A new credential is got: by one request, of which it is found out what became of it when nobody knows; and let go again where it does not do.

use super::drive::Driver;
use super::entry::{Entry, Known};
use super::story::Story;
use super::world::{Who, fault};
use crate::Error;
use crate::secrets::{Secret, Slot};
use crate::sources::tokens::MakeError;

/// So many times a new one is asked for by itself.
const TIMES: u32 = 4;

impl Driver {
    /// Asks the provider for a new one, under a name of its own.
    pub(super) async fn make(&self, story: &Story) -> Result<(), Error> {
        let attempt = story.attempts + 1;
        let name = if attempt == 1 {
            story.began.name.clone()
        } else {
            format!("{}-{attempt}", story.began.name)
        };
        self.make_as(story, attempt, name).await
    }

    async fn make_as(&self, story: &Story, attempt: u32, name: String) -> Result<(), Error> {
        let Some(mut request) = story.began.api.as_ref().and_then(|api| api.make.clone()) else {
            return Ok(());
        };
        if story.tries >= TIMES {
            return self.stop_over(
                story,
                fault(
                    "token.notMade",
                    format!("after {TIMES} requests there is still no new credential"),
                    "Look at the provider's own list. Resume to ask again, or put the old one back.",
                ),
            );
        }
        if let Some(body) = &mut request.body {
            *body = body.replace(&story.began.name, &name);
        }
        let intent = Entry::MakeIntent {
            attempt,
            name: name.clone(),
            request,
        };
        if !self.decide(story, intent)? {
            return Ok(());
        }
        match self.world.make(story, &name, self.clock.now()).await {
            Ok(made) => {
                let known = Known {
                    fingerprint: None,
                    provider_id: made.id.clone(),
                    created_at: made.created_at.or(Some(self.clock.now())),
                    expires_at: made.expires_at,
                };
                self.keep(story, &made.value, known, None).await
            }
            Err(MakeError::NotSent(error)) => self.none_made(story, Error::from(error).fault()),
            Err(MakeError::Refused { fault, .. }) => self.none_made(story, fault),
            Err(MakeError::Lost(fault) | MakeError::Answer(fault)) => self.tell(story, Entry::MakeLost { fault }),
        }
    }

    fn none_made(&self, story: &Story, fault: crate::view::Fault) -> Result<(), Error> {
        if self.cancel.is_cancelled() {
            // It is not known; it is found out when the rotation goes on.
            return Ok(());
        }
        self.record(
            story,
            &[
                Entry::MakeRefused { fault: fault.clone() },
                Entry::Stopped {
                    by: None,
                    fault: Some(fault),
                },
            ],
            false,
        )
        .map(drop)
    }

    /// Keeps a new one as the next. Where the keychain does not, the provider is told to end it: nobody has its value.
    pub(super) async fn keep(&self, story: &Story, value: &Secret, known: Known, pasted_by: Option<String>) -> Result<(), Error> {
        match self.world.hold(story.id, value, known.clone()) {
            Ok(known) => self.tell(story, Entry::Held { known, pasted_by }),
            Err(error) => {
                if let Some(id) = known.provider_id {
                    self.sweep(story, &id).await?;
                }
                self.stop(story, &error)
            }
        }
    }

    /// Revokes one whose value nobody has, or that does not do. Whether it is gone.
    pub(super) async fn sweep(&self, story: &Story, id: &str) -> Result<bool, Error> {
        self.tell(story, Entry::SweepIntent { id: id.to_owned() })?;
        let order: &[Who] = if story.revoked.is_some() {
            &[Who::New]
        } else {
            &[Who::Old, Who::New]
        };
        match self.world.revoke(story, id, order).await {
            Ok((status, _)) => {
                self.tell(story, Entry::Swept { id: id.to_owned(), status })?;
                Ok(true)
            }
            Err(error) => {
                tracing::warn!(
                    code = error.code(),
                    rotation = story.id,
                    "a credential that nobody holds could not be revoked"
                );
                Ok(false)
            }
        }
    }

    /// A request for a new one went out, and what came of it is not recorded: it is found out before anything else.
    pub(super) async fn recover(&self, story: &Story) -> Result<(), Error> {
        // It came, and was kept; only the record is missing.
        match self.world.ours(Slot::Next, story.id) {
            Ok(Some(known)) => return self.tell(story, Entry::Held { known, pasted_by: None }),
            Ok(None) => {}
            Err(error) => return self.stop(story, &error),
        }
        let Some(api) = &story.began.api else { return Ok(()) };
        let name = story.unanswered.last().cloned().unwrap_or_else(|| story.began.name.clone());
        if api.repeats {
            // The same request gives the same answer: nothing is made a second time.
            return self.make_as(story, story.attempts + 1, name).await;
        }
        let listed = match self.world.list(story, Who::Old).await {
            Ok(Some(listed)) => listed,
            Ok(None) => {
                return self.stop_over(
                    story,
                    fault(
                        "token.lost",
                        format!("it is not known whether “{name}” was made, and this provider does not list its tokens"),
                        "Look for it in the provider's own list and remove it there; then put the old one back, and begin anew.",
                    ),
                );
            }
            Err(error) => return self.stop(story, &error),
        };
        for token in listed
            .iter()
            .filter(|token| !token.revoked && story.unanswered.contains(&token.name))
        {
            if !self.sweep(story, &token.id).await? {
                return self.stop_over(
                    story,
                    fault(
                        "token.stray",
                        format!(
                            "“{}” was made, its value was lost on the way, and the provider does not revoke it",
                            token.name
                        ),
                        "Remove it in the provider's own list, then resume.",
                    ),
                );
            }
        }
        self.make(&super::drive::story(&self.ledger, story.id)?).await
    }

    /// Lets go of a next one that was taken out of the keychain: nobody has its value, so one that was made by request is revoked.
    pub(super) async fn lost_next(&self, story: &Story) -> Result<(), Error> {
        if story.makes_by_request()
            && let Some(id) = story.held.as_ref().and_then(|held| held.provider_id.clone())
        {
            self.sweep(story, &id).await?;
        }
        let says = "the keychain no longer held the new one".to_owned();
        self.tell(story, Entry::Discarded { says })
    }

    /// Lets go of a next one that does not do. One that was made by request is revoked; where the old one works, nothing has changed then.
    pub(super) async fn discard(&self, story: &Story) -> Result<(), Error> {
        let says = super::words::why_not(story);
        if !story.makes_by_request() {
            if self.attempt(story, self.world.forget(Slot::Next, story.id))?.is_some() {
                self.tell(story, Entry::Discarded { says })?;
            }
            return Ok(());
        }
        if story.no_way_back().is_none() {
            let began = Entry::BackBegan { by: None, says };
            return self.decide(story, began).map(drop);
        }
        if let Some(id) = story.held.as_ref().and_then(|held| held.provider_id.clone()) {
            self.sweep(story, &id).await?;
        }
        if self.attempt(story, self.world.forget(Slot::Next, story.id))?.is_none() {
            return Ok(());
        }
        let stopped = fault(
            "token.nextFailed",
            format!("the new credential does not do: {says}"),
            "Resume to ask for another one. There is no way back: the old one no longer works.",
        );
        self.record(
            story,
            &[
                Entry::Discarded { says },
                Entry::Stopped {
                    by: None,
                    fault: Some(stopped),
                },
            ],
            false,
        )
        .map(drop)
    }
}
