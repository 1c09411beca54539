//! Tables for people: columns aligned by what a terminal shows, not by bytes.

use super::text::{cut, safe, width};
use super::{Tone, paint};

/// The widest a column gets: a name of 200 characters must not push the rest out of sight.
const WIDEST: usize = 44;

/// Rows under headings.
pub struct Table {
    headings: Vec<String>,
    right: Vec<bool>,
    rows: Vec<Vec<(String, Tone)>>,
    widest: usize,
}

impl Table {
    /// A table with these headings; one that starts with `>` stands, as its column, to the right.
    pub fn new<'a>(headings: impl IntoIterator<Item = &'a str>) -> Self {
        let (headings, right) = headings
            .into_iter()
            .map(|heading| (safe(heading.trim_start_matches('>')).into_owned(), heading.starts_with('>')))
            .unzip();
        Self {
            headings,
            right,
            rows: Vec::new(),
            widest: WIDEST,
        }
    }

    /// Adds a row of plain cells.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.toned(cells.into_iter().map(|cell| (cell, Tone::Plain)));
    }

    /// Adds a row of cells with their tones.
    pub fn toned<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = (T, Tone)>) {
        self.rows.push(
            cells
                .into_iter()
                .map(|(cell, tone)| (safe(cell.as_ref()).into_owned(), tone))
                .collect(),
        );
    }

    /// The same table with sentences in it: nothing is cut.
    pub fn unbounded(mut self) -> Self {
        self.widest = usize::MAX;
        self
    }

    pub(super) fn render(&self, colour: bool) -> String {
        let mut widths: Vec<usize> = self.headings.iter().map(|heading| width(heading)).collect();
        for row in &self.rows {
            for (column, (cell, _)) in row.iter().enumerate().take(widths.len()) {
                widths[column] = widths[column].max(width(cell).min(self.widest));
            }
        }
        let mut text = String::new();
        let headings: Vec<(String, Tone)> = self.headings.iter().map(|heading| (heading.clone(), Tone::Strong)).collect();
        for row in std::iter::once(&headings).chain(&self.rows) {
            let mut line = String::new();
            for (column, (cell, tone)) in row.iter().enumerate().take(widths.len()) {
                let cell = cut(cell, self.widest);
                let gap = " ".repeat(widths[column].saturating_sub(width(&cell)));
                let cell = paint(colour, *tone, &cell);
                if column > 0 {
                    line.push_str("  ");
                }
                if self.right[column] {
                    line.push_str(&gap);
                    line.push_str(&cell);
                } else {
                    line.push_str(&cell);
                    line.push_str(&gap);
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_whatever_the_script() {
        let mut table = Table::new(["Name", ">Groups", "State"]);
        table.row(["Zoë", "3", "active"]);
        table.row(["山田太郎", "12", "disabled"]);
        assert_eq!(
            table.render(false),
            "Name      Groups  State\nZoë            3  active\n山田太郎      12  disabled\n"
        );
    }

    #[test]
    fn a_name_cannot_break_out_of_its_cell() {
        let mut table = Table::new(["Name", "Id"]);
        table.row(["a\nb\x1b[2J", "1"]);
        table.row(["x".repeat(200), "2".to_owned()]);
        let text = table.render(false);
        assert_eq!(text.lines().count(), 3);
        assert!(!text.contains('\x1b') && text.lines().all(|line| line.chars().count() <= WIDEST + 4));
    }

    #[test]
    fn colours_are_around_the_cell_and_do_not_count() {
        let mut table = Table::new(["A", "B"]);
        table.toned([("x", Tone::Good), ("y", Tone::Plain)]);
        assert_eq!(table.render(true), "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n\x1b[32mx\x1b[0m  y\n");
    }
}
