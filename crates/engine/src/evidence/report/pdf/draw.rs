//! From pages of lines and boxes to the bytes of a PDF.

use std::collections::HashMap;

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};

use super::{Colour, Laid, Op, PAGE};
use crate::evidence::EvidenceError;
use crate::evidence::report::Report;

fn refused(problem: impl Into<String>) -> EvidenceError {
    EvidenceError::Report { problem: problem.into() }
}

/// Fonts that were handed to the document, by parley's number and their place in the file.
type Fonts = HashMap<(u64, u32), Font>;

pub fn document(pages: &[Vec<Op>], report: &Report) -> Result<Vec<u8>, EvidenceError> {
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(report.title.clone())
            .language("en".into())
            .creator("Lanyard".into()),
    );
    let mut fonts = Fonts::new();
    for page in pages {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| refused("A4 is no page"))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for op in page {
            match op {
                Op::Line { laid, line, x, y } => draw_line(&mut surface, &mut fonts, laid, *line, (*x, *y))?,
                Op::Box {
                    x,
                    y,
                    width,
                    height,
                    colour,
                } => {
                    let mut path = PathBuilder::new();
                    path.push_rect(Rect::from_xywh(*x, *y, *width, *height).ok_or_else(|| refused("a box has no size"))?);
                    surface.set_fill(Some(fill(*colour)));
                    if let Some(path) = path.finish() {
                        surface.draw_path(&path);
                    }
                }
            }
        }
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|error| refused(format!("{error:?}")))
}

fn fill([red, green, blue]: Colour) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

/// Whether a text has a sign that no font could show.
pub fn lacks_a_font(laid: &Laid) -> bool {
    laid.layout.lines().flat_map(|line| line.runs().collect::<Vec<_>>()).any(|run| {
        run.visual_clusters().any(|cluster| {
            let white = laid
                .text
                .get(cluster.text_range())
                .is_some_and(|text| text.chars().all(char::is_whitespace));
            !white && !cluster.is_ligature_continuation() && cluster.glyphs().any(|glyph| glyph.id == 0)
        })
    })
}

fn draw_line(
    surface: &mut Surface<'_>,
    fonts: &mut Fonts,
    laid: &Laid,
    number: usize,
    (left, top): (f32, f32),
) -> Result<(), EvidenceError> {
    let Some(line) = laid.layout.get(number) else { return Ok(()) };
    let mut x = left + line.metrics().offset;
    let y = top + line.metrics().baseline;
    for run in line.runs() {
        let face = run.font().clone();
        let (data, id) = face.data.into_raw_parts();
        let font = match fonts.get(&(id, face.index)) {
            Some(font) => font.clone(),
            None => {
                let font = Font::new(data.into(), face.index).ok_or_else(|| refused("a font of this machine cannot be read"))?;
                fonts.insert((id, face.index), font.clone());
                font
            }
        };
        let size = run.font_size();
        // Each text has one colour throughout.
        let (from, mut glyphs, mut colour) = (x, Vec::<KrillaGlyph>::new(), super::INK);
        for cluster in run.visual_clusters() {
            if cluster.is_ligature_continuation() {
                if let Some(last) = glyphs.last_mut() {
                    last.text_range.end = last.text_range.end.max(cluster.text_range().end);
                }
                continue;
            }
            for glyph in cluster.glyphs() {
                colour = cluster.style().brush;
                glyphs.push(KrillaGlyph::new(
                    GlyphId::new(glyph.id),
                    glyph.advance / size,
                    glyph.x / size,
                    glyph.y / size,
                    0.0,
                    cluster.text_range(),
                    None,
                ));
                x += glyph.advance;
            }
        }
        surface.set_fill(Some(fill(colour)));
        surface.draw_glyphs(Point { x: from, y }, &glyphs, font, &laid.text, size, false);
    }
    Ok(())
}
