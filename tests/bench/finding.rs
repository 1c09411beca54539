//! Every rule asked over 100,000 people, against the time in which their graph is loaded from the cache.

use std::time::Instant;

use crate::company::Size;
use crate::filled::{fill, load};
use crate::{Figure, median};

const SIZE: Size = Size::LARGE;
const RUNS: usize = 5;

/// Measures the figure.
pub fn measure() -> Vec<Figure> {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path(), SIZE);
    let (mut loading, mut asking, mut open_findings) = (Vec::new(), Vec::new(), 0);
    for _ in 0..=RUNS {
        let (engine, took) = load(folder.path());
        loading.push(took);
        let started = Instant::now();
        engine.evaluate_findings().expect("asks");
        asking.push(started.elapsed().as_secs_f64());
        let sums = engine.finding_sums(None).expect("answers");
        assert!(sums.open > 0 && sums.rules_asked > 12, "a company without a fault: {sums:?}");
        open_findings = sums.open;
    }
    // The first time, each finding has its beginning written down; later on only what came and went is.
    let first = asking.remove(0);
    let (loading, asking) = (median(loading), median(asking));
    vec![Figure {
        name: "findings",
        what: "every rule over 100,000 people, as a ratio to loading the graph from the cache".into(),
        value: asking / loading,
        target: 1.0,
        at_most: true,
        from: format!("{asking:.3} s to {loading:.3} s, {open_findings} open; the first time, with all of them written down, {first:.3} s"),
    }]
}
