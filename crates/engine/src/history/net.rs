//! Lines of history between two moments, net: what went to and fro cancels out.

use std::collections::{BTreeMap, HashMap};

use crate::record::{PastLine, ResourceKind};
use crate::view::{ChangeKind, Millis, SourceId};

/// An attribute's values that came and went.
#[derive(Debug, Default)]
struct Attribute {
    went: Vec<String>,
    came: Vec<String>,
    seen_at: Millis,
    changed_at: Option<Millis>,
}

/// What stood and what stands of a member.
#[derive(Debug)]
struct Member {
    was: bool,
    is: bool,
    name: Option<String>,
    seen_at: Millis,
    changed_at: Option<Millis>,
}

/// A line that is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetLine {
    /// What happened.
    pub kind: ChangeKind,
    /// The attribute's path, or `members`.
    pub path: Option<String>,
    /// The value at the earlier moment.
    pub before: Option<String>,
    /// The value at the later moment.
    pub after: Option<String>,
    /// A member's name.
    pub member_name: Option<String>,
    /// When it was seen, the last time.
    pub seen_at: Millis,
    /// When the source says that it happened.
    pub changed_at: Option<Millis>,
}

/// A record that differs.
#[derive(Debug)]
pub struct NetRecord {
    /// Which source.
    pub source: SourceId,
    /// What it is.
    pub kind: ResourceKind,
    /// The id at the source.
    pub id: String,
    /// Its name, the last that it had.
    pub name: String,
    /// Whether it was there at the earlier moment.
    pub was: bool,
    /// Whether it was there at the later one.
    pub is: bool,
    /// Whether it went and came again: then its lines do not tell all.
    pub again: bool,
    /// When it was last seen to change.
    pub seen_at: Millis,
    /// When the source says that it came, went or changed last.
    pub changed_at: Option<Millis>,
    attributes: BTreeMap<String, Attribute>,
    members: BTreeMap<String, Member>,
}

impl NetRecord {
    fn new(line: &PastLine) -> Self {
        let was = line.change != ChangeKind::Appeared;
        Self {
            source: line.source,
            kind: line.kind,
            id: line.id.clone(),
            name: line.name.clone(),
            was,
            is: was,
            again: false,
            seen_at: line.seen_at,
            changed_at: None,
            attributes: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }

    fn take(&mut self, line: PastLine) {
        self.name = line.name;
        self.seen_at = self.seen_at.max(line.seen_at);
        self.changed_at = line.changed_at.or(self.changed_at);
        match line.change {
            ChangeKind::Appeared => {
                self.again |= self.was;
                self.is = true;
            }
            ChangeKind::Gone => self.is = false,
            ChangeKind::MemberAdded | ChangeKind::MemberRemoved => {
                let added = line.change == ChangeKind::MemberAdded;
                let Some(id) = line.after.or(line.before) else { return };
                let member = self.members.entry(id).or_insert_with(|| Member {
                    was: !added,
                    is: added,
                    name: None,
                    seen_at: line.seen_at,
                    changed_at: None,
                });
                member.is = added;
                member.name = line.member_name.or_else(|| member.name.take());
                member.seen_at = line.seen_at;
                member.changed_at = line.changed_at.or(member.changed_at);
            }
            ChangeKind::Set | ChangeKind::Changed | ChangeKind::Cleared => {
                let attribute = self.attributes.entry(line.path.unwrap_or_default()).or_default();
                attribute.seen_at = line.seen_at;
                attribute.changed_at = line.changed_at.or(attribute.changed_at);
                if let Some(value) = line.before {
                    cancel(&mut attribute.came, &mut attribute.went, value);
                }
                if let Some(value) = line.after {
                    cancel(&mut attribute.went, &mut attribute.came, value);
                }
            }
        }
    }

    /// The lines that are left. None of one that came, or that came and went.
    pub fn lines(&self) -> Vec<NetLine> {
        let mut lines = Vec::new();
        if self.was && self.is && !self.again {
            for (path, attribute) in &self.attributes {
                let both = attribute.went.len().max(attribute.came.len());
                for at in 0..both {
                    let (before, after) = (attribute.went.get(at).cloned(), attribute.came.get(at).cloned());
                    lines.push(NetLine {
                        kind: match (&before, &after) {
                            (Some(_), Some(_)) => ChangeKind::Changed,
                            (Some(_), None) => ChangeKind::Cleared,
                            (None, _) => ChangeKind::Set,
                        },
                        path: Some(path.clone()),
                        before,
                        after,
                        member_name: None,
                        seen_at: attribute.seen_at,
                        changed_at: attribute.changed_at,
                    });
                }
            }
        }
        if self.was && !self.again {
            for (id, member) in self.members.iter().filter(|(_, member)| member.was != member.is) {
                lines.push(member_line(id, member.is, member.name.clone(), member.seen_at, member.changed_at));
            }
        }
        lines
    }
}

/// A line of a member that came in, or went out.
pub fn member_line(id: &str, added: bool, name: Option<String>, seen_at: Millis, changed_at: Option<Millis>) -> NetLine {
    let id = Some(id.to_owned());
    let (kind, before, after) = if added {
        (ChangeKind::MemberAdded, None, id)
    } else {
        (ChangeKind::MemberRemoved, id, None)
    };
    NetLine {
        kind,
        path: Some("members".into()),
        before,
        after,
        member_name: name,
        seen_at,
        changed_at,
    }
}

/// Takes a value out of one list, or puts it into the other.
fn cancel(from: &mut Vec<String>, into: &mut Vec<String>, value: String) {
    match from.iter().position(|other| *other == value) {
        Some(place) => drop(from.remove(place)),
        None => into.push(value),
    }
}

/// What lines, oldest first, come to: records in the order in which they were first seen to change. Those that came and went are left out, as are those
/// that are as they were.
pub fn net(lines: Vec<PastLine>) -> Vec<NetRecord> {
    let mut places: HashMap<(SourceId, ResourceKind, String), usize> = HashMap::new();
    let mut records: Vec<NetRecord> = Vec::new();
    for line in lines {
        let place = *places.entry((line.source, line.kind, line.id.clone())).or_insert_with(|| {
            records.push(NetRecord::new(&line));
            records.len() - 1
        });
        records[place].take(line);
    }
    records.retain(|record| match (record.was, record.is) {
        (false, false) => false,
        (true, true) => record.again || !record.lines().is_empty(),
        _ => true,
    });
    records
}
