//! Where a rotation stands, folded from its records.

use crate::store::ledger::StoredRotationRecord as RotationRow;
use crate::view::{Fault, Millis, ProofMoment, Right, RotationId, RotationPoint, RotationReason, RotationUser, SourceId};

use super::entry::{Began, Confirmation, End, Entry, Hand, Known, Proof, Sight};

/// So many moments are kept; those before are counted.
pub const KEPT: usize = 200;
/// Moments that are less apart count as one, in milliseconds, unless they are asked for more often.
const APART: Millis = 1_000;

/// A record, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its number within the rotation.
    pub number: i64,
    /// When.
    pub at: Millis,
    /// Who.
    pub by: String,
    /// What.
    pub entry: Entry,
    /// The number of its audit entry.
    pub audit: Option<i64>,
}

/// What is known of the present one since it was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// Whether the source accepts it.
    pub works: Right,
    /// Whether it writes.
    pub writes: Right,
    /// What it sees.
    pub sight: Option<Sight>,
    /// Point by point.
    pub points: Vec<RotationPoint>,
}

/// How far one system is that uses the credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserStory {
    /// What was done, in order, with what was seen.
    pub done: Vec<(Hand, String)>,
    /// Something was announced of which it is not known whether it arrived.
    pub intent: Option<Hand>,
    /// A person confirmed it: who, and their note.
    pub confirmed: Option<(String, String)>,
    /// It has the old one again.
    pub back: bool,
}

impl UserStory {
    /// Whether this was done.
    pub fn has(&self, hand: Hand) -> bool {
        self.done.iter().any(|(done, _)| *done == hand)
    }

    /// Whether it may hold the new one.
    pub fn touched(&self) -> bool {
        self.has(Hand::Save) || self.intent == Some(Hand::Save) || self.confirmed.is_some()
    }
}

/// The revoking of the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// When.
    pub at: Millis,
    /// In words.
    pub says: String,
    /// Until when it may live on.
    pub until: Millis,
}

/// The way back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Back {
    /// Why.
    pub says: String,
    /// The old one is the current one again.
    pub swapped: bool,
    /// What became of the new one.
    pub revoked: Option<String>,
}

/// A rotation, as far as its records go.
#[derive(Clone, Debug)]
pub struct Story {
    /// Its number.
    pub id: RotationId,
    /// Whose credential.
    pub source: SourceId,
    /// Who began it.
    pub by: String,
    /// When.
    pub at: Millis,
    /// With what.
    pub began: Began,
    /// How many records there are.
    pub records: i64,
    /// The present one, looked at.
    pub looked: Option<Looked>,
    /// How many times a new one was asked for.
    pub attempts: u32,
    /// How many of those since a person last had it go on.
    pub tries: u32,
    /// The names that a new one may stand under at the provider, without being held: each of a request without a good answer.
    pub unanswered: Vec<String>,
    /// The last request for a new one was one that had been sent before, without an answer.
    asked_again: bool,
    /// The last request for a new one is without an answer.
    pub make_open: bool,
    /// The new one.
    pub held: Option<Known>,
    /// Why one is asked for again.
    pub again: Option<String>,
    /// Its proof.
    pub proof: Option<(Proof, Vec<RotationPoint>)>,
    /// A person took it as it is.
    pub accepted: bool,
    /// What uses it.
    pub users: Vec<UserStory>,
    /// The next one was about to become the current one.
    pub promoting: bool,
    /// The next one is the current one.
    pub promoted: Option<Millis>,
    /// The old one was about to be revoked.
    pub revoking: bool,
    /// The old one was revoked.
    pub revoked: Option<Revoked>,
    /// The last moments.
    pub moments: Vec<ProofMoment>,
    /// What could not be told at the last one.
    pub unsure: Option<String>,
    /// How many moments there were.
    pub asked: u32,
    /// How many in a row count.
    pub in_row: u32,
    /// When the last one of them was.
    pub counted_at: Option<Millis>,
    /// The old one is proven dead.
    pub dead: Option<Millis>,
    /// Why it is not.
    pub lives: Option<String>,
    /// Since when what was said to live is looked at again.
    pub again_since: Option<Millis>,
    /// The old value is out of the keychain.
    pub forgot: bool,
    /// It was stopped: by whom, or over what.
    pub stopped: Option<(Option<String>, Option<Fault>)>,
    /// The way back.
    pub back: Option<Back>,
    /// It is over.
    pub closed: Option<(Millis, End, String)>,
    /// When each stage's last record was written.
    pub told: Vec<Told>,
}

