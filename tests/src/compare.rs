//! Holds what Lanyard's cache says against what a server says, resource by resource.

use std::collections::{BTreeMap, BTreeSet};

use lanyard_engine::Engine;
use lanyard_engine::view::{MemberQuery, MemberScope, SourceId};
use serde_json::Value;

/// Checks that the source's accounts and groups in the cache are exactly these documents, with exactly these members.
///
/// # Panics
/// At the first difference, which it tells.
#[track_caller]
pub fn same(engine: &Engine, source: SourceId, users: &BTreeMap<String, Value>, groups: &BTreeMap<String, Value>) {
    let state = engine
        .sources()
        .expect("sources")
        .into_iter()
        .find(|one| one.id == source)
        .expect("the source is there");
    assert_eq!(state.accounts, users.len() as u64, "accounts in the cache");
    assert_eq!(state.groups, groups.len() as u64, "groups in the cache");
    documents(engine, source, users);
    documents(engine, source, groups);
    for (id, group) in groups {
        assert_eq!(
            members(engine, source, id),
            named_members(group),
            "members of {}",
            group["displayName"]
        );
    }
}

/// Checks that the cache holds these documents, as they are (`members` aside: see [`same`]).
///
/// # Panics
/// At the first difference.
#[track_caller]
pub fn documents(engine: &Engine, source: SourceId, expected: &BTreeMap<String, Value>) {
    for (id, document) in expected {
        let raw = engine
            .raw_document(&format!("{source}.{id}"))
            .unwrap_or_else(|error| panic!("{id} is not in the cache: {error}; it is {document}"));
        let held: Value = serde_json::from_str(&raw.json).unwrap_or_else(|error| panic!("{id}: {error}: {}", raw.json));
        assert_eq!(without_members(held), without_members(document.clone()), "document of {id}");
    }
}

/// The ids of a group's direct members, as the cache says.
///
/// # Panics
/// When they cannot be read.
pub fn members(engine: &Engine, source: SourceId, group: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut query = MemberQuery {
        key: format!("{source}.{group}"),
        scope: MemberScope::Direct,
        limit: 500,
        ..MemberQuery::default()
    };
    loop {
        let page = engine.members(&query).expect("members");
        let prefix = format!("{source}.");
        found.extend(
            page.rows
                .iter()
                .map(|row| row.key.strip_prefix(&prefix).unwrap_or(&row.key).to_owned()),
        );
        query.offset += page.rows.len() as u32;
        if page.rows.is_empty() || query.offset >= page.total {
            return found;
        }
    }
}

/// The ids of a group's members, as its document says.
pub fn named_members(group: &Value) -> BTreeSet<String> {
    group["members"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|member| Some(member["value"].as_str()?.to_owned()))
        .collect()
}

fn without_members(mut document: Value) -> Value {
    if let Some(object) = document.as_object_mut() {
        object.remove("members");
    }
    document
}
