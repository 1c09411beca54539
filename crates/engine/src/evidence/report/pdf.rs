//! The report as PDF: parley breaks and shapes the text, krilla writes it.
//!
//! Inter and JetBrains Mono are built in, for Latin, Greek and Cyrillic with their marks; what they lack (Chinese, Arabic, …) comes from the machine's
//! own fonts. Where it has none either, the foot of each page says so, and the page form shows the text all the same.

mod draw;

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use parley::fontique::{Blob, Collection, CollectionOptions, FontInfoOverride, SourceCache};
use parley::layout::{Alignment, AlignmentOptions};
use parley::style::{FontFamily, FontFamilyName, FontWeight, GenericFamily, LineHeight, OverflowWrap, StyleProperty};
use parley::{FontContext, Layout, LayoutContext};

use super::{Block, Cell, Column, Report, Tone};
use crate::evidence::EvidenceError;

const INTER: &[u8] = include_bytes!("fonts/Inter-Regular.ttf");
const INTER_SEMI_BOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.ttf");
const MONO: &[u8] = include_bytes!("fonts/JetBrainsMono-Regular.ttf");

/// A4 in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 50.0;
const TOP: f32 = 50.0;
const BOTTOM: f32 = 792.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
const GAP: f32 = 10.0;
/// The most characters of one cell; the page form has them all.
const CELL: usize = 1_500;

/// Red, green, blue.
type Colour = [u8; 3];

const INK: Colour = [0x1d, 0x23, 0x23];
const QUIET: Colour = [0x5b, 0x64, 0x64];
const LINE: Colour = [0xdc, 0xda, 0xd4];
const BRAND: Colour = [0x0b, 0x4f, 0x5a];

fn colour(tone: Tone) -> Colour {
    match tone {
        Tone::Plain => INK,
        Tone::Good => [0x1f, 0x6b, 0x35],
        Tone::Bad => [0xa8, 0x1f, 0x1f],
        Tone::Warn => [0x7a, 0x4d, 0x00],
        Tone::Quiet => QUIET,
    }
}

fn wash(tone: Tone) -> Colour {
    match tone {
        Tone::Good => [0xee, 0xf6, 0xef],
        Tone::Bad => [0xfb, 0xee, 0xee],
        Tone::Warn => [0xfc, 0xf5, 0xe6],
        Tone::Plain | Tone::Quiet => [0xf6, 0xf6, 0xf4],
    }
}

/// How a text is set.
#[derive(Clone, Copy)]
struct Set {
    size: f32,
    bold: bool,
    mono: bool,
    right: bool,
    colour: Colour,
}

const BODY: Set = Set {
    size: 9.0,
    bold: false,
    mono: false,
    right: false,
    colour: INK,
};
const SMALL: Set = Set {
    size: 7.6,
    colour: QUIET,
    ..BODY
};

/// A text with its lines broken.
struct Laid {
    text: String,
    layout: Layout<Colour>,
}

/// Something on a page.
enum Op {
    Line {
        laid: Rc<Laid>,
        line: usize,
        x: f32,
        y: f32,
    },
    Box {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        colour: Colour,
    },
}

/// The PDF.
///
/// # Errors
/// When a font or the document is refused by the library.
pub fn render(report: &Report) -> Result<Vec<u8>, EvidenceError> {
    let mut paper = Paper::new();
    paper.head(report);
    for block in &report.blocks {
        match block {
            Block::Heading(text) => paper.heading(text),
            Block::Text(text) => paper.text(text, BODY, 0.0),
            Block::Code(text) => paper.code(text),
            Block::List(points) => points.iter().for_each(|point| paper.point(point)),
            Block::Facts(facts) => facts.iter().for_each(|(name, value)| paper.fact(name, value)),
            Block::Table { columns, rows } => paper.table(columns, rows),
        }
        paper.y += 4.0;
    }
    paper.foot(report);
    draw::document(&paper.pages, report)
}

/// Pages as they fill.
struct Paper {
    fonts: FontContext,
    context: LayoutContext<Colour>,
    pages: Vec<Vec<Op>>,
    y: f32,
}

impl Paper {
    fn new() -> Self {
        let mut collection = Collection::new(CollectionOptions {
            shared: false,
            system_fonts: true,
        });
        for (name, data) in [("Report", INTER), ("Report", INTER_SEMI_BOLD), ("Report Mono", MONO)] {
            let named = FontInfoOverride {
                family_name: Some(name),
                ..FontInfoOverride::default()
            };
            collection.register_fonts(Blob::new(Arc::new(data)), Some(named));
        }
        Self {
            fonts: FontContext {
                collection,
                source_cache: SourceCache::default(),
            },
            context: LayoutContext::new(),
            pages: vec![Vec::new()],
            y: TOP,
        }
    }

