//! What the cache remembers of a source besides its resources: coverage, what the server can do, what was seen of its habits.

use std::collections::BTreeMap;

use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use super::Cache;
use crate::record::ResourceKind;
use crate::store::StoreError;
use crate::view::{Coverage, Fault, Millis, SourceId};

/// How an attribute of `meta` was seen to behave when a document changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Habit {
    /// Changes that moved it.
    pub moved: u64,
    /// Changes of members that moved it; for groups.
    pub moved_with_members: u64,
    /// Changes that did not: it cannot be trusted.
    pub stood_still: u64,
}

impl Habit {
    /// Takes in what a reading saw.
    pub fn add(&mut self, other: Self) {
        self.moved += other.moved;
        self.moved_with_members += other.moved_with_members;
        self.stood_still += other.stood_still;
    }

    /// Whether every change that was seen moved it, and at least one was seen: for groups one of members, which some servers do not
    /// count as a change of the group.
    pub fn is_proven(self, kind: ResourceKind) -> bool {
        let moved = match kind {
            ResourceKind::User => self.moved,
            _ => self.moved_with_members,
        };
        moved > 0 && self.stood_still == 0
    }
}

/// How a server's `meta` was seen to behave for one kind of resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    /// Of `lastModified`: a change makes it later.
    pub modified: Habit,
    /// Of `version`: a change makes it another one.
    pub version: Habit,
    /// Whether a filter on `lastModified` was proven to count right.
    pub filter_proven: bool,
}

/// What is remembered of one source. A lost state costs a full sync, nothing else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceState {
    /// What was read, collection by collection.
    pub coverage: Vec<Coverage>,
    /// When the last sync ended.
    pub last_sync_at: Option<Millis>,
    /// When everything was last read in full.
    pub last_full_at: Option<Millis>,
    /// When the first sync ended: from here on, what is new has appeared.
    pub users_baseline_at: Option<Millis>,
    /// The same for groups.
    pub groups_baseline_at: Option<Millis>,
    /// The same for all other collections, by name.
    pub baselines: BTreeMap<String, Millis>,
    /// What to come with to be told changes only, by collection.
    pub marks: BTreeMap<String, String>,
    /// Why the last sync failed.
    pub fault: Option<Fault>,
    /// What the server can do; the sources' own record, kept as it is.
    pub capabilities: Option<serde_json::Value>,
    /// How `meta` behaves for users.
    pub users: Habits,
    /// How it behaves for groups.
    pub groups: Habits,
    /// Accounts in the cache.
    pub account_count: u64,
    /// Groups in the cache.
    pub group_count: u64,
    /// Direct memberships in the cache.
    pub membership_count: u64,
    /// The cache's generation up to which these counts hold: whoever wrote since, a sync that was killed among them, made them doubtful.
    pub counted_at: u64,
}

impl SourceState {
    /// When the first reading of a kind ended; see [`Self::users_baseline_at`].
    pub fn baseline(&self, kind: ResourceKind) -> Option<Millis> {
        match kind {
            ResourceKind::User => self.users_baseline_at,
            ResourceKind::Group => self.groups_baseline_at,
            _ => self.baselines.get(kind.collection()).copied(),
        }
    }

    /// Notes that the first reading of a kind has ended, if it has not been noted before.
    pub fn set_baseline(&mut self, kind: ResourceKind, at: Millis) {
        match kind {
            ResourceKind::User => _ = self.users_baseline_at.get_or_insert(at),
            ResourceKind::Group => _ = self.groups_baseline_at.get_or_insert(at),
            _ => _ = self.baselines.entry(kind.collection().into()).or_insert(at),
        }
    }
}

impl Cache {
    /// What is remembered of a source; nothing, if nothing is or it cannot be read.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn state(&self, source: SourceId) -> Result<SourceState, StoreError> {
        let text: Option<String> = self.with(|connection| {
            connection
                .prepare_cached("SELECT state FROM source_state WHERE source = ?1")?
                .query_row([source], |row| row.get(0))
                .optional()
        })?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Remembers the state of a source.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn set_state(&self, source: SourceId, state: &SourceState) -> Result<(), StoreError> {
        let text = serde_json::to_string(state).unwrap_or_default();
        self.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            transaction
                .prepare_cached("INSERT INTO source_state VALUES (?1, ?2) ON CONFLICT(source) DO UPDATE SET state = excluded.state")?
                .execute((source, &text))?;
            // Others that have the folder open are to see it.
            transaction.execute("UPDATE counter SET value = value + 1 WHERE name = 'generation'", [])?;
            transaction.commit()
        })
    }

    /// The highest number that a row was given; 0 where none was.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn last_row(&self) -> Result<crate::record::Row, StoreError> {
        self.with(|connection| connection.query_row("SELECT value FROM counter WHERE name = 'row'", [], |row| row.get(0)))
    }

    /// A number that grows with each sync that wrote something, over all processes that use this file.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub fn generation(&self) -> Result<u64, StoreError> {
        self.with(|connection| connection.query_row("SELECT value FROM counter WHERE name = 'generation'", [], super::read::unsigned))
    }
}
