//! What history tells to make the picture as it was: how each record that changed since a moment was then, and what was read by then.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use super::{Ledger, audit, history, past, removal, sql};
use crate::record::{CoverageThen, Earlier, EarlierMembers, PastLine, ResourceKind, Since, SyncThen, Was};
use crate::store::StoreError;
use crate::view::{ChangeKind, HistoryInfo, Millis, SourceId};

/// A resource of history: source, number of its kind, id.
type Key = (SourceId, i64, String);

/// What history tells of the time after a moment, as of one state of the file.
pub fn since(connection: &Connection, at: Millis) -> Result<Since, StoreError> {
    let appeared = history::kind_number(ChangeKind::Appeared);
    let gone = history::kind_number(ChangeKind::Gone);
    let group = history::resource_number(ResourceKind::Group);
    let mut statement = connection
        .prepare_cached(
            "SELECT t.seq, t.source, t.resource, t.id, t.name, t.seen_at, c.kind FROM transition t LEFT JOIN change c ON c.seq = t.first AND t.lines > 0
             WHERE t.seen_at > ?1 ORDER BY t.seq",
        )
        .map_err(sql)?;
    let mut document = connection
        .prepare_cached("SELECT document FROM past WHERE transition = ?1")
        .map_err(sql)?;
    let mut rows = statement.query([at]).map_err(sql)?;
    let mut seen: HashSet<Key> = HashSet::new();
    // Of groups: the first transition with which each went.
    let mut went: HashMap<(SourceId, String), i64> = HashMap::new();
    let mut absent: HashSet<(SourceId, String)> = HashSet::new();
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let (number, source, resource, id): (i64, SourceId, i64, String) = read4(row).map_err(sql)?;
        let first: Option<i64> = row.get(6).map_err(sql)?;
        if resource == group && first == Some(gone) {
            went.entry((source, id.clone())).or_insert(number);
        }
        let key = (source, resource, id);
        if seen.contains(&key) {
            continue;
        }
        let was = if first == Some(appeared) {
            if resource == group {
                absent.insert((source, key.2.clone()));
            }
            Was::Absent
        } else {
            let mut kept = document.query([number]).map_err(sql)?;
            match kept.next().map_err(sql)? {
                Some(kept) => Was::Said(past::unpack(kept.get_ref(0).and_then(|kept| Ok(kept.as_blob()?)).map_err(sql)?)?),
                None => Was::Untold,
            }
        };
        records.push(Earlier {
            source,
            kind: history::resource(resource).map_err(sql)?,
            id: key.2.clone(),
            name: row.get(4).map_err(sql)?,
            was,
            seen_at: row.get(5).map_err(sql)?,
        });
        seen.insert(key);
    }
    let members = members(connection, at, &went, &absent)?;
    Ok(Since {
        records,
        members,
        end: history::end(connection)?,
    })
}

fn read4(row: &Row<'_>) -> rusqlite::Result<(i64, SourceId, i64, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

/// Who was a member, by the first line about each that came after the moment; up to where the group went, since what it is later tells nothing.
fn members(
    connection: &Connection,
    at: Millis,
    went: &HashMap<(SourceId, String), i64>,
    absent: &HashSet<(SourceId, String)>,
) -> Result<Vec<EarlierMembers>, StoreError> {
    let removed = history::kind_number(ChangeKind::MemberRemoved);
    let mut statement = connection
        .prepare_cached(
            "SELECT t.seq, t.source, c.kind, t.id, c.member FROM transition t CROSS JOIN change c ON c.seq BETWEEN t.first AND t.first + t.lines - 1
             WHERE t.seen_at > ?1 AND c.member IS NOT NULL AND t.resource = ?2 ORDER BY c.seq",
        )
        .map_err(sql)?;
    let mut rows = statement
        .query(params![at, history::resource_number(ResourceKind::Group)])
        .map_err(sql)?;
    let mut places: HashMap<(SourceId, String), usize> = HashMap::new();
    let mut told: HashSet<(usize, String)> = HashSet::new();
    let mut all: Vec<EarlierMembers> = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let (number, source, kind, group): (i64, SourceId, i64, String) = read4(row).map_err(sql)?;
        let key = (source, group);
        let went = went.get(&key).copied();
        if absent.contains(&key) || went.is_some_and(|went| number > went) {
            continue;
        }
        let place = *places.entry(key.clone()).or_insert_with(|| {
            all.push(EarlierMembers {
                source,
                group: key.1,
                anew: went.is_some(),
                members: Vec::new(),
            });
            all.len() - 1
        });
        let member: String = row.get(4).map_err(sql)?;
        if told.insert((place, member.clone())) {
            all[place].members.push((member, kind == removed));
        }
    }
    // One that went without a member's line had none, or they were not known.
    for key in went.keys() {
        if !absent.contains(key) && !places.contains_key(key) {
            all.push(EarlierMembers {
                source: key.0,
                group: key.1.clone(),
                anew: true,
                members: Vec::new(),
            });
        }
    }
    Ok(all)
}

