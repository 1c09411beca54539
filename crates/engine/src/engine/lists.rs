//! What People, Groups, the palette and the Overview ask: answered from the picture, with documents from the cache and history from the ledger.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::Value;

use super::Engine;
use crate::Error;
use crate::directory::{Latest, check};
use crate::document::withhold;
use crate::export;
use crate::record::Documents;
use crate::sync::now;
use crate::view::{
    ExportDone, ExportFormat, FacetCount, FilterCheck, GotoHit, GroupDetail, GroupFacetCount, GroupPage, GroupQuery, MemberPage,
    MemberQuery, Millis, Overview, PeoplePage, PeopleQuery, PeopleSort, PersonDetail, RawDocument, SourceId,
};

/// Lines of history that the Overview shows.
const LATELY: u32 = 12;

impl Engine {
    /// A window of People. A newer query ends an older one that is still reading documents for its filter.
    ///
    /// # Errors
    /// [`Error::Filter`] with the place; when the cache cannot be read.
    ///
    /// Rows tell the most that each may do once the access map is made ([`Self::make_map`]); sorting by it makes it.
    pub fn people(&self, query: &PeopleQuery) -> Result<PeoplePage, Error> {
        let flag = flag(&self.inner.latest_people, query.limit, query.filter.as_deref());
        if query.sort == PeopleSort::Privilege {
            // This order waits for the map: no other can stand in for it.
            let map = self.map_with_ranks()?;
            let mut page = map.directory().people(query, &*self.inner.cache, &self.catalog(), &flag)?;
            map.tell_privilege(page.rows.iter_mut());
            return Ok(page);
        }
        let mut page = self.current()?.people(query, &*self.inner.cache, &self.catalog(), &flag)?;
        if let Some(map) = self.map_at_hand().filter(|map| map.generation() == page.generation) {
            map.tell_privilege(page.rows.iter_mut());
        }
        Ok(page)
    }

