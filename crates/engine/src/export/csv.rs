//! Comma-separated values (RFC 4180): UTF-8 with a byte order mark, which spreadsheet programs need to see that it is UTF-8.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::cells::{harmless, head, row};
use crate::directory::SourceFacts;

/// Writes a head and the rows.
pub fn write(
    file: &mut dyn Write,
    rows: impl Iterator<Item = Map<String, Value>>,
    sources: &[SourceFacts],
    columns: &[&str],
) -> io::Result<()> {
    file.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
    writer
        .write_record(head(columns, sources).into_iter().map(|name| harmless(name).into_owned()))
        .map_err(io::Error::from)?;
    for cells in rows.map(|fields| row(&fields, columns, sources)) {
        writer
            .write_record(cells.iter().map(|cell| harmless(cell).into_owned()))
            .map_err(io::Error::from)?;
    }
    writer.flush()
}
