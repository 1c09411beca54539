//! Paging by index: one after another until the server is understood, then several at once where that is safe.

use super::{Ask, Facts, Gap, IdHash, Linking, Planned, Reading, Refusal, Role, Slice, Stop};

/// Tries to mend one broken link.
const TRIES_PER_GAP: u32 = 3;
/// Broken links that are worth mending; with more, the list moves faster than it is read.
const MOST_REPAIRS: u32 = 24;

impl Reading {
    pub(super) fn next_index(&mut self) -> Option<Ask> {
        let count = self.count;
        if self.in_flight >= self.concurrency {
            return None;
        }
        if let Some(ask) = self.queue.pop_front() {
            return Some(ask);
        }
        if let Some(planned) = self.planned {
            if planned.next <= planned.until {
                self.planned = Some(Planned {
                    next: planned.next + planned.stride,
                    ..planned
                });
                return Some(Ask::Index {
                    start: planned.next,
                    count,
                    role: Role::Planned,
                });
            }
            if self.in_flight > 0 {
                return None;
            }
            self.planned = None;
            self.slices.sort_by_key(|slice| slice.start);
            self.look_beyond();
            if self.stop.is_some() {
                return self.next_repair_ask();
            }
        }
        if self.in_flight > 0 {
            return None;
        }
        let Some(last) = self.last_slice() else {
            return Some(Ask::Index {
                start: 1,
                count,
                role: Role::First,
            });
        };
        Some(match self.linking {
            Linking::Linked => Ask::Index {
                start: last.end() - 1,
                count,
                role: Role::Tail,
            },
            Linking::Untried if last.entries >= 2 && last.last.is_some() => Ask::Index {
                start: last.end() - 1,
                count,
                role: Role::Trial,
            },
            Linking::Untried | Linking::Aligned => Ask::Index {
                start: last.end(),
                count,
                role: Role::Tail,
            },
        })
    }

    fn last_slice(&self) -> Option<Slice> {
        self.slices.iter().copied().max_by_key(Slice::end)
    }

    pub(super) fn took_index(&mut self, start: u64, role: Role, facts: &Facts, news: u64) {
        let anchor = self.last_slice().and_then(|slice| slice.last);
        let linked_here = anchor.is_some() && facts.ids.first().copied() == anchor;
        // An answer past the end often has a total of its own (0), which says nothing about the list.
        if facts.entries() > 0 || role == Role::First || facts.total.is_some_and(|total| total > 0) {
            self.note_total(facts);
        }
        match role {
            Role::First => self.took_first(start, facts),
            Role::Trial => self.took_trial(start, facts, news, linked_here),
            Role::Tail => self.took_tail(start, facts, news, linked_here),
            Role::Planned | Role::Fill => self.took_planned(start, facts, news),
            Role::Repair => self.took_repair(start, facts),
        }
    }

    fn push(&mut self, start: u64, facts: &Facts) {
        self.slices.push(Slice {
            start,
            entries: facts.entries(),
            first: facts.ids.first().copied(),
            last: facts.ids.last().copied(),
        });
    }

    fn took_first(&mut self, start: u64, facts: &Facts) {
        if facts.entries() == 0 {
            return self.stop(Stop::End);
        }
        self.push(start, facts);
        if let Some(cursor) = facts.next_cursor.as_ref().filter(|cursor| !cursor.is_empty()) {
            self.cursor.next = Some(cursor.clone());
            // A cursor and no total: a server of RFC 9865 that takes no index.
            if facts.total.is_none() {
                return self.go_on_by_cursor(facts.entries());
            }
        }
        self.look_beyond();
    }

