//! Rotations: begun, driven on in the background by one process at a time, and what a person does about them.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::super::deprovision::blocking;
use super::{Engine, locked};
use crate::Error;
use crate::clock::SystemClock;
use crate::rotation::drive::{Driver, Ended, record, story};
use crate::rotation::entry::{Confirmation, Entry, Known};
use crate::rotation::next::{Next, next};
use crate::rotation::show;
use crate::rotation::story::Story;
use crate::secrets::Secret;
use crate::store::ledger::RotationDraft;
use crate::sync::now;
use crate::view::{
    EngineEvent, ExpiryFrom, Right, RotationId, RotationStart, RotationState, RotationSummary, RotationUser, RotationView, SourceId,
};

fn refused(code: &'static str, what: impl Into<String>, next: &str) -> Error {
    Error::Refused {
        code,
        what: what.into(),
        next: next.into(),
    }
}

impl Engine {
    /// Begins a rotation and drives it on in the background. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Refused`] with what stands in its way, with nothing changed; keychain errors; when the ledger cannot be written.
    pub async fn begin_rotation(&self, start: &RotationStart) -> Result<RotationId, Error> {
        let prepared = self.prepare_rotation(start).await?;
        if let Some(block) = prepared.blocks.first() {
            return Err(refused(
                "rotation.blocked",
                block.trim_end_matches('.'),
                "See to that, and begin again.",
            ));
        }
        let engine = self.clone();
        let begun = blocking(move || {
            let mut began = prepared.began;
            let source = began.start.source;
            let summary = format!("Began to rotate the credential of {}", began.source_name);
            let begun = engine.inner.ledger.begin_rotation(
                source,
                |rotation| {
                    // The number in its name makes it plain at the provider which rotation a token is of.
                    let old = began.name.clone();
                    began.name = format!("{old}-r{rotation}");
                    if let Some(body) = began
                        .api
                        .as_mut()
                        .and_then(|api| api.make.as_mut())
                        .and_then(|make| make.body.as_mut())
                    {
                        *body = body.replace(&old, &began.name);
                    }
                    let (kind, data) = Entry::Began(Box::new(began)).parts();
                    RotationDraft {
                        kind,
                        data,
                        at: now(),
                        audit: Some(("rotation.began", summary)),
                        seals: false,
                    }
                },
                |records| matches!(Story::fold(records.to_vec()), Ok(Some(story)) if story.closed.is_none()),
            )?;
            begun.map_err(|open| {
                refused(
                    "rotation.open",
                    format!("rotation {open} of this credential is still open"),
                    "Finish it, or put the old one back, first.",
                )
            })
        })
        .await?;
        self.tell_tokens(Some(begun));
        self.drive_rotation(begun)?;
        Ok(begun)
    }

    /// Drives a rotation on in the background, unless somebody does already. Needs a tokio runtime.
    ///
    /// # Errors
    /// When its lock cannot be taken.
    pub fn drive_rotation(&self, rotation: RotationId) -> Result<(), Error> {
        let cancel = CancellationToken::new();
        {
            let mut rotating = locked(&self.inner.rotating);
            if rotating.contains_key(&rotation) {
                return Ok(());
            }
            rotating.insert(rotation, cancel.clone());
        }
        let lock = match self.try_lock(&format!("rotation-{rotation}.lock")) {
            Ok(Some(lock)) => lock,
            other => {
                locked(&self.inner.rotating).remove(&rotation);
                // Another process drives it: it sees what was recorded.
                return other.map(drop);
            }
        };
        let engine = self.clone();
        tokio::spawn(async move {
            let ended = engine.rotated(rotation, cancel).await;
            if let Err(error) = &ended {
                tracing::warn!(rotation, code = error.code(), "a rotation was stopped by an error");
                let stopped = story(&engine.inner.ledger, rotation).and_then(|story| {
                    let fault = Some(error.fault());
                    record(&engine.inner.ledger, &story, now(), &[Entry::Stopped { by: None, fault }], false)
                });
                if let Err(error) = stopped {
                    tracing::error!(rotation, code = error.code(), "and that could not be recorded");
                }
            }
            drop(lock);
            locked(&engine.inner.rotating).remove(&rotation);
            engine.tell_tokens(Some(rotation));
            // A person may have confirmed something between the driver's last look and here, and found it driven.
            if matches!(ended, Ok(Ended::Waiting)) && engine.goes_on(rotation) {
                let again = engine.drive_rotation(rotation);
                if let Err(error) = again {
                    tracing::warn!(rotation, code = error.code(), "a rotation could not be driven on");
                }
            }
        });
        Ok(())
    }

