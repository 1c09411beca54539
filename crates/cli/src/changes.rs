//! `lanyard changes` and `lanyard history`: what changed between two moments, what that gave and took, and how long it is kept.

use clap::{Args, Subcommand};
use jiff::Zoned;
use lanyard_engine::Engine;
use lanyard_engine::view::{
    AccessChange, AccessState, AccessSum, ChangeKind, ComparedChange, ComparedRecord, Comparison, ComparisonQuery, HistoryInfo,
    RecordChange,
};

use crate::access;
use crate::exit::{Failure, Verdict};
use crate::listing::{self, Window};
use crate::moment;
use crate::open::Place;
use crate::output::{Out, Page, Table, plural, time};

#[derive(Args)]
pub struct Changes {
    /// The earlier moment: a day, a day and time, `yesterday`, or how long ago (-7d).
    #[arg(long, value_name = "TIME", default_value = "yesterday", allow_hyphen_values = true)]
    since: String,
    /// The later moment; now, when it is not named.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Only about this person, group, role or scope: an address, a key, an id or a name.
    #[arg(long, value_name = "ADDRESS|NAME")]
    about: Option<String>,
    /// Only of this source.
    #[arg(long)]
    source: Option<String>,
    /// What people gained and lost, in the place of records.
    #[arg(long)]
    access: bool,
    /// Only what gave or took a privileged role, or a right to restore.
    #[arg(long)]
    privileged: bool,
    /// Only what holds this text.
    #[arg(long, default_value = "")]
    search: String,
    /// How many at most; 0 means all.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// How many to pass over.
    #[arg(long, default_value_t = 0)]
    offset: u32,
}

#[derive(Subcommand)]
pub enum HistoryCommand {
    /// How much history there is, how long it is kept, and how much of it that would remove now.
    Info,
    /// Set for how many days history is kept: what is older is removed at once, and then once a day. Backups hold it for up to seven days more.
    #[command(arg_required_else_help = true)]
    Keep {
        /// Days.
        #[arg(conflicts_with = "forever")]
        days: Option<u32>,
        /// Keep everything: nothing is removed.
        #[arg(long)]
        forever: bool,
    },
    /// Remove what is older than history is kept, now.
    Prune,
}

/// Tells what changed.
pub async fn run(changes: Changes, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let engine = opened.engine.clone();
    let result = tokio::task::block_in_place(|| compare(&changes, &engine, out));
    opened.engine.close().await;
    result
}

/// Tells of history as a whole, or sets how long it is kept.
pub async fn history(command: HistoryCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let engine = &opened.engine;
    match command {
        HistoryCommand::Info => tell_info(&engine.history_info()?, out),
        HistoryCommand::Keep { days, .. } => tell_info(&engine.set_history_retention(days)?, out),
        HistoryCommand::Prune => {
            let info = engine.history_info()?;
            if info.keep_days.is_none() {
                out.note("History is kept for ever; nothing was removed. Set how long with lanyard history keep DAYS.");
            }
            let removed = engine.prune_history()?;
            let document = serde_json::json!({ "removed": removed });
            out.show(&document, |page| {
                page.line(format!("Removed {}.", plural(removed, "line", "lines")));
                if removed > 0 {
                    page.line("The daily backups hold them for up to seven days more.");
                }
            });
        }
    }
    opened.engine.close().await;
    Ok(Verdict::Well)
}

fn tell_info(info: &HistoryInfo, out: &Out) {
    out.show(info, |page| {
        page.line(match info.keep_days {
            None => "Kept for ever: nothing is removed.".to_owned(),
            Some(days) => format!("Kept for {}.", plural(days.into(), "day", "days")),
        });
        let oldest = info.oldest.map_or_else(String::new, |at| format!(", the oldest of {}", time(at)));
        page.line(format!("{}{oldest}.", plural(info.lines, "line", "lines")));
        page.line(format!(
            "{} of records kept whole, in {} kB.",
            plural(info.versions, "earlier version", "earlier versions"),
            info.bytes.div_ceil(1_000)
        ));
        if let Some(before) = info.removed_before {
            page.line(format!("What was seen before {} was removed.", time(before)));
        }
        if info.over_age > 0 {
            page.line(format!(
                "{} older than that: they go with the next prune.",
                plural(info.over_age, "line is", "lines are")
            ));
        }
    });
}

fn compare(changes: &Changes, engine: &Engine, out: &Out) -> Result<Verdict, Failure> {
    let now = Zoned::now();
    let at = |text: &str| moment::read(text, &now).map_err(Failure::usage);
    let query = ComparisonQuery {
        from: at(&changes.since)?,
        to: changes.until.as_deref().map(at).transpose()?,
        about: changes.about.as_deref().map(|about| access::any(engine, about)).transpose()?,
        source: changes
            .source
            .as_deref()
            .map(|name| engine.find_source(name))
            .transpose()?
            .map(|source| source.id),
        search: changes.search.clone(),
        privileged: changes.privileged,
        offset: 0,
        limit: 0,
    };
    if changes.access {
        return gained_and_lost(changes, &query, engine, out);
    }
    let mut window = Window::new(changes.offset, changes.limit);
    let mut answer: Option<Comparison> = None;
    while let Some((offset, limit)) = window.next() {
        let page = engine.compare(&ComparisonQuery {
            offset,
            limit,
            ..query.clone()
        })?;
        window.came(page.records.len(), page.total);
        match &mut answer {
            Some(answer) => answer.records.extend(page.records),
            None => answer = Some(page),
        }
    }
    let answer = answer.ok_or_else(|| Failure::usage("nothing was asked for"))?;
    out.show(&answer, |page| tell_records(&answer, page));
    listing::cut_short(changes.offset, changes.limit, answer.total, out);
    Ok(access::ended(&answer.caveats, out))
}