impl Story {
    /// Folds records; none where the first does not begin a rotation.
    ///
    /// # Errors
    /// What a record is that cannot be read: its number, and why.
    pub fn fold(records: Vec<RotationRow>) -> Result<Option<Self>, (i64, String)> {
        let mut told = Vec::with_capacity(records.len());
        let (mut id, mut source) = (0, 0);
        for record in records {
            let entry = Entry::read(&record.kind, &record.data).map_err(|error| (record.number, error.to_string()))?;
            (id, source) = (record.rotation, record.source);
            told.push(Told {
                number: record.number,
                at: record.at,
                by: record.by,
                entry,
                audit: record.audit,
            });
        }
        let mut told = told.into_iter();
        let Some(first) = told.next() else { return Ok(None) };
        let Entry::Began(began) = &first.entry else { return Ok(None) };
        let mut story = Self {
            id,
            source,
            by: first.by.clone(),
            at: first.at,
            users: vec![UserStory::default(); began.start.users.len()],
            began: (**began).clone(),
            records: first.number,
            looked: None,
            attempts: 0,
            tries: 0,
            asked_again: false,
            unanswered: Vec::new(),
            make_open: false,
            held: None,
            again: None,
            proof: None,
            accepted: false,
            promoting: false,
            promoted: None,
            revoking: false,
            revoked: None,
            moments: Vec::new(),
            unsure: None,
            asked: 0,
            in_row: 0,
            counted_at: None,
            dead: None,
            lives: None,
            again_since: None,
            forgot: false,
            stopped: None,
            back: None,
            closed: None,
            told: vec![first],
        };
        for told in told {
            story.take(told);
        }
        Ok(Some(story))
    }

    fn user(&mut self, user: u32) -> Option<&mut UserStory> {
        self.users.get_mut(usize::try_from(user).ok()?)
    }

    /// Takes one more record in.
    fn take(&mut self, told: Told) {
        self.records = told.number;
        let at = told.at;
        match &told.entry {
            Entry::Began(_) => {}
            Entry::Looked {
                works,
                writes,
                sight,
                points,
            } => {
                self.looked = Some(Looked {
                    works: *works,
                    writes: *writes,
                    sight: sight.clone(),
                    points: points.clone(),
                });
            }
            Entry::MakeIntent { attempt, name, .. } => {
                self.attempts = *attempt;
                self.tries += 1;
                self.make_open = true;
                self.asked_again = self.unanswered.contains(name);
                if !self.asked_again {
                    self.unanswered.push(name.clone());
                }
            }
            Entry::MakeLost { .. } => self.make_open = true,
            // That it is refused now says nothing of the same request before, which nobody knows the answer of.
            Entry::MakeRefused { .. } if self.asked_again => {}
            Entry::MakeRefused { .. } => {
                self.make_open = false;
                self.unanswered.pop();
            }
            Entry::SweepIntent { .. } => {}
            Entry::Swept { .. } => self.make_open = false,
            Entry::Held { known, .. } => {
                self.held = Some(known.clone());
                self.make_open = false;
                self.unanswered.clear();
                (self.again, self.proof, self.accepted) = (None, None, false);
            }
            Entry::Proved { proof, points } => self.proof = Some((*proof, points.clone())),
            Entry::Decided { accept, .. } => self.accepted = *accept,
            Entry::Discarded { says } => {
                (self.held, self.proof, self.accepted) = (None, None, false);
                self.again = Some(says.clone());
            }
            Entry::HandIntent { user, hand, .. } => {
                let hand = *hand;
                if let Some(user) = self.user(*user) {
                    user.intent = Some(hand);
                }
            }
            Entry::Handed { user, hand, says, .. } => {
                let (hand, says) = (*hand, says.clone());
                if let Some(user) = self.user(*user) {
                    user.intent = None;
                    user.done.retain(|(done, _)| *done != hand);
                    user.done.push((hand, says));
                }
            }
            Entry::Confirmed { what, by, note } => match what {
                Confirmation::HandOver { user } => {
                    let confirmed = (by.clone(), note.clone());
                    if let Some(user) = self.user(*user) {
                        user.confirmed = Some(confirmed);
                    }
                }
                Confirmation::Revoke => self.revoke(at, format!("{by} says that it is revoked"), None),
            },
            Entry::PromoteIntent => self.promoting = true,
            Entry::Promoted => self.promoted = Some(at),
            Entry::RevokeIntent { .. } => self.revoking = true,
            Entry::Revoked { says, works_until, .. } => self.revoke(at, says.clone(), *works_until),
            Entry::Moment { moment, says } => {
                self.asked += 1;
                // What is asked in one breath is one moment.
                let spaced = self
                    .counted_at
                    .is_none_or(|last| moment.at - last >= i64::try_from(self.began.every_ms).unwrap_or(0).min(APART));
                match (moment.counts, spaced) {
                    (true, true) => (self.in_row, self.counted_at) = (self.in_row + 1, Some(moment.at)),
                    (true, false) => {}
                    (false, _) => (self.in_row, self.counted_at) = (0, None),
                }
                self.unsure.clone_from(says);
                self.moments.push(moment.clone());
                if self.moments.len() > KEPT {
                    self.moments.remove(0);
                }
            }
            Entry::Dead { .. } => (self.dead, self.lives) = (Some(at), None),
            Entry::Lives { says } => self.lives = Some(says.clone()),
            Entry::Forgot => self.forgot = true,
            Entry::Stopped { by, fault } => self.stopped = Some((by.clone(), fault.clone())),
            Entry::Resumed { .. } => {
                self.stopped = None;
                self.tries = 0;
                // What was said not to be done is looked at again, from a row of nothing.
                if self.lives.take().is_some() {
                    (self.in_row, self.counted_at, self.again_since) = (0, None, Some(at));
                }
            }
            Entry::BackBegan { says, .. } => {
                self.stopped = None;
                self.back = Some(Back {
                    says: says.clone(),
                    ..Back::default()
                });
            }
            Entry::BackHanded { user, .. } => {
                if let Some(user) = self.user(*user) {
                    user.back = true;
                }
            }
            Entry::BackSwapped => {
                if let Some(back) = &mut self.back {
                    back.swapped = true;
                }
            }
            Entry::BackRevoked { says, .. } => {
                if let Some(back) = &mut self.back {
                    back.revoked = Some(says.clone());
                }
            }
            Entry::Closed { end, says } => self.closed = Some((at, *end, says.clone())),
        }
        self.told.push(told);
    }

