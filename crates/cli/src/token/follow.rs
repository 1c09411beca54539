//! A rotation begun, gone on with, and followed to where it needs a person, with a line on standard error for what moves.

use std::time::Duration;

use lanyard_engine::Engine;
use lanyard_engine::view::{EngineEvent, RotationAsk, RotationId, RotationState, RotationView, Source};

use super::begin::RotateArgs;
use super::tell;
use crate::exit::{Failure, Verdict};
use crate::output::{Out, duration, time};
use crate::signals::Signals;

/// Timers, and other processes, move a rotation without an event here: it is looked at this often.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// A rotation that is let go of is waited for so long, until what is being asked was answered.
const LET_GO: Duration = Duration::from_secs(10);

pub async fn rotate(engine: &Engine, source: &Source, wanted: &RotateArgs, out: &Out) -> Result<Verdict, Failure> {
    if wanted.plan {
        let start = wanted.start(engine, source, out).await?;
        let plan = engine.plan_rotation(&start).await?;
        out.show(&plan, |page| tell::plan(&plan, &start, page));
        return Ok(if plan.blocks.is_empty() { Verdict::Well } else { Verdict::Failed });
    }
    let mut value = wanted.value.read()?;
    let rotation = match engine.open_rotation(source.id)? {
        Some(rotation) => {
            if wanted.tells_how_to_begin() {
                out.note(format!(
                    "Rotation {rotation} of {} is open already, and goes on as it was begun.",
                    source.settings.name
                ));
            }
            if wanted.stop {
                engine.stop_rotation(rotation)?;
                let view = engine.rotation(rotation)?;
                out.show(&view, |page| {
                    page.line(format!("Rotation {rotation} stops after what it is doing."));
                });
                tell::goes_on(&view, out);
                return Ok(Verdict::Well);
            }
            go_on(engine, rotation, wanted)?;
            rotation
        }
        None if wanted.stop || wanted.put_back || wanted.accept.is_some() || wanted.confirm.is_some() => {
            return Err(Failure::usage(format!("no rotation of {} is open", source.settings.name)));
        }
        None => {
            let start = wanted.start(engine, source, out).await?;
            let rotation = engine.begin_rotation(&start).await?;
            out.note(format!(
                "Rotation {rotation} of {}: {}",
                source.settings.name,
                tell::how(&start.how)
            ));
            rotation
        }
    };
    let view = follow(engine, rotation, &mut value, out).await?;
    if value.is_some() {
        out.note("The value that was given was not asked for, and is kept nowhere.");
    }
    out.show(&view, |page| tell::rotation(&view, page));
    tell::goes_on(&view, out);
    Ok(verdict(&view, wanted.put_back))
}

/// Does what was asked of an open rotation, and has it go on.
fn go_on(engine: &Engine, rotation: RotationId, wanted: &RotateArgs) -> Result<(), Failure> {
    if wanted.put_back {
        return Ok(engine.put_rotation_back(rotation)?);
    }
    if matches!(
        engine.rotation(rotation)?.summary.state,
        RotationState::Stopped | RotationState::OldLives
    ) {
        engine.resume_rotation(rotation)?;
    }
    if let Some(reason) = &wanted.accept {
        return Ok(engine.decide_rotation(rotation, true, reason)?);
    }
    if let Some(what) = &wanted.confirm {
        // What waits for the new one may be called “revoke” as well: its turn comes first.
        let user = match engine.rotation(rotation)?.asks {
            Some(RotationAsk::HandOver { user, title, .. }) if title.eq_ignore_ascii_case(what.trim()) => Some(user),
            _ if what.trim().eq_ignore_ascii_case("revoke") => None,
            Some(RotationAsk::HandOver { title, .. }) => {
                return Err(Failure::usage(format!(
                    "rotation {rotation} waits for “{title}” to be confirmed, not “{what}”"
                )));
            }
            _ => {
                return Err(Failure::usage(format!(
                    "rotation {rotation} does not wait for “{what}” to be confirmed"
                )));
            }
        };
        return Ok(engine.confirm_rotation(rotation, user, &wanted.note)?);
    }
    Ok(())
}

