//! `lanyard users`: people over all sources.

use std::path::Path;

use clap::{Args, Subcommand};
use lanyard_engine::view::{
    AccountType, AttributeSection, Caveat, ExportDone, ExportFormat, PeopleFacet, PeoplePage, PeopleQuery, PeopleSort, PersonDetail,
    PersonRow, Privilege, Slot, SlotState, Source, SourceId,
};
use lanyard_engine::{Engine, Error};

use crate::args::word;
use crate::exit::{Failure, Verdict};
use crate::history;
use crate::listing;
use crate::open::Place;
use crate::output::{Out, Page, Table, Tone, count, time_or_dash};
use crate::rows::{self, Column, List, Shown};
use crate::status::list_verdict;

/// The column of the most that each may do, which takes the access map.
const PRIVILEGE: &str = "privilege";

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
    /// everyone, active, disabled, service, differs, leftBehind or unconfirmed.
    #[arg(long, value_parser = word::<PeopleFacet>, default_value = "everyone", hide_default_value = true)]
    only: PeopleFacet,
    /// name, userName, email, title, department, groups, roles, privilege or changed.
    #[arg(long, value_parser = word::<PeopleSort>, default_value = "name", hide_default_value = true)]
    sort: PeopleSort,
    #[command(flatten)]
    shown: Shown,
}

pub async fn run(command: UsersCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    match command {
        UsersCommand::List(args) => {
            let columns = rows::columns::<PeopleQuery>(&args.shown)?;
            let opened = place.open(out)?;
            if columns.iter().any(|(field, _)| *field == PRIVILEGE) {
                opened.engine.make_map()?;
            }
            rows::give(&opened.engine, args.query(), &args.shown, &columns, out)
        }
        UsersCommand::Show { id, raw, history } => show(&place.open(out)?.engine, &id, raw, history, out),
    }
}

impl ListArgs {
    fn query(&self) -> PeopleQuery {
        PeopleQuery {
            search: self.search.clone(),
            filter: self.filter.clone(),
            facet: self.only,
            sort: self.sort,
            descending: self.shown.desc,
            ..PeopleQuery::default()
        }
    }
}

impl List for PeopleQuery {
    type Row = PersonRow;
    type Page = PeoplePage;
    const COLUMNS: &'static [Column] = &[
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
        (PRIVILEGE, "Highest privilege"),
        ("changedAt", "Changed"),
    ];
    const USUAL: &'static [&'static str] = &["name", "userName", "email", "department", "sources", "groups"];

    fn narrow(&mut self, source: Option<SourceId>) {
        self.source = source;
    }

    fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    fn page(&mut self, engine: &Engine, offset: u32, limit: u32) -> Result<PeoplePage, Error> {
        (self.offset, self.limit) = (offset, limit);
        engine.people(self)
    }

    fn export(&self, engine: &Engine, fields: &[String], format: ExportFormat, path: &Path) -> Result<ExportDone, Error> {
        engine.export_people(self, fields, format, path)
    }

    fn rows(page: &mut PeoplePage) -> &mut Vec<PersonRow> {
        &mut page.rows
    }

    fn sums(page: &PeoplePage) -> (u32, &[Caveat]) {
        (page.total, &page.caveats)
    }

    fn cell(row: &PersonRow, field: &str) -> (String, Tone) {
        let text = |value: &Option<String>| (value.clone().unwrap_or_default(), Tone::Plain);
        match field {
            "key" => (row.key.clone(), Tone::Quiet),
            "name" => (row.name.clone(), Tone::Plain),
            "userName" => text(&row.user_name),
            "email" => text(&row.email),
            "title" => text(&row.title),
            "department" => text(&row.department),
            "accountType" => (account_type(row.account_type).to_owned(), Tone::Plain),
            "groups" => (count(row.groups.into()), Tone::Plain),
            "roles" => (count(row.roles.into()), Tone::Plain),
            PRIVILEGE => match &row.privilege {
                Some(told) => (told.in_words(), privilege_tone(told)),
                None => ("–".to_owned(), Tone::Quiet),
            },
            _ => (time_or_dash(row.changed_at), Tone::Plain),
        }
    }

    fn word(row: &PersonRow, source: &Source) -> (String, Tone) {
        row.slots
            .iter()
            .find(|slot| slot.source == source.id)
            .map_or_else(|| ("–".to_owned(), Tone::Quiet), slot)
    }
}

fn privilege_tone(told: &Privilege) -> Tone {
    match &told.highest {
        Some(highest) if highest.can_restore || highest.privileged => Tone::Warning,
        Some(_) => Tone::Plain,
        None => Tone::Quiet,
    }
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
    let rows = page.rows.iter().map(|row| (row.key.as_str(), row.name.as_str()));
    Ok(engine.person(listing::only(text, page.total, rows, missing, engine)?)?)
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
