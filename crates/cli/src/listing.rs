//! What lists share: windows of rows, CSV on standard output, names that fit nothing or too much.

use std::path::Path;

use lanyard_engine::view::{ExportDone, SourceId};
use lanyard_engine::{Engine, Error};
use tempfile::TempDir;

use crate::exit::{Failure, Verdict, fault};
use crate::output::{Out, count, safe, width};
use crate::status::list_verdict;

/// The most rows that the engine gives at once.
pub const PAGE: u32 = 500;

/// Asks for rows in pages that the engine gives.
pub struct Window {
    next: u32,
    left: Option<u32>,
    done: bool,
}

impl Window {
    /// From `offset` on, `limit` rows; 0 means all.
    pub fn new(offset: u32, limit: u32) -> Self {
        Self {
            next: offset,
            left: (limit > 0).then_some(limit),
            done: false,
        }
    }

    /// The next page's offset and limit.
    pub fn next(&self) -> Option<(u32, u32)> {
        (!self.done).then(|| (self.next, self.left.map_or(PAGE, |left| left.min(PAGE))))
    }

    /// Takes note of what came.
    pub fn came(&mut self, rows: usize, total: u32) {
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        self.next = self.next.saturating_add(rows);
        self.left = self.left.map(|left| left.saturating_sub(rows));
        self.done = rows == 0 || self.left == Some(0) || self.next >= total;
    }
}

/// Says on standard error that there are more rows than were printed.
pub fn cut_short(offset: u32, limit: u32, total: u32, out: &Out) {
    let shown = if limit == 0 {
        total.saturating_sub(offset)
    } else {
        total.saturating_sub(offset).min(limit)
    };
    if shown < total {
        out.note(format!(
            "{} of {} shown; --limit 0 shows all.",
            count(shown.into()),
            count(total.into())
        ));
    }
}

/// Says on standard error what the exit code will say.
pub fn told(verdict: Verdict, out: &Out) -> Verdict {
    if verdict == Verdict::NotEvaluated {
        out.note("Not every source was read in full: who is not listed may exist all the same. See lanyard status.");
    }
    verdict
}

/// Says what an export wrote.
pub fn exported(done: &ExportDone, out: &Out) {
    out.show(done, |page| page.line(format!("Wrote {} rows to {}.", count(done.rows), done.path)));
}

/// The engine's own CSV, cut to the window that was asked for, and how many rows match.
pub fn csv(offset: u32, limit: u32, export: impl FnOnce(&Path) -> Result<ExportDone, Error>) -> Result<(String, u32), Failure> {
    let folder = TempDir::with_prefix("lanyard-").map_err(|error| Failure::file("a temporary folder", error))?;
    let path = folder.path().join("rows.csv");
    let total = u32::try_from(export(&path)?.rows).unwrap_or(u32::MAX);
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path.display().to_string(), error))?;
    let limit = if limit == 0 { usize::MAX } else { limit as usize };
    Ok((cut_csv(text, offset as usize, limit), total))
}

/// The heading and the records of the window, byte for byte as they were.
fn cut_csv(text: String, offset: usize, limit: usize) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut starts = Vec::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        // The reader ends a record at its carriage return; the line feed after it belongs to the same line.
        let start = record.position().map_or(text.len(), |position| position.byte() as usize);
        starts.push(start + usize::from(text.as_bytes().get(start) == Some(&b'\n')));
    }
    let place = |number: usize| starts.get(number).copied().unwrap_or(text.len());
    let (first, last) = (
        place(offset.saturating_add(1)),
        place(offset.saturating_add(limit).saturating_add(1)),
    );
    if offset == 0 && last == text.len() {
        return text;
    }
    format!("{}{}", &text[..place(1)], &text[first..last.max(first)])
}

/// An error as a failure; where it is a filter's, the filter is shown with a mark under what cannot be read.
pub fn marked(error: Error, filter: Option<&str>, out: &Out) -> Failure {
    if let (Error::Filter(problem), Some(filter)) = (&error, filter) {
        let (before, wrong) = cut_units(filter, problem.start as usize, problem.end as usize);
        out.note(format!("  {filter}"));
        out.note(format!(
            "  {}{}",
            " ".repeat(width(&safe(before))),
            "^".repeat(width(&safe(wrong)).max(1))
        ));
    }
    error.into()
}

