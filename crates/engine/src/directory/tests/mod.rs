//! The directory against obvious versions of itself: everyone looked at one by one.

mod details;
mod joins;
mod lists;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use lanyard_scim::{Catalog, GroupBrief, UserBrief};
use serde_json::Value;

use super::{Directory, DirectoryBuilder, SourceFacts};
use crate::Error;
use crate::record::{AccountRecord, DanglingRecord, Decision, Documents, GroupRecord, RecordSink, Row};
use crate::view::{CoverageState, PeoplePage, PeopleQuery, SourceId, SourceKind};

/// Never cancelled.
pub static GO_ON: AtomicBool = AtomicBool::new(false);

/// A source that was read in full.
pub fn source(id: SourceId, name: &str, authoritative: bool) -> SourceFacts {
    SourceFacts {
        id,
        kind: SourceKind::Scim,
        name: name.into(),
        authoritative,
        enabled: true,
        users_complete: CoverageState::Complete,
        groups_complete: CoverageState::Complete,
        members_complete: CoverageState::Complete,
        read_at: Some(1_000),
        caveats: Vec::new(),
        has_groups: true,
    }
}

/// Documents of a make-believe cache, and how many were read.
#[derive(Default)]
pub struct Store {
    pub documents: BTreeMap<Row, Vec<u8>>,
    pub read: Mutex<usize>,
}

impl Documents for Store {
    fn document(&self, row: Row) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.documents.get(&row).cloned())
    }

    fn documents(&self, rows: &[Row], each: &mut dyn FnMut(Row, &[u8]) -> bool) -> Result<(), Error> {
        for row in rows {
            *self.read.lock().unwrap() += 1;
            if self.documents.get(row).is_some_and(|document| !each(*row, document)) {
                break;
            }
        }
        Ok(())
    }
}

/// A small company, put together by hand.
#[derive(Default)]
pub struct World {
    pub sources: Vec<SourceFacts>,
    users: Vec<(Row, SourceId, Value)>,
    groups: Vec<(Row, SourceId, Value)>,
    pub unconfirmed: Vec<Row>,
    pub decided: Vec<Decision>,
    pub store: Store,
}

impl World {
    pub fn new(sources: Vec<SourceFacts>) -> Self {
        Self {
            sources,
            ..Self::default()
        }
    }

    fn next(&self) -> Row {
        (self.users.len() + self.groups.len()) as Row * 3 + 1
    }

    pub fn user(&mut self, source: SourceId, document: Value) -> Row {
        let row = self.next();
        self.store.documents.insert(row, document.to_string().into_bytes());
        self.users.push((row, source, document));
        row
    }

    /// `members` of the document are ids of the same source.
    pub fn group(&mut self, source: SourceId, document: Value) -> Row {
        let row = self.next();
        self.store.documents.insert(row, document.to_string().into_bytes());
        self.groups.push((row, source, document));
        row
    }

    pub fn directory(&self) -> Directory {
        let mut builder = DirectoryBuilder::new(self.sources.clone()).deciding(self.decided.clone());
        let mut ids: BTreeMap<(SourceId, String), Row> = BTreeMap::new();
        for (row, source, document) in &self.users {
            let json = document.to_string();
            let brief = UserBrief::read(json.as_bytes()).unwrap();
            ids.insert((*source, brief.id.to_string()), *row);
            builder.account(&AccountRecord {
                row: *row,
                source: *source,
                id: &brief.id,
                user_name: brief.user_name.as_deref(),
                display_name: brief.display_name.as_deref(),
                email: brief.email.as_deref(),
                external_id: brief.external_id.as_deref(),
                title: brief.title.as_deref(),
                department: brief.department.as_deref(),
                user_type: brief.user_type.as_deref(),
                manager: brief.manager_id.as_deref(),
                active: brief.active,
                created: brief.created,
                modified: brief.last_modified,
                roles: brief.roles_count + brief.entitlements_count,
                unconfirmed: self.unconfirmed.contains(row),
                service: false,
            });
        }
        let mut edges = Vec::new();
        let texts: Vec<String> = self.groups.iter().map(|(.., document)| document.to_string()).collect();
        for ((row, source, _), json) in self.groups.iter().zip(&texts) {
            let brief = GroupBrief::read(json.as_bytes()).unwrap();
            ids.insert((*source, brief.id.to_string()), *row);
            builder.group(&GroupRecord {
                row: *row,
                source: *source,
                id: &brief.id,
                display_name: brief.display_name.as_deref(),
                external_id: brief.external_id.as_deref(),
                created: brief.created,
                modified: brief.last_modified,
                members_listed: brief.members.is_some(),
                unconfirmed: self.unconfirmed.contains(row),
            });
            edges.extend(
                brief
                    .members
                    .unwrap_or_default()
                    .into_iter()
                    .map(|member| (*row, *source, member.value.to_string())),
            );
        }
        let mut dangling = BTreeMap::new();
        for (_, source, id) in &edges {
            let known = ids.contains_key(&(*source, id.clone())) || dangling.contains_key(&(*source, id.clone()));
            if !known {
                let row = 1_000_000 + dangling.len() as Row;
                builder.dangling(&DanglingRecord { row, source: *source, id });
                dangling.insert((*source, id.clone()), row);
            }
        }
        ids.extend(dangling);
        for (group, source, id) in edges {
            builder.membership(group, ids[&(source, id)]);
        }
        builder.finish(7)
    }

    pub fn people(&self, directory: &Directory, query: &PeopleQuery) -> PeoplePage {
        directory.people(query, &self.store, &Catalog::core(), &GO_ON).unwrap()
    }
}

/// The names of a page's rows.
pub fn names(page: &PeoplePage) -> Vec<&str> {
    page.rows.iter().map(|row| row.name.as_str()).collect()
}

/// Any people, all on one page.
pub fn query() -> PeopleQuery {
    PeopleQuery {
        limit: 500,
        ..PeopleQuery::default()
    }
}
