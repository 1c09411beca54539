//! What history says of a resource: that it appeared, what of it changed, who came into a group and who went, that it is gone.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use xxhash_rust::xxh3::Xxh3;

use crate::document::{self, Line};
use crate::record::{Columns, ItemKind, ResourceKind};
use crate::store::cache::Version;
use crate::store::ledger::{ChangeDraft, Transition};
use crate::view::{ChangeKind, Millis, SourceKind};

/// A transition's hash: over both versions, an absent one as zero.
pub fn transition_hash(before: Option<Version>, after: Option<Version>) -> [u8; 16] {
    let mut hasher = Xxh3::new();
    for version in [before, after] {
        hasher.update(&version.map_or(0, |version| version.text.0).to_le_bytes());
    }
    hasher.digest128().to_le_bytes()
}

/// A line that names no attribute.
fn bare(kind: ChangeKind, changed_at: Option<Millis>) -> ChangeDraft {
    ChangeDraft {
        changed_at,
        kind,
        path: None,
        before: None,
        after: None,
        member_name: None,
    }
}

/// What history says of one that is new.
pub fn appeared(kind: ResourceKind, version: Version, columns: &Columns) -> Transition {
    Transition {
        kind,
        id: columns.id().to_owned(),
        name: columns.name().to_owned(),
        hash: transition_hash(None, Some(version)),
        changes: vec![bare(ChangeKind::Appeared, columns.modified())],
        past: None,
    }
}

/// What history says of one that is gone; for a group, each of its members too: `last` is what was held of it, and `past` what history keeps of that.
pub fn gone(
    kind: ResourceKind,
    (id, name): (String, Option<String>),
    version: Version,
    last: Option<&(Columns, Value)>,
    past: Option<Vec<u8>>,
) -> Transition {
    let mut changes = vec![bare(ChangeKind::Gone, None)];
    if let Some((Columns::Group(group), document)) = last {
        let was = group.members.as_deref().unwrap_or_default();
        member_changes((was, document), (&[], &Value::Null), None, &mut changes);
    }
    Transition {
        kind,
        name: name.unwrap_or_else(|| id.clone()),
        id,
        hash: transition_hash(Some(version), None),
        changes,
        past,
    }
}

/// Attributes that changed between two versions of a document, but for those that tell nothing, or that are told elsewhere.
pub fn attribute_changes(system: SourceKind, kind: ResourceKind, old: &Value, new: &Value, changed_at: Option<Millis>) -> Vec<ChangeDraft> {
    document::differences(old, new, |line| is_quiet(system, kind, line))
        .into_iter()
        .map(|difference| ChangeDraft {
            changed_at,
            kind: difference.kind,
            path: Some(difference.path),
            before: difference.before,
            after: difference.after,
            member_name: None,
        })
        .collect()
}

/// Whether a line of a document is no news: its frame, or what is told elsewhere (a user's groups are told by the groups).
fn is_quiet(system: SourceKind, kind: ResourceKind, line: &Line<'_>) -> bool {
    if line.schema.is_some() {
        return false;
    }
    let path = line.path.as_str();
    let head = path.split(['.', '[']).next().unwrap_or_default();
    let is = |names: &[&str]| names.iter().any(|name| head.eq_ignore_ascii_case(name));
    match (system, kind) {
        (SourceKind::Scim, _) => is(&["meta", "id", "groups", "members"]),
        // Relations mirror specs: members are told by the group, ownership by what is owned.
        (SourceKind::Backstage, ResourceKind::User) => is(&["relations"]) || path == "spec.memberOf" || is_entity_frame(path),
        (SourceKind::Backstage, ResourceKind::Group) => is(&["relations"]) || path == "spec.children" || is_entity_frame(path),
        (SourceKind::Backstage, ResourceKind::Item(ItemKind::Entity)) => is_entity_frame(path),
        (SourceKind::Backstage, _) => is(&["id"]),
        (_, kind) if !kind.is_told() => true,
        // When it ran, and for how long it will wait, is no change of a job; how it stands is.
        (SourceKind::Azure, ResourceKind::Item(ItemKind::ProvisioningJob)) => is(&["id", "runs"]),
        (SourceKind::Azure, _) => is(&["id", "members"]) || head.starts_with("@odata"),
    }
}

/// What a catalog makes anew each time that it takes an entity in.
fn is_entity_frame(path: &str) -> bool {
    path == "metadata.uid" || path == "metadata.etag"
}

/// The members that a version of a group tells of; none where it says nothing about them. In SCIM an absent list is an empty one, as long as
/// the server lists members at all (RFC 7643 §2.5).
pub fn members(system: SourceKind, columns: &Columns) -> Option<&[String]> {
    match columns {
        Columns::Group(group) => group.members.as_deref().or((system == SourceKind::Scim).then_some(&[])),
        _ => None,
    }
}

/// The names that a group's document gives its members: SCIM's `display` (RFC 7643 §4.2).
fn names(document: &Value) -> HashMap<&str, &str> {
    let list = document
        .as_object()
        .and_then(|object| object.iter().find(|(name, _)| name.eq_ignore_ascii_case("members")))
        .and_then(|(_, value)| value.as_array());
    let named = |member| -> Option<(&str, &str)> {
        let member: &Value = member;
        Some((member.get("value")?.as_str()?, member.get("display")?.as_str()?))
    };
    list.into_iter().flatten().filter_map(named).collect()
}

/// Who went out of a group and who came in between two lists of members; names as far as the documents beside them tell.
pub fn member_changes(
    (was, old): (&[String], &Value),
    (is, new): (&[String], &Value),
    changed_at: Option<Millis>,
    changes: &mut Vec<ChangeDraft>,
) {
    if was == is {
        return;
    }
    let before: HashSet<&str> = was.iter().map(String::as_str).collect();
    let after: HashSet<&str> = is.iter().map(String::as_str).collect();
    let (old_names, new_names) = (names(old), names(new));
    let name = |names: &HashMap<&str, &str>, id: &str| names.get(id).map(|name| (*name).to_owned());
    // One that is named twice is told of once.
    let mut told = HashSet::new();
    for id in was.iter().filter(|id| !after.contains(id.as_str())) {
        if told.insert(id.as_str()) {
            changes.push(ChangeDraft {
                path: Some("members".into()),
                before: Some(id.clone()),
                member_name: name(&old_names, id),
                ..bare(ChangeKind::MemberRemoved, changed_at)
            });
        }
    }
    for id in is.iter().filter(|id| !before.contains(id.as_str())) {
        if told.insert(id.as_str()) {
            changes.push(ChangeDraft {
                path: Some("members".into()),
                after: Some(id.clone()),
                member_name: name(&new_names, id),
                ..bare(ChangeKind::MemberAdded, changed_at)
            });
        }
    }
}