    fn took_trial(&mut self, start: u64, facts: &Facts, news: u64, linked_here: bool) {
        if linked_here {
            self.linking = Linking::Linked;
            return self.took_tail(start, facts, news, true);
        }
        self.trials += 1;
        if news == 0 {
            // Page 1 again, or nothing: `startIndex` is a page number here, or ignored. The next page tells which.
            self.linking = Linking::Aligned;
            return;
        }
        // Either the list moved just now, or the server rounds to whole pages. A second trial tells which.
        if self.trials < 2 {
            self.push(start, facts);
            return;
        }
        self.linking = Linking::Aligned;
        self.stray = self.trials;
        self.slices.truncate(1);
    }

    fn took_tail(&mut self, start: u64, facts: &Facts, news: u64, linked_here: bool) {
        let linked = self.linking == Linking::Linked;
        if facts.entries() == 0 {
            // In a linked list the last resource must still be there; if not, the end has moved towards us.
            self.end_moved = linked;
            return self.stop_at_end();
        }
        if linked && linked_here && facts.entries() == 1 {
            return self.stop_at_end();
        }
        if news == 0 {
            if self.stray > 0 {
                self.stray -= 1;
                self.push(start, facts);
                return self.look_beyond();
            }
            let reached = self.total().is_some_and(|total| self.unique() + self.unreadable >= total);
            if reached || (self.total().is_none() && self.short_seen && self.slices.len() > 1) {
                // Beyond its end this server begins anew.
                self.stop_at_end();
            } else if self.slices.len() == 1 && self.cursor.next.is_some() {
                self.go_on_by_cursor(facts.entries());
            } else {
                self.stop(Stop::Repeat);
            }
            return;
        }
        self.push(start, facts);
        self.find_totals_of_pages(facts);
        self.look_beyond();
        if self.stop.is_none() {
            self.plan_many(facts, news, linked && linked_here);
        }
    }

    /// Servers exist whose `totalResults` is the length of the page.
    fn find_totals_of_pages(&mut self, facts: &Facts) {
        let entries: u64 = self.slices.iter().map(|slice| slice.entries).sum();
        if self.slices.len() == 2
            && facts.total == Some(facts.entries())
            && self.totals.first == Some(self.slices[0].entries)
            && entries > facts.entries()
        {
            self.totals.of_page = true;
        } else if self.totals.of_page && facts.total != Some(facts.entries()) {
            self.totals.of_page = false;
        }
    }

    /// After a page at the tail: is the end seen? A total that is reached by a full page is asked once more: it may be that page's.
    fn look_beyond(&mut self) {
        let Some(last) = self.last_slice() else { return };
        let full = self.slices.iter().map(|slice| slice.entries).max().unwrap_or(0);
        let short = last.entries < full;
        self.short_seen = short;
        if short && self.slices.len() > 1 && self.total().is_some_and(|total| last.end() > total) {
            self.stop_at_end();
        }
    }

    fn plan_many(&mut self, facts: &Facts, news: u64, linked_here: bool) {
        let overlap = u64::from(linked_here);
        let entries = facts.entries();
        let even = self.slices.iter().all(|slice| slice.entries == entries);
        let Some(total) = self.total() else { return };
        let safe =
            self.concurrency > 1 && even && news + overlap == entries && !self.totals.changed && self.stray == 0 && entries > overlap;
        let settled = self.linking == Linking::Aligned || (linked_here && self.chain_is_whole());
        let Some(last) = self.last_slice() else { return };
        let next = last.end() - overlap;
        let stride = entries - overlap.min(entries - 1);
        if safe && settled && next + stride <= total {
            self.planned = Some(Planned {
                next,
                stride,
                until: total - overlap,
            });
        }
    }

    fn chain_is_whole(&self) -> bool {
        self.slices.windows(2).all(|pair| pair[0].last == pair[1].first)
    }

