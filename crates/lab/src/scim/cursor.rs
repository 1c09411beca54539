//! Cursors (RFC 9865): opaque, bound to one query, and short-lived.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lanyard_scim::message::ScimType;

use super::refusal::Refusal;
use super::store::Member;
use crate::company::mix;

/// What one walk through a list goes over: fixed when it begins, so that no change moves a resource to another page.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    pub(crate) found: Arc<[Member]>,
    /// Filter, sorting and endpoint, as one text.
    query: String,
    count: usize,
    until: Instant,
}

/// The walks under way on one server.
#[derive(Debug)]
pub(crate) struct Cursors {
    secret: u64,
    walks: BTreeMap<u64, Walk>,
    next: u64,
}

/// More walks than this are not kept: the oldest ends.
const MOST_WALKS: usize = 512;

impl Cursors {
    pub(crate) fn new(secret: u64) -> Self {
        Self {
            secret,
            walks: BTreeMap::new(),
            next: 1,
        }
    }

    /// Begins a walk and tells its number.
    pub(crate) fn begin(&mut self, found: Arc<[Member]>, query: String, count: usize, timeout: Duration) -> u64 {
        if self.walks.len() >= MOST_WALKS {
            self.walks.pop_first();
        }
        let number = self.next;
        self.next += 1;
        self.walks.insert(
            number,
            Walk {
                found,
                query,
                count,
                until: Instant::now() + timeout,
            },
        );
        number
    }

    /// The text of the cursor for a place in a walk.
    pub(crate) fn text(&self, walk: u64, place: usize) -> String {
        let place = place as u64;
        let check = mix(mix(self.secret, walk), place);
        format!("{:016x}{:016x}{check:016x}", walk ^ self.secret, place ^ mix(self.secret, walk))
    }

    /// Resolves a cursor: the walk, its number, and the place in it.
    pub(crate) fn resume(
        &mut self,
        text: &str,
        query: &str,
        count: Option<usize>,
        timeout: Duration,
    ) -> Result<(u64, Walk, usize), Refusal> {
        let (number, place) = self
            .read(text)
            .ok_or_else(|| Refusal::of(ScimType::InvalidCursor, "this cursor was not made here"))?;
        let expired = || Refusal::of(ScimType::ExpiredCursor, "this cursor is too old; begin again");
        let now = Instant::now();
        let walk = self.walks.get_mut(&number).ok_or_else(expired)?;
        if walk.until < now {
            self.walks.remove(&number);
            return Err(expired());
        }
        if walk.query != query {
            return Err(Refusal::of(ScimType::InvalidCursor, "this cursor belongs to another query"));
        }
        if count.is_some_and(|count| count != walk.count) {
            return Err(Refusal::of(ScimType::InvalidCount, "count must stay the same over all pages"));
        }
        walk.until = now + timeout;
        Ok((number, walk.clone(), usize::try_from(place).unwrap_or(usize::MAX)))
    }

    fn read(&self, text: &str) -> Option<(u64, u64)> {
        if text.len() != 48 || !text.is_ascii() {
            return None;
        }
        let part = |from: usize| u64::from_str_radix(&text[from..from + 16], 16).ok();
        let walk = part(0)? ^ self.secret;
        let place = part(16)? ^ mix(self.secret, walk);
        (part(32)? == mix(mix(self.secret, walk), place)).then_some((walk, place))
    }
}

impl Walk {
    pub(crate) fn count(&self) -> usize {
        self.count
    }
}
