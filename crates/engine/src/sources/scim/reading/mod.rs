//! How a list is read to its end: the decisions alone, without HTTP, clock or chance, so that they can be proven by tests.
//!
//! # How it can know that nothing was missed
//!
//! An index moves under the reader when somebody joins or leaves while pages are read: then a person can slip through between two
//! pages, and the totals need not show it (one joined, one left). So each page begins with the last resource of the page before,
//! where the server lets it (RFC 7644 §3.4.2.4 allows any `startIndex`). As long as that resource is really there, the pages are
//! *linked*: whoever was there throughout stands in one of them. A broken link is repaired by reading around it once more.
//!
//! Some servers turn `startIndex` into a page number and cannot do this. For them the totals must stay the same and be reached.

mod cursor;
mod index;
mod verdict;

#[cfg(test)]
mod simulation;

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use super::{ListPlan, Paging};

/// An id's hash, 128 bits: among a billion ids, two that fall together are less likely than a failing memory.
pub(in crate::sources) type IdHash = u128;

/// One page to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sources) enum Ask {
    /// From an index on.
    Index {
        /// `startIndex`, from 1.
        start: u64,
        /// `count`.
        count: u32,
        /// What it is for.
        role: Role,
    },
    /// From a cursor on; none for the first page.
    Cursor {
        /// The cursor.
        cursor: Option<String>,
        /// `count`; it stays the same (RFC 9865 §2).
        count: u32,
    },
}

/// What a page by index is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sources) enum Role {
    /// The first page.
    First,
    /// The second page, begun at the first one's last resource: does the server take any `startIndex`?
    Trial,
    /// The next page after the last.
    Tail,
    /// One of many asked for at once.
    Planned,
    /// The rest of a planned page that came short.
    Fill,
    /// Around a broken link.
    Repair,
}

/// What the decisions need to know of a page.
#[derive(Clone, Debug, Default)]
pub(in crate::sources) struct Facts {
    /// Hashes of the ids, in order.
    pub(in crate::sources) ids: Vec<IdHash>,
    /// Entries without a usable id.
    pub(in crate::sources) unreadable: u64,
    /// `totalResults`.
    pub(in crate::sources) total: Option<u64>,
    /// `nextCursor`.
    pub(in crate::sources) next_cursor: Option<String>,
}

impl Facts {
    fn entries(&self) -> u64 {
        self.ids.len() as u64 + self.unreadable
    }
}

/// Why a page did not come.
#[derive(Clone, Debug)]
pub(in crate::sources) struct Refusal {
    /// The server said that the cursor is wrong or too old (RFC 9865 §2.3).
    pub(in crate::sources) stale_cursor: bool,
    /// Whether the answer was about this very request (a 4xx or 501), so that another one may do better.
    pub(in crate::sources) of_request: bool,
    /// In plain words.
    pub(in crate::sources) text: String,
}

/// Why the reading stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sources) enum Stop {
    /// The end was seen.
    End,
    /// A page brought nothing new.
    Repeat,
    /// The bound on pages.
    PageLimit,
    /// The request budget.
    Budget,
    /// Cancelled, or nobody takes the pages any more.
    Cancelled,
    /// A failure, in words.
    Failed(String),
}

/// A stretch of the list that one page showed, at its time.
#[derive(Clone, Copy, Debug)]
struct Slice {
    start: u64,
    entries: u64,
    first: Option<IdHash>,
    last: Option<IdHash>,
}

impl Slice {
    fn end(&self) -> u64 {
        self.start + self.entries
    }
}

/// Whether pages can begin with the last resource of the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Linking {
    Untried,
    Linked,
    Aligned,
}

/// A broken link under repair.
#[derive(Clone, Copy, Debug)]
struct Gap {
    /// The last resource before it.
    before: Option<IdHash>,
    /// The first one after it; none at the list's end.
    after: Option<IdHash>,
    /// Where it was.
    at: u64,
    tries: u32,
}

/// The reading of one list.
pub(in crate::sources) struct Reading {
    count: u32,
    concurrency: usize,
    most_pages: u64,
    cursor_mode: bool,
    stop: Option<Stop>,
    seen: HashSet<IdHash, BuildHasherDefault<Plain>>,
    unreadable: u64,
    asked: u64,
    in_flight: usize,
    most_in_flight: usize,
    largest: u64,
    totals: Totals,
    // By index.
    slices: Vec<Slice>,
    linking: Linking,
    trials: u32,
    /// Pages whose resources were seen out of turn: as many pages may bring nothing new.
    stray: u32,
    short_seen: bool,
    planned: Option<Planned>,
    queue: VecDeque<Ask>,
    gaps: Option<Vec<Gap>>,
    repairs: u32,
    end_moved: bool,
    // By cursor.
    cursor: Cursor,
}

/// The pages that are asked for at once.
#[derive(Clone, Copy, Debug)]
struct Planned {
    next: u64,
    stride: u64,
    until: u64,
}

/// What the server said about totals.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    first: Option<u64>,
    last: Option<u64>,
    changed: bool,
    missing: bool,
    /// `totalResults` was the page's own length each time.
    of_page: bool,
}

#[derive(Clone, Debug, Default)]
struct Cursor {
    next: Option<String>,
    used: HashSet<u64>,
    started: bool,
    restarts: u32,
    /// Entries read since the last start.
    entries: u64,
    /// Entries that had been read when it was started again.
    catching_up: u64,
    idle: u32,
}