    /// How many people each ready-made narrowing holds.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn people_facets(&self) -> Result<Vec<FacetCount>, Error> {
        Ok(self.current()?.people_facet_counts())
    }

    /// An identity, whole, by the key of any of its accounts.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the cache cannot be read.
    pub fn person(&self, key: &str) -> Result<PersonDetail, Error> {
        let mut person = self.current()?.person(key, &*self.inner.cache)?;
        if let Some(map) = self.map_at_hand().filter(|map| map.generation() == person.generation) {
            map.tell_privilege(std::iter::once(&mut person.row));
        }
        Ok(person)
    }

    /// A window of Groups.
    ///
    /// # Errors
    /// As for [`Self::people`].
    pub fn groups(&self, query: &GroupQuery) -> Result<GroupPage, Error> {
        let flag = flag(&self.inner.latest_groups, query.limit, query.filter.as_deref());
        self.current()?.groups(query, &*self.inner.cache, &self.catalog(), &flag)
    }

    /// How many groups each ready-made narrowing holds.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn group_facets(&self) -> Result<Vec<GroupFacetCount>, Error> {
        Ok(self.current()?.group_facet_counts())
    }

    /// A linked group, whole, by the key of any of its groups.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the cache cannot be read.
    pub fn group(&self, key: &str) -> Result<GroupDetail, Error> {
        self.current()?.group(key, &*self.inner.cache)
    }

    /// A window of a group's members.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the cache cannot be read.
    pub fn members(&self, query: &MemberQuery) -> Result<MemberPage, Error> {
        self.current()?.members(query)
    }

    /// The accounts or groups, as source and id, whose history belongs to an identity or linked group by this key.
    pub(super) fn history_keys(&self, key: &str) -> Result<Vec<(SourceId, String)>, Error> {
        let mut of = self.current()?.timeline_keys(key);
        if of.is_empty() {
            // One that is gone is still in history.
            let (source, id) = key
                .split_once('.')
                .and_then(|(source, id)| Some((source.parse().ok()?, id)))
                .ok_or_else(|| missing(key))?;
            of.push((source, id.to_owned()));
        }
        Ok(of)
    }

    /// A document as the source sent it, indented: of an account, a group, or of what an address on the map leads to. A password that a server should not have sent is withheld.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the cache cannot be read.
    pub fn raw_document(&self, key: &str) -> Result<RawDocument, Error> {
        let (row, read_at) = match self.current()?.locate(key) {
            Some(located) => (located.row, located.read_at),
            None => self.record_of(key)?.ok_or_else(|| missing(key))?,
        };
        let text = self.inner.cache.document(row)?.ok_or_else(|| missing(key))?;
        let json = match serde_json::from_slice::<Value>(&text) {
            Ok(mut document) => {
                withhold(&mut document);
                serde_json::to_string_pretty(&document).unwrap_or_default()
            }
            Err(_) => String::from_utf8_lossy(&text).into_owned(),
        };
        Ok(RawDocument {
            key: key.to_owned(),
            json,
            read_at,
        })
    }

    /// What the filter box is told. `resource` is `User` or `Group`; `caret` counts UTF-16 code units.
    pub fn check_filter(&self, resource: &str, text: &str, caret: u32) -> FilterCheck {
        check::check_filter(resource, text, caret, &self.catalog())
    }

    /// What the palette finds: people, groups and sources; roles, scopes and vaults too, once the access map was asked for.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn goto(&self, text: &str, limit: u32) -> Result<Vec<GotoHit>, Error> {
        let limit = limit.min(50);
        let mut hits = self.current()?.goto(text, limit);
        // Roles and scopes join once the map is there: typing does not wait for it.
        if let Some(map) = self.map_at_hand() {
            let more = map.goto(text, 8.min(limit as usize));
            hits.truncate((limit as usize).saturating_sub(more.len()));
            hits.extend(more);
        }
        Ok(hits)
    }

    /// The Overview; `since` says from when on changes count as new.
    ///
    /// # Errors
    /// When the cache or the ledger cannot be read.
    pub fn overview(&self, since: Millis) -> Result<Overview, Error> {
        let sums = self.current()?.overview();
        Ok(Overview {
            headline: sums.headline,
            caveat: sums.caveat,
            sources: self.sources()?,
            people: sums.people,
            groups: sums.groups,
            differing: sums.differing,
            left_behind: sums.left_behind,
            changes: self.timeline(None, Some(since), 0, LATELY)?,
            changes_since: since.min(now()),
        })
    }

    /// Writes all people that match to a file (offset and limit are ignored). `columns` are row field names; empty means all.
    ///
    /// # Errors
    /// As for [`Self::people`]; [`Error::File`], with no half-written file left; an unknown column.
    pub fn export_people(&self, query: &PeopleQuery, columns: &[String], format: ExportFormat, path: &Path) -> Result<ExportDone, Error> {
        let never = AtomicBool::new(false);
        let columns = export::people_columns(columns)?;
        let done = if query.sort == PeopleSort::Privilege || columns.contains(&export::PRIVILEGE) {
            let map = self.map_with_ranks()?;
            let list = map.directory().people_list(query, &*self.inner.cache, &self.catalog(), &never)?;
            let doubts = map.doubts();
            let rows = list.rows_with(|person| map.privilege(person, &doubts));
            export::write(rows, map.directory().sources(), &columns, format, path)?
        } else {
            let directory = self.current()?;
            let list = directory.people_list(query, &*self.inner.cache, &self.catalog(), &never)?;
            export::write(list.rows(), directory.sources(), &columns, format, path)?
        };
        self.exported("people", done)
    }

    /// Writes all groups that match to a file.
    ///
    /// # Errors
    /// As for [`Self::export_people`].
    pub fn export_groups(&self, query: &GroupQuery, columns: &[String], format: ExportFormat, path: &Path) -> Result<ExportDone, Error> {
        let directory = self.current()?;
        let list = directory.group_list(query, &*self.inner.cache, &self.catalog(), &AtomicBool::new(false))?;
        self.exported("groups", export::groups(&list, directory.sources(), columns, format, path)?)
    }

    pub(super) fn exported(&self, what: &str, done: ExportDone) -> Result<ExportDone, Error> {
        let summary = format!("Exported {} {what} to {}", done.rows, done.path);
        self.note(
            "export.written",
            None,
            summary,
            serde_json::json!({"what": what, "path": done.path, "rows": done.rows, "bytes": done.bytes}),
        )?;
        Ok(done)
    }
}

/// A list's flag to end early by. A mere count ends nothing and is ended by nothing.
fn flag(latest: &Latest, limit: u32, filter: Option<&str>) -> Arc<AtomicBool> {
    if limit == 0 {
        Arc::default()
    } else {
        latest.begin(filter.unwrap_or_default())
    }
}

fn missing(key: &str) -> Error {
    Error::NotFound {
        what: "person or group",
        name: key.to_owned(),
    }
}