/// The lines of a stretch of time: seen after `from`, and not after `to`. Oldest first.
pub fn between(connection: &Connection, from: Millis, to: Millis) -> Result<Vec<PastLine>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT t.seq, t.source, t.resource, t.id, t.name, t.seen_at, c.changed_at, c.kind, c.path, c.before, c.after, c.member_name
             FROM transition t CROSS JOIN change c ON c.seq BETWEEN t.first AND t.first + t.lines - 1
             WHERE t.seen_at > ?1 AND t.seen_at <= ?2 ORDER BY c.seq",
        )
        .map_err(sql)?;
    let rows = statement
        .query_map([from, to], |row| {
            Ok(PastLine {
                transition: row.get(0)?,
                source: row.get(1)?,
                kind: history::resource(row.get(2)?)?,
                id: row.get(3)?,
                name: row.get(4)?,
                seen_at: row.get(5)?,
                changed_at: row.get(6)?,
                change: history::kind_of(row.get(7)?)?,
                path: row.get(8)?,
                before: row.get(9)?,
                after: row.get(10)?,
                member_name: row.get(11)?,
            })
        })
        .map_err(sql)?;
    rows.collect::<Result<_, _>>().map_err(sql)
}

/// The ends of syncs not after a moment, newest first, so many.
pub fn syncs(connection: &Connection, until: Millis, limit: u32) -> Result<Vec<SyncThen>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT seq, at, source, data FROM audit WHERE action = ?1 AND source IS NOT NULL AND at <= ?2 ORDER BY seq DESC LIMIT ?3",
        )
        .map_err(sql)?;
    let rows = statement
        .query_map(params![audit::SYNC_ENDED, until, limit], read_sync)
        .map_err(sql)?;
    rows.collect::<Result<_, _>>().map_err(sql)
}

/// The last end of a sync of each source, not after a moment.
pub fn last_syncs(connection: &Connection, until: Millis) -> Result<Vec<SyncThen>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT seq, at, source, data FROM audit WHERE seq IN
                (SELECT max(seq) FROM audit WHERE action = ?1 AND source IS NOT NULL AND at <= ?2 GROUP BY source)",
        )
        .map_err(sql)?;
    let rows = statement.query_map(params![audit::SYNC_ENDED, until], read_sync).map_err(sql)?;
    rows.collect::<Result<_, _>>().map_err(sql)
}

fn read_sync(row: &Row<'_>) -> rusqlite::Result<SyncThen> {
    let data: Value = serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default();
    let read = |value: Option<&Value>| value.cloned().unwrap_or_default();
    let coverage = data.get("coverage").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Ok(SyncThen {
        seq: row.get(0)?,
        at: row.get(1)?,
        source: row.get(2)?,
        state: serde_json::from_value(read(data.get("state"))).ok(),
        lines: audit::Covered::read(&data).map_or(0, |covered| u64::try_from(covered.to - covered.from + 1).unwrap_or(0)),
        coverage: coverage
            .iter()
            .filter_map(|one| {
                Some(CoverageThen {
                    collection: one.get("collection")?.as_str()?.to_owned(),
                    state: serde_json::from_value(read(one.get("state"))).ok()?,
                    have: one.get("have").and_then(Value::as_u64).unwrap_or_default(),
                    reasons: serde_json::from_value(read(one.get("reasons"))).unwrap_or_default(),
                })
            })
            .collect(),
    })
}

