//! The present one looked at, the next one proven beside it, and the old one proven dead.

use futures_util::future::{join, join4};

use super::drive::Driver;
use super::entry::{Entry, Proof, Sight};
use super::story::Story;
use super::world::{Who, fault};
use crate::Error;
use crate::sources::tokens::{Answered, Standing, Stands};
use crate::view::{Millis, ProofAnswer, ProofMoment, Right, RotationPoint, Verdict};

/// A new credential may take as long until it works everywhere as an old one until it is refused everywhere: the rotation's grace; never longer than this,
/// in milliseconds.
const PATIENCE: Millis = 10 * 60_000;
/// So often it is asked whether it does by now, in milliseconds.
const AGAIN: u64 = 1_000;

fn point(title: &str, says: impl Into<String>, verdict: Verdict) -> RotationPoint {
    RotationPoint {
        title: title.into(),
        says: says.into(),
        verdict,
        count: None,
        wanted: None,
    }
}

fn right(stands: Stands) -> Right {
    match stands {
        Stands::Accepted => Right::Yes,
        Stands::Refused | Stands::Forbidden => Right::No,
        Stands::Unclear => Right::NotEvaluated,
    }
}

fn verdict(right: Right) -> Verdict {
    match right {
        Right::Yes => Verdict::Passed,
        Right::No => Verdict::Failed,
        Right::NotEvaluated => Verdict::NotEvaluated,
    }
}

/// An answer, as a moment keeps it. One that is known and may not do this (403) is not refused: it lives. Only where a made-up one is answered
/// like that too (`strangers`) is it the source's way to refuse.
fn answer(answered: &Answered, strangers: Stands) -> ProofAnswer {
    ProofAnswer {
        status: answered.status,
        accepted: match answered.stands {
            Stands::Refused => Some(false),
            Stands::Forbidden => Some(strangers != Stands::Forbidden),
            Stands::Accepted => Some(true),
            Stands::Unclear => None,
        },
    }
}

impl Driver {
    /// Looks at the present one: whether it works, whether it may write, what it sees; and whether the source checks credentials at all.
    pub(super) async fn look(&self, story: &Story) -> Result<(), Error> {
        let write = story.began.writes;
        let (id, world) = (story.id, &self.world);
        let (old, made_up) = join(world.standing(Who::Old, id, write), world.standing(Who::MadeUp, id, false)).await;
        let nobody = world.standing(Who::Nobody, id, false).await;
        // A keychain that holds none is looked at like one that is refused: there is nothing to lose.
        let old = match old {
            Err(error) if error.code() == "token.lost" => None,
            other => match self.attempt(story, other)? {
                Some(old) => Some(old),
                None => return Ok(()),
            },
        };
        let Some(made_up) = self.attempt(story, made_up)? else {
            return Ok(());
        };
        let open = made_up.read.stands == Stands::Accepted || nobody.as_ref().is_ok_and(|nobody| nobody.read.stands == Stands::Accepted);
        if open {
            return self.stop_over(
                story,
                fault(
                    "token.unchecked",
                    format!(
                        "{} answers without a token, or to one that was made up: it could not be told whether an old one is dead",
                        story.began.opens
                    ),
                    "Ask whoever runs it why it checks no token, and resume when it does.",
                ),
            );
        }
        if let Some(old) = &old
            && old.read.stands == Stands::Unclear
        {
            let stopped = old.read.unsure_for.clone().unwrap_or_else(|| {
                fault(
                    "token.unclear",
                    format!("it could not be told whether the present credential works: {}", old.read.says),
                    "Resume when the source answers again.",
                )
            });
            return self.stop_over(story, stopped);
        }
        let works = old.as_ref().map_or(Right::No, |old| match old.read.stands {
            Stands::Forbidden => Right::Yes,
            stands => right(stands),
        });
        let writes = old
            .as_ref()
            .and_then(|old| old.write.as_ref())
            .map_or(Right::NotEvaluated, |write| right(write.stands));
        let sight = if works == Right::Yes {
            world.sight(Who::Old, id).await.ok()
        } else {
            None
        };
        let mut points = vec![point(
            "The present one is accepted",
            old.as_ref()
                .map_or_else(|| "the keychain holds none".to_owned(), |old| old.read.says.clone()),
            verdict(works),
        )];
        points.push(point(
            "It may write",
            match (&old, write) {
                (Some(old), true) => old.write.as_ref().map_or_else(|| "not tried".into(), |write| write.says.clone()),
                _ => "not tried: writing is switched off for this source".to_owned(),
            },
            // One that may not write is no fault.
            if writes == Right::No { Verdict::Passed } else { verdict(writes) },
        ));
        points.push(point(
            "A made-up one is refused",
            made_up.read.says.clone(),
            match made_up.read.stands {
                Stands::Refused => Verdict::Passed,
                _ => Verdict::NotEvaluated,
            },
        ));
        if let Some(sight) = &sight {
            points.push(point("What it sees", seen(sight), Verdict::Passed));
        }
        self.decide(
            story,
            Entry::Looked {
                works,
                writes,
                sight,
                points,
            },
        )
        .map(drop)
    }