    fn revoke(&mut self, at: Millis, says: String, works_until: Option<Millis>) {
        self.revoking = false;
        let overlap = i64::try_from(self.began.overlap_ms).unwrap_or(i64::MAX / 4);
        self.revoked = Some(Revoked {
            at,
            says,
            until: works_until.unwrap_or(at + overlap),
        });
    }

    /// Whether the old one was refused already when it was looked at: there is nothing to lose, and nothing to go back to.
    pub fn old_was_refused(&self) -> bool {
        self.looked.as_ref().is_some_and(|looked| looked.works == Right::No)
    }

    /// Whether a request makes the new one.
    pub fn makes_by_request(&self) -> bool {
        self.began.api.as_ref().is_some_and(|api| api.make.is_some())
    }

    /// Whether the old one is revoked before there is a new one: it leaked, and what asks for the new one is not the leaked one itself.
    pub fn revokes_first(&self) -> bool {
        let own = self.began.api.as_ref().is_some_and(|api| api.own && api.make.is_some());
        self.began.start.reason == RotationReason::Leaked && !own
    }

    /// Whether the old one is revoked as soon as there is a new one, before that is proven: it leaked, and the provider makes a new one only for
    /// who has one.
    pub fn revokes_at_once(&self) -> bool {
        self.began.start.reason == RotationReason::Leaked
    }

    /// What uses the credential, with how far each is.
    pub fn uses(&self) -> impl Iterator<Item = (u32, &RotationUser, &UserStory)> {
        (0_u32..)
            .zip(self.began.start.users.iter().zip(&self.users))
            .map(|(place, (user, story))| (place, user, story))
    }

    /// Whether a system has the new one, and was seen or said to work with it.
    pub fn is_handed(user: &RotationUser, story: &UserStory) -> bool {
        match user {
            RotationUser::EntraJob { .. } => story.has(Hand::Settle),
            RotationUser::ByHand { .. } => story.confirmed.is_some(),
        }
    }

    /// Whether the proof asks for writes: writing is on, and the old one could.
    pub fn proves_writes(&self) -> bool {
        self.began.writes && self.looked.as_ref().is_some_and(|looked| looked.writes == Right::Yes)
    }

    /// Why there is no way back any more; none where there is one.
    pub fn no_way_back(&self) -> Option<&'static str> {
        if self.closed.is_some() {
            Some("It is over.")
        } else if self.back.is_some() {
            Some("It is being put back.")
        } else if self.revoked.is_some() || self.revoking {
            Some("The old one is revoked.")
        } else if self.old_was_refused() {
            Some("The old one was refused from the start.")
        } else if self.held.is_some() && self.began.api.as_ref().is_some_and(|api| api.replaces) {
            Some("This provider ended the old one when it made the new one.")
        } else {
            None
        }
    }

    /// When the old one is to be asked with again.
    pub fn next_moment(&self) -> Option<Millis> {
        let last = self.moments.last()?.at;
        let revoked = self.revoked.as_ref()?;
        let every = i64::try_from(self.began.every_ms).unwrap_or(10_000);
        // A long overlap is waited for at leisure: every minute, and at its end as often as was said.
        let left = revoked.until - last;
        let slow = left > 10 * 60_000 && every < 60_000;
        Some(last + if slow { 60_000 } else { every })
    }
}