fn gained_and_lost(changes: &Changes, query: &ComparisonQuery, engine: &Engine, out: &Out) -> Result<Verdict, Failure> {
    let mut window = Window::new(changes.offset, changes.limit);
    let mut answer = None;
    while let Some((offset, limit)) = window.next() {
        let page = engine.compare_access(&ComparisonQuery {
            offset,
            limit,
            ..query.clone()
        })?;
        window.came(page.changes.len(), page.total);
        match &mut answer {
            None => answer = Some(page),
            Some(answer) => answer.changes.extend(page.changes),
        }
    }
    let answer = answer.ok_or_else(|| Failure::usage("nothing was asked for"))?;
    out.show(&answer, |page| {
        if answer.changes.is_empty() {
            page.line("Nobody gained or lost anything.");
            return;
        }
        let mut table = Table::new(["What", "Who", "Role", "Scope", "State", "Why", "Marks"]);
        for change in &answer.changes {
            table.row([
                if change.gained { "gained" } else { "lost" }.to_owned(),
                change.identity.name.clone(),
                change.role.name.clone(),
                change.scope.name.clone(),
                states(change),
                change.because.join("; "),
                marks(change),
            ]);
        }
        page.table(&table.unbounded());
    });
    listing::cut_short(changes.offset, changes.limit, answer.total, out);
    Ok(access::ended(&answer.caveats, out))
}

fn word(state: AccessState) -> String {
    access::state(state).0
}

fn states(change: &AccessChange) -> String {
    match (change.before, change.state) {
        (Some(before), Some(after)) => format!("{} → {}", word(before), word(after)),
        (before, after) => before.or(after).map(word).unwrap_or_default(),
    }
}

fn marks(change: &AccessChange) -> String {
    let marks = [(change.privileged, "privileged"), (change.can_restore, "can restore")];
    let marks: Vec<&str> = marks.into_iter().filter_map(|(is, mark)| is.then_some(mark)).collect();
    marks.join(", ")
}

fn tell_records(answer: &Comparison, page: &Page<'_>) {
    page.line(format!("From {} to {}:", time(answer.from), time(answer.to)));
    let sums = &answer.sums;
    page.line(format!(
        "{} came, {} went; {} in, {} out; {} of rights; {} gained something, {} lost something.",
        plural(sums.accounts_appeared.into(), "account", "accounts"),
        sums.accounts_gone,
        plural(sums.members_added.into(), "member", "members"),
        sums.members_removed,
        plural(sums.rights_changed.into(), "change", "changes"),
        plural(sums.people_gained.into(), "person", "people"),
        sums.people_lost,
    ));
    if answer.records.is_empty() {
        page.line("Nothing differs.");
    }
    for record in &answer.records {
        tell_record(record, page);
    }
}

fn tell_record(record: &ComparedRecord, page: &Page<'_>) {
    let what = match record.change {
        RecordChange::Appeared => "came",
        RecordChange::Gone => "gone",
        RecordChange::Changed => "changed",
    };
    page.heading(format!("{} {}  ({}, {what})", record.resource, record.name, record.key));
    tell_sums("  ", &record.gained, &record.lost, page);
    for line in &record.lines {
        page.line(format!("  {}", told(line)));
        tell_sums("    ", &line.gained, &line.lost, page);
    }
    if record.more_lines > 0 {
        page.line(format!("  and {}", plural(record.more_lines.into(), "more line", "more lines")));
    }
}

fn told(line: &ComparedChange) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".into());
    let member = || {
        line.member_name
            .clone()
            .or_else(|| line.after.clone())
            .or_else(|| line.before.clone())
            .unwrap_or_default()
    };
    match line.kind {
        ChangeKind::MemberAdded => format!("{}  + {}", time(line.seen_at), member()),
        ChangeKind::MemberRemoved => format!("{}  − {}", time(line.seen_at), member()),
        _ => format!(
            "{}  {}: {} → {}",
            time(line.seen_at),
            line.path.as_deref().unwrap_or_default(),
            value(&line.before),
            value(&line.after)
        ),
    }
}

fn tell_sums(indent: &str, gained: &[AccessSum], lost: &[AccessSum], page: &Page<'_>) {
    for (verb, sums) in [("gained", gained), ("lost", lost)] {
        for sum in sums {
            page.line(format!(
                "{indent}{} {verb} {} on {} ({}{})",
                plural(sum.people.into(), "person", "people"),
                sum.role.name,
                sum.scope.name,
                word(sum.state),
                if sum.privileged { ", privileged" } else { "" }
            ));
        }
    }
}
