//! The tables `transition` and `change`: how accounts and groups came to be what they are, line by line.
//!
//! A transition is one account or group going from one version to the next; its lines follow each other in `change`. A stretch of lines has a digest:
//! SHA-256 over one line of canonical JSON (RFC 8785) and a newline per change, an object with the members `after`, `before`, `changedAt`, `id`, `kind`,
//! `memberName`, `name`, `path`, `resource`, `seenAt`, `seq` and `source`. `verify` reckons it again against what the audit log vouches for.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{ChangeQuery, Transition, audit, past, removal, sql};
use crate::record::{ItemKind, ResourceKind};
use crate::secrets::hex;
use crate::store::StoreError;
use crate::view::{Change, ChangeKind, ChangePage, Millis, SourceId};

pub const TRANSITIONS: &str = "transition";
pub const TRANSITIONS_SCHEMA: &str = "
CREATE TABLE transition(
    seq INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    id TEXT NOT NULL,             -- the account's or group's id at the source
    resource INTEGER NOT NULL,    -- 0 User, 1 Group
    name TEXT NOT NULL,           -- its name at that time
    seen_at INTEGER NOT NULL,     -- Unix milliseconds
    hash BLOB NOT NULL,           -- over the versions before and after
    first INTEGER NOT NULL,       -- its first line in change
    lines INTEGER NOT NULL        -- how many
) STRICT;
CREATE INDEX transition_by_id ON transition(source, id, seq);
CREATE INDEX transition_by_time ON transition(seen_at, lines);
";
pub const CHANGES: &str = "change";
pub const CHANGES_SCHEMA: &str = "
CREATE TABLE change(
    seq INTEGER PRIMARY KEY,
    transition INTEGER NOT NULL REFERENCES transition(seq),
    changed_at INTEGER,           -- Unix milliseconds, as the source says
    kind INTEGER NOT NULL,
    path TEXT,
    before TEXT,
    after TEXT,
    member TEXT,                  -- the member that came in or went out
    member_name TEXT
) STRICT;
CREATE INDEX change_by_member ON change(member) WHERE member IS NOT NULL;
";

/// The numbers are in files; they never change.
const KINDS: [ChangeKind; 7] = [
    ChangeKind::Appeared,
    ChangeKind::Gone,
    ChangeKind::Set,
    ChangeKind::Changed,
    ChangeKind::Cleared,
    ChangeKind::MemberAdded,
    ChangeKind::MemberRemoved,
];

/// A kind's number in the file.
pub(super) fn kind_number(kind: ChangeKind) -> i64 {
    KINDS.iter().position(|known| *known == kind).unwrap_or(0) as i64
}

const COLUMNS: &str =
    "c.seq, t.seen_at, c.changed_at, t.source, t.id, t.resource, t.name, c.kind, c.path, c.before, c.after, c.member_name";

