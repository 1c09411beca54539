//! All rules. Their order is the order of the documentation.
//!
//! | module | what it is about |
//! | --- | --- |
//! | `accounts` | leavers, and accounts that nobody vouches for |
//! | `drift` | where systems disagree about a person or a group |
//! | `backstage` | names in roles and catalog that lead nowhere |
//! | `azure`, `deep` | who holds what in Azure, and should not |
//! | `backup` | who can restore, and who could let himself |
//! | `programs` | service principals |
//! | `groups`, `circles` | groups and roles that hold what they should not, or nothing |
//! | `plumbing` | provisioning, tokens, sources |
//! | `about` | what several of them ask |

mod about;
mod accounts;
mod azure;
mod backstage;
mod backup;
mod circles;
mod deep;
mod drift;
mod groups;
mod plumbing;
mod programs;

use std::sync::LazyLock;

use super::Rule;

static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    [
        accounts::RULES,
        drift::RULES,
        azure::RULES,
        deep::RULES,
        backup::RULES,
        backstage::RULES,
        groups::RULES,
        programs::RULES,
        plumbing::RULES,
    ]
    .concat()
});

/// All rules.
pub fn all() -> &'static [Rule] {
    &ALL
}

/// The place of the rule with this id.
pub fn place_of(id: &str) -> Option<usize> {
    all().iter().position(|rule| rule.id == id)
}