/// What stands before a place, and what stands in it; places count UTF-16 code units, as the engine's do.
fn cut_units(text: &str, start: usize, end: usize) -> (&str, &str) {
    let byte = |units: usize| {
        let mut passed = 0;
        text.char_indices()
            .find(|(_, character)| {
                let here = passed >= units;
                passed += character.len_utf16();
                here
            })
            .map_or(text.len(), |(byte, _)| byte)
    };
    let (start, end) = (byte(start), byte(end));
    (&text[..start], &text[start..end.max(start)])
}

/// A value as a SCIM filter writes it: a JSON string (RFC 7644 §3.4.2.2).
pub fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// Not there; or, where a source was not read in full, not known to be there.
pub fn absent(missing: Failure, engine: &Engine) -> Result<Failure, Failure> {
    Ok(if list_verdict(engine, None)? == Verdict::NotEvaluated {
        missing.not_evaluated()
    } else {
        missing
    })
}

/// The key of the one that `text` fits: `rows` are the keys and names of the first of `total`; `missing` is what a look by key said.
pub fn only<'a>(
    text: &str,
    total: u32,
    rows: impl IntoIterator<Item = (&'a str, &'a str)>,
    missing: Failure,
    engine: &Engine,
) -> Result<&'a str, Failure> {
    let rows: Vec<_> = rows.into_iter().collect();
    match rows.as_slice() {
        [(key, _)] => Ok(key),
        [] => Err(absent(missing, engine)?),
        several => Err(ambiguous(text, total, several)),
    }
}

/// Fits more than one.
pub fn ambiguous(text: &str, total: u32, rows: &[(&str, &str)]) -> Failure {
    let keys: Vec<String> = rows.iter().map(|(key, name)| format!("{key} ({name})")).collect();
    let mut failure = Failure::from(fault(
        "ambiguous",
        format!("“{text}” fits {total}: {}", keys.join(", ")),
        "Nothing was shown.",
        "Name one by its key.",
    ));
    failure.code = crate::exit::USED_WRONGLY;
    failure
}

/// Gives a source's name by its number.
pub fn source_names(engine: &Engine) -> impl Fn(SourceId) -> String {
    let sources = engine.sources().unwrap_or_default();
    move |id| {
        sources
            .iter()
            .find(|source| source.id == id)
            .map_or_else(|| format!("source {id}"), |source| source.settings.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_asks_for_no_more_than_is_wanted() {
        let mut window = Window::new(10, 1_200);
        let mut asked = Vec::new();
        while let Some((offset, limit)) = window.next() {
            asked.push((offset, limit));
            window.came(limit as usize, 5_000);
        }
        assert_eq!(asked, [(10, 500), (510, 500), (1_010, 200)]);
    }

    #[test]
    fn a_window_ends_with_the_list() {
        let mut window = Window::new(0, 0);
        assert_eq!(window.next(), Some((0, 500)));
        window.came(500, 620);
        assert_eq!(window.next(), Some((500, 500)));
        window.came(120, 620);
        assert_eq!(window.next(), None);
        let mut empty = Window::new(0, 0);
        empty.came(0, 7);
        assert_eq!(empty.next(), None);
    }

    #[test]
    fn csv_is_cut_between_records_and_not_within_a_cell() {
        let text = "name,note\r\na,\"1\r\n2\"\r\nb,\"x,y\"\r\nc,z\r\n".to_owned();
        assert_eq!(cut_csv(text.clone(), 0, usize::MAX), text);
        assert_eq!(cut_csv(text.clone(), 0, 1), "name,note\r\na,\"1\r\n2\"\r\n");
        assert_eq!(cut_csv(text.clone(), 1, 1), "name,note\r\nb,\"x,y\"\r\n");
        assert_eq!(cut_csv(text.clone(), 2, 9), "name,note\r\nc,z\r\n");
        assert_eq!(cut_csv(text, 9, 9), "name,note\r\n");
    }

    #[test]
    fn places_in_a_filter_count_utf_16() {
        assert_eq!(cut_units("title eq \"🚢\" nad active", 14, 17), ("title eq \"🚢\" ", "nad"));
        assert_eq!(cut_units("ab", 2, 2), ("ab", ""));
        assert_eq!(cut_units("ab", 7, 9), ("ab", ""));
    }

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        assert_eq!(quoted("o\"brien\\"), r#""o\"brien\\""#);
    }
}
