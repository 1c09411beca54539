//! SCIM filters over the picture: what columns cannot tell is asked of the documents, on two threads, once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lanyard_scim::filter::Matcher;
use lanyard_scim::{Catalog, Filter};
use serde_json::Value;

use super::bits::Bits;
use super::known::{Columns, Known};
use crate::Error;
use crate::record::{Documents, Row};
use crate::sources::SourceError;

/// How many filters' answers are kept, 250 KB each at a million accounts.
const KEPT: usize = 12;
/// Documents below which a second thread is not worth its start.
const FEW: usize = 200;

/// What was found out about filters so far, the latest first.
pub type Remembered = VecDeque<(String, Arc<Mutex<Known>>)>;

/// What evaluating a filter needs.
pub struct Evaluation<'a> {
    /// Where documents are.
    pub documents: &'a dyn Documents,
    /// The attributes that are known. The same for all questions to one picture.
    pub catalog: &'a Catalog,
    /// Set once the answer is wanted no more.
    pub cancel: &'a AtomicBool,
}

impl Evaluation<'_> {
    /// The records among `wanted` that match a filter. What is found out is kept in `remembered`, also when it ends early.
    ///
    /// # Errors
    /// When the filter cannot be read, a document cannot be read, or the answer is wanted no more.
    pub fn matching(
        &self,
        text: &str,
        columns: Columns<'_>,
        rows: &[Row],
        wanted: &Bits,
        remembered: &Mutex<Remembered>,
    ) -> Result<Bits, Error> {
        let filter = Filter::parse(text).map_err(|error| Error::Filter(super::check::problem(text, &error)))?;
        let known = {
            let mut remembered = remembered.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = match remembered
                .iter()
                .position(|(asked, _)| asked == text)
                .and_then(|at| remembered.remove(at))
            {
                Some(entry) => entry,
                None => (text.to_owned(), Arc::new(Mutex::new(columns.ask(&filter, self.catalog)))),
            };
            remembered.truncate(KEPT - 1);
            let known = Arc::clone(&entry.1);
            remembered.push_front(entry);
            known
        };
        let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = lock().open.clone();
        open.and(wanted);
        if !open.is_empty() {
            let mut todo: Vec<(Row, u32)> = open.iter().map(|record| (rows[record as usize], record)).collect();
            todo.sort_unstable();
            let seen = self.read(&filter.compile(self.catalog), &todo);
            let ended = {
                let mut known = lock();
                let (seen, ended) = seen;
                for (record, matches) in seen {
                    known.open.remove(record);
                    if matches {
                        known.yes.add(record);
                    }
                }
                ended
            };
            ended?;
        }
        let mut matching = lock().yes.clone();
        matching.and(wanted);
        Ok(matching)
    }

    /// Reads documents and evaluates them; what was found out until the end, and how it ended.
    fn read(&self, matcher: &Matcher, todo: &[(Row, u32)]) -> (Vec<(u32, bool)>, Result<(), Error>) {
        if todo.len() < FEW {
            return self.read_part(matcher, todo);
        }
        let (first, second) = todo.split_at(todo.len() / 2);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| self.read_part(matcher, second));
            let (mut seen, ended) = self.read_part(matcher, first);
            let (more, also) = other.join().unwrap_or_else(|_| self.read_part(matcher, second));
            seen.extend(more);
            (seen, ended.and(also))
        })
    }

    fn read_part(&self, matcher: &Matcher, todo: &[(Row, u32)]) -> (Vec<(u32, bool)>, Result<(), Error>) {
        let rows: Vec<Row> = todo.iter().map(|(row, _)| *row).collect();
        let mut seen = Vec::with_capacity(todo.len());
        let mut next = 0;
        let cancelled = || self.cancel.load(Ordering::Relaxed);
        let ended = self.documents.documents(&rows, &mut |row, document| {
            if todo.get(next).is_none_or(|(expected, _)| *expected != row) {
                next = todo.partition_point(|(other, _)| *other < row);
            }
            if let Some((_, record)) = todo.get(next).filter(|(found, _)| *found == row) {
                let matches = serde_json::from_slice::<Value>(document).is_ok_and(|document| matcher.matches(&document));
                seen.push((*record, matches));
            }
            next += 1;
            !cancelled()
        });
        match ended {
            Ok(()) if cancelled() => (seen, Err(SourceError::Cancelled.into())),
            // A record whose document the cache does not hold does not match; it is asked again next time.
            other => (seen, other),
        }
    }
}
