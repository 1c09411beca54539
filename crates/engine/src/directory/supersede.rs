//! A newer question takes the place of an older one of the same screen.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The latest question of one asker. Long answers look at their flag now and then, and end early once it is set.
#[derive(Debug, Default)]
pub struct Latest(Mutex<(String, Arc<AtomicBool>)>);

impl Latest {
    /// Begins a question: one before it that was about something else is told to end. Windows of the same list go on side by side.
    pub fn begin(&self, about: &str) -> Arc<AtomicBool> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.0 != about {
            latest.1.store(true, Ordering::Relaxed);
            *latest = (about.to_owned(), Arc::new(AtomicBool::new(false)));
        }
        Arc::clone(&latest.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_goes_on_and_windows_of_one_list_do_not_end_each_other() {
        let latest = Latest::default();
        let first = latest.begin("title pr");
        let beside = latest.begin("title pr");
        assert!(!first.load(Ordering::Relaxed) && !beside.load(Ordering::Relaxed));
        let second = latest.begin("title eq \"x\"");
        assert!(first.load(Ordering::Relaxed) && beside.load(Ordering::Relaxed) && !second.load(Ordering::Relaxed));
    }
}