/// Follows a rotation to where it does not go on by itself, and drives it where nobody does. A value that was given is handed over when it is asked for.
async fn follow(
    engine: &Engine,
    rotation: RotationId,
    value: &mut Option<lanyard_engine::secrets::Secret>,
    out: &Out,
) -> Result<RotationView, Failure> {
    let mut events = engine.events();
    let mut signals = Signals::listen()?;
    let mut told = Told::default();
    let mut let_go: Option<tokio::time::Instant> = None;
    loop {
        let view = engine.rotation(rotation)?;
        told.tell(&view, out);
        match view.summary.state {
            RotationState::Running | RotationState::Counting => match let_go {
                Some(until) if !view.driven || tokio::time::Instant::now() >= until => return Ok(view),
                Some(_) => {}
                // Nobody does: whoever did was ended, or this process comes first.
                None if !view.driven => engine.drive_rotation(rotation)?,
                None => {}
            },
            RotationState::Waiting if matches!(view.asks, Some(RotationAsk::Paste { .. })) && value.is_some() && let_go.is_none() => {
                if let Some(value) = value.take() {
                    engine.paste_rotation(rotation, value).await?;
                    continue;
                }
            }
            _ => return Ok(view),
        }
        tokio::select! {
            _ = tokio::time::timeout(LOOK_EVERY, async {
                // One that was missed for being late is as good as one that came.
                while !matches!(events.recv().await, Ok(EngineEvent::TokensChanged { rotation: Some(moved) }) if moved == rotation) {}
            }) => {}
            () = signals.next() => {
                if let_go.is_some() {
                    std::process::exit(4);
                }
                let_go = Some(tokio::time::Instant::now() + LET_GO);
                out.note(format!("Letting go of rotation {rotation}."));
                engine.let_go_of_rotation(rotation);
            }
        }
    }
}

/// What was told of a rotation so far.
#[derive(Default)]
struct Told {
    record: i64,
    state: Option<(RotationState, String)>,
    asked: u32,
}

impl Told {
    fn tell(&mut self, view: &RotationView, out: &Out) {
        for record in view.story.iter().filter(|record| record.seq > self.record) {
            out.note(format!("{:>4}  {}", record.seq, record.title));
        }
        self.record = view.story.last().map_or(self.record, |last| last.seq.max(self.record));
        if let Some(proof) = &view.proof
            && proof.total > self.asked
        {
            // The moments themselves are in the proof; each is a line here too, since a long overlap may pass with nothing else.
            self.asked = proof.total;
            let last = proof.moments.last();
            let old = last.map_or("not to be told", |moment| tell::answered(moment.old));
            out.note(format!(
                "      asked {}: the old one {old}; {} of {} in a row",
                last.map(|moment| time(moment.at)).unwrap_or_default(),
                proof.in_row,
                proof.wanted
            ));
        }
        let state = (view.summary.state, view.says.clone());
        if self.state.as_ref() != Some(&state) {
            let left = view
                .proof
                .as_ref()
                .filter(|_| state.0 == RotationState::Counting)
                .and_then(|proof| {
                    let now = jiff::Timestamp::now().as_millisecond();
                    u64::try_from(proof.overlap_until? - now).ok()
                });
            let left = left.map(|ms| format!(" ({} left)", duration(ms))).unwrap_or_default();
            out.note(format!("{}: {}{left}", tell::state_word(view.summary.state).0, view.says));
            self.state = Some(state);
        }
    }
}

/// How the process ends over a rotation.
pub fn verdict(view: &RotationView, put_back_is_well: bool) -> Verdict {
    match view.summary.state {
        RotationState::Done => Verdict::Well,
        RotationState::PutBack if put_back_is_well => Verdict::Well,
        RotationState::PutBack | RotationState::OldLives => Verdict::Failed,
        RotationState::Stopped if view.fault.is_some() => Verdict::Error,
        RotationState::Stopped | RotationState::Waiting | RotationState::Running | RotationState::Counting => Verdict::NotEvaluated,
    }
}
