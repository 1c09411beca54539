//! The palette: people, groups and sources by any part of their names, the best first.

use std::collections::HashSet;

use super::columns::field;
use super::fold::{fold, words};
use super::{Collection, Directory};
use crate::view::GotoHit;

/// Hits looked at one by one to find the best; of more, those first by name are taken.
const LOOKED_AT: usize = 2_000;

/// How well a name fits: the lower the better.
fn fit(name: &str, others: &[&str], wanted: &str) -> u8 {
    let name = fold(name);
    if name == wanted || others.iter().any(|other| fold(other) == wanted) {
        0
    } else if name.starts_with(wanted) {
        1
    } else if others.iter().any(|other| fold(other).starts_with(wanted)) {
        2
    } else if name
        .split(|letter: char| !letter.is_alphanumeric())
        .any(|word| word.starts_with(wanted))
    {
        3
    } else {
        4
    }
}

impl Directory {
    /// What the palette finds, the best first, people before groups of the same fit.
    pub fn goto(&self, text: &str, limit: u32) -> Vec<GotoHit> {
        let wanted = words(text);
        if wanted.is_empty() || limit == 0 {
            return Vec::new();
        }
        let whole = fold(text);
        let whole = whole.trim();
        let mut hits: Vec<(u8, u8, usize, GotoHit)> = Vec::new();
        for (place, source) in self.sources.iter().enumerate() {
            let name = fold(&source.name);
            if wanted.iter().all(|word| name.contains(word.as_str())) {
                let note = if source.authoritative { "Source, authoritative" } else { "Source" };
                let hit = GotoHit {
                    kind: "source".into(),
                    key: source.id.to_string(),
                    name: source.name.clone(),
                    note: note.into(),
                };
                hits.push((fit(&source.name, &[], whole), 0, place, hit));
            }
        }
        for (place, person) in self.first_people(text, whole).into_iter().enumerate() {
            let row = self.person_row(person);
            let id = self.accounts.texts.original(self.people.leader(person), field::ID);
            let others = [
                row.user_name.as_deref().unwrap_or_default(),
                row.email.as_deref().unwrap_or_default(),
                &*id,
            ];
            let rank = fit(&row.name, &others, whole);
            let note = [row.user_name.or(row.email), row.department.or(row.title)]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · ");
            hits.push((
                rank,
                1,
                place,
                GotoHit {
                    kind: "person".into(),
                    key: row.key,
                    name: row.name,
                    note,
                },
            ));
        }
        for (place, group) in self.first_groups(text).into_iter().enumerate() {
            let lead = self.linked.leader(group);
            let name = self.groups.name(lead);
            let rank = fit(&name, &[&*self.groups.texts.original(lead, field::GROUP_ID)], whole);
            let size = match self.member_count(lead) {
                Some(1) => "1 member".to_owned(),
                Some(count) => format!("{count} members"),
                None => "members not listed".to_owned(),
            };
            let note = format!("{size} · {}", self.group_source(lead).name);
            hits.push((
                rank,
                2,
                place,
                GotoHit {
                    kind: "group".into(),
                    key: self.group_key(lead),
                    name,
                    note,
                },
            ));
        }
        hits.sort_by_key(|(rank, kind, place, _)| (*rank, *kind, *place));
        hits.into_iter().map(|(.., hit)| hit).take(limit as usize).collect()
    }

    /// People worth a look: those whose names begin with the text, then others that match, in name order.
    fn first_people(&self, text: &str, whole: &str) -> Vec<u32> {
        let Some(hits) = self.account_search.find(&self.accounts.texts, &self.people, text) else {
            return Vec::new();
        };
        let clusters = hits.clusters();
        let name = |person: &u32| {
            let lead = self.people.leader(*person);
            self.accounts.texts.folded(lead, self.accounts.name_field(lead))
        };
        let start = self.person_names.partition_point(|person| name(person) < whole.as_bytes());
        let beginning = self.person_names[start..]
            .iter()
            .take_while(|person| name(person).starts_with(whole.as_bytes()));
        let mut found: Vec<u32> = beginning
            .copied()
            .filter(|person| clusters.has(*person))
            .take(LOOKED_AT / 4)
            .collect();
        let known: HashSet<u32> = found.iter().copied().collect();
        let others = self
            .person_names
            .iter()
            .copied()
            .filter(|person| clusters.has(*person) && !known.contains(person));
        found.extend(others.take(LOOKED_AT - known.len()));
        found
    }

    fn first_groups(&self, text: &str) -> Vec<u32> {
        let Some(hits) = self.group_search.find(&self.groups.texts, &self.linked, text) else {
            return Vec::new();
        };
        let clusters = hits.clusters();
        self.group_names
            .iter()
            .copied()
            .filter(|group| clusters.has(*group))
            .take(LOOKED_AT)
            .collect()
    }

    /// Names of sources of which a collection is not complete.
    pub(super) fn sources_with_gaps(&self, collection: Collection) -> Vec<&str> {
        self.sources
            .iter()
            .filter(|source| source.has_gap(collection))
            .map(|source| source.name.as_str())
            .collect()
    }
}
