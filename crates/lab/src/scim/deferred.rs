//! Servers that answer before they act, and servers that answer and never act.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::ask::{Answer, Ask};
use super::options::ScimOptions;
use super::quirk::Quirk;
use super::refusal::Refusal;
use super::server::Server;
use super::store::{Family, Slot, Store};
use super::write::{Outcome, Writer};

/// Work that waits for its time, in the order in which it is due.
#[derive(Debug)]
pub(crate) struct Deferred<T> {
    waiting: Mutex<VecDeque<(Instant, T)>>,
    came: Notify,
}

impl<T> Default for Deferred<T> {
    fn default() -> Self {
        Self {
            waiting: Mutex::new(VecDeque::new()),
            came: Notify::new(),
        }
    }
}

impl<T> Deferred<T> {
    /// Puts work off.
    pub(crate) fn put(&self, after: Duration, work: T) {
        let due = Instant::now() + after;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let place = waiting.partition_point(|(other, _)| *other <= due);
        waiting.insert(place, (due, work));
        drop(waiting);
        self.came.notify_one();
    }

    /// The next work whose time has come; any that waits, with `all`.
    pub(crate) fn take(&self, all: bool) -> Option<T> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = waiting.front().is_some_and(|(due, _)| all || *due <= Instant::now());
        if ready { waiting.pop_front().map(|(_, work)| work) } else { None }
    }

    /// Does what is due, for ever.
    pub(crate) async fn run(&self, work: impl Fn(T)) {
        loop {
            while let Some(due) = self.take(false) {
                work(due);
            }
            let next = {
                let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                waiting.front().map(|(due, _)| *due)
            };
            match next {
                Some(due) => tokio::select! {
                    () = tokio::time::sleep_until(due.into()) => {}
                    () = self.came.notified() => {}
                },
                None => self.came.notified().await,
            }
        }
    }
}

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hearing {
    /// It is done.
    Acts,
    /// It is answered, and done later.
    Later(Duration),
    /// It is answered.
    Never,
}

impl Hearing {
    pub(super) fn of(options: &ScimOptions, ask: &Ask, family: Family) -> Self {
        let keeps = family == Family::Groups && ask.method != "DELETE" && options.has(Quirk::KeepsMembers);
        if options.has(Quirk::Deaf) || keeps {
            Self::Never
        } else if ask.due || options.effect_after.is_zero() {
            Self::Acts
        } else {
            Self::Later(options.effect_after)
        }
    }
}

impl Server {
    /// Answers a write as if it had been done. Whether it is refused is found out by doing it and undoing it.
    pub(super) fn promise(
        &self,
        ask: &Ask,
        options: &ScimOptions,
        hearing: Hearing,
        (family, slot): (Family, Slot),
        store: &mut Store,
        act: impl FnOnce(&mut Writer<'_>, Slot) -> Result<Outcome, Refusal>,
    ) -> Result<Answer, Refusal> {
        let answer = if ask.method == "DELETE" {
            Answer::empty(204)
        } else {
            let before = store.table(family).get(slot).map(|entry| entry.again(family));
            let mut plain = options.clone();
            // These would take it out of the store, and there would be nothing to undo.
            plain.quirks.remove(&Quirk::DeactivateDeletes);
            store.mute(true);
            let outcome = act(&mut self.writer(store, &plain), slot);
            let answer = outcome.and_then(|outcome| self.outcome(ask, &plain, store, family, &outcome));
            if let Some(before) = before {
                store.replace(slot, before);
            }
            store.mute(false);
            answer?
        };
        let Hearing::Later(after) = hearing else { return Ok(answer) };
        let mut again = ask.clone();
        again.due = true;
        // Which version the client meant was settled when it asked.
        again.if_match = None;
        self.deferred.put(after, again);
        if options.has(Quirk::Accepted) {
            return Ok(Answer::empty(202));
        }
        Ok(answer)
    }

    /// Does what was put off; everything at once, with `all`.
    pub(crate) fn settle(&self, all: bool) {
        while let Some(ask) = self.deferred.take(all) {
            self.answer(&ask);
        }
    }
}

/// Lets writes that were put off take effect, until the lab stops.
pub(crate) async fn settle(server: Arc<Server>) {
    server
        .deferred
        .run(|ask| {
            server.answer(&ask);
        })
        .await;
}
