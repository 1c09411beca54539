//! Findings: the rules of `lanyard_access::findings` asked about a picture, told in words, and followed from one asking to the next.
//!
//! It knows records, views, the directory, the map and the rules; neither sources nor the store.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`scene`] | picture, map and documents become what the rules look at |
//! | `programs`, `orphans`, `jobs` | what is read off documents for it |
//! | [`identity`] | a finding's id, the same from sync to sync, and the hash of what it stands on |
//! | [`tell`] | a finding in words, with evidence and whom it affects |
//! | [`rules`] | rules as views tell them, and how far each was evaluated |
//! | [`history`] | what became of one finding, in words |
//! | [`log`] | what becomes of findings between two askings |
//! | [`list`] | pages and sums |
//! | `fixes` | the ways out |
//! | [`doc`] | the page of documentation, from the same data |

pub mod doc;
mod fixes;
pub mod history;
pub mod identity;
mod jobs;
pub mod list;
pub mod log;
mod orphans;
mod programs;
pub mod rules;
pub mod scene;
pub mod tell;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use lanyard_access::findings::{Found, Outcome, Rule};

use crate::map::Map;
use crate::view::{FindingRow, Millis};

pub use scene::Lists;

/// What a finding is told with.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    /// The access map, with the picture and all sources.
    pub(crate) map: &'c Map,
    /// The names of what is neither on the map nor in the picture.
    pub(crate) lists: &'c Lists,
    /// The finding's rule.
    pub(crate) rule: &'c Rule,
}

/// A finding as it stands, with what it was told from.
#[derive(Clone, Debug)]
pub struct Open {
    /// As lists show it.
    pub row: FindingRow,
    /// Its place among what was found last; none where the rule could not look again.
    pub found: Option<usize>,
    /// The hash of what it stands on.
    pub facts: String,
    /// Lower case text that a search looks in.
    pub text: String,
}

/// All that came of asking the rules about a picture.
pub struct Evaluation {
    /// The number of the picture.
    pub generation: u64,
    /// Whether the rules were asked at all: while the first sync runs they are not.
    pub asked: bool,
    /// When the rules were asked.
    pub at: Millis,
    /// How long that took, in microseconds.
    pub took_us: u64,
    /// The map that they were asked about.
    pub map: Arc<Map>,
    /// Names beside it.
    pub lists: Lists,
    /// What was found, and how far each rule could be asked.
    pub outcome: Outcome,
    /// What stands: found now, or found before and not to be looked at now.
    pub open: Vec<Open>,
    /// By id: the place in `open`.
    pub by_id: HashMap<String, usize>,
    /// Settings of rules.
    pub settings: rules::AllSettings,
}

impl Evaluation {
    /// A finding as it was found, with what it is told with.
    pub(crate) fn found(&self, open: &Open) -> Option<(Context<'_>, &Found)> {
        let found = self.outcome.found.get(open.found?)?;
        let rule = lanyard_access::findings::rules::all().get(found.rule)?;
        let context = Context {
            map: &self.map,
            lists: &self.lists,
            rule,
        };
        Some((context, found))
    }
}
