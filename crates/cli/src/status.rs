//! `lanyard status`: what was read, when, completely or not, and why not.

use lanyard_engine::Engine;
use lanyard_engine::view::{AppState, CoverageState, Source, SourceHealth};

use crate::exit::{Failure, Verdict};
use crate::open::Place;
use crate::output::{Out, Page, Table, Tone, count, time_or_dash};
use crate::source;

pub async fn run(place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let state = opened.engine.state()?;
    out.show(&state, |page| tell(&state, page));
    for source in &state.sources {
        if let Some(fault) = &source.fault {
            out.fault(fault);
        }
    }
    Ok(verdict(&state.sources))
}

/// Whether everything that should have been read was.
fn verdict(sources: &[Source]) -> Verdict {
    if sources.iter().all(read_in_full) {
        Verdict::Well
    } else {
        Verdict::NotEvaluated
    }
}

/// Whether all that this source should show was read; a disabled one should show nothing new.
fn read_in_full(source: &Source) -> bool {
    match source.health {
        SourceHealth::Fresh | SourceHealth::Stale | SourceHealth::Disabled => true,
        SourceHealth::New | SourceHealth::Incomplete | SourceHealth::Failing => false,
        // Another thread reads it anew: what was read before counts.
        SourceHealth::Syncing => source.last_full_at.is_some(),
    }
}

/// The verdict on a list over these sources: all of them, or the one that was asked about.
pub fn list_verdict(engine: &Engine, only: Option<i64>) -> Result<Verdict, Failure> {
    let sources: Vec<Source> = engine
        .sources()?
        .into_iter()
        .filter(|source| only.is_none_or(|only| only == source.id))
        .collect();
    Ok(verdict(&sources))
}

fn tell(state: &AppState, page: &Page<'_>) {
    page.line(format!(
        "{} {} · {} · secrets in the {}",
        "Lanyard", state.version, state.data_dir, state.secrets
    ));
    if state.sources.is_empty() {
        page.line("No sources yet. Connect one with: lanyard source add scim --name … --url … --token-stdin");
        return;
    }
    page.heading("Sources");
    page.table(&source::table(&state.sources));
    page.heading("Coverage");
    let mut table = Table::new([
        "Source",
        "Collection",
        "State",
        ">Held",
        ">Reported",
        ">Unconfirmed",
        "Read",
        "How, or why not",
    ]);
    for source in &state.sources {
        for coverage in &source.coverage {
            let (word, tone) = match coverage.state {
                CoverageState::Complete => ("complete", Tone::Good),
                CoverageState::Incomplete => ("incomplete", Tone::Warning),
                CoverageState::NotEvaluated => ("not evaluated", Tone::Warning),
            };
            let reasons: Vec<&str> = coverage.reasons.iter().map(|reason| reason.text.as_str()).collect();
            table.toned([
                (source.settings.name.clone(), Tone::Plain),
                (coverage.collection.clone(), Tone::Plain),
                (word.to_owned(), tone),
                (count(coverage.have), Tone::Plain),
                (coverage.reported.map_or_else(|| "–".into(), count), Tone::Plain),
                (count(coverage.unconfirmed), Tone::Plain),
                (time_or_dash(coverage.read_at), Tone::Plain),
                (
                    if reasons.is_empty() {
                        coverage.how.clone()
                    } else {
                        reasons.join("; ")
                    },
                    Tone::Quiet,
                ),
            ]);
        }
    }
    page.table(&table.unbounded());
}
