//! `lanyard sync`: reads sources to the end, and shows how far it is.

use std::collections::HashMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use lanyard_engine::view::{EngineEvent, Fault, Source, SourceId, SyncOutcome, SyncPhase, SyncProgress, SyncState};
use lanyard_engine::{Engine, Error};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;

use crate::exit::{Failure, Verdict};
use crate::open::Place;
use crate::output::{Out, Page, Table, Tone, count, duration, plural, safe};
use crate::signals::Signals;

/// What was synced, as JSON.
#[derive(Serialize)]
struct Synced {
    /// How each sync ended.
    outcomes: Vec<SyncOutcome>,
    /// Sources whose sync could not even start, and why.
    errors: Vec<NotStarted>,
}

#[derive(Serialize)]
struct NotStarted {
    source: SourceId,
    name: String,
    error: Fault,
}

pub async fn run(names: &[String], full: bool, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let engine = &opened.engine;
    let mut sources = chosen(engine, names)?;
    if sources.is_empty() {
        return Err(Failure::usage("there is no enabled source; connect one with `lanyard source add`"));
    }
    let mut show = Show::new(&sources);
    let mut signals = Signals::listen()?;
    let mut synced = Synced {
        outcomes: Vec::new(),
        errors: Vec::new(),
    };
    // The authoritative source goes first: the others are compared with it.
    sources.sort_by_key(|source| !source.settings.authoritative);
    let first = sources.iter().take_while(|source| source.settings.authoritative).count();
    let rest = sources.split_off(first);
    let mut interrupted = false;
    for round in [sources, rest] {
        if !interrupted && !round.is_empty() {
            interrupted = together(engine, round, full, &mut signals, &mut show, &mut synced, out).await?;
        }
    }
    show.clear();
    // The rules are asked about what was read, so that what is found has its beginning in the ledger though nobody looks today.
    if !interrupted && let Err(error) = engine.evaluate_findings() {
        out.fault(&error.fault());
    }
    engine.close().await;
    out.show(&synced, |page| tell(&synced, page));
    for fault in synced
        .outcomes
        .iter()
        .filter_map(|outcome| outcome.fault.as_ref())
        .chain(synced.errors.iter().map(|one| &one.error))
    {
        out.fault(fault);
    }
    Ok(verdict(&synced, interrupted))
}

fn chosen(engine: &Engine, names: &[String]) -> Result<Vec<Source>, Failure> {
    if names.is_empty() {
        return Ok(engine.sources()?.into_iter().filter(|source| source.settings.enabled).collect());
    }
    let mut sources: Vec<Source> = Vec::new();
    for name in names {
        let source = engine.find_source(name)?;
        if !source.settings.enabled {
            return Err(Failure::usage(format!("{} is disabled; enable it first", source.settings.name)));
        }
        if sources.iter().all(|other| other.id != source.id) {
            sources.push(source);
        }
    }
    Ok(sources)
}

/// Syncs these at the same time. Tells whether it was interrupted: the first Ctrl-C cancels and waits for a clean end,
/// the second one ends the process.
async fn together(
    engine: &Engine,
    sources: Vec<Source>,
    full: bool,
    signals: &mut Signals,
    show: &mut Show,
    synced: &mut Synced,
    out: &Out,
) -> Result<bool, Failure> {
    let mut events = engine.events();
    let mut running = JoinSet::new();
    let ids: Vec<SourceId> = sources.iter().map(|source| source.id).collect();
    for source in sources {
        let engine = engine.clone();
        running.spawn(async move { (source.id, source.settings.name, engine.sync_with(source.id, full).await) });
    }
    let mut interrupted = false;
    let mut open = true;
    loop {
        tokio::select! {
            ended = running.join_next() => match ended {
                Some(Ok((source, name, ended))) => {
                    show.ended(source);
                    took(source, name, ended, synced);
                }
                // A sync that broke off in a way that no error names: say so, and let the others end.
                Some(Err(error)) => out.note(format!("A sync broke off: {error}")),
                None => return Ok(interrupted),
            },
            event = events.recv(), if open => match event {
                Ok(EngineEvent::SyncProgress { progress }) => show.moved(&progress),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => open = false,
            },
            () = signals.next() => {
                if interrupted {
                    std::process::exit(4);
                }
                interrupted = true;
                out.note("Cancelling; what was read is kept. Press Ctrl-C again to end at once.");
                for id in &ids {
                    engine.cancel_sync(*id);
                }
            }
        }
    }
}

