//! Who can do what on what, by which paths, and what would go if an edge went.

use clap::Subcommand;
use lanyard_engine::Engine;
use lanyard_engine::map::Named;
use lanyard_engine::view::{AccessOf, AccessPath, AccessState, Caveat, NodeRef, RestoreView, UnknownPrincipal, WhatIf, WhoCan, Why};

use crate::exit::{Failure, Verdict, fault};
use crate::listing;
use crate::moment;
use crate::open::Place;
use crate::output::{Out, Page, Table, Tone, plural, time};

#[derive(Subcommand)]
pub enum AccessCommand {
    /// Everything that one person, service account or program can do.
    Of {
        /// A key (SOURCE.ID), an id, a user name, an e-mail address or a name.
        identity: String,
        /// As it was at this moment: a day, a day and time, `yesterday`, or how long ago (-7d). One that is gone is named by key.
        #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
        at: Option<String>,
    },
    /// Who can do an action on a scope.
    WhoCan {
        /// An Azure action, a Backstage permission (catalog.entity.delete, catalog-entity:delete), or `restore`.
        action: String,
        /// A scope: a name, a resource id, an entity reference.
        #[arg(long)]
        scope: String,
    },
    /// Why somebody has a role: every path, the shortest first.
    Why {
        /// As for `of`.
        identity: String,
        /// A role: its name or its id.
        #[arg(long)]
        role: String,
        /// Only where it is good on this scope.
        #[arg(long)]
        scope: Option<String>,
    },
    /// What would go if an edge went: its address stands beside each step of `why` and `who-can`.
    Without {
        /// The address: member:GROUP>MEMBER, assignment:SOURCE:ID or emptied:GROUP.
        edge: String,
    },
    /// Who can restore from which vault, and who also holds rights over its resource guard.
    Restore {
        /// How many rows at most; 0 means all.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

/// Answers one of them.
pub async fn run(command: AccessCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let engine = opened.engine.clone();
    let result = tokio::task::block_in_place(|| answer(command, &engine, out));
    opened.engine.close().await;
    result
}

fn answer(command: AccessCommand, engine: &Engine, out: &Out) -> Result<Verdict, Failure> {
    match command {
        AccessCommand::Of { identity, at: Some(at) } => as_of(engine, &identity, &at, out),
        AccessCommand::Of { identity, at: None } => {
            let answer = engine.access_of(&person(engine, &identity)?)?;
            out.show(&answer, |page| tell_of(&answer, page));
            Ok(ended(&answer.caveats, out))
        }
        AccessCommand::WhoCan { action, scope } => {
            let scope = one(engine, "scope", &scope, engine.name_scope(&scope)?)?;
            let answer = engine.who_can(&action, &scope, 0, u32::MAX)?;
            out.show(&answer, |page| tell_who(engine, &answer, page));
            Ok(ended(&answer.caveats, out))
        }
        AccessCommand::Why { identity, role, scope } => {
            let identity = person(engine, &identity)?;
            let role = one(engine, "role", &role, engine.name_role(&role)?)?;
            let scope = match scope {
                Some(scope) => Some(one(engine, "scope", &scope, engine.name_scope(&scope)?)?),
                None => None,
            };
            let answer = engine.why_access(&identity, &role, scope.as_deref())?;
            out.show(&answer, |page| tell_why(engine, &answer, page));
            Ok(ended(&answer.caveats, out))
        }
        AccessCommand::Without { edge } => {
            let answer = engine.without_edge(&edge)?;
            out.show(&answer, |page| tell_without(&answer, page));
            Ok(ended(&answer.caveats, out))
        }
        AccessCommand::Restore { limit } => {
            let answer = restore(engine, limit)?;
            out.show(&answer, |page| tell_restore(&answer, page));
            listing::cut_short(0, limit, answer.total, out);
            let verdict = ended(&answer.caveats, out);
            Ok(if verdict == Verdict::Well && !answer.breaches.is_empty() {
                Verdict::Failed
            } else {
                verdict
            })
        }
    }
}

/// What somebody held at a moment.
fn as_of(engine: &Engine, identity: &str, at: &str, out: &Out) -> Result<Verdict, Failure> {
    let at = moment::since(at).map_err(Failure::usage)?;
    let address = match engine.name_person(identity)? {
        // One that is gone is still in history.
        Named::None if identity.split_once('.').is_some_and(|(source, _)| source.parse::<i64>().is_ok()) => identity.to_owned(),
        named => one(engine, "person", identity, named)?,
    };
    let answer = engine.as_of(&address, at)?;
    out.show(&answer, |page| {
        page.line(format!("As it was on {}:", time(answer.at)));
        match &answer.access {
            Some(access) => tell_of(access, page),
            None => page.line("Nobody by that name was held then, as far as it is known."),
        }
        if let Some(since) = answer.recorded_since {
            page.line(format!("Recorded since {}.", time(since)));
        }
    });
    let mut caveats = answer.caveats;
    caveats.extend(answer.access.into_iter().flat_map(|access| access.caveats));
    Ok(ended(&caveats, out))
}

/// The one thing that a text means, by its address: a person, a group, a role or a scope.
pub fn any(engine: &Engine, text: &str) -> Result<String, Failure> {
    let addressed = ["person:", "group:", "role:", "scope:", "assignment:"]
        .iter()
        .any(|head| text.starts_with(head));
    if addressed {
        return Ok(text.to_owned());
    }
    let asked = [
        engine.name_person(text)?,
        engine.name_group(text)?,
        engine.name_role(text)?,
        engine.name_scope(text)?,
    ];
    for named in asked {
        if !matches!(named, Named::None) {
            return one(engine, "person, group, role or scope", text, named);
        }
    }
    // One that is gone is still in history.
    match text.split_once('.') {
        Some((source, _)) if source.parse::<i64>().is_ok() => Ok(text.to_owned()),
        _ => one(engine, "person, group, role or scope", text, Named::None),
    }
}

/// What could not be evaluated is told, and is the exit code.
pub fn ended(caveats: &[Caveat], out: &Out) -> Verdict {
    for caveat in caveats {
        out.note(format!("Not evaluated: {}", caveat.text));
    }
    if caveats.is_empty() { Verdict::Well } else { Verdict::NotEvaluated }
}

/// The address of whatever is called so: a person, a group, a role or a scope. What nobody is called is taken for an address.
pub fn about(engine: &Engine, text: &str) -> Result<String, Failure> {
    for (what, named) in [
        ("person", engine.name_person(text)?),
        ("group", engine.name_group(text)?),
        ("role", engine.name_role(text)?),
        ("scope", engine.name_scope(text)?),
    ] {
        if !matches!(named, Named::None) {
            return one(engine, what, text, named);
        }
    }
    if text.contains(':') || text.contains('.') {
        return Ok(text.to_owned());
    }
    one(engine, "person, group, role or scope", text, Named::None)
}

fn person(engine: &Engine, text: &str) -> Result<String, Failure> {
    one(engine, "person", text, engine.name_person(text)?)
}

/// The one that was meant, by its address.
fn one(engine: &Engine, what: &str, text: &str, named: Named) -> Result<String, Failure> {
    match named {
        Named::One(node) => Ok(node.key),
        Named::None => {
            let missing = fault(
                "notFound",
                format!("there is no {what} “{text}”"),
                "It may have been removed, or its source not synced yet.",
                "Look for it in the window, or run lanyard sync.",
            );
            Err(listing::absent(missing.into(), engine)?)
        }
        Named::Several(total, nodes) => {
            let shown: Vec<(String, String)> = nodes
                .into_iter()
                .map(|node| (node.key, format!("{}, {}", node.name, node.sort)))
                .collect();
            let total = u32::try_from(total).unwrap_or(u32::MAX);
            let rows: Vec<_> = shown.iter().map(|(key, name)| (key.as_str(), name.as_str())).collect();
            Err(listing::ambiguous(text, total, &rows))
        }
    }
}

fn restore(engine: &Engine, limit: u32) -> Result<RestoreView, Failure> {
    let mut window = listing::Window::new(0, limit);
    let mut answer: Option<RestoreView> = None;
    while let Some((offset, count)) = window.next() {
        let page = engine.who_can_restore(offset, count)?;
        window.came(page.rows.len(), page.total);
        match &mut answer {
            Some(answer) => answer.rows.extend(page.rows),
            None => answer = Some(page),
        }
    }
    answer.ok_or_else(|| Failure::usage("no rows were asked for"))
}

/// A state in words, with its tone.
pub fn state(state: AccessState) -> (String, Tone) {
    let (word, tone) = match state {
        AccessState::Active => ("active", Tone::Good),
        AccessState::Conditional => ("conditional", Tone::Warning),
        AccessState::Eligible => ("can activate", Tone::Warning),
        AccessState::Denied => ("denied", Tone::Bad),
        AccessState::NotFollowed => ("not followed", Tone::Quiet),
    };
    (word.to_owned(), tone)
}

fn plain(text: &str) -> (String, Tone) {
    (text.to_owned(), Tone::Plain)
}

fn tell_of(answer: &AccessOf, page: &Page<'_>) {
    page.line(format!("{}  ({})", answer.identity.name, answer.identity.key));
    if answer.holdings.is_empty() {
        page.line("Holds nothing that was read.");
        return;
    }
    let mut table = Table::new(["Role", "Scope", "State", "Way", "Paths", "Marks"]);
    for holding in &answer.holdings {
        let marks: Vec<&str> = [(holding.privileged, "privileged"), (holding.can_restore, "can restore")]
            .into_iter()
            .filter_map(|(is, mark)| is.then_some(mark))
            .collect();
        table.toned([
            plain(&holding.role.name),
            plain(&scope(&holding.scope)),
            state(holding.state),
            plain(&holding.by),
            plain(&format!("{}{}", holding.paths, if holding.more_paths { "+" } else { "" })),
            plain(&marks.join(", ")),
        ]);
    }
    page.table(&table);
    for holding in answer.holdings.iter().filter(|holding| !holding.reasons.is_empty()) {
        page.line(format!(
            "{} on {}: {}",
            holding.role.name,
            holding.scope.name,
            holding.reasons.join("; ")
        ));
    }
}

fn scope(scope: &NodeRef) -> String {
    format!("{} ({})", scope.name, scope.sort)
}

/// A path as a branch: each hop with where it comes from.
fn tell_path(names: &impl Fn(i64) -> String, path: &AccessPath, page: &Page<'_>) {
    page.line(format!("  {} · {}", path.title, state(path.state).0));
    for (hop, number) in path.hops.iter().zip(1..) {
        page.line(format!("    {number}. {}", hop.text));
        for from in &hop.provenance {
            let mut told = vec![names(from.source), from.record.clone()];
            told.extend(from.since.map(|since| format!("since {}", time(since))));
            told.extend(from.seen.map(|seen| {
                if seen.exact {
                    format!("first seen {}", time(seen.at))
                } else {
                    format!("seen since {} at the latest", time(seen.at))
                }
            }));
            told.extend(from.by.as_ref().map(|by| format!("by {by}")));
            told.extend(from.read_at.map(|at| format!("read {}", time(at))));
            page.line(format!("       {}", told.join(", ")));
        }
        for note in hop.notes.iter().chain(&hop.disagree) {
            page.line(format!("       {note}"));
        }
        if let Some(edge) = &hop.edge {
            page.line(format!("       edge {edge}"));
        }
    }
}

fn tell_who(engine: &Engine, answer: &WhoCan, page: &Page<'_>) {
    let names = listing::source_names(engine);
    page.line(format!(
        "{} on {}: {}",
        answer.action,
        scope(&answer.scope),
        plural(answer.identities.len() as u64, "identity", "identities")
    ));
    for row in &answer.identities {
        let mut head = format!("{}  ({}) · {}", row.identity.name, row.identity.key, state(row.state).0);
        if let Some(dormant) = &row.dormant {
            head.push_str(" · ");
            head.push_str(dormant);
        }
        page.heading(head);
        for reason in &row.reasons {
            page.line(format!("  {reason}"));
        }
        for path in &row.paths {
            tell_path(&names, path, page);
        }
        if row.more_paths {
            page.line("  There are more paths.");
        }
    }
    tell_unknown(&answer.unknown, page);
}

fn tell_unknown(unknown: &[UnknownPrincipal], page: &Page<'_>) {
    if unknown.is_empty() {
        return;
    }
    page.heading("Principals that nobody knows");
    let mut table = Table::new(["Id", "Holds", "What is known"]);
    for one in unknown {
        table.row([one.id.clone(), one.holds.clone(), one.what.clone()]);
    }
    page.table(&table);
}

fn tell_why(engine: &Engine, answer: &Why, page: &Page<'_>) {
    let names = listing::source_names(engine);
    let on = answer
        .scope
        .as_ref()
        .map_or_else(String::new, |scope| format!(" on {}", scope.name));
    page.line(format!(
        "{} has {}{on} by {}{}",
        answer.identity.name,
        answer.role.name,
        plural(answer.paths.len() as u64, "path", "paths"),
        if answer.more_paths { ", and there are more" } else { "" }
    ));
    for path in &answer.paths {
        tell_path(&names, path, page);
        for reason in &path.reasons {
            page.line(format!("    {reason}"));
        }
    }
}

fn tell_without(answer: &WhatIf, page: &Page<'_>) {
    page.line(format!("If it went: {}", answer.text));
    for line in &answer.summary {
        page.line(format!("  {line}"));
    }
    if answer.losses.is_empty() {
        return;
    }
    let mut table = Table::new(["Who", "Role", "Scope", "Now", "Then"]);
    for loss in &answer.losses {
        let then = loss.after.map_or_else(|| ("gone".to_owned(), Tone::Bad), state);
        table.toned([
            plain(&loss.identity.name),
            plain(&loss.role.name),
            plain(&loss.scope.name),
            state(loss.before),
            then,
        ]);
    }
    page.table(&table);
    if (answer.losses.len() as u32) < answer.losses_total {
        page.line(format!("{} of {} shown.", answer.losses.len(), answer.losses_total));
    }
}

fn tell_restore(answer: &RestoreView, page: &Page<'_>) {
    let mut vaults = Table::new(["Vault", "Multi-user authorization", "Guard", "Can restore", "More could"]);
    for row in &answer.vaults {
        let guarded = match row.guarded {
            Some(true) => ("on".to_owned(), Tone::Good),
            Some(false) => ("off".to_owned(), Tone::Warning),
            None => ("not read".to_owned(), Tone::Warning),
        };
        vaults.toned([
            plain(&row.vault.name),
            guarded,
            plain(row.guard.as_ref().map_or("–", |guard| guard.name.as_str())),
            plain(&row.active.to_string()),
            plain(&row.potential.to_string()),
        ]);
    }
    page.table(&vaults);
    let mut table = Table::new(["Who", "Vault", "Role", "Scope", "Way", "State", "Meant for it"]);
    for row in &answer.rows {
        let meant = match row.meant {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        let name = match &row.dormant {
            Some(dormant) => format!("{} ({dormant})", row.identity.name),
            None => row.identity.name.clone(),
        };
        table.toned([
            plain(&name),
            plain(&row.vault.name),
            plain(&row.role.name),
            plain(&row.scope.name),
            plain(&row.by),
            state(row.state),
            plain(meant),
        ]);
    }
    page.table(&table);
    if !answer.breaches.is_empty() {
        page.heading("Breaches of the separation of duties");
        let mut table = Table::new(["Who", "Vault", "Backup right", "Guard", "Right over the guard"]);
        for breach in &answer.breaches {
            table.row([
                breach.identity.name.clone(),
                breach.vault.name.clone(),
                breach.backup.clone(),
                breach.guard.name.clone(),
                breach.on_guard.clone(),
            ]);
        }
        page.table(&table);
    }
    tell_unknown(&answer.unknown, page);
}