    /// Whether there is something to do in a rotation by itself.
    fn goes_on(&self, rotation: RotationId) -> bool {
        let state = story(&self.inner.ledger, rotation).map(|story| show::state(&story, now()).0);
        matches!(state, Ok(RotationState::Running | RotationState::Counting))
    }

    async fn rotated(&self, rotation: RotationId, cancel: CancellationToken) -> Result<Ended, Error> {
        self.driver(rotation, cancel).await?.drive(rotation).await
    }

    /// What drives a rotation on: its world opened, the ledger and the time; what it changes is noted and told.
    async fn driver(&self, rotation: RotationId, cancel: CancellationToken) -> Result<Driver, Error> {
        let (engine, token) = (self.clone(), cancel.clone());
        let world = blocking(move || {
            let story = story(&engine.inner.ledger, rotation)?;
            let source = engine.source(story.source)?;
            engine.world(&source, &story.began.start.how, &story.began.start.users, token)
        })
        .await?;
        let engine = self.clone();
        Ok(Driver {
            world,
            ledger: Arc::clone(&self.inner.ledger),
            clock: Arc::new(SystemClock),
            cancel,
            told: Box::new(move |story| {
                if let Err(error) = engine.follow_rotation(story.id) {
                    tracing::warn!(
                        rotation = story.id,
                        code = error.code(),
                        "what a rotation changed could not be noted"
                    );
                }
                engine.tell_tokens(Some(story.id));
            }),
        })
    }

    /// Notes what a rotation changed of the source's credential. It goes by how the rotation stands, not by its last record: whoever wrote that one may
    /// have been killed before it was noted.
    fn follow_rotation(&self, rotation: RotationId) -> Result<(), Error> {
        let story = story(&self.inner.ledger, rotation)?;
        let before = self.meta(story.source)?;
        let mut meta = before.clone();
        let old = &story.began.old;
        let swapped = story.back.as_ref().is_some_and(|back| back.swapped);
        if swapped && meta.fingerprint != old.fingerprint {
            meta = super::meta::Meta {
                fingerprint: old.fingerprint.clone(),
                provider_id: old.provider_id.clone(),
                created_at: old.created_at,
                expires_at: old.expires_at,
                // What its provider said stands beside the value.
                expires_from: old.expires_at.map(|_| ExpiryFrom::Typed),
                works: Right::Yes,
                worked_at: story.told.last().map(|told| told.at),
                ..meta.of(old.fingerprint.as_deref())
            };
        } else if let (Some(at), Some(held), false) = (story.promoted, &story.held, swapped)
            && meta.fingerprint != held.fingerprint
        {
            meta = super::meta::Meta {
                fingerprint: held.fingerprint.clone(),
                provider_id: held.provider_id.clone(),
                created_at: held.created_at.or(Some(at)),
                expires_from: held.expires_at.map(|_| ExpiryFrom::Provider),
                expires_at: held.expires_at,
                verified_at: Some(at),
                works: Right::Yes,
                reads: Right::Yes,
                writes: if story.proves_writes() { Right::Yes } else { Right::NotEvaluated },
                refused_since: None,
                worked_at: Some(at),
                ..meta
            };
        }
        if let (Some(revoked), Some(id)) = (&story.revoked, &old.provider_id) {
            // What the provider listed before is not what it would list now.
            meta.listed.retain(|token| story.dead.is_none() || token.id != *id);
            for token in meta.listed.iter_mut().filter(|token| token.id == *id) {
                (token.revoked, token.works_until) = (true, Some(revoked.until));
            }
        }
        if meta == before {
            return Ok(());
        }
        self.set_meta(story.source, &meta)?;
        if meta.fingerprint != before.fingerprint {
            locked(&self.inner.has_secret).remove(&story.source);
            self.tell(EngineEvent::SourcesChanged);
        }
        Ok(())
    }

    /// Whether some process drives it on.
    fn is_rotated(&self, rotation: RotationId) -> bool {
        locked(&self.inner.rotating).contains_key(&rotation) || matches!(self.try_lock(&format!("rotation-{rotation}.lock")), Ok(None))
    }

