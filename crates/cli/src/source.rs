//! `lanyard source`: connected systems.

use std::io::{BufRead, IsTerminal, Write};

use clap::{Subcommand, ValueEnum};
use lanyard_engine::Engine;
use lanyard_engine::secrets::{Secret, variable_for};
use lanyard_engine::view::{ProbeReport, ProbeState, RemovalPreview, Source, SourceHealth, SourceId, SourceKind, SourceSettings};
use serde_json::json;

use crate::args::Secrets;
use crate::exit::{Failure, Verdict, fault};
use crate::open::{Opened, Place};
use crate::output::{Out, Table, Tone, count, plural, time_or_dash};
use crate::settings::SettingsArgs;

/// Which system.
#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
    /// A SCIM 2.0 server.
    Scim,
    /// A Backstage backend: catalog and RBAC.
    Backstage,
    /// An Azure tenant: Entra, Azure RBAC and Backup.
    Azure,
}

impl Kind {
    fn kind(self) -> SourceKind {
        match self {
            Self::Scim => SourceKind::Scim,
            Self::Backstage => SourceKind::Backstage,
            Self::Azure => SourceKind::Azure,
        }
    }
}

#[derive(Subcommand)]
pub enum SourceCommand {
    /// Connect a system. The connection is tested first.
    Add {
        /// Which system.
        #[arg(value_enum)]
        kind: Kind,
        /// The name on screen.
        #[arg(long)]
        name: String,
        /// The base URL: of SCIM without `/Users`, of Backstage's backend without `/api`. Azure needs none but in another cloud.
        #[arg(long)]
        url: Option<String>,
        #[command(flatten)]
        settings: Box<SettingsArgs>,
    },
    /// The connected systems and how they are doing.
    List,
    /// Ask a system what it can do, and say what Lanyard will do without what it lacks.
    Test {
        /// Name or number.
        source: String,
    },
    /// Change a source. What is not named stays as it is; another address needs its secret again.
    Edit {
        /// Name or number.
        source: String,
        /// A new name.
        #[arg(long)]
        name: Option<String>,
        /// A new base URL.
        #[arg(long)]
        url: Option<String>,
        #[command(flatten)]
        settings: Box<SettingsArgs>,
    },
    /// Sync and count it again.
    Enable {
        /// Name or number.
        source: String,
    },
    /// Keep its data, and ask it nothing.
    Disable {
        /// Name or number.
        source: String,
    },
    /// Take it away, with its data in the cache and its secret in the keychain. History stays.
    Remove {
        /// Name or number.
        source: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

pub async fn run(command: SourceCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = match &command {
        // What is wrong on the command line is told before any file is opened.
        SourceCommand::Add { settings, .. } | SourceCommand::Edit { settings, .. } => {
            let secret = settings.secret()?;
            return write(command, secret, &place.open(out)?, out).await;
        }
        _ => place.open(out)?,
    };
    let engine = &opened.engine;
    match command {
        SourceCommand::List => list(engine, out)?,
        SourceCommand::Test { source } => {
            let source = engine.find_source(&source)?;
            let report = engine.probe(&source.settings, None, Some(source.id)).await;
            out.show(&report, |page| tell_probe(&report, page));
            if let Some(fault) = &report.fault {
                out.fault(fault);
            }
            return Ok(if report.ok { Verdict::Well } else { Verdict::Failed });
        }
        SourceCommand::Enable { source } => enable(engine, &source, true, out)?,
        SourceCommand::Disable { source } => enable(engine, &source, false, out)?,
        SourceCommand::Remove { source, yes } => return remove(engine, &source, yes, out),
        SourceCommand::Add { .. } | SourceCommand::Edit { .. } => {}
    }
    Ok(Verdict::Well)
}

async fn write(command: SourceCommand, secret: Option<Secret>, opened: &Opened, out: &Out) -> Result<Verdict, Failure> {
    let engine = &opened.engine;
    let (source, verb) = match command {
        SourceCommand::Add { kind, name, url, settings } => {
            let url = match (url, kind) {
                (Some(url), _) => url,
                // Each of Microsoft's clouds has its own.
                (None, Kind::Azure) => String::new(),
                (None, _) => return Err(Failure::usage("this kind of source needs --url")),
            };
            let new = settings.create(kind.kind(), &name, &url)?;
            let mut signed_in = None;
            let mut secret = match secret {
                None if new.auth.signs_in() => {
                    let id = sign_in(engine, &new, out).await?;
                    let secret = engine.signed_in(&id)?;
                    signed_in = Some(id);
                    Some(secret)
                }
                None if new.auth.has_secret() => Some(settings.secret_or_ask(&name)?),
                secret => secret,
            };
            if !settings.no_test {
                test(engine, &new, secret.as_ref().map(Secret::duplicate), None, out).await?;
            }
            if let Some(id) = signed_in {
                // The test may have used a refresh token up, and got another one.
                secret = Some(engine.signed_in(&id)?);
                engine.cancel_sign_in(&id);
            }
            (engine.add_source(&new, secret)?, "Added")
        }
        SourceCommand::Edit {
            source,
            name,
            url,
            settings,
        } => {
            let source = engine.find_source(&source)?;
            let mut changed = source.settings.clone();
            if let Some(name) = name {
                changed.name = name;
            }
            if let Some(url) = url {
                changed.url = url;
            }
            settings.change(&mut changed)?;
            if !settings.no_test {
                test(engine, &changed, secret.as_ref().map(Secret::duplicate), Some(source.id), out).await?;
            }
            (engine.update_source(source.id, &changed, secret)?, "Changed")
        }
        _ => return Ok(Verdict::Well),
    };
    if opened.secrets == Secrets::Env {
        out.note(format!(
            "The secret is kept nowhere: later runs read it from {}.",
            variable_for(&source.settings.name)
        ));
    }
    out.show(&source, |page| {
        page.line(format!(
            "{verb} {} as source {}. Read it with: lanyard sync {}",
            source.settings.name, source.id, source.id
        ));
    });
    Ok(Verdict::Well)
}

/// Lets a person sign in, in a browser on any device; gives the sign-in's number.
async fn sign_in(engine: &Engine, settings: &SourceSettings, out: &Out) -> Result<String, Failure> {
    let prompt = engine.begin_sign_in(settings).await?;
    out.note(&prompt.message);
    out.note(&prompt.url);
    if let Some(code) = &prompt.user_code {
        out.note(format!("Code: {code}"));
    }
    engine.finish_sign_in(&prompt.id).await?;
    Ok(prompt.id)
}

async fn test(
    engine: &Engine,
    settings: &SourceSettings,
    secret: Option<Secret>,
    existing: Option<SourceId>,
    out: &Out,
) -> Result<(), Failure> {
    let report = engine.probe(settings, secret, existing).await;
    if report.ok {
        out.note(&report.summary);
        return Ok(());
    }
    let mut fault = report.fault.unwrap_or_else(|| fault("probe.failed", report.summary, "", ""));
    fault.next = format!("{} Nothing was saved; --no-test saves it untested.", fault.next)
        .trim_start()
        .to_owned();
    Err(fault.into())
}

fn tell_probe(report: &ProbeReport, page: &crate::output::Page<'_>) {
    page.line(&report.summary);
    let mut table = Table::new(["", "Point", "Seen", "Instead"]);
    for point in &report.points {
        let (mark, tone) = match point.state {
            ProbeState::Good => ("yes", Tone::Good),
            ProbeState::Lacking => ("no", Tone::Warning),
            ProbeState::Unknown => ("?", Tone::Quiet),
            ProbeState::Bad => ("bad", Tone::Bad),
        };
        let instead = point.instead.as_deref().unwrap_or_default();
        table.toned([
            (mark, tone),
            (&point.title, Tone::Plain),
            (&point.says, Tone::Plain),
            (instead, Tone::Quiet),
        ]);
    }
    page.table(&table.unbounded());
    page.line(format!(
        "{}, {} ms.",
        plural(report.requests, "request", "requests"),
        report.took_ms
    ));
}

fn list(engine: &Engine, out: &Out) -> Result<(), Failure> {
    let sources = engine.sources()?;
    out.show(&json!({ "sources": sources }), |page| {
        if sources.is_empty() {
            page.line("No sources yet. Connect one with: lanyard source add scim --name … --url … --token-stdin");
            return;
        }
        page.table(&table(&sources));
    });
    Ok(())
}

/// The sources as a table, for `source list` and `status`.
pub fn table(sources: &[Source]) -> Table {
    let mut table = Table::new([">No", "Name", "Kind", "State", ">Users", ">Groups", "Read in full", "Address"]);
    for source in sources {
        let (state, tone) = health(source.health);
        let kind = match source.settings.kind {
            SourceKind::Scim => "scim",
            SourceKind::Backstage => "backstage",
            SourceKind::Azure => "azure",
        };
        let role = if source.settings.authoritative {
            format!("{kind}, authoritative")
        } else {
            kind.to_owned()
        };
        table.toned([
            (source.id.to_string(), Tone::Quiet),
            (source.settings.name.clone(), Tone::Plain),
            (role, Tone::Plain),
            (state.to_owned(), tone),
            (count(source.accounts), Tone::Plain),
            (count(source.groups), Tone::Plain),
            (time_or_dash(source.last_full_at), Tone::Plain),
            (source.settings.url.clone(), Tone::Quiet),
        ]);
    }
    table
}

fn health(health: SourceHealth) -> (&'static str, Tone) {
    match health {
        SourceHealth::New => ("never read", Tone::Warning),
        SourceHealth::Syncing => ("being read", Tone::Plain),
        SourceHealth::Fresh => ("complete", Tone::Good),
        SourceHealth::Stale => ("complete, old", Tone::Warning),
        SourceHealth::Incomplete => ("incomplete", Tone::Warning),
        SourceHealth::Failing => ("failing", Tone::Bad),
        SourceHealth::Disabled => ("disabled", Tone::Quiet),
    }
}

fn enable(engine: &Engine, name: &str, enabled: bool, out: &Out) -> Result<(), Failure> {
    let source = engine.set_source_enabled(engine.find_source(name)?.id, enabled)?;
    out.show(&source, |page| {
        let state = if enabled {
            "enabled: syncs read it again"
        } else {
            "disabled: its data stays, and it is asked nothing"
        };
        page.line(format!("{} is {state}.", source.settings.name));
    });
    Ok(())
}

fn remove(engine: &Engine, name: &str, yes: bool, out: &Out) -> Result<Verdict, Failure> {
    let source = engine.find_source(name)?;
    let preview = engine.removal_preview(source.id)?;
    if !yes && !agreed(&preview, out)? {
        out.note("Nothing was removed.");
        return Ok(Verdict::Failed);
    }
    engine.remove_source(source.id)?;
    out.show(&json!({ "removed": preview }), |page| {
        page.line(format!("Removed {}.", preview.name));
    });
    Ok(Verdict::Well)
}

fn agreed(preview: &RemovalPreview, out: &Out) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("removing asks first, and there is no terminal to ask at: say --yes"));
    }
    let secret = if preview.secret { ", and its secret from the keychain" } else { "" };
    out.note(format!(
        "Removing {} takes {} and {} out of the cache{secret}. {} of history stay in the ledger.",
        preview.name,
        plural(preview.accounts, "account", "accounts"),
        plural(preview.groups, "group", "groups"),
        plural(preview.history_kept, "entry", "entries"),
    ));
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "Remove it? [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::file("standard input", error))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
