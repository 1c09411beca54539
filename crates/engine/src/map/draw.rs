//! The flow as a drawing (SVG 1.1): for reports and the command line, without a window.

use std::collections::HashMap;
use std::fmt::Write;

use crate::view::{AccessState, FlowNode, FlowView, Layer, SourceKind};

const WIDTH: f64 = 1_240.0;
const BOX_WIDTH: f64 = 200.0;
const BOX_HEIGHT: f64 = 48.0;
const STEP: f64 = 64.0;
const TOP: f64 = 92.0;
const LEFT: f64 = 24.0;
/// Letters that fit a box.
const LABEL: usize = 26;

/// Draws a flow. `names` gives the sources their names, for the counts of linked groups.
pub fn svg(view: &FlowView) -> String {
    let rows = view.nodes.iter().map(|node| node.place + 1).max().unwrap_or(1);
    let height = TOP + f64::from(rows) * STEP + 24.0;
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"Inter, 'Segoe UI', 'Noto Sans', sans-serif\" role=\"img\"><title>{}</title>\
         <rect width=\"100%\" height=\"100%\" fill=\"#fbfaf9\"/>\
         <text x=\"{LEFT}\" y=\"34\" font-size=\"17\" font-weight=\"600\" fill=\"#1c1917\">{}</text>",
        text(&view.title),
        text(&view.title)
    );
    for column in &view.columns {
        let name = match column.layer {
            Layer::People => "People",
            Layer::Groups => "Groups",
            Layer::Roles => "Roles",
            Layer::Scopes => "Scopes",
        };
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"68\" font-size=\"13\" font-weight=\"600\" fill=\"#44403c\">{name} <tspan fill=\"#78716c\" font-weight=\"400\">{}</tspan></text>",
            x_of(column.layer),
            column.total
        );
    }
    let nodes: HashMap<&str, &FlowNode> = view.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut ribbons: Vec<_> = view.ribbons.iter().collect();
    // What lies on the path is drawn last, above the rest.
    ribbons.sort_by_key(|ribbon| (ribbon.on_path, ribbon.step.is_some()));
    for ribbon in ribbons {
        if let (Some(from), Some(to)) = (nodes.get(ribbon.from.as_str()), nodes.get(ribbon.to.as_str())) {
            let stroke = if ribbon.on_path { hue(ribbon.system) } else { "#d6d3d1" };
            let width = (f64::from(ribbon.people).sqrt() * 0.9).clamp(1.2, 18.0);
            let dashes = match ribbon.state {
                AccessState::Eligible => " stroke-dasharray=\"2 5\"",
                AccessState::Conditional => " stroke-dasharray=\"8 5\"",
                AccessState::Denied | AccessState::NotFollowed => " stroke-dasharray=\"1 7\"",
                AccessState::Active => "",
            };
            let opacity = if ribbon.step.is_some() {
                0.95
            } else if ribbon.on_path {
                0.55
            } else {
                0.45
            };
            let _ = write!(
                out,
                "<path d=\"{}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width:.1}\" stroke-opacity=\"{opacity}\"{dashes}/>",
                curve(from, to)
            );
        }
    }
    for node in &view.nodes {
        draw_box(&mut out, node);
    }
    for ribbon in view.ribbons.iter().filter(|ribbon| ribbon.step.is_some()) {
        if let (Some(from), Some(to), Some(step)) = (nodes.get(ribbon.from.as_str()), nodes.get(ribbon.to.as_str()), ribbon.step) {
            let (x, y) = middle(from, to);
            let _ = write!(
                out,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"9\" fill=\"{}\"/><text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"11\" font-weight=\"600\" fill=\"#ffffff\" text-anchor=\"middle\">{step}</text>",
                hue(ribbon.system),
                y + 4.0
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn x_of(layer: Layer) -> f64 {
    let column = match layer {
        Layer::People => 0.0,
        Layer::Groups => 1.0,
        Layer::Roles => 2.0,
        Layer::Scopes => 3.0,
    };
    LEFT + column * (WIDTH - 2.0 * LEFT - BOX_WIDTH) / 3.0
}

fn y_of(node: &FlowNode) -> f64 {
    TOP + f64::from(node.place) * STEP
}

fn hue(system: SourceKind) -> &'static str {
    match system {
        SourceKind::Scim => "#7c3f9c",
        SourceKind::Backstage => "#0f766e",
        SourceKind::Azure => "#1d63b8",
    }
}

/// From the right side of a box to the left side of the next column's, or down the left edge within a column.
fn curve(from: &FlowNode, to: &FlowNode) -> String {
    let (from_y, to_y) = (y_of(from) + BOX_HEIGHT / 2.0, y_of(to) + BOX_HEIGHT / 2.0);
    if from.layer == to.layer {
        let x = x_of(from.layer) + 30.0;
        let (from_y, to_y) = if from_y < to_y {
            (y_of(from) + BOX_HEIGHT, y_of(to))
        } else {
            (y_of(from), y_of(to) + BOX_HEIGHT)
        };
        return format!("M{x:.1} {from_y:.1}L{x:.1} {to_y:.1}");
    }
    let (start, end) = (x_of(from.layer) + BOX_WIDTH, x_of(to.layer));
    let half = f64::midpoint(start, end);
    format!("M{start:.1} {from_y:.1}C{half:.1} {from_y:.1} {half:.1} {to_y:.1} {end:.1} {to_y:.1}")
}

fn middle(from: &FlowNode, to: &FlowNode) -> (f64, f64) {
    let (from_y, to_y) = (y_of(from) + BOX_HEIGHT / 2.0, y_of(to) + BOX_HEIGHT / 2.0);
    let x = if from.layer == to.layer {
        x_of(from.layer) + 30.0
    } else {
        f64::midpoint(x_of(from.layer) + BOX_WIDTH, x_of(to.layer))
    };
    (x, f64::midpoint(from_y, to_y))
}

fn draw_box(out: &mut String, node: &FlowNode) {
    let (x, y) = (x_of(node.layer), y_of(node));
    let (stroke, width) = if node.focus { ("#0b5563", 2.0) } else { ("#d6d3d1", 1.0) };
    let dashes = if node.id == "none" { " stroke-dasharray=\"4 3\"" } else { "" };
    let opacity = if node.on_path { "1" } else { "0.45" };
    let _ = write!(out, "<g opacity=\"{opacity}\">");
    if node.cluster {
        let _ = write!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"6\" fill=\"#f5f5f4\" stroke=\"#d6d3d1\"/>",
            x + 3.0,
            y + 3.0
        );
    }
    let _ = write!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"6\" fill=\"#ffffff\" stroke=\"{stroke}\" stroke-width=\"{width}\"{dashes}/>"
    );
    let mut inset = 12.0;
    if let Some(system) = node.system {
        let _ = write!(
            out,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{}\"/>",
            x + 14.0,
            y + 18.0,
            hue(system)
        );
        inset = 26.0;
    }
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12.5\" font-weight=\"500\" fill=\"#1c1917\">{}</text><text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" fill=\"#78716c\">{}</text></g>",
        x + inset,
        y + 22.0,
        text(&cut(&node.label)),
        x + inset,
        y + 38.0,
        text(&cut(&under(node)))
    );
}

/// What stands under a box's name; for a linked group its people per source.
fn under(node: &FlowNode) -> String {
    if node.layer != Layer::Groups || node.counts.is_empty() {
        return node.sub.clone();
    }
    let told = |count: &crate::view::FlowCount| match (count.held, count.direct) {
        (true, Some(direct)) if count.nested > 0 => format!("{direct} + {}", count.nested),
        (true, Some(direct)) => format!("{direct}{}", if count.differs { " ≠" } else { "" }),
        (false, Some(_)) => "–".into(),
        (_, None) => "?".into(),
    };
    node.counts.iter().map(told).collect::<Vec<_>>().join("   ")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LABEL {
        return text.to_owned();
    }
    text.chars().take(LABEL - 1).chain(['…']).collect()
}

/// Text as XML takes it: no markup, no control characters.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 §2.2: these cannot stand in a document at all.
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_place() {
        assert_eq!(text("<script>\"a\" & 'b'\u{7}"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39; ");
        assert_eq!(cut(&"é".repeat(40)).chars().count(), LABEL);
    }
}
