//! The page of documentation: every rule, from the same data as the rules themselves.

use std::fmt::Write as _;

use lanyard_access::findings::{Area, Rule, rules as all_rules};

use super::rules;

const HEAD: &str = "# Findings

What the rules say about the picture, each with what it must have read before it may speak. A rule that misses something says so beside itself, and
nothing that it said before is withdrawn for that. This page is made from the rules; do not edit it.

Severities: **critical**, somebody who must not has the highest rights now; **high**, a way in that should be shut, or a control that does not hold;
**medium**, systems disagree, or something will fail soon; **low**, untidy, and it hides what matters.
";

/// The page, in Markdown.
pub fn page() -> String {
    let mut out = String::from(HEAD);
    let mut areas: Vec<Area> = Vec::new();
    for rule in all_rules::all() {
        if !areas.contains(&rule.area) {
            areas.push(rule.area);
        }
    }
    for area in areas {
        section(&mut out, area);
    }
    out
}

fn section(out: &mut String, area: Area) {
    let _ = write!(out, "\n## {}\n", rules::heading(area));
    for rule in all_rules::all().iter().filter(|rule| rule.area == area) {
        // Writing to a text cannot fail.
        let _ = one(out, rule);
    }
}

fn one(out: &mut String, rule: &Rule) -> std::fmt::Result {
    let severity = format!("{:?}", rule.severity).to_lowercase();
    write!(out, "\n### {}\n\n`{}`, {severity}\n\n{}\n\n", rule.title, rule.id, rule.finds)?;
    writeln!(out, "- Why it matters: {}", rule.why)?;
    let controls: Vec<String> = rule
        .controls
        .iter()
        .map(|control| {
            let control = rules::control(*control);
            format!("{} {}", control.framework, control.id)
        })
        .collect();
    writeln!(out, "- Controls: {}", controls.join(", "))?;
    let needs: Vec<String> = rule.needs.iter().map(rules::need).collect();
    let needs = if needs.is_empty() { "nothing".to_owned() } else { needs.join("; ") };
    writeln!(out, "- Must have read: {needs}")?;
    for parameter in rule.parameters {
        writeln!(
            out,
            "- Setting `{}`: {}. {} {} unless changed ({} to {})",
            parameter.name, parameter.says, parameter.default, parameter.unit, parameter.min, parameter.max
        )?;
    }
    writeln!(out, "- Way out: {}", rule.way_out)
}

#[cfg(test)]
mod tests {
    use super::page;

    /// Set to write the page anew instead of comparing it: `LANYARD_WRITE_DOCS=1 cargo test -p lanyard-engine --lib findings::doc`.
    const WRITE: &str = "LANYARD_WRITE_DOCS";

    #[test]
    fn the_page_says_what_the_rules_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/findings.md");
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == page(),
            "docs/findings.md is not what the rules say; write it anew with {WRITE}=1"
        );
    }
}
