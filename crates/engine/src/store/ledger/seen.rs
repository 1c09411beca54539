//! Since when something has been as it is: what the history of a record and the syncs in the audit log tell about it.

use rusqlite::{Connection, OptionalExtension, params};

use super::audit::SYNC_ENDED;
use super::{history, removal, sql};
use crate::record::ResourceKind;
use crate::store::StoreError;
use crate::view::{ChangeKind, FirstSeen, Millis, SourceId};

/// A line of history: its number, when it was seen, and what it tells.
type Told = (i64, Millis, ChangeKind);

/// The newest line that tells of somebody's coming into a group, or going out of it.
const OF_MEMBER: &str = "
SELECT c.seq, t.seen_at, c.kind FROM change c CROSS JOIN transition t ON t.seq = c.transition
WHERE c.member = ?4 AND t.source = ?1 AND t.id = ?2 AND t.resource = ?3 ORDER BY c.seq DESC LIMIT 1";

/// The first line of the newest transition of a record.
const OF_RECORD: &str = "
SELECT t.first, t.seen_at, c.kind FROM transition t JOIN change c ON c.seq = t.first
WHERE t.source = ?1 AND t.id = ?2 AND t.resource = ?3 ORDER BY t.seq DESC LIMIT 1";

/// The newest transition with which a record appeared, or went.
const OF_PRESENCE: &str = "
SELECT t.first, t.seen_at, c.kind FROM transition t JOIN change c ON c.seq = t.first
WHERE t.source = ?1 AND t.id = ?2 AND t.resource = ?3 AND c.kind IN (?4, ?5) ORDER BY t.seq DESC LIMIT 1";

/// The first sync after the cache was last begun anew that read a collection of a source in full.
const FIRST_FULL: &str = "
SELECT at FROM audit
WHERE source = ?1 AND action = ?2 AND seq > (SELECT coalesce(max(seq), 0) FROM audit WHERE action = 'cache.setAside')
  AND EXISTS (SELECT 1 FROM json_each(data, '$.coverage') one
              WHERE one.value ->> '$.collection' = ?3 AND one.value ->> '$.state' = 'complete')
ORDER BY seq LIMIT 1";

/// When a collection was first read in full: what was in it then is in no line of history.
pub fn first_full(connection: &Connection, source: SourceId, collection: &str) -> Result<Option<Millis>, StoreError> {
    connection
        .prepare_cached(FIRST_FULL)
        .and_then(|mut statement| {
            statement
                .query_row(params![source, SYNC_ENDED, collection], |row| row.get(0))
                .optional()
        })
        .map_err(sql)
}

/// Since when somebody is a direct member of a group that holds them now. None where history says otherwise, or cannot say.
pub fn member(connection: &Connection, source: SourceId, group: &str, member: &str) -> Result<Option<FirstSeen>, StoreError> {
    let resource = history::resource_number(ResourceKind::Group);
    let own = newest(connection, OF_MEMBER, params![source, group, resource, member])?;
    let presence = [ChangeKind::Appeared, ChangeKind::Gone].map(history::kind_number);
    let of_group = newest(connection, OF_PRESENCE, params![source, group, resource, presence[0], presence[1]])?;
    match own.into_iter().chain(of_group).max_by_key(|told| told.0) {
        // A group that appears comes with its members.
        Some((_, at, ChangeKind::MemberAdded | ChangeKind::Appeared)) => Ok(Some(FirstSeen { at, exact: true })),
        Some(_) => Ok(None),
        None => bound(connection, source, "Memberships"),
    }
}

/// Since when a record that is held now has been as it is: when it appeared; where it was changed since, not later than that change.
pub fn record(connection: &Connection, source: SourceId, id: &str, kind: ResourceKind) -> Result<Option<FirstSeen>, StoreError> {
    match newest(connection, OF_RECORD, params![source, id, history::resource_number(kind)])? {
        Some((_, at, ChangeKind::Appeared)) => Ok(Some(FirstSeen { at, exact: true })),
        Some((.., ChangeKind::Gone)) => Ok(None),
        Some((_, at, _)) => Ok(Some(FirstSeen { at, exact: false })),
        None => bound(connection, source, kind.collection()),
    }
}

fn bound(connection: &Connection, source: SourceId, collection: &str) -> Result<Option<FirstSeen>, StoreError> {
    // Where history was removed, what no line tells of has not changed since then.
    let first = first_full(connection, source, collection)?
        .map(|at| removal::gone(connection).map(|gone| gone.before.map_or(at, |before| at.max(before))));
    Ok(first.transpose()?.map(|at| FirstSeen { at, exact: false }))
}

fn newest(connection: &Connection, text: &str, parameters: impl rusqlite::Params) -> Result<Option<Told>, StoreError> {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, history::kind_of(row.get(2)?)?));
    connection
        .prepare_cached(text)
        .and_then(|mut statement| statement.query_row(parameters, read).optional())
        .map_err(sql)
}

/// Users of a source of whom history says last that they are gone: id and name.
const GONE: &str = "
SELECT t.id, t.name FROM transition t JOIN change c ON c.seq = t.first
WHERE t.source = ?1 AND t.resource = ?3 AND t.lines = 1 AND c.kind = ?2
  AND NOT EXISTS (SELECT 1 FROM transition l WHERE l.source = t.source AND l.id = t.id AND l.resource = t.resource AND l.seq > t.seq)";

/// Users of a source of whom history says last that they are gone: id and name.
pub fn gone_users(connection: &Connection, source: SourceId) -> Result<Vec<(String, String)>, StoreError> {
    let gone = history::kind_number(ChangeKind::Gone);
    let user = history::resource_number(ResourceKind::User);
    let mut statement = connection.prepare_cached(GONE).map_err(sql)?;
    let rows = statement
        .query_map(params![source, gone, user], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(sql)?;
    rows.collect::<Result<Vec<_>, _>>().map_err(sql)
}

/// Whether history knows an account or group of a source by this id.
pub fn knows(connection: &Connection, source: SourceId, id: &str) -> Result<bool, StoreError> {
    let kinds = [ResourceKind::User, ResourceKind::Group].map(history::resource_number);
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM transition WHERE source = ?1 AND id = ?2 AND resource IN (?3, ?4))")
        .and_then(|mut statement| statement.query_row(params![source, id, kinds[0], kinds[1]], |row| row.get(0)))
        .map_err(sql)
}
