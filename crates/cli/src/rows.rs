//! A list on the command line, the same for people and groups: its arguments, its columns, and the ways it can be given out.

use std::path::{Path, PathBuf};

use clap::Args;
use lanyard_engine::view::{Caveat, ExportDone, ExportFormat, Source, SourceId};
use lanyard_engine::{Engine, Error};
use serde::Serialize;

use crate::args::Format;
use crate::exit::{Failure, Verdict};
use crate::listing::{self, Window};
use crate::output::{Out, Table, Tone};
use crate::status::list_verdict;

/// What every list can be asked for.
#[derive(Args)]
pub struct Shown {
    /// Only what this source holds; a filter then looks at that source's word only.
    #[arg(long)]
    source: Option<String>,
    /// Sort downwards.
    #[arg(long)]
    pub desc: bool,
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

/// A column of a table: its name as a row's field, and its heading. `sources` stands for one a source.
pub type Column = (&'static str, &'static str);

/// What differs between lists.
pub trait List {
    /// A row, as the engine gives it.
    type Row;
    /// A window of rows, as the engine gives it.
    type Page: Serialize;
    /// All columns.
    const COLUMNS: &'static [Column];
    /// The columns that are shown when none are named.
    const USUAL: &'static [&'static str];

    /// Narrows the list to a source.
    fn narrow(&mut self, source: Option<SourceId>);
    /// The SCIM filter, if there is one.
    fn filter(&self) -> Option<&str>;
    /// Asks for a window.
    fn page(&mut self, engine: &Engine, offset: u32, limit: u32) -> Result<Self::Page, Error>;
    /// Writes every row that matches.
    fn export(&self, engine: &Engine, fields: &[String], format: ExportFormat, path: &Path) -> Result<ExportDone, Error>;
    /// A window's rows.
    fn rows(page: &mut Self::Page) -> &mut Vec<Self::Row>;
    /// How many rows match, and what the list cannot say.
    fn sums(page: &Self::Page) -> (u32, &[Caveat]);
    /// A cell of a column.
    fn cell(row: &Self::Row, field: &str) -> (String, Tone);
    /// One source's word on a row.
    fn word(row: &Self::Row, source: &Source) -> (String, Tone);
}

/// The columns that were asked for.
pub fn columns<L: List>(shown: &Shown) -> Result<Vec<Column>, Failure> {
    let find = |name: &str| L::COLUMNS.iter().copied().find(|(field, _)| field.eq_ignore_ascii_case(name));
    if shown.columns.is_empty() {
        return Ok(L::USUAL.iter().filter_map(|name| find(name)).collect());
    }
    let known = || L::COLUMNS.iter().map(|(field, _)| *field).collect::<Vec<_>>().join(", ");
    shown
        .columns
        .iter()
        .map(|name| find(name.trim()).ok_or_else(|| Failure::usage(format!("there is no column {name}; there are {}", known()))))
        .collect()
}

/// Gives the list out as it was asked for: into a file, as CSV, as JSON, as a table.
pub fn give<L: List>(engine: &Engine, mut list: L, shown: &Shown, columns: &[Column], out: &Out) -> Result<Verdict, Failure> {
    let source = shown.source.as_deref().map(|name| engine.find_source(name)).transpose()?;
    let only = source.map(|source| source.id);
    list.narrow(only);
    // The export knows fields, and sources as slots.
    let fields: Vec<String> = if shown.columns.is_empty() {
        Vec::new()
    } else {
        columns
            .iter()
            .map(|(field, _)| if *field == "sources" { "slots" } else { field }.to_owned())
            .collect()
    };
    let verdict = list_verdict(engine, only)?;
    if let Some(path) = &shown.output {
        let format = match shown.format {
            Format::Csv => ExportFormat::Csv,
            Format::Json => ExportFormat::Json,
            Format::Table => return Err(Failure::usage("--output needs --format csv or --format json")),
        };
        listing::exported(&list.export(engine, &fields, format, path)?, out);
        return Ok(listing::told(verdict, out));
    }
    if shown.format == Format::Csv && !out.json() {
        let (text, total) = listing::csv(shown.offset, shown.limit, |path| {
            list.export(engine, &fields, ExportFormat::Csv, path)
        })?;
        out.raw(&text);
        listing::cut_short(shown.offset, shown.limit, total, out);
        return Ok(listing::told(verdict, out));
    }
    let mut window = Window::new(shown.offset, shown.limit);
    let mut page: Option<L::Page> = None;
    while let Some((offset, limit)) = window.next() {
        let mut more = list
            .page(engine, offset, limit)
            .map_err(|error| listing::marked(error, list.filter(), out))?;
        let total = L::sums(&more).0;
        window.came(L::rows(&mut more).len(), total);
        match &mut page {
            Some(page) => L::rows(page).append(L::rows(&mut more)),
            None => page = Some(more),
        }
    }
    let mut page = page.ok_or_else(|| Failure::usage("no rows were asked for"))?;
    out.caveats(L::sums(&page).1);
    let table = table::<L>(L::rows(&mut page), columns, &engine.sources()?);
    out.with_json(shown.format == Format::Json).show(&page, |paper| paper.table(&table));
    listing::cut_short(shown.offset, shown.limit, L::sums(&page).0, out);
    Ok(listing::told(verdict, out))
}

fn table<L: List>(rows: &[L::Row], columns: &[Column], sources: &[Source]) -> Table {
    let mut headings = Vec::new();
    for (field, heading) in columns {
        match *field {
            "sources" => headings.extend(sources.iter().map(|source| source.settings.name.as_str())),
            _ => headings.push(*heading),
        }
    }
    let mut table = Table::new(headings);
    for row in rows {
        let mut cells = Vec::new();
        for (field, _) in columns {
            match *field {
                "sources" => cells.extend(sources.iter().map(|source| L::word(row, source))),
                field => cells.push(L::cell(row, field)),
            }
        }
        table.toned(cells);
    }
    table
}
