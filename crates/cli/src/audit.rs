//! `lanyard audit`: what Lanyard did, and whether the chain of it holds.

use std::path::PathBuf;

use clap::Subcommand;
use lanyard_engine::view::{AuditPage, AuditQuery};

use crate::exit::{Failure, Verdict};
use crate::listing::{self, PAGE, Window};
use crate::open::Place;
use crate::output::{Out, Table, plural, time};

#[derive(Subcommand)]
pub enum AuditCommand {
    /// The entries, newest first.
    List {
        /// Any part of action, summary or actor.
        #[arg(long, default_value = "")]
        search: String,
        /// Only entries about this source.
        #[arg(long)]
        source: Option<String>,
        /// How many entries at most; 0 means all.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// How many of the newest to pass over.
        #[arg(long, default_value_t = 0)]
        offset: u32,
    },
    /// Check that each entry's hash follows from the one before.
    Verify,
    /// Write the whole log as one JSON document whose chain can be checked without Lanyard.
    Export {
        /// Into this file instead of standard output; the log then says so.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

pub async fn run(command: AuditCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let engine = &opened.engine;
    match command {
        AuditCommand::List {
            search,
            source,
            limit,
            offset,
        } => {
            let source = source.map(|name| engine.find_source(&name)).transpose()?.map(|source| source.id);
            let mut window = Window::new(offset, limit);
            let mut page = AuditPage {
                entries: Vec::new(),
                total: 0,
            };
            while let Some((offset, limit)) = window.next() {
                let more = engine.audit(&AuditQuery {
                    search: search.clone(),
                    source,
                    offset,
                    limit: limit.min(PAGE),
                })?;
                window.came(more.entries.len(), u32::try_from(more.total).unwrap_or(u32::MAX));
                page.total = more.total;
                page.entries.extend(more.entries);
            }
            out.show(&page, |paper| {
                let mut table = Table::new([">No", "When", "Who", "What", "Summary"]);
                for entry in &page.entries {
                    table.row([
                        entry.seq.to_string(),
                        time(entry.at),
                        entry.actor.clone(),
                        entry.action.clone(),
                        entry.summary.clone(),
                    ]);
                }
                paper.table(&table.unbounded());
            });
            listing::cut_short(offset, limit, u32::try_from(page.total).unwrap_or(u32::MAX), out);
            Ok(Verdict::Well)
        }
        AuditCommand::Export { output } => {
            // Said beside the document, which holds the log as it stands.
            let check = engine.verify_audit()?;
            match output {
                Some(path) => listing::exported(&engine.export_audit(&path)?, out),
                None => {
                    let mut document = Vec::new();
                    engine.write_audit(&mut document)?;
                    out.raw(&String::from_utf8_lossy(&document));
                }
            }
            Ok(if check.ok {
                Verdict::Well
            } else {
                out.note("The chain of what was written does not hold: see lanyard audit verify.");
                Verdict::Failed
            })
        }
        AuditCommand::Verify => {
            let check = engine.verify_audit()?;
            out.show(&check, |page| {
                let entries = plural(check.entries, "entry", "entries");
                match (&check.problem, check.broken_at) {
                    _ if check.ok => page.line(format!("The chain holds: {entries}, head {}.", check.head)),
                    (problem, Some(at)) => page.line(format!(
                        "The chain is broken at entry {at}: {}",
                        problem.as_deref().unwrap_or("it does not fit")
                    )),
                    (problem, None) => page.line(format!("The chain is broken: {}", problem.as_deref().unwrap_or("it does not fit"))),
                }
            });
            if !out.json() {
                for removed in &check.removed {
                    out.note(format!(
                        "Lines {} to {} of the history, seen before {}, were removed by {} on {} (entry {}).",
                        removed.from,
                        removed.to,
                        time(removed.before),
                        removed.by,
                        time(removed.at),
                        removed.seq
                    ));
                }
            }
            Ok(if check.ok { Verdict::Well } else { Verdict::Failed })
        }
    }
}
