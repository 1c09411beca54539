//! `lanyard groups`: groups over all sources, with their members.

use std::path::Path;

use clap::{Args, Subcommand};
use lanyard_engine::view::{
    Caveat, ExportDone, ExportFormat, GroupDetail, GroupFacet, GroupPage, GroupQuery, GroupRow, GroupSort, MemberPage, MemberQuery,
    MemberRow, MemberScope, MemberType, Source, SourceId,
};
use lanyard_engine::{Engine, Error};

use crate::args::word;
use crate::exit::{Failure, Verdict};
use crate::history;
use crate::listing::{self, Window};
use crate::open::Place;
use crate::output::{Out, Page, Table, Tone, count, time_or_dash};
use crate::people::{state, tell_attributes};
use crate::rows::{self, Column, List, Shown};
use crate::status::list_verdict;

#[derive(Subcommand)]
pub enum GroupsCommand {
    /// Groups, one row for each.
    List(Box<ListArgs>),
    /// One group, whole.
    Show {
        /// A key (`2.00g1`), an id or a displayName.
        id: String,
        /// The documents as the sources sent them.
        #[arg(long, conflicts_with = "history")]
        raw: bool,
        /// What changed, newest first.
        #[arg(long)]
        history: bool,
    },
    /// Who is in a group.
    Members {
        /// A key (`2.00g1`), an id or a displayName.
        id: String,
        /// All people, through nested groups too; otherwise the direct members.
        #[arg(long)]
        nested: bool,
        /// Any part of name, userName, e-mail or id.
        #[arg(long, default_value = "")]
        search: String,
        /// How many rows at most; 0 means all.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// How many rows to pass over.
        #[arg(long, default_value_t = 0)]
        offset: u32,
    },
}

#[derive(Args)]
pub struct ListArgs {
    /// Any part of name or id.
    #[arg(long, default_value = "")]
    search: String,
    /// A SCIM filter (RFC 7644), evaluated over the cache.
    #[arg(long)]
    filter: Option<String>,
    /// all, empty, nested, differs or unconfirmed.
    #[arg(long, value_parser = word::<GroupFacet>, default_value = "all", hide_default_value = true)]
    only: GroupFacet,
    /// name, members, people or changed.
    #[arg(long, value_parser = word::<GroupSort>, default_value = "name", hide_default_value = true)]
    sort: GroupSort,
    #[command(flatten)]
    shown: Shown,
}

pub async fn run(command: GroupsCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    match command {
        GroupsCommand::List(args) => {
            let columns = rows::columns::<GroupQuery>(&args.shown)?;
            let opened = place.open(out)?;
            rows::give(&opened.engine, args.query(), &args.shown, &columns, out)
        }
        GroupsCommand::Show { id, raw, history } => show(&place.open(out)?.engine, &id, raw, history, out),
        GroupsCommand::Members {
            id,
            nested,
            search,
            limit,
            offset,
        } => {
            let opened = place.open(out)?;
            let scope = if nested { MemberScope::Nested } else { MemberScope::Direct };
            members(
                &opened.engine,
                &id,
                MemberQuery {
                    scope,
                    search,
                    offset,
                    limit,
                    ..MemberQuery::default()
                },
                out,
            )
        }
    }
}

impl ListArgs {
    fn query(&self) -> GroupQuery {
        GroupQuery {
            search: self.search.clone(),
            filter: self.filter.clone(),
            facet: self.only,
            sort: self.sort,
            descending: self.shown.desc,
            ..GroupQuery::default()
        }
    }
}

impl List for GroupQuery {
    type Row = GroupRow;
    type Page = GroupPage;
    const COLUMNS: &'static [Column] = &[
        ("key", "Key"),
        ("name", "Name"),
        ("sources", ""),
        ("members", ">Members"),
        ("nestedGroups", ">Nested groups"),
        ("people", ">People"),
        ("parents", ">In groups"),
        ("changedAt", "Changed"),
    ];
    const USUAL: &'static [&'static str] = &["name", "sources", "members", "nestedGroups", "people"];

    fn narrow(&mut self, source: Option<SourceId>) {
        self.source = source;
    }

    fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    fn page(&mut self, engine: &Engine, offset: u32, limit: u32) -> Result<GroupPage, Error> {
        (self.offset, self.limit) = (offset, limit);
        engine.groups(self)
    }

    fn export(&self, engine: &Engine, fields: &[String], format: ExportFormat, path: &Path) -> Result<ExportDone, Error> {
        engine.export_groups(self, fields, format, path)
    }

    fn rows(page: &mut GroupPage) -> &mut Vec<GroupRow> {
        &mut page.rows
    }

    fn sums(page: &GroupPage) -> (u32, &[Caveat]) {
        (page.total, &page.caveats)
    }

    fn cell(row: &GroupRow, field: &str) -> (String, Tone) {
        // Not listed is not nought.
        let listed = |number: Option<u32>| {
            number.map_or_else(
                || ("not listed".to_owned(), Tone::Warning),
                |number| (count(number.into()), Tone::Plain),
            )
        };
        match field {
            "key" => (row.key.clone(), Tone::Quiet),
            "name" => (row.name.clone(), Tone::Plain),
            "members" => listed(row.members),
            "nestedGroups" => (count(row.nested_groups.into()), Tone::Plain),
            "people" => listed(row.people),
            "parents" => (count(row.parents.into()), Tone::Plain),
            _ => (time_or_dash(row.changed_at), Tone::Plain),
        }
    }

    fn word(row: &GroupRow, source: &Source) -> (String, Tone) {
        held(row, source)
    }
}