    fn took_planned(&mut self, start: u64, facts: &Facts, news: u64) {
        let entries = facts.entries();
        if entries == 0 {
            // Beyond the end, whatever the total says: nothing more is asked for ahead.
            if let Some(planned) = &mut self.planned {
                planned.until = 0;
            }
            return;
        }
        self.push(start, facts);
        if news == 0 {
            let reached = self.total().is_some_and(|total| self.unique() + self.unreadable >= total);
            if !reached && self.linking == Linking::Aligned {
                self.stop(Stop::Repeat);
            }
            return;
        }
        let overlap = u64::from(self.linking == Linking::Linked);
        let whole = self.planned.map_or(u64::from(self.count), |planned| planned.stride + overlap);
        let total = self.total().unwrap_or(0);
        if entries < whole && start + entries <= total && entries > overlap {
            let count = u32::try_from(whole - entries + overlap).unwrap_or(self.count);
            self.queue.push_back(Ask::Index {
                start: start + entries - overlap,
                count,
                role: Role::Fill,
            });
        }
    }

    /// The end was seen; broken links are looked at before it is believed.
    fn stop_at_end(&mut self) {
        self.stop(Stop::End);
        if self.linking != Linking::Linked {
            return;
        }
        let mut gaps = Vec::new();
        self.slices.sort_by_key(|slice| slice.start);
        let mut slices = self.slices.iter();
        let mut before = slices.next().copied();
        for slice in slices {
            if let Some(last) = before {
                // A fill lies within what was asked before it.
                if last.last != slice.first {
                    gaps.push(Gap {
                        before: last.last,
                        after: slice.first,
                        at: slice.start,
                        tries: 0,
                    });
                }
            }
            before = Some(*slice);
        }
        if let (true, Some(last)) = (std::mem::take(&mut self.end_moved), before) {
            gaps.push(Gap {
                before: last.last,
                after: None,
                at: last.end(),
                tries: 0,
            });
        }
        self.gaps = Some(gaps);
    }

    pub(super) fn next_repair(&mut self) -> Option<Ask> {
        let ask = self.next_repair_ask()?;
        if self.asked >= self.most_pages {
            self.stop(Stop::PageLimit);
            return None;
        }
        Some(self.send(ask))
    }

    /// Reads around the first broken link: half a page before it, then more.
    fn next_repair_ask(&mut self) -> Option<Ask> {
        if self.in_flight > 0 || self.stop != Some(Stop::End) {
            return None;
        }
        let gap = self.gaps.as_mut()?.first_mut()?;
        let page = self.largest.max(2);
        let back = match gap.tries {
            0 => page / 2,
            1 => page - 1,
            _ => page / 4,
        };
        gap.tries += 1;
        self.repairs += 1;
        if gap.tries > TRIES_PER_GAP || self.repairs > MOST_REPAIRS {
            self.gaps = None;
            self.end_moved = true;
            return None;
        }
        Some(Ask::Index {
            start: gap.at.saturating_sub(back).max(1),
            count: self.count,
            role: Role::Repair,
        })
    }

    fn took_repair(&mut self, start: u64, facts: &Facts) {
        let Some(gap) = self.gaps.as_ref().and_then(|gaps| gaps.first().copied()) else {
            return;
        };
        let holds = |id: Option<IdHash>| id.is_some_and(|id| facts.ids.contains(&id));
        let to_the_end = start + facts.entries() > facts.total.unwrap_or(u64::MAX);
        let joined = holds(gap.before) && if gap.after.is_some() { holds(gap.after) } else { to_the_end };
        if let (true, Some(gaps)) = (joined, &mut self.gaps) {
            gaps.remove(0);
        }
    }

    pub(super) fn refused_index(&mut self, role: Role, refusal: Refusal) {
        let all_there = self.total().is_some_and(|total| self.unique() + self.unreadable >= total);
        match role {
            Role::Trial if refusal.of_request => self.linking = Linking::Aligned,
            Role::Tail | Role::Trial if all_there && refusal.of_request => self.stop_at_end(),
            // The next try, or none, is decided when the next page is asked for.
            Role::Repair => {}
            _ => self.stop(Stop::Failed(refusal.text)),
        }
    }
}