    /// Proves the next one: accepted, the same tenant, the same people, writes where the old one could.
    pub(super) async fn prove(&self, story: &Story) -> Result<(), Error> {
        let (id, world) = (story.id, &self.world);
        let writes = story.proves_writes();
        let until = self.clock.now() + i64::try_from(story.began.grace_ms).map_or(PATIENCE, |grace| grace.min(PATIENCE));
        let standing = loop {
            let standing = match world.standing(Who::New, id, writes).await {
                Err(error) if error.code() == "token.lost" => return self.lost_next(story).await,
                other => match self.attempt(story, other)? {
                    Some(standing) => standing,
                    None => return Ok(()),
                },
            };
            if standing.read.stands == Stands::Accepted || self.clock.now() >= until {
                break standing;
            }
            self.clock.sleep(AGAIN, &self.cancel).await;
            let moved = super::drive::story(&self.ledger, id)?.records != story.records;
            if self.cancel.is_cancelled() || moved {
                return Ok(());
            }
        };
        if standing.read.stands == Stands::Unclear {
            let stopped = standing.read.unsure_for.clone().unwrap_or_else(|| {
                fault(
                    "token.unclear",
                    format!("it could not be told whether the new credential works: {}", standing.read.says),
                    "Resume when the source answers again.",
                )
            });
            return self.stop_over(story, stopped);
        }
        let mut points = vec![point(
            "The new one is accepted",
            standing.read.says.clone(),
            match standing.read.stands {
                Stands::Accepted => Verdict::Passed,
                _ => Verdict::Failed,
            },
        )];
        let mut proof = if standing.read.stands == Stands::Accepted {
            Proof::Good
        } else {
            Proof::Failed
        };
        if proof == Proof::Good {
            let old = if story.old_was_refused() || story.revoked.is_some() {
                None
            } else {
                world.sight(Who::Old, id).await.ok()
            };
            let old = old.or_else(|| story.looked.as_ref().and_then(|looked| looked.sight.clone()));
            let new = world.sight(Who::New, id).await;
            match (old, new) {
                (Some(old), Ok(new)) => compare(&old, &new, &mut points, &mut proof),
                (_, Err(error)) => {
                    points.push(point("It sees the same people", error.to_string(), Verdict::NotEvaluated));
                    proof = Proof::Different;
                }
                (None, Ok(new)) => points.push(point(
                    "It sees the same people",
                    format!("nothing to compare with, since the old one is refused; {}", seen(&new)),
                    Verdict::NotEvaluated,
                )),
            }
            points.push(written(story, &standing, &mut proof));
        }
        self.decide(story, Entry::Proved { proof, points }).map(drop)
    }

    /// Asks with the old one, the new one and a made-up one, at the same time.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn ask(&self, story: &Story) -> Result<(), Error> {
        let (id, world) = (story.id, &self.world);
        let writes = story.proves_writes();
        let (old, new, made_up, nobody) = join4(
            world.standing(Who::Old, id, writes),
            world.standing(Who::New, id, false),
            world.standing(Who::MadeUp, id, false),
            world.standing(Who::Nobody, id, false),
        )
        .await;
        if self.cancel.is_cancelled() {
            return Ok(());
        }
        let Some(new) = self.attempt(story, new)? else { return Ok(()) };
        let Some(made_up) = self.attempt(story, made_up)? else {
            return Ok(());
        };
        let old = match old {
            Ok(old) => Some(old),
            // Without the old value nothing can be proven, and waiting will not bring it back.
            Err(error) if error.code() == "token.lost" && !story.old_was_refused() => return self.stop(story, &error),
            Err(error) if error.code() == "token.lost" => None,
            Err(error) => return self.stop(story, &error),
        };
        let open = nobody.as_ref().is_ok_and(|nobody| nobody.read.stands == Stands::Accepted);
        let (entry, says) = moment(self.clock.now(), old.as_ref(), &new, &made_up, open);
        self.tell(story, Entry::Moment { moment: entry, says })
    }
}

