//! Paging by cursor (RFC 9865): one page after another; from the beginning again when the cursor is too old.

use xxhash_rust::xxh3::xxh3_64;

use super::{Ask, Facts, Reading, Refusal, Slice, Stop};

/// Times that a list is begun again because of a cursor.
const RESTARTS: u32 = 2;
/// Pages in a row that bring nothing new, each with another cursor.
const IDLE: u32 = 3;

impl Reading {
    pub(super) fn next_cursor(&mut self) -> Option<Ask> {
        if self.in_flight > 0 {
            return None;
        }
        let cursor = if self.cursor.started {
            Some(self.cursor.next.clone()?)
        } else {
            None
        };
        Some(Ask::Cursor { cursor, count: self.count })
    }

    /// Goes over from index to cursor, after a first page of that many entries.
    pub(super) fn go_on_by_cursor(&mut self, entries: u64) {
        self.cursor_mode = true;
        self.cursor.started = true;
        self.cursor.entries = entries;
        self.slices.clear();
        self.queue.clear();
    }

    pub(super) fn took_cursor(&mut self, facts: &Facts, news: u64) {
        if facts.entries() > 0 || facts.total.is_some_and(|total| total > 0) || !self.cursor.started {
            self.note_total(facts);
        }
        let first = !self.cursor.started && self.cursor.restarts == 0;
        self.cursor.started = true;
        self.cursor.entries += facts.entries();
        let Some(next) = facts.next_cursor.as_ref().filter(|cursor| !cursor.is_empty()) else {
            if first && self.more_than_one_page(facts) {
                self.go_on_by_index(facts);
            } else {
                self.stop(Stop::End);
            }
            return;
        };
        if !self.cursor.used.insert(xxh3_64(next.as_bytes())) {
            return self.stop(Stop::Repeat);
        }
        let catching_up = self.cursor.restarts > 0 && self.cursor.entries <= self.cursor.catching_up;
        self.cursor.idle = if news == 0 && !catching_up { self.cursor.idle + 1 } else { 0 };
        if self.cursor.idle >= IDLE {
            return self.stop(Stop::Repeat);
        }
        self.cursor.next = Some(next.clone());
    }

    /// Whether a first page without `nextCursor` cannot be the whole list: then the server did not understand `cursor`.
    fn more_than_one_page(&self, facts: &Facts) -> bool {
        match facts.total {
            Some(total) => total > facts.entries(),
            None => facts.entries() >= u64::from(self.count),
        }
    }

    /// Goes over from cursor to index, after a first page.
    fn go_on_by_index(&mut self, facts: &Facts) {
        self.cursor_mode = false;
        if facts.entries() == 0 {
            return self.stop(Stop::End);
        }
        self.slices.push(Slice {
            start: 1,
            entries: facts.entries(),
            first: facts.ids.first().copied(),
            last: facts.ids.last().copied(),
        });
    }

    pub(super) fn refused_cursor(&mut self, first: bool, refusal: Refusal) {
        if first && refusal.of_request && self.cursor.restarts == 0 {
            // It does not know cursors after all.
            self.cursor_mode = false;
        } else if refusal.stale_cursor && self.cursor.restarts < RESTARTS {
            self.cursor.restarts += 1;
            self.cursor.catching_up = self.cursor.catching_up.max(self.cursor.entries);
            self.cursor.entries = 0;
            self.cursor.started = false;
            self.cursor.next = None;
            self.cursor.used.clear();
        } else {
            self.stop(Stop::Failed(refusal.text));
        }
    }
}
