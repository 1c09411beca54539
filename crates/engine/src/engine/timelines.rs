//! History of one thing: an identity, a group, a role, a scope, an assignment.

use std::collections::{HashMap, HashSet};

use super::Engine;
use crate::Error;
use crate::map::Map;
use crate::map::address::{Address, EdgeAddress};
use crate::record::{ItemKind, ResourceKind};
use crate::store::ledger::ChangeQuery;
use crate::view::{Change, ChangePage, Millis, SourceId};

/// Records by source and id.
type Keys = Vec<(SourceId, String)>;

impl Engine {
    /// History of an identity, a linked group (by key or address, with the assignments given to it), a role, a scope (with the assignments that name it),
    /// or an assignment, by address; or of everything. Newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is neither held nor in history; when the cache or the ledger cannot be read.
    pub fn timeline(&self, key: Option<&str>, since: Option<Millis>, offset: u32, limit: u32) -> Result<ChangePage, Error> {
        let (of, as_member) = match key {
            Some(key) => self.records_of(key)?,
            None => Default::default(),
        };
        let mut page = self.inner.ledger.changes(&ChangeQuery {
            of,
            as_member,
            since,
            offset,
            limit: limit.min(500),
        })?;
        // Nobody waits for the map to see the newest lines of all.
        let map = match key {
            Some(_) => Some(self.map()?),
            None => self.map_at_hand(),
        };
        if let Some(map) = map {
            self.name_assignments(&map, &mut page.changes)?;
        }
        Ok(page)
    }

    /// The records whose lines belong to what was asked for, and those that may come in as a member.
    fn records_of(&self, key: &str) -> Result<(Keys, Keys), Error> {
        match (Address::read(key), EdgeAddress::read(key, |_, _| true)) {
            (Some(Address::Person(key) | Address::Group(key)), _) => self.of_principal(key),
            (Some(Address::Role(source, id) | Address::Scope(source, id)), _) => Ok((self.of_node(key, source, id)?, Vec::new())),
            (_, Some(EdgeAddress::Assignment(source, id))) => {
                // Those of one record are told apart behind the bar.
                let record = id.split('|').next().unwrap_or(id);
                Ok((vec![(source, record.to_owned())], Vec::new()))
            }
            _ => self.of_principal(key),
        }
    }

    /// An identity's or a linked group's accounts or groups, and the assignments given to them.
    fn of_principal(&self, key: &str) -> Result<(Keys, Keys), Error> {
        let own = self.history_keys(key)?;
        let map = self.map()?;
        let nodes: HashSet<u32> = own.iter().filter_map(|(source, id)| map.node_of(*source, id)).collect();
        let mut of = own.clone();
        of.extend(map.records_of(|principal, _, _| nodes.contains(&principal)));
        for (source, id) in &own {
            self.gone_assignments(*source, &quoted(id), &mut of)?;
        }
        Ok((of, own))
    }

    /// A role's or a scope's own record, and the assignments that name it.
    fn of_node(&self, address: &str, source: SourceId, id: &str) -> Result<Keys, Error> {
        let map = self.map()?;
        let mut of = vec![(source, id.to_owned())];
        if let Some((row, _)) = map.document_row(address)
            && let Some(label) = self.inner.cache.label(row)?
        {
            of.push((source, label.id));
        }
        let (role, scope) = map.numbers_of(address);
        of.extend(map.records_of(|_, of_role, of_scope| Some(of_role) == role || Some(of_scope) == scope));
        let last = id.rsplit('/').next().unwrap_or(id).to_lowercase();
        // A role is named by the end of its id, a scope by the whole of it.
        let text = if matches!(Address::read(address), Some(Address::Role(..))) {
            format!("{last}\"").into_bytes()
        } else {
            quoted(id)
        };
        if !last.is_empty() {
            self.gone_assignments(source, &text, &mut of)?;
        }
        of.sort_unstable();
        of.dedup();
        Ok(of)
    }

    /// Assignments of which an earlier version held a text (in lower case).
    fn gone_assignments(&self, source: SourceId, text: &[u8], of: &mut Keys) -> Result<(), Error> {
        let kinds = ItemKind::ASSIGNMENTS.map(ResourceKind::Item);
        self.inner.ledger.each_version(source, &kinds, &mut |id, document| {
            let document = document.to_ascii_lowercase();
            if memchr::memmem::find(&document, text).is_some() {
                of.push((source, id.to_owned()));
            }
        })?;
        of.sort_unstable();
        of.dedup();
        Ok(())
    }

    /// Gives assignments their words in the place of a bare id.
    fn name_assignments(&self, map: &Map, changes: &mut [Change]) -> Result<(), Error> {
        let mut known: HashMap<String, Option<String>> = HashMap::new();
        let mut by_record = None;
        for change in changes {
            let Some(kind) = ItemKind::named(&change.resource).filter(|kind| kind.is_assignment()) else {
                continue;
            };
            let words = match known.get(&change.key) {
                Some(words) => words.clone(),
                None => {
                    let id = change.key.split_once('.').map_or("", |(_, id)| id);
                    let found = map.given_by(by_record.get_or_insert_with(|| map.by_record()), change.source, Some(kind), id);
                    let held = found
                        .first()
                        .and_then(|at| map.assignment_words(*at))
                        .or_else(|| map.lost_words_of(change.source, id));
                    let words = match held {
                        Some(words) => Some(words),
                        None => {
                            let last = self.inner.ledger.last_version(change.source, ResourceKind::Item(kind), id)?;
                            last.and_then(|document| map.document_words(change.source, kind, &document))
                        }
                    };
                    known.insert(change.key.clone(), words.clone());
                    words
                }
            };
            if let Some(words) = words {
                change.name = words;
            }
        }
        Ok(())
    }
}

/// A text as it stands in a document, in lower case.
fn quoted(text: &str) -> Vec<u8> {
    // Text to text cannot fail.
    serde_json::to_string(&text.to_lowercase()).unwrap_or_default().into_bytes()
}
