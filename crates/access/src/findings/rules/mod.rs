//! All rules. Their order is the order of the documentation.

mod accounts;

use std::sync::LazyLock;

use super::Rule;

static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| [accounts::RULES].concat());

/// All rules.
pub fn all() -> &'static [Rule] {
    &ALL
}

/// The place of the rule with this id.
pub fn place_of(id: &str) -> Option<usize> {
    all().iter().position(|rule| rule.id == id)
}
