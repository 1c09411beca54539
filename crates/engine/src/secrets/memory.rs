//! A keychain in memory, for tests: it can be made to fail in each way a real one does.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{Keychain, Secret, SecretError};

/// A keychain in memory, for tests. Nothing in it outlives it.
#[derive(Default)]
pub struct MemoryKeychain {
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    entries: BTreeMap<String, Secret>,
    fails: Option<SecretError>,
    forgets: bool,
    slow: Duration,
}

impl MemoryKeychain {
    /// An empty one that works.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on each request fails like this; none makes it work again. What is inside stays.
    pub fn fail_with(&self, error: Option<SecretError>) {
        self.inside().fails = error;
    }

    /// From now on what is put in is taken and lost.
    pub fn forget(&self, forgets: bool) {
        self.inside().forgets = forgets;
    }

    /// From now on each request takes this long.
    pub fn slow_down(&self, by: Duration) {
        self.inside().slow = by;
    }

    /// The names of the entries, in order.
    pub fn names(&self) -> Vec<String> {
        self.inside().entries.keys().cloned().collect()
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ready(&self) -> Result<std::sync::MutexGuard<'_, Inside>, SecretError> {
        let slow = self.inside().slow;
        if !slow.is_zero() {
            std::thread::sleep(slow);
        }
        let inside = self.inside();
        match &inside.fails {
            Some(error) => Err(error.clone()),
            None => Ok(inside),
        }
    }
}

impl Keychain for MemoryKeychain {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.ready()?.entries.get(name).map(Secret::duplicate))
    }

    fn set(&self, name: &str, value: &Secret) -> Result<(), SecretError> {
        let mut inside = self.ready()?;
        if !inside.forgets {
            inside.entries.insert(name.to_owned(), value.duplicate());
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.ready()?.entries.remove(name);
        Ok(())
    }
}
