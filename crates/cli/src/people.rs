//! `lanyard users`: people over all sources.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use lanyard_engine::Engine;
use lanyard_engine::view::{
    AccountType, AttributeSection, ExportFormat, PeopleFacet, PeoplePage, PeopleQuery, PeopleSort, PersonDetail, PersonRow, Slot,
    SlotState, Source,
};

use crate::args::{Format, word};
use crate::exit::{Failure, Verdict};
use crate::history;
use crate::listing::{self, PAGE, Window};
use crate::open::Place;
use crate::output::{Out, Page, Table, Tone, count, time_or_dash};
use crate::status::list_verdict;

#[derive(Subcommand)]
pub enum UsersCommand {
    /// People, one row for each.
    List(Box<ListArgs>),
    /// One person, whole: accounts, attributes, groups.
    Show {
        /// A key (`2.00u1`), an id, a userName or an e-mail address.
        id: String,
        /// The documents as the sources sent them.
        #[arg(long, conflicts_with = "history")]
        raw: bool,
        /// What changed, newest first.
        #[arg(long)]
        history: bool,
    },
}

#[derive(Args)]
pub struct ListArgs {
    /// Any part of name, userName, e-mail or id.
    #[arg(long, default_value = "")]
    search: String,
    /// A SCIM filter (RFC 7644), evaluated over the cache.
    #[arg(long)]
    filter: Option<String>,
    /// Only people with an account in this source; the filter then looks at that account only.
    #[arg(long)]
    source: Option<String>,
    /// everyone, active, disabled, service, differs, leftBehind or unconfirmed.
    #[arg(long, value_parser = word::<PeopleFacet>, default_value = "everyone", hide_default_value = true)]
    only: PeopleFacet,
    /// name, userName, email, title, department, groups, roles or changed.
    #[arg(long, value_parser = word::<PeopleSort>, default_value = "name", hide_default_value = true)]
    sort: PeopleSort,
    /// Sort downwards.
    #[arg(long)]
    desc: bool,
    /// How many rows at most; 0 means all.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// How many rows to pass over.
    #[arg(long, default_value_t = 0)]
    offset: u32,
    /// Which columns, in this order; `sources` stands for one a source.
    #[arg(long, value_delimiter = ',')]
    columns: Vec<String>,
    /// The form on standard output.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write every row that matches to this file instead (`--format csv` or `json`; limit and offset do not count).
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub async fn run(command: UsersCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    match command {
        UsersCommand::List(args) => {
            let columns = columns(&args.columns)?;
            let opened = place.open(out)?;
            list(&opened.engine, &args, &columns, out)
        }
        UsersCommand::Show { id, raw, history } => show(&place.open(out)?.engine, &id, raw, history, out),
    }
}

/// A column of the table: its name as a row's field, and its heading.
type Column = (&'static str, &'static str);

const COLUMNS: [Column; 11] = [
    ("key", "Key"),
    ("name", "Name"),
    ("userName", "User name"),
    ("email", "E-mail"),
    ("title", "Title"),
    ("department", "Department"),
    ("accountType", "Type"),
    ("sources", ""),
    ("groups", ">Groups"),
    ("roles", ">Roles"),
    ("changedAt", "Changed"),
];
const USUAL: [&str; 6] = ["name", "userName", "email", "department", "sources", "groups"];

fn columns(asked: &[String]) -> Result<Vec<Column>, Failure> {
    let find = |name: &str| COLUMNS.into_iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
    if asked.is_empty() {
        return Ok(USUAL.into_iter().filter_map(find).collect());
    }
    let known = || COLUMNS.map(|(field, _)| field).join(", ");
    asked
        .iter()
        .map(|name| find(name.trim()).ok_or_else(|| Failure::usage(format!("there is no column {name}; there are {}", known()))))
        .collect()
}

fn list(engine: &Engine, args: &ListArgs, columns: &[Column], out: &Out) -> Result<Verdict, Failure> {
    let source = args.source.as_deref().map(|name| engine.find_source(name)).transpose()?;
    let only = source.map(|source| source.id);
    let mut query = PeopleQuery {
        search: args.search.clone(),
        filter: args.filter.clone(),
        source: only,
        facet: args.only,
        sort: args.sort,
        descending: args.desc,
        offset: args.offset,
        limit: PAGE,
    };
    // The export knows fields, and sources as slots.
    let fields: Vec<String> = if args.columns.is_empty() {
        Vec::new()
    } else {
        columns
            .iter()
            .map(|(field, _)| if *field == "sources" { "slots" } else { field }.to_owned())
            .collect()
    };
    let verdict = list_verdict(engine, only)?;
    if let Some(path) = &args.output {
        let format = match args.format {
            Format::Csv => ExportFormat::Csv,
            Format::Json => ExportFormat::Json,
            Format::Table => return Err(Failure::usage("--output needs --format csv or --format json")),
        };
        let done = engine.export_people(&query, &fields, format, path)?;
        listing::exported(&done, out);
        return Ok(listing::told(verdict, out));
    }
    if args.format == Format::Csv && !out.json() {
        let (text, total) = listing::csv(args.offset, args.limit, |path| {
            engine.export_people(&query, &fields, ExportFormat::Csv, path)
        })?;
        out.raw(&text);
        listing::cut_short(args.offset, args.limit, total, out);
        return Ok(listing::told(verdict, out));
    }
    let mut window = Window::new(args.offset, args.limit);
    let mut page: Option<PeoplePage> = None;
    while let Some((offset, limit)) = window.next() {
        (query.offset, query.limit) = (offset, limit);
        let mut more = engine
            .people(&query)
            .map_err(|error| listing::marked(error, query.filter.as_deref(), out))?;
        window.came(more.rows.len(), more.total);
        match &mut page {
            Some(page) => page.rows.append(&mut more.rows),
            None => page = Some(more),
        }
    }
    let page = page.ok_or_else(|| Failure::usage("no rows were asked for"))?;
    out.caveats(&page.caveats);
    let sources = engine.sources()?;
    out.with_json(args.format == Format::Json)
        .show(&page, |paper| paper.table(&table(&page.rows, columns, &sources)));
    listing::cut_short(args.offset, args.limit, page.total, out);
    Ok(listing::told(verdict, out))
}

fn table(rows: &[PersonRow], columns: &[Column], sources: &[Source]) -> Table {
    let mut headings = Vec::new();
    for (field, heading) in columns {
        match *field {
            "sources" => headings.extend(sources.iter().map(|source| source.settings.name.as_str())),
            _ => headings.push(*heading),
        }
    }
    let mut table = Table::new(headings);
    let text = |value: &Option<String>| (value.clone().unwrap_or_default(), Tone::Plain);
    for row in rows {
        let mut cells = Vec::new();
        for (field, _) in columns {
            cells.push(match *field {
                "key" => (row.key.clone(), Tone::Quiet),
                "name" => (row.name.clone(), Tone::Plain),
                "userName" => text(&row.user_name),
                "email" => text(&row.email),
                "title" => text(&row.title),
                "department" => text(&row.department),
                "accountType" => (account_type(row.account_type).to_owned(), Tone::Plain),
                "groups" => (count(row.groups.into()), Tone::Plain),
                "roles" => (count(row.roles.into()), Tone::Plain),
                "changedAt" => (time_or_dash(row.changed_at), Tone::Plain),
                _ => {
                    cells.extend(sources.iter().map(|source| {
                        row.slots
                            .iter()
                            .find(|slot| slot.source == source.id)
                            .map_or_else(|| ("–".to_owned(), Tone::Quiet), slot)
                    }));
                    continue;
                }
            });
        }
        table.toned(cells);
    }
    table
}

fn account_type(kind: AccountType) -> &'static str {
    match kind {
        AccountType::Person => "person",
        AccountType::Service => "service",
    }
}