impl Ledger {
    /// What history tells of the time after a moment: how each record that changed since was then.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn since(&self, at: Millis) -> Result<Since, StoreError> {
        self.snapshot(|connection| since(connection, at))
    }

    /// The lines that were seen after `from`, and not after `to`, oldest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn lines_between(&self, from: Millis, to: Millis) -> Result<Vec<PastLine>, StoreError> {
        self.snapshot(|connection| between(connection, from, to))
    }

    /// The ends of syncs, newest first, so many.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn syncs(&self, limit: u32) -> Result<Vec<SyncThen>, StoreError> {
        self.read(|connection| syncs(connection, Millis::MAX, limit))
    }

    /// The last end of a sync of each source, not after a moment.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn last_syncs(&self, until: Millis) -> Result<Vec<SyncThen>, StoreError> {
        self.read(|connection| last_syncs(connection, until))
    }

    /// Since when each source's changes are recorded.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn recorded_since(&self) -> Result<Vec<(SourceId, Millis)>, StoreError> {
        self.read(audit::recorded_since)
    }

    /// Hands the kept earlier versions of a source's records of these kinds to `each`, with their ids, oldest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn each_version(&self, source: SourceId, kinds: &[ResourceKind], each: &mut dyn FnMut(&str, &[u8])) -> Result<(), StoreError> {
        self.snapshot(|connection| {
            let mut statement = connection
                .prepare("SELECT t.id, p.document, t.resource FROM past p CROSS JOIN transition t ON t.seq = p.transition WHERE t.source = ?1 ORDER BY p.seq")
                .map_err(sql)?;
            let wanted: Vec<i64> = kinds.iter().map(|kind| history::resource_number(*kind)).collect();
            let mut rows = statement.query([source]).map_err(sql)?;
            while let Some(row) = rows.next().map_err(sql)? {
                if !wanted.contains(&row.get(2).map_err(sql)?) {
                    continue;
                }
                let kept = row.get_ref(1).and_then(|kept| Ok(kept.as_blob()?)).map_err(sql)?;
                let document = past::unpack(kept)?;
                each(row.get_ref(0).and_then(|id| Ok(id.as_str()?)).map_err(sql)?, &document);
            }
            Ok(())
        })
    }

    /// The last kept earlier version of a record.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn last_version(&self, source: SourceId, kind: ResourceKind, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|connection| {
            let kept: Option<Vec<u8>> = connection
                .prepare_cached(
                    "SELECT p.document FROM transition t CROSS JOIN past p ON p.transition = t.seq
                     WHERE t.source = ?1 AND t.id = ?2 AND t.resource = ?3 ORDER BY t.seq DESC LIMIT 1",
                )
                .and_then(|mut statement| {
                    statement
                        .query_row(params![source, id, history::resource_number(kind)], |row| row.get(0))
                        .optional()
                })
                .map_err(sql)?;
            kept.map(|kept| past::unpack(&kept)).transpose()
        })
    }

    /// How much history there is, and what was removed of it; what would go now is left to whoever knows how long it is kept.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn history_info(&self) -> Result<HistoryInfo, StoreError> {
        self.read(|connection| {
            let (versions, bytes) = past::size(connection)?;
            Ok(HistoryInfo {
                keep_days: None,
                removed_before: removal::gone(connection)?.before,
                oldest: removal::oldest(connection)?,
                lines: history::lines(connection)?,
                versions,
                bytes,
                over_age: 0,
            })
        })
    }

    /// How many lines would go, if what was seen before this moment went.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn older_than(&self, before: Millis) -> Result<u64, StoreError> {
        self.read(|connection| removal::preview(connection, before))
    }

    /// Removes history that was seen before this moment: whole stretches that the audit log vouches for, with an entry that tells of it. Gives how many
    /// lines went. All of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where it is not as the audit log vouched for it; else as any writing.
    pub fn remove_history(&self, before: Millis, keep_days: u32) -> Result<u64, StoreError> {
        let done = self.write(|connection| {
            let Some(draft) = removal::remove(connection, before, keep_days)? else {
                return Ok(None);
            };
            let count = draft.data.get("count").and_then(Value::as_u64).unwrap_or_default();
            Ok(Some((audit::append(connection, &self.folder, &self.actor, draft)?, count)))
        })?;
        Ok(done.map_or(0, |(entry, count)| {
            self.note_head(&entry);
            count
        }))
    }
}
