//! The one place that writes on standard output: a JSON document, or text for people.

mod table;
mod text;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lanyard_engine::view::{Caveat, Fault, Millis};
use serde::Serialize;

use crate::exit::Failure;

pub use lanyard_engine::numbers::grouped as count;
pub use table::Table;
pub use text::{safe, width};

/// Whether to colour this stream: a terminal, and nobody said no (<https://no-color.org>).
pub fn colour(stream: &impl IsTerminal) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// What a piece of text says about the thing, for its colour.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Strong,
    Quiet,
    Good,
    Warning,
    Bad,
}

/// Where results go.
pub struct Out {
    json: bool,
    colour: bool,
    colour_notes: bool,
}

impl Out {
    /// Takes the form from the command line; the colours from what the streams are.
    pub fn new(json: bool) -> Self {
        Self {
            json,
            colour: colour(&io::stdout()),
            colour_notes: colour(&io::stderr()),
        }
    }

    /// The same, with JSON switched on by a command's own `--format json`.
    pub fn with_json(&self, json: bool) -> Self {
        Self {
            json: self.json || json,
            colour: self.colour,
            colour_notes: self.colour_notes,
        }
    }

    /// Whether one JSON document is asked for.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Prints the document when JSON is asked for; otherwise lets `human` write.
    pub fn show<T: Serialize>(&self, document: &T, human: impl FnOnce(&Page<'_>)) {
        if self.json {
            self.document(document);
        } else {
            human(&Page { out: self });
        }
    }

    /// Prints one JSON document.
    pub fn document<T: Serialize>(&self, document: &T) {
        let text =
            serde_json::to_string(document).unwrap_or_else(|error| format!("{{\"error\":{{\"code\":\"output\",\"what\":\"{error}\"}}}}"));
        self.raw(&format!("{text}\n"));
    }

    /// Writes text as it is. A reader that has gone away is no failure.
    pub fn raw(&self, text: &str) {
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// A note for a person, on standard error.
    pub fn note(&self, text: impl AsRef<str>) {
        let _ = writeln!(io::stderr().lock(), "{}", safe(text.as_ref()));
    }

    /// What a list cannot say, on standard error.
    pub fn caveats(&self, caveats: &[Caveat]) {
        for caveat in caveats {
            let text = format!("{} {}", self.note_tone(Tone::Warning, "Not the whole picture:"), safe(&caveat.text));
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// A fault in full, on standard error.
    pub fn fault(&self, fault: &Fault) {
        let mut text = format!("{} {}", self.note_tone(Tone::Bad, "Error:"), safe(&fault.what));
        for line in [&fault.means, &fault.next] {
            if !line.is_empty() {
                text.push_str("\n  ");
                text.push_str(&safe(line));
            }
        }
        for detail in &fault.details {
            text.push_str(&self.note_tone(Tone::Quiet, &format!("\n  {}: {}", safe(&detail.name), safe(&detail.value))));
        }
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Tells a failure in the form that was asked for, and gives the code to end with.
    pub fn failed(&self, failure: &Failure) -> ExitCode {
        self.fault(&failure.fault);
        if self.json {
            self.document(&serde_json::json!({ "error": failure.fault }));
        }
        ExitCode::from(failure.code)
    }

    fn note_tone(&self, tone: Tone, text: &str) -> String {
        paint(self.colour_notes, tone, text)
    }
}

/// Text for people, on standard output.
pub struct Page<'a> {
    out: &'a Out,
}

impl Page<'_> {
    /// One line. Names in it are made safe for a terminal.
    pub fn line(&self, text: impl AsRef<str>) {
        self.out.raw(&format!("{}\n", safe(text.as_ref())));
    }

    /// A heading, with an empty line before it.
    pub fn heading(&self, text: impl AsRef<str>) {
        self.out
            .raw(&format!("\n{}\n", paint(self.out.colour, Tone::Strong, &safe(text.as_ref()))));
    }

    /// A table, with aligned columns.
    pub fn table(&self, table: &Table) {
        self.out.raw(&table.render(self.out.colour));
    }
}

/// Puts the terminal's colour around text that is safe already.
fn paint(colour: bool, tone: Tone, text: &str) -> String {
    let code = match tone {
        Tone::Plain => return text.to_owned(),
        Tone::Strong => "1",
        Tone::Quiet => "2",
        Tone::Good => "32",
        Tone::Warning => "33",
        Tone::Bad => "31",
    };
    if colour {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A point in time on this machine's clock: `2026-11-19 09:12`.
pub fn time(at: Millis) -> String {
    Timestamp::from_millisecond(at).map_or_else(
        |_| at.to_string(),
        |at| at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// A point in time, or a dash.
pub fn time_or_dash(at: Option<Millis>) -> String {
    at.map_or_else(|| "–".into(), time)
}

/// A duration in milliseconds: `480 ms`, `12.3 s`, `4 min 10 s`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// A number with its noun, in the plural where it must be.
pub fn plural(number: u64, one: &str, more: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_durations_read_well() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"],
            [count(0), count(999), count(1_000), count(1_234_567)]
                .each_ref()
                .map(String::as_str)
        );
        assert_eq!(
            ["480 ms", "12.3 s", "4 min 10 s"],
            [duration(480), duration(12_345), duration(250_000)].each_ref().map(String::as_str)
        );
        assert_eq!(plural(1, "user", "users"), "1 user");
        assert_eq!(plural(0, "user", "users"), "0 users");
    }
}
