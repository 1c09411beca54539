//! Timelines and raw documents, of people and groups alike.

use lanyard_engine::view::{ChangeKind, ChangePage, RawDocument};
use serde_json::json;

use crate::output::{Out, Table, time};

/// The most lines of a timeline that are printed.
pub const MOST: u32 = 500;

/// Prints a timeline, newest first.
pub fn changes(page: &ChangePage, out: &Out) {
    out.show(page, |paper| {
        if page.changes.is_empty() {
            paper.line("No changes are recorded.");
        }
        let mut table = Table::new(["Seen", "What", "Attribute", "Before", "After"]);
        for change in &page.changes {
            let what = match change.kind {
                ChangeKind::Appeared => "appeared",
                ChangeKind::Gone => "gone",
                ChangeKind::Set => "set",
                ChangeKind::Changed => "changed",
                ChangeKind::Cleared => "cleared",
                ChangeKind::MemberAdded => "member in",
                ChangeKind::MemberRemoved => "member out",
            };
            let member = |id: &Option<String>| {
                id.as_ref()
                    .map(|id| change.member_name.as_ref().unwrap_or(id).clone())
                    .unwrap_or_default()
            };
            let path = format!("{} {}", change.name, change.path.as_deref().unwrap_or_default());
            table.row([
                time(change.seen_at),
                what.to_owned(),
                path,
                member(&change.before),
                member(&change.after),
            ]);
        }
        if !page.changes.is_empty() {
            paper.table(&table);
        }
        if let Some(since) = page.recorded_since {
            paper.line(format!("Recorded since {}.", time(since)));
        }
    });
    if (page.changes.len() as u64) < page.total {
        out.note(format!("The newest {} of {} are shown.", page.changes.len(), page.total));
    }
}

/// Prints documents as the sources sent them.
pub fn documents(documents: &[RawDocument], out: &Out) {
    out.show(&json!({ "documents": documents }), |page| {
        for document in documents {
            page.heading(&document.key);
            for line in document.json.lines() {
                page.line(line);
            }
        }
    });
}
