//! One finding.

use lanyard_engine::Engine;
use lanyard_engine::view::{FindingDetail, FindingState};

use super::word;
use crate::exit::{Failure, Verdict};
use crate::output::{Out, Page, time, time_or_dash};

/// Prints it; ends with 1 while it is open.
pub fn one(id: &str, engine: &Engine, out: &Out) -> Result<Verdict, Failure> {
    let detail = engine.finding(id)?;
    out.show(&detail, |page| tell(&detail, page));
    Ok(if detail.row.state == FindingState::Open {
        Verdict::Failed
    } else {
        Verdict::Well
    })
}

fn tell(detail: &FindingDetail, page: &Page<'_>) {
    let row = &detail.row;
    page.heading(&row.says);
    page.line(format!("{} · {} · {}", word(row.severity), row.rule_title, row.id));
    let state = match row.state {
        FindingState::Open => format!("Open since {}", time(row.first_seen)),
        FindingState::Suppressed => format!("Suppressed; found first {}", time(row.first_seen)),
        FindingState::Closed => format!("Closed {}", time_or_dash(row.closed_at)),
    };
    page.line(state);
    if let Some(one) = &row.suppression {
        page.line(format!("By {} until {}: {}", one.by, time(one.until), one.reason));
    }
    if let Some(why) = &row.unconfirmed {
        page.line(format!("It could not be looked at again: {why}"));
    }
    page.line(&detail.rule.why);
    if !detail.evidence.is_empty() {
        page.heading("Evidence");
        for fact in &detail.evidence {
            let record = fact.record.as_deref().map(|record| format!(" [{record}]")).unwrap_or_default();
            page.line(format!("- {}{record}, read {}", fact.says, time_or_dash(fact.read_at)));
        }
    }
    if !detail.affected.is_empty() {
        page.heading("Affects");
        page.line(detail.affected.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", "));
    }
    for fix in &detail.fixes {
        page.heading(&fix.title);
        for line in fix.text.lines() {
            page.line(line);
        }
        if let Some(note) = &fix.note {
            page.line(format!("  Note: {note}"));
        }
    }
    if !detail.history.is_empty() {
        page.heading("History");
        for event in &detail.history {
            page.line(format!("{}  {}", time(event.at), event.says));
        }
    }
}