/// Appends transitions, but for those that are the last one of their resource seen again. Returns how many lines were written.
/// Runs inside a writing transaction.
pub fn record(connection: &Connection, source: SourceId, seen_at: Millis, transitions: &[Transition]) -> Result<u64, StoreError> {
    let mut next = (removal::end(connection, TRANSITIONS)? + 1, end(connection)? + 1);
    let mut version = past::end(connection)? + 1;
    let first = next.1;
    let mut write_transition = connection
        .prepare_cached("INSERT INTO transition VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
        .map_err(sql)?;
    let mut write_change = connection
        .prepare_cached("INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
        .map_err(sql)?;
    for transition in transitions {
        if last_hash(connection, source, &transition.id, transition.kind)? == Some(transition.hash) {
            continue;
        }
        let resource = resource_number(transition.kind);
        let lines = i64::try_from(transition.changes.len()).unwrap_or(i64::MAX);
        write_transition
            .execute(params![
                next.0,
                source,
                transition.id,
                resource,
                transition.name,
                seen_at,
                transition.hash,
                next.1,
                lines
            ])
            .map_err(sql)?;
        for change in &transition.changes {
            let kind = kind_number(change.kind);
            let member = match change.kind {
                ChangeKind::MemberAdded | ChangeKind::MemberRemoved => change.after.as_ref().or(change.before.as_ref()),
                _ => None,
            };
            write_change
                .execute(params![
                    next.1,
                    next.0,
                    change.changed_at,
                    kind,
                    change.path,
                    change.before,
                    change.after,
                    member,
                    change.member_name
                ])
                .map_err(sql)?;
            next.1 += 1;
        }
        past::keep(connection, &mut version, next.0, transition)?;
        next.0 += 1;
    }
    Ok(u64::try_from(next.1 - first).unwrap_or(0))
}

/// The hash of the last transition recorded for a resource. (An id is unique within its kind.)
pub fn last_hash(connection: &Connection, source: SourceId, id: &str, kind: ResourceKind) -> Result<Option<[u8; 16]>, StoreError> {
    connection
        .prepare_cached("SELECT hash FROM transition WHERE source = ?1 AND id = ?2 AND resource = ?3 ORDER BY seq DESC LIMIT 1")
        .and_then(|mut statement| {
            statement
                .query_row(params![source, id, resource_number(kind)], |row| row.get(0))
                .optional()
        })
        .map_err(sql)
}

/// How many lines there are about a source's accounts and groups.
pub fn count(connection: &Connection, source: SourceId) -> Result<u64, StoreError> {
    number(
        connection,
        "SELECT coalesce(sum(lines), 0) FROM transition WHERE source = ?1",
        [source],
    )
}

/// The number of the last line, be it removed; 0 where there never was one.
pub fn end(connection: &Connection) -> Result<i64, StoreError> {
    removal::end(connection, CHANGES)
}

/// How many lines there are.
pub fn lines(connection: &Connection) -> Result<u64, StoreError> {
    // Lines are numbered without gaps, and only the oldest go.
    Ok(u64::try_from(end(connection)? - removal::gone(connection)?.line).unwrap_or(0))
}

/// One line.
pub fn one(connection: &Connection, seq: i64) -> Result<Option<Change>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM change c JOIN transition t ON t.seq = c.transition WHERE c.seq = ?1");
    connection.query_row(&text, [seq], read).optional().map_err(sql)
}

/// A page of lines, newest first.
pub fn page(connection: &Connection, query: &ChangeQuery) -> Result<ChangePage, StoreError> {
    let everything = query.of.is_empty() && query.as_member.is_empty();
    let (changes, total) = if everything {
        page_of_all(connection, query)?
    } else {
        page_of_some(connection, query)?
    };
    Ok(ChangePage {
        changes,
        total,
        recorded_since: recorded_since(connection, query, everything)?,
    })
}

fn page_of_all(connection: &Connection, query: &ChangeQuery) -> Result<(Vec<Change>, u64), StoreError> {
    let since = query.since.unwrap_or(Millis::MIN);
    let (first, total) = match query.since {
        None => (0, lines(connection)?),
        Some(since) => (
            connection
                .query_row(
                    "SELECT coalesce(min(first), 0) FROM transition WHERE seen_at >= ?1",
                    [since],
                    |row| row.get::<_, i64>(0),
                )
                .map_err(sql)?,
            number(
                connection,
                "SELECT coalesce(sum(lines), 0) FROM transition WHERE seen_at >= ?1",
                [since],
            )?,
        ),
    };
    let text = format!(
        "SELECT {COLUMNS} FROM change c CROSS JOIN transition t ON t.seq = c.transition
         WHERE c.seq >= ?1 AND t.seen_at >= ?2 ORDER BY c.seq DESC LIMIT ?3 OFFSET ?4"
    );
    let mut statement = connection.prepare_cached(&text).map_err(sql)?;
    let rows = statement
        .query_map(params![first, since, query.limit, query.offset], read)
        .map_err(sql)?;
    Ok((rows.collect::<Result<_, _>>().map_err(sql)?, total))
}

/// The lines of some accounts and groups, and those where they are the member.
const HITS: &str = "
WITH own AS MATERIALIZED (SELECT DISTINCT value ->> 0 AS source, value ->> 1 AS id FROM json_each(:own)),
member AS MATERIALIZED (SELECT DISTINCT value ->> 0 AS source, value ->> 1 AS id FROM json_each(:member)),
hit(seq) AS (
    SELECT c.seq FROM own CROSS JOIN transition t ON t.source = own.source AND t.id = own.id AND t.seen_at >= :since
        CROSS JOIN change c ON c.seq BETWEEN t.first AND t.first + t.lines - 1
    UNION
    SELECT c.seq FROM member CROSS JOIN change c ON c.member = member.id
        CROSS JOIN transition t ON t.seq = c.transition AND t.source = member.source AND t.seen_at >= :since
)";

fn page_of_some(connection: &Connection, query: &ChangeQuery) -> Result<(Vec<Change>, u64), StoreError> {
    let list = |pairs: &[(SourceId, String)]| serde_json::to_string(pairs).unwrap_or_default();
    let (own, member, since) = (list(&query.of), list(&query.as_member), query.since.unwrap_or(Millis::MIN));
    let total = number(
        connection,
        &format!("{HITS} SELECT count(*) FROM hit"),
        named_params! { ":own": own, ":member": member, ":since": since },
    )?;
    let text = format!(
        "{HITS} SELECT {COLUMNS} FROM (SELECT seq FROM hit ORDER BY seq DESC LIMIT :limit OFFSET :offset) h
         JOIN change c ON c.seq = h.seq JOIN transition t ON t.seq = c.transition ORDER BY c.seq DESC"
    );
    let mut statement = connection.prepare_cached(&text).map_err(sql)?;
    let rows = statement
        .query_map(
            named_params! { ":own": own, ":member": member, ":since": since, ":limit": query.limit, ":offset": query.offset },
            read,
        )
        .map_err(sql)?;
    Ok((rows.collect::<Result<_, _>>().map_err(sql)?, total))
}

/// For some accounts and groups: since all of their sources are recorded (nothing, when one is not yet). For everything: since the first one is.
fn recorded_since(connection: &Connection, query: &ChangeQuery, everything: bool) -> Result<Option<Millis>, StoreError> {
    let since = audit::recorded_since(connection)?;
    let removed = removal::gone(connection)?.before;
    if everything {
        return Ok(since.iter().map(|(_, at)| *at).min().max(removed));
    }
    let mut latest = None;
    for (asked, _) in query.of.iter().chain(&query.as_member) {
        match since.iter().find(|(source, _)| source == asked) {
            Some((_, at)) => latest = latest.max(Some(*at)),
            None => return Ok(None),
        }
    }
    Ok(latest.max(latest.and(removed)))
}

fn number(connection: &Connection, text: &str, parameters: impl rusqlite::Params) -> Result<u64, StoreError> {
    let number = connection
        .prepare_cached(text)
        .and_then(|mut statement| statement.query_row(parameters, |row| row.get::<_, i64>(0)))
        .map_err(sql)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Change> {
    let (source, id): (SourceId, String) = (row.get(3)?, row.get(4)?);
    Ok(Change {
        seq: row.get(0)?,
        seen_at: row.get(1)?,
        changed_at: row.get(2)?,
        source,
        key: format!("{source}.{id}"),
        resource: resource_name(row.get(5)?)?.to_owned(),
        name: row.get(6)?,
        kind: kind_of(row.get(7)?)?,
        path: row.get(8)?,
        before: row.get(9)?,
        after: row.get(10)?,
        member_name: row.get(11)?,
    })
}

/// The numbers of kinds are in files; they never change. An unknown one is of a newer Lanyard.
pub(super) fn resource_number(kind: ResourceKind) -> i64 {
    match kind {
        ResourceKind::User => 0,
        ResourceKind::Group => 1,
        ResourceKind::Service => 2,
        ResourceKind::Item(item) => match item {
            ItemKind::Entity => 10,
            ItemKind::RbacRole => 11,
            ItemKind::RbacPolicy => 12,
            ItemKind::RbacCondition => 13,
            ItemKind::AppRoleAssignment => 20,
            ItemKind::ManagementGroup => 21,
            ItemKind::Subscription => 22,
            ItemKind::RoleDefinition => 23,
            ItemKind::RoleAssignment => 24,
            ItemKind::DenyAssignment => 25,
            ItemKind::Eligibility => 26,
            ItemKind::RecoveryVault => 27,
            ItemKind::BackupVault => 28,
            ItemKind::ResourceGuard => 29,
            ItemKind::GuardProxy => 30,
            ItemKind::LostPrincipal => 31,
            ItemKind::ProvisioningJob => 32,
            ItemKind::ProvisioningError => 33,
        },
    }
}

fn resource_name(number: i64) -> rusqlite::Result<&'static str> {
    resource(number).map(ResourceKind::name)
}

/// The kind of this number.
pub(super) fn resource(number: i64) -> rusqlite::Result<ResourceKind> {
    let people = [ResourceKind::User, ResourceKind::Group, ResourceKind::Service];
    let mut kinds = people.into_iter().chain(ItemKind::ALL.map(ResourceKind::Item));
    let known = kinds.find(|kind| resource_number(*kind) == number);
    known.ok_or(rusqlite::Error::IntegralValueOutOfRange(5, number))
}

pub(super) fn kind_of(number: i64) -> rusqlite::Result<ChangeKind> {
    let known = usize::try_from(number).ok().and_then(|index| KINDS.get(index).copied());
    known.ok_or(rusqlite::Error::IntegralValueOutOfRange(7, number))
}

/// A line as the digest sees it; the members are in canonical order. Its form never changes: old digests must come out the same.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    after: Option<&'a str>,
    before: Option<&'a str>,
    changed_at: Option<Millis>,
    id: &'a str,
    kind: ChangeKind,
    member_name: Option<&'a str>,
    name: &'a str,
    path: Option<&'a str>,
    resource: &'a str,
    seen_at: Millis,
    seq: i64,
    source: SourceId,
}