fn took(source: SourceId, name: String, ended: Result<SyncOutcome, Error>, synced: &mut Synced) {
    match ended {
        Ok(outcome) => synced.outcomes.push(outcome),
        Err(error) => synced.errors.push(NotStarted {
            source,
            name,
            error: error.fault(),
        }),
    }
}

fn verdict(synced: &Synced, interrupted: bool) -> Verdict {
    let states = synced.outcomes.iter().map(|outcome| match outcome.state {
        SyncState::Complete => Verdict::Well,
        SyncState::Incomplete | SyncState::Cancelled => Verdict::NotEvaluated,
        SyncState::Failed => Verdict::Error,
    });
    let errors = synced.errors.iter().map(|_| Verdict::Error);
    let worst = states.chain(errors).max().unwrap_or(Verdict::Well);
    if interrupted { worst.max(Verdict::NotEvaluated) } else { worst }
}

fn tell(synced: &Synced, page: &Page<'_>) {
    let mut table = Table::new(["Source", "Ended", ">New", ">Changed", ">Gone", ">As before", ">Requests", ">Took"]);
    for outcome in &synced.outcomes {
        let (word, tone) = match outcome.state {
            SyncState::Complete => ("complete", Tone::Good),
            SyncState::Incomplete => ("incomplete", Tone::Warning),
            SyncState::Cancelled => ("cancelled", Tone::Warning),
            SyncState::Failed => ("failed", Tone::Bad),
        };
        table.toned([
            (outcome.name.clone(), Tone::Plain),
            (word.to_owned(), tone),
            (count(outcome.added), Tone::Plain),
            (count(outcome.changed), Tone::Plain),
            (count(outcome.removed), Tone::Plain),
            (count(outcome.unchanged), Tone::Plain),
            (count(outcome.requests), Tone::Plain),
            (duration(outcome.took_ms), Tone::Plain),
        ]);
    }
    page.table(&table);
    for outcome in &synced.outcomes {
        for coverage in &outcome.coverage {
            for reason in &coverage.reasons {
                page.line(format!("{} {}: {}", outcome.name, coverage.collection, reason.text));
            }
        }
    }
}

/// The bars, one for each source, on standard error; nothing where that is no terminal.
struct Show {
    all: MultiProgress,
    bars: HashMap<SourceId, ProgressBar>,
}

impl Show {
    fn new(sources: &[Source]) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let longest = sources
            .iter()
            .map(|source| safe(&source.settings.name).chars().count())
            .max()
            .unwrap_or(0)
            .min(30);
        let bars = sources
            .iter()
            .map(|source| {
                let bar = all.add(ProgressBar::new_spinner());
                bar.set_style(unknown_total());
                bar.set_prefix(format!("{:longest$}", safe(&source.settings.name)));
                (source.id, bar)
            })
            .collect();
        Self { all, bars }
    }

    fn moved(&mut self, progress: &SyncProgress) {
        let Some(bar) = self.bars.get(&progress.source) else { return };
        match progress.total {
            Some(total) if total > 0 => {
                bar.set_style(known_total());
                bar.set_length(total.max(progress.read));
            }
            _ => bar.set_style(unknown_total()),
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        bar.set_position(progress.read);
        bar.set_message(message(progress));
    }

    fn ended(&mut self, source: SourceId) {
        if let Some(bar) = self.bars.get(&source) {
            bar.finish_with_message("done");
        }
    }

    fn clear(&mut self) {
        for bar in self.bars.values() {
            bar.finish_and_clear();
        }
        // A terminal that cannot be cleared keeps its bars: no harm.
        let _ = self.all.clear();
    }
}

fn message(progress: &SyncProgress) -> String {
    let mut parts = vec![
        match progress.phase {
            SyncPhase::Connecting => "connecting".to_owned(),
            SyncPhase::Reading => progress.collection.clone(),
            SyncPhase::Confirming => "confirming".to_owned(),
            SyncPhase::Saving => "saving".to_owned(),
        },
        format!("{}/s", count(progress.per_second.max(0.0).round() as u64)),
    ];
    if let Some(left) = progress.left_ms {
        parts.push(format!("{} left", duration(left)));
    }
    parts.push(match progress.budget {
        Some(budget) => format!("{} of {} requests", count(progress.requests), count(budget)),
        None => plural(progress.requests, "request", "requests"),
    });
    if let Some(waiting) = &progress.waiting {
        parts.push(waiting.clone());
    }
    safe(&parts.join(" · ")).into_owned()
}

fn known_total() -> ProgressStyle {
    style("{prefix} {bar:24} {human_pos}/{human_len} {msg}")
}

fn unknown_total() -> ProgressStyle {
    style("{prefix} {spinner} {human_pos} {msg}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━━╌")
}