/// Whether a source holds the group, in words: groups are held or not, never active.
fn held(row: &GroupRow, source: &Source) -> (String, Tone) {
    use lanyard_engine::view::SlotState;
    let Some(slot) = row.slots.iter().find(|slot| slot.source == source.id) else {
        return ("–".to_owned(), Tone::Quiet);
    };
    let word = match slot.state {
        SlotState::Active | SlotState::Disabled | SlotState::Unstated => "held",
        SlotState::NoAccount => "not held",
        SlotState::NotEvaluated => "not evaluated",
    };
    match (slot.differs, slot.unconfirmed) {
        (false, false) => (
            word.to_owned(),
            if slot.state == SlotState::NotEvaluated {
                Tone::Warning
            } else {
                Tone::Plain
            },
        ),
        (true, false) => (format!("{word}, differs"), Tone::Warning),
        (_, true) => (format!("{word}, unconfirmed"), Tone::Warning),
    }
}

/// Finds the group: by key, or by an id or name that is one group's only.
fn find(engine: &Engine, text: &str) -> Result<GroupDetail, Failure> {
    let missing = match engine.group(text) {
        Ok(group) => return Ok(group),
        Err(error) => Failure::from(error),
    };
    let value = listing::quoted(text);
    let query = GroupQuery {
        filter: Some(format!("id eq {value} or displayName eq {value}")),
        limit: 10,
        ..GroupQuery::default()
    };
    let page = engine.groups(&query)?;
    let rows = page.rows.iter().map(|row| (row.key.as_str(), row.name.as_str()));
    Ok(engine.group(listing::only(text, page.total, rows, missing, engine)?)?)
}

fn show(engine: &Engine, id: &str, raw: bool, history: bool, out: &Out) -> Result<Verdict, Failure> {
    let group = find(engine, id)?;
    if raw {
        let documents = group
            .groups
            .iter()
            .map(|held| engine.raw_document(&held.key))
            .collect::<Result<Vec<_>, _>>()?;
        history::documents(&documents, out);
    } else if history {
        history::changes(&engine.timeline(Some(&group.row.key), None, 0, history::MOST)?, out);
    } else {
        out.show(&group, |page| tell(engine, &group, page));
    }
    out.caveats(&group.caveats);
    Ok(listing::told(list_verdict(engine, None)?, out))
}

fn tell(engine: &Engine, group: &GroupDetail, page: &Page<'_>) {
    page.line(format!("{}  ({})", group.row.name, group.row.key));
    let names = listing::source_names(engine);
    for held in &group.groups {
        let members = held.members.map_or_else(
            || "members not listed".to_owned(),
            |members| format!("{} members", count(members.into())),
        );
        page.heading(format!("{} · {} · {}", names(held.source), members, held.id));
        tell_attributes(&held.attributes, page);
    }
    if !group.parents.is_empty() {
        page.heading("In groups");
        let mut table = Table::new(["Name", "Key"]);
        for parent in &group.parents {
            table.row([&parent.name, &parent.key]);
        }
        page.table(&table);
    }
}

fn members(engine: &Engine, id: &str, mut query: MemberQuery, out: &Out) -> Result<Verdict, Failure> {
    let group = find(engine, id)?;
    query.key = group.row.key;
    let (offset, limit) = (query.offset, query.limit);
    let mut window = Window::new(offset, limit);
    let mut page: Option<MemberPage> = None;
    while let Some((offset, limit)) = window.next() {
        (query.offset, query.limit) = (offset, limit);
        let mut more = engine.members(&query)?;
        window.came(more.rows.len(), more.total);
        match &mut page {
            Some(page) => page.rows.append(&mut more.rows),
            None => page = Some(more),
        }
    }
    let page = page.ok_or_else(|| Failure::usage("no rows were asked for"))?;
    out.caveats(&page.caveats);
    out.show(&page, |paper| paper.table(&member_table(&page.rows)));
    listing::cut_short(offset, limit, page.total, out);
    let verdict = list_verdict(engine, None)?;
    // A group whose source lists no members has no empty list: it has an unknown one.
    let unlisted = group.groups.iter().any(|held| held.members.is_none());
    Ok(listing::told(if unlisted { Verdict::NotEvaluated } else { verdict }, out))
}

fn member_table(rows: &[MemberRow]) -> Table {
    let mut table = Table::new(["Name", "User name", "What", "State", "Way in", "Key"]);
    for row in rows {
        let what = match row.member_type {
            MemberType::Account => "account",
            MemberType::Group => "group",
            MemberType::Dangling => "not held",
        };
        let (word, tone) = row.state.map_or(("", Tone::Plain), state);
        let way = if row.direct { "direct".to_owned() } else { row.via.join(" → ") };
        table.toned([
            (row.name.clone(), Tone::Plain),
            (row.user_name.clone().unwrap_or_default(), Tone::Plain),
            (
                what.to_owned(),
                if row.member_type == MemberType::Dangling {
                    Tone::Warning
                } else {
                    Tone::Plain
                },
            ),
            (word.to_owned(), tone),
            (way, Tone::Plain),
            (row.key.clone(), Tone::Quiet),
        ]);
    }
    table
}