/// A source's word on a person, in words.
pub fn slot(slot: &Slot) -> (String, Tone) {
    let (word, tone) = state(slot.state);
    let mut text = word.to_owned();
    let mut tone = tone;
    if slot.differs {
        text.push_str(", differs");
        tone = Tone::Warning;
    }
    if slot.unconfirmed {
        text.push_str(", unconfirmed");
        tone = Tone::Warning;
    }
    (text, tone)
}

/// A state in words.
pub fn state(state: SlotState) -> (&'static str, Tone) {
    match state {
        SlotState::Active => ("active", Tone::Good),
        SlotState::Disabled => ("disabled", Tone::Quiet),
        SlotState::NoAccount => ("no account", Tone::Quiet),
        SlotState::Unstated => ("not stated", Tone::Plain),
        SlotState::NotEvaluated => ("not evaluated", Tone::Warning),
    }
}

/// Finds the person: by key, or by an id, userName or address that is one person's only.
fn find(engine: &Engine, text: &str) -> Result<PersonDetail, Failure> {
    let missing = match engine.person(text) {
        Ok(person) => return Ok(person),
        Err(error) => Failure::from(error),
    };
    let value = listing::quoted(text);
    let query = PeopleQuery {
        filter: Some(format!("id eq {value} or userName eq {value} or emails.value eq {value}")),
        limit: 10,
        ..PeopleQuery::default()
    };
    let page = engine.people(&query)?;
    match page.rows.as_slice() {
        [only] => Ok(engine.person(&only.key)?),
        [] => Err(listing::absent(missing, engine)?),
        several => Err(listing::ambiguous(
            text,
            page.total,
            several.iter().map(|row| (row.key.as_str(), row.name.as_str())),
        )),
    }
}

fn show(engine: &Engine, id: &str, raw: bool, history: bool, out: &Out) -> Result<Verdict, Failure> {
    let person = find(engine, id)?;
    if raw {
        let documents = person
            .accounts
            .iter()
            .map(|account| engine.raw_document(&account.key))
            .collect::<Result<Vec<_>, _>>()?;
        history::documents(&documents, out);
    } else if history {
        history::changes(&engine.timeline(Some(&person.row.key), None, 0, history::MOST)?, out);
    } else {
        out.show(&person, |page| tell(engine, &person, page));
    }
    out.caveats(&person.caveats);
    Ok(listing::told(list_verdict(engine, None)?, out))
}

fn tell(engine: &Engine, person: &PersonDetail, page: &Page<'_>) {
    page.line(format!("{}  ({})", person.row.name, person.row.key));
    let names = listing::source_names(engine);
    for account in &person.accounts {
        page.heading(format!("{} · {} · {}", names(account.source), state(account.state).0, account.id));
        tell_attributes(&account.attributes, page);
    }
    if !person.memberships.is_empty() {
        page.heading("Groups");
        let mut table = Table::new(["Group", "Source", "Way in"]);
        for membership in &person.memberships {
            let way = if membership.direct {
                "direct".to_owned()
            } else {
                format!("through {}", membership.via.join(" → "))
            };
            table.row([membership.name.clone(), names(membership.source), way]);
        }
        page.table(&table);
    }
}

/// The attributes, schema by schema.
pub fn tell_attributes(sections: &[AttributeSection], page: &Page<'_>) {
    let mut table = Table::new(["Attribute", "Value"]);
    for section in sections {
        for line in &section.attributes {
            let path = if section.title == "Core" {
                line.path.clone()
            } else {
                format!("{}: {}", section.title, line.path)
            };
            table.row([path, line.value.clone()]);
        }
    }
    page.table(&table.unbounded());
}
