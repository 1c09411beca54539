//! Pages of lists, by index (RFC 7644 §3.4.2.4) and by cursor (RFC 9865), with the quirks that servers have here.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use lanyard_scim::message::ScimType;
use lanyard_scim::urn;

use super::cursor::Cursors;
use super::definitions::Definitions;
use super::options::ScimOptions;
use super::project::Painter;
use super::query::{Query, Searcher};
use super::quirk::Quirk;
use super::refusal::Refusal;
use super::store::{Entry, Family, Member, Slot, Store};

/// Makes pages.
pub(crate) struct Lister<'a> {
    pub(crate) store: &'a Store,
    pub(crate) definitions: &'a Definitions,
    pub(crate) options: &'a ScimOptions,
    pub(crate) cursors: &'a Mutex<Cursors>,
    pub(crate) etag: bool,
    /// A fault: answer that there is nobody.
    pub(crate) nobody: bool,
    /// Show every second one only.
    pub(crate) part: bool,
}

/// What one answer holds.
struct Page {
    found: Arc<[Member]>,
    from: usize,
    to: usize,
    /// `startIndex` of the answer; cursor pages have none.
    start_index: Option<usize>,
    next: Option<String>,
}

impl Lister<'_> {
    /// The body of the answer to a list request.
    pub(crate) fn page(&self, families: &[Family], query: &Query) -> Result<Bytes, Refusal> {
        let has = |quirk| self.options.has(quirk);
        let by_cursor = self.options.paging.cursor() && (query.cursor.is_some() || !self.options.paging.index());
        if by_cursor && query.start_index.is_some() {
            return Err(Refusal::invalid_value("startIndex and cursor exclude each other here"));
        }
        let asked = if has(Quirk::IgnoresCount) { None } else { query.count };
        // A negative count means 0 (RFC 7644 §3.4.2.4).
        let asked = asked.map(|count| usize::try_from(count.max(0)).unwrap_or(usize::MAX));
        let count = asked.unwrap_or(self.options.default_page).min(self.options.max_page);
        let page = if self.nobody {
            Page {
                found: Arc::new([]),
                from: 0,
                to: 0,
                start_index: Some(1),
                next: None,
            }
        } else if by_cursor {
            self.cursor_page(families, query, asked.map(|_| count))?
        } else {
            self.index_page(families, query, count)?
        };
        self.draw(page, query)
    }

    fn find(&self, families: &[Family], query: &Query) -> Result<Arc<[Member]>, Refusal> {
        Searcher {
            store: self.store,
            definitions: self.definitions,
            options: self.options,
        }
        .find(families, query)
        .map(|found| {
            if self.part {
                found.iter().copied().filter(|one| in_part(one.slot)).collect()
            } else {
                found
            }
        })
    }

    fn index_page(&self, families: &[Family], query: &Query, count: usize) -> Result<Page, Refusal> {
        let has = |quirk| self.options.has(quirk);
        let found = self.find(families, query)?;
        let total = found.len();
        if has(Quirk::NoPaging) {
            return Ok(Page {
                found,
                from: 0,
                to: total,
                start_index: Some(1),
                next: None,
            });
        }
        let asked = query.start_index.filter(|_| !has(Quirk::IgnoresStartIndex)).unwrap_or(1);
        let start = usize::try_from(asked.max(1)).unwrap_or(usize::MAX);
        let mut from = start - 1;
        if from >= total && has(Quirk::BeyondEndIsFirstPage) {
            from = 0;
        }
        if from > 0 && has(Quirk::OverlappingPages) {
            from -= 1;
        }
        let from = from.min(total);
        let mut to = from.saturating_add(count).min(total);
        if has(Quirk::ShortPages) && to < total && count > 1 {
            to = from + count / 2;
        }
        Ok(Page {
            found,
            from,
            to,
            start_index: Some(start),
            next: None,
        })
    }

    fn cursor_page(&self, families: &[Family], query: &Query, count: Option<usize>) -> Result<Page, Refusal> {
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        let (timeout, fingerprint) = (self.options.cursor_timeout, query.fingerprint(families));
        let text = query.cursor.as_deref().unwrap_or_default();
        let (walk, found, from, count) = if text.is_empty() {
            let count = count.unwrap_or(self.options.default_page.min(self.options.max_page));
            let found = self.find(families, query)?;
            if count == 0 {
                return Ok(Page {
                    found,
                    from: 0,
                    to: 0,
                    start_index: None,
                    next: None,
                });
            }
            (cursors.begin(found.clone(), fingerprint, count, timeout), found, 0, count)
        } else {
            if count == Some(0) {
                return Err(Refusal::of(ScimType::InvalidCount, "a page of nothing leads nowhere"));
            }
            let (number, walk, place) = cursors.resume(text, &fingerprint, count, timeout)?;
            let count = walk.count();
            (number, walk.found, place, count)
        };
        let to = from.saturating_add(count).min(found.len());
        let next = (to < found.len()).then(|| cursors.text(walk, to));
        Ok(Page {
            from: from.min(to),
            to,
            found,
            start_index: None,
            next,
        })
    }

    fn draw(&self, page: Page, query: &Query) -> Result<Bytes, Refusal> {
        let has = |quirk| self.options.has(quirk);
        let mut body = Vec::with_capacity(1024 * (page.to - page.from) + 256);
        body.extend_from_slice(format!(r#"{{"schemas":["{}"]"#, urn::LIST_RESPONSE).as_bytes());
        let mut list = Vec::new();
        let mut items = 0;
        for member in &page.found[page.from..page.to] {
            // Gone since the walk began.
            let Some(entry) = self.store.table(member.family).get(member.slot) else {
                continue;
            };
            refuse_large(self.options, entry)?;
            let painter = Painter {
                store: self.store,
                catalog: self.definitions.catalog(member.family),
                options: self.options,
                projection: &query.projection,
                list: true,
                etag: self.etag,
            };
            if items > 0 {
                list.push(b',');
            }
            list.extend_from_slice(&painter.paint(member.family, member.slot, entry));
            items += 1;
        }
        let total = if has(Quirk::TotalIsPageSize) { items } else { page.found.len() };
        if !has(Quirk::NoTotal) {
            body.extend_from_slice(format!(r#","totalResults":{total}"#).as_bytes());
        }
        if let Some(start) = page.start_index {
            body.extend_from_slice(format!(r#","startIndex":{start}"#).as_bytes());
        }
        body.extend_from_slice(format!(r#","itemsPerPage":{items}"#).as_bytes());
        if let Some(next) = page.next {
            body.extend_from_slice(format!(r#","nextCursor":"{next}""#).as_bytes());
        }
        let name = if has(Quirk::LowercaseResources) { "resources" } else { "Resources" };
        body.extend_from_slice(format!(r#","{name}":["#).as_bytes());
        body.extend_from_slice(&list);
        body.extend_from_slice(b"]}");
        Ok(body.into())
    }
}

/// Whether a token that sees a part of the people sees the one at this place.
pub(crate) fn in_part(slot: Slot) -> bool {
    slot.is_multiple_of(2)
}

/// Miro's limit: an answer that would hold a group with more than 8,000 members is refused.
pub(crate) fn refuse_large(options: &ScimOptions, entry: &Entry) -> Result<(), Refusal> {
    if entry.members.len() > 8_000 && options.has(Quirk::LargeGroupsRefused) {
        return Err(Refusal::plain(413, "the group is too large to be shown"));
    }
    Ok(())
}