/// The digest over the lines `from..=to`, in hexadecimal.
///
/// # Errors
/// [`StoreError::Damaged`] when a line is missing or does not belong to its transition.
pub fn digest(connection: &Connection, from: i64, to: i64) -> Result<String, StoreError> {
    let text = format!(
        "SELECT {COLUMNS}, t.first, t.lines FROM change c CROSS JOIN transition t ON t.seq = c.transition WHERE c.seq BETWEEN ?1 AND ?2 ORDER BY c.seq"
    );
    let mut statement = connection.prepare_cached(&text).map_err(sql)?;
    let mut rows = statement.query([from, to]).map_err(sql)?;
    let (mut hash, mut line, mut expected) = (Sha256::new(), Vec::with_capacity(512), from);
    while let Some(row) = rows.next().map_err(sql)? {
        line.clear();
        let (seq, begins, lines) = write_line(row, &mut line).map_err(sql)?;
        if seq != expected || seq < begins || seq >= begins.saturating_add(lines) {
            return Err(missing(expected));
        }
        hash.update(&line);
        expected += 1;
    }
    if expected <= to {
        Err(missing(expected))
    } else {
        Ok(hex(&hash.finalize()))
    }
}

fn missing(seq: i64) -> StoreError {
    StoreError::Damaged {
        file: "ledger",
        what: format!("line {seq} of the history is missing, or does not belong where it stands"),
    }
}

fn write_line(row: &Row<'_>, out: &mut Vec<u8>) -> rusqlite::Result<(i64, i64, i64)> {
    let optional = |index: usize| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(index)?.as_str_or_null()?) };
    let seq = row.get(0)?;
    let line = Line {
        after: optional(10)?,
        before: optional(9)?,
        changed_at: row.get(2)?,
        id: row.get_ref(4)?.as_str()?,
        kind: kind_of(row.get(7)?)?,
        member_name: optional(11)?,
        name: row.get_ref(6)?.as_str()?,
        path: optional(8)?,
        resource: resource_name(row.get(5)?)?,
        seen_at: row.get(1)?,
        seq,
        source: row.get(3)?,
    };
    // Plain text and numbers to memory cannot fail; and what is escaped, and how, is as RFC 8785 has it.
    let _ = serde_json::to_writer(&mut *out, &line);
    out.push(b'\n');
    Ok((seq, row.get(12)?, row.get(13)?))
}
