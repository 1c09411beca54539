//! The figures of the design, each as a ratio of two measurements taken in one run: `cargo xtask bench [--json] [--only NAME…]`.
//!
//! A ratio survives a noisy machine where seconds do not. Each baseline is what a plain, careful program would do with the same data
//! in the same kind of encrypted file.

#![expect(clippy::print_stdout, reason = "a measurement prints")]

mod asking;
mod company;
mod differing;
mod drawing;
mod filled;
mod finding;
mod mapping;
mod memory;
mod reading;
mod searching;
mod server;
mod tenant;
mod window;

use serde::Serialize;

/// One figure.
#[derive(Serialize)]
struct Figure {
    /// Its name, for `--only`.
    name: &'static str,
    /// What is compared.
    what: String,
    /// What came out.
    value: f64,
    /// What is to be reached.
    target: f64,
    /// Whether smaller or larger is better.
    at_most: bool,
    /// The two measurements, with units.
    from: String,
}

impl Figure {
    fn reached(&self) -> bool {
        if self.at_most {
            self.value <= self.target
        } else {
            self.value >= self.target
        }
    }
}

/// The median of some runs, in seconds.
fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// The value below which 95 of 100 lie.
fn p95(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * 95 / 100).min(values.len() - 1)]
}

/// Measures the figures of one name.
type Measure = fn() -> Vec<Figure>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [command, folder] = arguments.as_slice()
        && command == "memory-child"
    {
        return memory::child(std::path::Path::new(folder));
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    let only: Vec<&str> = arguments
        .iter()
        .skip_while(|argument| *argument != "--only")
        .skip(1)
        .map(String::as_str)
        .collect();
    let wanted = |name: &str| only.is_empty() || only.contains(&name);
    let rooms: [(&str, Measure); 9] = [
        ("sync", reading::measure),
        ("search", searching::measure),
        ("memory", memory::measure),
        ("map", mapping::measure),
        ("access", asking::measure),
        ("diff", differing::measure),
        ("findings", finding::measure),
        ("window", window::measure),
        ("drawing", drawing::measure),
    ];
    if !json {
        println!("{:<62} {:>9} {:>9}  ", "figure", "value", "target");
    }
    let mut figures = Vec::new();
    for (_, measure) in rooms.iter().filter(|(name, _)| wanted(name)) {
        let measured = measure();
        if !json {
            // Told at once: what comes after may take long, or fail.
            measured.iter().for_each(tell);
        }
        figures.extend(measured);
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&figures).expect("figures are plain data"));
    }
}

/// Prints a figure, and where it comes from.
fn tell(figure: &Figure) {
    let target = format!("{} {}", if figure.at_most { "≤" } else { "≥" }, figure.target);
    println!(
        "{:<62} {:>9.3} {:>9}  {}",
        figure.what,
        figure.value,
        target,
        if figure.reached() { "reached" } else { "NOT REACHED" }
    );
    println!("    {}", figure.from);
}
