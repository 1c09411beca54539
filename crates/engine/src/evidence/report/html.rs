//! The report as one page: no script, nothing from elsewhere, made to be printed too.

use std::fmt::Write as _;

use super::{Block, Cell, Report, Tone};

const STYLE: &str = include_str!("page.css");

/// Text as it may stand in HTML. Control characters and marks that turn the direction of text are shown as a replacement.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            '\n' => out.push('\n'),
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Warn => "warn",
        Tone::Quiet => "quiet",
    }
}

/// The page.
pub fn render(report: &Report) -> String {
    let mut out = String::with_capacity(1 << 16);
    let title = escape(&report.title);
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<p class=\"brand\">Lanyard · Evidence of de-provisioning</p>\n<h1><bdi>{title}</bdi></h1>\n<p class=\"sub\">{}</p>\n</header>\n\
         <section class=\"verdict {}\" aria-label=\"Verdict\">\n<p class=\"word\">{}</p>\n<p>{}</p>\n</section>\n",
        escape(&report.subtitle),
        class(report.tone),
        escape(&report.verdict),
        escape(&report.says),
    );
    let mut heading = "Facts";
    for block in &report.blocks {
        if let Block::Heading(text) = block {
            heading = text;
        }
        write_block(&mut out, block, heading);
    }
    let _ = write!(out, "</main>\n<footer>{}</footer>\n</body>\n</html>\n", escape(&report.footer));
    out
}

fn write_block(out: &mut String, block: &Block, heading: &str) {
    // Writing to a string cannot fail.
    let _ = match block {
        Block::Heading(text) => writeln!(out, "<h2>{}</h2>", escape(text)),
        Block::Text(text) => writeln!(out, "<p>{}</p>", escape(text)),
        Block::Code(text) => writeln!(out, "<pre tabindex=\"0\">{}</pre>", escape(text)),
        Block::List(points) => {
            let points: String = points
                .iter()
                .map(|point| format!("<li><bdi>{}</bdi></li>\n", escape(point)))
                .collect();
            writeln!(out, "<ul>\n{points}</ul>")
        }
        Block::Facts(facts) => {
            let facts: String = facts
                .iter()
                .map(|(name, value)| format!("<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>\n", escape(name), escape(value)))
                .collect();
            writeln!(out, "<dl>\n{facts}</dl>")
        }
        Block::Table { columns, rows } => {
            let total: u32 = columns.iter().map(|column| u32::from(column.weight)).sum::<u32>().max(1);
            let widths: String = columns
                .iter()
                .map(|column| format!("<col style=\"width:{}%\">", u32::from(column.weight) * 100 / total))
                .collect();
            let head: String = columns
                .iter()
                .map(|column| {
                    format!(
                        "<th scope=\"col\"{}>{}</th>",
                        if column.right { " class=\"right\"" } else { "" },
                        escape(column.title)
                    )
                })
                .collect();
            let body: String = rows
                .iter()
                .map(|row| {
                    let cells: String = row
                        .iter()
                        .enumerate()
                        .map(|(at, cell)| write_cell(cell, columns.get(at).is_some_and(|column| column.right)))
                        .collect();
                    format!("<tr>{cells}</tr>\n")
                })
                .collect();
            writeln!(
                out,
                "<table>\n<caption>{}</caption>\n<colgroup>{widths}</colgroup>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>",
                escape(heading)
            )
        }
    };
}

fn write_cell(cell: &Cell, right: bool) -> String {
    let mut classes = class(cell.tone).to_owned();
    for (on, name) in [(right, "right"), (cell.strong, "strong")] {
        if on {
            classes.push(' ');
            classes.push_str(name);
        }
    }
    let note = match cell.note.as_str() {
        "" => String::new(),
        note => format!("<small><bdi>{}</bdi></small>", escape(note)),
    };
    format!("<td class=\"{}\"><bdi>{}</bdi>{note}</td>", classes.trim(), escape(&cell.text))
}