    /// The rotations, the newest first; those of one source, where it is given.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn rotations(&self, source: Option<SourceId>) -> Result<Vec<RotationSummary>, Error> {
        let firsts = self.inner.ledger.rotations(source)?;
        firsts
            .into_iter()
            .map(|first| Ok(show::summary(&story(&self.inner.ledger, first.rotation)?, now())))
            .collect()
    }

    /// One rotation. Blocking.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the ledger cannot be read.
    pub fn rotation(&self, rotation: RotationId) -> Result<RotationView, Error> {
        let story = story(&self.inner.ledger, rotation)?;
        // What is asked is shown as it goes; without the keychain it can be shown all the same.
        let asking = self
            .source(story.source)
            .and_then(|source| super::super::clients::make_client(&source.settings, None, None))
            .map(|client| {
                let (read, write) = client.standing_requests(story.began.writes);
                (Some(read), write)
            })
            .unwrap_or_default();
        Ok(show::show(&story, &asking, self.is_rotated(rotation), now()))
    }

    /// Tries to find the rotation that is meant by a source's open one.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_rotation(&self, source: SourceId) -> Result<Option<RotationId>, Error> {
        Ok(self.open_rotations(now())?.get(&source).map(|(rotation, _)| *rotation))
    }

    fn add(&self, story: &Story, entries: &[Entry]) -> Result<(), Error> {
        record(&self.inner.ledger, story, now(), entries, false)?;
        self.tell_tokens(Some(story.id));
        Ok(())
    }

    fn moved_on(&self) -> Error {
        refused(
            "rotation.movedOn",
            "the rotation does not wait for that any more",
            "Look at it again: it has moved on.",
        )
    }

    /// Hands over the new credential that a person got from the provider: it goes into the keychain, and nowhere else, and is proven from there.
    ///
    /// # Errors
    /// [`Error::Refused`] when none is waited for, or it is the present one; keychain errors.
    pub async fn paste_rotation(&self, rotation: RotationId, value: Secret) -> Result<(), Error> {
        let engine = self.clone();
        blocking(move || {
            let story = story(&engine.inner.ledger, rotation)?;
            if next(&story, now()) != Next::Paste {
                return Err(engine.moved_on());
            }
            let value = Secret::new(value.expose().trim().to_owned());
            if value.expose().is_empty() {
                return Err(Error::Input {
                    field: "Credential",
                    problem: "it is empty".into(),
                });
            }
            let source = engine.source(story.source)?;
            let world = engine.world(&source, &story.began.start.how, &[], CancellationToken::new())?;
            let mark = world.fingerprints.of(&value);
            if Some(&mark) == story.began.old.fingerprint.as_ref() {
                return Err(Error::Input {
                    field: "Credential",
                    problem: "this is the present one; paste the new one".into(),
                });
            }
            let ends = super::state::jwt(value.expose()).and_then(|(_, ends)| ends);
            let known = Known {
                fingerprint: Some(mark),
                provider_id: None,
                created_at: Some(now()),
                expires_at: ends.or(story.began.start.expires_at),
            };
            let known = world.hold(rotation, &value, known)?;
            let by = engine.inner.ledger.actor().to_owned();
            engine.add(
                &story,
                &[Entry::Held {
                    known,
                    pasted_by: Some(by),
                }],
            )
        })
        .await?;
        self.drive_rotation(rotation)
    }

    /// Says that a step by hand is done: that a system has the new credential (`user` is its place), or that the old one is revoked.
    ///
    /// # Errors
    /// [`Error::Refused`] when that is not waited for.
    pub fn confirm_rotation(&self, rotation: RotationId, user: Option<u32>, note: &str) -> Result<(), Error> {
        let story = story(&self.inner.ledger, rotation)?;
        let what = match (next(&story, now()), user) {
            (Next::HandByHand(_), Some(user))
                if story.uses().any(|(place, user_of, done)| {
                    place == user && matches!(user_of, RotationUser::ByHand { .. }) && done.confirmed.is_none()
                }) =>
            {
                Confirmation::HandOver { user }
            }
            (Next::RevokeByHand, None) => Confirmation::Revoke,
            _ => return Err(self.moved_on()),
        };
        let by = self.inner.ledger.actor().to_owned();
        let note = note.trim().to_owned();
        self.add(&story, &[Entry::Confirmed { what, by, note }])?;
        self.drive_rotation(rotation)
    }

    /// Decides over a new credential that works and is not in all like the old one: taken as it is, or not.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is nothing to decide; [`Error::Input`] without a reason.
    pub fn decide_rotation(&self, rotation: RotationId, accept: bool, note: &str) -> Result<(), Error> {
        let story = story(&self.inner.ledger, rotation)?;
        if next(&story, now()) != Next::Decide {
            return Err(self.moved_on());
        }
        let note = note.trim().to_owned();
        if accept && note.is_empty() {
            return Err(Error::Input {
                field: "Reason",
                problem: "say why the new one does although it is not like the old one".into(),
            });
        }
        let by = self.inner.ledger.actor().to_owned();
        let mut entries = vec![Entry::Decided {
            accept,
            by: by.clone(),
            note: note.clone(),
        }];
        if !accept {
            entries.push(if story.makes_by_request() && story.no_way_back().is_none() {
                Entry::BackBegan {
                    by: Some(by),
                    says: "the new one was not taken".into(),
                }
            } else {
                Entry::Discarded {
                    says: if note.is_empty() { "it was not taken".into() } else { note },
                }
            });
        }
        self.add(&story, &entries)?;
        self.drive_rotation(rotation)
    }

    /// Asks with the old one now, without waiting for its turn. It is asked by whoever drives the rotation on.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is not being asked with.
    pub async fn ask_rotation_now(&self, rotation: RotationId) -> Result<(), Error> {
        let story = story(&self.inner.ledger, rotation)?;
        if !matches!(next(&story, now()), Next::Ask | Next::Sleep(_)) {
            return Err(self.moved_on());
        }
        self.driver(rotation, CancellationToken::new()).await?.ask(&story).await
    }

    /// Stops a rotation where it is; it can be resumed.
    ///
    /// # Errors
    /// When there is no such rotation, it is over, or the ledger cannot be written.
    pub fn stop_rotation(&self, rotation: RotationId) -> Result<(), Error> {
        let story = story(&self.inner.ledger, rotation)?;
        if story.closed.is_some() {
            return Err(self.moved_on());
        }
        if story.stopped.is_none() {
            let by = Some(self.inner.ledger.actor().to_owned());
            self.add(&story, &[Entry::Stopped { by, fault: None }])?;
        }
        if let Some(cancel) = locked(&self.inner.rotating).get(&rotation) {
            cancel.cancel();
        }
        Ok(())
    }

    /// Goes on with a rotation that was stopped, was left by its process, or ended with an old one that lives. Needs a tokio runtime.
    ///
    /// # Errors
    /// When there is no such rotation, or it is over.
    pub fn resume_rotation(&self, rotation: RotationId) -> Result<(), Error> {
        let story = story(&self.inner.ledger, rotation)?;
        if story.closed.is_some() {
            return Err(self.moved_on());
        }
        if story.stopped.is_some() || story.lives.is_some() {
            let by = self.inner.ledger.actor().to_owned();
            self.add(&story, &[Entry::Resumed { by }])?;
        }
        self.drive_rotation(rotation)
    }

    /// Takes the way back: the old credential stays, or becomes the current one again; the new one is ended. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is none any more.
    pub fn put_rotation_back(&self, rotation: RotationId) -> Result<(), Error> {
        let story = story(&self.inner.ledger, rotation)?;
        if let Some(why) = story.no_way_back() {
            return Err(refused(
                "rotation.noWayBack",
                why.trim_end_matches('.').to_lowercase(),
                "Go on with the rotation instead.",
            ));
        }
        let by = Some(self.inner.ledger.actor().to_owned());
        let says = "asked for by a person".to_owned();
        self.add(&story, &[Entry::BackBegan { by, says }])?;
        self.drive_rotation(rotation)
    }

    /// Lets go of a rotation without a word in its story: any process can go on with it.
    pub fn let_go_of_rotation(&self, rotation: RotationId) {
        if let Some(cancel) = locked(&self.inner.rotating).get(&rotation) {
            cancel.cancel();
        }
    }

    /// Goes on with the rotations that were left in the middle by a process that ended, in the background. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn take_up_rotations(&self) -> Result<(), Error> {
        for (rotation, state) in self.open_rotations(now())?.into_values() {
            if matches!(state, RotationState::Running | RotationState::Counting) {
                self.drive_rotation(rotation)?;
            }
        }
        Ok(())
    }
}