/// What one moment says.
fn moment(at: Millis, old: Option<&Standing>, new: &Standing, made_up: &Standing, open: bool) -> (ProofMoment, Option<String>) {
    // A value that is nowhere any more cannot be accepted either.
    let gone = ProofAnswer {
        status: None,
        accepted: Some(false),
    };
    let strangers = made_up.read.stands;
    let moment = ProofMoment {
        at,
        old: old.map_or(gone, |old| answer(&old.read, strangers)),
        old_write: old.and_then(|old| old.write.as_ref()).map(|write| match write.stands {
            // Known, and not let write: to a write that is a refusal only where the read is refused too.
            Stands::Forbidden => ProofAnswer {
                status: write.status,
                accepted: Some(false),
            },
            _ => answer(write, strangers),
        }),
        new: Some(answer(&new.read, strangers)),
        made_up: answer(&made_up.read, strangers),
        counts: false,
    };
    let refused = |answer: &ProofAnswer| answer.accepted == Some(false);
    let counts = refused(&moment.old)
        && moment.old_write.as_ref().is_none_or(refused)
        && moment.new.is_some_and(|new| new.accepted == Some(true))
        && refused(&moment.made_up)
        && !open;
    let says = if open || moment.made_up.accepted == Some(true) {
        Some("the source answers to a made-up one, or to none: it checks nothing, so nothing can be proven".to_owned())
    } else if moment.made_up.accepted.is_none() {
        Some(format!("with a made-up one: {}", made_up.read.says))
    } else if moment.new.is_none_or(|new| new.accepted != Some(true)) {
        Some(format!("the new one is not accepted: {}", new.read.says))
    } else {
        old.filter(|_| moment.old.accepted.is_none())
            .map(|old| format!("with the old one: {}", old.read.says))
    };
    (ProofMoment { counts, ..moment }, says)
}

/// What a credential sees, in words.
fn seen(sight: &Sight) -> String {
    let people = match sight.people {
        Some(1) => "1 person".to_owned(),
        Some(people) => format!("{people} people"),
        None => "people, whose number the source does not say".into(),
    };
    match (&sight.tenant, &sight.whose) {
        (Some(tenant), Some(whose)) => format!("{people}, tenant {tenant}, as {whose}"),
        (Some(tenant), None) => format!("{people}, tenant {tenant}"),
        (None, Some(whose)) => format!("{people}, as {whose}"),
        (None, None) => people,
    }
}

/// Compares what two credentials see.
fn compare(old: &Sight, new: &Sight, points: &mut Vec<RotationPoint>, proof: &mut Proof) {
    let tenant = match (&old.tenant, &new.tenant) {
        (Some(old), Some(new)) if old != new => {
            *proof = Proof::Failed;
            point(
                "It is of the same tenant",
                format!("{new}, and the old one’s is {old}"),
                Verdict::Failed,
            )
        }
        (Some(old), Some(_)) => point("It is of the same tenant", old.clone(), Verdict::Passed),
        _ => {
            let shared = new.sample.iter().filter(|id| old.sample.binary_search(id).is_ok()).count();
            if shared == 0 && !old.sample.is_empty() {
                *proof = Proof::Failed;
                point(
                    "It is of the same tenant",
                    "none of the people whom the old one sees: it is somebody else’s",
                    Verdict::Failed,
                )
            } else if old.sample.is_empty() {
                point("It is of the same tenant", "nobody is there to tell it by", Verdict::NotEvaluated)
            } else {
                point("It is of the same tenant", "the same people, by their ids", Verdict::Passed)
            }
        }
    };
    points.push(tenant);
    if *proof == Proof::Failed {
        return;
    }
    // People come and go between two questions; a hundredth of them at most.
    let near = |one: u64, two: u64| one.abs_diff(two) <= (one.max(two) / 100).max(1);
    let sampled = new.sample.iter().filter(|id| old.sample.binary_search(id).is_ok()).count();
    let most = sampled * 10 >= old.sample.len().min(new.sample.len().max(1)) * 9;
    let (says, so) = match (old.people, new.people) {
        (Some(before), Some(now)) if near(before, now) && most => (format!("{now} people, like the old one"), Right::Yes),
        (Some(before), Some(now)) => (format!("{now} people, and the old one sees {before}"), Right::No),
        _ if most => (
            "the people on the first page are the same; their number is not told".to_owned(),
            Right::Yes,
        ),
        _ => ("other people on the first page than with the old one".to_owned(), Right::No),
    };
    if so == Right::No {
        *proof = Proof::Different;
    }
    points.push(point("It sees the same people", says, verdict(so)));
}

/// Whether the new one writes, where the old one could.
fn written(story: &Story, standing: &Standing, proof: &mut Proof) -> RotationPoint {
    const TITLE: &str = "It writes, as the old one could";
    if !story.began.writes {
        return point(TITLE, "not tried: writing is switched off for this source", Verdict::NotEvaluated);
    }
    match story.looked.as_ref().map(|looked| looked.writes) {
        Some(Right::No) => return point(TITLE, "the old one could not", Verdict::Passed),
        Some(Right::Yes) => {}
        _ => return point(TITLE, "not known of the old one", Verdict::NotEvaluated),
    }
    let Some(write) = &standing.write else {
        return point(TITLE, "not tried", Verdict::NotEvaluated);
    };
    let so = right(write.stands);
    if so != Right::Yes && *proof == Proof::Good {
        *proof = Proof::Different;
    }
    point(TITLE, write.says.clone(), verdict(so))
}
