//! The Overview's numbers, and its answer in one sentence.

use super::{Collection, Directory};
use crate::numbers::grouped;
use crate::view::{CoverageState, PeopleFacet};

/// What the picture says in a few numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// The answer in one sentence.
    pub headline: String,
    /// What that leaves open, if anything.
    pub caveat: Option<String>,
    /// Identities.
    pub people: u32,
    /// Linked groups.
    pub groups: u32,
    /// Identities that the sources differ about.
    pub differing: u32,
    /// Held downstream, and gone or disabled at the authoritative source.
    pub left_behind: u32,
}

impl Directory {
    /// The Overview's numbers.
    pub fn overview(&self) -> Sums {
        let facet = |facet| self.people_facet(facet).map_or(0, |(_, count)| *count);
        let (people, differing, left_behind) = (self.people.len(), facet(PeopleFacet::Differs), facet(PeopleFacet::LeftBehind));
        Sums {
            headline: self.headline(people, differing, left_behind),
            caveat: self.gaps(),
            people,
            groups: self.linked.len(),
            differing,
            left_behind,
        }
    }

    fn headline(&self, people: u32, differing: u32, left_behind: u32) -> String {
        let read = self
            .sources
            .iter()
            .filter(|source| source.users_complete != CoverageState::NotEvaluated)
            .count();
        match (self.sources.len(), read) {
            (0, _) => return "No system is connected yet.".into(),
            (_, 0) => return "No system has been read yet.".into(),
            _ => {}
        }
        let who = if people == 1 {
            "1 person".to_owned()
        } else {
            format!("{} people", grouped(u64::from(people)))
        };
        let mut says = format!(
            "{who} in {}",
            if read == 1 {
                "1 system".to_owned()
            } else {
                format!("{read} systems")
            }
        );
        if read > 1 {
            says.push_str(&match differing {
                0 => "; the systems agree about all of them".to_owned(),
                1 => "; they differ about 1 of them".to_owned(),
                more => format!("; they differ about {} of them", grouped(u64::from(more))),
            });
            match left_behind {
                0 => {}
                1 => says.push_str(", and 1 is left behind"),
                more => says.push_str(&format!(", and {} are left behind", grouped(u64::from(more)))),
            }
        }
        says.push('.');
        says
    }

    fn gaps(&self) -> Option<String> {
        let mut names = self.sources_with_gaps(Collection::Users);
        for collection in [Collection::Groups, Collection::Memberships] {
            for name in self.sources_with_gaps(collection) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let (last, others) = names.split_last()?;
        Some(if others.is_empty() {
            format!("{last} was not read in full.")
        } else {
            format!("{} and {last} were not read in full.", others.join(", "))
        })
    }
}
