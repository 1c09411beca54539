//! axe-core in the window: what it finds wrong for people who use assistive technology.

use std::fmt;

use serde::Deserialize;

use super::Window;

/// Runs axe over the whole page, all rules of WCAG 2.2 A and AA and of good practice.
const RUN: &str = r"
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
  .then((result) => done(result.violations.map((v) => ({
     rule: v.id, impact: v.impact ?? 'none', help: v.help,
     nodes: v.nodes.map((n) => n.target.join(' ') + '  ' + n.html.slice(0, 160) + '  ' + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? '')) }))))
  .catch((error) => done([{ rule: 'axe-failed', impact: 'none', help: String(error), nodes: [] }]));
";

/// A rule that the page breaks.
#[derive(Clone, Debug, Deserialize)]
pub struct Violation {
    /// The rule's name.
    pub rule: String,
    /// How bad it is.
    pub impact: String,
    /// What it asks for.
    pub help: String,
    /// Where, with a word on why.
    pub nodes: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({}): {}", self.rule, self.impact, self.help)?;
        self.nodes.iter().try_for_each(|node| writeln!(f, "    {node}"))
    }
}

impl Window {
    /// What axe finds on the page once it stands still: what fades in has less contrast on its way.
    ///
    /// # Panics
    /// When axe cannot be run.
    pub async fn axe(&self) -> Vec<Violation> {
        self.settle().await;
        let path = xtask::place::root().join("ui/node_modules/axe-core/axe.min.js");
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; run `npm ci` in ui", path.display()));
        let there = self.js("return typeof window.axe", vec![]).await;
        if there != "object" {
            self.js(&format!("{source}; window.axe = axe; return null"), vec![]).await;
        }
        let found = self.driver.execute_async(RUN, Vec::new()).await.expect("axe runs");
        serde_json::from_value(found.json().clone()).expect("a list of violations")
    }

    /// Asserts that axe finds nothing.
    ///
    /// # Panics
    /// With all that it finds.
    pub async fn assert_accessible(&self, what: &str) {
        let found = self.axe().await;
        let told: String = found.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "axe on {what}:\n{told}");
    }
}
