//! The catalog as it stands at one moment: every entity drawn, with its relations worked out both ways.
//!
//! It is made anew when something changes and never changed, so that whoever reads it reads one state of things.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::draft::{Draft, EntityKind};
use crate::company::access::Guid;
use crate::company::mix;

/// One entity as it is sent.
#[derive(Debug)]
pub(crate) struct Entity {
    pub(crate) kind: EntityKind,
    pub(crate) reference: Box<str>,
    pub(crate) uid: Box<str>,
    pub(crate) location: Option<&'static str>,
    /// Whether it is marked as one that has no source any more.
    pub(crate) orphan: bool,
    pub(crate) doc: Bytes,
}

impl Entity {
    /// The document as a value. What is stored was written by this crate and parses.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.doc).unwrap_or_default()
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    /// Sorted by uid, as lists are that name no order.
    entities: Vec<Entity>,
    by_reference: HashMap<Box<str>, u32>,
    by_uid: HashMap<Box<str>, u32>,
    /// Groups of users and parents of groups, by reference: what roles are inherited by.
    above: HashMap<Box<str>, Box<[Arc<str>]>>,
    /// Answers to recent questions, so that the pages of one walk do not search anew.
    found: Mutex<Vec<(u64, Arc<[u32]>)>>,
}

/// How many answers are kept.
const KEPT: usize = 16;

/// One entity that is to be in the catalog.
pub(crate) struct Entry<'a> {
    pub(crate) draft: &'a Draft,
    pub(crate) orphan: bool,
    /// How often an entity of this reference has been made anew: each has another uid.
    pub(crate) incarnation: u32,
}

impl Catalog {
    /// Draws the entities. `relations: false` leaves relations out of them.
    /// `ghosts` are relations that go on standing though their other end is gone: of whom, type, target.
    pub(crate) fn draw(seed: u64, entries: &[Entry<'_>], relations: bool, ghosts: &[(Arc<str>, &'static str, String)]) -> Self {
        let references: Vec<Box<str>> = entries.iter().map(|entry| entry.draft.reference().into()).collect();
        let place: HashMap<&str, u32> = references
            .iter()
            .enumerate()
            .map(|(number, text)| (&**text, number as u32))
            .collect();
        let mut related: Vec<Vec<(&'static str, &str)>> = vec![Vec::new(); entries.len()];
        for (number, entry) in entries.iter().enumerate() {
            for (there, back, target) in &entry.draft.links {
                related[number].push((there, target));
                if let Some(other) = place.get(&**target) {
                    related[*other as usize].push((back, &references[number]));
                }
            }
        }
        for (holder, sort, target) in ghosts {
            if let Some(holder) = place.get(&**holder) {
                related[*holder as usize].push((sort, target));
            }
        }
        let mut above = HashMap::new();
        let mut entities: Vec<Entity> = Vec::with_capacity(entries.len());
        for (number, entry) in entries.iter().enumerate() {
            let shown = &mut related[number];
            shown.sort_unstable();
            shown.dedup();
            let reference = references[number].clone();
            let tag = mix(seed, xxh3_64(reference.as_bytes()));
            let uid = Guid::derived(tag, "catalog uid", u64::from(entry.incarnation)).to_string();
            let document = entry.draft.document(&uid, entry.orphan, relations.then_some(shown.as_slice()));
            let inherited = entry
                .draft
                .links
                .iter()
                .filter(|(sort, ..)| matches!(*sort, "memberOf" | "childOf"));
            let inherited: Box<[Arc<str>]> = inherited.map(|(.., target)| target.clone()).collect();
            if !inherited.is_empty() {
                above.insert(reference.clone(), inherited);
            }
            entities.push(Entity {
                kind: entry.draft.kind,
                reference,
                uid: uid.into(),
                location: entry.draft.location,
                orphan: entry.orphan,
                // Boxed: what a vector holds in reserve would stay for good.
                doc: Bytes::from(document.into_boxed_slice()),
            });
        }
        entities.sort_unstable_by(|one, other| one.uid.cmp(&other.uid));
        let index = |of: fn(&Entity) -> &str| {
            let numbered = entities.iter().enumerate();
            numbered.map(|(number, entity)| (Box::from(of(entity)), number as u32)).collect()
        };
        Self {
            by_reference: index(|entity| &entity.reference),
            by_uid: index(|entity| &entity.uid),
            above,
            entities,
            found: Mutex::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entities.len()
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Entity> {
        self.entities.get(number as usize)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Entity)> {
        self.entities.iter().enumerate().map(|(number, entity)| (number as u32, entity))
    }

    /// By reference, in lower case.
    pub(crate) fn named(&self, reference: &str) -> Option<&Entity> {
        self.get(*self.by_reference.get(reference)?)
    }

    pub(crate) fn by_uid(&self, uid: &str) -> Option<&Entity> {
        self.get(*self.by_uid.get(uid)?)
    }

    /// The groups that somebody is in, directly and by `spec.parent`, each once, the nearest first. A circle ends.
    pub(crate) fn groups_of(&self, reference: &str) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        let mut next: Vec<&str> = self
            .above
            .get(reference)
            .map_or_else(Vec::new, |above| above.iter().map(|group| &**group).collect());
        while !next.is_empty() {
            let mut further = Vec::new();
            for group in next {
                // A group that is not in the catalog has no members and gives nothing on.
                if found.contains(&group) || !self.by_reference.contains_key(group) {
                    continue;
                }
                found.push(group);
                further.extend(
                    self.above
                        .get(group)
                        .into_iter()
                        .flat_map(|above| above.iter().map(|group| &**group)),
                );
            }
            next = further;
        }
        found
    }

    /// The groups that somebody is in directly.
    pub(crate) fn direct_groups_of(&self, reference: &str) -> Vec<&str> {
        let above = self.above.get(reference).into_iter().flat_map(|above| above.iter());
        above
            .map(|group| &**group)
            .filter(|group| self.by_reference.contains_key(*group))
            .collect()
    }

    /// The answer to a question, from what is kept or from `search`.
    pub(crate) fn answer<E>(&self, question: u64, search: impl FnOnce() -> Result<Vec<u32>, E>) -> Result<Arc<[u32]>, E> {
        let kept = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().find(|(asked, _)| *asked == question).map(|(_, answer)| answer.clone());
        drop(kept);
        if let Some(answer) = known {
            return Ok(answer);
        }
        let answer: Arc<[u32]> = search()?.into();
        let mut kept = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((question, answer.clone()));
        Ok(answer)
    }
}