impl Reading {
    pub(in crate::sources) fn new(plan: &ListPlan, most_pages: u64) -> Self {
        Self {
            count: plan.page_size.max(1),
            concurrency: plan.concurrency.clamp(1, 16),
            most_pages,
            cursor_mode: plan.paging == Paging::Cursor,
            stop: None,
            seen: HashSet::default(),
            unreadable: 0,
            asked: 0,
            in_flight: 0,
            most_in_flight: 0,
            largest: 0,
            totals: Totals::default(),
            slices: Vec::new(),
            linking: Linking::Untried,
            trials: 0,
            stray: 0,
            short_seen: false,
            planned: None,
            queue: VecDeque::new(),
            gaps: None,
            repairs: 0,
            end_moved: false,
            cursor: Cursor::default(),
        }
    }

    /// The next page to ask for; none while answers must be waited for, and when all is over.
    pub(in crate::sources) fn next(&mut self) -> Option<Ask> {
        if self.stop.is_some() {
            return self.next_repair();
        }
        let ask = if self.cursor_mode { self.next_cursor() } else { self.next_index() }?;
        if self.asked >= self.most_pages {
            self.stop(Stop::PageLimit);
            return None;
        }
        Some(self.send(ask))
    }

    fn send(&mut self, ask: Ask) -> Ask {
        self.asked += 1;
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
        ask
    }

    /// Whether nothing is left to ask, nor worth waiting for.
    pub(in crate::sources) fn over(&self) -> bool {
        match self.stop {
            None => false,
            Some(Stop::End) => self.in_flight == 0 && self.gaps.as_ref().is_none_or(Vec::is_empty),
            // What is on its way is paid for, and may hold people.
            Some(Stop::Budget | Stop::PageLimit | Stop::Failed(_)) => self.in_flight == 0,
            Some(Stop::Cancelled | Stop::Repeat) => true,
        }
    }

    /// Whether it ended for a reason outside the list.
    pub(in crate::sources) fn failed(&self) -> bool {
        matches!(self.stop, Some(Stop::Failed(_) | Stop::Budget | Stop::Cancelled))
    }

    /// Takes a page in. Tells for each of its ids whether it is new.
    pub(in crate::sources) fn take(&mut self, ask: &Ask, facts: &Facts) -> Vec<bool> {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.largest = self.largest.max(facts.entries());
        let new: Vec<bool> = facts.ids.iter().map(|id| self.seen.insert(*id)).collect();
        let news = new.iter().filter(|new| **new).count() as u64;
        // A page that is read once more shows its unreadable entries once more.
        if news > 0 || facts.ids.is_empty() {
            self.unreadable += facts.unreadable;
        }
        if self.stop.is_none() || matches!(ask, Ask::Index { role: Role::Repair, .. }) {
            match ask {
                Ask::Index { start, role, .. } => self.took_index(*start, *role, facts, news),
                Ask::Cursor { .. } => self.took_cursor(facts, news),
            }
        }
        new
    }

    /// Takes in that a page did not come for a reason outside the list.
    pub(in crate::sources) fn lost(&mut self, stop: Stop) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.stop(stop);
    }

    /// Takes in that a page did not come.
    pub(in crate::sources) fn refuse(&mut self, ask: &Ask, refusal: Refusal) {
        self.in_flight = self.in_flight.saturating_sub(1);
        match ask {
            Ask::Index { role, .. } => self.refused_index(*role, refusal),
            Ask::Cursor { cursor, .. } => self.refused_cursor(cursor.is_none(), refusal),
        }
    }

    /// Ends the reading. The first reason counts.
    pub(in crate::sources) fn stop(&mut self, stop: Stop) {
        if self.stop.is_none() {
            self.stop = Some(stop);
        } else if self.gaps.take().is_some_and(|gaps| !gaps.is_empty()) {
            // Repairs cut short: the links stay broken.
            self.end_moved = true;
            if !matches!(stop, Stop::End) {
                self.stop = Some(stop);
            }
        }
    }

    /// Takes in how many the server counts after the end, where its pages repeat the count of the beginning. Pages that go on from a key
    /// miss nobody who was there throughout: so as many as are there now are all, and so are more than at first when it has only grown.
    pub(in crate::sources) fn recounted(&mut self, now: u64) {
        let read = self.unique() + self.unreadable;
        let grown = self.totals.first.is_some_and(|first| first <= read) && read <= now;
        if self.cursor_mode && self.stop == Some(Stop::End) && (read == now || grown) {
            self.totals.last = Some(read);
        } else {
            self.totals.changed |= self.totals.last.is_some_and(|last| last != now);
            self.totals.last = Some(now);
        }
    }

    /// Whether the list ended by itself, with another number of resources than the server counted.
    pub(in crate::sources) fn disagrees(&self) -> bool {
        self.stop == Some(Stop::End) && self.total().is_some_and(|total| total != self.unique() + self.unreadable)
    }

    /// Different resources so far.
    pub(in crate::sources) fn unique(&self) -> u64 {
        self.seen.len() as u64
    }

    fn note_total(&mut self, facts: &Facts) {
        match facts.total {
            None => self.totals.missing = true,
            Some(total) => {
                self.totals.first.get_or_insert(total);
                self.totals.changed |= self.totals.last.is_some_and(|last| last != total);
                self.totals.last = Some(total);
            }
        }
    }

    /// The total, where the server names one that means the whole list.
    fn total(&self) -> Option<u64> {
        self.totals.last.filter(|_| !self.totals.of_page)
    }
}

/// A hasher for what is a hash already.
#[derive(Default)]
pub(in crate::sources) struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u128(&mut self, hash: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "any 64 of the 128 bits do")]
        {
            self.0 = hash as u64;
        }
    }
}
