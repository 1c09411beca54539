//! A newer question takes the place of an older one of the same screen.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The latest question of one asker. Long answers look at their flag now and then, and end early once it is set.
#[derive(Debug, Default)]
pub struct Latest(Mutex<Arc<AtomicBool>>);

impl Latest {
    /// Begins a question: the one before it is told to end. The flag is for the new one.
    pub fn begin(&self) -> Arc<AtomicBool> {
        let flag = Arc::new(AtomicBool::new(false));
        let before = std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), Arc::clone(&flag));
        before.store(true, Ordering::Relaxed);
        flag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_goes_on() {
        let latest = Latest::default();
        let first = latest.begin();
        let second = latest.begin();
        assert!(first.load(Ordering::Relaxed) && !second.load(Ordering::Relaxed));
    }
}