    fn lay(&mut self, text: &str, set: Set, width: f32) -> Rc<Laid> {
        // Marks that turn the direction of text are shown as a replacement, as on the page.
        let shown = |character: char| match character {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            control if control.is_control() && control != '\n' => ' ',
            other => other,
        };
        let text: String = text.chars().map(shown).collect();
        let families = [
            FontFamilyName::Named(Cow::Borrowed(if set.mono { "Report Mono" } else { "Report" })),
            FontFamilyName::Named(Cow::Borrowed("Report")),
            FontFamilyName::Generic(GenericFamily::SansSerif),
        ];
        let mut builder = self.context.ranged_builder(&mut self.fonts, &text, 1.0, false);
        builder.push_default(StyleProperty::Brush(set.colour));
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Borrowed(&families))));
        builder.push_default(StyleProperty::FontSize(set.size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(1.4)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        if set.bold {
            builder.push_default(StyleProperty::FontWeight(FontWeight::new(600.0)));
        }
        let mut layout = builder.build(&text);
        layout.break_all_lines(Some(width));
        // A name in Arabic stands where the others stand.
        let alignment = if set.right { Alignment::Right } else { Alignment::Left };
        layout.align(alignment, AlignmentOptions::default());
        Rc::new(Laid { text, layout })
    }

    fn push(&mut self, op: Op) {
        if let Some(page) = self.pages.last_mut() {
            page.push(op);
        }
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    /// Makes sure that this much fits on the page.
    fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.turn();
        }
    }

    fn put(&mut self, laid: &Rc<Laid>, x: f32, y: f32) {
        for line in 0..laid.layout.len() {
            self.push(Op::Line {
                laid: Rc::clone(laid),
                line,
                x,
                y,
            });
        }
    }

    fn text(&mut self, text: &str, set: Set, indent: f32) {
        let laid = self.lay(text, set, WIDTH - indent);
        self.room(laid.layout.height());
        self.put(&laid, MARGIN + indent, self.y);
        self.y += laid.layout.height();
    }

    fn head(&mut self, report: &Report) {
        let brand = Set {
            size: 8.5,
            bold: true,
            colour: BRAND,
            ..BODY
        };
        self.text("Lanyard · Evidence of de-provisioning", brand, 0.0);
        self.y += 6.0;
        self.text(
            &report.title,
            Set {
                size: 20.0,
                bold: true,
                ..BODY
            },
            0.0,
        );
        self.text(
            &report.subtitle,
            Set {
                size: 10.0,
                colour: QUIET,
                ..BODY
            },
            0.0,
        );
        self.y += 14.0;
        let word = self.lay(
            &report.verdict,
            Set {
                size: 15.0,
                bold: true,
                colour: colour(report.tone),
                ..BODY
            },
            WIDTH - 28.0,
        );
        let says = self.lay(&report.says, Set { size: 10.0, ..BODY }, WIDTH - 28.0);
        let height = word.layout.height() + says.layout.height() + 24.0;
        let y = self.y;
        self.push(Op::Box {
            x: MARGIN,
            y,
            width: WIDTH,
            height,
            colour: wash(report.tone),
        });
        self.push(Op::Box {
            x: MARGIN,
            y,
            width: 3.0,
            height,
            colour: colour(report.tone),
        });
        self.put(&word, MARGIN + 14.0, y + 10.0);
        self.put(&says, MARGIN + 14.0, y + 12.0 + word.layout.height());
        self.y += height + 14.0;
    }

    fn heading(&mut self, text: &str) {
        self.y += 12.0;
        // A heading does not stand alone at the foot of a page.
        self.room(70.0);
        self.text(
            text,
            Set {
                size: 12.0,
                bold: true,
                ..BODY
            },
            0.0,
        );
    }

    fn point(&mut self, text: &str) {
        let laid = self.lay(text, BODY, WIDTH - 12.0);
        self.room(laid.layout.height());
        let mark = self.lay("•", BODY, 12.0);
        self.put(&mark, MARGIN, self.y);
        self.put(&laid, MARGIN + 12.0, self.y);
        self.y += laid.layout.height() + 2.0;
    }

    fn fact(&mut self, name: &str, value: &str) {
        let name = self.lay(name, Set { colour: QUIET, ..BODY }, 90.0);
        let value = self.lay(value, BODY, WIDTH - 100.0);
        let height = name.layout.height().max(value.layout.height());
        self.room(height);
        self.put(&name, MARGIN, self.y);
        self.put(&value, MARGIN + 100.0, self.y);
        self.y += height + 3.0;
    }

    fn code(&mut self, text: &str) {
        let laid = self.lay(
            text,
            Set {
                size: 8.0,
                mono: true,
                ..BODY
            },
            WIDTH - 20.0,
        );
        let height = laid.layout.height() + 16.0;
        self.room(height);
        let y = self.y;
        self.push(Op::Box {
            x: MARGIN,
            y,
            width: WIDTH,
            height,
            colour: wash(Tone::Plain),
        });
        self.put(&laid, MARGIN + 10.0, y + 8.0);
        self.y += height;
    }

    fn rule(&mut self, colour: Colour) {
        let y = self.y;
        self.push(Op::Box {
            x: MARGIN,
            y,
            width: WIDTH,
            height: 0.6,
            colour,
        });
    }

    fn table(&mut self, columns: &[Column], rows: &[Vec<Cell>]) {
        let total: f32 = columns.iter().map(|column| f32::from(column.weight)).sum::<f32>().max(1.0);
        let mut at = MARGIN;
        let mut places = Vec::with_capacity(columns.len());
        for (index, column) in columns.iter().enumerate() {
            let width = WIDTH * f32::from(column.weight) / total;
            let gap = if index + 1 == columns.len() { 0.0 } else { GAP };
            places.push((at, width - gap, column.right));
            at += width;
        }
        self.table_head(columns, &places);
        for row in rows {
            let cells: Vec<_> = row
                .iter()
                .zip(&places)
                .map(|(cell, (x, width, right))| {
                    let emphasis = cell.strong || !matches!(cell.tone, Tone::Plain | Tone::Quiet);
                    let set = Set {
                        bold: emphasis,
                        right: *right,
                        colour: colour(cell.tone),
                        ..BODY
                    };
                    let text = self.lay(&short(&cell.text), set, *width);
                    let note = (!cell.note.is_empty()).then(|| self.lay(&short(&cell.note), Set { right: *right, ..SMALL }, *width));
                    (*x, text, note)
                })
                .collect();
            let tall = |(_, text, note): &(f32, Rc<Laid>, Option<Rc<Laid>>)| {
                text.layout.height() + note.as_ref().map_or(0.0, |note| note.layout.height())
            };
            let height = cells.iter().map(tall).fold(0.0, f32::max) + 8.0;
            if self.y + height > BOTTOM && self.y > TOP {
                self.turn();
                self.table_head(columns, &places);
            }
            for (x, text, note) in &cells {
                self.put(text, *x, self.y + 4.0);
                if let Some(note) = note {
                    self.put(note, *x, self.y + 4.0 + text.layout.height());
                }
            }
            self.y += height;
            self.rule(LINE);
        }
        self.y += 4.0;
    }

    fn table_head(&mut self, columns: &[Column], places: &[(f32, f32, bool)]) {
        self.room(50.0);
        let mut height = 0.0_f32;
        for (column, (x, width, right)) in columns.iter().zip(places) {
            let laid = self.lay(
                column.title,
                Set {
                    bold: true,
                    right: *right,
                    ..SMALL
                },
                *width,
            );
            height = height.max(laid.layout.height());
            self.put(&laid, *x, self.y + 2.0);
        }
        self.y += height + 5.0;
        self.rule(INK);
    }

    /// The foot of each page, once it is known how many there are.
    fn foot(&mut self, report: &Report) {
        let missing = self
            .pages
            .iter()
            .flatten()
            .any(|op| matches!(op, Op::Line { laid, .. } if draw::lacks_a_font(laid)));
        let note = if missing {
            " · some characters have no font on this machine: see report.html"
        } else {
            ""
        };
        let count = self.pages.len();
        for number in 0..count {
            let left = self.lay(&format!("{}{note}", report.footer), SMALL, WIDTH - 80.0);
            let right = self.lay(&format!("Page {} of {count}", number + 1), Set { right: true, ..SMALL }, 70.0);
            for (laid, x) in [(left, MARGIN), (right, MARGIN + WIDTH - 70.0)] {
                self.pages[number].push(Op::Line {
                    laid,
                    line: 0,
                    x,
                    y: PAGE.1 - 36.0,
                });
            }
        }
    }
}

/// A cell's text, cut where it would fill a page.
fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(CELL) {
        Some((at, _)) => Cow::Owned(format!("{}… (in full in report.html)", &text[..at])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    //! The fonts that are built in are fonts, and are the ones that names are set in.

    use super::*;

    #[test]
    fn names_in_latin_greek_and_cyrillic_are_set_in_what_is_built_in() {
        let mut paper = Paper::new();
        let laid = paper.lay("Ọlúwaṣeun Adébáyọ̀ Юлия Ковальчук Ελένη", BODY, WIDTH);
        let mut runs = 0;
        for run in laid.layout.lines().flat_map(|line| line.runs().collect::<Vec<_>>()) {
            assert_eq!(run.font().data.as_ref(), INTER);
            runs += 1;
        }
        assert!(runs > 0 && !draw::lacks_a_font(&laid));
    }
}
